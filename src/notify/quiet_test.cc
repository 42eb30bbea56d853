// Quiet hours: when they hold and when they end, by the clocks of one place.

#include "notify/quiet.h"

#include <gtest/gtest.h>

namespace aright::notify {
namespace {

Timestamp at(const char* text) { return parse_timestamp(text).value(); }

Quiet quiet(std::vector<const char*> hours, std::vector<const char*> days = {}, const char* zone = "Europe/Berlin") {
  Quiet out{.zone = calendar::Zone::find(zone).value()};
  for (const auto* text : hours) out.hours.push_back(parse_quiet_hours(text).value());
  for (const auto* text : days) out.days.insert(parse_weekday(text).value());
  return out;
}

std::string until(const Quiet& quiet, const char* now, std::string_view kind = "resolved") {
  auto end = quiet_until(quiet, kind, at(now));
  return end ? end->iso_seconds() : "";
}

TEST(QuietHours, HoldOverMidnightOnTheClocksOfTheirPlace) {
  auto nights = quiet({"22:00-07:00"});  // Berlin is an hour ahead of UTC in winter, two in summer
  EXPECT_EQ(until(nights, "2025-01-15T20:59:59Z"), "");
  EXPECT_EQ(until(nights, "2025-01-15T21:00:00Z"), "2025-01-16T06:00:00Z");
  EXPECT_EQ(until(nights, "2025-01-16T05:59:59Z"), "2025-01-16T06:00:00Z");
  EXPECT_EQ(until(nights, "2025-01-16T06:00:00Z"), "") << "the end is not quiet any more";
  EXPECT_EQ(until(nights, "2025-07-15T20:00:00Z"), "2025-07-16T05:00:00Z");
}

TEST(QuietHours, HoldOnWholeDaysAndGoOnIntoTheNightThatFollows) {
  auto weekends = quiet({"20:00-08:00"}, {"saturday", "sun"}, "UTC");
  EXPECT_EQ(until(weekends, "2025-01-17T19:00:00Z"), "") << "Friday";
  EXPECT_EQ(until(weekends, "2025-01-17T21:00:00Z"), "2025-01-20T08:00:00Z") << "until Monday morning";
  EXPECT_EQ(until(weekends, "2025-01-19T12:00:00Z"), "2025-01-20T08:00:00Z");
  EXPECT_EQ(until(quiet({}, {"sunday"}, "UTC"), "2025-01-19T12:00:00Z"), "2025-01-20T00:00:00Z");
}

TEST(QuietHours, KnowDaysThatAreShorterAndLonger) {
  // Clocks go from 02:00 to 03:00 on the 30th of March, and from 03:00 back to 02:00 on the 26th of October.
  EXPECT_EQ(until(quiet({"22:00-02:30"}), "2025-03-29T23:00:00Z"), "2025-03-30T01:00:00Z") << "02:30 never comes";
  EXPECT_EQ(until(quiet({"22:00-07:00"}), "2025-03-29T23:00:00Z"), "2025-03-30T05:00:00Z");
  EXPECT_EQ(until(quiet({"22:00-02:30"}), "2025-10-25T23:00:00Z"), "2025-10-26T00:30:00Z");
  EXPECT_EQ(until(quiet({"22:00-02:30"}), "2025-10-26T01:15:00Z"), "2025-10-26T01:30:00Z") << "02:15 once more";
}

TEST(QuietHours, LetPassWhatMayDisturb) {
  auto nights = quiet({"22:00-07:00"});
  nights.except = {"escalated"};
  EXPECT_EQ(until(nights, "2025-01-15T23:00:00Z", "escalated"), "");
  EXPECT_NE(until(nights, "2025-01-15T23:00:00Z", "resolved"), "");
}

TEST(QuietHours, AreReadStrictly) {
  EXPECT_EQ(parse_quiet_hours("22:00 - 07:15").value(), (Quiet::Span{22 * 60, 7 * 60 + 15}));
  for (const auto* wrong :
       {"", "22-7", "22:00", "24:00-07:00", "22:60-07:00", "07:00-07:00", "22:00-7:00", "a2:00-07:00"})
    EXPECT_FALSE(parse_quiet_hours(wrong)) << wrong;
  EXPECT_EQ(parse_weekday("Saturday").value(), 6);
  EXPECT_FALSE(parse_weekday("weekend"));
}

TEST(QuietHours, LeaveSomeTimeOfTheWeek) {
  EXPECT_TRUE(leaves_time(quiet({"22:00-07:00"}, {"sat", "sun"})));
  EXPECT_FALSE(leaves_time(quiet({"00:00-12:00", "12:00-00:00"})));
  EXPECT_FALSE(leaves_time(quiet({}, {"mon", "tue", "wed", "thu", "fri", "sat", "sun"})));
}

}  // namespace
}  // namespace aright::notify
