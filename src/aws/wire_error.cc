#include "aws/wire_error.h"

#include <algorithm>
#include <array>

#include "aws/quirks.h"
#include "aws/retry.h"
#include "aws/xml_body.h"
#include "base/text.h"
#include "json/value.h"

namespace aright::aws {

using model::Protocol;

namespace {

constexpr int client_fault = 400, server_fault = 500, not_implemented = 501;

struct Said {
  std::string code, message;
};

// "aws.ssm#ParameterNotFound" and "ParameterNotFound:http://…" are both ParameterNotFound.
std::string bare_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  auto hash = code.rfind('#');
  return std::string(trim(hash == code.npos ? code : code.substr(hash + 1)));
}

std::string first_text(const json::Value& body, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    const json::Value& value = json::at(body, name);
    if (value.is_string() || value.is_number()) return json::scalar_text(value);
  }
  return "";
}

Said read_json(const net::Response& response) {
  auto parsed = json::parse(response.body);
  json::Value body = parsed ? std::move(*parsed) : json::Value();
  // The header of rest-json; the body's own fields; and where older services hide them.
  auto code = response.headers.get("x-amzn-errortype");
  if (code.empty()) code = first_text(body, {"__type", "code", "Code"});
  Said said{.code = bare_code(code),
            .message = first_text(body, {"message", "Message", "errorMessage"})};
  // A service that once spoke query still gives its old code: "AWS.SimpleQueueService.…;Sender".
  auto old = response.headers.get("x-amzn-query-error");
  if (!old.empty()) said.code = old.substr(0, old.find(';'));
  return said;
}

// <Error>, wherever it stands: alone (S3), in <ErrorResponse> (query), in <Response><Errors> (ec2).
pugi::xml_node find_error(pugi::xml_node document) {
  auto root = document.first_child();
  while (root && root.type() != pugi::node_element)
    root = root.next_sibling();
  if (local_name(root.name()) == "Error") return root;
  if (auto error = child_named(root, "Error")) return error;
  return child_named(child_named(root, "Errors"), "Error");
}

Said read_xml_error(const net::Response& response) {
  pugi::xml_document document;
  if (!parse_xml(document, response.body)) return {};
  auto error = find_error(document);
  Said said{.code = child_named(error, "Code").child_value(),
            .message = child_named(error, "Message").child_value()};
  if (said.message.empty()) said.message = child_named(error, "message").child_value();
  return said;
}

Errc class_of(const Error& error) {
  const std::string& code = error.wire_code;
  auto has = [&](std::string_view part) { return code.find(part) != code.npos; };
  if (is_throttling(error)) return Errc::throttled;
  if (error.http_status == not_implemented) return Errc::unsupported;
  if (error.http_status >= server_fault) return Errc::unavailable;
  if (has("AccessDenied") || has("Unauthorized") || has("NotAuthorized") ||
      error.http_status == 401 || error.http_status == 403) {
    return Errc::denied;
  }
  if (has("NotFound") || has("NoSuch") || has("NotExist") || has("NonExist") ||
      error.http_status == 404) {
    return Errc::not_found;
  }
  if (has("AlreadyExist") || has("Conflict") || has("InUse") || has("Duplicate") ||
      error.http_status == 409) {
    return Errc::conflict;
  }
  return Errc::invalid;
}

// A refusal changed nothing; nor did what is not implemented. A server that broke may have broken after its work.
Retry retry_of(const Error& error) {
  constexpr int busy = 503;
  if (error.code == Errc::throttled || error.http_status == busy) return Retry::later;
  bool broke = error.http_status >= server_fault && error.http_status != not_implemented;
  return broke ? Retry::unknown_outcome : Retry::never;
}

struct Answer {
  int status;
  std::string_view code;
};

// What a service says for our kinds of failure, when nothing more exact is known.
Answer answer_for(Errc code) {
  switch (code) {
    case Errc::invalid:
      return {client_fault, "ValidationException"};
    case Errc::not_found:
      return {404, "ResourceNotFoundException"};
    case Errc::denied:
      return {403, "AccessDenied"};
    case Errc::throttled:
      return {429, "ThrottlingException"};
    case Errc::conflict:
    case Errc::drifted:
      return {409, "ConflictException"};
    case Errc::unavailable:
    case Errc::deadline:
    case Errc::cancelled:
      return {503, "ServiceUnavailable"};
    case Errc::unsupported:
      return {501, "NotImplemented"};
    case Errc::corrupt:
    case Errc::internal:
      break;
  }
  return {server_fault, "InternalFailure"};
}

void add_text(pugi::xml_node parent, const char* name, std::string_view text) {
  parent.append_child(name).text().set(std::string(text).c_str());
}

std::string xml_error(const model::Service& service, Protocol protocol, const Said& said, bool ours,
                      std::string_view request_id) {
  pugi::xml_document document;
  if (service.name() == "s3") {
    auto error = document.append_child("Error");
    add_text(error, "Code", said.code);
    add_text(error, "Message", said.message);
    add_text(error, "RequestId", request_id);
    return print_xml(document);
  }
  if (protocol == Protocol::ec2) {
    auto response = document.append_child("Response");
    auto error = response.append_child("Errors").append_child("Error");
    add_text(error, "Code", said.code);
    add_text(error, "Message", said.message);
    add_text(response, "RequestID", request_id);
    return print_xml(document);
  }
  auto response = document.append_child("ErrorResponse");
  set_namespace(response, service.xml_namespace());
  auto error = response.append_child("Error");
  add_text(error, "Type", ours ? "Receiver" : "Sender");
  add_text(error, "Code", said.code);
  add_text(error, "Message", said.message);
  add_text(response, "RequestId", request_id);
  return print_xml(document);
}

}  // namespace

Error read_error(const net::Response& response) {
  auto start = trim(response.body);
  Said said = start.starts_with('<') ? read_xml_error(response) : read_json(response);
  Error error{.wire_code = said.code, .http_status = response.status};
  if (error.wire_code.empty()) error.wire_code = std::to_string(response.status);
  error.message =
      said.message.empty() ? "HTTP status " + std::to_string(response.status) : said.message;
  error.code = class_of(error);
  error.retry = retry_of(error);
  return error;
}

bool is_error_document(std::string_view xml) {
  if (xml.find("<Error") == xml.npos) return false;
  pugi::xml_document document;
  return parse_xml(document, xml) && local_name(document.document_element().name()) == "Error";
}

net::Response write_error(const model::Service& service, Protocol protocol, const Error& error,
                          std::string_view request_id) {
  auto usual = answer_for(error.code);
  net::Response response{.status = error.http_status != 0 ? error.http_status : usual.status};
  Said said{.code = error.wire_code.empty() ? std::string(usual.code) : error.wire_code,
            .message = error.message};
  bool ours = response.status >= server_fault;
  switch (protocol) {
    case Protocol::json:
    case Protocol::rest_json: {
      auto today = todays_error(service, said.code);
      bool spoke_query = protocol == Protocol::json && service.protocol() == Protocol::query;  // now both
      if (!today.empty() || spoke_query)
        response.headers.set("x-amzn-query-error", fmt::format("{};{}", said.code, ours ? "Receiver" : "Sender"));
      json::Object body{{"__type", today.empty() ? said.code : today}, {"message", said.message}};
      response.body = json::print(body);
      if (protocol == Protocol::rest_json) response.headers.set("x-amzn-ErrorType", said.code);
      auto version = service.json_version().empty() ? "1.0" : service.json_version();
      response.headers.set("Content-Type", protocol == Protocol::rest_json
                                               ? "application/json"
                                               : fmt::format("application/x-amz-json-{}", version));
      break;
    }
    case Protocol::query:
    case Protocol::ec2:
    case Protocol::rest_xml:
      response.body = xml_error(service, protocol, said, ours, request_id);
      response.headers.set("Content-Type", "text/xml");
      break;
  }
  return response;
}

}  // namespace aright::aws
