// events archive and events replay: what a running aright, or the ledger of a state directory, may hand in once more.

#include "cli/desk.h"
#include "cli/event_commands.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

Result<> tell_archives(const Settings& settings) {
  auto desk = TRY(open_desk(settings));
  auto archives = TRY(desk->get("/archives"));
  auto replays = TRY(desk->get("/replays"));
  if (settings.json) {
    print_json(json::Object{{"archives", json::at(archives, "archives")}, {"replays", json::at(replays, "replays")}});
    return {};
  }
  Table held({"ARCHIVE", "BUS", "KEEPS"});
  for (const auto& one : json::items(json::at(archives, "archives"))) {
    auto days = json::integer(json::at(one, "retention_days"));
    held.row({{json::text(one, "name", ""), Tone::strong},
              {json::text(one, "bus", "")},
              {days == 0 ? "for ever" : fmt::format("{} days", days)}});
  }
  held.print();
  const auto& listed = json::items(json::at(replays, "replays"));
  if (listed.empty()) return {};
  Table told({"REPLAY", "ARCHIVE", "STATE", "EVENTS"});
  for (const auto& one : listed)
    told.row({{json::text(one, "name", ""), Tone::strong},
              {json::text(one, "archive", "")},
              {json::text(one, "state", "")},
              {std::to_string(json::integer(json::at(one, "events")))}});
  told.print();
  return {};
}

Result<> start(const Settings& settings, const ReplayOptions& options) {
  json::Object order{{"name", options.name},
                     {"archive", options.archive},
                     {"from", options.from},
                     {"until", options.until.empty() ? SystemClock().now().iso() : options.until},
                     {"rules", json::Array(options.rules.begin(), options.rules.end())},
                     {"again", options.again}};
  if (options.events_max > 0) order["events_max"] = options.events_max;
  auto desk = TRY(open_desk(settings));
  auto replay = TRY(desk->post("/replays", std::move(order)));
  if (settings.json)
    print_json(replay);
  else
    print_line(fmt::format("{} is under way; aright events archive tells how far it is", options.name));
  return {};
}

}  // namespace

int events_archive(const Settings& settings) {
  auto told = tell_archives(settings);
  return told ? exit_ok : failed(told.error(), settings.json);
}

int events_replay(const Settings& settings, const ReplayOptions& options) {
  auto started = start(settings, options);
  return started ? exit_ok : failed(started.error(), settings.json);
}

}  // namespace aright::cli
