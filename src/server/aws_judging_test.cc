// What Config and Security Hub tell over AWS's APIs of rules, packs, exceptions and findings.

#include "base/text.h"
#include "server/desk_testing.h"

namespace aright::server {
namespace {

TEST_F(TheDesk, JudgesARuleAtOnceAndTellsWhatAVerificationSaw) {
  make_public_bucket("photos");
  put_rule();
  settle();
  EXPECT_EQ(compliance(), (std::map<std::string, std::string>{{"photos", "NON_COMPLIANT"}}));
  ASSERT_EQ(stage(), "awaiting_approval");
  ok("ssm:SendAutomationSignal",
     json::print(json::Object{{"AutomationExecutionId", uuid_from(only().id.str())}, {"SignalType", "Approve"},
                              {"Payload", json::Object{{"PlanHash", json::Array{only().plan->hash}}}}}));
  settle();
  ASSERT_EQ(stage(), "resolved");
  EXPECT_EQ(compliance(), (std::map<std::string, std::string>{{"photos", "COMPLIANT"}}));
}

TEST_F(TheDesk, NamesTheRulesOfAPackAfterItAndSaysWhichItCannotJudge) {
  make_public_bucket("photos");
  constexpr auto body = R"(
Resources:
  A:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: no-public-read, Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_PUBLIC_READ_PROHIBITED}}
  B:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: unheard, Source: {Owner: AWS, SourceIdentifier: UNHEARD_OF}}
)";
  ok("config:PutConformancePack",
     json::print(json::Object{{"ConformancePackName", "base"}, {"TemplateBody", body}}));
  settle();
  auto told = ok("config:DescribeConformancePackStatus", "{}");
  const auto& status = json::items(json::at(told, "ConformancePackStatusDetails")).at(0);
  const auto id = json::text(status, "ConformancePackId", "");
  EXPECT_EQ(json::text(status, "ConformancePackStatusReason", ""),
            "1 of 2 rules is not evaluated: unheard-" + id + ": no control judges by UNHEARD_OF");
  const auto name = "no-public-read-" + id;
  auto rules = ok("config:DescribeConfigRules", json::print(json::Object{{"ConfigRuleNames", json::Array{name}}}));
  EXPECT_EQ(json::text(json::items(json::at(rules, "ConfigRules")).at(0), "CreatedBy", ""),
            "config-conforms.amazonaws.com");
  auto results = ok("config:GetComplianceDetailsByConfigRule", json::print(json::Object{{"ConfigRuleName", name}}));
  ASSERT_EQ(json::items(json::at(results, "EvaluationResults")).size(), 1u) << "judged at once";
  EXPECT_EQ(refused("config:DeleteConfigRule", json::print(json::Object{{"ConfigRuleName", name}})),
            "InsufficientPermissionsException");
  start_desk();
  EXPECT_EQ(json::items(json::at(ok("config:DescribeConfigRules", "{}"), "ConfigRules")).size(), 2u);
  ok("config:DeleteConformancePack", R"({"ConformancePackName": "base"})");
  EXPECT_TRUE(json::items(json::at(ok("config:DescribeConfigRules", "{}"), "ConfigRules")).empty());
  EXPECT_EQ(scan().evaluated, 0u);
}

TEST_F(TheDesk, KeepsWhatAPersonAttestsOfAProcessCheck) {
  ok("config:PutConfigRule", R"({"ConfigRule": {"ConfigRuleName": "trained",
      "Source": {"Owner": "AWS", "SourceIdentifier": "AWS_CONFIG_PROCESS_CHECK"}}})");
  put_rule();
  auto attest = [](const char* rule, const char* type) {
    return fmt::format(R"({{"ConfigRuleName": "{}", "ExternalEvaluation": {{"ComplianceResourceType": "{}",
        "ComplianceResourceId": "111122223333", "ComplianceType": "COMPLIANT", "Annotation": "all of them",
        "OrderingTimestamp": "2024-05-01T10:00:00Z"}}}})", rule, type);
  };
  auto known = [&] {
    auto told = ok("config:DescribeComplianceByConfigRule", R"({"ConfigRuleNames": ["trained"]})");
    return json::text(json::at(json::items(json::at(told, "ComplianceByConfigRules")).at(0), {"Compliance",
                                                                                            "ComplianceType"}));
  };
  EXPECT_EQ(known(), "INSUFFICIENT_DATA");
  EXPECT_EQ(refused("config:PutExternalEvaluation", attest("no-public-read", "AWS::::Account")),
            "NoSuchConfigRuleException");
  EXPECT_EQ(refused("config:PutExternalEvaluation", attest("trained", "AWS::S3::Bucket")),
            "InvalidParameterValueException");
  ok("config:PutExternalEvaluation", attest("trained", "AWS::::Account"));
  EXPECT_EQ(known(), "COMPLIANT");
  start_desk();
  EXPECT_EQ(known(), "COMPLIANT") << "after a restart as well";
}

TEST_F(TheDesk, RefusesParametersThatNobodyCouldJudgeBy) {
  EXPECT_EQ(refused("config:PutConfigRule", R"({"ConfigRule": {"ConfigRuleName": "keys", "InputParameters":
                "{\"maxAccessKeyAge\": \"banana\"}", "Source": {"Owner": "AWS",
                "SourceIdentifier": "ACCESS_KEYS_ROTATED"}}})"),
            "InvalidParameterValueException");
  EXPECT_TRUE(json::items(json::at(ok("config:DescribeConfigRules", "{}"), "ConfigRules")).empty());
}

TEST_F(TheDesk, MakesExceptionsForWhatDoesNotComplyUntilTheyEnd) {
  make_public_bucket("photos");
  somebody("s3:CreateBucket", R"({"Bucket": "quiet"})");
  put_rule();
  settle();
  ok("config:PutRemediationExceptions",
     fmt::format(R"({{"ConfigRuleName": "no-public-read", "Message": "a site", "ExpirationTime": "{}", "ResourceKeys": [
         {{"ResourceType": "AWS::S3::Bucket", "ResourceId": "photos"}},
         {{"ResourceType": "AWS::S3::Bucket", "ResourceId": "quiet"}}]}})",
                 (clock.now() + milliseconds(60'000)).iso()));
  auto listed = [&] {
    auto told = ok("config:DescribeRemediationExceptions", R"({"ConfigRuleName": "no-public-read"})");
    return json::items(json::at(told, "RemediationExceptions")).size();
  };
  EXPECT_EQ(listed(), 1u);
  clock.advance(milliseconds(61'000));
  EXPECT_EQ(listed(), 0u);
}

TEST_F(TheDesk, TakesFindingsOfNobodyElsesProduct) {
  ok("securityhub:EnableSecurityHub", "{}");
  for (const char* product : {"444455556666:product/444455556666/default", "111122223333:product/444455556666/default",
                              "111122223333:product/111122223333/mine", ":product/aws/guardduty"})
    EXPECT_EQ(refused("securityhub:BatchImportFindings",
                      fmt::format(R"({{"Findings": [{{"SchemaVersion": "2018-10-08", "Id": "f",
      "ProductArn": "arn:aws:securityhub:us-east-1:{}", "GeneratorId": "g",
      "AwsAccountId": "111122223333", "CreatedAt": "2024-01-01T00:00:00Z", "UpdatedAt": "2024-01-01T00:00:00Z",
      "Title": "t", "Description": "d", "Resources": [{{"Type": "Other", "Id": "r"}}]}}]}})", product)),
              "AccessDeniedException") << product;
}

TEST_F(TheDesk, TakesFindingsOfItsOwnAccountsAndOfEachTheLatest) {
  ok("securityhub:EnableSecurityHub", "{}");
  auto import = [](const char* account, const char* updated, const char* title) {
    return fmt::format(R"({{"Findings": [{{"SchemaVersion": "2018-10-08", "Id": "f", "GeneratorId": "g",
        "ProductArn": "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default",
        "AwsAccountId": "{}", "CreatedAt": "2024-01-01T00:00:00Z", "UpdatedAt": "{}", "Title": "{}",
        "Description": "d", "Severity": {{"Label": "HIGH"}}, "Resources": [{{"Type": "Other", "Id": "r"}}]}}]}})",
                       account, updated, title);
  };
  EXPECT_EQ(refused("securityhub:BatchImportFindings", import("999900001111", "2024-01-01T00:00:00Z", "theirs")),
            "AccessDeniedException");
  ok("securityhub:BatchImportFindings", import("111122223333", "2024-01-03T00:00:00Z", "newer"));
  ok("securityhub:BatchImportFindings", import("111122223333", "2024-01-02T00:00:00Z", "older"));
  auto told = ok("securityhub:GetFindings", "{}");
  ASSERT_EQ(json::items(json::at(told, "Findings")).size(), 1u);
  EXPECT_EQ(json::text(json::items(json::at(told, "Findings"))[0], "Title", ""), "newer");
}

}  // namespace
}  // namespace aright::server
