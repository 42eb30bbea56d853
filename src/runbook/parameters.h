#pragma once
// Types, patterns and limits of parameters and variables. Internal to runbook; resolve_parameters stands in document.h.

#include "runbook/document.h"
#include "runbook/references.h"

namespace aright::runbook {

inline constexpr std::size_t parameters_max = 200;  // StartAutomationExecution's own limit

// The value in the parameter's type. Fails with invalid, naming the parameter and what it asks for.
Result<json::Value> read_parameter(const Parameter& parameter, const json::Value& given);
// allowedValues, allowedPattern, minItems … of a value of the right type. Fails with invalid.
Result<> check_constraints(const Parameter& parameter, const json::Value& value);
// Whether its default says {{ something }}, so that it is known only when it runs.
bool default_refers(const Parameter& parameter);
// What defaults refer to put in their place, for those parameters that stand as the document wrote them: other
// parameters, {{ global: }} …. Fails as read_parameter() does.
Result<> resolve_defaults(const Document& document, json::Object& resolved, const Lookup& lookup);

}  // namespace aright::runbook
