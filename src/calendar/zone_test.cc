// Expected instants from the published dates of daylight saving time.
#include "calendar/zone.h"

#include <gtest/gtest.h>

namespace aright::calendar {
namespace {

Timestamp at(std::string_view iso) { return parse_timestamp(iso).value(); }

// What clocks of the zone show, written as if it were UTC; and the first instant when they do.
std::string shown(const Zone& zone, std::string_view instant) {
  return Timestamp{zone.shown_at(at(instant))}.iso_seconds();
}
std::string first(const Zone& zone, std::string_view shown) {
  auto instant = zone.first_when(at(shown).ms);
  return instant ? instant->iso_seconds() : "";
}

TEST(AZone, KnowsSummerAndWinter) {
  auto berlin = Zone::find("Europe/Berlin").value();
  EXPECT_EQ(shown(berlin, "2024-01-15T12:00:00Z"), "2024-01-15T13:00:00Z");
  EXPECT_EQ(shown(berlin, "2024-07-15T12:00:00Z"), "2024-07-15T14:00:00Z");
  EXPECT_EQ(first(berlin, "2024-07-15T14:00:00Z"), "2024-07-15T12:00:00Z");
  auto kolkata = Zone::find("Asia/Kolkata").value();
  EXPECT_EQ(shown(kolkata, "2024-01-15T12:00:00Z"), "2024-01-15T17:30:00Z");
  EXPECT_EQ(first(Zone::find("UTC").value(), "2024-01-15T12:00:00Z"), "2024-01-15T12:00:00Z");
}

TEST(AZone, PutsClocksForwardOverAnHourAndBackIntoOne) {
  auto york = Zone::find("America/New_York").value();
  EXPECT_EQ(first(york, "2024-03-10T02:30:00Z"), "") << "clocks go from 2:00 to 3:00";
  EXPECT_EQ(first(york, "2024-03-10T03:00:00Z"), "2024-03-10T07:00:00Z");
  EXPECT_EQ(first(york, "2024-11-03T01:30:00Z"), "2024-11-03T05:30:00Z") << "the first of two";
  EXPECT_EQ(shown(york, "2024-11-03T06:30:00Z"), "2024-11-03T01:30:00Z") << "the second";
  EXPECT_EQ(first(york, "2024-11-03T02:00:00Z"), "2024-11-03T07:00:00Z");
}

TEST(AZone, IsOneOfTheSystemsByName) {
  for (auto name : {"", "Berlin", "europe/berlin/", "../../etc/passwd", "Mars/Base"})
    EXPECT_EQ(Zone::find(name).error().code, Errc::not_found) << name;
}

}  // namespace
}  // namespace aright::calendar
