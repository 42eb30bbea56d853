// The story as a whole, told to an engine that stands still until it is stepped.

#include "remediation/engine.h"

#include <gmock/gmock.h>

#include "ledger/timers.h"
#include "remediation/testing.h"
#include "sandbox/faults.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

constexpr auto asking_for_an_hour = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: ask, decision: approval}]
approval_expires_s: 3600
)";

constexpr auto slow_runbook = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - {name: Rest, action: aws:sleep, inputs: {Duration: PT30S}}
  - name: Close
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true,
         BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";
constexpr auto runbook_that_asks = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - {name: Look, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}
  - name: Ask
    action: aws:approve
    inputs: {Message: "Close it?", Approvers: ["arn:aws:iam::111122223333:user/ben"]}
  - name: Close
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true,
         BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";
// Takes writing from everybody, and gives them reading instead.
constexpr auto worsening_runbook = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Swap
    action: aws:executeAwsApi
    inputs: {Service: s3, Api: PutBucketAcl, Bucket: "{{ Bucket }}", ACL: public-read}
)";

// A policy under which one control is set right by a runbook of ours.
std::string with_runbook(std::string_view control, std::string_view others = "",
                         std::string_view more = "") {
  return fmt::format(R"(
controls: [{{id: {0}}}{1}]
remediations:
  - ConfigRuleName: {0}
    TargetId: Mine
    Parameters: {{Bucket: {{ResourceValue: {{Value: RESOURCE_ID}}}}}}
    Automatic: true
    MaximumAutomaticAttempts: 2
    RetryAttemptSeconds: 60
{2})",
                     control, others, more);
}

json::Object config_event(std::string id, const std::string& bucket, const std::string& time) {
  return {{"id", std::move(id)},
          {"source", "aws.config"},
          {"detail-type", "Config Rules Compliance Change"},
          {"account", World::account},
          {"region", World::region},
          {"time", time},
          {"detail", json::Object{{"resourceType", "AWS::S3::Bucket"},
                                  {"resourceId", bucket},
                                  {"configRuleName", World::public_read},
                                  {"newEvaluationResult",
                                   json::Object{{"complianceType", "NON_COMPLIANT"}}}}}};
}

class TheEngine : public ::testing::Test, protected World {
 protected:
  void tell(const json::Object& event) { ASSERT_TRUE(engine->accept_event(event)); }
  std::string refusal(const Result<>& result) {
    if (result) return "";
    return result.error().number.empty() ? std::string(aright::name(result.error().code))
                                         : result.error().number;
  }
  // Opened, planned, and waiting for somebody.
  State waiting(const std::string& bucket) {
    make_public_bucket(bucket);
    scan_and_settle();
    auto state = of(bucket);
    EXPECT_EQ(name(state.stage), "awaiting_approval");
    return state;
  }
  std::string make_group() {
    auto vpc = somebody("ec2:CreateVpc", R"({"CidrBlock": "10.0.0.0/16"})");
    json::Object input{{"GroupName", "web"},
                       {"Description", "web"},
                       {"VpcId", json::text(json::at(vpc, "Vpc"), "VpcId", "")}};
    return json::text(somebody("ec2:CreateSecurityGroup", json::print(input)), "GroupId");
  }
  void open_to_the_world(const std::string& group, int port) {
    json::Object permission{{"IpProtocol", "tcp"},
                            {"FromPort", port},
                            {"ToPort", port},
                            {"IpRanges", json::Array{json::Object{{"CidrIp", "0.0.0.0/0"}}}}};
    json::Object input{{"GroupId", group}, {"IpPermissions", json::Array{permission}}};
    somebody("ec2:AuthorizeSecurityGroupIngress", json::print(input));
  }
};

TEST_F(TheEngine, SetsAPublicBucketRightAndProvesIt) {
  open(automatic);
  make_public_bucket("logs");
  EXPECT_EQ(scan().findings_opened, 1u);
  settle();
  EXPECT_EQ(stage(), "resolved");
  EXPECT_TRUE(blocked("logs"));
  EXPECT_FALSE(finding_of(only()).open);
  EXPECT_EQ(json::text(only().verification, "compliance", ""), "COMPLIANT");
  EXPECT_THAT(writes(), ElementsAre("s3:PutPublicAccessBlock"));
  EXPECT_TRUE(ledger->verify()->fault == std::nullopt);
  EXPECT_THAT(faults, IsEmpty());
}

TEST_F(TheEngine, TakesTheSameEventTwiceAsOne) {
  open(automatic);
  make_public_bucket("logs");
  auto first = engine->accept_event(config_event("e-1", "logs", "2023-11-14T22:00:00Z"));
  auto second = engine->accept_event(config_event("e-1", "logs", "2023-11-14T22:00:00Z"));
  EXPECT_EQ(*first, *second);
  settle();
  EXPECT_EQ(stage(), "resolved");
  EXPECT_EQ(writes().size(), 1u);
}

TEST_F(TheEngine, MakesOneRemediationOfSignalsInAnyOrder) {
  open(automatic);
  make_public_bucket("logs");
  tell(config_event("later", "logs", "2023-11-14T22:10:00Z"));
  tell(config_event("earlier", "logs", "2023-11-14T22:00:00Z"));
  scan();
  settle();
  // What comes late speaks of what was; the resource is read again, and nothing is wrong with it.
  tell(config_event("latest", "logs", "2023-11-14T21:00:00Z"));
  settle();
  EXPECT_EQ(stage(), "resolved");
  EXPECT_EQ(writes().size(), 1u);
  EXPECT_FALSE(finding_of(only()).open);
}

TEST_F(TheEngine, LeavesToPeopleWhatNoRuleDecides) {
  open(manually);
  make_public_bucket("logs");
  scan_and_settle();
  EXPECT_EQ(stage(), "closed");
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_TRUE(finding_of(only()).open);

  auto fixed = engine->fix(only().finding, shown_hash(only().finding), ana);
  ASSERT_TRUE(fixed) << fixed.error().text();
  settle();
  auto state = engine->remediation(*fixed).value();
  EXPECT_EQ(name(state.stage), "resolved");
  EXPECT_EQ(state.requester, "ana");
  EXPECT_FALSE(finding_of(state).open);
}

TEST_F(TheEngine, TakesAnApprovalOnlyForThePlanThatWasShown) {
  open(asking_for_an_hour);
  auto state = waiting("logs");
  EXPECT_EQ(refusal(engine->approve(state.id, "another", ben, "")), "conflict");
  settle();
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(refusal(engine->approve(state.id, state.plan->hash, ben, "go on")), "");
  settle();
  EXPECT_EQ(stage(), "resolved");
  ASSERT_EQ(only().approvals.size(), 1u);
  EXPECT_EQ(only().approvals[0].principal, "ben");
}

TEST_F(TheEngine, MakesAPlanAnewThatNoLongerFitsAndAsksAgain) {
  open(asking_for_an_hour);
  auto state = waiting("logs");
  somebody("s3:PutPublicAccessBlock",
           R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})");
  cloud.clear_calls();
  ASSERT_TRUE(engine->approve(state.id, state.plan->hash, ben, ""));
  settle();
  auto again = only();
  EXPECT_EQ(name(again.stage), "awaiting_approval");
  EXPECT_EQ(count(again, entry::plan_voided), 1u);
  EXPECT_NE(again.plan->hash, state.plan->hash);
  EXPECT_THAT(again.approvals, IsEmpty());
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(refusal(engine->approve(state.id, state.plan->hash, ben, "")), "conflict");
  ASSERT_TRUE(engine->approve(state.id, again.plan->hash, ben, ""));
  settle();
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(TheEngine, LetsNobodyApproveWhatTheyAskedFor) {
  open(asking_for_an_hour);
  auto state = waiting("logs");
  ASSERT_TRUE(engine->reject(state.id, state.plan->hash, ben, "not today"));
  settle();
  EXPECT_EQ(stage(), "closed");

  auto asked = engine->fix(state.finding, shown_hash(state.finding), ana);
  ASSERT_TRUE(asked);
  settle();
  auto second = engine->remediation(*asked).value();
  ASSERT_EQ(name(second.stage), "awaiting_approval");
  EXPECT_EQ(refusal(engine->approve(*asked, second.plan->hash, ana, "")), "AR-0012");
  EXPECT_EQ(refusal(engine->approve(*asked, second.plan->hash, ben, "")), "");
  settle();
  EXPECT_EQ(name(engine->remediation(*asked)->stage), "resolved");
}

TEST_F(TheEngine, ClosesWhatNobodyApprovesInTime) {
  open(asking_for_an_hour);
  auto state = waiting("logs");
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(refusal(engine->approve(state.id, state.plan->hash, ben, "")), "conflict");
  settle();
  EXPECT_EQ(stage(), "closed");
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_TRUE(finding_of(only()).open);
}

TEST_F(TheEngine, DefersAtTheRateLimitAndStartsLaterWithoutAskingAgain) {
  open(std::string(asking_for_an_hour) + "limits: [{control: \"*\", starts: 1, window_s: 60}]\n");
  auto first = waiting("logs");
  clock.advance(seconds(1));
  auto second = waiting("press");
  ASSERT_TRUE(engine->approve(first.id, first.plan->hash, ben, ""));
  ASSERT_TRUE(engine->approve(second.id, second.plan->hash, ben, ""));
  settle();
  EXPECT_EQ(name(of("logs").stage), "resolved");
  EXPECT_EQ(name(of("press").stage), "deferred");
  EXPECT_EQ(writes().size(), 1u);
  pass(seconds(59));
  EXPECT_EQ(name(of("press").stage), "deferred");
  pass(seconds(2));
  EXPECT_EQ(name(of("press").stage), "resolved");
  EXPECT_EQ(count(of("press"), entry::approval_requested), 1u);
}

TEST_F(TheEngine, WritesNothingWhileHaltedNotEvenAfterARestart) {
  open(automatic);
  make_public_bucket("logs");
  ASSERT_TRUE(engine->halt({}, ana, "an incident"));
  scan_and_settle();
  pass(seconds(10));
  start();
  EXPECT_TRUE(engine->all_halted());
  pass(seconds(3'600));
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(stage(), "ready");

  ASSERT_TRUE(engine->resume({}, ana, "it is over"));
  pass(seconds(3));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(TheEngine, HaltsInOneScopeAndGoesOnInOthers) {
  open(automatic);
  ASSERT_TRUE(engine->halt({.control = public_read}, ana, "its fix is wrong"));
  ASSERT_TRUE(engine->halt({.account = "444455556666"}, ana, "another account"));
  make_public_bucket("logs");
  scan_and_settle();
  pass(seconds(10));
  start();
  EXPECT_FALSE(engine->all_halted());
  pass(seconds(10));
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(engine->resume({}, ana, "all").error().code, Errc::conflict) << "that is no halt there is";

  ASSERT_TRUE(engine->resume({.control = public_read}, ana, "it is right now"));
  pass(seconds(3));
  EXPECT_EQ(stage(), "resolved") << "the other halt is elsewhere";
  EXPECT_EQ(json::items(json::at(engine->brakes().value(), "halts")).size(), 1u);
}

// Which service a fix writes to shows when it writes.
TEST_F(TheEngine, HaltsAServiceAtTheFirstWriteToIt) {
  open(automatic);
  ASSERT_TRUE(engine->halt({.service = "s3"}, ana, "an incident"));
  make_public_bucket("logs");
  scan_and_settle();
  pass(seconds(10));
  EXPECT_EQ(stage(), "executing");
  EXPECT_THAT(writes(), IsEmpty());
  ASSERT_TRUE(engine->resume_all(ana, "over"));
  pass(seconds(5));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(TheEngine, HaltsBetweenTheStepsOfARunbookAndGoesOnThere) {
  open(with_runbook(public_read), {{"Mine", slow_runbook}});
  make_public_bucket("logs");
  scan_and_settle();
  EXPECT_EQ(stage(), "executing");
  ASSERT_TRUE(engine->halt({}, ana, "an incident"));
  pass(seconds(60));
  EXPECT_EQ(stage(), "executing");
  EXPECT_THAT(writes(), IsEmpty());
  ASSERT_TRUE(engine->resume({}, ana, "it is over"));
  pass(seconds(5));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_EQ(writes().size(), 1u);
}

// Revokes what lets the world reach one port, after a while.
std::string revoking_runbook(int port) {
  return fmt::format(R"(
schemaVersion: "0.3"
parameters: {{Group: {{type: String}}}}
mainSteps:
  - {{name: Rest, action: aws:sleep, inputs: {{Duration: PT30S}}}}
  - name: Revoke
    action: aws:executeAwsApi
    inputs:
      Service: ec2
      Api: RevokeSecurityGroupIngress
      GroupId: "{{{{ Group }}}}"
      IpPermissions:
        - {{IpProtocol: tcp, FromPort: {0}, ToPort: {0}, IpRanges: [{{CidrIp: 0.0.0.0/0}}]}}
)",
                     port);
}

TEST_F(TheEngine, WorksOnOneResourceOneRemediationAfterTheOther) {
  open(R"(
controls: [{id: restricted-ssh}, {id: restricted-common-ports}]
remediations:
  - {ConfigRuleName: restricted-ssh, TargetId: Ssh, Automatic: true,
     Parameters: &group {Group: {ResourceValue: {Value: RESOURCE_ID}}}}
  - {ConfigRuleName: restricted-common-ports, TargetId: Desktop, Automatic: true,
     Parameters: *group}
)",
       {{"Ssh", revoking_runbook(22)}, {"Desktop", revoking_runbook(3389)}});
  auto group = make_group();
  for (int port : {22, 3389})
    open_to_the_world(group, port);
  scan_and_settle();
  pass(seconds(120));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;  // of each, from its start to its end
  for (const auto& state : remediations()) {
    EXPECT_EQ(name(state.stage), "resolved") << state.control;
    auto entries = ledger->stream(state.id.str()).value();
    auto started = std::ranges::find(entries, entry::execution_started, &ledger::Entry::kind);
    ASSERT_NE(started, entries.end());
    spans.emplace_back(started->position, entries.back().position);
  }
  ASSERT_EQ(spans.size(), 2u);
  std::ranges::sort(spans);
  EXPECT_LT(spans[0].second, spans[1].first);
}

TEST_F(TheEngine, PlansLaterWhenTheRehearsalIsThrottled) {
  open(automatic);
  make_public_bucket("logs");
  scan();
  int refusals = 1;
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "GetBucketTagging" || refusals-- <= 0) return std::nullopt;
    return Error{.code = Errc::throttled, .message = "Rate exceeded", .retry = Retry::later};
  };
  pass(seconds(30));
  EXPECT_LT(refusals, 1);
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(TheEngine, LooksLessOftenAtAResourceThatHasBeenBusyForLong) {
  constexpr auto level = "s3-bucket-level-public-access-prohibited";
  open(with_runbook(public_read, fmt::format(", {{id: {}}}", level),
                    fmt::format("decide: [{{name: at once, control: {}, decision: automatic}}]\n", level)),
       {{"Mine", runbook_that_asks}});
  make_public_bucket("logs");
  ASSERT_TRUE(engine->scan({public_read}, {}));
  settle();
  ASSERT_EQ(stage(), "executing") << "it waits for ben";
  ASSERT_TRUE(engine->scan({level}, {}));
  settle();
  clock.advance(std::chrono::hours(1));
  settle();
  auto next = std::optional<Timestamp>();
  ASSERT_TRUE(ledger->database().read([&](store::Transaction& tx) -> Result<> {
    next = TRY(ledger::timers::next(tx));
    return {};
  }));
  EXPECT_EQ(next, clock.now() + busy_pause_max);
}

TEST_F(TheEngine, LooksAgainWhenReadsLagBehindTheFix) {
  open(with_runbook(public_read), {{"Mine", closing_runbook}});
  make_public_bucket("logs");
  weather.stale_for = seconds(10);
  scan_and_settle();
  EXPECT_EQ(stage(), "verifying");
  pass(seconds(20));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_GT(count(only(), entry::verified), 1u);
  EXPECT_EQ(writes().size(), 1u);
}

TEST_F(TheEngine, EscalatesAFixThatMakesAnotherControlWorse) {
  open(
      with_runbook("s3-bucket-public-write-prohibited", ", {id: s3-bucket-public-read-prohibited}"),
      {{"Mine", worsening_runbook}});
  somebody("s3:CreateBucket", R"({"Bucket": "drop", "ObjectOwnership": "ObjectWriter"})");
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "drop"})");
  somebody(
      "s3:PutBucketAcl",
      R"({"Bucket": "drop", "GrantWrite": "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""})");
  scan_and_settle();
  auto asked = only();
  ASSERT_EQ(name(asked.stage), "awaiting_approval") << "the rehearsal shows the harm";
  EXPECT_EQ(asked.plan->harmed(), std::vector<std::string>{public_read});
  ASSERT_TRUE(engine->approve(asked.id, asked.plan->hash, {.name = "ana", .arn = ""}, "do it all the same"));
  pass(seconds(1));
  auto state = only();
  EXPECT_EQ(name(state.stage), "escalated");
  EXPECT_THAT(std::get<Escalated>(state.stage).reason, HasSubstr(public_read));
  EXPECT_TRUE(finding_of(state).open);
}

TEST_F(TheEngine, TriesAFailingExecutionSoOftenAndThenEscalates) {
  open(with_runbook(public_read), {{"Mine", closing_runbook}});
  make_public_bucket("logs");
  int asked = 0;
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "PutPublicAccessBlock") return std::nullopt;
    ++asked;
    return Error{
        .code = Errc::conflict, .message = "no", .wire_code = "OperationAborted", .http_status = 409};
  };
  scan_and_settle();
  EXPECT_EQ(stage(), "retrying");
  EXPECT_EQ(asked, 1);
  pass(seconds(61));
  EXPECT_EQ(stage(), "escalated");
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(only().attempts, 2);
  EXPECT_THAT(only().last_error, HasSubstr("OperationAborted"));
  EXPECT_TRUE(finding_of(only()).open);
}

TEST_F(TheEngine, MakesNoSecondWriteWhenAnAnswerGotLost) {
  open(automatic);
  make_public_bucket("logs");
  sandbox::Faulty lossy(cloud, {.lost_after = 1000}, 1, [](const aws::Call& call) {
    return call.operation == "PutPublicAccessBlock";
  });
  weather.put_before(lossy);
  scan_and_settle();
  EXPECT_EQ(stage(), "resolved");
  EXPECT_EQ(lossy.faults_count(), 1u);
  EXPECT_THAT(writes(), ElementsAre("s3:PutPublicAccessBlock"));
}

TEST_F(TheEngine, LetsOnlyAnApproverOfAStepAnswerIt) {
  open(with_runbook(public_read), {{"Mine", runbook_that_asks}});
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_EQ(stage(), "executing");
  EXPECT_THAT(only().plan->approvals, ElementsAre("Ask"));
  auto execution = only().executions.at(0);
  EXPECT_EQ(engine->executor().waiting_for_people()->size(), 1u);
  EXPECT_FALSE(engine->signal_execution(execution, "Approve", "Ask", ana, "I may not"));
  settle();
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(refusal(engine->signal_execution(execution, "Approve", "Ask", ben, "I may")), "");
  settle();
  EXPECT_EQ(stage(), "resolved");
  EXPECT_THAT(*engine->executor().waiting_for_people(), IsEmpty());
}

TEST_F(TheEngine, DoesNothingWhenAStepIsRejected) {
  open(with_runbook(public_read), {{"Mine", runbook_that_asks}});
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_TRUE(engine->signal_execution(only().executions.at(0), "Reject", "Ask", ben, "leave it"));
  settle();
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_FALSE(blocked("logs"));
}

constexpr auto function_rule = R"(
functions:
  close-bucket:
    handler: index.handler
    code: |
      import boto3

      def handler(event, context):
        every = ["BlockPublicAcls", "IgnorePublicAcls",
                 "BlockPublicPolicy", "RestrictPublicBuckets"]
        boto3.client("s3").put_public_access_block(
            Bucket=event["bucket"], PublicAccessBlockConfiguration=dict.fromkeys(every, True))
rules:
  - name: bucket-opened
    pattern: {source: [aws.config]}
    targets:
      - Id: close
        Arn: arn:aws:lambda:us-east-1:111122223333:function:close-bucket
        InputTransformer:
          InputPathsMap: {bucket: $.detail.resourceId}
          InputTemplate: '{"bucket": <bucket>}'
  - name: other-things
    pattern: {source: [aws.health]}
    targets: [{Id: x, Arn: "aright:notify/nobody"}]
decide: [{name: at once, decision: automatic}]
)";

TEST_F(TheEngine, RunsTheFunctionThatAnEventRuleNames) {
  open(function_rule);
  make_public_bucket("logs");
  tell(config_event("e-1", "logs", "2023-11-14T22:00:00Z"));
  settle();
  auto state = only();
  EXPECT_EQ(name(state.stage), "resolved") << state.last_error;
  EXPECT_EQ(state.control, "rule:bucket-opened");
  EXPECT_EQ(state.action.target, "close-bucket");
  EXPECT_TRUE(blocked("logs"));
  EXPECT_THAT(writes(), ElementsAre("s3:PutPublicAccessBlock"));
}

TEST_F(TheEngine, TellsWhichEventRulesMatchedAndWhichControlsJudged) {
  open(std::string(function_rule) + "controls: [{id: s3-bucket-public-write-prohibited}]\n");
  make_public_bucket("logs");
  auto event = bus::complete(config_event("e-1", "logs", "2023-11-14T22:00:00Z"), account, region,
                             clock.now());
  auto detection = engine->detector().of_event(*event, {});
  ASSERT_TRUE(detection) << detection.error().text();
  EXPECT_THAT(detection->trace,
              IsSupersetOf({"the event speaks of 111122223333/us-east-1/AWS::S3::Bucket/logs",
                            "event rule 'bucket-opened' matches",
                            "event rule 'other-things' does not match",
                            "control s3-bucket-public-read-prohibited is not enabled",
                            "control s3-bucket-public-write-prohibited judges logs: COMPLIANT"}));
  EXPECT_EQ(detection->judged.size(), 2u);
  EXPECT_EQ(detection->evaluated, 1u);
}

TEST_F(TheEngine, NamesWhatItDoesNotKnow) {
  open(automatic);
  EXPECT_EQ(engine->remediation(RemediationId::derived("x")).error().number, "AR-0010");
  EXPECT_EQ(engine->finding(FindingId::derived("x")).error().number, "AR-0010");
  EXPECT_EQ(engine->scan({"no-such-control"}, {}).error().number, "AR-0006");
}

}  // namespace
}  // namespace aright::remediation
