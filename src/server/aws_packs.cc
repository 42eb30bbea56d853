// Conformance packs: how far their rules are met, as it was judged last.

#include <algorithm>
#include <array>

#include "rules/config_policy.h"
#include "rules/config_rule.h"
#include "server/aws_turn.h"
#include "server/judgements.h"

namespace aright::server {

namespace {

using remediation::HeldRule;
using rules::Compliance;

constexpr PageSize rules_page{.usual = 25, .most = 1000}, details_page{.usual = 10, .most = 100};
constexpr PageSize packs_page{.usual = 20, .most = 20};
constexpr std::size_t packs_asked_max = 25;
constexpr std::size_t reasons_told_max = 10;
constexpr double percent = 100;

std::vector<const HeldRule*> rules_of(const AwsTurn& turn, std::string_view pack) {
  std::vector<const HeldRule*> out;
  for (const auto& rule : turn.engine.policy().held_rules)
    if (rule.pack == pack) out.push_back(&rule);
  return out;
}

Result<std::vector<const HeldRule*>> need_pack(const AwsTurn& turn, const std::string& name) {
  auto out = rules_of(turn, name);
  const auto& packs = turn.engine.policy().packs;
  bool known = !out.empty() || std::ranges::find(packs, name, &remediation::HeldPack::name) != packs.end();
  if (!name.empty() && known) return out;
  return refuse("NoSuchConformancePackException", fmt::format("Conformance pack {} does not exist.", name));
}

std::vector<Judgements::One> judged(const AwsTurn& turn, const HeldRule& rule) {
  std::vector<Judgements::One> out;
  if (rule.identifier == rules::process_check) return turn.witnesses.judgements->of(attested_as(rule.name));
  for (const auto& control : rule.controls)
    for (auto& one : turn.witnesses.judgements->of(control)) out.push_back(std::move(one));
  return out;
}

// What is known of a rule, or of a pack.
struct Verdicts {
  std::size_t good = 0, bad = 0;
  Timestamp at;

  void add(const Judgements::One& one) {
    if (one.evaluation.compliance == Compliance::compliant) ++good;
    if (one.evaluation.compliance == Compliance::non_compliant) ++bad;
    at = std::max(at, one.at);
  }
  std::string_view compliance() const {
    if (bad > 0) return rules::name(Compliance::non_compliant);
    return rules::name(good > 0 ? Compliance::compliant : Compliance::insufficient_data);
  }
};

Verdicts verdicts_of(const AwsTurn& turn, const std::vector<const HeldRule*>& rules) {
  Verdicts out;
  for (const auto* rule : rules)
    for (const auto& one : judged(turn, *rule)) out.add(one);
  return out;
}

// The rules that a filter means. Fails where it names one that is not in the pack.
Result<std::vector<const HeldRule*>> filtered(const AwsTurn& turn, std::vector<const HeldRule*> rules) {
  auto names = json::texts(json::at(turn.member("Filters"), "ConfigRuleNames"));
  for (const auto& name : names)
    if (std::ranges::none_of(rules, [&](const auto* rule) { return rule->name == name; }))
      return refuse("NoSuchConfigRuleInConformancePackException",
                    fmt::format("The conformance pack has no rule {}.", name));
  if (!names.empty())
    std::erase_if(rules, [&](const auto* rule) { return std::ranges::find(names, rule->name) == names.end(); });
  return rules;
}

bool wants(const AwsTurn& turn, const char* member, std::string_view is) {
  auto asked = json::text(json::at(turn.member("Filters"), member));
  return asked.empty() || asked == is;
}

AwsAnswer pack_compliance(const AwsTurn& turn) {
  auto name = turn.text("ConformancePackName");
  auto rules = TRY(filtered(turn, TRY(need_pack(turn, name))));
  json::Array all;
  for (const auto* rule : rules) {
    auto compliance = verdicts_of(turn, {rule}).compliance();
    if (wants(turn, "ComplianceType", compliance))
      all.push_back(json::Object{{"ConfigRuleName", rule->name}, {"ComplianceType", compliance}});
  }
  constexpr const char* list = "ConformancePackRuleComplianceList";
  auto page = TRY(config_page(turn, list, std::move(all), rules_page, "Limit", "NextToken"));
  page["ConformancePackName"] = name;
  return page;
}

json::Object result_of(const HeldRule& rule, const Judgements::One& one) {
  json::Object qualifier{{"ConfigRuleName", rule.name},
                         {"ResourceType", rules::config_type_of(one.resource.type)},
                         {"ResourceId", one.resource.id},
                         {"EvaluationMode", "DETECTIVE"}};
  json::Object out{{"ComplianceType", rules::name(one.evaluation.compliance)},
                   {"EvaluationResultIdentifier",
                    json::Object{{"EvaluationResultQualifier", std::move(qualifier)},
                                 {"OrderingTimestamp", one.at.iso()}}},
                   {"ConfigRuleInvokedTime", one.at.iso()},
                   {"ResultRecordedTime", one.at.iso()}};
  if (!one.evaluation.annotation.empty()) out["Annotation"] = one.evaluation.annotation;
  return out;
}

AwsAnswer pack_details(const AwsTurn& turn) {
  auto name = turn.text("ConformancePackName");
  auto rules = TRY(filtered(turn, TRY(need_pack(turn, name))));
  auto ids = json::texts(json::at(turn.member("Filters"), "ResourceIds"));
  json::Array all;
  for (const auto* rule : rules)
    for (const auto& one : judged(turn, *rule)) {
      bool meant = wants(turn, "ComplianceType", rules::name(one.evaluation.compliance)) &&
                   wants(turn, "ResourceType", rules::config_type_of(one.resource.type)) &&
                   (ids.empty() || std::ranges::find(ids, one.resource.id) != ids.end());
      if (meant) all.push_back(result_of(*rule, one));
    }
  constexpr const char* list = "ConformancePackRuleEvaluationResults";
  auto page = TRY(config_page(turn, list, std::move(all), details_page, "Limit", "NextToken"));
  page["ConformancePackName"] = name;
  return page;
}

AwsAnswer pack_summary(const AwsTurn& turn) {
  json::Array all;
  for (const auto& name : json::texts(turn.member("ConformancePackNames"))) {
    auto rules = TRY(need_pack(turn, name));
    all.push_back(json::Object{{"ConformancePackName", name},
                               {"ConformancePackComplianceStatus", verdicts_of(turn, rules).compliance()}});
  }
  return config_page(turn, "ConformancePackComplianceSummaryList", std::move(all), packs_page, "Limit", "NextToken");
}

// The share of rules and resources that are met, in percent.
AwsAnswer pack_scores(const AwsTurn& turn) {
  auto names = json::texts(json::at(turn.member("Filters"), "ConformancePackNames"));
  if (names.size() > packs_asked_max)
    return refuse("InvalidParameterValueException", fmt::format("there are more than {} names", packs_asked_max));
  if (names.empty())
    for (const auto& rule : turn.engine.policy().held_rules)
      if (!rule.pack.empty() && std::ranges::find(names, rule.pack) == names.end()) names.push_back(rule.pack);
  struct Scored {
    std::string name;
    Verdicts tally;
    double score = -1;
  };
  std::vector<Scored> scored;
  for (const auto& name : names) {
    Scored one{.name = name, .tally = verdicts_of(turn, TRY(need_pack(turn, name)))};
    if (auto count = one.tally.good + one.tally.bad; count > 0)
      one.score = percent * static_cast<double>(one.tally.good) / static_cast<double>(count);
    scored.push_back(std::move(one));
  }
  bool by_score = turn.text("SortBy") == "SCORE", descending = turn.text("SortOrder") == "DESCENDING";
  std::ranges::stable_sort(scored, [&](const Scored& a, const Scored& b) {
    if (by_score) return descending ? a.score > b.score : a.score < b.score;
    return descending ? a.name > b.name : a.name < b.name;
  });
  json::Array all;
  for (const auto& one : scored) {
    json::Object told{{"ConformancePackName", one.name},
                      {"Score", one.score < 0 ? "INSUFFICIENT_DATA" : fmt::format("{:.2f}", one.score)}};
    if (one.score >= 0) told["LastUpdatedTime"] = one.tally.at.iso();
    all.push_back(std::move(told));
  }
  return config_page(turn, "ConformancePackComplianceScores", std::move(all), packs_page, "Limit", "NextToken");
}

// "2 of 9 rules are not evaluated: …"; "" where all are.
std::string not_evaluated(const std::vector<const HeldRule*>& rules) {
  std::vector<std::string> why;
  for (const auto* rule : rules)
    if (!rule->why_not.empty()) why.push_back(fmt::format("{}: {}", rule->name, rule->why_not));
  if (why.empty()) return "";
  auto count = why.size();
  if (count > reasons_told_max) why.resize(reasons_told_max);
  return fmt::format("{} of {} rules {} not evaluated: {}{}", count, rules.size(), count == 1 ? "is" : "are",
                     fmt::join(why, "; "), count > reasons_told_max ? "; …" : "");
}

using enum OwnOperation::Asks;
constexpr std::array pack_operations{
    OwnOperation{"config", "DescribeConformancePackCompliance", pack_compliance, judgements},
    OwnOperation{"config", "GetConformancePackComplianceDetails", pack_details, judgements},
    OwnOperation{"config", "GetConformancePackComplianceSummary", pack_summary, judgements},
    OwnOperation{"config", "ListConformancePackComplianceScores", pack_scores, judgements},
};

}  // namespace

void tell_not_evaluated(const AwsTurn& turn, json::Object& told) {
  bool of_packs = turn.call.operation == "DescribeConformancePackStatus";
  bool of_rules = turn.call.operation == "DescribeConfigRuleEvaluationStatus";
  auto list = told.find(of_packs ? "ConformancePackStatusDetails" : "ConfigRulesEvaluationStatus");
  if ((!of_packs && !of_rules) || list == told.end() || !list->value().is_array()) return;
  for (auto& one : list->value().get_array()) {
    auto name = json::text(one, of_packs ? "ConformancePackName" : "ConfigRuleName", "");
    if (of_packs) {
      auto why = not_evaluated(rules_of(turn, name));
      if (!why.empty()) one.as_object()["ConformancePackStatusReason"] = std::move(why);
      continue;
    }
    const auto& held = turn.engine.policy().held_rules;
    auto rule = std::ranges::find(held, name, &HeldRule::name);
    if (rule == held.end() || rule->why_not.empty()) continue;
    one.as_object()["LastErrorCode"] = "NotEvaluated";
    one.as_object()["LastErrorMessage"] = rule->why_not;
  }
}

std::span<const OwnOperation> own_packs() { return pack_operations; }

}  // namespace aright::server
