// Rules that are put over AWS's API, and deleted: what holds then, and what becomes of what they began.

#include <random>
#include <set>

#include "server/desk_testing.h"

namespace aright::server {
namespace {

class RulesThatArePut : public TheDesk {};

// As the policy's file would have it, whatever was put and deleted before, and in whatever order.
TEST_F(RulesThatArePut, HoldsWhatTheRulesThatAreThereMakeAndNothingElse) {
  const std::map<std::string, std::string> scopes{
      {"idr", R"({"ComplianceResourceId": "photos", "ComplianceResourceTypes": ["AWS::S3::Bucket"]})"},
      {"tagr", R"({"TagKey": "team", "TagValue": "web"})"},
      {"ver", "{}"},
      {"young", R"({"TagKey": "age"})"}};
  make_public_bucket("photos");
  std::mt19937 random(3);
  std::set<std::string> there;
  for (int round = 0; round < 16; ++round) {
    auto rule = std::next(scopes.begin(), static_cast<std::ptrdiff_t>(random() % scopes.size()));
    if (there.contains(rule->first) && random() % 2 == 0) {
      ok("config:DeleteConfigRule", fmt::format(R"({{"ConfigRuleName": "{}"}})", rule->first));
      there.erase(rule->first);
    } else {
      ok("config:PutConfigRule",
         fmt::format(R"({{"ConfigRule": {{"ConfigRuleName": "{}", "Scope": {}, "Source":
             {{"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}}}}}})", rule->first, rule->second));
      there.insert(rule->first);
    }
    settle();
    std::string text = "config_rules:\n";
    for (const auto& name : there)
      text += fmt::format("  - {{ConfigRuleName: {}, Scope: {}, Source: {{Owner: AWS, "
                          "SourceIdentifier: S3_BUCKET_VERSIONING_ENABLED}}}}\n", name, scopes.at(name));
    auto file = remediation::parse_policy(there.empty() ? "controls: []" : text, ".");
    ASSERT_TRUE(file) << file.error().text();
    auto ids = [](const remediation::Policy& of) {
      std::map<std::string, rules::Scope> out;
      for (const auto& one : of.controls) out[one.id] = one.scope;
      return out;
    };
    ASSERT_EQ(ids(engine->policy()), ids(*file)) << text;
    EXPECT_EQ(engine->policy().known->all().size(), file->known->all().size()) << text;
    const auto open = remediation::list_findings(*ledger, {.status = "open", .parent = ""}).value();
    for (const auto& one : open)
      EXPECT_TRUE(ids(*file).contains(json::text(one, "control", ""))) << text << json::print(one);
  }
}

TEST_F(RulesThatArePut, EndsWhatARuleBeganWhenItIsDeleted) {
  make_public_bucket("photos");
  put_rule();
  settle();
  const auto asked = only();
  ASSERT_EQ(stage(), "awaiting_approval");
  EXPECT_EQ(json::items(json::at(ok("ssm:DescribeOpsItems", "{}"), "OpsItemSummaries")).size(), 1u);
  ok("config:DeleteConfigRule", R"({"ConfigRuleName": "no-public-read"})");
  settle();
  EXPECT_EQ(stage(), "closed");
  EXPECT_FALSE(finding_of(asked).open);
  EXPECT_FALSE(engine->approve(asked.id, asked.plan->hash, remediation::ana, ""));
  settle();
  EXPECT_FALSE(blocked("photos"));
  auto items = ok("ssm:DescribeOpsItems", "{}");
  EXPECT_EQ(json::text(json::items(json::at(items, "OpsItemSummaries"))[0], "Status", ""), "Resolved");
}

TEST_F(RulesThatArePut, AsksAnewOnlyWhereWhatIsPutIsAboutWhatWasAsked) {
  make_public_bucket("photos");
  put_rule();
  settle();
  const auto asked = only();
  ASSERT_EQ(stage(), "awaiting_approval");
  ok("config:PutConfigRule", R"({"ConfigRule": {"ConfigRuleName": "keys",
      "Source": {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"}}})");
  ok("config:PutRemediationConfigurations", R"({"RemediationConfigurations": [{"ConfigRuleName": "keys",
      "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-DisableS3BucketPublicReadWrite",
      "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}}}]})");
  settle();
  EXPECT_EQ(only().sequence, asked.sequence);
  ok("config:PutRemediationConfigurations", R"({"RemediationConfigurations": [{"ConfigRuleName": "no-public-read",
      "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-DisableS3BucketPublicReadWrite",
      "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}}}]})");
  settle();
  EXPECT_GT(only().sequence, asked.sequence);
  EXPECT_EQ(stage(), "awaiting_approval");
}

TEST_F(RulesThatArePut, TakesTheTargetsThatItAnswersToAndNamesTheOthers) {
  ok("events:PutRule", R"({"Name": "mine", "EventPattern": "{\"source\": [\"mine\"]}"})");
  auto put = ok("events:PutTargets", R"({"Rule": "mine", "Targets": [
      {"Id": "stream", "Arn": "arn:aws:kinesis:us-east-1:111122223333:stream/s",
       "KinesisParameters": {"PartitionKeyPath": "$.id"}},
      {"Id": "queue", "Arn": "arn:aws:sqs:us-east-1:111122223333:jobs"}]})");
  EXPECT_EQ(json::integer(json::at(put, "FailedEntryCount")), 1);
  const auto& failed = json::items(json::at(put, "FailedEntries"));
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(json::text(failed[0], "TargetId", ""), "stream");
  EXPECT_EQ(json::text(failed[0], "ErrorCode", ""), "ValidationException");
  auto targets = ok("events:ListTargetsByRule", R"({"Rule": "mine"})");
  ASSERT_EQ(json::items(json::at(targets, "Targets")).size(), 1u);
  EXPECT_EQ(engine->policy().rule_named("mine")->targets.at(0).id, "queue");
  EXPECT_EQ(refused("events:PutTargets", R"({"Rule": "none", "Targets": [
                {"Id": "1", "Arn": "arn:aws:kinesis:us-east-1:111122223333:stream/s"}]})"),
            "ResourceNotFoundException");
}

TEST_F(RulesThatArePut, TellsTargetsOfARuleByTheArnThatPutRuleAnswers) {
  ok("events:CreateEventBus", R"({"Name": "orders"})");
  for (const auto* bus : {"default", "orders"}) {
    auto name = fmt::format("on-{}", bus);
    auto made = ok("events:PutRule", fmt::format(R"({{"Name": "{}", "EventBusName": "{}",
        "EventPattern": "{{\"source\": [\"mine\"]}}"}})", name, bus));
    ok("events:PutTargets", fmt::format(R"({{"Rule": "{}", "EventBusName": "{}", "Targets": [
        {{"Id": "queue", "Arn": "arn:aws:sqs:us-east-1:111122223333:jobs"}}]}})", name, bus));
    const auto* rule = engine->policy().rule_named(name);
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->arn, json::text(made, "RuleArn"));
    EXPECT_TRUE(rule->arn.starts_with("arn:aws:events:us-east-1:111122223333:rule/")) << rule->arn;
  }
}

}  // namespace
}  // namespace aright::server
