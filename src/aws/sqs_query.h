#pragma once
// SQS spoke query before it spoke json, and older clients still do. Its model now describes json
// only; these are the names that the older dialect had. Pure, any thread.

#include <pugixml.hpp>
#include <string_view>

#include "net/url.h"

namespace aright::aws {

// "Attribute.1.Name" as the model would call it: "Attributes.1.key".
net::Query with_model_names(const net::Query& parameters, std::string_view operation);
// An answer's elements, renamed in place the other way.
void use_query_names(pugi::xml_node result, std::string_view operation);

}  // namespace aright::aws
