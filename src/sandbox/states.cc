#include "sandbox/states.h"

#include "base/text.h"
#include "json/path.h"

namespace aright::sandbox {

namespace {

using Told = std::optional<json::Value>;  // nothing: not told here

// Of a state's JSONPath: all of it where the state says nothing, and an empty object where it says null.
Told at_path(const json::Object& state, const char* member, const json::Value& value) {
  auto said = state.find(member);
  if (said == state.end()) return value;
  if (said->value().is_null()) return json::Object();
  auto path = json::Path::parse(json::text(said->value()));
  auto found = path ? path->get(value) : Result<Told>(std::unexpected(path.error()));
  return found ? std::move(*found) : std::nullopt;
}

// Members named x.$ are taken from the input.
Told filled_in(const json::Value& form, const json::Value& input) {
  if (form.is_array()) {
    json::Array out;
    for (const auto& item : form.get_array()) {
      auto one = filled_in(item, input);
      if (!one) return std::nullopt;
      out.push_back(std::move(*one));
    }
    return out;
  }
  if (!form.is_object()) return form;
  json::Object out;
  for (const auto& [key, value] : form.get_object()) {
    std::string_view name = key;
    auto one = name.ends_with(".$") ? Told() : filled_in(value, input);
    if (name.ends_with(".$")) {
      name.remove_suffix(2);
      auto text = json::text(value);
      auto path = text.starts_with("$.") || text == "$" ? json::Path::parse(text) : fail(Errc::invalid, "{}", text);
      auto found = path ? path->get(input) : Result<Told>(std::unexpected(path.error()));
      if (found) one = std::move(*found);
    }
    if (!one) return std::nullopt;
    out[name] = std::move(*one);
  }
  return out;
}

// The result goes where ResultPath says, into what the state was given.
Told with_result(const json::Object& state, json::Value given, json::Value result) {
  auto said = state.find("ResultPath");
  if (said == state.end()) return result;
  if (said->value().is_null()) return given;
  auto path = json::text(said->value());
  if (path == "$") return result;
  if (!path.starts_with("$.") || path.contains('[')) return std::nullopt;
  auto* place = &given;
  for (const auto& name : split(std::string_view(path).substr(2), '.')) {
    if (!place->is_object()) *place = json::Object();
    place = &place->get_object()[name];
  }
  *place = std::move(result);
  return given;
}

Told passed(const json::Object& state, const json::Value& given) {
  auto input = at_path(state, "InputPath", given);
  bool passes = json::text(state, "Type") == "Pass";
  if (input && passes && state.contains("Parameters")) input = filled_in(json::at(state, "Parameters"), *input);
  if (input && passes) {
    auto result = state.contains("Result") ? json::at(state, "Result") : *input;
    input = with_result(state, given, std::move(result));
  }
  return input ? at_path(state, "OutputPath", *input) : std::nullopt;
}

}  // namespace

std::optional<StatesEnd> run_states(const json::Value& definition, json::Value input) {
  auto name = json::text(json::at(definition, "StartAt"));
  if (json::text(json::at(definition, "QueryLanguage"), "JSONPath") != "JSONPath") return std::nullopt;
  for (int visited = 0; visited < states_max; ++visited) {
    const auto& state = json::members(json::at(json::at(definition, "States"), name));
    auto type = json::text(state, "Type");
    if (type == "Fail")
      return StatesEnd{.failed = true, .output = {}, .error = json::text(state, "Error"),
                       .cause = json::text(state, "Cause")};
    if (type != "Pass" && type != "Wait" && type != "Succeed") return std::nullopt;
    auto output = passed(state, input);
    if (!output) return std::nullopt;
    input = std::move(*output);
    if (type == "Succeed" || json::truth(json::at(state, "End")))
      return StatesEnd{.output = std::move(input), .error = {}, .cause = {}};
    name = json::text(state, "Next");
  }
  return std::nullopt;
}

}  // namespace aright::sandbox
