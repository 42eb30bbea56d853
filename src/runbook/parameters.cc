#include "runbook/parameters.h"

#include <algorithm>

#include "base/text.h"
#include "runbook/names.h"
#include "runbook/references.h"
#include "runbook/regex.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

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

std::string store_name(const Parameter& parameter) {
  constexpr std::string_view prefix = "ssm:";
  if (!parameter.otherwise || !parameter.otherwise->is_string()) return "";
  auto found = references(parameter.otherwise->get_string());
  auto whole = trim(parameter.otherwise->get_string());
  const bool alone = found.size() == 1 && found[0].end - found[0].begin == whole.size();
  if (!alone || !found[0].name.starts_with(prefix)) return "";
  return found[0].name.substr(prefix.size());
}

std::vector<std::string> store_references(const Document& document, const json::Object& given) {
  std::vector<std::string> names;
  for (const auto& parameter : document.parameters()) {
    auto name = store_name(parameter);
    if (!name.empty() && !given.contains(parameter.name)) names.push_back(name);
  }
  return names;
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
    auto stored = store_name(parameter);
    if (given.contains(parameter.name)) {
      resolved[parameter.name] = TRY(read_parameter(parameter, json::at(given, parameter.name)));
    } else if (!stored.empty()) {
      if (!store.contains(stored)) {
        return refuse(
            fmt::format("{}: the Parameter Store parameter {} that it defaults to is not known",
                        parameter.name, stored));
      }
      resolved[parameter.name] = TRY(read_parameter(parameter, json::at(store, stored)));
    } else if (parameter.otherwise) {
      auto value = read(*parameter.otherwise, type_named(parameter.type).value_or(Type::string));
      if (!value)
        return refuse(fmt::format("{}: its default {}", parameter.name, value.error().message));
      resolved[parameter.name] = std::move(*value);
    } else {
      return refuse(fmt::format("{} is required by {}", parameter.name, document.name()));
    }
  }
  return resolved;
}

}  // namespace aright::runbook
