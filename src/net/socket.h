#pragma once
// A connection for protocols other than HTTP: bytes out, bytes in, each with a deadline. One thread at a time. Fails
// with unavailable, deadline or cancelled.

#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"

namespace aright::net {

class Socket {
 public:
  // To the endpoint, without TLS, whatever it says of that; secure() comes when the protocol asks for it.
  static Result<Socket> open(const Endpoint& endpoint, const ClientOptions& options, const Context& context);
  Socket(Socket&&) noexcept;
  Socket& operator=(Socket&&) noexcept;
  ~Socket();

  // TLS from here on, with a peer whose certificate is good for `host`. `ca_file` empty: the system's.
  Result<> secure(const std::string& host, const std::string& ca_file, const Context& context);
  // At least one byte, or 0 at the end.
  Result<std::size_t> read(char* into, std::size_t size, const Context& context);
  Result<> write(std::string_view bytes, const Context& context);

 private:
  struct Impl;
  explicit Socket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aright::net
