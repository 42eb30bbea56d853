#include "remediation/lanes.h"

#include <gmock/gmock.h>

#include <vector>

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LanesOfEightWorkers : public ::testing::Test {
 protected:
  Lanes::Pass enter(const std::string& account, const std::string& who) {
    return lanes.enter(account, "r", who);
  }
  // As many as may, of twenty.
  std::vector<Lanes::Pass> crowd(const std::string& account) {
    std::vector<Lanes::Pass> in;
    for (int i = 0; i < 20; ++i)
      if (auto pass = enter(account, account + std::to_string(i))) in.push_back(std::move(pass));
    return in;
  }

  VirtualClock clock;
  std::vector<std::string> called;
  Lanes lanes{8, clock, [this](const std::string& who) { called.push_back(who); }};
};

TEST_F(LanesOfEightWorkers, HoldNobodyUpWhereTurnsAreShort) {
  EXPECT_EQ(crowd("a").size(), 20U);
  EXPECT_EQ(crowd("b").size(), 20U);
}

TEST_F(LanesOfEightWorkers, LeaveAQuarterToOthersWhereOneSlowAccountIsAlone) {
  auto first = enter("a", "first");
  clock.advance(slow_turn);  // and it is not through yet
  EXPECT_EQ(crowd("a").size(), 5U);
}

TEST_F(LanesOfEightWorkers, GiveEachSlowAccountItsShare) {
  std::vector<Lanes::Pass> in;
  for (const auto* account : {"a", "b", "c", "d"})
    in.push_back(enter(account, "first"));
  clock.advance(slow_turn);
  for (const auto* account : {"a", "b", "c", "d"})
    EXPECT_EQ(crowd(account).size(), 1U) << account;
}

TEST_F(LanesOfEightWorkers, LetOneInOfEachAccountHoweverManyThereAre) {
  std::vector<Lanes::Pass> in;
  for (int i = 0; i < 100; ++i) {
    clock.advance(slow_turn);
    in.push_back(enter(std::to_string(i), "first"));
    EXPECT_TRUE(in.back()) << i;
  }
}

TEST_F(LanesOfEightWorkers, CallThoseThatWaitOneAfterTheOther) {
  {
    auto first = enter("a", "first");
    clock.advance(slow_turn);
    auto in = crowd("a");
    EXPECT_THAT(called, IsEmpty());
    in.pop_back();
    in.pop_back();
    EXPECT_THAT(called, ElementsAre("a5", "a6"));
    EXPECT_TRUE(enter("a", "a5"));
  }
}

TEST_F(LanesOfEightWorkers, KeepThePlaceOfWhoWasCalledAndFoundItTaken) {
  auto first = enter("a", "first");
  clock.advance(slow_turn);
  auto in = crowd("a");
  in.pop_back();
  auto faster = enter("a", "another");
  ASSERT_TRUE(faster);
  EXPECT_FALSE(enter("a", "a5"));
  in.pop_back();
  EXPECT_THAT(called, ElementsAre("a5", "a5"));
}

TEST_F(LanesOfEightWorkers, ForgetThatAnAccountWasSlowWhenItHasNothingMoreToDo) {
  {
    auto first = enter("a", "first");
    clock.advance(slow_turn * 8);
  }
  EXPECT_EQ(crowd("a").size(), 20U);
}

}  // namespace
}  // namespace aright::remediation
