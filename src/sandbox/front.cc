#include "sandbox/front.h"

#include <algorithm>

#include "aws/incoming.h"
#include "aws/signature.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/text.h"
#include "net/url.h"
#include "sandbox/emulate.h"
#include "sandbox/s3_access.h"
#include "sandbox/validate.h"

namespace aright::sandbox {

namespace {

using model::Protocol;

constexpr std::string_view home = "us-east-1";

// Each protocol has words of its own for keys that are wrong.
Error unknown_key(const model::Service& service) {
  if (service.name().starts_with("s3"))
    return service_error("InvalidAccessKeyId", 403,
                         "The AWS Access Key Id you provided does not exist in our records.");
  if (service.protocol() == Protocol::ec2)
    return service_error("AuthFailure", 401,
                         "AWS was not able to validate the provided access credentials");
  auto code = service.protocol() == Protocol::query ? "InvalidClientTokenId"
                                                    : "UnrecognizedClientException";
  return service_error(code, 403, "The security token included in the request is invalid.");
}

Error wrong_signature(const model::Service& service, Error error) {
  bool words = service.protocol() == Protocol::json || service.protocol() == Protocol::rest_json;
  if (words && error.wire_code == "SignatureDoesNotMatch")
    error.wire_code = "InvalidSignatureException";
  return error;
}

// A request without any claim may only be a read of S3 that is open to everybody.
// With signature version 2, as old SDKs still sign URLs.
bool is_signed_as_before(const net::Request& request) {
  return request.headers.get("Authorization").starts_with("AWS ") ||
         !aws::parameter_of(request, "AWSAccessKeyId").empty();
}

bool may_be_anonymous(const net::Request& request) {
  bool reads = request.method == "GET" || request.method == "HEAD";
  return reads && request.headers.find("Authorization") == nullptr &&
         request.query().find("X-Amz-") == std::string::npos &&
         aws::parameter_of(request, "Action").empty() && !is_signed_as_before(request);
}

// Nobody answers: a fault that was asked for (fault_plan.h).
bool unanswered(const Error& error) {
  return error.wire_code.empty() && error.retry == Retry::unknown_outcome;
}

// Nobody says which service is meant: what the request looks like tells how it is answered.
net::Response unsigned_error(const net::Request& request, const Error& error) {
  bool of_query = !aws::parameter_of(request, "Action").empty();
  net::Response response{.status = error.http_status == 0 ? 403 : error.http_status};
  if (of_query) {
    response.headers.set("Content-Type", "text/xml");
    response.body = fmt::format("<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>"
                                "<RequestId>{}</RequestId></ErrorResponse>", error.wire_code, error.message, uuid());
    return response;
  }
  auto code = error.wire_code == "MissingAuthenticationToken" ? error.wire_code + "Exception" : error.wire_code;
  response.headers.set("Content-Type", "application/json");
  response.headers.set("x-amzn-ErrorType", code);
  response.body = json::print(json::Object{{"__type", code}, {"message", error.message}});
  return response;
}

net::Response plain_error(int status, std::string_view code, std::string_view message) {
  net::Response response{.status = status};
  response.headers.set("Content-Type", "application/json");
  response.body = json::print(json::Object{{"__type", code}, {"message", message}});
  return response;
}

// What a request asks for that no model knows: by the header, by the form, or by where it goes.
Error no_such_operation(const model::Service& service, const net::Request& request) {
  auto target = request.headers.get("X-Amz-Target");
  auto asked = target.substr(target.rfind('.') + 1);
  constexpr std::string_view action = "Action=";
  if (auto at = request.body.find(action); asked.empty() && at != std::string::npos) {
    asked = std::string_view(request.body).substr(at + action.size());
    asked = asked.substr(0, asked.find('&'));
  }
  bool by_path = asked.empty();
  auto path = request.target.substr(0, request.target.find('?'));
  bool of_query = service.protocol() == Protocol::query || service.protocol() == Protocol::ec2;
  if (of_query)
    return service_error("InvalidAction", 400, fmt::format("Could not find operation {} for version {}", asked,
                                                           aws::parameter_of(request, "Version")));
  return service_error("UnknownOperationException", by_path ? 404 : 400,
                       fmt::format("{} has no operation {}", service.name(),
                                   by_path ? fmt::format("{} {}", request.method, path) : std::string(asked)));
}

}  // namespace

Keys demonstration_keys(std::string account) {
  Keys keys;
  keys["test"] = {.secret = Secret("test"), .principal = {.account = std::move(account)}};
  return keys;
}

Front::Front(Cloud& cloud, Keys keys, const Clock& clock)
    : cloud_(cloud), keys_(std::move(keys)), clock_(clock) {}

Result<Principal> Front::authenticate(const net::Request& request,
                                      const model::Service& service) const {
  auto claim = aws::read_claim(request);
  if (!claim && service.name() == "s3" && may_be_anonymous(request))
    return Principal{.account = anonymous, .arn = anonymous, .user_id = anonymous};
  if (!claim && service.name() == "s3" && is_signed_as_before(request))
    return fail(service_error("InvalidRequest", 400,
                              "The authorization mechanism you have provided is not supported. Please use "
                              "AWS4-HMAC-SHA256."));
  if (!claim) return fail(claim.error());
  auto known = keys_.find(claim->access_key_id);
  auto credential =
      known != keys_.end() ? std::optional(known->second) : cloud_.credential(claim->access_key_id);
  if (!credential || !equal_secret(credential->session_token.reveal(), claim->session_token))
    return fail(unknown_key(service));
  if (auto verified = aws::verify(request, credential->secret, clock_.now()); !verified)
    return fail(wrong_signature(service, verified.error()));
  return credential->principal;
}

Result<json::Object> Front::perform(const Principal& principal, const aws::Call& call) const {
  auto context = Context::within(call_limit);
  for (const auto& interceptor : interceptors_)
    if (auto answered = interceptor(principal, call, context)) return *std::move(answered);
  return cloud_.call_as(principal, call, context);
}

// The client waits in vain for an answer that is lost; a reset it feels at once.
net::Response Front::abandon(const Error& error) const {
  if (error.code == Errc::deadline) (void)Context::within(call_limit).sleep(cloud_.faults().timeout);
  net::Response response{.status = 503};
  response.abandoned = true;
  return response;
}

net::Response Front::answer(const net::Request& request, const net::Peer& peer) const {
  if (request.body.size() > request_bytes_max)
    return plain_error(413, "RequestEntityTooLarge",
                       fmt::format("Requests have {} bytes at most", request_bytes_max));
  auto claim = aws::read_claim(request);
  if (!claim && !may_be_anonymous(request) && !is_signed_as_before(request))
    return unsigned_error(request, claim.error());
  auto where = aws::find_destination(cloud_.models(), request, claim ? claim->scope.service : "s3");
  if (!where)
    return plain_error(501, "NotImplemented",
                       fmt::format("There is no service '{}'", claim->scope.service));
  const auto& service = where->service;
  auto id = uuid();
  auto protocol = where->routed ? std::optional(where->routed->protocol) : std::nullopt;
  auto refuse = [&](const Error& error) { return aws::encode_error(service, error, id, protocol); };

  auto principal = authenticate(request, service);
  if (!principal) return refuse(principal.error());
  principal->source_ip = peer.address;
  principal->user_agent = request.headers.get("User-Agent");
  if (!where->routed)
    return refuse(no_such_operation(service, request));
  const auto& operation = where->routed->operation;
  auto input = aws::read_input(*where, request);
  if (!input) {
    auto error = input.error();
    if (error.wire_code.empty()) error = input_error(service, "", error.message);
    return refuse(error);
  }
  aws::Call call{.service = std::string(service.name()),
                 .operation = std::string(operation.name()),
                 .region = claim ? claim->scope.region : std::string(home),
                 .account = principal->account,
                 .input = std::move(*input)};
  auto output = perform(*principal, call);
  if (!output && unanswered(output.error())) return abandon(output.error());
  if (!output) return refuse(output.error());
  return aws::encode_response(service, operation, *output, id, protocol);
}

}  // namespace aright::sandbox
