// Expected times worked out from what AWS's user guide says of each expression, and from the calendar.
#include "bus/schedule.h"

#include <gmock/gmock.h>

namespace aright::bus {
namespace {

using ::testing::HasSubstr;

Timestamp at(std::string_view text) {
  return parse_timestamp(text).value();
}

// The first runs after the instant, as far as there are that many.
std::vector<std::string> runs(std::string_view expression, std::string_view after, std::size_t count,
                              const std::string& zone = "") {
  auto schedule = Schedule::parse(expression, zone);
  EXPECT_TRUE(schedule) << expression << ": " << schedule.error().message;
  std::vector<std::string> out;
  if (!schedule) return out;
  std::optional<Timestamp> time = at(after);
  while (out.size() < count && (time = schedule->next(*time, at(after))))
    out.push_back(time->iso_seconds());
  return out;
}
std::string wrong(std::string_view expression) {
  auto schedule = Schedule::parse(expression);
  return schedule ? "" : schedule.error().message;
}
using Times = std::vector<std::string>;

TEST(Cron, RunsWhenTheUserGuideSaysSo) {
  const auto begin = "2024-02-28T09:59:30Z";  // a Wednesday
  // 10:00 every day
  EXPECT_EQ(runs("cron(0 10 * * ? *)", begin, 3),
            (Times{"2024-02-28T10:00:00Z", "2024-02-29T10:00:00Z", "2024-03-01T10:00:00Z"}));
  // 12:15 every day
  EXPECT_EQ(runs("cron(15 12 * * ? *)", begin, 1), (Times{"2024-02-28T12:15:00Z"}));
  // 18:00, Monday through Friday
  EXPECT_EQ(runs("cron(0 18 ? * MON-FRI *)", begin, 4),
            (Times{"2024-02-28T18:00:00Z", "2024-02-29T18:00:00Z", "2024-03-01T18:00:00Z", "2024-03-04T18:00:00Z"}));
  // 8:00 every first day of the month
  EXPECT_EQ(runs("cron(0 8 1 * ? *)", begin, 2), (Times{"2024-03-01T08:00:00Z", "2024-04-01T08:00:00Z"}));
  // every 15 minutes
  EXPECT_EQ(runs("cron(0/15 * * * ? *)", begin, 3),
            (Times{"2024-02-28T10:00:00Z", "2024-02-28T10:15:00Z", "2024-02-28T10:30:00Z"}));
  // every 10 minutes, Monday through Friday
  EXPECT_EQ(runs("cron(0/10 * ? * MON-FRI *)", "2024-03-01T23:49:00Z", 2),
            (Times{"2024-03-01T23:50:00Z", "2024-03-04T00:00:00Z"}));
  // every 5 minutes from 8:00 to 17:55, Monday through Friday
  EXPECT_EQ(runs("cron(0/5 8-17 ? * MON-FRI *)", "2024-03-01T17:54:00Z", 2),
            (Times{"2024-03-01T17:55:00Z", "2024-03-04T08:00:00Z"}));
  // every 30 minutes from 20:00 to 02:00, Monday through Friday
  EXPECT_EQ(runs("cron(0/30 20-2 ? * MON-FRI *)", "2024-02-28T23:20:00Z", 3),
            (Times{"2024-02-28T23:30:00Z", "2024-02-29T00:00:00Z", "2024-02-29T00:30:00Z"}));
  // 10:15 on the last Friday of each month of 2019 to 2022
  EXPECT_EQ(runs("cron(15 10 ? * 6L 2019-2022)", "2022-10-01T00:00:00Z", 4),
            (Times{"2022-10-28T10:15:00Z", "2022-11-25T10:15:00Z", "2022-12-30T10:15:00Z"}));
  // the second Tuesday of the month
  EXPECT_EQ(runs("cron(0 12 ? * 3#2 *)", begin, 2), (Times{"2024-03-12T12:00:00Z", "2024-04-09T12:00:00Z"}));
}

TEST(Cron, KnowsTheCalendar) {
  EXPECT_EQ(runs("cron(0 0 L * ? *)", "2024-01-31T00:00:00Z", 3),
            (Times{"2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z", "2024-04-30T00:00:00Z"}));
  // June 1, 2024 is a Saturday: Monday the third. December 1, 2024 is a Sunday: Monday the second.
  EXPECT_EQ(runs("cron(0 9 1W JUN,DEC ? 2024)", "2024-01-01T00:00:00Z", 3),
            (Times{"2024-06-03T09:00:00Z", "2024-12-02T09:00:00Z"}));
  // March 31, 2024 is a Sunday: it does not leave the month.
  EXPECT_EQ(runs("cron(0 9 31W 3 ? *)", "2024-03-01T00:00:00Z", 1), (Times{"2024-03-29T09:00:00Z"}));
  EXPECT_EQ(runs("cron(0 0 29 2 ? *)", "2024-03-01T00:00:00Z", 1), (Times{"2028-02-29T00:00:00Z"}));
  EXPECT_EQ(runs("cron(0 0 ? * FRI#5 *)", "2024-03-01T00:00:00Z", 2),
            (Times{"2024-03-29T00:00:00Z", "2024-05-31T00:00:00Z"}));
  EXPECT_EQ(runs("cron(0 0 ? * L *)", "2024-03-01T00:00:00Z", 1), (Times{"2024-03-02T00:00:00Z"})) << "Saturday";
  EXPECT_EQ(runs("cron(0 0 ? * SAT-SUN *)", "2024-03-01T00:00:00Z", 3),
            (Times{"2024-03-02T00:00:00Z", "2024-03-03T00:00:00Z", "2024-03-09T00:00:00Z"}));
  EXPECT_EQ(runs("cron(1/10 0 1 1 ? 2030)", "2029-01-01T00:00:00Z", 3),
            (Times{"2030-01-01T00:01:00Z", "2030-01-01T00:11:00Z", "2030-01-01T00:21:00Z"}));
  EXPECT_EQ(runs("cron(0 0 31 2 ? *)", "2024-01-01T00:00:00Z", 1), Times{}) << "never";
  EXPECT_EQ(runs("cron(0 0 1 1 ? 2199)", "2199-01-01T00:00:00Z", 1), Times{}) << "never again";
}

TEST(Cron, KnowsTheEndOfTheMonth) {
  EXPECT_EQ(runs("cron(0 0 L-3 * ? *)", "2024-02-01T00:00:00Z", 2),
            (Times{"2024-02-26T00:00:00Z", "2024-03-28T00:00:00Z"}));
  // June 30, 2024 is a Sunday, August 31 a Saturday.
  EXPECT_EQ(runs("cron(0 0 LW 6,8 ? 2024)", "2024-01-01T00:00:00Z", 3),
            (Times{"2024-06-28T00:00:00Z", "2024-08-30T00:00:00Z"}));
  // March 3, 2024 is a Sunday, August 3 a Saturday.
  EXPECT_EQ(runs("cron(0 0 3W 3,8 ? 2024)", "2024-01-01T00:00:00Z", 3),
            (Times{"2024-03-04T00:00:00Z", "2024-08-02T00:00:00Z"}));
  EXPECT_THAT(wrong("cron(0 0 L-31 * ? *)"), HasSubstr("column 12: day-of-month: behind 'L-'"));
  EXPECT_THAT(wrong("cron(0 0 W * ? *)"), HasSubstr("is no number"));
}

// EventBridge Scheduler: what falls into the hour that clocks are put forward over is left out; what falls into the
// hour that they show twice runs once.
TEST(Cron, HoldsInATimeZone) {
  constexpr auto berlin = "Europe/Berlin", york = "America/New_York";
  EXPECT_EQ(runs("cron(0 9 * * ? *)", "2024-03-29T12:00:00Z", 3, berlin),
            (Times{"2024-03-30T08:00:00Z", "2024-03-31T07:00:00Z", "2024-04-01T07:00:00Z"}));
  EXPECT_EQ(runs("cron(30 2 * * ? *)", "2024-03-09T12:00:00Z", 2, york),
            (Times{"2024-03-11T06:30:00Z", "2024-03-12T06:30:00Z"}));
  EXPECT_EQ(runs("cron(30 1 * * ? *)", "2024-11-02T12:00:00Z", 2, york),
            (Times{"2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"}));
  EXPECT_EQ(runs("cron(0/30 * * * ? *)", "2024-11-03T05:00:00Z", 3, york),
            (Times{"2024-11-03T05:30:00Z", "2024-11-03T07:00:00Z", "2024-11-03T07:30:00Z"}));
  EXPECT_EQ(runs("cron(0 0 1 * ? *)", "2024-01-15T00:00:00Z", 1, "Asia/Kolkata"), (Times{"2024-01-31T18:30:00Z"}));
}

TEST(At, RunsOnce) {
  EXPECT_EQ(runs("at(2024-05-01T10:00:00)", "2024-01-01T00:00:00Z", 3), (Times{"2024-05-01T10:00:00Z"}));
  EXPECT_EQ(runs("at(2024-05-01T10:00:00)", "2024-01-01T00:00:00Z", 3, "Europe/Berlin"),
            (Times{"2024-05-01T08:00:00Z"}));
  EXPECT_EQ(runs("at(2024-03-10T02:30:00)", "2024-01-01T00:00:00Z", 3, "America/New_York"), Times{}) << "no such time";
  EXPECT_THAT(wrong("at(tomorrow)"), HasSubstr("column 4: a time is like"));
}

TEST(Rate, CountsFromWhenItWasMade) {
  EXPECT_EQ(runs("rate(5 minutes)", "2024-02-28T23:53:30Z", 2),
            (Times{"2024-02-28T23:58:30Z", "2024-02-29T00:03:30Z"}));
  EXPECT_EQ(runs("rate(1 hour)", "2024-02-28T23:53:30Z", 1), (Times{"2024-02-29T00:53:30Z"}));
  EXPECT_EQ(runs("rate(7 days)", "2024-02-28T23:53:30Z", 1), (Times{"2024-03-06T23:53:30Z"}));
  auto daily = Schedule::parse("rate(1 day)").value();
  EXPECT_EQ(daily.next(at("2024-03-05T10:00:00Z"), at("2024-03-01T12:00:00Z"))->iso_seconds(), "2024-03-05T12:00:00Z");
}

TEST(Expressions, AreRefusedWithTheirPlace) {
  EXPECT_THAT(wrong("every 5 minutes"), HasSubstr("rate(…), cron(…) or at(…)"));
  EXPECT_THAT(Schedule::parse("rate(1 day)", "Europe/Berlin").error().message, HasSubstr("in no time zone"));
  EXPECT_THAT(Schedule::parse("cron(0 10 * * ? *)", "Berlin").error().message, HasSubstr("'Berlin' is no time zone"));
  EXPECT_THAT(wrong("rate(1 minutes)"), HasSubstr("column 8: the unit of 1 is minute"));
  EXPECT_THAT(wrong("rate(5 minute)"), HasSubstr("column 8: the unit of 5 is minutes"));
  for (auto [scheduler, rules] : {std::pair{"rate(1 hours)", "rate(1 hour)"},
                                  {"rate(5 minute)", "rate(5 minutes)"},
                                  {"rate(1 day)", "rate(1 day)"},
                                  {"cron(0 10 ? * 6L *)", "cron(0 10 ? * 6L *)"}})
    EXPECT_EQ(as_of_rules(scheduler), rules);
  EXPECT_FALSE(Schedule::parse(as_of_rules("rate(5 weeks)")));
  EXPECT_FALSE(Schedule::parse(as_of_rules("rate(0 hours)")));
  EXPECT_THAT(wrong("rate(0 minutes)"), HasSubstr("column 6"));
  EXPECT_THAT(wrong("rate(-1 minutes)"), HasSubstr("column 6"));
  EXPECT_THAT(wrong("rate(5 weeks)"), HasSubstr("column 8: the unit is"));
  EXPECT_THAT(wrong("rate(5)"), HasSubstr("a number and a unit"));
  EXPECT_THAT(wrong("cron(0 10 * * *)"), HasSubstr("six fields"));
  EXPECT_THAT(wrong("cron(0 10 * * * *)"), HasSubstr("exactly one of day-of-month and day-of-week must be '?'"));
  EXPECT_THAT(wrong("cron(0 10 ? * ? *)"), HasSubstr("exactly one of"));
  EXPECT_THAT(wrong("cron(60 10 * * ? *)"), HasSubstr("column 6: minutes: 60 is not from 0 to 59"));
  EXPECT_THAT(wrong("cron(0 24 * * ? *)"), HasSubstr("column 8: hours: 24"));
  EXPECT_THAT(wrong("cron(0 10 * 13 ? *)"), HasSubstr("column 13: month: 13"));
  EXPECT_THAT(wrong("cron(0 10 ? * 0 *)"), HasSubstr("day-of-week: 0 is not from 1 to 7"));
  EXPECT_THAT(wrong("cron(0 10 ? * MO *)"), HasSubstr("'MO' is no number"));
  EXPECT_THAT(wrong("cron(0 10 ? * 3#6 *)"), HasSubstr("from 1 to 5"));
  EXPECT_THAT(wrong("cron(0 10 ? * 3#1,6#3 *)"), HasSubstr("one number from 1 to 5"));
  EXPECT_THAT(wrong("cron(0 10 * * ? 1969)"), HasSubstr("year: 1969 is not from 1970 to 2199"));
  EXPECT_THAT(wrong("cron(0 10 * * ? 2022-2020)"), HasSubstr("ends before it begins"));
  EXPECT_THAT(wrong("cron(0/0 10 * * ? *)"), HasSubstr("column 8: minutes: this is no step"));
  EXPECT_THAT(wrong("cron(, 10 * * ? *)"), HasSubstr("is no number"));
  EXPECT_THAT(wrong("cron(? 10 * * ? *)"), HasSubstr("minutes: '?' is no number"));
}

}  // namespace
}  // namespace aright::bus
