#include "notify/carrier.h"

#include <algorithm>

namespace aright::notify {

using Kind = bus::Target::Kind;

Result<> Carrier::deliver(const bus::Delivery& delivery, const Context& context) {
  auto limited = context.at_most(delivery_timeout);
  switch (delivery.target.kind) {
    case Kind::queue:
      return queues_.send({.id = delivery.id,
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
  return queues_.send({.id = letter.id, .queue = letter.queue, .body = letter.body, .attributes = letter.attributes},
              context.at_most(delivery_timeout));
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

// PutEvents makes an id of its own: the receiver tells by the detail.
Result<> Carrier::put_event(const bus::Delivery& delivery, const Context& context) {
  const auto& event = delivery.event;
  json::Object entry{{"Source", json::at(event, "source")},
                     {"DetailType", json::at(event, "detail-type")},
                     {"Detail", json::print(json::at(event, "detail"))},
                     {"Resources", json::at(event, "resources")},
                     {"Time", json::at(event, "time")},
                     {"EventBusName", delivery.target.arn}};
  return notify::put_event(cloud_, delivery.target.account, delivery.target.region, std::move(entry), context);
}

Result<> Carrier::hand_on(const bus::Delivery& delivery) {
  if (delivery.hops >= bus::bus_hops_max)
    return fail(Errc::unsupported, "the event went from bus to bus {} times already", delivery.hops);
  return take_in_(delivery.event, delivery.target.name, delivery.hops + 1);
}

}  // namespace aright::notify
