#pragma once
// The hooks of Security Hub, by what they are about. hook_securityhub.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

void add_securityhub_standard_hooks(Hooks& hooks);

}  // namespace aright::sandbox
