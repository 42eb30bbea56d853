#include "remediation/handed_event.h"

#include <algorithm>
#include <array>

#include "base/id.h"
#include "base/text.h"
#include "bus/target.h"

namespace aright::remediation {

namespace {

constexpr int served = 200;
constexpr std::size_t error_message_bytes_max = 1'024;  // of a dead letter
constexpr int attempts_to_tell = 3;
constexpr std::string_view body_parameter = "{{ Body }}";

json::Value payload_said(const FunctionAnswer& answer) {
  auto value = json::parse(answer.payload);
  return value ? *std::move(value) : json::Value(nullptr);
}

// arn:aws:lambda:us-east-1:111122223333:function:name:version
std::string function_of(const HandedEvent& handed) {
  constexpr std::size_t name_part = 6;
  auto parts = split(handed.function_arn, ':');
  return parts.size() > name_part ? parts[name_part] : "";
}

std::string version_of(const HandedEvent& handed) {
  return handed.function_arn.substr(handed.function_arn.rfind(':') + 1);
}

json::Object record_of(const HandedEvent& handed, const std::string& condition, const json::Value& event,
                       const FunctionAnswer& answer, Timestamp now) {
  json::Object response{{"statusCode", served}, {"executedVersion", version_of(handed)}};
  if (!answer.good) response["functionError"] = answer.error;
  return {{"version", "1.0"},
          {"timestamp", now.iso()},
          {"requestContext", json::Object{{"requestId", uuid_from(handed.first)},
                                          {"functionArn", handed.function_arn},
                                          {"condition", condition},
                                          {"approximateInvokeCount", handed.attempts}}},
          {"requestPayload", event},
          {"responseContext", std::move(response)},
          {"responsePayload", payload_said(answer)}};
}

// The event as it came, and why it is there.
json::Object dead_letter_of(const HandedEvent& handed, const std::string& condition, const json::Value& event,
                            const FunctionAnswer& answer) {
  auto said = json::text(payload_said(answer), "errorMessage", "");
  return {{"Body", json::print(event)},
          {"RequestID", uuid_from(handed.first)},
          {"ErrorCode", std::to_string(served)},
          {"ErrorMessage", said.empty() ? condition : said.substr(0, error_message_bytes_max)}};
}

json::Object attributes() {
  json::Object out;
  for (auto [name, type] : {std::pair("RequestID", "String"), std::pair("ErrorCode", "Number"),
                            std::pair("ErrorMessage", "String")})
    out[name] = json::Object{{"DataType", type}, {"StringValue", fmt::format("{{{{ {} }}}}", name)}};
  return out;
}

json::Object step(const char* name, const char* action, json::Object inputs) {
  return {{"name", name}, {"action", action}, {"maxAttempts", attempts_to_tell}, {"inputs", std::move(inputs)}};
}

json::Object call(const char* name, const char* service, const char* operation, json::Object input) {
  json::Object inputs{{"Service", service}, {"Api", operation}};
  for (auto& [member, value] : input) inputs[member] = std::move(value);
  return step(name, "aws:executeAwsApi", std::move(inputs));
}

json::Array steps_to_queue(const bus::Arn& queue, bool with_attributes) {
  auto find = call("FindQueue", "sqs", "GetQueueUrl",
                   {{"QueueName", queue.name}, {"QueueOwnerAWSAccountId", queue.account}});
  find["outputs"] = json::Array{json::Object{{"Name", "Url"}, {"Selector", "$.QueueUrl"}, {"Type", "String"}}};
  json::Object message{{"QueueUrl", "{{ FindQueue.Url }}"}, {"MessageBody", body_parameter}};
  if (with_attributes) message["MessageAttributes"] = attributes();
  return {std::move(find), call("Tell", "sqs", "SendMessage", std::move(message))};
}

json::Array steps_to_topic(const std::string& topic, bool with_attributes) {
  json::Object message{{"TopicArn", topic}, {"Message", body_parameter}};
  if (with_attributes) message["MessageAttributes"] = attributes();
  return {call("Tell", "sns", "Publish", std::move(message))};
}

json::Array steps_to_bus(const std::string& bus, const HandedEvent& handed, bool good) {
  json::Object entry{{"Source", "lambda"},
                     {"DetailType", good ? "Lambda Function Invocation Result - Success"
                                         : "Lambda Function Invocation Result - Failure"},
                     {"Resources", json::Array{bus, handed.function_arn}},
                     {"EventBusName", bus},
                     {"Detail", body_parameter}};
  return {call("Tell", "events", "PutEvents", {{"Entries", json::Array{std::move(entry)}}})};
}

json::Array steps_to_function(const std::string& function) {
  return {step("Tell", "aws:invokeLambdaFunction",
               {{"FunctionName", function}, {"InvocationType", "Event"}, {"Payload", body_parameter}})};
}

json::Array steps_to(const Tidings& tidings, const bus::Arn& arn, const HandedEvent& handed) {
  bool dead = tidings.name == "DeadLetter";
  if (arn.service == "sqs") return steps_to_queue(arn, dead);
  if (arn.service == "sns") return steps_to_topic(tidings.to, dead);
  if (arn.service == "events") return steps_to_bus(tidings.to, handed, tidings.name == "OnSuccess");
  return steps_to_function(tidings.to);
}

}  // namespace

json::Object to_json(const HandedEvent& handed) {
  const auto& afterwards = handed.afterwards;
  json::Object out{{"function", handed.function_arn},
                   {"accepted_ms", handed.accepted.ms},
                   {"attempts", handed.attempts},
                   {"handed_on", handed.handed_on},
                   {"retries_max", afterwards.retries_max},
                   {"age_max_s", afterwards.age_max.count()}};
  for (auto [name, value] : {std::pair("first", &handed.first), std::pair("on_success", &afterwards.on_success),
                             std::pair("on_failure", &afterwards.on_failure),
                             std::pair("dead_letter", &afterwards.dead_letter)})
    if (!value->empty()) out[name] = *value;
  return out;
}

HandedEvent handed_event_from_json(const json::Value& value) {
  auto number = [&](const char* name) { return json::integer(json::at(value, name)); };
  HandedEvent out{.afterwards = {},
                  .function_arn = json::text(value, "function", ""),
                  .first = json::text(value, "first", ""),
                  .accepted = {number("accepted_ms")},
                  .attempts = static_cast<int>(number("attempts")),
                  .handed_on = static_cast<int>(number("handed_on"))};
  out.afterwards.retries_max = static_cast<int>(number("retries_max"));
  out.afterwards.age_max = seconds(number("age_max_s"));
  out.afterwards.on_success = json::text(value, "on_success", "");
  out.afterwards.on_failure = json::text(value, "on_failure", "");
  out.afterwards.dead_letter = json::text(value, "dead_letter", "");
  return out;
}

sandbox::Afterwards afterwards_of(const json::Value& invoke_config, const json::Value& configuration) {
  sandbox::Afterwards out;
  out.retries_max = static_cast<int>(json::integer(json::at(invoke_config, "MaximumRetryAttempts"), out.retries_max));
  out.age_max = seconds(json::integer(json::at(invoke_config, "MaximumEventAgeInSeconds"), out.age_max.count()));
  out.on_success = json::text(json::at(invoke_config, {"DestinationConfig", "OnSuccess", "Destination"}));
  out.on_failure = json::text(json::at(invoke_config, {"DestinationConfig", "OnFailure", "Destination"}));
  out.dead_letter = json::text(json::at(configuration, {"DeadLetterConfig", "TargetArn"}));
  return out;
}

FunctionAnswer function_answer(const json::Value& execution) {
  const auto& steps = json::items(json::at(execution, "StepExecutions"));
  const auto& step = steps.empty() ? json::Value() : steps.front();
  auto said = [&](const char* name) {
    auto texts = json::texts(json::at(json::at(step, "Outputs"), name));
    return texts.empty() ? std::string() : texts.front();
  };
  FunctionAnswer out{.good = json::text(execution, "AutomationExecutionStatus", "") == "Success",
                     .payload = said("Payload"), .error = said("FunctionError"), .log = said("LogResult")};
  if (out.good) return out;
  if (out.error.empty()) out.error = "Unhandled";
  if (out.payload.empty())
    out.payload = json::print(json::Object{{"errorMessage", json::text(step, "FailureMessage",
                                                                       json::text(execution, "FailureMessage", ""))}});
  return out;
}

std::variant<TryLater, Over> after_attempt(const HandedEvent& handed, bool good, bool stopped, Timestamp now) {
  const auto& afterwards = handed.afterwards;
  if (good) return Over{"Success"};
  if (stopped || handed.attempts > afterwards.retries_max) return Over{"RetriesExhausted"};
  auto due = now + retry_pause * handed.attempts;
  if (due > handed.accepted + afterwards.age_max) return Over{"EventAgeExceeded"};
  return TryLater{due};
}

std::vector<Tidings> tidings_of(const HandedEvent& handed, const std::string& condition, const json::Value& event,
                           const FunctionAnswer& answer, Timestamp now) {
  const auto& afterwards = handed.afterwards;
  const auto& destination = answer.good ? afterwards.on_success : afterwards.on_failure;
  std::vector<Tidings> out;
  if (!destination.empty())
    out.push_back({destination, answer.good ? "OnSuccess" : "OnFailure",
                   {{"Body", json::print(record_of(handed, condition, event, answer, now))}}});
  if (!answer.good && !afterwards.dead_letter.empty())
    out.push_back({afterwards.dead_letter, "DeadLetter", dead_letter_of(handed, condition, event, answer)});
  return out;
}

Result<Prepared> prepare_tidings(const Tidings& tidings, const HandedEvent& handed) {
  CHECK_OK(check_destination(tidings.to));
  auto arn = TRY(bus::read_arn(tidings.to));
  auto name = fmt::format("{}/{}", function_of(handed), tidings.name);
  json::Object parameters;
  for (const auto& [parameter, value] : tidings.parameters) parameters[parameter] = json::Object{{"type", "String"}};
  auto text = json::print(json::Object{{"schemaVersion", "0.3"},
                                       {"description", fmt::format("Tells {} how an event ended", tidings.to)},
                                       {"parameters", std::move(parameters)},
                                       {"mainSteps", steps_to(tidings, arn, handed)}});
  json::Object source{{"runbook", name}, {"text", std::move(text)}};
  auto document = TRY(load_source(source));
  return Prepared{.document = document, .parameters = tidings.parameters, .source = std::move(source),
                  .hash = document->hash(), .name = std::move(name)};
}

Result<> check_destination(const std::string& arn) {
  if (arn.empty()) return {};
  constexpr std::array told{"sqs", "sns", "lambda", "events"};
  auto read = bus::read_arn(arn);
  if (read && read->name.ends_with(".fifo"))
    return fail(Errc::unsupported, "{} is a FIFO queue or topic, which Lambda does not tell of events either", arn);
  if (read && std::ranges::find(told, read->service) != told.end()) return {};
  return fail(Errc::unsupported, "nothing here tells {} how an event ended: queues (SQS), topics (SNS), functions "
              "(Lambda) and event buses (EventBridge) are told", arn);
}

Result<> check_dead_letter(const std::string& arn) {
  CHECK_OK(check_destination(arn));
  auto read = bus::read_arn(arn);
  if (arn.empty() || (read && (read->service == "sqs" || read->service == "sns"))) return {};
  return fail(Errc::unsupported, "{} is neither a queue (SQS) nor a topic (SNS): nothing else takes dead letters", arn);
}

}  // namespace aright::remediation
