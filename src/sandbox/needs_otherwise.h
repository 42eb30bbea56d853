#pragma once
// Calls whose resources neither their description nor IAM's templates tell: names behind names, members of maps, paths.

#include <optional>
#include <string>
#include <vector>

#include "cloud/permission_data.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

// The ARNs that this permission of the call is judged on; nothing where they are told as everywhere.
std::optional<std::vector<std::string>> arns_otherwise(const Scene& scene, const cloud::Permission& permission);

// Roles that a call hands on by the instance profile that has them, or by their name.
std::vector<std::string> roles_handed_on(const Scene& scene);

}  // namespace aright::sandbox
