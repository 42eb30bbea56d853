#pragma once
// What other services ask of KMS.

#include "sandbox/hook.h"

namespace aright::sandbox {

// The ARN of the key that an id, an ARN or an alias names. Keys that AWS manages (alias/aws/…) come
// into being when they are first named; keys of other accounts are taken as they are. Fails with
// NotFoundException.
Result<std::string> key_arn(Scene& scene, std::string_view name);

}  // namespace aright::sandbox
