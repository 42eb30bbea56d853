// The condition keys of a request: global ones, those of S3's headers, and for every service its input
// members under its own prefix (ec2:InstanceType, sns:Protocol, sts:ExternalId).
#include <algorithm>

#include "base/text.h"
#include "cloud/permission_data.h"
#include "sandbox/authorize.h"
#include "sandbox/needs.h"

namespace aright::sandbox {

namespace {

using Kind = iam::Caller::Kind;

std::string_view principal_type(Kind kind) {
  switch (kind) {
    case Kind::root:
      return "Account";
    case Kind::user:
      return "User";
    case Kind::session:
      return "AssumedRole";
    case Kind::federated:
      return "FederatedUser";
    case Kind::service:
      return "AWSService";
    case Kind::anonymous:
      return "Anonymous";
  }
  return "";
}

// Tags as services have them: a list of Key and Value in either case, or a map.
template <typename Take>
void each_tag(const json::Value& tags, Take take) {
  for (const auto& [key, value] : json::members(tags))
    if (value.is_string()) take(std::string(key), json::text(value));
  for (const auto& tag : json::items(tags))
    for (const auto& [key, value] : {std::pair{"Key", "Value"}, {"TagKey", "TagValue"}, {"key", "value"}})
      if (const auto& name = json::at(tag, key); name.is_string()) take(json::text(name), json::text(tag, value, ""));
}

void add_tags_of(const Scene& scene, const Resource& resource, const std::string& prefix, iam::Keys& keys) {
  const auto* type = scene.catalog.type(resource.ref.type);
  if (type == nullptr) return;
  for (const auto& aspect : type->aspects) {
    if (!aspect.tags) continue;
    each_tag(scene.value(resource, aspect.name), [&](const std::string& key, const std::string& value) {
      keys.set("aws:ResourceTag/" + key, value);
      keys.set(prefix + ":ResourceTag/" + key, value);
    });
  }
}

void add_request_tags(const Scene& scene, iam::Keys& keys) {
  std::vector<std::string> names;
  auto take = [&](const std::string& key, const std::string& value) {
    keys.set("aws:RequestTag/" + key, value);
    names.push_back(key);
  };
  for (const auto* member : {"Tags", "tags", "TagList", "TagSet"}) each_tag(scene.input(member), take);
  each_tag(scene.input("Tagging.TagSet"), take);
  for (const auto& one : json::items(scene.input("TagSpecifications"))) each_tag(json::at(one, "Tags"), take);
  for (auto& name : json::texts(scene.input("TagKeys"))) names.push_back(std::move(name));
  for (auto& name : json::texts(scene.input("tagKeys"))) names.push_back(std::move(name));
  if (!names.empty()) keys.set("aws:TagKeys", std::move(names));
}

void add_s3(const Scene& scene, iam::Keys& keys) {
  constexpr std::pair<const char*, const char*> headers[] = {
      {"ACL", "s3:x-amz-acl"},
      {"ServerSideEncryption", "s3:x-amz-server-side-encryption"},
      {"SSEKMSKeyId", "s3:x-amz-server-side-encryption-aws-kms-key-id"},
      {"StorageClass", "s3:x-amz-storage-class"},
      {"CopySource", "s3:x-amz-copy-source"},
      {"ObjectOwnership", "s3:x-amz-object-ownership"},
      {"MaxKeys", "s3:max-keys"},
  };
  for (const auto& [member, key] : headers)
    if (const auto& value = scene.input(member); !value.is_null()) keys.set(key, json::scalar_text(value));
  bool signed_in = caller_of(scene.principal).kind != Kind::anonymous;
  if (signed_in) keys.set("s3:signatureversion", "AWS4-HMAC-SHA256");
  if (signed_in) keys.set("s3:authType", "REST-HEADER");
  keys.set("s3:TlsVersion", "1.3");
}

void add_input(const Scene& scene, const std::string& prefix, iam::Keys& keys) {
  for (const auto& [member, value] : scene.call.input) {
    auto name = fmt::format("{}:{}", prefix, std::string_view(member));
    if (value.is_string() || value.is_number() || value.is_bool()) keys.set(name, json::scalar_text(value));
    if (auto many = json::texts(value); !many.empty()) keys.set(name, std::move(many));
  }
}

// A role's own tags, and the session's over them; a user's own.
void add_principal_tags(const Scene& scene, const iam::Caller& caller, iam::Keys& keys) {
  auto type = caller.kind == Kind::user ? "AWS::IAM::User" : "AWS::IAM::Role";
  const auto& arn = caller.kind == Kind::user ? caller.arn : caller.role;
  auto ref = scene.ref(type, arn.substr(arn.rfind('/') + 1));
  ref.account = caller.account;
  auto take = [&](const std::string& key, const std::string& value) { keys.set("aws:PrincipalTag/" + key, value); };
  if (const auto* holder = scene.world.find(ref)) each_tag(holder->aspect("Tags"), take);
  for (const auto& [key, value] : scene.principal.tags) take(key, value);
}

void add_principal(const Scene& scene, const iam::Caller& caller, iam::Keys& keys) {
  keys.set("aws:PrincipalType", std::string(principal_type(caller.kind)));
  if (caller.kind == Kind::anonymous) return;
  keys.set("aws:PrincipalArn", caller.kind == Kind::session ? caller.role : caller.arn);
  keys.set("aws:PrincipalAccount", caller.account);
  if (auto member = membership_of(scene, caller.account)) {
    keys.set("aws:PrincipalOrgID", member->organization);
    keys.set("aws:PrincipalOrgPaths", std::vector{member->path});
  }
  keys.set("aws:userid", scene.principal.user_id);
  keys.set("kms:CallerAccount", caller.account);
  if (caller.kind == Kind::user) keys.set("aws:username", caller.arn.substr(caller.arn.rfind('/') + 1));
  // Temporary keys say it either way, long-term ones not at all.
  if (caller.kind == Kind::session || scene.principal.mfa)
    keys.set("aws:MultiFactorAuthPresent", scene.principal.mfa ? "true" : "false");
  add_principal_tags(scene, caller, keys);
}

}  // namespace

iam::Caller caller_of(const Principal& principal) {
  auto caller = iam::caller_of(principal.arn);
  if (!principal.role.empty()) caller.role = principal.role;
  caller.service_linked = caller.role.contains(":role/aws-service-role/");
  return caller;
}

iam::Keys request_keys(const Scene& scene, const Resource* resource) {
  constexpr std::int64_t ms_per_s = 1000;
  auto prefix = cloud::iam_prefix(scene.call.service);
  iam::Keys keys;
  add_input(scene, prefix, keys);
  add_principal(scene, caller_of(scene.principal), keys);
  // The sandbox speaks over loopback; a policy that wants TLS wants nobody to listen, and nobody can.
  keys.set("aws:SecureTransport", "true");
  keys.set("aws:SourceIp", scene.principal.source_ip.empty() ? "127.0.0.1" : scene.principal.source_ip);
  if (!scene.principal.user_agent.empty()) keys.set("aws:UserAgent", scene.principal.user_agent);
  keys.set("aws:RequestedRegion", scene.call.region);
  keys.set("ec2:Region", scene.call.region);
  keys.set("aws:CurrentTime", scene.now.iso());
  keys.set("aws:EpochTime", fmt::format("{}", scene.now.ms / ms_per_s));
  keys.set("aws:ViaAWSService", "false");
  keys.set("aws:PrincipalIsAWSService", "false");
  add_request_tags(scene, keys);
  if (prefix == "s3") add_s3(scene, keys);
  if (resource != nullptr) add_tags_of(scene, *resource, prefix, keys);
  return keys;
}

}  // namespace aright::sandbox
