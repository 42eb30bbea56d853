#pragma once
// The hooks of Security Hub, by what they are about. hook_securityhub.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

namespace securityhub_standard_hooks { void add(Hooks& hooks); }

// What Security Hub adds to a finding that it takes in: the names of the product that its ARN tells.
void name_product(json::Object& finding);

}  // namespace aright::sandbox
