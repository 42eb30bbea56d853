#include "script/answers.h"

#include "aws/incoming.h"
#include "aws/signature.h"
#include "base/digest.h"
#include "base/id.h"

namespace aright::script {

namespace {

constexpr std::size_t answer_bytes_max = 32u << 20;

// What an SDK should call a failure that did not come from a service.
struct WireError {
  std::string_view code;
  int status;
};
WireError wire_error(Errc code) {
  switch (code) {
    case Errc::invalid:
      return {"ValidationException", 400};
    case Errc::not_found:
      return {"ResourceNotFoundException", 404};
    case Errc::denied:
      return {"AccessDenied", 403};
    case Errc::throttled:
      return {"ThrottlingException", 429};
    case Errc::conflict:
    case Errc::drifted:
      return {"ConflictException", 409};
    case Errc::unavailable:
      return {"ServiceUnavailable", 503};
    case Errc::deadline:
    case Errc::cancelled:
      return {"RequestTimeout", 408};
    case Errc::unsupported:
      return {"UnsupportedOperation", 400};
    case Errc::corrupt:
    case Errc::internal:
      return {"InternalFailure", 500};
  }
  return {"InternalFailure", 500};
}

Error on_the_wire(Error error) {
  auto wire = wire_error(error.code);
  if (error.wire_code.empty()) error.wire_code = wire.code;
  if (error.http_status == 0) error.http_status = wire.status;
  return error;
}

Error wrong(std::string_view code, int status, std::string message) {
  return {.code = Errc::invalid, .message = std::move(message), .wire_code = std::string(code), .http_status = status};
}

std::string error_line(const Error& error) {
  auto told = on_the_wire(error);
  return json::print(
      {{"error", {{"code", told.wire_code}, {"message", told.message}, {"status", told.http_status}}}});
}

net::Response plain_error(const Error& error) {
  net::Response response{.status = error.http_status};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("x-amzn-ErrorType", error.wire_code);
  response.body = json::print({{"__type", error.wire_code}, {"message", error.message}});
  return response;
}

Result<net::Request> request_of(const json::Object& asked) {
  net::Request request{.method = json::text(asked, "method"), .target = json::text(asked, "target")};
  for (const auto& header : json::items(json::at(asked, "headers"))) {
    auto parts = json::texts(header);
    if (parts.size() == 2) request.headers.add(parts[0], parts[1]);
  }
  request.body = TRY(from_base64(json::text(asked, "body")));
  return request;
}

std::string http_line(const net::Response& response) {
  json::Array headers;
  for (const auto& [name, value] : response.headers) headers.push_back(json::Array{name, value});
  return json::print({{"http",
                       {{"status", response.status},
                        {"headers", std::move(headers)},
                        {"body", to_base64(response.body)}}}});
}

}  // namespace

std::optional<std::string> Answers::to(const json::Object& message, bool spent, const Context& context) const {
  if (const auto& call = json::at(message, "call"); call.is_object())
    return to_bridge(call.get_object(), spent, context);
  const auto& http = json::at(message, "http");
  if (!http.is_object()) return std::nullopt;
  auto request = request_of(http.get_object());
  auto response = request ? to_http(*request, spent, context) : plain_error(on_the_wire(request.error()));
  auto line = http_line(response);
  if (line.size() <= answer_bytes_max) return line;
  return http_line(plain_error(wrong("UnsupportedOperation", 400,
                                     fmt::format("the answer has more than {} bytes", answer_bytes_max))));
}

Result<json::Object> Answers::made(aws::Call call, bool spent, const Context& context) const {
  if (spent)
    return fail(wrong("LimitExceededException", 400,
                      fmt::format("a script may make {} AWS calls", program_.limits.calls_max)));
  call.account = program_.account;
  if (call.region.empty()) call.region = program_.region;
  return door_.call(call, context);
}

std::string Answers::to_bridge(const json::Object& asked, bool spent, const Context& context) const {
  auto output = made({.service = json::text(asked, "service"),
                      .operation = json::text(asked, "operation"),
                      .region = json::text(asked, "region"),
                      .account = "",
                      .input = json::members(json::at(asked, "input"))},
                     spent, context);
  if (!output) return error_line(output.error());
  std::string line = json::print({{"output", std::move(*output)}});
  if (line.size() <= answer_bytes_max) return line;
  return error_line(
      {.code = Errc::unsupported, .message = fmt::format("the answer has more than {} bytes", answer_bytes_max)});
}

// The signature says which service and region are meant; it proves nothing and need not: whoever can ask here is the
// function.
net::Response Answers::to_http(const net::Request& request, bool spent, const Context& context) const {
  auto claim = aws::read_claim(request);
  if (!claim) return plain_error(on_the_wire(claim.error()));
  auto where = aws::find_destination(model::Models::embedded(), request, claim->scope.service);
  if (!where)
    return plain_error(wrong("UnknownService", 404, fmt::format("there is no service '{}'", claim->scope.service)));
  auto id = uuid();
  auto protocol = where->routed ? std::optional(where->routed->protocol) : std::nullopt;
  auto refuse = [&](const Error& error) { return aws::encode_error(where->service, on_the_wire(error), id, protocol); };
  if (!where->routed)
    return refuse(wrong("UnknownOperationException", 404,
                        fmt::format("{} has no such operation", where->service.name())));
  auto input = aws::read_input(*where, request);
  if (!input) return refuse(input.error());
  const auto& operation = where->routed->operation;
  auto output = made({.service = std::string(where->service.name()),
                      .operation = std::string(operation.name()),
                      .region = claim->scope.region,
                      .account = "",
                      .input = std::move(*input)},
                     spent, context);
  if (!output) return refuse(output.error());
  return aws::encode_response(where->service, operation, *output, id, protocol);
}

}  // namespace aright::script
