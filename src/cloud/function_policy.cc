#include "cloud/function_policy.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::cloud {

namespace {

// Members of AddPermission's input that become conditions.
struct PermissionCondition {
  const char *member, *test, *key;
};
constexpr std::array permission_conditions{
    PermissionCondition{"SourceArn", "ArnLike", "AWS:SourceArn"},
    PermissionCondition{"SourceAccount", "StringEquals", "AWS:SourceAccount"},
    PermissionCondition{"PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"},
    PermissionCondition{"EventSourceToken", "StringEquals", "lambda:EventSourceToken"},
    PermissionCondition{"FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"}};

constexpr std::string_view root_prefix = "arn:aws:iam::", root_suffix = ":root";

json::Object function_policy(const json::Value& text) {
  auto policy = json::parse(json::text(text));
  if (policy && policy->is_object()) return policy->get_object();
  return {{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", json::Array()}};
}

json::Array policy_statements(const json::Value& text) {
  auto policy = function_policy(text);
  const auto& statements = json::at(policy, "Statement");
  return statements.is_object() ? json::Array{statements} : json::items(statements);
}

json::Value closed_policy(json::Object policy, json::Array statements) {
  if (statements.empty()) return json::Value("");  // Lambda keeps no empty policy
  policy["Statement"] = std::move(statements);
  return json::Value(json::print(policy));
}

void drop_statement(json::Array& statements, const json::Value& sid) {
  auto is_it = [&](const json::Value& one) { return json::at(one, "Sid") == sid; };
  statements.erase(std::remove_if(statements.begin(), statements.end(), is_it), statements.end());
}

// As AddPermission takes it, of a statement's principal.
std::string asked_principal(const json::Value& principal) {
  if (principal.is_string()) return json::text(principal);
  const auto& members = json::members(principal);
  if (members.size() != 1 || !members.begin()->value().is_string()) return "";
  return json::text(members.begin()->value());
}

bool among(const json::Array& statements, const json::Value& statement) {
  return std::ranges::any_of(statements, [&](const json::Value& one) { return json::equal(one, statement); });
}

}  // namespace

json::Object permission_statement(const json::Object& input, const std::string& function_arn) {
  auto principal = json::text(input, "Principal");
  json::Value who = json::Object{{"AWS", principal}};
  if (principal == "*")
    who = "*";
  else if (!principal.starts_with("arn:") && principal.find(".amazon") != std::string::npos)
    who = json::Object{{"Service", principal}};
  else if (principal.find_first_not_of("0123456789") == std::string::npos)
    who = json::Object{{"AWS", std::string(root_prefix) + principal + std::string(root_suffix)}};
  json::Object statement{{"Sid", json::at(input, "StatementId")},
                         {"Effect", "Allow"},
                         {"Principal", std::move(who)},
                         {"Action", json::at(input, "Action")},
                         {"Resource", function_arn}};
  json::Object condition;
  for (const auto& [member, test, key] : permission_conditions) {
    const auto& value = json::at(input, member);
    if (value.is_null()) continue;
    auto& tests = condition[test];
    if (!tests.is_object()) tests = json::Object();
    tests.get_object()[key] = value;
  }
  if (!condition.empty()) statement["Condition"] = std::move(condition);
  return statement;
}

std::optional<json::Object> permission_input(const json::Value& statement) {
  json::Object input{{"StatementId", json::at(statement, "Sid")},
                     {"Action", json::at(statement, "Action")},
                     {"Principal", asked_principal(json::at(statement, "Principal"))}};
  for (const auto& [member, test, key] : permission_conditions)
    if (const auto& value = json::at(statement, {"Condition", test, key}); value.is_string()) input[member] = value;
  auto arn = json::text(statement, "Resource", "");
  constexpr std::size_t qualifier_at = 7;  // arn:aws:lambda:us-east-1:111122223333:function:hello:prod
  if (auto parts = split(arn, ':'); parts.size() > qualifier_at) input["Qualifier"] = parts[qualifier_at];
  auto made = permission_statement(input, arn);
  return json::equal(json::Value(made), statement) ? std::optional(std::move(input)) : std::nullopt;
}

json::Value with_permission(const json::Object& input, const json::Value& before) {
  if (json::at(input, "Principal").is_null() || json::at(input, "StatementId").is_null()) return nullptr;
  if (!json::at(input, "Qualifier").is_null()) return nullptr;  // the policy of a version or an alias
  auto statements = policy_statements(before);
  drop_statement(statements, json::at(input, "StatementId"));
  statements.push_back(permission_statement(input, json::text(input, "arn", "")));
  return closed_policy(function_policy(before), std::move(statements));
}

json::Value without_permission(const json::Object& input, const json::Value& before) {
  if (json::at(input, "StatementId").is_null() || !json::at(input, "Qualifier").is_null()) return nullptr;
  auto statements = policy_statements(before);
  drop_statement(statements, json::at(input, "StatementId"));
  return closed_policy(function_policy(before), std::move(statements));
}

json::Value permissions_to_add(const json::Value& to, const json::Value& from) {
  const auto there = policy_statements(from);
  json::Array out;
  for (const auto& statement : policy_statements(to)) {
    if (among(there, statement)) continue;
    auto input = permission_input(statement);
    if (!input) return nullptr;
    out.push_back(std::move(*input));
  }
  return out;
}

json::Value permissions_to_remove(const json::Value& to, const json::Value& from) {
  const auto wanted = policy_statements(to);
  json::Array out;
  for (const auto& statement : policy_statements(from)) {
    if (among(wanted, statement)) continue;
    if (!json::at(statement, "Sid").is_string()) return nullptr;
    out.push_back(json::Object{{"StatementId", json::at(statement, "Sid")}});
  }
  return out;
}

}  // namespace aright::cloud
