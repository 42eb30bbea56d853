#pragma once
// The body of a REST message: the payload member as it is, or the members that travel in no other
// place as one document. Pure, any thread.

#include <string>
#include <string_view>

#include "json/value.h"
#include "model/model.h"

namespace aright::aws {

struct Body {
  std::string bytes;
  std::string content_type;  // "" when the caller says it in a member, or nobody does
};

// What the document of rest-xml is called when no payload member says it.
struct Root {
  std::string name, xml_namespace;
  bool asked = false;  // a request's: an XML document only when it has members
};

Body write_body(model::Protocol protocol, const model::Shape& shape, const json::Object& values,
                const Root& root);
// Adds to `into`. Fails with corrupt when the document cannot be read.
Result<> read_body(model::Protocol protocol, const model::Shape& shape, std::string_view bytes,
                   json::Object& into);

}  // namespace aright::aws
