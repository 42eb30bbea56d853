#include "remediation/remediation.h"

#include <algorithm>
#include <map>

#include "base/overloaded.h"

namespace aright::remediation {

namespace {

Timestamp time_of(const json::Value& body, std::string_view member) {
  return parse_timestamp(json::text(body, member, "")).value_or(Timestamp{});
}

ExecutionId execution_of(const json::Value& body) {
  return ExecutionId::parse(json::text(body, "execution", "")).value_or(ExecutionId{});
}

void fold_opened(State& state, const ledger::Entry& entry) {
  const auto& body = entry.body;
  state.id = RemediationId::parse(entry.stream).value_or(RemediationId{});
  state.finding = FindingId::parse(json::text(body, "finding", "")).value_or(FindingId{});
  state.control = json::text(body, "control", "");
  if (auto resource = resource_from_json(json::at(body, "resource"))) state.resource = *resource;
  if (auto action = action_from_json(json::at(body, "action"))) state.action = *action;
  state.title = json::text(body, "title", "");
  state.severity = json::text(body, "severity", "");
  state.suppressed = json::text(body, "suppressed", "");
  state.source = json::text(body, "source", "");
  for (const auto& [key, value] : json::members(json::at(body, "tags"))) state.tags[key] = json::text(value);
  state.tags_unknown = json::text(body, "tags_unknown", "");
  state.opened_by = json::text(body, "opened_by", "");
  state.requester = json::text(body, "requester", "");
  state.forced = json::truth(json::at(body, "forced"));
  state.agreed = json::text(body, "plan_hash", "");
  state.attempts_max = static_cast<int>(json::integer(json::at(body, "attempts_max"), 1));
  state.retry_after = milliseconds(json::integer(json::at(body, "retry_after_ms"), 0));
  state.opened_at = entry.time;
  state.stage = Opened{};
}

void fold_decided(State& state, const ledger::Entry& entry) {
  state.decision = parse_decision(json::text(entry.body, "decision", "")).value_or(Decision::manual);
  state.reasons = json::texts(json::at(entry.body, "reasons"));
  state.policy = json::text(entry.body, "policy", "");
  state.basis = json::text(entry.body, "basis", "");
  state.ladder = json::text(entry.body, "ladder", "");
  state.excepted = json::truth(json::at(entry.body, "excepted"));
  state.provisional = json::truth(json::at(entry.body, "provisional"));
  state.canary = json::truth(json::at(entry.body, "canary"));
  switch (state.decision) {
    case Decision::automatic:
    case Decision::approval: state.stage = Planning{}; return;
    case Decision::deferred: state.stage = Deferred{time_of(entry.body, "until")}; return;
    case Decision::manual:
    case Decision::suppressed:
    case Decision::refused: state.stage = Closed{std::string(name(state.decision))}; return;
  }
}

void begin_looking(State& state) {
  state.looks = 0;
  state.good_since = {};
  state.was_good = false;
}

void fold_planned(State& state, const ledger::Entry& entry) {
  auto plan = plan_from_json(json::at(entry.body, "plan"));
  if (!plan) {
    state.stage = Escalated{plan.error().text()};
    return;
  }
  state.plan = std::move(*plan);
  state.others = json::members(json::at(entry.body, "others"));
  state.approvals.clear();
  ++state.plans_made;
  // Somebody else set it right meanwhile: what is left is to see that it is.
  if (!state.plan->acts()) {
    state.succeeded = true;
    state.violated = false;
    begin_looking(state);
    state.stage = Verifying{};
    return;
  }
  // An approval answers for what was rehearsed. What could not be rehearsed, or does harm there, is never done unasked.
  bool ask = state.decision == Decision::approval || !state.plan->unrehearsed.empty() || !state.plan->harmed().empty();
  state.stage = ask ? Stage(NeedingApproval{}) : Stage(Ready{});
}

// Another plan may be made of what the engine does by itself, never of what a person agreed to. An execution that
// others came in between of is no attempt of the fix; what it wrote until then may be taken back.
void fold_voided(State& state, const ledger::Entry& entry) {
  state.last_error = json::text(entry.body, "reason", "");
  state.plan.reset();
  bool begun = !json::text(entry.body, "execution", "").empty();
  if (begun && state.attempts > 0) {
    --state.attempts;
    state.attempted_at.pop_back();
  }
  if (!state.agreed.empty() && begun) {
    state.stage = Escalated{"the plan that was agreed to is void: " + state.last_error};
    return;
  }
  if (!state.agreed.empty()) {
    state.stage = Closed{"the plan that was agreed to is void: " + state.last_error};
    return;
  }
  state.stage = state.plans_made < plan_attempts_max ? Stage(Planning{}) : Stage(Escalated{state.last_error});
}

void fold_execution_ended(State& state, const ledger::Entry& entry) {
  auto execution = execution_of(entry.body);
  state.last_error = json::text(entry.body, "failure", "");
  state.succeeded = json::text(entry.body, "status", "") == "Success";
  state.violated = json::text(entry.body, "reason", "") == plan_violation;
  begin_looking(state);
  state.stage = Verifying{execution};
}

// Another look follows when this one may have been too early.
void fold_verified(State& state, const ledger::Entry& entry) {
  state.verification = entry.body;
  bool good = json::truth(json::at(entry.body, "good"));
  if (good && state.good_since.ms == 0) state.good_since = entry.time;
  if (!good) state.good_since = {};
  state.looks = good ? 0 : state.looks + 1;
  state.was_good = state.was_good || good;
  if (auto* verifying = std::get_if<Verifying>(&state.stage)) verifying->due = time_of(entry.body, "again");
}

void fold_deferred(State& state, const ledger::Entry& entry) {
  state.reasons.push_back(json::text(entry.body, "reason", ""));
  const auto* waiting = std::get_if<Deferred>(&state.stage);
  bool ready = std::holds_alternative<Ready>(state.stage) || (waiting && waiting->ready);
  state.excepted = json::truth(json::at(entry.body, "excepted"));
  state.stage = Deferred{time_of(entry.body, "until"), ready};
}

// Enough people may have agreed already: on a higher rung fewer are needed.
void go_on_when_agreed(State& state) {
  const auto* waiting = std::get_if<AwaitingApproval>(&state.stage);
  if (!waiting || std::cmp_greater_equal(state.approvals.size(), waiting->request.needed)) state.stage = Ready{};
}

void fold_asked(State& state, const ledger::Entry& entry) {
  state.stage = AwaitingApproval{request_from_json(entry.body)};
  go_on_when_agreed(state);
}

void fold_approved(State& state, const ledger::Entry& entry) {
  auto principal = json::text(entry.body, "principal", "");
  state.approvals.push_back({.principal = principal,
                             .comment = json::text(entry.body, "comment", ""),
                             .voice = json::text(entry.body, "voice", principal),
                             .at = entry.time});
  go_on_when_agreed(state);
}

// The policy is another one than it was decided, planned and approved under: all of that is to be done anew.
void fold_outdated(State& state, const ledger::Entry& entry) {
  state.reasons = {json::text(entry.body, "reason", "")};
  state.plan.reset();
  state.approvals.clear();
  state.plans_made = 0;
  state.stage = Opened{};
}

using FoldEntry = void (*)(State&, const ledger::Entry&);

const std::map<std::string_view, FoldEntry>& folds() {
  using E = const ledger::Entry&;
  static const std::map<std::string_view, FoldEntry> table{
      {entry::remediation_opened, fold_opened},
      {entry::decided, fold_decided},
      {entry::outdated, fold_outdated},
      {entry::deferred, fold_deferred},
      {entry::planned, fold_planned},
      {entry::planning_failed,
       [](State& s, E e) {
         s.last_error = json::text(e.body, "error", "");
         s.stage = Escalated{s.last_error};
       }},
      {entry::plan_voided, fold_voided},
      {entry::approval_requested, fold_asked},
      {entry::approval_escalated, fold_asked},
      {entry::approval_reminded, fold_asked},
      {entry::approved, fold_approved},
      {entry::rejected,
       [](State& s, E e) {
         s.stage = Closed{"rejected by " + json::text(e.body, "principal", "") + ": " +
                          json::text(e.body, "comment", "")};
       }},
      {entry::approval_expired, [](State& s, E) { s.stage = Closed{"nobody approved in time"}; }},
      {entry::execution_started,
       [](State& s, E e) {
         s.executions.push_back(execution_of(e.body));
         ++s.attempts;
         s.attempted_at.push_back(e.time);
         s.stage = Executing{s.executions.back()};
       }},
      {entry::execution_ended, fold_execution_ended},
      {entry::verified, fold_verified},
      {entry::retry_scheduled,
       [](State& s, E e) {
         s.plan.reset();
         s.plans_made = 0;
         s.stage = Retrying{time_of(e.body, "due")};
       }},
      {entry::resolved, [](State& s, E e) { s.stage = Resolved{e.time}; }},
      {entry::escalated, [](State& s, E e) { s.stage = Escalated{json::text(e.body, "reason", "")}; }},
      {entry::closed, [](State& s, E e) { s.stage = Closed{json::text(e.body, "reason", "")}; }},
      {entry::rollback_requested,
       [](State& s, E e) {
         ++s.rollbacks_asked;
         s.stage = RollingBack{json::text(e.body, "principal", ""), json::text(e.body, "reason", "")};
       }},
      {entry::rolled_back,
       [](State& s, E e) {
         s.rollback = e.body;
         s.stage = RolledBack{e.time};
       }},
      {entry::rollback_failed,
       [](State& s, E e) {
         s.rollback = e.body;
         s.stage = Escalated{"rollback failed: " + json::text(e.body, "error", "")};
       }},
  };
  return table;
}

}  // namespace

std::string_view name(const Stage& stage) {
  return std::visit(Overloaded{[](const Opened&) { return "opened"; },
                               [](const Deferred&) { return "deferred"; },
                               [](const Planning&) { return "planning"; },
                               [](const NeedingApproval&) { return "planned"; },
                               [](const AwaitingApproval&) { return "awaiting_approval"; },
                               [](const Ready&) { return "ready"; },
                               [](const Executing&) { return "executing"; },
                               [](const Verifying&) { return "verifying"; },
                               [](const Retrying&) { return "retrying"; },
                               [](const Resolved&) { return "resolved"; },
                               [](const RollingBack&) { return "rolling_back"; },
                               [](const RolledBack&) { return "rolled_back"; },
                               [](const Escalated&) { return "escalated"; },
                               [](const Closed&) { return "closed"; }},
                    stage);
}

std::vector<std::string> stage_names() {
  return []<std::size_t... index>(std::index_sequence<index...>) {
    return std::vector{std::string(name(Stage(std::in_place_index<index>)))...};
  }(std::make_index_sequence<std::variant_size_v<Stage>>());
}

std::string what(const State& state) { return state.resource.type + " " + state.resource.id; }

void fold(State& state, const ledger::Entry& entry) {
  state.sequence = entry.sequence;
  state.updated_at = entry.time;
  auto found = folds().find(entry.kind);
  if (found != folds().end()) found->second(state, entry);
}

State fold_all(const std::vector<ledger::Entry>& entries) {
  State state;
  for (const auto& entry : entries) fold(state, entry);
  return state;
}

namespace {

// What comes first of the end, the next rung and the next reminder.
Command next_of(const Request& request, Timestamp now) {
  if (now >= request.expires) return ExpireApproval{};
  if (request.escalates && now >= *request.escalates) return EscalateApproval{};
  if (request.reminds && now >= *request.reminds) return RemindApprovers{};
  auto due = request.expires;
  if (request.escalates) due = std::min(due, *request.escalates);
  if (request.reminds) due = std::min(due, *request.reminds);
  return WaitUntil{due};
}

}  // namespace

Command next(const State& state, Timestamp now) {
  auto when = [now](Timestamp due, Command then) { return now >= due ? then : Command(WaitUntil{due}); };
  return std::visit(
      Overloaded{[](const Opened&) -> Command { return Decide{}; },
                 [&](const Deferred& s) -> Command {
                   return when(s.until, s.ready ? Command(StartExecution{}) : Command(Decide{}));
                 },
                 [](const Planning&) -> Command { return MakePlan{}; },
                 [](const NeedingApproval&) -> Command { return AskApproval{}; },
                 [&](const AwaitingApproval& s) -> Command { return next_of(s.request, now); },
                 [](const Ready&) -> Command { return StartExecution{}; },
                 [](const Executing& s) -> Command { return DriveExecution{s.execution}; },
                 [&](const Verifying& s) -> Command { return when(s.due, Verify{s.execution}); },
                 [&](const Retrying& s) -> Command { return when(s.due, Decide{}); },
                 [](const Resolved&) -> Command { return Nothing{}; },
                 [](const RollingBack&) -> Command { return RollBack{}; },
                 [](const RolledBack&) -> Command { return Nothing{}; },
                 [](const Escalated&) -> Command { return Nothing{}; },
                 [](const Closed&) -> Command { return Nothing{}; }},
      state.stage);
}

bool open(const State& state) {
  return !std::holds_alternative<Nothing>(next(state, Timestamp{}));
}

bool is_at_work(const State& state) {
  return std::holds_alternative<Executing>(state.stage) || std::holds_alternative<Verifying>(state.stage) ||
         std::holds_alternative<RollingBack>(state.stage);
}

bool gives_way(const State& state) {
  const auto* waiting = std::get_if<Deferred>(&state.stage);
  return waiting && (!waiting->ready || state.excepted);
}

}  // namespace aright::remediation
