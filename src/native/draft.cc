#include "native/draft.h"

#include <cctype>

namespace aright::native {

json::Object reference(std::string_view logical) {
  return {{"Ref", logical}};
}

json::Object attribute(std::string_view logical, std::string_view name) {
  return {{"Fn::GetAtt", json::Array{logical, name}}};
}

json::Object either(std::string_view condition, json::Value then, json::Value otherwise) {
  return {{"Fn::If", json::Array{condition, std::move(then), std::move(otherwise)}}};
}

json::Value filled(std::string_view text) {
  if (text.find("${") == std::string_view::npos) return json::Value(text);
  return json::Object{{"Fn::Sub", text}};
}

std::string logical_name(std::string_view text) {
  std::string out;
  bool first = true;
  for (auto c : text) {
    bool keep = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (keep) out += first ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    first = !keep;
  }
  return out;
}

void Draft::add(const std::string& logical, std::string_view type, json::Object properties, json::Object more) {
  json::Object resource{{"Type", type}};
  for (auto& [name, value] : more)
    resource[name] = std::move(value);
  resource["Properties"] = std::move(properties);
  out.resources[logical] = std::move(resource);
}

void Draft::miss(std::string what, std::string why) {
  out.not_expressed.push_back({std::move(what), std::move(why)});
}

const Somewhere& here() {
  static const Somewhere out{
      .partition = "${AWS::Partition}", .region = "${AWS::Region}", .account = "${AWS::AccountId}"};
  return out;
}

json::Object statement(json::Array actions, json::Array resources) {
  return {{"Effect", "Allow"}, {"Action", std::move(actions)}, {"Resource", std::move(resources)}};
}

json::Object policy_document(json::Array statements) {
  return {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
}

json::Object filled_policy(json::Object policy) {
  for (auto& one : policy["Statement"].as_array())
    for (auto& resource : one.as_object()["Resource"].as_array())
      if (resource.is_string()) resource = filled(json::text(resource));
  return policy;
}

namespace {

json::Object trust_of(const Actor& actor) {
  json::Object trust{{"Effect", "Allow"}, {"Principal", {{"Service", actor.service}}}, {"Action", "sts:AssumeRole"}};
  // Lambda tells no source when it assumes a function's role.
  if (actor.source_arn.empty()) return trust;
  trust["Condition"] = json::Object{{"StringEquals", {{"aws:SourceAccount", reference("AWS::AccountId")}}},
                                    {"ArnLike", {{"aws:SourceArn", filled(actor.source_arn)}}}};
  return trust;
}

// Statements, as many together as a managed policy holds.
std::vector<json::Array> portions(const json::Object& policy) {
  std::vector<json::Array> out;
  std::size_t chars = managed_policy_chars_max;
  for (const auto& one : json::items(json::at(policy, "Statement"))) {
    auto size = json::print(one).size() + 1;
    bool fits = !out.empty() && chars + size <= managed_policy_chars_max;
    if (!fits) chars = json::print(policy_document({})).size();
    if (!fits) out.emplace_back();
    out.back().push_back(one);
    chars += size;
  }
  return out;
}

}  // namespace

void add_role(Draft& draft, const std::string& logical, const Actor& actor, const json::Object& policy) {
  json::Array attached;
  auto parts = portions(policy);
  for (auto& statements : parts) {
    if (attached.size() == managed_policies_max) {
      draft.miss("role " + logical, fmt::format("it would need more than {} managed policies", managed_policies_max));
      break;
    }
    auto name = fmt::format("{}Policy{}", logical, attached.empty() ? "" : std::to_string(attached.size() + 1));
    draft.add(name, "AWS::IAM::ManagedPolicy",
              {{"Description", actor.description}, {"PolicyDocument", policy_document(std::move(statements))}});
    attached.push_back(reference(name));
  }
  draft.add(logical, "AWS::IAM::Role",
            {{"Description", actor.description},
             {"AssumeRolePolicyDocument", policy_document(json::Array{trust_of(actor)})},
             {"ManagedPolicyArns", std::move(attached)}});
}

}  // namespace aright::native
