#pragma once
// Whether a condition holds for a request. Pure.
// "Condition operators" and "Multivalued context keys" in the IAM user guide.

#include "iam/policy.h"
#include "iam/request.h"

namespace aright::iam {

// `variables`: of the policy that the condition stands in. What cannot be compared (a number that is
// none) does not match; negated operators then hold.
bool holds(const Condition& condition, const Keys& keys, bool variables);

}  // namespace aright::iam
