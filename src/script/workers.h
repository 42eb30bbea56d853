#pragma once
// Jails kept warm: a function that has answered one event waits in its jail for the next one, and stands still
// meanwhile. Nobody else's event comes to it. Thread-safe. Internal to script.

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/context.h"
#include "script/jail.h"

namespace aright::script {

struct Worker {
  Jail jail;
  int events = 0;  // that it has had
};

class Workers {
 public:
  static Workers& instance();
  ~Workers();

  // One that is kept under this name, awake.
  std::optional<Worker> take(const std::string& name);
  // Puts it to rest. The one that has waited longest goes, where there are too many.
  void give(const std::string& name, Worker worker);
  // A jail dies with the thread that made it, so one that is to stay is made on a thread that does.
  Result<Jail> start(const Footing& footing, const Room& room);

 private:
  struct Resting {
    std::string name;
    Worker worker;
    Context patience;  // until it is given up
  };

  Workers();
  void keep(const std::stop_token& done);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Resting> resting_;                        // longest first; guarded by mutex_
  std::vector<std::packaged_task<Result<Jail>()>> orders_;  // guarded by mutex_
  std::jthread keeper_;
};

}  // namespace aright::script
