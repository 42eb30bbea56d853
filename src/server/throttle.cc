#include "server/throttle.h"

#include <algorithm>

#include "base/digest.h"

namespace aright::server {

Throttle::Source& Throttle::of(const std::string& source) {
  auto [found, fresh] = sources_.try_emplace(source);
  if (!fresh) return found->second;
  order_.push_back(source);
  if (order_.size() > sources_max) {
    sources_.erase(order_.front());
    order_.pop_front();
  }
  return found->second;
}

void Throttle::forget_old(Source& source) const {
  auto now = clock_.now();
  std::erase_if(source.wrong, [&](const auto& one) { return one.second + wrong_tokens_window <= now; });
}

std::optional<milliseconds> Throttle::wait(const std::string& source, const std::string& token) {
  auto hash = to_hex(sha256(token));
  std::lock_guard lock(mutex_);
  auto found = sources_.find(source);
  if (found == sources_.end()) return std::nullopt;
  forget_old(found->second);
  const auto& [wrong, good] = found->second;
  if (wrong.size() < wrong_tokens_max || good.contains(hash) || wrong.contains(hash)) return std::nullopt;
  auto oldest = std::ranges::min_element(wrong, {}, [](const auto& one) { return one.second; });
  return oldest->second + wrong_tokens_window - clock_.now();
}

void Throttle::heard(const std::string& source, const std::string& token, bool good) {
  auto hash = to_hex(sha256(token));
  std::lock_guard lock(mutex_);
  auto& known = of(source);
  if (good) {
    if (known.good.size() >= good_tokens_max) known.good.erase(known.good.begin());
    known.good.insert(std::move(hash));
    return;
  }
  known.good.erase(hash);
  forget_old(known);
  if (known.wrong.size() < wrong_tokens_max || known.wrong.contains(hash)) known.wrong[hash] = clock_.now();
}

}  // namespace aright::server
