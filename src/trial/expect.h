#pragma once
// How a test compares what it expects with what is there.

#include <optional>
#include <string>

#include "json/value.h"

namespace aright::trial {

// Where they part, as a sentence; nothing when all that is expected is there. Of an object, the members that are
// expected must be there, others may be; lists are compared item by item; the text "*" stands for anything that is
// there.
std::optional<std::string> unmet(const json::Value& expected, const json::Value& found, const std::string& where = "");

}  // namespace aright::trial
