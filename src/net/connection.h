#pragma once
// A connected socket, plain or TLS, whose every read and write has a deadline and can be woken. The
// module's own. One thread at a time uses a Connection; a Waker may be raised from any thread.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/context.h"
#include "net/http.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace aright::net {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

// Once raised, stays raised, and ends every wait that looks at it.
class Waker {
 public:
  Waker();
  void raise();
  int fd() const { return fd_.get(); }

 private:
  Descriptor fd_;
};

using SteadyTime = Context::SteadyTime;

class Connection {
 public:
  Connection(Descriptor socket, std::shared_ptr<SSL> tls = {});

  // At least one byte, or 0 at the end. Fails with deadline, cancelled (woken), or unavailable.
  Result<std::size_t> read(char* into, std::size_t size, SteadyTime until, const Waker* waker);
  Result<> write(std::string_view bytes, SteadyTime until, const Waker* waker);
  Result<> handshake(SteadyTime until, const Waker* waker);
  // What comes from here on is TLS; handshake() is next.
  void begin_tls(std::shared_ptr<SSL> tls) { tls_ = std::move(tls); }
  // An idle connection is usable when the peer has neither closed it nor said anything.
  bool quiet() const;
  int fd() const { return socket_.get(); }

 private:
  Result<> await_tls(int result, SteadyTime until, const Waker* waker);
  Descriptor socket_;
  std::shared_ptr<SSL> tls_;
};

// Waits for poll(2) events; fails with deadline or cancelled.
Result<> await_events(int fd, short events, SteadyTime until, const Waker* waker);

// To the first address that accepts. All failures mean that nothing was sent.
Result<Connection> connect(const Endpoint& endpoint, const ClientOptions& options, SSL_CTX* tls,
                           SteadyTime until, const Waker* waker);

std::shared_ptr<SSL_CTX> client_tls(const std::string& ca_file);
Result<std::shared_ptr<SSL_CTX>> server_tls(const std::string& certificate_file,
                                            const std::string& key_file);
std::shared_ptr<SSL> tls_session(SSL_CTX* context, int fd, bool server);
// Of a client: the peer's certificate must be good for `host`, a name or an address.
std::shared_ptr<SSL> client_session(SSL_CTX* context, int fd, const std::string& host);

}  // namespace aright::net
