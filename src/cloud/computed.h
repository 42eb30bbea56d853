#pragma once
// Values that an input implies without holding them: a canned ACL's grants, the hash of a body. The
// few that data cannot say, by the name that descriptions call them (`compute:`). Pure.

#include <string_view>

#include "json/value.h"

namespace aright::cloud {

// What a VPC endpoint allows until somebody says otherwise: everything.
std::string_view open_endpoint_policy();

// Null when the input says nothing about the aspect.
using Compute = json::Value (*)(const json::Object& input, const json::Value& before);
Compute find_compute(std::string_view name);  // null: there is none

// What to write for a value that is read in another form (`form:`); null when nothing leads there.
using Form = json::Value (*)(const json::Value& value, const json::Value& before);
Form find_form(std::string_view name);

}  // namespace aright::cloud
