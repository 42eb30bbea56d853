#pragma once
// From an aspect's API shape to the CloudFormation property: by data (Shaping), and by the few
// named functions that data cannot say. Pure.

#include <string>
#include <string_view>
#include <utility>

#include "cloud/description.h"

namespace aright::cloud {

// Key and value of one tag, however the service writes them: Key, TagKey or key.
std::pair<std::string, std::string> tag_of(const json::Value& item);

// The property's value; null when the aspect is absent.
json::Value shaped(const Shaping& shape, const json::Value& value);

using Shaper = json::Value (*)(const json::Value&);
Shaper find_shaper(std::string_view name);  // null: there is none
// The way back, from a property to the API's shape; null where there is none.
Shaper find_unshaper(std::string_view name);

}  // namespace aright::cloud
