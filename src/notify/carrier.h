#pragma once
// Hands what rules send to queues, topics, webhooks and other buses, and dead letters to their queues. One attempt
// each; who calls decides what a failure means (bus/target.h). Thread-safe; blocks at most delivery_timeout.

#include <functional>
#include <map>
#include <mutex>

#include "bus/target.h"
#include "notify/channel.h"

namespace aright::notify {

inline constexpr std::size_t queue_urls_max = 1000;  // remembered, so that a message is one call

class Carrier {
 public:
  // Takes an event in on another bus of aright's own; `hops` is how many times it was handed on, this one included.
  using TakeIn = std::function<Result<>(const json::Object& event, const std::string& bus, int hops)>;
  Carrier(aws::Caller& cloud, const std::vector<Channel>& channels, TakeIn take_in)
      : cloud_(cloud), channels_(channels), take_in_(std::move(take_in)) {}

  Result<> deliver(const bus::Delivery& delivery, const Context& context);
  Result<> deliver(const bus::DeadLetter& letter, const Context& context);

 private:
  struct Message;
  Result<> send(const Message& message, const Context& context);
  Result<std::string> queue_url(const bus::Arn& queue, const Context& context);
  Result<> publish(const bus::Delivery& delivery, const Context& context);
  Result<> post(const bus::Delivery& delivery, const Context& context);
  Result<> put_event(const bus::Delivery& delivery, const Context& context);
  Result<> hand_on(const bus::Delivery& delivery);

  aws::Caller& cloud_;
  const std::vector<Channel>& channels_;
  TakeIn take_in_;
  std::mutex mutex_;
  std::map<std::string, std::string> urls_;  // guarded by mutex_; region/account/name → URL
};

}  // namespace aright::notify
