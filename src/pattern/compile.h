#pragma once
// From a pattern's JSON to the sub-rules that the matcher works on. Internal to pattern.

#include <string>
#include <vector>

#include "pattern/condition.h"

namespace aright::pattern {

// One path of the event, and what may stand there. Any condition is enough.
struct Field {
  std::string path;  // keys joined with dots
  std::vector<Condition> conditions;
  bool may_be_absent = false;  // {"exists": false} is among them
};

// All fields must match, from elements of arrays that are consistent with each other.
struct SubRule {
  std::vector<Field> fields;
};

// $or multiplies: a pattern is the list of its sub-rules, any of which is enough. Fails with
// invalid, naming the place.
Result<std::vector<SubRule>> compile_pattern(const json::Value& pattern);

// What is wrong at this JSON pointer.
std::unexpected<Error> fault(const std::string& place, std::string_view what);

}  // namespace aright::pattern
