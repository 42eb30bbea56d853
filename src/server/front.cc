#include "server/front.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/embedded.h"
#include "base/stopwatch.h"
#include "base/text.h"
#include "net/url.h"
#include "observe/watch.h"
#include "server/answer_page.h"
#include "server/code_links.h"
#include "server/question.h"
#include "telemetry/instruments.h"

ARIGHT_EMBEDDED(console_index_html)
ARIGHT_EMBEDDED(console_app_js)
ARIGHT_EMBEDDED(console_app_css)
ARIGHT_EMBEDDED(console_icon_svg)

namespace aright::server {

namespace {

constexpr std::string_view api_prefix = "/api/v1/";

struct File {
  std::string_view path, type, bytes;
  std::string packed;  // as gzip has it
};

std::string gzip(std::string_view bytes) {
  constexpr int gzip_format = 15 + 16, memory = 9;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_format, memory, Z_DEFAULT_STRATEGY) != Z_OK) return "";
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(whole ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

File packed(std::string_view path, std::string_view type, std::string_view bytes) {
  return {path, type, bytes, gzip(bytes)};
}

const std::array<File, 5>& files() {
  static const std::array<File, 5> all{packed("/", "text/html; charset=utf-8", embedded_console_index_html()),
                                       packed("/index.html", "text/html; charset=utf-8", embedded_console_index_html()),
                                       packed("/app.js", "text/javascript; charset=utf-8", embedded_console_app_js()),
                                       packed("/app.css", "text/css; charset=utf-8", embedded_console_app_css()),
                                       packed("/icon.svg", "image/svg+xml", embedded_console_icon_svg())};
  return all;
}

// Nothing from elsewhere, in no frame, nothing guessed. A page that has stricter words of its own keeps them.
void protect(net::Response& response) {
  auto otherwise = [&](std::string_view name, std::string value) {
    if (!response.headers.find(name)) response.headers.set(name, std::move(value));
  };
  otherwise("Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.headers.set("X-Content-Type-Options", "nosniff");
  otherwise("Referrer-Policy", "no-referrer");
  response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
}

// "gzip, br" does; "gzip;q=0" does not.
bool takes_gzip(const net::Request& request) {
  for (const auto& one : split(request.headers.get("Accept-Encoding"), ',')) {
    auto parts = split(one, ';');
    bool none = parts.size() > 1 && trim(parts[1]).find_first_not_of("q=0.") == std::string_view::npos;
    if (trim(parts[0]) == "gzip") return !none;
  }
  return false;
}

net::Response file_response(const File& file, const net::Request& request) {
  bool packed = !file.packed.empty() && takes_gzip(request);
  net::Response response{.status = 200,
                         .headers = {{"Content-Type", std::string(file.type)}, {"Cache-Control", "no-cache"},
                                     {"Vary", "Accept-Encoding"}},
                         .body = packed ? file.packed : std::string(file.bytes),
                         .stream = {}};
  if (packed) response.headers.set("Content-Encoding", "gzip");
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

// Whoever has to wait is told for how long.
net::Response refused(const Error& error) {
  if (error.code != Errc::throttled) return unauthorised();
  auto response = error_response(error);
  response.headers.set("Retry-After", std::to_string(wrong_tokens_window.count()));
  return response;
}

std::string event_text(const ledger::Entry& entry) {
  json::Object data{{"position", entry.position}, {"stream", entry.stream}, {"kind", entry.kind},
                    {"time", entry.time.iso()}};
  return fmt::format("id: {}\nevent: entry\ndata: {}\n\n", entry.position, json::print(data));
}

// host, host:port or [v6]:port, without the port.
std::string host_of(std::string_view authority) {
  auto after_address = authority.starts_with('[') ? authority.find(']') : 0;
  if (after_address == std::string_view::npos) return "";
  return lower(authority.substr(0, authority.find(':', after_address)));
}

constexpr Parameter of_events[]{{"after", check_position}};

// Where a reader goes on: behind the entry that it names, else behind the last one. What a browser remembers may be of
// another ledger.
std::uint64_t resume_after(const net::Request& request, const std::string& named, std::uint64_t size) {
  auto remembered = request.headers.get("Last-Event-ID");
  auto after = json::integer(json::Value(remembered.empty() ? named : remembered), -1);
  return after < 0 ? size : std::min(static_cast<std::uint64_t>(after), size);
}

}  // namespace

bool is_aws_request(const net::Request& request) {
  if (request.headers.get("Authorization").starts_with("AWS4-")) return true;
  if (request.headers.find("X-Amz-Target") || request.headers.find("amz-sdk-invocation-id")) return true;
  bool form = request.headers.get("Content-Type").starts_with("application/x-www-form-urlencoded");
  if (request.method == "POST" && form && request.body.find("Action=") != std::string::npos) return true;
  return request.query().find("X-Amz-Signature=") != std::string::npos;
}

net::Response Front::events(const net::Request& request) const {
  auto query = read_parameters(request, of_events, options_.api->engine());
  if (!query) return error_response(query.error());
  auto from = resume_after(request, (*query)["after"], options_.ledger->size());
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

std::vector<std::string> own_hosts(const std::string& host) {
  if (host != "localhost" && host != "::1" && !host.starts_with("127.")) return {};
  return {"localhost", "127.0.0.1", "[::1]", host};
}

namespace {

// The page that a request comes from, as browsers say and pages cannot say otherwise; nothing where none is said. Where
// a request only looks, a link on another page may have led to it.
std::optional<std::string> page_asking(const net::Request& request) {
  if (const auto* origin = request.headers.find("Origin")) return *origin;
  bool looks = request.method == "GET" || request.method == "HEAD";
  const auto* referer = looks ? nullptr : request.headers.find("Referer");
  if (!referer) return std::nullopt;
  auto host = referer->find("://");
  return host == std::string::npos ? *referer : referer->substr(0, referer->find('/', host + 3));
}

bool says_other_site(const net::Request& request) {
  bool looks = request.method == "GET" || request.method == "HEAD";
  const auto* site = request.headers.find("Sec-Fetch-Site");
  return !looks && site && *site != "same-origin" && *site != "none";
}

}  // namespace

bool Front::is_stranger(const net::Request& request) const {
  auto authority = request.headers.get("Host");
  const auto& hosts = options_.hosts;
  if (!hosts.empty() && std::ranges::find(hosts, host_of(authority)) == hosts.end()) return true;
  auto page = page_asking(request);
  return says_other_site(request) || (page && *page != "http://" + authority && *page != "https://" + authority);
}

// Behind a proxy, people come by its name: for links that is as good as ours.
bool Front::is_from_public_url(const net::Request& request) const {
  auto url = net::parse_endpoint(options_.links->public_url());
  if (!url) return false;
  auto named = lower(request.headers.get("Host"));
  auto site = (url->tls ? "https://" : "http://") + url->authority();
  auto page = page_asking(request);
  bool by_name = named == lower(url->authority()) || options_.hosts.empty() ||
                 std::ranges::find(options_.hosts, host_of(named)) != options_.hosts.end();
  return by_name && !says_other_site(request) && (!page || *page == lower(site));
}

net::Response Front::answer(const net::Request& request) const {
  if (is_from_public_url(request) || !is_stranger(request))
    return answer_page(options_.api->engine(), *options_.links, request);
  return error_response({.code = Errc::denied,
                         .message = "this is not the name under which links are answered, or another site's page asked",
                         .number = "AR-0017"});
}

std::optional<Caller> Front::known(const net::Request& request, bool signed_on) const {
  auto found = options_.tokens->caller(request);
  auto way = signed_on && !found ? sign_on_now() : nullptr;
  return way ? way->caller(request) : found;
}

Result<Caller> Front::caller(const net::Request& request, const net::Peer& peer, bool signed_on) const {
  auto token = bearer_of(request);
  if (!token) return fail(Errc::denied, "there is no token");
  if (auto wait = throttle_.wait(peer.address, *token))
    return fail({.code = Errc::throttled,
                 .message = fmt::format("too many wrong tokens came from {}: wait {} s", peer.address,
                                        std::chrono::ceil<seconds>(*wait).count()),
                 .number = "AR-0022"});
  auto found = known(request, signed_on);
  throttle_.heard(peer.address, *token, found.has_value());
  if (!found) return fail(Errc::denied, "the token is nobody's");
  return *found;
}

net::Response Front::ask_api(const net::Request& request, const net::Peer& peer) const {
  auto caller = this->caller(request, peer, true);
  if (!caller) return refused(caller.error());
  return request.path() == "/api/v1/events" && request.method == "GET" ? events(request)
                                                                       : options_.api->handle(request, *caller);
}

// The console asks whether there is another way in than a token.
net::Response Front::sign_on(const net::Request& request) const {
  auto way = sign_on_now();
  if (request.method == "GET" && request.path() == sign_on_path)
    return json_response(json::Object{{"issuer", way ? json::Value(way->issuer()) : json::Value(nullptr)}});
  if (way) return way->answer(request);
  if (request.method == "POST" && request.path() == std::string(sign_on_path) + "/end")
    return json_response(json::Object{{"ended", false}});
  return error_response({.code = Errc::not_found, .message = "the policy names no issuer", .number = "AR-0010"});
}

net::Response Front::own(const net::Request& request, const net::Peer& peer) const {
  auto path = request.path();
  if (options_.links && path.starts_with(remediation::link_path)) return answer(request);
  if (is_stranger(request))
    return error_response({.code = Errc::denied,
                           .message = "this is not the name of aright's console and API, or another site's page asked",
                           .number = "AR-0017"});
  if (path.starts_with(api_prefix)) return ask_api(request, peer);
  if (path == sign_on_path || path.starts_with(std::string(sign_on_path) + "/")) return sign_on(request);
  if (request.method == "GET" || request.method == "HEAD") {
    if (options_.code && path.starts_with(code_path)) return options_.code(request);
    if (path == "/healthz") return json_response(json::Object{{"ok", true}});
    if (path == "/readyz") return readiness();
    if (path == "/metrics" && options_.watch) return metrics(request, peer);
    for (const auto& file : files())
      if (file.path == path) return file_response(file, request);
  }
  return error_response({.code = Errc::not_found, .message = "there is nothing at " + path, .number = "AR-0010"});
}

// Labels of a metric say more than a stranger should know: accounts' services, controls, how much waits.
net::Response Front::metrics(const net::Request& request, const net::Peer& peer) const {
  auto caller = this->caller(request, peer, false);
  if (!caller) return refused(caller.error());
  if (!caller->may(Role::viewer)) return unauthorised();
  auto page = options_.watch->metrics();
  if (!page) return error_response(page.error());
  return {.status = 200,
          .headers = {{"Content-Type", std::string(telemetry::exposition_type)}, {"Cache-Control", "no-store"}},
          .body = std::move(*page),
          .stream = {}};
}

net::Response Front::readiness() const {
  auto now = options_.watch ? options_.watch->readiness() : json::Object{{"ready", true}};
  return json_response(now, json::truth(json::at(now, "ready")) ? 200 : 503);
}

// Who asked for a change and did not get it. The path of a link is its secret; a page elsewhere asks in another's name.
void Front::record_refusal(const net::Request& request, const net::Peer& peer, int status) const {
  auto path = request.path();
  bool of_link = path.starts_with(remediation::link_path);
  bool looks = request.method == "GET" || request.method == "HEAD";
  bool refused = status == 401 || status == 403 || status == 404;
  if (looks || !refused || !(of_link || path.starts_with(api_prefix))) return;
  std::optional<Caller> who;
  if (!of_link && !is_stranger(request)) who = known(request, true);
  options_.api->engine().record_refusal(
      {.who = who ? who->actor : remediation::Actor(),
       .source = peer.address,
       .asked = request.method + " " + (of_link ? std::string(remediation::link_path) : path)});
}

net::Response Front::route(const net::Request& request, const net::Peer& peer) const {
  if (options_.aws && is_aws_request(request) && !request.path().starts_with(api_prefix)) return options_.aws(request);
  auto response = own(request, peer);
  record_refusal(request, peer, response.status);
  protect(response);
  return response;
}

net::Response Front::handle(const net::Request& request, const net::Peer& peer) const {
  static auto& process = telemetry::Registry::process();
  static auto& requests = process.counter("aright_http_requests_total", "Requests answered.", {"status"});
  static auto& times = process.histogram("aright_http_request_seconds", "How long answering took, streams apart.",
                                         telemetry::machine_seconds).with();
  static const SystemClock clock;
  auto began = clock.now();
  Stopwatch watch;
  auto response = route(request, peer);
  if (!response.stream) times.observe(watch.seconds());
  requests.with({fmt::format("{}", response.status)}).add();
  if (options_.watch && request.path().starts_with(api_prefix))
    if (auto parent = telemetry::parse_traceparent(request.headers.get("traceparent")))
      options_.watch->tell_request(*parent, request.method + " " + request.path(), response.status, began);
  return response;
}

}  // namespace aright::server
