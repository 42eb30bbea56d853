#include "remediation/refusals.h"

#include <utility>

namespace aright::remediation {

std::optional<std::int64_t> RefusalBounds::admit(const std::string& name, Timestamp now) {
  std::lock_guard lock(mutex_);
  if (now >= began_ + refusals_window) {
    began_ = now;
    of_one_.clear();
    all_ = 0;
  }
  auto of_one = of_one_.find(name);
  if (all_ >= refusals_max || (of_one != of_one_.end() && of_one->second >= refusals_of_one_max)) {
    ++left_out_;
    return std::nullopt;
  }
  ++of_one_[name];
  ++all_;
  return std::exchange(left_out_, 0);
}

}  // namespace aright::remediation
