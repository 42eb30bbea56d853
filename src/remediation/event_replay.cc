#include "remediation/event_replay.h"

#include <algorithm>

namespace aright::remediation {

namespace {

constexpr std::string_view replay_kind = "replay";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= replay_name_chars_max &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; });
}

}  // namespace

json::Object to_json(const EventReplay& replay) {
  const auto& order = replay.order;
  json::Object out{{"name", order.name},
          {"archive", order.archive},
          {"from", order.from.iso()},
          {"until", order.until.iso()},
          {"rules", json::Array(order.rules.begin(), order.rules.end())},
          {"again", order.again},
          {"events_max", order.events_max},
          {"state", replay.state},
          {"next", replay.next},
          {"end", replay.end},
          {"events", replay.events},
          {"started", replay.started.iso()}};
  if (replay.ended) out["ended"] = replay.ended->iso();
  if (replay.latest) out["latest"] = replay.latest->iso();
  return out;
}

Result<EventReplay> event_replay_from_json(const json::Value& value) {
  EventReplay out{.order = {.name = json::text(value, "name", ""),
                       .archive = json::text(value, "archive", ""),
                       .rules = json::texts(json::at(value, "rules")),
                       .again = json::truth(json::at(value, "again")),
                       .events_max = json::integer(json::at(value, "events_max"))},
             .state = json::text(value, "state", ""),
             .next = static_cast<std::uint64_t>(json::integer(json::at(value, "next"))),
             .end = static_cast<std::uint64_t>(json::integer(json::at(value, "end"))),
             .events = json::integer(json::at(value, "events"))};
  out.order.from = TRY(parse_timestamp(json::text(value, "from", "")));
  out.order.until = TRY(parse_timestamp(json::text(value, "until", "")));
  out.started = TRY(parse_timestamp(json::text(value, "started", "")));
  for (auto [member, time] : {std::pair{"ended", &out.ended}, {"latest", &out.latest}})
    if (auto text = json::text(value, member, ""); !text.empty()) *time = TRY(parse_timestamp(text));
  return out;
}

ledger::Document replay_document(const ledger::Entry& entry) {
  return {.kind = std::string(replay_kind),
          .id = json::text(entry.body, "name", ""),
          .body = entry.body,
          .sort = json::text(entry.body, "started", ""),
          .status = json::text(entry.body, "state", ""),
          .parent = json::text(entry.body, "archive", "")};
}

Result<> check(const ReplayOrder& order, const Policy& policy) {
  if (!is_name(order.name))
    return fail(Errc::invalid, "name: 1 to {} letters, digits, dots, dashes or underscores", replay_name_chars_max);
  const auto* archive = policy.archive_named(order.archive);
  if (!archive) return fail(Errc::not_found, "archive: the policy has no archive '{}'", order.archive);
  if (order.until <= order.from) return fail(Errc::invalid, "until: this is not after from");
  if (order.events_max < 1 || order.events_max > replay_events_max)
    return fail(Errc::invalid, "events_max: this must be from 1 to {}", replay_events_max);
  for (const auto& name : order.rules) {
    const auto* rule = policy.rule_named(name);
    if (!rule || rule->bus != archive->bus)
      return fail(Errc::not_found, "rules: the bus '{}' has no rule '{}'", archive->bus, name);
  }
  return {};
}

bool is_asked_for(const ledger::Entry& entry, const Archive& archive, const ReplayOrder& order, Timestamp now) {
  if (entry.kind != entry::signal_received) return false;
  if (json::text(entry.body, "bus", bus::default_bus) != archive.bus) return false;
  if (!json::text(entry.body, "schedule", "").empty()) return false;
  const auto& event = json::members(json::at(entry.body, "body"));
  if (event.contains("replay-name")) return false;
  if (entry.time < archive.since) return false;
  if (archive.retention.count() > 0 && entry.time < now - archive.retention) return false;
  auto time = parse_timestamp(json::text(event, "time"));
  if (!time || *time < order.from || *time >= order.until) return false;
  return !archive.compiled || archive.compiled->matches(event);
}

Result<EventReplay> read_event_replay(const ledger::Ledger& ledger, std::string_view name) {
  auto stream = std::string(replay_prefix) + std::string(name);
  std::uint64_t last = 0;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    last = TRY(ledger::last_sequence(tx, stream));
    return {};
  }));
  if (last == 0)
    return fail(
        {.code = Errc::not_found, .message = fmt::format("there is no replay '{}'", name), .number = "AR-0010"});
  auto entries = TRY(ledger.stream(stream, last));
  if (entries.empty()) return fail(Errc::corrupt, "{}: its last entry is missing", stream);
  auto replay = TRY(event_replay_from_json(entries.front().body));
  replay.sequence = last;
  return replay;
}

Result<std::vector<json::Value>> list_event_replays(const ledger::Ledger& ledger) {
  std::vector<json::Value> out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    auto page = TRY(ledger::documents::list(tx, replay_kind, {.limit = ledger::documents::list_max}));
    for (auto& document : page.documents)
      out.push_back(std::move(document.body));
    return {};
  }));
  return out;
}

}  // namespace aright::remediation
