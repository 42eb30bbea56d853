// What the policy holds, for people who do not read its file: the controls, and what has no page of its own.

#include <algorithm>
#include <map>

#include "remediation/decide.h"
#include "remediation/projection.h"
#include "server/api.h"
#include "server/views.h"

namespace aright::server {

namespace {

using namespace remediation;

json::Array texts(const std::vector<std::string>& list) { return json::Array(list.begin(), list.end()); }

json::Object facts(const std::map<std::string, std::string>& pairs) {
  json::Object out;
  for (const auto& [name, value] : pairs) out[name] = value;
  return out;
}

json::Object control_of(const Policy& policy, const rules::Control& control, std::int64_t open) {
  bool enabled = std::ranges::find(policy.controls, control.id, &EnabledControl::id) != policy.controls.end();
  return {{"id", control.id},
          {"title", control.title},
          {"description", control.description},
          {"severity", control.severity},
          {"risk", control.risk},
          {"resource_type", control.resource_type},
          {"rule", control.rule},
          {"remediation", control.remediation},
          {"references", facts(control.references)},
          {"enabled", enabled},
          {"open_findings", open}};
}

// Who decides about its findings, as `policy explain` has it; the accounts in which it comes to the same are one.
json::Array deciders_of(const Policy& policy, const rules::Control& control) {
  using Said = std::pair<std::string, std::string>;
  std::map<Said, json::Array> accounts;
  for (const auto& target : policy.targets) {
    if (target.organization || !policy.enabled(control.id, target.account)) continue;
    auto verdict = decide(policy, usual_facts(policy, control, target.account));
    Said said(name(verdict.decision), verdict.reasons.back());
    accounts[std::move(said)].push_back(json::Value(target.account));
  }
  json::Array out;
  for (auto& [said, those] : accounts)
    out.push_back(json::Object{{"decision", said.first}, {"reason", said.second}, {"accounts", std::move(those)}});
  return out;
}

json::Object target_of(const Target& target) {
  return {{"account", target.account}, {"regions", texts(target.regions)}, {"role", target.role},
          {"units", texts(target.units)}, {"tags", facts(target.tags)}};
}

json::Object decide_of(const DecideRule& rule) {
  return {{"name", rule.name}, {"decision", rule.earned ? "earned" : name(rule.decision)}, {"ladder", rule.ladder}};
}

json::Object source_of(const Source& source) {
  return {{"name", source.name}, {"bus", source.bus}, {"account", source.account}, {"region", source.region},
          {"kind", source.queue.empty() ? "bucket" : "queue"},
          {"from", source.queue.empty() ? source.bucket + "/" + source.prefix : source.queue}};
}

json::Object principal_of(const Principal& principal) {
  return {{"name", principal.name}, {"arn", principal.arn}, {"roles", texts(principal.roles)},
          {"token", !principal.token_sha256.empty()}, {"tell", principal.tell}};
}

template <typename List, typename Told>
json::Array each(const List& list, Told told) {
  json::Array out;
  for (const auto& one : list) out.push_back(told(one));
  return out;
}

}  // namespace

Result<json::Value> controls_view(Engine& engine) {
  auto findings = TRY(list_findings(engine.ledger(), {.status = "open", .parent = ""}));
  std::map<std::string, std::int64_t> open;
  for (const auto& finding : findings) ++open[json::text(finding, "control", "")];
  json::Array out;
  for (const auto& [id, control] : engine.controls().all())
    out.push_back(control_of(engine.policy(), control, open[id]));
  return json::Object{{"controls", std::move(out)}};
}

Result<json::Value> control_view(Engine& engine, const Surroundings& surroundings, const std::string& id) {
  const auto* control = engine.controls().find(id);
  if (!control) return fail({.code = Errc::not_found, .message = "there is no control " + id, .number = "AR-0006"});
  auto findings = TRY(list_findings(engine.ledger(), {.status = "open", .parent = id}));
  auto out = control_of(engine.policy(), *control, static_cast<std::int64_t>(findings.size()));
  out["decided"] = deciders_of(engine.policy(), *control);
  out["may_break"] = control->may_break;
  out["tests"] = surroundings.tests_of ? texts(surroundings.tests_of(id)) : json::Array();
  return out;
}

json::Object policy_view(const Policy& policy) {
  auto issuer = policy.sign_on ? json::Value(policy.sign_on->issuer) : json::Value(nullptr);
  return {{"hash", policy.hash},
          {"scan_every_s", policy.scan_every.count()},
          {"public_url", policy.public_url},
          {"issuer", std::move(issuer)},
          {"targets", each(policy.targets, target_of)},
          {"decide", each(policy.decide, decide_of)},
          {"sources", each(policy.sources, source_of)},
          {"principals", each(policy.principals, principal_of)}};
}

}  // namespace aright::server
