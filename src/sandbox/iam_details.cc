// All users, groups, roles and policies of an account, told in one answer.
#include <algorithm>

#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"
#include "sandbox/paging.h"

namespace aright::sandbox::iam_detail_hooks {

namespace {

constexpr std::int64_t items_usual = 100, items_max = 1000;

struct Kind {
  std::string_view type, filter, list, policies;
};
constexpr std::array kinds{Kind{user_type, "User", "UserDetailList", "UserPolicyList"},
                           Kind{iam_group_type, "Group", "GroupDetailList", "GroupPolicyList"},
                           Kind{role_type, "Role", "RoleDetailList", "RolePolicyList"},
                           Kind{policy_type, "LocalManagedPolicy", "Policies", ""}};

json::Array inline_policies(const Resource& holder) {
  json::Array out;
  for (const auto& [name, document] : json::members(holder.aspect("Policies")))
    out.push_back(json::Object{{"PolicyName", name}, {"PolicyDocument", percent_encoded(document)}});
  return out;
}

json::Array versions_of(const Scene& scene, const Resource& policy) {
  json::Array out;
  for (const auto* version : scene.world.all(scene.ref(policy_version_type, policy.ref.id + "|")))
    out.push_back(scene.shown(*version));
  return out;
}

json::Array profiles_of(const Scene& scene, const Resource& role) {
  json::Array out;
  for (const auto* profile : all_of(scene, profile_type)) {
    auto shown = scene.shown(*profile);
    auto has = [&](const json::Value& one) { return json::text(one, "RoleName", "") == role.ref.id; };
    if (std::ranges::any_of(json::items(json::at(shown, "Roles")), has)) out.push_back(std::move(shown));
  }
  return out;
}

json::Object detail(const Scene& scene, const Kind& kind, const Resource& one) {
  auto out = scene.shown(one);
  if (kind.type == policy_type) {
    out["PolicyVersionList"] = versions_of(scene, one);
    return out;
  }
  out[kind.policies] = inline_policies(one);
  out["AttachedManagedPolicies"] = json::items(one.aspect("ManagedPolicyArns"));
  if (kind.type == user_type) out["GroupList"] = json::items(one.aspect("Groups"));
  if (kind.type == role_type) out["InstanceProfileList"] = profiles_of(scene, one);
  return out;
}

Result<json::Object> account_details(Scene& scene) {
  auto wanted = json::texts(scene.input("Filter"));
  auto limit = std::clamp<std::int64_t>(json::integer(scene.input("MaxItems"), items_usual), 1, items_max);
  auto skip = static_cast<std::int64_t>(TRY(page_start(scene, "Marker")));
  json::Object output{{"IsTruncated", false}};
  for (const auto& kind : kinds) output[kind.list] = json::Array();
  std::int64_t seen = 0;
  for (const auto& kind : kinds) {
    if (!wanted.empty() && std::ranges::find(wanted, kind.filter) == wanted.end()) continue;
    for (const auto* one : all_of(scene, kind.type)) {
      if (seen++ < skip) continue;
      if (seen > skip + limit) {
        output["IsTruncated"] = true;
        output["Marker"] = page_token(scene.call.operation, std::to_string(skip + limit));
        return output;
      }
      output[kind.list].as_array().push_back(detail(scene, kind, *one));
    }
  }
  return output;
}

}  // namespace

void add(Hooks& hooks) { hooks.emulate("iam:GetAccountAuthorizationDetails", account_details); }

}  // namespace aright::sandbox::iam_detail_hooks
