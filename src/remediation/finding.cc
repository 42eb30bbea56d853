#include "remediation/finding.h"

#include <algorithm>

#include "base/digest.h"

namespace aright::remediation {

namespace {

constexpr std::size_t id_digits = 26;

void add_teller(Finding& finding, const json::Value& said) {
  auto teller = bus::teller_from_json(said);
  if (teller && std::ranges::find(finding.tellers, *teller) == finding.tellers.end())
    finding.tellers.push_back(std::move(*teller));
}

void fold_seen(Finding& finding, const ledger::Entry& entry) {
  const auto& body = entry.body;
  finding.control = json::text(body, "control", "");
  finding.title = json::text(body, "title", "");
  finding.annotation = json::text(body, "annotation", "");
  finding.source = json::text(body, "source", "");
  finding.other_id = json::text(body, "other_id", "");
  finding.severity = parse_severity(json::text(body, "severity", "")).value_or(Severity::medium);
  if (auto resource = resource_from_json(json::at(body, "resource"))) finding.resource = *resource;
  if (auto remediation = RemediationId::parse(json::text(body, "remediation", "")))
    finding.remediation = *remediation;
  add_teller(finding, json::at(body, "teller"));
  if (finding.times_opened++ == 0) finding.first_seen = entry.time;
  finding.last_seen = entry.time;
  finding.open = true;
}

}  // namespace

FindingId finding_id(const Resource& resource, std::string_view control) {
  return FindingId::derived(to_hex(sha256(fmt::format("{}|{}", resource.key(), control))).substr(0, id_digits));
}

void fold(Finding& finding, const ledger::Entry& entry) {
  finding.sequence = entry.sequence;
  finding.id = FindingId::parse(entry.stream).value_or(FindingId{});
  if (entry.kind == entry::finding_opened || entry.kind == entry::finding_reopened) {
    fold_seen(finding, entry);
  } else if (entry.kind == entry::finding_resolved) {
    finding.open = false;
    finding.resolved_at = entry.time;
    finding.resolved_by = json::text(entry.body, "by", "");
  } else if (entry.kind == entry::finding_told) {
    add_teller(finding, json::at(entry.body, "teller"));
    finding.last_seen = entry.time;
  } else if (entry.kind == entry::exception_set) {
    finding.exception = Exception{.message = json::text(entry.body, "message", ""),
                                  .by = json::text(entry.body, "principal", ""),
                                  .until = parse_timestamp(json::text(entry.body, "until", "")).value_or(forever)};
  } else if (entry.kind == entry::exception_ended) {
    finding.exception.reset();
  }
}

std::string reason_of(const Exception& exception) {
  auto end = exception.until == forever ? std::string("somebody ends it") : exception.until.iso_seconds();
  return fmt::format("an exception of {} holds until {}: {}", exception.by, end, exception.message);
}

json::Object to_json(const Exception& exception) {
  return {{"message", exception.message},
          {"by", exception.by},
          {"until", exception.until == forever ? json::Value(nullptr) : json::Value(exception.until.iso())}};
}

json::Object to_json(const Finding& finding) {
  json::Object out{{"id", finding.id.str()},
                   {"control", finding.control},
                   {"title", finding.title},
                   {"severity", name(finding.severity)},
                   {"status", finding.open ? "open" : "resolved"},
                   {"resource", to_json(finding.resource)},
                   {"annotation", finding.annotation},
                   {"source", finding.source},
                   {"first_seen", finding.first_seen.iso()},
                   {"last_seen", finding.last_seen.iso()},
                   {"times_opened", finding.times_opened}};
  out["resolved_at"] = finding.open ? json::Value(nullptr) : json::Value(finding.resolved_at.iso());
  out["resolved_by"] = finding.open ? json::Value(nullptr) : json::Value(finding.resolved_by);
  out["remediation"] = finding.remediation.empty() ? json::Value(nullptr) : json::Value(finding.remediation.str());
  out["exception"] = finding.exception ? json::Value(to_json(*finding.exception)) : json::Value(nullptr);
  return out;
}

}  // namespace aright::remediation
