#pragma once
// A python3 in a bubblewrap jail, waiting on its control socket for a program. Internal to script.
//
// It sees the system's programs and libraries read-only, a private /tmp, /var/task and /opt, and
// nothing else: no network but, where it is asked for, a loopback of its own, no /proc, no devices
// but null, zero and the random ones, no environment, no descriptor but the socket and its output.

#include "script/process.h"
#include "script/script.h"

namespace aright::script {

// How this machine jails best.
struct Footing {
  bool user_namespace = true;
  bool as_root = false;  // we are root: each jail becomes a user of its own that owns nothing
};

struct Jail {
  Process process;
  Descriptor control;  // one JSON document a line, both ways
  Descriptor output;   // its stdout and stderr
};

struct Room {
  std::size_t disk_bytes = Limits{}.disk_bytes;  // of /tmp
  std::size_t task_bytes = 0;                    // of /var/task
  std::size_t layer_bytes = 0;                   // of /opt; 0: there is none
  bool loopback = false;                         // sockets, on a network that ends at the jail's walls
};

// Fails with unsupported or unavailable. That a jail could not be set up shows on its output,
// before it says it is ready.
Result<Jail> start_jail(const Footing& footing, const Room& room);

// Makes what start_jail keeps for good, before threads that end at exit use it.
Result<> prepare_jails();

// can_jail, and what it found out.
Result<Footing> footing();

}  // namespace aright::script
