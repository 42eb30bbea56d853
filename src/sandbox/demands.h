#pragma once
// What a description's `checks` demand of an input, beyond what the service model says. Pure.

#include "sandbox/hook.h"

namespace aright::sandbox {

// The first demand that is not met, as the error it names.
Result<> check_demands(const Scene& scene);

}  // namespace aright::sandbox
