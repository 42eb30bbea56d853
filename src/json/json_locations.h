#pragma once
// Where each member and item of a JSON text stands. Internal to json.

#include <map>
#include <string>
#include <string_view>

#include "json/yaml.h"

namespace aright::json {

// `text` must be what json::parse accepts. Fails with invalid when an object names a member twice.
Result<std::map<std::string, Location>> json_locations(std::string_view text);

}  // namespace aright::json
