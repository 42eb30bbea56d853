#pragma once
// The type of an unquoted YAML scalar. Data files and test files are read by different rules, and
// rule sets rely on both. Pure. Internal to guard.

#include <cstdint>
#include <optional>
#include <string_view>

#include "guard/value.h"

namespace aright::guard {

// +5 and 010 are integers; what does not fit 64 bits is none.
std::optional<std::int64_t> parse_integer(std::string_view text);
// 1. and .5 and 1e3 and the words inf, infinity, nan.
std::optional<double> parse_real(std::string_view text);

// In a data file: "" is a text, only true and false are booleans, null is read in any case.
Value::Data data_scalar(std::string_view text);
// In a test file and in json_parse: YAML 1.2's core schema. 010 is a text, 0x1F an integer, "" is
// null.
Value::Data core_scalar(std::string_view text);

}  // namespace aright::guard
