#include "sandbox/securityhub_filters.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::sandbox {

namespace {

struct Attribute {
  std::string_view name, path;  // path: "" where it is the name
};
// Those of AwsSecurityFindingFilters.
constexpr Attribute finding_attributes[]{
    {"AwsAccountId", ""},
    {"AwsAccountName", ""},
    {"CompanyName", ""},
    {"ComplianceAssociatedStandardsId", "Compliance.AssociatedStandards.StandardsId"},
    {"ComplianceSecurityControlId", "Compliance.SecurityControlId"},
    {"ComplianceSecurityControlParametersName", "Compliance.SecurityControlParameters.Name"},
    {"ComplianceSecurityControlParametersValue", "Compliance.SecurityControlParameters.Value"},
    {"ComplianceStatus", "Compliance.Status"},
    {"Confidence", ""},
    {"CreatedAt", ""},
    {"Criticality", ""},
    {"Description", ""},
    {"FindingProviderFieldsConfidence", "FindingProviderFields.Confidence"},
    {"FindingProviderFieldsCriticality", "FindingProviderFields.Criticality"},
    {"FindingProviderFieldsRelatedFindingsId", "FindingProviderFields.RelatedFindings.Id"},
    {"FindingProviderFieldsRelatedFindingsProductArn", "FindingProviderFields.RelatedFindings.ProductArn"},
    {"FindingProviderFieldsSeverityLabel", "FindingProviderFields.Severity.Label"},
    {"FindingProviderFieldsSeverityOriginal", "FindingProviderFields.Severity.Original"},
    {"FindingProviderFieldsTypes", "FindingProviderFields.Types"},
    {"FirstObservedAt", ""},
    {"GeneratorId", ""},
    {"Id", ""},
    {"LastObservedAt", ""},
    {"MalwareName", "Malware.Name"},
    {"MalwarePath", "Malware.Path"},
    {"MalwareState", "Malware.State"},
    {"MalwareType", "Malware.Type"},
    {"NetworkDestinationDomain", "Network.DestinationDomain"},
    {"NetworkDestinationIpV4", "Network.DestinationIpV4"},
    {"NetworkDestinationIpV6", "Network.DestinationIpV6"},
    {"NetworkDestinationPort", "Network.DestinationPort"},
    {"NetworkDirection", "Network.Direction"},
    {"NetworkProtocol", "Network.Protocol"},
    {"NetworkSourceDomain", "Network.SourceDomain"},
    {"NetworkSourceIpV4", "Network.SourceIpV4"},
    {"NetworkSourceIpV6", "Network.SourceIpV6"},
    {"NetworkSourceMac", "Network.SourceMac"},
    {"NetworkSourcePort", "Network.SourcePort"},
    {"NoteText", "Note.Text"},
    {"NoteUpdatedAt", "Note.UpdatedAt"},
    {"NoteUpdatedBy", "Note.UpdatedBy"},
    {"ProcessLaunchedAt", "Process.LaunchedAt"},
    {"ProcessName", "Process.Name"},
    {"ProcessParentPid", "Process.ParentPid"},
    {"ProcessPath", "Process.Path"},
    {"ProcessPid", "Process.Pid"},
    {"ProcessTerminatedAt", "Process.TerminatedAt"},
    {"ProductArn", ""},
    {"ProductFields", ""},
    {"ProductName", ""},
    {"RecommendationText", "Remediation.Recommendation.Text"},
    {"RecordState", ""},
    {"Region", ""},
    {"RelatedFindingsId", "RelatedFindings.Id"},
    {"RelatedFindingsProductArn", "RelatedFindings.ProductArn"},
    {"ResourceApplicationArn", "Resources.ApplicationArn"},
    {"ResourceApplicationName", "Resources.ApplicationName"},
    {"ResourceAwsEc2InstanceIamInstanceProfileArn", "Resources.Details.AwsEc2Instance.IamInstanceProfileArn"},
    {"ResourceAwsEc2InstanceImageId", "Resources.Details.AwsEc2Instance.ImageId"},
    {"ResourceAwsEc2InstanceIpV4Addresses", "Resources.Details.AwsEc2Instance.IpV4Addresses"},
    {"ResourceAwsEc2InstanceIpV6Addresses", "Resources.Details.AwsEc2Instance.IpV6Addresses"},
    {"ResourceAwsEc2InstanceKeyName", "Resources.Details.AwsEc2Instance.KeyName"},
    {"ResourceAwsEc2InstanceLaunchedAt", "Resources.Details.AwsEc2Instance.LaunchedAt"},
    {"ResourceAwsEc2InstanceSubnetId", "Resources.Details.AwsEc2Instance.SubnetId"},
    {"ResourceAwsEc2InstanceType", "Resources.Details.AwsEc2Instance.Type"},
    {"ResourceAwsEc2InstanceVpcId", "Resources.Details.AwsEc2Instance.VpcId"},
    {"ResourceAwsIamAccessKeyCreatedAt", "Resources.Details.AwsIamAccessKey.CreatedAt"},
    {"ResourceAwsIamAccessKeyPrincipalName", "Resources.Details.AwsIamAccessKey.PrincipalName"},
    {"ResourceAwsIamAccessKeyStatus", "Resources.Details.AwsIamAccessKey.Status"},
    {"ResourceAwsIamAccessKeyUserName", "Resources.Details.AwsIamAccessKey.UserName"},
    {"ResourceAwsIamUserUserName", "Resources.Details.AwsIamUser.UserName"},
    {"ResourceAwsS3BucketOwnerId", "Resources.Details.AwsS3Bucket.OwnerId"},
    {"ResourceAwsS3BucketOwnerName", "Resources.Details.AwsS3Bucket.OwnerName"},
    {"ResourceContainerImageId", "Resources.Details.Container.ImageId"},
    {"ResourceContainerImageName", "Resources.Details.Container.ImageName"},
    {"ResourceContainerLaunchedAt", "Resources.Details.Container.LaunchedAt"},
    {"ResourceContainerName", "Resources.Details.Container.Name"},
    {"ResourceDetailsOther", "Resources.Details.Other"},
    {"ResourceId", "Resources.Id"},
    {"ResourcePartition", "Resources.Partition"},
    {"ResourceRegion", "Resources.Region"},
    {"ResourceTags", "Resources.Tags"},
    {"ResourceType", "Resources.Type"},
    {"Sample", ""},
    {"SeverityLabel", "Severity.Label"},
    {"SeverityNormalized", "Severity.Normalized"},
    {"SeverityProduct", "Severity.Product"},
    {"SourceUrl", ""},
    {"ThreatIntelIndicatorCategory", "ThreatIntelIndicators.Category"},
    {"ThreatIntelIndicatorLastObservedAt", "ThreatIntelIndicators.LastObservedAt"},
    {"ThreatIntelIndicatorSource", "ThreatIntelIndicators.Source"},
    {"ThreatIntelIndicatorSourceUrl", "ThreatIntelIndicators.SourceUrl"},
    {"ThreatIntelIndicatorType", "ThreatIntelIndicators.Type"},
    {"ThreatIntelIndicatorValue", "ThreatIntelIndicators.Value"},
    {"Title", ""},
    {"Type", "Types"},
    {"UpdatedAt", ""},
    {"UserDefinedFields", ""},
    {"VerificationState", ""},
    {"VulnerabilitiesExploitAvailable", "Vulnerabilities.ExploitAvailable"},
    {"VulnerabilitiesFixAvailable", "Vulnerabilities.FixAvailable"},
    {"WorkflowState", ""},
    {"WorkflowStatus", "Workflow.Status"}};
constexpr std::size_t filters_max = 10, values_max = 20;

Error bad_parameter(const Scene& scene, std::string_view member, std::string_view why) {
  return scene.error("InvalidInputException", fmt::format("Invalid parameter '{}'. {}", member, why));
}

void gather(const json::Value& here, std::string_view path, json::Array& out) {
  if (const auto* list = here.if_array()) {
    for (const auto& item : *list) gather(item, path, out);
    return;
  }
  if (path.empty()) {
    if (!here.is_null()) out.push_back(here);
    return;
  }
  auto dot = path.find('.');
  gather(json::at(here, path.substr(0, dot)), dot == std::string_view::npos ? "" : path.substr(dot + 1), out);
}

bool is_word_of(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos && !word.empty(); at = text.find(word, at + 1)) {
    auto letter = [&](std::size_t place) {
      return place < text.size() && std::isalnum(static_cast<unsigned char>(text[place])) != 0;
    };
    if ((at == 0 || !letter(at - 1)) && !letter(at + word.size())) return true;
  }
  return false;
}

// The comparison without its NOT.
bool compares(std::string_view how, const std::string& text, const std::string& wanted) {
  if (how == "PREFIX") return text.starts_with(wanted);
  if (how == "CONTAINS") return text.find(wanted) != std::string::npos;
  if (how == "CONTAINS_WORD") return is_word_of(text, wanted);
  return text == wanted;
}

bool is_between(const json::Value& condition, const json::Array& values, Timestamp now) {
  constexpr seconds day{24 * 3'600};
  auto from = parse_timestamp(json::text(condition, "Start", ""));
  auto to = parse_timestamp(json::text(condition, "End", ""));
  if (const auto& days = json::at(condition, {"DateRange", "Value"}); !days.is_null())
    from = now - json::integer(days) * day;
  return std::ranges::any_of(values, [&](const json::Value& value) {
    auto at = parse_timestamp(json::scalar_text(value));
    return at && (!from || !(*at < *from)) && (!to || !(*to < *at));
  });
}

bool is_in_range(const json::Value& condition, const json::Array& values) {
  return std::ranges::any_of(values, [&](const json::Value& value) {
    if (!value.is_number()) return false;
    auto is = value.to_number<double>();
    return std::ranges::all_of(json::members(condition), [&](const auto& bound) {
      auto limit = bound.value().is_number() ? bound.value().template to_number<double>() : 0;
      if (bound.key() == "Gte") return is >= limit;
      if (bound.key() == "Lte") return is <= limit;
      if (bound.key() == "Gt") return is > limit;
      return bound.key() == "Lt" ? is < limit : is == limit;
    });
  });
}

bool is_of_time(const json::Value& condition) {
  return !json::at(condition, "Start").is_null() || !json::at(condition, "End").is_null() ||
         !json::at(condition, "DateRange").is_null();
}

// Whether one condition holds, and whether it is one that excludes.
struct Held {
  bool holds, excludes;
};

Held judge(const json::Value& condition, const json::Array& values, Timestamp now) {
  if (is_of_time(condition)) return {is_between(condition, values, now), false};
  const auto& value = json::at(condition, "Value");
  if (value.is_null() && !condition.as_object().contains("Comparison"))
    return {is_in_range(condition, values), false};
  auto how = json::text(condition, "Comparison", "EQUALS"), wanted = json::scalar_text(value);
  auto key = json::text(condition, "Key", "");
  bool excludes = how.starts_with("NOT_") || how == "PREFIX_NOT_EQUALS";
  std::string_view plain = how;
  if (how == "PREFIX_NOT_EQUALS") plain = "PREFIX";
  if (how == "NOT_CONTAINS") plain = "CONTAINS";
  bool found = std::ranges::any_of(values, [&](const json::Value& one) {
    const auto& text = key.empty() ? one : json::at(one, key);
    return !text.is_null() && compares(plain, json::scalar_text(text), wanted);
  });
  return {found != excludes, excludes};
}

}  // namespace

std::string finding_path(std::string_view attribute) {
  auto found = std::ranges::find(finding_attributes, attribute, &Attribute::name);
  if (found == std::end(finding_attributes)) return "";
  return std::string(found->path.empty() ? found->name : found->path);
}

json::Array values_at(const json::Value& finding, std::string_view path) {
  json::Array out;
  gather(finding, path, out);
  return out;
}

Result<> check_finding_filters(const Scene& scene, const json::Value& filters) {
  const auto& all = json::members(filters);
  if (all.size() > filters_max)
    return fail(bad_parameter(scene, "Filters", fmt::format("data.Filters should NOT have more than {} properties",
                                                            filters_max)));
  for (const auto& [name, conditions] : all) {
    if (finding_path(name).empty())
      return fail(bad_parameter(scene, "Filters",
                                fmt::format("data.Filters should NOT have the property '{}'", std::string_view(name))));
    if (json::items(conditions).size() > values_max)
      return fail(bad_parameter(scene, "Filters", fmt::format("data.Filters.{} should NOT have more than {} items",
                                                              std::string_view(name), values_max)));
    for (const auto& condition : json::items(conditions))
      if (json::text(condition, "Comparison", "").find("CONTAINS") != std::string::npos)
        return fail(bad_parameter(
            scene, "Filters", "CONTAINS, NOT_CONTAINS and CONTAINS_WORD can be used only in automation rules"));
  }
  return {};
}

// An insight groups by an attribute that filters know as well.
Result<> check_insight(const Scene& scene) {
  const auto& attribute = scene.input("GroupByAttribute");
  if (!attribute.is_null() && finding_path(json::text(attribute)).empty())
    return fail(scene.error("InvalidInputException",
                            fmt::format("Invalid parameter 'GroupByAttribute'. data.GroupByAttribute should be equal "
                                        "to one of the allowed values, not '{}'", json::text(attribute))));
  return check_finding_filters(scene, scene.input("Filters"));
}

Result<> check_sort_criteria(const Scene& scene, const json::Value& criteria) {
  for (const auto& one : json::items(criteria)) {
    auto field = json::text(one, "Field", "");
    bool by_path = std::ranges::any_of(finding_attributes, [&](const Attribute& known) { return known.path == field; });
    if (!by_path && finding_path(field).empty())
      return fail(bad_parameter(scene, "SortCriteria",
                                fmt::format("data.SortCriteria.Field should be an attribute of findings, not '{}'",
                                            field)));
  }
  return {};
}

Result<bool> is_wanted_finding(const Scene& scene, const json::Value& filters, const json::Value& finding) {
  for (const auto& [name, conditions] : json::members(filters)) {
    auto values = values_at(finding, finding_path(name));
    bool included = false, includes = false;
    for (const auto& condition : json::items(conditions)) {
      auto verdict = judge(condition, values, scene.now);
      if (verdict.excludes && !verdict.holds) return false;
      includes = includes || !verdict.excludes;
      included = included || (!verdict.excludes && verdict.holds);
    }
    if (includes && !included) return false;
  }
  return true;
}

}  // namespace aright::sandbox
