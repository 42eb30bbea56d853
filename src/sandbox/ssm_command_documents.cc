// Documents of the type Command: AWS-RunShellScript and those that were created here, as the steps that an
// instance has to do.
#include <algorithm>

#include "json/yaml.h"
#include "sandbox/emulate.h"
#include "sandbox/ssm.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view run_shell_script = R"(
schemaVersion: "1.2"
description: Run a shell script or specify the commands to run.
parameters:
  commands: {type: StringList}
  workingDirectory: {type: String, default: ""}
  executionTimeout: {type: String, default: "3600"}
runtimeConfig:
  aws:runShellScript:
    properties:
      - id: 0.aws:runShellScript
        runCommand: "{{ commands }}"
        workingDirectory: "{{ workingDirectory }}"
        timeoutSeconds: "{{ executionTimeout }}"
)";
constexpr std::int64_t step_timeout_s_min = 1, step_timeout_s_max = 172'800, step_timeout_s = 3'600;

std::unexpected<Error> not_run(const std::string& what) {
  constexpr int not_implemented = 501;
  return fail(service_error("NotImplemented", not_implemented, what));
}

std::unexpected<Error> wrong(const Scene& scene, std::string message) {
  return fail(scene.error("InvalidParameters", message));
}

json::Array values_of(const json::Value& value) {
  if (value.is_array()) return value.get_array();
  return {json::Value(json::scalar_text(value))};
}

// Each parameter given is declared and has allowed values; each declared one is given or has a default.
Result<json::Object> parameters_of(const Scene& scene, const json::Object& declared) {
  const auto& given = json::members(scene.input("Parameters"));
  for (const auto& [name, values] : given) {
    if (!declared.contains(name))
      return wrong(scene, fmt::format("Parameter {} is not declared by the document.", std::string_view(name)));
    const auto& allowed = json::items(json::at(declared.at(name), "allowedValues"));
    for (const auto& value : json::items(values))
      if (!allowed.empty() && std::ranges::find(allowed, value) == allowed.end())
        return wrong(scene, fmt::format("Parameter {} has a value that is not allowed.", std::string_view(name)));
  }
  json::Object out;
  for (const auto& [name, about] : declared) {
    bool list = json::text(about, "type", "") == "StringList";
    if (!given.contains(name) && json::at(about, "default").is_null())
      return wrong(scene, fmt::format("Parameter {} is required.", std::string_view(name)));
    auto values = given.contains(name) ? json::items(given.at(name)) : values_of(json::at(about, "default"));
    out[name] = list ? json::Value(std::move(values)) : values.empty() ? json::Value("") : values.front();
  }
  return out;
}

// The name within {{ }} that begins at `from`, and where the text goes on; nothing where that is no parameter.
struct Reference {
  std::string name;
  std::size_t begin, end;
};
std::optional<Reference> next_place(const std::string& text, std::size_t from) {
  auto begin = text.find("{{", from);
  if (begin == std::string::npos) return std::nullopt;
  auto end = text.find("}}", begin);
  if (end == std::string::npos) return std::nullopt;
  auto name = text.substr(begin + 2, end - begin - 2);
  std::erase(name, ' ');
  return Reference{std::move(name), begin, end + 2};
}

std::string with_parameters(const std::string& text, const json::Object& parameters) {
  std::string out;
  std::size_t at = 0;
  for (auto place = next_place(text, 0); place; place = next_place(text, at)) {
    out += text.substr(at, place->begin - at);
    const auto& value = json::at(parameters, place->name);
    out += value.is_null() ? text.substr(place->begin, place->end - place->begin) : json::scalar_text(value);
    at = place->end;
  }
  return out + text.substr(at);
}

// Lines; one that is a list parameter and nothing else is all of its lines.
std::vector<std::string> lines_of(const json::Value& said, const json::Object& parameters) {
  std::vector<std::string> out;
  for (const auto& line : values_of(said)) {
    auto text = json::scalar_text(line);
    auto place = next_place(text, 0);
    bool whole = place && place->begin == 0 && place->end == text.size();
    if (whole && json::at(parameters, place->name).is_array()) {
      for (const auto& one : json::texts(json::at(parameters, place->name)))
        out.push_back(one);
      continue;
    }
    out.push_back(with_parameters(text, parameters));
  }
  return out;
}

Result<CommandStep> step_of(const Scene& scene, std::string name, const json::Value& inputs,
                            const json::Object& parameters) {
  CommandStep step{
      .name = std::move(name),
      .script = fmt::format("{}\n", fmt::join(lines_of(json::at(inputs, "runCommand"), parameters), "\n"))};
  step.directory = with_parameters(json::scalar_text(json::at(inputs, "workingDirectory")), parameters);
  auto timeout = with_parameters(json::scalar_text(json::at(inputs, "timeoutSeconds")), parameters);
  auto count = timeout.empty() ? step_timeout_s : json::integer(json::Value(timeout));
  if (count < step_timeout_s_min || count > step_timeout_s_max)
    return wrong(scene, fmt::format("The execution timeout must be between {} and {} seconds, and not {}.",
                                    step_timeout_s_min, step_timeout_s_max, timeout));
  step.timeout = seconds(count);
  return step;
}

// {StringEquals: [platformType, Linux]}, either way round; a text with a reference is not judged.
bool fits_linux(const json::Value& precondition) {
  const auto& pair = json::items(json::at(precondition, "StringEquals"));
  if (pair.size() != 2) return true;
  auto left = json::text(pair[0]), right = json::text(pair[1]);
  if (left == "platformType") return right == "Linux";
  return right != "platformType" || left == "Linux";
}

// Schema 2.2: mainSteps, each with a plugin.
Result<std::vector<CommandStep>> main_steps(const Scene& scene, const json::Value& body,
                                            const json::Object& parameters) {
  std::vector<CommandStep> out;
  for (const auto& said : json::items(json::at(body, "mainSteps"))) {
    auto action = json::text(said, "action", ""), name = json::text(said, "name", "");
    if (!fits_linux(json::at(said, "precondition"))) {
      out.push_back({.name = name,
                     .script = "",
                     .directory = "",
                     .skipped = "Step execution skipped due to unsatisfied preconditions: platformType"});
      continue;
    }
    if (action != "aws:runShellScript") return not_run(fmt::format("step {}: {} is not run here", name, action));
    auto step = TRY(step_of(scene, name, json::at(said, "inputs"), parameters));
    auto on_failure = json::text(json::at(said, "inputs"), "onFailure", json::text(said, "onFailure", ""));
    step.exits_on_failure = on_failure == "exit" || on_failure == "successAndExit";
    out.push_back(std::move(step));
  }
  return out;
}

// Schema 1.2: runtimeConfig, a list of properties for each plugin.
Result<std::vector<CommandStep>> runtime_steps(const Scene& scene, const json::Value& body,
                                               const json::Object& parameters) {
  std::vector<CommandStep> out;
  for (const auto& [plugin, about] : json::members(json::at(body, "runtimeConfig"))) {
    if (plugin != "aws:runShellScript")
      return not_run(fmt::format("{} is not run here", std::string_view(plugin)));
    for (const auto& property : json::items(json::at(about, "properties")))
      out.push_back(TRY(step_of(scene, std::string(plugin), property, parameters)));
  }
  return out;
}

}  // namespace

Result<CommandDocument> command_document(Scene& scene) {
  auto name = scene.text("DocumentName");
  if (name == "AWS-RunShellScript") {
    auto document = TRY(json::parse_yaml(run_shell_script));
    return CommandDocument{.version = "1", .body = std::move(document.value)};
  }
  if (name == "AWS-RunPowerShellScript")
    return not_run(
        "AWS-RunPowerShellScript is not run here: instances of the emulated cloud have a shell and no PowerShell; "
        "use AWS-RunShellScript");
  if (name.starts_with("AWS-") || name.starts_with("AmazonCloudWatch-"))
    return not_run(
        fmt::format("{} is not emulated; AWS-RunShellScript is, and documents that are created here", name));
  return stored_command_document(scene);
}

Result<std::vector<CommandStep>> command_steps(Scene& scene, const json::Value& body) {
  auto parameters = TRY(parameters_of(scene, json::members(json::at(body, "parameters"))));
  bool first_schema = !json::at(body, "runtimeConfig").is_null();
  return first_schema ? runtime_steps(scene, body, parameters) : main_steps(scene, body, parameters);
}

}  // namespace aright::sandbox
