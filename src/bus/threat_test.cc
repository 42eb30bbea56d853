#include "bus/threat.h"

#include <gmock/gmock.h>

namespace aright::bus {
namespace {

using ::testing::IsEmpty;

// As Security Hub tells of a GuardDuty finding.
json::Object imported(std::string_view more) {
  json::Object finding = json::parse(R"({
    "SchemaVersion": "2018-10-08", "AwsAccountId": "111122223333", "Region": "us-east-1", "RecordState": "ACTIVE",
    "Id": "arn:aws:guardduty:us-east-1:111122223333:detector/d4b040365221be2b/finding/46ba0ac2845071e23ccdeb2ae03bfdea",
    "ProductArn": "arn:aws:securityhub:us-east-1::product/aws/guardduty",
    "Types": ["TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce"],
    "Severity": {"Product": 8, "Label": "HIGH"}, "Title": "An instance is performing SSH brute force attacks",
    "ProductFields": {"aws/guardduty/service/archived": "false", "aws/guardduty/service/resourceRole": "ACTOR"},
    "Resources": [{"Type": "AwsEc2Instance", "Id": "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"}]
  })")->as_object();
  const auto over = *json::parse(more);
  for (const auto& [key, value] : json::members(over)) finding[key] = value;
  return {{"source", "aws.securityhub"},
          {"detail-type", "Security Hub Findings - Imported"},
          {"account", "999999999999"},
          {"region", "eu-west-1"},
          {"detail", json::Object{{"findings", json::Array{std::move(finding)}}}}};
}

}  // namespace

TEST(Threats, AreTheSameWhenSecurityHubTellsThem) {
  auto threats = threats_of(imported("{}"));
  ASSERT_EQ(threats.size(), 1u);
  EXPECT_EQ(threats[0].id, "46ba0ac2845071e23ccdeb2ae03bfdea");
  EXPECT_EQ(threats[0].type, "UnauthorizedAccess:EC2/SSHBruteForce");
  EXPECT_EQ(threats[0].role, "ACTOR");
  EXPECT_EQ(threats[0].severity, 8);
  ASSERT_EQ(threats[0].resources[Subject::instance].size(), 1u);
  EXPECT_EQ(threats[0].resources[Subject::instance][0].key(),
            "111122223333/us-east-1/AWS::EC2::Instance/i-0123456789abcdef0");
}

TEST(Threats, NameKeysUsersAndRolesOfSecurityHub) {
  auto of = [](const std::string& key) {
    return threats_of(imported(R"({"Types": ["TTPs/Discovery/Recon:IAMUser-TorIPCaller"], "Resources": [{"Type":
      "AwsIamAccessKey", "Id": "AWS::IAM::AccessKey:x", "Details": {"AwsIamAccessKey": )" + key + "}}]}"))[0];
  };
  auto user = of(R"({"PrincipalType": "IAMUser", "PrincipalName": "ann", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"})");
  EXPECT_EQ(user.resources[Subject::access_key][0].id, "ann|AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(user.resources[Subject::user][0].id, "ann");
  auto role = of(R"({"PrincipalType": "AssumedRole", "PrincipalName": "web", "AccessKeyId": "ASIAIOSFODNN7EXAMPLE"})");
  EXPECT_EQ(role.resources[Subject::role][0].id, "web");
  EXPECT_FALSE(role.resources.contains(Subject::access_key));
}

TEST(Threats, AreNotSamplesArchivedOnesOrFindingsOfOthers) {
  EXPECT_THAT(threats_of(imported(R"({"Sample": true})")), IsEmpty());
  EXPECT_THAT(threats_of(imported(R"({"RecordState": "ARCHIVED"})")), IsEmpty());
  EXPECT_THAT(threats_of(imported(R"({"ProductArn": "arn:aws:securityhub:us-east-1::product/aws/macie"})")), IsEmpty());
  EXPECT_THAT(threats_of(imported(R"({"Types": ["TTPs"]})")), IsEmpty());
}

TEST(Threats, SaySeverityByTheLabelWhereTheNumberIsGone) {
  EXPECT_EQ(threats_of(imported(R"({"Severity": {"Label": "CRITICAL"}})"))[0].severity, 9);
  EXPECT_EQ(threats_of(imported(R"({"Severity": {"Label": "LOW"}})"))[0].severity, 1);
}

}  // namespace aright::bus
