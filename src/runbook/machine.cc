#include "runbook/machine.h"

#include <algorithm>

#include "base/id.h"
#include "runbook/machine_impl.h"
#include "runbook/parameters.h"
#include "runbook/selector.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

std::unexpected<Error> unfitting(std::string message, const char* wire_code = "") {
  return fail(Error{.code = Errc::invalid, .message = std::move(message), .wire_code = wire_code});
}

template <typename Held>
void stamp(Held& command, const Attempt& attempt, const std::string& token) {
  command.token = token;
  command.step = attempt.step->name;
}

}  // namespace

Machine::Impl::Impl(std::shared_ptr<const Document> document_of, Start start_of)
    : document(std::move(document_of)), start(std::move(start_of)), now(start.at) {
  auto defaults = resolve_defaults(*document, start.parameters, [this](auto name) { return look_up(name); });
  for (const auto& variable : document->variables()) {
    variables[variable.name] = nullptr;
    if (!variable.otherwise) continue;
    auto value = substitute(
        *variable.otherwise, [this](auto name) { return look_up(name); }, Absent::null);
    auto typed = value ? read(*value, type_named(variable.type).value_or(Type::string)) : value;
    if (typed) variables[variable.name] = std::move(*typed);
  }
  frames.push_back({.steps = &document->steps()});
  if (!defaults) {
    stop_with(Status::failed, defaults.error().message);
  } else if (start.depth > nesting_max) {
    stop_with(Status::failed, fmt::format("executions nest at most {} deep", nesting_max));
  } else {
    run(std::nullopt);
  }
}

Result<> Machine::Impl::apply(const Event& event) {
  if (final_status) return unfitting("the execution has ended");
  auto before = std::exchange(now, std::max(now, event.at));
  auto applied = std::visit([this](const auto& what) { return on(what); }, event.what);
  if (!applied) {
    now = before;
  } else if (++events >= events_max && !final_status) {
    stop_with(Status::failed, fmt::format("more than {} events", events_max));
  }
  return applied;
}

Result<> Machine::Impl::on(const Returned& event) {
  const auto* running = std::get_if<RunChildren>(&next);
  if (running && !running->stopping) return child_returned(event);
  if (event.token.empty() || event.token != token(next)) {
    return unfitting(fmt::format("nothing under way has the token {}", event.token));
  }
  if (std::holds_alternative<WaitUntil>(next) || std::holds_alternative<AwaitSignal>(next)) {
    return unfitting("nothing was called that could return");
  }
  if (abandoned) {
    after_cancel();
    run(std::nullopt);
    return {};
  }
  if (attempt->ending) {
    attempt->stopping = false;
    run(std::move(*std::exchange(attempt->ending, std::nullopt)));
    return {};
  }
  auto now_known = scene();
  now_known.http_status = event.http_status;
  run(event.error ? attempt->action->failed(now_known, *event.error)
                  : attempt->action->returned(now_known, event.output));
  return {};
}

Result<> Machine::Impl::child_returned(const Returned& event) {
  const auto& children = std::get<RunChildren>(next).children;
  auto found = std::ranges::find(children, event.token, &Child::token);
  if (found == children.end()) return unfitting(fmt::format("no child has the token {}", event.token));
  const Child child = *found;
  std::erase_if(attempt->children, [&](const Child& one) { return one.token == child.token; });
  run(attempt->action->child_ended(scene(), child, event));
  return {};
}

bool Machine::Impl::stop_children() {
  if (attempt->stopping) return true;
  if (attempt->children.empty()) return false;
  attempt->stopping = true;
  next = RunChildren{.token = attempt_token() + ".stop",
                     .step = attempt->step->name,
                     .children = std::exchange(attempt->children, {}),
                     .stopping = true,
                     .due = now + cancel_time_max};
  return true;
}

Result<> Machine::Impl::on(const Woke& event) {
  if (event.token.empty() || event.token != token(next)) {
    return unfitting(fmt::format("nothing waits with the token {}", event.token));
  }
  if (std::holds_alternative<WaitUntil>(next)) {
    run(attempt->action->woke(scene()));
  } else if (std::holds_alternative<AwaitSignal>(next)) {
    run(Fault{.message = "nobody answered in time", .timed_out = true, .final = attempt->number == 0});
  } else if (const auto* running = std::get_if<RunChildren>(&next); running && !running->stopping) {
    run(Fault{.message = "the time ran out", .timed_out = true});
  } else {
    return unfitting("what is under way waits for no time");
  }
  return {};
}

Result<> Machine::Impl::on(const Signalled& event) {
  constexpr const char* wire_code = "InvalidAutomationSignalException";
  if (!attempt || abandoned) return unfitting("no step is running", wire_code);
  const auto& record = records[attempt->record];
  if (!event.step.empty() && event.step != attempt->step->name && event.step != record.id) {
    return unfitting(fmt::format("{} is not the step that is running", event.step),
                     "AutomationStepNotFoundException");
  }
  if (event.type == "StopStep") {
    auto fault = Fault{.message = fmt::format("stopped by {}", event.principal), .final = true};
    run(std::move(fault));
    return {};
  }
  if (!std::holds_alternative<AwaitSignal>(next)) {
    return unfitting(fmt::format("{} waits for no signal", attempt->step->name), wire_code);
  }
  if (attempt->number == 0) {
    if (event.type != "StartStep")
      return unfitting(fmt::format("{} waits for StartStep", attempt->step->name), wire_code);
    attempt->number = 1;
    run(begin_attempt());
    return {};
  }
  auto move = attempt->action->signalled(scene(), event);
  if (!move) return std::unexpected(std::move(move.error()));
  run(std::move(*move));
  return {};
}

Result<> Machine::Impl::on(const StopRequested& event) {
  if (cancel_deadline) {
    return unfitting("the execution is stopping already", "InvalidAutomationStatusUpdateException");
  }
  const Step* step = attempt->step;
  auto last_call = attempt->action->abandon(scene());
  if (std::holds_alternative<Finished>(next)) last_call.reset();
  records[attempt->record].outputs = attempt->action->outputs();
  close_record(attempt->record, Status::cancelled);
  completing = event.complete;
  if (completing) {
    if (stop_children())
      abandoned = step;
    else
      finish(verdict);
    return {};
  }
  stop = event;
  if (!event.principal.empty()) {
    failure = fmt::format("cancelled by {}{}{}", event.principal, event.reason.empty() ? "" : ": ", event.reason);
    told_failure.clear();
  }
  cancel_deadline = now + cancel_time_max;
  attempt->deadline = *cancel_deadline;
  abandoned = step;
  attempt->ending.reset();
  if (stop_children()) return {};
  if (last_call) {
    Move move = std::move(*last_call);
    issue(move);
  } else {
    after_cancel();
    run(std::nullopt);
  }
  return {};
}

void Machine::Impl::after_cancel() {
  const Step* step = std::exchange(abandoned, nullptr);
  attempt.reset();
  if (completing) {
    finish(verdict);
  } else if (step->on_cancel.starts_with("step:")) {
    go_to(std::string_view(step->on_cancel).substr(5));
  } else {
    finish(Status::cancelled);
  }
}

void Machine::Impl::run(std::optional<Move> move) {
  while (!final_status) {
    if (!move) {
      move = proceed();
      continue;
    }
    if (issue(*move)) return;
    if (auto* fault = std::get_if<Fault>(&*move); fault && stop_children()) {
      attempt->ending = std::move(*fault);
      return;
    }
    if (auto* done = std::get_if<Done>(&*move)) {
      move = conclude(std::move(*done));
    } else {
      move = conclude(std::move(std::get<Fault>(*move)));
    }
  }
}

bool Machine::Impl::keep(const json::Object& values) {
  kept_bytes += json::print(json::Value(values)).size();
  if (kept_bytes <= kept_bytes_max) return true;
  stop_with(Status::failed,
            fmt::format("inputs and outputs took more than {} bytes", kept_bytes_max));
  return false;
}

std::string Machine::Impl::attempt_token() const {
  return fmt::format("{}/{}-{}/{}", start.execution_id, attempt->record + 1, attempt->step->name, attempt->number);
}

bool Machine::Impl::issue(Move& move) {
  if (std::holds_alternative<Done>(move) || std::holds_alternative<Fault>(move)) return false;
  if (now >= attempt->deadline) {
    move = Fault{.message = "the time ran out", .timed_out = true};
    return false;
  }
  const bool still_asks =
      std::holds_alternative<AwaitSignal>(move) && std::holds_alternative<AwaitSignal>(next);
  const bool children = std::holds_alternative<RunChildren>(move);
  if (!children && (!still_asks || attempt->look == 0)) ++attempt->look;
  auto token = children ? attempt_token() + ".children" : fmt::format("{}.{}", attempt_token(), attempt->look);
  auto left = attempt->deadline - now;
  std::visit(
      [&](auto& command) {
        using Held = std::decay_t<decltype(command)>;
        if constexpr (!std::is_same_v<Held, Done> && !std::is_same_v<Held, Fault>) {
          stamp(command, *attempt, token);
          if constexpr (requires { command.timeout; })
            command.timeout = std::min(command.timeout, left);
          if constexpr (requires { command.due; })
            command.due = children ? attempt->deadline : std::min(command.due, attempt->deadline);
          if constexpr (requires { command.expires; }) command.expires = attempt->deadline;
          if constexpr (std::is_same_v<Held, RunChildren>) {
            for (auto& child : command.children) {
              child.token = fmt::format("{}.{}", attempt_token(), child.number);
              attempt->look = std::max(attempt->look, child.number);
            }
            attempt->children = command.children;
          }
          if constexpr (std::is_same_v<Held, RunScript>) {
            auto found = document->attachments().find(command.attachment);
            if (found != document->attachments().end()) command.attached = found->second;
          }
          next = std::move(command);
        }
      },
      move);
  auto& record = records[attempt->record];
  if (!record.over) {
    record.status =
        std::holds_alternative<AwaitSignal>(next) ? Status::waiting : Status::in_progress;
  }
  return true;
}

std::optional<Move> Machine::Impl::conclude(Done done) {
  const Step& step = *attempt->step;
  auto selected = select_outputs(step, done.answer);
  if (!selected) return conclude(Fault{.message = selected.error().message, .final = true});
  for (auto& [name, value] : *selected)
    done.outputs[name] = std::move(value);
  if (done.assign) {
    auto assigned = assign(done.assign->first, done.assign->second);
    if (!assigned) return conclude(bad_input(assigned.error().message));
  }
  if (!keep(done.outputs)) return std::nullopt;
  auto& record = records[attempt->record];
  record.outputs = done.outputs;
  record.response_code = done.response_code;
  outputs[step.name] = std::move(done.outputs);
  close_record(attempt->record, Status::success);
  attempt.reset();
  succeeded(step, done.jump);
  return std::nullopt;
}

std::optional<Move> Machine::Impl::conclude(Fault fault) {
  if (!fault.final && attempt->number < attempt->step->attempts_max) {
    ++attempt->number;
    return begin_attempt();
  }
  auto record = attempt->record;
  if (attempt->action) records[record].outputs = attempt->action->outputs();
  if (const auto& left = records[record].outputs; !left.empty()) outputs[attempt->step->name] = left;
  attempt.reset();
  stumbled(record, std::move(fault));
  return std::nullopt;
}

std::optional<Move> Machine::Impl::proceed() {
  if (end_late_loop()) return std::nullopt;
  auto& frame = frames.back();
  if (frame.at >= frame.steps->size()) {
    frames.size() > 1 ? end_iteration() : finish(verdict);
    return std::nullopt;
  }
  if (records.size() >= step_runs_max) {
    stop_with(Status::failed, fmt::format("more than {} steps were run", step_runs_max));
    return std::nullopt;
  }
  const Step& step = (*frame.steps)[frame.at];
  if (step.action != "aws:loop") return begin_step(step);
  begin_loop(step);
  return std::nullopt;
}

Move Machine::Impl::begin_step(const Step& step) {
  attempt.emplace();
  attempt->record = open_record(step);
  attempt->step = &step;
  return start.interactive && !cancel_deadline ? await_start() : begin_attempt();
}

// Of an interactive execution: the step stands before its first attempt until somebody starts it.
Move Machine::Impl::await_start() {
  const auto* rule = action_rule(attempt->step->action);
  if (!rule || !rule->make) return bad_input(fmt::format("{} is no action", attempt->step->action));
  attempt->number = 0;
  attempt->action = rule->make();
  attempt->deadline = now + start_wait_max;
  return AwaitSignal{.kind = AwaitSignal::Kind::start,
                     .message = fmt::format("{} waits to be started", attempt->step->name)};
}

Move Machine::Impl::begin_attempt() {
  const Step& step = *attempt->step;
  auto& record = records[attempt->record];
  record.attempts = attempt->number;
  attempt->look = 0;
  const auto* rule = action_rule(step.action);
  if (!rule || !rule->make) return bad_input(fmt::format("{} is no action", step.action));
  attempt->deadline = now + time_limit(step, *rule);
  if (cancel_deadline) attempt->deadline = std::min(attempt->deadline, *cancel_deadline);
  for (const auto& frame : frames)
    if (frame.deadline) attempt->deadline = std::min(attempt->deadline, *frame.deadline);
  auto inputs = resolve(step);
  if (!inputs) return bad_input(inputs.error().message);
  if (!keep(*inputs)) return bad_input("the execution has ended");
  record.inputs = *inputs;
  attempt->inputs = std::move(*inputs);
  attempt->action = rule->make();
  return attempt->action->begin(scene());
}

Scene Machine::Impl::scene() const {
  return {
      .step = *attempt->step,
      .inputs = attempt->inputs,
      .start = start,
      .now = now,
      .deadline = attempt->deadline,
      .seed = fmt::format("{}/{}/{}", start.execution_id, attempt->record + 1, attempt->number),
      .look = attempt->look};
}

Status Machine::Impl::status() const {
  if (final_status) return *final_status;
  if (cancel_deadline) return Status::cancelling;
  return std::holds_alternative<AwaitSignal>(next) ? Status::waiting : Status::in_progress;
}

Result<> Machine::Impl::assign(const std::string& variable, const json::Value& value) {
  const auto& known = document->variables();
  auto found = std::ranges::find(known, variable, &Parameter::name);
  if (found == known.end()) return fail(Errc::invalid, "there is no variable {}", variable);
  if (!is(value, type_named(found->type).value_or(Type::string))) {
    return fail(Errc::invalid, "the variable {} is of the type {}, and the value is not", variable, found->type);
  }
  CHECK_OK(check_constraints(*found, value));
  variables[variable] = value;
  return {};
}

Machine::Machine(std::shared_ptr<const Document> document, Start start)
    : impl_(std::make_unique<Impl>(std::move(document), std::move(start))) {}
Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

Result<> Machine::apply(const Event& event) {
  return impl_->apply(event);
}
const Command& Machine::next() const {
  return impl_->next;
}
const Document& Machine::document() const {
  return *impl_->document;
}
const Start& Machine::start() const {
  return impl_->start;
}
json::Object Machine::execution() const {
  return impl_->report();
}

Status Machine::status() const {
  return impl_->status();
}

json::Value Machine::output(std::string_view step, std::string_view name) const {
  auto found = impl_->outputs.find(step);
  return found == impl_->outputs.end() ? json::Value() : json::at(found->second, name);
}

std::string Machine::assume_role() const {
  // Where a location names who its executions run as, that is it, whatever the document says.
  if (auto role = json::text(start().about, "ExecutionRoleName", ""); !role.empty())
    return fmt::format("arn:{}:iam::{}:role/{}", start().partition, start().account, role);
  auto value = substitute(
      json::Value(document().assume_role()), [this](auto name) { return impl_->look_up(name); },
      Absent::null);
  return value ? json::scalar_text(*value) : "";
}

}  // namespace aright::runbook
