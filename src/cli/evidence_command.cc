// report evidence: what the ledger proves, of a framework or of one remediation, as files for somebody else.

#include <filesystem>

#include "base/file.h"
#include "base/known.h"
#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/house.h"
#include "cli/proof_commands.h"
#include "cli/ledger_place.h"
#include "cli/terminal.h"
#include "ledger/export.h"
#include "report/evidence.h"
#include "rules/pack.h"

namespace aright::cli {

namespace {

Result<report::EvidenceScope> scope_of(const EvidenceOrder& order, const ledger::Ledger& ledger) {
  report::EvidenceScope scope;
  if (!order.remediation.empty()) {
    auto state = remediation::fold_all(TRY(ledger.stream(order.remediation)));
    if (state.id.empty())
      return fail({.code = Errc::not_found, .message = "there is no remediation " + order.remediation,
                   .number = "AR-0010"});
    scope.id = scope.remediation = order.remediation;
    scope.title = "remediation " + order.remediation;
    scope.requirements[state.control] = {state.control};
    return scope;
  }
  auto found = rules::packs().find(order.framework);
  if (found == rules::packs().end()) {
    std::vector<std::string> known;
    for (const auto& [id, pack] : rules::packs()) known.push_back(id);
    return fail({.code = Errc::invalid, .message = unknown_word("a framework", order.framework, known)});
  }
  const auto& pack = found->second;
  scope.id = pack.id;
  scope.title = pack.title;
  scope.source = pack.source;
  for (const auto& entry : pack.controls) {
    for (const auto& reference : entry.references) scope.requirements[reference].insert(entry.control);
    if (entry.references.empty()) scope.requirements[entry.control].insert(entry.control);
  }
  return scope;
}

// When the finding was opened that it is about: all of its story is evidence.
Result<Timestamp> found_at(const EvidenceOrder& order, const ledger::Ledger& ledger) {
  auto state = remediation::fold_all(TRY(ledger.stream(order.remediation)));
  auto story = TRY(ledger.stream(state.finding.str()));
  return story.empty() ? state.opened_at : story[0].time;
}

// Which controls the policy enables anywhere. The policy comes back as well: it knows all controls.
Result<std::set<std::string>> held_controls(const Settings& settings, remediation::Policy& policy) {
  auto text = TRY(find_policy(settings));
  policy = TRY(remediation::parse_policy(text.text, text.directory));
  std::set<std::string> out;
  for (const auto& control : policy.controls) out.insert(control.id);
  return out;
}

// In as many files as there have to be.
Result<json::Array> write_proofs(const ledger::Ledger& ledger, const std::string& note, const ledger::Verifier& key,
                                 const std::vector<std::uint64_t>& positions, const std::filesystem::path& directory) {
  json::Array files;
  for (std::size_t from = 0; from < positions.size(); from += ledger::proven_entries_max) {
    auto to = std::min(from + ledger::proven_entries_max, positions.size());
    std::vector<std::uint64_t> part(positions.begin() + static_cast<std::ptrdiff_t>(from),
                                    positions.begin() + static_cast<std::ptrdiff_t>(to));
    auto bundle = TRY(ledger::prove_entries(ledger, note, key, std::move(part)));
    auto name = fmt::format("proofs-{}.json", files.size() + 1);
    CHECK_OK(write_file(directory / name, json::print(to_json(bundle)) + "\n", readable));
    files.push_back(json::Value(name));
  }
  return files;
}

Result<> make_empty(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(Errc::denied, "{}: {}", directory.string(), error.message());
  if (std::filesystem::is_empty(directory, error)) return {};
  return fail(Errc::invalid, "{} is not empty", directory.string());
}

Result<int> write_evidence(const Settings& settings, const ReportOptions& window, const EvidenceOrder& order) {
  if (!window.output.empty() || window.format != "text")
    return fail(Errc::invalid, "evidence is a directory of files: say --to DIRECTORY, without --format and --output");
  if (order.framework.empty() && order.remediation.empty())
    return fail(Errc::invalid, "evidence of what? Say --framework PACK, or --remediation rem_…");
  auto signed_head = TRY(ask_checkpoint(settings));
  auto note = json::text(signed_head, "checkpoint", "");
  auto key = TRY(ledger::parse_verifier(json::text(signed_head, "key", "")));
  auto size = static_cast<std::uint64_t>(json::integer(json::at(signed_head, "size")));
  auto ledger = TRY(open_ledger(settings));
  remediation::Policy policy;
  auto held = TRY(held_controls(settings, policy));
  auto scope = TRY(scope_of(order, *ledger));
  // As of the last entry that is signed, on whatever clock the ledger is.
  auto last = TRY(ledger->read(std::max<std::uint64_t>(size, 1), 1));
  auto now = last.empty() ? Timestamp{} : last[0].time;
  auto span = order.remediation.empty() ? TRY(report::parse_window(window.since, window.until, now))
                                        : report::Window{.since = TRY(found_at(order, *ledger)), .until = now};
  report::Evidence evidence(std::move(scope), span);
  CHECK_OK(ledger->database().read([&](store::Transaction& tx) {
    return ledger::each_entry(tx, [&](const ledger::Entry& entry) -> Result<> {
      if (entry.position <= size) evidence.add(entry);
      return {};
    });
  }));
  auto positions = evidence.positions();
  if (positions.size() > report::evidence_entries_max)
    return fail(Errc::invalid, "{} entries are more than {}: choose a narrower window", positions.size(),
                report::evidence_entries_max);
  std::filesystem::path directory(order.to);
  CHECK_OK(make_empty(directory));
  auto told = evidence.tell(*policy.known, held);
  told["ledger_entries"] = size;
  told["key"] = key.text();
  told["proofs"] = TRY(write_proofs(*ledger, note, key, positions, directory));
  CHECK_OK(write_file(directory / "evidence.json", json::print_pretty(told) + "\n", readable));
  CHECK_OK(write_file(directory / "index.html", report::evidence_html(told), readable));
  CHECK_OK(write_file(directory / "verify.py", ledger::standalone_verifier(), readable));
  if (settings.json) {
    print_json(json::Object{{"directory", order.to}, {"entries", positions.size()}, {"key", key.text()},
                            {"requirements_by_status", json::at(told, "requirements_by_status")},
                            {"proofs", json::at(told, "proofs")}});
    return exit_ok;
  }
  print_line(fmt::format("{} entries, with proofs, in {}", positions.size(), order.to));
  print_line("Read " + tone(Tone::accent, (directory / "index.html").string()));
  for (const auto& file : json::texts(json::at(told, "proofs")))
    print_line("Anybody checks it with:  " +
               tone(Tone::accent, fmt::format("python3 {0}/verify.py {0}/{1} --key {2}", order.to, file, key.text())));
  return exit_ok;
}

}  // namespace

int report_evidence(const Settings& settings, const ReportOptions& window, const EvidenceOrder& order) {
  return told(write_evidence(settings, window, order), settings.json);
}

}  // namespace aright::cli
