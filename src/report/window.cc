#include <fmt/format.h>

#include <charconv>

#include "report/review.h"

namespace aright::report {

namespace {

constexpr std::size_t day_characters = 10;  // 2026-11-01
constexpr std::int64_t length_max = 100'000;

std::optional<milliseconds> parse_length(std::string_view text) {
  using std::chrono::hours;
  if (text.size() < 2) return {};
  std::int64_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size() - 1, count);
  if (error != std::errc() || end != text.data() + text.size() - 1 || count < 1 || count > length_max) return {};
  switch (text.back()) {
    case 'm': return std::chrono::minutes(count);
    case 'h': return hours(count);
    case 'd': return hours(24 * count);
    case 'w': return hours(24 * 7 * count);
    default: return {};
  }
}

Result<Timestamp> parse_instant(std::string_view text) {
  if (text.size() == day_characters) return parse_timestamp(fmt::format("{}T00:00:00Z", text));
  return parse_timestamp(text);
}

}  // namespace

Result<Window> parse_window(std::string_view since, std::string_view until, Timestamp now) {
  Window window{.since = {}, .until = now};
  if (!until.empty()) {
    auto at = parse_instant(until);
    if (!at) return fail(Errc::invalid, "until: '{}' is no time; say 2026-11-01 or 2026-11-01T10:00:00Z", until);
    window.until = *at;
  }
  if (since.empty()) since = window_default;
  if (auto length = parse_length(since)) {
    window.since = window.until - *length;
  } else {
    auto at = parse_instant(since);
    if (!at)
      return fail(Errc::invalid, "since: '{}' is no time; say 30d, 12h, 2w, 2026-11-01 or 2026-11-01T10:00:00Z", since);
    window.since = *at;
  }
  if (window.since >= window.until)
    return fail(Errc::invalid, "the window ends at {}, before it begins at {}", window.until.iso(), window.since.iso());
  return window;
}

}  // namespace aright::report
