// Findings: imported by tools, searched by filters, changed by those who work on them.
#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "sandbox/paging.h"
#include "sandbox/securityhub.h"

namespace aright::sandbox::securityhub_hooks {

namespace {

constexpr std::string_view finding_type = "AWS::SecurityHub::Finding";
constexpr std::size_t findings_max = 10'000, batch_max = 100, page_max = 100;

// Filters of GetFindings, and where findings have what they ask for.
struct Filter {
  const char *name, *first, *second;  // second: a member of first, or of each of its items
};
constexpr std::array filters{Filter{"Id", "Id", ""},
                             Filter{"ProductArn", "ProductArn", ""},
                             Filter{"AwsAccountId", "AwsAccountId", ""},
                             Filter{"GeneratorId", "GeneratorId", ""},
                             Filter{"Title", "Title", ""},
                             Filter{"RecordState", "RecordState", ""},
                             Filter{"WorkflowStatus", "Workflow", "Status"},
                             Filter{"SeverityLabel", "Severity", "Label"},
                             Filter{"ComplianceStatus", "Compliance", "Status"},
                             Filter{"ResourceId", "Resources", "Id"},
                             Filter{"ResourceType", "Resources", "Type"},
                             Filter{"ProductName", "ProductName", ""}};

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

Result<> import_one(Scene& scene, const json::Value& given) {
  auto ref = scene.ref(finding_type, id_of(given));
  bool known = scene.world.find(ref) != nullptr;
  auto here = scene.ref(finding_type, "");
  if (!known && scene.world.all(here).size() >= findings_max)
    return fail(scene.error("LimitExceededException", "There are too many findings"));
  if (!known) CHECK_OK(scene.create(finding_type, ref.id));
  auto& resource = scene.world.edit(ref);
  auto finding = json::members(given);
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

json::Array texts_of(const Filter& filter, const json::Value& finding) {
  const auto& first = json::at(finding, filter.first);
  if (*filter.second == '\0') return {first};
  if (!first.is_array()) return {json::at(first, filter.second)};
  json::Array out;
  for (const auto& item : first.get_array())
    out.push_back(json::at(item, filter.second));
  return out;
}

Result<bool> fits(Scene& scene, const json::Value& condition, const json::Array& texts) {
  auto how = json::text(condition, "Comparison", ""), wanted = json::text(condition, "Value", "");
  auto any = [&](auto test) {
    return std::ranges::any_of(texts,
                               [&](const json::Value& text) { return test(json::text(text)); });
  };
  if (how == "EQUALS") return any([&](const std::string& text) { return text == wanted; });
  if (how == "PREFIX")
    return any([&](const std::string& text) { return text.starts_with(wanted); });
  if (how == "NOT_EQUALS") return !any([&](const std::string& text) { return text == wanted; });
  if (how == "PREFIX_NOT_EQUALS")
    return !any([&](const std::string& text) { return text.starts_with(wanted); });
  return fail(scene.error("InvalidInputException",
                          fmt::format("The emulated cloud knows no comparison {}", how)));
}

// One of the conditions of each filter; all of them where they exclude.
Result<bool> wanted(Scene& scene, const json::Value& asked, const json::Value& finding) {
  for (const auto& [name, conditions] : json::members(asked)) {
    auto known = std::ranges::find_if(
        filters, [&](const Filter& filter) { return std::string_view(name) == filter.name; });
    if (known == filters.end())
      return fail(scene.error(
          "InvalidInputException",
          fmt::format("The emulated cloud cannot filter by {}", std::string_view(name))));
    auto texts = texts_of(*known, finding);
    bool included = false, includes = false;
    for (const auto& condition : json::items(conditions)) {
      bool fit = TRY(fits(scene, condition, texts));
      bool excludes = json::text(condition, "Comparison", "").ends_with("NOT_EQUALS");
      if (excludes && !fit) return false;
      includes = includes || !excludes;
      included = included || (!excludes && fit);
    }
    if (includes && !included) return false;
  }
  return true;
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
  auto known = std::ranges::find_if(filters, [&](const Filter& one) { return field == one.name; });
  if (known == filters.end() || std::string_view(known->second).empty()) return field;
  return fmt::format("{}.{}", known->first, known->second);
}

const json::Value& at_path(const json::Value& finding, const std::string& path) {
  static const json::Value none;
  const auto* value = &finding;
  for (const auto& member : split(path, '.')) {
    if (value->is_array()) value = value->get_array().empty() ? &none : &value->get_array().front();
    value = &json::at(*value, member);
  }
  return *value;
}

// By the last criterion first, so that the first one has the last word.
void sort(json::Array& found, const json::Value& criteria) {
  const auto& all = json::items(criteria);
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    auto field = path_of(json::text(*one, "Field", ""));
    bool falling = json::text(*one, "SortOrder", "asc") == "desc";
    std::ranges::stable_sort(found, [&](const json::Value& left, const json::Value& right) {
      const auto &a = at_path(left, field), &b = at_path(right, field);
      if (field == "Severity.Label") {
        auto less = rank_of_severity(a), more = rank_of_severity(b);
        return falling ? more < less : less < more;
      }
      return falling ? before(b, a) : before(a, b);
    });
  }
}

Result<json::Object> get_findings(Scene& scene) {
  json::Array found;
  for (const auto* resource : scene.world.all(scene.ref(finding_type, ""))) {
    json::Value finding = scene.shown(*resource);
    bool fit = TRY(wanted(scene, scene.input("Filters"), finding));
    if (fit) found.push_back(std::move(finding));
  }
  sort(found, scene.input("SortCriteria"));
  return page_of(scene, "Findings", found, {.most = page_max});
}

// Where findings have what insights group them by, beside what filters ask for.
json::Array group_values(const std::string& attribute, const json::Value& finding) {
  auto known = std::ranges::find_if(filters, [&](const Filter& one) { return attribute == one.name; });
  if (known != filters.end()) return texts_of(*known, finding);
  return {at_path(finding, attribute)};
}

Result<json::Object> insight_results(Scene& scene) {
  constexpr std::size_t values_max = 100;
  auto arn = scene.text("InsightArn");
  auto* insight = TRY(scene.need("AWS::SecurityHub::Insight", arn));
  auto attribute = json::text(insight->aspect("GroupByAttribute"));
  std::map<std::string, std::int64_t> counts;
  for (const auto* resource : scene.world.all(scene.ref(finding_type, ""))) {
    json::Value finding = scene.shown(*resource);
    bool fit = TRY(wanted(scene, insight->aspect("Filters"), finding));
    if (!fit) continue;
    for (const auto& value : group_values(attribute, finding))
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

// A new label is a new severity; what tools measured otherwise no longer holds.
json::Value changed_severity(const json::Value& before, const json::Value& given) {
  auto severity = json::members(before);
  if (!json::at(given, "Label").is_null()) severity.erase("Normalized");
  for (const auto& [name, value] : json::members(given))
    severity[name] = value;
  return severity;
}

// Answers for each finding; the time of its last import stays as it is.
Result<json::Object> update_findings(Scene& scene) {
  json::Array done, failed;
  for (const auto& id : json::items(scene.input("FindingIdentifiers"))) {
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
}

}  // namespace aright::sandbox::securityhub_hooks
