#pragma once
// What the help of each command shows below its options. Pure.

#include <string>
#include <string_view>

namespace aright::cli {

// "runbook validate": its examples, a line each; "runbook": those of all its commands.
std::string examples_of(std::string_view command);

}  // namespace aright::cli
