// Findings: imported by tools, searched by filters, changed by those who work on them.
#include <algorithm>
#include <array>
#include <map>

#include "bus/automation.h"
#include "sandbox/paging.h"
#include "sandbox/securityhub.h"
#include "sandbox/securityhub_filters.h"

namespace aright::sandbox::securityhub_hooks {

namespace {

constexpr std::string_view finding_type = "AWS::SecurityHub::Finding";
constexpr std::size_t findings_max = 10'000, batch_max = 100, page_max = 100;

std::string id_of(const json::Value& finding) {
  return json::text(finding, "ProductArn", "") + "|" + json::text(finding, "Id", "");
}

// What belongs to those who work on a finding: a tool that imports it again does not change it.
constexpr std::array customers{"Workflow", "Note", "UserDefinedFields", "VerificationState"};
// What both change.
constexpr std::array shared{"Severity", "Confidence", "Criticality", "Types", "RelatedFindings"};

void take(json::Object& finding, Resource& resource, std::string_view name) {
  if (auto found = finding.find(name); found != finding.end()) {
    resource.set(name, found->value());
    finding.erase(found);
  }
}

// A label has a number, and a number a label; where both are given, the label counts.
struct Grade {
  const char* label;
  std::int64_t normalized, up_to;
};
constexpr std::array grades{Grade{"INFORMATIONAL", 0, 0}, Grade{"LOW", 1, 39}, Grade{"MEDIUM", 40, 69},
                            Grade{"HIGH", 70, 89}, Grade{"CRITICAL", 90, 100}};

json::Value whole_severity(json::Object severity) {
  if (json::at(severity, "Label").is_null() && json::at(severity, "Normalized").is_null()) return severity;
  auto label = json::text(severity, "Label");
  const auto normalized = json::integer(json::at(severity, "Normalized"), 0);
  for (const auto& grade : grades) {
    if (label.empty() ? normalized > grade.up_to : label != grade.label) continue;
    if (label.empty()) severity["Label"] = grade.label;
    else severity["Normalized"] = grade.normalized;
    break;
  }
  return severity;
}

// What its provider said of a finding stays beside what others make of it.
void keep_provided(json::Object& finding) {
  auto provided = json::members(json::at(finding, "FindingProviderFields"));
  for (const char* name : {"Severity", "Types", "Confidence", "Criticality", "RelatedFindings"}) {
    if (!provided.contains(name) && finding.contains(name)) provided[name] = finding[name];
    if (provided.contains(name) && !finding.contains(name)) finding[name] = provided[name];
  }
  if (provided.contains("Severity")) {
    auto severity = json::members(whole_severity(json::members(provided["Severity"])));
    severity.erase("Normalized");
    severity.erase("Product");
    provided["Severity"] = std::move(severity);
  }
  if (!provided.empty()) finding["FindingProviderFields"] = std::move(provided);
  if (finding.contains("Severity")) finding["Severity"] = whole_severity(json::members(finding["Severity"]));
}

// A new label is a new severity; what tools measured otherwise no longer holds.
json::Value changed_severity(const json::Value& before, const json::Value& given) {
  auto severity = json::members(before);
  if (!json::at(given, "Label").is_null()) severity.erase("Normalized");
  for (const auto& [name, value] : json::members(given))
    severity[name] = value;
  return whole_severity(std::move(severity));
}

// Those of the account, in their order. What Security Hub took, and no finding could be held against, is no rule.
std::vector<bus::AutomationRule> automation_rules(const Scene& scene) {
  std::vector<bus::AutomationRule> out;
  for (const auto* rule : scene.world.all(scene.ref("AWS::SecurityHub::AutomationRule", ""))) {
    json::Object said;
    for (const char* name : {"RuleName", "RuleOrder", "RuleStatus", "IsTerminal", "Description", "Criteria", "Actions"})
      if (const auto value = scene.value(*rule, name); !value.is_null()) said[name] = value;
    if (auto read = bus::read_automation_rule(said)) out.push_back(std::move(*read));
  }
  return bus::in_order(std::move(out));
}

// What automation rules write into a finding that comes stays in it.
void automate(Scene& scene, Resource& resource) {
  const auto rules = automation_rules(scene);
  if (rules.empty()) return;
  const auto before = resource.aspect("Severity");
  auto finding = scene.shown(resource);
  if (bus::automate(rules, finding, scene.now).empty()) return;
  for (const auto* name : customers)
    if (const auto& value = json::at(finding, name); !value.is_null()) resource.set(name, value);
  for (const auto* name : shared)
    if (const auto& value = json::at(finding, name); !value.is_null()) resource.set(name, value);
  if (const auto& severity = json::at(finding, "Severity"); severity != before)
    resource.set("Severity", changed_severity(before, severity));
}

// What was overtaken on its way changes nothing any more.
bool is_older(const json::Value& given, const Resource& known) {
  auto at = parse_timestamp(json::text(given, "UpdatedAt", ""));
  auto before = parse_timestamp(json::text(known.record, "UpdatedAt"));
  return at && before && *at < *before;
}

Result<> import_one(Scene& scene, const json::Value& given) {
  auto ref = scene.ref(finding_type, id_of(given));
  bool known = scene.world.find(ref) != nullptr;
  auto here = scene.ref(finding_type, "");
  if (!known && scene.world.all(here).size() >= findings_max)
    return fail(scene.error("LimitExceededException", "There are too many findings"));
  if (!known) CHECK_OK(scene.create(finding_type, ref.id));
  auto& resource = scene.world.edit(ref);
  if (known && is_older(given, resource)) return {};
  auto finding = json::members(given);
  keep_provided(finding);
  name_product(finding);
  if (!finding.contains("RecordState")) finding["RecordState"] = "ACTIVE";
  for (const auto* name : customers) {
    if (!known) take(finding, resource, name);
    finding.erase(name);
  }
  for (const auto* name : shared)
    take(finding, resource, name);
  for (const auto* name : {"Title", "RecordState", "Compliance", "Resources"})
    take(finding, resource, name);
  resource.record = std::move(finding);
  automate(scene, resource);
  return {};
}

Result<json::Object> import_findings(Scene& scene) {
  const auto& given = json::items(scene.input("Findings"));
  if (given.empty() || given.size() > batch_max)
    return fail(scene.error("InvalidInputException",
                            fmt::format("Findings must have between 1 and {} items", batch_max)));
  for (const auto& one : given)
    CHECK_OK(import_one(scene, one));
  return json::Object{
      {"SuccessCount", given.size()}, {"FailedCount", 0}, {"FailedFindings", json::Array()}};
}

// What stands at a path such as Severity.Label, as texts are compared; numbers by their value.
bool before(const json::Value& one, const json::Value& other) {
  if (one.is_number() && other.is_number()) return one.to_number<double>() < other.to_number<double>();
  return json::scalar_text(one) < json::scalar_text(other);
}

// From the least to the most, as people read them.
int rank_of_severity(const json::Value& label) {
  constexpr std::array labels{"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"};
  auto text = json::text(label);
  auto found = std::ranges::find(labels, text, [](const char* one) { return std::string(one); });
  return static_cast<int>(found - labels.begin());
}

// Criteria name a field as filters do, or by its path.
std::string path_of(const std::string& field) {
  if (field == "SeverityNormalized") return "Severity.Label";
  auto path = finding_path(field);
  return path.empty() ? field : path;
}

json::Value first_at(const json::Value& finding, const std::string& path) {
  auto all = values_at(finding, path);
  return all.empty() ? json::Value() : all.front();
}

// By the last criterion first, so that the first one has the last word.
void sort(json::Array& found, const json::Value& criteria) {
  const auto& all = json::items(criteria);
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    auto field = path_of(json::text(*one, "Field", ""));
    bool falling = json::text(*one, "SortOrder", "asc") == "desc";
    std::ranges::stable_sort(found, [&](const json::Value& left, const json::Value& right) {
      const auto a = first_at(left, field), b = first_at(right, field);
      if (field == "Severity.Label") {
        auto less = rank_of_severity(a), more = rank_of_severity(b);
        return falling ? more < less : less < more;
      }
      return falling ? before(b, a) : before(a, b);
    });
  }
}

Result<json::Object> get_findings(Scene& scene) {
  CHECK_OK(check_finding_filters(scene, scene.input("Filters")));
  CHECK_OK(check_sort_criteria(scene, scene.input("SortCriteria")));
  json::Array found;
  for (const auto* resource : scene.world.all(scene.ref(finding_type, ""))) {
    json::Value finding = scene.shown(*resource);
    bool fit = TRY(is_wanted_finding(scene, scene.input("Filters"), finding));
    if (fit) found.push_back(std::move(finding));
  }
  sort(found, scene.input("SortCriteria"));
  return page_of(scene, "Findings", found, {.most = page_max});
}

Result<json::Object> insight_results(Scene& scene) {
  constexpr std::size_t values_max = 100;
  auto arn = scene.text("InsightArn");
  auto* insight = TRY(scene.need("AWS::SecurityHub::Insight", arn));
  auto attribute = json::text(insight->aspect("GroupByAttribute"));
  std::map<std::string, std::int64_t> counts;
  for (const auto* resource : scene.world.all(scene.ref(finding_type, ""))) {
    json::Value finding = scene.shown(*resource);
    bool fit = TRY(is_wanted_finding(scene, insight->aspect("Filters"), finding));
    if (!fit) continue;
    for (const auto& value : values_at(finding, finding_path(attribute)))
      if (auto text = json::scalar_text(value); !text.empty()) ++counts[text];
  }
  std::vector<std::pair<std::string, std::int64_t>> most(counts.begin(), counts.end());
  std::ranges::stable_sort(most, std::ranges::greater(), [](const auto& one) { return one.second; });
  if (most.size() > values_max) most.resize(values_max);
  json::Array values;
  for (const auto& [value, count] : most)
    values.push_back(json::Object{{"GroupByAttributeValue", value}, {"Count", count}});
  return json::Object{{"InsightResults", json::Object{{"InsightArn", arn},
                                                      {"GroupByAttribute", attribute},
                                                      {"ResultValues", std::move(values)}}}};
}

// Answers for each finding; the time of its last import stays as it is.
Result<json::Object> update_findings(Scene& scene) {
  json::Array done, failed;
  const auto& ids = json::items(scene.input("FindingIdentifiers"));
  if (ids.empty() || ids.size() > batch_max)
    return fail(scene.error("InvalidInputException",
                            fmt::format("Invalid parameter 'FindingIdentifiers'. data.FindingIdentifiers should NOT have "
                                        "{} items", ids.empty() ? "fewer than 1" : "more than 100")));
  for (const auto& id : ids) {
    auto finding = scene.need(finding_type, id_of(id));
    if (!finding) {
      failed.push_back(json::Object{{"FindingIdentifier", id},
                                    {"ErrorCode", "FindingNotFound"},
                                    {"ErrorMessage", "Finding Not Found"}});
      continue;
    }
    const auto before = (*finding)->aspect("Severity");
    for (const auto* name : customers)
      if (const auto& value = scene.input(name); !value.is_null()) (*finding)->set(name, value);
    for (const auto* name : shared)
      if (const auto& value = scene.input(name); !value.is_null()) (*finding)->set(name, value);
    if (const auto& severity = scene.input("Severity"); !severity.is_null())
      (*finding)->set("Severity", changed_severity(before, severity));
    if (const auto* given = scene.input("Note").if_object()) {
      auto note = *given;
      note["UpdatedAt"] = scene.now.iso();
      (*finding)->set("Note", std::move(note));
    }
    done.push_back(id);
  }
  return json::Object{{"ProcessedFindings", std::move(done)},
                      {"UnprocessedFindings", std::move(failed)}};
}

}  // namespace

void add(Hooks& hooks) {
  securityhub_standard_hooks::add(hooks);
  hooks.emulate("securityhub:BatchImportFindings", import_findings);
  hooks.emulate("securityhub:GetFindings", get_findings);
  hooks.emulate("securityhub:BatchUpdateFindings", update_findings);
  hooks.emulate("securityhub:GetInsightResults", insight_results);
  hooks.check("securityhub:UpdateInsight", [](Scene& scene) { return check_insight(scene); });
}

}  // namespace aright::sandbox::securityhub_hooks
