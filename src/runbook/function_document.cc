// Documents of one step that nobody wrote: a function as a remediation, and a runbook for many targets.

#include "base/digest.h"
#include "runbook/document_reader.h"
#include "runbook/machine.h"

namespace aright::runbook {

// The payload is a parameter, so that nothing in it is read as a reference; of a type that no author can write, so that
// its default is not either.
Document function_document(std::string_view function, const json::Value& payload) {
  Step step{.name = "Invoke", .action = "aws:invokeLambdaFunction", .end = true};
  step.inputs = {{"FunctionName", function},
                 {"InvocationType", "RequestResponse"},
                 {"LogType", "Tail"},
                 {"Payload", "{{ Payload }}"}};
  step.pointer = "/mainSteps/0";
  Parameter parameter{
      .name = "Payload", .type = "Text", .otherwise = json::Value(json::print(payload))};
  return Reader::assemble(function, {std::move(parameter)}, {std::move(step)}, {"Invoke.Payload"});
}

std::string for_each_document(std::string_view document, const json::Object& for_each) {
  auto whole = fmt::format("{{{{ {} }}}}", for_each_parameter);
  json::Object inputs{{"DocumentName", document}, {"RuntimeParameters", whole}};
  for (auto name : for_each_members)
    if (const auto& given = json::at(for_each, name); !given.is_null()) inputs[name] = given;
  json::Object step{{"name", "ForEach"}, {"action", "aws:executeAutomation"}, {"isEnd", true}, {"inputs", inputs}};
  json::Object parameter{{"type", "StringMap"}, {"default", json::Object()}};
  return json::print({{"schemaVersion", "0.3"},
                      {"description", fmt::format("Runs {} for each target", document)},
                      {"parameters", json::Object{{for_each_parameter, parameter}}},
                      {"mainSteps", json::Array{step}},
                      {"outputs", json::Array{"ForEach.Output"}}});
}

Document Reader::assemble(std::string_view name, std::vector<Parameter> parameters,
                          std::vector<Step> steps, std::vector<std::string> outputs) {
  Document document;
  document.name_ = name;
  document.description_ = fmt::format("Runs the function {}", name);
  document.hash_ =
      to_hex(sha256(fmt::format("{}\n{}", name, json::print(*parameters[0].otherwise))));
  document.parameters_ = std::move(parameters);
  document.steps_ = std::move(steps);
  document.outputs_ = std::move(outputs);
  return document;
}

}  // namespace aright::runbook
