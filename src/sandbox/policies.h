#pragma once
// What services demand of the policies that they are given, beyond that they can be read. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "iam/policy.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

// The first principal that names nothing: `"AWS":"arn:aws:iam::111122223333:role/gone"`. Users and roles of accounts
// that this world holds must be there, and of others only the form is judged.
std::optional<std::string> unknown_principal(const Scene& scene, const iam::Policy& policy);

// Whether the role's trust policy lets the service assume it. Roles of accounts that this world does not hold do.
bool assumable_by(const Scene& scene, std::string_view role_arn, std::string_view service);

// Whether the policy lets the caller do this by itself, or leaves it to the caller's account: a statement allows it,
// and none denies it.
bool lets_caller(const Scene& scene, const iam::Policy& policy, std::string_view action);

}  // namespace aright::sandbox
