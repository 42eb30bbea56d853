#include "notify/quiet.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace aright::notify {

namespace {

constexpr std::int64_t minute_ms = 60'000, day_ms = 86'400'000;
constexpr int day_minutes = 24 * 60, week_days = 7, first_weekday = 4;  // 1970-01-01 was a Thursday
constexpr std::size_t short_name = 3;
constexpr int put_forward_max = 8;  // half hours by which clocks are put forward at once, and more

constexpr std::array<std::string_view, week_days> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                            "thursday", "friday", "saturday"};

// As clocks show it.
using Shown = std::pair<std::int64_t, std::int64_t>;

std::int64_t day_of(std::int64_t shown) { return (shown >= 0 ? shown : shown - day_ms + 1) / day_ms; }

int weekday_of(std::int64_t day) {
  return static_cast<int>(((day + first_weekday) % week_days + week_days) % week_days);
}

// All spans that begin on these days, in order.
std::vector<Shown> spans_of(const Quiet& quiet, std::int64_t first_day, std::int64_t last_day) {
  std::vector<Shown> out;
  for (auto day = first_day; day <= last_day; ++day) {
    auto begin = day * day_ms;
    if (quiet.days.contains(weekday_of(day))) out.emplace_back(begin, begin + day_ms);
    for (const auto& span : quiet.hours) {
      auto until = span.until <= span.from ? span.until + day_minutes : span.until;
      out.emplace_back(begin + span.from * minute_ms, begin + until * minute_ms);
    }
  }
  std::ranges::sort(out);
  return out;
}

// The end of the spans that hold at `shown` and of those that go on from there; `shown` itself when none does.
std::int64_t end_of(const std::vector<Shown>& spans, std::int64_t shown) {
  auto end = shown;
  for (const auto& [from, until] : spans)
    if (from <= end && until > end) end = until;
  return end;
}

Result<int> minutes_of(std::string_view text) {
  auto digit = [&](std::size_t at) { return text[at] - '0'; };
  bool form = text.size() == 5 && text[2] == ':';
  for (std::size_t at : {0u, 1u, 3u, 4u}) form = form && digit(at) >= 0 && digit(at) <= 9;
  int hours = form ? digit(0) * 10 + digit(1) : 24, minutes = form ? digit(3) * 10 + digit(4) : 0;
  if (hours > 23 || minutes > 59) return fail(Errc::invalid, "'{}' is no time of the day; write HH:MM", text);
  return hours * 60 + minutes;
}

}  // namespace

Result<Quiet::Span> parse_quiet_hours(std::string_view text) {
  auto dash = text.find('-');
  if (dash == std::string_view::npos) return fail(Errc::invalid, "'{}' is no span; write HH:MM-HH:MM", text);
  auto from = TRY(minutes_of(trim(text.substr(0, dash))));
  auto until = TRY(minutes_of(trim(text.substr(dash + 1))));
  if (from == until) return fail(Errc::invalid, "'{}' ends where it begins; a whole day is one of `days`", text);
  return Quiet::Span{from, until};
}

Result<int> parse_weekday(std::string_view text) {
  auto word = lower(text);
  for (int day = 0; day < week_days; ++day) {
    auto name = weekdays[static_cast<std::size_t>(day)];
    if (word == name || word == name.substr(0, short_name)) return day;
  }
  return fail(Errc::invalid, "'{}' is no day of the week; write saturday, or sat", text);
}

bool leaves_time(const Quiet& quiet) {
  auto spans = spans_of(quiet, -1, 2 * week_days);
  return end_of(spans, 0) < week_days * day_ms;
}

std::optional<Timestamp> quiet_until(const Quiet& quiet, std::string_view kind, Timestamp now) {
  if (std::ranges::find(quiet.except, kind) != quiet.except.end()) return std::nullopt;
  auto shown = quiet.zone.shown_at(now);
  auto today = day_of(shown);
  auto end = end_of(spans_of(quiet, today - 1, today + week_days), shown);
  if (end == shown) return std::nullopt;
  // Clocks that are put forward never show some times; those that are put back show some twice.
  for (int half_hours = 0; half_hours < put_forward_max; ++half_hours) {
    auto instant = quiet.zone.first_when(end + half_hours * 30 * minute_ms);
    if (instant && *instant > now) return instant;
    if (instant) break;
  }
  return now + milliseconds(end - shown);
}

}  // namespace aright::notify
