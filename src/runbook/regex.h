#pragma once
// allowedPattern: PCRE2, since documents in the field use look-around and (?i:…). Bounded: a pattern that backtracks
// without end is an error, not a hang. Internal to runbook. Pure functions: any thread may call them.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace aright::runbook {

inline constexpr std::uint32_t regex_steps_max = 1'000'000;     // of one match
inline constexpr std::uint32_t regex_heap_kib_max = 16 * 1024;  // of one match

// Fails with invalid, naming the offset.
Result<> check_pattern(std::string_view pattern);
// Whether the whole subject matches. Fails with invalid when the pattern is none or takes too long.
Result<bool> matches(std::string_view pattern, std::string_view subject);

}  // namespace aright::runbook
