#pragma once
// AWS, or an endpoint that speaks like it, for many accounts: each call goes out with the
// credentials of its account, by the role that the policy names for it.

#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "aws/client.h"
#include "aws/pace.h"
#include "remediation/policy.h"

namespace aright::cli {

inline constexpr milliseconds identity_timeout{30'000};
inline constexpr std::size_t cut_sessions_max = 64;  // that are kept for further calls of their executions

struct AccountsOptions {
  const remediation::Policy* policy = nullptr;  // must outlive it
  std::string endpoint_url;                     // empty: AWS
  std::string region = "us-east-1", profile;
  std::string execution_role;                   // of accounts that the policy does not name; empty: these are refused
};

// Thread-safe. A call to an account that the policy does not name is refused, unless there is a role for it.
class Accounts final : public aws::Caller {
 public:
  Accounts(AccountsOptions options, const Clock& clock);
  Result<json::Object> call(const aws::Call& call, const Context& context) override;
  // Other targets than the policy had: from the next call on.
  void know(const std::vector<remediation::Target>& targets);

 private:
  // Each account's client, behind the one pace that all share.
  class Door final : public aws::Caller {
   public:
    explicit Door(Accounts& accounts) : accounts_(accounts) {}
    Result<json::Object> call(const aws::Call& call, const Context& context) override;

   private:
    Accounts& accounts_;
  };
  using Shared = std::shared_ptr<aws::Client>;
  Result<Shared> client_for(const std::string& account);
  // The same with no more rights than the session's; itself where the account has no role to be cut.
  Result<Shared> client_for(const std::string& account, const aws::SessionCut& session);
  std::string role_of(const std::string& account) const;
  std::optional<std::string> target_role(const std::string& account) const;  // nothing: it is no target
  Shared client_with(std::shared_ptr<aws::CredentialProvider> credentials) const;

  AccountsOptions options_;
  const Clock& clock_;
  std::shared_ptr<aws::CredentialProvider> own_;
  mutable std::mutex roles_mutex_;
  std::map<std::string, std::string> roles_;                // by account; guarded by roles_mutex_
  std::mutex mutex_;
  std::map<std::string, Shared> clients_;                   // by account; guarded by mutex_
  std::list<std::pair<std::string, Shared>> cut_clients_;  // by account and session, the latest first; as well
  Door door_{*this};
  aws::Paced paced_;
};

}  // namespace aright::cli
