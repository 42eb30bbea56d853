#pragma once
// The elements of a leaf array: literals and operators such as {"prefix": "x"}. Internal to
// pattern.

#include <string_view>

#include "pattern/compile.h"

namespace aright::pattern {

// Adds what the element asks for. `place` is its JSON pointer, for the error. Fails with invalid.
Result<> add_condition(const json::Value& element, const std::string& place, Field& field);

bool is_operator(std::string_view name);

}  // namespace aright::pattern
