#pragma once
// Types, patterns and limits of parameters and variables. Internal to runbook; resolve_parameters stands in document.h.

#include "runbook/document.h"

namespace aright::runbook {

inline constexpr std::size_t parameters_max = 200;  // StartAutomationExecution's own limit

// The value in the parameter's type. Fails with invalid, naming the parameter and what it asks for.
Result<json::Value> read_parameter(const Parameter& parameter, const json::Value& given);
// allowedValues, allowedPattern, minItems … of a value of the right type. Fails with invalid.
Result<> check_constraints(const Parameter& parameter, const json::Value& value);
// The Parameter Store name in a default such as "{{ssm:name}}", or "".
std::string store_name(const Parameter& parameter);

}  // namespace aright::runbook
