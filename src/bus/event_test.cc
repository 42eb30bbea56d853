#include "bus/event.h"

#include <gmock/gmock.h>

namespace aright::bus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Timestamp now{1'700'000'000'000};
constexpr auto account = "111122223333", region = "eu-central-1";

json::Object object(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? json::members(*value) : json::Object();
}

std::string refusal(std::string_view entry) {
  auto made = envelope(object(entry), account, region, now);
  return made ? "" : made.error().wire_code;
}

std::vector<Mention> mentions_in(std::string_view event) {
  return mentions(object(event), cloud::Catalog::embedded());
}

std::vector<std::string> keys(const std::vector<Mention>& list) {
  std::vector<std::string> out;
  for (const auto& mention : list)
    out.push_back(mention.resource.key());
  return out;
}

TEST(Envelope, IsWhatEventBridgeMakesOfAnEntry) {
  auto made =
      envelope(object(R"({"Source": "mine", "DetailType": "Thing done", "Detail": "{\"a\": 1}",
                                  "Resources": ["arn:aws:s3:::logs"], "Time": "2024-05-01T10:00:00Z"})"),
               account, region, now);
  ASSERT_TRUE(made);
  EXPECT_EQ(json::text(*made, "id").size(), 36u);
  made->erase("id");
  EXPECT_EQ(
      *made,
      object(
          R"({"version": "0", "detail-type": "Thing done", "source": "mine", "account": "111122223333",
      "time": "2024-05-01T10:00:00Z", "region": "eu-central-1", "resources": ["arn:aws:s3:::logs"], "detail": {"a": 1}})"));
}

TEST(Envelope, RefusesAnEntryWithEventBridgesOwnWords) {
  EXPECT_EQ(refusal(R"({"DetailType": "t", "Detail": "{}"})"), "InvalidArgument");
  EXPECT_EQ(refusal(R"({"Source": "s", "Detail": "{}"})"), "InvalidArgument");
  EXPECT_EQ(refusal(R"({"Source": "s", "DetailType": "t"})"), "InvalidArgument");
  for (auto detail : {"[", "[]", "1", "\\\"text\\\"", "null"})
    EXPECT_EQ(
        refusal(fmt::format(R"({{"Source": "s", "DetailType": "t", "Detail": "{}"}})", detail)),
        "MalformedDetail")
        << detail;
  auto longest = std::string(detail_type_chars_max, 't');
  EXPECT_EQ(
      refusal(fmt::format(R"({{"Source": "s", "DetailType": "{}", "Detail": "{{}}"}})", longest)),
      "");
  EXPECT_EQ(
      refusal(fmt::format(R"({{"Source": "s", "DetailType": "{}t", "Detail": "{{}}"}})", longest)),
      "InvalidArgument");
}

TEST(Entries, AreRefusedTogetherWhereNoneIsWhole) {
  auto told = [](std::string_view entries) {
    auto checked = check_entries(json::parse(entries)->as_array());
    return checked ? "" : checked.error().wire_code;
  };
  EXPECT_EQ(told(R"([{"Source": "s", "DetailType": "t"}, {"Detail": "{}"}])"), "ValidationException");
  EXPECT_EQ(told(R"([{}])"), "ValidationException");
  EXPECT_EQ(told(R"([{"Source": "s", "DetailType": "t"}, {"Source": "s", "DetailType": "t", "Detail": "{}"}])"), "");
}

TEST(Envelope, IsFilledInWhereItMayBe) {
  auto whole =
      complete(object(R"({"source": "s", "detail-type": "t", "detail": {}, "id": "mine"})"),
               account, region, now);
  ASSERT_TRUE(whole);
  EXPECT_EQ(json::text(*whole, "id"), "mine") << "or the same event would not be known again";
  EXPECT_EQ(json::text(*whole, "account"), account);
  EXPECT_EQ(json::text(*whole, "region"), region);
  EXPECT_FALSE(complete(object(R"({"detail-type": "t", "detail": {}})"), account, region, now));
  EXPECT_FALSE(complete(object(R"({"source": "s", "detail": {}})"), account, region, now));
  EXPECT_FALSE(complete(object(R"({"source": "s", "detail-type": "t", "detail": "{}"})"), account,
                        region, now));
}

TEST(CloudTrail, NamesWhatACallChanged) {
  auto found = mentions_in(
      R"({"source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "account": "111122223333",
      "region": "us-east-1", "detail": {"eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl",
      "requestParameters": {"bucketName": "logs", "x-amz-acl": "public-read"}}})");
  EXPECT_THAT(keys(found), ElementsAre("111122223333/us-east-1/AWS::S3::Bucket/logs"));
  found = mentions_in(
      R"({"detail-type": "AWS API Call via CloudTrail", "account": "111122223333", "region": "us-east-1",
      "detail": {"eventSource": "s3.amazonaws.com", "eventName": "DeleteBucketPublicAccessBlock",
      "requestParameters": {"bucketName": "logs"}}})");
  EXPECT_THAT(keys(found), ElementsAre("111122223333/us-east-1/AWS::S3::Bucket/logs"));
  found = mentions_in(
      R"({"detail-type": "AWS API Call via CloudTrail", "account": "111122223333", "region": "eu-west-1",
      "detail": {"eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress",
      "requestParameters": {"groupId": "sg-0123456789abcdef0"}}})");
  EXPECT_THAT(keys(found),
              ElementsAre("111122223333/eu-west-1/AWS::EC2::SecurityGroup/sg-0123456789abcdef0"));
}

TEST(CloudTrail, SaysNothingOfCallsThatFailedOrAreUnknown) {
  EXPECT_THAT(
      mentions_in(
          R"({"detail-type": "AWS API Call via CloudTrail", "detail": {"eventSource": "s3.amazonaws.com",
      "eventName": "PutBucketAcl", "errorCode": "AccessDenied", "requestParameters": {"bucketName": "logs"}}})"),
      IsEmpty());
  for (
      auto detail :
      {R"({"eventSource": "nothing.amazonaws.com", "eventName": "PutThing"})",
       R"({"eventSource": ""})", "{}",
       R"({"eventSource": "s3.amazonaws.com", "eventName": "NoSuchCall", "requestParameters": null})",
       R"({"eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl", "requestParameters": {"": 1}})",
       R"({"eventSource": 7, "eventName": [], "requestParameters": "x"})"})
    EXPECT_THAT(mentions_in(fmt::format(
                    R"({{"detail-type": "AWS API Call via CloudTrail", "detail": {}}})", detail)),
                IsEmpty())
        << detail;
}

TEST(Config, NamesTheResourceAndItsRule) {
  auto found =
      mentions_in(R"({"source": "aws.config", "detail-type": "Config Rules Compliance Change",
      "account": "111122223333", "region": "us-east-1", "detail": {"resourceId": "logs", "resourceType": "AWS::S3::Bucket",
      "configRuleName": "s3-bucket-public-read-prohibited", "newEvaluationResult": {"complianceType": "NON_COMPLIANT"}}})");
  ASSERT_THAT(keys(found), ElementsAre("111122223333/us-east-1/AWS::S3::Bucket/logs"));
  EXPECT_EQ(found[0].config_rule, "s3-bucket-public-read-prohibited");
  EXPECT_EQ(found[0].compliance, "NON_COMPLIANT");
  EXPECT_THAT(mentions_in(R"({"detail-type": "Config Rules Compliance Change", "detail": {}})"),
              IsEmpty());
}

constexpr auto imported =
    R"({"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported",
    "account": "999999999999", "region": "us-east-1", "detail": {"findings": [
      {"Id": "f-1", "AwsAccountId": "111122223333", "Title": "Public", "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.2"},
       "Resources": [{"Id": "arn:aws:s3:::logs", "Region": "us-east-1"}, {"Id": "arn:aws:made:up"}, {"Id": "AWS::::Account:1"}]},
      {"Id": "f-2", "AwsAccountId": "111122223333", "ProductFields": {"ControlId": "EC2.13"},
       "Resources": [{"Id": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}]}]}})";

TEST(Config, NamesNothingOfTypesThatAreNotDescribed) {
  auto of = [](const std::string& type) {
    return keys(mentions_in(R"({"source": "aws.config", "detail-type": "Config Rules Compliance Change",
        "account": "111122223333", "region": "us-east-1", "detail": {"resourceId": "one", "configRuleName": "r",
        "resourceType": ")" + type + "\"}}"));
  };
  EXPECT_THAT(of(""), IsEmpty());
  EXPECT_THAT(of("AWS::Unheard::Of"), IsEmpty());
  EXPECT_THAT(of("AWS::::Account"), ElementsAre("111122223333/us-east-1/AWS::::Account/one"));
}

TEST(SecurityHub, NamesEachResourceInTheMembersAccount) {
  auto found = mentions_in(imported);
  ASSERT_THAT(keys(found), ElementsAre("111122223333/us-east-1/AWS::S3::Bucket/logs",
                                       "111122223333/eu-west-1/AWS::EC2::SecurityGroup/sg-1"));
  EXPECT_EQ(found[0].security_control, "S3.2");
  EXPECT_EQ(found[0].finding_id, "f-1");
  EXPECT_EQ(found[0].compliance, "FAILED");
  EXPECT_EQ(found[1].security_control, "EC2.13");
}

// The same finding from the administrator's account and from the member's speaks of one resource.
TEST(SecurityHub, NamesTheSameFromWhicheverAccountItCame) {
  auto of_administrator = object(imported), of_member = object(imported);
  of_member["account"] = "111122223333";
  of_member["id"] = "another";
  EXPECT_EQ(keys(mentions(of_administrator, cloud::Catalog::embedded())),
            keys(mentions(of_member, cloud::Catalog::embedded())));
}

TEST(GuardDuty, NamesTheInstanceOrTheUser) {
  auto found = mentions_in(
      R"({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "account": "1", "detail": {
      "accountId": "111122223333", "region": "us-east-1", "id": "g-1", "type": "CryptoCurrency:EC2/BitcoinTool.B!DNS",
      "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0123456789abcdef0"}}}})");
  ASSERT_THAT(keys(found),
              ElementsAre("111122223333/us-east-1/AWS::EC2::Instance/i-0123456789abcdef0"));
  EXPECT_EQ(found[0].title, "CryptoCurrency:EC2/BitcoinTool.B!DNS");
  EXPECT_EQ(found[0].finding_id, "g-1");
  found = mentions_in(
      R"({"source": "aws.guardduty", "detail": {"accountId": "111122223333", "region": "us-east-1",
      "resource": {"resourceType": "AccessKey", "accessKeyDetails": {"userName": "eve"}}}})");
  EXPECT_THAT(keys(found), ElementsAre("111122223333/us-east-1/AWS::IAM::User/eve"));
  EXPECT_THAT(
      mentions_in(
          R"({"source": "aws.guardduty", "detail": {"resource": {"resourceType": "EKSCluster"}}})"),
      IsEmpty());
}

TEST(GuardDuty, NamesRolesBucketsAndFunctions) {
  auto of = [](const std::string& resource) {
    return keys(mentions_in(R"({"source": "aws.guardduty", "account": "1", "region": "r", "detail": {"resource": )" +
                            resource + "}}"));
  };
  EXPECT_THAT(of(R"({"resourceType": "AccessKey",
                     "accessKeyDetails": {"userType": "AssumedRole", "userName": "web"}})"),
              ElementsAre("1/r/AWS::IAM::Role/web"));
  EXPECT_THAT(of(R"({"resourceType": "AccessKey", "accessKeyDetails": {"userType": "Root", "userName": "Root"}})"),
              IsEmpty());
  EXPECT_THAT(of(R"({"resourceType": "S3Bucket", "s3BucketDetails": [{"name": "one"}, {"name": "two"}]})"),
              ElementsAre("1/r/AWS::S3::Bucket/one", "1/r/AWS::S3::Bucket/two"));
  EXPECT_THAT(of(R"({"resourceType": "Lambda", "lambdaDetails": {"functionName": "pay"}})"),
              ElementsAre("1/r/AWS::Lambda::Function/pay"));
}

TEST(GuardDuty, SaysNothingOfSamples) {
  EXPECT_THAT(mentions_in(R"({"source": "aws.guardduty", "account": "1", "region": "r", "detail": {
      "service": {"additionalInfo": {"sample": true}},
      "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-99999999"}}}})"),
              IsEmpty());
}

TEST(SecurityHub, SaysNothingOfOurOwnFindingsThatComeBack) {
  EXPECT_THAT(mentions_in(R"({"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported",
      "account": "111122223333", "region": "us-east-1", "detail": {"findings": [{
        "Id": "aright/fnd_1", "ProductFields": {"aright/finding": "fnd_1"},
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::acme"}]}]}})"),
              IsEmpty());
}

TEST(SecurityHub, SpeaksOcsfAsWell) {
  auto with = [](const std::string& product) {
    return mentions_in(R"({"source": "aws.securityhub", "detail-type": "Findings Imported V2", "account": "1",
      "region": "r", "detail": {"findings": [{
        "class_uid": 2003, "metadata": {"version": "1.1.0", "product": {"name": ")" + product + R"("}},
        "cloud": {"provider": "AWS", "region": "us-east-1", "account": {"uid": "111122223333"}},
        "compliance": {"control": "S3.2", "status": "Fail", "standards": ["x"]},
        "finding_info": {"uid": "f-1", "title": "Buckets are private"},
        "resources": [{"uid": "arn:aws:s3:::acme", "type": "AWS::S3::Bucket"},
                      {"uid": "sg-0123456789abcdef0", "type": "AWS::EC2::SecurityGroup", "region": "eu-west-1"}]}]}})");
  };
  auto found = with("Security Hub");
  EXPECT_THAT(keys(found), ElementsAre("111122223333/us-east-1/AWS::S3::Bucket/acme",
                                       "111122223333/eu-west-1/AWS::EC2::SecurityGroup/sg-0123456789abcdef0"));
  EXPECT_EQ(found[0].security_control, "S3.2");
  EXPECT_EQ(found[0].finding_id, "f-1");
  EXPECT_THAT(with("aright"), IsEmpty());
}

TEST(OtherEvents, NameTheArnsThatAreKnown) {
  auto found = mentions_in(
      R"({"source": "mine", "detail-type": "t", "account": "111122223333", "region": "us-east-1",
      "resources": ["arn:aws:s3:::logs", "not an arn", "arn:aws:sqs:eu-west-1:222222222222:q"], "detail": {}})");
  EXPECT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].resource.key(), "111122223333/us-east-1/AWS::S3::Bucket/logs");
  EXPECT_EQ(found[1].resource.account, "222222222222");
  EXPECT_EQ(found[1].resource.region, "eu-west-1");
}

json::Object of_hub(std::string_view finding, std::string_view kind = "Security Hub Findings - Imported") {
  return {{"source", "aws.securityhub"},
          {"detail-type", kind},
          {"region", "eu-west-1"},
          {"detail", json::Object{{"findings", json::Array{*json::parse(finding)}}}}};
}

constexpr auto failed = R"({"Id": "f-1", "ProductArn": "arn:aws:securityhub:eu-central-1::product/aws/securityhub",
    "AwsAccountId": "111122223333", "UpdatedAt": "2024-05-01T10:00:00Z", "Severity": {"Label": "HIGH"},
    "Workflow": {"Status": "NEW"}, "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.8"},
    "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::site"}]})";

std::string with(std::string_view finding, std::string_view more) {
  auto out = object(finding);
  for (const auto& [key, value] : object(more)) out[key] = value;
  return json::print(json::Value(out));
}

TEST(Mentions, SayWhoseFindingItIsElsewhere) {
  auto mention = mentions(of_hub(failed), cloud::Catalog::embedded()).at(0);
  EXPECT_EQ(mention.teller, (Teller{.tool = "aws.securityhub", .id = "f-1",
                                    .product_arn = "arn:aws:securityhub:eu-central-1::product/aws/securityhub",
                                    .account = "111122223333", .region = "eu-central-1"}));
  EXPECT_EQ(teller_from_json(json::Value(to_json(*mention.teller))), mention.teller);
  EXPECT_EQ(mention.suppressed, "");
  auto quiet = with(failed, R"({"Workflow": {"Status": "SUPPRESSED"}, "Note": {"Text": "accepted", "UpdatedBy": "ann"}})");
  EXPECT_EQ(mentions(of_hub(quiet), cloud::Catalog::embedded()).at(0).suppressed,
            "Security Hub has it as SUPPRESSED: accepted");
}

TEST(Mentions, PassOverWhatWeWroteOurselvesUntilTheToolTellsMore) {
  auto ours = with(failed, R"({"Note": {"Text": "done", "UpdatedBy": "aright", "UpdatedAt": "2024-05-01T10:00:05Z"}})");
  EXPECT_THAT(mentions(of_hub(ours), cloud::Catalog::embedded()), IsEmpty());
  EXPECT_EQ(mentions(of_hub(ours, "Security Hub Findings - Custom Action"), cloud::Catalog::embedded()).size(), 1u)
      << "a person chose it";
  auto newer = with(ours, R"({"UpdatedAt": "2024-05-01T11:00:00Z"})");
  EXPECT_EQ(mentions(of_hub(newer), cloud::Catalog::embedded()).size(), 1u);
}

TEST(Automation, WritesIntoFindingsThatAreImported) {
  auto rule = read_automation_rule(*json::parse(R"({"RuleName": "less bad", "RuleOrder": 1,
      "Criteria": {"ComplianceSecurityControlId": [{"Comparison": "EQUALS", "Value": "S3.8"}]},
      "Actions": [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Severity": {"Label": "LOW"}}}]})"));
  ASSERT_TRUE(rule) << rule.error().text();
  auto passed = automated(of_hub(failed), {*rule}, now);
  EXPECT_THAT(passed.held, ElementsAre("less bad"));
  EXPECT_EQ(passed.severities, (std::map<std::string, std::string>{{"f-1", "low"}}));
  auto chosen = of_hub(failed, "Security Hub Findings - Custom Action");
  EXPECT_EQ(automated(chosen, {*rule}, now).event, chosen);
}

}  // namespace
}  // namespace aright::bus
