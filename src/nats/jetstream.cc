#include "nats/jetstream.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"
#include "json/value.h"

namespace aright::nats {

namespace {

constexpr std::string_view api = "$JS.API.";
constexpr std::string_view ack_prefix = "$JS.ACK.";
constexpr std::int64_t nanoseconds_per_ms = 1'000'000;
constexpr int not_found_status = 404, refused_status = 409, no_responders = 503;
constexpr int ended_status = 400;  // and above; below, the server only says that it is there
constexpr milliseconds straggler_wait{2'000};  // beyond what the server was asked to wait

Error unanswered(std::string_view what) {
  return {.code = Errc::unavailable,
          .message = fmt::format("JetStream does not answer {}; is it on, and may this account use it?", what),
          .retry = Retry::later};
}

// A question to JetStream, and its answer. What it refuses comes back as an error with its words.
Result<json::Value> ask(Client& client, const std::string& what, const json::Object& body, const Context& context) {
  Outgoing question{.subject = std::string(api) + what, .reply = {}, .headers = {},
                    .payload = body.empty() ? "" : json::print(body)};
  auto answer = client.request(std::move(question), context.at_most(api_timeout));
  if (!answer && answer.error().code == Errc::unavailable && answer.error().http_status != 0)
    return fail(unanswered(what));
  if (!answer) return fail(answer.error());
  auto told = TRY(json::parse(answer->payload));
  const auto& error = json::at(told, "error");
  if (error.is_null()) return told;
  auto code = json::integer(json::at(error, "code"));
  bool passing = code >= 500;
  return fail({.code = code == not_found_status ? Errc::not_found : passing ? Errc::unavailable : Errc::invalid,
               .message = json::text(error, "description", "refused"),
               .retry = passing ? Retry::later : Retry::never,
               .http_status = static_cast<int>(code)});
}

Result<> check_consumer(const json::Value& told, const Consumer& consumer) {
  const auto& config = json::at(told, "config");
  if (!json::text(config, "deliver_subject", "").empty())
    return fail(Errc::conflict, "the consumer {} pushes; give another name", consumer.name);
  if (json::text(config, "ack_policy", "") != "explicit")
    return fail(Errc::conflict, "the consumer {} does not acknowledge each message; give another name", consumer.name);
  if (auto filter = json::text(config, "filter_subject", ""); filter != consumer.subject)
    return fail(Errc::conflict, "the consumer {} is about '{}', not '{}'; give another name", consumer.name, filter,
                consumer.subject);
  return {};
}

template <typename Number>
Number number_of(std::string_view text) {
  Number out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<of the consumer>.<time>.<pending>; newer servers have a domain
// and an account in front of the stream, and a token behind.
std::optional<Delivery> delivery_of(Message message) {
  if (!message.reply.starts_with(ack_prefix)) return std::nullopt;
  constexpr std::size_t old_tokens = 9, new_tokens = 11;
  auto tokens = split(message.reply, '.');
  if (tokens.size() != old_tokens && tokens.size() < new_tokens) return std::nullopt;
  std::size_t at = tokens.size() == old_tokens ? 2 : 4;
  Delivery out{.message = std::move(message),
               .stream = tokens[at],
               .sequence = number_of<std::uint64_t>(tokens[at + 3]),
               .deliveries = number_of<std::int64_t>(tokens[at + 2]), .stored = tokens[at + 5]};
  return out;
}

struct Pull {
  int most = 1;
  milliseconds wait{0};  // 0: only what is there
};

// Messages come by the subject that they were published on, and what the server says by that of the pull. A pull of
// before may have been given up while its messages were on their way: they are deliveries as well.
Result<std::vector<Delivery>> pull(Client& client, const Consumer& consumer, const Pull& asked,
                                   const Context& context) {
  auto reply = client.inbox();
  json::Object body{{"batch", asked.most}};
  if (asked.wait.count() > 0) body["expires"] = asked.wait.count() * nanoseconds_per_ms;
  else body["no_wait"] = true;
  CHECK_OK(client.send({.subject = fmt::format("{}CONSUMER.MSG.NEXT.{}.{}", api, consumer.stream, consumer.name),
                        .reply = reply, .headers = {}, .payload = json::print(body)}, context));
  auto until = context.at_most(asked.wait + api_timeout + straggler_wait);
  std::vector<Delivery> out;
  while (std::cmp_less(out.size(), asked.most)) {
    auto message = TRY(client.next(until));
    if (message.status == 0) {
      if (auto delivery = delivery_of(std::move(message))) out.push_back(std::move(*delivery));
      continue;
    }
    if (message.subject != reply) continue;
    if (message.status == no_responders) return fail(unanswered("a pull"));
    // The consumer is gone, or too much is on its way.
    if (message.status == refused_status && out.empty())
      return fail({.code = Errc::unavailable, .message = message.description, .retry = Retry::later});
    if (message.status >= ended_status) return out;  // there is nothing, or no more
  }
  return out;
}

Result<> say(Client& client, std::span<const Delivery> deliveries, const std::string& word, const Context& context) {
  std::vector<Outgoing> words;
  for (const auto& one : deliveries)
    words.push_back({.subject = one.message.reply, .reply = {}, .headers = {}, .payload = word});
  return words.empty() ? Result<>() : client.send_all(words, context);
}

}  // namespace

Result<> bind(Client& client, const Consumer& consumer, const Context& context) {
  auto there = ask(client, fmt::format("CONSUMER.INFO.{}.{}", consumer.stream, consumer.name), {}, context);
  if (there) return check_consumer(*there, consumer);
  if (there.error().code != Errc::not_found) return fail(there.error());
  json::Object config{{"durable_name", consumer.name},
                      {"deliver_policy", "all"},
                      {"ack_policy", "explicit"},
                      {"ack_wait", milliseconds(consumer.ack_wait).count() * nanoseconds_per_ms},
                      {"max_deliver", consumer.deliveries_max == 0 ? -1 : consumer.deliveries_max},
                      {"max_ack_pending", in_flight_max},
                      {"replay_policy", "instant"}};
  if (!consumer.subject.empty()) config["filter_subject"] = consumer.subject;
  auto made = ask(client, fmt::format("CONSUMER.DURABLE.CREATE.{}.{}", consumer.stream, consumer.name),
                  {{"stream_name", consumer.stream}, {"config", std::move(config)}}, context);
  if (!made) return wrap(std::move(made.error()), "the consumer {} of the stream {}", consumer.name, consumer.stream);
  return check_consumer(*made, consumer);
}

Result<std::vector<Delivery>> fetch(Client& client, const Consumer& consumer, int most, milliseconds wait,
                                    const Context& context) {
  auto there = TRY(pull(client, consumer, {.most = most}, context));
  if (!there.empty() || wait.count() <= 0) return there;
  return pull(client, consumer, {.most = 1, .wait = wait}, context);
}

Result<> acknowledge(Client& client, std::span<const Delivery> deliveries, const Context& context) {
  std::vector<Outgoing> words;
  std::set<std::string> awaited;
  for (const auto& one : deliveries) {
    words.push_back({.subject = one.message.reply, .reply = client.inbox(), .headers = {}, .payload = "+ACK"});
    awaited.insert(words.back().reply);
  }
  if (words.empty()) return {};
  auto until = context.at_most(api_timeout);
  CHECK_OK(client.send_all(words, until));
  std::vector<Message> others;
  while (!awaited.empty()) {
    auto message = TRY(client.next(until));
    if (awaited.contains(message.subject) && message.status >= 400)
      return fail(unanswered("an acknowledgement"));
    if (awaited.erase(message.subject) == 0 && others.size() < held_max) others.push_back(std::move(message));
  }
  for (auto& other : others) CHECK_OK(client.hold(std::move(other)));
  return {};
}

Result<> keep(Client& client, std::span<const Delivery> deliveries, const Context& context) {
  return say(client, deliveries, "+WPI", context);
}

Result<> put_off(Client& client, std::span<const Delivery> deliveries, milliseconds delay, const Context& context) {
  return say(client, deliveries, fmt::format(R"(-NAK {{"delay": {}}})", delay.count() * nanoseconds_per_ms), context);
}

Result<> give_up(Client& client, std::span<const Delivery> deliveries, const Context& context) {
  return say(client, deliveries, "+TERM", context);
}

Result<Receipt> publish(Client& client, const std::string& subject, const std::string& id, std::string payload,
                        const Context& context) {
  Outgoing message{.subject = subject, .reply = {}, .headers = {{"Nats-Msg-Id", id}}, .payload = std::move(payload)};
  auto answer = client.request(std::move(message), context.at_most(api_timeout));
  if (!answer && answer.error().http_status != 0)
    return fail({.code = Errc::unavailable,
                 .message = fmt::format("no stream of JetStream takes the subject {}", subject),
                 .retry = Retry::later});
  if (!answer) return fail(answer.error());
  auto told = json::parse(answer->payload);
  if (!told || (json::at(*told, "stream").is_null() && json::at(*told, "error").is_null()))
    return fail(Errc::unavailable, "who answered on {} is no stream of JetStream", subject);
  if (const auto& error = json::at(*told, "error"); !error.is_null())
    return fail({.code = Errc::unavailable,
                 .message = json::text(error, "description", "refused"),
                 .retry = Retry::later,
                 .http_status = static_cast<int>(json::integer(json::at(error, "code")))});
  return Receipt{.stream = json::text(*told, "stream", ""),
                 .sequence = static_cast<std::uint64_t>(json::integer(json::at(*told, "seq"))),
                 .duplicate = json::truth(json::at(*told, "duplicate"))};
}

std::unique_ptr<Client> Publishers::take(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto found = std::ranges::find(idle_, key, &Idle::key);
  if (found == idle_.end()) return nullptr;
  auto client = std::move(found->client);
  idle_.erase(found);
  return client;
}

void Publishers::give_back(std::string key, std::unique_ptr<Client> client) {
  std::lock_guard lock(mutex_);
  idle_.push_back({std::move(key), std::move(client)});
  if (idle_.size() > idle_publishers_max) idle_.erase(idle_.begin());
}

// One that was kept may have been dropped by the server meanwhile; sent again, the message is the same by its id.
Result<Receipt> Publishers::publish(const Server& server, const std::string& subject, const std::string& id,
                                    const std::string& payload, const Context& context) {
  auto key = fmt::format("{}|{}", fmt::join(server.urls, ","), server.user);
  if (auto kept = take(key)) {
    auto sent = nats::publish(*kept, subject, id, payload, context);
    if (sent) {
      give_back(std::move(key), std::move(kept));
      return sent;
    }
  }
  auto client = TRY(Client::connect(server, context));
  auto sent = TRY(nats::publish(*client, subject, id, payload, context));
  give_back(std::move(key), std::move(client));
  return sent;
}

}  // namespace aright::nats
