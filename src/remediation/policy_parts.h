#pragma once
// Sections of the policy that stand by themselves. Faults go to the reader.

#include "remediation/config_rules.h"
#include "remediation/policy.h"
#include "remediation/policy_reader.h"

namespace aright::remediation {

void read_brakes(Reader& in, const std::filesystem::path& directory, Brakes& brakes);
// ExecutionControls of a RemediationConfiguration.
std::optional<FleetPace> read_pace(Reader& in);
HubSettings read_hub(Reader& in);
// One of `controls`, as it is there or anew.
EnabledControl& enable(Policy& policy, const std::string& id);
void read_config_rule(Reader& in, RuleHolder& holder);
void read_remediation(Reader& in, Policy& policy);
// Where a NATS server is, and who we are there.
nats::Server read_nats_server(Reader& in);
EventStream read_stream(Reader& in);

}  // namespace aright::remediation
