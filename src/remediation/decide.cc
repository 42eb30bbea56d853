#include "remediation/decide.h"

#include <algorithm>

#include "remediation/matching.h"

namespace aright::remediation {

namespace {

std::string hours(milliseconds age) {
  return fmt::format("{} hours", std::chrono::duration_cast<std::chrono::hours>(age).count());
}

// Why a rule does not hold, of what the catalog, the account and the finding say; empty when it does.
std::string mismatch(const DecideRule& rule, const Facts& facts, const Policy& policy) {
  const auto* described = facts.described;
  std::string severity = !facts.severity.empty() ? facts.severity : described ? described->severity : "";
  std::string risk = described ? described->risk : "", complexity = described ? described->complexity : "";
  if (!fits(rule.controls, facts.control)) return "control is " + facts.control;
  if (!fits(rule.severities, severity)) return "severity is " + severity;
  if (!fits(rule.risks, risk)) return "risk of the fix is " + risk;
  if (!fits(rule.complexities, complexity)) return "complexity of the fix is " + complexity;
  if (!fits(rule.sources, facts.source)) return "source is " + facts.source;
  if (!fits(rule.accounts, facts.resource.account)) return "account is " + facts.resource.account;
  const auto& units = policy.target_for(facts.resource.account)->units;
  bool in_unit = std::ranges::any_of(units, [&](const std::string& unit) { return fits(rule.units, unit); });
  if (!rule.units.empty() && !in_unit)
    return units.empty() ? "no organizational unit of the account is known" : "the account is in " + units.back();
  if (rule.older_than && facts.age <= *rule.older_than) return "the finding is " + hours(facts.age) + " old";
  if (rule.younger_than && facts.age >= *rule.younger_than) return "the finding is " + hours(facts.age) + " old";
  auto tags = policy.tags_of(facts.resource, facts.tags);
  if (auto missing = missing_tag(rule.tags, tags); missing != rule.tags.end()) {
    auto own = tags.find(missing->first);
    return fmt::format("tag {} is '{}'", missing->first, own != tags.end() ? own->second : "");
  }
  return "";
}

// The same of what the rehearsal showed.
std::string mismatch(const DecideRule& rule, const Rehearsal& rehearsal) {
  if (rule.reversible && *rule.reversible != rehearsal.reversible)
    return rehearsal.reversible ? "the fix can be taken back" : "the fix can't be taken back";
  if (!fits(rule.disruptions, name(rehearsal.disruption)))
    return fmt::format("disruption by the fix is {}", name(rehearsal.disruption));
  if (!fits(rule.confidences, name(rehearsal.confidence)))
    return fmt::format("confidence of the rehearsal is {}", name(rehearsal.confidence));
  return "";
}

void decide_as_earned(const Policy& policy, const Facts& facts, Verdict& verdict) {
  const auto* track = facts.track ? &*facts.track : nullptr;
  auto earned = earned_by(policy.autonomy, track, facts.rehearsal->runbook_hash);
  verdict.reasons.push_back(reason_of(earned, track));
  switch (earned.level) {
    case Level::observe: verdict.decision = Decision::manual; return;
    case Level::approval: verdict.decision = Decision::approval; return;
    case Level::canary: verdict.canary = true; [[fallthrough]];
    case Level::automatic: verdict.decision = Decision::automatic; return;
  }
}

// Of the first rule that holds. False when none does.
bool decide_by_rules(const Policy& policy, const Facts& facts, Verdict& verdict) {
  for (const auto& rule : policy.decide) {
    auto why_not = mismatch(rule, facts, policy);
    if (why_not.empty() && facts.rehearsal) why_not = mismatch(rule, *facts.rehearsal);
    if (!why_not.empty()) {
      verdict.reasons.push_back(fmt::format("rule '{}' does not apply: {}", rule.name, why_not));
      continue;
    }
    verdict.ladder = rule.ladder;
    if (!facts.rehearsal && (rule.asks_rehearsal() || rule.earned)) {
      verdict.provisional = true;
      verdict.decision = Decision::approval;
      verdict.reasons.push_back(fmt::format("rule '{}' waits for the rehearsal", rule.name));
    } else if (rule.earned) {
      verdict.reasons.push_back(fmt::format("rule '{}' lets the control do what it earned", rule.name));
      decide_as_earned(policy, facts, verdict);
    } else {
      verdict.decision = rule.decision;
      verdict.reasons.push_back(fmt::format("rule '{}' says {}", rule.name, name(rule.decision)));
    }
    return true;
  }
  return false;
}

bool acts(const Verdict& verdict) {
  return verdict.decision == Decision::automatic || verdict.decision == Decision::approval;
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

Rehearsal rehearsal_of(const Plan& plan) {
  return {.reversible = plan.reversible(),
          .disruption = disruption_of(plan),
          .confidence = confidence_of(plan),
          .runbook_hash = plan.runbook_hash};
}

Facts usual_facts(const Policy& policy, const rules::Control& control, const std::string& account) {
  return {.control = control.id,
          .described = &control,
          .resource = {.account = account, .type = control.resource_type},
          .source = "aright",
          .has_fix = !control.remediation.empty() || policy.remediation_for(control.id)};
}

Verdict decide(const Policy& policy, const Facts& facts) {
  Verdict verdict;
  if (!policy.target_for(facts.resource.account)) {
    verdict.decision = Decision::refused;
    verdict.reasons.push_back(fmt::format("account {} is no target of the policy", facts.resource.account));
    return verdict;
  }
  bool decided = decide_by_rules(policy, facts, verdict);
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
  if (acts(verdict) && !facts.tags_unknown.empty()) {
    verdict.decision = Decision::manual;
    verdict.reasons.push_back("the policy asks for tags, and those of the resource could not be read: " +
                              facts.tags_unknown);
  }
  int rounds = policy.brakes.fights.rounds;
  if (acts(verdict) && !facts.person_asked && rounds > 0 && facts.rounds_fought >= rounds) {
    verdict.fought = true;
    verdict.decision = Decision::manual;
    verdict.reasons.push_back(fmt::format("it was set right {} times lately, and somebody undid it each time",
                                          facts.rounds_fought));
  }
  if (acts(verdict) && !facts.person_asked) stand_back(facts, verdict);
  if (verdict.decision == Decision::manual && facts.person_asked) {
    verdict.decision = Decision::automatic;
    verdict.reasons.push_back("a person asked for it");
  }
  if (!facts.has_fix && verdict.decision != Decision::refused) {
    verdict.decision = Decision::manual;
    verdict.reasons.push_back("the control has no remediation");
  }
  verdict.provisional = verdict.provisional && acts(verdict);
  return verdict;
}

}  // namespace aright::remediation
