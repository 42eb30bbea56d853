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

TEST_F(ALine, IsOneOrderForAllLimits) {
  const Limit other{.of = Limit::Of::type, .starts = 1, .window = seconds(50)};
  const Limit narrow{.of = Limit::Of::everything, .starts = 1, .window = seconds(60)};
  auto held = [&](const std::string& who, Timestamp at, const std::vector<Timestamp>& starts) {
    auto one = slots.held_by(narrow, "everything", 1, starts, who, at);
    auto two = slots.held_by(other, "type", 1, starts, who, at);
    auto until = std::max(one ? one->until : at, two ? two->until : at);
    if (until != at) slots.waits_until(who, until);
    return until;
  };
  std::vector<std::string> order;
  std::vector<Timestamp> starts{morning};
  std::map<std::string, Timestamp> due{{"a", morning}, {"b", morning}, {"c", morning}, {"d", morning}};
  for (auto now = morning; !due.empty() && now < morning + seconds(3600); now = now + seconds(1))
    for (auto who : {"d", "b", "a", "c"}) {
      auto one = due.find(who);
      if (one == due.end() || one->second > now) continue;
      one->second = held(who, now, starts);
      if (one->second > now) continue;
      order.push_back(who);
      starts.insert(starts.begin(), now);
      slots.leave(who);
      due.erase(one);
    }
  EXPECT_EQ(order, (std::vector<std::string>{"d", "b", "a", "c"})) << "as they came";
  EXPECT_EQ(starts.front(), morning + seconds(240)) << "one each minute";
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
