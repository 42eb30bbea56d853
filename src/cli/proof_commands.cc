// ledger checkpoint|key|prove|export, and verify of what those wrote.

#include "cli/proof_commands.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/known.h"
#include "base/text.h"
#include "cli/desk.h"
#include "cli/house.h"
#include "cli/ledger_place.h"
#include "cli/terminal.h"
#include "ledger/export.h"
#include "remediation/narrate.h"
#include "server/api.h"
#include "server/views.h"

namespace aright::cli {

namespace {

constexpr std::size_t bundle_bytes_max = 1u << 30;

// Into the file, or to the terminal where none is named.
Result<> put_out(const std::string& text, const std::string& file) {
  if (!file.empty()) return write_file(file, text, 0644);
  print_bytes(text);
  return {};
}

// A key as text, or the file that has it.
Result<ledger::Verifier> read_key(const std::string& key) {
  if (!std::filesystem::exists(key)) return ledger::parse_verifier(key);
  auto text = TRY(read_file(key, ledger::note_bytes_max));
  auto verifier = ledger::parse_verifier(text);
  if (!verifier) return wrap(std::move(verifier.error()), "{}", key);
  return verifier;
}

// From the ledger's file, where no server has it.
class Shelf {
 public:
  static Result<Shelf> open(const Settings& settings) {
    Shelf shelf;
    shelf.ledger_ = TRY(open_ledger(settings));
    auto signer = TRY(ledger::signer_in(std::filesystem::path(settings.state) / key_file));
    shelf.notary_ = std::make_unique<ledger::Notary>(*shelf.ledger_, std::move(signer));
    return shelf;
  }
  const ledger::Ledger& ledger() const { return *ledger_; }
  server::Surroundings surroundings() const {
    return {.version = "", .target = "", .account = "", .notary = notary_.get()};
  }

 private:
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ledger::Notary> notary_;
};

Result<json::Value> ask_proofs(const Settings& settings, const std::string& of) {
  if (auto server = TRY(find_server(settings))) return server->get("/ledger/proofs?of=" + percent_encode(of));
  auto shelf = TRY(Shelf::open(settings));
  return server::proofs_view(shelf.ledger(), shelf.surroundings(), of);
}

Result<int> checkpoint(const Settings& settings, const std::string& file) {
  auto answer = TRY(ask_checkpoint(settings));
  auto note = json::text(answer, "checkpoint", "");
  if (!file.empty() || !settings.json) CHECK_OK(put_out(note, file));
  if (settings.json) print_json(answer);
  return exit_ok;
}

Result<int> key(const Settings& settings) {
  auto answer = TRY(ask_checkpoint(settings));
  if (settings.json)
    print_json(json::Object{{"key", json::at(answer, "key")}});
  else
    print_line(json::text(answer, "key", ""));
  return exit_ok;
}

Result<int> prove(const Settings& settings, const std::vector<std::string>& what, const std::string& file) {
  std::string of;
  for (const auto& one : what) of += (of.empty() ? "" : ",") + one;
  auto answer = TRY(ask_proofs(settings, of));
  CHECK_OK(put_out(json::print_pretty(answer) + "\n", file));
  return exit_ok;
}

Result<> check_kinds(const std::vector<std::string>& kinds) {
  auto known = remediation::kinds_of_entries();
  for (const auto& kind : kinds)
    if (!std::ranges::binary_search(known, kind))
      return fail(Errc::invalid, "{}. The kinds are {}", unknown_word("a kind of entries", kind, known),
                  fmt::join(known, ", "));
  return {};
}

Result<int> export_to(const Settings& settings, const std::string& directory, const std::vector<std::string>& redact) {
  CHECK_OK(check_kinds(redact));
  auto answer = TRY(ask_checkpoint(settings));
  auto verifier = TRY(ledger::parse_verifier(json::text(answer, "key", "")));
  auto path = std::filesystem::path(settings.state) / ledger_file;
  auto ledger = TRY(ledger::Ledger::open({.path = path.string()}));
  auto exported = TRY(ledger::export_ledger(*ledger, json::text(answer, "checkpoint", ""), verifier, directory,
                                            {redact.begin(), redact.end()}));
  if (settings.json) {
    print_json(json::Object{{"directory", directory}, {"entries", exported.entries}, {"redacted", exported.redacted},
                            {"key", verifier.text()}});
    return exit_ok;
  }
  print_line(fmt::format("{} entries, {} of them redacted, in {}", exported.entries, exported.redacted, directory));
  auto check = fmt::format("python3 {0}/verify.py {0} --key {1}", directory, verifier.text());
  print_line("Anybody checks it with:  " + tone(Tone::accent, check));
  return exit_ok;
}

struct Proved {
  std::string what;
  ledger::Verifier key;
};

Result<Proved> check_bundle(const LedgerCheck& asked) {
  auto text = TRY(read_file(asked.file, bundle_bytes_max));
  auto value = TRY(json::parse(text));
  auto bundle = TRY(ledger::bundle_from_json(value));
  auto verifier = TRY(asked.key.empty() ? ledger::parse_verifier(bundle.key) : read_key(asked.key));
  auto checkpoint = TRY(ledger::verify_bundle(bundle, verifier));
  return Proved{fmt::format("{} of {} entries", bundle.entries.size(), checkpoint.size), verifier};
}

Result<Proved> check_export(const LedgerCheck& asked) {
  auto beside = (std::filesystem::path(asked.file) / "key").string();
  auto verifier = TRY(read_key(asked.key.empty() ? beside : asked.key));
  auto exported = TRY(ledger::verify_export(asked.file, verifier));
  return Proved{fmt::format("{} entries, {} of them redacted", exported.entries, exported.redacted), verifier};
}

}  // namespace

Result<json::Value> ask_checkpoint(const Settings& settings) {
  if (auto server = TRY(find_server(settings))) return server->get("/ledger/checkpoint");
  auto shelf = TRY(Shelf::open(settings));
  return server::checkpoint_view(shelf.surroundings());
}

Result<ledger::Verifier> verifier_for(const Settings& settings, const std::string& key) {
  if (!key.empty()) return read_key(key);
  auto own = std::filesystem::path(settings.state) / key_file;
  if (!std::filesystem::exists(own))
    return fail(Errc::invalid, "say with --key whose signature the checkpoint must have");
  auto signer = TRY(ledger::signer_in(own));
  return signer.verifier();
}

bool is_shown(const std::string& file) {
  return std::filesystem::is_directory(file) || std::filesystem::path(file).extension() == ".json";
}

Result<int> verify_shown(const Settings& settings, const LedgerCheck& asked) {
  auto checked = std::filesystem::is_directory(asked.file) ? check_export(asked) : check_bundle(asked);
  bool refused = !checked && (checked.error().code == Errc::denied || checked.error().code == Errc::invalid);
  if (!checked && !refused) return fail(checked.error());
  if (settings.json) {
    auto out = checked ? json::Object{{"ok", true}, {"what", checked->what}, {"key", checked->key.text()}}
                       : json::Object{{"ok", false}, {"fault", checked.error().message}};
    print_json(out);
  } else if (!checked) {
    print_line(tone(Tone::bad, "not genuine") + ": " + checked.error().message);
  } else {
    print_line(tone(Tone::good, "genuine") + ": " + checked->what);
    if (asked.key.empty())
      print_line("signed with the key that lies beside it; that this is the right one, you must know: " +
                 checked->key.text());
  }
  return checked ? exit_ok : exit_non_compliant;
}

int ledger_checkpoint(const Settings& settings, const std::string& file) {
  return told(checkpoint(settings, file), settings.json);
}
int ledger_key(const Settings& settings) { return told(key(settings), settings.json); }
int ledger_prove(const Settings& settings, const std::vector<std::string>& what, const std::string& file) {
  return told(prove(settings, what, file), settings.json);
}
int ledger_export(const Settings& settings, const std::string& directory, const std::vector<std::string>& redact) {
  return told(export_to(settings, directory, redact), settings.json);
}

}  // namespace aright::cli
