#include "cloud/computed.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"

namespace aright::cloud {

namespace {

constexpr std::string_view all_users = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view authenticated_users =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
constexpr std::string_view log_delivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";

json::Object group_grant(std::string_view uri, std::string_view permission) {
  return {{"Grantee", json::Object{{"Type", "Group"}, {"URI", uri}}}, {"Permission", permission}};
}

// The grants of a canned ACL, beside the owner's.
json::Array canned_grants(std::string_view canned) {
  if (canned == "public-read") return {group_grant(all_users, "READ")};
  if (canned == "public-read-write")
    return {group_grant(all_users, "READ"), group_grant(all_users, "WRITE")};
  if (canned == "authenticated-read") return {group_grant(authenticated_users, "READ")};
  if (canned == "log-delivery-write")
    return {group_grant(log_delivery, "WRITE"), group_grant(log_delivery, "READ_ACP")};
  return {};
}

// uri="http://…", id="…": the value of a grant header.
void add_header_grants(json::Array& grants, std::string_view header, std::string_view permission) {
  for (const auto& part : split(header, ',')) {
    auto word = trim(part);
    auto equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    auto kind = lower(trim(word.substr(0, equals)));
    auto who = trim(word.substr(equals + 1));
    if (who.size() >= 2 && who.front() == '"' && who.back() == '"')
      who = who.substr(1, who.size() - 2);
    json::Object grantee;
    if (kind == "uri")
      grantee = {{"Type", "Group"}, {"URI", who}};
    else if (kind == "id")
      grantee = {{"Type", "CanonicalUser"}, {"ID", who}};
    else
      grantee = {{"Type", "AmazonCustomerByEmail"}, {"EmailAddress", who}};
    grants.push_back(json::Object{{"Grantee", std::move(grantee)}, {"Permission", permission}});
  }
}

// The ACL that PutBucketAcl or CreateBucket asks for: a whole policy, a canned name, or grant
// headers.
json::Value access_control_policy(const json::Object& input, const json::Value& before) {
  constexpr std::array<std::pair<const char*, const char*>, 5> headers{
      {{"GrantFullControl", "FULL_CONTROL"},
       {"GrantRead", "READ"},
       {"GrantReadACP", "READ_ACP"},
       {"GrantWrite", "WRITE"},
       {"GrantWriteACP", "WRITE_ACP"}}};
  const auto& policy = json::at(input, "AccessControlPolicy");
  if (policy.is_object()) return policy;
  const auto& owner = json::at(before, "Owner");
  json::Array grants;
  for (auto [header, permission] : headers)
    add_header_grants(grants, json::text(input, header), permission);
  auto canned = json::text(input, "ACL");
  if (canned.empty() && grants.empty()) return nullptr;
  if (grants.empty()) {
    grants = canned_grants(canned);
    auto grantee = json::members(owner);
    grantee["Type"] = "CanonicalUser";
    json::Object owns{{"Grantee", std::move(grantee)}, {"Permission", "FULL_CONTROL"}};
    grants.insert(grants.begin(), std::move(owns));
  }
  return json::Object{{"Owner", owner}, {"Grants", std::move(grants)}};
}

// S3's entity tag of a body sent in one piece: its MD5, in quotes.
json::Value object_etag(const json::Object& input, const json::Value&) {
  auto body = from_base64(json::text(input, "Body"));
  if (!body) return nullptr;
  return json::Value("\"" + to_hex(md5(*body)) + "\"");
}

// The permission of a security group that the flat parameters of old ask for.
json::Value flat_permission(const json::Object& input) {
  if (json::at(input, "CidrIp").is_null()) return nullptr;
  json::Object permission{
      {"IpRanges", json::Array{json::Object{{"CidrIp", json::at(input, "CidrIp")}}}}};
  for (const auto* name : {"IpProtocol", "FromPort", "ToPort"})
    if (const auto& value = json::at(input, name); !value.is_null()) permission[name] = value;
  return permission;
}

// Whether the rule is the one that `permission` names; its description does not matter.
bool is_rule(json::Value rule, const json::Value& permission) {
  if (auto* ranges = rule.as_object().if_contains("IpRanges");
      ranges != nullptr && ranges->is_array())
    for (auto& range : ranges->get_array())
      range.as_object().erase("Description");
  return rule == permission;
}

json::Value without_flat_rule(const json::Object& input, const json::Value& before) {
  auto permission = flat_permission(input);
  if (permission.is_null()) return nullptr;
  json::Array kept;
  for (const auto& rule : json::items(before))
    if (!is_rule(rule, permission)) kept.push_back(rule);
  return kept;
}

json::Value with_flat_rule(const json::Object& input, const json::Value& before) {
  auto rules = without_flat_rule(input, before);
  if (rules.is_array()) rules.get_array().push_back(flat_permission(input));
  return rules;
}

// Object lock comes with creation, and brings versioning along.
json::Value object_lock_of_new_bucket(const json::Object& input, const json::Value&) {
  if (!json::truth(json::at(input, "ObjectLockEnabledForBucket"))) return nullptr;
  return json::Object{{"ObjectLockEnabled", "Enabled"}};
}

json::Value versioning_of_new_bucket(const json::Object& input, const json::Value&) {
  if (!json::truth(json::at(input, "ObjectLockEnabledForBucket"))) return nullptr;
  return json::Object{{"Status", "Enabled"}};
}

// What CreateLoginProfile makes, beside the password that nobody can read.
json::Value login_profile(const json::Object& input, const json::Value&) {
  if (json::at(input, "Password").is_null()) return nullptr;
  return json::Object{
      {"PasswordResetRequired", json::truth(json::at(input, "PasswordResetRequired"))}};
}

// Who may use a snapshot or an image, as the flat parameters of old change it.
json::Value share_permissions(const json::Object& input, const json::Value& before) {
  auto kind = json::text(input, "OperationType");
  if (kind != "add" && kind != "remove") return nullptr;
  json::Array named;
  for (const auto* list : {"GroupNames", "UserGroups"})
    for (const auto& group : json::items(json::at(input, list)))
      named.push_back(json::Object{{"Group", group}});
  for (const auto& user : json::items(json::at(input, "UserIds")))
    named.push_back(json::Object{{"UserId", user}});
  json::Array shares;
  for (const auto& share : json::items(before))
    if (std::ranges::find(named, share) == named.end()) shares.push_back(share);
  if (kind == "add")
    for (auto& share : named)
      shares.push_back(std::move(share));
  return shares;
}

json::Value reset_endpoint_policy(const json::Object& input, const json::Value&) {
  return json::truth(json::at(input, "ResetPolicy")) ? json::Value(open_endpoint_policy()) : json::Value();
}

}  // namespace

std::string_view open_endpoint_policy() {
  return R"({"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";
}

Compute find_compute(std::string_view name) {
  if (name == "access_control_policy") return access_control_policy;
  if (name == "object_etag") return object_etag;
  if (name == "object_lock_of_new_bucket") return object_lock_of_new_bucket;
  if (name == "versioning_of_new_bucket") return versioning_of_new_bucket;
  if (name == "login_profile") return login_profile;
  if (name == "open_endpoint_policy") return reset_endpoint_policy;
  if (name == "share_permissions") return share_permissions;
  if (name == "with_flat_rule") return with_flat_rule;
  if (name == "without_flat_rule") return without_flat_rule;
  return nullptr;
}

}  // namespace aright::cloud
