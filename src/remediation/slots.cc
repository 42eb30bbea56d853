#include "remediation/slots.h"

#include <algorithm>

namespace aright::remediation {

std::optional<Hold> Slots::held_by(const Limit& limit, const std::string& key, int allowed,
                                   std::vector<Timestamp> latest, const std::string& who, Timestamp now) {
  std::lock_guard lock(mutex_);
  auto& line = lines_[fmt::format("{}/{}/{}", key, limit.window.count(), allowed)];
  std::vector<std::string> late;
  std::erase_if(line, [&](const auto& one) {
    bool is_late = one.second + slot_grace < now;
    if (is_late) late.push_back(one.first);
    return is_late;
  });
  for (const auto& one : late)
    if (std::ranges::none_of(lines_, [&](const auto& each) { return each.second.contains(one); })) tickets_.erase(one);
  auto known = tickets_.find(who);
  auto ticket = known == tickets_.end() ? tickets_given_ : known->second;
  for (const auto& [other, at] : line)
    if (other != who && tickets_.at(other) < ticket) latest.push_back(std::max(at, now));  // about to start, if not yet
  auto nth = static_cast<std::size_t>(allowed) - 1;  // of the newest first: the one that held_by() looks at
  if (nth < latest.size()) std::ranges::nth_element(latest, latest.begin() + allowed - 1, std::greater{});
  auto hold = remediation::held_by(limit, allowed, latest, now);
  if (!hold || (!line.contains(who) && line.size() >= slots_max)) return hold;
  line[who] = hold->until;
  if (known == tickets_.end()) tickets_[who] = tickets_given_++;
  return hold;
}

void Slots::waits_until(const std::string& who, Timestamp until) {
  std::lock_guard lock(mutex_);
  for (auto& [key, line] : lines_)
    if (auto own = line.find(who); own != line.end()) own->second = until;
}

void Slots::leave(const std::string& who) {
  std::lock_guard lock(mutex_);
  for (auto& [key, line] : lines_) line.erase(who);
  std::erase_if(lines_, [](const auto& one) { return one.second.empty(); });
  tickets_.erase(who);
}

void Slots::clear() {
  std::lock_guard lock(mutex_);
  lines_.clear();
  tickets_.clear();
}

}  // namespace aright::remediation
