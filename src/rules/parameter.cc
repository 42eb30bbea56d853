#include "rules/parameter.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace aright::rules {

namespace {

constexpr std::int64_t port_max = 65535;

constexpr std::array names{
    std::pair{ParameterType::text, std::string_view("text")},
    std::pair{ParameterType::integer, std::string_view("integer")},
    std::pair{ParameterType::boolean, std::string_view("boolean")},
    std::pair{ParameterType::list, std::string_view("list")},
    std::pair{ParameterType::ports, std::string_view("ports")},
    std::pair{ParameterType::not_evaluated, std::string_view("not_evaluated")},
};

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> truth(std::string text) {
  text = lower(text);
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

// Config knows texts alone; a policy in YAML may say a list as one.
std::vector<std::string> items_of(const json::Value& value) {
  std::vector<std::string> out;
  auto add = [&](std::string_view part) {
    if (auto text = std::string(trim(part)); !text.empty()) out.push_back(std::move(text));
  };
  if (value.is_array())
    for (const auto& item : value.get_array()) add(json::scalar_text(item));
  else
    for (const auto& part : split(json::scalar_text(value), ',')) add(part);
  return out;
}

std::optional<json::Value> port_range(std::string_view text) {
  auto dash = text.find('-');
  auto first = number(trim(text.substr(0, dash)));
  auto last = dash == std::string_view::npos ? first : number(trim(text.substr(dash + 1)));
  if (!first || !last || *first < 0 || *first > *last || *last > port_max) return std::nullopt;
  return json::Object{{"From", *first}, {"To", *last}};
}

// Null where it says nothing.
std::optional<json::Value> read(const json::Value& value, ParameterType type) {
  auto text = std::string(trim(json::scalar_text(value)));
  switch (type) {
    case ParameterType::text:
    case ParameterType::not_evaluated: return value;
    case ParameterType::integer: {
      if (text.empty()) return json::Value();
      auto read = number(text);
      return read ? std::optional<json::Value>(*read) : std::nullopt;
    }
    case ParameterType::boolean: {
      if (text.empty()) return json::Value();
      auto read = truth(text);
      return read ? std::optional<json::Value>(*read) : std::nullopt;
    }
    case ParameterType::list: {
      json::Array out;
      for (auto& item : items_of(value)) out.push_back(json::Value(std::move(item)));
      return out;
    }
    case ParameterType::ports: {
      json::Array out;
      for (const auto& item : items_of(value)) {
        auto range = port_range(item);
        if (!range) return std::nullopt;
        out.push_back(std::move(*range));
      }
      return out;
    }
  }
  return std::nullopt;
}

// A text whose usual value is a number says one.
std::optional<std::string> not_a_number(const json::Object& parameters, const json::Object& defaults,
                                        const ParameterTypes& types) {
  for (const auto& [name, value] : parameters) {
    const auto& usual = json::at(defaults, name);
    if (types.contains(std::string_view(name)) || !usual.is_string() || !number(json::text(usual))) continue;
    auto text = std::string(trim(json::scalar_text(value)));
    if (!text.empty() && !number(text)) return std::string(name);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(ParameterType type) {
  for (const auto& [one, text] : names)
    if (one == type) return text;
  return "text";
}

Result<ParameterType> parameter_type(std::string_view text) {
  for (const auto& [type, name] : names)
    if (name == text) return type;
  return fail(Errc::invalid, "a parameter is text, integer, boolean, list, ports or not_evaluated, not '{}'", text);
}

Result<json::Object> typed(const json::Object& parameters, const json::Object& defaults, const ParameterTypes& types) {
  json::Object out = parameters;
  if (auto name = not_a_number(parameters, defaults, types))
    return fail(Errc::invalid, "The parameter {} is no integer: {}.", *name,
                json::scalar_text(json::at(parameters, *name)));
  for (const auto& [name, type] : types) {
    auto found = parameters.find(name);
    auto usual = json::scalar_text(json::at(defaults, name));
    bool said = found != parameters.end() && json::scalar_text(found->value()) != usual;
    if (type == ParameterType::not_evaluated && said)
      return fail(Errc::invalid, "The parameter {} can't be evaluated here.", name);
    auto value = read(found == parameters.end() ? json::Value() : found->value(), type);
    if (!value)
      return fail(Errc::invalid, "The parameter {} is no {}: {}.", name, aright::rules::name(type),
                  json::scalar_text(found->value()));
    if (value->is_null())
      out.erase(name);
    else
      out[name] = std::move(*value);
  }
  return out;
}

}  // namespace aright::rules
