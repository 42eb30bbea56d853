#pragma once
// The hooks of Config, by what they are about. hook_config.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::string_view config_rule_type = "AWS::Config::ConfigRule";

namespace config_function_hooks { void add(Hooks& hooks); }
namespace config_pack_hooks { void add(Hooks& hooks); }

// A rule that a conformance pack made is changed by putting the pack.
Result<> refuse_if_of_pack(const Scene& scene, const Resource& rule);

// A resource as a configuration item shows it: its configuration is that of the views, its names as Config writes them.
json::Object configuration_of(const Scene& scene, const Resource& resource);
// Of the types that Config records; an account's own only.
std::vector<const Resource*> recorded(const Scene& scene, std::string_view type);

// Once a call has taken effect: the functions of rules are told of what it changed within their scopes, and those whose
// time has come are told so.
void tell_rules(Scene& scene);

// The rule whose function was given this token, not longer than a day ago; null when nobody was.
Resource* rule_of_token(Scene& scene, const std::string& token);

}  // namespace aright::sandbox
