#pragma once
// HTTP/1.1 as plain data, a blocking client and a threaded server. How it works inside (Asio,
// Beast, coroutines) is nobody's business outside this module.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/error.h"

namespace aright::net {

inline constexpr std::size_t header_bytes_max = 64u << 10;
inline constexpr std::size_t body_bytes_max =
    64u << 20;  // of one request or response, unless options say less

// In order, names compared without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> list) : list_(list) {}
  const std::string* find(std::string_view name) const;
  std::string get(std::string_view name, std::string_view otherwise = "") const;
  void set(std::string_view name, std::string value);  // replaces, or adds
  void add(std::string name, std::string value) {
    list_.emplace_back(std::move(name), std::move(value));
  }
  void erase(std::string_view name);
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  std::size_t size() const { return list_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  // path and query as sent, percent-encoded
  Headers headers;
  std::string body;

  std::string path() const;   // up to '?', still encoded
  std::string query() const;  // after '?', still encoded
};

// One body, sent in pieces as they come (server-sent events). Calls come from a thread of the
// server's own.
class Stream {
 public:
  virtual ~Stream() = default;
  // False when the peer has gone or the server is stopping; then return.
  virtual bool write(std::string_view bytes) = 0;
  // Waits; false as soon as the server is stopping or the peer has gone.
  virtual bool wait(std::chrono::milliseconds duration) = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::function<void(Stream&)> stream;  // server side only: instead of a body
  bool abandoned = false;               // server side only: the connection is closed without an answer
};

// Where to connect. `unix_socket` replaces host and port for connecting; Host is still sent from
// `host`.
struct Endpoint {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // a prefix that every target gets, without a trailing slash
  std::string unix_socket;
  std::string authority() const;  // host, with the port unless it is the scheme's own
};
// Parses http(s)://host[:port][/prefix] and unix:/path. Fails with invalid.
Result<Endpoint> parse_endpoint(std::string_view url);

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds request_timeout{60'000};
  std::size_t response_bytes_max = body_bytes_max;
  std::size_t idle_connections_max = 32;
  std::string ca_file;  // empty: the system's
  // Called with each resolved address before it is connected to; an error refuses it (SSRF guard).
  std::function<Result<>(const std::string& address)> admit_address;
};

// Keeps connections alive. Thread-safe; send() blocks. Errors: unavailable with Retry::later when
// nothing was sent, unavailable or deadline with Retry::unknown_outcome when the request may have
// arrived. Resolving a name takes as long as the system's resolver lets it; everything else keeps
// the deadline.
class Client {
 public:
  explicit Client(ClientOptions options = {});
  ~Client();
  Result<Response> send(const Endpoint& endpoint, const Request& request, const Context& context);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Opens a connection and closes it again, saying nothing. Fails as send() does when nothing could be sent.
Result<> reach(const Endpoint& endpoint, const ClientOptions& options, const Context& context);

struct Peer {
  std::string address;  // "127.0.0.1", "unix"
  bool loopback = false;
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;   // 0: any free one
  std::string unix_socket;  // instead of host and port; created with mode 0600, removed on stop
  unsigned threads = 4;     // that run handlers
  unsigned connections_max = 512;
  unsigned streams_max = 64;
  std::size_t request_bytes_max = body_bytes_max;
  std::chrono::milliseconds idle_timeout{60'000};
  std::string certificate_file, key_file;  // both set: TLS
};

using Handler = std::function<Response(const Request&, const Peer&)>;

// Listens from start() until stop() or destruction. Handlers run on the server's threads, several
// at once; what they throw becomes a 500. HEAD, keep-alive, Expect: 100-continue and chunked bodies
// are taken care of.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);
  ~Server();
  std::uint16_t port() const;
  std::string url() const;  // http://127.0.0.1:port
  void stop();              // graceful: running handlers finish

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aright::net
