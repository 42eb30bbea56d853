#include "sandbox/policies.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/iam.h"

namespace aright::sandbox {

namespace {

constexpr std::size_t account_digits = 12, unique_id_min = 16;

bool all_in(std::string_view text, auto&& fits) {
  return !text.empty() && std::ranges::all_of(text, fits);
}

bool is_account(std::string_view text) {
  return text.size() == account_digits && all_in(text, [](char c) { return c >= '0' && c <= '9'; });
}

// AROA… and the like: what is left of a principal that was deleted.
bool is_unique_id(std::string_view text) {
  return text.size() >= unique_id_min && text.starts_with('A') &&
         all_in(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

bool is_service(std::string_view text) {
  if (text == "*") return true;
  auto host = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  bool of_amazon = text.find(".amazonaws.com") != std::string_view::npos || text.ends_with(".amazon.com");
  return all_in(text, host) && of_amazon;
}

// Whether this world knows who is in the account.
bool held(const Scene& scene, std::string_view account) {
  if (account == scene.call.account) return true;
  if (!scene.world.whole()) return false;  // in a rehearsal, the caller's own account can be asked
  auto there = [&](std::string_view type) {
    return std::ranges::any_of(scene.world.everywhere(type),
                               [&](const Resource* one) { return one->ref.account == account; });
  };
  return there(role_type) || there(user_type);
}

// arn:aws:iam::111122223333:role/path/name
struct Identity {
  std::string account, kind, name;
};

std::optional<Identity> identity_of(std::string_view arn) {
  auto parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || (parts[2] != "iam" && parts[2] != "sts")) return std::nullopt;
  if (!is_account(parts[4])) return std::nullopt;
  auto slash = parts[5].find('/');
  if (slash == std::string::npos) return Identity{parts[4], parts[5], ""};
  return Identity{parts[4], parts[5].substr(0, slash), parts[5].substr(slash + 1)};
}

const Resource* in_account(const Scene& scene, std::string_view type, const Identity& one) {
  auto ref = scene.ref(type, one.name.substr(one.name.rfind('/') + 1));
  ref.account = one.account;
  return scene.world.find(ref);
}

bool is_there(const Scene& scene, const std::string& principal) {
  if (principal == "*" || is_account(principal) || is_unique_id(principal)) return true;
  auto one = identity_of(principal);
  if (!one) return false;
  if (one->kind == "root" || one->kind == "assumed-role" || one->kind == "federated-user") return true;
  if ((one->kind != "user" && one->kind != "role") || one->name.find('*') != std::string::npos) return false;
  bool made_by_aws = one->name.starts_with("aws-service-role/") || one->name.starts_with("aws-reserved/");
  if (made_by_aws || !held(scene, one->account)) return true;
  return in_account(scene, one->kind == "user" ? user_type : role_type, *one) != nullptr;
}

bool names_caller(const Scene& scene, const iam::Principals& who) {
  const auto& caller = scene.principal;
  return who.everybody || std::ranges::any_of(who.aws, [&](const std::string& name) {
           auto one = identity_of(name);
           bool account = name == caller.account || (one && one->kind == "root" && one->account == caller.account);
           return account || name == "*" || name == caller.arn || name == caller.role;
         });
}

bool does(const iam::Statement& statement, std::string_view action) {
  auto fits = [&](const std::string& pattern) { return glob_match(lower(pattern), lower(action)); };
  if (!statement.not_actions.empty()) return std::ranges::none_of(statement.not_actions, fits);
  return std::ranges::any_of(statement.actions, fits);
}

bool speaks_of_caller(const Scene& scene, const iam::Statement& statement) {
  if (statement.not_principals) return !names_caller(scene, *statement.not_principals);
  return statement.principals && names_caller(scene, *statement.principals);
}

}  // namespace

std::optional<std::string> unknown_principal(const Scene& scene, const iam::Policy& policy) {
  for (const auto& statement : policy.statements) {
    for (const auto* who : {&statement.principals, &statement.not_principals}) {
      if (!*who) continue;
      for (const auto& name : (*who)->aws)
        if (!is_there(scene, name)) return fmt::format("\"AWS\":\"{}\"", name);
      for (const auto& name : (*who)->service)
        if (!is_service(name)) return fmt::format("\"SERVICE\":\"{}\"", name);
    }
  }
  return std::nullopt;
}

bool assumable_by(const Scene& scene, std::string_view role_arn, std::string_view service) {
  auto one = identity_of(role_arn);
  if (!one || one->kind != "role") return false;
  if (!held(scene, one->account)) return true;
  const auto* role = in_account(scene, role_type, *one);
  if (role == nullptr) return false;
  auto trust = iam::parse_policy(json::text(role->aspect("AssumeRolePolicyDocument")));
  return trust && std::ranges::any_of(trust->statements, [&](const iam::Statement& statement) {
           if (statement.effect != iam::Effect::allow || !does(statement, "sts:AssumeRole")) return false;
           if (!statement.principals) return false;
           const auto& services = statement.principals->service;
           return std::ranges::find(services, service) != services.end();
         });
}

bool lets_caller(const Scene& scene, const iam::Policy& policy, std::string_view action) {
  bool allowed = false;
  for (const auto& statement : policy.statements) {
    if (!does(statement, action) || !speaks_of_caller(scene, statement)) continue;
    if (statement.effect == iam::Effect::allow) allowed = true;
    else if (statement.conditions.empty()) return false;
  }
  return allowed;
}

}  // namespace aright::sandbox
