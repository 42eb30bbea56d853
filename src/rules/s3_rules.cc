// What Config's managed rules say about buckets. A bucket is public when its policy or its ACL lets everyone in, and no
// public access block, of the bucket or of its account, holds against it.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "iam/publicity.h"
#include "rules/judge.h"

namespace aright::rules {

namespace {

constexpr std::array everyone{"http://acs.amazonaws.com/groups/global/AllUsers",
                              "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"};

// One way to be public: what an ACL grants, and what a policy's actions begin with.
struct Access {
  std::string_view word;
  std::vector<std::string_view> permissions;
  std::vector<std::string_view> actions;
};

const Access reading{"read", {"READ", "READ_ACP", "FULL_CONTROL"}, {"s3:get", "s3:list"}};
const Access writing{"write",
                     {"WRITE", "WRITE_ACP", "FULL_CONTROL"},
                     {"s3:put", "s3:delete", "s3:restore", "s3:abort"}};

// A pattern of a policy (s3:Get*, *) and the beginning of an action meet when one can continue the other.
bool covers(std::string pattern, std::string_view action) {
  pattern = lower(pattern);
  auto star = pattern.find_first_of("*?");
  std::string_view fixed = std::string_view(pattern).substr(0, star);
  return fixed.starts_with(action) || (star != std::string::npos && action.starts_with(fixed));
}

// What is granted by name, or by leaving others out.
bool grants(const iam::Statement& statement, const Access& access) {
  if (!iam::public_statement(statement)) return false;
  if (!statement.not_actions.empty()) return true;
  return std::ranges::any_of(statement.actions, [&](const std::string& pattern) {
    return std::ranges::any_of(access.actions, [&](auto action) { return covers(pattern, action); });
  });
}

bool policy_lets_everyone(const cloud::Snapshot& bucket, const Access& access) {
  if (!json::truth(json::at(json::at(bucket.facts, "PolicyStatus"), "IsPublic"))) return false;
  // The service calls it public. Where it cannot be read here, that is the last word.
  auto policy = iam::parse_policy(json::at(bucket.facts, "Policy"));
  if (!policy) return true;
  return std::ranges::any_of(policy->statements, [&](const auto& one) { return grants(one, access); });
}

bool acl_lets_everyone(const cloud::Snapshot& bucket, const Access& access) {
  for (const auto& grant : json::items(json::at(json::at(bucket.facts, "Acl"), "Grants"))) {
    auto uri = json::text(json::at(grant, "Grantee"), "URI", "");
    auto permission = json::text(grant, "Permission", "");
    if (std::ranges::find(everyone, uri) != everyone.end() &&
        std::ranges::find(access.permissions, permission) != access.permissions.end())
      return true;
  }
  return false;
}

bool blocks(const Subject& subject, std::string_view setting) {
  if (json::truth(json::at(json::at(subject.resource.properties, "PublicAccessBlockConfiguration"), setting)))
    return true;
  return subject.account && json::truth(json::at(json::at(subject.account->facts, "PublicAccessBlock"), setting));
}

Evaluation judge_public(const Subject& subject, const Access& access) {
  if (blocks(subject, "RestrictPublicBuckets") && blocks(subject, "IgnorePublicAcls"))
    return compliant("The public access block keeps everyone out.");
  if (auto blind = unreadable(subject.resource, {"PublicAccessBlockConfiguration", "Policy", "PolicyStatus", "Acl"}))
    return *blind;
  bool by_policy = policy_lets_everyone(subject.resource, access) && !blocks(subject, "RestrictPublicBuckets");
  bool by_acl = acl_lets_everyone(subject.resource, access) && !blocks(subject, "IgnorePublicAcls");
  if (!by_policy && !by_acl) return compliant(fmt::format("Nothing lets everyone {} the bucket.", access.word));
  // Public by itself. Only now does it matter whether the account's block could be seen.
  if (!subject.account) return insufficient("The public access block of the account was not read.");
  if (auto blind = unreadable(*subject.account, {"PublicAccessBlock"})) return *blind;
  return non_compliant(fmt::format("The bucket's {} lets everyone {} it.",
                                   by_policy && by_acl ? "policy and ACL" : by_policy ? "policy" : "ACL", access.word));
}

Evaluation judge_public_read(const Subject& subject, const json::Object&) { return judge_public(subject, reading); }
Evaluation judge_public_write(const Subject& subject, const json::Object&) { return judge_public(subject, writing); }

Evaluation judge_own_block(const Subject& subject, const json::Object& parameters) {
  auto excluded = split(json::text(parameters, "excludedPublicBuckets"), ',');
  for (const auto& bucket : excluded)
    if (trim(bucket) == subject.resource.ref.id) return not_applicable("The bucket is excluded by the rule.");
  if (auto blind = unreadable(subject.resource, {"PublicAccessBlockConfiguration"})) return *blind;
  const auto& block = json::at(subject.resource.properties, "PublicAccessBlockConfiguration");
  std::vector<std::string> off;
  for (auto setting : {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"})
    if (!json::truth(json::at(block, setting))) off.emplace_back(setting);
  if (off.empty()) return compliant("All four settings of the bucket's public access block are on.");
  return non_compliant(fmt::format("Off in the bucket's public access block: {}.", fmt::join(off, ", ")));
}

}  // namespace

std::vector<Rule> s3_rules() {
  const std::vector<std::string> exposure{"PublicAccessBlockConfiguration", "Policy", "PolicyStatus", "Acl"};
  return {
      {"S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", "AWS::S3::Bucket", {"PublicAccessBlockConfiguration"}, {}, {},
       judge_own_block},
      {"S3_BUCKET_PUBLIC_READ_PROHIBITED", "AWS::S3::Bucket", exposure, {"PublicAccessBlock"}, {}, judge_public_read},
      {"S3_BUCKET_PUBLIC_WRITE_PROHIBITED", "AWS::S3::Bucket", exposure, {"PublicAccessBlock"}, {}, judge_public_write},
  };
}

}  // namespace aright::rules
