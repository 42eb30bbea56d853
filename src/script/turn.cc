#include "script/turn.h"

#include <condition_variable>
#include <mutex>

#include "script/script.h"

namespace aright::script {

namespace {

struct Places {
  std::mutex mutex;
  std::condition_variable_any freed;
  int taken = 0;  // guarded by mutex
};
Places& places() {
  static Places all;
  return all;
}

thread_local int held_here = 0;  // by this thread: the first is a place, the others are nested in it

}  // namespace

Result<Turn> Turn::take(const Context& context) {
  CHECK_OK(context.check());
  if (held_here == 0) {
    auto& all = places();
    std::unique_lock lock(all.mutex);
    bool free = all.freed.wait_until(lock, context.stop, context.deadline, [&] { return all.taken < runs_max; });
    if (!free) {
      CHECK_OK(context.check());
      return fail(Errc::deadline, "{} scripts are running already", runs_max);
    }
    ++all.taken;
  }
  ++held_here;
  return Turn();
}

Turn::~Turn() {
  if (!holds_ || --held_here > 0) return;
  auto& all = places();
  {
    std::lock_guard lock(all.mutex);
    --all.taken;
  }
  all.freed.notify_one();
}

}  // namespace aright::script
