#include "notify/carrier.h"

#include <algorithm>

#include "base/digest.h"

namespace aright::notify {

using Kind = bus::Target::Kind;

struct Carrier::Message {
  std::string id, queue, body;
  std::map<std::string, std::string> attributes = {};
  std::string group = {};
};

Result<> Carrier::deliver(const bus::Delivery& delivery, const Context& context) {
  auto limited = context.at_most(delivery_timeout);
  switch (delivery.target.kind) {
    case Kind::queue:
      return send({.id = delivery.id,
                   .queue = delivery.target.arn,
                   .body = delivery.input,
                   .group = delivery.target.message_group},
                  limited);
    case Kind::topic:
      return publish(delivery, limited);
    case Kind::webhook:
      return post(delivery, limited);
    case Kind::remote_bus:
      return put_event(delivery, limited);
    case Kind::bus:
      return hand_on(delivery);
    case Kind::control:
    case Kind::channel:
    case Kind::runbook:
    case Kind::function:
      break;
  }
  return fail(Errc::unsupported, "a target of the kind of {} is not sent to", delivery.target.arn);
}

Result<> Carrier::deliver(const bus::DeadLetter& letter, const Context& context) {
  return send({.id = letter.id, .queue = letter.queue, .body = letter.body, .attributes = letter.attributes},
              context.at_most(delivery_timeout));
}

Result<std::string> Carrier::queue_url(const bus::Arn& queue, const Context& context) {
  auto key = fmt::format("{}/{}/{}", queue.region, queue.account, queue.name);
  {
    std::lock_guard lock(mutex_);
    if (auto known = urls_.find(key); known != urls_.end()) return known->second;
  }
  aws::Call call{.service = "sqs",
                 .operation = "GetQueueUrl",
                 .region = queue.region,
                 .account = queue.account,
                 .input = {{"QueueName", queue.name}, {"QueueOwnerAWSAccountId", queue.account}}};
  auto answer = TRY(cloud_.call(call, context));
  auto url = json::text(answer, "QueueUrl");
  std::lock_guard lock(mutex_);
  if (urls_.size() >= queue_urls_max) urls_.clear();
  urls_[key] = url;
  return url;
}

Result<> Carrier::send(const Message& message, const Context& context) {
  auto queue = TRY(bus::read_arn(message.queue));
  auto url = TRY(queue_url(queue, context));
  aws::Call call{.service = "sqs",
                 .operation = "SendMessage",
                 .region = queue.region,
                 .account = queue.account,
                 .input = {{"QueueUrl", url}, {"MessageBody", message.body}}};
  json::Object attributes;
  for (const auto& [name, value] : message.attributes)
    attributes[name] = json::Object{{"DataType", "String"}, {"StringValue", value}};
  if (!attributes.empty()) call.input["MessageAttributes"] = std::move(attributes);
  if (!message.group.empty()) {
    call.input["MessageGroupId"] = message.group;
    call.input["MessageDeduplicationId"] = to_hex(sha256(message.id));  // one that is sent again is the same
  }
  CHECK_OK(cloud_.call(call, context));
  return {};
}

Result<> Carrier::publish(const bus::Delivery& delivery, const Context& context) {
  aws::Call call{.service = "sns",
                 .operation = "Publish",
                 .region = delivery.target.region,
                 .account = delivery.target.account,
                 .input = {}};
  call.input["TopicArn"] = delivery.target.arn;
  call.input["Message"] = delivery.input;
  CHECK_OK(cloud_.call(call, context));
  return {};
}

Result<> Carrier::post(const bus::Delivery& delivery, const Context& context) {
  auto channel = std::ranges::find(channels_, delivery.target.name, &Channel::name);
  if (channel == channels_.end())
    return fail(Errc::not_found, "the policy has no channel '{}' any more", delivery.target.name);
  return notify::post(
      *channel,
      {.id = delivery.id, .body = delivery.input, .headers = delivery.target.headers, .query = delivery.target.query},
      context);
}

// One event by PutEvents, which makes an id of its own: the receiver tells by the detail.
Result<> Carrier::put_event(const bus::Delivery& delivery, const Context& context) {
  const auto& event = delivery.event;
  json::Object entry{{"Source", json::at(event, "source")},
                     {"DetailType", json::at(event, "detail-type")},
                     {"Detail", json::print(json::at(event, "detail"))},
                     {"Resources", json::at(event, "resources")},
                     {"Time", json::at(event, "time")},
                     {"EventBusName", delivery.target.arn}};
  aws::Call call{.service = "events",
                 .operation = "PutEvents",
                 .region = delivery.target.region,
                 .account = delivery.target.account,
                 .input = {{"Entries", json::Array{std::move(entry)}}}};
  auto answer = TRY(cloud_.call(call, context));
  if (json::integer(json::at(answer, "FailedEntryCount")) == 0) return {};
  const auto& refused = json::items(json::at(answer, "Entries"));
  auto code = refused.empty() ? "" : json::text(refused[0], "ErrorCode", "");
  bool passing = code == "InternalFailure" || code == "ThrottlingException";
  return fail({.code = passing ? Errc::throttled : Errc::denied,
               .message = refused.empty() ? code : json::text(refused[0], "ErrorMessage", code),
               .wire_code = code});
}

Result<> Carrier::hand_on(const bus::Delivery& delivery) {
  if (delivery.hops >= bus::bus_hops_max)
    return fail(Errc::unsupported, "the event went from bus to bus {} times already", delivery.hops);
  return take_in_(delivery.event, delivery.target.name, delivery.hops + 1);
}

}  // namespace aright::notify
