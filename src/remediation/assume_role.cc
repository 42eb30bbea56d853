#include "remediation/assume_role.h"

#include "aws/role_session.h"

namespace aright::remediation {

namespace {

std::unexpected<Error> refuse_role(std::string message) {
  constexpr int bad_request = 400;
  return fail({.code = Errc::invalid, .message = std::move(message),
               .wire_code = "InvalidAutomationExecutionParametersException", .http_status = bad_request});
}

}  // namespace

Result<> check_role(aws::Caller& cloud, const Prepared& prepared, runbook::Start start, const Context& context) {
  start.parameters = prepared.parameters;
  auto role = runbook::Machine(prepared.document, start).assume_role();
  if (role.empty()) return {};
  auto arn = aws::read_role_arn(role);
  if (!arn)
    return refuse_role(fmt::format("The format of the supplied assume role ARN is invalid: {}. Write it as "
                                   "arn:aws:iam::111122223333:role/Name, or leave it empty to run with the rights that "
                                   "start it",
                                   role));
  if (!start.account.empty() && arn->account != start.account)
    return refuse_role(fmt::format("The defined assume role is unable to be assumed: {} belongs to another account "
                                   "than {}, where it runs",
                                   role, start.account));
  aws::Call who{.service = "sts", .operation = "GetCallerIdentity", .region = start.region, .account = start.account,
                .input = {}};
  who.session = std::make_shared<const aws::SessionCut>(aws::session_of({.role = role, .name = "aright-start"}));
  auto identity = cloud.call(who, context);
  if (identity) return {};
  return refuse_role(fmt::format("The defined assume role is unable to be assumed: {}. Let its trust policy name who "
                                 "runs aright, and that one call sts:AssumeRole", identity.error().message));
}

}  // namespace aright::remediation
