#pragma once
// Which AWS calls a Python script makes, as far as its text tells: a look at clients that boto3 gives out and at what
// is called on them, without running anything. What can't be told is said. Pure functions.

#include <string>
#include <string_view>
#include <vector>

namespace aright::runbook {

inline constexpr std::size_t script_calls_max = 1'000;  // of one script

struct ScriptCall {
  std::string service, method;  // as boto3 spells them: ec2, describe_instances
  auto operator<=>(const ScriptCall&) const = default;
};

struct ScriptLook {
  std::vector<ScriptCall> calls;    // each once, in the order of the text
  std::vector<std::string> unknown; // sentences about what the text doesn't tell
};

ScriptLook look_at_script(std::string_view text);

}  // namespace aright::runbook
