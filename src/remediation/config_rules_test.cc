#include "remediation/config_rules.h"

#include <gtest/gtest.h>

#include <random>

#include "base/file.h"

namespace aright::remediation {

namespace {

constexpr const char* pack_text = R"(
Parameters:
  MaxAge: {Type: String, Default: "90"}
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: young-keys
      InputParameters: {maxAccessKeyAge: !Ref MaxAge}
      Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
  Unheard:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: unheard
      Source: {Owner: AWS, SourceIdentifier: UNHEARD_OF}
  Fix:
    Type: AWS::Config::RemediationConfiguration
    Properties:
      ConfigRuleName: young-keys
      TargetType: SSM_DOCUMENT
      TargetVersion: "1"
      TargetId: Aright-DeactivateOldAccessKeys
      Automatic: true
      ExecutionControls: {SsmControls: {ConcurrentExecutionRatePercentage: 10, ErrorPercentage: 10}}
      MaximumAutomaticAttempts: 3
      RetryAttemptSeconds: 600
      Parameters:
        AutomationAssumeRole: {StaticValue: {Values: [!Sub "arn:aws:iam::${AWS::AccountId}:role/fix"]}}
)";

class Packs : public ::testing::Test {
 protected:
  Packs() { EXPECT_TRUE(write_file(directory_.path() / "keys.yaml", pack_text)); }

  Result<Policy> read(std::string_view rest) {
    return parse_policy("targets: [{account: \"111122223333\", regions: [us-east-1]}]\n" + std::string(rest),
                        directory_.path().string());
  }

  TemporaryDirectory directory_;
};

}  // namespace

TEST_F(Packs, RulesOfAPackHoldByTheControlsThatJudgeThem) {
  auto policy = read("conformance_packs: [{file: keys.yaml, parameters: {MaxAge: 45}}]");
  ASSERT_TRUE(policy) << policy.error().message;
  const auto* control = policy->enabled("access-keys-rotated", "111122223333");
  ASSERT_TRUE(control);
  EXPECT_EQ(json::text(control->parameters, "maxAccessKeyAge"), "45");
  ASSERT_EQ(policy->held_rules.size(), 2u);
  EXPECT_EQ(policy->held_rules[0].pack, "keys");
  EXPECT_EQ(policy->held_rules[1].why_not, "no control judges by UNHEARD_OF");
}

TEST_F(Packs, RemediationsOfAPackAreAboutItsControls) {
  auto policy = read("conformance_packs: [{file: keys.yaml}]");
  ASSERT_TRUE(policy) << policy.error().message;
  const auto* remediation = policy->remediation_for("access-keys-rotated");
  ASSERT_TRUE(remediation);
  EXPECT_EQ(remediation->target_id, "Aright-DeactivateOldAccessKeys");
  EXPECT_TRUE(remediation->automatic);
  EXPECT_EQ(remediation->attempts_max, 3);
}

TEST_F(Packs, ThePolicysOwnRemediationComesFirst) {
  auto policy = read(R"(
remediations: [{ConfigRuleName: young-keys, TargetId: Another}]
conformance_packs: [{file: keys.yaml}]
)");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->remediation_for("access-keys-rotated")->target_id, "Another");
}

TEST_F(Packs, ARuleOfOtherParametersIsAControlOfItsOwn) {
  auto policy = read(R"(
controls: [{id: access-keys-rotated, parameters: {maxAccessKeyAge: "30"}}]
conformance_packs: [{file: keys.yaml}]
)");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(json::text(policy->enabled("access-keys-rotated", "")->parameters, "maxAccessKeyAge"), "30");
  const auto* own = policy->known->find("young-keys");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->rule, "ACCESS_KEYS_ROTATED");
  EXPECT_EQ(json::text(policy->enabled("young-keys", "")->parameters, "maxAccessKeyAge"), "90");
  EXPECT_EQ(policy->controls_of_rule("young-keys"), std::vector<std::string>{"young-keys"});
}

TEST_F(Packs, ARuleThatHoldsAlreadyIsNotHeldTwice) {
  auto policy = read("controls: [{id: access-keys-rotated}]\nconformance_packs: [{file: keys.yaml}]");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->controls.size(), 1u);
  EXPECT_EQ(policy->controls_of_rule("young-keys"), std::vector<std::string>{"access-keys-rotated"});
}

TEST_F(Packs, AnAccountThatIsNotOneIsNotGuessed) {
  auto policy = parse_policy(R"(
targets: [{account: "111122223333", regions: [us-east-1]}, {account: "444455556666", regions: [us-east-1]}]
conformance_packs: [{file: keys.yaml}]
)", directory_.path().string());
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().message.find("AWS::AccountId is not known here"), std::string::npos)
      << policy.error().message;
}

TEST_F(Packs, AParameterThatIsNoNumberMakesThePolicyUnsound) {
  for (const char* rest :
       {"controls: [{id: access-keys-rotated, parameters: {maxAccessKeyAge: banana}}]",
        "config_rules: [{ConfigRuleName: a, Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}, "
        "InputParameters: {maxAccessKeyAge: banana}}]"}) {
    auto policy = read(rest);
    ASSERT_FALSE(policy) << rest;
    EXPECT_NE(policy.error().message.find("maxAccessKeyAge is no integer: banana"), std::string::npos)
        << policy.error().message;
  }
}

TEST_F(Packs, AFunctionThatIsNowhereJudgesNothing) {
  auto policy = read("config_rules: [{ConfigRuleName: a, Scope: {ComplianceResourceTypes: ['AWS::S3::Bucket']}, "
                     "Source: {Owner: CUSTOM_LAMBDA, "
                     "SourceIdentifier: 'arn:aws:lambda:us-east-1:111122223333:function:f'}}]");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_TRUE(policy->held_rules.at(0).controls.empty());
  EXPECT_EQ(policy->held_rules.at(0).why_not.substr(0, 26), "its function f is not here");
}

TEST_F(Packs, RulesOfConfigStandInThePolicyItself) {
  auto policy = read(R"(
config_rules:
  - ConfigRuleName: web-keys
    Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
    Scope: {TagKey: team, TagValue: web}
)");
  ASSERT_TRUE(policy) << policy.error().message;
  const auto* control = policy->enabled("access-keys-rotated", "");
  ASSERT_TRUE(control);
  EXPECT_EQ(control->scope.tag_key, "team");
  EXPECT_FALSE(read("config_rules: [{ConfigRuleName: a, Source: {Owner: AWS, SourceIdentifier: X}, Colour: red}]"));
}

namespace {

constexpr std::array identifiers{"S3_BUCKET_VERSIONING_ENABLED", "S3_BUCKET_PUBLIC_READ_PROHIBITED",
                                 "ACCESS_KEYS_ROTATED"};

json::Object drawn_rule(const std::string& name, std::mt19937& random) {
  auto chance = [&] { return random() % 2 == 0; };
  std::string identifier = identifiers[random() % identifiers.size()];
  json::Object scope, parameters;
  if (chance()) scope["TagKey"] = chance() ? "team" : "stage";
  if (scope.empty() && chance())
    scope = {{"ComplianceResourceTypes", json::Array{"AWS::S3::Bucket"}}, {"ComplianceResourceId", "logs"}};
  if (identifier == "ACCESS_KEYS_ROTATED" && chance()) parameters["maxAccessKeyAge"] = chance() ? "30" : "90";
  return {{"ConfigRuleName", name},
          {"Source", json::Object{{"Owner", "AWS"}, {"SourceIdentifier", identifier}}},
          {"Scope", std::move(scope)},
          {"InputParameters", std::move(parameters)}};
}

// Every control that holds, with what it judges by; and the controls of each rule.
json::Object shown(const Policy& policy) {
  json::Object controls, rules;
  for (const auto& one : policy.controls)
    controls[one.id] = json::Array{one.parameters, one.scope.id, one.scope.tag_key, one.everywhere,
                                   policy.known->find(one.id) ? policy.known->find(one.id)->rule : ""};
  for (const auto& rule : policy.held_rules)
    rules[rule.name] = json::Array(rule.controls.begin(), rule.controls.end());
  return {{"controls", std::move(controls)}, {"rules", std::move(rules)}, {"known", policy.known->all().size()}};
}

}  // namespace

TEST_F(Packs, RulesThatArePutMakeTheControlsThatTheFileWouldHaveMade) {
  std::mt19937 random(5);
  const std::string listed = "controls: [{id: s3-bucket-versioning-enabled}]\nconfig_rules: ";
  for (int round = 0; round < 30; ++round) {
    json::Array all, in_file, put;
    for (const auto* name : {"a", "access-keys-rotated", "b", "b-rule", "s3-bucket-versioning-enabled"})
      all.push_back(drawn_rule(name, random));
    for (std::size_t i = 0, of_file = random() % all.size(); i < all.size(); ++i)
      (i < of_file ? in_file : put).push_back(all[i]);
    auto whole = read(listed + json::print(all)), halved = read(listed + json::print(in_file));
    ASSERT_TRUE(whole && halved) << json::print(all);
    EXPECT_TRUE(add_put(*halved, {{"config_rules", std::move(put)}}).empty());
    EXPECT_EQ(shown(*halved), shown(*whole)) << json::print(all);
  }
}

}  // namespace aright::remediation
