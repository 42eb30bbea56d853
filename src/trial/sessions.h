#pragma once
// Calls that are made in a session which is cut to a policy, as AWS would answer them: what the policy does not allow
// is denied. Other calls are the account's own.

#include "sandbox/cloud.h"

namespace aright::trial {

class Sessions final : public aws::Caller {
 public:
  // `below` must outlive it, and let IAM decide (CloudOptions::authorize).
  explicit Sessions(sandbox::Cloud& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (!call.session) return below_.call(call, context);
    sandbox::Principal session{.account = call.account, .arn = "", .user_id = "",
                               .session_policies = {call.session->policy}};
    return below_.call_as(session, call, context);
  }

 private:
  sandbox::Cloud& below_;
};

}  // namespace aright::trial
