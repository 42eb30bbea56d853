#pragma once
// ISO 8601 durations: PT10M, P1DT12H, P2W. Internal to runbook.

#include <string_view>

#include "base/clock.h"

namespace aright::runbook {

// Weeks, days, hours, minutes, seconds; months and years have no length of their own. Fails with invalid.
Result<milliseconds> parse_duration(std::string_view text);

}  // namespace aright::runbook
