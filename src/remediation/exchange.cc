#include "remediation/exchange.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/clock.h"
#include "base/known.h"
#include "base/utf8.h"

namespace aright::remediation {

namespace {

constexpr std::string_view ocsf_version = "1.3.0";
constexpr std::string_view whole_account = "AWS::::Account";

std::string text_of(const json::Value& value, std::string_view member) { return json::text(value, member, ""); }

std::string partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  return region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

// Security Hub's own names for types; whatever it has no name for is Other.
constexpr std::array resource_types{
    std::pair{"AWS::::Account", "AwsAccount"},
    std::pair{"AWS::CloudTrail::Trail", "AwsCloudTrailTrail"},
    std::pair{"AWS::DynamoDB::Table", "AwsDynamoDbTable"},
    std::pair{"AWS::EC2::Instance", "AwsEc2Instance"},
    std::pair{"AWS::EC2::NetworkInterface", "AwsEc2NetworkInterface"},
    std::pair{"AWS::EC2::SecurityGroup", "AwsEc2SecurityGroup"},
    std::pair{"AWS::EC2::Subnet", "AwsEc2Subnet"},
    std::pair{"AWS::EC2::Volume", "AwsEc2Volume"},
    std::pair{"AWS::EC2::VPC", "AwsEc2Vpc"},
    std::pair{"AWS::ECR::Repository", "AwsEcrRepository"},
    std::pair{"AWS::EKS::Cluster", "AwsEksCluster"},
    std::pair{"AWS::IAM::AccessKey", "AwsIamAccessKey"},
    std::pair{"AWS::IAM::Group", "AwsIamGroup"},
    std::pair{"AWS::IAM::ManagedPolicy", "AwsIamPolicy"},
    std::pair{"AWS::IAM::Role", "AwsIamRole"},
    std::pair{"AWS::IAM::User", "AwsIamUser"},
    std::pair{"AWS::KMS::Key", "AwsKmsKey"},
    std::pair{"AWS::Lambda::Function", "AwsLambdaFunction"},
    std::pair{"AWS::RDS::DBCluster", "AwsRdsDbCluster"},
    std::pair{"AWS::RDS::DBInstance", "AwsRdsDbInstance"},
    std::pair{"AWS::S3::Bucket", "AwsS3Bucket"},
    std::pair{"AWS::SecretsManager::Secret", "AwsSecretsManagerSecret"},
    std::pair{"AWS::SNS::Topic", "AwsSnsTopic"},
    std::pair{"AWS::SQS::Queue", "AwsSqsQueue"},
};

std::string asff_type(std::string_view type) {
  for (const auto& [ours, theirs] : resource_types)
    if (type == ours) return theirs;
  return "Other";
}

std::string id_of(const json::Value& resource) {
  if (text_of(resource, "type") == whole_account) return "AWS::::Account:" + text_of(resource, "account");
  auto arn = text_of(resource, "arn");
  return arn.empty() ? text_of(resource, "id") : arn;
}

struct Told {
  const json::Value& finding;
  const json::Value& resource;
  const rules::Control* control;
  const json::Array& sightings;  // what was detected; nothing where a rule is not met and no more
  bool open;
  std::string title, description, updated_at;
};

Told read(const json::Value& finding, const rules::Controls& controls) {
  Told told{.finding = finding,
            .resource = json::at(finding, "resource"),
            .control = controls.find(text_of(finding, "control")),
            .sightings = json::items(json::at(finding, "sightings")),
            .open = text_of(finding, "status") == "open",
            .title = text_of(finding, "title"),
            .description = text_of(finding, "annotation"),
            .updated_at = text_of(finding, "last_seen")};
  if (told.title.empty()) told.title = text_of(finding, "control");
  if (told.description.empty() && told.control) told.description = told.control->description;
  if (told.description.empty()) told.description = told.title;
  if (!told.open) told.updated_at = text_of(finding, "resolved_at");
  return told;
}

std::int64_t milliseconds_of(std::string_view iso) {
  auto time = parse_timestamp(iso);
  return time ? time->ms : 0;
}

int severity_id(std::string_view severity) {
  constexpr std::array words{"informational", "low", "medium", "high", "critical"};
  auto found = std::ranges::find(words, severity);
  return found == words.end() ? 0 : static_cast<int>(found - words.begin()) + 1;
}

// What the control asks for; how the resource fails it stands beside, in the product's fields.
std::string description_of(const Told& told) {
  return told.control && !told.control->description.empty() ? told.control->description : told.description;
}

std::string recommendation_of(const Told& told) {
  if (!told.control || told.control->remediation.empty()) return "Nothing here sets it right: a person has to.";
  const auto& remediation = told.control->remediation;
  auto what = json::text(remediation, "runbook", json::text(remediation, "function"));
  auto out = fmt::format("{} sets it right. `aright plan {}` shows what it would change.", what,
                         text_of(told.finding, "id"));
  return told.control->may_break.empty() ? out : out + " It may break: " + told.control->may_break;
}

// The id of Security Hub's own control, where ours is about the same, and what else asks for it.
json::Object compliance_in_asff(const Told& told) {
  json::Object out{{"Status", told.open ? "FAILED" : "PASSED"}};
  if (!told.control) return out;
  json::Array requirements;
  for (const auto& [standard, requirement] : told.control->references) {
    if (standard == "Security Hub")
      out["SecurityControlId"] = requirement;
    else if (requirements.size() < asff_requirements_max)
      requirements.push_back(json::Value(standard + " " + requirement));
  }
  if (!requirements.empty()) out["RelatedRequirements"] = std::move(requirements);
  return out;
}

json::Object compliance_of(const Told& told) {
  json::Array standards, requirements;
  if (told.control)
    for (const auto& [standard, requirement] : told.control->references) {
      standards.push_back(json::Value(standard));
      requirements.push_back(json::Value(requirement));
    }
  if (standards.empty()) standards.push_back("aright");
  return {{"control", text_of(told.finding, "control")},
          {"standards", std::move(standards)},
          {"requirements", std::move(requirements)},
          {"status_id", told.open ? 3 : 1},
          {"status", told.open ? "Fail" : "Pass"},
          {"status_detail", told.description}};
}

std::string title_of(const json::Value& sighting) {
  auto title = text_of(sighting, "title");
  return title.empty() ? text_of(sighting, "type") : title;
}

json::Array types_of(const json::Array& sightings) {
  json::Array out;
  for (const auto& sighting : sightings) {
    json::Value type(text_of(sighting, "type"));
    if (std::ranges::find(out, type) == out.end()) out.push_back(std::move(type));
  }
  return out;
}

json::Object information_of(const Told& told) {
  json::Object out{{"uid", text_of(told.finding, "id")},
                   {"title", told.title},
                   {"desc", told.description},
                   {"types", json::Array{json::Value(text_of(told.finding, "control"))}},
                   {"created_time", milliseconds_of(text_of(told.finding, "first_seen"))},
                   {"first_seen_time", milliseconds_of(text_of(told.finding, "first_seen"))},
                   {"last_seen_time", milliseconds_of(text_of(told.finding, "last_seen"))},
                   {"modified_time", milliseconds_of(told.updated_at)}};
  if (told.sightings.empty()) return out;
  const auto& latest = told.sightings.back();
  out["uid"] = text_of(latest, "id");
  out["title"] = title_of(latest);
  out["types"] = types_of(told.sightings);
  out["analytic"] = json::Object{{"uid", text_of(told.finding, "control")}, {"name", told.title},
                                 {"type_id", 1}, {"type", "Rule"}};
  return out;
}

json::Array evidences_of(const Told& told) {
  json::Array out;
  for (const auto& sighting : told.sightings) out.push_back(json::Object{{"data", sighting}});
  return out;
}

std::string group_of(const json::Value& finding, std::string_view word) {
  const auto& resource = json::at(finding, "resource");
  if (word == "resource") return id_of(resource);
  if (word == "account" || word == "region" || word == "type") return text_of(resource, word);
  return text_of(finding, word);
}

}  // namespace

json::Object asff(const json::Value& finding, const rules::Controls& controls) {
  auto told = read(finding, controls);
  auto account = text_of(told.resource, "account"), region = text_of(told.resource, "region");
  auto partition = partition_of(region);
  auto severity = text_of(finding, "severity");
  std::ranges::transform(severity, severity.begin(), [](unsigned char c) { return std::toupper(c); });
  json::Array types{!told.sightings.empty() ? "TTPs" : "Software and Configuration Checks/AWS Security Best Practices"};
  json::Object recommendation{{"Text", clipped(recommendation_of(told), asff_recommendation_max)}};
  json::Object provider{{"Severity", json::Object{{"Label", severity}}}, {"Types", types}};
  json::Object resource{{"Type", asff_type(text_of(told.resource, "type"))},
                        {"Id", id_of(told.resource)},
                        {"Partition", partition},
                        {"Region", region}};
  return {{"SchemaVersion", "2018-10-08"},
          {"Id", "aright/" + text_of(finding, "id")},
          {"ProductArn", fmt::format("arn:{0}:securityhub:{1}:{2}:product/{2}/default", partition, region, account)},
          {"GeneratorId", "aright/" + text_of(finding, "control")},
          {"AwsAccountId", account},
          {"CreatedAt", text_of(finding, "first_seen")},
          {"UpdatedAt", told.updated_at},
          {"Title", clipped(told.title, asff_title_max)},
          {"Description", clipped(description_of(told), asff_description_max)},
          {"Severity", json::Object{{"Label", severity}}},
          {"Types", std::move(types)},
          {"FindingProviderFields", std::move(provider)},
          {"Resources", json::Array{std::move(resource)}},
          {"Compliance", compliance_in_asff(told)},
          {"Remediation", json::Object{{"Recommendation", std::move(recommendation)}}},
          {"Workflow", json::Object{{"Status", told.open ? "NEW" : "RESOLVED"}}},
          {"RecordState", told.open ? "ACTIVE" : "ARCHIVED"},
          {"ProductFields", json::Object{{"aright/finding", text_of(finding, "id")},
                                         {"aright/control", text_of(finding, "control")},
                                         {"aright/annotation", clipped(text_of(finding, "annotation"), asff_field_max)},
                                         {"aright/source", text_of(finding, "source")}}}};
}

json::Object ocsf(const json::Value& finding, const rules::Controls& controls, std::string_view version) {
  auto told = read(finding, controls);
  const bool detected = !told.sightings.empty();
  const int class_uid = detected ? 2004 : 2003;
  bool seen_once = json::integer(json::at(finding, "times_opened"), 1) <= 1;
  const int activity = !told.open ? 3 : seen_once ? 1 : 2;
  json::Object cloud{{"provider", "AWS"},
                     {"account", json::Object{{"uid", text_of(told.resource, "account")}}},
                     {"region", text_of(told.resource, "region")}};
  json::Object product{{"name", "aright"}, {"vendor_name", "aright"}, {"version", version}};
  json::Object resource{{"uid", id_of(told.resource)},
                        {"name", text_of(told.resource, "id")},
                        {"type", text_of(told.resource, "type")},
                        {"region", text_of(told.resource, "region")},
                        {"cloud_partition", partition_of(text_of(told.resource, "region"))}};
  json::Object out{{"activity_id", activity},
                   {"activity_name", activity == 3 ? "Close" : activity == 1 ? "Create" : "Update"},
                   {"category_uid", 2},
                   {"category_name", "Findings"},
                   {"class_uid", class_uid},
                   {"class_name", detected ? "Detection Finding" : "Compliance Finding"},
                   {"type_uid", class_uid * 100 + activity},
                   {"time", milliseconds_of(told.updated_at)},
                   {"severity_id", severity_id(text_of(finding, "severity"))},
                   {"status_id", told.open ? 1 : 4},
                   {"status", told.open ? "New" : "Resolved"},
                   {"message", detected ? title_of(told.sightings.back()) : told.title},
                   {"metadata", json::Object{{"version", ocsf_version},
                                             {"uid", text_of(finding, "id")},
                                             {"profiles", json::Array{"cloud"}},
                                             {"product", std::move(product)}}},
                   {"finding_info", information_of(told)},
                   {"cloud", std::move(cloud)},
                   {"resources", json::Array{std::move(resource)}}};
  if (detected) {
    out["is_alert"] = told.open;
    out["evidences"] = evidences_of(told);
  } else {
    out["compliance"] = compliance_of(told);
  }
  if (told.control && !told.control->may_break.empty())
    out["remediation"] = json::Object{{"desc", "aright plan " + text_of(finding, "id")}};
  return out;
}

const std::vector<std::string>& group_words() {
  static const std::vector<std::string> words{"control", "severity", "resource", "type",  "account",
                                              "region",  "source",   "status",   "stage", "title"};
  return words;
}

Result<std::vector<Counted>> grouped(const json::Array& findings, std::string_view word) {
  if (std::ranges::find(group_words(), word) == group_words().end())
    return fail(Errc::invalid, "{}", unknown_word("what findings are grouped by", word, group_words()));
  std::map<std::string, std::size_t> counts;
  for (const auto& finding : findings) ++counts[group_of(finding, word)];
  std::vector<Counted> out;
  for (const auto& [value, count] : counts) out.push_back({value, count});
  std::ranges::stable_sort(out, std::greater<>(), &Counted::findings);
  if (out.size() > groups_max) out.resize(groups_max);
  return out;
}

}  // namespace aright::remediation
