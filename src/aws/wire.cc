#include "aws/wire.h"

#include <algorithm>

#include "aws/checksum.h"
#include "aws/chunked.h"
#include "aws/input_check.h"
#include "aws/json_body.h"
#include "aws/query_body.h"
#include "aws/quirks.h"
#include "aws/rest_binding.h"
#include "aws/rest_body.h"
#include "aws/sqs_query.h"
#include "aws/wire_error.h"
#include "aws/wire_value.h"
#include "aws/xml_body.h"
#include "base/id.h"
#include "base/text.h"

namespace aright::aws {

using model::Protocol;

namespace {

constexpr int redirected = 300;
constexpr int late_failure = 500;  // S3's failures after a 200 are its own

std::string json_type_of(const model::Service& service) {
  auto version = service.json_version().empty() ? "1.0" : service.json_version();
  return fmt::format("application/x-amz-json-{}", version);
}

Dialect dialect_of(Protocol protocol) {
  return protocol == Protocol::ec2 ? Dialect::ec2 : Dialect::query;
}

bool has_event_stream(const model::Shape& shape) {
  return shape && std::ranges::any_of(shape.members(), [](const model::Member& member) {
           return member.shape().event_stream();
         });
}

// The input with its missing idempotency tokens.
json::Object with_tokens(const model::Operation& operation, const json::Object& input) {
  json::Object completed = input;
  if (!operation.input()) return completed;
  for (const model::Member& member : operation.input().members()) {
    bool missing = member.idempotency_token() && json::at(input, member.name()).is_null();
    if (missing) completed[member.name()] = uuid();
  }
  return completed;
}

// "{AccountId}." with its labels filled; each is one label of a host's name.
Result<std::string> host_prefix_of(const model::Operation& operation, const json::Object& input) {
  auto prefix = std::string(operation.host_prefix());
  if (prefix.empty() || !operation.input()) return prefix;
  constexpr std::size_t label_max = 63;
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  for (const model::Member& member : operation.input().members()) {
    if (!member.host_label()) continue;
    auto text = json::text(input, member.name());
    if (text.empty() || text.size() > label_max || text.find_first_not_of(letters) != text.npos) {
      return fail(Errc::invalid, "{} goes into the host's name and may not be '{}'", member.name(),
                  text);
    }
    prefix = replace_all(prefix, fmt::format("{{{}}}", member.name()), text);
  }
  return prefix;
}

net::Request form_request(const model::Service& service, const model::Operation& operation,
                          const json::Object& input) {
  net::Query form{{"Action", std::string(operation.name())},
                  {"Version", std::string(service.api_version())}};
  if (operation.input()) {
    write_query(form, dialect_of(service.protocol()), operation.input(), input);
  }
  net::Request request{.method = "POST", .body = net::build_query(form)};
  request.headers.set("Content-Type", fmt::format("{}; charset=utf-8", net::form_type));
  return request;
}

net::Request json_request(const model::Service& service, const model::Operation& operation,
                          const json::Object& input) {
  net::Request request{.method = "POST", .body = "{}"};
  if (operation.input()) {
    request.body = json::print(to_json_body(operation.input(), input, Part::whole));
  }
  request.headers.set("X-Amz-Target",
                      fmt::format("{}.{}", service.target_prefix(), operation.name()));
  request.headers.set("Content-Type", json_type_of(service));
  return request;
}

Result<net::Request> rest_request(const model::Service& service, const model::Operation& operation,
                                  const json::Object& input) {
  net::Request request{.method = std::string(operation.method())};
  request.target = TRY(write_target(operation, input));
  auto shape = operation.input();
  if (!shape) return request;
  CHECK_OK(write_headers(shape, input, request.headers));
  auto name = operation.input_wrapper().empty() ? shape.xml_name() : operation.input_wrapper();
  Root root{.name = name.empty() ? fmt::format("{}Request", operation.name()) : std::string(name),
            .xml_namespace = std::string(operation.input_xml_namespace()),
            .asked = true};
  if (root.xml_namespace.empty()) root.xml_namespace = shape.xml_namespace();
  auto body = write_body(service.protocol(), shape, input, root);
  request.body = std::move(body.bytes);
  if (!body.content_type.empty() && !request.headers.find("Content-Type")) {
    request.headers.set("Content-Type", body.content_type);
  }
  return request;
}

// A service that speaks json itself says no wrapper; the usual one is its operation's.
std::string wrapper_of(const model::Operation& operation) {
  auto said = operation.result_wrapper();
  return said.empty() ? fmt::format("{}Result", operation.name()) : std::string(said);
}

Result<json::Object> read_answer(Protocol protocol, const model::Operation& operation,
                                 std::string_view body) {
  auto shape = operation.output();
  if (protocol == Protocol::json) {
    if (body.empty()) return json::Object();
    auto parsed = TRY(json::parse(body));
    if (!parsed.is_object()) return fail(Errc::corrupt, "the answer is no JSON object");
    return from_json_body(shape, parsed.get_object(), Part::whole);
  }
  if (body.empty()) return json::Object();
  pugi::xml_document document;
  CHECK_OK(parse_xml(document, body));
  auto root = document.document_element();
  auto result = protocol == Protocol::query ? child_named(root, wrapper_of(operation)) : root;
  return read_xml(result ? result : root, shape);
}

// S3 says 200 before it has copied or joined a large object, and an error after that. What the
// caller stored is no answer of S3's.
bool fails_late(const model::Service& service, const model::Operation& operation,
                const net::Response& response) {
  if (service.name() != "s3") return false;
  bool stored = false;
  if (operation.output() && !operation.output().payload().empty()) {
    auto payload = operation.output().member(operation.output().payload());
    stored = payload && payload->shape().type() != model::Type::structure;
  }
  return !stored && is_error_document(response.body);
}

Result<json::Object> read_rest_answer(const model::Service& service,
                                      const model::Operation& operation,
                                      const net::Response& response) {
  json::Object output;
  auto shape = operation.output();
  if (is_bare_location(service, operation)) {
    pugi::xml_document document;
    CHECK_OK(parse_xml(document, response.body));
    std::string location = document.document_element().child_value();
    // Nothing is said of us-east-1.
    if (!location.empty()) output["LocationConstraint"] = location;
    return output;
  }
  read_headers(shape, response.headers, output);
  read_status(shape, response.status, output);
  CHECK_OK(read_body(service.protocol(), shape, response.body, output));
  return output;
}

std::string xml_answer(const model::Service& service, Protocol protocol,
                       const model::Operation& operation, const json::Object& output,
                       std::string_view request_id) {
  pugi::xml_document document;
  auto root = document.append_child(fmt::format("{}Response", operation.name()).c_str());
  set_namespace(root, service.xml_namespace());
  std::string id(request_id);
  if (protocol == Protocol::ec2) {
    root.append_child("requestId").text().set(id.c_str());
    if (operation.output()) write_xml(root, operation.output(), output);
    return print_xml(document);
  }
  if (operation.output()) {
    auto result = root.append_child(wrapper_of(operation).c_str());
    write_xml(result, operation.output(), output);
    if (service.name() == "sqs") use_query_names(result, operation.name());
  }
  root.append_child("ResponseMetadata").append_child("RequestId").text().set(id.c_str());
  return print_xml(document);
}

void rest_answer(const model::Service& service, const model::Operation& operation,
                 const json::Object& output, net::Response& response) {
  response.status = written_status(operation, output);
  auto shape = operation.output();
  if (!shape) return;
  if (is_bare_location(service, operation)) {
    pugi::xml_document document;
    auto root = document.append_child("LocationConstraint");
    set_namespace(root, answer_namespace(service));
    root.text().set(json::text(output, "LocationConstraint").c_str());
    response.body = print_xml(document);
    response.headers.set("Content-Type", "application/xml");
    return;
  }
  // A header that cannot be sent is left out: an answer has no one to complain to.
  (void)write_headers(shape, output, response.headers);
  auto name = shape.xml_name();
  Root root{.name = name.empty() ? answer_root(service, operation) : std::string(name),
            .xml_namespace = std::string(answer_namespace(service))};
  auto body = write_body(service.protocol(), shape, output, root);
  response.body = std::move(body.bytes);
  if (!body.content_type.empty() && !response.headers.find("Content-Type")) {
    response.headers.set("Content-Type", body.content_type);
  }
  // Only HEAD may speak of a body that it does not have.
  bool true_length = operation.method() != "HEAD" && response.headers.find("Content-Length");
  if (true_length) response.headers.set("Content-Length", std::to_string(response.body.size()));
}

void add_request_id(const model::Service& service, net::Response& response,
                    std::string_view request_id) {
  bool is_s3 = service.protocol() == Protocol::rest_xml && service.signing_name() == "s3";
  response.headers.set(is_s3 ? "x-amz-request-id" : "x-amzn-RequestId", std::string(request_id));
}

Result<json::Object> read_form(const model::Service& service, const Routed& routed,
                               const net::Request& request) {
  auto form = form_of(request);
  if (service.name() == "sqs") form = with_model_names(form, routed.operation.name());
  return read_query(form, dialect_of(routed.protocol), routed.operation.input());
}

Result<json::Object> read_json_request(const model::Shape& shape, const net::Request& request) {
  if (trim(request.body).empty()) return json::Object();
  auto parsed = TRY(json::parse(request.body));
  if (!parsed.is_object()) return fail(Errc::invalid, "the body is no JSON object");
  return from_json_body(shape, parsed.get_object(), Part::whole);
}

Result<json::Object> read_rest_request(const model::Shape& shape, const Routed& routed,
                                       const net::Request& request) {
  json::Object input;
  for (const model::Member& member : shape.members()) {
    if (member.location() != model::Location::uri) continue;
    auto text = json::text(routed.uri_members, member.location_name());
    input[member.name()] = from_wire(member.shape(), text);
  }
  read_query_members(routed.operation, request.query(), input);
  read_headers(shape, request.headers, input);
  CHECK_OK(read_body(routed.protocol, shape, request.body, input));
  return input;
}

Result<json::Object> read_request(const model::Service& service, const Routed& routed,
                                  const net::Request& request) {
  auto shape = routed.operation.input();
  if (!shape) return json::Object();
  switch (routed.protocol) {
    case Protocol::query:
    case Protocol::ec2:
      return read_form(service, routed, request);
    case Protocol::json:
      return read_json_request(shape, request);
    case Protocol::rest_json:
    case Protocol::rest_xml:
      break;
  }
  return read_rest_request(shape, routed, request);
}

// What services call an input that they cannot read.
std::string_view refusal_code(const model::Service& service, Protocol protocol) {
  switch (protocol) {
    case Protocol::query:
      return "ValidationError";
    case Protocol::ec2:
      return "InvalidParameterValue";
    case Protocol::rest_xml:
      return service.name() == "s3" ? "InvalidRequest" : "InvalidInput";
    case Protocol::json:
    case Protocol::rest_json:
      break;
  }
  return "SerializationException";
}

}  // namespace

Result<Encoded> encode_request(const model::Service& service, const model::Operation& operation,
                               const json::Object& input) {
  if (has_event_stream(operation.input())) {
    return fail(Errc::unsupported, "{} takes an event stream", operation.name());
  }
  auto completed = with_tokens(operation, input);
  adjust_input(service, completed);
  CHECK_OK(check_input(operation.input(), completed));
  Encoded encoded;
  encoded.host_prefix = TRY(host_prefix_of(operation, completed));
  switch (service.protocol()) {
    case Protocol::query:
    case Protocol::ec2:
      encoded.request = form_request(service, operation, completed);
      break;
    case Protocol::json:
      encoded.request = json_request(service, operation, completed);
      break;
    case Protocol::rest_json:
    case Protocol::rest_xml:
      encoded.request = TRY(rest_request(service, operation, completed));
      break;
  }
  finish_request(service, encoded.request);
  CHECK_OK(add_checksum(operation, encoded.request));
  return encoded;
}

Result<json::Object> decode_response(const model::Service& service,
                                     const model::Operation& operation,
                                     const net::Response& response) {
  if (response.status >= redirected) return fail(read_error(response));
  if (fails_late(service, operation, response)) {
    net::Response failed = response;
    failed.status = late_failure;
    return fail(read_error(failed));
  }
  if (!operation.output()) return json::Object();
  if (has_event_stream(operation.output())) {
    return fail(Errc::unsupported, "{} answers with an event stream", operation.name());
  }
  switch (service.protocol()) {
    case Protocol::query:
    case Protocol::ec2:
    case Protocol::json:
      return read_answer(service.protocol(), operation, response.body);
    case Protocol::rest_json:
    case Protocol::rest_xml:
      break;
  }
  return read_rest_answer(service, operation, response);
}

Result<json::Object> decode_request(const model::Service& service, const Routed& routed,
                                    const net::Request& request) {
  auto refuse = [&](Error error) {
    error.code = Errc::invalid;
    error.http_status = 400;
    error.wire_code = refusal_code(service, routed.protocol);
    return fail(std::move(error));
  };
  bool streamed = service.signing_name() == "s3" && is_chunked(request);
  auto whole = streamed ? unchunked(request) : Result<net::Request>();
  if (!whole) return refuse(std::move(whole.error()));
  auto input = read_request(service, routed, streamed ? *whole : request);
  if (!input) return refuse(std::move(input.error()));
  restore_input(service, *input);
  auto checked = check_input(routed.operation.input(), *input,
                             {.unknown_allowed = true, .missing_allowed = true});
  if (!checked) return refuse(std::move(checked.error()));
  return input;
}

net::Response encode_response(const model::Service& service, const model::Operation& operation,
                              const json::Object& output, std::string_view request_id,
                              std::optional<Protocol> spoken) {
  auto protocol = spoken.value_or(service.protocol());
  net::Response response;
  add_request_id(service, response, request_id);
  switch (protocol) {
    case Protocol::query:
    case Protocol::ec2:
      response.body = xml_answer(service, protocol, operation, output, request_id);
      response.headers.set("Content-Type", "text/xml");
      break;
    case Protocol::json: {
      auto shape = operation.output();
      response.body = shape ? json::print(to_json_body(shape, output, Part::whole)) : "{}";
      response.headers.set("Content-Type", json_type_of(service));
      break;
    }
    case Protocol::rest_json:
    case Protocol::rest_xml:
      rest_answer(service, operation, output, response);
      break;
  }
  return response;
}

net::Response encode_error(const model::Service& service, const Error& error,
                           std::string_view request_id, std::optional<Protocol> spoken) {
  auto response = write_error(service, spoken.value_or(service.protocol()), error, request_id);
  add_request_id(service, response, request_id);
  return response;
}

}  // namespace aright::aws
