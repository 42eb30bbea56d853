#pragma once
// Tags, however a service writes them, and what every service asks of those that a resource gets. Pure.

#include <map>

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::size_t tags_max = 50;  // of one resource

// Of a list of keys and values, or a map.
std::map<std::string, std::string> tags_in(const json::Value& tags);

// `all` are the tags as the resource would have them, `before` those it has. The error is the one that the service has
// for it.
Result<> check_tags(const Scene& scene, const json::Value& before, const json::Value& all);

}  // namespace aright::sandbox
