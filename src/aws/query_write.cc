#include <cctype>

#include "aws/query_body.h"
#include "aws/query_name.h"
#include "aws/wire_value.h"

namespace aright::aws {

using model::TimestampFormat;
using model::Type;

namespace {

class Writer {
 public:
  Writer(net::Query& out, Dialect dialect) : out_(out), dialect_(dialect) {}

  void structure(const std::string& prefix, const model::Shape& shape, const json::Object& object,
                 int depth) {
    for (const model::Member& member : shape.members()) {
      const json::Value& value = json::at(object, member.name());
      auto name = prefix + query_name(member, dialect_);
      auto format = time_format(member, TimestampFormat::iso8601);
      any(name, member.shape(), is_flat(member), format, value, depth + 1);
    }
  }

 private:
  void any(const std::string& name, const model::Shape& shape, bool flat, TimestampFormat format,
           const json::Value& value, int depth) {
    if (value.is_null() || depth > shape_depth_max) return;
    switch (shape.type()) {
      case Type::structure:
        if (value.is_object()) structure(name + ".", shape, value.get_object(), depth);
        return;
      case Type::list:
        if (value.is_array()) list(name, shape, flat, value.get_array(), depth);
        return;
      case Type::map:
        if (value.is_object()) map(name, shape, flat, value.get_object(), depth);
        return;
      case Type::string:
      case Type::integer:
      case Type::floating:
      case Type::boolean:
      case Type::timestamp:
      case Type::blob:
        break;
    }
    out_.emplace_back(name, to_wire(shape, format, value));
  }

  void list(const std::string& name, const model::Shape& shape, bool flat, const json::Array& items,
            int depth) {
    if (items.empty() && dialect_ == Dialect::query) out_.emplace_back(name, "");
    auto element = shape.element();
    auto format = time_format(element, TimestampFormat::iso8601);
    auto prefix = list_prefix(name, shape, flat, dialect_);
    int number = 0;
    for (const json::Value& item : items) {
      any(fmt::format("{}{}", prefix, ++number), element, element.flattened(), format, item,
          depth + 1);
    }
  }

  void map(const std::string& name, const model::Shape& shape, bool flat,
           const json::Object& entries, int depth) {
    auto element = shape.element();
    auto format = time_format(element, TimestampFormat::iso8601);
    int number = 0;
    for (const auto& [key, value] : entries) {
      auto entry = fmt::format("{}.{}{}.", name, flat ? "" : "entry.", ++number);
      out_.emplace_back(entry + std::string(map_key_name(shape)), std::string(key));
      any(entry + std::string(map_value_name(shape)), element, element.flattened(), format, value,
          depth + 1);
    }
  }

  net::Query& out_;
  const Dialect dialect_;
};

}  // namespace

std::string query_name(const model::Member& member, Dialect dialect) {
  if (dialect == Dialect::ec2 && !member.query_name().empty()) {
    return std::string(member.query_name());
  }
  std::string name(dialect == Dialect::ec2 ? member.location_name() : wire_name(member));
  if (dialect == Dialect::ec2 && !name.empty()) {
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  }
  return name;
}

std::string list_prefix(const std::string& name, const model::Shape& shape, bool flat,
                        Dialect dialect) {
  if (dialect == Dialect::ec2) return name + ".";
  if (flat) return name + ".";
  auto own = shape.element_name();
  return fmt::format("{}.{}.", name, own.empty() ? "member" : own);
}

std::string_view map_key_name(const model::Shape& shape) {
  return shape.key_name().empty() ? "key" : shape.key_name();
}

std::string_view map_value_name(const model::Shape& shape) {
  return shape.value_name().empty() ? "value" : shape.value_name();
}

void write_query(net::Query& out, Dialect dialect, const model::Shape& structure,
                 const json::Object& object) {
  Writer(out, dialect).structure("", structure, object, 0);
}

}  // namespace aright::aws
