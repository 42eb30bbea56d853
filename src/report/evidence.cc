#include "report/evidence.h"

#include <algorithm>
#include <array>

#include "remediation/narrate.h"
#include "remediation/projection.h"
#include "remediation/rollback.h"

namespace aright::report {

using remediation::Finding;
using remediation::State;
namespace entry = remediation::entry;

namespace {

// From the best to the worst: a requirement is what the worst of its controls is.
constexpr std::array<std::string_view, 4> statuses{"compliant", "excepted", "not_assessed", "not_compliant"};

std::size_t rank_of(std::string_view status) {
  return static_cast<std::size_t>(std::ranges::find(statuses, status) - statuses.begin());
}

json::Value optional_time(Timestamp at) { return at.ms == 0 ? json::Value(nullptr) : json::Value(at.iso()); }

// 1.9 comes before 1.10: runs of digits are compared as numbers.
bool comes_before(std::string_view left, std::string_view right) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  auto number = [&](std::string_view& text) {
    auto length = static_cast<std::size_t>(std::ranges::find_if_not(text, digit) - text.begin());
    auto run = text.substr(0, length);
    run.remove_prefix(std::min(run.find_first_not_of('0'), run.size()));
    text.remove_prefix(length);
    return std::pair(run.size(), run);
  };
  while (!left.empty() && !right.empty()) {
    if (digit(left[0]) && digit(right[0])) {
      auto one = number(left), other = number(right);
      if (one != other) return one < other;
      continue;
    }
    if (left[0] != right[0]) return left[0] < right[0];
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return left.empty() && !right.empty();
}

bool is_excepted(const Finding& finding, Timestamp at) { return finding.exception && finding.exception->holds(at); }

}  // namespace

bool Evidence::concerns(const std::string& control) const {
  return std::ranges::any_of(scope_.requirements, [&](const auto& one) { return one.second.contains(control); });
}

void Evidence::add(const ledger::Entry& one) {
  if (one.time > window_.until) return;
  if (one.stream.starts_with(FindingTag::prefix)) return add_to_finding(one);
  if (one.stream.starts_with(RemediationTag::prefix)) return add_to_remediation(one);
  if (one.stream.starts_with(ExecutionTag::prefix)) return add_to_execution(one);
  if (one.kind == entry::scanned && window_.holds(one.time)) add_scan(one);
}

void Evidence::add_to_finding(const ledger::Entry& one) {
  auto& story = findings_[one.stream];
  bool was_open = story.finding.open;
  fold(story.finding, one);
  story.lines.push_back({one.time, one.kind, remediation::narrate(one), one.position});
  story.in_window = story.in_window || was_open || window_.holds(one.time);
  if (one.time < window_.since) story.in_window = story.finding.open;
}

void Evidence::add_to_remediation(const ledger::Entry& one) {
  // The calls of a rollback are journaled beside the remediation's own stream.
  auto stream = one.stream.substr(0, one.stream.find('.'));
  auto& story = fixes_[stream];
  if (stream == one.stream) fold(story.state, one);
  story.lines.push_back({one.time, one.kind, remediation::narrate(one), one.position});
  story.in_window = window_.holds(one.time) || (one.time < window_.since && open(story.state));
}

void Evidence::add_to_execution(const ledger::Entry& one) {
  if (one.kind == entry::runbook_started) owners_[one.stream] = json::text(one.body, "remediation", "");
  auto owner = owners_.find(one.stream);
  auto story = owner == owners_.end() ? fixes_.end() : fixes_.find(owner->second);
  if (story == fixes_.end()) return;
  story->second.executions.insert(one.stream);
  story->second.lines.push_back({one.time, one.kind, remediation::narrate(one), one.position});
}

void Evidence::add_scan(const ledger::Entry& one) {
  for (auto& document : remediation::scan_documents(one))
    scans_[document.id] = {std::move(document.body), one.position};
}

bool Evidence::shows(const FixStory& story) const {
  if (!scope_.remediation.empty()) return story.state.id.str() == scope_.remediation;
  return story.in_window && concerns(story.state.control);
}

bool Evidence::shows(const FoundStory& story) const {
  if (scope_.remediation.empty()) return story.in_window && concerns(story.finding.control);
  auto fix = fixes_.find(scope_.remediation);
  return fix != fixes_.end() && fix->second.state.finding == story.finding.id;
}

std::string Evidence::status_of(const std::string& control) const {
  bool open = false, excepted = false;
  for (const auto& [id, story] : findings_) {
    const auto& finding = story.finding;
    if (finding.control != control || !finding.open) continue;
    (is_excepted(finding, window_.until) ? excepted : open) = true;
  }
  if (open) return "not_compliant";
  if (!scans_.contains(control)) return "not_assessed";
  return excepted ? "excepted" : "compliant";
}

json::Array Evidence::tell_lines(const std::vector<Line>& lines) {
  json::Array out;
  for (const auto& line : lines)
    out.push_back(json::Object{{"at", line.at.iso()}, {"kind", line.kind}, {"text", line.text},
                               {"entry", line.position}});
  return out;
}

json::Object Evidence::tell_finding(const FoundStory& story) {
  const auto& finding = story.finding;
  json::Object out{{"id", finding.id.str()},
                   {"status", finding.open ? "open" : "resolved"},
                   {"resource", to_json(finding.resource)},
                   {"severity", name(finding.severity)},
                   {"annotation", finding.annotation},
                   {"first_seen", optional_time(finding.first_seen)},
                   {"resolved_at", finding.open ? json::Value(nullptr) : optional_time(finding.resolved_at)},
                   {"resolved_by", finding.open ? json::Value(nullptr) : json::Value(finding.resolved_by)},
                   {"times_opened", finding.times_opened},
                   {"exception", nullptr},
                   {"entries", tell_lines(story.lines)}};
  if (finding.exception) out["exception"] = to_json(*finding.exception);
  return out;
}

json::Object Evidence::tell_fix(const FixStory& story) {
  const auto& state = story.state;
  json::Array approvals, writes;
  for (const auto& one : state.approvals)
    approvals.push_back(json::Object{{"principal", one.principal}, {"voice", one.voice}, {"at", one.at.iso()},
                                     {"comment", one.comment}});
  if (state.plan)
    for (const auto& write : state.plan->writes) writes.push_back(json::Value(write.call.name()));
  return {{"id", state.id.str()},
          {"finding", state.finding.str()},
          {"resource", to_json(state.resource)},
          {"stage", name(state.stage)},
          {"opened_at", state.opened_at.iso()},
          {"requester", state.requester},
          {"decision", state.reasons.empty() ? json::Value(nullptr) : json::Value(name(state.decision))},
          {"reasons", json::Array(state.reasons.begin(), state.reasons.end())},
          {"policy", state.policy},
          {"plan_hash", state.plan ? json::Value(state.plan->hash) : json::Value(nullptr)},
          {"writes", std::move(writes)},
          {"approvals", std::move(approvals)},
          {"executions", json::Array(story.executions.begin(), story.executions.end())},
          {"verification", state.verification},
          {"rollback", state.rollback},
          {"entries", tell_lines(story.lines)}};
}

json::Object Evidence::tell_control(const std::string& id, const rules::Controls& controls, bool held) const {
  const auto* control = controls.find(id);
  json::Array findings, fixes;
  for (const auto& [stream, story] : findings_)
    if (story.finding.control == id && shows(story)) findings.push_back(tell_finding(story));
  for (const auto& [stream, story] : fixes_)
    if (story.state.control == id && shows(story)) fixes.push_back(tell_fix(story));
  auto scan = scans_.find(id);
  json::Value scanned = nullptr;
  if (scan != scans_.end()) {
    auto counts = json::members(scan->second.counts);
    counts["entry"] = scan->second.position;
    scanned = std::move(counts);
  }
  return {{"control", id},
          {"title", control ? control->title : id},
          {"severity", control ? control->severity : ""},
          {"held", held},
          {"status", status_of(id)},
          {"scanned", std::move(scanned)},
          {"findings", std::move(findings)},
          {"remediations", std::move(fixes)}};
}

json::Object Evidence::tell(const rules::Controls& controls, const std::set<std::string>& held) const {
  json::Array requirements, told;
  std::set<std::string> all;
  std::map<std::string, std::int64_t, std::less<>> counts;
  for (auto status : statuses) counts[std::string(status)] = 0;
  for (const auto& [requirement, of] : scope_.requirements) {
    std::string worst(statuses.front());
    for (const auto& control : of)
      if (auto status = status_of(control); rank_of(status) > rank_of(worst)) worst = status;
    ++counts[worst];
    requirements.push_back(json::Object{{"requirement", requirement}, {"status", worst},
                                        {"controls", json::Array(of.begin(), of.end())}});
    all.insert(of.begin(), of.end());
  }
  std::ranges::stable_sort(requirements, [](const json::Value& left, const json::Value& right) {
    return comes_before(json::text(left, "requirement", ""), json::text(right, "requirement", ""));
  });
  for (const auto& control : all) told.push_back(tell_control(control, controls, held.contains(control)));
  json::Object by_status;
  for (const auto& [status, count] : counts) by_status[status] = count;
  return {{"format", "aright-evidence/1"},
          {"scope", json::Object{{"id", scope_.id}, {"title", scope_.title}, {"source", scope_.source}}},
          {"since", window_.since.iso()},
          {"until", window_.until.iso()},
          {"requirements_by_status", std::move(by_status)},
          {"requirements", std::move(requirements)},
          {"controls", std::move(told)}};
}

std::vector<std::uint64_t> Evidence::positions() const {
  std::set<std::uint64_t> out;
  auto take = [&](const std::vector<Line>& lines) {
    for (const auto& line : lines) out.insert(line.position);
  };
  for (const auto& [stream, story] : findings_)
    if (shows(story)) take(story.lines);
  for (const auto& [stream, story] : fixes_)
    if (shows(story)) take(story.lines);
  for (const auto& [control, scan] : scans_)
    if (concerns(control)) out.insert(scan.position);
  return {out.begin(), out.end()};
}

}  // namespace aright::report
