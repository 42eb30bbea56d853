// What a policy becomes, and what becomes of it in an emulated account. Guard judges the roles; the emulated cloud
// knows each type's properties, and CloudFormation's functions give the documents that our own reader takes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "cloudformation/parameters.h"
#include "cloudformation/template.h"
#include "guard/guard.h"
#include "json/yaml.h"
#include "native/deploy.h"
#include "native/parts.h"
#include "runbook/document.h"
#include "sandbox/testing.h"

namespace aright::native {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view target = R"(
targets: [{account: "111122223333", regions: [us-east-1]}]
principals:
  - {name: anna, arn: "arn:aws:iam::111122223333:role/SecurityApprover", roles: [approver], token_sha256: "0"}
functions:
  revoke-world-open-ingress:
    handler: revoke-world-open-ingress.handler
    catalog: revoke-world-open-ingress.py
)";
constexpr std::string_view everything = R"(
controls:
  - pack: aws-fsbp
  - pack: cis-aws-foundations-3.0
  - pack: nist-800-53
  - pack: pci-dss
  - pack: threat-containment
)";

Exported exported(std::string_view text, const Options& options = {}) {
  auto policy = remediation::parse_policy(std::string(target) + std::string(text), ".");
  EXPECT_TRUE(policy) << policy.error().message;
  auto library = remediation::Library::open(*policy);
  EXPECT_TRUE(library) << library.error().message;
  return export_policy(*policy, *library, options);
}

const json::Value& property(const Exported& made, std::string_view logical, std::string_view name) {
  return json::at(made.resources, logical).is_null()
             ? json::at(made.resources, logical)
             : json::at(json::at(made.resources, logical), {"Properties", name});
}

std::vector<std::string> missing(const Exported& made) {
  std::vector<std::string> out;
  for (const auto& one : made.not_expressed)
    out.push_back(one.what + ": " + one.why);
  return out;
}

std::vector<std::string> of_type(const Exported& made, std::string_view type) {
  std::vector<std::string> out;
  for (const auto& [logical, resource] : made.resources)
    if (json::text(resource, "Type", "") == type) out.emplace_back(logical);
  return out;
}

TEST(Export, MakesARuleAndItsRemediationOfAControl) {
  auto made = exported(R"(
controls: [{id: s3-bucket-level-public-access-prohibited}]
decide: [{name: all, decision: automatic}]
)");
  EXPECT_EQ(property(made, "S3BucketLevelPublicAccessProhibited", "Source"),
            json::parse(R"({"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"})").value());
  EXPECT_EQ(property(made, "S3BucketLevelPublicAccessProhibitedFix", "TargetId"), "AWS-DisableS3BucketPublicReadWrite");
  EXPECT_EQ(property(made, "S3BucketLevelPublicAccessProhibitedFix", "Parameters"), json::parse(R"({
      "S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}},
      "AutomationAssumeRole": {"StaticValue": {"Values":
          [{"Fn::GetAtt": ["AWSDisableS3BucketPublicReadWriteRole", "Arn"]}]}}})")
                                                                                        .value());
  EXPECT_EQ(property(made, "AWSDisableS3BucketPublicReadWriteRolePolicy", "PolicyDocument"), json::parse(R"({
      "Version": "2012-10-17",
      "Statement": [{"Effect": "Allow",
                     "Action": ["s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"],
                     "Resource": [{"Fn::Sub": "arn:${AWS::Partition}:s3:::*"}]}]})")
                                                                                                 .value());
  EXPECT_THAT(of_type(made, "AWS::SSM::Document"), IsEmpty()) << "AWS owns the document";
}

TEST(Export, BringsOurOwnDocumentsWhereAwsHasNoneOrTheyAreWanted) {
  constexpr std::string_view policy =
      "controls: [{id: s3-bucket-level-public-access-prohibited}, {id: sqs-queue-no-public-access}]\n";
  EXPECT_THAT(of_type(exported(policy), "AWS::SSM::Document"), ElementsAre("ArightCloseQueuePolicy"));
  auto own = exported(policy, {.own_documents = true});
  EXPECT_EQ(property(own, "ArightDisableS3BucketPublicReadWrite", "Name"), "Aright-DisableS3BucketPublicReadWrite");
  EXPECT_EQ(property(own, "S3BucketLevelPublicAccessProhibitedFix", "TargetId"),
            json::parse(R"({"Ref": "ArightDisableS3BucketPublicReadWrite"})").value());
}

TEST(Export, LetsAPersonBeginWhereThePolicySaysManual) {
  auto made = exported("controls: [{id: s3-bucket-level-public-access-prohibited}]\n");
  EXPECT_EQ(property(made, "S3BucketLevelPublicAccessProhibitedFix", "Automatic"), false);
  EXPECT_FALSE(made.parameters.contains("Automatic"));
}

TEST(Export, AsksInADocumentBeforeTheFixWhereThePolicySaysApproval) {
  auto made = exported(R"(
controls: [{id: s3-bucket-level-public-access-prohibited}]
decide: [{name: all, decision: approval}]
)");
  const auto* asks = "AskAWSDisableS3BucketPublicReadWrite";
  EXPECT_EQ(property(made, "S3BucketLevelPublicAccessProhibitedFix", "TargetId"),
            json::Value(json::Object{{"Ref", asks}}));
  const auto& steps = json::items(json::at(property(made, asks, "Content"), "mainSteps"));
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(json::text(steps[0], "action", ""), "aws:approve");
  EXPECT_EQ(json::at(steps[1], {"inputs", "DocumentName"}), "AWS-DisableS3BucketPublicReadWrite");
  EXPECT_EQ(json::at(json::at(made.parameters, "Approvers"), "Default"),
            "arn:aws:iam::111122223333:role/SecurityApprover");
}

// Tags are known when a resource is judged, and a template is deployed before that.
TEST(Export, TakesTheMostCarefulAnswerOfRulesThatNobodyCanKnow) {
  auto made = exported(R"(
controls: [{id: s3-bucket-level-public-access-prohibited}]
decide:
  - {name: not in production, tags: {environment: prod}, decision: manual}
  - {name: all, decision: automatic}
)");
  EXPECT_EQ(property(made, "S3BucketLevelPublicAccessProhibitedFix", "Automatic"), false);
  EXPECT_THAT(missing(made), Contains(HasSubstr("'not in production'")));
}

TEST(Export, RunsAFunctionBehindADocumentWithTheRightsOfItsCalls) {
  auto made = exported("controls: [{id: restricted-ssh}]\ndecide: [{name: all, decision: automatic}]\n");
  EXPECT_EQ(property(made, "RevokeWorldOpenIngressFunction", "Handler"), "index.handler");
  EXPECT_THAT(json::text(json::at(property(made, "RevokeWorldOpenIngressFunction", "Code"), "ZipFile")),
              HasSubstr("def handler(event, context):"));
  auto rights = json::print(property(made, "RevokeWorldOpenIngressFunctionRolePolicy", "PolicyDocument"));
  EXPECT_THAT(rights, HasSubstr("ec2:RevokeSecurityGroupIngress"));
  EXPECT_THAT(rights, Not(HasSubstr("ec2:Authorize")));
  EXPECT_EQ(property(made, "RestrictedSshFix", "TargetId"),
            json::parse(R"({"Ref": "InvokeRevokeWorldOpenIngressFunction"})").value());
}

TEST(Export, KeepsConfigRulesAsTheyAreWritten) {
  auto made = exported(R"(
config_rules:
  - ConfigRuleName: queues-have-names
    Scope: {ComplianceResourceTypes: ["AWS::SQS::Queue"]}
    Source:
      Owner: CUSTOM_POLICY
      CustomPolicyDetails: {PolicyRuntime: guard-2.x.x, PolicyText: "rule named { configuration.QueueName exists }"}
  - ConfigRuleName: judged-by-a-function
    Scope: {ComplianceResourceTypes: ["AWS::SQS::Queue"]}
    Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: "arn:aws:lambda:us-east-1:111122223333:function:judge"}
)");
  EXPECT_EQ(json::at(property(made, "QueuesHaveNames", "Source"), {"CustomPolicyDetails", "PolicyText"}),
            "rule named { configuration.QueueName exists }");
  EXPECT_EQ(json::at(property(made, "JudgedByAFunction", "Source"), "Owner"), "CUSTOM_LAMBDA");
  EXPECT_EQ(json::texts(json::at(property(made, "QueuesHaveNames", "Scope"), "ComplianceResourceTypes")),
            std::vector<std::string>{"AWS::SQS::Queue"});
}

TEST(Export, StartsAContainmentFromGuardDutysEvent) {
  auto made = exported("controls: [{id: ec2-instance-isolated}]\ndecide: [{name: all, decision: automatic}]\n");
  auto rules = of_type(made, "AWS::Events::Rule");
  ASSERT_THAT(rules, Contains("AnInstanceThatWorksForSomebodyElse"));
  const auto& rule = json::at(made.resources, "AnInstanceThatWorksForSomebodyElse");
  const auto& pattern = json::at(rule, {"Properties", "EventPattern"});
  EXPECT_EQ(json::at(pattern, "source"), json::Value(json::Array{"aws.guardduty"}));
  EXPECT_THAT(json::print(json::at(pattern, "detail")), HasSubstr(R"({"wildcard":"Backdoor:EC2/*"})"));
  const auto& change = json::at(json::items(json::at(rule, {"Properties", "Targets"}))[0], "InputTransformer");
  EXPECT_EQ(json::at(change, {"InputPathsMap", "resource"}), "$.detail.resource.instanceDetails.instanceId");
  EXPECT_THAT(json::print(json::at(change, "InputTemplate")), HasSubstr(R"(\"InstanceId\":[\"<resource>\"])"));
  EXPECT_THAT(of_type(made, "AWS::Config::ConfigRule"), IsEmpty()) << "Config judges no suspicion";
}

TEST(Export, TellsWhatAwsHasNoWordsFor) {
  auto made = exported(R"(
controls: [{id: sqs-queue-encrypted}]
freezes: [{name: holidays, from: 2026-12-20T00:00:00Z, until: 2027-01-07T00:00:00Z}]
limits: [{control: "*", starts: 3}]
)");
  auto told = missing(made);
  EXPECT_THAT(told, Contains(HasSubstr("control sqs-queue-encrypted")));
  EXPECT_THAT(told, Contains(HasSubstr("freezes (1)")));
  EXPECT_THAT(told, Contains(HasSubstr("limits (1)")));
}

// --- all of the catalog

std::vector<json::Object> all_templates(const Options& options = {}) {
  auto made = exported(std::string(everything) +
                           "decide: [{name: high, severity: [high, critical], decision: automatic}, "
                           "{name: rest, decision: approval}]\n",
                       options);
  auto templates = templates_of(made);
  EXPECT_TRUE(templates) << templates.error().message;
  return templates ? *templates : std::vector<json::Object>();
}

TEST(Parts, ArePrintedTheSameEachTimeAndFitIntoARequest) {
  auto once = all_templates(), again = all_templates();
  ASSERT_GT(once.size(), 5u);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    auto text = json::print_yaml(once[i]);
    EXPECT_EQ(text, json::print_yaml(again[i]));
    EXPECT_LE(text.size(), inline_bytes_max);
    EXPECT_LE(json::members(json::at(once[i], "Resources")).size(), resources_max);
  }
}

TEST(Parts, LeaveResourcesWhereTheyAre) {
  auto made = exported("controls: [{id: restricted-ssh}, {id: s3-bucket-level-public-access-prohibited}]\n");
  auto parts = templates_of(made, {}, {{"S3BucketLevelPublicAccessProhibited", 1}, {"RestrictedSsh", 0}}).value();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_FALSE(json::at(json::at(parts[1], "Resources"), "S3BucketLevelPublicAccessProhibitedFix").is_null())
      << "what belongs together stays together";
  EXPECT_TRUE(json::at(json::at(parts[1], "Resources"), "RestrictedSsh").is_null());
}

TEST(Parts, AreRefusedWhereOneThingIsTooMuch) {
  auto made = exported("controls: [{id: restricted-ssh}]\n");
  auto parts = templates_of(made, {.bytes = 3'000});
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code, Errc::unsupported);
}

TEST(EveryRole, PassesGuard) {
  auto text = read_file(ARIGHT_SOURCE_DIR "/src/native/testdata/roles.guard", 1u << 16).value();
  auto rules = guard::parse_rules(text, "roles.guard");
  ASSERT_TRUE(rules) << rules.error().text();
  for (const auto& whole : all_templates({.own_documents = true})) {
    auto report = guard::evaluate(*rules, guard::document_of(whole, "template"));
    ASSERT_TRUE(report) << report.error().text();
    for (const auto& rule : report->rules)
      EXPECT_NE(rule.status, guard::Status::fail)
          << rule.name << ": " << (rule.failures.empty() ? "" : guard::leaves(rule.failures)[0]->path());
  }
}

// As CloudFormation would hand it to Systems Manager.
TEST(EveryDocument, IsOneThatSystemsManagerTakes) {
  int seen = 0;
  for (const auto& whole : all_templates({.own_documents = true})) {
    json::Value value = whole;
    auto values = cloudformation::parameter_values(value, {})->values;
    values.merge(
        cloudformation::pseudo_parameters({.account = "111122223333", .region = "us-east-1", .stack_name = "s"}));
    cloudformation::TemplateFunctions functions(
        value, values,
        {.ref = [](const std::string& logical) { return Result<json::Value>(logical); },
         .attribute =
             [](const std::string& logical, const std::string&) {
               return Result<json::Value>(json::Value("arn:aws:iam::111122223333:role/" + logical));
             },
         .import = [](const std::string& name) { return Result<json::Value>(name); }});
    for (const auto& [logical, resource] : json::members(json::at(whole, "Resources"))) {
      if (json::text(resource, "Type", "") != "AWS::SSM::Document") continue;
      auto content = functions.value(json::at(resource, {"Properties", "Content"}));
      ASSERT_TRUE(content) << logical << ": " << content.error().message;
      auto text = json::print(*content);
      EXPECT_LE(text.size(), runbook::document_bytes_max) << logical;
      auto document = runbook::Document::parse(text, std::string(logical));
      EXPECT_TRUE(document) << logical << ": " << document.error().message;
      ++seen;
    }
  }
  EXPECT_GT(seen, 100);
}

// --- put into an account

class Deploy : public sandbox::SandboxTest {
 protected:
  Deployment deployment(std::map<std::string, std::string> parameters = {}) {
    return {cloud,
            {.account = "", .region = "us-east-1", .stack = "aright", .parameters = std::move(parameters)},
            [](const std::string&) {}};
  }
  // Planned and carried out; what the plan held.
  Plan put(const Exported& made) {
    auto one = deployment();
    auto plan = one.plan(made, {});
    EXPECT_TRUE(plan) << plan.error().message;
    if (!plan) return {};
    auto done = one.carry_out(*plan, {});
    EXPECT_TRUE(done) << done.error().message;
    return *plan;
  }
  std::size_t rules() { return json::items(json::at(ok("config:DescribeConfigRules"), "ConfigRules")).size(); }
};

TEST_F(Deploy, PutsEachTypeOfAnExportIntoTheAccountOnce) {
  auto made = exported(R"(
controls: [{id: restricted-ssh}, {id: s3-bucket-level-public-access-prohibited}, {id: ec2-instance-isolated}]
decide: [{name: all, decision: approval}]
remediation_exceptions:
  - ConfigRuleName: s3-bucket-level-public-access-prohibited
    ResourceKeys: [{ResourceType: "AWS::S3::Bucket", ResourceId: acme-website}]
    Message: until the new site is up
)");
  auto plan = put(made);
  std::size_t changes = 0;
  for (const auto& stack : plan.stacks)
    changes += stack.changes.size();
  EXPECT_EQ(changes, made.resources.size() - 2) << "without a topic, nobody is told";
  EXPECT_EQ(rules(), 2u);
  auto told =
      ok("config:DescribeRemediationExceptions", R"({"ConfigRuleName": "s3-bucket-level-public-access-prohibited"})");
  EXPECT_EQ(json::items(json::at(told, "RemediationExceptions")).size(), 1u);
  EXPECT_TRUE(put(made).empty()) << "the second time there is nothing to change";
}

TEST_F(Deploy, WarnsOfWhatIsNotThere) {
  auto plan = deployment().plan(exported("controls: [{id: restricted-ssh}]\n"), {});
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->warnings, Contains(HasSubstr("no recorder")));
  EXPECT_THAT(plan->warnings, Contains(HasSubstr("Security Hub is not enabled")));
  ok("securityhub:EnableSecurityHub");
  put(exported("controls: [{id: restricted-ssh}]\n"));
  auto actions = ok("securityhub:DescribeActionTargets");
  EXPECT_EQ(json::items(json::at(actions, "ActionTargets")).size(), 1u);
}

TEST_F(Deploy, ChangesNothingBeforeItIsCarriedOut) {
  auto one = deployment();
  auto plan = one.plan(exported("controls: [{id: restricted-ssh}]\n"), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(rules(), 0u);
  one.drop(*plan, {});
  auto stacks = ok("cloudformation:DescribeStacks");
  EXPECT_THAT(json::items(json::at(stacks, "Stacks")), IsEmpty());
}

TEST_F(Deploy, FollowsThePolicy) {
  put(exported("controls: [{id: restricted-ssh}, {id: s3-bucket-versioning-enabled}]\n"));
  auto plan = put(exported("controls: [{id: restricted-ssh}]\ndecide: [{name: all, decision: automatic}]\n"));
  std::map<std::string, std::string> actions;
  for (const auto& one : plan.stacks[0].changes)
    actions[one.logical] = one.action;
  EXPECT_EQ(actions["S3BucketVersioningEnabled"], "Remove");
  EXPECT_EQ(actions["RestrictedSshFix"], "Modify");
  EXPECT_EQ(rules(), 1u);
}

TEST_F(Deploy, TakesAStackAwayThatNothingIsLeftOf) {
  auto large = exported(std::string(everything));
  auto stacks = put(large).stacks.size();
  auto all = rules();
  EXPECT_TRUE(put(large).empty());
  EXPECT_GT(all, 100u);
  auto small = exported("controls: [{id: restricted-ssh}]\n");
  put(small);
  EXPECT_EQ(rules(), 1u);
  EXPECT_LT(json::items(json::at(ok("cloudformation:DescribeStacks"), "Stacks")).size(), stacks);
  EXPECT_TRUE(put(small).empty()) << "the one that is left is found, whatever its number";
}

TEST_F(Deploy, SaysWhichResourceFailedAndWhy) {
  ok("ssm:CreateDocument", R"({"Name": "Aright-CloseQueuePolicy", "DocumentType": "Automation", "Content":
      "{\"schemaVersion\":\"0.3\",\"mainSteps\":[{\"name\":\"a\",\"action\":\"aws:pause\",\"inputs\":{}}]}"})");
  auto one = deployment();
  auto plan = one.plan(exported("controls: [{id: sqs-queue-no-public-access}]\n"), {});
  ASSERT_TRUE(plan);
  auto done = one.carry_out(*plan, {});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("ROLLBACK_COMPLETE"));
  EXPECT_THAT(done.error().message, HasSubstr("ArightCloseQueuePolicy"));
  EXPECT_EQ(rules(), 0u);
}

}  // namespace
}  // namespace aright::native
