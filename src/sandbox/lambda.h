#pragma once
// The hooks of Lambda, by what they are about. hook_lambda.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

namespace lambda_version_hooks { void add(Hooks& hooks); }

// By name or ARN, whole or in part; the qualifier that stands behind it.
struct NamedFunction {
  std::string name, qualifier, region;  // "": none is said
};
NamedFunction named_function(const Scene& scene);
Result<Resource*> asked_function(Scene& scene);
// The version that is meant, by its number or an alias: behind the function's name, or as the Qualifier.
Result<std::string> version_asked(Scene& scene, const Resource& function);
Result<> need_version(const Scene& scene, const Resource& function, const std::string& version);
// The configuration of the version that is asked for.
Result<json::Object> shown_version(Scene& scene);

// Checks, before an operation takes effect: the name is one of this region and its qualifiers agree …
Result<> check_function_name(Scene& scene);
Result<> check_qualifier(Scene& scene);  // … and the version is there
Result<> check_alias(Scene& scene);      // the alias and its version
Result<> check_delete_function(Scene& scene);
Result<> check_concurrency(Scene& scene);
Result<> check_configuration(const Scene& scene);

// The function as it is to be run with this event, now or later.
Result<Invocation> invocation_of(Scene& scene, const Resource& function, json::Value event, bool later);
// Whether the function's own policy lets this service call it.
bool lets_in(const Resource& function, std::string_view service);

}  // namespace aright::sandbox
