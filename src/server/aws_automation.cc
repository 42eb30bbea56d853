// Automation executions: started, stopped, signalled and told as Systems Manager does.

#include <algorithm>
#include <array>

#include "base/id.h"
#include "remediation/projection.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

// Executions are known outside by the UUID that AWS would give them.
Result<ExecutionId> find_execution(const AwsTurn& turn) {
  auto wanted = turn.text("AutomationExecutionId");
  auto list = TRY(remediation::list_executions(turn.engine.ledger(), {}));
  for (const auto& item : list) {
    auto id = json::text(item, "id", "");
    if (id == wanted || uuid_from(id) == wanted) return ExecutionId::parse(id);
  }
  return refuse("AutomationExecutionNotFoundException", "There is no automation execution " + wanted);
}

AwsAnswer start_automation(const AwsTurn& turn) {
  auto name = turn.text("DocumentName");
  auto missing = [&] {
    return refuse("AutomationDefinitionNotFoundException", "There is no automation document " + name);
  };
  json::Object for_each;
  for (const auto* member : {"Targets", "TargetMaps", "TargetLocations"})
    if (!turn.member(member).is_null()) for_each = turn.call.input;
  auto id = turn.engine.start_runbook(name, json::members(turn.member("Parameters")), turn.signer.account,
                                      turn.call.region, turn.actor(), turn.context, for_each,
                                      turn.text("Mode") == "Interactive");
  if (!id && id.error().code == Errc::not_found) return missing();
  if (!id && id.error().code == Errc::invalid)
    return refuse("InvalidAutomationExecutionParametersException", id.error().message);
  return json::Object{{"AutomationExecutionId", uuid_from(TRY(std::move(id)).str())}};
}

AwsAnswer get_automation(const AwsTurn& turn) {
  auto id = TRY(find_execution(turn));
  auto execution = TRY(turn.engine.executor().describe(id));
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
  if (auto asking = TRY(find_asking(turn))) return answer_plan(turn, *asking, first("PlanHash"), first("Comment"));
  auto id = TRY(find_execution(turn));
  auto sent = turn.engine.signal_execution(id, turn.text("SignalType"), first("StepName"),
                                           turn.actor(), first("Comment"));
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

bool is_among(const json::Value& values, const std::string& text) {
  auto wanted = json::texts(values);
  return wanted.empty() || std::ranges::find(wanted, text) != wanted.end();
}

// Filters by what every execution tells; others are refused, so that nobody takes all for some.
Result<bool> passes(const json::Value& execution, const json::Value& filters) {
  constexpr std::array known{std::pair{"DocumentNamePrefix", "DocumentName"},
                             std::pair{"ExecutionStatus", "AutomationExecutionStatus"},
                             std::pair{"ExecutionId", "AutomationExecutionId"}};
  for (const auto& filter : json::items(filters)) {
    auto key = json::text(filter, "Key", "");
    auto found = std::ranges::find(known, key, [](const auto& one) { return std::string(one.first); });
    if (found == known.end()) return refuse("InvalidFilterKey", "The specified filter key is not valid: " + key);
    auto text = json::text(execution, found->second, "");
    bool prefix = key == "DocumentNamePrefix";
    auto values = json::texts(json::at(filter, "Values"));
    bool fit = prefix ? std::ranges::any_of(values, [&](const auto& one) { return text.starts_with(one); })
                      : is_among(json::at(filter, "Values"), text);
    if (!fit) return false;
  }
  return true;
}

AwsAnswer describe_automations(const AwsTurn& turn) {
  json::Array all;
  for (const auto& item : TRY(remediation::list_executions(turn.engine.ledger(), {}))) {
    json::Object one{{"AutomationExecutionId", uuid_from(json::text(item, "id", ""))},
                     {"DocumentName", json::at(item, "document")},
                     {"AutomationExecutionStatus", json::at(item, "status")},
                     {"id", json::at(item, "id")}};
    auto fit = TRY(passes(one, turn.member("Filters")));
    if (fit) all.push_back(std::move(one));
  }
  constexpr const char* list = "AutomationExecutionMetadataList";
  auto page = TRY(page_of(turn, list, std::move(all), "MaxResults", "NextToken"));
  // Only what is shown is read as a whole.
  for (auto& shown : page[list].as_array()) {
    auto& one = shown.as_object();
    auto whole = TRY(turn.engine.executor().describe(TRY(ExecutionId::parse(json::text(shown, "id", "")))));
    one.erase("id");
    for (const auto* member : {"DocumentVersion", "ExecutionStartTime", "ExecutionEndTime", "ExecutedBy", "Outputs",
                               "Mode", "ParentAutomationExecutionId", "CurrentStepName", "CurrentAction",
                               "FailureMessage", "Targets", "MaxConcurrency", "MaxErrors", "Target", "AutomationType"})
      if (const auto& value = json::at(whole, member); !value.is_null()) one[member] = value;
  }
  return page;
}

AwsAnswer describe_steps(const AwsTurn& turn) {
  auto id = TRY(find_execution(turn));
  auto whole = TRY(turn.engine.executor().describe(id));
  json::Array all;
  for (const auto& step : json::items(json::at(whole, "StepExecutions"))) {
    bool fit = true;
    for (const auto& filter : json::items(turn.member("Filters"))) {
      auto key = json::text(filter, "Key", "");
      constexpr std::array known{"StepName", "StepExecutionStatus", "StepExecutionId", "Action"};
      if (std::ranges::find(known, key) == known.end())
        return refuse("InvalidFilterKey", "The specified filter key is not valid: " + key);
      auto member = key == "StepExecutionStatus" ? std::string("StepStatus") : key;
      fit = fit && is_among(json::at(filter, "Values"), json::text(step, member, ""));
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

std::span<const OwnOperation> own_automation() { return automation_operations; }

}  // namespace aright::server
