// IAM's policy simulator, answered by the evaluator that decides over calls.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "iam/evaluate.h"
#include "sandbox/authorize.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"
#include "sandbox/needs.h"

namespace aright::sandbox::iam_simulation_hooks {

namespace {

constexpr std::size_t decisions_max = 1000;  // actions times resources of one simulation

Result<std::vector<iam::NamedPolicy>> given_policies(Scene& scene, std::string_view member) {
  std::vector<iam::NamedPolicy> out;
  for (const auto& text : json::texts(scene.input(member))) {
    out.push_back(iam::named_policy(fmt::format("{}.{}", member, out.size() + 1), text));
    if (!out.back().broken.empty()) return fail(scene.error("InvalidInput", out.back().broken));
  }
  return out;
}

// A group is judged by its own policies, as one of its members would be by them alone.
Result<std::vector<iam::NamedPolicy>> source_policies(Scene& scene, const iam::Caller& source) {
  auto name = source.arn.substr(source.arn.rfind('/') + 1);
  bool group = source.arn.contains(":group/");
  auto type = group ? iam_group_type : source.arn.contains(":user/") ? user_type : role_type;
  const auto* holder = TRY(scene.need(type, name));
  return group ? attached_policies(scene, *holder) : identity_policies(scene, source);
}

iam::Keys given_keys(const Scene& scene, const iam::Caller& caller) {
  iam::Keys keys;
  if (!caller.arn.empty()) {
    keys.set("aws:PrincipalArn", caller.kind == iam::Caller::Kind::session ? caller.role : caller.arn);
    keys.set("aws:PrincipalAccount", caller.account);
  }
  if (caller.kind == iam::Caller::Kind::user) keys.set("aws:username", caller.arn.substr(caller.arn.rfind('/') + 1));
  for (const auto& entry : json::items(scene.input("ContextEntries")))
    keys.set(json::text(entry, "ContextKeyName", ""), json::texts(json::at(entry, "ContextKeyValues")));
  return keys;
}

void add_variables(std::string_view text, std::set<std::string>& out) {
  for (auto open = text.find("${"); open != std::string_view::npos; open = text.find("${", open + 2)) {
    auto close = text.find_first_of("},", open);
    auto name = text.substr(open + 2, close == std::string_view::npos ? 0 : close - open - 2);
    if (name.contains(':')) out.emplace(name);
  }
}

// The condition keys and variables that a policy asks about.
void add_keys(const iam::NamedPolicy& policy, std::set<std::string>& out) {
  for (const auto& statement : policy.policy.statements) {
    for (const auto* texts : {&statement.resources, &statement.not_resources})
      for (const auto& text : *texts) add_variables(text, out);
    for (const auto& condition : statement.conditions) {
      out.insert(condition.key);
      for (const auto& value : condition.values) add_variables(value, out);
    }
  }
}

json::Array names(const std::set<std::string>& keys) {
  json::Array out;
  for (const auto& key : keys) out.emplace_back(key);
  return out;
}

json::Object matched(const iam::Match& match) {
  auto type = match.layer == iam::Layer::resource ? "Resource Policy" : "IAM Policy";
  return {{"SourcePolicyId", match.policy}, {"SourcePolicyType", type}};
}

json::Object decision(const iam::Request& request, const iam::Policies& policies) {
  auto verdict = iam::evaluate(request, policies);
  json::Array statements;
  for (const auto& match : verdict.matches)
    if (match.effect == iam::Effect::deny || verdict.outcome != iam::Outcome::explicit_deny)
      statements.push_back(matched(match));
  std::set<std::string> asked;
  for (const auto& policy : policies.identity) add_keys(policy, asked);
  std::erase_if(asked, [&](const std::string& key) { return request.keys.find(key) != nullptr; });
  json::Object out{{"EvalActionName", request.action},
                   {"EvalResourceName", request.resource},
                   {"EvalDecision", iam::name(verdict.outcome)},
                   {"MatchedStatements", std::move(statements)},
                   {"MissingContextValues", names(asked)}};
  auto alone = [&](std::vector<iam::NamedPolicy> layer) {
    iam::Policies only;
    only.identity = std::move(layer);
    return iam::evaluate(request, only).allowed();
  };
  if (policies.boundary)
    out["PermissionsBoundaryDecisionDetail"] = json::Object{{"AllowedByPermissionsBoundary", alone(*policies.boundary)}};
  if (!policies.service_control.empty())
    out["OrganizationsDecisionDetail"] = json::Object{{"AllowedByOrganizations", alone(policies.service_control[0])}};
  return out;
}

Result<json::Object> simulate(Scene& scene, iam::Policies policies, const iam::Caller& caller) {
  if (auto text = scene.text("ResourcePolicy"); !text.empty()) {
    policies.resource = iam::named_policy("ResourcePolicy", text);
    if (!policies.resource->broken.empty()) return fail(scene.error("InvalidInput", policies.resource->broken));
  }
  auto boundary = TRY(given_policies(scene, "PermissionsBoundaryPolicyInputList"));
  if (!boundary.empty()) policies.boundary = std::move(boundary);
  auto resources = json::texts(scene.input("ResourceArns"));
  if (resources.empty()) resources.push_back("*");
  auto owner = iam::caller_of(scene.text("ResourceOwner")).account;
  json::Array results;
  for (const auto& action : json::texts(scene.input("ActionNames"))) {
    if (!action.contains(':')) return fail(scene.error("InvalidInput", fmt::format("Invalid action: {}", action)));
    for (const auto& resource : resources) {
      if (results.size() >= decisions_max) return fail(scene.error("LimitExceeded"));
      iam::Request request{.caller = caller, .action = action, .resource = resource, .resource_account = owner,
                           .keys = given_keys(scene, caller)};
      results.push_back(decision(request, policies));
    }
  }
  return json::Object{{"EvaluationResults", std::move(results)}, {"IsTruncated", false}};
}

iam::Caller asked_caller(const Scene& scene, const std::string& otherwise) {
  auto caller = iam::caller_of(scene.text("CallerArn", otherwise));
  if (caller.kind == iam::Caller::Kind::anonymous) caller.kind = iam::Caller::Kind::user;
  return caller;
}

Result<json::Object> simulate_principal(Scene& scene) {
  auto source = iam::caller_of(scene.text("PolicySourceArn"));
  iam::Policies policies;
  policies.identity = TRY(source_policies(scene, source));
  auto more = TRY(given_policies(scene, "PolicyInputList"));
  std::ranges::move(more, std::back_inserter(policies.identity));
  policies.boundary = boundary_of(scene, source);
  if (scene.authorization != nullptr)
    policies.service_control = service_control_over(scene, source.account, *scene.authorization);
  return simulate(scene, std::move(policies), asked_caller(scene, source.arn));
}

Result<json::Object> simulate_custom(Scene& scene) {
  iam::Policies policies;
  policies.identity = TRY(given_policies(scene, "PolicyInputList"));
  return simulate(scene, std::move(policies), asked_caller(scene, ""));
}

Result<json::Object> custom_keys(Scene& scene) {
  std::set<std::string> keys;
  auto policies = TRY(given_policies(scene, "PolicyInputList"));
  for (const auto& policy : policies) add_keys(policy, keys);
  return json::Object{{"ContextKeyNames", names(keys)}};
}

Result<json::Object> principal_keys(Scene& scene) {
  std::set<std::string> keys;
  auto policies = TRY(source_policies(scene, iam::caller_of(scene.text("PolicySourceArn"))));
  auto more = TRY(given_policies(scene, "PolicyInputList"));
  for (const auto* list : {&policies, &more})
    for (const auto& policy : *list) add_keys(policy, keys);
  return json::Object{{"ContextKeyNames", names(keys)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("iam:SimulatePrincipalPolicy", simulate_principal);
  hooks.emulate("iam:SimulateCustomPolicy", simulate_custom);
  hooks.emulate("iam:GetContextKeysForCustomPolicy", custom_keys);
  hooks.emulate("iam:GetContextKeysForPrincipalPolicy", principal_keys);
}

}  // namespace aright::sandbox::iam_simulation_hooks
