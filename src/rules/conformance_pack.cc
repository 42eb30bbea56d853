#include "rules/conformance_pack.h"

#include "cloudformation/template.h"

namespace aright::rules {

namespace {

using cloudformation::TemplateFunctions;

constexpr std::string_view rule_type = "AWS::Config::ConfigRule";
constexpr std::string_view remediation_type = "AWS::Config::RemediationConfiguration";

// The name that a Ref to a rule of the pack stands for.
std::string rule_name(const json::Value& resource, const std::string& logical_id) {
  const auto& said = json::at(resource, {"Properties", "ConfigRuleName"});
  return said.is_string() ? json::text(said) : logical_id;
}

Result<json::Value> what_ref_means(const json::Value& whole, const std::vector<std::string>& missing,
                                   const std::string& name) {
  if (std::ranges::find(missing, name) != missing.end())
    return fail(Errc::invalid, "the parameter {} has no value", name);
  if (name.starts_with("AWS::"))
    return fail(Errc::invalid, "{} is not known here: it needs a policy of one account and region", name);
  const auto& resource = json::at(json::at(whole, "Resources"), name);
  if (json::text(resource, "Type", "") == rule_type) return json::Value(rule_name(resource, name));
  return fail(Errc::invalid, "Ref to {}, which the template does not have", name);
}

void read_rule(const std::string& logical_id, const json::Value& resource, TemplateFunctions& functions,
               ConformancePack& pack) {
  ConformancePack::Rule out{.logical_id = logical_id, .rule = {}, .fault = {}};
  out.rule.name = rule_name(resource, logical_id);
  auto condition = json::text(resource, "Condition", "");
  auto wanted = condition.empty() ? Result<bool>(true) : functions.condition(condition);
  if (!wanted) out.fault = wanted.error().message;
  out.left_out = wanted && !*wanted;
  if (wanted && *wanted) {
    auto properties = functions.value(json::at(resource, "Properties"));
    auto rule = properties ? read_config_rule(*properties, logical_id) : Result<ConfigRule>(fail(properties.error()));
    if (rule)
      out.rule = std::move(*rule);
    else
      out.fault = rule.error().message;
  }
  pack.rules.push_back(std::move(out));
}

void read_remediation(const std::string& logical_id, const json::Value& resource, TemplateFunctions& functions,
                      ConformancePack& pack) {
  ConformancePack::Remediation out{.logical_id = logical_id, .properties = {}, .fault = {}};
  auto condition = json::text(resource, "Condition", "");
  auto wanted = condition.empty() ? Result<bool>(true) : functions.condition(condition);
  if (wanted && !*wanted) return;
  auto properties = wanted ? functions.value(json::at(resource, "Properties"))
                           : Result<json::Value>(fail(wanted.error()));
  // A name to be told by, also where the rest cannot be read.
  out.properties = properties ? json::members(*properties)
                              : json::Object{{"ConfigRuleName", json::at(resource, {"Properties", "ConfigRuleName"})},
                                             {"TargetId", json::at(resource, {"Properties", "TargetId"})}};
  if (!properties) out.fault = properties.error().message;
  pack.remediations.push_back(std::move(out));
}

}  // namespace

Result<ConformancePack> read_conformance_pack(std::string_view text,
                                              const std::map<std::string, std::string>& parameters,
                                              const cloudformation::Place& place) {
  if (text.size() > conformance_pack_bytes_max)
    return fail(Errc::invalid, "the template has more than {} bytes", conformance_pack_bytes_max);
  auto whole = TRY(cloudformation::parse_template(text));
  if (json::members(json::at(whole, "Parameters")).size() > pack_parameters_max)
    return fail(Errc::invalid, "the template has more than {} parameters", pack_parameters_max);
  auto given = TRY(cloudformation::parameter_values(whole, parameters));
  for (auto& [name, value] : cloudformation::pseudo_parameters(place)) given.values[name] = std::move(value);
  if (place.account.empty()) given.values.erase("AWS::AccountId");
  if (place.region.empty()) given.values.erase("AWS::Region");
  ConformancePack pack;
  pack.missing = std::move(given.missing);
  auto no_stack = [](const std::string& name) -> Result<json::Value> {
    return fail(Errc::invalid, "a conformance pack has no {}", name);
  };
  TemplateFunctions functions(
      whole, given.values,
      {.ref = [&](const std::string& name) { return what_ref_means(whole, pack.missing, name); },
       .attribute = [&](const std::string& logical, const std::string& name) { return no_stack(logical + "." + name); },
       .import = no_stack});
  for (const auto& [key, resource] : json::members(json::at(whole, "Resources"))) {
    std::string logical_id(key);
    auto type = json::text(resource, "Type", "");
    if (type == rule_type)
      read_rule(logical_id, resource, functions, pack);
    else if (type == remediation_type)
      read_remediation(logical_id, resource, functions, pack);
    else
      return fail(Errc::invalid, "/Resources/{}: {} can't be in a conformance pack", logical_id, type);
  }
  return pack;
}

}  // namespace aright::rules
