#pragma once
// A pattern ready to run: sub-rules whose paths are numbers. Internal to pattern.

#include <vector>

#include "pattern/compile.h"
#include "pattern/event.h"

namespace aright::pattern {

struct NumberedField {
  std::uint32_t path = 0;
  const Field* field = nullptr;  // owned by the Program's sub_rules
};
using NumberedRule = std::vector<NumberedField>;

struct Program {
  std::vector<SubRule> sub_rules;
  Paths paths;
  std::vector<NumberedRule> rules;  // the sub-rules again, by path number
};

// The fields of one sub-rule under the numbers that `paths` gives them.
NumberedRule number_fields(const SubRule& sub_rule, Paths& paths);

// The event must have been taken apart by the same paths.
bool matches(const NumberedRule& rule, const EventFields& event);

}  // namespace aright::pattern
