// Compliance by Config rule, as the findings of now and the latest scan tell it.

#include <algorithm>
#include <map>

#include "remediation/projection.h"
#include "remediation/put.h"
#include "rules/config_policy.h"
#include "server/views.h"

namespace aright::server {

namespace {

using remediation::Engine;
using remediation::HeldRule;

constexpr std::string_view rule_mark = "/AWS::Config::ConfigRule/";

// What is known of a rule over all its controls.
struct Tally {
  std::int64_t open = 0, judged = 0;
  std::string scanned_at;
  std::string attested;  // what a person says of a process check
};

std::string compliance(const HeldRule& rule, const Tally& tally) {
  if (!tally.attested.empty()) return tally.attested;
  if (tally.open > 0) return "NON_COMPLIANT";
  bool known = rule.why_not.empty() && tally.judged > 0;
  return known ? "COMPLIANT" : "INSUFFICIENT_DATA";
}

using Scanned = std::map<std::string, json::Value, std::less<>>;

// By rule, what people put on record of process checks.
using Attested = std::map<std::string, json::Value, std::less<>>;

Result<Attested> attested_in(Engine& engine) {
  Attested out;
  bool asked = std::ranges::any_of(engine.policy().held_rules, [](const HeldRule& rule) {
    return rule.identifier == rules::process_check;
  });
  if (!asked) return out;
  auto put = TRY(remediation::put_on_record(engine.ledger()));
  for (const auto& [key, resource] : json::members(json::at(put, "resources"))) {
    auto mark = std::string_view(key).find(rule_mark);
    if (mark == std::string_view::npos) continue;
    for (const auto& [about, said] : json::members(json::at(json::at(resource, "internals"), "evaluations")))
      out[std::string(std::string_view(key).substr(mark + rule_mark.size()))] = said;
  }
  return out;
}

Result<Tally> tally_of(Engine& engine, const HeldRule& rule, const Scanned& scanned) {
  Tally out;
  for (const auto& control : rule.controls) {
    out.open += TRY(remediation::count_open_findings(engine.ledger(), control));
    auto found = scanned.find(control);
    if (found == scanned.end()) continue;
    for (auto verdict : {"COMPLIANT", "NON_COMPLIANT"})
      out.judged += json::integer(json::at(found->second, verdict));
    out.scanned_at = json::text(found->second, "at", "");
  }
  return out;
}

}  // namespace

Result<json::Value> config_rules_view(Engine& engine, std::string_view pack) {
  Scanned scanned;
  auto list = TRY(remediation::list_scanned(engine.ledger()));
  for (auto& one : list) {
    auto control = json::text(one, "control", "");
    scanned[std::move(control)] = std::move(one);
  }
  const auto attested = TRY(attested_in(engine));
  json::Array rules;
  for (const auto& rule : engine.policy().held_rules) {
    if (!pack.empty() && rule.pack != pack) continue;
    auto tally = TRY(tally_of(engine, rule, scanned));
    if (auto said = attested.find(rule.name); said != attested.end() && rule.identifier == rules::process_check) {
      tally.attested = json::text(said->second, "ComplianceType", "");
      tally.scanned_at = json::text(said->second, "recorded", "");
    }
    rules.push_back(json::Object{{"pack", rule.pack},
                                 {"name", rule.name},
                                 {"owner", rule.owner},
                                 {"identifier", rule.identifier},
                                 {"controls", json::Array(rule.controls.begin(), rule.controls.end())},
                                 {"why_not", rule.why_not},
                                 {"compliance", compliance(rule, tally)},
                                 {"open_findings", tally.open},
                                 {"judged", tally.judged},
                                 {"scanned_at", tally.scanned_at}});
  }
  return json::Object{{"rules", std::move(rules)}};
}

}  // namespace aright::server
