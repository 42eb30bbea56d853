#include "net/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace aright::net {

namespace {

std::unexpected<Error> system_failure(std::string_view doing) {
  return fail(Errc::unavailable, "{}: {}", doing, std::strerror(errno));
}

std::string tls_reason() {
  char text[256] = "connection lost";
  if (auto code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

Result<Descriptor> connect_address(const sockaddr* address, socklen_t size, SteadyTime until,
                                   const Waker* waker) {
  Descriptor socket(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return system_failure("opening a socket");
  if (::connect(socket.get(), address, size) != 0) {
    if (errno != EINPROGRESS) return system_failure("connecting");
    CHECK_OK(await_events(socket.get(), POLLOUT, until, waker));
    socklen_t length = sizeof errno;
    int error = 0;
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    if (error != 0) return system_failure("connecting");
  }
  int on = 1;
  if (address->sa_family != AF_UNIX)
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

Result<Descriptor> connect_unix(const std::string& path, SteadyTime until, const Waker* waker) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(Errc::invalid, "the socket path {} is too long", path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_address(reinterpret_cast<sockaddr*>(&address), sizeof address, until, waker);
}

Result<Descriptor> connect_host(const Endpoint& endpoint, const ClientOptions& options,
                                SteadyTime until, const Waker* waker) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  auto service = std::to_string(endpoint.port);
  if (int code = getaddrinfo(endpoint.host.c_str(), service.c_str(), &hints, &list); code != 0) {
    return fail(Errc::unavailable, "resolving {}: {}", endpoint.host, gai_strerror(code));
  }
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
  Error last{.code = Errc::unavailable, .message = "no address"};
  for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
    char name[NI_MAXHOST] = "";
    getnameinfo(entry->ai_addr, entry->ai_addrlen, name, sizeof name, nullptr, 0, NI_NUMERICHOST);
    if (options.admit_address) {
      auto admitted = options.admit_address(name);
      if (!admitted) return wrap(std::move(admitted.error()), "{}", endpoint.host);
    }
    auto socket = connect_address(entry->ai_addr, entry->ai_addrlen, until, waker);
    if (socket) return socket;
    last = std::move(socket.error());
    if (last.code != Errc::unavailable) break;
  }
  return wrap(std::move(last), "{}", endpoint.authority());
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Waker::Waker() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void Waker::raise() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(fd_.get(), &one, sizeof one);
}

Result<> await_events(int fd, short events, SteadyTime until, const Waker* waker) {
  while (true) {
    auto left = Context{.deadline = until}.remaining();
    pollfd set[2] = {{fd, events, 0}, {waker ? waker->fd() : -1, POLLIN, 0}};
    auto slice = static_cast<int>(std::min<std::int64_t>(left.count() + 1, 3'600'000));
    int ready = ::poll(set, 2, slice);
    if (ready < 0 && errno != EINTR) return system_failure("waiting");
    if (ready > 0 && set[1].revents) return fail(Errc::cancelled, "stopped on request");
    if (ready > 0) return {};
    if (std::chrono::steady_clock::now() >= until) return fail(Errc::deadline, "time ran out");
  }
}

Connection::Connection(Descriptor socket, std::shared_ptr<SSL> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {}

Result<> Connection::await_tls(int result, SteadyTime until, const Waker* waker) {
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return await_events(fd(), POLLIN, until, waker);
    case SSL_ERROR_WANT_WRITE:
      return await_events(fd(), POLLOUT, until, waker);
    default:
      return fail(Errc::unavailable, "TLS: {}", tls_reason());
  }
}

Result<std::size_t> Connection::read(char* into, std::size_t size, SteadyTime until,
                                     const Waker* waker) {
  while (true) {
    if (tls_) {
      ERR_clear_error();
      int got = SSL_read(tls_.get(), into, static_cast<int>(size));
      if (got > 0) return static_cast<std::size_t>(got);
      if (SSL_get_error(tls_.get(), got) == SSL_ERROR_ZERO_RETURN) return 0;
      CHECK_OK(await_tls(got, until, waker));
      continue;
    }
    auto got = ::recv(fd(), into, size, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EAGAIN && errno != EINTR) return system_failure("reading");
    CHECK_OK(await_events(fd(), POLLIN, until, waker));
  }
}

Result<> Connection::write(std::string_view bytes, SteadyTime until, const Waker* waker) {
  while (!bytes.empty()) {
    if (tls_) {
      ERR_clear_error();
      int sent = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      CHECK_OK(await_tls(sent, until, waker));
      continue;
    }
    auto sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return system_failure("writing");
    CHECK_OK(await_events(fd(), POLLOUT, until, waker));
  }
  return {};
}

Result<> Connection::handshake(SteadyTime until, const Waker* waker) {
  if (!tls_) return {};
  while (true) {
    ERR_clear_error();
    int result = SSL_do_handshake(tls_.get());
    if (result == 1) return {};
    CHECK_OK(await_tls(result, until, waker));
  }
}

bool Connection::quiet() const {
  pollfd set{fd(), POLLIN, 0};
  return ::poll(&set, 1, 0) == 0;
}

std::shared_ptr<SSL_CTX> client_tls(const std::string& ca_file) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  }
  return context;
}

Result<std::shared_ptr<SSL_CTX>> server_tls(const std::string& certificate_file,
                                            const std::string& key_file) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Errc::invalid, "the certificate {}: {}", certificate_file, tls_reason());
  }
  return context;
}

std::shared_ptr<SSL> tls_session(SSL_CTX* context, int fd, bool server) {
  std::shared_ptr<SSL> session(SSL_new(context), SSL_free);
  SSL_set_fd(session.get(), fd);
  SSL_set_mode(session.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  server ? SSL_set_accept_state(session.get()) : SSL_set_connect_state(session.get());
  return session;
}

std::shared_ptr<SSL> client_session(SSL_CTX* context, int fd, const std::string& host) {
  auto session = tls_session(context, fd, false);
  SSL_set_tlsext_host_name(session.get(), host.c_str());
  unsigned char address[16];
  bool numeric = inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
  if (numeric) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), host.c_str());
  } else {
    SSL_set1_host(session.get(), host.c_str());
  }
  return session;
}

Result<Connection> connect(const Endpoint& endpoint, const ClientOptions& options, SSL_CTX* tls,
                           SteadyTime until, const Waker* waker) {
  // A socket of this machine is an address like others.
  if (!endpoint.unix_socket.empty() && options.admit_address)
    CHECK_OK(options.admit_address("unix:" + endpoint.unix_socket));
  auto socket =
      TRY(endpoint.unix_socket.empty() ? connect_host(endpoint, options, until, waker)
                                       : connect_unix(endpoint.unix_socket, until, waker));
  if (!endpoint.tls) return Connection(std::move(socket));
  auto session = client_session(tls, socket.get(), endpoint.host);
  Connection connection(std::move(socket), std::move(session));
  CHECK_OK(connection.handshake(until, waker));
  return connection;
}

}  // namespace aright::net
