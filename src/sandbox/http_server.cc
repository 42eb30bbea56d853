#include "sandbox/http_server.h"

namespace aright::sandbox {

Result<std::unique_ptr<HttpServer>> HttpServer::start(const Front& front, std::string host,
                                                      std::uint16_t port, const Control* control) {
  net::ServerOptions options{
      .host = std::move(host), .port = port, .request_bytes_max = request_bytes_max};
  auto handler = [&front, control](const net::Request& request, const net::Peer& peer) {
    if (control != nullptr && Control::is_for(request)) return control->answer(request, peer);
    return front.answer(request, peer);
  };
  auto server = TRY(net::Server::start(std::move(options), handler));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

}  // namespace aright::sandbox
