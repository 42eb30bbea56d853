#pragma once
// A step of an execution that waits for a person, and who may answer it by a link. Pure.

#include <string>
#include <vector>

#include "remediation/answer_link.h"
#include "remediation/policy.h"

namespace aright::remediation {

struct WaitingStep {
  std::string token, step, kind, document, message, remediation;  // kind: approve, pause or start
  std::vector<std::string> approvers, decided;  // as the step names them; those whose decision it has, as they signal
  std::string account;                          // of the execution
  std::string asked_by;                         // who started it, or asked for the fix; "": no person
  Timestamp expires;
};

// As whom a person of the policy signals.
inline const std::string& signals_as(const Principal& person) { return person.arn.empty() ? person.name : person.arn; }
// One of the step's approvers; anybody who may approve, where it only pauses. An interactive start is no question.
bool may_answer(const WaitingStep& step, const Principal& person);
// Who asked for what a step approves does not approve it: fails with denied, AR-0012.
Result<> check_not_own(const WaitingStep& step, std::string_view person);
// Whether the step that a link is for still waits for this person. Fails with conflict, AR-0021, and says why.
// `waiting`: the one that waits now, or null.
Result<> check_holds(const AnswerLink& link, const WaitingStep* waiting, const Principal& person, Timestamp now);

}  // namespace aright::remediation
