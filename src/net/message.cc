#include "net/message.h"

#include <boost/beast/http.hpp>

#include "base/text.h"

namespace aright::net {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t read_bytes = 16u << 10;

std::unexpected<Error> parse_failure(const boost::beast::error_code& code) {
  int status = 400;
  if (code == http::error::header_limit) status = 431;
  if (code == http::error::body_limit) status = 413;
  auto message = status == 413   ? "the body is larger than allowed"
                 : status == 431 ? "the headers are larger than allowed"
                                 : code.message();
  return fail(Error{.code = Errc::invalid, .message = message, .http_status = status});
}

// Feeds the parser until `done`, reading as needed. True while the peer goes on; false at its end.
template <typename Parser, typename Done>
Result<bool> feed(Parser& parser, Done done, Connection& connection, std::string& pending,
                  SteadyTime until, const Waker* waker) {
  boost::beast::error_code code;
  while (!done()) {
    if (!pending.empty()) {
      auto used = parser.put(boost::asio::buffer(pending), code);
      pending.erase(0, used);
      if (code && code != http::error::need_more) return parse_failure(code);
      if (!code && used > 0) continue;
      if (done()) break;
    }
    char bytes[read_bytes];
    auto got = TRY(connection.read(bytes, sizeof bytes, until, waker));
    if (got == 0) return false;
    pending.append(bytes, got);
  }
  return true;
}

template <typename Message>
Headers headers_of(const Message& message) {
  Headers headers;
  for (const auto& field : message) {
    headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  return headers;
}

// What two readers could understand differently (request smuggling) is refused.
Result<> check_framing(const http::request<http::string_body>& message) {
  Error refused{.code = Errc::invalid, .http_status = 400};
  bool chunked = message.count(http::field::transfer_encoding) > 0;
  if (chunked && message.count(http::field::content_length) > 0) {
    refused.message = "both Content-Length and Transfer-Encoding";
  } else if (message.count(http::field::content_length) > 1) {
    refused.message = "more than one Content-Length";
  } else if (chunked &&
             !equal_ignore_case(trim(message[http::field::transfer_encoding]), "chunked")) {
    refused.message = "a Transfer-Encoding other than chunked";
  } else if (message.count(http::field::host) > 1) {
    refused.message = "more than one Host";
  } else if (message.version() >= 11 && message.count(http::field::host) == 0) {
    refused.message = "no Host";
  }
  if (!refused.message.empty()) return fail(std::move(refused));
  return {};
}

bool one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && text.find_first_of(std::string_view(" \t\r\n:\0", 6)) == text.npos;
}

// A client that takes us for its proxy says the whole URL, whose host then counts, and not the header's (RFC 9112,
// section 3.2.2).
void to_origin_form(Request& request) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!request.target.starts_with(scheme)) continue;
    auto path = request.target.find_first_of("/?", scheme.size());
    auto host = request.target.substr(scheme.size(), path - scheme.size());
    auto rest = path == std::string::npos ? "" : request.target.substr(path);
    request.headers.set("Host", host);
    request.target = rest.starts_with('/') ? rest : "/" + rest;
    return;
  }
}

}  // namespace

Result<Incoming> read_request(Connection& connection, std::string& pending, std::size_t body_max,
                              SteadyTime until, const Waker* waker) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(header_bytes_max);
  parser.body_limit(body_max);
  Error gone{.code = Errc::unavailable, .message = "the peer has gone"};
  auto head_done = [&] { return parser.is_header_done(); };
  if (!TRY(feed(parser, head_done, connection, pending, until, waker))) return fail(gone);
  CHECK_OK(check_framing(parser.get()));
  bool waits = equal_ignore_case(parser.get()[http::field::expect], "100-continue");
  if (waits && pending.empty() && !parser.is_done()) {
    CHECK_OK(connection.write("HTTP/1.1 100 Continue\r\n\r\n", until, waker));
  }
  parser.eager(true);
  auto done = [&] { return parser.is_done(); };
  if (!TRY(feed(parser, done, connection, pending, until, waker))) return fail(gone);

  Incoming incoming{.keep_alive = parser.keep_alive()};
  auto message = parser.release();
  incoming.request.method = std::string(message.method_string());
  incoming.request.target = std::string(message.target());
  incoming.request.headers = headers_of(message);
  incoming.request.body = std::move(message.body());
  to_origin_form(incoming.request);
  return incoming;
}

Result<Answer> read_response(Connection& connection, std::string& pending, bool head,
                             std::size_t body_max, SteadyTime until, const Waker* waker) {
  while (true) {
    http::response_parser<http::string_body> parser;
    parser.header_limit(header_bytes_max);
    parser.body_limit(body_max);
    parser.skip(head);
    auto head_done = [&] { return parser.is_header_done(); };
    if (!TRY(feed(parser, head_done, connection, pending, until, waker))) {
      return fail(Errc::unavailable, "the connection ended before the answer");
    }
    auto status = parser.get().result_int();
    if (status >= 100 && status < 200 && status != 101) continue;  // an interim answer
    parser.eager(true);
    auto done = [&] { return parser.is_done(); };
    if (!TRY(feed(parser, done, connection, pending, until, waker))) {
      boost::beast::error_code code;
      parser.put_eof(code);
      if (code) return fail(Errc::unavailable, "the connection ended within the answer");
    }
    Answer answer{.keep_alive = parser.keep_alive() && !parser.need_eof()};
    auto message = parser.release();
    answer.response.status = static_cast<int>(status);
    answer.response.headers = headers_of(message);
    answer.response.body = std::move(message.body());
    return answer;
  }
}

Result<std::string> print_request(const Endpoint& endpoint, const Request& request) {
  if (!is_token(request.method) || request.target.find_first_of(" \r\n\t") != std::string::npos) {
    return fail(Errc::invalid, "the method or target holds a space or line break");
  }
  auto slash = request.target.starts_with('/') ? "" : "/";
  auto text =
      fmt::format("{} {}{}{} HTTP/1.1\r\n", request.method, endpoint.path, slash, request.target);
  if (!request.headers.find("Host")) text += "Host: " + endpoint.authority() + "\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !one_line(value)) {
      return fail(Errc::invalid, "the header {} cannot be sent", name);
    }
    bool framing =
        equal_ignore_case(name, "Content-Length") || equal_ignore_case(name, "Transfer-Encoding");
    if (!framing) text += name + ": " + value + "\r\n";
  }
  bool needs_length = !request.body.empty() || request.method == "POST" ||
                      request.method == "PUT" || request.method == "PATCH";
  if (needs_length) text += fmt::format("Content-Length: {}\r\n", request.body.size());
  return text + "\r\n" + request.body;
}

std::string print_head(const Response& response, Framing framing, bool keep_alive) {
  auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  auto text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason));
  bool has_length = false;
  for (const auto& [name, value] : response.headers) {
    if (!is_token(name) || !one_line(value)) continue;
    if (equal_ignore_case(name, "Transfer-Encoding") || equal_ignore_case(name, "Connection"))
      continue;
    // A handler that answers HEAD may say the length of the body it leaves out.
    if (equal_ignore_case(name, "Content-Length")) {
      if (framing == Framing::chunked || !response.body.empty()) continue;
      has_length = true;
    }
    text += name + ": " + value + "\r\n";
  }
  bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  if (framing == Framing::chunked) {
    text += "Transfer-Encoding: chunked\r\n";
  } else if (!has_length && !bodiless) {
    text += fmt::format("Content-Length: {}\r\n", response.body.size());
  }
  return text + (keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

}  // namespace aright::net
