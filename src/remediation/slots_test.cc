// The line of starts that one limit holds.

#include "remediation/slots.h"

#include <gtest/gtest.h>

namespace aright::remediation {
namespace {

constexpr Timestamp morning{1'700'000'000'000};
const Limit limit{.of = Limit::Of::everything, .starts = 2, .window = seconds(60)};

struct ALine : ::testing::Test {
  // How long it has to wait, in seconds; 0: it may start.
  std::int64_t wait(const std::string& who, Timestamp at = morning,
                    std::vector<Timestamp> starts = {morning, morning}) {
    auto hold = slots.held_by(limit, "everything", limit.starts, std::move(starts), who, at);
    return hold ? (hold->until.ms - at.ms) / 1000 : 0;
  }
  Slots slots;
};

TEST_F(ALine, GivesEachTheTimeAtWhichThereIsRoomForIt) {
  EXPECT_EQ(wait("a"), 60);
  EXPECT_EQ(wait("b"), 60);
  EXPECT_EQ(wait("c"), 120);
  EXPECT_EQ(wait("d"), 120);
  EXPECT_EQ(wait("e"), 180);
  EXPECT_EQ(wait("a"), 60) << "who asks again keeps its place";
  EXPECT_EQ(wait("c"), 120);
}

TEST_F(ALine, LetsGoThoseWhoseTimeItIsAndNoOther) {
  for (auto who : {"a", "b", "c", "d"}) wait(who);
  auto later = morning + seconds(60);
  EXPECT_EQ(wait("a", later), 0);
  slots.leave("a");
  EXPECT_EQ(wait("b", later, {later, morning, morning}), 0);
  slots.leave("b");
  EXPECT_EQ(wait("c", later, {later, later, morning, morning}), 60);
}

TEST_F(ALine, LetsNobodyPastWhoComesLater) {
  for (auto who : {"a", "b", "c"}) wait(who);
  auto later = morning + seconds(61);
  EXPECT_EQ(wait("new", later), 60) << "beside the third, when the first two have started";
  EXPECT_EQ(wait("a", later), 0);
}

TEST_F(ALine, ForgetsWhoDidNotComeAtItsTime) {
  for (auto who : {"a", "b", "c"}) wait(who);
  EXPECT_EQ(wait("new", morning + seconds(121) + slot_grace), 0);
}

TEST_F(ALine, IsEmptyAfterThePolicyChanged) {
  for (auto who : {"a", "b", "c"}) wait(who);
  slots.clear();
  EXPECT_EQ(wait("d"), 60);
}

TEST_F(ALine, IsOneForEachThatALimitCounts) {
  EXPECT_EQ(wait("a"), 60);
  EXPECT_EQ(wait("b"), 60);
  EXPECT_FALSE(slots.held_by(limit, "account:1", limit.starts, {morning}, "c", morning));
}

}  // namespace
}  // namespace aright::remediation
