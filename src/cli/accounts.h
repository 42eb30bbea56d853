#pragma once
// AWS, or an endpoint that speaks like it, for many accounts: each call goes out with the
// credentials of its account, by the role that the policy names for it.

#include <map>
#include <memory>
#include <mutex>

#include "aws/client.h"
#include "aws/pace.h"
#include "remediation/policy.h"

namespace aright::cli {

inline constexpr milliseconds identity_timeout{30'000};

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

 private:
  // Each account's client, behind the one pace that all share.
  class Door final : public aws::Caller {
   public:
    explicit Door(Accounts& accounts) : accounts_(accounts) {}
    Result<json::Object> call(const aws::Call& call, const Context& context) override;

   private:
    Accounts& accounts_;
  };
  Result<aws::Client*> client_for(const std::string& account);

  AccountsOptions options_;
  const Clock& clock_;
  std::shared_ptr<aws::CredentialProvider> own_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<aws::Client>> clients_;  // by account; guarded by mutex_
  Door door_{*this};
  aws::Paced paced_;
};

}  // namespace aright::cli
