// Organizations over an account: which it is in, and which service control policies stand over it.
#include <algorithm>

#include "sandbox/authorize.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view control_type = "SERVICE_CONTROL_POLICY";
constexpr std::size_t levels_max = 8;  // AWS nests units five deep

const Resource* find_here(const Scene& scene, const Resource& organization, std::string_view type,
                          std::string_view id) {
  auto ref = organization.ref;
  ref.type = type;
  ref.id = id;
  return scene.world.find(ref);
}

std::vector<iam::NamedPolicy> policies_on(const Scene& scene, const Resource& organization, const std::string& id) {
  std::vector<iam::NamedPolicy> out;
  auto here = organization.ref;
  here.type = "AWS::Organizations::Policy";
  here.id.clear();
  for (const auto* policy : scene.world.all(here)) {
    if (json::text(policy->aspect("Type")) != control_type) continue;
    const auto& targets = json::items(policy->aspect("TargetIds"));
    if (std::ranges::find(targets, json::Value(id)) != targets.end())
      out.push_back(iam::named_policy(scene.arn(*policy), json::text(policy->aspect("Content"))));
  }
  return out;
}

bool switched_on(const Resource& root) {
  return std::ranges::any_of(json::items(root.aspect("PolicyTypes")), [](const json::Value& one) {
    return json::text(one, "Type", "") == control_type && json::text(one, "Status", "") == "ENABLED";
  });
}

}  // namespace

std::vector<std::vector<iam::NamedPolicy>> service_control_over(const Scene& scene, std::string_view account,
                                                                const Authorization& authorization) {
  std::vector<std::vector<iam::NamedPolicy>> out;
  if (!authorization.service_control.empty()) out.push_back(authorization.service_control);
  for (const auto* organization : scene.world.everywhere("AWS::Organizations::Organization")) {
    const auto* here = find_here(scene, *organization, "AWS::Organizations::Account", account);
    if (here == nullptr || organization->ref.account == account) continue;
    std::vector<std::vector<iam::NamedPolicy>> levels;
    while (here != nullptr && levels.size() < levels_max) {
      levels.push_back(policies_on(scene, *organization, here->ref.id));
      auto above = json::text(here->aspect("ParentId"));
      const auto* root = find_here(scene, *organization, "AWS::Organizations::Root", above);
      if (root == nullptr) {
        here = find_here(scene, *organization, "AWS::Organizations::OrganizationalUnit", above);
        continue;
      }
      if (!switched_on(*root)) return out;
      levels.push_back(policies_on(scene, *organization, above));
      break;
    }
    std::ranges::move(levels, std::back_inserter(out));
  }
  return out;
}

std::optional<Membership> membership_of(const Scene& scene, std::string_view account) {
  for (const auto* organization : scene.world.everywhere("AWS::Organizations::Organization")) {
    const auto* here = find_here(scene, *organization, "AWS::Organizations::Account", account);
    if (here == nullptr) continue;
    Membership out{.organization = json::text(organization->record, "Id", ""), .path = ""};
    std::size_t level = 0;
    for (auto above = json::text(here->aspect("ParentId")); !above.empty() && level < levels_max; ++level) {
      out.path.insert(0, above + "/");
      const auto* unit = find_here(scene, *organization, "AWS::Organizations::OrganizationalUnit", above);
      above = unit == nullptr ? "" : json::text(unit->aspect("ParentId"));
    }
    out.path.insert(0, out.organization + "/");
    return out;
  }
  return std::nullopt;
}

}  // namespace aright::sandbox
