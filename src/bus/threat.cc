#include "bus/threat.h"

#include <algorithm>
#include <array>

#include "base/known.h"
#include "base/text.h"
#include "cloud/locate.h"

namespace aright::bus {

namespace {

constexpr std::string_view guardduty_product = "product/aws/guardduty";  // how its ProductArn ends in ASFF
constexpr std::string_view ocsf_event = "Findings Imported V2", ocsf_product = "GuardDuty";
constexpr std::string_view custom_action = "Security Hub Findings - Custom Action";
constexpr std::string_view long_lived_key = "AKIA";  // ASIA is a session's, which cannot be deactivated

constexpr std::array subjects{
    std::pair{Subject::instance, "instance"},     std::pair{Subject::security_group, "security_group"},
    std::pair{Subject::access_key, "access_key"}, std::pair{Subject::user, "user"},
    std::pair{Subject::role, "role"},             std::pair{Subject::bucket, "bucket"},
    std::pair{Subject::function, "function"},     std::pair{Subject::database, "database"},
    std::pair{Subject::cluster, "cluster"},       std::pair{Subject::account, "account"}};

std::string last_part(const std::string& arn) { return arn.substr(arn.find_last_of("/:") + 1); }

class Reading {
 public:
  Reading(Threat& threat, std::string account, std::string region)
      : threat_(threat), account_(std::move(account)), region_(std::move(region)) {}

  void of_finding(const json::Value& resource) {
    add(Subject::account, account_);
    of_instance(json::at(resource, "instanceDetails"));
    of_key(json::at(resource, "accessKeyDetails"));
    for (const auto& bucket : json::items(json::at(resource, "s3BucketDetails")))
      add(Subject::bucket, json::text(bucket, "name", ""));
    add(Subject::function, json::text(json::at(resource, {"lambdaDetails", "functionName"})));
    add(Subject::database, json::text(json::at(resource, {"rdsDbInstanceDetails", "dbInstanceIdentifier"})));
    add(Subject::cluster, json::text(json::at(resource, {"eksClusterDetails", "name"})));
  }

  // Security Hub's form: ARNs, and what is known of a key beside.
  void of_asff(const json::Value& resources) {
    add(Subject::account, account_);
    for (const auto& one : json::items(resources)) {
      auto kind = json::text(one, "Type", "");
      auto id = json::text(one, "Id", "");
      if (kind == "AwsEc2Instance") add(Subject::instance, last_part(id));
      if (kind == "AwsS3Bucket") add(Subject::bucket, last_part(id));
      if (kind == "AwsLambdaFunction") add(Subject::function, last_part(id));
      if (kind == "AwsRdsDbInstance") add(Subject::database, last_part(id));
      if (kind == "AwsEksCluster") add(Subject::cluster, last_part(id));
      if (kind != "AwsIamAccessKey") continue;
      const auto& key = json::at(one, {"Details", "AwsIamAccessKey"});
      of_key(json::Object{{"userType", json::text(key, "PrincipalType", "")},
                          {"userName", json::text(key, "PrincipalName", "")},
                          {"accessKeyId", json::text(key, "AccessKeyId", "")}});
    }
  }

  // CloudFormation's names of types, ARNs or names as uid; whose key it was stands with the actor.
  void of_ocsf(const json::Value& finding) {
    add(Subject::account, account_);
    for (const auto& one : json::items(json::at(finding, "resources"))) {
      auto kind = json::text(one, "type", "");
      auto id = last_part(json::text(one, "uid", ""));
      for (auto subject : {Subject::instance, Subject::security_group, Subject::bucket, Subject::function,
                           Subject::database, Subject::cluster})
        if (kind == type_of(subject)) add(subject, id);
    }
    of_actor(json::at(finding, "actor"));
    for (const auto& evidence : json::items(json::at(finding, "evidences"))) of_actor(json::at(evidence, "actor"));
  }

  // An attack sequence names many, with what is known of each.
  void of_sequence(const json::Value& resources) {
    for (const auto& one : json::items(resources)) {
      auto kind = json::text(one, "resourceType", "");
      auto uid = json::text(one, "uid", "");
      if (kind == "EC2_INSTANCE") add(Subject::instance, last_part(uid));
      if (kind == "S3_BUCKET") add(Subject::bucket, json::text(one, "name", last_part(uid)));
      if (kind == "EKS_CLUSTER") add(Subject::cluster, json::text(one, "name", last_part(uid)));
      if (kind != "ACCESS_KEY") continue;
      auto key = json::members(json::at(one, {"data", "accessKey"}));
      key["accessKeyId"] = last_part(uid);
      of_key(key);
    }
  }

 private:
  void add(Subject subject, const std::string& id) {
    if (id.empty()) return;
    cloud::ResourceRef ref{.account = account_, .region = region_, .type = std::string(type_of(subject)), .id = id};
    if (const auto* type = cloud::Catalog::embedded().type(ref.type)) ref = cloud::at_home(*type, ref);
    auto& there = threat_.resources[subject];
    if (std::ranges::find(there, ref) == there.end()) there.push_back(std::move(ref));
  }

  void of_instance(const json::Value& instance) {
    add(Subject::instance, json::text(instance, "instanceId", ""));
    for (const auto& interface : json::items(json::at(instance, "networkInterfaces")))
      for (const auto& group : json::items(json::at(interface, "securityGroups")))
        add(Subject::security_group, json::text(group, "groupId", ""));
  }

  // Root has no key that could be taken away here, and a federated user none at all.
  void of_key(const json::Value& key) {
    auto kind = json::text(key, "userType", "IAMUser"), user = json::text(key, "userName", "");
    if (kind == "AssumedRole" || kind == "Role") add(Subject::role, user);
    if (kind != "IAMUser" || user.empty()) return;
    add(Subject::user, user);
    auto id = json::text(key, "accessKeyId", "");
    if (id.starts_with(long_lived_key)) add(Subject::access_key, user + "|" + id);
  }

  void of_actor(const json::Value& actor) {
    const auto& user = json::at(actor, "user");
    of_key(json::Object{{"userType", json::text(user, "type", "")},
                        {"userName", json::text(user, "name", "")},
                        {"accessKeyId", json::text(user, "credential_uid", "")}});
  }

  Threat& threat_;
  const std::string account_, region_;
};

std::optional<double> number_in(const json::Value& value) {
  return value.is_number() ? std::optional(value.to_number<double>()) : std::nullopt;
}

// `additionalInfo` holds it as a member, or in a text under `value`, as the API does.
bool is_sample(const json::Value& detail) {
  const auto& info = json::at(detail, {"service", "additionalInfo"});
  if (json::truth(json::at(info, "sample"))) return true;
  auto inner = json::parse(json::text(info, "value", ""));
  return (inner && json::truth(json::at(*inner, "sample"))) || json::text(detail, "title", "").starts_with("[SAMPLE]");
}

// "TTPs/Command and Control/Backdoor:EC2-C&CActivity.B": GuardDuty's type, with a dash for its slash. In OCSF it may
// also stand as it is.
std::string type_among(const json::Value& types) {
  for (const auto& told : json::texts(types)) {
    if (auto slash = told.find_last_of('/'); slash != std::string::npos && told.find(':') < slash) return told;
    auto type = told.substr(told.find_last_of('/') + 1);
    auto colon = type.find(':'), dash = type.find('-', colon == std::string::npos ? 0 : colon);
    if (colon == std::string::npos || dash == std::string::npos) continue;
    type[dash] = '/';
    return type;
  }
  return "";
}

// GuardDuty's own number where Security Hub kept it, else the label's least one.
double severity_in_asff(const json::Value& finding) {
  const auto& severity = json::at(finding, "Severity");
  if (auto own = number_in(json::at(severity, "Product"))) return *own;
  auto label = json::text(severity, "Label", "");
  return label == "CRITICAL" ? 9 : label == "HIGH" ? 7 : label == "MEDIUM" ? 4 : 1;
}

std::optional<Threat> threat_in_asff(const json::Value& finding, const json::Object& event) {
  if (!json::text(finding, "ProductArn", "").ends_with(guardduty_product)) return std::nullopt;
  bool sample = json::truth(json::at(finding, "Sample")) || json::text(finding, "Title", "").starts_with("[SAMPLE]");
  bool archived = json::text(finding, "RecordState", "") == "ARCHIVED";
  bool chosen = json::text(event, "detail-type", "") == custom_action;  // by a person, who means it
  if (!chosen && is_echo(finding)) return std::nullopt;
  Threat threat{.id = last_part(json::text(finding, "Id", "")),
                .type = type_among(json::at(finding, "Types")),
                .title = json::text(finding, "Title", ""),
                .role = json::text(json::at(finding, {"ProductFields", "aws/guardduty/service/resourceRole"})),
                .severity = severity_in_asff(finding),
                .confidence = number_in(json::at(finding, "Confidence")),
                .resources = {},
                .teller = teller_of(finding),
                .suppressed = chosen ? "" : suppression_of(finding)};
  if (sample || archived || threat.type.empty()) return std::nullopt;
  Reading(threat, json::text(finding, "AwsAccountId", json::text(event, "account", "")),
          json::text(finding, "Region", json::text(event, "region", "")))
      .of_asff(json::at(finding, "Resources"));
  return threat;
}

// The least severity of GuardDuty's that Security Hub tells as this id.
double severity_in_ocsf(const json::Value& finding) {
  constexpr std::array least{0.0, 0.0, 1.0, 4.0, 7.0, 9.0, 10.0};
  auto id = json::integer(json::at(finding, "severity_id"));
  return id < 0 || id >= std::ssize(least) ? 0 : least[static_cast<std::size_t>(id)];
}

std::string role_in_ocsf(const json::Value& finding) {
  for (const auto& one : json::items(json::at(finding, "resources"))) {
    auto role = lower(json::text(one, "role", ""));
    if (role == "actor" || role == "target") return role == "actor" ? "ACTOR" : "TARGET";
  }
  return "";
}

// A Detection Finding that is still under way.
std::optional<Threat> threat_in_ocsf(const json::Value& finding, const json::Object& event) {
  constexpr std::int64_t detection = 2004, closed = 3, suppressed = 3, resolved = 4, archived = 5;
  bool meant = json::integer(json::at(finding, "class_uid")) == detection &&
               json::text(json::at(finding, {"metadata", "product", "name"})) == ocsf_product;
  auto status = json::integer(json::at(finding, "status_id"));
  bool over = json::integer(json::at(finding, "activity_id")) == closed || status == resolved || status == archived;
  const auto& info = json::at(finding, "finding_info");
  bool sample = json::text(info, "title", "").starts_with("[SAMPLE]");
  if (!meant || over || sample) return std::nullopt;
  Threat threat{.id = last_part(json::text(info, "uid", "")),
                .type = type_among(json::at(info, "types")),
                .title = json::text(info, "title", ""),
                .role = role_in_ocsf(finding),
                .severity = severity_in_ocsf(finding),
                .confidence = number_in(json::at(finding, "confidence_score")),
                .resources = {},
                .teller = {},
                .suppressed = status == suppressed ? "Security Hub has it as Suppressed" : ""};
  if (threat.type.empty()) return std::nullopt;
  Reading(threat, json::text(json::at(finding, {"cloud", "account", "uid"}), json::text(event, "account", "")),
          json::text(json::at(finding, {"cloud", "region"}), json::text(event, "region", "")))
      .of_ocsf(finding);
  return threat;
}

}  // namespace

std::string_view name(Subject subject) {
  return std::ranges::find(subjects, subject, [](const auto& item) { return item.first; })->second;
}

std::string_view type_of(Subject subject) {
  switch (subject) {
    case Subject::instance: return "AWS::EC2::Instance";
    case Subject::security_group: return "AWS::EC2::SecurityGroup";
    case Subject::access_key: return "AWS::IAM::AccessKey";
    case Subject::user: return "AWS::IAM::User";
    case Subject::role: return "AWS::IAM::Role";
    case Subject::bucket: return "AWS::S3::Bucket";
    case Subject::function: return "AWS::Lambda::Function";
    case Subject::database: return "AWS::RDS::DBInstance";
    case Subject::cluster: return "AWS::EKS::Cluster";
    case Subject::account: return "AWS::::Account";
  }
  return "";
}

Result<Subject> parse_subject(std::string_view text) {
  for (const auto& [subject, word] : subjects)
    if (word == text) return subject;
  std::vector<std::string> known;
  for (const auto& [subject, word] : subjects) known.emplace_back(word);
  return fail(Errc::invalid, "{}", unknown_word("what a containment is about", text, known));
}

std::optional<Threat> threat_of(const json::Object& event) {
  const auto& detail = json::at(event, "detail");
  if (json::text(event, "source", "") != "aws.guardduty" || json::text(detail, "type", "").empty()) return std::nullopt;
  if (is_sample(detail) || json::truth(json::at(detail, {"service", "archived"}))) return std::nullopt;
  Threat threat{.id = json::text(detail, "id", ""),
                .type = json::text(detail, "type", ""),
                .title = json::text(detail, "title", ""),
                .role = json::text(json::at(detail, {"service", "resourceRole"})),
                .severity = number_in(json::at(detail, "severity")).value_or(0),
                .confidence = number_in(json::at(detail, "confidence")),
                .resources = {},
                .teller = {},
                .suppressed = {}};
  Reading reading(threat, json::text(detail, "accountId", json::text(event, "account", "")),
                  json::text(detail, "region", json::text(event, "region", "")));
  reading.of_finding(json::at(detail, "resource"));
  reading.of_sequence(json::at(detail, {"service", "detection", "sequence", "resources"}));
  return threat;
}

std::vector<Threat> threats_of(const json::Object& event) {
  std::vector<Threat> out;
  if (auto threat = threat_of(event)) out.push_back(std::move(*threat));
  if (json::text(event, "source", "") != "aws.securityhub") return out;
  bool is_ocsf = json::text(event, "detail-type", "") == ocsf_event;
  for (const auto& finding : json::items(json::at(json::at(event, "detail"), "findings")))
    if (auto threat = is_ocsf ? threat_in_ocsf(finding, event) : threat_in_asff(finding, event))
      out.push_back(std::move(*threat));
  return out;
}

}  // namespace aright::bus
