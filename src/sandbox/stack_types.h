#pragma once
// What CloudFormation does for some types beside the calls that descriptions say: it zips code that stands in a
// template, prints documents, and makes types that are statements of another resource. Part of making stacks.

#include <optional>
#include <string>

#include "sandbox/hook.h"

namespace aright::sandbox {

// The properties as the service takes them.
json::Object as_taken(std::string_view type, json::Object properties);
// What a creation takes that no read shows afterwards: a conformance pack's template.
json::Object beside_properties(std::string_view type, const json::Object& properties);

// Code and documents are changed by calls of their own. Nothing where none of them changes; else what is left to the
// descriptions, without it.
struct Changed {
  json::Object before, after;
};
Result<Changed> change_content(Scene& scene, std::string_view type, json::Object before, json::Object after);

// A type that is a statement in the policy of a function.
bool is_permission_type(std::string_view type);
Result<> permit(Scene& scene, const std::string& statement, const json::Object& properties);
Result<> forbid(Scene& scene, const std::string& statement, const json::Object& properties);

}  // namespace aright::sandbox
