#pragma once
// {{ references }} in a document's values: finding them, and putting values in their place. Internal to runbook.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::runbook {

inline constexpr std::size_t substituted_bytes_max = 8u
                                                     << 20;  // of one step's inputs, once resolved

struct Reference {
  std::size_t begin = 0, end = 0;  // of {{ … }} in the text
  std::string name;  // param, step.Output, variable:x, global:X, automation:EXECUTION_ID
};
// What looks like a reference; {{.Names}} and other people's templates do not.
std::vector<Reference> references(std::string_view text);

// The same, split at the dot: {{ step.Output }}.
struct StepOutput {
  std::string_view step, output;
};
std::optional<StepOutput> step_output(std::string_view reference_name);

// Null when the name means nothing here; a pointer to null when it means something that has no value (yet).
using Lookup = std::function<const json::Value*(std::string_view name)>;

enum class Absent {
  fails,  // a reference without a value fails the step
  null,  // … is null when it stands alone and "" within a text: branches compare it, and find it unequal
  foreign_stays,  // … fails too, but a name that means nothing here is the script's own and stays as it is written
};

// A text that is one reference becomes the value, with its type; references within a text become text. An item of a
// list that is one reference to a list becomes its items. What is put in is never read for references again. Fails with
// invalid.
Result<json::Value> substitute(const json::Value& value, const Lookup& lookup, Absent absent);

}  // namespace aright::runbook
