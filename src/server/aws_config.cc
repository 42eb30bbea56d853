// AWS Config: what a rule's remediation is asked to do, and how far it is. Nothing goes around the policy: an approval
// that it asks for is asked for.

#include <algorithm>
#include <array>

#include "remediation/projection.h"
#include "rules/config_rule.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

using remediation::Engine;

constexpr std::size_t keys_max = 100;
constexpr std::string_view under_way = "AR-0018";

// The open findings of one rule, by the resource that they are about.
using Findings = std::map<std::pair<std::string, std::string>, json::Value>;

Result<Findings> findings_of(Engine& engine, const std::string& rule, const std::string& status) {
  Findings out;
  for (const auto& control : engine.policy().controls_of_rule(rule))
    for (const auto& item : TRY(remediation::list_findings(engine.ledger(), {.status = status, .parent = control}))) {
      const auto& resource = json::at(item, "resource");
      out.insert_or_assign({json::text(resource, "type", ""), json::text(resource, "id", "")}, item);
    }
  return out;
}

std::pair<std::string, std::string> key_of(const json::Value& key) {
  auto member = [&](const char* large, const char* small) {
    return json::text(key, large, json::text(key, small, ""));
  };
  return {rules::type_of_config(member("ResourceType", "resourceType")), member("ResourceId", "resourceId")};
}

Result<> need_remediation(const AwsTurn& turn) {
  auto rule = turn.text("ConfigRuleName");
  const auto& policy = turn.engine.policy();
  for (const auto& control : policy.controls_of_rule(rule))
    if (policy.remediation_for(control)) return {};
  return refuse("NoSuchRemediationConfigurationException", "No RemediationConfiguration for rule exists: " + rule);
}

// A plan is made, and a remediation opened that carries out that one; the policy says who has to agree. One that is
// under way already goes on as it was.
Result<> start(const AwsTurn& turn, const json::Value& finding) {
  auto id = TRY(FindingId::parse(json::text(finding, "id", "")));
  auto plan = TRY(turn.engine.plan(id, turn.actor(), turn.context));
  auto fixed = turn.engine.fix(id, plan.hash, turn.actor());
  if (!fixed && fixed.error().number != under_way) return fail(fixed.error());
  return {};
}

// What Config's remediation is to leave alone; "" where it is not.
Result<std::string> exception_of(const AwsTurn& turn, const std::pair<std::string, std::string>& key,
                                 const json::Value* finding) {
  const auto now = turn.engine.clock().now();
  const auto& policy = turn.engine.policy();
  remediation::Resource resource{.account = turn.signer.account, .region = turn.call.region, .type = key.first,
                                 .id = key.second, .arn = {}};
  if (finding) {
    auto found = TRY(turn.engine.finding(TRY(FindingId::parse(json::text(*finding, "id", "")))));
    resource = found.resource;
    if (found.exception && found.exception->holds(now)) return remediation::reason_of(*found.exception);
  }
  for (const auto& control : policy.controls_of_rule(turn.text("ConfigRuleName")))
    for (const auto& held : policy.exceptions)
      if (held.exception.holds(now) && held.is_about(control, resource, policy.tags_of(resource, {})))
        return remediation::reason_of(held.exception);
  return std::string();
}

Result<> start_key(const AwsTurn& turn, const Findings& open, const std::pair<std::string, std::string>& key) {
  auto found = open.find(key);
  const auto* finding = found == open.end() ? nullptr : &found->second;
  auto excepted = TRY(exception_of(turn, key, finding));
  if (!excepted.empty()) return fail(Errc::conflict, "{} has a remediation exception: {}", key.second, excepted);
  if (!finding) return fail(Errc::not_found, "{} is not known as noncompliant", key.second);
  return start(turn, *finding);
}

}  // namespace

Result<aws::Call> about_noncompliant(const AwsTurn& turn) {
  auto until = parse_timestamp(turn.text("ExpirationTime"));
  if (until && *until <= turn.engine.clock().now())
    return refuse("InvalidParameterValueException", "The expiration time must be in the future.");
  auto open = TRY(findings_of(turn.engine, turn.text("ConfigRuleName"), "open"));
  auto call = turn.call;
  json::Array keys;
  for (const auto& key : json::items(turn.member("ResourceKeys")))
    if (open.contains(key_of(key))) keys.push_back(key);
  call.input["ResourceKeys"] = std::move(keys);
  return call;
}

namespace {

AwsAnswer start_remediation(const AwsTurn& turn) {
  CHECK_OK(need_remediation(turn));
  const auto& keys = json::items(turn.member("ResourceKeys"));
  if (keys.empty() || keys.size() > keys_max)
    return refuse("InvalidParameterValueException", fmt::format("ResourceKeys has 1 to {} items", keys_max));
  auto open = TRY(findings_of(turn.engine, turn.text("ConfigRuleName"), "open"));
  json::Array failed;
  std::string why;
  for (const auto& key : keys) {
    auto started = start_key(turn, open, key_of(key));
    if (started) continue;
    failed.push_back(key);
    why += (why.empty() ? "" : "; ") + started.error().message;
  }
  json::Object out;
  if (!failed.empty()) out = {{"FailureMessage", why}, {"FailedItems", std::move(failed)}};
  return out;
}

std::string remediation_state(const std::string& stage) {
  constexpr std::array words{std::pair{"resolved", "SUCCEEDED"},    std::pair{"rolled_back", "FAILED"},
                             std::pair{"escalated", "FAILED"},      std::pair{"closed", "FAILED"},
                             std::pair{"executing", "IN_PROGRESS"}, std::pair{"verifying", "IN_PROGRESS"},
                             std::pair{"rolling_back", "IN_PROGRESS"}};
  auto found = std::ranges::find(words, stage, [](const auto& one) { return std::string(one.first); });
  return found == words.end() ? "QUEUED" : found->second;
}

std::string step_state(const std::string& status) {
  constexpr std::array words{std::pair{"Success", "SUCCEEDED"}, std::pair{"InProgress", "IN_PROGRESS"},
                             std::pair{"Waiting", "PENDING"},   std::pair{"Pending", "PENDING"},
                             std::pair{"Failed", "FAILED"},     std::pair{"TimedOut", "FAILED"},
                             std::pair{"Cancelled", "FAILED"}};
  auto found = std::ranges::find(words, status, [](const auto& one) { return std::string(one.first); });
  return found == words.end() ? "UNKNOWN" : found->second;
}

json::Array steps_of(const json::Value& whole) {
  json::Array out;
  for (const auto& step : json::items(json::at(whole, "StepExecutions"))) {
    json::Object one{{"Name", json::at(step, "StepName")}, {"State", step_state(json::text(step, "StepStatus", ""))}};
    for (auto [ours, theirs] : {std::pair{"ExecutionStartTime", "StartTime"}, std::pair{"ExecutionEndTime", "StopTime"},
                                std::pair{"FailureMessage", "ErrorMessage"}})
      if (const auto& value = json::at(step, ours); !value.is_null()) one[theirs] = value;
    out.push_back(std::move(one));
  }
  return out;
}

// Nothing where it never ran, and waits for nothing any more.
Result<std::optional<json::Object>> status_of(const AwsTurn& turn, const json::Value& finding) {
  auto state = TRY(turn.engine.remediation(TRY(RemediationId::parse(json::text(finding, "remediation", "")))));
  if (state.executions.empty() && !remediation::open(state)) return std::nullopt;
  const auto& resource = json::at(finding, "resource");
  json::Value whole;
  if (!state.executions.empty()) whole = TRY(turn.engine.executor().describe(state.executions.back()));
  auto told = remediation_state(std::string(name(state.stage)));
  if (told == "IN_PROGRESS" && json::text(whole, "AutomationExecutionStatus", "") == "Waiting") told = "QUEUED";
  return json::Object{
      {"ResourceKey",
       json::Object{{"resourceType", rules::config_type_of(json::text(resource, "type", ""))},
                    {"resourceId", json::at(resource, "id")}}},
      {"State", told},
      {"StepDetails", steps_of(whole)},
      {"InvocationTime", state.opened_at.iso()},
      {"LastUpdatedTime", state.updated_at.iso()}};
}

AwsAnswer remediation_status(const AwsTurn& turn) {
  CHECK_OK(need_remediation(turn));
  auto all = TRY(findings_of(turn.engine, turn.text("ConfigRuleName"), ""));
  std::vector<std::pair<std::string, std::string>> wanted;
  for (const auto& key : json::items(turn.member("ResourceKeys"))) wanted.push_back(key_of(key));
  json::Array out;
  for (const auto& [key, finding] : all) {
    bool asked = wanted.empty() || std::ranges::find(wanted, key) != wanted.end();
    if (!asked || json::text(finding, "remediation", "").empty()) continue;
    if (auto status = TRY(status_of(turn, finding))) out.push_back(std::move(*status));
  }
  return page_of(turn, "RemediationExecutionStatuses", std::move(out), "Limit", "NextToken");
}

// The rules are judged now, as a scan of the controls that judge by them.
AwsAnswer start_evaluation(const AwsTurn& turn) {
  auto names = json::texts(turn.member("ConfigRuleNames"));
  std::vector<std::string> controls;
  for (const auto& rule : turn.engine.policy().held_rules) {
    if (!names.empty() && std::ranges::find(names, rule.name) == names.end()) continue;
    for (const auto& id : rule.controls)
      if (std::ranges::find(controls, id) == controls.end()) controls.push_back(id);
  }
  for (const auto& name : names)
    if (std::ranges::find(turn.engine.policy().held_rules, name, &remediation::HeldRule::name) ==
        turn.engine.policy().held_rules.end())
      return refuse("NoSuchConfigRuleException", fmt::format("The ConfigRule '{}' provided in the request is invalid. "
                                                             "Please check the configRule name.", name));
  if (!controls.empty()) TRY(turn.engine.scan(controls, turn.context));
  return json::Object();
}

constexpr std::array config_operations{
    OwnOperation{"config", "StartConfigRulesEvaluation", start_evaluation},
    OwnOperation{"config", "StartRemediationExecution", start_remediation},
    OwnOperation{"config", "DescribeRemediationExecutionStatus", remediation_status},
};

}  // namespace

std::span<const OwnOperation> own_config() { return config_operations; }

}  // namespace aright::server
