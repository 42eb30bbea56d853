#include "bus/threat.h"

#include <gmock/gmock.h>

namespace aright::bus {
namespace {

using ::testing::IsEmpty;

// As Security Hub tells of a GuardDuty finding.
json::Object imported_threat(std::string_view more) {
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
  auto threats = threats_of(imported_threat("{}"));
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
    return threats_of(imported_threat(R"({"Types": ["TTPs/Discovery/Recon:IAMUser-TorIPCaller"], "Resources": [{"Type":
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
  EXPECT_THAT(threats_of(imported_threat(R"({"Sample": true})")), IsEmpty());
  EXPECT_THAT(threats_of(imported_threat(R"({"RecordState": "ARCHIVED"})")), IsEmpty());
  EXPECT_THAT(threats_of(imported_threat(R"({"ProductArn": "arn:aws:securityhub:us-east-1::product/aws/macie"})")), IsEmpty());
  EXPECT_THAT(threats_of(imported_threat(R"({"Types": ["TTPs"]})")), IsEmpty());
}

TEST(Threats, SaySeverityByTheLabelWhereTheNumberIsGone) {
  EXPECT_EQ(threats_of(imported_threat(R"({"Severity": {"Label": "CRITICAL"}})"))[0].severity, 9);
  EXPECT_EQ(threats_of(imported_threat(R"({"Severity": {"Label": "LOW"}})"))[0].severity, 1);
}

// As Security Hub's second version tells of a GuardDuty finding.
json::Object imported_ocsf(std::string_view more) {
  json::Object finding = json::parse(R"({
    "class_uid": 2004, "activity_id": 1, "status_id": 1, "severity_id": 4, "confidence_score": 80,
    "cloud": {"account": {"uid": "111122223333"}, "region": "us-east-1"},
    "metadata": {"product": {"name": "GuardDuty"}},
    "finding_info": {"uid": "arn:aws:guardduty:us-east-1:111122223333:detector/d1/finding/46ba0ac2845071e2",
                     "title": "An instance is performing SSH brute force attacks",
                     "types": ["UnauthorizedAccess:EC2/SSHBruteForce"]},
    "resources": [{"type": "AWS::EC2::Instance", "role": "Actor",
                   "uid": "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"}]
  })")->as_object();
  const auto over = *json::parse(more);
  for (const auto& [key, value] : json::members(over)) finding[key] = value;
  return {{"source", "aws.securityhub"},
          {"detail-type", "Findings Imported V2"},
          {"account", "999999999999"},
          {"region", "eu-west-1"},
          {"detail", json::Object{{"findings", json::Array{std::move(finding)}}}}};
}

TEST(Threats, AreTheSameWhenSecurityHubTellsThemInOcsf) {
  auto threats = threats_of(imported_ocsf("{}"));
  ASSERT_EQ(threats.size(), 1u);
  EXPECT_EQ(threats[0].id, "46ba0ac2845071e2");
  EXPECT_EQ(threats[0].type, "UnauthorizedAccess:EC2/SSHBruteForce");
  EXPECT_EQ(threats[0].role, "ACTOR");
  EXPECT_EQ(threats[0].severity, 7);
  EXPECT_EQ(threats[0].confidence, 80);
  EXPECT_EQ(threats[0].resources[Subject::instance][0].key(),
            "111122223333/us-east-1/AWS::EC2::Instance/i-0123456789abcdef0");
  auto as_asff = threats_of(imported_ocsf(R"({"finding_info": {"uid": "x/1", "types":
      ["TTPs/Command and Control/Backdoor:EC2-C&CActivity.B"]}})"));
  EXPECT_EQ(as_asff[0].type, "Backdoor:EC2/C&CActivity.B");
}

TEST(Threats, OfOcsfNameWhoseKeyItWas) {
  auto threats = threats_of(imported_ocsf(R"({"resources": [{"type": "AWS::IAM::AccessKey", "uid": "AKIAIOSFODNN7EXAMPLE"}],
      "evidences": [{"actor": {"user": {"type": "IAMUser", "name": "ann", "credential_uid": "AKIAIOSFODNN7EXAMPLE"}}}]})"));
  EXPECT_EQ(threats[0].resources[Subject::access_key][0].id, "ann|AKIAIOSFODNN7EXAMPLE");
}

TEST(Threats, OfOcsfAreNotThoseThatAreOverOrOfOthers) {
  for (auto more : {R"({"class_uid": 2003})", R"({"activity_id": 3})", R"({"status_id": 4})", R"({"status_id": 5})",
                    R"({"metadata": {"product": {"name": "Macie"}}})", R"({"finding_info": {"types": ["TTPs"]}})",
                    R"({"finding_info": {"title": "[SAMPLE] x", "types": ["Recon:EC2/Portscan"]}})"})
    EXPECT_THAT(threats_of(imported_ocsf(more)), IsEmpty()) << more;
  EXPECT_NE(threats_of(imported_ocsf(R"({"status_id": 3})"))[0].suppressed, "");
}

}  // namespace aright::bus
