#pragma once
// The hooks of Security Hub, by what they are about. hook_securityhub.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

namespace securityhub_standard_hooks { void add(Hooks& hooks); }

}  // namespace aright::sandbox
