#include "remediation/brakes.h"

#include <gmock/gmock.h>

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;

const Timestamp midday{1'700'000'000'000};

Candidate candidate() {
  return {.control = "public",
          .severity = "high",
          .resource = {.account = "1", .region = "r", .type = "AWS::S3::Bucket", .id = "x"},
          .tags = {{"environment", "prod"}}};
}

std::string reason(const std::optional<Hold>& hold) { return hold ? hold->reason : ""; }

Freeze freeze() { return {.name = "year end", .from = midday, .until = midday + seconds(60)}; }

std::vector<Outcome> failures(int count, Timestamp newest) {
  std::vector<Outcome> out;
  for (int i = 0; i < count; ++i) out.push_back({false, newest - seconds(i)});
  return out;
}

ledger::Entry said(const char* kind, Timestamp at, json::Object body) {
  return {.stream = "fnd_1", .kind = kind, .time = at, .body = std::move(body), .hash = ""};
}

}  // namespace

TEST(ALimit, HoldsUntilTheOldestOfItsStartsLeavesTheWindow) {
  Limit limit{.starts = 2, .window = seconds(60)};
  EXPECT_FALSE(held_by(limit, 2, {midday - seconds(1)}, midday));
  auto hold = held_by(limit, 2, {midday - seconds(1), midday - seconds(10), midday - seconds(11)}, midday);
  ASSERT_TRUE(hold);
  EXPECT_EQ(hold->until, midday + seconds(50));
  EXPECT_EQ(hold->reason, "the rate limit is met: starts in 60 s, by control: at most 2");
  EXPECT_FALSE(held_by(limit, 2, {midday - seconds(1), midday - seconds(60)}, midday));
}

TEST(ALimit, CountsEachValueOfItsKindByItself) {
  auto one = candidate().resource;
  EXPECT_EQ(count_key(Limit::Of::control, "public", one), "control:public");
  EXPECT_EQ(count_key(Limit::Of::region, "public", one), "region:1/r");
  EXPECT_EQ(count_key(Limit::Of::type, "public", one), "type:1/AWS::S3::Bucket");
  EXPECT_EQ(count_key(Limit::Of::service, "public", one), "service:1/AWS::S3");
  EXPECT_EQ(count_key(Limit::Of::everything, "public", one), "everything");
  EXPECT_EQ(count_keys("public", one).size(), 6u);
}

TEST(ALimit, ConcernsTheValuesThatItsPatternFits) {
  EXPECT_TRUE(concerns({.of = Limit::Of::type, .value = "AWS::S3::*"}, candidate()));
  EXPECT_FALSE(concerns({.of = Limit::Of::type, .value = "AWS::EC2::*"}, candidate()));
  EXPECT_FALSE(concerns({.of = Limit::Of::account, .value = "2"}, candidate()));
  EXPECT_TRUE(concerns({.of = Limit::Of::everything}, candidate()));
}

TEST(ALimit, OfAShareAllowsOneAtLeastAndOneOnlyOfWhatNobodyCounted) {
  Limit tenth{.percent = 10};
  EXPECT_EQ(starts_allowed(tenth, 250), 25);
  EXPECT_EQ(starts_allowed(tenth, 3), 1);
  EXPECT_EQ(starts_allowed(tenth, std::nullopt), 1);
  EXPECT_EQ(starts_allowed({.percent = 100}, 1'000'000), limit_starts_max);
}

TEST(AFreeze, HoldsFromItsFirstInstantToItsLast) {
  EXPECT_EQ(reason(frozen({freeze()}, candidate(), midday - milliseconds(1))), "");
  EXPECT_EQ(reason(frozen({freeze()}, candidate(), midday)), "the freeze 'year end' is on");
  EXPECT_EQ(reason(frozen({freeze()}, candidate(), midday + milliseconds(59'999))), "the freeze 'year end' is on");
  EXPECT_EQ(reason(frozen({freeze()}, candidate(), midday + seconds(60))), "");
}

TEST(AFreeze, HoldsWhatItIsAboutAndNothingElse) {
  auto freezes = [](auto change) {
    auto one = freeze();
    change(one);
    return reason(frozen({one}, candidate(), midday)) != "";
  };
  EXPECT_TRUE(freezes([](Freeze& f) { f.accounts = {"1*"}; }));
  EXPECT_FALSE(freezes([](Freeze& f) { f.accounts = {"2"}; }));
  EXPECT_TRUE(freezes([](Freeze& f) { f.tags = {{"environment", "prod*"}}; }));
  EXPECT_FALSE(freezes([](Freeze& f) { f.tags = {{"team", "web"}}; }));
  EXPECT_FALSE(freezes([](Freeze& f) { f.except_severities = {"critical", "high"}; }));
}

TEST(AFreeze, OfSeveralTheLongestCounts) {
  auto longer = freeze();
  longer.name = "audit";
  longer.until = midday + seconds(600);
  EXPECT_EQ(reason(frozen({freeze(), longer, freeze()}, candidate(), midday)), "the freeze 'audit' is on");
}

TEST(ABreaker, IsShutWhileOneOfTheLastFixesWasGood) {
  Breaker breaker{.failures = 3, .pause = seconds(100)};
  EXPECT_FALSE(is_open(breaker, failures(2, midday)));
  auto mixed = failures(3, midday);
  mixed[2].good = true;
  EXPECT_FALSE(is_open(breaker, mixed));
  EXPECT_TRUE(is_open(breaker, failures(3, midday)));
  EXPECT_FALSE(is_open({.failures = 0}, failures(3, midday)));
}

TEST(ABreaker, HoldsForItsPauseAndThenLetsOneGoAsATrial) {
  Breaker breaker{.failures = 3, .pause = seconds(100)};
  auto failed = failures(3, midday);
  auto hold = held_by(breaker, failed, midday - seconds(5), midday + seconds(99));
  ASSERT_TRUE(hold);
  EXPECT_EQ(hold->until, midday + seconds(100));
  EXPECT_FALSE(hold->brief);
  EXPECT_FALSE(held_by(breaker, failed, midday - seconds(5), midday + seconds(100)));
  auto others = held_by(breaker, failed, midday + seconds(100), midday + seconds(101));
  ASSERT_TRUE(others);
  EXPECT_TRUE(others->brief);
  EXPECT_THAT(others->reason, HasSubstr("on trial"));
  // A trial that nobody hears of any more does not hold the control for ever.
  EXPECT_FALSE(held_by(breaker, failed, midday + seconds(100), midday + seconds(200)));
}

TEST(ABreaker, CountsWhatStartedAndNothingElse) {
  EXPECT_FALSE(outcome_of(said(entry::escalated, midday, {}), 0));
  EXPECT_FALSE(outcome_of(said(entry::verified, midday, {}), 1));
  EXPECT_TRUE(outcome_of(said(entry::resolved, midday, {}), 1)->good);
  EXPECT_FALSE(outcome_of(said(entry::retry_scheduled, midday, {}), 1)->good);
  EXPECT_FALSE(outcome_of(said(entry::escalated, midday, {}), 1)->good);
}

TEST(AFight, CountsTheRoundsThatWeWonAndLostAgain) {
  std::vector<ledger::Entry> finding{
      said(entry::finding_opened, midday, {{"remediation", "rem_1"}}),
      said(entry::finding_resolved, midday + seconds(1), {{"by", "rem_1"}}),
      said(entry::finding_reopened, midday + seconds(2), {{"remediation", "rem_2"}}),
      said(entry::finding_resolved, midday + seconds(3), {{"by", "rem_2"}}),
      said(entry::finding_reopened, midday + seconds(4), {{"remediation", "rem_3"}}),
  };
  EXPECT_EQ(rounds_fought(finding, midday), 2);
  EXPECT_EQ(rounds_fought(finding, midday + seconds(2)), 1);
}

TEST(AFight, IsNoneWithOthersAndNoneWithOurOwnRollback) {
  EXPECT_EQ(rounds_fought({said(entry::finding_resolved, midday, {{"by", "observed"}}),
                           said(entry::finding_reopened, midday, {{"remediation", "rem_2"}})},
                          midday),
            0);
  EXPECT_EQ(rounds_fought({said(entry::finding_resolved, midday, {{"by", "rem_1"}}),
                           said(entry::finding_reopened, midday, {{"remediation", "rem_1"}})},
                          midday),
            0);
}

// AWS's own example of ErrorPercentage: 40 % of ten resources.
TEST(APace, EndsWithTheFirstErrorAboveItsShare) {
  const Timestamp now{1'700'000'000'000};
  const FleetPace pace{.concurrent_percent = 100, .error_percent = 40};
  EXPECT_FALSE(held_by(pace, {.non_compliant = 10, .running = 0, .failed = 4}, now));
  auto hold = held_by(pace, {.non_compliant = 10, .running = 0, .failed = 5}, now);
  ASSERT_TRUE(hold);
  EXPECT_FALSE(hold->brief);
}

TEST(APace, LetsAShareStartAtOneTimeAndOneAtLeast) {
  const Timestamp now{1'700'000'000'000};
  const FleetPace pace{.concurrent_percent = 10, .error_percent = 50};
  EXPECT_FALSE(held_by(pace, {.non_compliant = 20, .running = 1, .failed = 0}, now));
  EXPECT_TRUE(held_by(pace, {.non_compliant = 20, .running = 2, .failed = 0}, now));
  EXPECT_FALSE(held_by(pace, {.non_compliant = 3, .running = 0, .failed = 0}, now));
  EXPECT_TRUE(held_by(pace, {.non_compliant = 3, .running = 1, .failed = 0}, now));
}

TEST(AFreeze, OfAScheduleIsOnForAWhileFromEachOfItsTimesOn) {
  Freeze weekends{.name = "weekends", .schedule = bus::Schedule::parse("cron(0 18 ? * FRI *)").value(),
                  .lasts = std::chrono::hours(60)};
  auto at = [](const char* text) { return parse_timestamp(text).value(); };
  EXPECT_FALSE(on_until(weekends, at("2026-11-27T17:59:00Z")));
  EXPECT_EQ(on_until(weekends, at("2026-11-27T18:00:00Z")), at("2026-11-30T06:00:00Z"));
  EXPECT_EQ(on_until(weekends, at("2026-11-30T05:59:59Z")), at("2026-11-30T06:00:00Z"));
  EXPECT_FALSE(on_until(weekends, at("2026-11-30T06:00:00Z")));
}

TEST(ALimit, OnWhatIsUnderWayHoldsTheNextOne) {
  Limit two{.of = Limit::Of::account, .running = 2};
  EXPECT_FALSE(held_by(two, 1, Timestamp{1'000}));
  auto held = held_by(two, 2, Timestamp{1'000});
  ASSERT_TRUE(held);
  EXPECT_EQ(held->reason, "2 are under way, by account: at most 2");
  EXPECT_TRUE(held->brief);
}

}  // namespace aright::remediation
