#pragma once
// How numbers and strings look in every text form of the house: compact, pretty, canonical and
// YAML. Internal to json.

#include <string>
#include <string_view>

#include "json/value.h"

namespace aright::json {

inline constexpr std::size_t indent_width = 2;

// ECMAScript's Number::toString, as RFC 8785 asks: 0.3, 1e+21, 1e-7, 100, and -0 as 0. JSON has no
// infinity: what overflowed while parsing prints as 1e999 and overflows again.
std::string ecmascript_number(double number);

// As above, but a whole number keeps its ".0", so that reading it back gives a double again, not an
// integer.
std::string double_text(double number);

// Appends the string in quotes with the fewest escapes that RFC 8785 allows.
void write_string(std::string_view text, std::string& out);

// Appends null, a boolean, a number or a string.
void write_scalar(const Value& value, std::string& out);

}  // namespace aright::json
