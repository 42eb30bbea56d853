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
  Timestamp expires;
};

// As whom a person of the policy signals.
inline const std::string& signals_as(const Principal& person) { return person.arn.empty() ? person.name : person.arn; }
// One of the step's approvers; anybody who may approve, where it only pauses. An interactive start is no question.
bool may_answer(const WaitingStep& step, const Principal& person);
// Whether the step that a link is for still waits for this person. Fails with conflict, AR-0021, and says why.
// `waiting`: the one that waits now, or null.
Result<> check_holds(const AnswerLink& link, const WaitingStep* waiting, const Principal& person, Timestamp now);

}  // namespace aright::remediation
