// An execution as GetAutomationExecution tells it.

#include <algorithm>

#include "runbook/machine_impl.h"
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

// Where the author sends it on success; a step that just follows in the list is not named.
json::Array next_steps(const Step& step) {
  json::Array names;
  for (const auto& choice : json::items(json::at(step.inputs, "Choices")))
    names.push_back(json::at(choice, "NextStep"));
  if (step.inputs.contains("Default")) names.push_back(json::at(step.inputs, "Default"));
  if (!step.next.empty()) names.push_back(json::Value(step.next));
  return names;
}

// Told apart by where they happened, as Systems Manager does.
std::string failure_message(const Fault& fault) {
  if (fault.stage == "InputValidation") {
    return "Step fails when it is validating and resolving the step inputs. " + fault.message;
  }
  if (fault.timed_out) return "Step timed out while it was executing. " + fault.message;
  return "Step fails when it is Execute/Cancelling action. " + fault.message;
}

}  // namespace

json::Object Machine::Impl::report_step(const Record& record) const {
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
  told["ValidNextSteps"] = next_steps(step);
  if (record.id.empty()) return told;
  told["StepExecutionId"] = record.id;
  told["ExecutionStartTime"] = record.began.iso();
  if (record.over) told["ExecutionEndTime"] = record.over->iso();
  told["Inputs"] = printed(record.inputs);
  told["Outputs"] = texts_of(record.outputs);
  if (!record.response_code.empty()) told["ResponseCode"] = record.response_code;
  if (record.fault) {
    told["FailureMessage"] = failure_message(*record.fault);
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
                    {"ExecutionStartTime", start.at.iso()},
                    {"ExecutedBy", start.executed_by},
                    {"Mode", start.interactive ? "Interactive" : "Auto"},
                    {"Parameters", texts_of(start.parameters)},
                    {"Outputs", report_outputs()},
                    {"Variables", texts_of(variables)},
                    {"StepExecutionsTruncated", false}};
  for (const auto& [member, value] : start.about) told[member] = value;
  told["AutomationExecutionStatus"] = name(status());
  if (over) told["ExecutionEndTime"] = over->iso();
  if (!start.parent.empty()) told["ParentAutomationExecutionId"] = start.parent;
  if (final_status && !failure.empty()) told["FailureMessage"] = failure;
  if (attempt && !final_status) {
    told["CurrentStepName"] = attempt->step->name;
    told["CurrentAction"] = attempt->step->action;
  }
  json::Array steps;
  for (const auto& record : records)
    steps.push_back(report_step(record));
  for (const auto& step : document->steps()) {
    auto ran = [&](const Record& record) { return record.step == &step; };
    if (std::ranges::none_of(records, ran)) {
      steps.push_back(report_step({.step = &step, .status = Status::pending}));
    }
  }
  told["StepExecutions"] = std::move(steps);
  return told;
}

}  // namespace aright::runbook
