#pragma once
// When a scheduled rule runs: EventBridge's rate() and cron() expressions, in UTC and to the minute. Pure, any thread.
//
//   rate(5 minutes)                 minute, hour, day; plural unless it is 1; counted from when the rule was made
//   cron(0 10 ? * 6L 2023-2024)     minutes hours day-of-month month day-of-week year

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace aright::bus {

inline constexpr int year_min = 1970, year_max = 2199;
inline constexpr std::int64_t rate_max = 1'000'000'000;  // units

class Schedule {
 public:
  // Fails with invalid, the field and the column of what is wrong.
  static Result<Schedule> parse(std::string_view text);
  // The first run after `after`; a rate counts from `start`. None when there is no more.
  std::optional<Timestamp> next(Timestamp after, Timestamp start) const;

  // Which days of a month one of the two day fields asks for.
  struct Days {
    enum class Kind { any, listed, last, last_weekday_name, nearest_workday, nth };
    Kind kind = Kind::any;  // any: the field is '?'
    std::bitset<32> listed;
    int day = 0;  // of nearest_workday: of the month; of the others: of the week, 1 is Sunday
    int nth = 0;
  };

 private:
  friend class CronReader;
  std::optional<Timestamp> next_cron(Timestamp after) const;
  std::optional<Timestamp> next_on_day(std::int64_t day, std::int64_t from_minute) const;

  std::int64_t period_ms_ = 0;  // of a rate; 0: the fields below
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  Days of_month_, of_week_;
  std::bitset<13> months_;
  std::bitset<year_max - year_min + 1> years_;
};

}  // namespace aright::bus
