// Rules that run by themselves, in virtual time. The clock of these tests starts at 2023-11-14T22:13:20Z.

#include <gmock/gmock.h>

#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TheSchedules : public ::testing::Test, protected World {
 protected:
  static std::string rule(std::string_view expression, std::string_view more = "",
                          std::string_view arn = "arn:aws:sqs:us-east-1:111122223333:jobs") {
    return fmt::format("rules: [{{name: tick, schedule: '{}', {} targets: [{{Id: it, Arn: '{}'}}]}}]\n", expression,
                       more, arn);
  }
  void open_queue() { somebody("sqs:CreateQueue", R"({"QueueName": "jobs"})"); }
  std::vector<json::Value> events() { return drain("jobs"); }
  std::vector<std::string> times() {
    std::vector<std::string> out;
    for (const auto& event : events())
      out.push_back(json::text(event, "time", ""));
    std::ranges::sort(out);
    return out;
  }
  json::Value last_run() {
    json::Value out;
    const auto entries = ledger->stream("schedule/tick").value();
    for (const auto& entry : entries)
      if (entry.kind == entry::schedule_ran) out = entry.body;
    return out;
  }
};

TEST_F(TheSchedules, MakeScheduledEvents) {
  open_queue();
  open(rule("rate(1 minute)"));
  pass(minutes(1) + seconds(1));
  auto got = events();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(json::text(got[0], "source", ""), "aws.events");
  EXPECT_EQ(json::text(got[0], "detail-type", ""), "Scheduled Event");
  EXPECT_EQ(json::text(got[0], "time", ""), "2023-11-14T22:14:20Z");
  EXPECT_EQ(json::text(got[0], "account", ""), account);
  EXPECT_EQ(json::at(got[0], "detail"), json::Value(json::Object()));
  EXPECT_THAT(json::texts(json::at(got[0], "resources")), ElementsAre("aright:rule/tick"));
}

TEST_F(TheSchedules, RunOnceForEachTime) {
  open_queue();
  open(rule("cron(0/20 * * * ? *)"));
  pass(hours(1));
  EXPECT_THAT(times(), ElementsAre("2023-11-14T22:20:00Z", "2023-11-14T22:40:00Z", "2023-11-14T23:00:00Z"));
}

TEST_F(TheSchedules, GoOnWhereTheyWereAfterARestart) {
  open_queue();
  open(rule("rate(10 minutes)"));
  pass(minutes(9));
  start();
  pass(minutes(2));
  EXPECT_THAT(times(), ElementsAre("2023-11-14T22:23:20Z")) << "not ten minutes after the restart";
}

TEST_F(TheSchedules, RunOnceForAllThatWasMissed) {
  open_queue();
  open(rule("rate(10 minutes)"));
  engine.reset();
  clock.advance(minutes(35));
  start();
  settle();
  EXPECT_THAT(times(), ElementsAre("2023-11-14T22:43:20Z"));
  EXPECT_EQ(json::integer(json::at(last_run(), "missed")), 2);
  pass(minutes(5));
  EXPECT_THAT(times(), ElementsAre("2023-11-14T22:53:20Z")) << "and in its own time from then on";
}

TEST_F(TheSchedules, MayLeaveOutWhatWasMissed) {
  open_queue();
  open(rule("rate(10 minutes)", "missed: skip,"));
  engine.reset();
  clock.advance(minutes(35));
  start();
  settle();
  EXPECT_THAT(times(), IsEmpty());
  EXPECT_TRUE(json::truth(json::at(last_run(), "skipped")));
  pass(minutes(5));
  EXPECT_THAT(times(), ElementsAre("2023-11-14T22:53:20Z"));
}

TEST_F(TheSchedules, CountMissedRunsSoFarOnly) {
  open_queue();
  open(rule("rate(1 minute)"));
  engine.reset();
  clock.advance(hours(24 * 365));
  start();
  settle();
  EXPECT_EQ(times().size(), 1u);
  EXPECT_EQ(json::integer(json::at(last_run(), "missed")), missed_count_max);
}

TEST_F(TheSchedules, JudgeAllResourcesOfAControl) {
  open(rule("rate(1 hour)", "", std::string("aright:control/") + public_read) +
       fmt::format("controls: [{{id: {}}}]\ndecide: [{{name: at once, decision: automatic}}]\n", public_read));
  make_public_bucket("logs");
  make_public_bucket("photos");
  pass(minutes(59));
  EXPECT_THAT(remediations(), IsEmpty());
  pass(minutes(10));
  EXPECT_TRUE(blocked("logs"));
  EXPECT_TRUE(blocked("photos"));
  EXPECT_EQ(engine->finding(of("logs").finding)->source, "aws.events");
}

TEST_F(TheSchedules, AreNoBusinessOfOtherRules) {
  open_queue();
  open(R"(
rules:
  - {name: tick, schedule: rate(1 minute), targets: [{Id: a, Arn: 'arn:aws:sqs:us-east-1:111122223333:jobs'}]}
  - {name: all, pattern: {source: [{prefix: ""}]}, targets: [{Id: a, Arn: 'arn:aws:sqs:us-east-1:111122223333:jobs'}]}
)");
  pass(minutes(1) + seconds(1));
  EXPECT_EQ(times().size(), 1u);
}

TEST_F(TheSchedules, EndWithTheirRule) {
  open(rule("rate(1 minute)"));
  policy.event_rules.clear();
  start();
  pass(minutes(3));
  EXPECT_EQ(ledger->stream("schedule/tick")->back().kind, entry::schedule_ended);
  EXPECT_THAT(compare_projections(*ledger, rules::Controls::embedded()).value(), IsEmpty());
}

TEST_F(TheSchedules, AreWhatTheEntriesSay) {
  open_queue();
  open(rule("rate(10 minutes)"));
  pass(minutes(11));
  ASSERT_TRUE(rebuild_projections(*ledger, rules::Controls::embedded()));
  EXPECT_THAT(compare_projections(*ledger, rules::Controls::embedded()).value(), IsEmpty());
  pass(minutes(10));
  EXPECT_THAT(times(), ElementsAre("2023-11-14T22:23:20Z", "2023-11-14T22:33:20Z"));
}

TEST_F(TheSchedules, ThatCannotBeAreFaultsOfThePolicy) {
  auto fault = [](std::string_view text) {
    auto parsed = parse_policy(text, ".");
    return parsed ? "" : parsed.error().message;
  };
  EXPECT_THAT(fault(rule("rate(1 minutes)")), HasSubstr("column 8: the unit of 1 is minute"));
  EXPECT_THAT(fault(rule("rate(1 minute)", "bus: other,")), HasSubstr("default bus only"));
  EXPECT_THAT(fault(rule("rate(1 minute)", "missed: twice,")), HasSubstr("is none of once, skip"));
  EXPECT_THAT(fault("rules: [{name: none, targets: [{Arn: 'aright:control/restricted-ssh'}]}]"), HasSubstr("pattern"));
}

}  // namespace
}  // namespace aright::remediation
