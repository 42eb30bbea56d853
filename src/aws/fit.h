#pragma once
// A request as a runbook writes it, where types flow together: a list of one stands for its item where one value is
// asked for, and one value for a list of it. A list may be called Filters where the model says Filter, as Systems
// Manager's own documents do. Pure.

#include <string_view>

#include "json/value.h"
#include "model/model.h"

namespace aright::aws {

// Everything else stays as it is, and so does all of a request that no model knows: the client says what is wrong.
json::Object fit_input(const model::Models& models, std::string_view service, std::string_view operation,
                       const json::Object& input);

}  // namespace aright::aws
