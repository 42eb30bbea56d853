#include "sandbox/s3_access.h"

#include <algorithm>

#include "base/text.h"
#include "iam/evaluate.h"
#include "iam/publicity.h"
#include "sandbox/needs.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view all_users = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view authenticated_users =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
constexpr std::string_view everything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

bool set_in(const json::Value& block, std::string_view name) {
  return json::truth(json::at(block, name));
}

json::Value policy_of(const Resource& bucket) {
  auto parsed = json::parse(json::text(bucket.aspect("Policy")));
  return parsed ? *parsed : json::Value();
}

enum class Verdict { silent, allow, deny };

// The owner is not shut out by its own conditions where nobody asks for authorization: aright and its
// tests would be.
iam::Policy without_conditional_denies(iam::Policy policy) {
  std::erase_if(policy.statements, [](const iam::Statement& one) {
    return one.effect == iam::Effect::deny && !one.conditions.empty();
  });
  return policy;
}

// What the bucket's policy says by itself; the caller's own policies were asked before (authorize.h).
Verdict by_policy(const Scene& scene, const Resource& bucket, const json::Value& document, std::string_view action,
                  const std::string& arn) {
  auto policy = iam::parse_policy(document);
  if (!policy) return Verdict::silent;
  bool own = scene.principal.account == bucket.ref.account;
  iam::Request request{.caller = caller_of(scene.principal), .action = std::string(action), .resource = arn,
                       .resource_account = bucket.ref.account, .keys = request_keys(scene, &bucket)};
  iam::Policies policies;
  policies.resource = iam::NamedPolicy{
      .name = arn, .policy = own ? without_conditional_denies(std::move(*policy)) : std::move(*policy), .broken = ""};
  policies.resource_kind = iam::Resource::owner;
  if (!own) policies.identity = {iam::named_policy("everything", everything)};
  switch (iam::evaluate(request, policies).outcome) {
    case iam::Outcome::allowed:
      return Verdict::allow;
    case iam::Outcome::explicit_deny:
      return Verdict::deny;
    case iam::Outcome::implicit_deny:
      return Verdict::silent;
  }
  return Verdict::silent;
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
  auto verdict = by_policy(scene, bucket, policy, action, arn);
  if (scene.principal.account == bucket.ref.account) return verdict != Verdict::deny;
  bool shut = block.restrict_buckets && iam::public_policy(policy);
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
