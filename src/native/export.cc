#include "native/export.h"

#include <algorithm>

#include "native/draft.h"

namespace aright::native {

namespace {

std::string default_topic(const remediation::Policy& policy) {
  for (const auto& channel : policy.channels)
    if (!channel.sns_topic_arn.empty() && (channel.wants("resolved") || channel.wants("escalated")))
      return channel.sns_topic_arn;
  return "";
}

std::string approvers(const remediation::Policy& policy) {
  std::vector<std::string> out;
  for (const auto& principal : policy.principals)
    if (!principal.arn.empty() && policy.approver(principal.name) != nullptr) out.push_back(principal.arn);
  return fmt::format("{}", fmt::join(out, ","));
}

bool mentions(const json::Value& value, std::string_view printed) {
  return json::print(value).find(printed) != std::string::npos;
}

// Those that something refers to.
void add_parameters(Draft& draft) {
  auto& out = draft.out;
  json::Value resources = out.resources;
  if (mentions(resources, R"("ActsByItself")"))
    out.conditions[automatic_condition] =
        json::Object{{"Fn::Equals", json::Array{reference(automatic_parameter), "true"}}};
  if (mentions(resources, R"("HasTopic")"))
    out.conditions[topic_condition] = json::Object{
        {"Fn::Not", json::Array{json::Object{{"Fn::Equals", json::Array{reference(topic_parameter), ""}}}}}};
  if (mentions(resources, R"({"Ref":"Automatic"})") || out.conditions.contains(automatic_condition))
    out.parameters[automatic_parameter] =
        json::Object{{"Type", "String"},
                     {"Default", "true"},
                     {"AllowedValues", json::Array{"true", "false"}},
                     {"Description", "false: nothing is set right by itself, whatever the policy says"}};
  if (out.conditions.contains(topic_condition))
    out.parameters[topic_parameter] =
        json::Object{{"Type", "String"},
                     {"Default", default_topic(draft.policy)},
                     {"Description", "ARN of the SNS topic that hears of fixes and approvals; empty: none does"}};
  if (!mentions(resources, R"({"Ref":"Approvers"})")) return;
  json::Object parameter{{"Type", "CommaDelimitedList"},
                         {"Description", "ARNs of those who may approve: users, groups, roles"}};
  if (auto known = approvers(draft.policy); !known.empty()) parameter["Default"] = known;
  out.parameters[approvers_parameter] = std::move(parameter);
}

void add_exempt(Draft& draft, const std::vector<RuleFix>& fixes) {
  for (const auto& held : draft.policy.exceptions) {
    if (!held.name.empty()) {
      draft.miss("exception " + held.name, "Config's exceptions name one rule and one resource each");
      continue;
    }
    for (const auto& fix : fixes) {
      if (std::ranges::find(held.controls, fix.control) == held.controls.end()) continue;
      for (const auto& type : held.types)
        for (const auto& id : held.ids)
          draft.out.exempt.push_back(
              {.rule = fix.name,
               .type = rules::config_type_of(type),
               .id = id,
               .message = held.exception.message,
               .until = held.exception.until == remediation::forever ? "" : held.exception.until.iso()});
    }
  }
  if (!draft.out.exempt.empty())
    draft.miss(fmt::format("{} remediation exceptions", draft.out.exempt.size()),
               "CloudFormation has no type for them; `aright deploy` puts them through the API");
}

// What has one reason stands together.
std::vector<NotExpressed> merged(const std::vector<NotExpressed>& list) {
  std::vector<NotExpressed> out;
  for (const auto& one : list) {
    auto same = std::ranges::find(out, one.why, &NotExpressed::why);
    if (same == out.end())
      out.push_back(one);
    else if (same->what != one.what)
      same->what += ", " + one.what;
  }
  return out;
}

}  // namespace

// What stands in the policy, and needs an engine.
void add_what_is_missing(Draft& draft) {
  const auto& policy = draft.policy;
  auto many = [&](std::string_view what, std::size_t count, std::string_view why) {
    if (count > 0) draft.miss(fmt::format("{} ({})", what, count), std::string(why));
  };
  many("limits", policy.brakes.limits.size(), "Config paces a rule's remediations alone, by ExecutionControls");
  many("freezes", policy.brakes.freezes.size(), "Config knows no times at which nothing starts");
  many("canaries", policy.brakes.canaries.size(), "Config has no waves");
  many("health_checks", policy.health_checks.size(), "documents do not look at what stands around a resource");
  many("verification", policy.cares.size(), "Config evaluates again, and takes nothing back");
  many("archives", policy.archives.size(), "an archive of EventBridge would hold what comes from now on");
  many("sources", policy.sources.size(), "events come by EventBridge itself");
  many("ladders", policy.approvers.ladders.size(), "aws:approve asks one list of people");
  many("delegations", policy.approvers.delegations.size(), "aws:approve asks one list of people");
  bool others = std::ranges::any_of(policy.channels, [](const auto& one) { return one.sns_topic_arn.empty(); });
  if (others) draft.miss("channels other than topics", "messages go to one SNS topic");
  draft.miss("rollback, plans and the ledger", "no native service takes back what it set right");
}

Exported export_policy(const remediation::Policy& policy, const remediation::Library& library, const Options& options) {
  Draft draft{.policy = policy, .library = library, .options = options, .out = {}};
  auto fixes = add_rules(draft);
  (void)add_event_rules(draft);
  add_hub(draft, fixes);
  add_telling(draft);
  add_exempt(draft, fixes);
  add_what_is_missing(draft);
  add_parameters(draft);
  draft.out.not_expressed = merged(draft.out.not_expressed);
  return std::move(draft.out);
}

}  // namespace aright::native
