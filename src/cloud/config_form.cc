#include "cloud/config_form.h"

#include <array>

#include "base/text.h"

namespace aright::cloud {

namespace {

// Config's name, CloudFormation's name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> types_of_config{{
    {"AWS::ACM::Certificate", "AWS::CertificateManager::Certificate"},
    {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"},
    {"AWS::OpenSearch::Domain", "AWS::OpenSearchService::Domain"},
}};

// Names of maps whose keys are somebody's own, and stay as they are.
bool holds_own_names(std::string_view name) {
  return name == "tags" || name == "variables" || name == "parameters" || name.ends_with("Map");
}

// A permission of a security group has its ranges twice: as structures, and as they once were, as texts.
void add_plain_ranges(json::Object& permission) {
  const auto ranges = json::at(permission, "ipRanges");
  if (!ranges.is_array()) return;
  json::Array plain;
  for (const auto& range : ranges.get_array()) plain.push_back(json::at(range, "cidrIp"));
  permission["ipv4Ranges"] = ranges;
  permission["ipRanges"] = std::move(plain);
}

// Leading capitals are small together (SSEDescription: ssedescription), or the
// first alone (DBInstanceClass: dBInstanceClass).
enum class Capitals { first, leading };

std::string small(std::string name, Capitals capitals) {
  auto is_capital = [](char letter) { return letter >= 'A' && letter <= 'Z'; };
  for (std::size_t i = 0; i < name.size() && is_capital(name[i]); ++i) {
    if (i > 0 && capitals == Capitals::first) break;
    name[i] = lower(name.substr(i, 1))[0];
  }
  return name;
}

json::Value small_names(const json::Value& value, Capitals capitals = Capitals::first, bool own_names = false) {
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array())
      out.push_back(small_names(item, capitals));
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [key, member] : value.get_object()) {
    auto name = own_names ? std::string(key) : small(std::string(key), capitals);
    out[name] = small_names(member, capitals, member.is_object() && holds_own_names(name));
  }
  add_plain_ranges(out);
  return out;
}

std::string text_of_document(const json::Value& document) {
  return document.is_string() ? json::text(document) : json::print(document);
}

// One resource while it is told: what a form has told is taken out of `beside`.
struct Telling {
  json::Object& beside;
  const json::Object& tags;
  ConfigForm& out;

  json::Value take(std::string_view aspect) const {
    auto found = beside.find(aspect);
    if (found == beside.end()) return nullptr;
    json::Value value = std::move(found->value());
    beside.erase(found);
    return value;
  }
  void tell(std::string_view name, json::Value value) const { out.supplementary[name] = std::move(value); }
};

json::Value bucket_encryption(const json::Value& said) {
  json::Array rules;
  for (const auto& rule : json::items(json::at(said, "Rules"))) {
    const auto& by = json::at(rule, "ApplyServerSideEncryptionByDefault");
    rules.push_back(json::Object{
        {"applyServerSideEncryptionByDefault", json::Object{{"sseAlgorithm", json::at(by, "SSEAlgorithm")},
                                                            {"kmsMasterKeyID", json::at(by, "KMSMasterKeyID")}}},
        {"bucketKeyEnabled", json::truth(json::at(rule, "BucketKeyEnabled"))}});
  }
  return json::Object{{"rules", std::move(rules)}};
}

json::Value lifecycle_filter(const json::Value& rule) {
  const auto& filter = json::at(rule, "Filter");
  auto prefix = [](const json::Value& said) {
    return json::Object{{"type", "LifecyclePrefixPredicate"}, {"prefix", said}};
  };
  auto tag = [](const json::Value& said) {
    return json::Object{{"type", "LifecycleTagPredicate"},
                        {"tag", json::Object{{"key", json::at(said, "Key")}, {"value", json::at(said, "Value")}}}};
  };
  if (const auto& all = json::at(filter, "And"); !all.is_null()) {
    json::Array operands;
    if (const auto& said = json::at(all, "Prefix"); !said.is_null()) operands.push_back(prefix(said));
    for (const auto& one : json::items(json::at(all, "Tags"))) operands.push_back(tag(one));
    return json::Object{{"predicate", json::Object{{"type", "LifecycleAndOperator"},
                                                   {"operands", std::move(operands)}}}};
  }
  if (const auto& said = json::at(filter, "Tag"); !said.is_null()) return json::Object{{"predicate", tag(said)}};
  if (const auto& said = json::at(filter, "Prefix"); !said.is_null()) return json::Object{{"predicate", prefix(said)}};
  return json::Object{{"predicate", nullptr}};
}

json::Value bucket_lifecycle(const json::Value& said) {
  json::Array rules;
  for (const auto& rule : json::items(said)) {
    const auto &ends = json::at(rule, "Expiration"), &former = json::at(rule, "NoncurrentVersionExpiration");
    json::Array moves, former_moves;
    for (const auto& one : json::items(json::at(rule, "Transitions"))) moves.push_back(small_names(one));
    for (const auto& one : json::items(json::at(rule, "NoncurrentVersionTransitions")))
      former_moves.push_back(json::Object{{"days", json::at(one, "NoncurrentDays")},
                                          {"storageClass", json::at(one, "StorageClass")}});
    auto or_never = [](const json::Value& days) { return days.is_null() ? json::Value(-1) : days; };
    rules.push_back(json::Object{
        {"id", json::at(rule, "ID")},
        {"prefix", json::at(rule, "Prefix")},
        {"status", json::at(rule, "Status")},
        {"filter", lifecycle_filter(rule)},
        {"expirationInDays", or_never(json::at(ends, "Days"))},
        {"expirationDate", json::at(ends, "Date")},
        {"expiredObjectDeleteMarker", json::truth(json::at(ends, "ExpiredObjectDeleteMarker"))},
        {"noncurrentVersionExpirationInDays", or_never(json::at(former, "NoncurrentDays"))},
        {"transitions", std::move(moves)},
        {"noncurrentVersionTransitions", std::move(former_moves)},
        {"abortIncompleteMultipartUpload", small_names(json::at(rule, "AbortIncompleteMultipartUpload"))}});
  }
  return json::Object{{"rules", std::move(rules)}};
}

json::Value bucket_replication(const json::Value& said) {
  json::Object rules;
  for (const auto& rule : json::items(json::at(said, "Rules"))) {
    const auto& to = json::at(rule, "Destination");
    rules[json::text(rule, "ID", "")] =
        json::Object{{"status", json::at(rule, "Status")},
                     {"prefix", json::at(rule, "Prefix")},
                     {"destinationConfig", json::Object{{"bucketARN", json::at(to, "Bucket")},
                                                        {"storageClass", json::at(to, "StorageClass")}}}};
  }
  return json::Object{{"roleARN", json::at(said, "Role")}, {"rules", std::move(rules)}};
}

json::Value bucket_notifications_told(const json::Value& said) {
  struct Kind {
    const char *list, *arn, *name, *type;
  };
  constexpr Kind kinds[] = {
      {"TopicConfigurations", "TopicArn", "topicARN", "TopicConfiguration"},
      {"QueueConfigurations", "QueueArn", "queueARN", "QueueConfiguration"},
      {"LambdaFunctionConfigurations", "LambdaFunctionArn", "functionARN", "LambdaConfiguration"}};
  json::Object all;
  for (const auto& kind : kinds)
    for (const auto& one : json::items(json::at(said, kind.list)))
      all[json::text(one, "Id", kind.type)] = json::Object{{"type", kind.type},
                                                           {"events", json::at(one, "Events")},
                                                           {"filter", small_names(json::at(one, "Filter"))},
                                                           {kind.name, json::at(one, kind.arn)}};
  return json::Object{{"configurations", std::move(all)}};
}

json::Value bucket_website(const json::Value& said) {
  json::Array rules;
  for (const auto& one : json::items(json::at(said, "RoutingRules"))) rules.push_back(small_names(one));
  return json::Object{{"indexDocumentSuffix", json::at(said, {"IndexDocument", "Suffix"})},
                      {"errorDocument", json::at(said, {"ErrorDocument", "Key"})},
                      {"redirectAllRequestsTo", small_names(json::at(said, "RedirectAllRequestsTo"))},
                      {"routingRules", std::move(rules)}};
}

json::Value bucket_cors(const json::Value& said) {
  json::Array rules;
  for (const auto& rule : json::items(said))
    rules.push_back(json::Object{{"id", json::at(rule, "ID")},
                                 {"allowedMethods", json::at(rule, "AllowedMethods")},
                                 {"allowedOrigins", json::at(rule, "AllowedOrigins")},
                                 {"allowedHeaders", json::at(rule, "AllowedHeaders")},
                                 {"exposedHeaders", json::at(rule, "ExposeHeaders")},
                                 {"maxAgeSeconds", json::at(rule, "MaxAgeSeconds")}});
  return json::Object{{"rules", std::move(rules)}};
}

// A text within the text, as Config has it: permissions and groups by the SDK's own words.
std::string access_control_list(const json::Value& acl) {
  constexpr std::pair<const char*, const char*> permissions[] = {
      {"FULL_CONTROL", "FullControl"}, {"READ", "Read"}, {"WRITE", "Write"}, {"READ_ACP", "ReadAcp"},
      {"WRITE_ACP", "WriteAcp"}};
  json::Array grants;
  for (const auto& grant : json::items(json::at(acl, "Grants"))) {
    const auto& grantee = json::at(grant, "Grantee");
    auto group = json::text(grantee, "URI", ""), permission = json::text(grant, "Permission", "");
    for (const auto& [api, told] : permissions)
      if (permission == api) permission = told;
    json::Value whom = group.empty() ? json::Value(json::Object{{"id", json::at(grantee, "ID")},
                                                                {"displayName", json::at(grantee, "DisplayName")}})
                                     : json::Value(group.substr(group.rfind('/') + 1));
    grants.push_back(json::Object{{"grantee", std::move(whom)}, {"permission", permission}});
  }
  return json::print(json::Object{{"grantSet", nullptr},
                                  {"grantList", std::move(grants)},
                                  {"owner", json::Object{{"displayName", json::at(acl, {"Owner", "DisplayName"})},
                                                         {"id", json::at(acl, {"Owner", "ID"})}}},
                                  {"isRequesterCharged", false}});
}

// What may be said of a bucket, or not be there.
struct BucketPart {
  const char *aspect, *name;
  json::Value (*form)(const json::Value&);
};
constexpr BucketPart bucket_parts[] = {
    {"BucketEncryption", "ServerSideEncryptionConfiguration", bucket_encryption},
    {"LifecycleConfiguration", "BucketLifecycleConfiguration", bucket_lifecycle},
    {"ReplicationConfiguration", "BucketReplicationConfiguration", bucket_replication},
    {"WebsiteConfiguration", "BucketWebsiteConfiguration", bucket_website},
    {"CorsConfiguration", "BucketCrossOriginConfiguration", bucket_cors}};

void tell_bucket(const Telling& bucket) {
  const auto versioning = bucket.take("VersioningConfiguration"), mfa = bucket.take("MfaDelete");
  bucket.tell("BucketVersioningConfiguration",
              json::Object{{"status", json::text(versioning, "Status", "Off")},
                           {"isMfaDeleteEnabled", mfa.is_null() ? json::Value() : json::text(mfa) == "Enabled"}});
  const auto policy = bucket.take("Policy");
  bucket.tell("BucketPolicy",
              json::Object{{"policyText", policy.is_null() ? policy : json::Value(text_of_document(policy))}});
  const auto logging = bucket.take("LoggingConfiguration");
  bucket.tell("BucketLoggingConfiguration",
              json::Object{{"destinationBucketName", json::at(logging, {"LoggingEnabled", "TargetBucket"})},
                           {"logFilePrefix", json::at(logging, {"LoggingEnabled", "TargetPrefix"})}});
  bucket.tell("BucketNotificationConfiguration", bucket_notifications_told(bucket.take("NotificationConfiguration")));
  bucket.tell("BucketAccelerateConfiguration", json::Object{{"status", bucket.take("AccelerateConfiguration")}});
  bucket.tell("IsRequesterPaysEnabled", json::text(bucket.take("RequestPayment")) == "Requester");
  for (const auto& part : bucket_parts)
    if (const auto said = bucket.take(part.aspect); !said.is_null()) bucket.tell(part.name, part.form(said));
  if (const auto acl = bucket.take("Acl"); !acl.is_null()) {
    bucket.tell("AccessControlList", json::Value(access_control_list(acl)));
    bucket.out.configuration["owner"] = json::Object{{"displayName", json::at(acl, {"Owner", "DisplayName"})},
                                                     {"id", json::at(acl, {"Owner", "ID"})}};
  }
  if (!bucket.tags.empty())
    bucket.tell("BucketTaggingConfiguration",
                json::Object{{"tagSets", json::Array{json::Object{{"tags", bucket.tags}}}}});
  bucket.out.configuration.erase("locationConstraint");
}

void tell_table(const Telling& table) {
  const auto status = table.take("PointInTimeRecoverySpecification");
  if (status.is_null()) return;
  table.tell("ContinuousBackupsDescription",
             json::Object{{"continuousBackupsStatus", "ENABLED"},
                          {"pointInTimeRecoveryDescription", json::Object{{"pointInTimeRecoveryStatus", status}}}});
}

// Policies of its own, by name, are a list of encoded documents.
json::Array policy_list(const json::Value& by_name, const char* name, const char* document) {
  json::Array out;
  for (const auto& [key, said] : json::members(by_name))
    out.push_back(json::Object{{name, key}, {document, percent_encode(text_of_document(said))}});
  return out;
}

void tell_holder(const Telling& holder, const char* policies) {
  auto& shown = holder.out.configuration;
  auto attached = small_names(holder.take("ManagedPolicyArns"));
  shown["attachedManagedPolicies"] = attached.is_array() ? std::move(attached) : json::Value(json::Array());
  shown[policies] = policy_list(holder.take("Policies"), "policyName", "policyDocument");
}
void tell_user(const Telling& user) {
  tell_holder(user, "userPolicyList");
  auto groups = user.take("Groups");
  user.out.configuration["groupList"] = groups.is_array() ? std::move(groups) : json::Value(json::Array());
}
void tell_group(const Telling& group) { tell_holder(group, "groupPolicyList"); }
void tell_role(const Telling& role) {
  tell_holder(role, "rolePolicyList");
  auto& shown = role.out.configuration;
  const auto trust = json::at(shown, "assumeRolePolicyDocument");
  if (!trust.is_null() && !json::text(trust).starts_with('%'))
    shown["assumeRolePolicyDocument"] = percent_encode(text_of_document(trust));
}

void tell_managed_policy(const Telling& policy) {
  auto& shown = policy.out.configuration;
  json::Array versions;
  const auto documents = policy.take("Versions");
  for (const auto& [version, said] : json::members(documents))
    versions.push_back(json::Object{{"versionId", version},
                                    {"isDefaultVersion", json::text(shown, "defaultVersionId", "") == version},
                                    {"document", percent_encode(text_of_document(said))}});
  if (!versions.empty()) shown["policyVersionList"] = std::move(versions);
}

// What has a state has it as a value of the SDK's own.
void tell_state(const Telling& one) {
  auto& shown = one.out.configuration;
  if (const auto state = json::at(shown, "state"); state.is_string()) shown["state"] = json::Object{{"value", state}};
}

void tell_policy(const Telling& one, std::string_view aspect) {
  const auto policy = one.take(aspect);
  if (!policy.is_null()) one.tell("Policy", json::Value(text_of_document(policy)));
}

void tell_function(const Telling& function) {
  tell_state(function);
  if (const auto reserved = function.take("ReservedConcurrentExecutions"); !reserved.is_null())
    function.tell("Concurrency", json::Object{{"reservedConcurrentExecutions", reserved}});
  tell_policy(function, "Policy");
}

void tell_key(const Telling& key) {
  tell_policy(key, "KeyPolicy");
  key.tell("KeyRotationStatus", json::truth(key.take("EnableKeyRotation")));
}

struct ItemForm {
  std::string_view type;
  Capitals capitals = Capitals::first;
  void (*tell)(const Telling&) = nullptr;
};
constexpr ItemForm forms[] = {{"AWS::S3::Bucket", Capitals::first, tell_bucket},
                          {"AWS::DynamoDB::Table", Capitals::leading, tell_table},
                          {"AWS::IAM::User", Capitals::first, tell_user},
                          {"AWS::IAM::Group", Capitals::first, tell_group},
                          {"AWS::IAM::Role", Capitals::first, tell_role},
                          {"AWS::IAM::ManagedPolicy", Capitals::first, tell_managed_policy},
                          {"AWS::Lambda::Function", Capitals::leading, tell_function},
                          {"AWS::KMS::Key", Capitals::leading, tell_key},
                          {"AWS::EC2::VPC", Capitals::first, tell_state},
                          {"AWS::EC2::Subnet", Capitals::first, tell_state},
                          {"AWS::EC2::Volume", Capitals::first, tell_state},
                          {"AWS::EC2::Instance"},
                          {"AWS::EC2::SecurityGroup"},
                          {"AWS::RDS::DBInstance"},
                          {"AWS::CloudTrail::Trail"},
                          {"AWS::ElasticLoadBalancingV2::LoadBalancer"}};

const ItemForm* form_of(std::string_view type) {
  for (const auto& form : forms)
    if (form.type == type) return &form;
  return nullptr;
}

}  // namespace

std::string type_of_config(std::string_view config_type) {
  for (const auto& [config, cloudformation] : types_of_config)
    if (config == config_type) return std::string(cloudformation);
  return std::string(config_type);
}

std::string config_type_of(std::string_view type) {
  for (const auto& [config, cloudformation] : types_of_config)
    if (cloudformation == type) return std::string(config);
  return std::string(type);
}

json::Value in_config_form(const json::Value& shown) { return small_names(shown); }

bool has_config_form(std::string_view type) { return form_of(type) != nullptr; }

ConfigForm config_form(std::string_view type, const json::Value& shown, json::Object beside, const json::Object& tags) {
  const auto* form = form_of(type);
  auto capitals = form ? form->capitals : Capitals::first;
  ConfigForm out{.configuration = json::members(small_names(shown, capitals)), .supplementary = {}};
  if (form && form->tell) form->tell({beside, tags, out});
  for (const auto& [name, value] : beside)
    if (!value.is_null()) out.supplementary[name] = small_names(value, capitals);
  return out;
}

}  // namespace aright::cloud
