#pragma once
// How AWS Config writes what APIs show of a resource. Pure.

#include <string>
#include <string_view>

#include "json/value.h"

namespace aright::cloud {

// What Config calls a resource type that CloudFormation calls otherwise, and the way back.
std::string type_of_config(std::string_view config_type);
std::string config_type_of(std::string_view type);

// As AWS's SDK for Java writes it: members begin small, and a security group's ranges are there twice. Keys of maps
// that are somebody's own stay as they are.
json::Value in_config_form(const json::Value& shown);

// What an item of AWS Config says of a resource.
struct ConfigForm {
  json::Object configuration;  // what the main call shows
  json::Object supplementary;  // what other calls tell beside it
};
// The older types, whose members Config names otherwise than CloudFormation does.
bool has_config_form(std::string_view type);
// `shown` as the API's main call shows it, and `beside`, by the names of aspects, what other calls of the API tell.
ConfigForm config_form(std::string_view type, const json::Value& shown, json::Object beside, const json::Object& tags);

}  // namespace aright::cloud
