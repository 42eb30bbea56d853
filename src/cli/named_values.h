#pragma once
// Name=value, as options take them again and again.

#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace aright::cli {

// `what` one of them is: a parameter, a tag. Fails with invalid where one has no name or no equals sign.
Result<std::map<std::string, std::string>> named_values(const std::vector<std::string>& said, std::string_view what);

}  // namespace aright::cli
