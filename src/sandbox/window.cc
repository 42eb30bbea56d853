#include "sandbox/window.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "json/value.h"

namespace aright::sandbox {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> weekdays{"thu", "fri", "sat", "sun",
                                                   "mon", "tue", "wed"};  // from 1970-01-01 on
constexpr milliseconds week = days(7);

}  // namespace

Timestamp next_opening(std::string_view window, Timestamp now) {
  auto written = lower(window.substr(0, window.find('-')));
  auto parts = split(written, ':');
  auto day =
      parts.size() == 3 ? std::ranges::find(weekdays, std::string_view(parts[0])) : weekdays.end();
  if (day == weekdays.end()) return now + week;
  milliseconds opens = days(day - weekdays.begin()) +
                       hours(json::integer(json::Value(parts[1]), 0)) +
                       minutes(json::integer(json::Value(parts[2]), 0));
  milliseconds here(now.ms % week.count());
  auto wait = opens - here;
  return now + (wait.count() < 0 ? wait + week : wait);
}

bool shows_pending(const cloud::Aspect& aspect) {
  if (!aspect.shown || !aspect.type->pending) return false;
  for (const auto& other : aspect.type->aspects)
    for (const auto& write : other.writes)
      if (write.pending && write.pending->parent() == *aspect.shown) return true;
  return false;
}

}  // namespace aright::sandbox
