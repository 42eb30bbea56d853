#pragma once
// Entries as sentences, for timelines, `aright why`, notices and the demonstration. One place, so
// that a person reads the same words everywhere.

#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace aright::remediation {

// "decided: automatic, because its RemediationConfiguration is automatic"
std::string narrate(const ledger::Entry& entry);
// All that an entry of a ledger can be, in alphabetical order.
std::vector<std::string> kinds_of_entries();
// Worth showing in a short list: not every call and runbook event is.
bool is_milestone(const ledger::Entry& entry);

}  // namespace aright::remediation
