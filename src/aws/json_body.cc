#include "aws/json_body.h"

#include <cmath>

#include "aws/wire_value.h"

namespace aright::aws {

using model::TimestampFormat;
using model::Type;

namespace {

// Both directions walk the shape alike; they differ in which name is read and in the scalars.
enum class Way { out, in };

class Walk {
 public:
  explicit Walk(Way way) : way_(way) {}

  json::Object structure(const model::Shape& shape, const json::Object& from, Part part,
                         int depth) const {
    json::Object to;
    for (const model::Member& member : shape.members()) {
      if (part == Part::body_only && member.location() != model::Location::body) continue;
      auto ours = member.name(), theirs = member.location_name();
      const json::Value& value = json::at(from, way_ == Way::out ? ours : theirs);
      if (value.is_null()) continue;
      auto format = time_format(member, TimestampFormat::unix_timestamp);
      to[way_ == Way::out ? theirs : ours] = any(member.shape(), format, value, depth + 1);
    }
    return to;
  }

 private:
  json::Value any(const model::Shape& shape, TimestampFormat format, const json::Value& value,
                  int depth) const {
    if (value.is_null() || depth > shape_depth_max) return nullptr;
    switch (shape.type()) {
      case Type::structure:
        if (!value.is_object() || shape.document()) return value;
        return structure(shape, value.get_object(), Part::whole, depth);
      case Type::list:
        return value.is_array() ? list(shape.element(), value.get_array(), depth) : value;
      case Type::map:
        return value.is_object() ? map(shape.element(), value.get_object(), depth) : value;
      case Type::timestamp:
        return instant(format, value);
      case Type::integer:
        return whole(value);
      case Type::string:
      case Type::floating:
      case Type::boolean:
      case Type::blob:
        break;
    }
    return value;
  }

  // 3.0 is the integer 3 to whoever prints numbers so.
  static json::Value whole(const json::Value& value) {
    constexpr double exact_max = 0x1p53;
    bool exact = value.is_double() && std::abs(value.get_double()) <= exact_max;
    return exact ? json::Value(json::integer(value)) : value;
  }

  json::Value list(const model::Shape& element, const json::Array& from, int depth) const {
    auto format = time_format(element, TimestampFormat::unix_timestamp);
    json::Array to;
    to.reserve(from.size());
    for (const json::Value& item : from)
      to.push_back(any(element, format, item, depth + 1));
    return to;
  }

  json::Value map(const model::Shape& element, const json::Object& from, int depth) const {
    auto format = time_format(element, TimestampFormat::unix_timestamp);
    json::Object to;
    for (const auto& [key, item] : from) {
      if (!item.is_null()) to[key] = any(element, format, item, depth + 1);
    }
    return to;
  }

  json::Value instant(TimestampFormat format, const json::Value& value) const {
    auto time = read_time(value);
    if (!time) return value;
    if (way_ == Way::in) return json::Value(json::String(iso_text(*time)));
    if (format == TimestampFormat::unix_timestamp) return unix_time(*time);
    return json::Value(json::String(to_text(*time, format)));
  }

  const Way way_;
};

}  // namespace

json::Object to_json_body(const model::Shape& shape, const json::Object& object, Part part) {
  return Walk(Way::out).structure(shape, object, part, 0);
}

json::Object from_json_body(const model::Shape& shape, const json::Object& body, Part part) {
  return Walk(Way::in).structure(shape, body, part, 0);
}

}  // namespace aright::aws
