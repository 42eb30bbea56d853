// Findings: imported by tools, searched by filters, changed by those who work on them.
#include <algorithm>
#include <array>

#include "sandbox/securityhub.h"

namespace aright::sandbox {

namespace {

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

Result<json::Array*> findings(Scene& scene) {
  auto* store = TRY(scene.need("AWS::SecurityHub::Findings", scene.call.account));
  auto& all = store->internals["findings"];
  if (!all.is_array()) all = json::Array();
  return &all.get_array();
}

bool same_finding(const json::Value& left, const json::Value& right) {
  return json::at(left, "Id") == json::at(right, "Id") &&
         json::at(left, "ProductArn") == json::at(right, "ProductArn");
}

// What a tool may not change by importing again: it belongs to those who work on the finding.
void keep_customers_part(json::Object& fresh, const json::Value& old) {
  for (const auto* name : {"Workflow", "Note", "UserDefinedFields", "VerificationState"})
    if (const auto& value = json::at(old, name); !value.is_null()) fresh[name] = value;
}

Result<json::Object> import_findings(Scene& scene) {
  auto* all = TRY(findings(scene));
  const auto& given = json::items(scene.input("Findings"));
  if (given.empty() || given.size() > batch_max)
    return fail(scene.error("InvalidInputException",
                            fmt::format("Findings must have between 1 and {} items", batch_max)));
  for (const auto& one : given) {
    auto finding = json::members(one);
    if (!finding.contains("Workflow")) finding["Workflow"] = json::Object{{"Status", "NEW"}};
    if (!finding.contains("RecordState")) finding["RecordState"] = "ACTIVE";
    auto old = std::ranges::find_if(
        *all, [&](const json::Value& other) { return same_finding(other, one); });
    if (old == all->end()) {
      if (all->size() >= findings_max)
        return fail(scene.error("LimitExceededException", "There are too many findings"));
      all->push_back(std::move(finding));
    } else {
      keep_customers_part(finding, *old);
      *old = std::move(finding);
    }
  }
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
Result<bool> wanted(Scene& scene, const json::Value& finding) {
  for (const auto& [name, conditions] : json::members(scene.input("Filters"))) {
    auto known = std::ranges::find_if(
        filters, [&](const Filter& filter) { return std::string_view(name) == filter.name; });
    if (known == filters.end())
      return fail(scene.error(
          "InvalidInputException",
          fmt::format("The emulated cloud cannot filter by {}", std::string_view(name))));
    auto texts = texts_of(*known, finding);
    bool included = false, asked = false;
    for (const auto& condition : json::items(conditions)) {
      bool fit = TRY(fits(scene, condition, texts));
      bool excludes = json::text(condition, "Comparison", "").ends_with("NOT_EQUALS");
      if (excludes && !fit) return false;
      asked = asked || !excludes;
      included = included || (!excludes && fit);
    }
    if (asked && !included) return false;
  }
  return true;
}

Result<json::Object> get_findings(Scene& scene) {
  auto* all = TRY(findings(scene));
  json::Array found;
  for (const auto& finding : *all) {
    bool fit = TRY(wanted(scene, finding));
    if (fit) found.push_back(finding);
  }
  auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(json::integer(scene.input("MaxResults"), page_max), 1, page_max));
  auto from = std::min(found.size(), static_cast<std::size_t>(std::max<std::int64_t>(
                                         0, json::integer(json::Value(scene.text("NextToken"))))));
  auto to = std::min(found.size(), from + limit);
  json::Object output{{"Findings", json::Array(found.begin() + static_cast<std::ptrdiff_t>(from),
                                               found.begin() + static_cast<std::ptrdiff_t>(to))}};
  if (to < found.size()) output["NextToken"] = std::to_string(to);
  return output;
}

Result<json::Object> update_findings(Scene& scene) {
  auto* all = TRY(findings(scene));
  json::Array done, failed;
  for (const auto& id : json::items(scene.input("FindingIdentifiers"))) {
    auto found =
        std::ranges::find_if(*all, [&](const json::Value& one) { return same_finding(one, id); });
    if (found == all->end()) {
      failed.push_back(json::Object{{"FindingIdentifier", id},
                                    {"ErrorCode", "FindingNotFound"},
                                    {"ErrorMessage", "Finding Not Found"}});
      continue;
    }
    auto& finding = found->as_object();
    for (const auto* name : {"Workflow", "Severity", "VerificationState", "Confidence",
                             "Criticality", "Types", "UserDefinedFields", "RelatedFindings"})
      if (const auto& value = scene.input(name); !value.is_null()) finding[name] = value;
    if (const auto* note = scene.input("Note").if_object()) {
      finding["Note"] = *note;
      finding["Note"].as_object()["UpdatedAt"] = scene.now.iso();
    }
    finding["UpdatedAt"] = scene.now.iso();
    done.push_back(id);
  }
  return json::Object{{"ProcessedFindings", std::move(done)},
                      {"UnprocessedFindings", std::move(failed)}};
}

}  // namespace

void add_securityhub_hooks(Hooks& hooks) {
  add_securityhub_standard_hooks(hooks);
  hooks.emulate("securityhub:BatchImportFindings", import_findings);
  hooks.emulate("securityhub:GetFindings", get_findings);
  hooks.emulate("securityhub:BatchUpdateFindings", update_findings);
}

}  // namespace aright::sandbox
