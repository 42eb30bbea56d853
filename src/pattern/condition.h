#pragma once
// What one element of a pattern's leaf array asks of one value. Plain immutable data. Internal to
// pattern.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pattern/address.h"
#include "pattern/scalar.h"

namespace aright::pattern {

// An exact string. One that is an IP address matches every spelling of that address.
struct ExactText {
  std::string text;
  std::optional<Address> address;
};
// A number as Scalar has it: compared by value when it is exact, else by its text.
struct ExactNumber {
  double value = 0;
  bool exact = false;
  std::string text;
};
struct ExactLiteral {
  Kind kind = Kind::null;  // null, no or yes
};
// With `any_case` the text is folded already, and so is the value before they are compared.
struct Prefix {
  std::string text;
  bool any_case = false;
};
struct Suffix {
  std::string text;
  bool any_case = false;
};
struct EqualAnyCase {
  std::string folded;
};
// "a*b\*": the texts between the stars; the first and the last are anchored.
struct Wildcard {
  std::vector<std::string> parts;
};
struct Bound {
  double value = 0;
  bool inclusive = false;
};
struct Range {
  std::optional<Bound> lower, upper;
};
struct InAddressRange {
  AddressRange range;
};
struct Present {};

struct Condition;
// Any present value that none of these holds for.
struct AnythingBut {
  std::vector<Condition> excluded;
};

struct Condition {
  std::variant<ExactText, ExactNumber, ExactLiteral, Prefix, Suffix, EqualAnyCase, Wildcard, Range,
               InAddressRange, Present, AnythingBut>
      kind;
};

bool holds(const Condition& condition, const Scalar& leaf);

}  // namespace aright::pattern
