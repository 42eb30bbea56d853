// The turns in which it is decided what to do, and how: decision and plan.

#include <algorithm>

#include "remediation/decide.h"
#include "remediation/dependents.h"
#include "remediation/engine.h"
#include "remediation/passing.h"
#include "remediation/rehearse.h"

namespace aright::remediation {

Result<Facts> Engine::facts_of(const State& state, const Plan* plan) const {
  auto found = TRY(finding(state.finding));
  int rounds = TRY(rounds_of(state.finding));
  const auto* control = controls().find(state.control);
  bool written = control && state.severity != control->severity;  // by an automation rule
  Facts facts{.control = state.control,
              .described = control,
              .resource = state.resource,
              .source = state.source,
              .tags = state.tags,
              .tags_unknown = state.tags_unknown,
              .has_fix = !state.action.target.empty(),
              .rounds_fought = rounds,
              .person_asked = state.forced,
              .severity = written ? state.severity : "",
              .suppressed = state.suppressed,
              .exception = exception_of(found, state.tags),
              .age = found.exists() ? clock_.now() - found.first_seen : milliseconds(0)};
  if (plan) facts.rehearsal = rehearsal_of(*plan);
  facts.track = TRY(track_of(ledger_, state.control));
  return facts;
}

void Engine::tell_decision(const State& state, const Verdict& verdict, Telling& told) const {
  json::Object body{{"decision", name(verdict.decision)},
                    {"reasons", json::Array(verdict.reasons.begin(), verdict.reasons.end())},
                    {"policy", policy().hash},
                    {"basis", policy().hash_for(state.control)}};
  if (!verdict.ladder.empty()) body["ladder"] = verdict.ladder;
  if (verdict.decision == Decision::deferred) body["until"] = verdict.until.value_or(clock_.now() + deferral).iso();
  if (verdict.until) body["excepted"] = true;
  if (verdict.provisional) body["provisional"] = true;
  if (verdict.canary) body["canary"] = true;
  told.about(state, entry::decided, std::move(body));
  if (verdict.until) told.also(wake(state.finding.str(), clock_.now()));  // whether the exception really holds
  if (verdict.fought)
    told.notify(notice(state, "escalated", fmt::format("Somebody undoes the fix of {} again and again", what(state)),
                       {{"escalation", name(Reason::fought)}}));
}

json::Object compliances(const Detector::Evaluations& all, std::string_view but) {
  json::Object out;
  for (const auto& [id, evaluation] : all)
    if (id != but) out[id] = rules::name(evaluation.compliance);
  return out;
}

Result<> Engine::decide_now(const State& state) {
  std::optional<Plan> agreed;
  if (!state.agreed.empty())
    if (auto plan = sealed_plan(state.finding, state.agreed)) agreed = std::move(*plan);
  auto facts = TRY(facts_of(state, agreed ? &*agreed : nullptr));
  auto told = telling();
  tell_decision(state, decide(policy(), facts), told);
  CHECK_OK(told.commit());
  nudge();
  return {};
}

Result<Detector::Evaluations> Engine::judge_all(const Resource& resource, const std::string& own,
                                                const Context& context, aws::Caller* through) {
  std::vector<const rules::Control*> judges;
  for (const auto* control : controls().for_type(resource.type)) {
    bool holds = policy().enabled(control->id, resource.account) && !control->on_signal_only;
    if (holds || control->id == own) judges.push_back(control);
  }
  auto judged = detector().evaluate_all(judges, resource, context, through);
  // What the rehearsed image cannot answer is not known.
  if (!judged && through && !passing(judged.error())) return Detector::Evaluations{};
  return judged;
}

Result<json::Object> Engine::judge_others(const State& state, const Context& context) {
  auto all = TRY(judge_all(state.resource, "", context));
  return compliances(all, state.control);
}

// What was agreed to is not done in another way; whoever agreed must hear of it.
Result<> Engine::void_plan(const State& state, const std::string& reason, const std::optional<ExecutionId>& during) {
  auto told = telling();
  json::Object body{{"reason", reason}};
  if (during) body["execution"] = during->str();
  told.about(state, entry::plan_voided, std::move(body));
  if (!state.agreed.empty())
    told.notify(notice(state, "escalated", what(state) + ": the agreed plan is void", {{"reason", reason}}));
  else if (state.plans_made >= plan_attempts_max)
    told.notify(notice(state, "escalated", what(state) + ": each plan was void before it was done",
                       {{"reason", reason}}));
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
  auto prepared = TRY(prepare(library(), state.action, state.resource, state.control, *reader, context));
  auto reason = TRY(void_because(plan, prepared, *reader, context));
  if (!reason.empty()) return void_plan(state, reason);
  auto others = TRY(judge_others(state, context));
  return tell(state, entry::planned, {{"plan", to_json(plan)}, {"others", std::move(others)}});
}

Result<Plan> Engine::make_plan(const FindingId& finding, const std::string& control, const Resource& resource,
                               const Action& action, const Context& context) {
  auto reader = gateway_.reader(resource.account, resource.region);
  Rehearsed rehearsed{.finding = finding, .control = control, .resource = resource, .action = action};
  rehearsed.judge = [&](aws::Caller* stage) -> Result<json::Object> {
    auto all = TRY(judge_all(resource, control, context, stage));
    return compliances(all, "");
  };
  rehearsed.dependents = TRY(dependents_of(resource, detector().relations(), *reader, clock_, catalog_, context));
  return rehearse(library(), gateway_, rehearsed, clock_, context);
}

Result<> Engine::plan_now(const State& state, const Context& context) {
  if (!state.agreed.empty()) return take_agreed_plan(state, context);
  auto plan = make_plan(state.finding, state.control, state.resource, state.action, context);
  auto told = telling();
  if (!plan) {
    if (passing(plan.error())) return fail(plan.error());
    told.about(state, entry::planning_failed, {{"error", plan.error().text()}});
    told.notify(notice(state, "escalated", what(state) + ": no plan could be made", {{"error", plan.error().text()}}));
  } else {
    json::Object others;
    for (const auto& [id, judged] : plan->outlook)
      if (id != state.control) others[id] = json::at(judged, "before");
    bool goes_on = true;
    if (state.provisional) {
      auto facts = TRY(facts_of(state, &*plan));
      auto verdict = decide(policy(), facts);
      tell_decision(state, verdict, told);
      goes_on = verdict.decision == Decision::automatic || verdict.decision == Decision::approval;
    }
    if (goes_on) told.about(state, entry::planned, {{"plan", to_json(*plan)}, {"others", std::move(others)}});
  }
  CHECK_OK(told.commit());
  nudge();
  return {};
}

}  // namespace aright::remediation
