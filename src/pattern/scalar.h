#pragma once
// A leaf of an event, as conditions see it, and what makes two numbers the same. Internal to pattern.

#include <cstdint>
#include <string>
#include <string_view>

#include "json/value.h"

namespace aright::pattern {

enum class Kind : std::uint8_t { null, no, yes, number, text };

// Views: what it was made from must outlive it.
struct Scalar {
  Kind kind = Kind::null;
  // A number that a double holds: written with the shortest digits, the double is the number again. Only such numbers
  // are compared by value; of any other the text counts.
  bool exact = false;
  double number = 0;
  std::string_view text;  // of a string, without its escapes; of a number, as it is written
};

// `token` is a JSON number.
Scalar number_scalar(std::string_view token);
// `digits` keeps the text of an integer that no double holds. The text of other numbers is lost in a json::Value: such
// a number counts as the double that was read.
Scalar scalar_of(const json::Value& leaf, std::string& digits);

}  // namespace aright::pattern
