#include "cloud/computed.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/function_policy.h"
#include "cloud/group_rules.h"

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

// DetachVolume that names no instance.
json::Value detached_from_all(const json::Object& input, const json::Value&) {
  if (!json::at(input, "InstanceId").is_null()) return nullptr;
  return json::Array();
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

// Where DynamoDB tells a switch by its status, and is told it by a truth.
bool on(std::string_view status) {
  return status == "ENABLED" || status == "ENABLING" || status == "UPDATING";
}

// SSESpecification → SSEDescription; the key that AWS owns is described by nothing at all.
json::Value sse_description(const json::Object& input, const json::Value&) {
  const auto& given = json::at(input, "SSESpecification");
  if (!given.is_object()) return nullptr;
  const auto& key = json::at(given, "KMSMasterKeyId");
  // Who names KMS or a key says by it that it is on.
  bool named = !key.is_null() || !json::at(given, "SSEType").is_null();
  if (!json::truth(json::at(given, "Enabled"), named)) return json::Object();
  return json::Object{{"Status", "ENABLED"},
                      {"SSEType", "KMS"},
                      {"KMSMasterKeyArn", key.is_null() ? "alias/aws/dynamodb" : key}};
}

json::Value sse_specification(const json::Value& description, const json::Value&) {
  if (!on(json::text(description, "Status", ""))) return json::Object{{"Enabled", false}};
  return json::Object{{"Enabled", true},
                      {"SSEType", "KMS"},
                      {"KMSMasterKeyId", json::at(description, "KMSMasterKeyArn")}};
}

// TimeToLiveSpecification → TimeToLiveDescription.
json::Value ttl_description(const json::Object& input, const json::Value&) {
  const auto& given = json::at(input, "TimeToLiveSpecification");
  if (!given.is_object()) return nullptr;
  if (!json::truth(json::at(given, "Enabled")))
    return json::Object{{"TimeToLiveStatus", "DISABLED"}};
  return json::Object{{"TimeToLiveStatus", "ENABLED"},
                      {"AttributeName", json::at(given, "AttributeName")}};
}

// What is switched off must be named too.
json::Value ttl_specification(const json::Value& description, const json::Value& before) {
  bool wanted = on(json::text(description, "TimeToLiveStatus", ""));
  return json::Object{{"Enabled", wanted},
                      {"AttributeName", json::at(wanted ? description : before, "AttributeName")}};
}

// On-demand tables have no throughput of their own.
json::Value throughput_of_billing(const json::Object& input, const json::Value&) {
  if (json::text(input, "BillingMode") != "PAY_PER_REQUEST") return nullptr;
  return json::Object{{"ReadCapacityUnits", 0}, {"WriteCapacityUnits", 0}};
}

// Global secondary indexes after {Create}, {Update} and {Delete}.
json::Value index_updates(const json::Object& input, const json::Value& before) {
  const auto& updates = json::items(json::at(input, "GlobalSecondaryIndexUpdates"));
  if (updates.empty()) return nullptr;
  json::Array indexes = json::items(before);
  for (const auto& update : updates) {
    for (const auto& [kind, change] : json::members(update)) {
      auto named = [&](const json::Value& one) {
        return json::at(one, "IndexName") == json::at(change, "IndexName");
      };
      auto found = std::ranges::find_if(indexes, named);
      if (kind == "Create")
        indexes.push_back(change);
      else if (found != indexes.end() && kind == "Update")
        found->as_object()["ProvisionedThroughput"] = json::at(change, "ProvisionedThroughput");
      else if (found != indexes.end())
        indexes.erase(found);
    }
  }
  return indexes;
}

// What updates say of a workgroup's results: members replace, and RemoveX takes X away.
void update_members(json::Object& members, const json::Object& updates) {
  constexpr std::string_view remove = "Remove";
  for (const auto& [name, update] : updates) {
    std::string_view member = name;
    if (!member.starts_with(remove))
      members[member] = update;
    else if (json::truth(update))
      members.erase(member.substr(remove.size()));
  }
}

// ConfigurationUpdates → Configuration.
json::Value workgroup_configuration(const json::Object& input, const json::Value& before) {
  constexpr std::string_view results = "ResultConfiguration",
                             result_updates = "ResultConfigurationUpdates";
  const auto& given = json::at(input, "ConfigurationUpdates");
  if (!given.is_object()) return nullptr;
  auto updates = json::members(given), after = json::members(before);
  auto result = json::members(json::at(before, results));
  update_members(result, json::members(json::at(given, result_updates)));
  updates.erase(result_updates);
  update_members(after, updates);
  after.erase(results);
  if (!result.empty()) after[results] = std::move(result);
  return after;
}

// Members that the updates bring; what was there before and shall not be any more is removed by
// name, where it can be.
std::optional<json::Object> updates_to(const json::Object& wanted, const json::Object& before,
                                       std::initializer_list<std::string_view> removable) {
  json::Object updates = wanted;
  for (const auto& [name, value] : before) {
    if (wanted.contains(name)) continue;
    if (std::ranges::find(removable, std::string_view(name)) == removable.end())
      return std::nullopt;
    updates[fmt::format("Remove{}", std::string_view(name))] = true;
  }
  return updates;
}

json::Value workgroup_updates(const json::Value& wanted, const json::Value& before) {
  constexpr std::string_view results = "ResultConfiguration";
  auto goal = json::members(wanted), start = json::members(before);
  goal.erase(results), start.erase(results);
  auto updates = updates_to(
      goal, start, {"BytesScannedCutoffPerQuery", "CustomerContentEncryptionConfiguration"});
  auto of_results = updates_to(
      json::members(json::at(wanted, results)), json::members(json::at(before, results)),
      {"OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration"});
  if (!updates || !of_results) return nullptr;
  (*updates)["ResultConfigurationUpdates"] = std::move(*of_results);
  return std::move(*updates);
}

// Logs of a domain that are published. What an update does not name stays; one that it disables is
// none.
json::Value log_publishing(const json::Object& input, const json::Value& before) {
  const auto& updates = json::at(input, "LogPublishingOptions");
  if (!updates.is_object()) return nullptr;
  auto after = json::members(before);
  for (const auto& [log, options] : updates.get_object()) {
    if (json::truth(json::at(options, "Enabled")))
      after[log] = options;
    else
      after.erase(log);
  }
  return after;
}

json::Value log_publishing_updates(const json::Value& wanted, const json::Value& before) {
  auto updates = json::members(wanted);
  for (const auto& [log, options] : json::members(before))
    if (!updates.contains(log)) updates[log] = json::Object{{"Enabled", false}};
  return updates;
}

// The session that EnableMacie begins.
json::Value macie_session(const json::Object& input, const json::Value&) {
  json::Object session{{"status", "ENABLED"}, {"findingPublishingFrequency", "FIFTEEN_MINUTES"}};
  for (auto& [name, member] : session)
    if (const auto& said = json::at(input, name); !said.is_null()) member = said;
  return session;
}

// RotateSecret rotates at once, unless it is told not to.
json::Value rotated_now(const json::Object& input, const json::Value& before) {
  const auto& now = json::at(input, "RotateImmediately");
  if (now.is_bool() && !now.get_bool()) return nullptr;
  auto stages = json::members(before);
  stages[json::text(input, "ClientRequestToken")] = json::Array{"AWSCURRENT"};
  return stages;
}

// PutBucketLifecycle knows one transition to a rule, where its successor knows a list of them.
json::Value lifecycle_of_old(const json::Object& input, const json::Value&) {
  const auto& rules = json::at(json::at(input, "LifecycleConfiguration"), "Rules");
  if (!rules.is_array()) return nullptr;
  json::Array out;
  for (const auto& rule : rules.get_array()) {
    auto one = json::members(rule);
    for (auto [old, now] :
         {std::pair("Transition", "Transitions"),
          std::pair("NoncurrentVersionTransition", "NoncurrentVersionTransitions")}) {
      if (!one.contains(old)) continue;
      one[now] = json::Array{one[old]};
      one.erase(old);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

std::string_view open_endpoint_policy() {
  return R"({"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";
}

Form find_form(std::string_view name) {
  if (name == "log_publishing_updates") return log_publishing_updates;
  if (name == "permissions_to_add") return permissions_to_add;
  if (name == "permissions_to_remove") return permissions_to_remove;
  if (name == "sse_specification") return sse_specification;
  if (name == "workgroup_updates") return workgroup_updates;
  if (name == "ttl_specification") return ttl_specification;
  return nullptr;
}

Compute find_compute(std::string_view name) {
  if (name == "access_control_policy") return access_control_policy;
  if (name == "object_etag") return object_etag;
  if (name == "object_lock_of_new_bucket") return object_lock_of_new_bucket;
  if (name == "versioning_of_new_bucket") return versioning_of_new_bucket;
  if (name == "detached_from_all") return detached_from_all;
  if (name == "index_updates") return index_updates;
  if (name == "log_publishing") return log_publishing;
  if (name == "lifecycle_of_old") return lifecycle_of_old;
  if (name == "login_profile") return login_profile;
  if (name == "open_endpoint_policy") return reset_endpoint_policy;
  if (name == "macie_session") return macie_session;
  if (name == "rotated_now") return rotated_now;
  if (name == "sse_description") return sse_description;
  if (name == "throughput_of_billing") return throughput_of_billing;
  if (name == "ttl_description") return ttl_description;
  if (name == "share_permissions") return share_permissions;
  if (name == "workgroup_configuration") return workgroup_configuration;
  if (name == "with_flat_rule") return with_flat_rule;
  if (name == "with_modified_egress") return with_modified_egress;
  if (name == "with_modified_ingress") return with_modified_ingress;
  if (name == "with_permission") return with_permission;
  if (name == "without_egress_by_id") return without_egress_by_id;
  if (name == "without_flat_rule") return without_flat_rule;
  if (name == "without_ingress_by_id") return without_ingress_by_id;
  if (name == "without_permission") return without_permission;
  return nullptr;
}

}  // namespace aright::cloud
