// Cases as data: testdata/*.yaml.
#include <gtest/gtest.h>

#include "base/file.h"
#include "iam/condition.h"
#include "iam/evaluate.h"
#include "iam/publicity.h"
#include "json/yaml.h"

namespace aright::iam {

namespace {

json::Array cases(const std::string& name) {
  auto text = read_file(std::string(ARIGHT_SOURCE_DIR) + "/src/iam/testdata/" + name);
  EXPECT_TRUE(text) << name;
  auto document = json::parse_yaml(text.value_or(""), {.locations = false});
  EXPECT_TRUE(document) << name << ": " << (document ? "" : document.error().message);
  return document ? json::items(document->value) : json::Array();
}

NamedPolicy policy(const json::Value& written, std::string_view version = "2012-10-17") {
  json::Value document = written;
  if (written.is_array()) document = json::Object{{"Version", version}, {"Statement", written}};
  return named_policy("p", json::print(document));
}

std::vector<NamedPolicy> policies(const json::Value& list) {
  std::vector<NamedPolicy> out;
  for (const auto& one : json::items(list)) out.push_back(policy(one));
  return out;
}

Keys keys_of(const json::Value& written) {
  Keys keys;
  for (const auto& [name, value] : json::members(written)) {
    if (value.is_array())
      keys.set(name, json::texts(value));
    else
      keys.set(name, json::scalar_text(value));
  }
  return keys;
}

Request request_of(const json::Value& written) {
  return {.caller = caller_of(json::text(written, "caller", "arn:aws:iam::111122223333:user/ana")),
          .action = json::text(written, "action", "s3:GetObject"),
          .resource = json::text(written, "resource", "arn:aws:s3:::logs/a"),
          .resource_account = json::text(written, "account", ""),
          .keys = keys_of(json::at(written, "keys"))};
}

Policies all_of(const json::Value& one) {
  Policies out;
  out.identity = policies(json::at(one, "identity"));
  if (const auto& resource = json::at(one, "resource"); !resource.is_null()) out.resource = policy(resource);
  if (const auto& boundary = json::at(one, "boundary"); !boundary.is_null()) out.boundary = policies(boundary);
  if (const auto& session = json::at(one, "session"); !session.is_null()) out.session = policies(session);
  for (const auto& level : json::items(json::at(one, "scp"))) out.service_control.push_back(policies(level));
  auto kind = json::text(one, "kind", "");
  if (kind == "owner") out.resource_kind = Resource::owner;
  if (kind == "trust") out.resource_kind = Resource::trust;
  return out;
}

TEST(Vectors, LayersComeToOneDecisionAndItsReason) {
  auto all = cases("layers.yaml");
  ASSERT_GT(all.size(), 25u);
  for (const auto& one : all) {
    auto request = request_of(json::at(one, "request"));
    auto verdict = evaluate(request, all_of(one));
    EXPECT_EQ(name(verdict.outcome), json::text(one, "verdict", "")) << json::text(one, "name", "");
    EXPECT_EQ(reason(verdict, request), json::text(one, "reason", "")) << json::text(one, "name", "");
  }
}

TEST(Vectors, ElementsMatchAsWritten) {
  auto all = cases("elements.yaml");
  ASSERT_GT(all.size(), 15u);
  for (const auto& one : all) {
    Policies hung;
    hung.identity = {policy(json::Array{json::at(one, "statement")}, json::text(one, "version", "2012-10-17"))};
    EXPECT_EQ(name(evaluate(request_of(one), hung).outcome), json::text(one, "verdict", ""))
        << json::text(one, "name", "");
  }
}

TEST(Vectors, ConditionsHoldAsTheirOperatorsSay) {
  auto all = cases("conditions.yaml");
  ASSERT_GT(all.size(), 50u);
  for (const auto& one : all) {
    auto read = policy(json::Array{json::Object{
        {"Effect", "Allow"}, {"Action", "*"}, {"Resource", "*"}, {"Condition", json::at(one, "condition")}}});
    ASSERT_EQ(read.broken, "") << json::print(one);
    EXPECT_EQ(holds(read.policy.statements[0].conditions[0], keys_of(json::at(one, "keys")), true),
              json::truth(json::at(one, "holds")))
        << json::print(one);
  }
}

TEST(Vectors, PublicIsWhatAnybodyMayUse) {
  auto all = cases("public.yaml");
  ASSERT_GT(all.size(), 20u);
  for (const auto& one : all) {
    json::Value document = json::Object{{"Version", "2012-10-17"}, {"Statement", json::at(one, "statement")}};
    EXPECT_EQ(public_policy(document), json::truth(json::at(one, "public"))) << json::print(one);
  }
}

TEST(Messages, AreTheOnesThatServicesAnswer) {
  auto request = request_of(json::Object{{"action", "s3:PutBucketPolicy"}, {"resource", "arn:aws:s3:::logs"}});
  EXPECT_EQ(message(evaluate(request, {}), request),
            "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:PutBucketPolicy on resource: "
            "\"arn:aws:s3:::logs\" because no identity-based policy allows the s3:PutBucketPolicy action");
}

TEST(Verdicts, NameThePolicyAndTheStatementThatDeny) {
  Policies hung;
  hung.identity = {named_policy("open", R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})"),
                   named_policy("shut", R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},
                                                        {"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"}]})")};
  auto verdict = evaluate(request_of(json::Object()), hung);
  EXPECT_EQ(verdict.outcome, Outcome::explicit_deny);
  EXPECT_EQ(verdict.policy, "shut");
  EXPECT_EQ(verdict.statement, 2u);
}

}  // namespace

}  // namespace aright::iam
