// Who a runbook's calls are made as: the role that its document names, or whoever starts it.

#include <gmock/gmock.h>

#include "remediation/testing.h"
#include "sandbox/as_role.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;

constexpr const char* refused = "InvalidAutomationExecutionParametersException";

constexpr const char* who_am_i = R"(
schemaVersion: "0.3"
assumeRole: "{{ AutomationAssumeRole }}"
parameters:
  AutomationAssumeRole: {type: String, default: ""}
outputs: [Ask.Arn]
mainSteps:
  - name: Ask
    action: aws:executeAwsApi
    inputs: {Service: sts, Api: GetCallerIdentity}
    outputs: [{Name: Arn, Selector: $.Arn, Type: String}]
)";
constexpr const char* by_default = R"(
schemaVersion: "0.3"
assumeRole: "{{ Role }}"
parameters:
  Role: {type: String, default: "arn:aws:iam::{{global:ACCOUNT_ID}}:role/Fix"}
outputs: [Below.Output, Ask.Arn]
mainSteps:
  - {name: Below, action: "aws:executeAutomation", inputs: {DocumentName: WhoAmI, RuntimeParameters: {AutomationAssumeRole: "arn:aws:iam::111122223333:role/Other"}}}
  - {name: Same, action: "aws:executeAutomation", inputs: {DocumentName: WhoAmI}}
  - name: Ask
    action: aws:executeScript
    inputs:
      Runtime: python3.11
      Handler: ask
      Script: |
        import boto3
        def ask(events, context):
            return {"Arn": boto3.client("sts").get_caller_identity()["Arn"]}
    outputs: [{Name: Arn, Selector: $.Payload.Arn, Type: String}]
)";

class AssumeRole : public ::testing::Test, protected World {
 protected:
  AssumeRole() {
    open(manually, {{"WhoAmI", who_am_i}, {"ByDefault", by_default}});
    weather.put_before(roles);
  }
  void make_role(const std::string& name, const std::string& principal) {
    json::Object statement{{"Effect", "Allow"}, {"Action", "sts:AssumeRole"},
                           {"Principal", json::parse(principal).value()}};
    json::Object trust{{"Version", "2012-10-17"}, {"Statement", json::Array{std::move(statement)}}};
    somebody("iam:CreateRole", json::print(json::Object{{"RoleName", name},
                                                        {"AssumeRolePolicyDocument", json::print(trust)}}));
  }
  Result<ExecutionId> start_as(const std::string& role) {
    return engine->start_runbook("WhoAmI", {{"AutomationAssumeRole", role}}, account, region, ana, {});
  }
  // The role that the document is given is the one of the account where it is started.
  Result<ExecutionId> start_everywhere(const std::string& execution_role) {
    json::Object location{{"Accounts", json::Array{account}}, {"Regions", json::Array{region}},
                          {"ExecutionRoleName", execution_role}};
    return engine->start_runbook("WhoAmI", {{"AutomationAssumeRole", "arn:aws:iam::444455556666:role/Admin"}}, account,
                                 region, ana, {}, {.for_each = {{"TargetLocations", json::Array{location}}}});
  }
  json::Value told(const Result<ExecutionId>& id) {
    EXPECT_TRUE(id) << id.error().text();
    settle();
    return engine->executor().describe(*id).value();
  }
  std::string who(const json::Value& execution, const char* output) {
    return json::text(json::items(json::at(execution, {"Outputs", output})).at(0));
  }

  sandbox::AsRole roles{cloud, [](const std::string& of) {
    return sandbox::Principal{.account = of, .arn = fmt::format("arn:aws:iam::{}:user/engine", of), .user_id = "AIDA",
                              .user_agent = "aright"};
  }};
};

TEST_F(AssumeRole, ItsCallsAreMadeAsTheRoleThatIsNamed) {
  make_role("Fix", R"({"Service": "ssm.amazonaws.com"})");
  auto id = start_as("arn:aws:iam::111122223333:role/Fix");
  EXPECT_EQ(who(told(id), "Ask.Arn"), "arn:aws:sts::111122223333:assumed-role/Fix/aright-" + id->str());
}

TEST_F(AssumeRole, NoRoleMeansWhoeverStartsIt) {
  EXPECT_EQ(who(told(start_as("")), "Ask.Arn"), "arn:aws:iam::111122223333:user/engine");
}

TEST_F(AssumeRole, ChildrenRunAsTheirOwnRoleOrAsTheirParent) {
  for (const char* name : {"Fix", "Other"}) make_role(name, R"({"Service": "ssm.amazonaws.com"})");
  auto id = engine->start_runbook("ByDefault", {}, account, region, ana, {});
  auto execution = told(id);
  EXPECT_THAT(who(execution, "Ask.Arn"), HasSubstr("assumed-role/Fix/")) << json::print_pretty(execution);
  auto below = list_executions(*ledger, {.status = "", .parent = id->str()}).value();
  ASSERT_EQ(below.size(), 2u);
  std::string all;
  for (const auto& one : below)
    all += who(engine->executor().describe(ExecutionId::parse(json::text(one, "id", "")).value()).value(), "Ask.Arn");
  EXPECT_THAT(all, HasSubstr("assumed-role/Fix/"));
  EXPECT_THAT(all, HasSubstr("assumed-role/Other/"));
}

TEST_F(AssumeRole, WhereALocationNamesARoleItsChildrenRunAsIt) {
  make_role("Fixer", R"({"Service": "ssm.amazonaws.com"})");
  auto id = start_everywhere("Fixer");
  auto execution = told(id);
  EXPECT_EQ(json::text(execution, "AutomationExecutionStatus", ""), "Success") << json::print_pretty(execution);
  EXPECT_EQ(json::text(execution, "AutomationType", ""), "CrossAccount");
  auto below = list_executions(*ledger, {.status = "", .parent = id->str()}).value();
  ASSERT_EQ(below.size(), 1u);
  auto child = engine->executor().describe(ExecutionId::parse(json::text(below[0], "id", "")).value()).value();
  EXPECT_THAT(who(child, "Ask.Arn"), HasSubstr("assumed-role/Fixer/"));
  EXPECT_EQ(json::text(child, "AutomationType", ""), "Local");
}

TEST_F(AssumeRole, WhereTheRoleOfALocationIsNotThereNothingIsDone) {
  auto id = start_everywhere("Nobody");
  auto execution = told(id);
  EXPECT_EQ(json::text(execution, "AutomationExecutionStatus", ""), "Failed");
  EXPECT_THAT(json::text(execution, "FailureMessage", ""), HasSubstr("unable to be assumed"));
  EXPECT_TRUE(list_executions(*ledger, {.status = "", .parent = id->str()}).value().empty());
}

TEST_F(AssumeRole, WhatIsNoRoleIsRefusedAtTheStart) {
  for (const char* role : {"Fix", "arn:aws:iam::111122223333:user/ana", "arn:aws:iam::444455556666:role/Fix"}) {
    auto id = start_as(role);
    ASSERT_FALSE(id) << role;
    EXPECT_EQ(id.error().wire_code, refused);
  }
}

TEST_F(AssumeRole, ARoleThatTrustsSomebodyElseOrIsNotThereIsRefusedAtTheStart) {
  make_role("Functions", R"({"Service": "lambda.amazonaws.com"})");
  for (const char* role : {"arn:aws:iam::111122223333:role/Functions", "arn:aws:iam::111122223333:role/Nobody"}) {
    auto id = start_as(role);
    ASSERT_FALSE(id) << role;
    EXPECT_EQ(id.error().wire_code, refused);
    EXPECT_THAT(id.error().message, HasSubstr("unable to be assumed"));
  }
}

}  // namespace
}  // namespace aright::remediation
