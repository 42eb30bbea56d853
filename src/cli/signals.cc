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

sigset_t all_signals() {
  auto set = stop_signals();
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGHUP);
  return set;
}

std::stop_source& heard() {
  static std::stop_source source;
  return source;
}

}  // namespace

std::stop_token stop_heard() { return heard().get_token(); }

void block_stop_signals() {
  auto set = all_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void obey_stop_signals() {
  auto set = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void wait_for_stop_signal() {
  auto set = stop_signals();
  int got = 0;
  sigwait(&set, &got);
  heard().request_stop();
}

Heard wait_for_signal(milliseconds limit) {
  auto set = all_signals();
  timespec time{.tv_sec = limit.count() / 1000, .tv_nsec = limit.count() % 1000 * 1'000'000};
  int got = sigtimedwait(&set, nullptr, &time);
  if (got < 0) return Heard::nothing;
  if (got == SIGHUP) return Heard::reload;
  if (got == SIGUSR1) return Heard::halt;
  heard().request_stop();
  return Heard::stop;
}

}  // namespace aright::cli
