// What is left to people is followed up, until somebody sees to it or it is settled.

#include "remediation/escalation.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

EscalationLadder chat_then_boss() {
  return {{.tell = "chat", .wait = seconds(60)}, {.tell = "boss", .wait = seconds(600)}};
}

Escalation raised(Reason reason, const EscalationLadder& ladder, Timestamp at) {
  json::Object about{{"remediation", "rem_1"}, {"finding", "fnd_1"}, {"control", "c"}, {"stage", "executing"}};
  auto one = escalation_of(reason, about, "it failed", "cause");
  fold(one, {.stream = one.id.str(), .sequence = 1, .kind = entry::escalation_raised, .time = at,
             .body = raised_body(one, ladder, at), .hash = ""});
  return one;
}

TEST(AnEscalation, GoesUpTheLadderAndTellsTheLastAgain) {
  const Timestamp noon{1'700'000'000'000};
  auto ladder = chat_then_boss();
  auto one = raised(Reason::failed, ladder, noon);
  EXPECT_THAT(one.told, ElementsAre("chat"));
  EXPECT_EQ(one.due, noon + seconds(60));
  for (auto expected : {"boss", "boss"}) {
    auto rung = next_rung(one, ladder);
    ASSERT_TRUE(rung);
    EXPECT_EQ(rung->tell, expected);
    auto at = *one.due;
    fold(one, {.stream = one.id.str(), .sequence = one.sequence + 1, .kind = entry::escalation_told, .time = at,
               .body = told_body(*rung, one.told.size(), ladder, at), .hash = ""});
    EXPECT_EQ(one.due, at + seconds(600));
  }
  EXPECT_FALSE(next_rung(one, {})) << "the policy has no ladder any more";
  one.told.resize(escalation_tellings_max);
  EXPECT_FALSE(next_rung(one, ladder)) << "nobody heeds it";
}

TEST(AnEscalation, EndsForAReasonOfItsOwn) {
  const Timestamp noon{1'700'000'000'000};
  auto because = [&](Reason reason, Circumstances circumstances) {
    return settled_because(raised(reason, chat_then_boss(), noon), circumstances);
  };
  Circumstances same{.finding_open = true, .latest_remediation = "rem_1", .stage = "executing", .breaker_open = true};
  for (auto reason : all_reasons()) EXPECT_EQ(because(reason, same), "") << name(reason);
  auto resolved = same;
  resolved.finding_open = false;
  for (auto reason : {Reason::failed, Reason::stuck, Reason::unapproved, Reason::recurring, Reason::fought})
    EXPECT_EQ(because(reason, resolved), "the finding is resolved") << name(reason);
  EXPECT_EQ(because(Reason::breaker_open, resolved), "") << "other fixes of the control still fail";
  auto closed = same;
  closed.breaker_open = false;
  EXPECT_NE(because(Reason::breaker_open, closed), "");
  auto moved = same;
  moved.stage = "verifying";
  EXPECT_EQ(because(Reason::stuck, moved), "it went on: it is verifying");
  EXPECT_EQ(because(Reason::failed, moved), "");
  auto replaced = same;
  replaced.latest_remediation = "rem_2";
  EXPECT_EQ(because(Reason::failed, replaced), "rem_2 was opened since");
  EXPECT_EQ(because(Reason::recurring, replaced), "") << "the next fix is no end of it, only a fix that holds";
}

constexpr auto followed = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: all, decision: DECISION}]
approval_expires_s: 3600
breaker: {failures: 0}
notify:
  - {name: all, sqs: "arn:aws:sqs:us-east-1:111122223333:all", on: [escalated]}
  - {name: chat, sqs: "arn:aws:sqs:us-east-1:111122223333:chat", on: [nothing]}
  - {name: boss, sqs: "arn:aws:sqs:us-east-1:111122223333:boss", on: [nothing]}
escalations:
  stuck_after_s: 1800
  ladder: [{tell: chat, wait_s: 600}, {tell: boss, wait_s: 3600}]
  MORE
)";

class FollowingUp : public ::testing::Test, protected World {
 protected:
  void begin(const std::string& decision, const std::string& more = "") {
    text = replace_all(replace_all(followed, "DECISION", decision), "MORE", more);
    open(text);
    for (auto queue : {"all", "chat", "boss"})
      somebody("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", queue));
    make_public_bucket("logs");
    scan_and_settle();
  }
  void expire() {
    clock.advance(seconds(3600));
    settle();
    ASSERT_EQ(stage(), "closed");
  }
  std::vector<std::string> subjects(std::string_view queue) {
    std::vector<std::string> out;
    for (const auto& message : drain(queue)) out.push_back(json::text(message, "subject", ""));
    return out;
  }
  Escalation only_one() {
    auto list = engine->escalations();
    EXPECT_TRUE(list && list->size() == 1);
    if (!list || list->empty()) return {};
    return engine->escalation(*EscalationId::parse(json::text(list->front(), "id", ""))).value();
  }
  void wait(seconds duration) {
    clock.advance(duration);
    settle();
  }

  std::string text;
};

TEST_F(FollowingUp, TellsOneAfterTheOtherUntilSomebodySeesToIt) {
  begin("approval");
  EXPECT_THAT(*engine->escalations(), IsEmpty());
  expire();
  auto one = only_one();
  EXPECT_EQ(one.reason, Reason::unapproved);
  EXPECT_THAT(subjects("all"), ElementsAre(HasSubstr("Nobody approved")));
  EXPECT_THAT(subjects("chat"), ElementsAre(HasSubstr("Nobody approved")));
  wait(seconds(599));
  EXPECT_THAT(subjects("boss"), IsEmpty());
  start();  // a restart forgets nothing
  wait(seconds(1));
  EXPECT_THAT(subjects("boss"), ElementsAre(HasSubstr("Nobody sees to it")));
  wait(seconds(3600));
  EXPECT_THAT(subjects("boss"), SizeIs(1)) << "the last one again";
  EXPECT_THAT(only_one().told, ElementsAre("chat", "boss", "boss"));

  auto seen = engine->acknowledge(one.id, {.name = "ana", .arn = ""}, "on it");
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(seen->status(), "acknowledged");
  wait(seconds(86'400));
  EXPECT_THAT(subjects("boss"), IsEmpty());
  auto again = engine->acknowledge(one.id, {.name = "ben", .arn = ""}, "");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("ana sees to"));
  EXPECT_THAT(*compare_projections(*ledger, rules::Controls::embedded()), IsEmpty());
}

TEST_F(FollowingUp, StopsWhenTheFindingIsResolved) {
  begin("approval");
  expire();
  auto one = only_one();
  somebody("s3:DeleteBucketPolicy", R"({"Bucket": "logs"})");
  scan_and_settle();
  EXPECT_THAT(*engine->escalations(), IsEmpty());
  auto settled = engine->escalation(one.id).value();
  ASSERT_TRUE(settled.settled);
  EXPECT_EQ(settled.settled->because, "the finding is resolved");
  wait(seconds(86'400));
  EXPECT_THAT(subjects("boss"), IsEmpty());
  EXPECT_FALSE(engine->acknowledge(one.id, {.name = "ana", .arn = ""}, ""));
  EXPECT_THAT(*compare_projections(*ledger, rules::Controls::embedded()), IsEmpty());
}

TEST_F(FollowingUp, TakesAnotherRemediationForAnAnswer) {
  begin("approval");
  expire();
  auto one = only_one();
  ASSERT_TRUE(engine->fix(only().finding, shown_hash(only().finding), {.name = "ana", .arn = ""}));
  settle();
  EXPECT_TRUE(engine->escalation(one.id)->settled);
}

TEST_F(FollowingUp, TellsOfAFindingThatCameBack) {
  begin("automatic", "recurring: [{tell: boss}]");
  EXPECT_THAT(*engine->escalations(), IsEmpty());
  clock.advance(seconds(60));
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  scan_and_settle();
  EXPECT_THAT(subjects("boss"), ElementsAre(HasSubstr("is out of policy again after a fix")));
  EXPECT_THAT(subjects("all"), IsEmpty()) << "that is for its ladder";
  EXPECT_THAT(*engine->escalations(), IsEmpty()) << "fixed again, it is settled";
  EXPECT_THAT(*compare_projections(*ledger, rules::Controls::embedded()), IsEmpty());
}

TEST_F(FollowingUp, DoesNotTakeARollbackForARecurrence) {
  begin("automatic");
  ASSERT_TRUE(engine->roll_back(only().id, {.name = "ana", .arn = ""}, "not that one"));
  settle();
  EXPECT_THAT(*engine->escalations(), IsEmpty());
  EXPECT_THAT(subjects("chat"), IsEmpty());
}

TEST_F(FollowingUp, FollowsUpOnlyWhatThePolicyNames) {
  begin("approval", "unapproved: []");
  expire();
  EXPECT_THAT(*engine->escalations(), IsEmpty());
  EXPECT_THAT(subjects("all"), SizeIs(1)) << "that it is told at all is another matter";
  EXPECT_THAT(subjects("chat"), IsEmpty());
}

TEST_F(FollowingUp, FindsWhatIsStuckAndSeesItGoOn) {
  text = replace_all(replace_all(followed, "DECISION", "automatic"), "MORE", "") + R"(
remediations:
  - {ConfigRuleName: s3-bucket-public-read-prohibited, TargetType: SSM_DOCUMENT, TargetId: Slow, Automatic: true,
     Parameters: {}}
)";
  open(text, {{"Slow", R"(
schemaVersion: "0.3"
mainSteps:
  - {name: Wait, action: aws:sleep, inputs: {Duration: PT2H}}
  - name: Block
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: logs
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
)"}});
  for (auto queue : {"all", "chat", "boss"})
    somebody("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", queue));
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_EQ(stage(), "executing");
  wait(seconds(1799));
  EXPECT_THAT(*engine->escalations(), IsEmpty());
  wait(seconds(2));
  auto one = only_one();
  EXPECT_EQ(one.reason, Reason::stuck);
  EXPECT_EQ(one.stage, "executing");
  EXPECT_THAT(subjects("chat"), ElementsAre(HasSubstr("nothing goes on, it is executing")));
  pass(seconds(7200));
  EXPECT_TRUE(engine->escalation(one.id)->settled);
}

TEST(ThePolicyOfEscalations, IsReadStrictly) {
  auto faults = [](const std::string& section) {
    auto policy = parse_policy("notify: [{name: c, webhook: \"https://x\"}]\nescalations: " + section + "\n", ".");
    return policy ? std::string() : policy.error().message;
  };
  EXPECT_EQ(faults("{ladder: [{tell: c, wait_s: 60}, {tell: c}], stuck: []}"), "");
  EXPECT_THAT(faults("{ladder: [{tell: nobody}]}"), HasSubstr("there is no channel 'nobody'"));
  EXPECT_THAT(faults("{ladder: [{tell: c}, {tell: c}]}"), HasSubstr("rung 1 says with wait_s"));
  EXPECT_THAT(faults("{bored: [{tell: c}]}"), HasSubstr("unknown member"));
  EXPECT_THAT(faults("{stuck_after_s: 1}"), HasSubstr("from 60"));
}

}  // namespace
}  // namespace aright::remediation
