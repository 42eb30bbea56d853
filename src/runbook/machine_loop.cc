// aws:loop: its list of steps run again for each iterator, or until its condition fails.

#include <algorithm>

#include "runbook/branch.h"
#include "runbook/machine_impl.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

Result<json::Array> typed_iterators(const json::Value& list, const std::string& type_name) {
  auto type = type_named(type_name).value_or(Type::string);
  if (list.is_null()) return json::Array();
  json::Array typed;
  const json::Array items = list.is_array() ? list.get_array() : json::Array{list};
  if (items.size() > static_cast<std::size_t>(iterations_max)) {
    return fail(Errc::invalid, "a loop has at most {} iterators", iterations_max);
  }
  for (const auto& item : items) {
    // Maps of a list of texts are JSON text; those of a list of maps stand for themselves.
    auto value =
        type == Type::string && item.is_object() ? Result<json::Value>(item) : read(item, type);
    if (!value) return wrap(value.error(), "Iterators");
    typed.push_back(std::move(*value));
  }
  return typed;
}

}  // namespace

void Machine::Impl::begin_loop(const Step& step) {
  auto index = open_record(step);
  auto frame = open_loop(step, records[index]);
  if (!frame) return stumbled(index, bad_input(frame.error().message));
  frame->record = index;
  const bool empty = frame->iterations_max == 0;
  frames.push_back(std::move(*frame));
  if (!empty) return begin_iteration();
  leave_loop(Status::success);
  succeeded(step);
}

Result<Frame> Machine::Impl::open_loop(const Step& step, Record& record) {
  Frame frame{.steps = &step.steps, .each = step.inputs.contains("Iterators")};
  auto lookup = [this](std::string_view name) { return look_up(name); };
  if (step.timeout_seconds) frame.deadline = now + time_limit(step, *action_rule(step.action));
  if (frame.each) {
    auto type = json::text(step.inputs, "IteratorDataType", "String");
    auto list = TRY(substitute(json::at(step.inputs, "Iterators"), lookup, Absent::fails));
    frame.iterators = TRY(typed_iterators(list, type));
    frame.iterations_max = static_cast<int>(frame.iterators.size());
    record.inputs = {{"Iterators", frame.iterators}, {"IteratorDataType", type}};
    return frame;
  }
  const auto& condition = json::at(step.inputs, "LoopCondition");
  const bool beside = step.inputs.contains("MaxIterations");
  auto bound = json::at(beside ? step.inputs : json::members(condition), "MaxIterations");
  bound = TRY(substitute(bound, lookup, Absent::fails));
  auto count = json::integer(bound, bound.is_null() ? iterations_max : 0);
  if (count < 1 || count > iterations_max) {
    return fail(Errc::invalid, "MaxIterations lies between 1 and {}", iterations_max);
  }
  frame.iterations_max = static_cast<int>(count);
  record.inputs = {{"LoopCondition", condition}, {"MaxIterations", count}};
  return frame;
}

void Machine::Impl::begin_iteration() {
  auto& frame = frames.back();
  auto& record = records[*frame.record];
  ++frame.iteration;
  frame.at = 0;
  record.outputs["CurrentIteration"] = frame.iteration;
  if (frame.each) {
    record.outputs["CurrentIteratorValue"] =
        frame.iterators[static_cast<std::size_t>(frame.iteration) - 1];
  }
  outputs[record.step->name] = record.outputs;
}

void Machine::Impl::end_iteration() {
  const auto& frame = frames.back();
  auto record = *frame.record;
  auto again = goes_around(frame);
  if (!again) return stumbled(record, bad_input(again.error().message));
  if (*again) return begin_iteration();
  const Step& step = *records[record].step;
  leave_loop(Status::success);
  succeeded(step);
}

Result<bool> Machine::Impl::goes_around(const Frame& frame) {
  if (frame.iteration >= frame.iterations_max) return false;
  if (frame.each) return true;
  const Step& step = *records[*frame.record].step;
  auto condition = TRY(substitute(
      json::at(step.inputs, "LoopCondition"),
      [this](std::string_view name) { return look_up(name); }, Absent::null));
  return holds(condition);
}

bool Machine::Impl::end_late_loop() {
  auto late = std::ranges::find_if(
      frames, [this](const Frame& frame) { return frame.deadline && now >= *frame.deadline; });
  if (late == frames.end()) return false;
  auto record = *late->record;
  while (frames.back().record != record)
    leave_loop(Status::failed);
  stumbled(record, Fault{.message = "the time for all its turns ran out", .timed_out = true});
  return true;
}

void Machine::Impl::leave_loop(Status status) {
  close_record(*frames.back().record, status);
  frames.pop_back();
}

}  // namespace aright::runbook
