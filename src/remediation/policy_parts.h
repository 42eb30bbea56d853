#pragma once
// Sections of the policy that stand by themselves. Faults go to the reader.

#include "remediation/policy.h"
#include "remediation/policy_reader.h"

namespace aright::remediation {

void read_brakes(Reader& in, const std::filesystem::path& directory, Brakes& brakes);
// ExecutionControls of a RemediationConfiguration.
std::optional<FleetPace> read_pace(Reader& in);
HubSettings read_hub(Reader& in);
// As PutRemediationExceptions takes them. A rule that the policy holds is about the controls that judge by it.
void read_exceptions(Reader& in, Policy& policy);

}  // namespace aright::remediation
