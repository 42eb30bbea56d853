// EventBridge's own operations: events that come in, patterns that are tried, and replays of archives.

#include <algorithm>
#include <array>

#include "bus/event.h"
#include "bus/target.h"
#include "pattern/pattern.h"
#include "remediation/event_replay.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

// As EventBridge counts it: a time is 14 bytes, however it is written.
std::size_t bytes_of(const json::Value& entry) {
  constexpr std::size_t time_bytes = 14;
  std::size_t bytes = json::at(entry, "Time").is_null() ? 0 : time_bytes;
  for (auto member : {"Source", "DetailType", "Detail"}) bytes += json::text(entry, member, "").size();
  for (const auto& resource : json::texts(json::at(entry, "Resources"))) bytes += resource.size();
  return bytes;
}

AwsAnswer put_event(const AwsTurn& turn, const json::Object& entry) {
  CHECK_OK(bus::check_source(entry));
  return take_in(turn, entry);
}

AwsAnswer put_events(const AwsTurn& turn) {
  const auto& entries = json::items(turn.member("Entries"));
  if (entries.empty() || entries.size() > bus::put_events_entries_max)
    return refuse("ValidationException", fmt::format("PutEvents takes 1 to {} entries", bus::put_events_entries_max));
  if (auto any = bus::check_entries(entries); !any) return refuse("ValidationException", any.error().message);
  std::size_t bytes = 0;
  for (const auto& entry : entries) bytes += bytes_of(entry);
  if (bytes > bus::put_events_bytes_max)
    return refuse("ValidationException", "Total size of the entries in the request is over the limit.");
  json::Array out;
  std::int64_t failed = 0;
  for (const auto& entry : entries) {
    auto taken = put_event(turn, json::members(entry));
    if (!taken) ++failed;
    if (taken)
      out.push_back(std::move(*taken));
    else
      out.push_back(
          json::Object{{"ErrorCode", taken.error().wire_code.empty() ? "InternalFailure"
                                                                     : taken.error().wire_code},
                       {"ErrorMessage", taken.error().message}});
  }
  return json::Object{{"FailedEntryCount", failed}, {"Entries", std::move(out)}};
}

}  // namespace

// An ARN that is none is for the service to refuse, with the whole request.
TakenTargets taken_targets(aws::Call call) {
  TakenTargets out{.call = std::move(call), .failed = {}};
  json::Array taken;
  for (const auto& target : json::items(json::at(out.call.input, "Targets"))) {
    auto answered = bus::read_target(json::Object{{"Arn", json::at(target, "Arn")}});
    if (answered || answered.error().code != Errc::unsupported)
      taken.push_back(target);
    else
      out.failed.push_back(json::Object{{"TargetId", json::at(target, "Id")},
                                        {"ErrorCode", "ValidationException"},
                                        {"ErrorMessage", answered.error().message}});
  }
  out.call.input["Targets"] = std::move(taken);
  return out;
}

namespace {

AwsAnswer test_event_pattern(const AwsTurn& turn) {
  auto pattern = pattern::Pattern::parse(turn.text("EventPattern"));
  if (!pattern) return refuse("InvalidEventPatternException", "Event pattern is not valid. " + pattern.error().message);
  auto event = json::parse(turn.text("Event"));
  if (!event || !event->is_object()) return refuse("ValidationException", "Parameter Event is not valid.");
  for (auto member : {"id", "account", "source", "time", "region", "resources", "detail-type"})
    if (json::at(*event, member).is_null())
      return refuse("ValidationException", fmt::format("Parameter Event is not valid: it has no {}", member));
  return json::Object{{"Result", pattern->matches(*event)}};
}

std::string replay_state(const json::Value& replay) {
  auto state = json::text(replay, "state", "");
  if (state == "cancelled") return "CANCELLED";
  if (state == "failed") return "FAILED";
  return state == "running" ? "RUNNING" : "COMPLETED";
}

// As the engine tells of a replay, in EventBridge's words.
json::Object shown(const AwsTurn& turn, const json::Value& replay, bool whole) {
  auto name = json::text(replay, "name", "");
  auto arn = [&](std::string_view kind, const std::string& of) {
    return fmt::format("arn:aws:events:{}:{}:{}/{}", turn.call.region, turn.signer.account, kind, of);
  };
  json::Object out{{"ReplayName", name},
                   {"EventSourceArn", arn("archive", json::text(replay, "archive", ""))},
                   {"State", replay_state(replay)},
                   {"EventStartTime", json::at(replay, "from")},
                   {"EventEndTime", json::at(replay, "until")},
                   {"ReplayStartTime", json::at(replay, "started")}};
  for (auto [theirs, ours] : {std::pair{"ReplayEndTime", "ended"}, {"EventLastReplayedTime", "latest"}})
    if (const auto& time = json::at(replay, ours); !time.is_null()) out[theirs] = time;
  if (whole) out["ReplayArn"] = arn("replay", name);
  return out;
}

AwsAnswer begin_replay(const AwsTurn& turn) {
  auto behind = [](const std::string& arn) { return arn.substr(arn.rfind('/') + 1); };
  auto not_valid = [](const char* parameter, std::string_view why) {
    return refuse("ValidationException", fmt::format("Parameter {} is not valid. Reason: {}", parameter, why));
  };
  auto from = parse_timestamp(turn.text("EventStartTime")), until = parse_timestamp(turn.text("EventEndTime"));
  if (!from || !until) return refuse("ValidationException", "EventStartTime and EventEndTime are times.");
  if (*until <= *from) return not_valid("EventEndTime", "EventStartTime must be before EventEndTime.");
  remediation::ReplayOrder order{.name = turn.text("ReplayName"), .archive = behind(turn.text("EventSourceArn")),
                                 .from = *from, .until = *until};
  for (const auto& arn : json::texts(json::at(turn.member("Destination"), "FilterArns")))
    order.rules.push_back(behind(arn));
  const auto* archive = turn.engine.policy().archive_named(order.archive);
  if (!archive) return not_valid("EventSourceArn", fmt::format("Archive {} does not exist.", order.archive));
  auto bus = json::text(turn.member("Destination"), "Arn", "");
  if (bus.find(":event-bus/") == std::string::npos)
    return not_valid("Destination.Arn", "Must contain an event bus ARN.");
  if (behind(bus) != archive->bus) return not_valid("Destination.Arn", "Cross event bus replay is not permitted.");
  auto started = turn.engine.start_replay(order, turn.actor());
  if (!started && started.error().code == Errc::conflict)
    return refuse("ResourceAlreadyExistsException", fmt::format("Replay {} already exists.", order.name));
  if (!started) return refuse("ValidationException", started.error().message);
  auto replay = TRY(remediation::read_event_replay(turn.engine.ledger(), order.name));
  auto told = shown(turn, json::Value(to_json(replay)), true);
  return json::Object{{"ReplayArn", told["ReplayArn"]}, {"State", "STARTING"},
                      {"ReplayStartTime", replay.started.iso()}};
}

AwsAnswer cancel_replay(const AwsTurn& turn) {
  auto name = turn.text("ReplayName");
  auto replay = remediation::read_event_replay(turn.engine.ledger(), name);
  if (!replay) return refuse("ResourceNotFoundException", fmt::format("Replay {} does not exist.", name));
  auto cancelled = turn.engine.cancel_replay(name, turn.actor());
  if (!cancelled && cancelled.error().code == Errc::conflict)
    return refuse("IllegalStatusException", fmt::format("Replay {} is not in a valid state for this operation.", name));
  if (!cancelled) return fail(cancelled.error());
  auto told = shown(turn, json::Value(to_json(*replay)), true);
  return json::Object{{"ReplayArn", told["ReplayArn"]}, {"State", "CANCELLING"}};
}

AwsAnswer describe_replay(const AwsTurn& turn) {
  auto replay = remediation::read_event_replay(turn.engine.ledger(), turn.text("ReplayName"));
  if (!replay)
    return refuse("ResourceNotFoundException", fmt::format("Replay {} does not exist.", turn.text("ReplayName")));
  return shown(turn, json::Value(to_json(*replay)), true);
}

AwsAnswer list_replays(const AwsTurn& turn) {
  auto filters = std::ranges::count_if(std::array{"NamePrefix", "EventSourceArn", "State"},
                                       [&](const char* one) { return !turn.text(one).empty(); });
  if (filters > 1)
    return refuse("ValidationException", "At most one filter is allowed for ListReplays. Use either : State, "
                                         "EventSourceArn, or NamePrefix.");
  json::Array all;
  for (const auto& replay : TRY(remediation::list_event_replays(turn.engine.ledger()))) {
    auto one = shown(turn, replay, false);
    auto asked = [&](const char* member) {
      return turn.text(member).empty() || json::text(one[member]) == turn.text(member);
    };
    bool fits = json::text(one["ReplayName"]).starts_with(turn.text("NamePrefix")) && asked("State") &&
                asked("EventSourceArn");
    if (fits) all.push_back(std::move(one));
  }
  return page_of(turn, "Replays", std::move(all), "Limit", "NextToken");
}

constexpr std::array event_operations{
    OwnOperation{"events", "PutEvents", put_events},
    OwnOperation{"events", "TestEventPattern", test_event_pattern},
    OwnOperation{"events", "StartReplay", begin_replay},
    OwnOperation{"events", "CancelReplay", cancel_replay},
    OwnOperation{"events", "DescribeReplay", describe_replay},
    OwnOperation{"events", "ListReplays", list_replays},
};

void count_into(const AwsTurn& turn, json::Object& archive, const std::vector<ledger::Entry>& entries) {
  const auto* known = turn.engine.policy().archive_named(json::text(archive, "ArchiveName"));
  if (!known) return;
  const remediation::ReplayOrder all{.name = {}, .archive = known->name, .from = {}, .until = remediation::forever};
  std::int64_t events = 0, bytes = 0;
  for (const auto& entry : entries)
    if (is_asked_for(entry, *known, all, turn.engine.clock().now())) {
      ++events;
      bytes += static_cast<std::int64_t>(json::print(json::at(entry.body, "body")).size());
    }
  archive["EventCount"] = events;
  archive["SizeBytes"] = bytes;
}

}  // namespace

Result<> count_archived(const AwsTurn& turn, json::Object& told) {
  constexpr std::size_t at_once = 1'000;
  const auto& ledger = turn.engine.ledger();
  std::vector<ledger::Entry> signals;
  for (std::uint64_t from = 1; from <= ledger.size(); from += at_once)
    for (auto& entry : TRY(ledger.read(from, at_once)))
      if (entry.kind == remediation::entry::signal_received) signals.push_back(std::move(entry));
  if (told.contains("ArchiveName")) count_into(turn, told, signals);
  if (auto* list = told.if_contains("Archives"))
    for (auto& one : list->as_array()) count_into(turn, one.as_object(), signals);
  return {};
}

std::span<const OwnOperation> own_events() { return event_operations; }

}  // namespace aright::server
