#pragma once
// Replays of archived events. An archive is a view of the ledger, which holds every event that came in: those of one
// bus that match a pattern, as long as it keeps them. A replay hands those of a time window in once more, in the order
// in which they came, under its own name.

#include <optional>
#include <string>
#include <vector>

#include "ledger/documents.h"
#include "ledger/ledger.h"
#include "remediation/policy.h"

namespace aright::remediation {

inline constexpr std::string_view replay_prefix = "replay/";  // of the stream of a replay
inline constexpr std::size_t replay_name_chars_max = 64;      // EventBridge's
inline constexpr std::int64_t replay_events_default = 10'000, replay_events_max = 1'000'000;
inline constexpr std::size_t replay_batch = 250;             // events in one append
inline constexpr std::size_t replay_positions_max = 20'000;  // entries looked at in one turn

// What somebody asks for.
struct ReplayOrder {
  std::string name, archive;
  Timestamp from, until;           // of the events' own time; `until` is not in it
  std::vector<std::string> rules;  // which see the events; none: all rules of the bus
  bool again = false;              // remediations that an event led to already are opened once more
  std::int64_t events_max = replay_events_default;
};

// How far it is; the body of each entry of its stream, and its document.
struct EventReplay {
  ReplayOrder order;
  std::string state;                // running, completed, cancelled, failed, cut: there were more than events_max
  std::uint64_t next = 1, end = 0;  // ledger positions: the next to look at, and the last one
  std::int64_t events = 0;          // handed in so far
  Timestamp started;
  std::optional<Timestamp> ended, latest;  // latest: of the event that was handed in last
  std::uint64_t sequence = 0;  // of its last entry

  bool running() const { return state == "running"; }
};
json::Object to_json(const EventReplay& replay);
Result<EventReplay> event_replay_from_json(const json::Value& value);
ledger::Document replay_document(const ledger::Entry& entry);

// Fails with invalid, and the member's name.
Result<> check(const ReplayOrder& order, const Policy& policy);
// Whether an archive holds what a signal_received entry told, and the order asks for it.
bool is_asked_for(const ledger::Entry& entry, const Archive& archive, const ReplayOrder& order, Timestamp now);

// As the ledger has it. Fails with not_found.
Result<EventReplay> read_event_replay(const ledger::Ledger& ledger, std::string_view name);
Result<std::vector<json::Value>> list_event_replays(const ledger::Ledger& ledger);

}  // namespace aright::remediation
