#pragma once
// What the guide says of the policy's members, put into its schema: editors show it where a person writes. Part of
// reading a policy.

#include "json/value.h"

namespace aright::remediation {

// Adds a description to each member that docs/guide/policy.md has one for.
void describe(json::Object& schema);

}  // namespace aright::remediation
