#pragma once
// What holds a start back though everything else says go: limits, freezes, the breaker. And what hands a finding to a
// person: a fight. All of it is pure; the engine reads from the ledger what they judge. docs/guide/brakes.md.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bus/schedule.h"
#include "calendar/calendar.h"
#include "ledger/ledger.h"
#include "remediation/story.h"

namespace aright::remediation {

inline constexpr int limit_starts_max = 1000;  // as many as one page of starts on record
inline constexpr milliseconds breaker_look_pause{30'000};  // between looks how the trial of a breaker went
inline constexpr milliseconds pace_look_pause{500};        // whether one of those that are being set right is done
inline constexpr milliseconds errors_look_pause{600'000};  // whether a person has seen to those that failed

// At most `starts` executions in a sliding window, or so many at one time, for each value by itself.
struct Limit {
  enum class Of { control, account, region, service, type, everything };  // a region, service or type of one account
  Of of = Of::control;
  std::string value = "*";  // the values it is about; * and ? stand for others
  int starts = 10;
  int percent = 0;  // when not 0, `starts` are so many of the resources that the control judged in its latest scan
  seconds window{60};
  int running = 0;  // when not 0, so many executions at one time, in place of starts
};

// Nothing starts from `from` until `until`, while an event of the calendar is under way, or for a while from each time
// of a schedule on.
struct Freeze {
  std::string name;
  Timestamp from, until;
  std::optional<calendar::Calendar> calendar;
  std::optional<bus::Schedule> schedule;
  seconds lasts{0};  // from each time of the schedule on
  std::vector<std::string> accounts;           // empty: all
  std::map<std::string, std::string> tags;     // of the resource, else of its account
  std::vector<std::string> except_severities;  // what may not wait
};

// After so many failures of a control in a row nothing of it starts for a while; then one does, as a trial.
struct Breaker {
  int failures = 3;  // 0: never
  seconds pause{3600};
};

// A finding that was set right so often within a window, and came back each time, is for a person.
struct Fights {
  int rounds = 3;  // 0: never
  seconds window{86'400};
};

// Config's ExecutionControls, of one control: how many of its non-compliant resources are set right at one time, and
// how many may fail before no further one is.
struct FleetPace {
  int concurrent_percent = 10, error_percent = 50;
};
// Of the resources of a control: how many are non-compliant (in its latest scan, or now, where those are more), are
// being set right, and could not be.
struct ControlCounts {
  std::int64_t non_compliant = 0, running = 0, failed = 0;
};

// A control's fix goes to few resources first: so many, or so many of a hundred, counted from the first one on. The
// next wave begins a pause after all of the last were good; one that is not begins with the first again.
struct Wave {
  int count = 1;
  int percent = 0;  // when not 0, in place of the count: of what is open and what was good; 100: all
};
struct Canary {
  std::vector<std::string> controls;           // empty: all
  std::vector<std::string> accounts;
  std::map<std::string, std::string> tags;
  std::vector<Wave> waves{{.count = 1}, {.percent = 5}, {.percent = 100}};
  seconds pause{3600};
};

struct Brakes {
  std::vector<Limit> limits;
  std::vector<Freeze> freezes;
  std::vector<Canary> canaries;  // the first that is about a fix holds
  Breaker breaker;
  Fights fights;
};

// What wants to start.
struct Candidate {
  std::string control, severity;
  Resource resource;
  std::map<std::string, std::string> tags;  // the resource's, over its account's
  bool tags_unknown = false;                // its own could not be read: what asks for tags is about it, to be safe
};

// Until when it has to wait, and why.
struct Hold {
  Timestamp until;
  std::string reason;
  bool brief = false;  // another look follows soon: not worth an entry
  bool by_exception = false;
};
// The one that holds longest.
std::optional<Hold> longer(std::optional<Hold> one, std::optional<Hold> other);

std::string_view name(Limit::Of of);
// What a start is counted under for limits of this kind: "account:111122223333".
std::string count_key(Limit::Of of, std::string_view control, const Resource& resource);
std::vector<std::string> count_keys(std::string_view control, const Resource& resource);  // for all kinds
bool concerns(const Limit& limit, const Candidate& candidate);
// Whether a part of the policy is about it. Lists and tags that are empty hold for all.
bool is_about(const std::vector<std::string>& controls, const std::vector<std::string>& accounts,
              const std::map<std::string, std::string>& tags, const Candidate& candidate);
const Canary* canary_of(const std::vector<Canary>& canaries, const Candidate& candidate);
// `judged`: how many resources the control judged in its latest scan; nothing when it never was scanned.
int starts_allowed(const Limit& limit, std::optional<std::int64_t> judged);
// `latest`: of the starts under the limit's key the newest, as many as are allowed or fewer; newest first.
std::optional<Hold> held_by(const Limit& limit, int allowed, const std::vector<Timestamp>& latest, Timestamp now);

// `running`: executions under way that count under the limit's key.
std::optional<Hold> held_by(const Limit& limit, std::int64_t running, Timestamp now);

std::optional<Hold> held_by(const FleetPace& pace, const ControlCounts& fleet, Timestamp now);

// Until when it is on; nothing when it is not.
std::optional<Timestamp> on_until(const Freeze& freeze, Timestamp now);
std::optional<Hold> frozen(const std::vector<Freeze>& freezes, const Candidate& candidate, Timestamp now);

// How a started fix of a control came out.
struct Outcome {
  bool good = false;
  Timestamp at;
};
// Of a remediation's entry; nothing for entries that tell no outcome. `executions`: how many it had started before.
std::optional<Outcome> outcome_of(const ledger::Entry& entry, std::size_t executions);

// `latest`: the control's newest outcomes, as many as failures are allowed or fewer; newest first.
bool is_open(const Breaker& breaker, const std::vector<Outcome>& latest);
// `last_start`: of the control; a start after the last failure is the trial, and others wait how it comes out.
std::optional<Hold> held_by(const Breaker& breaker, const std::vector<Outcome>& latest,
                            std::optional<Timestamp> last_start, Timestamp now);

// How often a finding was set right by a remediation of ours since then, from the finding's entries.
int rounds_fought(const std::vector<ledger::Entry>& finding, Timestamp since);

}  // namespace aright::remediation
