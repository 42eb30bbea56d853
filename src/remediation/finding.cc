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

void add_sightings(Finding& finding, const json::Value& said) {
  for (const auto& one : json::items(said)) {
    auto sighting = bus::sighting_from_json(one);
    if (std::ranges::find(finding.sightings, sighting) == finding.sightings.end())
      finding.sightings.push_back(std::move(sighting));
  }
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
  finding.sightings.clear();
  add_sightings(finding, json::at(body, "sightings"));
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
    add_sightings(finding, json::at(entry.body, "sightings"));
    finding.last_seen = entry.time;
  } else if (entry.kind == entry::exception_set) {
    finding.exception = exception_from_json(entry.body);
    finding.exception->by = json::text(entry.body, "principal", "");
  } else if (entry.kind == entry::exception_voided) {
    finding.voided.insert(json::text(entry.body, "exception", ""));
  } else if (entry.kind == entry::exception_reminded) {
    finding.reminded[json::text(entry.body, "exception", "")] =
        seconds(json::integer(json::at(entry.body, "before_s")));
  } else if (entry.kind == entry::exception_ended) {
    finding.exception.reset();
  }
}

std::string reason_of(const Exception& exception) {
  auto end = exception.until == forever ? std::string("somebody ends it") : exception.until.iso_seconds();
  return fmt::format("an exception of {} holds until {}: {}", exception.by, end, exception.message);
}

json::Object to_json(const Exception& exception) {
  json::Object out{{"message", exception.message},
                   {"by", exception.by},
                   {"until", exception.until == forever ? json::Value(nullptr) : json::Value(exception.until.iso())}};
  if (!exception.owner.empty()) out["owner"] = exception.owner;
  if (!exception.compensating.empty()) out["compensating_control"] = exception.compensating;
  if (!exception.tell.empty()) out["tell"] = exception.tell;
  json::Array reminders;
  for (auto before : exception.reminders) reminders.emplace_back(before.count());
  if (!reminders.empty()) out["remind_s"] = std::move(reminders);
  return out;
}

Exception exception_from_json(const json::Value& value) {
  Exception out{.message = json::text(value, "message", ""),
                .by = json::text(value, "by", ""),
                .until = parse_timestamp(json::text(value, "until", "")).value_or(forever),
                .owner = json::text(value, "owner", ""),
                .compensating = json::text(value, "compensating_control", ""),
                .tell = json::text(value, "tell", "")};
  for (const auto& before : json::items(json::at(value, "remind_s"))) out.reminders.emplace_back(json::integer(before));
  return out;
}

std::string Exception::key() const { return to_hex(sha256(json::canonical(to_json(*this)))).substr(0, id_digits); }

std::optional<seconds> reminder_due(const Exception& exception, const Finding& finding, Timestamp now) {
  std::optional<seconds> due;  // of several that are due, the last one stands for all
  for (auto before : exception.reminders)
    if (exception.until - before <= now) due = before;
  auto told = finding.reminded.find(exception.key());
  bool new_one = due && (told == finding.reminded.end() || *due < told->second);
  return new_one && exception.holds(now) ? due : std::nullopt;
}

std::optional<Timestamp> next_look(const Exception& exception, Timestamp now) {
  std::optional<Timestamp> next;
  if (!exception.compensating.empty()) next = now + compensating_look_pause;
  for (auto before : exception.reminders)
    if (auto at = exception.until - before; at > now && (!next || at < *next)) next = at;
  return next;
}

json::Array to_json(const std::vector<bus::Sighting>& sightings) {
  json::Array out;
  for (const auto& sighting : sightings) out.push_back(bus::to_json(sighting));
  return out;
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
  if (!finding.sightings.empty()) out["sightings"] = to_json(finding.sightings);
  return out;
}

}  // namespace aright::remediation
