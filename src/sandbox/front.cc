#include "sandbox/front.h"

#include <algorithm>
#include <charconv>

#include "aws/signature.h"
#include "aws/wire.h"
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

constexpr std::string_view account_api =
    "/v20180820/";  // paths of S3 Control, which signs as S3 does
constexpr std::string_view home = "us-east-1";

// my-bucket.s3.us-east-1.amazonaws.com, my-bucket.s3.localhost, my-bucket.localhost: the bucket; ""
// for path style.
std::string bucket_in_host(const net::Request& request) {
  auto host = lower(request.headers.get("Host"));
  host = host.substr(0, host.find(':'));
  for (std::string_view mark : {".s3.", ".s3-"})
    if (auto at = host.find(mark); at != std::string::npos && at > 0) return host.substr(0, at);
  constexpr std::string_view local = ".localhost";
  if (!host.ends_with(local) || host.starts_with("s3.")) return "";
  return host.substr(0, host.size() - local.size());
}

std::string parameter(const net::Request& request, std::string_view name) {
  bool form = request.headers.get("Content-Type").starts_with("application/x-www-form-urlencoded");
  for (const auto& [key, value] : net::parse_query(form ? request.body : request.query(), true))
    if (key == name) return value;
  return "";
}

struct Destination {
  model::Service service;
  std::optional<aws::Routed> routed;
};

// The service among those that share a signing name, and the operation. A service without an
// operation: it has none that the request could mean.
std::optional<Destination> destination(const model::Models& models, const net::Request& request,
                                       std::string_view signing_name) {
  auto services = models.signing_as(signing_name);
  if (services.empty()) return std::nullopt;
  auto version = parameter(request, "Version");
  auto rank = [&](const model::Service& service) {
    bool control = service.name() == "s3control";
    if (signing_name == "s3") return control == request.path().starts_with(account_api) ? 0 : 2;
    if (!version.empty() && service.api_version() != version) return 2;
    return service.name() == signing_name ? 0 : 1;
  };
  std::ranges::stable_sort(services, {}, rank);
  for (const auto& service : services) {
    auto bucket = service.name() == "s3" ? bucket_in_host(request) : "";
    auto routed = aws::route_request(service, request, bucket);
    if (routed) return Destination{service, std::move(routed)};
  }
  return Destination{services.front(), std::nullopt};
}

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
bool may_be_anonymous(const net::Request& request) {
  bool reads = request.method == "GET" || request.method == "HEAD";
  return reads && request.headers.find("Authorization") == nullptr &&
         request.query().find("X-Amz-") == std::string::npos &&
         parameter(request, "Action").empty() &&
         parameter(request, "AWSAccessKeyId")
             .empty();  // signed as before version 4: not supported, and not anonymous
}

// Bodies in signed chunks: <hex size>;chunk-signature=…\r\n<bytes>\r\n … 0…. The chunks' own
// signatures are not looked at; the request's is.
Result<std::string> unchunked(std::string_view body) {
  std::string out;
  while (true) {
    auto line_end = body.find("\r\n");
    if (line_end == std::string_view::npos)
      return fail(service_error("IncompleteBody", 400, "The body ends early"));
    std::size_t size = 0;
    auto line = body.substr(0, line_end);
    auto [end, code] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    body.remove_prefix(line_end + 2);
    if (code != std::errc() || size > body.size())
      return fail(service_error("IncompleteBody", 400, "A chunk of the body is not whole"));
    if (size == 0) return out;
    out += body.substr(0, size);
    body.remove_prefix(std::min(body.size(), size + 2));
  }
}

// Nobody answers: a fault that was asked for (fault_plan.h).
bool unanswered(const Error& error) {
  return error.wire_code.empty() && error.retry == Retry::unknown_outcome;
}

net::Response plain_error(int status, std::string_view code, std::string_view message) {
  net::Response response{.status = status};
  response.headers.set("Content-Type", "application/json");
  response.body = json::print(json::Object{{"__type", code}, {"message", message}});
  return response;
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
  if (!claim && !may_be_anonymous(request))
    return plain_error(claim.error().http_status == 0 ? 403 : claim.error().http_status,
                       claim.error().wire_code, claim.error().message);
  auto where = destination(cloud_.models(), request, claim ? claim->scope.service : "s3");
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
    return refuse(service_error("UnknownOperationException", 404,
                                fmt::format("{} has no such operation", service.name())));
  const auto& operation = where->routed->operation;
  auto decoded = request.headers.get("X-Amz-Content-Sha256").starts_with("STREAMING-")
                     ? unchunked(request.body)
                     : Result<std::string>(request.body);
  if (!decoded) return refuse(decoded.error());
  net::Request plain = request;
  plain.body = std::move(*decoded);
  auto input = aws::decode_request(service, *where->routed, plain);
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
