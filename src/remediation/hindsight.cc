#include "remediation/hindsight.h"

#include "remediation/excepted.h"
#include "remediation/projection.h"
#include "remediation/rollback.h"

namespace aright::remediation {

json::Object to_json(const Redecided& one) {
  json::Object out{{"remediation", one.id.str()},
                   {"control", one.control},
                   {"resource", to_json(one.resource)},
                   {"at", one.at.iso()},
                   {"was", one.was ? json::Value(name(*one.was)) : json::Value(nullptr)},
                   {"now", one.judged ? json::Value(name(one.now)) : json::Value(nullptr)},
                   {"changed", one.changed()},
                   {"reasons", json::Array(one.reasons.begin(), one.reasons.end())}};
  if (one.hold) out["held"] = json::Object{{"until", one.hold->until.iso()}, {"reason", one.hold->reason}};
  return out;
}

void Hindsight::take(const ledger::Entry& entry) {
  if (entry.kind == entry::decided) {
    auto found = open_.find(entry.stream);
    if (found == open_.end()) return;
    auto was = parse_decision(json::text(entry.body, "decision", ""));
    all_[found->second].was = was ? std::optional(*was) : std::nullopt;
    // The first decision, or the one after its rehearsal: later ones are of retries and deferrals.
    if (!json::truth(json::at(entry.body, "provisional"))) open_.erase(found);
  }
  if (entry.kind == entry::planned) take_plan(entry);
  if (entry.kind == entry::scanned)
    for (const auto& [control, counts] : json::members(json::at(entry.body, "controls")))
      judged_[control] = judged_in(counts);
  take_track(entry);
  if (entry.kind != entry::remediation_opened || entry.time < since_ || entry.time > until_) return;
  State state;
  fold(state, entry);
  if (state.forced) return;
  Redecided one{.id = state.id, .control = state.control, .resource = state.resource, .at = entry.time};
  if (decide_again(state, one)) unrehearsed_[entry.stream] = {all_.size(), state};
  open_[entry.stream] = all_.size();
  all_.push_back(std::move(one));
  candidates_.push_back({.control = state.control,
                         .severity = state.severity,
                         .resource = state.resource,
                         .tags = policy_.tags_of(state.resource, state.tags)});
}

void Hindsight::take_track(const ledger::Entry& entry) {
  auto add = [&](auto& before) {
    auto& track = tracks_.try_emplace(before.control, Track{.control = before.control}).first->second;
    track.take(before, entry);
    fold(before, entry);
  };
  std::string_view kind = entry.kind;
  if (entry.stream.starts_with(FindingTag::prefix)) add(findings_[entry.stream]);
  if (kind == entry::finding_resolved || kind == entry::finding_reopened) comings_[entry.stream].push_back(entry);
  if (entry.stream.starts_with(RemediationTag::prefix) && !entry.stream.ends_with(rollback_suffix))
    add(remediations_[entry.stream]);
}

// What its rehearsal showed then stands for what it would show.
void Hindsight::take_plan(const ledger::Entry& entry) {
  auto waiting = unrehearsed_.find(entry.stream);
  if (waiting == unrehearsed_.end()) return;
  const auto& [index, state] = waiting->second;
  if (auto plan = plan_from_json(json::at(entry.body, "plan"))) decide_again(state, all_[index], &*plan);
  unrehearsed_.erase(waiting);
}

std::vector<Redecided> Hindsight::end() {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    auto& one = all_[i];
    bool starts = one.judged && (one.now == Decision::automatic || one.now == Decision::approval);
    if (starts) one.hold = start(candidates_[i], one.at);
  }
  return std::move(all_);
}

bool Hindsight::decide_again(const State& state, Redecided& one, const Plan* plan) const {
  bool of_event_rule = state.control.starts_with("rule:");
  one.judged = of_event_rule || policy_.enabled(state.control, state.resource.account);
  if (!one.judged) {
    one.reasons.push_back("the control does not hold in this account");
    return false;
  }
  const auto* control = controls_.find(state.control);
  bool written = control && !state.severity.empty() && state.severity != control->severity;  // by an automation rule
  Facts facts{.control = state.control,
              .described = control,
              .resource = state.resource,
              .source = state.source,
              .tags = state.tags,
              .tags_unknown = state.tags_unknown,
              .has_fix = !state.action.target.empty() || policy_.remediation_for(state.control),
              .severity = written ? state.severity : "",
              .suppressed = state.suppressed};
  if (auto known = findings_.find(state.finding.str()); known != findings_.end()) {
    facts.exception = exception_at(policy_, known->second, state.tags, one.at);
    facts.age = one.at - known->second.first_seen;
  }
  if (auto came_back = comings_.find(state.finding.str()); came_back != comings_.end())
    facts.rounds_fought = rounds_fought(came_back->second, one.at - policy_.brakes.fights.window);
  if (plan) facts.rehearsal = rehearsal_of(*plan);
  if (auto track = tracks_.find(state.control); track != tracks_.end()) facts.track = track->second;
  auto verdict = decide(policy_, facts);
  one.now = verdict.decision;
  one.reasons = std::move(verdict.reasons);
  return verdict.provisional;
}

std::optional<Hold> Hindsight::start(const Candidate& candidate, Timestamp now) {
  auto found = judged_.find(candidate.control);
  auto judged = found == judged_.end() ? std::nullopt : std::optional(found->second);
  auto hold = frozen(policy_.brakes.freezes, candidate, now);
  for (const auto& limit : policy_.brakes.limits) {
    if (!concerns(limit, candidate) || limit.running != 0) continue;
    const auto& known = starts_[count_key(limit.of, candidate.control, candidate.resource)];
    hold = longer(hold, held_by(limit, starts_allowed(limit, judged), {known.begin(), known.end()}, now));
  }
  auto starts_at = hold ? hold->until : now;
  for (const auto& key : count_keys(candidate.control, candidate.resource)) {
    auto& known = starts_[key];
    auto place = std::ranges::find_if(known, [&](Timestamp other) { return other <= starts_at; });
    known.insert(place, starts_at);
    if (known.size() > static_cast<std::size_t>(limit_starts_max)) known.pop_back();
  }
  return hold;
}

}  // namespace aright::remediation
