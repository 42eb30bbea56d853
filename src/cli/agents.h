#pragma once
// The agents of a sandbox's instances: the commands that Systems Manager sends run in jails, a few at one time.
// What still waits when this object goes is dropped, and what runs is ended.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "sandbox/cloud.h"

namespace aright::cli {

inline constexpr unsigned agent_threads = 4;  // of all instances together

// Thread-safe. The cloud must outlive it, and be called no more when it goes.
class Agents {
 public:
  explicit Agents(sandbox::Cloud& cloud) : cloud_(cloud) {}
  ~Agents();

  // Gives the cloud its runner of commands.
  void serve();

 private:
  void accept(sandbox::CommandRun run);
  void work(const std::stop_token& stop);

  sandbox::Cloud& cloud_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<sandbox::CommandRun> waiting_;  // guarded by mutex_; the cloud bounds how many there are
  std::vector<std::jthread> threads_;        // last: they use what stands above; started by the first that waits
};

}  // namespace aright::cli
