#include "calendar/calendar.h"

#include <gtest/gtest.h>

namespace aright::calendar {
namespace {

// Events of a calendar, each a list of lines.
Result<Calendar> calendar_of(const std::string& events) {
  std::string text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//test//EN\r\n" + events + "END:VCALENDAR\r\n";
  return Calendar::parse(text);
}

std::string event(const std::string& lines) {
  return "BEGIN:VEVENT\r\nUID:1@example.com\r\nDTSTAMP:20240101T000000Z\r\n" + lines + "END:VEVENT\r\n";
}

// "summary until end" of what is under way; "" when nothing is.
std::string under_way(const Result<Calendar>& calendar, std::string_view instant) {
  EXPECT_TRUE(calendar) << calendar.error().message;
  auto span = calendar->at(*parse_timestamp(instant));
  return span ? span->summary + " until " + span->until.iso_seconds() : "";
}

TEST(ACalendar, TellsTheEventUnderWayUntilTheInstantOfItsEnd) {
  auto calendar = calendar_of(
      event("SUMMARY:year end\r\nDTSTART:20241220T000000Z\r\nDTEND:20250104T000000Z\r\n"));
  EXPECT_EQ(under_way(calendar, "2024-12-19T23:59:59Z"), "");
  EXPECT_EQ(under_way(calendar, "2024-12-20T00:00:00Z"), "year end until 2025-01-04T00:00:00Z");
  EXPECT_EQ(under_way(calendar, "2025-01-03T23:59:59Z"), "year end until 2025-01-04T00:00:00Z");
  EXPECT_EQ(under_way(calendar, "2025-01-04T00:00:00Z"), "");
}

TEST(ACalendar, RepeatsWhatRecursAndLeavesOutItsExceptions) {
  auto calendar = calendar_of(event("SUMMARY:weekend\r\nDTSTART:20240105T180000Z\r\nDTEND:20240108T060000Z\r\n"
                                    "RRULE:FREQ=WEEKLY\r\nEXDATE:20240510T180000Z\r\n"));
  EXPECT_EQ(under_way(calendar, "2024-05-03T17:00:00Z"), "");  // a Friday
  EXPECT_EQ(under_way(calendar, "2024-05-04T12:00:00Z"), "weekend until 2024-05-06T06:00:00Z");
  EXPECT_EQ(under_way(calendar, "2024-05-11T12:00:00Z"), "");
  EXPECT_EQ(under_way(calendar, "2024-05-18T12:00:00Z"), "weekend until 2024-05-20T06:00:00Z");
}

TEST(ACalendar, KeepsTheHoursOfItsTimeZoneInSummerAndInWinter) {
  auto zone =
      "BEGIN:VTIMEZONE\r\nTZID:Berlin\r\n"
      "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
      "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n"
      "BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
      "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";
  auto calendar = calendar_of(zone + event("SUMMARY:trading\r\nDTSTART;TZID=Berlin:20240102T090000\r\n"
                                           "DTEND;TZID=Berlin:20240102T173000\r\nRRULE:FREQ=DAILY\r\n"));
  EXPECT_EQ(under_way(calendar, "2024-01-10T07:30:00Z"), "");
  EXPECT_EQ(under_way(calendar, "2024-01-10T08:30:00Z"), "trading until 2024-01-10T16:30:00Z");
  EXPECT_EQ(under_way(calendar, "2024-07-10T07:30:00Z"), "trading until 2024-07-10T15:30:00Z");
}

TEST(ACalendar, CountsWholeDaysAndOfSeveralEventsTheOneThatEndsLast) {
  auto calendar = calendar_of(event("SUMMARY:day\r\nDTSTART;VALUE=DATE:20240501\r\nDTEND;VALUE=DATE:20240502\r\n") +
                              event("SUMMARY:hour\r\nDTSTART:20240501T100000Z\r\nDTEND:20240501T110000Z\r\n") +
                              event("SUMMARY:never\r\nSTATUS:CANCELLED\r\nDTSTART:20240501T100000Z\r\n"
                                    "DTEND:20240601T110000Z\r\n"));
  EXPECT_EQ(under_way(calendar, "2024-05-01T10:30:00Z"), "day until 2024-05-02T00:00:00Z");
  EXPECT_EQ(under_way(calendar, "2024-05-01T23:59:59Z"), "day until 2024-05-02T00:00:00Z");
  EXPECT_EQ(under_way(calendar, "2024-05-02T00:00:00Z"), "");
}

TEST(ACalendar, IsRefusedWhenItCannotBeRead) {
  auto refusal = [](const Result<Calendar>& calendar) { return calendar ? "" : calendar.error().message; };
  EXPECT_EQ(refusal(Calendar::parse("freeze: always")),
            "this is no iCalendar file: it has to begin with BEGIN:VCALENDAR");
  EXPECT_EQ(refusal(Calendar::parse("")), "this is no iCalendar file: it has to begin with BEGIN:VCALENDAR");
  EXPECT_EQ(refusal(calendar_of(event("SUMMARY:when?\r\n"))), "an event of the calendar has no DTSTART");
  EXPECT_EQ(refusal(calendar_of(event("DTSTART:the first of May\r\n"))),
            "1 properties of the calendar cannot be read");
  EXPECT_EQ(refusal(Calendar::parse(std::string(text_bytes_max + 1, ' '))), "a calendar has at most 1048576 bytes");
}

}  // namespace
}  // namespace aright::calendar
