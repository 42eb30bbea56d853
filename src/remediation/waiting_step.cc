#include "remediation/waiting_step.h"

#include <algorithm>

#include "runbook/approvers.h"

namespace aright::remediation {

bool may_answer(const WaitingStep& step, const Principal& person) {
  if (step.kind == "pause") return true;
  return step.kind == "approve" && check_not_own(step, person.name) &&
         !runbook::approvers_meant(step.approvers, signals_as(person), step.account).empty();
}

Result<> check_not_own(const WaitingStep& step, std::string_view person) {
  if (step.kind != "approve" || step.asked_by.empty() || step.asked_by != person) return {};
  return fail({.code = Errc::denied,
               .message = fmt::format("{0} started what {1} asks about, and does not approve it; another approver has "
                                      "to. Where {1} names no other, let somebody else start it",
                                      person, step.step),
               .number = "AR-0012"});
}

Result<> check_holds(const AnswerLink& link, const WaitingStep* waiting, const Principal& person, Timestamp now) {
  auto over = [](std::string message) {
    return fail({.code = Errc::conflict, .message = std::move(message), .number = "AR-0021"});
  };
  if (!waiting || waiting->step != link.step || waiting->expires != link.expires)
    return over(fmt::format("{} waits for this answer no more", link.step));
  if (now >= waiting->expires)
    return over(fmt::format("the time to answer is over, since {}", waiting->expires.iso_seconds()));
  if (std::ranges::find(waiting->decided, signals_as(person)) != waiting->decided.end())
    return over(person.name + " answered already");
  if (!may_answer(*waiting, person))
    return fail({.code = Errc::denied, .message = fmt::format("{} is not asked by {}", person.name, link.step),
                 .number = "AR-0021"});
  return {};
}

}  // namespace aright::remediation
