// Whether a backup plan selects a resource, and whether a plan backs up often enough and keeps for long enough.

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "iam/wildcard.h"
#include "rules/ages.h"
#include "rules/judge.h"
#include "rules/policies.h"

namespace aright::rules {

namespace {

constexpr std::string_view tag_prefix = "aws:ResourceTag/";
constexpr std::int64_t hours_of_day = 24, days_of_week = 7, days_of_month = 31;

bool arn_among(const json::Value& patterns, const std::string& arn) {
  return std::ranges::any_of(one_or_many(patterns), [&](const std::string& pattern) {
    return pattern == "*" || iam::Wildcard::plain(pattern).matches(arn);
  });
}

std::string tag_of(const cloud::Snapshot& resource, std::string key) {
  if (key.starts_with(tag_prefix)) key.erase(0, tag_prefix.size());
  auto found = resource.tags.find(key);
  return found == resource.tags.end() ? "" : found->second;
}

// Conditions hold together: {StringEquals: [{ConditionKey, ConditionValue}]}, and its three sisters.
bool conditions_hold(const json::Value& conditions, const cloud::Snapshot& resource) {
  for (const auto& [operation, list] : json::members(conditions))
    for (const auto& condition : json::items(list)) {
      auto value = tag_of(resource, json::text(condition, "ConditionKey", ""));
      auto wanted = json::text(condition, "ConditionValue", "");
      std::string_view named(operation);
      bool same = named.ends_with("Like") ? iam::Wildcard::plain(wanted).matches(value) : value == wanted;
      if (same == (named.find("Not") != named.npos)) return false;
    }
  return true;
}

bool selects(const json::Value& selection, const cloud::Snapshot& resource) {
  if (arn_among(json::at(selection, "NotResources"), resource.arn)) return false;
  bool tagged = std::ranges::any_of(json::items(json::at(selection, "ListOfTags")), [&](const json::Value& tag) {
    return tag_of(resource, json::text(tag, "ConditionKey", "")) == json::text(tag, "ConditionValue", "");
  });
  bool named = arn_among(json::at(selection, "Resources"), resource.arn);
  const auto& conditions = json::at(selection, "Conditions");
  // A selection by conditions alone is of all resources for which they hold.
  bool by_conditions = !json::members(conditions).empty() && json::items(json::at(selection, "Resources")).empty();
  return tagged || ((named || by_conditions) && conditions_hold(conditions, resource));
}

// Parameters that narrow the rule to some resources: those not meant are not judged.
std::optional<Evaluation> not_meant(const cloud::Snapshot& resource, const json::Object& parameters) {
  if (auto id = json::text(parameters, "resourceId", ""); !id.empty() && id != resource.ref.id)
    return not_applicable("The rule is about another resource.");
  if (auto tags = json::text(parameters, "resourceTags", ""); !tags.empty()) {
    auto wanted = json::parse(tags);
    if (!wanted || !wanted->is_object()) return insufficient("The parameter resourceTags is no JSON object.");
    for (const auto& [key, value] : wanted->get_object())
      if (tag_of(resource, key) != json::scalar_text(value)) return not_applicable("The rule is about other tags.");
  }
  return std::nullopt;
}

Evaluation judge_selected(const Subject& subject, const json::Object& parameters) {
  const auto& resource = subject.resource;
  for (const auto& [aspect, why] : resource.unreadable)
    return insufficient(fmt::format("{} of {} could not be read: {}", aspect, resource.ref.id, why));
  if (auto other = not_meant(resource, parameters)) return *other;
  for (const auto& selection : subject.related) {
    if (auto blind = unreadable(selection, {"BackupSelection"})) return *blind;
    if (selects(json::at(selection.properties, "BackupSelection"), resource))
      return compliant(fmt::format("A backup plan selects it ({}).", selection.ref.id));
  }
  return non_compliant("No backup plan selects it.");
}

// How many items "2,4" and "MON-FRI" name; 0 for what is not a plain list.
std::int64_t listed(std::string_view field) {
  return field.find_first_of("-/#L") == field.npos ? static_cast<std::int64_t>(split(field, ',').size()) : 0;
}

// The hours between two runs, at most. None where the expression is not understood.
std::optional<std::int64_t> hours_between(const std::string& expression) {
  auto open = expression.find('('), close = expression.rfind(')');
  if (open == expression.npos || close == expression.npos || close < open) return std::nullopt;
  std::vector<std::string> fields;
  for (auto& field : split(expression.substr(open + 1, close - open - 1), ' '))
    if (!field.empty()) fields.push_back(std::move(field));
  if (expression.starts_with("rate(") && fields.size() == 2) {
    auto count = json::integer(json::Value(fields[0]), 0);
    if (count <= 0) return std::nullopt;
    return fields[1].starts_with("day") ? count * hours_of_day : count;
  }
  if (!expression.starts_with("cron(") || fields.size() != 6 || fields[3] != "*") return std::nullopt;
  auto any = [](const std::string& field) { return field == "*" || field == "?"; };
  const auto &hour = fields[1], &day = fields[2], &weekday = fields[4];
  if (!any(day)) return (listed(day) == 0 ? days_of_month : days_of_month - listed(day) + 1) * hours_of_day;
  if (!any(weekday)) {
    auto days = weekday == "MON-FRI" || weekday == "2-6" ? 5 : std::max<std::int64_t>(listed(weekday), 1);
    return (days_of_week - days + 1) * hours_of_day;
  }
  if (hour == "*") return 1;
  if (hour.starts_with("*/") || hour.starts_with("0/")) return json::integer(json::Value(hour.substr(2)), hours_of_day);
  return hours_of_day;
}

Evaluation judge_plan(const Subject& subject, const json::Object& parameters) {
  if (auto blind = unreadable(subject.resource, {"BackupPlan"})) return *blind;
  auto unit = json::text(parameters, "requiredFrequencyUnit", "days");
  if (unit != "days" && unit != "hours") return insufficient("The parameter requiredFrequencyUnit is hours or days.");
  auto most = whole_number(parameters, "requiredFrequencyValue", 1) * (unit == "days" ? hours_of_day : 1);
  auto least = whole_number(parameters, "requiredRetentionDays", 35);
  bool unclear = false;
  const auto& plan = json::at(subject.resource.properties, "BackupPlan");
  for (const auto& rule : json::items(json::at(plan, "BackupPlanRule"))) {
    auto hours = hours_between(json::text(rule, "ScheduleExpression", "cron(0 5 ? * * *)"));
    const auto& kept = json::at(json::at(rule, "Lifecycle"), "DeleteAfterDays");
    bool long_enough = kept.is_null() || json::integer(kept, 0) >= least;  // without an end it is kept for ever
    unclear |= !hours && long_enough;
    if (hours && *hours <= most && long_enough)
      return compliant("A rule of the plan backs up often enough, and keeps for long enough.");
  }
  if (unclear) return insufficient("How often the plan backs up is not understood.");
  return non_compliant(fmt::format("No rule of the plan backs up every {} hours and keeps for {} days.", most, least));
}

}  // namespace

std::vector<Rule> backup_rules() {
  const Related selections{.type = "AWS::Backup::BackupSelection", .ids = "", .aspects = {"BackupSelection"}};
  std::vector<Rule> out{{"BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK", "AWS::Backup::BackupPlan", {"BackupPlan"},
                         {}, {}, judge_plan}};
  struct Kind {
    const char *type, *tags;
    std::vector<const char*> identifiers;
  };
  const Kind kinds[] = {
      {"AWS::DynamoDB::Table", "Tags", {"DYNAMODB_IN_BACKUP_PLAN", "DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN"}},
      {"AWS::EC2::Volume", "Tags", {"EBS_IN_BACKUP_PLAN", "EBS_RESOURCES_PROTECTED_BY_BACKUP_PLAN"}},
      {"AWS::EC2::Instance", "Tags", {"EC2_RESOURCES_PROTECTED_BY_BACKUP_PLAN"}},
      {"AWS::EFS::FileSystem", "FileSystemTags", {"EFS_IN_BACKUP_PLAN", "EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN"}},
      {"AWS::RDS::DBInstance", "Tags", {"RDS_IN_BACKUP_PLAN", "RDS_RESOURCES_PROTECTED_BY_BACKUP_PLAN"}},
      {"AWS::RDS::DBCluster", "Tags", {"AURORA_RESOURCES_PROTECTED_BY_BACKUP_PLAN"}},
  };
  for (const auto& kind : kinds)
    for (const auto* identifier : kind.identifiers)
      out.push_back({identifier, kind.type, {kind.tags}, {}, {selections}, judge_selected});
  return out;
}

}  // namespace aright::rules
