#pragma once
// The parameters of managed rules. Config hands all of them over as texts; a control says what each is, so that its
// rule sees numbers, booleans and lists: "443,1020-1025" is [{"From": 443, "To": 443}, {"From": 1020, "To": 1025}].
// Pure.

#include <map>
#include <string>

#include "base/error.h"
#include "json/value.h"

namespace aright::rules {

enum class ParameterType {
  text,
  integer,
  boolean,
  list,   // of texts, apart by commas
  ports,  // of ranges of ports, apart by commas
  not_evaluated,  // Config's rule has it, and this one does not heed it: it may only say what the default says
};
// The name as control.yaml writes it. Fails with invalid for any other.
Result<ParameterType> parameter_type(std::string_view name);
std::string_view name(ParameterType type);

using ParameterTypes = std::map<std::string, ParameterType, std::less<>>;

// Each as its type says; parameters without one stay as they are. An empty integer or boolean is left out, an empty
// list is one without items. Fails with invalid, naming the parameter and what it should be.
Result<json::Object> typed(const json::Object& parameters, const json::Object& defaults, const ParameterTypes& types);

}  // namespace aright::rules
