// Replays, turn by turn: each looks at some entries of the ledger, hands in what is asked for, and says how far it is,
// in one append. Killed in between, it goes on behind the last one.

#include "ledger/timers.h"
#include "remediation/engine.h"
#include "remediation/event_replay.h"

namespace aright::remediation {

namespace {

Result<> keep(store::Transaction& tx, const std::string& stream, const std::vector<ledger::Entry>& entries,
              const EventReplay& replay, Timestamp now) {
  for (const auto& entry : entries)
    if (entry.stream == stream) CHECK_OK(ledger::documents::put(tx, replay_document(entry)));
  if (replay.running()) return ledger::timers::set(tx, {.id = stream, .stream = stream, .due = now});
  CHECK_OK(ledger::timers::cancel(tx, stream));
  return {};
}

ledger::Draft draft_of(const std::string& stream, const char* kind, const EventReplay& replay) {
  return {.stream = stream, .kind = kind, .body = to_json(replay), .sequence = replay.sequence + 1};
}

}  // namespace

Result<> Engine::start_replay(const ReplayOrder& order, const Actor& actor) {
  CHECK_OK(check(order, policy()));
  auto stream = std::string(replay_prefix) + order.name;
  EventReplay replay{.order = order, .state = "running", .next = 1, .end = ledger_.size(), .started = clock_.now()};
  std::vector<ledger::Draft> drafts;
  drafts.push_back(draft_of(stream, entry::replay_started, replay));
  drafts.back().body["principal"] = actor.name;
  auto appended = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto& entries) {
    return keep(tx, stream, entries, replay, entries.back().time);
  });
  if (!appended && appended.error().code == Errc::conflict)
    return fail(Errc::conflict, "there was a replay '{}' already; give this one another name", order.name);
  if (!appended) return fail(appended.error());
  nudge();
  return {};
}

// What it handed in before is handed in. A turn that is under way goes first, and this one after it.
Result<> Engine::cancel_replay(const std::string& name, const Actor& actor) {
  auto stream = std::string(replay_prefix) + name;
  for (int attempt = 0; attempt < tell_attempts_max; ++attempt) {
    auto replay = TRY(read_event_replay(ledger_, name));
    if (!replay.running()) return fail(Errc::conflict, "the replay '{}' is {}", name, replay.state);
    replay.state = "cancelled";
    replay.ended = clock_.now();
    std::vector<ledger::Draft> drafts;
    drafts.push_back(draft_of(stream, entry::replay_ended, replay));
    drafts.back().body["principal"] = actor.name;
    auto appended = ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto& entries) {
      return keep(tx, stream, entries, replay, entries.back().time);
    });
    if (appended || appended.error().code != Errc::conflict) return appended ? Result<>() : fail(appended.error());
  }
  return fail(Errc::conflict, "the replay '{}' goes on too quickly to be cancelled: ask again", name);
}

Result<> Engine::turn_replay(const std::string& stream, const Context&) {
  auto replay = TRY(read_event_replay(ledger_, stream.substr(replay_prefix.size())));
  if (!replay.running())
    return ledger_.database().transact([&](store::Transaction& tx) -> Result<> {
      CHECK_OK(ledger::timers::cancel(tx, stream));
      return {};
    });
  const auto* archive = policy().archive_named(replay.order.archive);
  auto now = clock_.now();
  std::vector<ledger::Draft> drafts;
  std::vector<std::string> woken;
  const auto last = archive && replay.running() ? std::min(replay.end, replay.next + replay_positions_max - 1) : 0;
  while (replay.next <= last && drafts.size() < replay_batch && replay.running()) {
    auto entries = TRY(ledger_.read(replay.next, std::min<std::size_t>(replay_batch, last - replay.next + 1)));
    if (entries.empty()) break;
    for (const auto& entry : entries) {
      if (drafts.size() >= replay_batch) break;
      if (is_asked_for(entry, *archive, replay.order, now)) {
        if (replay.events == replay.order.events_max) {
          replay.state = "cut";
          break;
        }
        auto event = json::members(json::at(entry.body, "body"));
        event["replay-name"] = replay.order.name;
        auto received = TRY(received_signal(std::move(event), {.bus = archive->bus,
                                                               .at = now,
                                                               .replay = replay.order.name,
                                                               .rules = replay.order.rules,
                                                               .again = replay.order.again}));
        woken.push_back(received.first.str());
        drafts.push_back(std::move(received.second));
        ++replay.events;
        if (auto time = parse_timestamp(json::text(json::at(entry.body, "body"), "time", ""))) replay.latest = *time;
      }
      replay.next = entry.position + 1;
    }
  }
  if (replay.running() && (!archive || replay.next > replay.end)) replay.state = archive ? "completed" : "failed";
  if (!replay.running()) replay.ended = now;
  drafts.push_back(draft_of(stream, replay.running() ? entry::replay_progressed : entry::replay_ended, replay));
  CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto& entries) -> Result<> {
    for (const auto& signal : woken)
      CHECK_OK(ledger::timers::set(tx, {.id = signal, .stream = signal, .due = now}));
    return keep(tx, stream, entries, replay, now);
  }));
  nudge();
  return {};
}

}  // namespace aright::remediation
