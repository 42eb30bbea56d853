#pragma once
// Whether a value fits its shape. Pure, any thread.

#include "json/value.h"
#include "model/model.h"

namespace aright::aws {

struct CheckOptions {
  bool unknown_allowed = false;      // members that the model does not know
  bool missing_allowed = false;      // members that the model requires
};

// Fails with invalid at the first member that is unknown, missing or of the wrong type, saying
// which
// ("Filters[0].Values: must be a list, not text") and, for a misspelt name, what may have been
// meant.
Result<> check_input(const model::Shape& shape, const json::Object& input,
                     const CheckOptions& options = {});

}  // namespace aright::aws
