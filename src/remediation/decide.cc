#include "remediation/decide.h"

#include <algorithm>

#include "base/text.h"

namespace aright::remediation {

namespace {

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const std::string& pattern) { return glob_match(pattern, text); });
}

// Why a rule does not hold; empty when it does.
std::string mismatch(const DecideRule& rule, const Facts& facts, const std::map<std::string, std::string>& tags) {
  std::string severity = !facts.severity.empty() ? facts.severity : facts.described ? facts.described->severity : "";
  std::string risk = facts.described ? facts.described->risk : "";
  if (!matches_any(rule.controls, facts.control)) return "control is " + facts.control;
  if (!matches_any(rule.severities, severity)) return "severity is " + severity;
  if (!matches_any(rule.risks, risk)) return "risk of the fix is " + risk;
  if (!matches_any(rule.sources, facts.source)) return "source is " + facts.source;
  if (!matches_any(rule.accounts, facts.resource.account)) return "account is " + facts.resource.account;
  for (const auto& [key, pattern] : rule.tags) {
    auto found = tags.find(key);
    std::string value = found != tags.end() ? found->second : "";
    if (!glob_match(pattern, value)) return fmt::format("tag {} is '{}'", key, value);
  }
  return "";
}

// What keeps the engine, and not a person, from acting.
void stand_back(const Facts& facts, Verdict& verdict) {
  if (!facts.suppressed.empty()) {
    verdict.decision = Decision::suppressed;
    verdict.reasons.push_back(facts.suppressed);
  } else if (facts.exception) {
    verdict.decision = Decision::deferred;
    verdict.until = facts.exception->until;
    verdict.reasons.push_back(reason_of(*facts.exception));
  }
}

}  // namespace

Verdict decide(const Policy& policy, const Facts& facts) {
  Verdict verdict;
  if (!policy.target_for(facts.resource.account)) {
    verdict.decision = Decision::refused;
    verdict.reasons.push_back(fmt::format("account {} is no target of the policy", facts.resource.account));
    return verdict;
  }
  auto tags = policy.tags_of(facts.resource, facts.tags);
  bool decided = false;
  for (const auto& rule : policy.decide) {
    auto why_not = mismatch(rule, facts, tags);
    if (!why_not.empty()) {
      verdict.reasons.push_back(fmt::format("rule '{}' does not apply: {}", rule.name, why_not));
      continue;
    }
    decided = true;
    verdict.decision = rule.decision;
    verdict.ladder = rule.ladder;
    verdict.reasons.push_back(fmt::format("rule '{}' says {}", rule.name, name(rule.decision)));
    break;
  }
  const auto* configuration = policy.remediation_for(facts.control);
  if (!decided && configuration && configuration->automatic) {
    verdict.decision = Decision::automatic;
    verdict.reasons.push_back("its RemediationConfiguration is automatic");
  } else if (!decided && facts.described && facts.described->containment) {
    verdict.decision = Decision::approval;
    verdict.reasons.push_back("no rule of the policy applies, and a containment needs approval");
  } else if (!decided) {
    verdict.reasons.push_back("no rule of the policy applies, so a person decides");
  }
  bool acts = verdict.decision == Decision::automatic || verdict.decision == Decision::approval;
  int rounds = policy.brakes.fights.rounds;
  if (acts && !facts.person_asked && rounds > 0 && facts.rounds_fought >= rounds) {
    verdict.fought = true;
    verdict.decision = Decision::manual;
    verdict.reasons.push_back(fmt::format("it was set right {} times lately, and somebody undid it each time",
                                          facts.rounds_fought));
  }
  acts = verdict.decision == Decision::automatic || verdict.decision == Decision::approval;
  if (acts && !facts.person_asked) stand_back(facts, verdict);
  if (verdict.decision == Decision::manual && facts.person_asked) {
    verdict.decision = Decision::automatic;
    verdict.reasons.push_back("a person asked for it");
  }
  if (!facts.has_fix && verdict.decision != Decision::refused) {
    verdict.decision = Decision::manual;
    verdict.reasons.push_back("the control has no remediation");
  }
  return verdict;
}

}  // namespace aright::remediation
