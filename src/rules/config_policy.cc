#include "rules/config_policy.h"

#include <cctype>

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
          {"supplementaryConfiguration", configuration},
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
