// Archived events, handed in once more.

#include <gmock/gmock.h>

#include "remediation/refold.h"
#include "remediation/event_replay.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* two_rules = R"(
rules:
  - {name: one, pattern: {source: [my.shop]}, targets: [{Id: q, Arn: 'arn:aws:sqs:us-east-1:111122223333:jobs'}]}
  - {name: two, pattern: {source: [my.shop]}, targets: [{Id: q, Arn: 'arn:aws:sqs:us-east-1:111122223333:jobs'}]}
archives:
  - {name: all}
  - {name: big, pattern: {detail: {n: [{numeric: [">=", 5]}]}}}
  - {name: week, retention_days: 7}
  - {name: elsewhere, bus: quiet}
)";

class TheReplays : public ::testing::Test, protected World {
 protected:
  TheReplays() { somebody("sqs:CreateQueue", R"({"QueueName": "jobs"})"); }
  // Event n happens n minutes after the start of the clock.
  void happen(int n) {
    json::Object event{{"id", fmt::format("e-{}", n)},
                       {"source", "my.shop"},
                       {"detail-type", "order"},
                       {"time", (begin + minutes(n)).iso_seconds()},
                       {"detail", json::Object{{"n", n}}}};
    ASSERT_TRUE(engine->accept_event(std::move(event)));
    settle();
  }
  void happen_all(int count) {
    for (int n = 0; n < count; ++n)
      happen(n);
    got();  // what they did when they happened is not what this is about
  }
  ReplayOrder order(std::string archive = "all") const {
    return {.name = "again", .archive = std::move(archive), .from = begin, .until = begin + hours(24)};
  }
  Result<> replay(const ReplayOrder& what) {
    auto started = engine->start_replay(what, ana);
    settle();
    return started;
  }
  std::vector<json::Value> got() { return drain("jobs"); }
  std::vector<std::string> ids() {
    std::vector<std::string> out;
    for (const auto& event : got())
      out.push_back(json::text(event, "id", ""));
    std::ranges::sort(out);
    return out;
  }
  std::string state() { return read_event_replay(*ledger, "again")->state; }

  const Timestamp begin = clock.now();
};

TEST_F(TheReplays, HandInWhatTheArchiveHoldsUnderTheirName) {
  open(two_rules);
  happen_all(3);
  auto what = order();
  what.rules = {"one"};
  ASSERT_TRUE(replay(what));
  auto events = got();
  ASSERT_EQ(events.size(), 3u) << "rule two was not asked for";
  for (const auto& event : events)
    EXPECT_EQ(json::text(event, "replay-name", ""), "again");
  EXPECT_EQ(state(), "completed");
  auto done = read_event_replay(*ledger, "again");
  EXPECT_EQ(done->ended, clock.now());
  ASSERT_TRUE(done->latest);
  std::string latest;
  for (const auto& event : events) latest = std::max(latest, json::text(event, "time", ""));
  EXPECT_EQ(done->latest->iso_seconds(), latest);
}

TEST_F(TheReplays, AreSeenByAllRulesOfTheBusWhenNoneIsNamed) {
  open(two_rules);
  happen_all(1);
  ASSERT_TRUE(replay(order()));
  EXPECT_THAT(ids(), ElementsAre("e-0", "e-0"));
}

TEST_F(TheReplays, KeepToTheirWindowAndTheArchivesPattern) {
  open(two_rules);
  happen_all(10);
  auto what = order("big");
  what.rules = {"one"};
  what.from = begin + minutes(3);
  what.until = begin + minutes(7);
  ASSERT_TRUE(replay(what));
  EXPECT_THAT(ids(), ElementsAre("e-5", "e-6"));
}

TEST_F(TheReplays, AreNotReplayedThemselves) {
  open(two_rules);
  happen_all(2);
  auto what = order();
  what.rules = {"one"};
  ASSERT_TRUE(replay(what));
  EXPECT_EQ(ids().size(), 2u);
  what.name = "once-more";
  ASSERT_TRUE(replay(what));
  EXPECT_EQ(ids().size(), 2u);
}

TEST_F(TheReplays, FindNothingThatTheArchiveKeepsNoLonger) {
  open(two_rules);
  happen_all(1);
  clock.advance(hours(24 * 8));
  ASSERT_TRUE(replay(order("week")));
  EXPECT_THAT(ids(), IsEmpty());
  EXPECT_EQ(state(), "completed");
}

TEST_F(TheReplays, EndAtAsManyEventsAsWereAllowed) {
  open(two_rules);
  happen_all(5);
  auto what = order();
  what.rules = {"one"};
  what.events_max = 2;
  ASSERT_TRUE(replay(what));
  EXPECT_THAT(ids(), ElementsAre("e-0", "e-1"));
  EXPECT_EQ(state(), "cut");
}

TEST_F(TheReplays, GoOnInTheNextProcess) {
  open(two_rules);
  happen_all(3);
  auto what = order();
  what.rules = {"one"};
  ASSERT_TRUE(engine->start_replay(what, ana));
  start();
  settle();
  EXPECT_THAT(ids(), ElementsAre("e-0", "e-1", "e-2"));
}

TEST_F(TheReplays, TakeManyEventsInPieces) {
  open("archives: [{name: all}]\n");
  constexpr int count = static_cast<int>(replay_batch) * 2 + 7;
  for (int n = 0; n < count; ++n)
    happen(n);
  ASSERT_TRUE(replay(order()));
  EXPECT_EQ(read_event_replay(*ledger, "again")->events, count);
  EXPECT_EQ(ledger->stream("replay/again")->size(), 4u) << "started, twice a full piece, and the rest";
}

constexpr const char* remediating = R"(
functions:
  close-bucket:
    handler: index.handler
    code: |
      import boto3
      def handler(event, context):
          boto3.client("s3").put_public_access_block(Bucket=event["bucket"], PublicAccessBlockConfiguration={
              "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
rules:
  - name: shut
    pattern: {source: [my.shop]}
    targets:
      - {Id: f, Arn: "arn:aws:lambda:us-east-1:111122223333:function:close-bucket", Input: '{"bucket": "logs"}'}
archives: [{name: all}]
decide: [{name: at once, decision: automatic}]
)";

TEST_F(TheReplays, OpenNoRemediationTwiceForOneEventUnlessTheyAreAskedTo) {
  open(remediating);
  make_public_bucket("logs");
  happen(0);
  ASSERT_EQ(stage(), "resolved") << only().last_error;
  ASSERT_TRUE(replay(order()));
  EXPECT_EQ(remediations().size(), 1u);
  auto what = order();
  what.name = "really";
  what.again = true;
  ASSERT_TRUE(replay(what));
  EXPECT_EQ(remediations().size(), 2u);
}

TEST_F(TheReplays, AreWhatTheEntriesSay) {
  open(two_rules);
  happen_all(2);
  ASSERT_TRUE(replay(order()));
  EXPECT_THAT(compare_projections(*ledger, rules::Controls::embedded()).value(), IsEmpty());
  auto before = list_event_replays(*ledger).value();
  ASSERT_TRUE(rebuild_projections(*ledger, rules::Controls::embedded()));
  EXPECT_EQ(list_event_replays(*ledger).value(), before);
}

TEST_F(TheReplays, SayWhatIsWrongWithAnOrder) {
  open(two_rules);
  auto fault = [&](auto change) {
    auto what = order();
    change(what);
    auto started = engine->start_replay(what, ana);
    return started ? "" : started.error().message;
  };
  EXPECT_THAT(fault([](auto& it) { it.archive = "none"; }), HasSubstr("no archive 'none'"));
  EXPECT_THAT(fault([](auto& it) { it.until = it.from; }), HasSubstr("not after from"));
  EXPECT_THAT(fault([](auto& it) { it.rules = {"three"}; }), HasSubstr("no rule 'three'"));
  EXPECT_THAT(fault([](auto& it) { it.archive = "elsewhere", it.rules = {"one"}; }), HasSubstr("no rule 'one'"));
  EXPECT_THAT(fault([](auto& it) { it.name = "two words"; }), HasSubstr("name:"));
  EXPECT_THAT(fault([](auto& it) { it.events_max = 0; }), HasSubstr("from 1 to"));
  EXPECT_EQ(fault([](auto&) {}), "");
  EXPECT_THAT(fault([](auto&) {}), HasSubstr("there was a replay 'again' already"));
}

}  // namespace
}  // namespace aright::remediation
