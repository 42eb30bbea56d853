#pragma once
// What IAM has to allow so that a policy can be held: the reads by which its controls judge, and by which their fixes
// are planned and verified; and, where it is asked for, the writes of the fixes and of their way back. It follows from
// the service descriptions and the runbooks' texts: nothing is called.

#include "remediation/library.h"
#include "remediation/policy.h"

namespace aright::cli {

struct Permissions {
  json::Object policy;               // for IAM
  std::vector<std::string> unknown;  // what the texts of runbooks and functions do not tell
};
Permissions permissions_for(const remediation::Policy& policy, const remediation::Library& library, bool with_fixes);

}  // namespace aright::cli
