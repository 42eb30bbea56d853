#include "runbook/document_reader.h"

#include <algorithm>
#include <cctype>

#include "base/digest.h"
#include "base/text.h"
#include "json/diff.h"
#include "runbook/names.h"
#include "runbook/parameters.h"
#include "runbook/references.h"
#include "runbook/regex.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

std::string below(const std::string& pointer, std::string_view member) {
  return pointer + "/" + json::pointer_escape(member);
}

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

std::string type_names() {
  return "String, StringList, Integer, Boolean, StringMap or MapList";
}

std::string example_of(Type type) {
  switch (type) {
    case Type::string: return "write default: \"text\"";
    case Type::string_list: return "write default: [a, b]";
    case Type::integer: return "write default: 5, without quotes";
    case Type::boolean: return "write default: true, without quotes";
    case Type::string_map: return "write default: {Key: value}";
    case Type::map_list: return "write default: [{Key: value}]";
  }
  return "";
}

// The same name in the characters that a step's may have.
std::string word_of(std::string_view name) {
  std::string word;
  for (unsigned char c : name) word += std::isalnum(c) ? static_cast<char>(c) : '_';
  return word.empty() ? "Ask" : word;
}

}  // namespace

void Diagnostics::add(Diagnostic::Effect effect, const std::string& pointer, std::string what,
                      std::string mend) {
  if (full() && effect == Diagnostic::Effect::warning) return;
  if (full() && has_errors()) return;  // never so full of warnings that an error is lost
  auto [line, column] = source_.locate(pointer);
  list_.push_back({.effect = effect,
                   .file = file_,
                   .line = line,
                   .column = column,
                   .pointer = pointer,
                   .what = std::move(what),
                   .mend = std::move(mend)});
}

void Diagnostics::error(const std::string& pointer, std::string what, std::string mend) {
  add(Diagnostic::Effect::error, pointer, std::move(what), std::move(mend));
}

void Diagnostics::warning(const std::string& pointer, std::string what, std::string mend) {
  add(Diagnostic::Effect::warning, pointer, std::move(what), std::move(mend));
}

bool Diagnostics::has_errors() const {
  return std::ranges::any_of(
      list_, [](const Diagnostic& each) { return each.effect == Diagnostic::Effect::error; });
}

std::string Reader::text(const json::Value& object, std::string_view member,
                         const std::string& pointer, std::string_view otherwise) {
  const auto& value = json::at(object, member);
  if (value.is_null()) return std::string(otherwise);
  if (value.is_array() || value.is_object()) {
    diagnostics_.error(below(pointer, member), fmt::format("{} is a text", member),
                       fmt::format("write {}: \"…\", in quotes", member));
    return std::string(otherwise);
  }
  return json::scalar_text(value);
}

std::optional<bool> Reader::flag(const json::Value& object, std::string_view member,
                                 const std::string& pointer) {
  const auto& value = json::at(object, member);
  if (value.is_null()) return std::nullopt;
  auto text = lower(json::scalar_text(value));
  if (text == "true" || text == "false") return text == "true";
  diagnostics_.error(below(pointer, member), fmt::format("{} is true or false", member),
                     fmt::format("write {}: true, without quotes", member));
  return std::nullopt;
}

std::optional<std::int64_t> Reader::count(const json::Value& object, std::string_view member,
                                          const std::string& pointer) {
  const auto& value = json::at(object, member);
  if (value.is_null()) return std::nullopt;
  auto number = json::integer(value, -1);
  if (number >= 0) return number;
  diagnostics_.error(below(pointer, member), fmt::format("{} is a whole number", member),
                     fmt::format("write {}: 3, or another number from 0", member));
  return std::nullopt;
}

void Reader::only(const json::Value& object, const std::string& pointer, std::string_view what,
                  const std::vector<std::string>& known) {
  for (const auto& [key, value] : json::members(object)) {
    std::string name(key);
    if (std::ranges::find(known, name) != known.end()) continue;
    diagnostics_.error(below(pointer, name), fmt::format("{} is no property of {}", name, what),
                       did_you_mean(name, known, "remove it, or " + one_of(known)));
  }
}

Document Reader::read(std::string_view name, std::string_view source) {
  Document document;
  document.name_ = name;
  document.hash_ = to_hex(sha256(source));
  if (!root_.is_object()) {
    diagnostics_.error("", "a document is a map with schemaVersion and mainSteps",
                       "begin with schemaVersion: \"0.3\", and list the steps under mainSteps");
    return document;
  }
  only(root_, "", "a document",
       {"schemaVersion", "description", "assumeRole", "parameters", "variables", "mainSteps",
        "outputs", "files"});
  read_top(document);
  read_files(document);
  document.parameters_ = read_parameters(json::at(root_, "parameters"), "/parameters");
  document.variables_ = read_parameters(json::at(root_, "variables"), "/variables");
  const auto& steps = json::at(root_, "mainSteps");
  if (json::items(steps).empty()) {
    diagnostics_.error(steps.is_null() ? "" : "/mainSteps",
                       "mainSteps is a list with at least one step",
                       "write mainSteps: [{name: Ask, action: aws:executeAwsApi, inputs: {…}}]");
  }
  document.steps_ = read_steps(steps, "/mainSteps", 0);
  return document;
}

void Reader::read_top(Document& document) {
  auto version = text(root_, "schemaVersion", "");
  if (version != "0.3") {
    diagnostics_.error("/schemaVersion",
                       version.empty()
                           ? "schemaVersion is missing"
                           : fmt::format("the schemaVersion {} is no Automation document", version),
                       "write schemaVersion: \"0.3\"");
  }
  document.description_ = text(root_, "description", "");
  document.assume_role_ = text(root_, "assumeRole", "");
  const auto& outputs = json::at(root_, "outputs");
  if (!outputs.is_null() && !outputs.is_array()) {
    diagnostics_.error("/outputs", "outputs is a list of step.Output", "write outputs: [Step.Output]");
  }
  std::size_t index = 0;
  for (const auto& output : json::items(outputs)) {
    auto pointer = fmt::format("/outputs/{}", index++);
    if (!output.is_string()) {
      diagnostics_.error(pointer, "an output is written step.Output",
                         "name the step and its output, with a dot between");
    } else {
      auto found = references(output.get_string());
      document.outputs_.push_back(found.size() == 1 ? found[0].name : json::text(output));
    }
  }
}

void Reader::read_files(Document& document) {
  const auto& files = json::at(root_, "files");
  if (files.is_null()) return;
  if (!files.is_object()) return diagnostics_.error("/files", "files is a map by file name",
                                                     "write files: {name.py: {checksums: {sha256: …}}}");
  for (const auto& [name, value] : files.get_object()) {
    auto sum = json::text(json::at(value, {"checksums", "sha256"}));
    if (sum.empty()) {
      diagnostics_.warning(below("/files", name),
                           fmt::format("{} has no sha256 checksum", std::string_view(name)),
                           "add checksums: {sha256: …}, so that nothing else runs in its place");
    }
    document.files_[std::string(name)] = lower(sum);
  }
}

std::vector<Parameter> Reader::read_parameters(const json::Value& map, const std::string& pointer) {
  std::vector<Parameter> parameters;
  if (map.is_null()) return parameters;
  if (!map.is_object()) {
    diagnostics_.error(pointer, "a map by name is expected here", "write Name: {type: String}");
    return parameters;
  }
  if (map.get_object().size() > parameters_max) {
    diagnostics_.error(pointer, fmt::format("more than {} of them", parameters_max),
                       "hand over what belongs together in one StringMap");
  }
  for (const auto& [name, value] : map.get_object()) {
    auto place = below(pointer, name);
    if (!is_word(name)) {
      diagnostics_.error(place,
                         fmt::format("the name {} has other characters than letters and digits",
                                     std::string_view(name)),
                         "write it with letters and digits only, as BucketName");
    }
    if (!value.is_object()) {
      diagnostics_.error(place, fmt::format("{} needs a type", std::string_view(name)),
                         fmt::format("write {}: {{type: String}}, or another of {}",
                                     std::string_view(name), type_names()));
      continue;
    }
    parameters.push_back(read_parameter(name, value, place));
  }
  return parameters;
}

Parameter Reader::read_parameter(std::string_view name, const json::Value& value,
                                 const std::string& pointer) {
  only(value, pointer, "a parameter",
       {"type", "description", "default", "allowedValues", "allowedPattern", "minItems", "maxItems",
        "minChars", "maxChars", "displayType"});
  Parameter parameter{.name = std::string(name),
                      .type = text(value, "type", pointer),
                      .description = text(value, "description", pointer)};
  auto type = type_named(parameter.type);
  if (!type) {
    diagnostics_.error(below(pointer, "type"),
                       parameter.type.empty()
                           ? fmt::format("{} has no type", name)
                           : fmt::format("{} is no type of a parameter", parameter.type),
                       "write " + type_names());
    parameter.type = "String";
  }
  read_limits(parameter, value, pointer);
  const auto& otherwise = json::at(value, "default");
  if (!value.get_object().contains("default")) return parameter;
  parameter.otherwise = otherwise.is_null() ? json::Value("") : otherwise;
  if (!type || default_refers(parameter)) return parameter;
  auto read_default = runbook::read(*parameter.otherwise, *type);
  if (!read_default) {
    diagnostics_.error(below(pointer, "default"),
                       fmt::format("the default of {}: {}", name, read_default.error().message),
                       example_of(*type));
    parameter.otherwise.reset();
    return parameter;
  }
  if (!is(*parameter.otherwise, *type)) {
    diagnostics_.warning(
        below(pointer, "default"),
        fmt::format("the default of {} is written as another type than {}", name, parameter.type), example_of(*type));
  }
  auto fits = check_constraints(parameter, *read_default);
  if (!fits)
    diagnostics_.warning(below(pointer, "default"), "the default " + fits.error().message,
                         "change the default or what is allowed; as it is, each execution must give a value");
  return parameter;
}

void Reader::read_limits(Parameter& parameter, const json::Value& value,
                         const std::string& pointer) {
  parameter.items_min = count(value, "minItems", pointer);
  parameter.items_max = count(value, "maxItems", pointer);
  parameter.chars_min = count(value, "minChars", pointer);
  parameter.chars_max = count(value, "maxChars", pointer);
  parameter.allowed_pattern = text(value, "allowedPattern", pointer);
  if (auto pattern = check_pattern(parameter.allowed_pattern); !pattern) {
    diagnostics_.error(below(pointer, "allowedPattern"), pattern.error().message,
                       "close what is open and escape what is meant as it stands, as in ^[a-z0-9.\\-]{3,63}$");
    parameter.allowed_pattern.clear();
  }
  const auto& values = json::at(value, "allowedValues");
  if (values.is_null()) return;
  if (!values.is_array()) {
    return diagnostics_.error(below(pointer, "allowedValues"), "allowedValues is a list",
                              "write allowedValues: [a, b]");
  }
  parameter.allowed_values = values.get_array();
}

std::vector<Step> Reader::read_steps(const json::Value& list, const std::string& pointer,
                                     int depth) {
  std::vector<Step> steps;
  if (!list.is_array()) {
    if (!list.is_null())
      diagnostics_.error(pointer, "steps are a list", "begin each step with a dash: - name: Ask");
    return steps;
  }
  if (depth > nesting_max) {
    diagnostics_.error(pointer, fmt::format("loops nest at most {} deep", nesting_max),
                       "start another document from the loop, with aws:executeAutomation");
    return steps;
  }
  std::size_t index = 0;
  for (const auto& item : list.get_array()) {
    auto place = fmt::format("{}/{}", pointer, index++);
    if (++steps_ > steps_max) {
      diagnostics_.error(place, fmt::format("more than {} steps", steps_max),
                         "move some into a document of their own and start it with aws:executeAutomation");
      break;
    }
    if (!item.is_object()) {
      diagnostics_.error(place, "a step is a map with name, action and inputs",
                         "write - {name: Ask, action: aws:executeAwsApi, inputs: {…}}");
      continue;
    }
    steps.push_back(read_step(item, place, depth));
  }
  return steps;
}

Step Reader::read_step(const json::Value& value, const std::string& pointer, int depth) {
  only(value, pointer, "a step",
       {"name", "action", "description", "inputs", "outputs", "maxAttempts", "timeoutSeconds",
        "onFailure", "onCancel", "isCritical", "isEnd", "nextStep"});
  Step step;
  step.pointer = pointer;
  step.name = text(value, "name", pointer);
  step.action = text(value, "action", pointer);
  step.description = text(value, "description", pointer);
  if (!is_word(step.name)) {
    diagnostics_.error(below(pointer, "name"),
                       step.name.empty() ? "a step needs a name"
                                         : fmt::format("the step name {} has other characters than "
                                                       "letters, digits and _",
                                                       step.name),
                       "write name: " + word_of(step.name));
  }
  if (step.action.empty())
    diagnostics_.error(pointer, "a step needs an action", "write action: aws:executeAwsApi, or another action");
  const auto& inputs = json::at(value, "inputs");
  if (inputs.is_object()) {
    step.inputs = inputs.get_object();
  } else if (!inputs.is_null()) {
    diagnostics_.error(below(pointer, "inputs"), "inputs is a map", "write inputs: {Name: value}");
  }
  if (step.action == "aws:loop") {
    step.steps =
        read_steps(json::at(inputs, "Steps"), below(pointer, "inputs") + "/Steps", depth + 1);
    step.inputs.erase("Steps");
  }
  step.outputs = read_outputs(json::at(value, "outputs"), below(pointer, "outputs"));
  read_flow(step, value, pointer);
  return step;
}

void Reader::read_flow(Step& step, const json::Value& value, const std::string& pointer) {
  constexpr std::int64_t attempts_limit = 100;
  if (auto attempts = count(value, "maxAttempts", pointer)) {
    if (*attempts < 1 || *attempts > attempts_limit) {
      diagnostics_.error(below(pointer, "maxAttempts"),
                         fmt::format("maxAttempts lies between 1 and {}", attempts_limit), "write maxAttempts: 3");
    } else {
      step.attempts_max = static_cast<int>(*attempts);
    }
  }
  const auto& timeout = json::at(value, "timeoutSeconds");
  if (!timeout.is_null()) {
    const bool reference = timeout.is_string() && !references(timeout.get_string()).empty();
    if (!reference && json::integer(timeout, 0) < 1) {
      diagnostics_.error(below(pointer, "timeoutSeconds"),
                         "timeoutSeconds is a whole number above 0", "write timeoutSeconds: 600");
    } else {
      step.timeout_seconds = timeout;
    }
  }
  for (auto [member, place] :
       {std::pair{"onFailure", &step.on_failure}, std::pair{"onCancel", &step.on_cancel}}) {
    auto written = text(value, member, pointer, "Abort");
    auto colon = written.find(':');
    std::string_view word = trim(std::string_view(written).substr(0, colon));
    if (colon != std::string::npos && word == "step") {
      *place = fmt::format("step:{}", trim(std::string_view(written).substr(colon + 1)));
    } else if (word == "Abort" || (word == "Continue" && member == std::string_view("onFailure"))) {
      *place = word;
    } else {
      diagnostics_.error(below(pointer, member), fmt::format("{} cannot be {}", member, written),
                         member == std::string_view("onFailure")
                             ? "write Abort, Continue or step:<name>"
                             : "write Abort or step:<name>");
    }
  }
  step.critical = flag(value, "isCritical", pointer);
  step.end = flag(value, "isEnd", pointer).value_or(false);
  step.next = text(value, "nextStep", pointer);
}

std::vector<Output> Reader::read_outputs(const json::Value& list, const std::string& pointer) {
  std::vector<Output> outputs;
  if (list.is_null()) return outputs;
  if (!list.is_array()) {
    diagnostics_.error(pointer, "outputs is a list of {Name, Selector, Type}",
                       "write outputs: [{Name: Id, Selector: $.Id, Type: String}]");
    return outputs;
  }
  std::size_t index = 0;
  for (const auto& item : list.get_array()) {
    auto place = fmt::format("{}/{}", pointer, index++);
    if (!item.is_object()) {
      diagnostics_.error(place, "an output has Name, Selector and Type",
                         "write {Name: Id, Selector: $.Id, Type: String}");
      continue;
    }
    only(item, place, "an output", {"Name", "Selector", "Type"});
    Output output{.name = text(item, "Name", place),
                  .selector = text(item, "Selector", place),
                  .type = text(item, "Type", place, "String")};
    if (output.name.empty())
      diagnostics_.error(place, "an output needs a Name", "write Name: Id, which {{ Step.Id }} then refers to");
    if (!type_named(output.type)) {
      diagnostics_.error(below(place, "Type"),
                         fmt::format("{} is no type of an output", output.type),
                         "write " + type_names());
      output.type = "String";
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace aright::runbook
