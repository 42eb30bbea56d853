#include "server/tokens.h"

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"

namespace aright::server {

namespace {

constexpr std::string_view scheme = "Bearer ";

Role role_of(std::string_view name) {
  if (name == "admin") return Role::admin;
  if (name == "approver") return Role::approver;
  if (name == "operator") return Role::operator_;
  return Role::viewer;
}

}  // namespace

Secret make_token() { return Secret("aright_" + to_hex(random_bytes(token_bytes))); }

Caller operator_of(const std::vector<remediation::Principal>& principals) {
  Caller caller{.actor = {.name = operator_name, .arn = ""}, .roles = {Role::admin}};
  for (const auto& principal : principals)
    if (principal.name == operator_name) caller.actor.arn = principal.arn;
  return caller;
}

Caller caller_for(const remediation::Principal& principal) {
  Caller caller{.actor = {.name = principal.name, .arn = principal.arn}, .roles = {}};
  for (const auto& role : principal.roles) caller.roles.push_back(role_of(role));
  return caller;
}

std::optional<std::string> bearer_of(const net::Request& request) {
  auto header = request.headers.get("Authorization");
  if (!std::string_view(header).starts_with(scheme)) return std::nullopt;
  return std::string(trim(std::string_view(header).substr(scheme.size())));
}

std::vector<Tokens::Known> Tokens::known_of(const std::vector<remediation::Principal>& principals,
                                            const std::string& own) {
  std::vector<Known> out;
  for (const auto& principal : principals) {
    if (principal.token_sha256.empty()) continue;
    out.push_back({lower(principal.token_sha256), caller_for(principal)});
  }
  if (!own.empty()) out.push_back({own, operator_of(principals)});
  return out;
}

Tokens::Tokens(const std::vector<remediation::Principal>& principals, const Secret& own)
    : own_sha256_(own.empty() ? "" : to_hex(sha256(own.reveal()))), known_(known_of(principals, own_sha256_)) {}

void Tokens::replace(const std::vector<remediation::Principal>& principals) {
  auto known = known_of(principals, own_sha256_);
  std::lock_guard lock(mutex_);
  known_ = std::move(known);
}

std::optional<Caller> Tokens::caller(const net::Request& request) const {
  auto token = bearer_of(request);
  if (!token) return std::nullopt;
  auto presented = to_hex(sha256(*token));
  std::optional<Caller> found;
  std::lock_guard lock(mutex_);
  for (const auto& known : known_)
    if (equal_secret(known.sha256, presented) && !found) found = known.caller;
  return found;
}

}  // namespace aright::server
