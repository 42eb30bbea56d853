#pragma once
// Which exception holds for a finding. Pure.

#include <map>
#include <optional>
#include <string>

#include "remediation/finding.h"
#include "remediation/policy.h"

namespace aright::remediation {

// The policy's, else the one on record; nothing where neither holds at that time, or it is void. `tags`: the
// resource's own.
std::optional<Exception> exception_at(const Policy& policy, const Finding& finding,
                                      const std::map<std::string, std::string>& tags, Timestamp at);

}  // namespace aright::remediation
