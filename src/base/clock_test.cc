#include "base/clock.h"

#include <gtest/gtest.h>

namespace aright {

TEST(Timestamp, PrintsAndParsesTheSameInstant) {
  auto time = parse_timestamp("2024-05-01T10:00:00.123Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(time->iso(), "2024-05-01T10:00:00.123Z");
  EXPECT_EQ(time->iso_seconds(), "2024-05-01T10:00:00Z");
}

TEST(Timestamp, UnderstandsOffsets) {
  EXPECT_EQ(parse_timestamp("2024-05-01T12:00:00+02:00")->ms, parse_timestamp("2024-05-01T10:00:00Z")->ms);
}

TEST(Timestamp, RefusesWhatIsNotATime) {
  for (auto text : {"", "2024", "2024-13-01T00:00:00Z", "2024-05-01T10:00:00", "2024-05-01T10:00:00Zx"})
    EXPECT_FALSE(parse_timestamp(text)) << text;
}

TEST(ScaledClock, RunsFaster) {
  VirtualClock below;
  ScaledClock clock(below, 60);
  auto start = clock.now();
  below.advance(seconds(1));
  EXPECT_EQ(clock.now() - start, seconds(60));
}

}  // namespace aright
