#include "iam/match.h"

#include <algorithm>

#include "base/text.h"
#include "iam/condition.h"
#include "iam/wildcard.h"

namespace aright::iam {

namespace {

// An account as policies name it: its number, or the ARN of its root.
bool names_account(std::string_view principal, const Caller& caller) {
  if (caller.account.empty()) return false;
  if (principal == caller.account) return true;
  return principal.starts_with("arn:") && principal.ends_with("::" + caller.account + ":root");
}

Naming closest(const Principals& principals, const Caller& caller) {
  if (caller.kind == Caller::Kind::service)
    return std::ranges::find(principals.service, caller.arn) != principals.service.end() ? Naming::itself
           : principals.everybody                                                         ? Naming::everyone
                                                                                          : Naming::none;
  auto best = principals.everybody ? Naming::everyone : Naming::none;
  if (caller.kind == Caller::Kind::anonymous) return best;
  for (const auto& one : principals.aws) {
    auto naming = Naming::none;
    if (one == caller.arn && caller.kind != Caller::Kind::root)
      naming = one == caller.role ? Naming::role : Naming::itself;
    else if (names_account(one, caller))
      naming = caller.kind == Caller::Kind::root ? Naming::itself : Naming::account;
    else if (!caller.role.empty() && one == caller.role)
      naming = Naming::role;
    best = std::max(best, naming);
  }
  return best;
}

// Who is spared by NotPrincipal: the one who is named, and the account as well.
bool spared(const Principals& principals, const Caller& caller) {
  return closest(principals, caller) != Naming::none;
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view action) {
  auto small = lower(action);
  return std::ranges::any_of(
      patterns, [&](const std::string& pattern) { return Wildcard::plain(lower(pattern)).matches(small); });
}

// Whether a pattern covers the resource; nothing when that hangs on a variable without a value. The
// resource may itself be a pattern (arn:aws:s3:::logs/*, as simulations ask): it is then the text that
// must be covered.
std::optional<bool> any_covers(const std::vector<std::string>& patterns, const Request& request, bool variables) {
  bool unknown = false;
  for (const auto& pattern : patterns) {
    if (pattern == "*") return true;
    auto resolved = resolve(pattern, request.keys, variables);
    if (resolved && resolved->matches_arn(request.resource)) return true;
    unknown |= !resolved;
  }
  return unknown ? std::nullopt : std::optional(false);
}

}  // namespace

Naming named(const Statement& statement, const Request& request) {
  if (statement.not_principals) {
    if (spared(*statement.not_principals, request.caller)) return Naming::none;
    return Naming::everyone;
  }
  if (!statement.principals) return Naming::itself;
  return closest(*statement.principals, request.caller);
}

bool action_matches(const Statement& statement, const Request& request) {
  if (!statement.not_actions.empty()) return !any_matches(statement.not_actions, request.action);
  return any_matches(statement.actions, request.action);
}

bool resource_matches(const Statement& statement, const Request& request, bool variables) {
  if (!statement.not_resources.empty()) return !any_covers(statement.not_resources, request, variables).value_or(true);
  return statement.resources.empty() || any_covers(statement.resources, request, variables).value_or(false);
}

bool conditions_hold(const Statement& statement, const Request& request, bool variables) {
  return std::ranges::all_of(statement.conditions, [&](const Condition& condition) {
    return holds(condition, request.keys, variables);
  });
}

}  // namespace aright::iam
