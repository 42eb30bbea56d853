#include "runbook/types.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace aright::runbook {

namespace {

constexpr std::array<std::pair<Type, std::string_view>, 6> names = {{
    {Type::string, "String"},
    {Type::string_list, "StringList"},
    {Type::integer, "Integer"},
    {Type::boolean, "Boolean"},
    {Type::string_map, "StringMap"},
    {Type::map_list, "MapList"},
}};

template <typename Predicate>
bool all(const json::Value& list, Predicate is_right) {
  return list.is_array() && std::ranges::all_of(list.get_array(), is_right);
}

bool is_scalar(const json::Value& value) {
  return value.is_string() || value.is_number() || value.is_bool();
}

std::unexpected<Error> mismatch(const json::Value& value, Type type) {
  constexpr std::size_t shown_max = 80;
  auto shown = json::print(value);
  if (shown.size() > shown_max) shown = shown.substr(0, shown_max) + "…";
  return fail(Errc::invalid, "{} is no {}", shown, name(type));
}

// A number without a fraction, or its digits.
std::optional<json::Value> whole_number(const json::Value& value) {
  constexpr std::int64_t none = INT64_MIN;
  auto number = json::integer(value, none);
  if (number == none) return std::nullopt;
  return json::Value(number);
}

std::optional<json::Value> yes_or_no(const json::Value& value) {
  if (value.is_bool()) return value;
  auto text = lower(json::text(value));
  if (text == "true") return json::Value(true);
  if (text == "false") return json::Value(false);
  return std::nullopt;
}

json::Array as_texts(const json::Array& list) {
  json::Array texts;
  for (const auto& item : list)
    texts.push_back(json::Value(json::scalar_text(item)));
  return texts;
}

// An object, or the JSON text of one.
std::optional<json::Value> map_of(const json::Value& value) {
  if (value.is_object()) return value;
  if (!value.is_string()) return std::nullopt;
  auto parsed = json::parse(json::text(value));
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(*parsed);
}

Result<json::Value> read_map_list(const json::Value& given) {
  json::Value list = given;
  if (given.is_string()) {
    auto parsed = json::parse(json::text(given));
    if (!parsed) return mismatch(given, Type::map_list);
    list = std::move(*parsed);
  }
  if (list.is_object()) list = json::Array{list};
  if (!list.is_array()) return mismatch(given, Type::map_list);
  // One text that holds the whole list.
  if (list.get_array().size() == 1 && list.get_array()[0].is_string()) {
    auto inner = json::parse(json::text(list.get_array()[0]));
    if (inner && inner->is_array()) list = std::move(*inner);
  }
  json::Array maps;
  for (const auto& item : list.get_array()) {
    auto map = map_of(item);
    if (!map) return mismatch(item, Type::string_map);
    maps.push_back(std::move(*map));
  }
  return json::Value(std::move(maps));
}

}  // namespace

std::string_view name(Type type) {
  return std::ranges::find(names, type, [](const auto& entry) { return entry.first; })->second;
}

std::optional<Type> type_named(std::string_view text) {
  for (auto [type, type_name] : names)
    if (type_name == text) return type;
  if (text.starts_with("List<") && text.ends_with(">")) return Type::string_list;
  if (text.starts_with("AWS::")) return Type::string;
  return std::nullopt;
}

bool is(const json::Value& value, Type type) {
  switch (type) {
    case Type::string:
      return value.is_string();
    case Type::string_list:
      return all(value, [](const json::Value& item) { return item.is_string(); });
    case Type::integer:
      return value.is_int64() || value.is_uint64();
    case Type::boolean:
      return value.is_bool();
    case Type::string_map:
      return value.is_object();
    case Type::map_list:
      return all(value, [](const json::Value& item) { return item.is_object(); });
  }
  return false;
}

Result<json::Value> read(const json::Value& given, Type type) {
  const bool takes_list = type == Type::string_list || type == Type::map_list;
  if (!takes_list && given.is_array()) {
    if (given.get_array().size() != 1) return mismatch(given, type);
    return read(given.get_array()[0], type);
  }
  std::optional<json::Value> value;
  switch (type) {
    case Type::string:
      if (is_scalar(given)) value = json::Value(json::scalar_text(given));
      break;
    case Type::string_list:
      if (given.is_string()) value = json::Array{given};
      if (all(given, is_scalar)) value = as_texts(given.get_array());
      break;
    case Type::integer:
      value = whole_number(given);
      break;
    case Type::boolean:
      value = yes_or_no(given);
      break;
    case Type::string_map:
      value = map_of(given);
      break;
    case Type::map_list:
      return read_map_list(given);
  }
  if (!value) return mismatch(given, type);
  return std::move(*value);
}

Result<json::Value> convert(const json::Value& found, Type type) {
  if (is(found, type)) return found;
  const bool to_scalar = type == Type::string || type == Type::integer || type == Type::boolean;
  if (to_scalar && found.is_array() && found.get_array().size() == 1) {
    return convert(found.get_array()[0], type);
  }
  std::optional<json::Value> value;
  switch (type) {
    case Type::string:
      if (is_scalar(found)) value = json::Value(json::scalar_text(found));
      break;
    case Type::string_list:
      if (is_scalar(found)) value = json::Array{json::Value(json::scalar_text(found))};
      if (found.is_array()) value = as_texts(found.get_array());
      break;
    case Type::integer:
      if (found.is_string() || found.is_number()) value = whole_number(found);
      break;
    case Type::boolean:
      if (found.is_string()) value = yes_or_no(found);
      break;
    case Type::string_map:
    case Type::map_list:
      break;
  }
  if (!value) return mismatch(found, type);
  return std::move(*value);
}

json::Array wire_texts(const json::Value& value) {
  if (value.is_array()) return as_texts(value.get_array());
  return json::Array{json::Value(json::scalar_text(value))};
}

}  // namespace aright::runbook
