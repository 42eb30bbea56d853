#pragma once
// A policy held against what already happened: how it would have decided about the remediations on record, and what its
// brakes would have held. Pure; changes and calls nothing.

#include <deque>

#include "remediation/decide.h"
#include "remediation/remediation.h"

namespace aright::remediation {

struct Redecided {
  RemediationId id;
  std::string control;
  Resource resource;
  Timestamp at;                      // when it was opened
  bool judged = true;                // false: the control does not hold any more, so nothing would be found
  std::optional<Decision> was;       // nothing: it never was decided
  Decision now = Decision::manual;
  std::vector<std::string> reasons;  // for now
  std::optional<Hold> hold;          // what its start would have waited for

  bool changed() const { return !judged || was != now; }
};
json::Object to_json(const Redecided& one);

// Takes the entries of a ledger in their order.
class Hindsight {
 public:
  Hindsight(const Policy& policy, const rules::Controls& controls, Timestamp since, Timestamp until)
      : policy_(policy), controls_(controls), since_(since), until_(until) {}

  void take(const ledger::Entry& entry);
  // Of the remediations that were opened in the time, in that order. Those that a person asked for are left out: the
  // decision was theirs. An approval is taken as given at once; a share is of what the last scan on record judged.
  std::vector<Redecided> end();

 private:
  void take_plan(const ledger::Entry& entry);
  void take_track(const ledger::Entry& entry);
  // True when it depends on what the rehearsal shows, and there is no plan yet.
  bool decide_again(const State& state, Redecided& one, const Plan* plan = nullptr) const;
  std::optional<Hold> start(const Candidate& candidate, Timestamp now);

  const Policy& policy_;
  const rules::Controls& controls_;
  Timestamp since_, until_;
  std::vector<Redecided> all_;
  std::vector<Candidate> candidates_;  // for the starts of all_
  std::map<std::string, std::int64_t> judged_;  // by each control, in its latest scan
  std::map<std::string, std::size_t> open_;  // remediations that were not decided yet, by stream: index in all_
  std::map<std::string, std::pair<std::size_t, State>> unrehearsed_;  // those that this waits for, in the same way
  std::map<std::string, Track> tracks_;  // by control, as they were then
  std::map<std::string, State> remediations_;  // what they are kept from
  std::map<std::string, Finding> findings_;
  std::map<std::string, std::vector<ledger::Entry>> comings_;  // by finding, that it was resolved, and came back
  std::map<std::string, std::deque<Timestamp>> starts_;  // by count_key, newest first
};

}  // namespace aright::remediation
