#pragma once
// Inputs and outputs against the published service model. Pure.

#include "base/error.h"
#include "json/value.h"
#include "model/model.h"

namespace aright::sandbox {

// Required members are there, types are right, and there are no members that the model does not
// know. The error is the one that the service, or its protocol, uses for it.
Result<> check_input(const model::Service& service, const model::Operation& operation,
                     const json::Object& input);

// The same, and enumerations, patterns, lengths and ranges are kept to, as far as they are known (model/constraints.h):
// all that is wrong is told at once. Who stands in front of the cloud may ask for it: rehearsals look for what they do
// not know by name, and scenes are made with ids that AWS would not give.
Result<> check_whole_input(const model::Service& service, const model::Operation& operation,
                           const json::Object& input);

// Only what the shape has members for, and no nulls.
json::Value only_described(const model::Shape& shape, const json::Value& value);

// The code and message for an input that is wrong.
Error input_error(const model::Service& service, std::string_view member, std::string message);
// Rule.Targets[].Id as AWS says it in such messages: rule.targets.id
std::string spoken_path(std::string_view path);
Error missing_member(const model::Service& service, std::string_view member);

}  // namespace aright::sandbox
