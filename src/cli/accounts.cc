#include "cli/accounts.h"

#include "cloud/classify.h"

namespace aright::cli {

Accounts::Accounts(AccountsOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      own_(aws::default_chain({.environment = aws::process_environment(), .profile = options_.profile}, clock)),
      paced_(door_, clock) {}

namespace {

// Credentials of another account than the policy says would change the wrong one.
Result<> check_identity(aws::Client& client, const std::string& account) {
  if (account.empty()) return {};
  aws::Call who{.service = "sts", .operation = "GetCallerIdentity", .region = "", .account = "", .input = {}};
  auto identity = client.call(who, Context::within(identity_timeout));
  if (!identity) return wrap(identity.error(), "asking whose credentials these are");
  auto own = json::text(*identity, "Account");
  if (own == account) return {};
  return fail(
      {.code = Errc::denied,
       .message = fmt::format(
           "the credentials belong to account {}, and the policy's target is {}; name a role "
           "for the target, or use other credentials",
           own, account),
       .number = "AR-0014"});
}

}  // namespace

Result<aws::Client*> Accounts::client_for(const std::string& account) {
  std::lock_guard lock(mutex_);
  if (auto known = clients_.find(account); known != clients_.end()) return known->second.get();
  const auto* target = options_.policy->target_for(account);
  auto role = target ? target->role : "";
  if (!account.empty() && !target) {
    if (options_.execution_role.empty()) return fail(Errc::denied, "account {} is no target of the policy", account);
    role = fmt::format("arn:{}:iam::{}:role/{}", aws::partition_of(options_.region), account, options_.execution_role);
  }
  auto credentials = own_;
  if (!role.empty())
    credentials = aws::assume_role(own_, {.role_arn = role, .region = options_.region,
                                          .endpoint_url = options_.endpoint_url}, clock_);
  aws::ClientOptions client{.credentials = std::move(credentials),
                            .endpoint_url = options_.endpoint_url,
                            .environment = aws::process_environment(),
                            .region = options_.region,
                            .retry_throttled = false};
  client.is_write = [](const aws::Call& call) { return cloud::classify(call).writes(); };
  auto made = std::make_unique<aws::Client>(std::move(client), model::Models::embedded(), clock_);
  CHECK_OK(check_identity(*made, account));
  return clients_.emplace(account, std::move(made)).first->second.get();
}

Result<json::Object> Accounts::call(const aws::Call& call, const Context& context) {
  return paced_.call(call, context);
}

Result<json::Object> Accounts::Door::call(const aws::Call& call, const Context& context) {
  auto* client = TRY(accounts_.client_for(call.account));
  return client->call(call, context);
}

}  // namespace aright::cli
