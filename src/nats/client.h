#pragma once
// One connection to a NATS server. Blocking, each call with a deadline; one thread at a time. What fails leaves the
// connection worth nothing: drop the client, and connect another one. Fails with denied when the server refuses who we
// are or what we ask, unavailable when it is not there or has gone, invalid for what is no NATS.

#include <deque>
#include <memory>

#include "base/clock.h"
#include "base/context.h"
#include "base/secret.h"
#include "nats/protocol.h"
#include "net/socket.h"

namespace aright::nats {

inline constexpr std::uint16_t default_port = 4222;
inline constexpr milliseconds connect_timeout{10'000};  // until the server has said that it knows us
inline constexpr std::size_t held_max = 10'000;         // messages that came while something else was waited for

struct Server {
  std::vector<std::string> urls;  // nats://HOST:PORT, with TLS where the server wants it; tls://HOST:PORT, always.
                                  // The first that answers is taken
  std::string user;               // with a password,
  Secret password, token;         // or a token, or none of them
  std::string ca_file;            // empty: the system's
  bool plaintext = false;         // who we are may be told without TLS, to other machines as well
};

// Fails with invalid; in an address stands neither user nor path.
Result<net::Endpoint> read_address(std::string_view url);

struct Outgoing {
  std::string subject, reply;
  Headers headers;
  std::string payload;
};

class Client {
 public:
  static Result<std::unique_ptr<Client>> connect(const Server& server, const Context& context);

  Result<> send(const Outgoing& message, const Context& context) { return send_all({message}, context); }
  Result<> send_all(const std::vector<Outgoing>& messages, const Context& context);  // in one write
  // A subject of this client's own; what is sent there comes out of next().
  std::string inbox();
  Result<Message> next(const Context& context);
  // The one answer. What else comes meanwhile is kept for next(). Fails with unavailable when nobody hears the subject.
  Result<Message> request(Outgoing message, const Context& context);
  // So that next() gives it, before what comes later.
  Result<> hold(Message message);
  std::size_t payload_max() const { return payload_max_; }

 private:
  explicit Client(net::Socket socket);
  static Result<std::unique_ptr<Client>> open(const std::string& url, const Server& server, const Context& context);
  Result<> greet(const net::Endpoint& endpoint, const Server& server, const Context& context);
  Result<Frame> read_frame(const Context& context);
  Result<Message> read_message(const Context& context);

  net::Socket socket_;
  Reader reader_;
  std::string inbox_;
  std::uint64_t inboxes_ = 0;
  std::size_t payload_max_ = payload_bytes_max;
  std::deque<Message> held_;
};

}  // namespace aright::nats
