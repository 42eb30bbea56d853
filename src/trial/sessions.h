#pragma once
// Calls that are made in a session, as AWS would answer them: of one that is cut to a policy, what the policy does not
// allow is denied; one of a role that the account has is the role's. Other calls are the account's own.

#include "aws/role_session.h"
#include "sandbox/as_role.h"

namespace aright::trial {

class Sessions final : public aws::Caller {
 public:
  // `below` must outlive it, and let IAM decide (CloudOptions::authorize).
  explicit Sessions(sandbox::Cloud& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (!call.session) return below_.call(call, context);
    if (auto role = aws::role_session(*call.session).role; !role.empty())
      return has(role, call.account, context) ? roles_.call(call, context) : below_.call(call, context);
    sandbox::Principal session{.account = call.account, .arn = "", .user_id = "",
                               .session_policies = {call.session->policy}};
    return below_.call_as(session, call, context);
  }

 private:
  bool has(const std::string& role, const std::string& account, const Context& context) {
    aws::Call look{.service = "iam", .operation = "GetRole", .region = "us-east-1", .account = account,
                   .input = {{"RoleName", role.substr(role.rfind('/') + 1)}}};
    return below_.call(look, context).has_value();
  }

  sandbox::Cloud& below_;
  sandbox::AsRole roles_{below_, [](const std::string& account) {
    return sandbox::Principal{.account = account, .arn = "", .user_id = account, .user_agent = "aright"};
  }};
};

}  // namespace aright::trial
