// The turn in which a fix is looked at, and what follows from that.

#include <algorithm>

#include "base/overloaded.h"
#include "remediation/engine.h"
#include "remediation/health.h"
#include "remediation/passing.h"

namespace aright::remediation {

namespace {

constexpr std::string_view pending_fact = "PendingModifiedValues";

// An event rule asked for an action, not for a state: there is nothing to read but how the action ended.
bool is_of_event_rule(const State& state) { return state.control.starts_with("rule:"); }

// What a look saw of the fix's own control, and of those that are met now and were not: told like what a scan judges.
std::vector<Judged> seen_in(const State& state, const rules::Evaluation& own, const json::Value& others) {
  std::vector<Judged> out;
  if (is_of_event_rule(state)) return out;
  auto add = [&](const std::string& control, const rules::Evaluation& evaluation) {
    out.push_back({.resource = state.resource, .control = control, .evaluation = evaluation,
                   .source = std::string(engine_name), .title = {}, .other_id = {}, .action = {}, .tags = {}});
  };
  add(state.control, own);
  for (const auto& [id, now] : json::members(others))
    if (json::text(now) == "COMPLIANT" && json::text(state.others, id, "") != "COMPLIANT")
      add(std::string(id), {rules::Compliance::compliant, ""});
  return out;
}

}  // namespace

const Care& Engine::care_of(const State& state) const { return care_for(policy().cares, candidate_of(state)); }

std::string Engine::unhealthy(const State& state, const Context& context) {
  auto reader = gateway_.reader(state.resource.account, state.resource.region);
  for (const auto& name : care_of(state).health)
    if (const auto* check = policy().health_check_named(name))
      if (auto fault = health_fault(*check, state.resource, library(), *reader, context); !fault.empty()) return fault;
  return "";
}

// Whether the service says that it has the change, and makes it later.
Result<bool> Engine::is_pending(const State& state, const Context& context) {
  const auto* type = catalog_.type(state.resource.type);
  if (!type || std::ranges::find(type->aspects, pending_fact, &cloud::Aspect::name) == type->aspects.end())
    return false;
  auto reader = gateway_.reader(state.resource.account, state.resource.region);
  auto snapshot = cloud::read_snapshot(*reader, to_ref(state.resource), {std::string(pending_fact)}, clock_, context,
                                       catalog_);
  if (!snapshot && passing(snapshot.error())) return fail(snapshot.error());
  if (!snapshot) return false;
  const json::Value facts = snapshot->facts;
  return !json::members(json::at(facts, pending_fact)).empty();
}

Result<Look> Engine::look_at(const State& state, json::Object& body, const Context& context) {
  Look look;
  if (is_of_event_rule(state)) {
    look.evaluation = {state.succeeded ? rules::Compliance::not_applicable : rules::Compliance::insufficient_data,
                       "an event rule names no control to verify"};
    body["compliance"] = rules::name(rules::Compliance::not_applicable);
  } else {
    auto all = TRY(judge_all(state.resource, state.control, context));
    auto own = all.find(state.control);
    if (own == all.end()) {  // a control that judges another type
      auto judged = TRY(detector().evaluate(state.control, state.resource, context));
      own = all.emplace(state.control, judged.evaluation).first;
    }
    look.evaluation = own->second;
    auto others = compliances(all, state.control);
    for (const auto& [id, now] : others)
      if (now == "NON_COMPLIANT" && json::text(state.others, id, "") == "COMPLIANT") look.worse = id;
    body["compliance"] = rules::name(look.evaluation.compliance);
    body["others"] = std::move(others);
    if (!is_good(look)) look.pending = TRY(is_pending(state, context));
  }
  if (state.succeeded) look.unhealthy = unhealthy(state, context);
  body["annotation"] = look.evaluation.annotation;
  body["good"] = is_good(look) && !state.violated;
  if (!look.unhealthy.empty()) body["unhealthy"] = look.unhealthy;
  return look;
}

// What succeeded is let be; what did not may have left something half done, and is for a person.
Result<> Engine::end_unjudged(const State& state) {
  auto reason = why_let_go(state.control, state.resource.account) + ", and so nobody can tell whether the fix worked";
  if (!state.succeeded) reason += ": " + state.last_error;
  auto told = telling();
  told.about(state, state.succeeded ? entry::closed : entry::escalated, {{"reason", reason}});
  if (!state.succeeded)
    told.notify(notice(state, "escalated", what(state) + " could not be set right", {{"reason", reason}}));
  resolve_let_go(TRY(finding(state.finding)), told);
  CHECK_OK(told.commit());
  nudge();
  return {};
}

Result<> Engine::verify_now(const State& state, const Context& context) {
  if (!is_of_event_rule(state) && !controls().find(state.control)) return end_unjudged(state);
  json::Object body;
  auto look = TRY(look_at(state, body, context));
  const auto seen = seen_in(state, look.evaluation, json::at(body, "others"));
  const auto& care = care_of(state);
  CHECK_OK(std::visit(
      Overloaded{[&](const IsGood&) { return conclude(state, body); },
                 [&](const LookAgain& again) {
                   body["again"] = again.at.iso();
                   body["why_again"] = again.why;
                   return tell(state, entry::verified, body);
                 },
                 [&](const TryAgain& again) { return end_badly(state, body, {{"due", again.due.iso()}}, nullptr); },
                 [&](const IsBad& bad) { return end_badly(state, body, {{"reason", bad.reason}}, &bad); }},
      conclusion(state, look, care, clock_.now())));
  if (hears_judgements_) hears_judgements_(seen);
  return {};
}

// What is not good is tried again, taken back, or left to a person.
Result<> Engine::end_badly(const State& state, json::Object verification, json::Object body, const IsBad* bad) {
  auto told = telling();
  told.about(state, entry::verified, std::move(verification));
  bool opened = TRY(warn_of_breaker(state, told));
  if (bad && bad->demotes) body["demoted"] = bad->reason;
  if (opened) body["demoted"] = "the breaker of the control opened";
  if (!bad) {
    told.about(state, entry::retry_scheduled, std::move(body));
  } else if (care_of(state).take_back && !state.executions.empty()) {
    body["principal"] = engine_name;
    body["principal_arn"] = "";
    body["by_itself"] = true;
    told.about(state, entry::rollback_requested, std::move(body));
    told.notify(notice(state, "escalated", what(state) + " is taken back: " + bad->reason, {{"reason", bad->reason}}));
  } else {
    CHECK_OK(except_after_attempts(state, told));
    told.about(state, entry::escalated, std::move(body));
    told.notify(notice(state, "escalated", what(state) + " could not be set right", {{"reason", bad->reason}}));
    resolve_let_go(TRY(finding(state.finding)), told);
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

}  // namespace aright::remediation
