#pragma once
// What all test files have in common. Internal to trial.

#include <set>
#include <string>
#include <string_view>

#include "json/yaml.h"

namespace aright::trial {

// Fails with invalid, naming line and what there is, when the object at `pointer` has a member that is not known.
Result<> only_known(const json::Document& document, const std::string& pointer,
                    const std::set<std::string_view>& known);

}  // namespace aright::trial
