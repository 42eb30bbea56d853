// What runs elsewhere and answers once: aws:executeScript, aws:executeAutomation, aws:invokeWebhook,
// aws:invokeLambdaFunction.

#include <algorithm>
#include <iterator>

#include "base/digest.h"
#include "runbook/action.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

class ExecuteScript final : public Action {
 public:
  Move begin(const Scene& scene) override {
    RunScript script;
    script.runtime = json::text(scene.inputs, "Runtime");
    script.handler = json::text(scene.inputs, "Handler");
    script.script = json::text(scene.inputs, "Script");
    script.attachment = json::text(scene.inputs, "Attachment");
    const auto& payload = json::at(scene.inputs, "InputPayload");
    script.payload = payload.is_null() ? json::Value(json::Object()) : payload;
    if (script.script.empty() == script.attachment.empty()) {
      return bad_input("a script step has either a Script or an Attachment");
    }
    return after(std::move(script), [](const Scene&, const json::Value& output) -> Move {
      json::Object outputs{{"OutputPayload", output}};
      const auto& payload = json::at(output, "Payload");
      if (!payload.is_null()) outputs["Payload"] = payload;
      return Done{.outputs = std::move(outputs), .answer = output};
    });
  }
};

class ExecuteAutomation final : public Action {
 public:
  Move begin(const Scene& scene) override {
    StartChild child;
    child.document = json::text(scene.inputs, "DocumentName");
    child.version = json::text(scene.inputs, "DocumentVersion");
    const auto& parameters = json::at(scene.inputs, "RuntimeParameters");
    if (!parameters.is_null() && !parameters.is_object())
      return bad_input("RuntimeParameters is a map");
    child.parameters = json::members(parameters);
    child.target_locations = json::items(json::at(scene.inputs, "TargetLocations"));
    for (const char* name :
         {"Tags", "TargetParameterName", "Targets", "TargetMaps", "MaxConcurrency", "MaxErrors"}) {
      if (scene.inputs.contains(name)) child.options[name] = json::at(scene.inputs, name);
    }
    child.timeout = scene.deadline - scene.now;
    if (child.document.empty()) return bad_input("DocumentName is empty");
    return after(std::move(child),
                 [](const Scene&, const json::Value& output) { return ended(output); });
  }

 private:
  // A StringList, of whatever form the child's outputs have.
  static json::Array listed(const json::Value& outputs) {
    json::Array list;
    for (const auto& [key, value] : json::members(outputs))
      std::ranges::copy(wire_texts(value), std::back_inserter(list));
    if (!outputs.is_object() && !outputs.is_null()) return wire_texts(outputs);
    return list;
  }

  static Move ended(const json::Value& output) {
    auto status = json::text(json::at(output, "Status"));
    json::Object outputs{{"ExecutionId", json::text(json::at(output, "ExecutionId"))},
                         {"Status", status},
                         {"Output", listed(json::at(output, "Output"))}};
    if (status == "Success") return Done{.outputs = std::move(outputs), .answer = output};
    return Fault{
        .message = fmt::format("the execution {} ended {}: {}", json::text(outputs, "ExecutionId"),
                               status, json::text(json::at(output, "FailureMessage"))),
        .timed_out = status == "TimedOut"};
  }
};

class InvokeWebhook final : public Action {
 public:
  Move begin(const Scene& scene) override {
    PostWebhook post;
    post.integration = json::text(scene.inputs, "IntegrationName");
    post.body = json::scalar_text(json::at(scene.inputs, "Body"));
    return after(std::move(post), [](const Scene&, const json::Value& output) -> Move {
      return Done{.outputs = {{"Response", json::at(output, "Response")},
                              {"ResponseCode", json::at(output, "ResponseCode")}},
                  .answer = output,
                  .response_code = json::scalar_text(json::at(output, "ResponseCode"))};
    });
  }
};

class InvokeLambda final : public Action {
 public:
  Move begin(const Scene& scene) override {
    json::Object request;
    for (const char* name :
         {"FunctionName", "Qualifier", "InvocationType", "LogType", "ClientContext"}) {
      if (scene.inputs.contains(name)) request[name] = json::at(scene.inputs, name);
    }
    const auto& payload = json::at(scene.inputs, "Payload");
    const auto& structured = json::at(scene.inputs, "InputPayload");
    // A text is the payload as it stands; a map is its JSON.
    std::string body;
    if (!payload.is_null()) body = json::scalar_text(payload);
    if (!structured.is_null()) body = json::print(structured);
    if (!body.empty()) request["Payload"] = to_base64(body);
    Move move = call("lambda", "Invoke", std::move(request),
                     [](const Scene&, const json::Value& output) { return answered(output); });
    std::get<CallAws>(move).timeout = scene.deadline - scene.now;
    return move;
  }

 private:
  static Move answered(const json::Value& output) {
    auto bytes = from_base64(json::text(json::at(output, "Payload")));
    auto payload = bytes.value_or("");
    auto code = json::scalar_text(json::at(output, "StatusCode"));
    auto error = json::text(json::at(output, "FunctionError"));
    if (!error.empty()) {
      return Fault{.message = fmt::format("the function failed ({}): {}", error,
                                          payload.substr(0, shown_max))};
    }
    json::Object outputs{{"StatusCode", code}, {"Payload", payload}};
    auto log = from_base64(json::text(json::at(output, "LogResult"))).value_or("");
    if (!log.empty()) outputs["LogResult"] = log;
    // Selectors look into the payload itself, and into the response around it.
    json::Object answer = outputs;
    if (auto parsed = json::parse(payload)) {
      answer["Payload"] = *parsed;
      for (const auto& [key, value] : json::members(*parsed))
        answer.insert_or_assign(key, value);
    }
    return Done{.outputs = std::move(outputs), .answer = std::move(answer), .response_code = code};
  }

  static constexpr std::size_t shown_max = 2'000;
};

}  // namespace

std::unique_ptr<Action> make_execute_script() {
  return std::make_unique<ExecuteScript>();
}
std::unique_ptr<Action> make_execute_automation() {
  return std::make_unique<ExecuteAutomation>();
}
std::unique_ptr<Action> make_invoke_webhook() {
  return std::make_unique<InvokeWebhook>();
}
std::unique_ptr<Action> make_invoke_lambda() {
  return std::make_unique<InvokeLambda>();
}

}  // namespace aright::runbook
