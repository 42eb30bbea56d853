#include "observe/scrape.h"

#include <filesystem>

#include "ledger/standing.h"
#include "observe/process.h"

namespace aright::observe {

namespace {

using telemetry::Exposition;
using telemetry::Kind;

double as_number(std::int64_t value) {
  return static_cast<double>(value);
}

void expose_story(Exposition& out, const ledger::Standing& now) {
  out.begin({"aright_remediations_in_stage", Kind::gauge, "Remediations by where they stand now."});
  for (const auto& stage : remediation::stage_names())
    out.sample({{"stage", stage}}, as_number(now.count("remediation", stage)));
  out.begin({"aright_approvals_waiting", Kind::gauge, "What waits for a person: plans, and steps of runbooks."});
  out.sample({{"of", "plan"}}, as_number(now.count("remediation", "awaiting_approval")));
  out.sample({{"of", "step"}}, as_number(now.count("execution", "Waiting")));
  out.one({"aright_executions_running", Kind::gauge, "Executions of runbooks and functions under way."},
          as_number(now.count("execution", "InProgress") + now.count("execution", "Pending")));
}

void expose_outbox(Exposition& out, const ledger::Standing& standing, Timestamp now) {
  out.begin({"aright_outbox_messages", Kind::gauge,
             "Messages that are not delivered: waiting, or dead after the last try."});
  for (const auto& one : standing.messages)
    out.sample({{"channel", one.channel}, {"state", one.state}}, as_number(one.count));
  out.begin(
      {"aright_outbox_overdue_seconds", Kind::gauge, "For how long the first message that is due has been so."});
  for (const auto& one : standing.messages)
    if (one.state == "waiting") out.sample({{"channel", one.channel}}, seconds_between(one.due, now));
}

void expose_ledger(Exposition& out, const Scraped& from, const ledger::Standing& standing, Timestamp now) {
  out.one({"aright_ledger_entries", Kind::gauge, "Entries of the ledger."},
          as_number(static_cast<std::int64_t>(from.engine->ledger().size())));
  out.one({"aright_checkpoint_entries", Kind::gauge, "Entries that the last signed checkpoint covers."},
          as_number(static_cast<std::int64_t>(standing.entries_signed)));
  out.one({"aright_checkpoint_lag_seconds", Kind::gauge,
           "For how long the first entry has waited that no checkpoint covers."},
          standing.unsigned_since ? seconds_between(*standing.unsigned_since, now) : 0);
  out.one({"aright_timers", Kind::gauge, "Timers that are set: what sleeps or waits."}, as_number(standing.timers));
  out.one({"aright_timers_due", Kind::gauge, "Timers whose time has come and that nobody served yet."},
          as_number(standing.timers_due));
  out.one({"aright_timer_overdue_seconds", Kind::gauge,
           "For how long the first timer has been due: how far the engine is behind."},
          standing.next_timer ? seconds_between(*standing.next_timer, now) : 0);
}

Result<> expose_brakes(Exposition& out, remediation::Engine& engine) {
  auto brakes = TRY(engine.brakes());
  out.one({"aright_halted", Kind::gauge, "1 while all writes are halted."}, engine.all_halted() ? 1 : 0);
  out.one({"aright_halts", Kind::gauge, "Halts that are on, of parts or of everything."},
          as_number(static_cast<std::int64_t>(json::items(json::at(brakes, "halts")).size())));
  out.begin({"aright_breaker_tripped", Kind::gauge, "1 for each control whose breaker is open or half open."});
  for (const auto& one : json::items(json::at(brakes, "breakers")))
    out.sample({{"control", json::text(one, "control", "")}, {"state", json::text(one, "state", "")}}, 1);
  std::int64_t frozen = 0;
  for (const auto& one : json::items(json::at(brakes, "freezes")))
    frozen += json::truth(json::at(one, "on")) ? 1 : 0;
  out.one({"aright_freezes", Kind::gauge, "Freezes that are on now."}, as_number(frozen));
  return {};
}

void expose_disk(Exposition& out, const std::string& directory) {
  if (directory.empty()) return;
  std::error_code error;
  auto space = std::filesystem::space(directory, error);
  if (error) return;
  out.one({"aright_state_free_bytes", Kind::gauge, "Space that is left where the state directory lives."},
          static_cast<double>(space.available));
}

}  // namespace

Result<std::string> scrape(const Scraped& from) {
  auto& engine = *from.engine;
  auto now = engine.clock().now();
  auto standing = TRY(ledger::standing(engine.ledger(), now));
  Exposition out;
  out.begin({"aright_build_info", Kind::gauge, "The version that runs; always 1."});
  out.sample({{"version", from.version}}, 1);
  if (from.follower->caught_up()) from.figures->expose(out);
  expose_story(out, standing);
  CHECK_OK(expose_brakes(out, engine));
  expose_outbox(out, standing, now);
  expose_ledger(out, from, standing, now);
  expose_disk(out, from.state_directory);
  telemetry::Registry::process().expose(out);
  expose_process(out);
  return out.text();
}

}  // namespace aright::observe
