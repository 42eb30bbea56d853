#include "aws/input_check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "aws/wire_value.h"
#include "base/digest.h"
#include "base/text.h"

namespace aright::aws {

using model::Type;

namespace {

// A name this many edits away may have been meant.
constexpr std::size_t edits_max = 2;

std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < to.size(); ++j) {
      std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[to.size()];
}

// The member whose name is nearest, "" when none is near.
std::string nearest(const model::Shape& shape, std::string_view name) {
  std::string best;
  std::size_t best_edits = edits_max + 1;
  auto wanted = lower(name);
  for (const model::Member& member : shape.members()) {
    auto distance = edits(wanted, lower(member.name()));
    if (distance >= best_edits) continue;
    best_edits = distance;
    best = member.name();
  }
  return best;
}

std::string_view kind_name(const json::Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "a boolean";
  if (value.is_string()) return "text";
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  return "a number";
}

bool is_special_number(std::string_view text) {
  return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

// What a value of the type must be, "" when it is.
std::string_view expected(Type type, const json::Value& value) {
  switch (type) {
    case Type::string:
      return value.is_string() ? "" : "text";
    case Type::boolean:
      return value.is_bool() ? "" : "a boolean";
    case Type::integer: {
      bool whole = value.is_double() && std::nearbyint(value.get_double()) == value.get_double();
      return value.is_int64() || value.is_uint64() || whole ? "" : "a whole number";
    }
    case Type::floating:
      return value.is_number() || (value.is_string() && is_special_number(value.get_string()))
                 ? ""
                 : "a number";
    case Type::timestamp:
      return read_time(value) ? "" : "a time such as 2024-05-01T10:00:00Z";
    case Type::blob:
      return value.is_string() && from_base64(value.get_string()) ? "" : "bytes as base64 text";
    case Type::structure:
    case Type::map:
      return value.is_object() ? "" : "an object";
    case Type::list:
      return value.is_array() ? "" : "a list";
  }
  return "";
}

class Checker {
 public:
  explicit Checker(const CheckOptions& options) : options_(options) {}

  Result<> structure(const model::Shape& shape, const json::Object& object, std::string path,
                     int depth) const {
    auto within = path.empty() ? "" : path + ".";
    auto members = shape.members();
    for (const model::Member& member : members) {
      const json::Value& value = json::at(object, member.name());
      if (!value.is_null() && is_header_json(member)) continue;
      if (!value.is_null()) {
        CHECK_OK(any(member.shape(), value, within + std::string(member.name()), depth + 1));
      } else if (member.required() && !options_.missing_allowed) {
        return fail(Errc::invalid, "{}{} is missing", within, member.name());
      }
    }
    if (options_.unknown_allowed) return {};
    for (const auto& [name, value] : object) {
      if (shape.member(name)) continue;
      auto meant = nearest(shape, name);
      if (meant.empty()) return fail(Errc::invalid, "{}{} is unknown", within, std::string(name));
      return fail(Errc::invalid, "{}{} is unknown; {} is known", within, std::string(name), meant);
    }
    return {};
  }

 private:
  Result<> any(const model::Shape& shape, const json::Value& value, const std::string& path,
               int depth) const {
    if (depth > shape_depth_max) {
      return fail(Errc::invalid, "{} is nested deeper than {}", path, shape_depth_max);
    }
    if (shape.document()) return {};
    auto wanted = expected(shape.type(), value);
    if (!wanted.empty()) {
      return fail(Errc::invalid, "{}: must be {}, not {}", path, wanted, kind_name(value));
    }
    if (shape.type() == Type::structure) return structure(shape, value.get_object(), path, depth);
    if (shape.type() == Type::list) {
      std::size_t index = 0;
      for (const json::Value& item : value.get_array()) {
        CHECK_OK(any(shape.element(), item, fmt::format("{}[{}]", path, index++), depth + 1));
      }
    }
    if (shape.type() == Type::map) {
      for (const auto& [key, item] : value.get_object()) {
        auto inside = fmt::format("{}.{}", path, std::string_view(key));
        CHECK_OK(any(shape.element(), item, inside, depth + 1));
      }
    }
    return {};
  }

  const CheckOptions& options_;
};

}  // namespace

Result<> check_input(const model::Shape& shape, const json::Object& input,
                     const CheckOptions& options) {
  if (!shape) {
    if (options.unknown_allowed || input.empty()) return {};
    return fail(Errc::invalid, "{} is unknown; the operation takes no input",
                std::string(input.begin()->key()));
  }
  return Checker(options).structure(shape, input, "", 0);
}

}  // namespace aright::aws
