#pragma once
// Sections of the policy that stand by themselves. Faults go to the reader.

#include "remediation/policy.h"
#include "remediation/policy_reader.h"

namespace aright::remediation {

void read_brakes(Reader& in, const std::filesystem::path& directory, Brakes& brakes);
// ExecutionControls of a RemediationConfiguration.
std::optional<FleetPace> read_pace(Reader& in);
HubSettings read_hub(Reader& in);

}  // namespace aright::remediation
