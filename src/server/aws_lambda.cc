// Lambda's Invoke of a function that was put here: an execution like any other, whose calls go through the gateway and
// are on the ledger.

#include "base/digest.h"
#include "base/id.h"
#include "remediation/projection.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

constexpr milliseconds look_pause{50};  // until another look whether it has ended
constexpr int accepted = 202, dry_run = 204;

bool has_ended(const std::string& status) {
  return status != "Pending" && status != "InProgress" && status != "Waiting";
}

std::string first(const json::Value& outputs, std::string_view name) {
  auto texts = json::texts(json::at(outputs, name));
  return texts.empty() ? "" : texts.front();
}

// What the one step said; a step that failed without a word of the function is the function's failure as well.
json::Object answer_of(const json::Value& execution) {
  const auto& steps = json::items(json::at(execution, "StepExecutions"));
  const auto& step = steps.empty() ? json::Value() : steps.front();
  const auto& outputs = json::at(step, "Outputs");
  auto payload = first(outputs, "Payload"), error = first(outputs, "FunctionError");
  bool failed = json::text(execution, "AutomationExecutionStatus", "") != "Success";
  if (failed && payload.empty())
    payload = json::print(json::Object{{"errorMessage", json::text(step, "FailureMessage",
                                                                   json::text(execution, "FailureMessage", ""))}});
  json::Object out{{"StatusCode", 200}, {"ExecutedVersion", "$LATEST"}, {"Payload", to_base64(payload)}};
  if (failed) out["FunctionError"] = error.empty() ? "Unhandled" : error;
  return out;
}

}  // namespace

AwsAnswer invoke_function(const AwsTurn& turn) {
  auto name = turn.text("FunctionName");  // or an ARN that ends with it
  if (auto at = name.find(":function:"); at != std::string::npos) name = name.substr(at + 10);
  if (!turn.engine.library().function(name))
    return refuse("ResourceNotFoundException", "Function not found: " + name, 404);
  auto payload = from_base64(turn.text("Payload"));
  auto event = payload && !payload->empty() ? json::parse(*payload) : Result<json::Value>(json::Object());
  if (!payload || !event || !event->is_object())
    return refuse("InvalidRequestContentException", "Could not parse request body into json: an object is expected");
  auto type = turn.text("InvocationType");
  if (type == "DryRun") return json::Object{{"StatusCode", dry_run}};
  auto id = TRY(turn.engine.start_function(name, event->get_object(), turn.signer.account, turn.call.region,
                                           turn.actor(), turn.context));
  if (type == "Event") return json::Object{{"StatusCode", accepted}};
  while (true) {
    auto execution = TRY(turn.engine.executor().describe(id));
    if (has_ended(json::text(execution, "AutomationExecutionStatus", ""))) return answer_of(execution);
    if (!turn.context.sleep(look_pause))
      return fail({.code = Errc::deadline, .message = fmt::format("{} goes on as {}", name, uuid_from(id.str())),
                   .wire_code = "ServiceException", .http_status = 500});
  }
}

}  // namespace aright::server
