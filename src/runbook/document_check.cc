#include "runbook/document_check.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "base/clock.h"
#include "json/diff.h"
#include "json/path.h"
#include "runbook/action_table.h"
#include "runbook/branch.h"
#include "runbook/document_reach.h"
#include "runbook/duration.h"
#include "runbook/names.h"
#include "runbook/references.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

// What maintenance windows fill in, and only commands see.
constexpr std::array<std::string_view, 4> pseudo_parameters = {"RESOURCE_ID", "TARGET_ID",
                                                               "WINDOW_ID", "WINDOW_TASK_ID"};
const std::vector<std::string> globals = {"global:ACCOUNT_ID",    "global:REGION",
                                          "global:AWS_PARTITION", "global:DATE",
                                          "global:DATE_TIME",     "automation:EXECUTION_ID"};

class Check {
 public:
  Check(const Document& document, Diagnostics& diagnostics)
      : document_(document), diagnostics_(diagnostics) {}

  void all() {
    collect(document_.steps());
    for (const auto& parameter : document_.parameters())
      references_.push_back(parameter.name);
    for (const auto& variable : document_.variables())
      references_.push_back("variable:" + variable.name);
    references_.insert(references_.end(), globals.begin(), globals.end());
    known_.insert(references_.begin(), references_.end());
    check_texts(json::Value(document_.assume_role()), "/assumeRole", nullptr);
    check_list(document_.steps(), {});
    check_outputs();
    if (diagnostics_.has_errors()) return;
    for (const auto* step : unreachable_steps(document_)) {
      diagnostics_.warning(step->pointer + "/name", fmt::format("nothing leads to {}", step->name),
                           "name it in a nextStep, or remove it");
    }
  }

 private:
  using Names = std::set<std::string>;

  void collect(const std::vector<Step>& steps) {
    for (const auto& step : steps) {
      if (!step.name.empty() && !steps_.emplace(step.name, &step).second) {
        diagnostics_.error(step.pointer + "/name", fmt::format("two steps are named {}", step.name),
                           "give each its own name");
      }
      collect_outputs(step);
      collect(step.steps);
    }
  }

  void collect_outputs(const Step& step) {
    if (const auto* rule = action_rule(step.action)) {
      for (const auto& output : rule->outputs)
        references_.push_back(step.name + "." + output);
    }
    for (const auto& output : step.outputs)
      references_.push_back(step.name + "." + output.name);
  }

  // `outer`: the steps of the lists around this one, which a step may also go to.
  void check_list(const std::vector<Step>& steps, const Names& outer) {
    Names reachable = outer;
    for (const auto& step : steps)
      if (!step.name.empty()) reachable.insert(step.name);
    for (const auto& step : steps) {
      check_action(step);
      check_flow(step, reachable);
      check_step_outputs(step);
      if (!step.steps.empty()) check_list(step.steps, reachable);
    }
  }

  void check_action(const Step& step) {
    if (step.action.empty()) return;
    const auto* rule = action_rule(step.action);
    if (!rule) {
      std::vector<std::string> known;
      for (const auto& each : action_rules())
        known.emplace_back(each.name);
      diagnostics_.error(step.pointer + "/action", fmt::format("{} is no action", step.action),
                         hint(step.action, known));
      return;
    }
    check_inputs(step, *rule);
    for (const auto& [key, value] : step.inputs)
      check_texts(value, input(step, key), &step, key == "Script");
    if (step.timeout_seconds)
      check_texts(*step.timeout_seconds, step.pointer + "/timeoutSeconds", &step);
    if (step.action == "aws:branch") check_branch(step);
    if (step.action == "aws:loop") check_loop(step);
    if (step.action == "aws:executeScript") check_script(step);
    if (step.action == "aws:sleep" &&
        step.inputs.contains("Duration") == step.inputs.contains("Timestamp")) {
      diagnostics_.error(step.pointer, "aws:sleep takes either a Duration or a Timestamp",
                         "write Duration: PT10M, or Timestamp: \"2030-01-01T00:00:00Z\"");
    }
    if (step.action == "aws:sleep") check_sleep(step);
    if (step.action == "aws:updateVariable") check_variable(step);
  }

  void check_inputs(const Step& step, const ActionRule& rule) {
    for (const auto& name : rule.required) {
      const bool there = name == "Steps" ? !step.steps.empty() : step.inputs.contains(name);
      if (!there) {
        diagnostics_.error(step.pointer, fmt::format("{} needs the input {}", step.action, name),
                           fmt::format("write it below inputs: {}: …", name));
      }
    }
    if (rule.open) return;
    auto known = rule.required;
    known.insert(known.end(), rule.optional.begin(), rule.optional.end());
    for (const auto& [key, value] : step.inputs) {
      std::string name(key);
      if (std::ranges::find(known, name) != known.end()) continue;
      diagnostics_.error(input(step, name), fmt::format("{} takes no input {}", step.action, name),
                         hint(name, known, "remove it, or " + one_of(known)));
    }
  }

  void check_flow(const Step& step, const Names& reachable) {
    check_target(step.next, step.pointer + "/nextStep", reachable);
    if (step.on_failure.starts_with("step:")) {
      check_target(step.on_failure.substr(5), step.pointer + "/onFailure", reachable);
    }
    if (step.end && !step.next.empty()) {
      diagnostics_.error(step.pointer + "/isEnd", "a step with isEnd: true has no nextStep",
                         "remove one of them");
    }
    if (step.action == "aws:branch") {
      check_target(json::text(step.inputs, "Default"), input(step, "Default"), reachable);
      std::size_t index = 0;
      for (const auto& choice : json::items(json::at(step.inputs, "Choices"))) {
        check_target(json::text(json::members(choice), "NextStep"),
                     fmt::format("{}/{}/NextStep", input(step, "Choices"), index++), reachable);
      }
    }
    check_cancel(step, reachable);
  }

  void check_cancel(const Step& step, const Names& reachable) {
    if (!step.on_cancel.starts_with("step:")) return;
    auto pointer = step.pointer + "/onCancel";
    if (step.action == "aws:loop" || step.action == "aws:updateVariable") {
      diagnostics_.error(pointer, fmt::format("{} has no onCancel", step.action), "remove it");
      return;
    }
    auto name = step.on_cancel.substr(5);
    check_target(name, pointer, reachable);
    auto found = steps_.find(name);
    const auto* rule = found == steps_.end() ? nullptr : action_rule(found->second->action);
    if (rule && !rule->after_cancel) {
      diagnostics_.error(pointer,
                         fmt::format("onCancel cannot lead to {}, a step of {}", name, rule->name),
                         "let it lead to a step that takes back or tells, such as one of aws:executeAwsApi");
    }
  }

  void check_target(const std::string& name, const std::string& pointer, const Names& reachable) {
    if (name.empty() || reachable.contains(name) || !references(name).empty()) return;
    std::vector<std::string> known(reachable.begin(), reachable.end());
    auto what = steps_.contains(name) ? fmt::format("the step {} stands inside a loop", name)
                                      : fmt::format("there is no step {}", name);
    diagnostics_.error(pointer, what, hint(name, known));
  }

  void check_step_outputs(const Step& step) {
    const auto* rule = action_rule(step.action);
    if (rule && !step.outputs.empty() && !rule->declares_outputs) {
      diagnostics_.warning(step.pointer + "/outputs",
                           fmt::format("{} has no outputs of the author's own", step.action),
                           "remove them");
    }
    Names seen;
    std::size_t index = 0;
    for (const auto& output : step.outputs) {
      auto pointer = fmt::format("{}/outputs/{}", step.pointer, index++);
      if (!seen.insert(output.name).second) {
        diagnostics_.error(pointer, fmt::format("two outputs are named {}", output.name), "give each its own name");
      }
      const bool built_in =
          rule && std::ranges::find(rule->outputs, output.name) != rule->outputs.end();
      if (output.selector.empty()) {
        if (!built_in)
          diagnostics_.error(pointer, fmt::format("the output {} needs a Selector", output.name),
                             "write Selector: $.Member, the place in the answer");
      } else if (auto path = json::Path::parse(output.selector); !path) {
        diagnostics_.error(pointer + "/Selector", path.error().message,
                           "write a JSONPath from the answer's root, as $.Reservations[0].Instances[*].InstanceId");
      }
    }
  }

  void check_branch(const Step& step) {
    const auto& choices = json::at(step.inputs, "Choices");
    if (json::items(choices).empty()) {
      diagnostics_.error(input(step, "Choices"), "Choices is a list with at least one choice",
                         "write Choices: [{NextStep: Stop, Variable: \"{{ Look.State }}\", StringEquals: running}]");
    }
    std::size_t index = 0;
    for (const auto& choice : json::items(choices)) {
      auto pointer = fmt::format("{}/{}", input(step, "Choices"), index++);
      if (json::text(json::members(choice), "NextStep").empty()) {
        diagnostics_.error(pointer, "a choice needs a NextStep", "write NextStep: <the step that it leads to>");
      }
      condition(choice, pointer);
    }
  }

  void check_loop(const Step& step) {
    const bool each = step.inputs.contains("Iterators");
    const bool until = step.inputs.contains("LoopCondition");
    if (each == until) {
      diagnostics_.error(step.pointer, "aws:loop takes either Iterators or a LoopCondition",
                         "write Iterators: \"{{ Ids }}\", or a LoopCondition with MaxIterations");
    }
    if (until) condition(json::at(step.inputs, "LoopCondition"), input(step, "LoopCondition"));
    auto type = json::text(step.inputs, "IteratorDataType", "String");
    if (type != "Boolean" && type != "Integer" && type != "String" && type != "StringMap") {
      diagnostics_.error(input(step, "IteratorDataType"),
                         fmt::format("{} is no type of an iterator", type),
                         "write Boolean, Integer, String or StringMap");
    }
  }

  void condition(const json::Value& value, const std::string& pointer) {
    check_condition(value, [&](const std::string& inner, std::string what, std::string mend) {
      diagnostics_.error(pointer + inner, std::move(what), std::move(mend));
    });
  }

  void check_script(const Step& step) {
    if (!step.inputs.contains("Script") && !step.inputs.contains("Attachment")) {
      diagnostics_.error(step.pointer, "aws:executeScript needs a Script, an Attachment or both",
                         "write the code under Script: |, or name a file of files as Attachment");
    }
    auto runtime = json::text(step.inputs, "Runtime");
    check_runtime(runtime, input(step, "Runtime"));
    if (runtime.starts_with("python") && !step.inputs.contains("Handler")) {
      diagnostics_.error(step.pointer, "a Python script needs a Handler",
                         "name the function to call");
    }
    auto attachment = json::text(step.inputs, "Attachment");
    if (!attachment.empty() && references(attachment).empty() &&
        !document_.files().contains(attachment)) {
      diagnostics_.warning(input(step, "Attachment"),
                           fmt::format("{} stands not under files", attachment),
                           "declare it there with its checksum");
    }
  }

  void check_variable(const Step& step) {
    auto name = json::text(step.inputs, "Name");
    if (known_.contains(name) && name.starts_with("variable:")) return;
    diagnostics_.error(input(step, "Name"), fmt::format("{} is no variable", name),
                       hint(name, variables(), "declare it under variables, and write variable:<name>"));
  }

  std::vector<std::string> variables() const {
    std::vector<std::string> names;
    for (const auto& variable : document_.variables()) names.push_back("variable:" + variable.name);
    return names;
  }

  void check_sleep(const Step& step) {
    auto duration = json::text(step.inputs, "Duration"), until = json::text(step.inputs, "Timestamp");
    if (!duration.empty() && references(duration).empty())
      if (auto parsed = parse_duration(duration); !parsed)
        diagnostics_.error(input(step, "Duration"), parsed.error().message,
                           "write P, and T before hours, minutes and seconds: PT10M is ten "
                           "minutes, P1DT2H a day and two "
                           "hours");
    if (!until.empty() && references(until).empty() && !parse_timestamp(until))
      diagnostics_.error(input(step, "Timestamp"), fmt::format("'{}' is no ISO 8601 timestamp", until),
                         "write Timestamp: \"2030-01-01T00:00:00Z\"");
  }

  // A document of another runtime is one all the same, and fails where it comes to the step.
  void check_runtime(const std::string& runtime, const std::string& pointer) {
    if (runtime.empty() || runtime.starts_with("python3") || !references(runtime).empty()) return;
    if (runtime.starts_with("PowerShell"))
      diagnostics_.warning(pointer, fmt::format("unsupported: {} is not run here", runtime),
                           "write the script in Python, with Runtime: python3.11 and a Handler");
    else
      diagnostics_.error(pointer, fmt::format("{} is no runtime of aws:executeScript", runtime),
                         "write Runtime: python3.11");
  }

  // Every reference in a value means something. In a script, what means nothing is the script's own.
  void check_texts(const json::Value& value, const std::string& pointer, const Step* step,
                   bool script = false) {
    for (const auto& [key, member] : json::members(value))
      check_texts(member, pointer + "/" + json::pointer_escape(key), step, script);
    std::size_t index = 0;
    for (const auto& item : json::items(value))
      check_texts(item, fmt::format("{}/{}", pointer, index++), step, script);
    if (!value.is_string()) return;
    for (const auto& reference : references(value.get_string())) {
      const bool known = is_known(reference.name, step);
      if (script && known) {
        diagnostics_.warning(pointer,
                             fmt::format("the value of {{{{ {} }}}} becomes code", reference.name),
                             "hand it over in InputPayload");
      }
      if (known || script) continue;
      if (reference.name.starts_with("ssm:")) {
        diagnostics_.warning(
            pointer, fmt::format("{{{{ {} }}}} is not resolved inside inputs", reference.name),
            "make it a parameter's default");
        continue;
      }
      refuse_reference(reference.name, pointer);
    }
  }

  // A step that is there may have the output in AWS's eyes: whoever comes to the reference fails there.
  void refuse_reference(const std::string& name, const std::string& pointer) {
    auto parts = step_output(name);
    if (parts && steps_.contains(std::string(parts->step)))
      diagnostics_.warning(pointer, fmt::format("{} has no output {}", parts->step, parts->output),
                           hint(name, references_, "declare it under the step's outputs"));
    else
      diagnostics_.error(pointer, fmt::format("{{{{ {} }}}} refers to nothing", name), hint(name, references_));
  }

  bool is_known(const std::string& name, const Step* step) const {
    if (known_.contains(name)) return true;
    if (name == "loop.CurrentIteration" || name == "loop.CurrentIteratorValue") return true;
    return step && step->action == "aws:runCommand" &&
           std::ranges::find(pseudo_parameters, name) != pseudo_parameters.end();
  }

  void check_outputs() {
    std::size_t index = 0;
    for (const auto& output : document_.outputs()) {
      auto pointer = fmt::format("/outputs/{}", index++);
      if (known_.contains(output)) continue;
      auto parts = step_output(output);
      auto mend = hint(output, references_);
      if (!parts || !steps_.contains(std::string(parts->step))) {
        diagnostics_.error(pointer, fmt::format("{} names no step's output", output), mend);
      } else {
        diagnostics_.warning(pointer,
                             fmt::format("{} has no output {}", parts->step, parts->output), mend);
      }
    }
  }

  // Costly, so only as long as anybody gets to read it.
  std::string hint(std::string_view wrong, std::span<const std::string> known,
                   const std::string& otherwise = "") const {
    if (diagnostics_.full()) return "the others come first";
    return did_you_mean(wrong, known, otherwise.empty() ? one_of(known) : otherwise);
  }

  static std::string input(const Step& step, std::string_view name) {
    return step.pointer + "/inputs/" + json::pointer_escape(name);
  }

  const Document& document_;
  Diagnostics& diagnostics_;
  std::map<std::string, const Step*> steps_;
  std::vector<std::string> references_;  // everything that {{ }} may name
  std::set<std::string> known_;          // the same
};

}  // namespace

void check(const Document& document, Diagnostics& diagnostics) {
  Check(document, diagnostics).all();
}

}  // namespace aright::runbook
