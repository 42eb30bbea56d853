#include "remediation/word.h"

#include <algorithm>
#include <array>

#include "base/overloaded.h"
#include "base/utf8.h"
#include "notify/security_hub.h"

namespace aright::remediation {

namespace {

constexpr std::array kinds{std::pair{Errand::Kind::import_finding, "import"},
                           std::pair{Errand::Kind::update_finding, "update"},
                           std::pair{Errand::Kind::evaluate_again, "evaluate"}};

// After these a finding, or what is done about it, may stand otherwise than it was told.
constexpr std::array telling_kinds{entry::finding_reopened,  entry::finding_resolved, entry::finding_told,
                                   entry::decided,           entry::planning_failed,  entry::approval_requested,
                                   entry::rejected,          entry::approval_expired, entry::execution_started,
                                   entry::escalated,         entry::closed,           entry::rolled_back,
                                   entry::rollback_failed,   entry::finding_opened};

Word says(std::string workflow, std::string note) { return {.workflow = std::move(workflow), .note = std::move(note)}; }

std::string last_reason(const State& state) { return state.reasons.empty() ? "" : ": " + state.reasons.back(); }

std::optional<Word> says(const State& state) {
  auto works = [&](std::string_view what) { return says("NOTIFIED", fmt::format("aright {}", what)); };
  return std::visit(
      Overloaded{
          [](const Opened&) -> std::optional<Word> { return std::nullopt; },
          [&](const Deferred& s) -> std::optional<Word> {
            if (state.excepted) return says("SUPPRESSED", "An exception holds" + last_reason(state));
            return works(fmt::format("waits until {}{}", s.until.iso_seconds(), last_reason(state)));
          },
          [&](const Planning&) -> std::optional<Word> { return works("rehearses a fix"); },
          [&](const NeedingApproval&) -> std::optional<Word> { return works("rehearses a fix"); },
          [&](const AwaitingApproval&) -> std::optional<Word> { return works("waits for approval of a fix"); },
          [&](const Ready&) -> std::optional<Word> { return works("sets it right"); },
          [&](const Executing&) -> std::optional<Word> { return works("sets it right"); },
          [&](const Verifying&) -> std::optional<Word> { return works("sets it right"); },
          [&](const Retrying&) -> std::optional<Word> { return works("tries again to set it right"); },
          [&](const Resolved&) -> std::optional<Word> { return says("NEW", "It was set right, and is there again"); },
          [&](const RollingBack&) -> std::optional<Word> { return works("takes the fix back"); },
          [&](const RolledBack&) -> std::optional<Word> { return says("NEW", "The fix was taken back"); },
          [&](const Escalated& s) -> std::optional<Word> { return works("could not set it right: " + s.reason); },
          [&](const Closed& s) -> std::optional<Word> {
            if (state.decision == Decision::suppressed) return says("SUPPRESSED", "Suppressed" + last_reason(state));
            return says("", fmt::format("aright leaves it to a person: {}{}", s.reason, last_reason(state)));
          }},
      state.stage);
}

}  // namespace

json::Object to_json(const Errand& errand) {
  auto kind = std::ranges::find(kinds, errand.kind, [](const auto& item) { return item.first; })->second;
  return {{"do", kind}, {"finding", errand.finding.str()}};
}

Result<Errand> errand_from_json(const json::Value& value) {
  auto word = json::text(value, "do", "");
  auto kind = std::ranges::find(kinds, word, [](const auto& item) { return item.second; });
  if (kind == kinds.end()) return fail(Errc::invalid, "'{}' is nothing to tell", word);
  return Errand{.kind = kind->first, .finding = TRY(FindingId::parse(json::text(value, "finding", "")))};
}

std::vector<Errand::Kind> errands_of(const ledger::Entry& entry, const HubSettings& hub, bool config_hears) {
  std::vector<Errand::Kind> out;
  bool of_finding = entry.kind == entry::finding_opened || entry.kind == entry::finding_reopened ||
                    entry.kind == entry::finding_resolved;
  if (hub.import_findings && of_finding) out.push_back(Errand::Kind::import_finding);
  bool tells = std::ranges::find(telling_kinds, entry.kind) != telling_kinds.end();
  if (hub.update_findings && tells) out.push_back(Errand::Kind::update_finding);
  if (config_hears && entry.kind == entry::finding_resolved) out.push_back(Errand::Kind::evaluate_again);
  return out;
}

bool is_imported(const Finding& finding, const rules::Controls& controls) {
  bool of_tool = finding.source == "aws.securityhub" || finding.source == "aws.guardduty";
  return !of_tool && controls.find(finding.control);
}

std::optional<Word> word_about(const Finding& finding, const State* remediation) {
  std::optional<Word> word;
  if (!finding.open && finding.control.starts_with("rule:"))  // it asked for an action, and no state was verified
    word = says("NOTIFIED", "aright did what the event rule asks for");
  else if (!finding.open && finding.resolved_by == "policy")
    word = says("", "aright does not judge this any more: its policy has no control for it");
  else if (!finding.open && finding.resolved_by == "observed")
    word = says("RESOLVED", "aright read the resource again, and it is compliant");
  else if (!finding.open)
    word = says("RESOLVED", "aright set it right, and read the resource again");
  else if (remediation)
    word = says(*remediation);
  if (!word) return std::nullopt;
  word->note = clipped(std::move(word->note), notify::note_chars_max);
  word->fields = {{"aright/finding", finding.id.str()}};
  if (remediation) {
    word->fields["aright/remediation"] = remediation->id.str();
    word->fields["aright/stage"] = name(remediation->stage);
  }
  return word;
}

json::Object update_for(const Word& word, const json::Value& there) {
  json::Object out;
  auto workflow = json::text(json::at(there, {"Workflow", "Status"}));
  const auto& note = json::at(there, "Note");
  bool ours = json::text(note, "UpdatedBy", "") == bus::note_author;
  if (workflow == "SUPPRESSED" && !ours && word.workflow != "RESOLVED") return out;
  if (!word.workflow.empty() && word.workflow != workflow)
    out["Workflow"] = json::Object{{"Status", word.workflow}};
  if (!ours || json::text(note, "Text", "") != word.note)
    out["Note"] = json::Object{{"Text", word.note}, {"UpdatedBy", bus::note_author}};
  // The call replaces all fields, so those of others are written again.
  const auto& before = json::members(json::at(there, "UserDefinedFields"));
  auto fields = before;
  for (const auto& [name, value] : word.fields) fields[name] = value;
  if (fields != before) out["UserDefinedFields"] = std::move(fields);
  return out;
}

}  // namespace aright::remediation
