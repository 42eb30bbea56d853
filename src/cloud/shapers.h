#pragma once
// From an aspect's API shape to the CloudFormation property: by data (Shaping), and by the few
// named functions that data cannot say. Pure.

#include <string_view>

#include "cloud/description.h"

namespace aright::cloud {

// The property's value; null when the aspect is absent.
json::Value shaped(const Shaping& shape, const json::Value& value);

using Shaper = json::Value (*)(const json::Value&);
Shaper find_shaper(std::string_view name);  // null: there is none

}  // namespace aright::cloud
