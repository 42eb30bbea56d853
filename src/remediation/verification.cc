#include "remediation/verification.h"

#include <algorithm>

namespace aright::remediation {

std::string_view name(HealthCheck::Kind kind) {
  switch (kind) {
    case HealthCheck::Kind::http: return "http";
    case HealthCheck::Kind::tcp: return "tcp";
    case HealthCheck::Kind::alarm: return "alarm";
    case HealthCheck::Kind::function: break;
  }
  return "function";
}

const Care& care_for(const std::vector<Care>& cares, const Candidate& candidate) {
  static const Care usual;
  auto found = std::ranges::find_if(cares, [&](const Care& care) {
    return is_about(care.controls, care.accounts, care.tags, candidate);
  });
  return found == cares.end() ? usual : *found;
}

bool is_good(const Look& look) {
  auto compliance = look.evaluation.compliance;
  bool met = compliance == rules::Compliance::compliant || compliance == rules::Compliance::not_applicable;
  return met && look.worse.empty() && look.unhealthy.empty();
}

namespace {

// Failures that another attempt does not change, by what AWS and we call them.
constexpr std::string_view lasting_failures[] = {"AccessDenied", "UnauthorizedOperation", "Validation", "NotAuthorized",
                                                 "InvalidParameter", "AR-0004", "AR-0005", "OptInRequired"};

bool passes_by_itself(std::string_view failure) {
  return std::ranges::none_of(lasting_failures, [&](std::string_view kind) { return failure.contains(kind); });
}

std::string fault_of(const State& state, const Look& look) {
  if (!look.worse.empty()) return "the fix made " + look.worse + " non-compliant";
  if (!look.unhealthy.empty()) return "after the fix, " + look.unhealthy;
  if (state.was_good) return "it did not last: " + look.evaluation.annotation;
  return state.last_error.empty() ? "the fix does not make the resource compliant" : state.last_error;
}

}  // namespace

Conclusion conclusion(const State& state, const Look& look, const Care& care, Timestamp now) {
  bool harmed = !look.worse.empty() || !look.unhealthy.empty();
  // What it wrote until then may be all that the control asks for; what was approved it is not.
  if (state.violated)
    return IsBad{.reason = fmt::format("{}: {}", plan_violation, state.last_error), .demotes = harmed};
  if (is_good(look)) {
    auto until = (state.good_since.ms == 0 ? now : state.good_since) + care.soak;
    if (until <= now) return IsGood{};
    return LookAgain{std::min(until, now + care.every), "it has to stay so until " + until.iso()};
  }
  auto begun = state.attempted_at.empty() ? now : state.attempted_at.back();
  if (look.pending && !harmed && now < begun + pending_wait_max)
    return LookAgain{now + pending_look_pause, "the change waits for the maintenance window"};
  // Reads may be stale, and a service may need a moment.
  auto looks = care.take_back && look.unhealthy.empty() ? looks_before_rollback : looks_max;
  if (state.succeeded && look.worse.empty() && state.looks + 1 < looks)
    return LookAgain{now + first_look_pause * (1 << state.looks), "it may be too early to tell"};
  bool again = state.attempts < state.attempts_max && state.plan && state.plan->acts() &&
               passes_by_itself(state.last_error);
  if (!harmed && !state.was_good && again) return TryAgain{now + state.retry_after};
  return IsBad{.reason = fault_of(state, look), .demotes = harmed};
}

}  // namespace aright::remediation
