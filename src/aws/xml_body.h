#pragma once
// Values as XML: the bodies of rest-xml, and the answers of query and ec2. Pure, any thread.

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "json/value.h"
#include "model/model.h"

namespace aright::aws {

// Adds the members that travel in the body to `element`. What does not fit its shape is left out.
void write_xml(pugi::xml_node element, const model::Shape& structure, const json::Object& object);
// Declares a namespace on an element, unless it is empty.
void set_namespace(pugi::xml_node element, std::string_view uri);
// The document as bytes, with its declaration.
std::string print_xml(const pugi::xml_document& document);

// Reads names without their prefixes. Fails with corrupt.
Result<> parse_xml(pugi::xml_document& document, std::string_view text);
json::Object read_xml(pugi::xml_node element, const model::Shape& structure);
// The first child of that name, with whatever prefix; empty when there is none.
pugi::xml_node child_named(pugi::xml_node element, std::string_view name);
std::string_view local_name(std::string_view name);

}  // namespace aright::aws
