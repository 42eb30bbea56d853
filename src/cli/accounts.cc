#include "cli/accounts.h"

#include <algorithm>

#include "aws/role_session.h"
#include "cloud/classify.h"
#include "cloud/session_policy.h"

namespace aright::cli {

Accounts::Accounts(AccountsOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      own_(aws::default_chain({.environment = aws::process_environment(), .profile = options_.profile}, clock)),
      paced_(door_, clock) {
  know(options_.policy->targets);
}

void Accounts::know(const std::vector<remediation::Target>& targets) {
  std::map<std::string, std::string> roles;
  for (const auto& target : targets)
    if (!target.organization) roles[target.account] = target.role;  // its accounts are told later
  std::lock_guard lock(mutex_);
  {
    std::lock_guard known(roles_mutex_);
    if (roles == roles_) return;
    roles_ = std::move(roles);
  }
  clients_.clear();
  cut_clients_.clear();
}

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

// Where roles are assumed: as for every other call, the environment may name an endpoint, such as a VPC's.
std::string sts_url_of(const AccountsOptions& options) {
  if (!options.endpoint_url.empty()) return options.endpoint_url;
  auto environment = aws::process_environment();
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"})
    if (auto said = environment.find(name); said != environment.end() && !said->second.empty()) return said->second;
  return "";
}

}  // namespace

std::string Accounts::role_of(const std::string& account) const {
  if (auto role = target_role(account)) return *role;
  if (account.empty() || options_.execution_role.empty()) return "";
  return fmt::format("arn:{}:iam::{}:role/{}", aws::partition_of(options_.region), account, options_.execution_role);
}

std::optional<std::string> Accounts::target_role(const std::string& account) const {
  std::lock_guard lock(roles_mutex_);
  auto found = roles_.find(account);
  return found == roles_.end() ? std::nullopt : std::optional(found->second);
}

Accounts::Shared Accounts::client_with(std::shared_ptr<aws::CredentialProvider> credentials) const {
  aws::ClientOptions client{.credentials = std::move(credentials),
                            .endpoint_url = options_.endpoint_url,
                            .environment = aws::process_environment(),
                            .region = options_.region,
                            .retry_throttled = false};
  client.is_write = [](const aws::Call& call) { return cloud::classify(call).writes(); };
  return std::make_shared<aws::Client>(std::move(client), model::Models::embedded(), clock_);
}

Result<Accounts::Shared> Accounts::client_for(const std::string& account) {
  std::lock_guard lock(mutex_);
  if (auto known = clients_.find(account); known != clients_.end()) return known->second;
  auto role = role_of(account);
  bool stranger = !account.empty() && !target_role(account);
  if (stranger && role.empty()) return fail(Errc::denied, "account {} is no target of the policy", account);
  auto credentials = own_;
  if (!role.empty())
    credentials = aws::assume_role(own_, {.role_arn = role, .region = options_.region,
                                          .endpoint_url = sts_url_of(options_)}, clock_);
  auto made = client_with(std::move(credentials));
  CHECK_OK(check_identity(*made, account));
  return clients_.emplace(account, std::move(made)).first->second;
}

Result<Accounts::Shared> Accounts::client_for(const std::string& account, const aws::SessionCut& session) {
  auto whole = TRY(client_for(account));
  auto named = aws::role_session(session);
  auto of_account = role_of(account);
  auto role = named.role.empty() ? of_account : named.role;
  if (role.empty()) return whole;
  std::lock_guard lock(mutex_);
  auto key = account + " " + session.name + " " + session.policy;
  auto known = std::ranges::find(cut_clients_, key, [](const auto& one) { return one.first; });
  if (known == cut_clients_.end()) {
    // A role that a document or a location names is assumed from where the account's calls come from.
    auto source = own_;
    if (!named.role.empty() && !of_account.empty() && named.role != of_account)
      source = aws::assume_role(own_, {.role_arn = of_account, .region = options_.region,
                                       .endpoint_url = sts_url_of(options_)}, clock_);
    auto credentials = aws::assume_role(source, {.role_arn = role, .session_name = named.name,
                                               .session_policy = session.policy, .region = options_.region,
                                               .endpoint_url = sts_url_of(options_)}, clock_);
    cut_clients_.emplace_front(std::move(key), client_with(std::move(credentials)));
    if (cut_clients_.size() > cut_sessions_max) cut_clients_.pop_back();
  } else {
    cut_clients_.splice(cut_clients_.begin(), cut_clients_, known);
  }
  return cut_clients_.front().second;
}

Result<json::Object> Accounts::call(const aws::Call& call, const Context& context) {
  return paced_.call(call, context);
}

Result<json::Object> Accounts::Door::call(const aws::Call& call, const Context& context) {
  if (!call.session) return TRY(accounts_.client_for(call.account))->call(call, context);
  auto client = TRY(accounts_.client_for(call.account, *call.session));
  auto answer = client->call(call, context);
  // STS packs policies, and alone knows how tightly.
  if (answer || answer.error().wire_code != "PackedPolicyTooLarge") return answer;
  auto wider = cloud::widened_session_policy(call.session->policy);
  if (wider.empty() || wider == call.session->policy) return answer;
  client = TRY(accounts_.client_for(call.account, {.name = call.session->name, .policy = std::move(wider)}));
  return client->call(call, context);
}

}  // namespace aright::cli
