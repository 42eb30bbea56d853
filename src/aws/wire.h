#pragma once
// The five wire protocols, both ways: a client encodes requests and decodes responses, the sandbox
// and our own services decode requests and encode responses. Pure: no I/O, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"
#include "model/model.h"
#include "net/http.h"

namespace aright::aws {

// The HTTP request for an operation: method, target (path style for S3), body, protocol headers.
// Not signed; no Host. `host_prefix` is filled from hostLabel members. Fails with invalid, naming
// the member, when the input has a member the model does not know, lacks a required one, or has a
// value of the wrong type.
struct Encoded {
  net::Request request;
  std::string host_prefix;
};
Result<Encoded> encode_request(const model::Service&, const model::Operation&,
                               const json::Object& input);

// The output, or the service's error with wire_code, message and http_status. For errors without a
// body (HEAD, 304) the code is the status. Unknown members are ignored.
Result<json::Object> decode_response(const model::Service&, const model::Operation&,
                                     const net::Response&);

// Server side. Which operation a request means: by X-Amz-Target, Action, or method and URI
// template. For rest services with virtual-host addressing pass the bucket found in Host as
// `host_bucket`.
struct Routed {
  model::Operation operation;
  json::Object uri_members;  // the path's labels, by their names on the wire
  model::Protocol protocol;  // what the request speaks; answers must speak the same
};
// The service's own protocol, or the older or newer one that some clients still or already use:
// a form with an Action to a json service, an X-Amz-Target to a query service.
model::Protocol request_protocol(const model::Service&, const net::Request&);
std::optional<Routed> route_request(const model::Service&, const net::Request&,
                                    std::string_view host_bucket = "");
// Fails with invalid as encode_request does, except that unknown members are ignored, as services
// do.
Result<json::Object> decode_request(const model::Service&, const Routed&, const net::Request&);
net::Response encode_response(const model::Service&, const model::Operation&,
                              const json::Object& output, std::string_view request_id,
                              std::optional<model::Protocol> protocol = std::nullopt);
net::Response encode_error(const model::Service&, const Error&, std::string_view request_id,
                           std::optional<model::Protocol> protocol = std::nullopt);

}  // namespace aright::aws
