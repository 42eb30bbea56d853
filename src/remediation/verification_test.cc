#include "remediation/verification.h"

#include <gtest/gtest.h>

namespace aright::remediation {
namespace {

constexpr Timestamp now{1'000'000'000'000};

State fixed() {
  State state;
  state.succeeded = true;
  state.attempts = 1;
  state.attempted_at = {now - seconds(5)};
  return state;
}

Look good_look() { return {.evaluation = {rules::Compliance::compliant, "It is met."}}; }
Look bad_look() { return {.evaluation = {rules::Compliance::non_compliant, "It is not met."}}; }

template <typename T>
T as(const Conclusion& conclusion) {
  EXPECT_TRUE(std::holds_alternative<T>(conclusion)) << conclusion.index();
  const auto* found = std::get_if<T>(&conclusion);
  return found ? *found : T{};
}

TEST(AFix, IsGoodAtOnceWithoutSoakTime) { as<IsGood>(conclusion(fixed(), good_look(), {}, now)); }

TEST(AFix, HasToStayGoodForItsSoakTime) {
  Care care{.soak = seconds(600), .every = seconds(60)};
  EXPECT_EQ(as<LookAgain>(conclusion(fixed(), good_look(), care, now)).at, now + seconds(60));
  auto soaking = fixed();
  soaking.good_since = now - seconds(570);
  EXPECT_EQ(as<LookAgain>(conclusion(soaking, good_look(), care, now)).at, now + seconds(30));
  soaking.good_since = now - seconds(600);
  as<IsGood>(conclusion(soaking, good_look(), care, now));
}

TEST(AFix, ThatDidNotLastIsLookedAtAgainAndIsBadThen) {
  Care care{.soak = seconds(600)};
  auto state = fixed();
  state.good_since = now - seconds(60);
  state.was_good = true;
  state.attempts_max = 5;
  EXPECT_EQ(as<LookAgain>(conclusion(state, bad_look(), care, now)).at, now + first_look_pause);
  state.looks = looks_max - 1;
  EXPECT_EQ(as<IsBad>(conclusion(state, bad_look(), care, now)).reason, "it did not last: It is not met.");
}

TEST(AFix, ThatIsNotYetMetIsTriedAgainWhileItMay) {
  auto state = fixed();
  state.looks = looks_max - 1;
  state.attempts_max = 2;
  state.retry_after = seconds(30);
  state.plan = Plan{.unrehearsed = {"something"}};
  EXPECT_EQ(as<TryAgain>(conclusion(state, bad_look(), {}, now)).due, now + seconds(30));
  state.attempts = 2;
  EXPECT_FALSE(as<IsBad>(conclusion(state, bad_look(), {}, now)).demotes);
}

TEST(AFix, IsTakenBackOnlyWhenItWasLookedAtForLongerThanReadsAreOld) {
  const Care care{.take_back = true};
  auto state = fixed();
  auto at = now;
  for (; state.looks + 1 < looks_before_rollback; ++state.looks)
    at = as<LookAgain>(conclusion(state, bad_look(), care, at)).at;
  EXPECT_GT(at, now + seconds(120));
  EXPECT_EQ(as<IsBad>(conclusion(state, bad_look(), care, at)).reason, "the fix does not make the resource compliant");
}

TEST(AFix, ThatDoesHarmIsTakenBackSooner) {
  const Care care{.take_back = true};
  auto state = fixed();
  state.looks = looks_max - 1;
  as<LookAgain>(conclusion(state, bad_look(), care, now));
  auto harmed = good_look();
  harmed.unhealthy = "the check 'shop' fails: it answered 503";
  as<IsBad>(conclusion(state, harmed, care, now));
}

TEST(AFix, ThatMadeAnotherControlWorseIsBadAtOnce) {
  auto look = good_look();
  look.worse = "restricted-ssh";
  auto bad = as<IsBad>(conclusion(fixed(), look, {}, now));
  EXPECT_EQ(bad.reason, "the fix made restricted-ssh non-compliant");
  EXPECT_TRUE(bad.demotes);
}

TEST(AFix, AfterWhichACheckFailsIsBadWhenTheCheckKeepsFailing) {
  auto look = good_look();
  look.unhealthy = "the check 'shop' fails: it answered 503";
  auto state = fixed();
  as<LookAgain>(conclusion(state, look, {}, now));
  state.looks = looks_max - 1;
  auto bad = as<IsBad>(conclusion(state, look, {}, now));
  EXPECT_EQ(bad.reason, "after the fix, the check 'shop' fails: it answered 503");
  EXPECT_TRUE(bad.demotes);
}

TEST(AFix, ThatTheServiceMakesLaterIsWaitedForAWeekAndADay) {
  auto look = bad_look();
  look.pending = true;
  auto state = fixed();
  state.looks = looks_max;
  EXPECT_EQ(as<LookAgain>(conclusion(state, look, {}, now)).at, now + pending_look_pause);
  state.attempted_at = {now - pending_wait_max};
  as<IsBad>(conclusion(state, look, {}, now));
}

TEST(AFix, ThatIsNotAllowedIsNotTriedAgain) {
  auto state = fixed();
  state.succeeded = false;
  state.attempts_max = 5;
  state.plan = Plan{.unrehearsed = {"something"}};
  state.last_error = "Close: An error occurred (ThrottlingException) when calling PutPublicAccessBlock";
  as<TryAgain>(conclusion(state, bad_look(), {}, now));
  state.last_error = "Close: An error occurred (AccessDenied) when calling PutPublicAccessBlock";
  as<IsBad>(conclusion(state, bad_look(), {}, now));
}

TEST(AFix, ThatAskedForWhatItsPlanDoesNotHoldIsNoneThoughTheControlIsMet) {
  auto state = fixed();
  state.violated = true;
  state.last_error = "AR-0004 denied: the sealed plan holds no such write: s3:DeleteBucket";
  state.attempts_max = 5;
  state.plan = Plan{.unrehearsed = {"something"}};
  for (const auto& look : {good_look(), bad_look()})
    EXPECT_EQ(as<IsBad>(conclusion(state, look, {}, now)).reason, "plan_violation: " + state.last_error);
}

TEST(AFix, WhoseExecutionFailedIsNotLookedAtTwice) {
  auto state = fixed();
  state.succeeded = false;
  state.last_error = "step Close failed";
  EXPECT_EQ(as<IsBad>(conclusion(state, bad_look(), {}, now)).reason, "step Close failed");
}

TEST(Cares, OfTheFirstThatIsAboutAFixHold) {
  std::vector<Care> cares{{.controls = {"rds-*"}, .soak = seconds(1)},
                          {.tags = {{"stage", "prod"}}, .soak = seconds(2)}};
  Candidate database{.control = "rds-multi-az-support", .severity = "", .resource = {}, .tags = {{"stage", "prod"}}};
  EXPECT_EQ(care_for(cares, database).soak, seconds(1));
  database.control = "restricted-ssh";
  EXPECT_EQ(care_for(cares, database).soak, seconds(2));
  database.tags.clear();
  EXPECT_EQ(care_for(cares, database).soak, seconds(0));
}

}  // namespace
}  // namespace aright::remediation
