// Lambda's Invoke of a function that was put here: an execution like any other, whose calls go through the gateway and
// are on the ledger.

#include "aws/client.h"
#include "base/digest.h"
#include "base/id.h"
#include "remediation/bare_event.h"
#include "remediation/projection.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

constexpr milliseconds look_pause{50};  // until another look whether it has ended
constexpr std::string_view latest = "$LATEST";
constexpr int accepted = 202, dry_run = 204;

bool has_ended(const std::string& status) {
  return status != "Pending" && status != "InProgress" && status != "Waiting";
}

json::Object answer_of(const json::Value& execution, const std::string& version, bool tail) {
  auto said = remediation::function_answer(execution);
  json::Object out{{"StatusCode", 200}, {"ExecutedVersion", version}, {"Payload", to_base64(said.payload)}};
  if (tail) out["LogResult"] = to_base64(said.log);
  if (!said.good) out["FunctionError"] = said.error;
  return out;
}

}  // namespace

AskedFunction function_asked(const json::Object& input) {
  constexpr std::string_view mark = ":function:";
  auto name = json::text(input, "FunctionName");
  if (auto at = name.find(mark); at != std::string::npos) name = name.substr(at + mark.size());
  auto colon = name.find(':');
  auto qualifier = json::text(input, "Qualifier");
  if (qualifier.empty() && colon != std::string::npos) qualifier = name.substr(colon + 1);
  return {.name = name.substr(0, colon), .qualifier = std::move(qualifier)};
}

AwsAnswer invoke_function(const AwsTurn& turn) {
  auto asked = function_asked(turn.call.input);
  auto version = asked.qualifier.empty() ? std::string(latest) : asked.qualifier;
  auto name = version == latest ? asked.name : asked.name + ":" + version;
  if (!turn.engine.library().function(name))
    return refuse("ResourceNotFoundException",
                  fmt::format("Function not found: arn:{}:lambda:{}:{}:function:{}",
                              aws::partition_of(turn.call.region), turn.call.region, turn.signer.account, name), 404);
  auto payload = from_base64(turn.text("Payload"));
  auto event = payload && !payload->empty() ? json::parse(*payload) : Result<json::Value>(json::Object());
  if (!payload || !event)
    return refuse("InvalidRequestContentException", "Could not parse request body into json: " +
                                                        (payload ? event.error() : payload.error()).message);
  auto type = turn.text("InvocationType");
  if (type == "DryRun") return json::Object{{"StatusCode", dry_run}, {"ExecutedVersion", version}};
  bool tail = turn.text("LogType") == "Tail";
  auto given = remediation::as_object(std::move(*event));
  if (type == "Event") {
    TRY(turn.engine.hand_event(name, given, turn.signer.account, turn.call.region, turn.actor(), turn.context));
    return json::Object{{"StatusCode", accepted}};
  }
  auto id = TRY(turn.engine.start_function(name, given, turn.signer.account, turn.call.region, turn.actor(),
                                           turn.context));
  while (true) {
    auto execution = TRY(turn.engine.executor().describe(id));
    if (has_ended(json::text(execution, "AutomationExecutionStatus", ""))) return answer_of(execution, version, tail);
    if (!turn.context.sleep(look_pause))
      return fail({.code = Errc::deadline, .message = fmt::format("{} goes on as {}", name, uuid_from(id.str())),
                   .wire_code = "ServiceException", .http_status = 500});
  }
}

}  // namespace aright::server
