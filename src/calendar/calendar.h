#pragma once
// An iCalendar file, as people export it from their calendar: which of its events is under way.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace aright::calendar {

inline constexpr std::size_t text_bytes_max = 1u << 20;
inline constexpr int events_max = 10'000;

// One occurrence of an event. `until` is exclusive.
struct Span {
  Timestamp from, until;
  std::string summary;
};

// Thread-safe; copies share what was read.
class Calendar {
 public:
  // Fails with invalid for what is no calendar, for events that libical cannot read, and beyond the bounds above.
  static Result<Calendar> parse(std::string_view text);

  // The occurrence under way that ends last. Recurrences and time zones count; times without a zone are UTC. Cancelled
  // events do not count. Of a series, an occurrence that was moved counts at both places.
  std::optional<Span> at(Timestamp now) const;

 private:
  struct Parsed;
  std::shared_ptr<Parsed> parsed_;
};

}  // namespace aright::calendar
