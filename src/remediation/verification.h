#pragma once
// Whether a fix was good: what is looked at after it, for how long, and what follows from what was seen. Pure; health.h
// asks the world. docs/guide/verification.md.

#include <string>
#include <variant>
#include <vector>

#include "remediation/brakes.h"
#include "remediation/remediation.h"
#include "remediation/rollout.h"
#include "rules/rule.h"

namespace aright::remediation {

inline constexpr milliseconds pending_look_pause{3'600'000};  // at a change that waits for the maintenance window
inline constexpr std::chrono::days pending_wait_max{8};       // windows come weekly

const Care& care_for(const std::vector<Care>& cares, const Candidate& candidate);

// What one look after a fix showed.
struct Look {
  rules::Evaluation evaluation;
  std::string worse;      // another control that was met before, and is not now; or ""
  std::string unhealthy;  // a check that fails, and why; or ""
  bool pending = false;   // the service has the change, and makes it in the maintenance window
};

struct IsGood {};
struct LookAgain { Timestamp at; std::string why; };
struct TryAgain { Timestamp due; };
struct IsBad { std::string reason; bool demotes = false; };  // demotes: it did harm
using Conclusion = std::variant<IsGood, LookAgain, TryAgain, IsBad>;
// `state` as it was before this look.
Conclusion conclusion(const State& state, const Look& look, const Care& care, Timestamp now);
bool is_good(const Look& look);

}  // namespace aright::remediation
