// What sets resources right: documents of AWS's, of ours, and small ones around them that ask first or invoke a
// function; and the role of each.
#include <algorithm>

#include "json/yaml.h"
#include "native/draft.h"

namespace aright::native {

namespace {

using remediation::Action;
using remediation::Decision;

constexpr std::string_view ssm = "ssm.amazonaws.com";
constexpr std::string_view executions = "arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:automation-execution/*";
constexpr std::string_view resource_id = "RESOURCE_ID";

bool is_aws_owned(const Draft& draft, const std::string& name) {
  return name.starts_with("AWS") && !draft.policy.runbooks.contains(name) && !draft.options.own_documents;
}

// Names that begin with AWS are AWS's: AWS-StopEC2Instance is Aright-StopEC2Instance where it is ours.
std::string own_name(const std::string& name) {
  return name.starts_with("AWS") ? "Aright" + name.substr(3) : name;
}

std::string start_arn(std::string_view document, bool of_aws) {
  return fmt::format("arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:{}:automation-definition/{}:*",
                     of_aws ? "*" : "${AWS::AccountId}", document);
}

// The parameter that says which role a document acts as; "" where it acts as whoever starts it.
std::string role_parameter(const runbook::Document& document) {
  auto text = document.assume_role();
  for (const auto& parameter : document.parameters())
    if (text.find(parameter.name) != std::string::npos) return parameter.name;
  return "";
}

// A document in the form that CloudFormation takes: as the object that its text says.
void add_document(Draft& draft, const std::string& logical, const std::string& name, json::Value content) {
  draft.add(logical, "AWS::SSM::Document",
            {{"Name", name},
             {"DocumentType", "Automation"},
             {"UpdateMethod", "NewVersion"},
             {"Content", std::move(content)}});
}

// Statements that let a document start others, which act as the same role.
void let_start(json::Object& policy, const std::vector<std::string>& names) {
  if (names.empty()) return;
  json::Array start;
  for (const auto& name : names)
    start.emplace_back(start_arn(name, name.starts_with("AWS")));
  // In place of the one that says it of all documents.
  json::Array statements;
  for (auto& one : policy["Statement"].as_array())
    if (!json::print(one).contains("ssm:StartAutomationExecution")) statements.push_back(std::move(one));
  statements.push_back(statement(json::Array{"ssm:StartAutomationExecution"}, std::move(start)));
  statements.push_back(statement(json::Array{"ssm:GetAutomationExecution"}, json::Array{std::string(executions)}));
  policy["Statement"] = std::move(statements);
}

struct Found {
  remediation::Runbook runbook;
  std::string name;  // natively
  bool of_aws = false;
  std::string logical;  // of the document and, with Role behind it, of its role
};

// The role that a document acts as: what its text and those that it starts call, and nothing else.
void add_role(Draft& draft, const Found& found) {
  auto logical = found.logical + "Role";
  if (draft.has(logical)) return;
  auto explanation = explain(*found.runbook.document, draft.library);
  auto policy = policy_of(explanation, here());
  let_start(policy, explanation.documents);
  policy = filled_policy(std::move(policy));
  for (const auto& note : explanation.unknown)
    draft.miss("role of " + found.name, fmt::format("{}{}{}", note.step, note.step.empty() ? "" : ": ", note.what));
  add_role(draft, logical, {ssm, executions, fmt::format("What {} calls, and nothing else", found.name)}, policy);
}

// The document and its role, where they are not there yet. None where Systems Manager could not run it.
std::optional<Found> add_runbook(Draft& draft, const std::string& name) {
  auto known = draft.library.runbook(name);
  if (!known) {
    draft.miss("document " + name, "there is no such runbook here");
    return std::nullopt;
  }
  Found out{.runbook = *known, .name = name, .of_aws = is_aws_owned(draft, name), .logical = ""};
  if (!out.of_aws) out.name = own_name(name);
  out.logical = logical_name(out.name);
  if (!out.of_aws && !known->document->files().empty()) {
    draft.miss("document " + name, "it has attachments, which come from a bucket");
    return std::nullopt;
  }
  auto parameter = role_parameter(*known->document);
  if (parameter.empty()) draft.miss("role of " + name, "it has no parameter for one, and acts as whoever starts it");
  if (!parameter.empty()) add_role(draft, out);
  if (out.of_aws || draft.has(out.logical)) return out;
  auto content = json::parse_yaml(known->text, {.locations = false});
  if (content) add_document(draft, out.logical, out.name, std::move(content->value));
  for (const auto& child : runbook::calls_of(*known->document).children)
    if (!is_aws_owned(draft, child)) (void)add_runbook(draft, child);
  return out;
}

// Config's own form, or the value itself. None for one that holds the resource somewhere within.
std::optional<Given> given_of(const std::string& name, const json::Value& value) {
  Given out{.name = name, .resource = false, .values = {}};
  const auto& fixed = json::at(value, {"StaticValue", "Values"});
  const auto& plain = fixed.is_array() ? fixed : value;
  auto list = plain.is_array() ? json::items(plain) : json::Array{plain};
  bool whole = list.size() == 1 && list[0].is_string() && list[0].get_string() == resource_id;
  if (whole || !json::at(value, {"ResourceValue", "Value"}).is_null()) {
    out.resource = true;
    return out;
  }
  if (json::print(plain).find(resource_id) != std::string::npos) return std::nullopt;
  for (const auto& item : list)
    out.values.emplace_back(json::scalar_text(item));
  return out;
}

std::optional<Automation> of_runbook(Draft& draft, const Action& action) {
  auto found = add_runbook(draft, action.target);
  if (!found) return std::nullopt;
  const auto& document = *found->runbook.document;
  Automation out{.document = found->of_aws ? json::Value(found->name) : json::Value(reference(found->logical)),
                 .arn = start_arn(found->name, found->of_aws),
                 .given = {},
                 .roles = {},
                 .names = {found->name}};
  auto role_name = role_parameter(document);
  for (const auto& parameter : document.parameters()) {
    const auto& value = json::at(action.parameters, parameter.name);
    if (parameter.name == role_name) {
      if (!value.is_null())
        draft.miss(fmt::format("{} of {}", role_name, found->name), "the template brings a role of its own");
      out.roles.push_back(found->logical + "Role");
      out.given.push_back({parameter.name, false, {attribute(out.roles[0], "Arn")}});
      continue;
    }
    if (value.is_null()) continue;
    auto given = given_of(parameter.name, value);
    if (!given) {
      draft.miss(fmt::format("{} of {}", parameter.name, found->name), "the resource stands within a longer value");
      return std::nullopt;
    }
    out.given.push_back(std::move(*given));
  }
  return out;
}

json::Object text_parameter(std::string_view description) {
  return {{"type", "String"}, {"description", description}};
}

// What AWS Config hands to the function of a custom rule: functions here get it in either case.
json::Object config_event() {
  json::Object item{{"resourceId", "{{ ResourceId }}"},
                    {"resourceType", "{{ ResourceType }}"},
                    {"awsAccountId", "{{ global:ACCOUNT_ID }}"},
                    {"awsRegion", "{{ global:REGION }}"},
                    {"configurationItemStatus", "OK"}};
  json::Object invoking{{"messageType", "ConfigurationItemChangeNotification"}, {"configurationItem", std::move(item)}};
  return {{"version", "1.0"},
          {"invokingEvent", json::print(invoking)},
          {"ruleParameters", "{{ RuleParameters }}"},
          {"configRuleName", "{{ ConfigRuleName }}"},
          {"accountId", "{{ global:ACCOUNT_ID }}"}};
}

Given fixed(std::string name, std::string value) {
  return {.name = std::move(name), .resource = false, .values = {json::Value(value)}};
}

// Config starts documents and no functions: a document of one step.
std::optional<Automation> of_function(Draft& draft, const Action& action, const rules::Control* control) {
  auto function = add_function(draft, action.target);
  if (function.empty()) return std::nullopt;
  auto logical = "Invoke" + function, role_logical = logical + "Role", name = "Aright-Invoke-" + action.target;
  if (!draft.has(logical)) {
    json::Array may{statement(json::Array{"lambda:InvokeFunction"}, json::Array{attribute(function, "Arn")})};
    add_role(draft, role_logical, {ssm, executions, fmt::format("Invokes {}, and nothing else", action.target)},
             policy_document(std::move(may)));
    json::Object step{{"name", "Invoke"},
                      {"action", "aws:invokeLambdaFunction"},
                      {"isEnd", true},
                      {"inputs",
                       {{"FunctionName", reference(function)},
                        {"InvocationType", "RequestResponse"},
                        {"InputPayload", config_event()}}}};
    add_document(
        draft, logical, name,
        json::Object{{"description", fmt::format("Invokes the function {} about one resource.", action.target)},
                     {"schemaVersion", "0.3"},
                     {"assumeRole", attribute(role_logical, "Arn")},
                     {"parameters",
                      {{"ResourceId", text_parameter("The resource, as Config names it.")},
                       {"ResourceType", text_parameter("Its type.")},
                       {"ConfigRuleName", text_parameter("The rule that judges it.")},
                       {"RuleParameters", text_parameter("Parameters of the rule, in JSON.")}}},
                     {"mainSteps", json::Array{std::move(step)}}});
  }
  return Automation{.document = reference(logical),
                    .arn = start_arn(name, false),
                    .given = {{"ResourceId", true, {}},
                              fixed("ResourceType", control ? control->resource_type : "AWS::::Account"),
                              fixed("ConfigRuleName", control ? control->id : name),
                              fixed("RuleParameters", json::print(action.parameters))},
                    .roles = {role_logical},
                    .names = {name}};
}

std::optional<Automation> plain_automation(Draft& draft, const Action& action, const rules::Control* control) {
  return action.kind == Action::Kind::function ? of_function(draft, action, control) : of_runbook(draft, action);
}

// The same, behind a person's approval: a document that asks, and starts the other one then.
Automation behind_approval(Draft& draft, Automation fix) {
  const auto& fixed_name = fix.names.front();
  auto logical = "Ask" + logical_name(fixed_name), role_logical = logical + "Role", name = "Aright-Ask-" + fixed_name;
  json::Object parameters, passed;
  std::vector<Given> given;
  std::string about;
  for (const auto& one : fix.given) {
    bool fixed = !one.resource && one.values.size() == 1 && one.values[0].is_object();  // a role of the template
    if (fixed) {
      passed[one.name] = one.values[0];
      continue;
    }
    bool list = one.values.size() > 1;
    parameters[one.name] = json::Object{{"type", list ? "StringList" : "String"}};
    passed[one.name] = "{{ " + one.name + " }}";
    if (one.resource) about = " {{ " + one.name + " }}";
    given.push_back(one);
  }
  Automation out{.document = reference(logical),
                 .arn = start_arn(name, false),
                 .given = std::move(given),
                 .roles = {role_logical},
                 .names = {name, fixed_name}};
  if (draft.has(logical)) return out;
  json::Array start{statement(json::Array{"ssm:StartAutomationExecution"}, json::Array{fix.arn}),
                    statement(json::Array{"ssm:GetAutomationExecution"}, json::Array{std::string(executions)})};
  auto policy = filled_policy(policy_document(std::move(start)));
  auto& statements = policy["Statement"].as_array();
  json::Array passes;
  for (const auto& one : fix.roles)
    passes.push_back(attribute(one, "Arn"));
  auto pass = statement(json::Array{"iam:PassRole"}, std::move(passes));
  pass["Condition"] = json::Object{{"StringEquals", {{"iam:PassedToService", ssm}}}};
  if (!fix.roles.empty()) statements.push_back(std::move(pass));
  auto publish = statement(json::Array{"sns:Publish"}, json::Array{reference(topic_parameter)});
  statements.push_back(either(topic_condition, std::move(publish), reference(no_value)));
  add_role(draft, role_logical, {ssm, executions, fmt::format("Asks, and starts {}", fixed_name)}, policy);
  json::Object ask{{"name", "Ask"},
                   {"action", "aws:approve"},
                   {"timeoutSeconds", draft.policy.approvers.expires.count()},
                   {"onFailure", "Abort"},
                   {"inputs",
                    {{"NotificationArn", either(topic_condition, reference(topic_parameter), reference(no_value))},
                     {"Message", fmt::format("{}{}: may it be set right?", fixed_name, about)},
                     {"MinRequiredApprovals", 1},
                     {"Approvers", reference(approvers_parameter)}}}};
  json::Object then{{"name", "SetRight"},
                    {"action", "aws:executeAutomation"},
                    {"isEnd", true},
                    {"inputs", {{"DocumentName", fix.document}, {"RuntimeParameters", std::move(passed)}}}};
  add_document(draft, logical, name,
               json::Object{{"description", fmt::format("Asks a person, and then runs {}.", fixed_name)},
                            {"schemaVersion", "0.3"},
                            {"assumeRole", attribute(role_logical, "Arn")},
                            {"parameters", std::move(parameters)},
                            {"mainSteps", json::Array{std::move(ask), std::move(then)}}});
  return out;
}

}  // namespace

std::optional<Automation> automation_of(Draft& draft, const rules::Control& control, const Standing& standing) {
  if (standing.decision == Decision::refused || standing.decision == Decision::suppressed) {
    draft.miss("fix of " + control.id, fmt::format("the policy says {}", name(standing.decision)));
    return std::nullopt;
  }
  Action action;
  if (const auto* said = draft.policy.remediation_for(control.id)) {
    action = {.kind = Action::Kind::runbook, .target = said->target_id, .parameters = said->parameters};
  } else if (auto function = json::text(control.remediation, "function"); !function.empty()) {
    action = {.kind = Action::Kind::function, .target = function, .parameters = {}};
  } else if (auto runbook = json::text(control.remediation, "runbook"); !runbook.empty()) {
    action = {.kind = Action::Kind::runbook, .target = runbook, .parameters = {}};
  } else {
    return std::nullopt;
  }
  if (action.parameters.empty()) action.parameters = json::members(json::at(control.remediation, "parameters"));
  auto out = plain_automation(draft, action, &control);
  if (!out || standing.decision != Decision::approval) return out;
  return behind_approval(draft, std::move(*out));
}

std::optional<Automation> automation_of(Draft& draft, const Action& action, std::string_view why) {
  auto out = plain_automation(draft, action, nullptr);
  if (!out) draft.miss(std::string(why), fmt::format("{} is not in the template", action.target));
  return out;
}

}  // namespace aright::native
