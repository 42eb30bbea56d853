#pragma once
// The agent of an emulated instance: does what a command of Systems Manager says, in a jail, as the role of the
// instance's profile. What one script leaves in the file system is gone with it.

#include "sandbox/cloud.h"

namespace aright::trial {

// Runs it to its end on this thread, and tells the cloud.
void perform(sandbox::Cloud& cloud, sandbox::CommandRun run, const Context& context);

}  // namespace aright::trial
