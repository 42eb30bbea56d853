#pragma once
// What a step's selectors take from an answer. Internal to runbook. Pure functions: any thread may call them.

#include <optional>
#include <string_view>

#include "runbook/document.h"

namespace aright::runbook {

// The value at a JSONPath, whose leading $ may be missing; nothing when it is absent or null. Fails with invalid when
// the path is none, or visits too much.
Result<std::optional<json::Value>> select(std::string_view selector, const json::Value& answer);

// The outputs that a step declares, converted to their types; absent ones are left out. Fails with invalid, naming the
// output, where no conversion exists.
Result<json::Object> select_outputs(const Step& step, const json::Value& answer);

// Whether what a PropertySelector found is one of DesiredValues, compared as texts: true is "True" and "true".
bool desired(const json::Value& found, const json::Array& desired_values);

}  // namespace aright::runbook
