#pragma once
// How the fix of a control has done so far, and what that earns it: how much it may do by itself, and to how many
// resources at once. Pure; docs/guide/autonomy.md.

#include <optional>
#include <string>
#include <vector>

#include "remediation/brakes.h"
#include "remediation/finding.h"
#include "remediation/remediation.h"
#include "remediation/rollout.h"

namespace aright::remediation {

inline constexpr milliseconds canary_look_pause{5'000};  // whether those of a wave came out

// Counted since the fix became another one (another runbook or function), or was demoted.
struct Track {
  std::string control, runbook_hash;
  std::int64_t good = 0, bad = 0;  // fixes that were verified, and that were not
  std::int64_t streak = 0;         // good ones since the last bad one
  std::int64_t running = 0;        // started, and not known yet how they come out
  Timestamp good_at, bad_at;       // the latest of each
  Timestamp demoted_at;
  std::string demoted_because;

  // Whether entries of this kind can tell anything.
  static bool hears(std::string_view kind);
  // What an entry of a remediation of this control tells; `before`: the remediation without it. True when it does.
  bool take(const State& before, const ledger::Entry& entry);
  // The same of an entry of a finding of this control: one that was set right and came back counts against the fix.
  bool take(const Finding& before, const ledger::Entry& entry);
};
json::Object to_json(const Track& track);
Track track_from_json(const json::Value& value);

// The least share of good fixes that the record vouches for: the lower end of Wilson's 95 % interval, 0 to 1.
double vouched(std::int64_t good, std::int64_t bad);

enum class Level { observe, approval, canary, automatic };
std::string_view name(Level level);
struct Earned {
  Level level = Level::observe;
  double vouched = 0;
  std::int64_t to_next = 0;  // good ones in a row that lead to the next level; 0 at the last
};
// `track`: null when nothing is on record. One of another runbook says nothing about this one.
Earned earned_by(const Autonomy& autonomy, const Track* track, std::string_view runbook_hash);
std::string reason_of(const Earned& earned, const Track* track);

// Whether it may start in its wave. `track` as for earned_by(); `open`: the control's findings that are open.
std::optional<Hold> held_by(const Canary& canary, const Track* track, std::string_view runbook_hash,
                            std::int64_t open, Timestamp now);

}  // namespace aright::remediation
