#pragma once
// A time zone by its name in the IANA database, as the system has it: how far its clocks are from UTC.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace aright::calendar {

// Thread-safe, and cheap to copy.
class Zone {
 public:
  // "Europe/Berlin", "UTC". Fails with not_found.
  static Result<Zone> find(const std::string& name);

  // What clocks there show at an instant, as milliseconds since 1970 on a clock that never is put forward or back.
  std::int64_t shown_at(Timestamp instant) const;
  // The first instant at which clocks there show this; none when they are put forward over it.
  std::optional<Timestamp> first_when(std::int64_t shown_ms) const;

 private:
  explicit Zone(void* zone) : zone_(zone) {}
  std::int64_t offset_at(Timestamp instant) const;

  void* zone_;  // libical's, which lives as long as the process
};

}  // namespace aright::calendar
