#include "bus/automation.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "base/known.h"
#include "base/text.h"

namespace aright::bus {

namespace {

enum class FieldKind { text, number, date, map };

// A criterion, and the members of a finding that lead to what it is about. Lists on the way stand for all their items.
struct Criterion {
  std::string_view name;
  FieldKind kind;
  std::array<std::string_view, 3> path;
};

constexpr std::array criteria{
    Criterion{"AwsAccountId", FieldKind::text, {"AwsAccountId"}},
    Criterion{"AwsAccountName", FieldKind::text, {"AwsAccountName"}},
    Criterion{"CompanyName", FieldKind::text, {"CompanyName"}},
    Criterion{"ComplianceAssociatedStandardsId", FieldKind::text, {"Compliance", "AssociatedStandards", "StandardsId"}},
    Criterion{"ComplianceSecurityControlId", FieldKind::text, {"Compliance", "SecurityControlId"}},
    Criterion{"ComplianceStatus", FieldKind::text, {"Compliance", "Status"}},
    Criterion{"Confidence", FieldKind::number, {"Confidence"}},
    Criterion{"CreatedAt", FieldKind::date, {"CreatedAt"}},
    Criterion{"Criticality", FieldKind::number, {"Criticality"}},
    Criterion{"Description", FieldKind::text, {"Description"}},
    Criterion{"FirstObservedAt", FieldKind::date, {"FirstObservedAt"}},
    Criterion{"GeneratorId", FieldKind::text, {"GeneratorId"}},
    Criterion{"Id", FieldKind::text, {"Id"}},
    Criterion{"LastObservedAt", FieldKind::date, {"LastObservedAt"}},
    Criterion{"NoteText", FieldKind::text, {"Note", "Text"}},
    Criterion{"NoteUpdatedAt", FieldKind::date, {"Note", "UpdatedAt"}},
    Criterion{"NoteUpdatedBy", FieldKind::text, {"Note", "UpdatedBy"}},
    Criterion{"ProductArn", FieldKind::text, {"ProductArn"}},
    Criterion{"ProductName", FieldKind::text, {"ProductName"}},
    Criterion{"RecordState", FieldKind::text, {"RecordState"}},
    Criterion{"RelatedFindingsId", FieldKind::text, {"RelatedFindings", "Id"}},
    Criterion{"RelatedFindingsProductArn", FieldKind::text, {"RelatedFindings", "ProductArn"}},
    Criterion{"ResourceApplicationArn", FieldKind::text, {"Resources", "ApplicationArn"}},
    Criterion{"ResourceApplicationName", FieldKind::text, {"Resources", "ApplicationName"}},
    Criterion{"ResourceDetailsOther", FieldKind::map, {"Resources", "Details", "Other"}},
    Criterion{"ResourceId", FieldKind::text, {"Resources", "Id"}},
    Criterion{"ResourcePartition", FieldKind::text, {"Resources", "Partition"}},
    Criterion{"ResourceRegion", FieldKind::text, {"Resources", "Region"}},
    Criterion{"ResourceTags", FieldKind::map, {"Resources", "Tags"}},
    Criterion{"ResourceType", FieldKind::text, {"Resources", "Type"}},
    Criterion{"SeverityLabel", FieldKind::text, {"Severity", "Label"}},
    Criterion{"SourceUrl", FieldKind::text, {"SourceUrl"}},
    Criterion{"Title", FieldKind::text, {"Title"}},
    Criterion{"Type", FieldKind::text, {"Types"}},
    Criterion{"UpdatedAt", FieldKind::date, {"UpdatedAt"}},
    Criterion{"UserDefinedFields", FieldKind::map, {"UserDefinedFields"}},
    Criterion{"VerificationState", FieldKind::text, {"VerificationState"}},
    Criterion{"WorkflowStatus", FieldKind::text, {"Workflow", "Status"}},
};

constexpr std::array updates{"Note",       "Severity", "VerificationState", "Confidence",     "Criticality",
                             "Types",      "Workflow", "UserDefinedFields", "RelatedFindings"};
constexpr std::array comparisons{"EQUALS", "PREFIX", "CONTAINS", "NOT_EQUALS", "PREFIX_NOT_EQUALS", "NOT_CONTAINS"};
constexpr std::array map_comparisons{"EQUALS", "CONTAINS", "NOT_EQUALS", "NOT_CONTAINS"};
constexpr std::array bounds{"Eq", "Gte", "Lte", "Gt", "Lt"};

const Criterion* find(std::string_view name) {
  auto found = std::ranges::find(criteria, name, &Criterion::name);
  return found == criteria.end() ? nullptr : &*found;
}

bool excludes(std::string_view comparison) { return comparison.contains("NOT_"); }

// Which comparisons go together: CONTAINS and NOT_CONTAINS each with themselves only, EQUALS with none that excludes.
Result<> check_company(const std::vector<std::string>& said) {
  auto has = [&](std::string_view one) { return std::ranges::find(said, one) != said.end(); };
  bool excluding = std::ranges::any_of(said, excludes);
  for (auto alone : {"CONTAINS", "NOT_CONTAINS"})
    if (has(alone) && !std::ranges::all_of(said, [&](const auto& one) { return one == alone; }))
      return fail(Errc::invalid, "{} stands with no other comparison", alone);
  if (has("EQUALS") && excluding) return fail(Errc::invalid, "EQUALS stands with no comparison that excludes");
  return {};
}

Result<> check_texts(const json::Array& conditions, bool of_map) {
  std::vector<std::string> said;
  for (const auto& condition : conditions) {
    auto comparison = json::text(condition, "Comparison", "");
    bool known = of_map ? std::ranges::find(map_comparisons, comparison) != map_comparisons.end()
                        : std::ranges::find(comparisons, comparison) != comparisons.end();
    if (!known) return fail(Errc::invalid, "'{}' is no Comparison of it", comparison);
    if (json::text(condition, "Value", "").empty()) return fail(Errc::invalid, "a condition needs a Value");
    if (of_map && json::text(condition, "Key", "").empty()) return fail(Errc::invalid, "a condition needs a Key");
    said.push_back(std::move(comparison));
  }
  return of_map ? Result<>() : check_company(said);
}

Result<> check_numbers(const json::Array& conditions) {
  for (const auto& condition : conditions) {
    bool any = std::ranges::any_of(bounds, [&](auto bound) { return json::at(condition, bound).is_number(); });
    if (!any) return fail(Errc::invalid, "a condition needs one of Eq, Gte, Lte, Gt and Lt");
  }
  return {};
}

Result<> check_dates(const json::Array& conditions) {
  for (const auto& condition : conditions) {
    const auto& range = json::at(condition, "DateRange");
    if (!range.is_null()) {
      if (json::text(range, "Unit", "") != "DAYS" || json::integer(json::at(range, "Value")) < 1)
        return fail(Errc::invalid, "a DateRange has a Value above 0 and the Unit DAYS");
      continue;
    }
    for (auto end : {"Start", "End"})
      if (!parse_timestamp(json::text(condition, end, "")))
        return fail(Errc::invalid, "a condition needs Start and End, or a DateRange; {} is no time", end);
  }
  return {};
}

Result<> check_criterion(std::string_view name, const json::Value& said) {
  const auto* criterion = find(name);
  if (!criterion) return fail(Errc::invalid, "{}", unknown_word("a criterion", name, criterion_names()));
  const auto& conditions = json::items(said);
  if (conditions.empty() || conditions.size() > criterion_values_max)
    return fail(Errc::invalid, "it is a list of 1 to {} conditions", criterion_values_max);
  switch (criterion->kind) {
    case FieldKind::text: return check_texts(conditions, false);
    case FieldKind::map: return check_texts(conditions, true);
    case FieldKind::number: return check_numbers(conditions);
    case FieldKind::date: return check_dates(conditions);
  }
  return {};
}

Result<json::Object> read_update(const json::Array& actions) {
  if (actions.size() != 1) return fail(Errc::invalid, "Actions holds exactly one action");
  if (json::text(actions[0], "Type", "") != "FINDING_FIELDS_UPDATE")
    return fail(Errc::invalid, "the only Type of an action is FINDING_FIELDS_UPDATE");
  auto update = json::members(json::at(actions[0], "FindingFieldsUpdate"));
  if (update.empty()) return fail(Errc::invalid, "FindingFieldsUpdate says nothing");
  for (const auto& [name, value] : update)
    if (std::ranges::find(updates, std::string_view(name)) == updates.end())
      return fail(Errc::invalid, "FindingFieldsUpdate has no {}", std::string_view(name));
  return update;
}

// What stands at a path: texts, numbers, or objects; those of all items where there are lists.
void collect(const json::Value& value, std::span<const std::string_view> path, std::vector<const json::Value*>& out) {
  if (const auto* list = value.if_array()) {
    for (const auto& item : *list) collect(item, path, out);
  } else if (path.empty() || path[0].empty()) {
    if (!value.is_null()) out.push_back(&value);
  } else {
    collect(json::at(value, path[0]), path.subspan(1), out);
  }
}

bool fits(std::string_view comparison, std::string_view text, std::string_view wanted) {
  if (comparison.ends_with("CONTAINS")) return text.contains(wanted);
  if (comparison.starts_with("PREFIX")) return text.starts_with(wanted);
  return text == wanted;
}

// One of the conditions that include, where there are any, and none of those that exclude. A member that is not there
// fits no condition.
template <typename Fits>
bool algebra(const json::Array& conditions, Fits fits_any) {
  bool asked = false, included = false;
  for (const auto& condition : conditions) {
    bool fit = fits_any(condition);
    if (excludes(json::text(condition, "Comparison", ""))) {
      if (fit) return false;
      continue;
    }
    asked = true;
    included = included || fit;
  }
  return included || !asked;
}

bool text_holds(const json::Array& conditions, const std::vector<const json::Value*>& there) {
  return algebra(conditions, [&](const json::Value& condition) {
    return std::ranges::any_of(there, [&](const json::Value* value) {
      return fits(json::text(condition, "Comparison", ""), json::scalar_text(*value),
                  json::text(condition, "Value", ""));
    });
  });
}

bool map_holds(const json::Array& conditions, const std::vector<const json::Value*>& there) {
  return algebra(conditions, [&](const json::Value& condition) {
    return std::ranges::any_of(there, [&](const json::Value* value) {
      const auto& own = json::at(*value, json::text(condition, "Key", ""));
      return !own.is_null() && fits(json::text(condition, "Comparison", ""), json::scalar_text(own),
                                    json::text(condition, "Value", ""));
    });
  });
}

bool within(const json::Value& condition, double number) {
  auto passes = [&](std::string_view bound, auto compare) {
    const auto& said = json::at(condition, bound);
    return !said.is_number() || compare(number, said.to_number<double>());
  };
  return passes("Eq", std::equal_to()) && passes("Gte", std::greater_equal()) && passes("Lte", std::less_equal()) &&
         passes("Gt", std::greater()) && passes("Lt", std::less());
}

bool within(const json::Value& condition, Timestamp at, Timestamp now) {
  const auto& range = json::at(condition, "DateRange");
  if (!range.is_null()) {
    auto age = std::chrono::days(json::integer(json::at(range, "Value")));
    bool older = json::text(range, "Comparison", "") == "OLDER_THAN";
    return older ? at < now - age : at >= now - age && at <= now;
  }
  auto start = parse_timestamp(json::text(condition, "Start", ""));
  auto end = parse_timestamp(json::text(condition, "End", ""));
  return start && end && *start <= at && at <= *end;
}

// Any of the conditions, of any that is there.
template <typename Test>
bool any_holds(const json::Array& conditions, const std::vector<const json::Value*>& there, Test test) {
  return std::ranges::any_of(there, [&](const json::Value* value) {
    return std::ranges::any_of(conditions, [&](const json::Value& condition) { return test(condition, *value); });
  });
}

bool criterion_holds(const Criterion& criterion, const json::Array& conditions, const json::Value& finding,
                     Timestamp now) {
  std::vector<const json::Value*> there;
  collect(finding, criterion.path, there);
  switch (criterion.kind) {
    case FieldKind::text: return text_holds(conditions, there);
    case FieldKind::map: return map_holds(conditions, there);
    case FieldKind::number:
      return any_holds(conditions, there, [](const json::Value& condition, const json::Value& value) {
        return value.is_number() && within(condition, value.to_number<double>());
      });
    case FieldKind::date:
      return any_holds(conditions, there, [&](const json::Value& condition, const json::Value& value) {
        auto at = parse_timestamp(json::scalar_text(value));
        return at && within(condition, *at, now);
      });
  }
  return false;
}

// Each takes the place of what was there, so that a label written does not stand beside another tool's number.
void write(const json::Object& update, json::Object& finding, Timestamp now) {
  for (const auto& [name, value] : update) finding[name] = value;
  if (auto note = update.find("Note"); note != update.end()) {
    auto whole = json::members(note->value());
    whole["UpdatedAt"] = now.iso();
    finding["Note"] = std::move(whole);
  }
}

}  // namespace

std::vector<std::string> criterion_names() {
  std::vector<std::string> out;
  for (const auto& criterion : criteria) out.emplace_back(criterion.name);
  return out;
}

Result<AutomationRule> read_automation_rule(const json::Value& said) {
  static constexpr std::array members{"RuleName",   "RuleOrder", "RuleStatus", "IsTerminal",
                                      "Description", "Criteria",  "Actions"};
  for (const auto& [name, value] : json::members(said))
    if (std::ranges::find(members, std::string_view(name)) == members.end())
      return fail(Errc::invalid, "unknown member {}; known here: {}", std::string_view(name), fmt::join(members, ", "));
  AutomationRule rule{.name = json::text(said, "RuleName", ""),
                      .order = static_cast<int>(json::integer(json::at(said, "RuleOrder"), 0)),
                      .terminal = json::truth(json::at(said, "IsTerminal")),
                      .criteria = json::members(json::at(said, "Criteria"))};
  auto status = json::text(said, "RuleStatus", "ENABLED");
  if (rule.name.empty()) return fail(Errc::invalid, "RuleName is required");
  if (rule.order < 1 || rule.order > automation_order_max)
    return fail(Errc::invalid, "{}: RuleOrder is a number from 1 to {}", rule.name, automation_order_max);
  if (status != "ENABLED" && status != "DISABLED")
    return fail(Errc::invalid, "{}: RuleStatus is ENABLED or DISABLED", rule.name);
  rule.enabled = status == "ENABLED";
  if (rule.criteria.empty()) return fail(Errc::invalid, "{}: Criteria are required", rule.name);
  for (const auto& [name, conditions] : rule.criteria)
    if (auto good = check_criterion(name, conditions); !good)
      return wrap(good.error(), "{}: {}", rule.name, std::string_view(name));
  auto update = read_update(json::items(json::at(said, "Actions")));
  if (!update) return wrap(update.error(), "{}", rule.name);
  rule.update = std::move(*update);
  return rule;
}

std::vector<AutomationRule> in_order(std::vector<AutomationRule> rules) {
  std::ranges::stable_sort(rules, {}, &AutomationRule::order);
  return rules;
}

bool holds(const AutomationRule& rule, const json::Value& finding, Timestamp now) {
  return std::ranges::all_of(rule.criteria, [&](const auto& said) {
    return criterion_holds(*find(said.key()), json::items(said.value()), finding, now);
  });
}

std::vector<std::string> automate(const std::vector<AutomationRule>& rules, json::Object& finding, Timestamp now) {
  std::vector<std::string> out;
  // All are held against the finding as it came, and the later one's values stand.
  const json::Value came(finding);
  for (const auto& rule : rules) {
    if (!rule.enabled || !holds(rule, came, now)) continue;
    write(rule.update, finding, now);
    out.push_back(rule.name);
    if (rule.terminal) break;
  }
  return out;
}

}  // namespace aright::bus
