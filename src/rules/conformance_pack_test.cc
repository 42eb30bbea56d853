#include "rules/conformance_pack.h"

#include <gtest/gtest.h>

#include "cloud/catalog.h"

namespace aright::rules {

namespace {

const cloudformation::Place here{.account = "111122223333", .region = "us-east-1"};

constexpr const char* template_text = R"(
Parameters:
  MaxAge: {Type: String, Default: "45"}
  Ports: {Type: String, Default: ""}
  Bucket: {Type: String}
Conditions:
  hasPorts: !Not [!Equals ["", !Ref Ports]]
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: keys-are-young
      InputParameters:
        maxAccessKeyAge: !Ref MaxAge
      Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
  Ports22:
    Type: AWS::Config::ConfigRule
    Condition: hasPorts
    Properties:
      Source: {Owner: AWS, SourceIdentifier: RESTRICTED_INCOMING_TRAFFIC}
  Logged:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: logged
      InputParameters: {targetBucket: !Ref Bucket}
      Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_LOGGING_ENABLED}
  Fix:
    Type: AWS::Config::RemediationConfiguration
    DependsOn: Keys
    Properties:
      ConfigRuleName: !Ref Keys
      TargetType: SSM_DOCUMENT
      TargetId: Aright-DeactivateOldAccessKeys
      Parameters:
        AutomationAssumeRole: {StaticValue: {Values: [!Sub "arn:aws:iam::${AWS::AccountId}:role/fix"]}}
)";

ConfigRule rule(const char* properties) {
  return read_config_rule(json::parse(properties).value(), "a-rule").value();
}

std::string why_not(const char* properties) {
  return judges_of(rule(properties), Controls::embedded(), cloud::Catalog::embedded()).why_not;
}

cloud::Snapshot acme_bucket(const char* properties, std::map<std::string, std::string> tags = {}) {
  cloud::Snapshot out;
  out.ref = {.account = "111122223333", .region = "us-east-1", .type = "AWS::S3::Bucket", .id = "acme"};
  out.properties = json::parse(properties).value().as_object();
  out.tags = std::move(tags);
  return out;
}

}  // namespace

TEST(ConformancePack, RulesGetTheParametersOfTheTemplate) {
  auto pack = read_conformance_pack(template_text, {{"Bucket", "logs"}}, here);
  ASSERT_TRUE(pack) << pack.error().message;
  ASSERT_EQ(pack->rules.size(), 3u);
  EXPECT_EQ(pack->rules[0].rule.name, "keys-are-young");
  EXPECT_EQ(json::print(pack->rules[0].rule.parameters), R"({"maxAccessKeyAge":"45"})");
  EXPECT_TRUE(pack->rules[1].left_out);
  EXPECT_TRUE(pack->missing.empty());
}

TEST(ConformancePack, ARemediationNamesItsRuleByRef) {
  auto pack = read_conformance_pack(template_text, {{"Bucket", "logs"}}, here);
  ASSERT_TRUE(pack);
  ASSERT_EQ(pack->remediations.size(), 1u);
  EXPECT_EQ(json::text(pack->remediations[0].properties, "ConfigRuleName"), "keys-are-young");
  auto fix = json::print(pack->remediations[0].properties);
  EXPECT_NE(fix.find("arn:aws:iam::111122223333:role/fix"), std::string::npos) << fix;
}

TEST(ConformancePack, WhatIsMissingIsToldWhereItIsNeeded) {
  auto pack = read_conformance_pack(template_text, {}, {});
  ASSERT_TRUE(pack);
  EXPECT_EQ(pack->missing, std::vector<std::string>{"Bucket"});
  EXPECT_EQ(pack->rules[0].fault, "");
  EXPECT_EQ(pack->rules[2].fault, "the parameter Bucket has no value");
  EXPECT_EQ(pack->rules[2].rule.name, "logged");
  EXPECT_EQ(pack->remediations[0].fault,
            "AWS::AccountId is not known here: it needs a policy of one account and region");
}

TEST(ConformancePack, HoldsNothingButRulesAndTheirRemediations) {
  auto pack = read_conformance_pack("Resources: {Role: {Type: 'AWS::IAM::Role'}}", {}, here);
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().message, "/Resources/Role: AWS::IAM::Role can't be in a conformance pack");
}

TEST(ConfigRule, IsReadAsPutConfigRuleTakesIt) {
  auto one = rule(R"({"ConfigRuleName": "keys", "InputParameters": "{\"maxAccessKeyAge\": 30, \"x\": true}",
                      "Scope": {"TagKey": "team", "TagValue": "web"},
                      "Source": {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"}})");
  EXPECT_EQ(json::print(one.parameters), R"({"maxAccessKeyAge":"30","x":"true"})");
  EXPECT_FALSE(
      read_config_rule(json::parse(R"({"Source": {"Owner": "Somebody", "SourceIdentifier": "X"}})").value(), "a"));
  EXPECT_FALSE(read_config_rule(
      json::parse(R"({"Source": {"Owner": "AWS", "SourceIdentifier": "X"}, "Scope": {"TagValue": "v"}})").value(), "a"));
}

TEST(ConfigRule, SaysWhyNothingJudgesByIt) {
  EXPECT_EQ(why_not(R"({"Source": {"Owner": "AWS", "SourceIdentifier": "UNHEARD_OF"}})"),
            "no control judges by UNHEARD_OF");
  EXPECT_EQ(why_not(R"({"Source": {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"},
                        "InputParameters": {"colour": "red"}})"),
            "access-keys-rotated does not know the parameter colour");
  EXPECT_EQ(why_not(R"({"Source": {"Owner": "AWS", "SourceIdentifier": "AWS_CONFIG_PROCESS_CHECK"}})"),
            "") << "a person attests it";
  EXPECT_EQ(why_not(R"({"Source": {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"},
                        "InputParameters": {"maxAccessKeyAge": "45"}})"),
            "");
}

TEST(ConfigRule, ACustomPolicySeesAConfigurationItem) {
  auto one = rule(R"({"ConfigRuleName": "versioned", "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]},
      "InputParameters": {"wanted": "Enabled"},
      "Source": {"Owner": "CUSTOM_POLICY", "CustomPolicyDetails": {"PolicyRuntime": "guard-2.x.x", "PolicyText":
        "rule versioned when resourceType == 'AWS::S3::Bucket' {\n)"
                  R"(configuration.versioningConfiguration.status == 'Enabled' <<Not versioned.>>\n}"}}})");
  auto judges = judges_of(one, Controls::embedded(), cloud::Catalog::embedded());
  ASSERT_EQ(judges.judges.size(), 1u) << judges.why_not;
  const auto& judge = judges.judges[0].own_rule->judge;
  auto on = acme_bucket(R"({"VersioningConfiguration": {"Status": "Enabled"}})"), off = acme_bucket("{}");
  EXPECT_EQ(judge({on}, {}).compliance, Compliance::compliant);
  auto told = judge({off}, {});
  EXPECT_EQ(told.compliance, Compliance::non_compliant);
  EXPECT_EQ(told.annotation, "Not versioned.");
}

TEST(ConfigRule, ACustomPolicyThatCannotBeReadIsNotHeld) {
  auto broken = why_not(R"({"Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]},
      "Source": {"Owner": "CUSTOM_POLICY", "CustomPolicyDetails": {"PolicyRuntime": "guard-2.x.x", "PolicyText": "rule {"}}})");
  EXPECT_NE(broken, "");
}

TEST(ConfigRule, WithoutTypesInItsScopeIsAboutWhatItsPolicyAsksForElseAboutAll) {
  auto types = [](const char* policy) {
    auto text = fmt::format(R"({{"ConfigRuleName": "a", "Source": {{"Owner": "CUSTOM_POLICY",
        "CustomPolicyDetails": {{"PolicyRuntime": "guard-2.x.x", "PolicyText": "{}"}}}}}})", policy);
    auto one = rule(text.c_str());
    std::vector<std::string> out;
    for (const auto& judge : judges_of(one, Controls::embedded(), cloud::Catalog::embedded()).judges)
      out.push_back(judge.resource_type);
    return out;
  };
  const std::vector<std::string> both{"AWS::S3::Bucket", "AWS::SQS::Queue"};
  EXPECT_EQ(types("rule a when resourceType == 'AWS::S3::Bucket' { tags exists }\\n"
                  "rule b when resourceType IN ['AWS::S3::Bucket', 'AWS::SQS::Queue'] { tags exists }"), both);
  EXPECT_GT(types("rule a { tags exists }").size(), 100u);
  EXPECT_GT(types("rule a when resourceType != 'AWS::S3::Bucket' { tags exists }").size(), 100u);
  EXPECT_GT(types("rule a when resourceType == 'AWS::S3::Bucket' { tags exists }\\n"
                  "rule b { tags exists }").size(), 100u);
}

TEST(Scope, NarrowsByIdAndTag) {
  auto tagged = acme_bucket("{}", {{"team", "web"}}), bare = acme_bucket("{}");
  EXPECT_TRUE(within({}, bare));
  EXPECT_TRUE(within({.types = {}, .id = {}, .tag_key = "team", .tag_value = {}}, tagged));
  EXPECT_TRUE(within({.types = {}, .id = {}, .tag_key = "team", .tag_value = "web"}, tagged));
  EXPECT_FALSE(within({.types = {}, .id = {}, .tag_key = "team", .tag_value = "db"}, tagged));
  EXPECT_FALSE(within({.types = {}, .id = {}, .tag_key = "team", .tag_value = {}}, bare));
  EXPECT_FALSE(within({.types = {}, .id = "other", .tag_key = {}, .tag_value = {}}, bare));
}

}  // namespace aright::rules
