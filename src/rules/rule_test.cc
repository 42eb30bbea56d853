#include "rules/rule.h"

#include <gtest/gtest.h>

#include "rules/control.h"

namespace aright::rules {

namespace {

cloud::Snapshot snapshot(const char* type, const char* id, const char* properties, const char* facts = "{}") {
  cloud::Snapshot out;
  out.ref = {.account = "111122223333", .region = "us-east-1", .type = type, .id = id};
  out.properties = json::parse(properties).value().as_object();
  out.facts = json::parse(facts).value().as_object();
  return out;
}

cloud::Snapshot bucket(const char* properties, const char* facts = "{}") {
  return snapshot("AWS::S3::Bucket", "acme", properties, facts);
}
cloud::Snapshot account(const char* facts = "{}") { return snapshot("AWS::::Account", "111122223333", "{}", facts); }

Compliance judge(const char* rule, const cloud::Snapshot& resource, const cloud::Snapshot* of_account = nullptr,
                 const char* parameters = "{}", std::vector<cloud::Snapshot> related = {}) {
  return managed_rule(rule)
      ->judge({resource, of_account, std::move(related)}, json::parse(parameters).value().as_object())
      .compliance;
}

constexpr const char* public_read_policy =
    R"({"PolicyStatus": {"IsPublic": true},
        "Policy": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}})";
constexpr const char* public_acl =
    R"({"Acl": {"Grants": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
                            "Permission": "READ"}]}})";
constexpr const char* closed = R"({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
                                   "BlockPublicPolicy": true, "RestrictPublicBuckets": true}})";

}  // namespace

TEST(PublicRead, APolicyThatNamesEveryoneIsNonCompliant) {
  auto no_block = account();
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket("{}", public_read_policy), &no_block),
            Compliance::non_compliant);
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_WRITE_PROHIBITED", bucket("{}", public_read_policy), &no_block),
            Compliance::compliant);
}

TEST(PublicRead, AnAclForAllUsersIsNonCompliant) {
  auto no_block = account();
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket("{}", public_acl), &no_block), Compliance::non_compliant);
}

TEST(PublicRead, TheBlockOfTheBucketOrOfTheAccountIsEnough) {
  auto no_block = account(), block = account(R"({"PublicAccessBlock": {"IgnorePublicAcls": true,
                                                 "RestrictPublicBuckets": true}})");
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket(closed, public_read_policy), &no_block),
            Compliance::compliant);
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket("{}", public_acl), &block), Compliance::compliant);
}

TEST(PublicRead, EachSettingHoldsAgainstItsOwnWayIn) {
  auto no_block = account();
  const char* only_acls = R"({"PublicAccessBlockConfiguration": {"IgnorePublicAcls": true}})";
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket(only_acls, public_acl), &no_block), Compliance::compliant);
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket(only_acls, public_read_policy), &no_block),
            Compliance::non_compliant);
}

TEST(PublicRead, ConditionsAreTheServicesJudgement) {
  auto no_block = account();
  EXPECT_EQ(
      judge(
          "S3_BUCKET_PUBLIC_READ_PROHIBITED",
          bucket(
              "{}",
              R"({"PolicyStatus": {"IsPublic": false}, "Policy": {"Statement": [{"Effect": "Allow",
                      "Principal": "*", "Action": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]}})"),
          &no_block),
      Compliance::compliant);
}

TEST(PublicRead, WhatCannotBeReadIsNeverCompliant) {
  auto unseen = bucket("{}", public_acl);
  unseen.unreadable["Policy"] = "AccessDenied";
  auto no_block = account();
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", unseen, &no_block), Compliance::insufficient_data);
  no_block.unreadable["PublicAccessBlock"] = "AccessDenied";
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket("{}", public_acl), &no_block),
            Compliance::insufficient_data);
  EXPECT_EQ(judge("S3_BUCKET_PUBLIC_READ_PROHIBITED", bucket("{}", public_acl)), Compliance::insufficient_data);
}

TEST(OwnBlock, NeedsAllFourSettingsUnlessExcluded) {
  EXPECT_EQ(judge("S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", bucket(closed)), Compliance::compliant);
  EXPECT_EQ(judge("S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", bucket("{}")), Compliance::non_compliant);
  EXPECT_EQ(judge("S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", bucket("{}"), nullptr,
                  R"({"excludedPublicBuckets": "other, acme"})"),
            Compliance::not_applicable);
}

TEST(Ports, WorldOpenRangesAreFoundAndOthersLeftAlone) {
  auto group = [](const std::string& rule) {
    return snapshot("AWS::EC2::SecurityGroup", "sg-1", (R"({"SecurityGroupIngress": [)" + rule + "]}").c_str());
  };
  struct Case {
    const char* rule;
    Compliance ssh;
  } cases[] = {
      {R"({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"})", Compliance::non_compliant},
      {R"({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 1024, "CidrIpv6": "::/0"})", Compliance::non_compliant},
      {R"({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"})", Compliance::non_compliant},
      {R"({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"})", Compliance::compliant},
      {R"({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"})", Compliance::compliant},
      {R"({"IpProtocol": "udp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"})", Compliance::compliant},
  };
  for (const auto& one : cases) EXPECT_EQ(judge("INCOMING_SSH_DISABLED", group(one.rule)), one.ssh) << one.rule;
  const char* database = R"({"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "CidrIp": "0.0.0.0/0"})";
  EXPECT_EQ(judge("RESTRICTED_INCOMING_TRAFFIC", group(database), nullptr, R"({"blockedPort1": "3306"})"),
            Compliance::non_compliant);
  EXPECT_EQ(judge("RESTRICTED_INCOMING_TRAFFIC", group(database), nullptr, R"({"blockedPorts": "20,21"})"),
            Compliance::compliant);
  EXPECT_EQ(judge("RESTRICTED_INCOMING_TRAFFIC", group(database), nullptr, R"({"blockedPort1": "mysql"})"),
            Compliance::insufficient_data);
}

TEST(Instances, TokensAreRequiredWhileTheyRun) {
  auto instance = [](const char* tokens, const char* state) {
    auto properties = fmt::format(R"({{"MetadataOptions": {{"HttpEndpoint": "enabled", "HttpTokens": "{}"}}}})", tokens);
    auto facts = fmt::format(R"({{"State": {{"Name": "{}"}}}})", state);
    return snapshot("AWS::EC2::Instance", "i-1", properties.c_str(), facts.c_str());
  };
  EXPECT_EQ(judge("EC2_IMDSV2_CHECK", instance("optional", "running")), Compliance::non_compliant);
  EXPECT_EQ(judge("EC2_IMDSV2_CHECK", instance("required", "running")), Compliance::compliant);
  EXPECT_EQ(judge("EC2_IMDSV2_CHECK", instance("optional", "terminated")), Compliance::not_applicable);
}

TEST(Instances, AreContainedWhenNoGroupLetsTrafficThrough) {
  auto instance = snapshot("AWS::EC2::Instance", "i-1",
                           R"({"MetadataOptions": {"HttpTokens": "required"}, "SecurityGroupIds": ["sg-1"]})");
  auto empty = snapshot("AWS::EC2::SecurityGroup", "sg-1", "{}");
  auto open = snapshot("AWS::EC2::SecurityGroup", "sg-1", R"({"SecurityGroupEgress": [{"IpProtocol": "-1"}]})");
  EXPECT_EQ(judge("ARIGHT_EC2_INSTANCE_CONTAINED", instance, nullptr, "{}", {empty}), Compliance::compliant);
  EXPECT_EQ(judge("ARIGHT_EC2_INSTANCE_CONTAINED", instance, nullptr, "{}", {open}), Compliance::non_compliant);
  EXPECT_EQ(judge("ARIGHT_EC2_INSTANCE_CONTAINED", instance), Compliance::insufficient_data);
}

TEST(Controls, EachHasARuleThatJudgesItsType) {
  ASSERT_FALSE(Controls::embedded().all().empty());
  for (const auto& [id, control] : Controls::embedded().all()) {
    const auto* rule = Controls::rule_of(control);
    ASSERT_NE(rule, nullptr) << id << " has no rule.guard, and C++ has no " << control.rule;
    EXPECT_EQ(rule->resource_type, control.resource_type) << id;
    const auto* type = cloud::Catalog::embedded().type(control.resource_type);
    if (control.resource_type == "AWS::::Account") continue;
    ASSERT_NE(type, nullptr) << id << ": " << control.resource_type << " is in no description";
    for (const auto& aspect : rule->aspects) EXPECT_NE(type->aspect(aspect), nullptr) << id << " reads " << aspect;
  }
}

TEST(Controls, EachGuardRuleCanBeRead) {
  for (const auto& [id, control] : Controls::embedded().all()) {
    if (!control.own_rule) continue;
    auto nothing = snapshot(control.resource_type.c_str(), "nothing", "{}");
    auto evaluation = control.own_rule->judge({nothing}, control.parameters);
    EXPECT_EQ(evaluation.annotation.find("can't be read"), std::string::npos) << id << ": " << evaluation.annotation;
  }
}

TEST(Rules, AnnotationsFitConfigsLimit) {
  std::string rules;
  for (int i = 0; i < 50; ++i)
    rules += fmt::format("{}{{\"IpProtocol\": \"-1\", \"CidrIp\": \"0.0.0.0/0\"}}", i ? "," : "");
  auto group = snapshot("AWS::EC2::SecurityGroup", "sg-1", ("{\"SecurityGroupIngress\": [" + rules + "]}").c_str());
  auto evaluation = managed_rule("INCOMING_SSH_DISABLED")->judge({group}, {});
  EXPECT_LE(evaluation.annotation.size(), annotation_chars_max);
}

namespace {

// Read at noon of 2024-05-01.
cloud::Snapshot seen_in_may(const char* type, const char* properties, const char* facts) {
  auto out = snapshot(type, "it", properties, facts);
  out.time = parse_timestamp("2024-05-01T12:00:00Z").value();
  return out;
}

}  // namespace

TEST(Policies, EveryoneIsLetInUnlessAConditionTellsSomeFromOthers) {
  struct Case {
    const char* statement;
    Compliance expected;
  } cases[] = {
      {R"({"Effect": "Allow", "Principal": "*"})", Compliance::non_compliant},
      {R"({"Effect": "Allow", "Principal": {"AWS": ["*"]}})", Compliance::non_compliant},
      {R"({"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::1:root"}})", Compliance::non_compliant},
      {R"({"Effect": "Deny", "Principal": "*"})", Compliance::compliant},
      {R"({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}})", Compliance::compliant},
      {R"({"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}})",
       Compliance::compliant},
      {R"({"Effect": "Allow", "Principal": "*", "Condition": {"StringLike": {"aws:SourceAccount": "*"}}})",
       Compliance::non_compliant},
      {R"({"Effect": "Allow", "Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "1"}}})",
       Compliance::non_compliant},
      {R"({"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "${aws:x}"}}})",
       Compliance::non_compliant},
      {R"({"Effect": "Allow", "Principal": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme"}}})",
       Compliance::compliant},
      {R"({"Effect": "Allow", "Principal": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}})",
       Compliance::non_compliant},
      {R"({"Effect": "Allow", "Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}})",
       Compliance::non_compliant},
  };
  for (const auto& one : cases) {
    auto facts = std::string(R"({"Policy": {"Statement": )") + one.statement + "}}";
    EXPECT_EQ(judge("SQS_QUEUE_NO_PUBLIC_ACCESS", snapshot("AWS::SQS::Queue", "q", "{}", facts.c_str())), one.expected)
        << one.statement;
  }
  auto unseen = snapshot("AWS::SQS::Queue", "q", "{}");
  unseen.unreadable["Policy"] = "AccessDenied";
  EXPECT_EQ(judge("SQS_QUEUE_NO_PUBLIC_ACCESS", unseen), Compliance::insufficient_data);
}

TEST(AccessKeys, AgeCountsOnlyWhileTheyAreActive) {
  const char* old_key =
      R"({"AccessKeys": [{"AccessKeyId": "A", "Status": "Active", "CreateDate": "2024-01-01T00:00:00Z"}]})";
  const char* off =
      R"({"AccessKeys": [{"AccessKeyId": "A", "Status": "Inactive", "CreateDate": "2024-01-01T00:00:00Z"}]})";
  const char* vague = R"({"AccessKeys": [{"AccessKeyId": "A", "Status": "Active"}]})";
  EXPECT_EQ(judge("ACCESS_KEYS_ROTATED", seen_in_may("AWS::IAM::User", "{}", old_key)), Compliance::non_compliant);
  EXPECT_EQ(judge("ACCESS_KEYS_ROTATED", seen_in_may("AWS::IAM::User", "{}", old_key), nullptr,
                  R"({"maxAccessKeyAge": "180"})"),
            Compliance::compliant);
  EXPECT_EQ(judge("ACCESS_KEYS_ROTATED", seen_in_may("AWS::IAM::User", "{}", off)), Compliance::compliant);
  EXPECT_EQ(judge("ACCESS_KEYS_ROTATED", seen_in_may("AWS::IAM::User", "{}", vague)), Compliance::insufficient_data);
}

TEST(Certificates, ExpireByTheDay) {
  auto until = [](const char* end) {
    return seen_in_may("AWS::CertificateManager::Certificate", "{}",
                       fmt::format(R"({{"Status": "ISSUED", "NotAfter": "{}"}})", end).c_str());
  };
  EXPECT_EQ(judge("ACM_CERTIFICATE_EXPIRATION_CHECK", until("2024-05-10T00:00:00Z")), Compliance::non_compliant);
  EXPECT_EQ(judge("ACM_CERTIFICATE_EXPIRATION_CHECK", until("2024-06-10T00:00:00Z")), Compliance::compliant);
  EXPECT_EQ(judge("ACM_CERTIFICATE_EXPIRATION_CHECK", until("2024-04-01T00:00:00Z")), Compliance::non_compliant);
}

TEST(Policies, AdministratorsHaveEveryActionOnEveryResource) {
  const char* facts = R"({"DefaultVersionId": "v2", "Versions": [
    {"PolicyName": "v1", "PolicyDocument": {"Statement": []}},
    {"PolicyName": "v2", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": ["*"], "Resource": "*"}}}]})";
  EXPECT_EQ(judge("IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", snapshot("AWS::IAM::ManagedPolicy", "p", "{}", facts)),
            Compliance::non_compliant);
  EXPECT_EQ(judge("IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", snapshot("AWS::IAM::ManagedPolicy", "p", "{}")),
            Compliance::insufficient_data);
}

}  // namespace aright::rules
