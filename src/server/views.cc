#include "server/views.h"

#include <algorithm>
#include <map>

#include "base/id.h"
#include "remediation/disruption.h"
#include "remediation/narrate.h"
#include "remediation/projection.h"
#include "remediation/refold.h"
#include "remediation/rollback.h"
#include "server/api.h"

namespace aright::server {

namespace {

using namespace remediation;

constexpr std::size_t recent_max = 12;
constexpr std::size_t recent_scan_max = 400;  // entries looked at for them

json::Object line(const ledger::Entry& entry) {
  return {{"time", entry.time.iso()},
          {"kind", entry.kind},
          {"text", narrate(entry)},
          {"stream", entry.stream},
          {"position", entry.position}};
}

json::Object call_view(const gateway::Intent& intent) {
  json::Object out{{"token", intent.token},
                   {"service", intent.call.service},
                   {"operation", intent.call.operation},
                   {"input", intent.call.input},
                   {"effect", intent.effect},
                   {"resources", json::Array(intent.resources.begin(), intent.resources.end())},
                   {"status", !intent.returned ? "open" : intent.returned->ok ? "ok" : "failed"}};
  if (intent.returned && !intent.returned->ok) out["error"] = intent.returned->error.text();
  return out;
}

json::Array agreed_view(const State& state) {
  json::Array out;
  for (const auto& approval : state.approvals) {
    json::Object one{{"principal", approval.principal}, {"comment", approval.comment}, {"at", approval.at.iso()}};
    if (approval.voice != approval.principal) one["voice"] = approval.voice;
    out.push_back(std::move(one));
  }
  return out;
}

// What is asked for, and who agreed so far.
json::Object approval_view(const State& state, const Request& request) {
  auto out = to_json(request);
  out["agreed"] = agreed_view(state);
  return out;
}

json::Array allowed_actions(const State& state) {
  json::Array out;
  if (std::holds_alternative<AwaitingApproval>(state.stage)) {
    out.push_back("approve");
    out.push_back("reject");
  }
  bool done = std::holds_alternative<Resolved>(state.stage) || std::holds_alternative<Escalated>(state.stage);
  if (done && !state.executions.empty()) out.push_back("rollback");
  return out;
}

// What keeps it from going on, which no person is asked about: a brake, until when as far as that is known; null when
// nothing does.
json::Value held_view(Engine& engine, const State& state) {
  if (const auto* deferred = std::get_if<Deferred>(&state.stage))
    return json::Object{{"reason", state.reasons.empty() ? "" : state.reasons.back()},
                        {"until", deferred->until.iso()}};
  bool writes = std::holds_alternative<Ready>(state.stage) || std::holds_alternative<Executing>(state.stage) ||
                std::holds_alternative<RollingBack>(state.stage);
  const auto& halts = engine.gateway().halts();
  auto halted = writes ? halts.covering(state.resource.account, state.resource.region, "", state.control) : "";
  if (halted.empty()) return nullptr;
  return json::Object{{"reason", "writes are halted: " + halted}, {"until", nullptr}};
}

// Seconds from the finding's opening to its resolution by a remediation, the middle one of all.
json::Value median_time_to_fix(const std::vector<json::Value>& findings) {
  std::vector<double> took;
  for (const auto& finding : findings) {
    if (!RemediationId::parse(json::text(finding, "resolved_by", ""))) continue;
    auto opened = parse_timestamp(json::text(finding, "first_seen", ""));
    auto resolved = parse_timestamp(json::text(finding, "resolved_at", ""));
    if (opened && resolved) took.push_back(static_cast<double>((*resolved - *opened).count()) / 1000.0);
  }
  if (took.empty()) return nullptr;
  auto middle = took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2);
  std::ranges::nth_element(took, middle);
  return *middle;
}

json::Object count_findings(const std::vector<json::Value>& findings) {
  std::map<std::string, std::int64_t> by_severity;
  struct Row {
    std::string title, severity;
    std::int64_t open = 0, resolved = 0;
  };
  std::map<std::string, Row> by_control;
  std::int64_t open = 0;
  for (const auto& finding : findings) {
    auto& row = by_control[json::text(finding, "control", "")];
    row.title = json::text(finding, "title", "");
    row.severity = json::text(finding, "severity", "");
    bool is_open = json::text(finding, "status", "") == "open";
    ++(is_open ? row.open : row.resolved);
    if (!is_open) continue;
    ++open;
    ++by_severity[row.severity];
  }
  json::Object severities;
  for (const auto& [severity, count] : by_severity) severities[severity] = count;
  json::Array controls;
  for (const auto& [id, row] : by_control)
    controls.push_back(json::Object{{"control", id},         {"title", row.title},   {"severity", row.severity},
                                    {"open", row.open},      {"resolved", row.resolved}});
  return {{"open", open},
          {"resolved", static_cast<std::int64_t>(findings.size()) - open},
          {"by_severity", std::move(severities)},
          {"by_control", std::move(controls)}};
}

Result<json::Array> recent(Engine& engine) {
  auto size = engine.ledger().size();
  auto from = size > recent_scan_max ? size - recent_scan_max : 1;
  auto entries = TRY(engine.ledger().read(from, recent_scan_max + 1));
  json::Array out;
  for (auto entry = entries.rbegin(); entry != entries.rend() && out.size() < recent_max; ++entry)
    if (is_milestone(*entry)) out.push_back(line(*entry));
  return out;
}

// What a step that asks is about: its remediation's resource and control.
void describe_step(Engine& engine, json::Object& step) {
  step["resource"] = nullptr;
  auto id = RemediationId::parse(json::text(step, "remediation", ""));
  auto state = id ? engine.remediation(*id) : Result<State>(std::unexpected(id.error()));
  if (!state) return;
  const auto* control = engine.controls().find(state->control);
  step["resource"] = to_json(state->resource);
  step["title"] = control ? control->title : state->control;
  step["severity"] = control ? control->severity : "high";
}

}  // namespace

json::Object entry_view(const ledger::Entry& entry) {
  return {{"position", entry.position}, {"stream", entry.stream},       {"sequence", entry.sequence},
          {"kind", entry.kind},         {"time", entry.time.iso()},     {"text", narrate(entry)},
          {"body", entry.body},         {"hash", entry.hash}};
}

json::Object plan_view(const Plan& plan) {
  auto out = to_json(plan);
  out["reversible"] = plan.reversible();
  out["disruption"] = remediation::name(remediation::disruption_of(plan));
  out["confidence"] = remediation::name(remediation::confidence_of(plan));
  out["harmed"] = json::Array();
  for (const auto& control : plan.harmed()) out["harmed"].as_array().emplace_back(control);
  if (!out.contains("dependents")) out["dependents"] = json::Array();
  if (!out.contains("outlook")) out["outlook"] = json::Object();
  return out;
}

Result<json::Array> waiting(Engine& engine) {
  json::Array out;
  auto asked = TRY(list_remediations(engine.ledger(), {.status = "awaiting_approval", .parent = ""}));
  for (const auto& item : asked) {
    auto id = TRY(RemediationId::parse(json::text(item, "id", "")));
    auto state = TRY(engine.remediation(id));
    const auto* stage = std::get_if<AwaitingApproval>(&state.stage);
    if (!stage || !state.plan) continue;
    const auto* control = engine.controls().find(state.control);
    out.push_back(json::Object{{"kind", "plan"},
                               {"remediation", id.str()},
                               {"signal_id", uuid_from(id.str())},
                               {"execution", nullptr},
                               {"step", nullptr},
                               {"plan_hash", state.plan->hash},
                               {"title", control ? control->title : state.control},
                               {"message", control ? control->may_break : ""},
                               {"severity", control ? control->severity : "medium"},
                               {"resource", to_json(state.resource)},
                               {"requested_at", json::at(item, "updated_at")},
                               {"expires_at", stage->request.expires.iso()},
                               {"approvers", json::Array(stage->request.asked.begin(), stage->request.asked.end())},
                               {"approval", approval_view(state, stage->request)}});
  }
  auto steps = TRY(engine.executor().waiting_for_people());
  for (auto& step : steps) {
    describe_step(engine, step.as_object());
    out.push_back(std::move(step));
  }
  return out;
}

Result<json::Array> in_flight(Engine& engine) {
  auto list = TRY(list_executions(engine.ledger(), {}));
  json::Array out;
  for (auto& execution : list)
    if (json::text(execution, "ended_at", "").empty()) out.push_back(std::move(execution));
  return out;
}

Result<json::Object> verdict_view(const ledger::Ledger& ledger, const rules::Controls& controls) {
  auto verdict = TRY(ledger.verify());
  json::Object out{{"ok", !verdict.fault}, {"entries", verdict.entries}, {"head", verdict.hash}};
  if (verdict.fault) {
    out["fault"] = json::Object{{"position", verdict.fault->position}, {"what", verdict.fault->what}};
    return out;
  }
  auto differences = compare_projections(ledger, controls);
  if (!differences && differences.error().code != Errc::corrupt) return fail(differences.error());
  json::Array list;
  if (!differences)
    list.push_back(to_json(Difference{.kind = "ledger", .id = "", .what = differences.error().message}));
  else
    for (const auto& difference : *differences) list.push_back(to_json(difference));
  out["ok"] = list.empty();
  out["differences"] = std::move(list);
  return out;
}

Result<json::Value> overview_view(Engine& engine, const Surroundings& surroundings) {
  auto findings = TRY(list_findings(engine.ledger(), {}));
  auto remediations = TRY(list_remediations(engine.ledger(), {}));
  json::Object by_stage;
  for (const auto& item : remediations) {
    auto stage = json::text(item, "stage", "");
    by_stage[stage] = json::integer(json::at(by_stage, stage)) + 1;
  }
  auto waits = TRY(waiting(engine));
  auto lines = TRY(recent(engine));
  return json::Object{{"version", surroundings.version},
                      {"now", engine.clock().now().iso()},
                      {"halted", engine.all_halted()},
                      {"target", surroundings.target},
                      {"account", surroundings.account},
                      {"ledger_entries", engine.ledger().size()},
                      {"findings", count_findings(findings)},
                      {"remediations", json::Object{{"by_stage", std::move(by_stage)}}},
                      {"waiting", std::move(waits)},
                      {"median_time_to_fix_s", median_time_to_fix(findings)},
                      {"recent", std::move(lines)}};
}

Result<json::Value> finding_view(Engine& engine, const FindingId& id) {
  auto finding = TRY(engine.finding(id));
  auto out = to_json(finding);
  auto list = TRY(list_remediations(engine.ledger(), {.status = "", .parent = id.str()}));
  out["remediations"] = json::Array(list.begin(), list.end());
  if (const auto* control = engine.controls().find(finding.control)) {
    out["description"] = control->description;
    json::Object references;
    for (const auto& [name, reference] : control->references) references[name] = reference;
    out["references"] = std::move(references);
  }
  return out;
}

Result<json::Value> remediation_view(Engine& engine, const RemediationId& id) {
  auto entries = TRY(engine.ledger().stream(id.str()));
  if (entries.empty())
    return fail({.code = Errc::not_found, .message = "there is no remediation " + id.str(), .number = "AR-0010"});
  auto state = fold_all(entries);
  const auto* control = engine.controls().find(state.control);
  auto out = summary(state, engine.controls());
  out["updated_at"] = entries.back().time.iso();
  out["reasons"] = json::Array(state.reasons.begin(), state.reasons.end());
  out["plan"] = state.plan ? json::Value(plan_view(*state.plan)) : json::Value(nullptr);
  out["verification"] = state.verification;
  out["rollback"] = state.rollback;
  if (auto* rollback = out["rollback"].if_object(); rollback && !rollback->contains("error"))
    (*rollback)["text"] = remediation::taken_back_text(state.rollback);
  out["may_break"] = control ? control->may_break : "";
  out["can"] = allowed_actions(state);
  out["held"] = held_view(engine, state);
  out["approvals"] = agreed_view(state);
  const auto* waiting = std::get_if<AwaitingApproval>(&state.stage);
  out["approval"] = waiting ? json::Value(approval_view(state, waiting->request)) : json::Value(nullptr);

  json::Array calls;
  for (const auto& execution : state.executions) {
    auto more = TRY(engine.ledger().stream(execution.str()));
    entries.insert(entries.end(), more.begin(), more.end());
    auto journal = TRY(gateway::Journal::read(engine.ledger(), engine.gateway().redactor(), execution.str()));
    for (const auto& intent : journal.intents()) calls.push_back(call_view(*intent));
  }
  out["calls"] = std::move(calls);
  auto executions = TRY(list_executions(engine.ledger(), {.status = "", .parent = id.str()}));
  out["executions"] = json::Array(executions.begin(), executions.end());
  std::ranges::sort(entries, {}, &ledger::Entry::position);
  json::Array timeline;
  for (const auto& entry : entries) timeline.push_back(line(entry));
  out["timeline"] = std::move(timeline);
  return out;
}

Result<json::Value> channels_view(const Engine& engine) {
  json::Array out;
  auto dead = TRY(dead_messages(engine.ledger()));
  for (const auto& channel : engine.policy().channels) {
    auto way = notify::way_of(channel);
    auto lost = dead.extract(channel.name);
    out.push_back(json::Object{{"name", channel.name},
                               {"kind", way.kind},
                               {"format", notify::name(channel.format)},
                               {"to", std::move(way.to)},
                               {"on", json::Array(channel.on.begin(), channel.on.end())},
                               {"digest_s", channel.digest.count() / 1000},
                               {"dead", lost ? lost.mapped().count : 0},
                               {"dead_error", lost ? lost.mapped().error : ""}});
  }
  std::int64_t elsewhere = 0;  // to channels that are gone, targets of rules, and tools
  for (const auto& [name, lost] : dead) elsewhere += lost.count;
  return json::Object{{"channels", std::move(out)}, {"dead_elsewhere", elsewhere}};
}

Result<json::Value> why_view(Engine& engine, const FindingId& id) {
  auto entries = TRY(engine.ledger().stream(id.str()));
  if (entries.empty())
    return fail({.code = Errc::not_found, .message = "there is no finding " + id.str(), .number = "AR-0010"});
  auto list = TRY(list_remediations(engine.ledger(), {.status = "", .parent = id.str()}));
  for (const auto& item : list) {
    auto more = TRY(engine.ledger().stream(json::text(item, "id", "")));
    entries.insert(entries.end(), more.begin(), more.end());
    auto opened_by = more.empty() ? "" : json::text(more[0].body, "opened_by", "");
    if (opened_by.starts_with("sig_")) {
      auto signal = TRY(engine.ledger().stream(opened_by));
      entries.insert(entries.end(), signal.begin(), signal.end());
    }
  }
  std::ranges::sort(entries, {}, &ledger::Entry::position);
  auto [first, last] = std::ranges::unique(entries, {}, &ledger::Entry::position);
  entries.erase(first, last);
  json::Array trace;
  for (const auto& entry : entries) {
    auto one = line(entry);
    const auto& reasons = json::at(entry.body, entry.kind == entry::signal_handled ? "trace" : "reasons");
    one["reasons"] = json::items(reasons);
    trace.push_back(std::move(one));
  }
  return json::Object{{"trace", std::move(trace)}};
}

}  // namespace aright::server
