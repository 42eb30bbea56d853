#pragma once
// Watches one jail from a thread of its own, and ends it when it outstays its time, outgrows its
// memory, or when somebody asked to stop. Internal to script.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "script/process.h"
#include "script/script.h"

namespace aright::script {

class Warden {
 public:
  enum class Verdict { none, overtime, oversize, out_of_context };

  // `process` must outlive the warden. `initialisation`: what it may take before its event begins.
  Warden(const Process& process, const Limits& limits, milliseconds initialisation, const Context& context);
  ~Warden();
  Warden(const Warden&) = delete;

  // From now on the event's own time runs.
  void event_begins();

  // Stops watching. Why the jail was ended; none when it was not.
  Verdict dismiss();

 private:
  void watch(const std::stop_token& done);
  void end(Verdict verdict);

  const Process& process_;
  const Limits limits_;
  const Context context_;
  std::atomic<Verdict> verdict_{Verdict::none};
  std::mutex mutex_;
  Context wall_;  // guarded by mutex_
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: starts when all else is there
};

// What the process and all its descendants hold, as far as it can be read.
std::size_t memory_of_tree(pid_t root);

}  // namespace aright::script
