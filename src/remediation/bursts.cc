#include "remediation/bursts.h"

#include <algorithm>

namespace aright::remediation {

void Bursts::set_window(milliseconds window) {
  std::lock_guard lock(mutex_);
  window_ = window;
}

Bursts::Answer Bursts::begin(const std::string& signal, std::uint64_t order, const std::vector<std::string>& resources,
                             Timestamp now) {
  std::lock_guard lock(mutex_);
  Answer out{.until = now};
  if (standings_.size() > burst_resources_max) forget_idle(now);
  for (const auto& resource : resources) {
    auto& standing = standings_[resource];
    if (standing.waiting.empty()) standing.held_since = now;
    standing.waiting.emplace(order, signal);
    bool held_long = now - standing.held_since >= window_ * burst_windows_held_max;
    if (standing.waiting.rbegin()->second != signal && !held_long) {
      out.others.insert(resource);
      continue;
    }
    auto free_at = standing.judged_at.ms < 0 ? now : standing.judged_at + window_;
    if (!standing.judging.empty() && standing.judging != signal) free_at = std::max(free_at, now + resource_pause);
    if (free_at > now) out.wait = true, out.until = std::max(out.until, free_at);
  }
  if (out.wait) return out;
  for (const auto& resource : resources)
    if (!out.others.contains(resource)) standings_[resource].judging = signal;
  return out;
}

void Bursts::end(const std::string& signal, const std::vector<std::string>& resources, bool judged, Timestamp now) {
  std::lock_guard lock(mutex_);
  for (const auto& resource : resources) {
    auto found = standings_.find(resource);
    if (found == standings_.end()) continue;
    auto& standing = found->second;
    bool at_it = standing.judging == signal;
    if (at_it) standing.judging.clear();
    if (!judged) continue;
    if (at_it) standing.judged_at = standing.held_since = now;
    std::erase_if(standing.waiting, [&](const auto& one) { return one.second == signal; });
    if (standing.waiting.empty() && now - standing.judged_at >= window_) standings_.erase(found);
  }
}

void Bursts::forget_idle(Timestamp now) {
  std::erase_if(standings_, [&](const auto& one) {
    const auto& standing = one.second;
    return standing.judging.empty() && standing.waiting.empty() && now - standing.judged_at >= window_;
  });
}

}  // namespace aright::remediation
