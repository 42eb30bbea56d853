#include "remediation/brakes.h"

#include <algorithm>

#include "base/text.h"
#include "json/value.h"
#include "remediation/matching.h"

namespace aright::remediation {

namespace {

constexpr int per_cent = 100;

constexpr std::array every_kind{Limit::Of::control, Limit::Of::account, Limit::Of::region,
                                Limit::Of::service, Limit::Of::type,    Limit::Of::everything};

// AWS::EC2 of AWS::EC2::Volume.
std::string service_of(const std::string& type) {
  auto end = type.find("::", std::min(type.find("::") + 2, type.size()));
  return type.substr(0, end);
}

// What a limit's pattern is held against.
std::string value_of(Limit::Of of, const Candidate& candidate) {
  switch (of) {
    case Limit::Of::control: return candidate.control;
    case Limit::Of::account: return candidate.resource.account;
    case Limit::Of::region: return candidate.resource.region;
    case Limit::Of::service: return service_of(candidate.resource.type);
    case Limit::Of::type: return candidate.resource.type;
    case Limit::Of::everything: break;
  }
  return "";
}

bool covers(const Freeze& freeze, const Candidate& candidate) {
  return is_about({}, freeze.accounts, freeze.tags, candidate) &&
         (freeze.except_severities.empty() || !fits(freeze.except_severities, candidate.severity));
}

}  // namespace

std::optional<Hold> longer(std::optional<Hold> one, std::optional<Hold> other) {
  if (!one || (other && other->until > one->until)) return other;
  return one;
}

std::string_view name(Limit::Of of) {
  switch (of) {
    case Limit::Of::control: return "control";
    case Limit::Of::account: return "account";
    case Limit::Of::region: return "region";
    case Limit::Of::service: return "service";
    case Limit::Of::type: return "type";
    case Limit::Of::everything: break;
  }
  return "everything";
}

std::string count_key(Limit::Of of, std::string_view control, const Resource& resource) {
  switch (of) {
    case Limit::Of::control: return fmt::format("control:{}", control);
    case Limit::Of::account: return "account:" + resource.account;
    case Limit::Of::region: return fmt::format("region:{}/{}", resource.account, resource.region);
    case Limit::Of::service: return fmt::format("service:{}/{}", resource.account, service_of(resource.type));
    case Limit::Of::type: return fmt::format("type:{}/{}", resource.account, resource.type);
    case Limit::Of::everything: break;
  }
  return "everything";
}

std::vector<std::string> count_keys(std::string_view control, const Resource& resource) {
  std::vector<std::string> keys;
  for (auto of : every_kind) keys.push_back(count_key(of, control, resource));
  return keys;
}

bool concerns(const Limit& limit, const Candidate& candidate) {
  return glob_match(limit.value, value_of(limit.of, candidate));
}

bool is_about(const std::vector<std::string>& controls, const std::vector<std::string>& accounts,
              const std::map<std::string, std::string>& tags, const Candidate& candidate) {
  return fits(controls, candidate.control) && fits(accounts, candidate.resource.account) &&
         (candidate.tags_unknown || fit_tags(tags, candidate.tags));
}

const Canary* canary_of(const std::vector<Canary>& canaries, const Candidate& candidate) {
  auto found = std::ranges::find_if(canaries, [&](const Canary& canary) {
    return is_about(canary.controls, canary.accounts, canary.tags, candidate);
  });
  return found == canaries.end() ? nullptr : &*found;
}

int starts_allowed(const Limit& limit, std::optional<std::int64_t> judged) {
  if (limit.percent == 0) return limit.starts;
  auto share = judged.value_or(0) * limit.percent / per_cent;  // of what nobody counted, one at a time
  return static_cast<int>(std::clamp<std::int64_t>(share, 1, limit_starts_max));
}

std::optional<Hold> held_by(const Limit& limit, int allowed, const std::vector<Timestamp>& latest, Timestamp now) {
  if (latest.size() < static_cast<std::size_t>(allowed)) return std::nullopt;
  auto free = latest[static_cast<std::size_t>(allowed) - 1] + limit.window;
  if (free <= now) return std::nullopt;
  auto share = limit.percent == 0 ? "" : fmt::format(" ({} % of what the control judges)", limit.percent);
  return Hold{free, fmt::format("the rate limit is met: starts in {} s, by {}: at most {}{}", limit.window.count(),
                                name(limit.of), allowed, share)};
}

std::optional<Hold> held_by(const Limit& limit, std::int64_t running, Timestamp now) {
  if (limit.running == 0 || running < limit.running) return std::nullopt;
  return Hold{.until = now + pace_look_pause,
              .reason = fmt::format("{} are under way, by {}: at most {}", running, name(limit.of), limit.running),
              .brief = true};
}

std::optional<Timestamp> on_until(const Freeze& freeze, Timestamp now) {
  if (freeze.schedule) {
    auto begun = freeze.schedule->next(now - freeze.lasts, now);
    return begun && *begun <= now ? std::optional(*begun + freeze.lasts) : std::nullopt;
  }
  if (!freeze.calendar) return freeze.from <= now && now < freeze.until ? std::optional(freeze.until) : std::nullopt;
  auto span = freeze.calendar->at(now);
  return span ? std::optional(span->until) : std::nullopt;
}

std::optional<Hold> frozen(const std::vector<Freeze>& freezes, const Candidate& candidate, Timestamp now) {
  std::optional<Hold> hold;
  for (const auto& freeze : freezes) {
    if (!covers(freeze, candidate)) continue;
    if (auto until = on_until(freeze, now)) hold = longer(hold, Hold{*until, "the freeze '" + freeze.name + "' is on"});
  }
  return hold;
}

std::optional<Outcome> outcome_of(const ledger::Entry& entry, std::size_t executions) {
  std::string_view kind = entry.kind;
  if (kind == entry::resolved && executions > 0) return Outcome{true, entry.time};
  bool taken_back = kind == entry::rollback_requested && json::truth(json::at(entry.body, "by_itself"));
  bool failed = kind == entry::retry_scheduled || kind == entry::escalated || taken_back;
  return failed && executions > 0 ? std::optional(Outcome{false, entry.time}) : std::nullopt;
}

bool is_open(const Breaker& breaker, const std::vector<Outcome>& latest) {
  auto failures = static_cast<std::size_t>(breaker.failures);
  return failures > 0 && latest.size() >= failures &&
         std::ranges::none_of(latest.begin(), latest.begin() + breaker.failures, &Outcome::good);
}

std::optional<Hold> held_by(const Breaker& breaker, const std::vector<Outcome>& latest,
                            std::optional<Timestamp> last_start, Timestamp now) {
  if (!is_open(breaker, latest)) return std::nullopt;
  auto failed = latest.front().at;
  auto reason = fmt::format("the breaker is open: the last {} fixes of the control failed", breaker.failures);
  if (failed + breaker.pause > now) return Hold{failed + breaker.pause, reason};
  bool trial = last_start && *last_start > failed && *last_start + breaker.pause > now;
  if (!trial) return std::nullopt;
  return Hold{.until = std::min(now + breaker_look_pause, *last_start + breaker.pause),
              .reason = reason + "; one is on trial",
              .brief = true};
}

// One at least is set right at any time; with 40 % of ten, the fifth failure ends it.
std::optional<Hold> held_by(const FleetPace& pace, const ControlCounts& fleet, Timestamp now) {
  constexpr std::int64_t whole = 100;
  if (fleet.failed * whole > pace.error_percent * fleet.non_compliant)
    return Hold{.until = now + errors_look_pause,
                .reason = fmt::format("ErrorPercentage is {}, and the fix failed for {} of {} resources",
                                      pace.error_percent, fleet.failed, fleet.non_compliant)};
  auto allowed = std::max<std::int64_t>(1, pace.concurrent_percent * fleet.non_compliant / whole);
  if (fleet.running < allowed) return std::nullopt;
  return Hold{.until = now + pace_look_pause,
              .reason = fmt::format("{} of {} are set right at this time", fleet.running, fleet.non_compliant),
              .brief = true};
}

int rounds_fought(const std::vector<ledger::Entry>& finding, Timestamp since) {
  int rounds = 0;
  std::string by;  // whose remediation set it right last, within the window
  for (const auto& entry : finding) {
    std::string_view kind = entry.kind;
    if (kind == entry::finding_resolved) {
      by = json::text(entry.body, "by", "");
      if (entry.time < since || !by.starts_with(RemediationTag::prefix)) by.clear();
    }
    // One that its own rollback opened again was taken back on purpose.
    if (kind == entry::finding_reopened && !by.empty() && json::text(entry.body, "remediation", "") != by) ++rounds;
  }
  return rounds;
}

}  // namespace aright::remediation
