#include "aws/fit.h"

#include <utility>

namespace aright::aws {

namespace {

bool is_one_value(const json::Value& value) { return value.is_string() || value.is_number() || value.is_bool(); }

bool is_nested(model::Type type) {
  return type == model::Type::structure || type == model::Type::list || type == model::Type::map;
}

json::Value fit(const model::Shape& shape, const json::Value& value);

json::Value fit_members(const model::Shape& shape, const json::Value& value) {
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [name, member] : value.get_object()) {
    auto known = shape.type() == model::Type::map ? std::optional(shape.element()) : std::nullopt;
    if (auto found = known ? std::nullopt : shape.member(name)) known = found->shape();
    out[name] = known ? fit(*known, member) : member;
  }
  return out;
}

// Filters where the model says Filter: lists of EC2's are called either.
std::string_view name_of_member(const model::Shape& input, std::string_view name) {
  if (input.member(name) || !name.ends_with('s')) return name;
  auto singular = name.substr(0, name.size() - 1);
  auto found = input.member(singular);
  return found && found->shape().type() == model::Type::list ? singular : name;
}

json::Value fit_items(const model::Shape& shape, const json::Value& value) {
  auto element = shape.element();
  if (is_one_value(value) && !is_nested(element.type())) return json::Array{value};
  if (!value.is_array()) return value;
  json::Array out;
  for (const auto& item : value.get_array()) out.push_back(fit(element, item));
  return out;
}

json::Value fit(const model::Shape& shape, const json::Value& value) {
  if (shape.document()) return value;
  if (shape.type() == model::Type::list) return fit_items(shape, value);
  if (is_nested(shape.type())) return fit_members(shape, value);
  const bool one = value.is_array() && value.get_array().size() == 1 && is_one_value(value.get_array()[0]);
  return one ? value.get_array()[0] : value;
}

}  // namespace

json::Object fit_input(const model::Models& models, std::string_view service, std::string_view operation,
                       const json::Object& input) {
  auto known = models.service(service);
  auto called = known ? known->operation(operation) : std::nullopt;
  if (!called || !called->input()) return input;
  json::Object named;
  for (const auto& [name, member] : input) named[name_of_member(called->input(), name)] = member;
  return std::move(fit_members(called->input(), json::Value(std::move(named))).as_object());
}

}  // namespace aright::aws
