// What S3 refuses, and what it computes. Objects are in s3_objects.h, decisions over access in
// s3_access.h.
#include <algorithm>

#include "cloud/computed.h"
#include "cloud/locate.h"
#include "iam/publicity.h"
#include "sandbox/emulate.h"
#include "sandbox/s3_access.h"
#include "sandbox/s3_objects.h"

namespace aright::sandbox::s3_hooks {

namespace {

constexpr std::size_t bucket_name_min = 3, bucket_name_max = 63;
constexpr std::size_t policy_bytes_max = 20u << 10;

bool good_bucket_name(std::string_view name) {
  if (name.size() < bucket_name_min || name.size() > bucket_name_max) return false;
  auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (!alphanumeric(name.front()) || !alphanumeric(name.back())) return false;
  if (name.find("..") != std::string_view::npos || name.starts_with("xn--")) return false;
  return std::ranges::all_of(name, [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

json::Value asked_acl(const Scene& scene, std::string_view owner) {
  json::Object before{{"Owner", json::Object{{"ID", canonical_user(owner)}}}};
  return cloud::find_compute("access_control_policy")(scene.call.input, before);
}

// Grants nobody but the owner anything.
bool private_acl(const json::Value& acl) {
  auto owner = json::text(json::at(acl, {"Owner", "ID"}));
  return std::ranges::all_of(json::items(json::at(acl, "Grants")), [&](const json::Value& grant) {
    return json::text(json::at(grant, {"Grantee", "ID"})) == owner;
  });
}

// Checks look at buckets that are there; what is not there, the description refuses.
const Resource* own_bucket(const Scene& scene) {
  const auto* bucket = scene.find(bucket_type, scene.text("Bucket"));
  return bucket != nullptr && bucket->ref.account == scene.call.account ? bucket : nullptr;
}

Result<> check_create_bucket(Scene& scene) {
  if (!good_bucket_name(scene.text("Bucket"))) return fail(scene.error("InvalidBucketName"));
  auto location = scene.text("CreateBucketConfiguration.LocationConstraint");
  auto home = cloud::home_region(scene.call.region);
  if (location.empty() && scene.call.region != home)
    return fail(service_error(
        "IllegalLocationConstraintException", 400,
        "The unspecified location constraint is incompatible for the region specific endpoint "
        "this request was sent to."));
  if (location == home ||
      (!location.empty() && scene.call.region != home && location != scene.call.region))
    return fail(service_error("InvalidLocationConstraint", 400,
                              "The specified location-constraint is not valid"));
  auto ownership = scene.text("ObjectOwnership", "BucketOwnerEnforced");
  auto acl = asked_acl(scene, scene.call.account);
  if (ownership == "BucketOwnerEnforced" && !acl.is_null() && !private_acl(acl))
    return fail(scene.error("InvalidBucketAclWithObjectOwnership"));
  if (public_acl(acl)) return fail(scene.error("InvalidBucketAclWithBlockPublicAccessError"));  // which it begins with
  return {};
}

Result<> check_acl(Scene& scene) {
  const auto* bucket = own_bucket(scene);
  if (bucket == nullptr) return {};
  if (acls_disabled(*bucket)) return fail(scene.error("AccessControlListNotSupported", "", bucket));
  auto acl = asked_acl(scene, bucket->ref.account);
  if (public_acl(acl) && effective_block(scene, *bucket).block_acls)
    return fail(scene.error("AccessDenied", "", bucket));
  return {};
}

Result<> check_policy(Scene& scene) {
  const auto* bucket = own_bucket(scene);
  if (bucket == nullptr) return {};
  auto text = scene.text("Policy");
  if (text.size() > policy_bytes_max)
    return fail(scene.error("MalformedPolicy",
                            fmt::format("Policies have {} bytes at most", policy_bytes_max)));
  auto policy = json::parse(text);
  if (!policy || !policy->is_object())
    return fail(scene.error("MalformedPolicy",
                            "Policies must be valid JSON and the first byte must be '{'"));
  const auto& statement = json::at(*policy, "Statement");
  if (!statement.is_object() && !statement.is_array())
    return fail(scene.error("MalformedPolicy", "Missing required field Statement"));
  auto arn = scene.arn(*bucket);
  auto check = [&](const json::Value& one) -> Result<> {
    auto effect = json::text(one, "Effect", "");
    if (effect != "Allow" && effect != "Deny")
      return fail(scene.error("MalformedPolicy", "Invalid effect"));
    if (json::at(one, "Principal").is_null() && json::at(one, "NotPrincipal").is_null())
      return fail(scene.error("MalformedPolicy", "Missing required field Principal"));
    if (json::at(one, "Action").is_null() && json::at(one, "NotAction").is_null())
      return fail(scene.error("MalformedPolicy", "Missing required field Action"));
    const auto& resource = json::at(one, "Resource");
    auto inside = [&](std::string_view name) { return name == arn || name.starts_with(arn + "/"); };
    auto named = resource.is_string() ? std::vector{json::text(resource)} : json::texts(resource);
    if (json::at(one, "NotResource").is_null() &&
        (named.empty() || !std::ranges::all_of(named, inside)))
      return fail(scene.error("MalformedPolicy", "Policy has invalid resource"));
    return {};
  };
  if (statement.is_object()) CHECK_OK(check(statement));
  for (const auto& one : json::items(statement))
    CHECK_OK(check(one));
  if (iam::public_policy(*policy) && effective_block(scene, *bucket).block_policy)
    return fail(scene.error("AccessDenied", "", bucket));
  return {};
}

Result<> check_ownership(Scene& scene) {
  const auto* bucket = own_bucket(scene);
  const auto& rules = json::items(scene.input("OwnershipControls.Rules"));
  if (bucket == nullptr || rules.empty()) return {};
  bool enforced = json::text(rules.front(), "ObjectOwnership", "") == "BucketOwnerEnforced";
  if (enforced && !private_acl(bucket->aspect("Acl")))
    return fail(scene.error("InvalidBucketAclWithObjectOwnership", "", bucket));
  return {};
}

Result<> check_logging(Scene& scene) {
  auto target = scene.text("BucketLoggingStatus.LoggingEnabled.TargetBucket");
  if (target.empty()) return {};
  const auto* bucket = scene.find(bucket_type, target);
  const auto* source = own_bucket(scene);
  bool fits = bucket != nullptr && bucket->ref.account == scene.call.account &&
              (source == nullptr || source->ref.region == bucket->ref.region);
  if (fits) return {};
  return fail(service_error(
      "InvalidTargetBucketForLogging", 400,
      "The target bucket for logging does not exist, is not owned by you, or is elsewhere"));
}

// Object lock and replication stand upon versions.
Result<> check_versioning(Scene& scene) {
  const auto* bucket = own_bucket(scene);
  if (bucket == nullptr) return {};
  auto status = scene.text("VersioningConfiguration.Status");
  bool protects = scene.text("VersioningConfiguration.MFADelete") == "Enabled" ||
                  bucket->aspect("MfaDelete") == json::Value("Enabled");
  if (protects && scene.text("MFA").empty())
    return fail(
        scene.error("AccessDenied", "Mfa Authentication must be used for this request", bucket));
  if (status != "Suspended") return {};
  for (auto [aspect, name] : {std::pair("ObjectLockConfiguration", "An Object Lock"),
                              std::pair("ReplicationConfiguration", "A replication")})
    if (!bucket->aspect(aspect).is_null())
      return fail(scene.error("InvalidBucketState",
                              fmt::format("{} configuration is present on this bucket, so the "
                                          "versioning state cannot be changed.",
                                          name),
                              bucket));
  return {};
}

Result<> need_versioning(Scene& scene, std::string_view code, std::string_view what) {
  const auto* bucket = own_bucket(scene);
  if (bucket == nullptr ||
      json::text(bucket->aspect("VersioningConfiguration"), "Status", "") == "Enabled")
    return {};
  return fail(scene.error(
      code, fmt::format("Versioning must be 'Enabled' on the bucket to apply {}", what), bucket));
}

Result<> check_replication(Scene& scene) {
  return need_versioning(scene, "InvalidRequest", "a replication configuration");
}

Result<> check_object_lock(Scene& scene) {
  return need_versioning(scene, "InvalidBucketState", "a Object Lock configuration");
}

Result<> check_object_acl(Scene& scene) {
  const auto* bucket = own_bucket(scene);
  if (bucket == nullptr) return {};
  if (acls_disabled(*bucket)) return fail(scene.error("AccessControlListNotSupported", "", bucket));
  auto acl = asked_acl(scene, bucket->ref.account);
  if (acl.is_null()) return fail(scene.error("MalformedACLError", "", bucket));
  if (public_acl(acl) && effective_block(scene, *bucket).block_acls)
    return fail(scene.error("AccessDenied", "", bucket));
  return {};
}

Result<> check_access_point(Scene& scene) {
  const auto* bucket = own_bucket(scene);
  if (bucket == nullptr) return fail(scene.error("NoSuchBucket"));
  return {};
}

json::Value access_point_status(const Scene&, const Resource& point) {
  auto policy = json::parse(json::text(point.aspect("Policy")));
  if (!policy || !policy->is_object()) return nullptr;
  auto restricted =
      json::truth(json::at(point.aspect("PublicAccessBlockConfiguration"), "RestrictPublicBuckets"));
  return json::Object{{"IsPublic", iam::public_policy(*policy) && !restricted}};
}

json::Value policy_status(const Scene& scene, const Resource& bucket) {
  auto policy = json::parse(json::text(bucket.aspect("Policy")));
  if (!policy || !policy->is_object()) return nullptr;
  bool open = iam::public_policy(*policy) && !effective_block(scene, bucket).restrict_buckets;
  return json::Object{{"IsPublic", open}};
}

Result<> check_own_account(Scene& scene) {
  if (scene.text("AccountId") == scene.call.account) return {};
  return fail(scene.error("AccessDenied"));
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("s3:CreateBucket", check_create_bucket);
  hooks.check("s3:PutBucketAcl", check_acl);
  hooks.check("s3:PutBucketPolicy", check_policy);
  hooks.check("s3:PutBucketOwnershipControls", check_ownership);
  hooks.check("s3:PutBucketLogging", check_logging);
  hooks.check("s3:PutBucketVersioning", check_versioning);
  hooks.check("s3:PutBucketReplication", check_replication);
  hooks.check("s3:PutObjectLockConfiguration", check_object_lock);
  hooks.check("s3:PutObjectAcl", check_object_acl);
  hooks.derive("AWS::S3::Bucket/PolicyStatus", policy_status);
  hooks.emulate("s3:PutObject", put_object);
  hooks.emulate("s3:CopyObject", copy_object);
  hooks.emulate("s3:GetObject", get_object);
  hooks.emulate("s3:HeadObject", head_object);
  hooks.emulate("s3:DeleteObject", delete_object);
  hooks.emulate("s3:DeleteObjects", delete_objects);
  hooks.emulate("s3:ListObjects", list_objects);
  hooks.emulate("s3:ListObjectsV2", list_objects);
  hooks.emulate("s3:ListObjectVersions", list_versions);
  hooks.emulate("s3:CreateMultipartUpload", create_upload);
  hooks.emulate("s3:UploadPart", upload_part);
  hooks.emulate("s3:UploadPartCopy", copy_part);
  hooks.emulate("s3:CompleteMultipartUpload", complete_upload);
  hooks.emulate("s3:AbortMultipartUpload", abort_upload);
  hooks.emulate("s3:ListParts", list_parts);
  hooks.emulate("s3:ListMultipartUploads", list_uploads);
  hooks.emulate("s3:GetObjectAttributes", object_attributes);
  hooks.emulate("s3:GetObjectLegalHold", get_legal_hold);
  hooks.emulate("s3:PutObjectLegalHold", put_legal_hold);
  hooks.emulate("s3:GetObjectRetention", get_retention);
  hooks.emulate("s3:PutObjectRetention", put_retention);
}

void add_control(Hooks& hooks) {
  for (const auto* operation :
       {"GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"})
    hooks.check(fmt::format("s3control:{}", operation), check_own_account);
  hooks.check("s3control:CreateAccessPoint", check_access_point);
  hooks.derive("AWS::S3::AccessPoint/PolicyStatus", access_point_status);
}

}  // namespace aright::sandbox::s3_hooks
