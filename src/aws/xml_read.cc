#include "aws/wire_value.h"
#include "aws/xml_body.h"

namespace aright::aws {

using model::Type;

namespace {

json::Object members_of(pugi::xml_node element, const model::Shape& shape, int depth);
json::Value value_of(pugi::xml_node element, const model::Shape& shape, int depth);

// A flat list's items: the children of that name.
json::Array items_of(pugi::xml_node parent, std::string_view name, const model::Shape& element,
                     int depth) {
  json::Array items;
  for (pugi::xml_node child : parent.children()) {
    if (local_name(child.name()) == name) items.push_back(value_of(child, element, depth + 1));
  }
  return items;
}

void add_entry(json::Object& map, pugi::xml_node entry, const model::Shape& shape, int depth) {
  auto key = child_named(entry, shape.key_name().empty() ? "key" : shape.key_name());
  auto value = child_named(entry, shape.value_name().empty() ? "value" : shape.value_name());
  if (key) map[key.child_value()] = value_of(value, shape.element(), depth + 1);
}

json::Value value_of(pugi::xml_node element, const model::Shape& shape, int depth) {
  if (depth > shape_depth_max) return nullptr;
  switch (shape.type()) {
    case Type::structure:
      return members_of(element, shape, depth);
    case Type::list: {
      // Whatever the items are called: services and models do not always agree.
      json::Array items;
      for (pugi::xml_node child : element.children()) {
        bool item = child.type() == pugi::node_element;
        if (item) items.push_back(value_of(child, shape.element(), depth + 1));
      }
      return items;
    }
    case Type::map: {
      json::Object map;
      for (pugi::xml_node entry : element.children()) {
        if (local_name(entry.name()) == "entry") add_entry(map, entry, shape, depth);
      }
      return map;
    }
    case Type::string:
    case Type::integer:
    case Type::floating:
    case Type::boolean:
    case Type::timestamp:
    case Type::blob:
      break;
  }
  return from_wire(shape, element.child_value());
}

// A flat list or map has no element of its own; none there means none was sent.
json::Value flat_value(pugi::xml_node parent, const model::Member& member, int depth) {
  auto shape = member.shape();
  if (shape.type() == Type::list) {
    auto items = items_of(parent, wire_name(member), shape.element(), depth);
    // Some services call them by the other name.
    if (items.empty()) items = items_of(parent, member.location_name(), shape.element(), depth);
    return items.empty() ? json::Value() : json::Value(std::move(items));
  }
  json::Object map;
  for (pugi::xml_node child : parent.children()) {
    if (local_name(child.name()) == member.location_name()) add_entry(map, child, shape, depth);
  }
  return map.empty() ? json::Value() : json::Value(std::move(map));
}

json::Value attribute_value(pugi::xml_node element, const model::Member& member) {
  for (pugi::xml_attribute attribute : element.attributes()) {
    bool same = std::string_view(attribute.name()) == member.location_name() ||
                local_name(attribute.name()) == local_name(member.location_name());
    if (same) return from_wire(member.shape(), attribute.value());
  }
  return nullptr;
}

json::Value member_value(pugi::xml_node element, const model::Member& member, int depth) {
  if (member.xml_attribute()) return attribute_value(element, member);
  auto type = member.shape().type();
  if (is_flat(member) && (type == Type::list || type == Type::map)) {
    return flat_value(element, member, depth);
  }
  auto child = child_named(element, member.location_name());
  return child ? value_of(child, member.shape(), depth + 1) : json::Value();
}

json::Object members_of(pugi::xml_node element, const model::Shape& shape, int depth) {
  json::Object object;
  for (const model::Member& member : shape.members()) {
    if (member.location() != model::Location::body) continue;
    auto value = member_value(element, member, depth);
    if (!value.is_null()) object[member.name()] = std::move(value);
  }
  return object;
}

}  // namespace

std::string_view local_name(std::string_view name) {
  auto colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_named(pugi::xml_node element, std::string_view name) {
  for (pugi::xml_node child : element.children()) {
    if (local_name(child.name()) == local_name(name)) return child;
  }
  return {};
}

Result<> parse_xml(pugi::xml_document& document, std::string_view text) {
  // Spaces that are a value's whole text (a delimiter, say) stay.
  constexpr unsigned options = pugi::parse_default | pugi::parse_ws_pcdata_single;
  auto parsed = document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
  if (!parsed) {
    return fail(Errc::corrupt, "the XML cannot be read at byte {}: {}",
                static_cast<std::int64_t>(parsed.offset), parsed.description());
  }
  return {};
}

json::Object read_xml(pugi::xml_node element, const model::Shape& structure) {
  return members_of(element, structure, 0);
}

}  // namespace aright::aws
