// Security Hub: automation rules, and a custom action with which a person sends findings to be set right. And who is
// told of what became of it.
#include <algorithm>

#include "base/embedded.h"
#include "native/draft.h"

ARIGHT_EMBEDDED(set_right)

namespace aright::native {

namespace {

constexpr std::string_view actions =
    "arn:${AWS::Partition}:securityhub:${AWS::Region}:${AWS::AccountId}:action/custom/";
constexpr std::size_t rule_names_chars_max = 3'500;  // of a pattern, which may have 4,096 in all

void add_automation_rules(Draft& draft) {
  for (const auto& rule : draft.policy.hub.rules)
    draft.add(logical_name(rule.name) + "Automation", "AWS::SecurityHub::AutomationRule",
              {{"RuleName", rule.name},
               {"Description", fmt::format("The automation rule {} of the policy", rule.name)},
               {"RuleOrder", rule.order},
               {"RuleStatus", rule.enabled ? "ENABLED" : "DISABLED"},
               {"IsTerminal", rule.terminal},
               {"Criteria", rule.criteria},
               {"Actions",
                json::Array{json::Object{{"Type", "FINDING_FIELDS_UPDATE"}, {"FindingFieldsUpdate", rule.update}}}}});
}

// Which rule's remediation sets right what Security Hub calls so.
json::Object rules_by_control(const std::vector<RuleFix>& fixes) {
  json::Object out;
  for (const auto& fix : fixes)
    if (!fix.security_control.empty() && !out.contains(fix.security_control)) out[fix.security_control] = fix.name;
  return out;
}

void add_custom_action(Draft& draft, const json::Object& rules) {
  draft.out.action = {
      .id = "ArightSetRight", .name = "Set right", .description = "Runs the remediation of the rule that judges it"};
  draft.miss("custom action of Security Hub",
             "CloudFormation has no type for one; `aright deploy` makes it through the API");
  auto code =
      fmt::format("import json\n\nRULES = json.loads('''{}''')\n\n{}", json::print(rules), embedded_set_right());
  add_own_function(
      draft,
      {.logical = "SetRight", .description = "Sets right what is sent from Security Hub", .code = std::move(code)});
  draft.add("SentFromSecurityHub", "AWS::Events::Rule",
            {{"Description", "Findings that a person sends to be set right"},
             {"EventPattern",
              {{"source", json::Array{"aws.securityhub"}},
               {"detail-type", json::Array{"Security Hub Findings - Custom Action"}},
               {"resources", json::Array{filled(std::string(actions) + draft.out.action->id)}}}},
             {"Targets", json::Array{json::Object{{"Id", "set-right"}, {"Arn", attribute("SetRight", "Arn")}}}}});
  permit_invocation(draft, "SetRight", "SentFromSecurityHub");
}

}  // namespace

void add_hub(Draft& draft, const std::vector<RuleFix>& fixes) {
  add_automation_rules(draft);
  if (auto rules = rules_by_control(fixes); !rules.empty()) add_custom_action(draft, rules);
}

void add_telling(Draft& draft) {
  if (draft.out.resources.empty()) return;
  auto target = json::Object{{"Id", "tell"}, {"Arn", reference(topic_parameter)}};
  auto tell = [&](const char* logical, const char* what, json::Object pattern) {
    draft.add(logical, "AWS::Events::Rule",
              {{"Description", what}, {"EventPattern", std::move(pattern)}, {"Targets", json::Array{target}}},
              {{"Condition", topic_condition}});
  };
  json::Array names;
  for (const auto& [logical, resource] : draft.out.resources)
    if (json::text(resource, "Type", "") == "AWS::SSM::Document")
      names.push_back(json::at(resource, {"Properties", "Name"}));
  for (const auto& [logical, resource] : draft.out.resources)
    if (const auto& target_id = json::at(resource, {"Properties", "TargetId"}); target_id.is_string())
      if (std::ranges::find(names, target_id) == names.end()) names.push_back(target_id);
  if (!names.empty())
    tell("FixFailed", "A fix that did not end well",
         {{"source", json::Array{"aws.ssm"}},
          {"detail-type", json::Array{"EC2 Automation Execution Status-change Notification"}},
          {"detail", {{"Definition", std::move(names)}, {"Status", json::Array{"Failed", "TimedOut", "Cancelled"}}}}});
  json::Array rules;
  for (const auto& [logical, resource] : draft.out.resources)
    if (json::text(resource, "Type", "") == "AWS::Config::ConfigRule")
      rules.push_back(json::at(resource, {"Properties", "ConfigRuleName"}));
  if (rules.empty()) return;
  json::Object detail{{"configRuleName", rules},
                      {"newEvaluationResult", {{"complianceType", json::Array{"COMPLIANT", "NON_COMPLIANT"}}}}};
  if (json::print(rules).size() > rule_names_chars_max) detail.erase("configRuleName");  // those of others, too
  tell("ComplianceChanged", "A resource that became compliant, or no longer is",
       {{"source", json::Array{"aws.config"}},
        {"detail-type", json::Array{"Config Rules Compliance Change"}},
        {"detail", std::move(detail)}});
}

}  // namespace aright::native
