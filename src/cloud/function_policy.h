#pragma once
// The statements of a Lambda function's policy, and the calls of AddPermission and RemovePermission that make and take
// them. AddPermission cannot say every statement that a policy may hold. Pure.

#include <optional>
#include <string>

#include "json/value.h"

namespace aright::cloud {

// What AddPermission makes of its input, on the function (or version, or alias) with this ARN.
json::Object permission_statement(const json::Object& input, const std::string& function_arn);
// The input of AddPermission that makes this statement, beside the function; nothing where there is none.
std::optional<json::Object> permission_input(const json::Value& statement);

// For descriptions (computed.h). The input holds the function's ARN at `arn`. Policies are texts.
json::Value with_permission(const json::Object& input, const json::Value& before);
json::Value without_permission(const json::Object& input, const json::Value& before);
// The inputs of all calls that lead from one policy to the other: null where AddPermission cannot say one.
json::Value permissions_to_add(const json::Value& to, const json::Value& from);
json::Value permissions_to_remove(const json::Value& to, const json::Value& from);

}  // namespace aright::cloud
