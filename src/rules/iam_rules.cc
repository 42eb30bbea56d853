// What Config's managed rules say about keys, passwords and policies of IAM, where ages or statements must be
// understood.

#include <algorithm>

#include "rules/ages.h"
#include "rules/judge.h"
#include "rules/policies.h"

namespace aright::rules {

namespace {

constexpr std::int64_t age_max_days = 90;  // Config's default

bool active(const json::Value& key) { return json::text(key, "Status", "") == "Active"; }

Evaluation judge_key_age(const Subject& subject, const json::Object& parameters) {
  if (auto blind = unreadable(subject.resource, {"AccessKeys"})) return *blind;
  auto most = whole_number(parameters, "maxAccessKeyAge", age_max_days);
  bool any = false;
  for (const auto& key : json::items(json::at(subject.resource.facts, "AccessKeys"))) {
    if (!active(key)) continue;
    any = true;
    auto id = json::text(key, "AccessKeyId", "");
    auto created = time_told(json::at(key, "CreateDate"));
    if (!created) return insufficient(fmt::format("When access key {} was made is not told.", id));
    if (auto days = days_since(*created, subject.resource); days > most)
      return non_compliant(fmt::format("Access key {} is {} days old; {} are allowed.", id, days, most));
  }
  return any ? compliant(fmt::format("No active access key is older than {} days.", most))
             : compliant("The user has no active access key.");
}

// Never used counts from when it was made.
std::optional<std::int64_t> idle_days(const cloud::Snapshot& user, const json::Value& used, const json::Value& made) {
  auto last = time_told(used);
  if (!last) last = time_told(made);
  return last ? std::optional(days_since(*last, user)) : std::nullopt;
}

Evaluation judge_unused(const Subject& subject, const json::Object& parameters) {
  const auto& user = subject.resource;
  if (auto blind =
          unreadable(user, {"AccessKeys", "AccessKeysLastUsed", "LoginProfile", "PasswordLastUsed", "CreateDate"}))
    return *blind;
  auto most = whole_number(parameters, "maxCredentialUsageAge", age_max_days);
  if (!json::at(user.properties, "LoginProfile").is_null()) {
    auto idle = idle_days(user, json::at(user.facts, "PasswordLastUsed"), json::at(user.facts, "CreateDate"));
    if (!idle) return insufficient("When the password was used is not told.");
    if (*idle > most) return non_compliant(fmt::format("The password was not used for {} days.", *idle));
  }
  const auto& used = json::at(user.facts, "AccessKeysLastUsed");
  for (const auto& key : json::items(json::at(user.facts, "AccessKeys"))) {
    if (!active(key)) continue;
    auto id = json::text(key, "AccessKeyId", "");
    auto idle = idle_days(user, json::at(used, id), json::at(key, "CreateDate"));
    if (!idle) return insufficient(fmt::format("When access key {} was used is not told.", id));
    if (*idle > most) return non_compliant(fmt::format("Access key {} was not used for {} days.", id, *idle));
  }
  return compliant(fmt::format("Each credential was used within {} days, or is inactive.", most));
}

bool names_all(const json::Value& statement, std::string_view member) {
  auto listed = one_or_many(json::at(statement, member));
  return std::ranges::find(listed, "*") != listed.end();
}

bool administers(const json::Value& statement) {
  return allows(statement) && names_all(statement, "Action") && names_all(statement, "Resource");
}

bool has_whole_service(const json::Value& statement) {
  if (!allows(statement)) return false;
  auto actions = one_or_many(json::at(statement, "Action"));
  return std::ranges::any_of(actions,
                             [](const std::string& action) { return action == "*" || action.ends_with(":*"); });
}

Evaluation judge_statements(const Subject& subject, bool (*too_much)(const json::Value&), std::string_view what) {
  const auto& policy = subject.resource;
  if (auto blind = unreadable(policy, {"Versions", "DefaultVersionId"})) return *blind;
  auto current = json::text(json::at(policy.facts, "DefaultVersionId"));
  for (const auto& version : json::items(json::at(policy.facts, "Versions"))) {
    if (json::text(version, "PolicyName", "") != current) continue;
    for (const auto& statement : statements(json::at(version, "PolicyDocument")))
      if (too_much(statement)) return non_compliant(fmt::format("Its version {} allows {}.", current, what));
    return compliant(fmt::format("No statement of its version {} allows {}.", current, what));
  }
  return insufficient("The document of the default version was not found.");
}

Evaluation judge_admin(const Subject& subject, const json::Object&) {
  return judge_statements(subject, administers, "every action on every resource");
}

Evaluation judge_full(const Subject& subject, const json::Object&) {
  return judge_statements(subject, has_whole_service, "every action of a service");
}

}  // namespace

std::vector<Rule> iam_rules() {
  const std::vector<std::string> document{"DefaultVersionId", "Versions"};
  const std::vector<std::string> use{"CreateDate", "PasswordLastUsed", "LoginProfile", "AccessKeys",
                                     "AccessKeysLastUsed"};
  return {
      {"ACCESS_KEYS_ROTATED", "AWS::IAM::User", {"AccessKeys"}, {}, {}, judge_key_age},
      {"IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", "AWS::IAM::ManagedPolicy", document, {}, {}, judge_admin},
      {"IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS", "AWS::IAM::ManagedPolicy", document, {}, {}, judge_full},
      {"IAM_USER_UNUSED_CREDENTIALS_CHECK", "AWS::IAM::User", use, {}, {}, judge_unused},
  };
}

}  // namespace aright::rules
