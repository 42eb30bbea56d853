#include "net/socket.h"

#include "net/connection.h"

namespace aright::net {

struct Socket::Impl {
  Connection connection;
};

Socket::Socket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Socket::Socket(Socket&&) noexcept = default;
Socket& Socket::operator=(Socket&&) noexcept = default;
Socket::~Socket() = default;

Result<Socket> Socket::open(const Endpoint& endpoint, const ClientOptions& options, const Context& context) {
  CHECK_OK(context.check());
  Waker waker;
  std::stop_callback wake(context.stop, [&] { waker.raise(); });
  auto plain = endpoint;
  plain.tls = false;
  auto connection = connect(plain, options, nullptr, context.at_most(options.connect_timeout).deadline, &waker);
  if (!connection) return wrap(std::move(connection.error()), "connecting to {}:{}", endpoint.host, endpoint.port);
  return Socket(std::make_unique<Impl>(std::move(*connection)));
}

Result<> Socket::secure(const std::string& host, const std::string& ca_file, const Context& context) {
  Waker waker;
  std::stop_callback wake(context.stop, [&] { waker.raise(); });
  auto tls = client_tls(ca_file);
  impl_->connection.begin_tls(client_session(tls.get(), impl_->connection.fd(), host));
  return impl_->connection.handshake(context.deadline, &waker);
}

Result<std::size_t> Socket::read(char* into, std::size_t size, const Context& context) {
  CHECK_OK(context.check());
  Waker waker;
  std::stop_callback wake(context.stop, [&] { waker.raise(); });
  return impl_->connection.read(into, size, context.deadline, &waker);
}

Result<> Socket::write(std::string_view bytes, const Context& context) {
  CHECK_OK(context.check());
  Waker waker;
  std::stop_callback wake(context.stop, [&] { waker.raise(); });
  return impl_->connection.write(bytes, context.deadline, &waker);
}

}  // namespace aright::net
