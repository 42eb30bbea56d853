#pragma once
// From what was recorded to what people are told. Internal to guard.

#include <string>
#include <vector>

#include "guard/guard.h"
#include "guard/record.h"

namespace aright::guard {

// Why the recorded rule failed. A number that no report can hold (NaN, infinity) is a fault, as it
// is for Guard.
Outcome<std::vector<Failure>> failures_of(const Record& rule);
// Everything that was recorded, one line each, indented.
std::string trace_of(const Record& root);

}  // namespace aright::guard
