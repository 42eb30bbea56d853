// Automation executions: started, stopped, signalled and told as Systems Manager does.

#include <algorithm>
#include <array>

#include "base/id.h"
#include "remediation/projection.h"
#include "runbook/targets.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

constexpr std::size_t tags_max = 5;  // of one execution: AWS's own

// Executions are known outside by the UUID that AWS would give them.
Result<std::optional<ExecutionId>> execution_of(const AwsTurn& turn, const std::string& wanted) {
  if (wanted.starts_with(ExecutionTag::prefix)) {
    auto entries = TRY(turn.engine.ledger().stream(wanted));
    if (!entries.empty()) return TRY(ExecutionId::parse(wanted));
  }
  return remediation::execution_named(turn.engine.ledger(), wanted);
}

Result<ExecutionId> find_execution(const AwsTurn& turn) {
  auto wanted = turn.text("AutomationExecutionId");
  auto found = TRY(execution_of(turn, wanted));
  if (found) return *found;
  return refuse("AutomationExecutionNotFoundException", "There is no automation execution " + wanted);
}

json::Object tags_of(const json::Value& list) {
  json::Object out;
  for (const auto& tag : json::items(list)) out[json::text(tag, "Key", "")] = json::text(tag, "Value", "");
  return out;
}

bool is_among(const json::Value& values, const std::string& text) {
  auto wanted = json::texts(values);
  return wanted.empty() || std::ranges::find(wanted, text) != wanted.end();
}

// Where Targets come from; TargetMaps say the parameters themselves.
Result<> check_targets(const AwsTurn& turn) {
  const auto& targets = json::items(turn.member("Targets"));
  const auto& locations = json::items(turn.member("TargetLocations"));
  auto has_targets = [](const json::Value& location) { return !json::at(location, "Targets").is_null(); };
  if (!turn.text("TargetParameterName").empty() && targets.empty() && std::ranges::none_of(locations, has_targets))
    return refuse("InvalidTarget", "Targets are required when TargetParameterName is specified.");
  if (targets.empty()) return {};
  if (!turn.member("TargetMaps").is_null())
    return refuse("InvalidTarget", "Targets and TargetMaps cannot be specified together.");
  if (turn.text("TargetParameterName").empty())
    return refuse("InvalidTarget", "TargetParameterName is required when Targets are specified.");
  auto read = runbook::lookup_of(targets);
  return read ? Result<>() : refuse("InvalidTarget", read.error().message);
}

// Accounts are those of the policy, in its regions; units of the organization are asked for when it starts.
Result<> check_locations(const AwsTurn& turn) {
  const auto& policy = turn.engine.policy();
  for (const auto& location : json::items(turn.member("TargetLocations"))) {
    auto accounts = json::texts(json::at(location, "Accounts")), regions = json::texts(json::at(location, "Regions"));
    if (accounts.empty() || regions.empty())
      return refuse("InvalidTarget", "Each of TargetLocations needs Accounts and Regions.");
    for (const auto& account : accounts) {
      if (account.find_first_not_of("0123456789") != std::string::npos) continue;
      const auto* target = policy.target_for(account);
      if (!target && account != turn.signer.account)
        return refuse("InvalidTarget", fmt::format("The account {} is no target of the policy.", account));
      for (const auto& region : regions)
        if (target && !target->regions.empty() && std::ranges::find(target->regions, region) == target->regions.end())
          return refuse("InvalidTarget", fmt::format("The Region {} of the account {} is no target of the policy.",
                                                     region, account));
    }
  }
  return {};
}

Result<> check_start(const AwsTurn& turn) {
  CHECK_OK(check_targets(turn));
  return check_locations(turn);
}

// Whom the credentials do not let act, or who has none, is denied; nobody's mistake here.
bool lacks_permission(const Error& error) {
  bool keys = error.message.find("credentials") != std::string::npos;
  return error.code == Errc::denied || (keys && error.wire_code.empty() && error.code != Errc::invalid);
}

AwsAnswer start_automation(const AwsTurn& turn) {
  CHECK_OK(check_start(turn));
  auto name = turn.text("DocumentName");
  auto missing = [&] {
    return refuse("AutomationDefinitionNotFoundException", "There is no automation document " + name);
  };
  remediation::Manner manner{.interactive = turn.text("Mode") == "Interactive",
                             .version = turn.text("DocumentVersion"),
                             .token = turn.text("ClientToken"),
                             .tags = tags_of(turn.member("Tags"))};
  if (manner.tags.size() > tags_max)
    return refuse("ValidationException", fmt::format("Tags: an execution has {} at most", tags_max));
  for (const auto* member : {"Targets", "TargetMaps", "TargetLocations"})
    if (!turn.member(member).is_null()) manner.for_each = turn.call.input;
  if (const auto& alarms = turn.member("AlarmConfiguration"); !alarms.is_null())
    manner.for_each["AlarmConfiguration"] = alarms;
  auto id = turn.engine.start_runbook(name, json::members(turn.member("Parameters")), turn.signer.account,
                                      turn.call.region, turn.actor(), turn.context, manner);
  if (!id && id.error().wire_code == "IdempotentParameterMismatch")
    return refuse("IdempotentParameterMismatch", id.error().message);
  if (!id && id.error().wire_code == "InvalidDocumentVersion")
    return refuse("AutomationDefinitionVersionNotFoundException", id.error().message);
  if (!id && lacks_permission(id.error())) return refuse("AccessDeniedException", id.error().message);
  if (!id && id.error().code == Errc::not_found) return missing();
  if (!id && id.error().code == Errc::invalid)
    return refuse("InvalidAutomationExecutionParametersException", id.error().message);
  return json::Object{{"AutomationExecutionId", uuid_from(TRY(std::move(id)).str())}};
}

// People are known by their ARNs outside, and so is the engine: by a role.
std::string arn_of_person(const AwsTurn& turn, const std::string& name) {
  if (name.starts_with("arn:")) return name;
  for (const auto& one : turn.engine.policy().principals)
    if (one.name == name && !one.arn.empty()) return one.arn;
  auto kind = name == remediation::engine_name ? "role" : "user";
  return fmt::format("arn:aws:iam::{}:{}/{}", turn.signer.account, kind, name);
}

void name_starter(const AwsTurn& turn, json::Value& told) {
  auto& execution = told.as_object();
  execution["ExecutedBy"] = arn_of_person(turn, json::text(execution, "ExecutedBy"));
}

AwsAnswer get_automation(const AwsTurn& turn) {
  auto id = TRY(find_execution(turn));
  auto execution = TRY(turn.engine.executor().describe(id));
  name_starter(turn, execution);
  return json::Object{{"AutomationExecution", std::move(execution)}};
}

// A remediation whose plan waits for an answer, known in the same way. Its execution begins when enough people agree.
Result<std::optional<RemediationId>> find_asking(const AwsTurn& turn) {
  auto wanted = turn.text("AutomationExecutionId");
  for (const auto& item : TRY(remediation::list_remediations(turn.engine.ledger(), {.status = "awaiting_approval",
                                                                                   .parent = ""}))) {
    auto id = json::text(item, "id", "");
    if (id == wanted || uuid_from(id) == wanted) return TRY(RemediationId::parse(id));
  }
  return std::nullopt;
}

// Bound to the plan that was looked at: its hash stands in the payload, as PlanHash.
AwsAnswer answer_plan(const AwsTurn& turn, const RemediationId& id, const std::string& hash, std::string comment) {
  auto type = turn.text("SignalType");
  if (type != "Approve" && type != "Reject")
    return refuse("InvalidAutomationSignalException", "a plan that waits takes Approve or Reject, not " + type);
  auto told = type == "Approve" ? turn.engine.approve(id, hash, turn.actor(), std::move(comment))
                                : turn.engine.reject(id, hash, turn.actor(), std::move(comment));
  if (!told && told.error().wire_code.empty())
    return refuse(told.error().code == Errc::denied ? "AccessDeniedException" : "InvalidAutomationSignalException",
                  told.error().message);
  CHECK_OK(told);
  return json::Object{};
}

AwsAnswer send_signal(const AwsTurn& turn) {
  const auto& payload = json::members(turn.member("Payload"));
  auto first = [&](std::string_view key) {
    auto list = json::texts(json::at(payload, key));
    return list.empty() ? std::string() : list[0];
  };
  auto comment = first("Comment");  // optional here, where everybody else has to say why
  if (trim(comment).empty() && turn.text("SignalType") == "Reject") comment = "rejected by a signal without a comment";
  if (auto asking = TRY(find_asking(turn))) return answer_plan(turn, *asking, first("PlanHash"), std::move(comment));
  auto id = TRY(find_execution(turn));
  auto sent = turn.engine.signal_execution(id, turn.text("SignalType"), first("StepName"),
                                           turn.actor(), std::move(comment));
  if (!sent && sent.error().wire_code.empty())
    return refuse("InvalidAutomationSignalException", sent.error().message);
  CHECK_OK(sent);
  return json::Object{};
}

AwsAnswer stop_automation(const AwsTurn& turn) {
  auto id = TRY(find_execution(turn));
  auto stopped = turn.engine.stop_execution(id, turn.actor(), "", turn.text("Type") == "Complete");
  if (!stopped && stopped.error().code == Errc::invalid)
    return refuse("InvalidAutomationStatusUpdateException", stopped.error().message);
  if (!stopped) return fail(stopped.error());
  return json::Object{};
}

using Tests = std::vector<std::pair<json::Array, bool (*)(const json::Object&, const json::Array&)>>;

bool is_one_of(const json::Object& execution, std::string_view member, const json::Array& values) {
  return std::ranges::find(values, json::at(execution, member)) != values.end();
}

template <int sign>
bool started(const json::Object& execution, const json::Array& values) {
  auto at = parse_timestamp(json::text(execution, "ExecutionStartTime", ""));
  auto limit = values.empty() ? at : parse_timestamp(json::text(values[0]));
  return at && limit && (sign < 0 ? *at < *limit : *at > *limit);
}

bool has_tag(const json::Object& execution, const json::Array& values) {
  const auto& tags = json::members(json::at(execution, "Tags"));
  return std::ranges::any_of(values, [&](const auto& key) { return tags.contains(json::text(key)); });
}

bool begins_with(const json::Object& execution, const json::Array& values) {
  auto name = json::text(execution, "DocumentName", "");
  return std::ranges::any_of(values, [&](const auto& prefix) { return name.starts_with(json::text(prefix)); });
}

template <const char* const& member>
bool same(const json::Object& execution, const json::Array& values) {
  return is_one_of(execution, member, values);
}

constexpr const char* status_member = "AutomationExecutionStatus";
constexpr const char* id_member = "AutomationExecutionId";
constexpr const char* parent_member = "ParentAutomationExecutionId";
constexpr const char* action_member = "CurrentAction";
constexpr const char* type_member = "AutomationType";

// Those that AWS knows and no execution of ours can meet are refused, so that nobody takes all for some.
Result<Tests> tests_of(const json::Value& filters) {
  using Test = bool (*)(const json::Object&, const json::Array&);
  constexpr std::array<std::pair<std::string_view, Test>, 9> known{{
      {"DocumentNamePrefix", begins_with},
      {"ExecutionStatus", same<status_member>},
      {"ExecutionId", same<id_member>},
      {"ParentExecutionId", same<parent_member>},
      {"CurrentAction", same<action_member>},
      {"AutomationType", same<type_member>},
      {"StartTimeBefore", started<-1>},
      {"StartTimeAfter", started<1>},
      {"TagKey", has_tag},
  }};
  Tests out;
  for (const auto& filter : json::items(filters)) {
    auto key = json::text(filter, "Key", "");
    auto found = std::ranges::find(known, key, [](const auto& one) { return std::string(one.first); });
    if (found == known.end()) return refuse("InvalidFilterKey", "The specified filter key is not valid: " + key);
    out.emplace_back(json::items(json::at(filter, "Values")), found->second);
  }
  return out;
}

// The parent that a filter names: its children are looked for, and no others.
Result<std::string> parent_wanted(const AwsTurn& turn) {
  for (const auto& filter : json::items(turn.member("Filters"))) {
    auto values = json::texts(json::at(filter, "Values"));
    if (json::text(filter, "Key", "") != "ParentExecutionId" || values.size() != 1) continue;
    auto parent = TRY(execution_of(turn, values[0]));
    if (parent) return parent->str();
  }
  return std::string();
}

json::Object told_of(const json::Value& item, const json::Value& whole) {
  json::Object one{{"AutomationExecutionId", uuid_from(json::text(item, "id", ""))},
                   {"DocumentName", json::at(item, "document")},
                   {"AutomationExecutionStatus", json::at(item, "status")},
                   {"AutomationType", "Local"}};
  for (const auto* member :
       {"DocumentVersion", "ExecutionStartTime", "ExecutionEndTime", "ExecutedBy", "Outputs", "Mode",
        "ParentAutomationExecutionId", "CurrentStepName", "CurrentAction", "FailureMessage", "TargetParameterName",
        "Targets", "TargetMaps", "ResolvedTargets", "MaxConcurrency", "MaxErrors", "Target", "AutomationType",
        "AlarmConfiguration", "TriggeredAlarms", "Tags"})
    if (const auto& value = json::at(whole, member); !value.is_null()) one[member] = value;
  return one;
}

// Newest first. Where nothing is filtered, only what is shown is read as a whole.
AwsAnswer describe_automations(const AwsTurn& turn) {
  auto tests = TRY(tests_of(turn.member("Filters")));
  auto& executor = turn.engine.executor();
  auto whole_of = [&](const json::Value& item) -> Result<json::Object> {
    auto whole = TRY(executor.describe(TRY(ExecutionId::parse(json::text(item, "id", "")))));
    name_starter(turn, whole);
    return told_of(item, whole);
  };
  auto parent = TRY(parent_wanted(turn));
  json::Array all;
  for (const auto& item : TRY(remediation::list_executions(turn.engine.ledger(), {}))) {
    if (!parent.empty() && json::text(item, "parent", "") != parent) continue;
    if (tests.empty()) {
      all.push_back(item);
      continue;
    }
    auto one = TRY(whole_of(item));
    bool fits = std::ranges::all_of(tests, [&](const auto& test) { return test.second(one, test.first); });
    if (fits) all.push_back(item);
  }
  constexpr const char* list = "AutomationExecutionMetadataList";
  auto page = TRY(page_of(turn, list, std::move(all), "MaxResults", "NextToken"));
  for (auto& shown : page[list].as_array()) {
    auto one = TRY(whole_of(shown));
    one.erase("Tags");
    shown = std::move(one);
  }
  return page;
}

// What a step execution tells under a filter's key; nothing: there is no such key.
std::optional<std::string> told_under(const json::Value& step, std::string_view key) {
  const auto& parent = json::at(step, "ParentStepDetails");
  if (key == "StepExecutionStatus") return json::text(step, "StepStatus", "");
  if (key == "ParentStepExecutionId") return json::text(parent, "StepExecutionId", "");
  if (key == "ParentStepIteration") return json::scalar_text(json::at(parent, "Iteration"));
  if (key == "ParentStepIteratorValue") return json::text(parent, "IteratorValue", "");
  constexpr std::array plain{"StepName", "StepExecutionId", "Action"};
  if (std::ranges::find(plain, key) != plain.end()) return json::text(step, key, "");
  return std::nullopt;
}

Result<bool> fits_step(const json::Value& step, const json::Value& filter) {
  auto key = json::text(filter, "Key", "");
  const auto& values = json::at(filter, "Values");
  if (key.starts_with("StartTime")) {
    json::Object begun{{"ExecutionStartTime", json::at(step, "ExecutionStartTime")}};
    if (key == "StartTimeBefore") return started<-1>(begun, json::items(values));
    if (key == "StartTimeAfter") return started<1>(begun, json::items(values));
  }
  auto told = told_under(step, key);
  if (!told) return refuse("InvalidFilterKey", "The specified filter key is not valid: " + key);
  return is_among(values, *told);
}

AwsAnswer describe_steps(const AwsTurn& turn) {
  auto id = TRY(find_execution(turn));
  auto whole = TRY(turn.engine.executor().describe(id));
  json::Array all;
  for (const auto& step : json::items(json::at(whole, "StepExecutions"))) {
    bool fit = true;
    for (const auto& filter : json::items(turn.member("Filters"))) {
      auto fits = TRY(fits_step(step, filter));
      fit = fit && fits;
    }
    if (fit) all.push_back(step);
  }
  if (json::truth(turn.member("ReverseOrder"))) std::ranges::reverse(all);
  return page_of(turn, "StepExecutions", std::move(all), "MaxResults", "NextToken");
}

constexpr std::array automation_operations{
    OwnOperation{"ssm", "StartAutomationExecution", start_automation},
    OwnOperation{"ssm", "GetAutomationExecution", get_automation},
    OwnOperation{"ssm", "DescribeAutomationExecutions", describe_automations},
    OwnOperation{"ssm", "DescribeAutomationStepExecutions", describe_steps},
    OwnOperation{"ssm", "SendAutomationSignal", send_signal},
    OwnOperation{"ssm", "StopAutomationExecution", stop_automation},
};

}  // namespace

AwsAnswer automation_tags(const AwsTurn& turn) {
  auto id = TRY(execution_of(turn, turn.text("ResourceId")));
  if (!id) return refuse("InvalidResourceId", "The resource ID is not valid: " + turn.text("ResourceId"));
  auto whole = TRY(turn.engine.executor().describe(*id));
  json::Array tags;
  for (const auto& [key, value] : json::members(json::at(whole, "Tags")))
    tags.push_back(json::Object{{"Key", key}, {"Value", value}});
  return json::Object{{"TagList", std::move(tags)}};
}

std::span<const OwnOperation> own_automation() { return automation_operations; }

}  // namespace aright::server
