#include "aws/incoming.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "net/url.h"

namespace aright::aws {

namespace {

constexpr std::string_view account_api = "/v20180820/";  // paths of S3 Control, which signs as S3 does

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

Error incomplete(std::string message) {
  return {.code = Errc::invalid, .message = std::move(message), .wire_code = "IncompleteBody", .http_status = 400};
}

// Bodies in signed chunks: <hex size>;chunk-signature=…\r\n<bytes>\r\n … 0…. The chunks' own
// signatures are not looked at; the request's is.
Result<std::string> body_of_chunks(std::string_view body) {
  std::string out;
  while (true) {
    auto line_end = body.find("\r\n");
    if (line_end == std::string_view::npos)
      return fail(incomplete("The body ends early"));
    std::size_t size = 0;
    auto line = body.substr(0, line_end);
    auto [end, code] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    body.remove_prefix(line_end + 2);
    if (code != std::errc() || size > body.size())
      return fail(incomplete("A chunk of the body is not whole"));
    if (size == 0) return out;
    out += body.substr(0, size);
    body.remove_prefix(std::min(body.size(), size + 2));
  }
}

}  // namespace

std::string parameter_of(const net::Request& request, std::string_view name) {
  bool form = request.headers.get("Content-Type").starts_with(net::form_type);
  for (const auto& [key, value] : net::parse_query(form ? request.body : request.query(), true))
    if (key == name) return value;
  return "";
}

std::optional<Destination> find_destination(const model::Models& models, const net::Request& request,
                                            std::string_view signing_name) {
  auto services = models.signing_as(signing_name);
  if (services.empty()) return std::nullopt;
  auto version = parameter_of(request, "Version");
  auto rank = [&](const model::Service& service) {
    bool control = service.name() == "s3control";
    if (signing_name == "s3") return control == request.path().starts_with(account_api) ? 0 : 2;
    if (!version.empty() && service.api_version() != version) return 2;
    return service.name() == signing_name ? 0 : 1;
  };
  std::ranges::stable_sort(services, {}, rank);
  for (const auto& service : services) {
    auto bucket = service.name() == "s3" ? bucket_in_host(request) : "";
    auto routed = route_request(service, request, bucket);
    if (routed) return Destination{service, std::move(routed)};
  }
  return Destination{services.front(), std::nullopt};
}

Result<json::Object> read_input(const Destination& destination, const net::Request& request) {
  if (!request.headers.get("X-Amz-Content-Sha256").starts_with("STREAMING-"))
    return decode_request(destination.service, *destination.routed, request);
  auto plain = request;
  plain.body = TRY(body_of_chunks(request.body));
  return decode_request(destination.service, *destination.routed, plain);
}

}  // namespace aright::aws
