// Config rules, and the remediation configurations behind them.
#include <algorithm>

#include "native/draft.h"

namespace aright::native {

namespace {

using remediation::Decision;
using remediation::EnabledControl;
using rules::ConfigRule;

// Config's names of what a custom policy is told about.
constexpr std::array message_types{"ConfigurationItemChangeNotification",
                                   "OversizedConfigurationItemChangeNotification"};
constexpr std::size_t description_chars_max = 256;  // of a Config rule

// Identifiers of ours are no rules of AWS's; neither are those of a directory of own controls.
bool is_managed(const std::string& identifier) {
  if (identifier.starts_with("ARIGHT_")) return false;
  return std::ranges::any_of(rules::Controls::embedded().all(),
                             [&](const auto& entry) { return entry.second.rule == identifier; });
}

json::Object texts_of(const json::Object& parameters) {
  json::Object out;
  for (const auto& [name, value] : parameters)
    if (auto text = json::scalar_text(value); !text.empty()) out[name] = std::move(text);
  return out;
}

json::Object scope_of(const rules::Scope& scope, bool types) {
  json::Object out;
  json::Array list;
  for (const auto& type : scope.types)
    list.emplace_back(rules::config_type_of(type));
  if (types && !list.empty()) out["ComplianceResourceTypes"] = std::move(list);
  if (!scope.id.empty()) out["ComplianceResourceId"] = scope.id;
  if (!scope.tag_key.empty()) out["TagKey"] = scope.tag_key;
  if (!scope.tag_value.empty()) out["TagValue"] = scope.tag_value;
  return out;
}

json::Object source_of(const ConfigRule& rule) {
  json::Object out{{"Owner", rules::name(rule.owner)}};
  if (rule.owner == ConfigRule::Owner::aws) {
    out["SourceIdentifier"] = rule.identifier;
    return out;
  }
  json::Array details;
  auto hears = [&](const char* type) {
    details.push_back(json::Object{{"EventSource", "aws.config"}, {"MessageType", type}});
  };
  if (rule.scheduled) hears("ScheduledNotification");
  else std::ranges::for_each(message_types, hears);
  if (rule.owner == ConfigRule::Owner::custom_policy)
    out["CustomPolicyDetails"] = json::Object{{"PolicyRuntime", "guard-2.x.x"}, {"PolicyText", rule.policy_text}};
  else
    out["SourceIdentifier"] = rule.identifier;
  out["SourceDetails"] = std::move(details);
  return out;
}

json::Object rule_properties(const ConfigRule& rule) {
  json::Object out{{"ConfigRuleName", rule.name}};
  if (!rule.description.empty()) out["Description"] = rule.description.substr(0, description_chars_max);
  out["Source"] = source_of(rule);
  if (auto given = texts_of(rule.parameters); !given.empty()) out["InputParameters"] = std::move(given);
  if (auto scope = scope_of(rule.scope, rule.owner != ConfigRule::Owner::aws); !scope.empty())
    out["Scope"] = std::move(scope);
  return out;
}

json::Object about(const rules::Control& control, Decision decision) {
  json::Object out{{"title", control.title}, {"severity", control.severity}, {"decision", name(decision)}};
  if (auto hub = control.references.find("Security Hub"); hub != control.references.end())
    out["security_hub"] = hub->second;
  if (!control.may_break.empty()) out["may_break"] = control.may_break;
  return {{"Metadata", {{"aright", std::move(out)}}}};
}

json::Object remediation_parameters(const std::vector<Given>& given) {
  json::Object out;
  for (const auto& one : given) {
    json::Array values(one.values.begin(), one.values.end());
    out[one.name] = one.resource ? json::Object{{"ResourceValue", {{"Value", "RESOURCE_ID"}}}}
                                 : json::Object{{"StaticValue", {{"Values", std::move(values)}}}};
  }
  return out;
}

class RuleWriter {
 public:
  explicit RuleWriter(Draft& draft) : draft_(draft) {}

  std::vector<RuleFix> all() {
    for (const auto& held : draft_.policy.held_rules)
      of_held(held);
    for (const auto& enabled : draft_.policy.controls) {
      const auto* control = draft_.policy.known->find(enabled.id);
      if (control != nullptr && !judged_by_held(enabled.id)) of_control(*control, enabled);
    }
    return std::move(fixes_);
  }

 private:
  bool judged_by_held(const std::string& control) const {
    return std::ranges::any_of(draft_.policy.held_rules, [&](const remediation::HeldRule& held) {
      return std::ranges::find(held.controls, control) != held.controls.end();
    });
  }

  // As the policy writes them, whoever judges by them here.
  void of_held(const remediation::HeldRule& held) {
    if (held.rule.name.empty()) return draft_.miss("rule " + held.name, held.why_not);
    add(held.rule, held.controls.empty() ? nullptr : draft_.policy.known->find(held.controls.front()));
  }

  void of_control(const rules::Control& control, const EnabledControl& enabled) {
    if (control.containment || control.on_signal_only) return;  // an event rule's
    if (!is_managed(control.rule))
      return draft_.miss("control " + control.id, "AWS Config has no managed rule that judges like it");
    if (!enabled.everywhere)
      draft_.miss("control " + control.id,
                  "it holds in some accounts only; the template holds wherever it is deployed");
    ConfigRule rule{.name = control.id,
                    .description = control.title,
                    .identifier = control.rule,
                    .policy_text = {},
                    .scope = enabled.scope,
                    .parameters = control.parameters};
    for (const auto& [name, value] : enabled.parameters)
      rule.parameters[name] = value;
    add(rule, &control);
  }

  void add(const ConfigRule& rule, const rules::Control* control) {
    auto logical = logical_name(rule.name);
    if (draft_.has(logical)) return;
    auto standing = control ? standing_of(draft_.policy, *control, "aws.config") : Standing{};
    draft_.add(logical, "AWS::Config::ConfigRule", rule_properties(rule),
               control ? about(*control, standing.decision) : json::Object());
    if (control == nullptr) return;
    auto fix = automation_of(draft_, *control, standing);
    if (!fix) return;
    if (!standing.open.empty())
      draft_.miss(
          "decision about " + control->id,
          fmt::format("what '{}' asks for is known only when a resource is judged: {} is the most careful answer",
                      fmt::join(standing.open, "', '"), name(standing.decision)));
    add_remediation(logical, *control, standing, *fix);
    auto hub = control->references.find("Security Hub");
    fixes_.push_back({.logical = logical,
                      .name = rule.name,
                      .control = control->id,
                      .resource_type = rules::config_type_of(control->resource_type),
                      .security_control = hub == control->references.end() ? "" : hub->second});
  }

  void add_remediation(const std::string& rule, const rules::Control& control, const Standing& standing,
                       const Automation& fix) {
    bool by_itself = standing.decision == Decision::automatic || standing.decision == Decision::approval;
    const auto* said = draft_.policy.remediation_for(control.id);
    remediation::RemediationConfiguration configured = said ? *said : remediation::RemediationConfiguration{};
    json::Object properties{
        {"ConfigRuleName", reference(rule)},
        {"TargetType", "SSM_DOCUMENT"},
        {"TargetId", fix.document},
        {"Parameters", remediation_parameters(fix.given)},
        {"Automatic", by_itself ? json::Value(reference(automatic_parameter)) : json::Value(false)}};
    if (by_itself) {
      properties["MaximumAutomaticAttempts"] = configured.attempts_max;
      properties["RetryAttemptSeconds"] = configured.retry_window.count();
    }
    if (configured.pace)
      properties["ExecutionControls"] =
          json::Object{{"SsmControls",
                        {{"ConcurrentExecutionRatePercentage", configured.pace->concurrent_percent},
                         {"ErrorPercentage", configured.pace->error_percent}}}};
    draft_.add(rule + "Fix", "AWS::Config::RemediationConfiguration", std::move(properties));
  }

  Draft& draft_;
  std::vector<RuleFix> fixes_;
};

}  // namespace

std::vector<RuleFix> add_rules(Draft& draft) {
  return RuleWriter(draft).all();
}

}  // namespace aright::native
