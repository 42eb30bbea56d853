#include "server/front.h"

#include <array>

#include "base/embedded.h"
#include "base/text.h"
#include "net/url.h"

ARIGHT_EMBEDDED(console_index_html)
ARIGHT_EMBEDDED(console_app_js)
ARIGHT_EMBEDDED(console_app_css)
ARIGHT_EMBEDDED(console_icon_svg)

namespace aright::server {

namespace {

constexpr std::string_view api_prefix = "/api/v1/";

struct File {
  std::string_view path, type, bytes;
};

const std::array<File, 5>& files() {
  static const std::array<File, 5> all{{{"/", "text/html; charset=utf-8", embedded_console_index_html()},
                                        {"/index.html", "text/html; charset=utf-8", embedded_console_index_html()},
                                        {"/app.js", "text/javascript; charset=utf-8", embedded_console_app_js()},
                                        {"/app.css", "text/css; charset=utf-8", embedded_console_app_css()},
                                        {"/icon.svg", "image/svg+xml", embedded_console_icon_svg()}}};
  return all;
}

// Nothing from elsewhere, in no frame, nothing guessed.
void protect(net::Response& response) {
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
}

net::Response file_response(const File& file) {
  net::Response response{.status = 200, .headers = {{"Content-Type", std::string(file.type)},
                                                    {"Cache-Control", "no-cache"}},
                         .body = std::string(file.bytes), .stream = {}};
  protect(response);
  return response;
}

net::Response unauthorised() {
  auto response = json_response(
      json::Object{{"error", json::Object{{"code", "denied"},
                                          {"number", "AR-0013"},
                                          {"message", "send Authorization: Bearer <token>; the token stands where "
                                                      "aright was started"}}}},
      401);
  response.headers.set("WWW-Authenticate", "Bearer");
  return response;
}

std::string event_text(const ledger::Entry& entry) {
  json::Object data{{"position", entry.position}, {"stream", entry.stream}, {"kind", entry.kind},
                    {"time", entry.time.iso()}};
  return "event: entry\ndata: " + json::print(data) + "\n\n";
}

}  // namespace

bool is_aws_request(const net::Request& request) {
  if (request.headers.get("Authorization").starts_with("AWS4-")) return true;
  if (request.headers.find("X-Amz-Target")) return true;
  return request.query().find("X-Amz-Signature=") != std::string::npos;
}

net::Response Front::events(const net::Request& request) const {
  std::uint64_t from = options_.ledger->size();
  for (const auto& [key, value] : net::parse_query(request.query()))
    if (key == "after") from = static_cast<std::uint64_t>(json::integer(json::Value(value), 0));
  const auto* ledger = options_.ledger;
  net::Response response{
      .status = 200,
      .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}},
      .body = "",
      .stream = {}};
  response.stream = [ledger, from](net::Stream& stream) mutable {
    milliseconds quiet{0};
    if (!stream.write(": connected\n\n")) return;
    while (stream.wait(live_look)) {
      quiet += live_look;
      if (ledger->size() > from) {
        auto entries = ledger->read(from + 1, live_batch);
        if (!entries) return;
        for (const auto& entry : *entries) {
          if (!stream.write(event_text(entry))) return;
          from = entry.position;
        }
        quiet = milliseconds(0);
      } else if (quiet >= live_comment_every) {
        if (!stream.write(": still here\n\n")) return;
        quiet = milliseconds(0);
      }
    }
  };
  return response;
}

net::Response Front::handle(const net::Request& request, const net::Peer&) const {
  auto path = request.path();
  if (path.starts_with(api_prefix)) {
    auto caller = options_.tokens->caller(request);
    if (!caller) return unauthorised();
    auto response = path == "/api/v1/events" && request.method == "GET" ? events(request)
                                                                        : options_.api->handle(request, *caller);
    protect(response);
    return response;
  }
  if (!is_aws_request(request) && request.method == "GET") {
    if (path == "/healthz") return json_response(json::Object{{"ok", true}});
    for (const auto& file : files())
      if (file.path == path) return file_response(file);
  }
  if (options_.aws && is_aws_request(request)) return options_.aws(request);
  return error_response({.code = Errc::not_found, .message = "there is nothing at " + path, .number = "AR-0010"});
}

}  // namespace aright::server
