#pragma once
// The hooks of Lambda, by what they are about. hook_lambda.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

void add_lambda_version_hooks(Hooks& hooks);

}  // namespace aright::sandbox
