#pragma once
// From a target that says `organization: true` to one target for each active account of the organization.

#include "aws/call.h"
#include "model/model.h"
#include "remediation/policy.h"

namespace aright::remediation {

inline constexpr std::size_t organization_accounts_max = 10'000;
inline constexpr int units_depth_max = 10;  // AWS nests five deep

// Asks Organizations with the caller's own credentials; these need organizations:ListAccounts, and where a rule of
// `decide` asks for units ListRoots, ListAccountsForParent and ListOrganizationalUnitsForParent. The caller's own
// account keeps its credentials, every other one gets the target's role. An account that the policy names itself stays
// as it is named. Fails when the accounts can't be listed: a policy that reaches less than it says is not run.
Result<> expand_organization(Policy& policy, aws::Caller& caller, const model::Models& models, std::string_view region,
                             const Context& context);

}  // namespace aright::remediation
