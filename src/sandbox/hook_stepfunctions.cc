// Executions of state machines, as far as they can be told without doing any work: see states.h. One that does some
// succeeds, and its output is its input.
#include "sandbox/emulate.h"
#include "sandbox/hook.h"
#include "sandbox/states.h"

namespace aright::sandbox::stepfunctions_hooks {

namespace {

constexpr const char* machine_type = "AWS::StepFunctions::StateMachine";
constexpr const char* execution_type = "AWS::StepFunctions::Execution";
constexpr auto running = std::chrono::seconds(5);

Result<json::Object> start_execution(Scene& scene) {
  auto machine = scene.text("stateMachineArn");
  const auto* made = TRY(scene.need(machine_type, machine));
  auto definition = json::parse(json::text(made->aspect("DefinitionString")));
  auto input = scene.text("input", "{}");
  auto given = json::parse(input);
  if (!given) return fail(scene.error("InvalidExecutionInput"));
  auto name = scene.text("name");
  if (name.empty()) name = scene.ids.uuid();
  auto id = machine;
  id.replace(id.find(":stateMachine:"), 14, ":execution:");
  auto* execution = TRY(scene.create(execution_type, fmt::format("{}:{}", id, name)));
  execution->record["input"] = input;
  auto end = definition ? run_states(*definition, std::move(*given)) : std::nullopt;
  bool failed = end && end->failed;
  if (failed) {
    execution->record["error"] = end->error;
    execution->record["cause"] = end->cause;
  } else {
    execution->record["output"] = end ? json::print(end->output) : input;
  }
  execution->set("Status", "RUNNING");
  execution->coming["Status"] = {.to = failed ? "FAILED" : "SUCCEEDED", .due = scene.now + running};
  return json::Object{{"executionArn", execution->ref.id}, {"startDate", scene.now.iso()}};
}

Result<> check_definition(Scene& scene) {
  auto text = scene.text("definition");
  if (text.empty()) return {};
  auto definition = json::parse(text);
  bool whole = definition && json::at(*definition, "StartAt").is_string() &&
               json::at(*definition, "States").is_object();
  return whole ? Result<>() : fail(scene.error("InvalidDefinition"));
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("stepfunctions:StartExecution", start_execution);
  hooks.check("stepfunctions:CreateStateMachine", check_definition);
  hooks.check("stepfunctions:UpdateStateMachine", check_definition);
}

}  // namespace aright::sandbox::stepfunctions_hooks
