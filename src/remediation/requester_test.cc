// Who asks for a change is not among those who agree to it, whichever way they asked and whichever way they answer.

#include <gmock/gmock.h>

#include "remediation/notices.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Each of them may do everything.
constexpr auto of_all_roles = R"(
public_url: https://aright.example.com
controls: [{id: s3-bucket-public-read-prohibited}]
principals:
  - {name: ana, arn: "arn:aws:iam::111122223333:user/ana", roles: [operator, approver, admin], tell: ana-mail}
  - {name: ben, arn: "arn:aws:iam::111122223333:user/ben", roles: [operator, approver, admin]}
  - {name: carl, arn: "arn:aws:iam::111122223333:user/carl", roles: [operator, approver, admin]}
groups: {all: {members: [ana, ben, carl]}}
ladders: {two: [{group: all, needed: 2}]}
delegations: [{from: ana, to: carl, begins: 2020-01-01T00:00:00Z, ends: 2100-01-01T00:00:00Z}]
notify: [{name: ana-mail, mail: {server: "smtps://mail.example.com", from: a@example.com, to: [ana@example.com]}}]
)";

constexpr auto asks_anybody = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String, default: logs}}
mainSteps:
  - name: Ask
    action: aws:approve
    inputs: {Message: "May this go on?", MinRequiredApprovals: 1, Approvers: [ana, ben, carl]}
  - name: Block
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";
constexpr auto starts_the_one_that_asks = R"(
schemaVersion: "0.3"
mainSteps: [{name: Below, action: aws:executeAutomation, inputs: {DocumentName: Asks}}]
)";

Actor called(const std::string& name) { return {.name = name, .arn = "arn:aws:iam::111122223333:user/" + name}; }

class WhoAsked : public ::testing::Test, protected World {
 protected:
  void open_with(const std::string& more) {
    open(of_all_roles + more, {{"Asks", asks_anybody}, {"Above", starts_the_one_that_asks}});
    make_public_bucket("logs");
    scan_and_settle();
  }
  static std::string number(const Result<>& said) { return said ? "" : said.error().number; }
  State fixed_by(const Actor& who) {
    auto finding = only().finding;
    auto plan = engine->plan(finding, who, {});
    EXPECT_TRUE(plan) << plan.error().text();
    auto fix = engine->fix(finding, plan->hash, who);
    EXPECT_TRUE(fix) << fix.error().text();
    settle();
    return engine->remediation(*fix).value();
  }
  ExecutionId asking_step() {
    auto waiting = engine->executor().waiting_for_people().value();
    EXPECT_EQ(waiting.size(), 1u);
    return ExecutionId::parse(json::text(waiting.at(0), "execution", "")).value();
  }
  AnswerLink link_to(const ExecutionId& id, const std::string& person) {
    auto waiting = engine->executor().waiting_step(id).value().value();
    return {.remediation = {}, .plan_hash = {}, .person = person, .expires = waiting.expires, .execution = id,
            .step = waiting.step};
  }
  // The step is approved by signal and by link by ana's equals only.
  void expect_the_step_is_not_anas(const ExecutionId& id) {
    EXPECT_EQ(number(engine->signal_execution(id, "Approve", "Ask", called("ana"), "")), "AR-0012");
    EXPECT_FALSE(engine->answer_by_link(link_to(id, "ana"), true, ""));
    EXPECT_THAT(writes(), IsEmpty());
    EXPECT_EQ(number(engine->answer_by_link(link_to(id, "ben"), true, "")), "");
    settle();
    EXPECT_THAT(writes(), Contains("s3:PutPublicAccessBlock"));
  }
};

TEST_F(WhoAsked, ForAFixIsNotAmongTheTwoWhoAgree) {
  open_with("decide: [{name: left to people, decision: manual, tags: {none: none}}, "
            "{name: ask, decision: approval, ladder: two}]\n");
  ASSERT_TRUE(engine->reject(only().id, only().plan->hash, called("ben"), "as I ask myself"));
  settle();
  auto state = fixed_by(called("ana"));
  ASSERT_EQ(name(state.stage), "awaiting_approval");
  const auto hash = state.plan->hash;
  auto agree = [&](const std::string& who) { return number(engine->approve(state.id, hash, called(who), "")); };
  AnswerLink link{.remediation = state.id, .plan_hash = hash, .person = "ana",
                  .expires = std::get<AwaitingApproval>(state.stage).request.expires};
  EXPECT_EQ(agree("ana"), "AR-0012");
  EXPECT_EQ(number(engine->answer_by_link(link, true, "")), "AR-0012");
  EXPECT_EQ(agree("ben"), "");
  EXPECT_EQ(agree("ana"), "AR-0012") << "nor as the second";
  EXPECT_EQ(agree("ben"), "AR-0020");
  EXPECT_EQ(name(engine->remediation(state.id)->stage), "awaiting_approval");
  EXPECT_EQ(agree("carl"), "") << "for himself, and not for ana, for whom he speaks";
  settle();
  EXPECT_EQ(name(engine->remediation(state.id)->stage), "resolved");
}

TEST_F(WhoAsked, ForAPlanToLookAtHasAskedForNothingYet) {
  open_with("decide: [{name: ask, decision: approval}]\n");
  ASSERT_TRUE(engine->plan(only().finding, called("ana"), {}));
  auto again = engine->fix(only().finding, only().plan->hash, called("ana"));
  ASSERT_TRUE(again) << "it is what the policy had asked for before";
  EXPECT_EQ(*again, only().id);
  EXPECT_EQ(only().requester, "");
  EXPECT_EQ(number(engine->approve(only().id, only().plan->hash, called("ana"), "")), "");
}

TEST_F(WhoAsked, ForAFixDoesNotApproveAStepOfItsRunbook) {
  open_with(R"(
decide: [{name: left to people, decision: manual}]
remediations:
  - {ConfigRuleName: s3-bucket-public-read-prohibited, TargetId: Asks, Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}}
)");
  auto state = fixed_by(called("ana"));
  ASSERT_EQ(name(state.stage), "executing") << state.last_error;
  expect_the_step_is_not_anas(asking_step());
}

TEST_F(WhoAsked, ByStartingARunbookDoesNotApproveItsSteps) {
  open_with("decide: [{name: left to people, decision: manual}]\n");
  auto id = engine->start_runbook("Asks", {}, account, region, called("ana"), {}).value();
  settle();
  expect_the_step_is_not_anas(id);
}

TEST_F(WhoAsked, ByStartingARunbookDoesNotApproveTheStepsOfAnotherThatItStarts) {
  open_with("decide: [{name: left to people, decision: manual}]\n");
  auto above = engine->start_runbook("Above", {}, account, region, called("ana"), {}).value();
  settle();
  auto below = asking_step();
  EXPECT_NE(below, above);
  expect_the_step_is_not_anas(below);
}

TEST_F(WhoAsked, MayStillSayNo) {
  open_with("decide: [{name: left to people, decision: manual}]\n");
  auto id = engine->start_runbook("Asks", {}, account, region, called("ana"), {}).value();
  settle();
  EXPECT_EQ(number(engine->signal_execution(id, "Reject", "Ask", called("ana"), "a slip")), "");
  settle();
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(WhoAsked, IsSentNoLinkToAnswerWith) {
  open_with("decide: [{name: left to people, decision: manual}]\n");
  ASSERT_TRUE(engine->start_runbook("Asks", {}, account, region, called("ana"), {}));
  settle();
  std::vector<std::string> sent;
  ASSERT_TRUE(ledger->database().read([&](store::Transaction& tx) -> Result<> {
    for (const auto& row : TRY(tx.query("select body from outbox"))) sent.push_back(row.text(0));
    return {};
  }));
  EXPECT_THAT(sent, Not(Contains(HasSubstr("\"link\""))));
}

TEST_F(WhoAsked, IsToldWhyWhenTheyReject) {
  open_with("decide: [{name: ask, decision: approval}]\n");
  for (auto blank : {"", "  \n"}) {
    auto said = engine->reject(only().id, only().plan->hash, called("ben"), blank);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, Errc::invalid);
    EXPECT_THAT(said.error().message, HasSubstr("say why you reject it"));
  }
  EXPECT_EQ(stage(), "awaiting_approval");
}

TEST_F(WhoAsked, IsToldWhyAStepIsRejected) {
  open_with("decide: [{name: left to people, decision: manual}]\n");
  auto id = engine->start_runbook("Asks", {}, account, region, called("ana"), {}).value();
  settle();
  EXPECT_FALSE(engine->signal_execution(id, "Reject", "Ask", called("ben"), ""));
  EXPECT_FALSE(engine->answer_by_link(link_to(id, "ben"), false, " "));
  EXPECT_EQ(number(engine->answer_by_link(link_to(id, "ben"), false, "not in the release")), "");
}

}  // namespace
}  // namespace aright::remediation
