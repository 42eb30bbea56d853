// ledger show|verify: straight from the file, so that they need no engine and no server.

#include <filesystem>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/house.h"
#include "remediation/narrate.h"
#include "server/views.h"

namespace aright::cli {

namespace {

Result<std::unique_ptr<ledger::Ledger>> open_ledger(const Settings& settings, const std::string& file) {
  auto path = file.empty() ? std::filesystem::path(settings.state) / ledger_file : std::filesystem::path(file);
  if (!std::filesystem::exists(path))
    return fail(Errc::not_found, "there is no ledger at {}; say where it is with --state DIRECTORY", path.string());
  ledger::Options options{.path = path.string()};
  return ledger::Ledger::open(std::move(options));
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

Result<int> verify(const Settings& settings, const std::string& file) {
  auto ledger = TRY(open_ledger(settings, file));
  auto verdict = TRY(ledger->verify());
  if (settings.json) {
    json::Object out{{"ok", !verdict.fault}, {"entries", verdict.entries}, {"head", verdict.hash}};
    if (verdict.fault)
      out["fault"] = json::Object{{"position", verdict.fault->position}, {"what", verdict.fault->what}};
    print_json(out);
  } else if (verdict.fault) {
    print_line(tone(Tone::bad, "broken") +
               fmt::format(" at entry {}: {}", verdict.fault->position, verdict.fault->what));
  } else {
    print_line(tone(Tone::good, "sound") + fmt::format(": {} entries, head {}", verdict.entries, verdict.hash));
  }
  return verdict.fault ? exit_non_compliant : exit_ok;
}

int told(const Settings& settings, Result<int> code) {
  if (code) return *code;
  print_error(code.error(), settings.json);
  return exit_of(code.error());
}

}  // namespace

int ledger_show(const Settings& settings, const std::string& stream, long from, int limit) {
  return told(settings, show(settings, stream, from, limit));
}

int ledger_verify(const Settings& settings, const std::string& file) { return told(settings, verify(settings, file)); }

}  // namespace aright::cli
