// The turns of one remediation: each performs the one thing that next() asks for, and tells what came of it.

#include <algorithm>

#include "base/id.h"
#include "base/overloaded.h"
#include "ledger/agreed.h"
#include "ledger/timers.h"
#include "remediation/engine.h"
#include "remediation/passing.h"
#include "remediation/rehearse.h"
#include "remediation/rollback.h"

namespace aright::remediation {

// Why a plan must not be carried out any more; "" when it may.
Result<std::string> Engine::void_because(const Plan& plan, const Prepared& prepared, aws::Caller& reader,
                                         const Context& context) const {
  auto moved = TRY(moved_since(plan, nullptr, reader, catalog_, context));
  if (!moved.empty()) return fmt::format("changed since: {}", fmt::join(moved, ", "));
  if (prepared.hash != plan.runbook_hash) return prepared.name + " is another one than was rehearsed";
  return "";
}

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

namespace {

bool asks_the_cloud(const Command& command) {
  return std::visit(Overloaded{[](const MakePlan&) { return true; }, [](const StartExecution&) { return true; },
                               [](const DriveExecution&) { return true; }, [](const Verify&) { return true; },
                               [](const RollBack&) { return true; }, [](const auto&) { return false; }},
                    command);
}

}  // namespace

Result<> Engine::turn_remediation(const std::string& stream, const Context& context) {
  auto entries = TRY(ledger_.stream(stream));
  auto state = fold_all(entries);
  if (aright::remediation::open(state) && !is_at_work(state))
    if (auto why = why_let_go(state.control, state.resource.account); !why.empty()) return let_go_of(state, why);
  auto command = next(state, clock_.now());
  std::optional<Lanes::Pass> pass;
  if (asks_the_cloud(command)) pass.emplace(lanes_.enter(state.resource.account, state.resource.region, stream));
  if (pass && !*pass) return stand_in_line(state.resource.account, state.resource.region, {stream, state.sequence});
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
  auto progress = TRY(executor().drive(id, nullptr, context));
  if (progress.ended && !progress.handed.empty()) CHECK_OK(after_event(id, progress, context));
  if (progress.ended) return rest(stream, {}, std::nullopt);
  return rest(stream, seen_of(id, progress), progress.due);
}

std::vector<Engine::Seen> Engine::seen_of(const ExecutionId& execution, const Progress& progress) {
  std::vector<Seen> seen{{execution.str(), progress.sequence}};
  for (const auto& [below, sequence] : progress.below) seen.push_back({below, sequence});
  return seen;
}

Result<std::optional<milliseconds>> Engine::busy_for(const State& state) {
  auto since = TRY(at_work_since(ledger_, state.resource.key(), state.id));
  return since ? std::optional(clock_.now() - *since) : std::nullopt;
}

namespace {

// What holds a start may wait for a person for days: the longer it does, the rarer it is looked at.
milliseconds rarer(milliseconds held_for, milliseconds at_least) {
  return std::clamp(held_for / busy_share, at_least, busy_pause_max);
}

}  // namespace

// What holds it is told once; that it goes on doing so moves only the timer, or many that wait for the same would fill
// the ledger with it.
Result<> Engine::put_off(const State& state, const Hold& hold) {
  const auto* deferred = std::get_if<Deferred>(&state.stage);
  bool told = deferred && deferred->ready && state.excepted == hold.by_exception && !state.reasons.empty() &&
              state.reasons.back() == hold.reason;
  if (told) return wake_at(state.id.str(), hold.until);
  json::Object body{{"until", hold.until.iso()}, {"reason", hold.reason}};
  if (hold.by_exception) body["excepted"] = true;
  return tell(state, entry::deferred, std::move(body));
}

namespace {

constexpr std::string_view latest_start_name = "latest start";  // whoever starts has seen all starts before

Result<std::string> latest_start(const ledger::Ledger& ledger) {
  std::string out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    out = TRY(ledger::agreed::get(tx, latest_start_name));
    return {};
  }));
  return out;
}

}  // namespace

// True when it does: then it was said when it is looked at again.
Result<bool> Engine::has_to_wait(const State& state) {
  auto now = clock_.now();
  auto look_at = [&](Timestamp due) -> Result<bool> {
    CHECK_OK(wake_at(state.id.str(), due));
    return true;
  };
  if (is_halted(state)) return look_at(now + rarer(now - state.updated_at, halted_pause));
  if (auto busy = TRY(busy_for(state))) return look_at(now + rarer(*busy, busy_pause));
  auto hold = TRY(held_back(state));
  if (!hold) return false;
  if (hold->brief) return look_at(std::max(hold->until, now + rarer(now - state.updated_at, busy_pause)));
  CHECK_OK(put_off(state, *hold));
  return true;
}

Result<> Engine::start_execution(const State& state, const Context& context) {
  if (is_outdated(state)) return tell(state, entry::outdated, {{"reason", other_policy}});
  bool waits = TRY(has_to_wait(state));
  if (waits) return {};
  // What others are asked about is asked only when nothing else holds it.
  if (!care_of(state).health.empty())
    if (auto fault = unhealthy(state, context); !fault.empty())
      return put_off(state, {.until = clock_.now() + errors_look_pause, .reason = "before the fix, " + fault});

  const auto& plan = *state.plan;
  auto reader = gateway_.reader(state.resource.account, state.resource.region);
  auto prepared = TRY(prepare(library(), state.action, state.resource, state.control, *reader, context));
  auto reason = TRY(void_because(plan, prepared, *reader, context));
  if (!reason.empty()) return void_plan(state, reason);

  // Others may have started meanwhile, here or, in a fleet, elsewhere.
  std::lock_guard lock(start_mutex_);
  auto latest = TRY(latest_start(ledger_));
  waits = TRY(has_to_wait(state));
  if (waits) return {};
  auto now = clock_.now();
  auto id = ExecutionId::make(now);
  Beginning beginning{.id = id, .remediation = state.id.str(), .parent = "",
                      .owner = state.id.str(),
                      .start = {.execution_id = uuid_from(id.str()), .account = state.resource.account,
                                .region = state.resource.region, .parameters = prepared.parameters,
                                .executed_by = "aright", .at = now, .seed = plan.id.str()}};
  auto told = telling();
  told.about(state, entry::execution_started,
             {{"execution", id.str()},
              {"plan_hash", plan.hash},
              {"session", cloud::name(session_policy_of(plan, catalog_).cut)}});
  told.add(executor().begin(beginning, prepared));
  told.also([&](store::Transaction& tx) -> Result<> {
    CHECK_OK(Executor::project(tx, beginning, prepared));
    bool still = TRY(ledger::agreed::replace(tx, latest_start_name, latest, id.str()));
    if (!still) return fail(Errc::conflict, "another worker started one at the same moment");
    return store_start(tx, id, state, now);
  });
  CHECK_OK(told.commit());
  slots_.leave(state.id.str());
  nudge();
  return {};
}

Engine::Hands::Hands(Engine& engine, const std::string& stream, std::string resource)
    : engine_(engine), resource_(std::move(resource)), grip_(engine.grip_of(stream)) {
  {
    std::lock_guard lock(engine_.mutex_);
    on_it_ = engine_.worked_on_.insert(resource_).second;
  }
  if (!on_it_ || !grip_) return;
  if (engine_.fleet_->hold(*grip_, resource_).value_or(false)) return;
  grip_.reset();
  std::lock_guard lock(engine_.mutex_);
  engine_.worked_on_.erase(resource_);
  on_it_ = false;
}

Engine::Hands::~Hands() {
  if (!on_it_) return;
  if (grip_) engine_.fleet_->let_go(*grip_, resource_);
  std::lock_guard lock(engine_.mutex_);
  engine_.worked_on_.erase(resource_);
}

Result<> Engine::drive(const State& state, const ExecutionId& execution, const Context& context) {
  Hands hands(*this, state.id.str(), state.resource.key());
  if (!hands) return wake_at(state.id.str(), clock_.now() + busy_pause);
  auto progress = TRY(executor().drive(execution, state.plan ? &*state.plan : nullptr, context));
  if (!progress.ended) {
    auto seen = seen_of(execution, progress);
    seen.push_back({state.id.str(), state.sequence});
    return rest(state.id.str(), seen, progress.due);
  }
  if (!progress.moved.empty()) return void_plan(state, "changed since: " + progress.moved, execution);
  json::Object body{{"execution", execution.str()},
                    {"status", runbook::name(progress.status)},
                    {"failure", progress.failure}};
  if (progress.violates) body["reason"] = plan_violation;
  return tell(state, entry::execution_ended, std::move(body));
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
                {"sightings", to_json(found.sightings)},
                {"resource", to_json(found.resource)},
                {"remediation", state.id.str()}});
  };
  // The fix may have found all done by another: then so it still is.
  auto own = detector().evaluate(state.control, state.resource, context);
  bool met = own && is_good(Look{.evaluation = own->evaluation});
  if (own && hears_judgements_) hears_judgements_({*own});
  auto mine = TRY(finding(state.finding));
  if (!why_let_go(state.control, state.resource.account).empty()) resolve_let_go(mine, told);
  else if (!met) reopen(mine, "the fix was rolled back");
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
      const auto* control = controls().find(id);
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
  if (is_halted(state))
    return wake_at(state.id.str(), clock_.now() + rarer(clock_.now() - state.updated_at, halted_pause));
  Hands hands(*this, state.id.str(), state.resource.key());
  if (!hands) return wake_at(state.id.str(), clock_.now() + busy_pause);
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
    auto body = taken->to_json();
    told.notify(notice(state, "rolled_back", fmt::format("The fix of {}: {}", what(state), taken_back_text(body))));
    told.about(state, entry::rolled_back, std::move(body));
    CHECK_OK(reopen_after_rollback(state, context, told));
  }
  CHECK_OK(told.commit());
  nudge();
  return {};
}

}  // namespace aright::remediation
