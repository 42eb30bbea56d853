#pragma once
// The emulated cloud on a port, for any AWS SDK or CLI: point its endpoint URL here. Owns its
// threads; call from any.

#include <cstdint>
#include <memory>
#include <string>

#include "net/http.h"
#include "sandbox/control.h"
#include "sandbox/front.h"

namespace aright::sandbox {

class HttpServer {
 public:
  // Listens on `host`; port 0 takes any free one. `front` and `control` must outlive the server. Fails as
  // net::Server does.
  static Result<std::unique_ptr<HttpServer>> start(const Front& front,
                                                   std::string host = "127.0.0.1",
                                                   std::uint16_t port = 0,
                                                   const Control* control = nullptr);
  std::string url() const { return server_->url(); }
  std::uint16_t port() const { return server_->port(); }
  void stop() { server_->stop(); }  // running calls finish

 private:
  explicit HttpServer(std::unique_ptr<net::Server> server) : server_(std::move(server)) {}
  std::unique_ptr<net::Server> server_;
};

}  // namespace aright::sandbox
