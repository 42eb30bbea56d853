// What was put over AWS's API, read into a policy (add_put).

#include <algorithm>

#include "base/digest.h"
#include "remediation/config_rules.h"
#include "remediation/policy.h"
#include "remediation/policy_events.h"
#include "remediation/policy_parts.h"
#include "remediation/policy_reader.h"
#include "remediation/policy_rollout.h"
#include "rules/conformance_pack.h"
#include "rules/standard.h"

namespace aright::remediation {

namespace {

// Reads each of a member that was put, one by one, so that one that is wrong does not take the others with it.
class Put {
 public:
  Put(Policy& policy, const json::Object& put) : policy_(policy), put_(put) {}

  // `take` keeps what it read unless it is told of a fault.
  template <typename Take>
  void each(std::string_view member, Take take) {
    for (const auto& one : json::items(json::at(put_, member))) read(member, one, take);
  }
  template <typename Take>
  void each_named(std::string_view member, Take take) {
    for (const auto& [name, one] : json::members(json::at(put_, member)))
      read(fmt::format("{}/{}", member, std::string_view(name)), one,
           [&](Reader& in) { take(std::string(name), in); });
  }
  template <typename Take>
  void read(std::string_view member, const json::Value& one, Take take) {
    static const json::Document nowhere;
    std::vector<Fault> faults;
    auto before = policy_;
    {
      Reader in(nowhere, "/" + std::string(member), one, faults);
      take(in);
    }
    if (faults.empty()) return;
    policy_ = std::move(before);
    for (const auto& fault : faults) faults_.push_back(fault.what);
  }
  std::vector<std::string> faults() && { return std::move(faults_); }

 private:
  Policy& policy_;
  const json::Object& put_;
  std::vector<std::string> faults_;
};

constexpr const char* template_member = "body";  // no file has it
constexpr const char* pack_id_member = "id";       // nor this
constexpr const char* given_arn = "ConfigRuleArn";  // nor this
constexpr const char* event_rule_arn = "arn";       // nor this

// As Config names the rules of a pack, so that two packs may have the same one.
void name_after(rules::ConformancePack& pack, const std::string& id) {
  if (id.empty()) return;
  for (auto& rule : pack.rules) rule.rule.name += "-" + id;
  for (auto& remediation : pack.remediations)
    remediation.properties["ConfigRuleName"] = json::text(remediation.properties, "ConfigRuleName") + "-" + id;
}

void put_pack(Reader& in, Policy& policy) {
  auto name = in.required_text("name"), body = in.required_text(template_member);
  auto pack = rules::read_conformance_pack(body, in.map("parameters"), place_of(policy.targets));
  if (!pack) return in.fault(template_member, pack.error().message);
  for (const auto& lacking : pack->missing) in.fault("parameters", lacking + " has no value");
  name_after(*pack, in.text(pack_id_member));
  policy.packs.push_back({.name = name, .file = "PutConformancePack"});
  RuleHolder(policy).hold(*pack, name);
  for (const auto& remediation : pack->remediations) {
    json::Value properties(remediation.properties);
    Reader item(in.document(), "/conformance_packs/" + name, properties, in.faults());
    read_remediation(item, policy);
  }
}

void put_function(const std::string& name, Reader& in, Policy& policy) {
  Function out{.name = name, .runtime = in.required_text("runtime"), .handler = in.required_text("handler"),
               .environment = in.map("environment"), .timeout = seconds(in.integer("timeout", 3, 1, 900)),
               .memory_mib = static_cast<std::size_t>(in.integer("memory", 128, 128, 10'240))};
  out.zip = in.value_of("zip", from_base64(in.required_text("zip")));
  if (!policy.functions.emplace(name, std::move(out)).second) in.fault("", "the policy's file has one by this name");
}

Archive read_put_archive(Reader& in) {
  auto since = in.instant("since");
  auto archive = read_archive(in);
  archive.since = since.value_or(Timestamp{});
  return archive;
}

// One of EventBridge Scheduler's: a rule that no event reaches, with one target.
EventRule read_put_schedule(Reader& in) {
  auto time = [&](const char* member) -> std::optional<Timestamp> {
    const auto& said = in.take(member);
    if (said.is_null()) return std::nullopt;
    auto read = parse_timestamp(json::text(said));
    if (!read) in.fault(member, read.error().message);
    return read ? std::optional(*read) : std::nullopt;
  };
  auto begins = time("begins"), ends = time("ends");
  auto event = json::members(in.take("event"));
  auto rule = read_event_rule(in);
  rule.begins = begins;
  rule.ends = ends;
  for (const auto& [word, bound] : {std::pair("from", begins), std::pair("until", ends)})
    if (bound) rule.expression += fmt::format(" {} {}", word, bound->iso());  // another one is another schedule
  rule.event = std::move(event);
  return rule;
}

// What the standards that are enabled say of one control: on or off; nothing: each has it as it began.
std::optional<bool> switched(const rules::Control& control, const json::Array& standards, std::string& reason) {
  const auto id = rules::security_hub_id(control);
  bool on = false, off = false, as_it_began = false;
  for (const auto& standard : standards) {
    if (!rules::stands_in(control, json::text(standard, "StandardsArn", ""))) continue;
    const auto& said = json::at(json::at(standard, "controls"), id);
    auto status = json::text(said, "status", "");
    on = on || status == "ENABLED";
    as_it_began = as_it_began || status.empty();
    if (status != "DISABLED") continue;
    off = true;
    reason = json::text(said, "reason", "");
  }
  if (on) return true;
  return off && !as_it_began ? std::optional(false) : std::nullopt;
}

// A control is off where every standard that has it says so, whatever the file says; and on where one says so.
void switch_controls(Policy& policy, const json::Array& standards) {
  if (standards.empty()) return;
  for (const auto& [id, control] : policy.known->all()) {
    std::string reason;
    auto is_on = switched(control, standards, reason);
    if (!is_on) continue;
    if (*is_on) {
      enable(policy, id).everywhere = true;
      continue;
    }
    std::erase_if(policy.controls, [&](const EnabledControl& one) { return one.id == id; });
    policy.switched_off[id] = reason;
  }
}

}  // namespace

std::vector<std::string> add_put(Policy& policy, const json::Object& put) {
  Put all(policy, put);
  all.each_named("functions", [&](const std::string& name, Reader& in) { put_function(name, in, policy); });
  all.each("config_rules", [&](Reader& in) {
    (void)in.take(given_arn);  // by the API, and by no file
    RuleHolder holder(policy);
    read_config_rule(in, holder);
  });
  all.each("conformance_packs", [&](Reader& in) { put_pack(in, policy); });
  all.each("remediations", [&](Reader& in) { read_remediation(in, policy); });
  all.each("remediation_exceptions", [&](Reader& in) { read_config_exceptions(in, policy); });
  all.each("rules", [&](Reader& in) {
    auto arn = in.text(event_rule_arn);
    auto& rule = policy.event_rules.emplace_back(read_event_rule(in));
    if (!arn.empty()) rule.arn = arn;
    check_names(policy, in);
    check_targets(policy, in);
  });
  all.each("schedules", [&](Reader& in) {
    policy.event_rules.push_back(read_put_schedule(in));
    check_names(policy, in);
    check_targets(policy, in);
  });
  all.each("archives", [&](Reader& in) { policy.archives.push_back(read_put_archive(in)); });
  all.each("automation_rules", [&](Reader& in) {
    auto rule = bus::read_automation_rule(in.value());
    for (const auto& [member, value] : json::members(in.value())) (void)in.take(std::string(member));  // it knows them
    if (rule) policy.hub.rules.push_back(std::move(*rule));
    else in.fault("", rule.error().text());
  });
  policy.hub.rules = bus::in_order(std::move(policy.hub.rules));
  for (const auto& [name, text] : json::members(json::at(put, "runbooks")))
    policy.runbooks.emplace(std::string(name), json::text(text));
  switch_controls(policy, json::items(json::at(put, "standards")));
  // Which events are heard is no part of how a finding is decided.
  auto decides = put;
  for (auto member : {"rules", "schedules", "archives"}) decides.erase(member);
  if (!decides.empty()) policy.hash = to_hex(sha256(policy.hash + json::canonical(decides)));
  // What these make of a control is in what is said of that control.
  for (auto member : {"config_rules", "conformance_packs", "remediations", "remediation_exceptions", "standards"})
    decides.erase(member);
  if (!decides.empty()) policy.common = to_hex(sha256(policy.common + json::canonical(decides)));
  return std::move(all).faults();
}

}  // namespace aright::remediation
