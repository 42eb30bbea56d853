// Where an execution goes after each step: on, elsewhere, or to its end.

#include <algorithm>

#include "base/id.h"
#include "runbook/machine_impl.h"

namespace aright::runbook {

std::size_t Machine::Impl::open_record(const Step& step) {
  Record record{.step = &step, .began = now};
  record.id = uuid_from(fmt::format("{}/{}", start.execution_id, records.size() + 1));
  const auto& frame = frames.back();
  if (frame.record) {
    record.parent = frame.record;
    record.iteration = frame.iteration;
    if (frame.each)
      record.iterator = frame.iterators[static_cast<std::size_t>(frame.iteration) - 1];
  }
  records.push_back(std::move(record));
  return records.size() - 1;
}

void Machine::Impl::close_record(std::size_t record, Status status) {
  records[record].status = status;
  records[record].over = now;
}

void Machine::Impl::succeeded(const Step& step, const std::string& jump) {
  if (!jump.empty()) return go_to(jump);
  if (step.end) return end_list();
  go_on(step);
}

void Machine::Impl::go_on(const Step& step) {
  if (!step.next.empty()) return go_to(step.next);
  ++frames.back().at;
}

// In a loop's list, isEnd ends the iteration.
void Machine::Impl::end_list() {
  frames.back().at = frames.back().steps->size();
}

void Machine::Impl::go_to(std::string_view step) {
  for (auto depth = frames.size(); depth > 0; --depth) {
    const auto& steps = *frames[depth - 1].steps;
    auto found = std::ranges::find(steps, step, &Step::name);
    if (found == steps.end()) continue;
    while (frames.size() > depth)
      leave_loop(Status::exited);
    frames.back().at = static_cast<std::size_t>(found - steps.begin());
    return;
  }
  stop_with(Status::failed, fmt::format("there is no step {} to go to", step));
}

void Machine::Impl::stumbled(std::size_t record, Fault fault) {
  const Step& step = *records[record].step;
  auto status = fault.timed_out ? Status::timed_out : Status::failed;
  auto message = fmt::format("{}: {}", step.name, fault.message);
  auto told = failure_message(step, fault);
  records[record].fault = std::move(fault);
  close_record(record, status);
  if (frames.size() > 1 && frames.back().record == record) frames.pop_back();
  if (step.on_failure == "Abort") return stop_with(status, std::move(message), std::move(told));
  if (step.critical.value_or(step.on_failure != "Continue") && verdict == Status::success) {
    verdict = status;
    failure = std::move(message);
    told_failure = std::move(told);
  }
  if (step.on_failure != "Continue") return go_to(std::string_view(step.on_failure).substr(5));
  if (step.end) return end_list();
  go_on(step);
}

void Machine::Impl::stop_with(Status status, std::string why, std::string told) {
  if (verdict == Status::success) {
    verdict = status;
    failure = std::move(why);
    told_failure = std::move(told);
  }
  while (frames.size() > 1)
    leave_loop(Status::failed);
  finish(verdict);
}

void Machine::Impl::finish(Status status) {
  if (cancel_deadline) status = Status::cancelled;
  while (frames.size() > 1)
    leave_loop(Status::cancelled);
  if (attempt && !records[attempt->record].over) close_record(attempt->record, Status::cancelled);
  attempt.reset();
  final_status = status;
  over = now;
  next = Finished{.status = status, .failure = status == Status::success ? "" : failure};
}

}  // namespace aright::runbook
