// An execution as GetAutomationExecution tells it.

#include <algorithm>

#include "runbook/flow.h"
#include "runbook/machine_impl.h"
#include "runbook/references.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

constexpr std::string_view no_output =
    "No output available yet because the step is not successfully executed";

json::Object texts_of(const json::Object& values) {
  json::Object map;
  for (const auto& [key, value] : values) {
    if (value.is_null()) continue;
    auto texts = wire_texts(value);
    for (auto& text : texts) {
      auto& string = text.get_string();
      if (string.size() > output_text_bytes_max) string.resize(output_text_bytes_max);
    }
    map[key] = std::move(texts);
  }
  return map;
}

json::Object printed(const json::Object& inputs) {
  json::Object map;
  for (const auto& [key, value] : inputs)
    map[key] = json::print(value);
  return map;
}

// Where each step may lead: once each, and to what follows a failure last.
void collect_next_steps(const std::vector<Stop>& stops, NextSteps& out) {
  for (const auto& stop : stops) {
    auto& names = out[stop.step];
    auto add = [&](const Way& way) {
      if (!way.to.empty() && references(way.to).empty() && std::ranges::find(names, json::Value(way.to)) == names.end())
        names.push_back(json::Value(way.to));
    };
    for (const auto& way : stop.ways)
      if (way.kind != Way::Kind::failure && way.kind != Way::Kind::cancel) add(way);
    for (const auto& way : stop.ways)
      if (way.kind == Way::Kind::failure) add(way);
    collect_next_steps(stop.inner, out);
  }
}

// Its name, where it is an alarm that stopped an execution.
std::string alarm_named_by(const std::string& principal) {
  constexpr std::string_view mark = ":alarm:";
  auto at = principal.find(mark);
  const bool alarm = principal.starts_with("arn:") && principal.contains(":cloudwatch:") && at != std::string::npos;
  return alarm ? principal.substr(at + mark.size()) : "";
}

}  // namespace

// Told apart by where they happened, as Systems Manager does.
std::string failure_message(const Step& step, const Fault& fault) {
  const auto* rule = action_rule(step.action);
  std::string_view phase = rule ? rule->phase : ActionRule{}.phase;
  if (fault.stage == "InputValidation") phase = "validating and resolving the step inputs";
  return fmt::format("Step {} {}. {}{} Please refer to Automation Service Troubleshooting Guide for more diagnosis "
                     "details.",
                     fault.timed_out ? "timed out while step is" : "fails when it is", phase, fault.message,
                     fault.message.ends_with('.') ? "" : ".");
}

json::Object Machine::Impl::report_step(const Record& record, const NextSteps& next_steps) const {
  const Step& step = *record.step;
  json::Object told{{"StepName", step.name},
                    {"Action", step.action},
                    {"OnFailure", step.on_failure},
                    {"MaxAttempts", step.attempts_max},
                    {"IsCritical", step.critical.value_or(step.on_failure != "Continue")},
                    {"IsEnd", step.end},
                    {"StepStatus", name(record.status)}};
  if (step.timeout_seconds) told["TimeoutSeconds"] = json::integer(*step.timeout_seconds);
  if (!step.next.empty()) told["NextStep"] = step.next;
  if (auto known = next_steps.find(&step); known != next_steps.end()) told["ValidNextSteps"] = known->second;
  if (record.id.empty()) return told;
  told["StepExecutionId"] = record.id;
  told["ExecutionStartTime"] = record.began.iso();
  if (record.over) told["ExecutionEndTime"] = record.over->iso();
  told["Inputs"] = printed(record.inputs);
  told["Outputs"] = texts_of(record.outputs);
  if (!record.response_code.empty()) told["ResponseCode"] = record.response_code;
  if (record.fault) {
    told["FailureMessage"] = failure_message(step, *record.fault);
    told["FailureDetails"] =
        json::Object{{"FailureStage", record.fault->stage},
                     {"FailureType", record.fault->type},
                     {"Details", json::Object{{"Message", json::Array{record.fault->message}}}}};
  }
  if (record.parent) {
    const auto& parent = records[*record.parent];
    json::Object details{{"StepExecutionId", parent.id},
                         {"StepName", parent.step->name},
                         {"Action", parent.step->action},
                         {"Iteration", record.iteration}};
    if (!record.iterator.is_null()) details["IteratorValue"] = json::scalar_text(record.iterator);
    told["ParentStepDetails"] = std::move(details);
  }
  return told;
}

json::Object Machine::Impl::report_outputs() const {
  json::Object told;
  for (const auto& output : document->outputs()) {
    auto parts = step_output(output);
    auto ran = parts ? outputs.find(parts->step) : outputs.end();
    const auto& value = ran == outputs.end() ? json::Value() : json::at(ran->second, parts->output);
    told[output] = value.is_null() ? json::Array{json::Value(no_output)} : wire_texts(value);
  }
  return told;
}

json::Object Machine::Impl::report() const {
  json::Object told{{"AutomationExecutionId", start.execution_id},
                    {"DocumentName", document->name()},
                    {"DocumentVersion", "1"},
                    {"ExecutionStartTime", start.at.iso()},
                    {"ExecutedBy", start.executed_by},
                    {"Mode", start.interactive ? "Interactive" : "Auto"},
                    {"AutomationType", "Local"},
                    {"Parameters", texts_of(start.parameters)},
                    {"Outputs", report_outputs()},
                    {"Variables", texts_of(variables)},
                    {"StepExecutionsTruncated", false}};
  for (const auto& [member, value] : start.about) told[member] = value;
  told.erase("ExecutionRoleName");  // who it runs as, which Systems Manager tells of its locations alone
  told["AutomationExecutionStatus"] = name(status());
  if (auto alarm = alarm_named_by(stop.principal); !alarm.empty())
    told["TriggeredAlarms"] = json::Array{json::Object{{"Name", alarm}, {"State", stop.reason}}};
  if (over) told["ExecutionEndTime"] = over->iso();
  if (!start.parent.empty()) told["ParentAutomationExecutionId"] = start.parent;
  if (final_status && !failure.empty()) told["FailureMessage"] = told_failure.empty() ? failure : told_failure;
  if (attempt && !final_status) {
    told["CurrentStepName"] = attempt->step->name;
    told["CurrentAction"] = attempt->step->action;
  }
  json::Array steps;
  NextSteps next_steps;
  collect_next_steps(flow_of(*document), next_steps);
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto record = records[i];
    const bool under_way = attempt && !final_status && attempt->record == i && attempt->number > 0;
    if (under_way && attempt->action) record.outputs = attempt->action->outputs();
    steps.push_back(report_step(record, next_steps));
  }
  for (const auto& step : document->steps()) {
    auto ran = [&](const Record& record) { return record.step == &step; };
    if (std::ranges::none_of(records, ran)) {
      steps.push_back(report_step({.step = &step, .status = Status::pending}, next_steps));
    }
  }
  told["StepExecutions"] = std::move(steps);
  return told;
}

}  // namespace aright::runbook
