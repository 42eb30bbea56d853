#include "remediation/escalation.h"

#include <algorithm>

#include "base/digest.h"
#include "remediation/story.h"

namespace aright::remediation {

namespace {

constexpr std::string_view document_kind = "escalation";
constexpr std::string_view control_parent = "control/";
constexpr std::size_t listed_max = 1000;
constexpr std::size_t id_characters = 26;

void fold_raised(Escalation& out, const ledger::Entry& entry) {
  const auto& body = entry.body;
  out.id = EscalationId::parse(entry.stream).value_or(EscalationId{});
  out.reason = parse_reason(json::text(body, "reason", "")).value_or(Reason::failed);
  out.subject = json::text(body, "subject", "");
  out.remediation = json::text(body, "remediation", "");
  out.finding = json::text(body, "finding", "");
  out.control = json::text(body, "control", "");
  out.stage = json::text(body, "stage", "");
  out.resource = json::at(body, "resource");
  out.raised = entry.time;
  out.told = {json::text(body, "tell", "")};
  out.due = time_at(body, "due");
}

// When the next one is told, after the rung at this place.
std::optional<Timestamp> due_after(const EscalationRung& rung, Timestamp now) {
  return rung.wait.count() == 0 ? std::nullopt : std::optional(now + rung.wait);
}

void set_due(json::Object& body, std::optional<Timestamp> due) {
  if (due) body["due"] = due->iso();
}

}  // namespace

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::failed: return "failed";
    case Reason::stuck: return "stuck";
    case Reason::unapproved: return "unapproved";
    case Reason::recurring: return "recurring";
    case Reason::fought: return "fought";
    case Reason::breaker_open: return "breaker_open";
  }
  return "";
}

std::vector<Reason> all_reasons() {
  return {Reason::failed,    Reason::stuck,  Reason::unapproved,
          Reason::recurring, Reason::fought, Reason::breaker_open};
}

Result<Reason> parse_reason(std::string_view text) {
  for (auto reason : all_reasons())
    if (name(reason) == text) return reason;
  return fail(Errc::invalid, "'{}' is no reason to escalate", text);
}

const EscalationLadder& Escalations::ladder_for(Reason reason) const {
  auto found = ladders.find(reason);
  return found == ladders.end() ? otherwise : found->second;
}

bool Escalations::any() const {
  return std::ranges::any_of(all_reasons(), [this](Reason reason) { return !ladder_for(reason).empty(); });
}

std::string Escalation::status() const { return settled ? "settled" : acknowledged ? "acknowledged" : "open"; }

json::Object to_json(const Escalation& one) {
  json::Object out{{"id", one.id.str()},
                   {"reason", name(one.reason)},
                   {"status", one.status()},
                   {"subject", one.subject},
                   {"remediation", one.remediation},
                   {"finding", one.finding},
                   {"control", one.control},
                   {"resource", one.resource},
                   {"raised", one.raised.iso()},
                   {"told", json::Array(one.told.begin(), one.told.end())},
                   {"next", one.waits() ? json::Value(one.due->iso()) : json::Value(nullptr)},
                   {"acknowledged", nullptr},
                   {"settled", nullptr}};
  if (one.acknowledged)
    out["acknowledged"] = json::Object{{"by", one.acknowledged->by}, {"at", one.acknowledged->at.iso()},
                                       {"comment", one.acknowledged->comment}};
  if (one.settled) out["settled"] = json::Object{{"because", one.settled->because}, {"at", one.settled->at.iso()}};
  return out;
}

Escalation escalation_of(Reason reason, const json::Object& notice_body, std::string subject, std::string_view cause) {
  const json::Value body(notice_body);
  Escalation out;
  out.reason = reason;
  out.subject = std::move(subject);
  out.remediation = json::text(body, "remediation", "");
  out.finding = json::text(body, "finding", "");
  out.control = json::text(body, "control", "");
  out.stage = json::text(body, "stage", "");
  out.resource = json::at(body, "resource");
  auto seed = fmt::format("{}\n{}\n{}", name(reason), parent_of(out), cause);
  out.id = EscalationId::derived(to_hex(sha256(seed)).substr(0, id_characters));
  return out;
}

std::string parent_of_control(const std::string& control) { return std::string(control_parent) + control; }

std::string parent_of(const Escalation& one) {
  return one.reason == Reason::breaker_open ? parent_of_control(one.control) : one.finding;
}

json::Object raised_body(const Escalation& one, const EscalationLadder& ladder, Timestamp now) {
  json::Object body{{"reason", name(one.reason)}, {"subject", one.subject}, {"remediation", one.remediation},
                    {"finding", one.finding},     {"control", one.control}, {"resource", one.resource},
                    {"tell", ladder.front().tell}};
  if (!one.stage.empty()) body["stage"] = one.stage;
  set_due(body, due_after(ladder.front(), now));
  return body;
}

json::Object told_body(const EscalationRung& rung, std::size_t tellings, const EscalationLadder& ladder,
                       Timestamp now) {
  json::Object body{{"tell", rung.tell}, {"rung", std::min(tellings, ladder.size() - 1)}};
  set_due(body, due_after(rung, now));
  return body;
}

void fold(Escalation& one, const ledger::Entry& entry) {
  one.sequence = entry.sequence;
  if (entry.kind == entry::escalation_raised) {
    fold_raised(one, entry);
  } else if (entry.kind == entry::escalation_told) {
    one.told.push_back(json::text(entry.body, "tell", ""));
    one.due = time_at(entry.body, "due");
  } else if (entry.kind == entry::escalation_acknowledged) {
    one.acknowledged = Acknowledged{.by = json::text(entry.body, "principal", ""),
                                    .comment = json::text(entry.body, "comment", ""), .at = entry.time};
  } else if (entry.kind == entry::escalation_settled) {
    one.settled = Settled{.because = json::text(entry.body, "because", ""), .at = entry.time};
  }
}

std::string settled_because(const Escalation& one, const Circumstances& circumstances) {
  if (one.reason == Reason::breaker_open) return circumstances.breaker_open ? "" : "the breaker is closed again";
  if (!circumstances.finding_open) return "the finding is resolved";
  if (one.reason == Reason::recurring) return "";
  const auto& [finding_open, latest, stage, breaker_open] = circumstances;
  if (stage == "rolled_back") return "it was taken back";
  if (one.reason == Reason::stuck) return stage == one.stage ? "" : "it went on: it is " + stage;
  return latest.empty() || latest == one.remediation ? "" : latest + " was opened since";
}

std::optional<EscalationRung> next_rung(const Escalation& one, const EscalationLadder& ladder) {
  if (ladder.empty() || std::cmp_greater_equal(one.told.size(), escalation_tellings_max)) return std::nullopt;
  return ladder[std::min(one.told.size(), ladder.size() - 1)];
}

ledger::Document escalation_document(const Escalation& one) {
  return {.kind = std::string(document_kind),
          .id = one.id.str(),
          .body = to_json(one),
          .sort = one.raised.iso() + one.id.str(),
          .status = one.status(),
          .parent = parent_of(one)};
}

Result<> store_escalation(store::Transaction& tx, const Escalation& one) {
  return ledger::documents::put(tx, escalation_document(one));
}

Result<std::vector<json::Value>> list_escalations(store::Transaction& tx, const std::string& parent) {
  std::vector<json::Value> out;
  for (auto status : {"open", "acknowledged"}) {
    ledger::documents::Filter filter{.status = status, .limit = listed_max};
    if (!parent.empty()) filter.parent = parent;
    auto page = TRY(ledger::documents::list(tx, document_kind, filter));
    for (auto& document : page.documents) out.push_back(std::move(document.body));
  }
  std::ranges::stable_sort(out, std::greater(), [](const json::Value& one) { return json::text(one, "raised", ""); });
  return out;
}

}  // namespace aright::remediation
