#include "guard/document.h"

#include <fmt/format.h>

namespace aright::guard {

namespace {

Value value_of(const json::Value& value) {
  if (value.is_bool()) return Value(Value::Data(value.get_bool()));
  if (value.is_int64()) return Value(Value::Data(value.get_int64()));
  if (value.is_uint64()) return Value(Value::Data(static_cast<double>(value.get_uint64())));
  if (value.is_double()) return Value(Value::Data(value.get_double()));
  if (value.is_string()) return Value(Value::Data(json::text(value)));
  if (value.is_array()) {
    List list;
    list.reserve(value.get_array().size());
    for (const auto& item : value.get_array())
      list.push_back(value_of(item));
    return Value(Value::Data(std::move(list)));
  }
  if (value.is_object()) {
    auto map = std::make_shared<Map>();
    for (const auto& [key, member] : value.get_object())
      map->set(std::string(key), {}, value_of(member));
    return Value(Value::Data(std::move(map)));
  }
  return Value();
}

}  // namespace

Document::Document(std::string name, Value root) : name_(std::move(name)) {
  auto held = std::make_shared<Value>(std::move(root));
  adopt(*held);
  root_ = std::move(held);
}

Document document_of(const json::Value& value, const std::string& name) {
  return {name, value_of(value)};
}

std::expected<Document, Diagnostic> merge(const Document& parameters, const Document& data) {
  auto merged = deep_copy(parameters.root());
  merged.place = data.root().place;
  if (auto* list = std::get_if<List>(&merged.data); list && data.root().list()) {
    for (const auto& item : *data.root().list())
      list->push_back(deep_copy(item));
    return Document(data.name(), std::move(merged));
  }
  const auto* more = data.root().map();
  auto* map = std::get_if<std::shared_ptr<Map>>(&merged.data);
  if (!map || !more) {
    return std::unexpected(
        Diagnostic{data.name(), data.root().place,
                   fmt::format("{} cannot be joined with {}, the input parameters",
                               name(data.root().kind()), name(merged.kind())),
                   "let both be maps"});
  }
  for (const auto& member : more->members()) {
    if ((*map)->find(member.key) != nullptr) {
      return std::unexpected(
          Diagnostic{data.name(), member.place,
                     fmt::format("the key {} is in the input parameters too", member.key),
                     "let the keys of data and parameters differ"});
    }
    (*map)->set(member.key, member.place, deep_copy(member.value));
  }
  return Document(data.name(), std::move(merged));
}

}  // namespace aright::guard
