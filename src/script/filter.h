#pragma once
// The system calls that a jailed program may make: a list of what is allowed; all else fails.
// Internal to script.

#include <string>

#include "base/error.h"

namespace aright::script {

// A BPF program for this machine's architecture, as bwrap --seccomp takes it; with sockets of the
// internet's families or without any. Fails with unsupported.
Result<std::string> system_call_filter(bool sockets);

}  // namespace aright::script
