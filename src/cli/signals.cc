#include "cli/signals.h"

#include <csignal>

namespace aright::cli {

namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void block_stop_signals() {
  auto set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void wait_for_stop_signal() {
  auto set = stop_signals();
  int got = 0;
  sigwait(&set, &got);
}

}  // namespace aright::cli
