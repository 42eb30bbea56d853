#include "inventory/under_way.h"

#include <mutex>

namespace aright::inventory {

namespace {

struct Scans {
  std::mutex mutex;
  std::list<Progress> under_way;  // as they began; guarded by the mutex
};

Scans& scans() {
  static Scans all;
  return all;
}

}  // namespace

std::optional<Progress> under_way() {
  std::lock_guard lock(scans().mutex);
  return scans().under_way.empty() ? std::nullopt : std::optional(scans().under_way.back());
}

UnderWay::UnderWay(const Progress& at_first) {
  std::lock_guard lock(scans().mutex);
  here_ = scans().under_way.insert(scans().under_way.end(), at_first);
}

UnderWay::~UnderWay() {
  std::lock_guard lock(scans().mutex);
  scans().under_way.erase(here_);
}

void UnderWay::tell(const Progress& so_far) {
  std::lock_guard lock(scans().mutex);
  *here_ = so_far;
}

}  // namespace aright::inventory
