#pragma once
// What was put over AWS's API, as it stands in a cloud of its own, in the words of a policy's file: rules of Config and
// EventBridge, documents, functions and what belongs to them (remediation::add_put). Pure.

#include <string>

#include "json/value.h"

namespace aright::server {

// `resources`: what sandbox::Cloud::export_state() holds of them, by "<account>/<region>/<type>/<id>".
json::Object put_policy(const json::Object& resources);

// Whether a resource of this type says something about the policy.
bool is_of_policy(std::string_view type);

// The type in such a key.
std::string type_in(std::string_view key);

}  // namespace aright::server
