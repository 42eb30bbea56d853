#pragma once
// The sections of the policy on how a fix makes its way: to how many resources first, what it may earn, how it is
// verified, and what it passes over. Faults go to the reader.

#include "remediation/policy.h"
#include "remediation/policy_reader.h"

namespace aright::remediation {

DecideRule read_decide(Reader& in);
Canary read_canary(Reader& in);
Autonomy read_autonomy(Reader& in);
HealthCheck read_health_check(Reader& in);
Care read_care(Reader& in);
HeldException read_exception(Reader& in);
// As PutRemediationExceptions takes them. A rule that the policy holds is about the controls that judge by it.
void read_config_exceptions(Reader& in, Policy& policy);
// That each control that is enabled by its id is there: of one that is not, nothing would be judged.
void check_enabled(const Policy& policy, Reader& in);
// That what these sections name is there.
void check_rollout(const Policy& policy, Reader& in);

}  // namespace aright::remediation
