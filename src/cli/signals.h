#pragma once
// Ctrl-C and SIGTERM as something to wait for.

#include <stop_token>

#include "base/clock.h"

namespace aright::cli {

// Blocks the signals in this thread and in all that it starts later: call it first.
void block_stop_signals();
// From now on the next signal to stop ends the process there and then: for whoever does not want to wait.
void obey_stop_signals();
// Returns when one arrives.
void wait_for_stop_signal();
// Stopped as soon as a signal to stop was heard: for work that nobody waits for then.
std::stop_token stop_heard();
// The first signal within the limit: to stop, to halt all writes (SIGUSR1), or to read the policy again (SIGHUP).
enum class Heard { nothing, stop, halt, reload };
Heard wait_for_signal(milliseconds limit);

}  // namespace aright::cli
