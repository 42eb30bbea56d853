#pragma once
// When a scheduled rule runs: EventBridge's rate(), cron() and at() expressions, to the minute, in UTC or in a time
// zone. Pure, any thread.
//
//   rate(5 minutes)                 minute, hour, day; plural unless it is 1; counted from when the rule was made
//   cron(0 10 ? * 6L 2023-2024)     minutes hours day-of-month month day-of-week year
//   at(2026-12-20T10:00:00)         once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "calendar/zone.h"

namespace aright::bus {

inline constexpr int year_min = 1970, year_max = 2199;
inline constexpr std::int64_t rate_max = 1'000'000'000;  // units

class Schedule {
 public:
  // Fails with invalid, the field and the column of what is wrong. `zone`: of cron and at; "": UTC. A time that clocks
  // there are put forward over is left out, one that they show twice is the first (as EventBridge Scheduler has it).
  static Result<Schedule> parse(std::string_view text, const std::string& zone = "");
  // The first run after `after`; a rate counts from `start`. None when there is no more.
  std::optional<Timestamp> next(Timestamp after, Timestamp start) const;

  // Which days of a month one of the two day fields asks for.
  struct Days {
    enum class Kind { any, listed, last, last_workday, last_weekday_name, nearest_workday, nth };
    Kind kind = Kind::any;  // any: the field is '?'
    std::bitset<32> listed;
    int day = 0;  // of nearest_workday: of the month; of last: so many before; else of the week, 1 is Sunday
    int nth = 0;
  };

 private:
  friend class CronReader;
  // On clocks that show what they do where the schedule holds.
  std::optional<Timestamp> next_shown(Timestamp after) const;
  std::optional<Timestamp> next_cron(Timestamp after) const;
  std::optional<Timestamp> next_on_day(std::int64_t day, std::int64_t from_minute) const;

  std::int64_t period_ms_ = 0;       // of a rate; 0: at_ or the fields below
  std::optional<Timestamp> at_;      // as clocks show it
  std::optional<calendar::Zone> zone_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  Days of_month_, of_week_;
  std::bitset<13> months_;
  std::bitset<year_max - year_min + 1> years_;
};

// An expression of EventBridge Scheduler, which takes any number with minute or minutes, in the form that rules have:
// rate(1 hours) is rate(1 hour). Others are as they are.
std::string as_of_rules(std::string_view scheduler_expression);

}  // namespace aright::bus
