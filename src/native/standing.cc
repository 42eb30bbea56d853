#include "native/standing.h"

#include <algorithm>

#include "remediation/matching.h"

namespace aright::native {

namespace {

using remediation::DecideRule;
using remediation::Decision;
using remediation::fits;

// The more carefully, the lower.
int boldness(Decision decision) {
  switch (decision) {
    case Decision::refused: return 0;
    case Decision::suppressed: return 1;
    case Decision::manual:
    case Decision::deferred: return 2;
    case Decision::approval: return 3;
    case Decision::automatic: return 4;
  }
  return 0;
}

bool may_apply(const DecideRule& rule, const rules::Control& control, std::string_view source) {
  return fits(rule.controls, control.id) && fits(rule.severities, control.severity) && fits(rule.risks, control.risk) &&
         fits(rule.complexities, control.complexity) && fits(rule.sources, source);
}

bool fits_all_accounts(const DecideRule& rule, const std::vector<remediation::Target>& targets) {
  return std::ranges::all_of(targets, [&](const remediation::Target& target) {
    return rule.accounts.empty() || (!target.organization && fits(rule.accounts, target.account));
  });
}

bool is_certain(const DecideRule& rule, const remediation::Policy& policy) {
  return rule.units.empty() && rule.tags.empty() && !rule.older_than && !rule.younger_than && !rule.asks_rehearsal() &&
         fits_all_accounts(rule, policy.targets);
}

// Where no rule of `decide` holds.
Decision otherwise(const remediation::Policy& policy, const rules::Control& control) {
  const auto* configured = policy.remediation_for(control.id);
  if (configured != nullptr && configured->automatic) return Decision::automatic;
  return control.containment ? Decision::approval : Decision::manual;
}

}  // namespace

Standing standing_of(const remediation::Policy& policy, const rules::Control& control, std::string_view source) {
  Standing out{.decision = Decision::automatic, .open = {}};
  auto consider = [&](Decision decision) {
    if (boldness(decision) < boldness(out.decision)) out.decision = decision;
  };
  for (const auto& rule : policy.decide) {
    if (!may_apply(rule, control, source)) continue;
    consider(rule.earned ? Decision::manual : rule.decision);
    if (is_certain(rule, policy)) return out;
    out.open.push_back(rule.name);
  }
  consider(otherwise(policy, control));
  return out;
}

}  // namespace aright::native
