#include "remediation/organization.h"

#include <algorithm>
#include <functional>
#include <map>

#include "aws/client.h"

namespace aright::remediation {

namespace {

constexpr std::string_view account_in_role = "{account}";

std::string role_in(std::string role, std::string_view account) {
  for (auto at = role.find(account_in_role); at != std::string::npos; at = role.find(account_in_role))
    role.replace(at, account_in_role.size(), account);
  return role;
}

aws::Call call_to(std::string_view service, std::string_view operation, std::string_view region) {
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
  CHECK_OK(aws::paginate(caller, models, call_to("organizations", "ListAccounts", region), context, page));
  if (ids.size() > organization_accounts_max)
    return fail(Errc::invalid, "the organization has more than {} accounts", organization_accounts_max);
  return ids;
}

// Below a root or a unit: each account's units, from the root on, as a path of names, and by their ids.
class Units {
 public:
  Units(aws::Caller& caller, const model::Models& models, std::string_view region, const Context& context)
      : caller_(caller), models_(models), region_(region), context_(context) {}

  Result<> read() {
    std::vector<std::string> roots;
    CHECK_OK(each("ListRoots", {}, "Roots",
                  [&](const json::Value& root) { roots.push_back(json::text(root, "Id", "")); }));
    for (const auto& root : roots) CHECK_OK(read_below(root, "Root", {}, 0));
    return {};
  }

  std::map<std::string, std::vector<std::string>> by_account;

 private:
  Result<> read_below(const std::string& id, const std::string& path, std::vector<std::string> above, int depth) {
    if (depth > units_depth_max)
      return fail(Errc::invalid, "organizational units nest deeper than {}", units_depth_max);
    above.push_back(id);
    above.push_back(path);
    CHECK_OK(each("ListAccountsForParent", {{"ParentId", id}}, "Accounts",
                  [&](const json::Value& account) { by_account[json::text(account, "Id", "")] = above; }));
    std::vector<std::pair<std::string, std::string>> units;
    CHECK_OK(each("ListOrganizationalUnitsForParent", {{"ParentId", id}}, "OrganizationalUnits",
                  [&](const json::Value& unit) {
                    units.emplace_back(json::text(unit, "Id", ""), path + "/" + json::text(unit, "Name", ""));
                  }));
    for (const auto& [unit, name] : units) CHECK_OK(read_below(unit, name, above, depth + 1));
    return {};
  }

  Result<> each(std::string_view operation, json::Object input, std::string_view list,
                const std::function<void(const json::Value&)>& visit) {
    auto call = call_to("organizations", operation, region_);
    call.input = std::move(input);
    return aws::paginate(caller_, models_, call, context_, [&](const json::Object& output) {
      for (const auto& item : json::items(json::at(output, list))) visit(item);
      return true;
    });
  }

  aws::Caller& caller_;
  const model::Models& models_;
  std::string_view region_;
  const Context& context_;
};

// Only where a rule asks for them: it takes more permissions.
Result<> read_units(Policy& policy, aws::Caller& caller, const model::Models& models, std::string_view region,
                    const Context& context) {
  if (std::ranges::all_of(policy.decide, [](const DecideRule& rule) { return rule.units.empty(); })) return {};
  Units units(caller, models, region, context);
  if (auto read = units.read(); !read) return wrap(read.error(), "reading the organization's units");
  for (auto& target : policy.targets)
    if (target.units.empty()) target.units = units.by_account[target.account];
  return {};
}

}  // namespace

Result<> expand_organization(Policy& policy, aws::Caller& caller, const model::Models& models, std::string_view region,
                             const Context& context) {
  auto all = std::ranges::find(policy.targets, true, &Target::organization);
  if (all == policy.targets.end()) return {};
  const Target like = *all;
  policy.targets.erase(all);
  auto identity = caller.call(call_to("sts", "GetCallerIdentity", region), context);
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
                              .tags = like.tags,
                              .units = like.units});
  }
  return read_units(policy, caller, models, region, context);
}

}  // namespace aright::remediation
