#include "observe/figures.h"

#include <algorithm>

#include "remediation/story.h"

namespace aright::observe {

namespace entry = remediation::entry;

namespace {

constexpr double second_ms = 1000;

}  // namespace

double seconds_between(Timestamp from, Timestamp to) {
  return static_cast<double>(std::max<std::int64_t>((to - from).count(), 0)) / second_ms;
}

Figures::Figures()
    : signals_(registry_.counter("aright_signals_total", "Signals on record: events that were taken in.")),
      opened_(registry_.counter("aright_findings_opened_total", "Findings opened, reopened ones too.", {"severity"})),
      resolved_(registry_.counter("aright_findings_resolved_total", "Findings resolved, by a fix or otherwise.",
                                  {"severity", "by"})),
      decisions_(registry_.counter("aright_decisions_total", "Decisions about remediations.", {"decision"})),
      approvals_(registry_.counter("aright_approvals_total", "Answers to requests for approval.", {"answer"})),
      executions_(registry_.counter("aright_executions_total", "Executions of fixes that ended.", {"status"})),
      outcomes_(registry_.counter("aright_remediations_total", "Remediations by what became of them.", {"outcome"})),
      escalations_(registry_.counter("aright_escalations_total", "Escalations raised.")),
      open_(registry_.gauge("aright_findings_open", "Findings that are open.", {"severity"})),
      signals_waiting_(registry_.gauge("aright_signals_waiting", "Signals on record that were not handled yet.")),
      asked_since_(registry_.gauge("aright_approval_oldest_timestamp_seconds",
                                   "When the longest-waiting approval was asked for, as Unix time; 0: none waits.")),
      times_(
          registry_.histogram("aright_stage_seconds",
                              "How long the stages of the story took: detect from the source's sight to the finding, "
                              "decide, approve, fix from finding to resolved, execute, verify, whole from the "
                              "source's sight to resolved.",
                              telemetry::story_seconds, {"stage"})) {
  signals_.with();
  signals_waiting_.with();
  asked_since_.with();
  escalations_.with();
  for (const auto* stage : {"detect", "decide", "approve", "execute", "verify", "fix", "whole"})
    times_.with({stage});
  for (const auto* outcome : {"resolved", "escalated", "rolled_back", "rejected", "expired", "closed"})
    outcomes_.with({outcome});
}

void Figures::add(const ledger::Entry& one) {
  if (one.stream.starts_with("sig_")) return add_to_signal(one);
  if (one.stream.starts_with("fnd_")) return add_to_finding(one);
  if (one.stream.starts_with("rem_")) return add_to_remediation(one);
  if (one.kind == entry::escalation_raised) escalations_.with().add();
}

void Figures::add_to_signal(const ledger::Entry& one) {
  if (one.kind == entry::signal_received) {
    signals_.with().add();
    auto saw = parse_timestamp(json::text(json::at(one.body, "body"), "time", ""));
    seen_[one.stream] = saw.value_or(one.time);
  } else if (one.kind == entry::signal_handled) {
    seen_.erase(one.stream);
  }
  signals_waiting_.with().set(static_cast<double>(seen_.size()));
}

void Figures::show_open(const std::string& severity, int change) {
  open_.with({severity}).add(change);
}

void Figures::add_to_finding(const ledger::Entry& one) {
  if (one.kind == entry::finding_opened || one.kind == entry::finding_reopened) {
    auto& finding = findings_[one.stream];
    auto severity = json::text(one.body, "severity", "");
    if (!severity.empty()) finding.severity = severity;
    if (finding.severity.empty()) finding.severity = "medium";
    opened_.with({finding.severity}).add();
    if (!finding.open_since) show_open(finding.severity, 1);
    if (!finding.open_since) finding.open_since = one.time;
  } else if (one.kind == entry::finding_resolved) {
    auto& finding = findings_[one.stream];
    if (!finding.open_since) return;
    auto by = remediations_.find(json::text(one.body, "by", ""));
    bool fixed = by != remediations_.end() && by->second.started.has_value();
    resolved_.with({finding.severity, fixed ? "fix" : "otherwise"}).add();
    if (fixed) times_.with({"fix"}).observe(seconds_between(*finding.open_since, one.time));
    show_open(finding.severity, -1);
    finding.open_since.reset();
  }
}

void Figures::open_remediation(const ledger::Entry& one) {
  auto& of = remediations_[one.stream];
  of.opened = of.seen = one.time;
  auto seen = seen_.find(json::text(one.body, "opened_by", ""));
  if (seen == seen_.end()) return;
  of.seen = std::min(seen->second, one.time);
  times_.with({"detect"}).observe(seconds_between(seen->second, one.time));
}

void Figures::add_to_remediation(const ledger::Entry& one) {
  if (one.kind == entry::remediation_opened) return open_remediation(one);
  auto& of = remediations_[one.stream];
  if (one.kind == entry::decided) {
    decisions_.with({json::text(one.body, "decision", "")}).add();
    if (!of.decided) times_.with({"decide"}).observe(seconds_between(of.opened, one.time));
    of.decided = true;
  } else if (one.kind == entry::approval_requested) {
    asked_[one.stream] = one.time;
    show_asked();
  } else if (one.kind == entry::approved || one.kind == entry::rejected || one.kind == entry::approval_expired) {
    answer(one);
  } else {
    end(one, of);
  }
}

void Figures::answer(const ledger::Entry& one) {
  std::string_view what = one.kind == entry::approval_expired ? "expired" : std::string_view(one.kind);
  approvals_.with({what}).add();
  if (one.kind != entry::approved) outcomes_.with({what}).add();
  auto asked = asked_.find(one.stream);
  if (asked != asked_.end()) times_.with({"approve"}).observe(seconds_between(asked->second, one.time));
  no_longer_asked(one.stream);
}

// From the execution on.
void Figures::end(const ledger::Entry& one, Remediation& of) {
  if (one.kind == entry::execution_started) {
    of.started = one.time;
  } else if (one.kind == entry::execution_ended) {
    of.ended = one.time;
    executions_.with({json::text(one.body, "status", "")}).add();
    if (of.started) times_.with({"execute"}).observe(seconds_between(*of.started, one.time));
  } else if (one.kind == entry::resolved) {
    outcomes_.with({"resolved"}).add();
    if (of.ended) times_.with({"verify"}).observe(seconds_between(*of.ended, one.time));
    times_.with({"whole"}).observe(seconds_between(of.seen, one.time));
  } else if (one.kind == entry::escalated || one.kind == entry::planning_failed ||
             one.kind == entry::rollback_failed) {
    outcomes_.with({"escalated"}).add();
  } else if (one.kind == entry::rolled_back || one.kind == entry::closed) {
    outcomes_.with({one.kind}).add();
    no_longer_asked(one.stream);
  } else if (one.kind == entry::plan_voided || one.kind == entry::outdated) {
    no_longer_asked(one.stream);
  }
}

void Figures::no_longer_asked(const std::string& remediation) {
  asked_.erase(remediation);
  show_asked();
}

void Figures::show_asked() {
  auto oldest = std::ranges::min_element(asked_, {}, [](const auto& one) { return one.second; });
  asked_since_.with().set(oldest == asked_.end() ? 0 : static_cast<double>(oldest->second.ms) / second_ms);
}

}  // namespace aright::observe
