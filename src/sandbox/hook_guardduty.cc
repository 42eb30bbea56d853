// One detector for each account and region; and findings, which are samples here.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/paging.h"

namespace aright::sandbox::guardduty_hooks {

namespace {

constexpr std::string_view detector_type = "AWS::GuardDuty::Detector";
constexpr std::string_view finding_type = "AWS::GuardDuty::Finding";
constexpr std::size_t sample_types_max = 50;
constexpr std::size_t findings_page = 50;

Result<> check_only_one(Scene& scene) {
  for (const auto* detector : scene.world.all(scene.ref(detector_type, "")))
    if (detector->ref.account == scene.call.account)
      return fail(scene.error(
          "BadRequestException",
          "The request is rejected because a detector already exists for the current account."));
  return {};
}

// The kinds that samples are made of when none are asked for.
constexpr std::array usual_types{"Recon:EC2/PortProbeUnprotectedPort",
                                 "UnauthorizedAccess:EC2/SSHBruteForce",
                                 "CryptoCurrency:EC2/BitcoinTool.B!DNS",
                                 "Policy:S3/BucketAnonymousAccessGranted",
                                 "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
                                 "Stealth:IAMUser/CloudTrailLoggingDisabled"};

// ThreatPurpose:ResourceType/ThreatFamily.Mechanism!Artifact
std::string resource_word(std::string_view type) {
  auto colon = type.find(':'), slash = type.find('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon)
    return "";
  return std::string(type.substr(colon + 1, slash - colon - 1));
}

// As GuardDuty's types are made; it knows them one by one.
bool is_finding_type(std::string_view type) {
  constexpr std::array purposes{"AttackSequence", "Backdoor", "Behavior", "CredentialAccess", "CryptoCurrency",
                                "DefenseEvasion", "Discovery", "Execution", "Exfiltration", "Impact", "InitialAccess",
                                "Object", "PenTest", "Persistence", "Policy", "PrivilegeEscalation", "Recon",
                                "Stealth", "Trojan", "UnauthorizedAccess"};
  constexpr std::array resources{"Container", "EC2", "ECS", "EKS", "IAM", "IAMUser", "Kubernetes", "Lambda", "RDS",
                                 "Runtime", "S3"};
  auto word = resource_word(type);
  auto family = type.substr(type.find('/') + 1);
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!&-";
  return std::ranges::find(purposes, std::string(type.substr(0, type.find(':')))) != purposes.end() &&
         std::ranges::find(resources, word) != resources.end() && !family.empty() &&
         family.find_first_not_of(letters) == std::string_view::npos;
}

json::Object sample_resource(const std::string& word) {
  if (word == "S3")
    return {{"ResourceType", "S3Bucket"},
            {"S3BucketDetails", json::Array{json::Object{{"Name", "bucketName"},
                                                         {"Arn", "arn:aws:s3:::bucketName"}}}}};
  if (word == "IAMUser")
    return {{"ResourceType", "AccessKey"},
            {"AccessKeyDetails", json::Object{{"AccessKeyId", "GeneratedFindingAccessKeyId"},
                                              {"UserName", "GeneratedFindingUserName"},
                                              {"UserType", "IAMUser"}}}};
  return {{"ResourceType", "Instance"},
          {"InstanceDetails", json::Object{{"InstanceId", "i-99999999"}}}};
}

double sample_severity(std::string_view type) {
  if (type.starts_with("Recon") || type.starts_with("Stealth") || type.starts_with("Discovery"))
    return 2;
  return type.starts_with("CryptoCurrency") || type.starts_with("Backdoor") ||
                 type.starts_with("Trojan")
             ? 8
             : 5;
}

Result<> create_sample(Scene& scene, const std::string& detector, const std::string& type) {
  auto word = resource_word(type);
  if (!is_finding_type(type))
    return fail(
        scene.error("BadRequestException",
                    "The request is rejected because an invalid finding type is specified."));
  auto* finding = TRY(scene.create(finding_type, detector + "|" + scene.ids.hex(32)));
  finding->set("Type", json::Value(type));
  finding->set("Severity", sample_severity(type));
  finding->set("Title", json::Value(fmt::format("[SAMPLE] {}", type)));
  finding->set("Resource", sample_resource(word));
  finding->record["Description"] =
      fmt::format("A sample of what a finding of the type {} looks like.", type);
  finding->record["Service"] = json::Object{
      {"ServiceName", "guardduty"},
      {"DetectorId", detector},
      {"Count", 1},
      {"EventFirstSeen", scene.now.iso()},
      {"EventLastSeen", scene.now.iso()},
      {"ResourceRole", "TARGET"},
      {"AdditionalInfo", json::Object{{"Value", "{\"sample\":true}"}, {"Type", "default"}}}};
  return {};
}

Result<json::Object> create_samples(Scene& scene) {
  auto detector = scene.text("DetectorId");
  CHECK_OK(scene.need(detector_type, detector));
  auto types = json::texts(scene.input("FindingTypes"));
  if (types.empty()) types.assign(usual_types.begin(), usual_types.end());
  if (types.size() > sample_types_max)
    return fail(scene.error("BadRequestException",
                            "The request is rejected because there are too many finding types."));
  for (const auto& type : types)
    CHECK_OK(create_sample(scene, detector, type));
  return json::Object();
}

// "service.archived", "resource.instanceDetails.instanceId": as events write them.
const json::Value& named(const json::Value& finding, std::string_view name) {
  const auto* here = &finding;
  for (auto step : split(name, '.')) {
    if (!step.empty())
      step[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(step[0])));
    if (const auto* list = here->if_array(); list != nullptr && !list->empty())
      here = &list->front();
    here = &json::at(*here, step);
  }
  return *here;
}

bool among(const json::Value& texts, const std::string& text) {
  return std::ranges::any_of(json::items(texts),
                             [&](const json::Value& one) { return json::text(one) == text; });
}

double amount(const json::Value& value) {
  return value.is_number() ? value.to_number<double>() : 0;
}

bool meets(const json::Value& condition, const json::Value& value) {
  auto text =
      value.is_bool() ? std::string(value.get_bool() ? "true" : "false") : json::scalar_text(value);
  for (const auto& [how, wanted] : json::members(condition)) {
    std::string_view word = how;
    bool fits = true;
    if (word == "Eq" || word == "Equals")
      fits = among(wanted, text);
    else if (word == "Neq" || word == "NotEquals")
      fits = !among(wanted, text);
    else if (word == "Gt" || word == "GreaterThan")
      fits = amount(value) > amount(wanted);
    else if (word == "Gte" || word == "GreaterThanOrEqual")
      fits = amount(value) >= amount(wanted);
    else if (word == "Lt" || word == "LessThan")
      fits = amount(value) < amount(wanted);
    else if (word == "Lte" || word == "LessThanOrEqual")
      fits = amount(value) <= amount(wanted);
    if (!fits) return false;
  }
  return true;
}

std::vector<const Resource*> found(Scene& scene) {
  auto all = scene.world.all(scene.ref(finding_type, scene.text("DetectorId") + "|"));
  const auto& criteria = json::members(scene.input("FindingCriteria.Criterion"));
  std::erase_if(all, [&](const Resource* finding) {
    const json::Value shown = scene.shown(*finding);
    return !std::ranges::all_of(
        criteria, [&](const auto& one) { return meets(one.value(), named(shown, one.key())); });
  });
  return all;
}

// A condition that says nothing would hold for everything.
Result<> check_criteria(const Scene& scene) {
  for (const auto& [name, condition] : json::members(scene.input("FindingCriteria.Criterion")))
    if (json::members(condition).empty())
      return fail(scene.error("BadRequestException",
                              fmt::format("The request is rejected because the condition of {} in the findingCriteria "
                                          "has no operator that is known.", std::string_view(name))));
  return {};
}

Result<> check_filter(Scene& scene) { return check_criteria(scene); }

Result<json::Object> list_findings(Scene& scene) {
  CHECK_OK(scene.need(detector_type, scene.text("DetectorId")));
  CHECK_OK(check_criteria(scene));
  json::Array ids;
  for (const auto* finding : found(scene))
    ids.push_back(json::at(finding->record, "Id"));
  return page_of(scene, "FindingIds", ids, {.most = findings_page, .sorted_by = ""});
}

Result<json::Object> statistics(Scene& scene) {
  CHECK_OK(scene.need(detector_type, scene.text("DetectorId")));
  json::Object counts;
  for (const auto* finding : found(scene)) {
    auto& count = counts[fmt::format("{:.1f}", amount(finding->aspect("Severity")))];
    count = json::integer(count, 0) + 1;
  }
  return json::Object{{"FindingStatistics", json::Object{{"CountBySeverity", std::move(counts)}}}};
}

Result<json::Object> feedback(Scene& scene) {
  auto detector = scene.text("DetectorId");
  CHECK_OK(scene.need(detector_type, detector));
  for (const auto& id : json::items(scene.input("FindingIds"))) {
    auto* finding = TRY(scene.need(finding_type, detector + "|" + json::text(id)));
    finding->record["Service"].as_object()["UserFeedback"] = scene.input("Feedback");
  }
  return json::Object();
}

// The account whose detector in this region has the caller's as a member, under the name that the operation has for
// it; nothing where there is none.
Result<json::Object> administrator(Scene& scene, const char* name) {
  CHECK_OK(scene.need(detector_type, scene.text("DetectorId")));
  json::Object output;
  for (const auto* member : scene.world.everywhere("AWS::GuardDuty::Member")) {
    bool is_it = member->ref.region == scene.call.region && json::text(member->record, "AccountId", "") == scene.call.account;
    auto status = json::text(member->aspect("Status"));
    if (!is_it || status == "Created" || status == "Removed") continue;
    output[name] = json::Object{{"AccountId", member->ref.account},
                                {"InvitedAt", json::at(member->record, "UpdatedAt")},
                                {"RelationshipStatus", status}};
  }
  return output;
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("guardduty:GetAdministratorAccount", [](Scene& scene) { return administrator(scene, "Administrator"); });
  hooks.emulate("guardduty:GetMasterAccount", [](Scene& scene) { return administrator(scene, "Master"); });
  hooks.check("guardduty:CreateDetector", check_only_one);
  for (const auto* operation : {"CreateFilter", "UpdateFilter"})
    hooks.check(fmt::format("guardduty:{}", operation), check_filter);
  hooks.emulate("guardduty:CreateSampleFindings", create_samples);
  hooks.emulate("guardduty:ListFindings", list_findings);
  hooks.emulate("guardduty:GetFindingsStatistics", statistics);
  hooks.emulate("guardduty:UpdateFindingsFeedback", feedback);
}

}  // namespace aright::sandbox::guardduty_hooks
