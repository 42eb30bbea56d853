#include "rules/config_policy.h"

#include <cctype>

#include "base/text.h"
#include "cloud/config_form.h"
#include "cloud/locate.h"
#include "cloud/provision.h"
#include "rules/config_rule.h"

namespace aright::rules {

namespace {

std::string with_small_letter(std::string name) {
  if (!name.empty()) name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
  return name;
}

// Each member under its name, and again with a small first letter.
json::Value both_ways(const json::Value& value) {
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : json::items(value)) out.push_back(both_ways(item));
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [name, member] : json::members(value)) {
    auto seen = both_ways(member);
    out[with_small_letter(name)] = seen;
    out[name] = std::move(seen);
  }
  return out;
}

// A template of a description, as far as the resource's own names fill it; nothing where they do not.
std::optional<std::string> filled(std::string form, const cloud::ResourceType& type, const cloud::Snapshot& snapshot) {
  auto put = [&](std::string_view name, const std::string& value) {
    form = replace_all(std::move(form), fmt::format("{{{}}}", name), value);
  };
  auto parts = cloud::key_parts(type, snapshot.ref.id);
  for (std::size_t i = 0; i < type.key.size() && i < parts.size(); ++i) put(type.key[i], parts[i]);
  put("arn", snapshot.arn);
  put("id", snapshot.ref.id);
  put("account", snapshot.ref.account);
  put("region", snapshot.ref.region);
  return form.find('{') == std::string::npos ? std::optional(form) : std::nullopt;
}

// The resource as its own API shows it, and so as its history has it.
cloud::ConfigForm as_shown(const cloud::Snapshot& snapshot, const json::Object& tags) {
  const auto& catalog = cloud::Catalog::embedded();
  const auto* type = catalog.type(snapshot.ref.type);
  if (type == nullptr) return {};
  json::Value out = json::Object();
  json::Object beside;
  for (const auto& [name, form] : type->record)
    if (form.is_string())
      if (auto text = filled(json::text(form), *type, snapshot)) out.as_object()[name] = *text;
  for (const auto& aspect : type->aspects) {
    if (aspect.tags) continue;
    const auto& value = json::at(aspect.fact ? snapshot.facts : snapshot.properties, aspect.name);
    if (value.is_null()) continue;
    auto told = aspect.fact ? value : cloud::unshaped(aspect, value, catalog);
    if (!aspect.shown) beside[aspect.name] = std::move(told);
    else if (!aspect.shown->empty()) aspect.shown->set(out, std::move(told));
  }
  return cloud::config_form(snapshot.ref.type, out, std::move(beside), tags);
}

json::Object policy_view(const Subject& subject, const json::Object& parameters) {
  auto item = configuration_item(subject.resource);
  item["CONFIG_RULE_PARAMETERS"] = parameters;
  return item;
}

}  // namespace

json::Object configuration_item(const cloud::Snapshot& snapshot) {
  json::Object tags;
  for (const auto& [key, value] : snapshot.tags) tags[key] = value;
  auto configuration = both_ways(json::Value(snapshot.properties));
  for (const auto& [name, fact] : snapshot.facts) configuration.as_object()[name] = both_ways(fact);
  auto supplementary = configuration;
  // Where Config has names of its own, they come before CloudFormation's.
  auto form = as_shown(snapshot, tags);
  bool own = cloud::has_config_form(snapshot.ref.type);
  for (const auto& [name, value] : form.configuration)
    if (own || !configuration.as_object().contains(name)) configuration.as_object()[name] = value;
  if (own)
    for (const auto& [name, value] : form.supplementary) supplementary.as_object()[name] = value;
  return {{"version", "1.3"},
          {"resourceType", config_type_of(snapshot.ref.type)},
          {"resourceId", snapshot.ref.id},
          {"resourceName", snapshot.ref.id},
          {"ARN", snapshot.arn},
          {"awsAccountId", snapshot.ref.account},
          {"accountId", snapshot.ref.account},
          {"awsRegion", snapshot.ref.region},
          {"configurationItemStatus", "OK"},
          {"configurationItemCaptureTime", snapshot.time.iso()},
          {"tags", std::move(tags)},
          {"supplementaryConfiguration", supplementary},
          {"configuration", std::move(configuration)}};
}

Rule policy_rule(const std::string& resource_type, std::shared_ptr<GuardText> text) {
  Rule rule{.identifier = "CUSTOM_POLICY",
            .resource_type = resource_type,
            .aspects = {},
            .account_aspects = {},
            .related = {},
            .judge = {}};
  return with_guard(std::move(rule), std::move(text), policy_view);
}

}  // namespace aright::rules
