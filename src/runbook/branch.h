#pragma once
// The conditions of aws:branch and of aws:loop's LoopCondition. Internal to runbook. Pure functions: any thread may
// call them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace aright::runbook {

inline constexpr int condition_depth_max = 20;  // of And, Or, Not

// Calls `report` with a pointer, relative to the condition, and what is wrong there.
using ReportFault = std::function<void(std::string pointer, std::string what, std::string mend)>;
void check_condition(const json::Value& condition, const ReportFault& report);
bool is_operator(std::string_view name);

// Of a condition whose references are resolved. A variable without a value satisfies nothing. Fails with invalid for
// what check_condition reports.
Result<bool> holds(const json::Value& condition);

// The NextStep of the first choice that holds. `choices` are resolved.
Result<std::optional<std::string>> choose(const json::Array& choices);

}  // namespace aright::runbook
