#pragma once
// Who aright is in an emulated cloud that it holds itself: one principal, and for a call whose session names a role of
// its own (aws/role_session.h), that role, assumed as Systems Manager would. Thread-safe.

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "aws/call.h"
#include "sandbox/cloud.h"

namespace aright::sandbox {

inline constexpr std::size_t role_sessions_max = 64;  // that are kept for further calls

class AsRole final : public aws::Caller {
 public:
  // `own`: who it is in an account. Both must outlive it.
  AsRole(Cloud& cloud, std::function<Principal(const std::string& account)> own)
      : cloud_(cloud), own_(std::move(own)) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override;

 private:
  Result<Principal> assumed(const std::string& role, const std::string& session, const Principal& own,
                            const Context& context);

  Cloud& cloud_;
  std::function<Principal(const std::string& account)> own_;
  std::mutex mutex_;
  std::map<std::string, Principal> sessions_;  // by role and name; guarded by mutex_
};

}  // namespace aright::sandbox
