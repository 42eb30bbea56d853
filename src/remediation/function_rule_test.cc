// Config rules whose function judges.

#include "remediation/function_rule.h"

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;

// The function is called judge; `body` is what it does with the item of its event.
std::string policy_with(const std::string& body, const char* message = "ConfigurationItemChangeNotification") {
  return fmt::format(R"(
decide: [{{name: all, decision: manual}}]
functions:
  judge:
    runtime: python3.11
    handler: judge.handler
    code: |
      import json, boto3
      def handler(event, context):
          message = json.loads(event["invokingEvent"])
          item = message.get("configurationItem")
          said = lambda compliance, name, token=event["resultToken"]: boto3.client("config").put_evaluations(
              ResultToken=token, Evaluations=[{{"ComplianceResourceType": "AWS::S3::Bucket", "ComplianceResourceId": name,
              "ComplianceType": compliance, "Annotation": json.loads(event["ruleParameters"])["why"], "OrderingTimestamp": "2026-01-01T00:00:00Z"}}])
          {}
config_rules:
  - ConfigRuleName: own
    InputParameters: {{why: so it is}}
    Scope: {{ComplianceResourceTypes: ["AWS::S3::Bucket"]}}
    Source: {{Owner: CUSTOM_LAMBDA, SourceIdentifier: judge, SourceDetails: [{{EventSource: aws.config, MessageType: {}}}]}}
)",
                     body, message);
}

class AFunctionThatJudges : public ::testing::Test, public World {
 protected:
  void judge_by(const std::string& text) {
    open("controls: []\n");
    auto whole = fmt::format("targets: [{{account: \"{}\", regions: [{}]}}]\n{}", account, region, text);
    auto parsed = parse_policy(whole, ".");
    ASSERT_TRUE(parsed) << parsed.error().message;
    auto adopted = engine->adopt(std::move(*parsed), {.name = "ana", .arn = ""});
    ASSERT_TRUE(adopted) << adopted.error().text();
    engine->hear_judgements([this](const auto& all) {
      for (const auto& one : all) {
        judged[one.resource.id] =
            fmt::format("{}: {}", rules::name(one.evaluation.compliance), one.evaluation.annotation);
        ++times_judged[one.resource.id];
      }
    });
  }
  // As EventBridge tells them.
  void hear_changes() {
    cloud.on_call([this](const json::Object& event) { EXPECT_TRUE(engine->accept_event(event)); });
  }
  std::map<std::string, std::string> judged;
  std::map<std::string, int> times_judged;
};

TEST_F(AFunctionThatJudges, SeesTheResourceAsConfigShowsIt) {
  judge_by(policy_with(R"(said("NON_COMPLIANT" if item["configuration"]["name"] == "photos" else "COMPLIANT", item["resourceId"]))"));
  make_public_bucket("photos");
  make_public_bucket("logs");
  scan_and_settle();
  EXPECT_EQ(judged["photos"], "NON_COMPLIANT: so it is");
  EXPECT_EQ(judged["logs"], "COMPLIANT: so it is");
  EXPECT_EQ(finding_of(only()).control, "own");
  EXPECT_EQ(only().resource.id, "photos");
}

TEST_F(AFunctionThatJudges, LooksForResourcesWhenItIsTime) {
  judge_by(policy_with(R"([said("NON_COMPLIANT", one["Name"]) for one in boto3.client("s3").list_buckets()["Buckets"]])",
                       "ScheduledNotification"));
  make_public_bucket("photos");
  settle();
  EXPECT_EQ(judged["photos"], "NON_COMPLIANT: so it is") << "when the rule comes";
  EXPECT_EQ(only().resource.id, "photos");
}

TEST_F(AFunctionThatJudges, IsAskedByTheClockAtItsOwnPaceAndNoOftener) {
  auto text = policy_with(R"([said("NON_COMPLIANT", one["Name"]) for one in boto3.client("s3").list_buckets()["Buckets"]])",
                          "ScheduledNotification, MaximumExecutionFrequency: Three_Hours");
  judge_by(text);
  make_public_bucket("photos");
  settle();
  EXPECT_EQ(times_judged["photos"], 1);
  for (int hour = 0; hour < 12; ++hour) {
    clock.advance(std::chrono::hours(1));
    scan_and_settle();  // a scan hurries nobody
  }
  EXPECT_EQ(times_judged["photos"], 5);
  ASSERT_TRUE(engine->scan({"own"}, {}));
  EXPECT_EQ(times_judged["photos"], 6) << "on demand";
}

TEST_F(AFunctionThatJudges, IsAskedAtEachChangeOfAResourceInItsScope) {
  judge_by(policy_with(R"(said("NON_COMPLIANT" if "s3:GetObject" in json.dumps(item) else "COMPLIANT", item["resourceId"]))"));
  hear_changes();
  make_public_bucket("photos");
  pass(seconds(5));
  EXPECT_EQ(judged["photos"], "NON_COMPLIANT: so it is");
  auto before = times_judged["photos"];
  somebody("s3:DeleteBucketPolicy", R"({"Bucket": "photos"})");
  pass(seconds(5));
  EXPECT_EQ(judged["photos"], "COMPLIANT: so it is");
  EXPECT_EQ(times_judged["photos"], before + 1);
  somebody("sqs:CreateQueue", R"({"QueueName": "jobs"})");
  pass(seconds(5));
  EXPECT_EQ(times_judged["photos"], before + 1) << "a queue is none of its business";
}

TEST_F(AFunctionThatJudges, SoIsAPolicyInGuardAtEachChange) {
  judge_by(R"(
decide: [{name: all, decision: manual}]
config_rules:
  - ConfigRuleName: versioned
    Scope: {ComplianceResourceTypes: ["AWS::S3::Bucket"]}
    Source:
      Owner: CUSTOM_POLICY
      SourceDetails: [{EventSource: aws.config, MessageType: ConfigurationItemChangeNotification}]
      CustomPolicyDetails:
        PolicyRuntime: guard-2.x.x
        PolicyText: 'rule versioned when resourceType == "AWS::S3::Bucket" { configuration.versioningConfiguration exists }'
)");
  hear_changes();
  make_public_bucket("photos");
  pass(seconds(5));
  EXPECT_THAT(judged["photos"], HasSubstr("NON_COMPLIANT"));
  auto before = times_judged["photos"];
  somebody("s3:PutBucketVersioning", R"({"Bucket": "photos", "VersioningConfiguration": {"Status": "Enabled"}})");
  pass(seconds(5));
  EXPECT_THAT(judged["photos"], HasSubstr("COMPLIANT"));
  EXPECT_EQ(judged["photos"].find("NON"), std::string::npos) << judged["photos"];
  EXPECT_EQ(times_judged["photos"], before + 1);
}

TEST_F(AFunctionThatJudges, ChangesNothing) {
  judge_by(policy_with(R"(boto3.client("s3").delete_bucket(Bucket=item["resourceId"]))"));
  make_public_bucket("photos");
  scan_and_settle();
  EXPECT_THAT(judged["photos"], HasSubstr("INSUFFICIENT_DATA: its function failed"));
  EXPECT_TRUE(writes().empty());
}

TEST_F(AFunctionThatJudges, HasNotSaidThatAllIsWellWhenItSaysNothing) {
  judge_by(policy_with("pass"));
  make_public_bucket("photos");
  scan_and_settle();
  EXPECT_EQ(judged["photos"], "INSUFFICIENT_DATA: The rule's function said nothing of it.");
}

TEST_F(AFunctionThatJudges, ProvesByTheTokenWhoAskedIt) {
  judge_by(policy_with(R"(said("COMPLIANT", item["resourceId"], "made-up"))"));
  make_public_bucket("photos");
  scan_and_settle();
  EXPECT_THAT(judged["photos"], HasSubstr("InvalidResultTokenException"));
}

}  // namespace
}  // namespace aright::remediation
