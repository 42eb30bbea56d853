#include "aws/wire_value.h"
#include "aws/xml_body.h"
#include "base/text.h"

namespace aright::aws {

using model::TimestampFormat;
using model::Type;

namespace {

class XmlWriter final : public pugi::xml_writer {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}
  void write(const void* data, std::size_t size) override {
    out_.append(static_cast<const char*>(data), size);
  }

 private:
  std::string& out_;
};

void put_members(pugi::xml_node element, const model::Shape& shape, const json::Object& object,
                 int depth);

// An element, or for a flat list or map one element an item.
void put(pugi::xml_node parent, const std::string& name, const model::Shape& shape, bool flat,
         TimestampFormat format, const json::Value& value, int depth);

pugi::xml_node add(pugi::xml_node parent, std::string_view name) {
  return parent.append_child(std::string(name).c_str());
}

void put_list(pugi::xml_node parent, const std::string& name, const model::Shape& shape, bool flat,
              const json::Array& items, int depth) {
  auto element = shape.element();
  auto format = time_format(element, TimestampFormat::iso8601);
  auto own = std::string(shape.element_name());
  if (!flat) parent = add(parent, name);
  auto item_name = flat ? name : own.empty() ? "member" : own;
  for (const json::Value& item : items)
    put(parent, item_name, element, element.flattened(), format, item, depth + 1);
}

void put_map(pugi::xml_node parent, const std::string& name, const model::Shape& shape, bool flat,
             const json::Object& entries, int depth) {
  auto element = shape.element();
  auto format = time_format(element, TimestampFormat::iso8601);
  auto key_name = shape.key_name().empty() ? "key" : shape.key_name();
  auto value_name = std::string(shape.value_name().empty() ? "value" : shape.value_name());
  if (!flat) parent = add(parent, name);
  for (const auto& [key, value] : entries) {
    auto entry = add(parent, flat ? name : "entry");
    add(entry, key_name).text().set(std::string(key).c_str());
    put(entry, value_name, element, element.flattened(), format, value, depth + 1);
  }
}

void put(pugi::xml_node parent, const std::string& name, const model::Shape& shape, bool flat,
         TimestampFormat format, const json::Value& value, int depth) {
  if (value.is_null() || depth > shape_depth_max) return;
  switch (shape.type()) {
    case Type::structure: {
      if (!value.is_object()) return;
      put_members(add(parent, name), shape, value.get_object(), depth);
      return;
    }
    case Type::list:
      if (value.is_array()) put_list(parent, name, shape, flat, value.get_array(), depth);
      return;
    case Type::map:
      if (value.is_object()) put_map(parent, name, shape, flat, value.get_object(), depth);
      return;
    case Type::string:
    case Type::integer:
    case Type::floating:
    case Type::boolean:
    case Type::timestamp:
    case Type::blob:
      break;
  }
  add(parent, name).text().set(to_wire(shape, format, value).c_str());
}

// <Grantee xsi:type="…" xmlns:xsi="…">: the namespace belongs to the attribute's prefix.
void put_attribute(pugi::xml_node element, const model::Shape& shape, const std::string& name,
                   const std::string& text) {
  auto colon = name.find(':');
  if (colon != name.npos && !shape.xml_namespace().empty()) {
    auto declared = "xmlns:" + name.substr(0, colon);
    element.append_attribute(declared.c_str()) = std::string(shape.xml_namespace()).c_str();
  }
  element.append_attribute(name.c_str()) = text.c_str();
}

void put_members(pugi::xml_node element, const model::Shape& shape, const json::Object& object,
                 int depth) {
  for (const model::Member& member : shape.members()) {
    if (member.location() != model::Location::body) continue;
    const json::Value& value = json::at(object, member.name());
    auto format = time_format(member, TimestampFormat::iso8601);
    auto name = std::string(wire_name(member));
    if (!member.xml_attribute()) {
      put(element, name, member.shape(), is_flat(member), format, value, depth + 1);
    } else if (!value.is_null()) {
      put_attribute(element, shape, name, to_wire(member.shape(), format, value));
    }
  }
}

}  // namespace

void write_xml(pugi::xml_node element, const model::Shape& structure, const json::Object& object) {
  put_members(element, structure, object, 0);
}

void set_namespace(pugi::xml_node element, std::string_view uri) {
  if (!uri.empty()) element.append_attribute("xmlns") = std::string(uri).c_str();
}

std::string print_xml(const pugi::xml_document& document) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  XmlWriter writer(out);
  document.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  // A bare carriage return would be read as a line feed.
  return replace_all(std::move(out), "\r", "&#13;");
}

}  // namespace aright::aws
