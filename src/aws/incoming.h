#pragma once
// What an HTTP request to AWS means, for those who answer one: the sandbox's front, and a function's own AWS. Pure.

#include <optional>

#include "aws/wire.h"

namespace aright::aws {

// A service without an operation: it has none that the request could mean.
struct Destination {
  model::Service service;
  std::optional<Routed> routed;
};

// The service among those that share a signing name, and the operation. Nothing when no service signs so.
std::optional<Destination> find_destination(const model::Models& models, const net::Request& request,
                                            std::string_view signing_name);

// The operation's input, also from a body in signed chunks. The chunks' own signatures are not looked at. Fails as
// decode_request does, and with the code IncompleteBody.
Result<json::Object> read_input(const Destination& destination, const net::Request& request);

// Of the query, or of a form in the body; "" when there is none.
std::string parameter_of(const net::Request& request, std::string_view name);

}  // namespace aright::aws
