#include "runbook/parameters.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/text.h"
#include "runbook/names.h"
#include "runbook/references.h"
#include "runbook/regex.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

constexpr std::string_view store_prefix = "ssm:";
constexpr const char* wire_code = "InvalidAutomationExecutionParametersException";

std::unexpected<Error> refuse(std::string message) {
  return fail({.code = Errc::invalid,
               .message = std::move(message),
               .wire_code = wire_code,
               .http_status = 400});
}

bool allowed(const Parameter& parameter, const json::Value& value) {
  return std::ranges::any_of(parameter.allowed_values, [&](const json::Value& each) {
    return json::equal(each, value) || json::scalar_text(each) == json::scalar_text(value);
  });
}

Result<> check_one(const Parameter& parameter, const json::Value& value) {
  if (!parameter.allowed_values.empty() && !allowed(parameter, value)) {
    return refuse(fmt::format("{}: {} is none of its allowed values {}", parameter.name,
                              json::print(value), json::print(parameter.allowed_values)));
  }
  auto text = json::scalar_text(value);
  if (!parameter.allowed_pattern.empty()) {
    auto matched = matches(parameter.allowed_pattern, text);
    if (!matched) return refuse(fmt::format("{}: {}", parameter.name, matched.error().message));
    if (!*matched) {
      return refuse(fmt::format("{}: {} does not match its pattern {}", parameter.name,
                                json::print(value), parameter.allowed_pattern));
    }
  }
  auto size = static_cast<std::int64_t>(text.size());
  if (parameter.chars_min && size < *parameter.chars_min) {
    return refuse(
        fmt::format("{}: shorter than {} characters", parameter.name, *parameter.chars_min));
  }
  if (parameter.chars_max && size > *parameter.chars_max) {
    return refuse(
        fmt::format("{}: longer than {} characters", parameter.name, *parameter.chars_max));
  }
  return {};
}

}  // namespace

Result<> check_constraints(const Parameter& parameter, const json::Value& value) {
  if (!value.is_array()) return check_one(parameter, value);
  auto count = static_cast<std::int64_t>(value.get_array().size());
  if (parameter.items_min && count < *parameter.items_min) {
    return refuse(fmt::format("{}: fewer than {} items", parameter.name, *parameter.items_min));
  }
  if (parameter.items_max && count > *parameter.items_max) {
    return refuse(fmt::format("{}: more than {} items", parameter.name, *parameter.items_max));
  }
  for (const auto& item : value.get_array())
    CHECK_OK(check_one(parameter, item));
  return {};
}

Result<json::Value> read_parameter(const Parameter& parameter, const json::Value& given) {
  auto value = read(given, type_named(parameter.type).value_or(Type::string));
  if (!value) return refuse(fmt::format("{}: {}", parameter.name, value.error().message));
  CHECK_OK(check_constraints(parameter, *value));
  return value;
}

namespace {

// The names that {{ references }} anywhere in a value have.
void collect_names(const json::Value& value, std::vector<std::string>& names) {
  for (const auto& [key, member] : json::members(value)) collect_names(member, names);
  for (const auto& item : json::items(value)) collect_names(item, names);
  if (!value.is_string()) return;
  for (auto& reference : references(value.get_string())) names.push_back(std::move(reference.name));
}

std::vector<std::string> names_in_default(const Parameter& parameter) {
  std::vector<std::string> names;
  const bool authored = type_named(parameter.type).has_value();  // and not function_document()'s own
  if (parameter.otherwise && authored) collect_names(*parameter.otherwise, names);
  return names;
}

std::vector<std::string> store_names(const Parameter& parameter) {
  auto names = names_in_default(parameter);
  std::erase_if(names, [](const auto& name) { return !name.starts_with(store_prefix); });
  for (auto& name : names) name.erase(0, store_prefix.size());
  return names;
}

// A default whose Parameter Store parameters have their values. What else it refers to is known when it runs.
Result<json::Value> default_of(const Parameter& parameter, const json::Object& store) {
  auto names = store_names(parameter);
  for (const auto& name : names)
    if (!store.contains(name))
      return refuse(fmt::format("{}: the Parameter Store parameter {} that it defaults to is not known",
                                parameter.name, name));
  auto stored = [&](std::string_view name) -> const json::Value* {
    auto found = name.starts_with(store_prefix) ? store.find(name.substr(store_prefix.size())) : store.end();
    return found == store.end() ? nullptr : &found->value();
  };
  auto value = TRY(substitute(*parameter.otherwise, stored, Absent::foreign_stays));
  if (names_in_default(parameter).size() > names.size()) return value;
  if (!names.empty()) return read_parameter(parameter, value);
  auto typed = read(value, type_named(parameter.type).value_or(Type::string));
  if (!typed) return refuse(fmt::format("{}: its default {}", parameter.name, typed.error().message));
  return typed;
}

}  // namespace

namespace {

// One text for a list, as command lines give it: a,b,c.
json::Value given_value(const Parameter& parameter, const json::Value& value) {
  if (!value.is_string() || type_named(parameter.type) != Type::string_list) return value;
  json::Array items;
  for (const auto& item : split(value.get_string(), ',')) items.push_back(json::Value(trim(item)));
  return json::Value(std::move(items));
}

}  // namespace

bool default_refers(const Parameter& parameter) { return !names_in_default(parameter).empty(); }

std::vector<std::string> store_references(const Document& document, const json::Object& given) {
  std::vector<std::string> names;
  for (const auto& parameter : document.parameters())
    if (!given.contains(parameter.name)) std::ranges::move(store_names(parameter), std::back_inserter(names));
  return names;
}

Result<> resolve_defaults(const Document& document, json::Object& resolved, const Lookup& lookup) {
  std::vector<const Parameter*> open;
  for (const auto& parameter : document.parameters()) {
    if (!default_refers(parameter)) continue;
    auto has = resolved.find(parameter.name);
    if (has == resolved.end() || json::equal(has->value(), *parameter.otherwise)) open.push_back(&parameter);
  }
  // One that another's default names comes first. What is put in is not read for references again.
  std::function<Result<>(const Parameter&)> settle = [&](const Parameter& parameter) -> Result<> {
    std::erase(open, &parameter);
    for (const auto& name : names_in_default(parameter)) {
      auto other = std::ranges::find(open, name, [](const auto* one) { return std::string_view(one->name); });
      if (other != open.end()) CHECK_OK(settle(**other));
    }
    auto value = TRY(substitute(*parameter.otherwise, lookup, Absent::foreign_stays));
    resolved[parameter.name] = TRY(read_parameter(parameter, value));
    return {};
  };
  while (!open.empty()) CHECK_OK(settle(*open.front()));
  return {};
}

Result<json::Object> resolve_parameters(const Document& document, const json::Object& given,
                                        const json::Object& store) {
  if (given.size() > parameters_max) {
    return refuse(fmt::format("more than {} parameters", parameters_max));
  }
  std::vector<std::string> known;
  for (const auto& parameter : document.parameters())
    known.push_back(parameter.name);
  for (const auto& [key, value] : given) {
    std::string name(key);
    if (std::ranges::find(known, name) != known.end()) continue;
    auto hint = did_you_mean(name, known);
    return refuse(fmt::format("{} is no parameter of {}{}{}", name, document.name(),
                              hint.empty() ? "" : ": ", hint));
  }
  json::Object resolved;
  for (const auto& parameter : document.parameters()) {
    if (given.contains(parameter.name))
      resolved[parameter.name] =
          TRY(read_parameter(parameter, given_value(parameter, json::at(given, parameter.name))));
    else if (parameter.otherwise)
      resolved[parameter.name] = TRY(default_of(parameter, store));
    else
      return refuse(fmt::format("{} is required by {}", parameter.name, document.name()));
  }
  return resolved;
}

}  // namespace aright::runbook
