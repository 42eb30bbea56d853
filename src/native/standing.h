#pragma once
// What the policy decides about a control wherever and whenever it is judged. Native services are told once, when they
// are deployed; what hangs on a tag, an age or a rehearsal is decided there as carefully as any of its answers. Pure.

#include <string>
#include <vector>

#include "remediation/policy.h"
#include "rules/control.h"

namespace aright::native {

struct Standing {
  remediation::Decision decision = remediation::Decision::manual;
  std::vector<std::string> open;  // names of decide rules whose conditions nobody can know beforehand
};

// `source`: who would find it, as `decide` names it.
Standing standing_of(const remediation::Policy& policy, const rules::Control& control, std::string_view source);

}  // namespace aright::native
