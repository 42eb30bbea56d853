#pragma once
// Values as the JSON protocols carry them: members by their names on the wire, times as numbers.
// Pure, any thread.

#include "json/value.h"
#include "model/model.h"

namespace aright::aws {

// The members that `object` has of `shape`. A message's own structure leaves out those that travel
// in the path, the query or a header.
enum class Part { whole, body_only };
json::Object to_json_body(const model::Shape& shape, const json::Object& object, Part part);
json::Object from_json_body(const model::Shape& shape, const json::Object& body, Part part);

}  // namespace aright::aws
