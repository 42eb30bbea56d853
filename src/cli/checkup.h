#pragma once
// What `aright doctor` looks at. Each check tries the thing itself where it can, changes nothing, and says what to do
// next when something is wrong.

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/house.h"

namespace aright::cli {

struct Finding {
  enum class State { ok, warn, fail };
  std::string about;
  State state = State::ok;
  std::string what;
  std::string next = {};  // what to do; "" when it is ok
};
std::string_view name(Finding::State state);

using Findings = std::vector<Finding>;

// Of this machine.
Findings look_at_machine(const Settings& settings);
Findings look_at_state(const Settings& settings);
Findings look_at_port(const Settings& settings, const DoctorOrder& order);
// Of the policy; `policy` is filled where there is a sound one.
Findings look_at_policy(const Settings& settings, std::optional<remediation::Policy>& policy);
// Of the cloud and of those who are told, as the policy names them.
Findings look_at_cloud(const Settings& settings, const remediation::Policy& policy);
Findings look_at_channels(const remediation::Policy& policy);

}  // namespace aright::cli
