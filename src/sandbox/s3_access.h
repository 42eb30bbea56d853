#pragma once
// Who may do what with a bucket and its objects: policies, ACLs and the public access blocks over
// both, as S3 decides since 2018. Pure: nothing is changed. Policies are judged by iam/evaluate.h, and
// whether one is public by iam/publicity.h.

#include <string>
#include <string_view>

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr const char* bucket_type = "AWS::S3::Bucket";
inline constexpr const char* object_type = "AWS::S3::Object";
inline constexpr const char* account_block_type = "AWS::S3::AccountPublicAccessBlock";
inline constexpr const char* anonymous = "anonymous";  // the account of callers who show no key

// Of the bucket's own block and its account's: each setting holds when either says so.
struct PublicAccessBlock {
  bool block_acls = false, ignore_acls = false, block_policy = false, restrict_buckets = false;
};
PublicAccessBlock effective_block(const Scene& scene, const Resource& bucket);

// Grants anything to everybody, or to every AWS user.
bool public_acl(const json::Value& access_control_policy);
bool acls_disabled(const Resource& bucket);

// Whether the caller may: the owner's account always, others by policy or ACL. `key` is empty for
// the bucket itself.
bool may(const Scene& scene, const Resource& bucket, std::string_view action, std::string_view key,
         const Resource* object = nullptr);

}  // namespace aright::sandbox
