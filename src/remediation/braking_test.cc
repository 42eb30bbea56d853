// The brakes in the story: what waits, what is told, and what goes on by itself.

#include <gmock/gmock.h>

#include "base/file.h"
#include "ledger/outbox.h"
#include "remediation/notices.h"
#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// With a runbook that sets nothing right.
constexpr auto in_vain = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Label
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 1
breaker: {failures: 2, pause_s: 600}
notify: [{name: team, webhook: "https://example.com/hook", on: [escalated]}]
)";

constexpr std::size_t listed_max = 100;

class Braking : public ::testing::Test, protected World {
 protected:
  std::string stage_of(std::string_view bucket) { return std::string(name(of(bucket).stage)); }
  std::string last_reason(std::string_view bucket) { return of(bucket).reasons.back(); }
  void open_again(const std::string& bucket) {
    somebody("s3:DeletePublicAccessBlock", fmt::format(R"({{"Bucket": "{}"}})", bucket));
  }
  // Subjects of the messages that wait to be sent.
  std::vector<std::string> subjects() {
    std::vector<std::string> out;
    EXPECT_TRUE(ledger->database().transact([&](store::Transaction& tx) -> Result<> {
      auto later = clock.now() + std::chrono::hours(1);
      auto claims = TRY(ledger::outbox::claim(tx, outbox_channel, later, seconds(1), listed_max));
      for (auto& claim : claims) out.push_back(json::text(json::at(claim.message.body, "notice"), "subject", ""));
      return {};
    }));
    return out;
  }
};

}  // namespace

TEST_F(Braking, ALimitOfAnAccountHoldsBackAllOfItsControls) {
  open(std::string(automatic) + "limits: [{account: \"*\", starts: 1, window_s: 60}]\n");
  make_public_bucket("logs");
  make_public_bucket("press");
  scan_and_settle();
  EXPECT_EQ(stage_of("logs") == "resolved", stage_of("press") == "deferred");
  pass(seconds(62));
  EXPECT_EQ(stage_of("logs"), "resolved");
  EXPECT_EQ(stage_of("press"), "resolved");
}

// Each that is held says so once, and wakes when there is room for it: twice as many write twice as much.
TEST_F(Braking, WhatOneLimitHoldsStartsInOrderAndSaysSoOnce) {
  auto written = [&](int held) {
    open(std::string(automatic) + "limits: [{everything: true, starts: 2, window_s: 60}]\n");
    cloud.clear_calls();
    for (int i = 0; i < held + 2; ++i) make_public_bucket(fmt::format("held-{}-{:03}", held, i));
    auto before = ledger->size();
    scan_and_settle();
    pass(seconds(60) * (held / 2) + seconds(10));
    std::size_t deferrals = 0, resolved = 0;
    for (const auto& state : remediations()) {
      deferrals += count(state, entry::deferred);
      resolved += name(state.stage) == "resolved";
    }
    EXPECT_EQ(resolved, static_cast<std::size_t>(held) + 2);
    EXPECT_EQ(deferrals, static_cast<std::size_t>(held)) << "one each";
    return ledger->size() - before;
  };
  auto few = written(12);
  auto many = written(24);
  EXPECT_LT(many, 2 * few + few / 4);
  RecordProperty("entries_of_12", static_cast<int>(few));
  RecordProperty("entries_of_24", static_cast<int>(many));
}

TEST_F(Braking, NoMoreWakeThanMayStart) {
  open(std::string(automatic) + "limits: [{everything: true, starts: 1, window_s: 60}]\n");
  for (int i = 0; i < 6; ++i) make_public_bucket(fmt::format("held-{}", i));
  scan_and_settle();
  std::vector<Timestamp> until;
  for (const auto& state : remediations())
    if (const auto* deferred = std::get_if<Deferred>(&state.stage)) until.push_back(deferred->until);
  std::ranges::sort(until);
  ASSERT_EQ(until.size(), 5u);
  for (std::size_t i = 1; i < until.size(); ++i) EXPECT_GE(until[i] - until[i - 1], milliseconds(59'000)) << i;
}

TEST_F(Braking, ABrakeThatHoldsOnIsShownWithTheTimeThatItHoldsNow) {
  open(in_vain, {{"Label", labelling_runbook}});
  make_public_bucket("bucket-a");
  make_public_bucket("bucket-b");
  scan_and_settle();
  pass(seconds(120));
  for (auto bucket : {"bucket-c", "bucket-d", "bucket-e"}) make_public_bucket(bucket);
  scan_and_settle();
  pass(seconds(700));  // one was on trial, and failed: the pause began anew
  std::size_t deferrals = 0;
  for (const auto& state : remediations()) deferrals += count(state, entry::deferred);
  EXPECT_EQ(deferrals, 3u) << "each was told once";
  auto held = json::items(json::at(json::Value(engine->brakes().value()), "held"));
  ASSERT_EQ(held.size(), 2u);
  for (const auto& one : held) EXPECT_GT(parse_timestamp(json::text(one, "until", "")).value(), clock.now());
}

TEST_F(Braking, AShareOfWhatTheControlJudgesIsAllThatStarts) {
  open(std::string(automatic) + "limits: [{control: \"*\", percent: 20, window_s: 3600}]\n");
  for (auto name : {"a-1", "a-2", "a-3", "a-4", "a-5", "a-6", "a-7", "a-8", "a-9", "a-10"}) make_public_bucket(name);
  scan_and_settle();
  EXPECT_EQ(writes().size(), 2u);  // of ten
}

TEST_F(Braking, AFreezeHoldsUntilItEndsAndSaysItsName) {
  auto until = (clock.now() + seconds(600)).iso();
  open(std::string(automatic) +
       fmt::format("freezes: [{{name: year end, from: 2020-01-01T00:00:00Z, until: \"{}\"}}]\n", until));
  make_public_bucket("logs");
  scan_and_settle();
  EXPECT_EQ(stage(), "deferred");
  EXPECT_EQ(last_reason("logs"), "the freeze 'year end' is on");
  pass(seconds(599));
  EXPECT_THAT(writes(), IsEmpty());
  pass(seconds(2));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(Braking, AFreezeThatIsTakenOutOfThePolicyReleasesWhatItHeld) {
  open(std::string(automatic) +
       "freezes: [{name: year end, from: 2020-01-01T00:00:00Z, until: 2030-01-01T00:00:00Z}]\n");
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_EQ(stage(), "deferred");
  start();
  settle();
  EXPECT_EQ(stage(), "deferred");
  policy.brakes.freezes.clear();
  start();
  settle();
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(Braking, AFreezeHoldsBackNoRollback) {
  open(automatic);
  make_public_bucket("logs");
  scan_and_settle();
  policy.brakes.freezes.push_back({.name = "now", .from = clock.now(), .until = clock.now() + seconds(600)});
  ASSERT_TRUE(engine->roll_back(only().id, ana, "it broke the site"));
  settle();
  EXPECT_EQ(stage(), "rolled_back");
}

TEST_F(Braking, ABreakerOpensTellsItAndLetsOneGoAsATrial) {
  open(in_vain, {{"Label", labelling_runbook}});
  make_public_bucket("bucket-a");
  make_public_bucket("bucket-b");
  scan_and_settle();
  pass(seconds(120));
  EXPECT_EQ(stage_of("bucket-a"), "escalated");
  EXPECT_EQ(stage_of("bucket-b"), "escalated");
  EXPECT_THAT(subjects(), Contains(HasSubstr("The breaker of s3-bucket-public-read-prohibited is open")));

  make_public_bucket("bucket-c");
  make_public_bucket("bucket-d");
  scan_and_settle();
  EXPECT_EQ(stage_of("bucket-c"), "deferred");
  EXPECT_EQ(stage_of("bucket-d"), "deferred");
  EXPECT_THAT(last_reason("bucket-c"), HasSubstr("the breaker is open"));
  pass(seconds(605));
  auto tried = [&](std::string_view bucket) { return of(bucket).executions.size(); };
  EXPECT_EQ(tried("bucket-c") + tried("bucket-d"), 1u);
}

TEST_F(Braking, ABreakerShutsWhenItsTrialIsGood) {
  open(in_vain, {{"Label", labelling_runbook}});
  make_public_bucket("bucket-a");
  make_public_bucket("bucket-b");
  scan_and_settle();
  pass(seconds(120));
  policy.remediations.clear();  // the runbook was mended
  policy.decide.push_back({.name = "at once", .decision = Decision::automatic});
  make_public_bucket("bucket-c");
  make_public_bucket("bucket-d");
  scan_and_settle();
  EXPECT_EQ(stage_of("bucket-c"), "deferred");
  pass(seconds(700));
  EXPECT_EQ(stage_of("bucket-c"), "resolved");
  EXPECT_EQ(stage_of("bucket-d"), "resolved");
}

TEST_F(Braking, AFightIsLeftToAPersonWhoMayStillFix) {
  open(std::string(automatic) + "fights: {rounds: 2, window_s: 3600}\n");
  make_public_bucket("logs");
  for (int round = 0; round < 3; ++round) {
    scan_and_settle();
    pass(seconds(5));
    if (!blocked("logs")) break;
    open_again("logs");
  }
  auto last = remediations().back();
  EXPECT_EQ(name(last.stage), "closed");
  EXPECT_EQ(last.decision, Decision::manual);
  EXPECT_EQ(last.reasons.back(), "it was set right 2 times lately, and somebody undid it each time");
  EXPECT_FALSE(blocked("logs"));

  ASSERT_TRUE(engine->fix(last.finding, shown_hash(last.finding), ana));
  settle();
  EXPECT_TRUE(blocked("logs"));
}

TEST_F(Braking, IsTheSameAfterTheDocumentsWereMadeAgain) {
  open(in_vain, {{"Label", labelling_runbook}});
  make_public_bucket("bucket-a");
  make_public_bucket("bucket-b");
  scan_and_settle();
  pass(seconds(120));
  auto differences = compare_projections(*ledger, rules::Controls::embedded());
  ASSERT_TRUE(differences) << differences.error().message;
  EXPECT_THAT(*differences, IsEmpty());
}

// Found by the simulation: the older one was taken for the newest, and a start went through.
TEST_F(Braking, OfTwoOutcomesInOneInstantTheLaterOnTheLedgerIsTheNewest) {
  open(automatic);
  State state;
  state.control = public_read;
  state.executions = {ExecutionId::make(clock.now())};
  auto ends = [&](const char* stream, const char* kind, std::uint64_t position) {
    ledger::Entry entry{.position = position, .stream = stream, .sequence = 9, .kind = kind, .time = clock.now(),
                        .body = json::Object(), .hash = {}};
    ASSERT_TRUE(ledger->database().transact([&](store::Transaction& tx) { return store_outcome(tx, state, entry); }));
  };
  ends("rem_B", entry::resolved, 5);
  ends("rem_A", entry::escalated, 6);
  std::vector<Outcome> latest;
  ASSERT_TRUE(ledger->database().read([&](store::Transaction& tx) -> Result<> {
    latest = TRY(latest_outcomes(tx, public_read, 1));
    return {};
  }));
  ASSERT_EQ(latest.size(), 1u);
  EXPECT_FALSE(latest[0].good);
}

// Of ten public buckets three may fail: after the fourth no further one is tried.
TEST_F(Braking, ErrorPercentageEndsWhatFailsForAFleet) {
  open(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Label
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 1
    ExecutionControls: {SsmControls: {ConcurrentExecutionRatePercentage: 10, ErrorPercentage: 30}}
breaker: {failures: 0}
)", {{"Label", labelling_runbook}});
  for (int i = 0; i < 10; ++i) make_public_bucket(fmt::format("site-{}", i));
  scan_and_settle();
  std::size_t at_once = 0;
  for (int i = 0; i < 600; ++i) {
    pass(tick);
    auto all = remediations();
    auto under_way = std::ranges::count_if(all, [](const State& state) {
      return std::holds_alternative<Executing>(state.stage) || std::holds_alternative<Verifying>(state.stage);
    });
    at_once = std::max(at_once, static_cast<std::size_t>(under_way));
  }
  EXPECT_EQ(at_once, 1u) << "a tenth of ten";
  auto all = remediations();
  auto stage = [](const State& state) { return name(state.stage); };
  EXPECT_EQ(std::ranges::count(all, "escalated", stage), 4);
  auto waiting = std::ranges::find(all, "deferred", stage);
  ASSERT_NE(waiting, all.end());
  EXPECT_THAT(waiting->reasons, Contains(HasSubstr("ErrorPercentage is 30")));
}

}  // namespace aright::remediation
