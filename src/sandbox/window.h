#pragma once
// Weekly maintenance windows as RDS, Redshift and ElastiCache write them: sun:05:00-sun:05:30, in
// UTC. Pure.

#include <string_view>

#include "base/clock.h"
#include "cloud/description.h"

namespace aright::sandbox {

// When the window opens next, at `now` or later; a week from now where the text is no window.
Timestamp next_opening(std::string_view window, Timestamp now);

// Whether the aspect is the place where views show changes that wait: PendingModifiedValues. It has no
// value of its own.
bool shows_pending(const cloud::Aspect& aspect);

}  // namespace aright::sandbox
