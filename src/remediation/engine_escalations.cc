// Turns of escalations, and of the watch over what should pass by itself; and what people say to them.

#include <algorithm>

#include "ledger/timers.h"
#include "remediation/engine.h"

namespace aright::remediation {

namespace {

ledger::Draft draft(const Escalation& one, const char* kind, json::Object body) {
  return {.stream = one.id.str(), .kind = kind, .body = std::move(body), .sequence = one.sequence + 1};
}

}  // namespace

Result<Escalation> Engine::escalation(const EscalationId& id) const {
  auto entries = TRY(ledger_.stream(id.str()));
  if (entries.empty())
    return fail({.code = Errc::not_found, .message = "there is no escalation " + id.str(), .number = "AR-0010"});
  Escalation out;
  for (const auto& entry : entries) fold(out, entry);
  return out;
}

namespace {

// The ladder that it climbs by the policy that holds, and how far it is up.
json::Array rungs_of(const EscalationLadder& ladder, std::size_t told) {
  json::Array out;
  for (const auto& rung : ladder)
    out.push_back(json::Object{{"tell", rung.tell}, {"wait_s", rung.wait.count()}, {"told", out.size() < told}});
  return out;
}

}  // namespace

Result<std::vector<json::Value>> Engine::escalations() const {
  std::vector<json::Value> out;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    out = TRY(list_escalations(tx, ""));
    return {};
  }));
  for (auto& one : out) {
    auto reason = TRY(parse_reason(json::text(one, "reason", "")));
    auto told = json::items(json::at(one, "told")).size();
    one.as_object()["ladder"] = rungs_of(policy().escalations.ladder_for(reason), told);
  }
  return out;
}

// One entry about it, with its document and its timer.
Result<> Engine::tell_escalation(const Escalation& one, const char* kind, json::Object body,
                                 std::optional<Directed> message) {
  std::vector<ledger::Draft> drafts;
  drafts.push_back(draft(one, kind, std::move(body)));
  CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto& entries) -> Result<> {
    auto after = one;
    for (const auto& entry : entries) fold(after, entry);
    auto id = one.id.str();
    CHECK_OK(store_escalation(tx, after));
    if (message) CHECK_OK(queue_notice_for(tx, policy(), *message, entries[0].time));
    if (after.waits()) return ledger::timers::set(tx, {.id = id, .stream = id, .due = *after.due});
    CHECK_OK(ledger::timers::cancel(tx, id));
    return {};
  }));
  nudge();
  return {};
}

Result<Circumstances> Engine::circumstances_of(const Escalation& one) const {
  Circumstances circumstances{.breaker_open = false};
  if (auto id = FindingId::parse(one.finding)) {
    auto found = finding(*id);
    if (!found && found.error().code != Errc::not_found) return fail(found.error());
    if (found) {
      circumstances.finding_open = found->open;
      circumstances.latest_remediation = found->remediation.str();
    }
  }
  if (auto id = RemediationId::parse(one.remediation)) {
    auto state = TRY(remediation(*id));
    circumstances.stage = name(state.stage);
  }
  const auto& breaker = policy().brakes.breaker;
  if (one.reason != Reason::breaker_open || breaker.failures == 0) return circumstances;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    auto outcomes = TRY(latest_outcomes(tx, one.control, static_cast<std::size_t>(breaker.failures)));
    circumstances.breaker_open = is_open(breaker, outcomes);
    return {};
  }));
  return circumstances;
}

Result<> Engine::turn_escalation(const std::string& stream) {
  auto id = TRY(EscalationId::parse(stream));
  auto one = TRY(escalation(id));
  auto now = clock_.now();
  if (one.settled) return rest(stream, {{stream, one.sequence}}, std::nullopt);
  std::vector<Seen> seen{{stream, one.sequence}};
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    for (const auto& about : {one.finding, one.remediation}) {
      if (about.empty()) continue;
      auto last = TRY(ledger::last_sequence(tx, about));
      seen.push_back({about, last});
    }
    return {};
  }));
  auto circumstances = TRY(circumstances_of(one));
  if (auto because = settled_because(one, circumstances); !because.empty())
    return tell_escalation(one, entry::escalation_settled, {{"because", because}}, std::nullopt);
  if (!one.waits() || now < *one.due)
    return rest(stream, seen, one.waits() ? one.due : std::nullopt);
  const auto& ladder = policy().escalations.ladder_for(one.reason);
  auto rung = next_rung(one, ladder);
  if (!rung)
    return tell_escalation(one, entry::escalation_settled, {{"because", "the policy names nobody else to tell"}},
                           std::nullopt);
  json::Object said{{"escalation", name(one.reason)}, {"acknowledge", stream},
                    {"remediation", one.remediation}, {"finding", one.finding}, {"control", one.control},
                    {"resource", one.resource}, {"raised", one.raised.iso()},
                    {"told_before", fmt::format("{}", fmt::join(one.told, ", "))}};
  notify::Notice notice{.id = fmt::format("{}/escalated/{}", stream, one.sequence), .kind = "escalated",
                        .subject = "Nobody sees to it: " + one.subject, .body = std::move(said)};
  return tell_escalation(one, entry::escalation_told, told_body(*rung, one.told.size(), ladder, now),
                         Directed{rung->tell, std::move(notice)});
}

// The stage that was to pass has not.
Result<> Engine::turn_watch(const std::string& stream) {
  auto id = TRY(RemediationId::parse(std::string_view(stream).substr(watch_prefix.size())));
  auto state = TRY(remediation(id));
  auto after = policy().escalations.stuck_after;
  if (!is_watched(state.stage) || !policy().escalations.any()) return rest(stream, {{id.str(), state.sequence}}, {});
  if (is_halted(state)) return wake_at(stream, clock_.now() + after);  // it stands because somebody wants it to
  auto told = telling();
  told.notify(notice(state, "escalated", what(state) + ": nothing goes on, it is " + std::string(name(state.stage)),
                           {{"escalation", name(Reason::stuck)}, {"stage", name(state.stage)}}));
  told.also([&](store::Transaction& tx) -> Result<> {
    CHECK_OK(ledger::timers::cancel(tx, stream));
    return {};
  });
  CHECK_OK(told.follow_up());
  if (told.empty()) return rest(stream, {{id.str(), state.sequence}}, {});  // somebody is told of it already
  CHECK_OK(told.commit());
  nudge();
  return {};
}

// Timers of the watch, for what was under way before the policy said so, or before the timers were made anew.
Result<> Engine::plant_watches() {
  if (!policy().escalations.any()) return {};
  std::vector<ledger::Timer> timers;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    timers = TRY(ledger::timers::all(tx));
    return {};
  }));
  std::set<std::string> there;
  for (const auto& timer : timers) there.insert(timer.id);
  for (const auto* stage : {"planning", "ready", "executing", "verifying", "rolling_back"})
    for (const auto& item : TRY(list_remediations(ledger_, {.status = stage, .parent = ""}))) {
      auto id = TRY(RemediationId::parse(json::text(item, "id", "")));
      if (there.contains(watch_of(id))) continue;
      CHECK_OK(wake_at(watch_of(id), clock_.now() + policy().escalations.stuck_after));
    }
  return {};
}

Result<Escalation> Engine::acknowledge(const EscalationId& id, const Actor& actor, std::string comment) {
  for (int attempt = 0; attempt < tell_attempts_max; ++attempt) {
    auto one = TRY(escalation(id));
    if (one.settled) return fail(Errc::conflict, "{} is settled: {}", id.str(), one.settled->because);
    if (one.acknowledged) return fail(Errc::conflict, "{} sees to {} already", one.acknowledged->by, id.str());
    auto body = by(actor);
    body["comment"] = comment;
    auto told = tell_escalation(one, entry::escalation_acknowledged, std::move(body), std::nullopt);
    if (told) return escalation(id);
    if (told.error().code != Errc::conflict) return fail(told.error());
  }
  return fail(Errc::conflict, "{}: others kept changing it", id.str());
}

}  // namespace aright::remediation
