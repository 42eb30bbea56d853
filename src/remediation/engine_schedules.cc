// Rules that run by themselves. Each has a stream: when it was set, and each run with what follows. The last entry says
// when the next run is due, the timer wakes the stream then, and the run is a signal like any other, told in the same
// append.

#include "base/digest.h"
#include "ledger/timers.h"
#include "remediation/engine.h"

namespace aright::remediation {

namespace {

constexpr std::string_view never = "never";

// How far a schedule is, as the last entry of its stream has it.
struct Standing {
  std::uint64_t sequence = 0;
  std::string kind, expression;
  Timestamp start;                // a rate counts from here
  std::optional<Timestamp> next;  // none: never again
};

std::string time_text(const std::optional<Timestamp>& time) {
  return time ? time->iso() : std::string(never);
}

json::Object body_of(const Standing& standing) {
  return {{"expression", standing.expression}, {"start", standing.start.iso()}, {"next", time_text(standing.next)}};
}

Result<Standing> standing_of(const ledger::Ledger& ledger, const std::string& stream) {
  Standing out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    out.sequence = TRY(ledger::last_sequence(tx, stream));
    return {};
  }));
  if (out.sequence == 0) return out;
  auto entries = TRY(ledger.stream(stream, out.sequence));
  if (entries.empty()) return fail(Errc::corrupt, "{}: its last entry is missing", stream);
  const auto& last = entries.front();
  out.kind = last.kind;
  out.expression = json::text(last.body, "expression", "");
  if (auto start = parse_timestamp(json::text(last.body, "start", ""))) out.start = *start;
  if (auto next = parse_timestamp(json::text(last.body, "next", ""))) out.next = *next;
  return out;
}

Result<> set_timer(store::Transaction& tx, const std::string& stream, const std::optional<Timestamp>& due) {
  if (due) return ledger::timers::set(tx, {.id = stream, .stream = stream, .due = *due});
  CHECK_OK(ledger::timers::cancel(tx, stream));
  return {};
}

// The same run has the same id, in the form that EventBridge gives its own.
std::string event_id(std::string_view rule, Timestamp due) {
  auto hex = to_hex(sha256(fmt::format("{}|{}", rule, due.ms)));
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20, 12));
}

json::Object scheduled_event(const EventRule& rule, Timestamp due) {
  json::Object out{{"id", event_id(rule.name, due)},
                   {"detail-type", "Scheduled Event"},
                   {"source", bus::schedule_source},
                   {"time", due.iso_seconds()},
                   {"resources", json::Array{json::Value(rule.arn)}},
                   {"detail", json::Object()}};
  for (const auto& [member, value] : rule.event) out[member] = value;
  return out;
}

// The first run after `after` that is not before the schedule begins, nor when it has ended.
std::optional<Timestamp> next_run_of(const EventRule& rule, Timestamp after, Timestamp start) {
  if (rule.begins && *rule.begins > after) after = *rule.begins + milliseconds(-1);
  auto next = rule.schedule->next(after, start);
  return next && rule.ends && *next > *rule.ends ? std::nullopt : next;
}

}  // namespace

// What the policy says of schedules, and the ledger does not know yet. The timers of the others are where they were.
Result<> Engine::plant_schedules() {
  std::vector<EventRule> all = policy().event_rules;
  all.insert(all.end(), policy().clocked.begin(), policy().clocked.end());
  for (const auto& rule : all) {
    if (!rule.schedule || !rule.enabled) continue;
    auto stream = std::string(schedule_prefix) + rule.name;
    auto standing = TRY(standing_of(ledger_, stream));
    bool known = standing.sequence > 0 && standing.kind != entry::schedule_ended;
    if (known && standing.expression == rule.expression) continue;
    auto now = clock_.now();
    Standing set{.expression = rule.expression, .start = now, .next = rule.at_once ? now : next_run_of(rule, now, now)};
    std::vector<ledger::Draft> drafts;
    drafts.push_back(
        {.stream = stream, .kind = entry::schedule_set, .body = body_of(set), .sequence = standing.sequence + 1});
    CHECK_OK(ledger_.append(std::move(drafts),
                            [&](store::Transaction& tx, const auto&) { return set_timer(tx, stream, set.next); }));
  }
  return {};
}

Result<> Engine::turn_schedule(const std::string& stream, const Context&) {
  const auto* rule = policy().rule_named(stream.substr(schedule_prefix.size()));
  auto standing = TRY(standing_of(ledger_, stream));
  std::vector<ledger::Draft> drafts;
  if (!rule || !rule->schedule || !rule->enabled) {
    drafts.push_back({.stream = stream, .kind = entry::schedule_ended, .body = {}, .sequence = standing.sequence + 1});
    CHECK_OK(ledger_.append(std::move(drafts),
                            [&](store::Transaction& tx, const auto&) { return set_timer(tx, stream, std::nullopt); }));
    return {};
  }
  auto now = clock_.now();
  if (!standing.next || *standing.next > now)
    return ledger_.transact([&](store::Transaction& tx) { return set_timer(tx, stream, standing.next); });
  auto due = *standing.next;
  std::int64_t missed = 0;
  auto next = next_run_of(*rule, due, standing.start);
  while (next && *next <= now && missed < missed_count_max) {
    ++missed;
    due = *next;
    next = next_run_of(*rule, due, standing.start);
  }
  if (next && *next <= now) next = next_run_of(*rule, now, standing.start);
  bool skipped = rule->missed == Missed::skip && now - due > schedule_grace;
  auto event = skipped ? json::Object() : scheduled_event(*rule, due);
  standing.next = next;
  auto body = body_of(standing);
  body["due"] = due.iso_seconds();
  body["missed"] = missed;
  if (skipped) body["skipped"] = true;
  drafts.push_back(
      {.stream = stream, .kind = entry::schedule_ran, .body = std::move(body), .sequence = standing.sequence + 1});
  std::optional<SignalId> signal;
  if (!skipped) {
    // An event of its own is put on a bus, where every rule sees it.
    Arrival arrival{.bus = rule->bus, .at = now, .schedule = rule->name};
    if (!rule->event.empty()) arrival = {.bus = rule->targets.front().name, .at = now};
    auto received = TRY(received_signal(std::move(event), arrival));
    signal = received.first;
    drafts.push_back(std::move(received.second));
  }
  CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) -> Result<> {
    if (signal) CHECK_OK(ledger::timers::set(tx, {.id = signal->str(), .stream = signal->str(), .due = now}));
    return set_timer(tx, stream, next);
  }));
  nudge();
  return {};
}

}  // namespace aright::remediation
