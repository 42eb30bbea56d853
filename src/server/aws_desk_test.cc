// Who may call what of AWS's APIs, what is kept of it, and what it does to the policy.

#include "server/aws_desk.h"

#include <gmock/gmock.h>

#include "remediation/put.h"
#include "remediation/refold.h"
#include "remediation/testing.h"
#include "server/put_policy.h"

namespace aright::server {
namespace {

aws::Call call_of(std::string_view name) {
  auto colon = name.find(':');
  return {.service = std::string(name.substr(0, colon)), .operation = std::string(name.substr(colon + 1)),
          .region = "us-east-1", .account = "111122223333", .input = {}};
}

struct Needs {
  const char* operation;
  std::optional<Role> role;
};
class AnOperation : public ::testing::TestWithParam<Needs> {};

TEST_P(AnOperation, NeedsItsRole) { EXPECT_EQ(role_for(call_of(GetParam().operation)), GetParam().role); }

INSTANTIATE_TEST_SUITE_P(
    Each, AnOperation,
    ::testing::Values(Needs{"config:DescribeConfigRules", Role::viewer}, Needs{"config:PutConfigRule", Role::admin},
                      Needs{"config:StartRemediationExecution", Role::operator_},
                      Needs{"config:DeleteRemediationExceptions", Role::admin},
                      Needs{"ssm:SendAutomationSignal", Role::approver},
                      Needs{"ssm:StartAutomationExecution", Role::admin}, Needs{"ssm:CreateDocument", Role::admin},
                      Needs{"ssm:PutParameter", std::nullopt}, Needs{"events:PutEvents", Role::operator_},
                      Needs{"events:PutTargets", Role::admin}, Needs{"securityhub:GetFindings", Role::viewer},
                      Needs{"securityhub:BatchUpdateFindings", Role::operator_}, Needs{"lambda:Invoke", Role::admin},
                      Needs{"sts:GetCallerIdentity", Role::viewer}, Needs{"sts:AssumeRole", std::nullopt},
                      Needs{"s3:ListBuckets", std::nullopt}));

constexpr const char* people = R"(
controls: []
decide: [{name: all, decision: approval}]
principals:
  - {name: ana, roles: [admin], access_key: {id: AKIAANA, secret_env: ANA}}
  - {name: olga, roles: [operator], access_key: {id: AKIAOLGA, secret_env: OLGA}}
)";

class TheDesk : public ::testing::Test, public remediation::World {
 protected:
  TheDesk() {
    open(people);
    start_desk();
  }
  void start_desk() {
    kept = std::make_unique<sandbox::Cloud>(sandbox::CloudOptions{.account = account, .seed = ++seed}, clock);
    auto on_record = remediation::put_on_record(*ledger);
    ASSERT_TRUE(on_record && kept->import_state(*on_record));
    desk = std::make_unique<AwsDesk>(AwsDeskOptions{
        .engine = engine.get(), .cloud = kept.get(), .durable = true,
        .check = [this](const json::Object& put) -> Result<> {
          auto whole = policy;
          auto faults = remediation::add_put(whole, put);
          if (!faults.empty()) return fail(Errc::invalid, "{}", fmt::join(faults, "; "));
          TRY(remediation::Library::open(whole));
          return {};
        },
        .adopt = [this](const json::Object& put, const remediation::Actor& actor, const std::string&) -> Result<> {
          auto whole = policy;
          (void)remediation::add_put(whole, put);
          return engine->adopt(std::move(whole), actor);
        },
        .log = [this](const std::string& line) { faults.push_back(line); }});
    engine->hear_judgements([this](const auto& judged) { desk->hear(judged); });
  }
  Result<json::Object> ask(std::string_view operation, std::string_view input, const std::string& who = "ana") {
    auto call = call_of(operation);
    call.input = json::parse(input)->as_object();
    sandbox::Principal principal{.account = account, .arn = "arn:aws:iam::111122223333:user/" + who, .user_id = who};
    auto answer = desk->answer(principal, call, Context::within(settle_timeout));
    return answer ? *std::move(answer) : Result<json::Object>(fail(Errc::not_found, "not ours"));
  }
  json::Object ok(std::string_view operation, std::string_view input, const std::string& who = "ana") {
    auto answer = ask(operation, input, who);
    EXPECT_TRUE(answer) << operation << ": " << answer.error().text();
    return answer.value_or(json::Object());
  }
  std::string refused(std::string_view operation, std::string_view input, const std::string& who = "ana") {
    auto answer = ask(operation, input, who);
    return answer ? "" : answer.error().wire_code;
  }
  void put_rule() {
    ok("config:PutConfigRule", R"({"ConfigRule": {"ConfigRuleName": "no-public-read",
        "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}}})");
  }
  std::map<std::string, std::string> compliance() {
    std::map<std::string, std::string> out;
    auto told = ok("config:GetComplianceDetailsByConfigRule", R"({"ConfigRuleName": "no-public-read"})");
    for (const auto& one : json::items(json::at(told, "EvaluationResults")))
      out[json::text(json::at(one, {"EvaluationResultIdentifier", "EvaluationResultQualifier", "ResourceId"}))] =
          json::text(one, "ComplianceType", "");
    return out;
  }

  std::uint64_t seed = 0;
  std::unique_ptr<sandbox::Cloud> kept;
  std::unique_ptr<AwsDesk> desk;
};

TEST_F(TheDesk, HoldsARuleThatIsPutAndTellsWhatItJudged) {
  make_public_bucket("photos");
  put_rule();
  ok("config:StartConfigRulesEvaluation", R"({"ConfigRuleNames": ["no-public-read"]})", "olga");
  settle();
  EXPECT_EQ(stage(), "awaiting_approval") << "as the policy says";
  EXPECT_EQ(compliance(), (std::map<std::string, std::string>{{"photos", "NON_COMPLIANT"}}));
  ok("config:DeleteConfigRule", R"({"ConfigRuleName": "no-public-read"})");
  EXPECT_EQ(scan().evaluated, 0u) << "the rule is gone";
}

TEST_F(TheDesk, SaysWhoMayNotAndWhatItTakes) {
  auto answer = ask("config:PutConfigRule", "{}", "olga");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().wire_code, "AccessDeniedException");
  EXPECT_EQ(answer.error().message,
            "User: olga is not authorized to perform: config:PutConfigRule; it needs the role admin");
  EXPECT_EQ(ledger->size(), 0u);
}

TEST_F(TheDesk, NamesWhatItDoesNotAnswer) {
  auto answer = ask("dynamodb:ListTables", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().wire_code, "UnknownOperationException");
  EXPECT_THAT(answer.error().message, ::testing::HasSubstr("dynamodb"));
}

TEST_F(TheDesk, KeepsWhatIsPutAcrossARestart) {
  put_rule();
  ok("events:PutRule", R"({"Name": "heard", "EventPattern": "{\"source\": [\"mine\"]}"})");
  ok("events:PutRule", R"({"Name": "gone", "EventPattern": "{\"source\": [\"mine\"]}"})");
  ok("events:DeleteRule", R"({"Name": "gone"})");
  start_desk();
  auto rules = ok("events:ListRules", "{}");
  ASSERT_EQ(json::items(json::at(rules, "Rules")).size(), 1u);
  EXPECT_EQ(json::items(json::at(ok("config:DescribeConfigRules", "{}"), "ConfigRules")).size(), 1u);
  auto differences = remediation::compare_projections(*ledger, engine->controls());
  ASSERT_TRUE(differences);
  EXPECT_TRUE(differences->empty()) << "what is kept is a fold of the ledger";
}

TEST_F(TheDesk, RefusesWhatCannotHoldAndKeepsNothingOfIt) {
  ok("events:PutRule", R"({"Name": "mine", "EventPattern": "{\"source\": [\"mine\"]}"})");
  const auto before = ledger->size();
  EXPECT_EQ(refused("events:PutTargets", R"({"Rule": "mine", "Targets": [
                {"Id": "1", "Arn": "arn:aws:kinesis:us-east-1:111122223333:stream/s"}]})"),
            "ValidationException");
  EXPECT_TRUE(json::items(json::at(ok("events:ListTargetsByRule", R"({"Rule": "mine"})"), "Targets")).empty());
  EXPECT_EQ(refused("ssm:CreateDocument", R"({"Name": "Broken", "DocumentType": "Automation", "DocumentFormat": "YAML",
                "Content": "schemaVersion: \"0.3\"\nmainSteps: [{name: A, action: \"aws:none\"}]\n"})"),
            "ValidationException");
  EXPECT_EQ(refused("ssm:GetDocument", R"({"Name": "Broken"})"), "InvalidDocument");
  EXPECT_EQ(refused("cloudformation:CreateStack",
                    R"({"StackName": "s",
                        "TemplateBody": "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}"})"),
            "ValidationError");
  EXPECT_EQ(ledger->size(), before);
}

TEST_F(TheDesk, MakesARunbookOfADocument) {
  ok("ssm:CreateDocument", R"({"Name": "Waits", "DocumentType": "Automation", "DocumentFormat": "YAML",
      "Content": "schemaVersion: \"0.3\"\nmainSteps: [{name: A, action: \"aws:sleep\", inputs: {Duration: PT1S}}]"})");
  EXPECT_EQ(refused("ssm:StartAutomationExecution", R"({"DocumentName": "Waits"})", "olga"), "AccessDeniedException");
  ok("ssm:StartAutomationExecution", R"({"DocumentName": "Waits"})");
  pass(seconds(2));
  auto told = ok("ssm:DescribeAutomationExecutions",
                 R"({"Filters": [{"Key": "DocumentNamePrefix", "Values": ["Wai"]}]})", "olga");
  const auto& list = json::items(json::at(told, "AutomationExecutionMetadataList"));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(json::text(list[0], "AutomationExecutionStatus", ""), "Success");
  auto id = json::at(list[0], "AutomationExecutionId");
  auto steps = ok("ssm:DescribeAutomationStepExecutions", json::print(json::Object{{"AutomationExecutionId", id}}));
  EXPECT_EQ(json::items(json::at(steps, "StepExecutions")).size(), 1u);
}

TEST_F(TheDesk, ShowsFindingsAsWorkItemsAndHeedsWhatIsSaidOfThem) {
  make_public_bucket("photos");
  put_rule();
  ok("config:StartConfigRulesEvaluation", "{}");
  auto items = ok("ssm:DescribeOpsItems", "{}", "olga");
  EXPECT_EQ(json::items(json::at(items, "OpsItemSummaries")).size(), 1u);
  items = ok("ssm:DescribeOpsItems", "{}", "olga");
  EXPECT_EQ(json::items(json::at(items, "OpsItemSummaries")).size(), 1u) << "once each";
  auto findings = ok("securityhub:GetFindings", "{}");
  const auto& list = json::items(json::at(findings, "Findings"));
  ASSERT_EQ(list.size(), 1u);
  json::Object identifier{{"Id", json::at(list[0], "Id")}, {"ProductArn", json::at(list[0], "ProductArn")}};
  json::Object update{{"FindingIdentifiers", json::Array{identifier}},
                      {"Workflow", json::Object{{"Status", "SUPPRESSED"}}},
                      {"Note", json::Object{{"Text", "a public site"}, {"UpdatedBy", "olga"}}}};
  ok("securityhub:BatchUpdateFindings", json::print(update), "olga");
  auto exception = finding_of(only()).exception;
  ASSERT_TRUE(exception);
  EXPECT_EQ(exception->by, "olga");
  EXPECT_EQ(exception->message, "a public site");
  update["Workflow"] = json::Object{{"Status", "NEW"}};
  ok("securityhub:BatchUpdateFindings", json::print(update), "olga");
  EXPECT_FALSE(finding_of(only()).exception) << "another status ends it";
}

TEST_F(TheDesk, AsksForApprovalWhereThePolicyDoes) {
  make_public_bucket("photos");
  put_rule();
  ok("config:PutRemediationConfigurations", R"({"RemediationConfigurations": [{"ConfigRuleName": "no-public-read",
      "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-DisableS3BucketPublicReadWrite",
      "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}}}]})");
  ok("config:StartConfigRulesEvaluation", "{}");
  auto answer = ok("config:StartRemediationExecution", R"({"ConfigRuleName": "no-public-read", "ResourceKeys": [
                     {"resourceType": "AWS::S3::Bucket", "resourceId": "photos"},
                     {"resourceType": "AWS::S3::Bucket", "resourceId": "none"}]})", "olga");
  ASSERT_EQ(json::items(json::at(answer, "FailedItems")).size(), 1u);
  settle();
  auto told = ok("config:DescribeRemediationExecutionStatus", R"({"ConfigRuleName": "no-public-read"})", "olga");
  ASSERT_EQ(json::items(json::at(told, "RemediationExecutionStatuses")).size(), 1u);
  EXPECT_EQ(refused("config:StartRemediationExecution", R"({"ConfigRuleName": "other", "ResourceKeys": []})"),
            "NoSuchRemediationConfigurationException");

  ASSERT_EQ(stage(), "awaiting_approval");
  auto signal = [&](const std::string& hash) {
    return json::print(json::Object{{"AutomationExecutionId", uuid_from(only().id.str())}, {"SignalType", "Approve"},
                                    {"Payload", json::Object{{"PlanHash", json::Array{hash}}}}});
  };
  EXPECT_EQ(refused("ssm:SendAutomationSignal", signal("")), "InvalidAutomationSignalException");
  EXPECT_EQ(refused("ssm:SendAutomationSignal", signal(only().plan->hash), "olga"), "AccessDeniedException");
  ok("ssm:SendAutomationSignal", signal(only().plan->hash));
  settle();
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(TheDesk, KeepsSecretsOutOfTheLedger) {
  ok("lambda:CreateFunction", R"({"FunctionName": "f", "Role": "arn:aws:iam::111122223333:role/f", "Runtime": "python3.11",
      "Handler": "index.main", "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
      "Environment": {"Variables": {"DATABASE": "hunter2-hunter2"}}})");
  auto entries = ledger->read(1, 1000).value();
  std::string all;
  for (const auto& entry : entries) all += json::print(entry.body);
  EXPECT_EQ(all.find("hunter2-hunter2"), std::string::npos);
  auto on_record = json::print(remediation::put_on_record(*ledger).value());
  EXPECT_NE(on_record.find("hunter2-hunter2"), std::string::npos) << "and has them again after a restart";
}

TEST(WhatWasPut, IsSaidInTheWordsOfThePolicy) {
  auto put = put_policy(json::parse(R"({
    "1/us-east-1/AWS::Config::ConfigRule/a/b": {"aspects": {"Rule": {"Source": {"Owner": "AWS"}}}},
    "1/us-east-1/AWS::Events::Rule/other|mine": {"aspects": {
        "Configuration": {"EventPattern": "{\"source\": [\"x\"]}", "State": "DISABLED"},
        "Targets": [{"Id": "1", "Arn": "q"}]}},
    "1/us-east-1/AWS::Events::Rule/default|idle": {"aspects": {"Configuration": {"State": "ENABLED"}}},
    "1/us-east-1/AWS::SSM::Document/Runs": {"aspects": {"DocumentType": "Automation", "Content": "text"}},
    "1/us-east-1/AWS::SSM::Document/Not": {"aspects": {"DocumentType": "Command", "Content": "text"}},
    "1/us-east-1/AWS::S3::Bucket/b": {}})")->as_object());
  EXPECT_EQ(json::canonical(put),
            json::canonical(json::parse(R"({
    "config_rules": [{"ConfigRuleName": "a/b", "Source": {"Owner": "AWS"}}],
    "rules": [{"name": "mine", "bus": "other", "enabled": false, "pattern": {"source": ["x"]},
               "targets": [{"Id": "1", "Arn": "q"}]}],
    "runbooks": {"Runs": "text"}})").value()));
  EXPECT_EQ(type_in("1/us-east-1/AWS::SSM::Parameter//app/x"), "AWS::SSM::Parameter");
}

}  // namespace
}  // namespace aright::server
