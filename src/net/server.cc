#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <list>
#include <semaphore>
#include <thread>

#include "base/text.h"
#include "net/connection.h"
#include "net/http.h"
#include "net/message.h"

namespace aright::net {

namespace {

constexpr int backlog = 256;
constexpr std::chrono::milliseconds write_timeout{30'000};

SteadyTime after(std::chrono::milliseconds duration) {
  return std::chrono::steady_clock::now() + duration;
}

Response plain(int status, std::string text) {
  Response response{.status = status};
  response.headers.set("Content-Type", "text/plain");
  response.body = std::move(text) + "\n";
  return response;
}

class ChunkedStream final : public Stream {
 public:
  ChunkedStream(Connection& connection, const Waker& stopping)
      : connection_(connection), stopping_(stopping) {}

  bool write(std::string_view bytes) override {
    if (bytes.empty()) return true;  // an empty chunk would end the body
    auto chunk = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
    return connection_.write(chunk, after(write_timeout), &stopping_).has_value();
  }

  bool wait(std::chrono::milliseconds duration) override {
    auto woken = await_events(connection_.fd(), POLLIN | POLLRDHUP, after(duration), &stopping_);
    return !woken && woken.error().code == Errc::deadline;  // a peer that speaks or closes has gone
  }

 private:
  Connection& connection_;
  const Waker& stopping_;
};

}  // namespace

struct Server::Impl {
  struct Worker {
    std::jthread thread;
    std::shared_ptr<std::atomic<bool>> done = std::make_shared<std::atomic<bool>>(false);
  };

  Impl(ServerOptions given, Handler answer)
      : options(std::move(given)),
        handler(std::move(answer)),
        running(std::max(1u, options.threads)) {}

  const ServerOptions options;
  const Handler handler;
  std::counting_semaphore<> running;  // one slot for each handler that may run
  std::atomic<unsigned> streams = 0;
  std::shared_ptr<SSL_CTX> tls;
  Descriptor listener;
  std::uint16_t port = 0;
  Waker stopping;
  std::atomic<bool> stopped = false;
  std::list<Worker> workers;  // the acceptor's alone until it has ended
  std::jthread acceptor;

  Result<> listen();
  Result<> listen_unix();
  Result<> listen_tcp();
  void accept_all();
  void serve(Descriptor socket, const Peer& peer);
  bool answer(Connection& connection, const Incoming& incoming, const Peer& peer);
  bool send_stream(Connection& connection, Response response);
  Response handle(const Request& request, const Peer& peer);
};

Result<> Server::Impl::listen_unix() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = options.unix_socket;
  if (path.size() >= sizeof address.sun_path) {
    return fail(Errc::invalid, "the socket path {} is too long", path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  listener = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  struct stat existing{};
  if (::lstat(path.c_str(), &existing) == 0 && S_ISSOCK(existing.st_mode)) ::unlink(path.c_str());
  // The mode goes on the descriptor before bind, so that the path is never open to others.
  ::fchmod(listener.get(), 0600);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return fail(Errc::unavailable, "listening on {}: {}", path, std::strerror(errno));
  }
  ::chmod(path.c_str(), 0600);
  return {};
}

Result<> Server::Impl::listen_tcp() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  auto service = std::to_string(options.port);
  if (int code = getaddrinfo(options.host.c_str(), service.c_str(), &hints, &list); code != 0) {
    return fail(Errc::invalid, "listening on {}: {}", options.host, gai_strerror(code));
  }
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
  listener = Descriptor(::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.get(), list->ai_addr, list->ai_addrlen) != 0) {
    return fail(Errc::unavailable, "listening on {}:{}: {}", options.host, options.port,
                std::strerror(errno));
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  port = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
  return {};
}

Result<> Server::Impl::listen() {
  if (!options.certificate_file.empty()) {
    tls = TRY(server_tls(options.certificate_file, options.key_file));
  }
  CHECK_OK(options.unix_socket.empty() ? listen_tcp() : listen_unix());
  if (::listen(listener.get(), backlog) != 0) {
    return fail(Errc::unavailable, "listening: {}", std::strerror(errno));
  }
  return {};
}

void Server::Impl::accept_all() {
  while (true) {
    auto ready = await_events(listener.get(), POLLIN, SteadyTime::max(), &stopping);
    if (!ready) return;
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    Descriptor socket(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&from), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    std::erase_if(workers, [](const Worker& worker) { return worker.done->load(); });
    if (socket.get() < 0) {
      // Out of descriptors, or the peer left at once: neither must spin.
      (void)Context{}.sleep(std::chrono::milliseconds(10));
      continue;
    }
    if (workers.size() >= options.connections_max) continue;  // closes it
    Peer peer{.address = "unix", .loopback = true};
    if (options.unix_socket.empty()) {
      char name[NI_MAXHOST] = "";
      getnameinfo(reinterpret_cast<sockaddr*>(&from), size, name, sizeof name, nullptr, 0,
                  NI_NUMERICHOST);
      peer.address = name;
      peer.loopback = peer.address.starts_with("127.") || peer.address == "::1";
      int on = 1;
      setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Worker& worker = workers.emplace_back();
    worker.thread =
        std::jthread([this, done = worker.done, peer, socket = std::move(socket)]() mutable {
          serve(std::move(socket), peer);
          done->store(true);
        });
  }
}

void Server::Impl::serve(Descriptor socket, const Peer& peer) {
  auto session = tls ? tls_session(tls.get(), socket.get(), true) : nullptr;
  Connection connection(std::move(socket), std::move(session));
  if (!connection.handshake(after(options.idle_timeout), &stopping)) return;
  std::string pending;
  while (!stopped) {
    // One deadline for the wait and the whole request: a peer that drips bytes gains nothing.
    auto incoming = read_request(connection, pending, options.request_bytes_max,
                                 after(options.idle_timeout), &stopping);
    if (!incoming) {
      const Error& error = incoming.error();
      if (error.http_status == 0) return;
      auto response = plain(error.http_status, error.message);
      auto text = print_head(response, Framing::length, false) + response.body;
      (void)connection.write(text, after(write_timeout), &stopping);
      // What the peer still sends is read off for a moment, or a reset would eat our answer.
      ::shutdown(connection.fd(), SHUT_WR);
      char rest[4096];
      auto until = after(std::chrono::milliseconds(200));
      while (connection.read(rest, sizeof rest, until, &stopping).value_or(0) > 0) {
        if (std::chrono::steady_clock::now() >= until) break;
      }
      return;
    }
    if (!answer(connection, *incoming, peer)) return;
  }
}

Response Server::Impl::handle(const Request& request, const Peer& peer) {
  running.acquire();
  Response response;
  try {
    response = handler(request, peer);
  } catch (...) {
    response = plain(500, "internal error");
  }
  running.release();
  return response;
}

bool Server::Impl::answer(Connection& connection, const Incoming& incoming, const Peer& peer) {
  Response response = handle(incoming.request, peer);
  bool head = incoming.request.method == "HEAD";
  if (response.abandoned) return false;
  if (response.stream && !head) return send_stream(connection, std::move(response));
  bool keep = incoming.keep_alive && !stopped;
  auto text = print_head(response, Framing::length, keep);
  bool bodiless = head || response.status == 204 || response.status == 304;
  if (!bodiless) text += response.body;
  return connection.write(text, after(write_timeout), nullptr) && keep;
}

bool Server::Impl::send_stream(Connection& connection, Response response) {
  if (++streams > options.streams_max) {
    --streams;
    auto refused = plain(503, "too many streams");
    auto text = print_head(refused, Framing::length, false) + refused.body;
    (void)connection.write(text, after(write_timeout), &stopping);
    return false;
  }
  auto head = print_head(response, Framing::chunked, false);
  if (connection.write(head, after(write_timeout), &stopping)) {
    ChunkedStream stream(connection, stopping);
    try {
      response.stream(stream);
      (void)connection.write("0\r\n\r\n", after(write_timeout), &stopping);
    } catch (...) {
      // The missing last chunk tells the peer that the body is incomplete.
    }
  }
  --streams;
  return false;
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  CHECK_OK(impl->listen());
  impl->acceptor = std::jthread([raw = impl.get()] { raw->accept_all(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

std::uint16_t Server::port() const {
  return impl_->port;
}

std::string Server::url() const {
  if (!impl_->options.unix_socket.empty()) return "unix:" + impl_->options.unix_socket;
  Endpoint endpoint{.tls = impl_->tls != nullptr, .host = impl_->options.host, .port = impl_->port};
  return (endpoint.tls ? "https://" : "http://") + endpoint.authority();
}

void Server::stop() {
  if (impl_->stopped.exchange(true)) return;
  impl_->stopping.raise();
  impl_->acceptor.join();
  impl_->workers.clear();  // joins each
  impl_->listener = Descriptor();
  if (!impl_->options.unix_socket.empty()) ::unlink(impl_->options.unix_socket.c_str());
}

}  // namespace aright::net
