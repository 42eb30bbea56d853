// Rules about what policies grant, and to whom: buckets that others may use, and identities that may use all keys.

#include <algorithm>

#include "iam/wildcard.h"
#include "rules/judge.h"
#include "rules/policies.h"

namespace aright::rules {

namespace {

using Texts = std::vector<std::string>;

// Whether some text fits both; each may hold * and ?.
bool overlap(std::string_view left, std::string_view right) {
  std::vector<std::vector<char>> fits(left.size() + 1, std::vector<char>(right.size() + 1, false));
  for (auto i = left.size() + 1; i-- > 0;)
    for (auto j = right.size() + 1; j-- > 0;) {
      bool left_ends = i == left.size(), right_ends = j == right.size();
      bool fit = left_ends && right_ends;
      if (!left_ends && left[i] == '*') fit |= fits[i + 1][j] || (!right_ends && fits[i][j + 1]);
      if (!right_ends && right[j] == '*') fit |= fits[i][j + 1] || (!left_ends && fits[i + 1][j]);
      if (!left_ends && !right_ends && left[i] != '*' && right[j] != '*')
        fit |= (left[i] == right[j] || left[i] == '?' || right[j] == '?') && fits[i + 1][j + 1];
      fits[i][j] = fit;
    }
  return fits[0][0];
}

bool overlaps_any(const Texts& texts, std::string_view pattern) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return overlap(text, pattern); });
}

// The first of the patterns that an allowed action of the statement fits. NotAction allows all but some.
std::string allowed_of(const json::Value& statement, const Texts& patterns) {
  if (!allows(statement)) return "";
  auto actions = one_or_many(json::at(statement, "Action"));
  auto but = one_or_many(json::at(statement, "NotAction"));
  for (const auto& pattern : patterns) {
    bool excepted = std::ranges::any_of(but, [&](const std::string& text) {
      return text == pattern || iam::Wildcard::plain(text).matches(pattern);
    });
    if (overlaps_any(actions, pattern) || (!but.empty() && !excepted)) return pattern;
  }
  return "";
}

Texts principals(const json::Value& statement, std::string_view kind) {
  const auto& principal = json::at(statement, "Principal");
  if (principal.is_string()) return kind == "AWS" ? Texts{json::text(principal)} : Texts{};
  return one_or_many(json::at(principal, kind));
}

bool of_account(const std::string& principal, const std::string& account) {
  return principal == account || principal.find(":" + account + ":") != std::string::npos;
}

Evaluation judge_blacklisted(const Subject& subject, const json::Object& parameters) {
  if (auto blind = unreadable(subject.resource, {"Policy"})) return *blind;
  auto patterns = json::texts(json::at(parameters, "blacklistedActionPattern"));
  if (patterns.empty()) return insufficient("The parameter blacklistedActionPattern names no action.");
  for (const auto& statement : statements(json::at(subject.resource.facts, "Policy"))) {
    auto action = allowed_of(statement, patterns);
    if (action.empty()) continue;
    if (!json::at(statement, "NotPrincipal").is_null())
      return non_compliant(fmt::format("Its policy allows {} to all but some.", action));
    for (const auto& principal : principals(statement, "AWS"))
      if (!of_account(principal, subject.resource.ref.account))
        return non_compliant(fmt::format("Its policy allows {} to {}.", action, principal));
  }
  return compliant("Its policy allows none of these actions to other accounts.");
}

// What a condition holds callers to: the values of one of these keys, in operators that compare for equality.
Texts held_to(const json::Value& statement, std::string_view key) {
  Texts out;
  for (const auto& [operation, block] : json::members(json::at(statement, "Condition"))) {
    std::string_view named(operation);
    if (named.find("Not") != named.npos || named.ends_with("IfExists")) continue;
    for (const auto& [name, values] : json::members(block))
      if (std::ranges::equal(std::string_view(name), key, {}, [](char c) { return std::tolower(c); },
                             [](char c) { return std::tolower(c); }))
        std::ranges::move(one_or_many(values), std::back_inserter(out));
  }
  return out;
}

bool all_known(const Texts& values, const Texts& known) {
  return !values.empty() &&
         std::ranges::all_of(values, [&](const auto& value) { return std::ranges::find(known, value) != known.end(); });
}

// Whoever it lets in is among those that the parameters name, or comes from where they say.
std::string stranger_in(const json::Value& statement, const json::Object& parameters) {
  auto named = [&](const char* parameter) { return json::texts(json::at(parameters, parameter)); };
  for (auto [key, parameter] : {std::pair{"aws:sourceip", "ipAddresses"}, {"aws:sourcevpc", "vpcIds"}})
    if (all_known(held_to(statement, key), named(parameter))) return "";
  if (!json::at(statement, "NotPrincipal").is_null()) return "all but some";
  for (auto [kind, parameter] :
       {std::pair{"AWS", "awsPrincipals"}, {"Service", "servicePrincipals"}, {"Federated", "federatedUsers"}})
    for (const auto& principal : principals(statement, kind))
      if (!all_known({principal}, named(parameter))) return principal;
  return "";
}

Evaluation judge_grantees(const Subject& subject, const json::Object& parameters) {
  if (auto blind = unreadable(subject.resource, {"Policy"})) return *blind;
  const auto& policy = json::at(subject.resource.facts, "Policy");
  if (policy.is_null()) return not_applicable("The bucket has no policy.");
  for (const auto& statement : statements(policy)) {
    if (!allows(statement)) continue;
    if (auto who = stranger_in(statement, parameters); !who.empty())
      return non_compliant(fmt::format("Its policy allows something to {}, whom the parameters do not name.", who));
  }
  return compliant("Its policy allows nothing but to those whom the parameters name.");
}

bool names_every_key(const json::Value& statement) {
  if (!json::at(statement, "NotResource").is_null()) return true;
  return std::ranges::any_of(one_or_many(json::at(statement, "Resource")), [](const std::string& resource) {
    return resource == "*" || resource.ends_with(":key/*") || resource.ends_with(":*") || resource.starts_with("arn:*");
  });
}

std::optional<Evaluation> blocked_in(const json::Value& document, const Texts& patterns, std::string_view where) {
  for (const auto& statement : statements(document))
    if (auto action = allowed_of(statement, patterns); !action.empty() && names_every_key(statement))
      return non_compliant(fmt::format("{} allows {} on every key.", where, action));
  return std::nullopt;
}

Evaluation judge_managed_keys(const Subject& subject, const json::Object& parameters) {
  const auto& policy = subject.resource;
  if (auto blind = unreadable(policy, {"Versions", "DefaultVersionId"})) return *blind;
  auto patterns = json::texts(json::at(parameters, "blockedActionsPatterns"));
  if (patterns.empty()) return insufficient("The parameter blockedActionsPatterns names no action.");
  auto current = json::text(json::at(policy.facts, "DefaultVersionId"));
  for (const auto& version : json::items(json::at(policy.facts, "Versions"))) {
    if (json::text(version, "PolicyName", "") != current) continue;
    auto blocked = blocked_in(json::at(version, "PolicyDocument"), patterns, "Its version " + current);
    return blocked ? *blocked : compliant("It allows none of these actions on every key.");
  }
  return insufficient("The document of the default version was not found.");
}

Evaluation judge_inline_keys(const Subject& subject, const json::Object& parameters) {
  if (auto blind = unreadable(subject.resource, {"Policies"})) return *blind;
  auto patterns = json::texts(json::at(parameters, "blockedActionsPatterns"));
  if (patterns.empty()) return insufficient("The parameter blockedActionsPatterns names no action.");
  const auto& inline_ones = json::at(subject.resource.properties, "Policies");
  for (const auto& policy : json::items(inline_ones)) {
    auto where = "Its inline policy " + json::text(policy, "PolicyName", "");
    if (auto blocked = blocked_in(json::at(policy, "PolicyDocument"), patterns, where)) return *blocked;
  }
  return json::items(inline_ones).empty() ? not_applicable("It has no inline policy.")
                                          : compliant("No inline policy allows these actions on every key.");
}

}  // namespace

std::vector<Rule> grant_rules() {
  return {
      {"IAM_CUSTOMER_POLICY_BLOCKED_KMS_ACTIONS", "AWS::IAM::ManagedPolicy", {"DefaultVersionId", "Versions"}, {}, {},
       judge_managed_keys},
      {"IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS", "AWS::IAM::User", {"Policies"}, {}, {}, judge_inline_keys},
      {"IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS", "AWS::IAM::Group", {"Policies"}, {}, {}, judge_inline_keys},
      {"IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS", "AWS::IAM::Role", {"Policies"}, {}, {}, judge_inline_keys},
      {"S3_BUCKET_BLACKLISTED_ACTIONS_PROHIBITED", "AWS::S3::Bucket", {"Policy"}, {}, {}, judge_blacklisted},
      {"S3_BUCKET_POLICY_GRANTEE_CHECK", "AWS::S3::Bucket", {"Policy"}, {}, {}, judge_grantees},
  };
}

}  // namespace aright::rules
