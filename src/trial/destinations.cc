#include "trial/destinations.h"

#include "base/digest.h"
#include "base/text.h"

namespace aright::trial {

namespace {

constexpr std::size_t error_message_bytes_max = 1'024;
constexpr std::size_t service_part = 2, region_part = 3, account_part = 4, name_part = 5;

json::Value payload_of(const Ending& ending) {
  auto text = from_base64(json::text(ending.answer, "Payload"));
  auto value = text ? json::parse(*text) : std::unexpected(text.error());
  return value ? std::move(*value) : json::Value(nullptr);
}

json::Object record_of(const sandbox::Invocation& invocation, const Ending& ending, Timestamp now) {
  json::Object record{{"version", "1.0"},
                      {"timestamp", now.iso()},
                      {"requestContext",
                       {{"requestId", invocation.request_id},
                        {"functionArn", invocation.arn + ":$LATEST"},
                        {"condition", ending.condition},
                        {"approximateInvokeCount", ending.attempts}}},
                      {"requestPayload", invocation.event}};
  if (ending.answer.empty()) return record;
  json::Object response{{"statusCode", json::at(ending.answer, "StatusCode")}, {"executedVersion", "$LATEST"}};
  if (const auto& error = json::at(ending.answer, "FunctionError"); !error.is_null()) response["functionError"] = error;
  record["responseContext"] = std::move(response);
  record["responsePayload"] = payload_of(ending);
  return record;
}

json::Object text_attribute(std::string value) {
  return {{"DataType", "String"}, {"StringValue", std::move(value)}};
}

json::Object number_attribute(int value) {
  return {{"DataType", "Number"}, {"StringValue", std::to_string(value)}};
}

struct Message {
  std::string body;
  json::Object attributes;  // of SQS and SNS
};

// What delivers the message; the queue's URL is still to be found.
std::optional<aws::Call> call_to(const std::string& target, const Message& message) {
  auto arn = split(target, ':');  // arn:aws:sqs:us-east-1:111122223333:name
  if (arn.size() <= name_part) return std::nullopt;
  aws::Call call{.service = arn[service_part], .region = arn[region_part], .account = arn[account_part]};
  if (call.service == "sqs") {
    call.operation = "SendMessage";
    call.input = {{"QueueUrl", ""}, {"MessageBody", message.body}};
  } else if (call.service == "sns") {
    call.operation = "Publish";
    call.input = {{"TopicArn", target}, {"Message", message.body}};
  } else if (call.service == "lambda") {
    call.operation = "Invoke";
    call.input = {{"FunctionName", target}, {"InvocationType", "Event"}, {"Payload", to_base64(message.body)}};
    return call;
  } else {
    return std::nullopt;
  }
  if (!message.attributes.empty()) call.input["MessageAttributes"] = message.attributes;
  return call;
}

void deliver(const std::string& target, const Message& message, const Doors& doors, const Context& context) {
  auto call = call_to(target, message);
  if (!call) return;
  if (call->service == "sqs") {
    aws::Call find{.service = "sqs", .operation = "GetQueueUrl", .region = call->region, .account = call->account};
    find.input = {{"QueueName", split(target, ':')[name_part]}, {"QueueOwnerAWSAccountId", call->account}};
    auto found = doors.lambda.call(find, context);
    if (!found) return;
    call->input["QueueUrl"] = json::at(*found, "QueueUrl");
  }
  (void)doors.function.call(*call, context);
}

aws::Call event_to(const std::string& bus, const sandbox::Invocation& invocation, const Ending& ending,
                   const json::Object& record) {
  auto arn = split(bus, ':');
  auto result = ending.condition == "Success" ? "Success" : "Failure";
  json::Object event{{"Source", "lambda"},
                     {"DetailType", fmt::format("Lambda Function Invocation Result - {}", result)},
                     {"Resources", json::Array{bus, invocation.arn + ":$LATEST"}},
                     {"EventBusName", bus},
                     {"Detail", json::print(record)}};
  return {.service = "events",
          .operation = "PutEvents",
          .region = arn[region_part],
          .account = arn[account_part],
          .input = {{"Entries", json::Array{std::move(event)}}}};
}

void tell_destination(const std::string& target, const sandbox::Invocation& invocation, const Ending& ending,
                      Timestamp now, const Doors& doors, const Context& context) {
  auto record = record_of(invocation, ending, now);
  auto arn = split(target, ':');
  if (arn.size() > name_part && arn[service_part] == "events")
    (void)doors.function.call(event_to(target, invocation, ending, record), context);
  else
    deliver(target, {json::print(record), {}}, doors, context);
}

// The event as it came, and why it is here.
Message dead_letter_of(const sandbox::Invocation& invocation, const Ending& ending) {
  auto said = json::text(payload_of(ending), "errorMessage", "");
  json::Object attributes{{"RequestID", text_attribute(invocation.request_id)},
                          {"ErrorCode", number_attribute(static_cast<int>(
                                            json::integer(json::at(ending.answer, "StatusCode"), too_many_status)))},
                          {"ErrorMessage", text_attribute(said.empty() ? ending.condition
                                                                       : said.substr(0, error_message_bytes_max))}};
  return {.body = json::print(invocation.event), .attributes = std::move(attributes)};
}

}  // namespace

void tell_ending(const sandbox::Invocation& invocation, const Ending& ending, Timestamp now, const Doors& doors,
                 const Context& context) {
  const auto& afterwards = invocation.afterwards;
  bool good = ending.condition == "Success";
  const auto& destination = good ? afterwards.on_success : afterwards.on_failure;
  if (!destination.empty()) tell_destination(destination, invocation, ending, now, doors, context);
  if (!good && !afterwards.dead_letter.empty())
    deliver(afterwards.dead_letter, dead_letter_of(invocation, ending), doors, context);
}

}  // namespace aright::trial
