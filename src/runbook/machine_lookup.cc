// What the references of a running execution stand for.

#include <algorithm>

#include "runbook/machine_impl.h"

namespace aright::runbook {

namespace {

const json::Value nothing;  // something that has no value yet

const json::Value* member(const json::Object& object, std::string_view name) {
  auto found = object.find(name);
  return found == object.end() ? nullptr : &found->value();
}

}  // namespace

std::string date_time(Timestamp run_at) { return run_at.format("%Y-%m-%d_%H.%M.%S"); }
std::string date(Timestamp run_at) { return run_at.format("%Y-%m-%d"); }

json::Object execution_globals(const Start& start) {
  return {{"global:ACCOUNT_ID", start.account},
          {"global:REGION", start.region},
          {"global:AWS_PARTITION", start.partition},
          {"global:DATE", date(run_at(start))},
          {"global:DATE_TIME", date_time(run_at(start))},
          {"automation:EXECUTION_ID", start.execution_id}};
}

const json::Value* Machine::Impl::look_up(std::string_view name) {
  constexpr std::string_view variable = "variable:";
  if (name.starts_with(variable)) return member(variables, name.substr(variable.size()));
  if (name.starts_with("global:") || name.starts_with("automation:")) {
    globals = execution_globals(start);
    return member(globals, name);
  }
  if (auto parts = step_output(name)) {
    if (parts->step == "loop" && frames.size() > 1) {
      return member(records[*frames.back().record].outputs, parts->output);
    }
    const auto* step = document->find(parts->step);
    if (!step) return nullptr;
    auto ran = outputs.find(parts->step);
    const auto* value = ran == outputs.end() ? nullptr : member(ran->second, parts->output);
    return value ? value : &nothing;
  }
  if (const auto* given = member(start.parameters, name)) return given;
  const auto& known = document->parameters();
  auto declared = std::ranges::find(known, name, &Parameter::name);
  if (declared == known.end()) return nullptr;
  return declared->otherwise ? &*declared->otherwise : &nothing;
}

namespace {

// What a reference that is the whole input stands for, as the input takes it: a list of one is its item, one text a
// list of it.
Result<json::Value> fitted(const ActionRule& rule, std::string_view input, const json::Value& written,
                           json::Value value) {
  const auto wanted = written.is_string() && !references(written.get_string()).empty()
                          ? takes(rule, input)
                          : Takes::anything;
  const bool holds_one = value.is_array() && value.get_array().size() == 1 && !value.get_array()[0].is_structured();
  if (wanted == Takes::one && holds_one) return value.get_array()[0];
  if (wanted == Takes::one && value.is_array())
    return fail(Errc::invalid, "{} takes one value, not a list of {}", input, value.get_array().size());
  if (wanted == Takes::list && value.is_string() && !value.get_string().empty()) return json::Array{value};
  return value;
}

}  // namespace

Result<json::Object> Machine::Impl::resolve(const Step& step) {
  Lookup lookup = [this](std::string_view name) { return look_up(name); };
  Lookup of_those_that_ran = [this](std::string_view name) {
    auto parts = step_output(name);
    bool skipped = parts && document->find(parts->step) != nullptr && !outputs.contains(parts->step);
    return skipped ? nullptr : look_up(name);
  };
  const auto* rule = action_rule(step.action);
  json::Object resolved;
  for (const auto& [key, value] : step.inputs) {
    // What means nothing in a script is the script's own; so is a command's pseudo parameter.
    const bool script = key == "Script" || (step.action == "aws:runCommand" && key == "Parameters");
    // A payload may speak of a step that did not run: that stays as it is written, and scripts of AWS's look for it.
    const bool payload = key == "InputPayload" && step.action == "aws:executeScript";
    auto found = substitute(value, payload ? of_those_that_ran : lookup,
                            script || payload ? Absent::foreign_stays : rule->absent);
    if (!found) return wrap(found.error(), "{}", std::string_view(key));
    resolved[key] = TRY(fitted(*rule, key, value, std::move(*found)));
  }
  return resolved;
}

milliseconds Machine::Impl::time_limit(const Step& step, const ActionRule& rule) {
  constexpr std::int64_t seconds_max =
      2'592'000;  // thirty days: the longest that Systems Manager waits
  if (!step.timeout_seconds) return rule.timeout;
  auto value = substitute(
      *step.timeout_seconds, [this](std::string_view name) { return look_up(name); }, Absent::null);
  auto given = value ? json::integer(*value, 0) : 0;
  if (given < 1) return rule.timeout;
  return seconds(std::min(given, seconds_max));
}

}  // namespace aright::runbook
