#include "calendar/zone.h"

#include <libical/ical.h>

#include <algorithm>
#include <mutex>

namespace aright::calendar {

namespace {

constexpr std::int64_t second_ms = 1000, day_ms = 86'400'000;

// libical reads a zone when it is first asked for, and works out its changes as far as they are asked for.
std::mutex& reading() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

Result<Zone> Zone::find(const std::string& name) {
  std::lock_guard lock(reading());
  auto* zone = name == "UTC" ? icaltimezone_get_utc_timezone() : icaltimezone_get_builtin_timezone(name.c_str());
  if (!zone) return fail(Errc::not_found, "'{}' is no time zone; their names are like Europe/Berlin", name);
  return Zone(zone);
}

std::int64_t Zone::offset_at(Timestamp instant) const {
  std::lock_guard lock(reading());
  auto time = icaltime_from_timet_with_zone(instant.ms / second_ms, 0, icaltimezone_get_utc_timezone());
  int daylight = 0;
  auto* zone = static_cast<icaltimezone*>(zone_);
  return std::int64_t{icaltimezone_get_utc_offset_of_utc_time(zone, &time, &daylight)} * second_ms;
}

std::int64_t Zone::shown_at(Timestamp instant) const { return instant.ms + offset_at(instant); }

// No two changes of a zone are closer than a day, so the offsets a day before and after are all that may hold.
std::optional<Timestamp> Zone::first_when(std::int64_t shown_ms) const {
  std::optional<Timestamp> first;
  for (auto near : {shown_ms - day_ms, shown_ms + day_ms}) {
    Timestamp instant{shown_ms - offset_at({near})};
    if (shown_at(instant) == shown_ms && (!first || instant < *first)) first = instant;
  }
  return first;
}

}  // namespace aright::calendar
