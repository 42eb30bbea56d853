// Executions of state machines, as far as they can be told without running any.
#include "sandbox/emulate.h"
#include "sandbox/hook.h"

namespace aright::sandbox::stepfunctions_hooks {

namespace {

constexpr const char* machine_type = "AWS::StepFunctions::StateMachine";
constexpr const char* execution_type = "AWS::StepFunctions::Execution";
constexpr auto running = std::chrono::seconds(5);

Result<json::Object> start_execution(Scene& scene) {
  auto machine = scene.text("stateMachineArn");
  (void)TRY(scene.need(machine_type, machine));
  auto input = scene.text("input", "{}");
  if (!json::parse(input)) return fail(scene.error("InvalidExecutionInput"));
  auto name = scene.text("name");
  if (name.empty()) name = scene.ids.uuid();
  auto id = machine;
  id.replace(id.find(":stateMachine:"), 14, ":execution:");
  auto* execution = TRY(scene.create(execution_type, fmt::format("{}:{}", id, name)));
  execution->record["input"] = input;
  execution->record["output"] = input;
  execution->set("Status", "RUNNING");
  execution->coming["Status"] = {.to = "SUCCEEDED", .due = scene.now + running};
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
