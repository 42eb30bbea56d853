// ledger show|verify|rebuild: straight from the file, so that they need no engine and no server.

#include <filesystem>

#include "base/file.h"
#include "base/lock.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "cli/ledger_place.h"
#include "cli/proof_commands.h"
#include "cli/terminal.h"
#include "ledger/notary.h"
#include "ledger/salvage.h"
#include "remediation/narrate.h"
#include "remediation/refold.h"
#include "server/views.h"

namespace aright::cli {

namespace {

Result<std::unique_ptr<ledger::Ledger>> open_ledger(const Settings& settings, const std::string& file) {
  auto where = settings;
  if (!file.empty()) where.store = file;
  return open_ledger(where);
}

Result<int> show(const Settings& settings, const std::string& stream, long from, int limit) {
  auto ledger = TRY(open_ledger(settings, ""));
  std::vector<ledger::Entry> entries;
  if (!stream.empty()) {
    entries = TRY(ledger->stream(stream));
    if (entries.empty())
      return fail({.code = Errc::not_found, .message = "there is nothing on record by " + stream, .number = "AR-0010"});
  } else {
    auto size = static_cast<long>(ledger->size());
    auto start = from > 0 ? from : std::max(1L, size - limit + 1);
    entries = TRY(ledger->read(static_cast<std::uint64_t>(start), static_cast<std::size_t>(limit)));
  }
  json::Array list;
  for (const auto& entry : entries) {
    if (settings.json)
      list.push_back(server::entry_view(entry));
    else
      print_line(fmt::format("{:>6}  {}  {}  {}", entry.position, tone(Tone::faint, entry.time.iso()),
                             tone(Tone::accent, entry.stream), remediation::narrate(entry)));
  }
  if (settings.json) print_json(json::Object{{"entries", std::move(list)}, {"size", ledger->size()}});
  return exit_ok;
}

// One that is damaged so that it cannot even be opened is not sound either.
Result<json::Object> verdict_of(const Settings& settings, const std::string& file) {
  auto ledger = open_ledger(settings, file);
  auto verdict = ledger ? server::verdict_view(**ledger, rules::Controls::embedded())
                        : Result<json::Object>(fail(ledger.error()));
  bool broken = !verdict && (verdict.error().code == Errc::corrupt || verdict.error().code == Errc::internal);
  if (!broken) return verdict;
  return json::Object{{"ok", false}, {"fault", json::Object{{"position", 0}, {"what", verdict.error().message}}}};
}

// Whether it continues what was signed before, elsewhere.
Result<> add_promise(const Settings& settings, const LedgerCheck& asked, json::Object& verdict) {
  auto verifier = TRY(verifier_for(settings, asked.key));
  auto note = TRY(read_file(asked.since, ledger::note_bytes_max));
  auto text = ledger::open_note(note, verifier);
  if (!text) return wrap(std::move(text.error()), "{}", asked.since);
  auto checkpoint = TRY(ledger::parse_checkpoint(*text));
  auto ledger = TRY(open_ledger(settings, asked.file));
  auto fault = TRY(ledger::compare(*ledger, checkpoint));
  if (!fault) return {};
  verdict["ok"] = false;
  verdict["fault"] = json::Object{{"position", fault->position}, {"what", fault->what}};
  return {};
}

Result<int> verify(const Settings& settings, const LedgerCheck& asked) {
  if (is_shown(asked.file)) return verify_shown(settings, asked);
  auto verdict = TRY(verdict_of(settings, asked.file));
  if (!asked.since.empty() && json::truth(json::at(verdict, "ok"))) CHECK_OK(add_promise(settings, asked, verdict));
  bool sound = json::truth(json::at(verdict, "ok"));
  if (settings.json) {
    print_json(verdict);
  } else if (sound) {
    auto entries = json::integer(json::at(verdict, "entries"));
    auto head = json::text(verdict, "head", "");
    print_line(tone(Tone::good, "sound") + fmt::format(": {} entries, head {}", entries, head));
  } else if (const auto& fault = json::at(verdict, "fault"); !fault.is_null()) {
    auto position = json::integer(json::at(fault, "position"));
    print_line(tone(Tone::bad, "broken") + (position > 0 ? fmt::format(" at entry {}: ", position) : ": ") +
               json::text(fault, "what", ""));
  } else {
    print_line(tone(Tone::bad, "broken") + ": the entries are sound, and what was made of them is not");
    for (const auto& one : json::items(json::at(verdict, "differences")))
      print_line(fmt::format("  {} {}: {}", json::text(one, "kind", ""), json::text(one, "id", ""),
                             json::text(one, "what", "")));
    print_line("`aright ledger rebuild` makes it anew from the entries.");
  }
  return sound ? exit_ok : exit_non_compliant;
}

// The first name of this kind that is free.
std::filesystem::path free_name(const std::filesystem::path& path) {
  for (int number = 1;; ++number) {
    auto name = std::filesystem::path(fmt::format("{}.before-rebuild-{}", path.string(), number));
    if (!std::filesystem::exists(name)) return name;
  }
}

struct Rebuilt {
  ledger::Salvaged salvaged;
  std::size_t documents = 0;
};

// A ledger file of its own, with all that the old one's entries say. Closed again on return.
Result<Rebuilt> rebuild_into(const std::filesystem::path& old, const std::filesystem::path& fresh) {
  Rebuilt rebuilt;
  {
    auto empty = TRY(ledger::Ledger::open({.path = fresh.string()}));
    rebuilt.salvaged = TRY(ledger::salvage(old.string(), *empty));
  }
  auto ledger = TRY(ledger::Ledger::open({.path = fresh.string()}));  // which knows how many entries there are
  rebuilt.documents = TRY(remediation::rebuild_projections(*ledger, rules::Controls::embedded()));
  auto verdict = TRY(server::verdict_view(*ledger, rules::Controls::embedded()));
  if (!json::truth(json::at(verdict, "ok")))
    return fail(Errc::corrupt, "the rebuilt ledger is not sound either: {}", json::print(verdict));
  return rebuilt;
}

// The rebuilt file takes the old one's place at one instant, and the old one stays beside it.
Result<std::filesystem::path> put_in_place(const std::filesystem::path& fresh, const std::filesystem::path& path) {
  auto kept = free_name(path);
  std::error_code error;
  std::filesystem::create_hard_link(path, kept, error);
  if (!error) std::filesystem::rename(fresh, path, error);
  if (error) return fail(Errc::unavailable, "{}: {}", path.string(), error.message());
  return kept;
}

Result<int> rebuild(const Settings& settings) {
  if (!settings.store.empty())
    return fail(Errc::unsupported, "rebuild makes a ledger file anew. Carry the ledger to a file with"
                " `aright store migrate`, rebuild that, and carry it back");
  auto path = std::filesystem::path(settings.state) / ledger_file;
  if (!std::filesystem::exists(path))
    return fail(Errc::not_found, "there is no ledger at {}; say where it is with --state DIRECTORY", path.string());
  auto lock = FileLock::take(std::filesystem::path(settings.state) / lock_file);
  if (!lock && lock.error().code == Errc::conflict)
    return fail(Errc::conflict, "an aright serves {}; stop it first", settings.state);
  if (!lock) return fail(lock.error());
  auto fresh = std::filesystem::path(path.string() + ".rebuilt");
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(fresh.string() + end, ignored);
  auto rebuilt = rebuild_into(path, fresh);
  if (!rebuilt) {
    std::filesystem::remove(fresh, ignored);
    return fail(rebuilt.error());
  }
  auto kept = TRY(put_in_place(fresh, path));
  const auto& salvaged = rebuilt->salvaged;
  if (settings.json) {
    print_json(json::Object{{"entries", salvaged.entries}, {"head", salvaged.hash}, {"documents", rebuilt->documents},
                            {"notes", json::Array(salvaged.notes.begin(), salvaged.notes.end())},
                            {"kept", kept.string()}});
    return exit_ok;
  }
  print_line(tone(Tone::good, "rebuilt") + fmt::format(": {} entries, head {}; {} documents made of them",
                                                       salvaged.entries, salvaged.hash, rebuilt->documents));
  for (const auto& note : salvaged.notes) print_line("  " + note);
  print_line("The file as it was is kept as " + kept.string());
  return exit_ok;
}

}  // namespace

int ledger_show(const Settings& settings, const std::string& stream, long from, int limit) {
  return told(show(settings, stream, from, limit), settings.json);
}

int ledger_rebuild(const Settings& settings) { return told(rebuild(settings), settings.json); }

int ledger_verify(const Settings& settings, const LedgerCheck& asked) {
  return told(verify(settings, asked), settings.json);
}

}  // namespace aright::cli
