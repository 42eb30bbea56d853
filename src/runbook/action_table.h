#pragma once
// The actions that documents may use: their inputs, outputs and time limits. Internal to runbook. Immutable.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runbook/action.h"
#include "runbook/references.h"

namespace aright::runbook {

struct ActionRule {
  std::string_view name;              // aws:approve
  MakeAction make = nullptr;          // null: aws:loop, which the machine runs itself
  std::vector<std::string> required;  // inputs
  std::vector<std::string> optional;
  std::vector<std::string> outputs;  // its own, beside the declared ones
  milliseconds timeout{3'600'000};   // unless the step says otherwise
  bool after_cancel = true;          // may onCancel lead here
  bool open = false;                 // takes any other input: request members
  bool declares_outputs = false;     // its steps may have `outputs`
  Absent absent = Absent::fails;     // what a reference without a value means to it
  std::string_view phase = "Execute/Cancelling action";  // in which its work fails, as Systems Manager tells it
};

// What an input of an action takes.
enum class Takes { one, list, anything };
Takes takes(const ActionRule& rule, std::string_view input);

// Null when there is none.
const ActionRule* action_rule(std::string_view name);
std::span<const ActionRule> action_rules();

}  // namespace aright::runbook
