// When a weekly maintenance window opens next.
#include "sandbox/window.h"

#include <gtest/gtest.h>

namespace aright::sandbox {
namespace {

std::string next(std::string_view window, std::string_view now) {
  return next_opening(window, *parse_timestamp(now)).iso_seconds();
}

TEST(Window, OpensOnTheNextDayThatItNames) {
  EXPECT_EQ(next("sun:05:00-sun:05:30", "2024-05-01T10:00:00Z"),
            "2024-05-05T05:00:00Z");  // a Wednesday
  EXPECT_EQ(next("Wed:23:45-Thu:00:15", "2024-05-01T10:00:00Z"), "2024-05-01T23:45:00Z");
}

TEST(Window, OpensNextWeekWhenItHasBeenOpenThisWeek) {
  EXPECT_EQ(next("wed:09:59-wed:10:30", "2024-05-01T10:00:00Z"), "2024-05-08T09:59:00Z");
  EXPECT_EQ(next("wed:10:00-wed:10:30", "2024-05-01T10:00:00Z"), "2024-05-01T10:00:00Z");
}

TEST(Window, ThatIsNoneOpensInAWeek) {
  EXPECT_EQ(next("whenever", "2024-05-01T10:00:00Z"), "2024-05-08T10:00:00Z");
}

}  // namespace
}  // namespace aright::sandbox
