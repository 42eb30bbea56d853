// What runs elsewhere and answers once: aws:executeScript, aws:invokeWebhook, aws:invokeLambdaFunction.

#include "base/digest.h"
#include "runbook/action.h"

namespace aright::runbook {

namespace {

constexpr std::size_t result_bytes_max = 100'000;  // of a script: Systems Manager's own limit

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
    if (script.script.empty() && script.attachment.empty())
      return bad_input("a script step has a Script, an Attachment or both");
    return after(std::move(script), [](const Scene&, const json::Value& output) -> Move {
      json::Object outputs{{"OutputPayload", output}};
      const auto& payload = json::at(output, "Payload");
      if (auto bytes = json::print(payload).size(); bytes > result_bytes_max)
        return Fault{
            .message = fmt::format(
                "the script returned {} bytes, and a result has {} at most: return what the "
                "next steps need, and put the rest into S3",
                bytes, result_bytes_max)};
      if (!payload.is_null()) outputs["Payload"] = payload;
      return Done{.outputs = std::move(outputs), .answer = output};
    });
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
                     [this](const Scene&, const json::Value& output) { return answered(output); });
    std::get<CallAws>(move).timeout = scene.deadline - scene.now;
    return move;
  }
  // Of a function that failed: what it said, as far as its log was asked for.
  json::Object outputs() const override { return failed_; }

 private:
  Move answered(const json::Value& output) {
    auto bytes = from_base64(json::text(json::at(output, "Payload")));
    auto payload = bytes.value_or("");
    auto code = json::scalar_text(json::at(output, "StatusCode"));
    auto error = json::text(json::at(output, "FunctionError"));
    auto log = from_base64(json::text(json::at(output, "LogResult"))).value_or("");
    if (!error.empty()) {
      if (!log.empty()) failed_ = {{"FunctionError", error}, {"Payload", payload}, {"LogResult", log}};
      return Fault{.message = fmt::format("the function failed ({}): {}", error,
                                          payload.substr(0, shown_max))};
    }
    json::Object outputs{{"StatusCode", code}, {"Payload", payload}};
    if (!log.empty()) outputs["LogResult"] = log;
    // Selectors look into the payload itself, and into the response around it.
    json::Object answer = outputs;
    if (auto parsed = json::parse(payload)) {
      answer["Payload"] = *parsed;
      for (const auto& [key, value] : json::members(*parsed))
        answer.insert_or_assign(key, value);
    }
    outputs["OutputPayload"] = answer;
    return Done{.outputs = std::move(outputs), .answer = std::move(answer), .response_code = code};
  }

  static constexpr std::size_t shown_max = 2'000;
  json::Object failed_;
};

}  // namespace

std::unique_ptr<Action> make_execute_script() {
  return std::make_unique<ExecuteScript>();
}
std::unique_ptr<Action> make_invoke_webhook() {
  return std::make_unique<InvokeWebhook>();
}
std::unique_ptr<Action> make_invoke_lambda() {
  return std::make_unique<InvokeLambda>();
}

}  // namespace aright::runbook
