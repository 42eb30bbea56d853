#pragma once
// What is counted, for one control or for all of them, and what it suggests. Pure. Internal to report.

#include <string>
#include <vector>

#include "base/clock.h"
#include "json/value.h"

namespace aright::report {

// Durations of one kind.
class Times {
 public:
  void add(milliseconds took) { took_.push_back(std::max<std::int64_t>(took.count(), 0)); }
  void add(const Times& other) { took_.insert(took_.end(), other.took_.begin(), other.took_.end()); }
  std::size_t count() const { return took_.size(); }
  // The value that a share of all does not exceed; 0 when there is none.
  milliseconds quantile(double share) const;
  // {"count", "mean_s", "median_s", "p90_s", "p99_s", "max_s"}; null when there is none.
  json::Value to_json() const;

 private:
  std::vector<std::int64_t> took_;
};

struct Figures {
  std::size_t opened = 0;              // findings, reopened ones too
  std::size_t resolved = 0;            // findings, by a fix
  std::size_t resolved_otherwise = 0;  // by somebody else
  std::size_t open = 0;                // at the end of the window
  milliseconds exposure{0};            // the time that findings stood open, all together

  std::size_t automatic = 0, asked = 0, manual = 0;  // remediations, by who decides
  std::size_t approved = 0, rejected = 0, expired = 0;
  std::size_t executions = 0, executions_succeeded = 0;
  std::size_t fixes = 0;      // remediations that ended with a verified resource
  std::size_t escalated = 0;  // that ended without
  std::size_t rolled_back = 0;  // taken back, by people or by aright
  std::size_t withdrawn = 0;  // of these, by aright itself, since they did harm: they were no fixes yet
  std::size_t recurred = 0;   // of the fixes
  std::size_t disputed = 0;   // findings of which a person said that nothing is to be set right

  Times detect;   // from what the source saw to the finding
  Times decide;   // from the remediation's opening to the decision
  Times approve;  // from the question to the answer
  Times execute, verify;
  Times whole;  // from finding to resolved, by a fix

  Figures& operator+=(const Figures& other);
};

json::Object to_json(const Figures& figures);

// Whether a fix may do with less supervision, needs more, or is the wrong one. `kind`: promote, demote, review, answer.
struct Advice {
  std::string kind, reason;
};
std::vector<Advice> advise(const Figures& figures);

// The share of successes that the fix has at least, with 95 % confidence (Wilson's interval). 0 without trials.
double success_at_least(std::size_t successes, std::size_t trials);

}  // namespace aright::report
