#pragma once
// Hands what rules send to queues, topics, webhooks and other buses, and dead letters to their queues. One attempt
// each; who calls decides what a failure means (bus/target.h). Thread-safe; blocks at most delivery_timeout.

#include <functional>

#include "bus/target.h"
#include "notify/channel.h"
#include "notify/queues.h"

namespace aright::notify {

class Carrier {
 public:
  // Takes an event in on another bus of aright's own; `hops` is how many times it was handed on, this one included.
  using TakeIn = std::function<Result<>(const json::Object& event, const std::string& bus, int hops)>;
  Carrier(aws::Caller& cloud, const std::vector<Channel>& channels, TakeIn take_in)
      : cloud_(cloud), channels_(channels), take_in_(std::move(take_in)), queues_(cloud) {}

  Result<> deliver(const bus::Delivery& delivery, const Context& context);
  Result<> deliver(const bus::DeadLetter& letter, const Context& context);

 private:
  Result<> publish(const bus::Delivery& delivery, const Context& context);
  Result<> post(const bus::Delivery& delivery, const Context& context);
  Result<> put_event(const bus::Delivery& delivery, const Context& context);
  Result<> hand_on(const bus::Delivery& delivery);

  aws::Caller& cloud_;
  const std::vector<Channel>& channels_;
  TakeIn take_in_;
  Queues queues_;
};

}  // namespace aright::notify
