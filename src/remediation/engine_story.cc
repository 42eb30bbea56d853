// The turns of one remediation: each performs the one thing that next() asks for, and tells what came of it.

#include <algorithm>

#include "base/id.h"
#include "base/overloaded.h"
#include "ledger/timers.h"
#include "remediation/decide.h"
#include "remediation/engine.h"
#include "remediation/rehearse.h"
#include "remediation/rollback.h"

namespace aright::remediation {

namespace {

// What may pass by itself is tried again by the next turn; anything else is told.
bool passing(const Error& error) {
  return error.retry == Retry::later || error.code == Errc::throttled || error.code == Errc::unavailable ||
         error.code == Errc::deadline || error.code == Errc::cancelled || error.code == Errc::conflict;
}

// Why a plan must not be carried out any more; "" when it may.
Result<std::string> void_because(const Plan& plan, const Prepared& prepared, aws::Caller& reader,
                                 const cloud::Catalog& catalog, const Context& context) {
  auto moved = TRY(moved_since(plan, reader, catalog, context));
  if (!moved.empty()) return fmt::format("changed since: {}", fmt::join(moved, ", "));
  if (prepared.hash != plan.runbook_hash) return prepared.name + " is another one than was rehearsed";
  return "";
}

bool is_good(rules::Compliance compliance) {
  return compliance == rules::Compliance::compliant || compliance == rules::Compliance::not_applicable;
}

}  // namespace

notify::Notice Engine::notice(const State& state, std::string kind, std::string subject, json::Object more) const {
  json::Object body{{"remediation", state.id.str()},
                    {"finding", state.finding.str()},
                    {"control", state.control},
                    {"resource", to_json(state.resource)}};
  for (auto& [key, value] : more) body[key] = std::move(value);
  // The stream's end makes the id: the same notice twice is sent once.
  return {.id = fmt::format("{}/{}/{}", state.id.str(), kind, state.sequence), .kind = kind,
          .subject = std::move(subject), .body = std::move(body)};
}

Result<> Engine::turn_remediation(const std::string& stream, const Context& context) {
  auto entries = TRY(ledger_.stream(stream));
  auto state = fold_all(entries);
  auto command = next(state, clock_.now());
  return std::visit(
      Overloaded{[&](const Nothing&) { return rest(stream, {{stream, state.sequence}}, std::nullopt); },
                 [&](const Decide&) { return decide_now(state); },
                 [&](const MakePlan&) { return plan_now(state, context); },
                 [&](const AskApproval&) { return ask_approval(state); },
                 [&](const ExpireApproval&) { return expire_approval(state); },
                 [&](const EscalateApproval&) { return escalate_approval(state); },
                 [&](const RemindApprovers&) { return remind_approvers(state); },
                 [&](const StartExecution&) { return start_execution(state, context); },
                 [&](const DriveExecution& c) { return drive(state, c.execution, context); },
                 [&](const Verify&) { return verify_now(state, context); },
                 [&](const RollBack&) { return roll_back_now(state, context); },
                 [&](const WaitUntil& c) { return rest(stream, {{stream, state.sequence}}, c.due); }},
      command);
}

Result<> Engine::turn_execution(const std::string& stream, const Context& context) {
  auto id = TRY(ExecutionId::parse(stream));
  auto progress = TRY(executor_.drive(id, nullptr, context));
  if (progress.ended) return rest(stream, {}, std::nullopt);
  return rest(stream, {{stream, progress.sequence}}, progress.due);
}

Result<> Engine::decide_now(const State& state) {
  int rounds = TRY(rounds_of(state.finding));
  auto found = TRY(finding(state.finding));
  const auto* control = controls_.find(state.control);
  bool written = control && state.severity != control->severity;  // by an automation rule
  Verdict verdict = decide(policy_, {.control = state.control,
                                     .described = control,
                                     .resource = state.resource,
                                     .source = state.source,
                                     .tags = state.tags,
                                     .has_fix = !state.action.target.empty(),
                                     .rounds_fought = rounds,
                                     .person_asked = state.forced,
                                     .severity = written ? state.severity : "",
                                     .suppressed = state.suppressed,
                                     .exception = exception_of(found)});
  json::Object body{{"decision", name(verdict.decision)},
                    {"reasons", json::Array(verdict.reasons.begin(), verdict.reasons.end())},
                    {"policy", policy_.hash}};
  if (!verdict.ladder.empty()) body["ladder"] = verdict.ladder;
  if (verdict.decision == Decision::deferred) body["until"] = verdict.until.value_or(clock_.now() + deferral).iso();
  if (verdict.until) body["excepted"] = true;
  auto told = telling();
  told.about(state, entry::decided, std::move(body));
  if (verdict.fought)
    told.notify(notice(state, "escalated",
                       fmt::format("Somebody undoes the fix of {}, {} times now", what(state), rounds),
                       {{"escalation", name(Reason::fought)}}));
  CHECK_OK(told.commit());
  nudge();
  return {};
}

// How the other enabled controls judge the resource: what a fix must not make worse.
Result<json::Object> Engine::judge_others(const State& state, const Context& context) {
  json::Object out;
  for (const auto* control : controls_.for_type(state.resource.type)) {
    bool holds = policy_.enabled(control->id, state.resource.account) && !control->on_signal_only;
    if (!holds || control->id == state.control) continue;
    auto judged = TRY(detector_.evaluate(control->id, state.resource, context));
    out[control->id] = rules::name(judged.evaluation.compliance);
  }
  return out;
}

// What was agreed to is not done in another way; whoever agreed must hear of it.
Result<> Engine::void_plan(const State& state, const std::string& reason) {
  auto told = telling();
  told.about(state, entry::plan_voided, {{"reason", reason}});
  if (!state.agreed.empty())
    told.notify(notice(state, "escalated", what(state) + ": the agreed plan is void", {{"reason", reason}}));
  CHECK_OK(told.commit());
  nudge();
  return {};
}

// The very plan that a person saw, or none.
Result<> Engine::take_agreed_plan(const State& state, const Context& context) {
  auto plan = TRY(sealed_plan(state.finding, state.agreed));
  if (to_json(plan.action) != to_json(state.action))
    return void_plan(state, "another runbook, or other parameters, are to be used now");
  auto reader = gateway_.reader(state.resource.account, state.resource.region);
  auto prepared = TRY(prepare(library_, state.action, state.resource, state.control, *reader, context));
  auto reason = TRY(void_because(plan, prepared, *reader, catalog_, context));
  if (!reason.empty()) return void_plan(state, reason);
  auto others = TRY(judge_others(state, context));
  return tell(state, entry::planned, {{"plan", to_json(plan)}, {"others", std::move(others)}});
}

Result<> Engine::plan_now(const State& state, const Context& context) {
  if (!state.agreed.empty()) return take_agreed_plan(state, context);
  auto plan =
      rehearse(library_, gateway_, {state.finding, state.control, state.resource, state.action},
               clock_, context);
  if (!plan) {
    if (passing(plan.error())) return fail(plan.error());
    auto told = telling();
    told.about(state, entry::planning_failed, {{"error", plan.error().text()}});
    told.notify(notice(state, "escalated", what(state) + ": no plan could be made", {{"error", plan.error().text()}}));
    CHECK_OK(told.commit());
    nudge();
    return {};
  }
  auto others = TRY(judge_others(state, context));
  return tell(state, entry::planned, {{"plan", to_json(*plan)}, {"others", std::move(others)}});
}

Result<std::optional<milliseconds>> Engine::busy_for(const State& state) {
  for (auto stage : {"executing", "verifying", "rolling_back"}) {
    auto list = TRY(list_remediations(ledger_, {.status = stage, .parent = ""}));
    for (const auto& other : list) {
      auto resource = TRY(resource_from_json(json::at(other, "resource")));
      if (resource.key() != state.resource.key() || json::text(other, "id", "") == state.id.str()) continue;
      auto since = TRY(parse_timestamp(json::text(other, "updated_at", "")));
      return clock_.now() - since;
    }
  }
  return std::nullopt;
}

Result<> Engine::start_execution(const State& state, const Context& context) {
  if (state.policy != policy_.hash) return tell(state, entry::outdated, {{"reason", other_policy}});
  std::lock_guard lock(start_mutex_);
  if (is_halted(state)) return wake_at(state.id.str(), clock_.now() + halted_pause);
  // The other one may wait for a person for days.
  if (auto busy = TRY(busy_for(state)))
    return wake_at(state.id.str(), clock_.now() + std::clamp(*busy / busy_share, busy_pause, busy_pause_max));
  auto hold = TRY(held_back(state));
  if (hold && hold->brief) return wake_at(state.id.str(), hold->until);
  if (hold) {
    json::Object body{{"until", hold->until.iso()}, {"reason", hold->reason}};
    if (hold->by_exception) body["excepted"] = true;
    return tell(state, entry::deferred, std::move(body));
  }

  const auto& plan = *state.plan;
  auto reader = gateway_.reader(state.resource.account, state.resource.region);
  auto prepared = TRY(prepare(library_, state.action, state.resource, state.control, *reader, context));
  auto reason = TRY(void_because(plan, prepared, *reader, catalog_, context));
  if (!reason.empty()) return void_plan(state, reason);

  auto now = clock_.now();
  auto id = ExecutionId::make(now);
  Beginning beginning{.id = id, .remediation = state.id.str(), .parent = "",
                      .owner = state.id.str(),
                      .start = {.execution_id = uuid_from(id.str()), .account = state.resource.account,
                                .region = state.resource.region, .parameters = prepared.parameters,
                                .executed_by = "aright", .at = now, .seed = plan.id.str()}};
  auto told = telling();
  told.about(state, entry::execution_started, {{"execution", id.str()}, {"plan_hash", plan.hash}});
  told.add(Executor::begin(beginning, prepared));
  told.also([&](store::Transaction& tx) -> Result<> {
    CHECK_OK(Executor::project(tx, beginning, prepared));
    return store_start(tx, id, state, now);
  });
  CHECK_OK(told.commit());
  nudge();
  return {};
}

Result<> Engine::drive(const State& state, const ExecutionId& execution, const Context& context) {
  auto progress = TRY(executor_.drive(execution, state.plan ? &*state.plan : nullptr, context));
  if (!progress.ended)
    return rest(state.id.str(), {{state.id.str(), state.sequence}, {execution.str(), progress.sequence}}, progress.due);
  return tell(state, entry::execution_ended, {{"execution", execution.str()},
                                              {"status", runbook::name(progress.status)},
                                              {"failure", progress.failure}});
}

Result<> Engine::verify_now(const State& state, const Context& context) {
  json::Object body;
  bool good = false;
  std::string worse;
  if (state.control.starts_with("rule:")) {
    // An event rule asked for an action, not for a state: there is nothing to read but how the action ended.
    good = state.succeeded;
    body = {{"compliance", "NOT_APPLICABLE"}, {"annotation", "an event rule names no control to verify"}};
  } else {
    auto judged = TRY(detector_.evaluate(state.control, state.resource, context));
    auto compliance = judged.evaluation.compliance;
    good = is_good(compliance);
    auto others = TRY(judge_others(state, context));
    for (const auto& [id, now] : others)
      if (now == "NON_COMPLIANT" && json::text(state.others, id, "") == "COMPLIANT") worse = id;
    body = {{"compliance", rules::name(compliance)},
            {"annotation", judged.evaluation.annotation},
            {"others", std::move(others)}};
  }
  if (good && !worse.empty()) {
    auto told = telling();
    told.about(state, entry::verified, std::move(body));
    told.about(state, entry::escalated, {{"reason", "the fix made " + worse + " non-compliant"}});
    CHECK_OK(warn_of_breaker(state, told));
    told.notify(notice(state, "escalated", what(state) + ": the fix made " + worse + " non-compliant"));
    CHECK_OK(told.commit());
    return {};
  }
  if (good) return conclude(state, body);
  if (state.succeeded && state.looks + 1 < looks_max) {
    body["again"] = (clock_.now() + first_look_pause * (1 << state.looks)).iso();
    return tell(state, entry::verified, std::move(body));
  }
  auto told = telling();
  told.about(state, entry::verified, std::move(body));
  CHECK_OK(warn_of_breaker(state, told));
  bool again = state.attempts < state.attempts_max && state.plan && state.plan->acts();
  if (again) {
    told.about(state, entry::retry_scheduled, {{"due", (clock_.now() + state.retry_after).iso()}});
  } else {
    auto reason = state.last_error.empty() ? "the fix does not make the resource compliant" : state.last_error;
    CHECK_OK(except_after_attempts(state, told));
    told.about(state, entry::escalated, {{"reason", reason}});
    told.notify(notice(state, "escalated", what(state) + " could not be set right", {{"reason", reason}}));
  }
  CHECK_OK(told.commit());
  nudge();
  return {};
}

Result<> Engine::conclude(const State& state, const json::Object& verification) {
  auto found = TRY(finding(state.finding));
  auto told = telling();
  told.about(state, entry::verified, verification);
  told.about(state, entry::resolved, {});
  if (found.open) told.about(found, entry::finding_resolved, {{"by", state.id.str()}});
  told.notify(notice(state, "resolved", what(state) + " is set right", {{"verification", verification}}));
  CHECK_OK(told.commit());
  nudge();
  return {};
}

// The resource is as it was: its finding is open again, and so are those of the other controls that the fix had set
// right on the way. All are for a person to decide, or the next scan would fix what was just taken back.
Result<> Engine::reopen_after_rollback(const State& state, const Context& context, Telling& told) {
  auto reopen = [&](Finding found, const std::string& why) {
    if (found.open) return;
    told.about(found, found.exists() ? entry::finding_reopened : entry::finding_opened,
               {{"control", found.control},
                {"title", found.title},
                {"severity", name(found.severity)},
                {"annotation", why},
                {"source", found.source},
                {"other_id", found.other_id},
                {"resource", to_json(found.resource)},
                {"remediation", state.id.str()}});
  };
  // The fix may have found all done by another: then so it still is.
  auto own = detector_.evaluate(state.control, state.resource, context);
  if (!own || !is_good(own->evaluation.compliance)) reopen(TRY(finding(state.finding)), "the fix was rolled back");
  auto now = judge_others(state, context);
  if (!now) return {};  // what cannot be read is told by the next scan
  for (const auto& [id, compliance] : *now) {
    bool undone = compliance == "NON_COMPLIANT" &&
                  json::text(json::at(state.verification, "others"), id, "") == "COMPLIANT";
    if (!undone) continue;
    Finding found;
    found.id = finding_id(state.resource, id);
    for (const auto& entry : TRY(ledger_.stream(found.id.str()))) fold(found, entry);
    if (!found.exists()) {
      const auto* control = controls_.find(id);
      found.control = id;
      found.title = control->title;
      found.severity = parse_severity(control->severity).value_or(Severity::high);
      found.source = "aright";
      found.resource = state.resource;
    }
    reopen(found, "the fix for " + state.control + " was rolled back");
  }
  return {};
}

Result<> Engine::roll_back_now(const State& state, const Context& context) {
  if (is_halted(state)) return wake_at(state.id.str(), clock_.now() + halted_pause);
  auto taken = take_back(state, gateway_, ledger_, context);
  if (!taken && passing(taken.error())) return fail(taken.error());
  auto told = telling();
  if (!taken || !taken->irreversible.empty()) {
    auto error = taken ? fmt::format("can't be taken back: {}", fmt::join(taken->irreversible, "; "))
                       : taken.error().text();
    auto body = taken ? taken->to_json() : json::Object{};
    body["error"] = error;
    told.about(state, entry::rollback_failed, std::move(body));
    told.notify(notice(state, "escalated", "The rollback of " + what(state) + " failed", {{"error", error}}));
  } else {
    told.about(state, entry::rolled_back, taken->to_json());
    CHECK_OK(reopen_after_rollback(state, context, told));
    told.notify(notice(state, "rolled_back", what(state) + " is as it was before the fix"));
  }
  CHECK_OK(told.commit());
  nudge();
  return {};
}

}  // namespace aright::remediation
