#pragma once
// Lambda takes any JSON as an event, and actions have objects. An event that is none goes along as the one member of an
// object, and is itself again for the function.

#include "json/value.h"

namespace aright::remediation {

inline constexpr std::string_view bare_event = "aright:event";

inline json::Object as_object(json::Value event) {
  if (event.is_object()) return std::move(event.as_object());
  return {{bare_event, std::move(event)}};
}

inline json::Value as_event(const json::Object& object) {
  bool bare = object.size() == 1 && object.begin()->key() == bare_event;
  return bare ? object.begin()->value() : json::Value(object);
}

}  // namespace aright::remediation
