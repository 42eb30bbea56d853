#pragma once
// The type of an unquoted YAML scalar; reader and printer agree on it here. Internal to json.

#include <string_view>

#include "json/value.h"

namespace aright::json {

// Null, boolean, integer, double, or the text itself.
Value resolve_plain(std::string_view text);

}  // namespace aright::json
