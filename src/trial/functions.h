#pragma once
// Runs the functions that were created in a sandbox: each in a jail, its AWS calls back into the
// same sandbox as its role. Asynchronous invocations wait in memory, are tried again as Lambda does,
// and their end goes to the function's destinations; what still waits when this object goes is dropped.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "sandbox/cloud.h"

namespace aright::trial {

inline constexpr std::size_t invocations_waiting_max =
    1'000;                                         // asynchronous ones; further ones are throttled
inline constexpr int invocation_depth_max = 8;     // functions that invoke functions, either way
inline constexpr unsigned invocation_threads = 2;  // for asynchronous ones
inline constexpr seconds invocation_retry_pause{
    60};  // of the sandbox's time; twice that before the last one

struct Surroundings {
  std::stop_token stopped = {};  // nobody waits any more for what runs
  // Where time is virtual: lets so much of it pass. Then asynchronous invocations run at once, on the caller's thread,
  // and their retries with them.
  std::function<void(milliseconds)> pass_time = {};
};

// Thread-safe. The cloud must outlive it, and be called no more when it goes.
class Functions {
 public:
  explicit Functions(sandbox::Cloud& cloud, Surroundings surroundings = {});
  ~Functions();

  // Gives the cloud its invoker.
  void serve();

 private:
  struct Waiting {
    sandbox::Invocation invocation;
    Timestamp accepted, due;
    int attempts = 0;
    int depth = 0;  // of functions that led here
  };

  Result<json::Object> invoke(const sandbox::Invocation& invocation, const Context& context);
  Result<json::Object> accept(const sandbox::Invocation& invocation, const Context& context);
  Result<json::Object> run(const sandbox::Invocation& invocation, const Context& context);
  void work(const std::stop_token& stop);
  bool attempt(Waiting& waiting, const Context& context);

  sandbox::Cloud& cloud_;
  const Surroundings surroundings_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Waiting> waiting_;  // guarded by mutex_
  std::vector<std::jthread>
      threads_;  // last: they use what stands above; started by the first that waits
};

}  // namespace aright::trial
