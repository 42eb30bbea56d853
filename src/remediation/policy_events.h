#pragma once
// Event rules and archives of a policy. Faults go to the reader.

#include "remediation/policy.h"
#include "remediation/policy_reader.h"

namespace aright::remediation {

EventRule read_event_rule(Reader& in);
Archive read_archive(Reader& in);
void check_names(const Policy& policy, Reader& in);
// A target that names something of the policy names something that is there.
void check_targets(const Policy& policy, Reader& in);

}  // namespace aright::remediation
