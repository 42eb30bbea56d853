#pragma once
// Who decides about one remediation: pure, and always with reasons. No match means manual; a broken
// exception, an unknown account or anything else that cannot be judged means manual too.

#include "remediation/disruption.h"
#include "remediation/finding.h"
#include "remediation/policy.h"
#include "remediation/track.h"
#include "rules/control.h"

namespace aright::remediation {

// What the rehearsal of a fix showed.
struct Rehearsal {
  bool reversible = false;
  Disruption disruption = Disruption::stop;
  Confidence confidence = Confidence::partial;
  std::string runbook_hash;
};
Rehearsal rehearsal_of(const Plan& plan);

struct Facts {
  std::string control;
  const rules::Control* described = nullptr;  // null for findings of other tools without a control of ours
  Resource resource;
  std::string source;                         // of the finding: aright, aws.securityhub, aws.guardduty …
  std::map<std::string, std::string> tags;    // of the resource
  std::string tags_unknown = {};              // why the policy, which asks for them, cannot know them
  bool has_fix = true;                        // by its control, its event rule or the policy
  int rounds_fought = 0;                      // brakes.h
  bool person_asked = false;
  std::string severity = {};                  // that an automation rule wrote; "": the control's
  std::string suppressed = {};                // why nothing is to be done, as the tool that told of it has it
  std::optional<Exception> exception = {};    // that holds
  milliseconds age{0};                        // of the finding
  std::optional<Rehearsal> rehearsal = {};    // once there was one
  std::optional<Track> track = {};            // of the control's fixes
};

// Of a finding of our own about any resource of the account that it may be about.
Facts usual_facts(const Policy& policy, const rules::Control& control, const std::string& account);

struct Verdict {
  Decision decision = Decision::manual;
  std::vector<std::string> reasons;  // what matched, and what did not
  std::string ladder;  // of the rule that says approval
  bool fought = false;               // it would have acted, but for a fight
  std::optional<Timestamp> until;    // of an exception, when it would have acted but for that
  bool provisional = false;  // it depends on the rehearsal: decided again after it, and approval until then
  bool canary = false;       // automatic, for few resources first
};

Verdict decide(const Policy& policy, const Facts& facts);

}  // namespace aright::remediation
