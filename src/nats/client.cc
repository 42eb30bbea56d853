#include "nats/client.h"

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"
#include "json/value.h"

namespace aright::nats {

namespace {

constexpr std::size_t read_step = 64u << 10;
constexpr std::size_t inbox_bytes = 12;
constexpr int nobody_answers = 503;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Error refused(const std::string& what) {
  auto said = lower(what);
  bool about_us = said.find("authorization") != std::string::npos || said.find("permissions") != std::string::npos ||
                  said.find("authentication") != std::string::npos;
  return {.code = about_us ? Errc::denied : Errc::unavailable,
          .message = "the NATS server says: " + what,
          .retry = Retry::later};
}

json::Object connect_options(const Server& server, bool secured) {
  json::Object out{{"verbose", false},      {"pedantic", false}, {"tls_required", secured}, {"name", "aright"},
                   {"lang", "c++"},         {"version", "1"},    {"protocol", 1},           {"echo", false},
                   {"headers", true},       {"no_responders", true}};
  if (!server.token.empty()) out["auth_token"] = server.token.reveal();
  if (!server.user.empty()) out["user"] = server.user;
  if (!server.user.empty()) out["pass"] = server.password.reveal();
  return out;
}

}  // namespace

Result<net::Endpoint> read_address(std::string_view url) {
  bool tls = url.starts_with("tls://");
  if (!tls && !url.starts_with("nats://")) return fail(Errc::invalid, "write nats://HOST:PORT or tls://HOST:PORT");
  auto authority = std::string(url.substr(url.find("://") + 3));
  auto port_at = authority.rfind(':');
  bool has_port = port_at != std::string::npos && authority.find(']', port_at) == std::string::npos;
  if (!has_port) authority += fmt::format(":{}", default_port);
  auto endpoint = net::parse_endpoint((tls ? "https://" : "http://") + authority);
  if (!endpoint || !endpoint->path.empty() || endpoint->port == 0)
    return fail(Errc::invalid, "write nats://HOST:PORT or tls://HOST:PORT, without user or path");
  return endpoint;
}

Client::Client(net::Socket socket)
    : socket_(std::move(socket)), inbox_("_INBOX." + to_hex(random_bytes(inbox_bytes)) + ".") {}

Result<std::unique_ptr<Client>> Client::connect(const Server& server, const Context& context) {
  Error last{.code = Errc::invalid, .message = "no NATS server is named"};
  for (const auto& url : server.urls) {
    auto client = open(url, server, context.at_most(connect_timeout));
    if (client) return client;
    last = std::move(client.error());
    CHECK_OK(context.check());
  }
  return fail(std::move(last));
}

Result<std::unique_ptr<Client>> Client::open(const std::string& url, const Server& server, const Context& context) {
  auto endpoint = TRY(read_address(url));
  net::ClientOptions options{.connect_timeout = connect_timeout, .ca_file = server.ca_file, .admit_address = {}};
  auto socket = TRY(net::Socket::open(endpoint, options, context));
  std::unique_ptr<Client> client(new Client(std::move(socket)));
  auto greeted = client->greet(endpoint, server, context);
  if (!greeted) return wrap(std::move(greeted.error()), "{}", url);
  return client;
}

// The server speaks first, in the clear; TLS begins behind that.
Result<> Client::greet(const net::Endpoint& endpoint, const Server& server, const Context& context) {
  auto first = TRY(read_frame(context));
  const auto* info = std::get_if<Info>(&first);
  if (info == nullptr) return fail(Errc::invalid, "it does not begin as a NATS server does");
  auto told = TRY(json::parse(info->text));
  bool offered = json::truth(json::at(told, "tls_required")) || json::truth(json::at(told, "tls_available"));
  if (endpoint.tls && !offered) return fail(Errc::denied, "the server has no TLS");
  bool secured = endpoint.tls || json::truth(json::at(told, "tls_required"));
  bool has_secret = !server.token.empty() || !server.password.empty();
  if (has_secret && !secured && !server.plaintext && !is_loopback(endpoint.host))
    return fail(Errc::denied, "a password or token is not sent without TLS, unless plaintext: true says so");
  if (secured) CHECK_OK(socket_.secure(endpoint.host, server.ca_file, context));
  auto most = json::integer(json::at(told, "max_payload"), payload_bytes_max);
  payload_max_ = static_cast<std::size_t>(std::clamp<std::int64_t>(most, 0, payload_bytes_max));
  auto who = json::print(connect_options(server, secured));
  auto words = fmt::format("CONNECT {}\r\nSUB {}> 1\r\nPING\r\n", who, inbox_);
  CHECK_OK(socket_.write(words, context));
  while (true) {
    auto frame = TRY(read_frame(context));
    if (std::holds_alternative<Pong>(frame)) return {};
  }
}

// Answers the server's PINGs on the way.
Result<Frame> Client::read_frame(const Context& context) {
  std::string piece(read_step, '\0');
  while (true) {
    auto frame = TRY(reader_.next());
    if (!frame) {
      auto got = TRY(socket_.read(piece.data(), piece.size(), context));
      if (got == 0)
        return fail({.code = Errc::unavailable, .message = "the NATS server has gone", .retry = Retry::later});
      reader_.feed(std::string_view(piece).substr(0, got));
      continue;
    }
    if (const auto* refusal = std::get_if<Refusal>(&*frame)) return fail(refused(refusal->what));
    if (!std::holds_alternative<Ping>(*frame)) return std::move(*frame);
    CHECK_OK(socket_.write("PONG\r\n", context));
  }
}

Result<Message> Client::read_message(const Context& context) {
  while (true) {
    auto frame = TRY(read_frame(context));
    if (auto* message = std::get_if<Message>(&frame)) return std::move(*message);
  }
}

Result<> Client::send_all(const std::vector<Outgoing>& messages, const Context& context) {
  std::string bytes;
  for (const auto& message : messages) {
    if (message.payload.size() > payload_max_)
      return fail(Errc::invalid, "{} bytes are more than the NATS server takes, {}", message.payload.size(),
                  payload_max_);
    bytes += TRY(print_publish(message.subject, message.reply, message.headers, message.payload));
  }
  return socket_.write(bytes, context);
}

std::string Client::inbox() {
  return inbox_ + std::to_string(++inboxes_);
}

Result<> Client::hold(Message message) {
  if (held_.size() == held_max) return fail(Errc::unavailable, "more than {} messages that nobody asked for", held_max);
  held_.push_back(std::move(message));
  return {};
}

Result<Message> Client::next(const Context& context) {
  if (held_.empty()) return read_message(context);
  auto message = std::move(held_.front());
  held_.pop_front();
  return message;
}

Result<Message> Client::request(Outgoing message, const Context& context) {
  message.reply = inbox();
  CHECK_OK(send(message, context));
  while (true) {
    auto answer = TRY(read_message(context));
    if (answer.subject != message.reply) {
      CHECK_OK(hold(std::move(answer)));
      continue;
    }
    if (answer.status == nobody_answers)
      return fail({.code = Errc::unavailable,
                   .message = fmt::format("nobody hears the subject {}", message.subject),
                   .retry = Retry::later,
                   .http_status = nobody_answers});
    return answer;
  }
}

}  // namespace aright::nats
