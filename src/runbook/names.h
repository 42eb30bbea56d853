#pragma once
// What somebody may have meant. Internal to runbook.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aright::runbook {

// The known name nearest to a wrong one, or "" when none is near.
std::string nearest(std::string_view wrong, std::span<const std::string> known);
// "write one of a, b or c", as many as can be read.
std::string one_of(std::span<const std::string> known);
// "did you mean X?", or `otherwise` when none is near.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> known,
                         std::string_view otherwise = "");

}  // namespace aright::runbook
