#include "base/context.h"

#include <condition_variable>
#include <mutex>

namespace aright {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds Context::remaining() const {
  if (deadline == SteadyTime::max()) return milliseconds::max() / 4;
  auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  return std::max(left, milliseconds(0));
}

Result<> Context::check() const {
  if (stop.stop_requested()) return fail(Errc::cancelled, "stopped on request");
  if (steady_clock::now() >= deadline) return fail(Errc::deadline, "time ran out");
  return {};
}

Result<> Context::sleep(milliseconds duration) const {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  auto until = std::min(deadline, steady_clock::now() + duration);
  wake.wait_until(lock, stop, until, [] { return false; });
  return check();
}

}  // namespace aright
