#include "json/value.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace aright::json {

namespace {

const Value null_value;

}  // namespace

const Value& at(const Object& object, std::string_view member) {
  auto found = object.find(member);
  return found == object.end() ? null_value : found->value();
}

const Value& at(const Value& value, std::string_view member) {
  return value.is_object() ? at(value.get_object(), member) : null_value;
}

const Value& at(const Value& value, std::initializer_list<std::string_view> members) {
  const Value* here = &value;
  for (auto member : members)
    here = &at(*here, member);
  return *here;
}

std::string text(const Value& value, std::string_view otherwise) {
  return std::string(value.is_string() ? std::string_view(value.get_string()) : otherwise);
}

std::string text(const Object& object, std::string_view member, std::string_view otherwise) {
  return text(at(object, member), otherwise);
}

std::string text(const Value& value, std::string_view member, std::string_view otherwise) {
  return text(at(value, member), otherwise);
}

std::string scalar_text(const Value& value) {
  if (value.is_string()) return text(value);
  return value.is_null() ? "" : print(value);
}

bool truth(const Value& value, bool otherwise) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_string()) return value.get_string() == "true" || value.get_string() == "True";
  return otherwise;
}

std::int64_t integer(const Value& value, std::int64_t otherwise) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) {  // what was built from a size
    const auto number = value.get_uint64();
    return std::in_range<std::int64_t>(number) ? static_cast<std::int64_t>(number) : otherwise;
  }
  if (value.is_double()) {
    const double number = value.get_double();  // outside this range the conversion is undefined
    return number >= -0x1p63 && number < 0x1p63 ? static_cast<std::int64_t>(number) : otherwise;
  }
  if (value.is_string()) {
    std::int64_t number = 0;
    std::string_view digits = value.get_string();
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size()) return number;
  }
  return otherwise;
}

bool equal(const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) return canonical(left) == canonical(right);
  if (left.is_array() && right.is_array())
    return std::ranges::equal(left.get_array(), right.get_array(), equal);
  if (!left.is_object() || !right.is_object()) return left == right;
  const auto& others = right.get_object();
  return left.get_object().size() == others.size() &&
         std::ranges::all_of(left.get_object(), [&](const auto& member) {
           auto* other = others.if_contains(member.key());
           return other && equal(member.value(), *other);
         });
}

const Array& items(const Value& value) {
  static const Array none;
  return value.is_array() ? value.get_array() : none;
}

const Object& members(const Value& value) {
  static const Object none;
  return value.is_object() ? value.get_object() : none;
}

std::vector<std::string> texts(const Value& value) {
  std::vector<std::string> out;
  for (const auto& item : items(value))
    if (item.is_string()) out.push_back(text(item));
  return out;
}

}  // namespace aright::json
