#include "remediation/organization.h"

#include <algorithm>

#include "aws/client.h"

namespace aright::remediation {

namespace {

constexpr std::string_view account_in_role = "{account}";

std::string role_in(std::string role, std::string_view account) {
  for (auto at = role.find(account_in_role); at != std::string::npos; at = role.find(account_in_role))
    role.replace(at, account_in_role.size(), account);
  return role;
}

aws::Call call_of(std::string_view service, std::string_view operation, std::string_view region) {
  return {.service = std::string(service), .operation = std::string(operation), .region = std::string(region),
          .account = "", .input = {}};
}

Result<std::vector<std::string>> active_accounts(aws::Caller& caller, const model::Models& models,
                                                 std::string_view region, const Context& context) {
  std::vector<std::string> ids;
  auto page = [&](const json::Object& output) {
    const json::Value root = output;
    for (const auto& account : json::items(json::at(root, "Accounts")))
      if (json::text(account, "Status", "") == "ACTIVE") ids.push_back(json::text(account, "Id", ""));
    return ids.size() <= organization_accounts_max;
  };
  CHECK_OK(aws::paginate(caller, models, call_of("organizations", "ListAccounts", region), context, page));
  if (ids.size() > organization_accounts_max)
    return fail(Errc::invalid, "the organization has more than {} accounts", organization_accounts_max);
  return ids;
}

}  // namespace

Result<> expand_organization(Policy& policy, aws::Caller& caller, const model::Models& models, std::string_view region,
                             const Context& context) {
  auto all = std::ranges::find(policy.targets, true, &Target::organization);
  if (all == policy.targets.end()) return {};
  const Target like = *all;
  policy.targets.erase(all);
  auto identity = caller.call(call_of("sts", "GetCallerIdentity", region), context);
  if (!identity) return wrap(identity.error(), "asking whose credentials these are");
  const auto own = json::text(*identity, "Account");
  auto accounts = active_accounts(caller, models, region, context);
  if (!accounts) return wrap(accounts.error(), "listing the organization's accounts");
  if (accounts->empty()) return fail(Errc::not_found, "the organization has no active accounts");
  for (const auto& account : *accounts) {
    if (policy.target_for(account) != nullptr) continue;
    policy.targets.push_back({.account = account,
                              .regions = like.regions,
                              .role = account == own ? "" : role_in(like.role, account),
                              .tags = like.tags});
  }
  return {};
}

}  // namespace aright::remediation
