#include "remediation/track.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace aright::remediation {

namespace {

constexpr double z = 1.959963984540054;  // of the normal distribution, at 97.5 %
constexpr std::int64_t to_next_max = 1'000'000;

bool under_way(const State& state) {
  return std::holds_alternative<Executing>(state.stage) || std::holds_alternative<Verifying>(state.stage);
}

// A record of another runbook, or none, is an empty one.
Track of_runbook(const Track* track, std::string_view runbook_hash) {
  if (track && track->runbook_hash == runbook_hash) return *track;
  Track none;
  if (track) none.running = track->running;
  return none;
}

Level level_of(const Autonomy& autonomy, double share) {
  if (share >= autonomy.automatic) return Level::automatic;
  if (share >= autonomy.canary) return Level::canary;
  return share >= autonomy.approval ? Level::approval : Level::observe;
}

void demote(Track& track, Timestamp at, std::string because) {
  track.good = track.bad = track.streak = 0;
  track.demoted_at = at;
  track.demoted_because = std::move(because);
}

}  // namespace

bool Track::hears(std::string_view kind) {
  return kind == entry::execution_started || kind == entry::resolved || kind == entry::retry_scheduled ||
         kind == entry::escalated || kind == entry::rollback_requested || kind == entry::finding_reopened ||
         kind == entry::plan_voided;
}

bool Track::take(const State& before, const ledger::Entry& entry) {
  std::string_view kind = entry.kind;
  if (kind == entry::execution_started) {
    auto hash = before.plan ? before.plan->runbook_hash : "";
    if (hash != runbook_hash)
      *this = {.control = control, .runbook_hash = std::move(hash), .running = running, .demoted_because = {}};
    ++running;
    return true;
  }
  bool ran = under_way(before) && !before.executions.empty();
  auto ends = [&] { running = std::max<std::int64_t>(0, running - (ran ? 1 : 0)); };
  if (kind == entry::resolved && ran) {
    ends(), ++good, ++streak, good_at = entry.time;
    return true;
  }
  if (kind == entry::plan_voided && ran) {  // in its midst: others changed what it was about to
    ends();
    return true;
  }
  bool failed = (kind == entry::retry_scheduled || kind == entry::escalated) && ran;
  bool undone = kind == entry::rollback_requested;
  if (!failed && !undone) return false;
  ends(), streak = 0, bad_at = entry.time;
  if (!std::holds_alternative<Escalated>(before.stage)) ++bad;  // else it was counted when it failed
  auto because = json::text(entry.body, "demoted", "");  // it made another control worse, or opened the breaker
  if (undone) because = json::text(entry.body, "principal", "") + " took a fix back";
  if (!because.empty()) demote(*this, entry.time, std::move(because));
  return true;
}

bool Track::take(const Finding& before, const ledger::Entry& entry) {
  bool came_back = std::string_view(entry.kind) == entry::finding_reopened &&
                   before.resolved_by.starts_with(RemediationTag::prefix) &&
                   json::text(entry.body, "remediation", "") != before.resolved_by;
  if (!came_back || runbook_hash.empty()) return false;
  ++bad, streak = 0, bad_at = entry.time;
  return true;
}

json::Object to_json(const Track& track) {
  auto when = [](Timestamp at) { return at.ms == 0 ? json::Value(nullptr) : json::Value(at.iso()); };
  return {{"control", track.control},       {"runbook_hash", track.runbook_hash},
          {"good", track.good},             {"bad", track.bad},
          {"streak", track.streak},         {"running", track.running},
          {"good_at", when(track.good_at)}, {"bad_at", when(track.bad_at)},
          {"demoted_at", when(track.demoted_at)}, {"demoted_because", track.demoted_because}};
}

Track track_from_json(const json::Value& value) {
  auto count = [&](std::string_view member) { return json::integer(json::at(value, member)); };
  auto when = [&](std::string_view member) {
    return parse_timestamp(json::text(value, member, "")).value_or(Timestamp{});
  };
  return {.control = json::text(value, "control", ""),
          .runbook_hash = json::text(value, "runbook_hash", ""),
          .good = count("good"),
          .bad = count("bad"),
          .streak = count("streak"),
          .running = count("running"),
          .good_at = when("good_at"),
          .bad_at = when("bad_at"),
          .demoted_at = when("demoted_at"),
          .demoted_because = json::text(value, "demoted_because", "")};
}

double vouched(std::int64_t good, std::int64_t bad) {
  auto n = static_cast<double>(good + bad);
  if (n == 0) return 0;
  double share = static_cast<double>(good) / n, squared = z * z;
  double middle = share + squared / (2 * n);
  double spread = z * std::sqrt((share * (1 - share) + squared / (4 * n)) / n);
  return std::max(0.0, (middle - spread) / (1 + squared / n));
}

std::string_view name(Level level) {
  switch (level) {
    case Level::observe: return "observe";
    case Level::approval: return "approval";
    case Level::canary: return "canary";
    case Level::automatic: break;
  }
  return "automatic";
}

Earned earned_by(const Autonomy& autonomy, const Track* track, std::string_view runbook_hash) {
  auto record = of_runbook(track, runbook_hash);
  Earned out{.vouched = vouched(record.good, record.bad)};
  out.level = level_of(autonomy, out.vouched);
  if (out.level == Level::automatic) return out;
  // More good ones vouch for more, so the number can be found by halving.
  std::int64_t few = 0, enough = 1;
  auto leads = [&](std::int64_t more) {
    return level_of(autonomy, vouched(record.good + more, record.bad)) > out.level;
  };
  while (!leads(enough) && enough < to_next_max) few = enough, enough *= 2;
  while (few + 1 < enough) {
    auto half = few + (enough - few) / 2;
    (leads(half) ? enough : few) = half;
  }
  out.to_next = enough;
  return out;
}

std::string reason_of(const Earned& earned, const Track* track) {
  if (!track || track->good + track->bad == 0) {
    auto why = track && !track->demoted_because.empty() ? ": " + track->demoted_because : std::string();
    return fmt::format("it has earned {}: no fix of it is on record yet{}", name(earned.level), why);
  }
  return fmt::format("it has earned {}: {} of {} fixes were good, which vouches for {:.0f} %", name(earned.level),
                     track->good, track->good + track->bad, std::floor(earned.vouched * 100));
}

std::optional<Hold> held_by(const Canary& canary, const Track* track, std::string_view runbook_hash,
                            std::int64_t open, Timestamp now) {
  constexpr std::int64_t whole = 100;
  auto record = of_runbook(track, runbook_hash);
  auto all = open + record.streak;
  std::int64_t reached = 0;  // the size of the last wave that was good
  for (std::size_t i = 0; i < canary.waves.size(); ++i) {
    const auto& wave = canary.waves[i];
    auto size = wave.percent == 0 ? wave.count : std::max<std::int64_t>(1, all * wave.percent / whole);
    if (wave.percent == whole) size = std::numeric_limits<std::int64_t>::max();
    if (size <= reached) continue;
    auto where = fmt::format("canary wave {} of {}", i + 1, canary.waves.size());
    // A wave begins a while after the last one was good, or after one was not.
    auto latest = reached == 0 ? record.bad_at : record.good_at;
    if (record.streak <= reached && latest.ms != 0 && latest + canary.pause > now)
      return Hold{latest + canary.pause, where + " begins after a pause"};
    if (record.streak + record.running < size) return std::nullopt;
    if (record.streak < size)
      return Hold{.until = now + canary_look_pause,
                  .reason = fmt::format("{}: {} under way, {} of {} good", where, record.running, record.streak, size),
                  .brief = true};
    reached = size;
  }
  return std::nullopt;
}

}  // namespace aright::remediation
