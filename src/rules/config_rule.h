#pragma once
// AWS Config's rules, as PutConfigRule and conformance packs write them, and which controls judge by them. Pure.

#include <optional>
#include <string>
#include <vector>

#include "cloud/config_form.h"
#include "rules/control.h"

namespace aright::rules {

inline constexpr std::size_t rule_name_chars_max = 128;       // PutConfigRule's limits
inline constexpr std::size_t policy_text_bytes_max = 10'000;
inline constexpr std::size_t scope_types_max = 100;

// Which resources a rule is about; what is empty holds for all.
struct Scope {
  std::vector<std::string> types;  // CloudFormation's names, whatever Config calls them
  std::string id, tag_key, tag_value;
  bool operator==(const Scope&) const = default;
};
bool within(const Scope& scope, const cloud::Snapshot& snapshot);

struct ConfigRule {
  enum class Owner { aws, custom_policy, custom_lambda };
  std::string name, description;
  Owner owner = Owner::aws;
  std::string identifier;   // of a managed rule, or the ARN of a function
  std::string policy_text;  // Guard, of a custom policy
  Scope scope;
  json::Object parameters;  // texts
  std::string arn = {};     // where it is known
  bool scheduled = false;   // a function is told the time, and no changes
  bool clocked = false;     // a function is told the time: alone, or beside changes
  std::chrono::seconds every = std::chrono::hours(24);  // MaximumExecutionFrequency: how often, then
};
std::string_view name(ConfigRule::Owner owner);  // AWS, CUSTOM_POLICY, CUSTOM_LAMBDA

// `otherwise_named`: the name of one that has no ConfigRuleName. Fails with invalid, naming the member.
Result<ConfigRule> read_config_rule(const json::Value& properties, const std::string& otherwise_named);

using cloud::config_type_of, cloud::type_of_config;

// The controls that judge by a rule: those of the catalog with its identifier, or what a custom policy becomes.
// `why_not` says why there are none; then `judges` is empty.
struct Judges {
  std::vector<Control> judges;
  std::string why_not;
};
Judges judges_of(const ConfigRule& rule, const Controls& controls, const cloud::Catalog& catalog);

}  // namespace aright::rules
