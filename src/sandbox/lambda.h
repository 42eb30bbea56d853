#pragma once
// The hooks of Lambda, by what they are about. hook_lambda.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

namespace lambda_version_hooks { void add(Hooks& hooks); }

// The function as it is to be run with this event, now or later.
Result<Invocation> invocation_of(Scene& scene, const Resource& function, json::Value event, bool later);
// Whether the function's own policy lets this service call it.
bool lets_in(const Resource& function, std::string_view service);

}  // namespace aright::sandbox
