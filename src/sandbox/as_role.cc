#include "sandbox/as_role.h"

#include "aws/role_session.h"

namespace aright::sandbox {

Result<json::Object> AsRole::call(const aws::Call& call, const Context& context) {
  auto principal = own_(call.account.empty() ? std::string(default_account) : call.account);
  auto session = call.session ? aws::role_session(*call.session) : aws::RoleSession{};
  if (!session.role.empty()) principal = TRY(assumed(session.role, session.name, principal, context));
  return cloud_.call_as(principal, call, context);
}

Result<Principal> AsRole::assumed(const std::string& role, const std::string& session, const Principal& own,
                                  const Context& context) {
  auto key = role + "/" + session;
  {
    std::lock_guard lock(mutex_);
    if (auto known = sessions_.find(key); known != sessions_.end()) return known->second;
  }
  aws::Call assume{.service = "sts", .operation = "AssumeRole", .region = "us-east-1", .account = own.account,
                   .input = {{"RoleArn", role}, {"RoleSessionName", session}}};
  auto answer = TRY(cloud_.call_as(own, assume, context));
  auto issued = cloud_.credential(json::text(json::at(json::at(answer, "Credentials"), "AccessKeyId")));
  if (!issued) return fail(Errc::internal, "the session of {} is gone", role);
  std::lock_guard lock(mutex_);
  if (sessions_.size() >= role_sessions_max) sessions_.clear();
  return sessions_.insert_or_assign(std::move(key), issued->principal).first->second;
}

}  // namespace aright::sandbox
