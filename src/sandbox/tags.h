#pragma once
// What every service asks of the tags that a resource gets. Pure.

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::size_t tags_max = 50;  // of one resource

// `all` are the tags as the resource would have them, `before` those it has. The error is the one that the service has
// for it.
Result<> check_tags(const Scene& scene, const json::Value& before, const json::Value& all);

}  // namespace aright::sandbox
