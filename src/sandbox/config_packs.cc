// The rules of conformance packs: each stands among the others, named after its pack, and changes and goes with it.
#include <set>

#include "cloudformation/parameters.h"
#include "cloudformation/template.h"
#include "sandbox/config.h"

namespace aright::sandbox::config_pack_hooks {

namespace {

constexpr std::string_view pack_type = "AWS::Config::ConformancePack";
constexpr std::string_view remediation_type = "AWS::Config::RemediationConfiguration";
constexpr const char* maker = "config-conforms.amazonaws.com";

struct Wanted {
  std::vector<json::Object> rules, remediations;  // as the calls take them that put them by themselves
};

// A template has an object where the call has the JSON of one.
json::Object rule_as_put(json::Object rule) {
  if (const auto* given = json::at(rule, "InputParameters").if_object()) {
    json::Object texts;
    for (const auto& [name, value] : *given) texts[name] = json::scalar_text(value);
    rule["InputParameters"] = json::print(texts);
  }
  return rule;
}

Result<Wanted> wanted_by(const Scene& scene, const std::string& body) {
  std::map<std::string, std::string> said;
  for (const auto& one : json::items(scene.input("ConformancePackInputParameters")))
    said[json::text(one, "ParameterName", "")] = json::text(one, "ParameterValue", "");
  auto whole = TRY(cloudformation::parse_template(body));
  auto given = TRY(cloudformation::parameter_values(whole, said));
  for (auto& [name, value] : cloudformation::pseudo_parameters({.account = scene.call.account,
                                                                .region = scene.call.region}))
    given.values[name] = std::move(value);
  const auto& resources = json::at(whole, "Resources");
  auto named = [&](const std::string& logical) -> Result<json::Value> {
    return json::Value(json::text(json::at(resources, {logical, "Properties"}), "ConfigRuleName", logical));
  };
  cloudformation::TemplateFunctions functions(
      whole, given.values,
      {.ref = named, .attribute = [&](const auto& logical, const auto&) { return named(logical); }, .import = named});
  Wanted out;
  for (const auto& [logical, resource] : json::members(resources)) {
    auto condition = json::text(resource, "Condition", "");
    if (!condition.empty() && !TRY(functions.condition(condition))) continue;
    auto properties = json::members(TRY(functions.value(json::at(resource, "Properties"))));
    auto type = json::text(resource, "Type", "");
    if (type == config_rule_type) {
      if (!properties.contains("ConfigRuleName")) properties["ConfigRuleName"] = logical;
      out.rules.push_back(rule_as_put(std::move(properties)));
    }
    if (type == remediation_type) out.remediations.push_back(std::move(properties));
  }
  return out;
}

bool is_of(const Resource& one, std::string_view pack) { return json::text(one.internals, "pack") == pack; }

std::vector<cloud::ResourceRef> made_for(const Scene& scene, std::string_view type, std::string_view pack) {
  std::vector<cloud::ResourceRef> out;
  for (const auto* one : scene.world.all(scene.ref(type, "")))
    if (is_of(*one, pack)) out.push_back(one->ref);
  return out;
}

// One that cannot be put, such as one whose function is nowhere, is not there; the pack's status says so.
std::string put_one(Scene& scene, std::string_view type, const char* operation, json::Object input,
                    const std::string& name, const std::string& pack) {
  auto ref = scene.ref(type, name);
  if (scene.world.find(ref)) scene.world.edit(ref).record.erase("CreatedBy");
  if (!scene.also("config", operation, std::move(input)) || !scene.world.find(ref)) return "";
  auto& made = scene.world.edit(ref);
  made.internals["pack"] = pack;
  made.record[type == config_rule_type ? "CreatedBy" : "CreatedByService"] = maker;
  return name;
}

Result<> finish_put_pack(Scene& scene, json::Object&) {
  const auto name = scene.text("ConformancePackName");
  auto* pack = TRY(scene.need(pack_type, name));
  const auto id = json::text(pack->record, "ConformancePackId");
  if (const auto& body = scene.input("TemplateBody"); !body.is_null()) pack->internals["template"] = body;
  const auto text = json::text(pack->internals, "template");
  if (text.empty()) return {};
  auto wanted = wanted_by(scene, text);
  if (!wanted)
    return fail(scene.error("ConformancePackTemplateValidationException", wanted.error().message));
  std::set<std::string> kept;
  auto full = [&](const json::Object& one) { return json::text(one, "ConfigRuleName") + "-" + id; };
  for (auto& rule : wanted->rules) {
    auto own = full(rule);
    rule["ConfigRuleName"] = own;
    kept.insert(put_one(scene, config_rule_type, "PutConfigRule", {{"ConfigRule", std::move(rule)}}, own, name));
  }
  for (auto& one : wanted->remediations) {
    auto own = full(one);
    one["ConfigRuleName"] = own;
    put_one(scene, remediation_type, "PutRemediationConfigurations",
            {{"RemediationConfigurations", json::Array{std::move(one)}}}, own, name);
  }
  for (const auto& ref : made_for(scene, config_rule_type, name))
    if (!kept.contains(ref.id)) scene.erase(ref);
  for (const auto& ref : made_for(scene, remediation_type, name))
    if (!kept.contains(ref.id)) scene.erase(ref);
  return {};
}

Result<> finish_delete_pack(Scene& scene, json::Object&) {
  const auto name = scene.text("ConformancePackName");
  for (auto type : {remediation_type, config_rule_type})
    for (const auto& ref : made_for(scene, type, name)) scene.erase(ref);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("config:PutConformancePack", finish_put_pack);
  hooks.finish("config:DeleteConformancePack", finish_delete_pack);
}

}  // namespace aright::sandbox::config_pack_hooks

namespace aright::sandbox {

Result<> refuse_if_of_pack(const Scene& scene, const Resource& rule) {
  auto maker = json::text(rule.record, "CreatedBy");
  if (maker.empty()) return {};
  return fail(scene.error("InsufficientPermissionsException",
                          fmt::format("The ConfigRule '{}' belongs to the conformance pack {}, which {} keeps: put or "
                                      "delete the pack.", rule.ref.id, json::text(rule.internals, "pack"), maker)));
}

}  // namespace aright::sandbox
