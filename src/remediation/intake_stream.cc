// NATS JetStream: a durable pull consumer, and one connection for each source.

#include <algorithm>

#include "remediation/heartbeat.h"
#include "remediation/intake.h"

namespace aright::remediation {

namespace {

// A stream that was lost and made anew counts from one again; its times do not.
Parcel parcel_of_stream(const nats::Delivery& delivery) {
  Parcel out{.id = fmt::format("{}/{}/{}", delivery.stream, delivery.sequence, delivery.stored),
             .text = delivery.message.payload, .receives = delivery.deliveries};
  if (delivery.message.oversized)
    out.fault = Error{.code = Errc::invalid,
                      .message = fmt::format("on {}: its {} bytes are more than {}", delivery.message.subject,
                                             delivery.message.bytes, nats::payload_bytes_max)};
  return out;
}

}  // namespace

Result<std::unique_ptr<nats::Client>> Intake::client_of(const Source& source, const Context& context) {
  {
    std::lock_guard lock(mutex_);
    if (auto known = connections_.find(source.name); known != connections_.end()) {
      auto client = std::move(known->second);
      connections_.erase(known);
      return client;
    }
  }
  auto client = TRY(nats::Client::connect(source.stream->server, context));
  CHECK_OK(nats::bind(*client, source.stream->consumer, context));
  return client;
}

// After a failure the next look begins with another connection.
Result<std::size_t> Intake::poll_stream(const Source& source, const Context& context) {
  auto client = TRY(client_of(source, context));
  auto taken = TRY(take_deliveries(source, *client, context));
  std::lock_guard lock(mutex_);
  connections_[source.name] = std::move(client);
  return taken;
}

Result<std::size_t> Intake::take_deliveries(const Source& source, nats::Client& client, const Context& context) {
  const auto& consumer = source.stream->consumer;
  auto wait = std::min<milliseconds>(seconds(long_poll_s), context.remaining() / 2);
  const auto all = TRY(nats::fetch(client, consumer, nats::batch_max, wait, context));
  std::vector<Parcel> parcels;
  for (const auto& delivery : all) parcels.push_back(parcel_of_stream(delivery));
  Sorted sorted;
  {
    const Heartbeat still(milliseconds(consumer.ack_wait) / 3,
                          [&](const Context& until) { std::ignore = nats::keep(client, all, until); });
    sorted = sort(source, parcels, context);
  }
  std::vector<nats::Delivery> taken, refused, left;
  for (std::size_t i = 0; i < all.size(); ++i)
    (sorted.fates[i] == Fate::taken ? taken : sorted.fates[i] == Fate::refused ? refused : left).push_back(all[i]);
  auto farewell = Context::within(farewell_timeout);
  CHECK_OK(nats::put_off(client, left, put_off_for, farewell));
  CHECK_OK(nats::give_up(client, refused, farewell));
  CHECK_OK(nats::acknowledge(client, taken, farewell));
  if (sorted.failure) return fail(*sorted.failure);
  return sorted.taken;
}

}  // namespace aright::remediation
