#pragma once
// Ctrl-C and SIGTERM as something to wait for.

namespace aright::cli {

// Blocks the signals in this thread and in all that it starts later: call it first.
void block_stop_signals();
// Returns when one arrives.
void wait_for_stop_signal();

}  // namespace aright::cli
