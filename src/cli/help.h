#pragma once
// What the help of each command shows below its options, and what somebody is told who asked
// wrongly. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace aright::cli {

// "runbook validate": its examples, a line each; "runbook": those of all its commands.
std::string examples_of(std::string_view command);

// The one of `known` that was probably meant, or "".
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace aright::cli
