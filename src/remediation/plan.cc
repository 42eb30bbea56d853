#include "remediation/plan.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/classify.h"
#include "cloud/target.h"
#include "runbook/machine.h"

namespace aright::remediation {

namespace {

// Ids shorter than this are too likely to stand inside other words to be translated.
constexpr std::size_t name_length_min = 6;

json::Array strings(const std::vector<std::string>& list) { return json::Array(list.begin(), list.end()); }

json::Array calls(const std::vector<aws::Call>& list) {
  json::Array out;
  for (const auto& call : list) out.push_back(to_json(call));
  return out;
}

json::Object unsealed(const Plan& plan) {
  json::Array writes;
  for (const auto& write : plan.writes) {
    json::Object one = to_json(write.call);
    one["output"] = write.output;
    one["before"] = write.before;
    one["after"] = write.after;
    one["reversible"] = write.reversible;
    if (!write.why_irreversible.empty()) one["why_irreversible"] = write.why_irreversible;
    writes.push_back(std::move(one));
  }
  json::Array dependents;
  for (const auto& one : plan.dependents)
    dependents.push_back(json::Object{{"type", one.type}, {"id", one.id}, {"by", one.by}});
  json::Object out{{"id", plan.id.str()},
          {"finding", plan.finding.str()},
          {"control", plan.control},
          {"resource", to_json(plan.resource)},
          {"action", to_json(plan.action)},
          {"runbook_hash", plan.runbook_hash},
          {"execution_name", plan.execution_name},
          {"writes", std::move(writes)},
          {"difference", json::to_json(plan.difference)},
          {"inverse", calls(plan.inverse)},
          {"permissions", strings(plan.permissions)},
          {"unrehearsed", strings(plan.unrehearsed)},
          {"approvals", strings(plan.approvals)},
          {"preimage", plan.preimage},
          {"precondition", plan.precondition},
          {"made_at", plan.made_at.iso()}};
  // Plans of older versions have none of these, and keep their hash.
  if (!plan.outlook.empty()) out["outlook"] = plan.outlook;
  if (!dependents.empty()) out["dependents"] = std::move(dependents);
  if (!plan.dependents_unknown.empty()) out["dependents_unknown"] = plan.dependents_unknown;
  if (!plan.last_used.empty()) out["last_used"] = plan.last_used;
  return out;
}

std::optional<json::Value> optional_member(const json::Value& value, std::string_view member) {
  const auto& object = json::members(value);
  auto found = object.find(member);
  if (found == object.end()) return std::nullopt;
  return found->value();
}

}  // namespace

bool Plan::reversible() const {
  return unrehearsed.empty() &&
         std::ranges::all_of(writes, [](const PlannedWrite& write) { return write.reversible; });
}

bool Plan::meets_control() const {
  auto after = json::text(json::at(outlook, control), "after", "");
  return after == "COMPLIANT" || after == "NOT_APPLICABLE";
}

std::vector<std::string> Plan::harmed() const {
  std::vector<std::string> out;
  for (const auto& [id, judged] : outlook)
    if (id != control && json::text(judged, "before", "") == "COMPLIANT" &&
        json::text(judged, "after", "") == "NON_COMPLIANT")
      out.emplace_back(id);
  return out;
}

json::Object to_json(const aws::Call& call) {
  return {{"service", call.service}, {"operation", call.operation}, {"region", call.region},
          {"account", call.account}, {"input", call.input}};
}

Result<aws::Call> call_from_json(const json::Value& value) {
  aws::Call call{.service = json::text(value, "service", ""),
                 .operation = json::text(value, "operation", ""),
                 .region = json::text(value, "region", ""),
                 .account = json::text(value, "account", ""),
                 .input = json::members(json::at(value, "input"))};
  if (call.service.empty() || call.operation.empty())
    return fail(Errc::corrupt, "a call needs a service and an operation");
  return call;
}

void seal(Plan& plan) { plan.hash = to_hex(sha256(json::canonical(unsealed(plan)))); }

json::Object to_json(const Plan& plan) {
  auto out = unsealed(plan);
  out["hash"] = plan.hash;
  return out;
}

Result<Plan> plan_from_json(const json::Value& value) {
  Plan plan;
  plan.id = TRY(PlanId::parse(json::text(value, "id", "")));
  plan.finding = TRY(FindingId::parse(json::text(value, "finding", "")));
  plan.control = json::text(value, "control", "");
  plan.resource = TRY(resource_from_json(json::at(value, "resource")));
  plan.action = TRY(action_from_json(json::at(value, "action")));
  plan.runbook_hash = json::text(value, "runbook_hash", "");
  plan.execution_name = json::text(value, "execution_name", "");
  for (const auto& item : json::items(json::at(value, "writes"))) {
    PlannedWrite write;
    write.call = TRY(call_from_json(item));
    write.output = json::at(item, "output");
    write.before = json::at(item, "before");
    write.after = json::at(item, "after");
    write.reversible = json::truth(json::at(item, "reversible"));
    write.why_irreversible = json::text(item, "why_irreversible", "");
    plan.writes.push_back(std::move(write));
  }
  for (const auto& item : json::items(json::at(value, "difference")))
    plan.difference.push_back({.pointer = json::text(item, "pointer", ""),
                               .before = optional_member(item, "before"),
                               .after = optional_member(item, "after")});
  for (const auto& item : json::items(json::at(value, "inverse"))) {
    auto call = TRY(call_from_json(item));
    plan.inverse.push_back(std::move(call));
  }
  plan.permissions = json::texts(json::at(value, "permissions"));
  plan.unrehearsed = json::texts(json::at(value, "unrehearsed"));
  plan.approvals = json::texts(json::at(value, "approvals"));
  plan.outlook = json::members(json::at(value, "outlook"));
  for (const auto& item : json::items(json::at(value, "dependents")))
    plan.dependents.push_back(
        {json::text(item, "type", ""), json::text(item, "id", ""), json::text(item, "by", "")});
  plan.dependents_unknown = json::text(value, "dependents_unknown", "");
  plan.last_used = json::text(value, "last_used", "");
  plan.preimage = json::at(value, "preimage");
  plan.precondition = json::text(value, "precondition", "");
  plan.made_at = TRY(parse_timestamp(json::text(value, "made_at", "")));
  seal(plan);
  if (plan.hash != json::text(value, "hash", ""))
    return fail(Errc::corrupt, "plan {} is not what was sealed", plan.id.str());
  return plan;
}

namespace {

void collect_texts(const json::Value& value, std::set<std::string>& out) {
  if (value.is_string() && value.get_string().size() >= name_length_min) out.insert(json::text(value));
  for (const auto& item : json::items(value)) collect_texts(item, out);
  for (const auto& [key, member] : json::members(value)) collect_texts(member, out);
}

// How a runbook and its scripts may write the time of their run, the longest first.
std::array<std::string, 3> texts_of(Timestamp run_at) {
  return {run_at.iso_seconds(), runbook::date_time(run_at), runbook::date(run_at)};
}

}  // namespace

cloud::SessionPolicy session_policy_of(const Plan& plan, const cloud::Catalog& catalog) {
  cloud::SessionNeeds needs{.writes = {}, .operations = plan.permissions, .unknown = {}};
  if (plan.execution_name.size() >= name_length_min) needs.unknown.insert(plan.execution_name);
  for (auto& text : texts_of(plan.made_at)) needs.unknown.insert(std::move(text));
  for (const auto& write : plan.writes) {
    needs.writes.push_back(write.call);
    if (cloud::classify(write.call, catalog).effect != cloud::Effect::create) continue;
    // What the rehearsed service drew, the real one draws anew.
    std::set<std::string> given, drawn;
    collect_texts(json::Value(write.call.input), given);
    collect_texts(write.output, drawn);
    for (const auto& text : drawn)
      if (!given.contains(text)) needs.unknown.insert(text);
  }
  return cloud::session_policy(needs, catalog);
}

Admission::Admission(const Plan& plan, std::string execution_name, Timestamp run_at,
                     const gateway::Redactor& redactor, const cloud::Catalog& catalog)
    : plan_(plan), redactor_(redactor), catalog_(catalog), used_(plan.writes.size(), false) {
  names_.emplace_back(plan.execution_name, std::move(execution_name));
  auto planned = texts_of(plan.made_at), real = texts_of(run_at);
  for (std::size_t i = 0; i < planned.size(); ++i)
    if (planned[i] != real[i]) names_.emplace_back(planned[i], real[i]);
}

Result<std::size_t> Admission::admit(const aws::Call& call) {
  const json::Value asked = cloud::essential_input(call, catalog_);
  for (std::size_t i = 0; i < plan_.writes.size(); ++i) {
    const auto& planned = plan_.writes[i].call;
    if (used_[i] || planned.service != call.service || planned.operation != call.operation ||
        planned.region != call.region || planned.account != call.account)
      continue;
    if (translate(cloud::essential_input(planned, catalog_)) != asked) continue;
    used_[i] = true;
    return i;
  }
  return fail({.code = Errc::denied,
               .message = fmt::format("the sealed plan holds no such write: {} {}", call.name(),
                                      json::canonical(call.input)),
               .number = violation_number});
}

void Admission::learn(std::size_t write, const json::Value& real_output) {
  learn_pair(plan_.writes[write].output, real_output);
}

void Admission::learn_pair(const json::Value& rehearsed, const json::Value& real) {
  if (rehearsed.is_string() && real.is_string() && rehearsed != real &&
      rehearsed.get_string().size() >= name_length_min) {
    names_.emplace_back(json::text(rehearsed), json::text(real));
  } else if (rehearsed.is_object()) {
    for (const auto& [key, member] : rehearsed.get_object()) learn_pair(member, json::at(real, key));
  } else if (rehearsed.is_array() && real.is_array()) {
    auto count = std::min(rehearsed.get_array().size(), real.get_array().size());
    for (std::size_t i = 0; i < count; ++i) learn_pair(rehearsed.get_array()[i], real.get_array()[i]);
  }
}

// Of what was redacted only the digest is known: an id that the rehearsal made up is told by its own.
std::string Admission::translated_digest(std::string digest) const {
  for (const auto& [rehearsed, real] : names_)
    if (redactor_.digest(rehearsed) == digest) return redactor_.digest(real);
  return digest;
}

json::Value Admission::translate(const json::Value& value) const {
  if (value.is_string()) {
    auto text = json::text(value);
    for (const auto& [rehearsed, real] : names_)
      if (!rehearsed.empty()) text = replace_all(std::move(text), rehearsed, real);
    return json::Value(text);
  }
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.get_object())
      out[key] = key == "redacted" ? json::Value(translated_digest(json::text(member))) : translate(member);
    return out;
  }
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(translate(item));
    return out;
  }
  return value;
}

}  // namespace aright::remediation
