#include "base/clock.h"

#include <cstdio>
#include <ctime>

namespace aright {

std::string Timestamp::format(const char* strftime_format) const {
  std::time_t whole = static_cast<std::time_t>(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char buffer[128];
  return {buffer, std::strftime(buffer, sizeof buffer, strftime_format, &parts)};
}

std::string Timestamp::iso() const {
  return fmt::format("{}.{:03}Z", format("%Y-%m-%dT%H:%M:%S"), ((ms % 1000) + 1000) % 1000);
}

std::string Timestamp::iso_seconds() const { return format("%Y-%m-%dT%H:%M:%SZ"); }

namespace {

// Reads exactly `width` digits at `at`; -1 when they are not there.
int digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
  auto bad = [&] { return fail(Errc::invalid, "'{}' is not a time such as 2024-05-01T10:00:00Z", text); };
  std::tm parts{};
  parts.tm_year = digits(text, 0, 4) - 1900;
  parts.tm_mon = digits(text, 5, 2) - 1;
  parts.tm_mday = digits(text, 8, 2);
  parts.tm_hour = digits(text, 11, 2);
  parts.tm_min = digits(text, 14, 2);
  parts.tm_sec = digits(text, 17, 2);
  bool ranges = parts.tm_year >= -900 && parts.tm_mon >= 0 && parts.tm_mon < 12 && parts.tm_mday >= 1 &&
                parts.tm_mday <= 31 && parts.tm_hour >= 0 && parts.tm_hour < 24 && parts.tm_min >= 0 &&
                parts.tm_min < 60 && parts.tm_sec >= 0 && parts.tm_sec <= 60;
  if (!ranges || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':')
    return bad();

  std::size_t at = 19;
  std::int64_t fraction_ms = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale_ms = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale_ms /= 10)
      fraction_ms += (text[at] - '0') * scale_ms;
  }
  std::int64_t offset_s = 0;
  std::string_view zone = text.substr(at);
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
    int hours = digits(zone, 1, 2), minutes = digits(zone, 4, 2);
    if (hours < 0 || minutes < 0) return bad();
    offset_s = (zone[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  } else if (zone != "Z" && zone != "z") {
    return bad();
  }
  return Timestamp{(static_cast<std::int64_t>(timegm(&parts)) - offset_s) * 1000 + fraction_ms};
}

Timestamp SystemClock::now() const {
  auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<milliseconds>(since).count()};
}

}  // namespace aright
