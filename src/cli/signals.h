#pragma once
// Ctrl-C and SIGTERM as something to wait for.

#include "base/clock.h"

namespace aright::cli {

// Blocks the signals in this thread and in all that it starts later: call it first.
void block_stop_signals();
// Returns when one arrives.
void wait_for_stop_signal();
// The first signal within the limit: to stop, or (SIGUSR1) to halt all writes.
enum class Heard { nothing, stop, halt };
Heard wait_for_signal(milliseconds limit);

}  // namespace aright::cli
