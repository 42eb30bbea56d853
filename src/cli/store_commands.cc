// Where the ledger is kept, and who works on it.

#include <filesystem>
#include <utility>

#include "base/lock.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "cli/ledger_place.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "ledger/carry.h"
#include "ledger/leases.h"
#include "remediation/fleet.h"
#include "server/views.h"
#include "store/postgres.h"

namespace aright::cli {

namespace {

constexpr std::uint64_t progress_every = 10'000;  // entries

Result<std::string> place_of(const Settings& settings, const std::string& word) {
  if (word == "sqlite") return (std::filesystem::path(settings.state) / ledger_file).string();
  if (word != "postgres") return word;
  if (settings.store.empty())
    return fail(Errc::invalid, "which database? Say it with --store postgresql://…, or in place of the word postgres");
  return settings.store;
}

Result<int> migrate(const Settings& settings, const StoreMigration& what) {
  auto from_place = TRY(place_of(settings, what.from)), to_place = TRY(place_of(settings, what.to));
  // A server that runs over the state directory holds its file.
  auto lock = FileLock::take(std::filesystem::path(settings.state) / lock_file);
  if (!lock && lock.error().code == Errc::conflict)
    return fail(Errc::conflict, "an aright serves {}; stop it first", settings.state);
  if (!store::is_postgres_url(from_place) && !std::filesystem::exists(from_place))
    return fail(Errc::not_found, "there is no ledger at {}", from_place);
  auto from = TRY(ledger::Ledger::open({.path = from_place}));
  if (from->size() == 0) return fail(Errc::not_found, "there is nothing on a ledger at {}", shown_place(from_place));
  auto into = TRY(ledger::Ledger::open({.path = to_place}));
  auto progress = [&](std::uint64_t entries) {
    if (!settings.quiet && entries % progress_every == 0) fmt::print(stderr, "{} entries\n", entries);
  };
  auto carried = ledger::carry(*from, *into, progress);
  if (!carried)
    return wrap(std::move(carried.error()), "from {} to {}", shown_place(from_place), shown_place(to_place));
  auto verdict = TRY(server::verdict_view(*into, rules::Controls::embedded()));
  bool sound = json::truth(json::at(verdict, "ok"));
  if (settings.json) {
    print_json(json::Object{{"from", shown_place(from_place)}, {"to", shown_place(to_place)},
                            {"entries", carried->entries}, {"head", carried->hash}, {"timers", carried->timers},
                            {"messages", carried->messages}, {"documents", carried->documents}, {"sound", sound}});
  } else {
    print_line(tone(Tone::good, "carried") +
               fmt::format(": {} entries, head {}; {} timers, {} messages, {} documents", carried->entries,
                           carried->hash, carried->timers, carried->messages, carried->documents));
    print_line(sound ? "It verifies as sound at " + shown_place(to_place)
                     : tone(Tone::bad, "It does not verify there: ") + json::print(verdict));
    print_line("The keys stay in " + settings.state + "; every worker needs the same ones.");
  }
  return sound ? exit_ok : exit_non_compliant;
}

struct Worker {
  std::string name;
  bool first = false;
  std::size_t streams = 0, resources = 0;
  milliseconds left{0};  // of its lease; negative: so long it has been gone
  bool alive() const { return left.count() > 0; }
};

// Those that are gone are told of for a while; nobody may be left to forget them.
Result<std::vector<Worker>> workers_on(const ledger::Ledger& ledger) {
  std::vector<ledger::leases::Standing> standing;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    standing = TRY(ledger::leases::all(tx, ""));
    return {};
  }));
  std::map<std::string, Worker> found;
  for (const auto& [lease, left] : standing) {
    auto& one = found[lease.holder];
    bool is_new = std::exchange(one.name, lease.holder).empty();
    one.left = is_new ? left : std::max(one.left, left);
    if (lease.name.starts_with(remediation::worker_prefix)) continue;
    if (lease.name.starts_with(remediation::resource_prefix)) ++one.resources;
    else if (lease.name == remediation::first_name) one.first = left.count() > 0;
    else ++one.streams;
  }
  std::vector<Worker> out;
  for (auto& [name, one] : found)
    if (one.left > -ledger::leases::gone_kept) out.push_back(std::move(one));
  return out;
}

Result<int> show_fleet(const Settings& settings) {
  if (settings.store.empty())
    return fail(Errc::invalid, "a ledger in a file has one worker. Say which store with --store postgresql://…");
  auto ledger = TRY(open_ledger(settings));
  auto workers = TRY(workers_on(*ledger));
  if (settings.json) {
    json::Array list;
    for (const auto& one : workers)
      list.push_back(json::Object{{"worker", one.name}, {"alive", one.alive()}, {"first", one.first},
                                  {"streams", one.streams}, {"resources", one.resources},
                                  {"lease_left_ms", one.left.count()}});
    print_json(json::Object{{"workers", std::move(list)}, {"ledger_entries", ledger->size()}});
    return exit_ok;
  }
  if (workers.empty()) print_line("Nobody works on " + shown_place(settings.store));
  for (const auto& one : workers) {
    auto standing = one.alive() ? tone(Tone::good, "alive") : tone(Tone::bad, "gone ");
    auto more = one.alive() ? "" : fmt::format(" (for {} s)", std::chrono::duration_cast<seconds>(-one.left).count());
    print_line(fmt::format("{}  {}{}{}  holds {} streams, {} resources", standing, one.name, more,
                           one.first ? " (first: scans and signs)" : "", one.streams, one.resources));
  }
  return exit_ok;
}

}  // namespace

int store_migrate(const Settings& settings, const StoreMigration& what) {
  return told(migrate(settings, what), settings.json);
}

int fleet(const Settings& settings) { return told(show_fleet(settings), settings.json); }

}  // namespace aright::cli
