#pragma once
// Who may decide a step that asks. Pure.

#include <string>
#include <vector>

namespace aright::runbook {

// Those of a step's approvers whom a principal is, or stands for: a session stands for its role, and an approver who is
// only a user name is a user of the execution's account.
std::vector<std::string> approvers_meant(const std::vector<std::string>& approvers, const std::string& principal,
                                         const std::string& account);

}  // namespace aright::runbook
