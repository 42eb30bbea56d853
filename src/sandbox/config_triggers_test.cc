// When the functions of Config's rules are called: at each change of a resource in the rule's scope, when it is time,
// and on demand.

#include <gmock/gmock.h>

#include "sandbox/config_event.h"
#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RulesWithFunctions : public SandboxTest {
 protected:
  RulesWithFunctions() {
    ok("iam:CreateRole", R"({"RoleName": "run", "AssumeRolePolicyDocument":
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}}"})");
    ok("lambda:CreateFunction", R"({"FunctionName": "judge", "Runtime": "python3.11", "Handler": "x.y",
        "Role": "arn:aws:iam::111122223333:role/run", "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}})");
    ok("lambda:AddPermission", R"({"FunctionName": "judge", "StatementId": "config", "Action": "lambda:InvokeFunction",
        "Principal": "config.amazonaws.com"})");
    cloud.run_functions([this](const Invocation& invocation, const Context&) -> Result<json::Object> {
      events.push_back(invocation.event);
      return json::Object{{"StatusCode", 202}};
    });
  }
  // What it is told of: `details` of its source, and its scope.
  void put_rule(std::string_view details, std::string_view scope, std::string_view more = "") {
    ok("config:PutConfigRule", fmt::format(R"({{"ConfigRule": {{"ConfigRuleName": "own", "Scope": {}, {} "Source": {{
        "Owner": "CUSTOM_LAMBDA", "SourceIdentifier": "arn:aws:lambda:us-east-1:111122223333:function:judge",
        "SourceDetails": {}}}}}}})", scope, more, details));
  }
  static std::string changes() { return detail("ConfigurationItemChangeNotification"); }
  static std::string detail(std::string_view type, std::string_view frequency = "") {
    auto pace = frequency.empty() ? "" : fmt::format(R"(, "MaximumExecutionFrequency": "{}")", frequency);
    return fmt::format(R"([{{"EventSource": "aws.config", "MessageType": "{}"{}}}])", type, pace);
  }
  // "what of which" of all that it was told since the last time.
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const auto& event : events) {
      auto message = value_of(json::text(event, "invokingEvent", ""));
      const auto& item = json::at(message, "configurationItem");
      const auto& summary = json::at(message, "configurationItemSummary");
      auto left = json::truth(json::at(event, "eventLeftScope")) ? " left" : "";
      auto type = json::text(message, "messageType", "");
      if (!item.is_null())
        out.push_back(json::text(item, "configurationItemStatus", "") + " " + json::text(item, "resourceId", "") +
                      left);
      else if (!summary.is_null())
        out.push_back(type + " " + json::text(summary, "resourceId", ""));
      else
        out.push_back(type);
    }
    events.clear();
    return out;
  }

  std::vector<json::Value> events;
  static constexpr const char* buckets = R"({"ComplianceResourceTypes": ["AWS::S3::Bucket"]})";
};

TEST_F(RulesWithFunctions, AreToldOfWhatIsThereWhenTheyArePutAndThenOfEachChange) {
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  put_rule(changes(), buckets);
  EXPECT_THAT(told(), ElementsAre("OK logs"));
  ok("s3:CreateBucket", R"({"Bucket": "photos"})");
  EXPECT_THAT(told(), ElementsAre("ResourceDiscovered photos"));
  ok("s3:PutBucketVersioning", R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}})");
  EXPECT_THAT(told(), ElementsAre("OK logs"));
  ok("s3:PutBucketVersioning", R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}})");
  EXPECT_THAT(told(), IsEmpty()) << "nothing changed";
  ok("s3:DeleteBucket", R"({"Bucket": "photos"})");
  EXPECT_THAT(told(), ElementsAre("ResourceDeleted photos"));
}

TEST_F(RulesWithFunctions, HearOfNothingOutsideTheirScope) {
  put_rule(changes(), R"({"ComplianceResourceTypes": ["AWS::S3::Bucket"], "ComplianceResourceId": "logs"})");
  ok("s3:CreateBucket", R"({"Bucket": "photos"})");
  ok("sqs:CreateQueue", R"({"QueueName": "jobs"})");
  ok("s3:ListBuckets");
  EXPECT_THAT(told(), IsEmpty());
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  EXPECT_THAT(told(), ElementsAre("ResourceDiscovered logs"));
}

TEST_F(RulesWithFunctions, HearThatAResourceHasLeftTheirScope) {
  put_rule(changes(), R"({"TagKey": "team", "TagValue": "web"})");
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  EXPECT_THAT(told(), IsEmpty());
  ok("s3:PutBucketTagging", R"({"Bucket": "logs", "Tagging": {"TagSet": [{"Key": "team", "Value": "web"}]}})");
  EXPECT_THAT(told(), ElementsAre("ResourceDiscovered logs"));
  ok("s3:DeleteBucketTagging", R"({"Bucket": "logs"})");
  EXPECT_THAT(told(), ElementsAre("OK logs left"));
  ok("s3:PutBucketVersioning", R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}})");
  EXPECT_THAT(told(), IsEmpty());
}

TEST(AChange, IsSummedUpWhereItIsTooLargeToTell) {
  json::Object item{
      {"resourceId", "logs"}, {"configurationItemStatus", "ResourceDiscovered"}, {"ARN", "arn:aws:s3:::logs"}};
  item["configuration"] = std::string(told_item_bytes_max - 1'000, 'x');
  EXPECT_FALSE(is_oversized(change_message(item, {})));
  item["configuration"] = std::string(told_item_bytes_max, 'x');
  auto message = change_message(item, {});
  EXPECT_TRUE(is_oversized(message));
  const auto& summary = json::members(json::at(message, "configurationItemSummary"));
  EXPECT_EQ(json::text(summary, "changeType", ""), "CREATE");
  EXPECT_EQ(json::text(summary, "ARN", ""), "arn:aws:s3:::logs");
  EXPECT_FALSE(summary.contains("configuration"));
}

TEST_F(RulesWithFunctions, AreToldTheTimeAtTheirPaceAndNoOftener) {
  put_rule(detail("ScheduledNotification", "Three_Hours"), "{}");
  EXPECT_THAT(told(), ElementsAre("ScheduledNotification"));
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  EXPECT_THAT(told(), IsEmpty()) << "it wants no changes";
  for (int hour = 1; hour <= 12; ++hour) {
    clock.advance(hours(1));
    ok("s3:ListBuckets");
    ok("s3:ListBuckets");
  }
  EXPECT_THAT(told(), SizeIs(4));
}

TEST_F(RulesWithFunctions, AreToldTheTimeOnceADayWhereTheySayNoPace) {
  put_rule(detail("ScheduledNotification"), "{}");
  told();
  for (int hour = 1; hour <= 72; ++hour) {
    clock.advance(hours(1));
    ok("s3:ListBuckets");
  }
  EXPECT_THAT(told(), SizeIs(3));
}

TEST_F(RulesWithFunctions, HearNothingOfChangesWhileTheRecorderStands) {
  ok("s3:CreateBucket", R"({"Bucket": "delivered"})");
  ok("config:PutConfigurationRecorder",
     R"({"ConfigurationRecorder": {"name": "default", "roleARN": "arn:aws:iam::111122223333:role/run"}})");
  put_rule(changes(), buckets);
  told();
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  EXPECT_THAT(told(), IsEmpty());
  ok("config:PutDeliveryChannel", R"({"DeliveryChannel": {"name": "default", "s3BucketName": "delivered"}})");
  ok("config:StartConfigurationRecorder", R"({"ConfigurationRecorderName": "default"})");
  ok("s3:PutBucketVersioning", R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}})");
  EXPECT_THAT(told(), ElementsAre("ResourceDiscovered logs"));
}

TEST_F(RulesWithFunctions, AreAskedOnDemandAboutAllThatIsInScope) {
  put_rule(changes(), buckets);
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  told();
  ok("config:StartConfigRulesEvaluation", R"({"ConfigRuleNames": ["own"]})");
  EXPECT_THAT(told(), ElementsAre("OK logs"));
}

}  // namespace
}  // namespace aright::sandbox
