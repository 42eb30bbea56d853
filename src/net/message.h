#pragma once
// HTTP messages on a connection. The module's own; message.cc alone sees Boost.Beast.

#include <string>

#include "net/connection.h"
#include "net/http.h"

namespace aright::net {

struct Incoming {
  Request request;
  bool keep_alive = false;
};

// `pending` holds bytes read past the last message; both functions take from it and leave what is
// over. Fails with http_status set to what the peer should be told (400, 408, 413, 431), or 0 when
// it has gone.
Result<Incoming> read_request(Connection& connection, std::string& pending, std::size_t body_max,
                              SteadyTime until, const Waker* waker);

struct Answer {
  Response response;
  bool keep_alive = false;
};
Result<Answer> read_response(Connection& connection, std::string& pending, bool head,
                             std::size_t body_max, SteadyTime until, const Waker* waker);

// Fails with invalid when a name or value could be read as two headers.
Result<std::string> print_request(const Endpoint& endpoint, const Request& request);
enum class Framing { length, chunked };
std::string print_head(const Response& response, Framing framing, bool keep_alive);

}  // namespace aright::net
