#pragma once
// How AWS Config writes what an API shows of a resource. Pure.

#include "json/value.h"

namespace aright::cloud {

// As AWS's SDK for Java writes it: members begin small, and a security group's ranges are there twice. Keys of maps
// that are somebody's own stay as they are.
json::Value in_config_form(const json::Value& shown);

}  // namespace aright::cloud
