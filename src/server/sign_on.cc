#include "server/sign_on.h"

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"
#include "net/guard.h"
#include "net/url.h"
#include "remediation/engine.h"
#include "server/id_token.h"

namespace aright::server {

namespace {

constexpr milliseconds issuer_timeout{10'000};
constexpr std::size_t issuer_bytes_max = 1u << 20;
constexpr std::size_t random_size = 32;
constexpr std::size_t page_characters_max = 512;
constexpr std::string_view browser_cookie = "aright_sign_on";

std::string fresh() { return to_base64url(random_bytes(random_size)); }
std::string hashed(std::string_view text) { return to_hex(sha256(text)); }

net::ClientOptions client_options(const remediation::SignOn& settings) {
  net::ClientOptions out{.request_timeout = issuer_timeout, .response_bytes_max = issuer_bytes_max};
  if (!settings.allow_internal) out.admit_address = net::refuse_internal_address;
  return out;
}

net::Response sent_to(std::string place, std::string cookie) {
  return {.status = 302,
          .headers = {{"Location", std::move(place)}, {"Set-Cookie", std::move(cookie)}, {"Cache-Control", "no-store"}},
          .body = "",
          .stream = {}};
}

std::string cookie_of(const net::Request& request) {
  for (const auto& pair : split(request.headers.get("Cookie"), ';')) {
    std::string_view one = trim(pair);
    if (one.starts_with(browser_cookie) && one.substr(browser_cookie.size()).starts_with('='))
      return std::string(one.substr(browser_cookie.size() + 1));
  }
  return "";
}

std::string parameter(const net::Query& query, std::string_view name) {
  auto found = std::ranges::find(query, name, &net::Query::value_type::first);
  return found == query.end() ? "" : found->second;
}

// What a page of ours is called: nothing that leads elsewhere.
std::string page_named(const std::string& said) {
  bool good = said.starts_with('/') && said.size() <= page_characters_max;
  return good ? said : "/";
}

// An address that the issuer names is as safe as the issuer's own.
bool is_as_safe(const std::string& url, const std::string& issuer) {
  auto named = net::parse_endpoint(url.substr(0, url.find('?'))), own = net::parse_endpoint(issuer);
  if (!named || !own || !named->unix_socket.empty()) return false;
  return named->tls || (!own->tls && named->host == own->host);
}

}  // namespace

SignOn::SignOn(remediation::SignOn settings, std::vector<remediation::Principal> principals, std::string public_url,
               const Clock& clock, Tell tell)
    : settings_(std::move(settings)), principals_(std::move(principals)), public_url_(std::move(public_url)),
      clock_(clock), tell_(std::move(tell)), client_(client_options(settings_)) {}

SignOn::~SignOn() = default;

net::Response SignOn::answer(const net::Request& request) {
  auto path = request.path();
  auto rest = std::string_view(path).substr(sign_on_path.size());
  if (request.method == "GET" && rest == "/begin") return begin(request);
  if (request.method == "GET" && rest == "/back") return back(request);
  if (request.method == "POST" && rest == "/end") return end(request);
  return error_response({.code = Errc::not_found, .message = "there is nothing at " + path, .number = "AR-0010"});
}

net::Response SignOn::begin(const net::Request& request) {
  auto known = known_issuer(false);
  if (!known) return error_response(known.error());
  auto state = fresh(), browser = fresh();
  Begun begun{.nonce = fresh(), .verifier = fresh(),
              .page = page_named(parameter(net::parse_query(request.query(), true), "page")),
              .browser_sha256 = hashed(browser), .at = clock_.now()};
  net::Query query{{"response_type", "code"},
                   {"client_id", settings_.client_id},
                   {"redirect_uri", public_url_ + std::string(sign_on_path) + "/back"},
                   {"scope", fmt::format("openid {}", fmt::join(settings_.scopes, " "))},
                   {"state", state},
                   {"nonce", begun.nonce},
                   {"code_challenge", to_base64url(sha256(begun.verifier))},
                   {"code_challenge_method", "S256"}};
  {
    std::lock_guard lock(mutex_);
    std::erase_if(begun_, [&](const auto& one) { return one.second.at + sign_in_max <= begun.at; });
    if (begun_.size() >= sign_ins_max)
      begun_.erase(std::ranges::min_element(begun_, {}, [](const auto& one) { return one.second.at; }));
    begun_.emplace(hashed(state), std::move(begun));
  }
  bool tls = public_url_.starts_with("https:");
  auto glue = known->authorization_endpoint.find('?') == std::string::npos ? '?' : '&';
  return sent_to(known->authorization_endpoint + glue + net::build_query(query),
                 fmt::format("{}={}; Path={}; Max-Age={}; HttpOnly; SameSite=Lax{}", browser_cookie, browser,
                             sign_on_path, sign_in_max.count(), tls ? "; Secure" : ""));
}

// The console shows a text of its own for "refused": what the issuer or a link says is not shown to anybody.
net::Response SignOn::back(const net::Request& request) {
  std::string page = "/";
  auto token = signed_in(net::parse_query(request.query(), true), cookie_of(request), page);
  net::Query fragment{{"page", page}};
  if (token) fragment.emplace_back("token", *token);
  else fragment.emplace_back("refused", token.error().code == Errc::denied ? "denied" : "failed");
  return sent_to(public_url_ + "/#" + net::build_query(fragment),
                 fmt::format("{}=; Path={}; Max-Age=0; HttpOnly; SameSite=Lax", browser_cookie, sign_on_path));
}

net::Response SignOn::end(const net::Request& request) {
  auto caller = this->caller(request);
  auto token = bearer_of(request);
  {
    std::lock_guard lock(mutex_);
    if (!token || sessions_.erase(hashed(*token)) == 0) return json_response(json::Object{{"ended", false}});
  }
  // The session has ended, whether that could be put on record or not.
  if (auto told = caller && tell_ ? tell_(remediation::entry::signed_out, *caller) : Result<>(); !told)
    return error_response(told.error());
  return json_response(json::Object{{"ended", true}});
}

Result<std::string> SignOn::signed_in(const net::Query& query, const std::string& browser, std::string& page) {
  auto begun = TRY(take(parameter(query, "state"), browser));
  page = begun.page;
  if (auto issuer = parameter(query, "iss"); !issuer.empty() && issuer != settings_.issuer)
    return fail(Errc::denied, "the answer is of another issuer");
  auto code = parameter(query, "code");
  if (code.empty()) return fail(Errc::denied, "the issuer gave no code");
  auto claims = TRY(claims_of(begun, code));
  auto caller = TRY(caller_of(claims));
  if (tell_) CHECK_OK(tell_(remediation::entry::signed_in, caller));
  return open_session(std::move(caller));
}

// Each sign-in comes back once, and to the browser that began it.
Result<SignOn::Begun> SignOn::take(const std::string& state, const std::string& browser) {
  std::lock_guard lock(mutex_);
  auto found = begun_.extract(hashed(state));
  if (!found) return fail(Errc::not_found, "no sign-in is under way with this state");
  auto begun = std::move(found.mapped());
  if (begun.at + sign_in_max <= clock_.now()) return fail(Errc::not_found, "the sign-in took too long");
  if (!equal_secret(begun.browser_sha256, hashed(browser)))
    return fail(Errc::denied, "another browser began this sign-in");
  return begun;
}

Result<json::Object> SignOn::claims_of(const Begun& begun, const std::string& code) {
  auto known = TRY(known_issuer(false));
  auto token = TRY(exchange(known, begun, code));
  ExpectedToken expected{.issuer = settings_.issuer, .client_id = settings_.client_id, .nonce = begun.nonce,
                         .now = clock_.now()};
  auto claims = verify_id_token(token, known.keys, expected);
  if (claims || claims.error().code != Errc::not_found) return claims;
  known = TRY(known_issuer(true));  // its keys are others by now
  return verify_id_token(token, known.keys, expected);
}

Result<std::string> SignOn::exchange(const Known& known, const Begun& begun, const std::string& code) {
  net::Query body{{"grant_type", "authorization_code"},
                  {"code", code},
                  {"redirect_uri", public_url_ + std::string(sign_on_path) + "/back"},
                  {"client_id", settings_.client_id},
                  {"code_verifier", begun.verifier}};
  net::Request request{.method = "POST", .headers = {{"Content-Type", std::string(net::form_type)}}};
  const auto& secret = settings_.client_secret.reveal();
  if (!secret.empty() && known.basic)
    request.headers.set("Authorization", "Basic " + to_base64(percent_encode(settings_.client_id) + ":" +
                                                              percent_encode(secret)));
  else if (!secret.empty()) body.emplace_back("client_secret", secret);
  request.body = net::build_query(body);
  auto answer = TRY(fetch(known.token_endpoint, std::move(request)));
  auto token = json::text(answer, "id_token", "");
  if (token.empty()) return fail(Errc::denied, "the issuer gave no ID token");
  return token;
}

Result<SignOn::Known> SignOn::known_issuer(bool anew) {
  auto now = clock_.now();
  {
    std::lock_guard lock(mutex_);
    if (known_ && known_->at + (anew ? keys_pause : keys_age_max) > now) return *known_;
    // Whoever comes while the issuer is down waits for it once in a while, and not each time.
    if (fault_ && fault_at_ + fault_pause > now) return fail(*fault_);
  }
  auto known = ask_issuer(now);
  std::lock_guard lock(mutex_);
  if (known) known_ = *known;
  fault_ = known ? std::nullopt : std::optional(known.error());
  fault_at_ = now;
  return known;
}

Result<SignOn::Known> SignOn::ask_issuer(Timestamp now) {
  auto about = TRY(fetch(settings_.issuer + "/.well-known/openid-configuration", {}));
  if (json::text(about, "issuer", "") != settings_.issuer)
    return fail(Errc::denied, "the issuer calls itself '{}'", json::text(about, "issuer", ""));
  Known known{.authorization_endpoint = json::text(about, "authorization_endpoint", ""),
              .token_endpoint = json::text(about, "token_endpoint", ""),
              .keys_url = json::text(about, "jwks_uri", ""),
              .at = now};
  for (const auto* url : {&known.authorization_endpoint, &known.token_endpoint, &known.keys_url})
    if (!is_as_safe(*url, settings_.issuer)) return fail(Errc::denied, "the issuer names the address '{}'", *url);
  auto methods = json::texts(json::at(about, "token_endpoint_auth_methods_supported"));
  known.basic = methods.empty() || std::ranges::find(methods, "client_secret_basic") != methods.end();
  known.keys = TRY(fetch(known.keys_url, {}));
  return known;
}

Result<json::Value> SignOn::fetch(const std::string& url, net::Request request) {
  auto end = std::min(url.find('?'), url.size());
  auto endpoint = TRY(net::parse_endpoint(url.substr(0, end)));
  auto path = std::exchange(endpoint.path, "");
  request.target = (path.empty() ? "/" : path) + url.substr(end);
  request.headers.set("Accept", "application/json");
  auto response = TRY(client_.send(endpoint, request, Context::within(issuer_timeout)));
  if (response.status == 400 || response.status == 401)
    return fail(Errc::denied, "the issuer refused at {}: {}", request.target, response.status);
  if (response.status != 200)
    return fail(Errc::unavailable, "the issuer answered {} at {}", response.status, request.target);
  return json::parse(response.body);
}

// By the policy: roles of groups, and those of the principal of this name, whose ARN runbooks know.
Result<Caller> SignOn::caller_of(const json::Object& claims) const {
  auto name = json::text(claims, settings_.name_claim, "");
  if (name.empty()) return fail(Errc::denied, "the ID token has no claim '{}'", settings_.name_claim);
  const auto& verified = json::at(claims, "email_verified");
  if (settings_.name_claim == "email" && verified.is_bool() && !verified.get_bool())
    return fail(Errc::denied, "the issuer has not verified the address of {}", name);
  std::vector<std::string> roles;
  auto groups = json::texts(json::at(claims, settings_.groups_claim));
  for (const auto& one : settings_.roles)
    if (std::ranges::find_first_of(groups, one.groups) != groups.end())
      roles.insert(roles.end(), one.roles.begin(), one.roles.end());
  remediation::Principal person{.name = name, .arn = "", .roles = {}, .token_sha256 = ""};
  auto known = std::ranges::find(principals_, name, &remediation::Principal::name);
  if (known != principals_.end()) person = *known;
  else if (name == operator_name || name == remediation::engine_name)
    return fail(Errc::denied, "the name '{}' is aright's own", name);
  roles.insert(roles.end(), person.roles.begin(), person.roles.end());
  if (roles.empty()) return fail(Errc::denied, "{} has no role here", name);
  person.roles = std::move(roles);
  return caller_for(person);
}

std::string SignOn::open_session(Caller caller) {
  auto token = make_token();
  auto now = clock_.now();
  std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& one) { return one.second.ends <= now; });
  if (sessions_.size() >= sessions_max)
    sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& one) { return one.second.ends; }));
  sessions_[hashed(token.reveal())] = {std::move(caller), now + settings_.session};
  return token.reveal();
}

std::optional<Caller> SignOn::caller(const net::Request& request) {
  auto token = bearer_of(request);
  if (!token) return std::nullopt;
  std::lock_guard lock(mutex_);
  auto found = sessions_.find(hashed(*token));
  if (found == sessions_.end() || found->second.ends <= clock_.now()) return std::nullopt;
  return found->second.caller;
}

}  // namespace aright::server
