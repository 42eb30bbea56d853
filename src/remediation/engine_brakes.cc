// What the engine reads for the brakes. What they say is decided in brakes.cc.

#include <algorithm>

#include "remediation/engine.h"
#include "remediation/projection.h"

namespace aright::remediation {

Candidate Engine::candidate_of(const State& state) const {
  return {.control = state.control,
          .severity = state.severity,
          .resource = state.resource,
          .tags = policy().tags_of(state.resource, state.tags),
          .tags_unknown = !state.tags_unknown.empty()};
}

Result<std::optional<Hold>> Engine::held_back(const State& state) {
  auto candidate = candidate_of(state);
  auto hold = frozen(policy().brakes.freezes, candidate, clock_.now());
  hold = longer(hold, TRY(held_by_exception(state)));
  hold = longer(hold, TRY(held_by_pace(state)));
  hold = longer(hold, TRY(held_by_canary(state, candidate)));
  hold = longer(hold, TRY(held_by_running(state, candidate)));
  hold = longer(hold, TRY(held_by_breaker(state)));
  return longer(hold, TRY(held_by_limits(state, candidate)));
}

// Those that wait for room wait in a line.
Result<std::optional<Hold>> Engine::held_by_limits(const State& state, const Candidate& candidate) {
  std::optional<Hold> hold;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    for (const auto& limit : policy().brakes.limits) {
      if (!concerns(limit, candidate) || limit.running != 0) continue;
      std::optional<std::int64_t> judged;
      if (limit.percent != 0) judged = TRY(count_judged(tx, state.control));
      int allowed = starts_allowed(limit, judged);
      auto key = count_key(limit.of, state.control, state.resource);
      auto latest = TRY(latest_starts(tx, key, static_cast<std::size_t>(allowed)));
      hold = longer(hold, slots_.held_by(limit, key, allowed, std::move(latest), state.id.str(), clock_.now()));
    }
    return {};
  }));
  if (hold) slots_.waits_until(state.id.str(), hold->until);
  return hold;
}

Result<std::optional<Hold>> Engine::held_by_breaker(const State& state) const {
  const auto& breaker = policy().brakes.breaker;
  std::optional<Hold> hold;
  if (breaker.failures == 0) return hold;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    auto outcomes = TRY(latest_outcomes(tx, state.control, static_cast<std::size_t>(breaker.failures)));
    if (!is_open(breaker, outcomes)) return {};
    auto starts = TRY(latest_starts(tx, count_key(Limit::Of::control, state.control, state.resource), 1));
    auto last = starts.empty() ? std::nullopt : std::optional(starts[0]);
    hold = held_by(breaker, outcomes, last, clock_.now());
    return {};
  }));
  return hold;
}

Result<std::optional<Hold>> Engine::held_by_pace(const State& state) const {
  const auto* configuration = policy().remediation_for(state.control);
  if (!configuration || !configuration->pace || state.forced) return std::nullopt;
  ControlCounts fleet;
  for (const auto& item : TRY(list_findings(ledger_, {.status = "open", .parent = state.control}))) {
    ++fleet.non_compliant;
    if (json::text(item, "stage", "") == "escalated") ++fleet.failed;
  }
  for (const auto& item : TRY(list_scanned(ledger_)))
    if (json::text(item, "control", "") == state.control)
      fleet.non_compliant = std::max(fleet.non_compliant, json::integer(json::at(item, "NON_COMPLIANT")));
  for (const auto* stage : {"executing", "verifying", "rolling_back"})
    for (const auto& item : TRY(list_remediations(ledger_, {.status = stage, .parent = ""})))
      if (json::text(item, "control", "") == state.control) ++fleet.running;
  return held_by(*configuration->pace, fleet, clock_.now());
}

// By limits on how many may be under way at one time.
Result<std::optional<Hold>> Engine::held_by_running(const State& state, const Candidate& candidate) const {
  std::optional<Hold> hold;
  bool any = std::ranges::any_of(policy().brakes.limits, [](const Limit& limit) { return limit.running != 0; });
  if (!any) return hold;
  std::map<std::string, std::int64_t> running;
  for (const auto* stage : {"executing", "rolling_back"})
    for (const auto& item : TRY(list_remediations(ledger_, {.status = stage, .parent = ""}))) {
      auto resource = TRY(resource_from_json(json::at(item, "resource")));
      for (const auto& key : count_keys(json::text(item, "control", ""), resource)) ++running[key];
    }
  for (const auto& limit : policy().brakes.limits)
    if (concerns(limit, candidate))
      hold = longer(hold, held_by(limit, running[count_key(limit.of, state.control, state.resource)], clock_.now()));
  return hold;
}

// A person who asked for this very one is not made to wait for others.
Result<std::optional<Hold>> Engine::held_by_canary(const State& state, const Candidate& candidate) const {
  static const Canary usual;
  const auto* canary = canary_of(policy().brakes.canaries, candidate);
  if (!canary && state.canary) canary = &usual;
  if (!canary || state.forced || !state.plan) return std::nullopt;
  auto track = TRY(track_of(ledger_, state.control));
  auto open = TRY(count_open_findings(ledger_, state.control));
  return held_by(*canary, track ? &*track : nullptr, state.plan->runbook_hash, open, clock_.now());
}

Result<> Engine::release_held() {
  auto waiting = TRY(list_remediations(ledger_, {.status = "deferred", .parent = ""}));
  std::ranges::reverse(waiting);  // the longest first: so they stand in the line of a limit
  for (const auto& item : waiting) {
    auto state = TRY(remediation(TRY(RemediationId::parse(json::text(item, "id", "")))));
    const auto* deferred = std::get_if<Deferred>(&state.stage);
    bool decides = deferred && !deferred->ready && !state.excepted;  // that the policy defers it
    if (!deferred || decides) continue;
    auto hold = TRY(deferred->ready ? held_back(state) : held_by_exception(state));
    if (hold) continue;
    if (deferred->until <= clock_.now()) {  // as its last entry says; its timer may say later
      CHECK_OK(wake_at(state.id.str(), clock_.now()));
      continue;
    }
    CHECK_OK(tell(state, entry::deferred,
                  {{"until", clock_.now().iso()}, {"reason", "nothing holds it back any more"}}));
  }
  return {};
}

Result<bool> Engine::warn_of_breaker(const State& state, Telling& told) {
  const auto& breaker = policy().brakes.breaker;
  if (breaker.failures == 0) return false;
  std::vector<Outcome> outcomes;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    outcomes = TRY(latest_outcomes(tx, state.control, static_cast<std::size_t>(breaker.failures)));
    return {};
  }));
  outcomes.insert(outcomes.begin(), Outcome{false, clock_.now()});
  if (!is_open(breaker, outcomes)) return false;
  auto until = (clock_.now() + breaker.pause).iso();
  auto subject = fmt::format("The breaker of {} is open: its last {} fixes failed", state.control, breaker.failures);
  told.notify(notice(state, "escalated", std::move(subject),
                     {{"escalation", name(Reason::breaker_open)}, {"until", until}}));
  return true;
}

Result<json::Array> Engine::breakers_now() {
  const auto& breaker = policy().brakes.breaker;
  json::Array out;
  if (breaker.failures == 0) return out;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    for (const auto& control : policy().controls) {
      auto outcomes = TRY(latest_outcomes(tx, control.id, static_cast<std::size_t>(breaker.failures)));
      if (!is_open(breaker, outcomes)) continue;
      auto until = outcomes.front().at + breaker.pause;
      bool waits = until > clock_.now();
      out.push_back(json::Object{{"control", control.id},
                                 {"state", waits ? "open" : "half_open"},
                                 {"failed_at", outcomes.front().at.iso()},
                                 {"until", until.iso()}});
    }
    return {};
  }));
  return out;
}

Result<json::Array> Engine::held_now() {
  json::Array out;
  for (const auto& item : TRY(list_remediations(ledger_, {.status = "deferred", .parent = ""}))) {
    if (out.size() == held_shown_max) break;
    auto state = TRY(remediation(TRY(RemediationId::parse(json::text(item, "id", "")))));
    const auto* deferred = std::get_if<Deferred>(&state.stage);
    if (!deferred) continue;
    std::optional<Hold> hold = Hold{deferred->until, state.reasons.empty() ? "" : state.reasons.back()};
    // Held on by the same brake it says nothing more of it.
    if (hold->until <= clock_.now()) hold = deferred->ready ? TRY(held_back(state)) : std::nullopt;
    if (!hold) continue;  // nothing but a halt holds it
    out.push_back(json::Object{{"remediation", state.id.str()},
                               {"control", state.control},
                               {"resource", to_json(state.resource)},
                               {"until", hold->until.iso()},
                               {"reason", hold->reason}});
  }
  return out;
}

Result<json::Object> Engine::brakes() {
  const auto& brakes = policy().brakes;
  json::Array freezes, limits;
  for (const auto& freeze : brakes.freezes) {
    auto until = on_until(freeze, clock_.now());
    json::Object tags;
    for (const auto& [key, value] : freeze.tags) tags[key] = value;
    freezes.push_back(json::Object{{"name", freeze.name},
                                   {"on", until.has_value()},
                                   {"until", until ? json::Value(until->iso()) : json::Value(nullptr)},
                                   {"accounts", json::Array(freeze.accounts.begin(), freeze.accounts.end())},
                                   {"tags", std::move(tags)},
                                   {"except_severities", json::Array(freeze.except_severities.begin(),
                                                                     freeze.except_severities.end())}});
  }
  for (const auto& limit : brakes.limits) {
    json::Object one{{"of", name(limit.of)}, {"value", limit.value}, {"window_s", limit.window.count()}};
    if (limit.running != 0) {
      one = {{"of", name(limit.of)}, {"value", limit.value}, {"running", limit.running}};
    } else {
      one[limit.percent == 0 ? "starts" : "percent"] = limit.percent == 0 ? limit.starts : limit.percent;
    }
    limits.push_back(std::move(one));
  }
  auto halts = TRY(halts_now());
  auto breakers = TRY(breakers_now());
  auto held = TRY(held_now());
  return json::Object{{"halted", all_halted()},
                      {"halts", std::move(halts)},
                      {"freezes", std::move(freezes)},
                      {"limits", std::move(limits)},
                      {"breaker", json::Object{{"failures", brakes.breaker.failures},
                                               {"pause_s", brakes.breaker.pause.count()}}},
                      {"breakers", std::move(breakers)},
                      {"fights", json::Object{{"rounds", brakes.fights.rounds},
                                              {"window_s", brakes.fights.window.count()}}},
                      {"held", std::move(held)}};
}

Result<int> Engine::rounds_of(const FindingId& finding) const {
  const auto& fights = policy().brakes.fights;
  auto entries = TRY(ledger_.stream(finding.str()));
  return rounds_fought(entries, clock_.now() - fights.window);
}

}  // namespace aright::remediation
