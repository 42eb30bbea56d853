#pragma once
// What a service manager is told, and asks for, as sd_notify(3) has it: one datagram to the socket that NOTIFY_SOCKET
// names. Without one nothing is said.

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace aright::cli {

// "READY=1", "STOPPING=1", "STATUS=…", with newlines between several. Nobody waits for it, and nothing fails by it.
void tell_manager(std::string_view state);
// How often it wants to hear "WATCHDOG=1"; nothing when it does not.
std::optional<milliseconds> watchdog_interval();
// For RELOADING=1: the monotonic time that systemd compares, in microseconds.
long long monotonic_us();

}  // namespace aright::cli
