#include "rules/config_rule.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "rules/config_policy.h"

namespace aright::rules {

namespace {

constexpr std::string_view account_type = "AWS::::Account";
constexpr std::string_view type_named_in_policies = "resourceType";

Result<Scope> read_scope(const json::Value& value) {
  Scope scope{.types = {},
              .id = json::text(value, "ComplianceResourceId", ""),
              .tag_key = json::text(value, "TagKey", ""),
              .tag_value = json::text(value, "TagValue", "")};
  for (const auto& type : json::texts(json::at(value, "ComplianceResourceTypes")))
    scope.types.push_back(type_of_config(type));
  if (scope.types.size() > scope_types_max)
    return fail(Errc::invalid, "Scope: ComplianceResourceTypes has more than {}", scope_types_max);
  if (!scope.id.empty() && scope.types.size() != 1)
    return fail(Errc::invalid, "Scope: ComplianceResourceId goes with exactly one of ComplianceResourceTypes");
  if (!scope.tag_value.empty() && scope.tag_key.empty())
    return fail(Errc::invalid, "Scope: TagValue needs a TagKey");
  return scope;
}

// An object, or the JSON of one as PutConfigRule takes it. Each as a text, as rules get them.
Result<json::Object> read_parameters(const json::Value& value) {
  auto given = value;
  if (value.is_string()) {
    auto parsed = json::parse(json::text(value));
    if (!parsed) return fail(Errc::invalid, "InputParameters: {}", parsed.error().message);
    given = std::move(*parsed);
  }
  if (!given.is_null() && !given.is_object()) return fail(Errc::invalid, "InputParameters is no object");
  json::Object out;
  for (const auto& [name, parameter] : json::members(given)) out[name] = json::scalar_text(parameter);
  return out;
}

// What is left out leaves it as it is.
Result<> read_frequency(const json::Value& value, ConfigRule& rule) {
  constexpr std::array<std::pair<std::string_view, int>, 5> hours{{
      {"One_Hour", 1}, {"Three_Hours", 3}, {"Six_Hours", 6}, {"Twelve_Hours", 12}, {"TwentyFour_Hours", 24}}};
  if (value.is_null()) return {};
  auto found = std::ranges::find(hours, json::text(value), [](const auto& one) { return std::string(one.first); });
  if (found == hours.end())
    return fail(Errc::invalid,
                "MaximumExecutionFrequency is '{}', not One_Hour, Three_Hours, Six_Hours, Twelve_Hours or "
                "TwentyFour_Hours", json::scalar_text(value));
  rule.every = std::chrono::hours(found->second);
  return {};
}

Result<> read_source(const json::Value& source, ConfigRule& rule) {
  auto owner = json::text(source, "Owner", "");
  rule.identifier = json::text(source, "SourceIdentifier", "");
  const auto& details = json::at(source, "CustomPolicyDetails");
  rule.policy_text = json::text(details, "PolicyText", "");
  if (owner == "CUSTOM_POLICY") {
    rule.owner = ConfigRule::Owner::custom_policy;
    auto runtime = json::text(details, "PolicyRuntime", "");
    if (!runtime.starts_with("guard-2.")) return fail(Errc::invalid, "PolicyRuntime is '{}', not guard-2.x.x", runtime);
    if (rule.policy_text.empty() || rule.policy_text.size() > policy_text_bytes_max)
      return fail(Errc::invalid, "PolicyText has 1 to {} bytes", policy_text_bytes_max);
    return {};
  }
  if (owner != "AWS" && owner != "CUSTOM_LAMBDA")
    return fail(Errc::invalid, "Source: Owner is '{}', not AWS, CUSTOM_POLICY or CUSTOM_LAMBDA", owner);
  rule.owner = owner == "AWS" ? ConfigRule::Owner::aws : ConfigRule::Owner::custom_lambda;
  if (rule.identifier.empty()) return fail(Errc::invalid, "Source: SourceIdentifier is required");
  bool changes = false;
  for (const auto& detail : json::items(json::at(source, "SourceDetails"))) {
    auto message = json::text(detail, "MessageType", "");
    if (message.starts_with("ConfigurationItem") || message.starts_with("OversizedConfigurationItem")) changes = true;
    if (message != "ScheduledNotification") continue;
    rule.clocked = true;
    CHECK_OK(read_frequency(json::at(detail, "MaximumExecutionFrequency"), rule));
  }
  rule.scheduled = rule.clocked && !changes;
  return {};
}

bool knows(const Control& control, std::string_view parameter) { return control.parameters.contains(parameter); }

// Why a control cannot judge with these parameters; "" when it can.
std::string misfit(const Control& control, const json::Object& parameters) {
  auto all = control.parameters;
  for (const auto& [name, value] : parameters)
    if (knows(control, name)) all[name] = value;
  auto seen = typed(all, control.parameters, control.types);
  return seen ? "" : seen.error().message;
}

Judges managed(const ConfigRule& rule, const Controls& controls) {
  if (rule.identifier == process_check) return {};  // a person attests it
  std::vector<const Control*> by_it;
  for (const auto& [id, control] : controls.all())
    if (control.rule == rule.identifier && Controls::rule_of(control)) by_it.push_back(&control);
  if (by_it.empty()) return {{}, "no control judges by " + rule.identifier};
  for (const auto& [name, value] : rule.parameters)
    if (std::ranges::none_of(by_it, [&](const auto* control) { return knows(*control, name); }))
      return {{}, fmt::format("{} does not know the parameter {}", by_it[0]->id, std::string_view(name))};
  Judges out;
  for (const auto* control : by_it) {
    if (auto fault = misfit(*control, rule.parameters); !fault.empty()) return {{}, fault};
    auto judge = *control;
    for (const auto& [name, value] : rule.parameters)
      if (knows(judge, name)) judge.parameters[name] = value;
    out.judges.push_back(std::move(judge));
  }
  return out;
}

// A control of the rule's own for one type of resources.
Control control_of(const ConfigRule& rule, const std::string& type) {
  Control control;
  control.id = rule.name;
  if (rule.scope.types.size() > 1) control.id += "-" + replace_all(lower(type), "::", "-");
  control.title = rule.description.empty() ? rule.name : rule.description;
  control.description = rule.description;
  control.rule = name(rule.owner);
  control.resource_type = type;
  control.severity = "medium";
  control.risk = "medium";
  control.complexity = "simple";
  control.parameters = rule.parameters;
  return control;
}

// A rule without types in its scope is about all that Config records.
std::vector<std::string> recorded_types(const cloud::Catalog& catalog) {
  std::vector<std::string> out;
  for (const auto* type : catalog.types())
    if (!type->singleton && type->list && !type->name.starts_with("AWS::Config::")) out.push_back(type->name);
  return out;
}

// "AWS::S3::Bucket" and the like, in quotation marks.
std::vector<std::string> types_named_in(std::string_view text, const cloud::Catalog& catalog) {
  std::vector<std::string> out;
  for (auto at = text.find("AWS::"); at != std::string_view::npos; at = text.find("AWS::", at + 1)) {
    auto end = text.find_first_of("\"'", at);
    if (at == 0 || (text[at - 1] != '"' && text[at - 1] != '\'') || end == std::string_view::npos) continue;
    auto name = type_of_config(text.substr(at, end - at));
    if (catalog.type(name) && std::ranges::find(out, name) == out.end()) out.push_back(name);
  }
  return out;
}

// Whether each rule of the policy begins by asking for the types that it names: then others are none of its business.
bool asks_for_types(std::string_view text) {
  std::size_t defined = 0, asking = 0;
  for (const auto& line : split(std::string(text), '\n')) {
    auto said = std::string_view(line).substr(0, line.find('#'));
    if (trim(said).starts_with("rule ")) ++defined;
    for (auto at = said.find(type_named_in_policies); at != std::string_view::npos;
         at = said.find(type_named_in_policies, at + 1)) {
      auto rest = trim(said.substr(at + type_named_in_policies.size()));
      if (!rest.starts_with("==") && !lower(std::string(rest.substr(0, 3))).starts_with("in ")) return false;
      ++asking;
    }
  }
  return defined > 0 && asking >= defined;
}

ConfigRule with_types(ConfigRule rule, const cloud::Catalog& catalog) {
  if (!rule.scope.types.empty()) return rule;
  if (rule.owner == ConfigRule::Owner::custom_policy && asks_for_types(rule.policy_text))
    rule.scope.types = types_named_in(rule.policy_text, catalog);
  if (rule.scope.types.empty()) rule.scope.types = recorded_types(catalog);
  return rule;
}

Judges custom_policy(const ConfigRule& said, const cloud::Catalog& catalog) {
  const auto rule = with_types(said, catalog);
  auto text = guard_text(rule.name, rule.policy_text);
  if (auto fault = fault_of(*text); !fault.empty()) return {{}, fault};
  Judges out;
  for (const auto& type : rule.scope.types) {
    if (!catalog.type(type)) return {{}, "resources of type " + type + " are not described"};
    auto control = control_of(rule, type);
    control.own_rule = std::make_shared<const Rule>(policy_rule(type, text));
    out.judges.push_back(std::move(control));
  }
  return out;
}

// What a snapshot must hold for the rule's scope; the function sees the whole resource anyhow.
std::vector<std::string> aspects_for_scope(const cloud::ResourceType* type) {
  std::vector<std::string> out;
  if (!type) return out;
  for (const auto& aspect : type->aspects)
    if (aspect.tags || (out.empty() && aspect.read)) out.push_back(aspect.name);
  return out;
}

// The control of a function that is told of changes of one type's resources, or that it is time.
Control function_control(const ConfigRule& rule, const std::string& type, bool scheduled,
                         const cloud::Catalog& catalog) {
  auto control = control_of(rule, type);
  if (scheduled) control.id = rule.scheduled ? rule.name : rule.name + "-clock";
  auto function = std::make_shared<const ByFunction>(ByFunction{.function = rule.identifier,
                                                                .rule_name = rule.name,
                                                                .rule_arn = rule.arn,
                                                                .scheduled = scheduled,
                                                                .every = scheduled ? rule.every : seconds(0)});
  control.own_rule = std::make_shared<const Rule>(Rule{.identifier = control.rule,
                                                       .resource_type = type,
                                                       .aspects = aspects_for_scope(catalog.type(type)),
                                                       .account_aspects = {},
                                                       .related = {},
                                                       .judge = {},
                                                       .by_function = std::move(function)});
  return control;
}

Judges custom_lambda(const ConfigRule& rule, const cloud::Catalog& catalog) {
  Judges out;
  if (rule.clocked) out.judges.push_back(function_control(rule, std::string(account_type), true, catalog));
  if (rule.scheduled) return out;
  const auto typed = with_types(rule, catalog);
  for (const auto& type : typed.scope.types) {
    if (!catalog.type(type)) return {{}, "resources of type " + type + " are not described"};
    out.judges.push_back(function_control(typed, type, false, catalog));
  }
  return out;
}

}  // namespace

std::string_view name(ConfigRule::Owner owner) {
  switch (owner) {
    case ConfigRule::Owner::aws: return "AWS";
    case ConfigRule::Owner::custom_policy: return "CUSTOM_POLICY";
    case ConfigRule::Owner::custom_lambda: return "CUSTOM_LAMBDA";
  }
  return "";
}

bool within(const Scope& scope, const cloud::Snapshot& snapshot) {
  if (!scope.types.empty() && std::ranges::find(scope.types, snapshot.ref.type) == scope.types.end()) return false;
  if (!scope.id.empty() && scope.id != snapshot.ref.id) return false;
  if (scope.tag_key.empty()) return true;
  auto tag = snapshot.tags.find(scope.tag_key);
  return tag != snapshot.tags.end() && (scope.tag_value.empty() || tag->second == scope.tag_value);
}

Result<ConfigRule> read_config_rule(const json::Value& properties, const std::string& otherwise_named) {
  ConfigRule rule{.name = json::text(properties, "ConfigRuleName", otherwise_named),
                  .description = json::text(properties, "Description", ""),
                  .identifier = {},
                  .policy_text = {},
                  .scope = {},
                  .parameters = {}};
  if (rule.name.empty() || rule.name.size() > rule_name_chars_max)
    return fail(Errc::invalid, "ConfigRuleName has 1 to {} characters", rule_name_chars_max);
  CHECK_OK(read_frequency(json::at(properties, "MaximumExecutionFrequency"), rule));
  CHECK_OK(read_source(json::at(properties, "Source"), rule));
  rule.arn = json::text(properties, "ConfigRuleArn", "");
  rule.scope = TRY(read_scope(json::at(properties, "Scope")));
  rule.parameters = TRY(read_parameters(json::at(properties, "InputParameters")));
  return rule;
}

bool is_managed_rule(std::string_view identifier, const Controls& controls) {
  return identifier == process_check ||
         std::ranges::any_of(controls.all(), [&](const auto& one) { return one.second.rule == identifier; });
}

Judges judges_of(const ConfigRule& rule, const Controls& controls, const cloud::Catalog& catalog) {
  switch (rule.owner) {
    case ConfigRule::Owner::aws: return managed(rule, controls);
    case ConfigRule::Owner::custom_policy: return custom_policy(rule, catalog);
    case ConfigRule::Owner::custom_lambda: return custom_lambda(rule, catalog);
  }
  return {};
}

}  // namespace aright::rules
