#pragma once
// The sections of the policy that are about people: who they are, how they are reached, and who approves. Faults go to
// the reader.

#include "remediation/policy.h"
#include "remediation/policy_reader.h"

namespace aright::remediation {

notify::Channel read_channel(Reader& in);
Principal read_principal(Reader& in);
// Groups, ladders, delegations and times. Principals, channels and `decide` are there already: what is named must be.
void read_approvers(Reader& in, Policy& policy);
// Where people reach the server, and whether each one's own channel is theirs alone. After all of the above.
void read_links(Reader& in, Policy& policy);

// After read_links().
SignOn read_sign_on(Reader& in, const Policy& policy);

// After the channels.
Escalations read_escalations(Reader& in, const Policy& policy);

}  // namespace aright::remediation
