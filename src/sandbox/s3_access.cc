#include "sandbox/s3_access.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view all_users = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view authenticated_users =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

// A text, or a list of texts.
std::vector<std::string> one_or_many(const json::Value& value) {
  if (value.is_string()) return {json::text(value)};
  return json::texts(value);
}

std::vector<const json::Value*> statements(const json::Value& policy) {
  const auto& list = json::at(policy, "Statement");
  std::vector<const json::Value*> out;
  if (list.is_object()) out.push_back(&list);
  for (const auto& statement : json::items(list))
    out.push_back(&statement);
  return out;
}

bool allows(const json::Value& statement) {
  return json::text(statement, "Effect", "") == "Allow";
}

bool names_everybody(const json::Value& statement) {
  if (!json::at(statement, "NotPrincipal").is_null()) return true;
  const auto& principal = json::at(statement, "Principal");
  if (json::text(principal) == "*") return true;
  auto users = one_or_many(json::at(principal, "AWS"));
  return std::ranges::find(users, "*") != users.end();
}

// 0.0.0.0/0 and everything wider than a /8 (IPv6: /32) is anybody.
bool narrow_range(std::string_view cidr) {
  auto slash = cidr.find('/');
  if (slash == std::string_view::npos) return true;
  bool v6 = cidr.find(':') != std::string_view::npos;
  return json::integer(json::Value(cidr.substr(slash + 1)), 0) >= (v6 ? 32 : 8);
}

// Whether a condition holds the statement to fixed callers.
bool fixed_callers(std::string_view key, const json::Value& values) {
  constexpr std::array keys{"aws:principalorgid",
                            "aws:principalorgpaths",
                            "aws:principalaccount",
                            "aws:principalarn",
                            "aws:sourcearn",
                            "aws:sourcevpc",
                            "aws:sourcevpce",
                            "aws:sourceowner",
                            "aws:sourceaccount",
                            "aws:userid",
                            "aws:sourceip",
                            "s3:dataaccesspointarn",
                            "s3:dataaccesspointaccount",
                            "s3:x-amz-server-side-encryption-aws-kms-key-id"};
  auto small = lower(key);
  if (std::ranges::find(keys, std::string_view(small)) == keys.end()) return false;
  auto texts = one_or_many(values);
  return !texts.empty() && std::ranges::all_of(texts, [&](const std::string& text) {
    if (small == "aws:sourceip") return narrow_range(text);
    return text.find_first_of("*?") == std::string::npos && text.find("${") == std::string::npos;
  });
}

bool restricting(std::string_view op) {
  auto small = lower(op);
  if (small.starts_with("foranyvalue:") || small.ends_with("ifexists")) return false;
  return small.ends_with("stringequals") || small.ends_with("stringequalsignorecase") ||
         small.ends_with("stringlike") || small.ends_with("arnequals") ||
         small.ends_with("arnlike") || small == "ipaddress";
}

bool held_to_fixed_callers(const json::Value& statement) {
  for (const auto& [op, keys] : json::members(json::at(statement, "Condition"))) {
    if (!restricting(op)) continue;
    for (const auto& [key, values] : json::members(keys))
      if (fixed_callers(key, values)) return true;
  }
  return false;
}

bool set_in(const json::Value& block, std::string_view name) {
  return json::truth(json::at(block, name));
}

json::Value policy_of(const Resource& bucket) {
  auto parsed = json::parse(json::text(bucket.aspect("Policy")));
  return parsed ? *parsed : json::Value();
}

bool matches(const std::vector<std::string>& globs, std::string_view text, bool any_case) {
  return std::ranges::any_of(globs, [&](const std::string& glob) {
    return any_case ? glob_match(lower(glob), lower(text)) : glob_match(glob, text);
  });
}

bool names_caller(const json::Value& statement, const Principal& caller) {
  const auto& principal = json::at(statement, "Principal");
  if (json::text(principal) == "*") return true;
  for (const auto& user : one_or_many(json::at(principal, "AWS"))) {
    if (user == "*" || user == caller.arn) return true;
    if (user == caller.account || user.ends_with(fmt::format("::{}:root", caller.account)))
      return true;
  }
  return false;
}

enum class Verdict { silent, allow, deny };

Verdict by_policy(const Scene& scene, const json::Value& policy, std::string_view owner,
                  std::string_view action, const std::string& arn) {
  auto verdict = Verdict::silent;
  for (const auto* statement : statements(policy)) {
    if (!names_caller(*statement, scene.principal)) continue;
    if (!matches(one_or_many(json::at(*statement, "Action")), action, true)) continue;
    if (!matches(one_or_many(json::at(*statement, "Resource")), arn, false)) continue;
    bool conditional = !json::at(*statement, "Condition").is_null();
    // Conditions are not looked at. One never allows, and denies strangers; the owner would
    // otherwise be shut out by the common "only over TLS".
    if (!allows(*statement) && conditional && scene.principal.account == owner) continue;
    if (!allows(*statement)) return Verdict::deny;
    if (!conditional) verdict = Verdict::allow;
  }
  return verdict;
}

bool granted(const json::Value& acl, const Principal& caller, std::string_view permission,
             bool ignore_public) {
  auto user = canonical_user(caller.account);
  return std::ranges::any_of(json::items(json::at(acl, "Grants")), [&](const json::Value& grant) {
    auto given = json::text(grant, "Permission", "");
    if (given != permission && given != "FULL_CONTROL") return false;
    auto uri = json::text(json::at(grant, {"Grantee", "URI"}));
    if (uri == all_users) return !ignore_public;
    if (uri == authenticated_users) return !ignore_public && caller.account != anonymous;
    return json::text(json::at(grant, {"Grantee", "ID"})) == user;
  });
}

}  // namespace

PublicAccessBlock effective_block(const Scene& scene, const Resource& bucket) {
  PublicAccessBlock block;
  auto join = [&](const json::Value& settings) {
    block.block_acls |= set_in(settings, "BlockPublicAcls");
    block.ignore_acls |= set_in(settings, "IgnorePublicAcls");
    block.block_policy |= set_in(settings, "BlockPublicPolicy");
    block.restrict_buckets |= set_in(settings, "RestrictPublicBuckets");
  };
  join(bucket.aspect("PublicAccessBlockConfiguration"));
  auto of_account = scene.ref(account_block_type, bucket.ref.account);
  of_account.account = bucket.ref.account;
  if (const auto* account = scene.world.find(of_account))
    join(account->aspect("PublicAccessBlock"));
  return block;
}

bool public_policy(const json::Value& policy) {
  return std::ranges::any_of(statements(policy), [](const json::Value* statement) {
    return allows(*statement) && names_everybody(*statement) && !held_to_fixed_callers(*statement);
  });
}

bool public_acl(const json::Value& acl) {
  return std::ranges::any_of(json::items(json::at(acl, "Grants")), [](const json::Value& grant) {
    auto uri = json::text(json::at(grant, {"Grantee", "URI"}));
    return uri == all_users || uri == authenticated_users;
  });
}

bool acls_disabled(const Resource& bucket) {
  const auto& rules = json::items(json::at(bucket.aspect("OwnershipControls"), "Rules"));
  return !rules.empty() &&
         json::text(rules.front(), "ObjectOwnership", "") == "BucketOwnerEnforced";
}

bool may(const Scene& scene, const Resource& bucket, std::string_view action, std::string_view key,
         const Resource* object) {
  auto arn = scene.arn(bucket);
  if (!key.empty()) arn += fmt::format("/{}", key);
  auto block = effective_block(scene, bucket);
  auto policy = policy_of(bucket);
  auto verdict = by_policy(scene, policy, bucket.ref.account, action, arn);
  if (scene.principal.account == bucket.ref.account) return verdict != Verdict::deny;
  bool shut = block.restrict_buckets && public_policy(policy);
  if (verdict == Verdict::deny || (verdict == Verdict::allow && shut)) return false;
  if (verdict == Verdict::allow) return true;
  if (acls_disabled(bucket)) return false;
  if (action == "s3:GetObject")
    return object != nullptr &&
           granted(object->aspect("Acl"), scene.principal, "READ", block.ignore_acls);
  if (action == "s3:ListBucket")
    return granted(bucket.aspect("Acl"), scene.principal, "READ", block.ignore_acls);
  if (action == "s3:PutObject" || action == "s3:DeleteObject")
    return granted(bucket.aspect("Acl"), scene.principal, "WRITE", block.ignore_acls);
  return false;
}

}  // namespace aright::sandbox
