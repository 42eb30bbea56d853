#pragma once
// When a channel is left in peace: hours of the day and days of the week, on the clocks of one place. Pure.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "calendar/zone.h"

namespace aright::notify {

inline constexpr std::size_t quiet_spans_max = 20;

struct Quiet {
  // Minutes of the day; one that ends before it begins, or then, lasts into the next day.
  struct Span {
    int from = 0, until = 0;
    bool operator==(const Span&) const = default;
  };
  calendar::Zone zone;
  std::vector<Span> hours = {};
  std::set<int> days = {};               // 0: Sunday
  std::vector<std::string> except = {};  // kinds of messages that go out all the same
};

// "22:00-07:30". Fails with invalid.
Result<Quiet::Span> parse_quiet_hours(std::string_view text);
// "saturday", or "sat". Fails with invalid.
Result<int> parse_weekday(std::string_view text);
// Whether some time of the week is not quiet.
bool leaves_time(const Quiet& quiet);

// When the peace that holds now ends, spans that touch taken as one; nothing when it does not hold, or not for this
// kind.
std::optional<Timestamp> quiet_until(const Quiet& quiet, std::string_view kind, Timestamp now);

}  // namespace aright::notify
