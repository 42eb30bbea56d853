// Users, groups, roles, keys and devices: who hangs on whom.
#include <algorithm>

#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"

namespace aright::sandbox::iam_hooks {

namespace {

constexpr std::size_t secret_length = 40, seed_length = 64;

// arn:aws:iam::111122223333:user/division/ana: the path is part of the ARN that views show.
Result<> finish_path(Scene& scene, json::Object& output) {
  auto& made = scene.world.edit(scene.created.front());
  auto path = json::text(made.aspect("Path"), "/");
  auto arn = scene.arn(made);
  auto name = arn.rfind('/');
  made.record["Arn"] = arn.substr(0, name) + path + arn.substr(name + 1);
  for (auto& [member, value] : output)
    if (value.is_object()) value = scene.shown(made);
  return {};
}

// Who asks, when no user is named.
Result<json::Object> get_user(Scene& scene) {
  if (!scene.text("UserName").empty()) return scene.by_description();
  const auto& arn = scene.principal.arn;
  if (arn.find(":user/") != std::string::npos)
    return scene.also("iam", "GetUser", {{"UserName", arn.substr(arn.rfind('/') + 1)}});
  if (!arn.ends_with(":root"))
    return fail(scene.error("ValidationError",
                            "Must specify userName when calling with non-User credentials"));
  return json::Object{{"User", json::Object{{"UserId", scene.call.account},
                                            {"Arn", arn},
                                            {"UserName", "root"},
                                            {"Path", "/"},
                                            {"CreateDate", scene.now.iso()}}}};
}

// A key signs requests to the emulated cloud for as long as it is active.
void admit_key(Scene& scene, const Resource& key) {
  auto id = json::text(key.record, "AccessKeyId");
  auto user = json::text(key.record, "UserName");
  const auto* owner = scene.find(user_type, user);
  if (json::text(key.aspect("Status")) != "Active" || owner == nullptr) {
    scene.world.credentials.erase(id);
    return;
  }
  Principal principal{.account = key.ref.account,
                      .arn = json::text(owner->record, "Arn"),
                      .user_id = json::text(owner->record, "UserId")};
  scene.world.credentials[id] = {
      Secret(json::text(key.internals, "secret")), Secret(), std::move(principal), {}};
}

Result<> finish_create_key(Scene& scene, json::Object& output) {
  auto& key = scene.world.edit(scene.created.front());
  auto secret = scene.ids.hex(secret_length);
  key.internals["secret"] = secret;
  admit_key(scene, key);
  auto shown = scene.shown(key);
  shown["SecretAccessKey"] = secret;
  output["AccessKey"] = std::move(shown);
  return {};
}

Result<> finish_update_key(Scene& scene, json::Object&) {
  auto* key =
      TRY(scene.need(access_key_type, scene.text("UserName") + "|" + scene.text("AccessKeyId")));
  admit_key(scene, *key);
  return {};
}

Result<> finish_delete_key(Scene& scene, json::Object&) {
  scene.world.credentials.erase(scene.text("AccessKeyId"));
  return {};
}

Result<> check_create_profile(Scene& scene) {
  auto* user = TRY(scene.need(user_type, scene.text("UserName")));
  if (user->aspect("LoginProfile").is_null()) return {};
  return fail(scene.error("EntityAlreadyExists",
                          fmt::format("Login Profile for user {} already exists.", user->ref.id)));
}

Result<> finish_create_profile(Scene& scene, json::Object& output) {
  auto* user = TRY(scene.need(user_type, scene.text("UserName")));
  auto profile = json::members(user->aspect("LoginProfile"));
  profile["UserName"] = user->ref.id;
  profile["CreateDate"] = scene.now.iso();
  user->set("LoginProfile", profile);
  output["LoginProfile"] = std::move(profile);
  return {};
}

Result<> check_has_profile(Scene& scene) {
  auto* user = TRY(scene.need(user_type, scene.text("UserName")));
  if (!user->aspect("LoginProfile").is_null()) return {};
  return fail(scene.error("NoSuchEntity",
                          fmt::format("Login Profile for User {} cannot be found.", user->ref.id)));
}

bool holds(const json::Value& names, std::string_view name) {
  return std::ranges::any_of(json::items(names),
                             [&](const json::Value& one) { return json::text(one) == name; });
}

Result<> conflict(Scene& scene, std::string_view why) {
  return fail(scene.error("DeleteConflict", fmt::format("Cannot delete entity, {}.", why)));
}

Result<> check_no_policies(Scene& scene, const Resource& one) {
  if (!json::items(one.aspect("ManagedPolicyArns")).empty())
    return conflict(scene, "must detach all policies first");
  if (!json::members(one.aspect("Policies")).empty())
    return conflict(scene, "must delete policies first");
  return {};
}

Result<> check_delete_user(Scene& scene) {
  auto* user = TRY(scene.need(user_type, scene.text("UserName")));
  CHECK_OK(check_no_policies(scene, *user));
  if (!json::items(user->aspect("Groups")).empty())
    return conflict(scene, "must remove users from group first");
  if (!user->aspect("LoginProfile").is_null())
    return conflict(scene, "must delete login profile first");
  if (!json::items(user->aspect("MFADevices")).empty())
    return conflict(scene, "must delete MFA device first");
  return {};
}

Result<> check_delete_group(Scene& scene) {
  auto* group = TRY(scene.need(iam_group_type, scene.text("GroupName")));
  for (const auto* user : all_of(scene, user_type))
    if (holds(user->aspect("Groups"), group->ref.id))
      return conflict(scene, "must remove users from group first");
  return check_no_policies(scene, *group);
}

Result<> check_delete_role(Scene& scene) {
  auto* role = TRY(scene.need(role_type, scene.text("RoleName")));
  for (const auto* profile : all_of(scene, profile_type))
    if (holds(profile->aspect("Roles"), role->ref.id))
      return conflict(scene, "must remove roles from instance profile first");
  return check_no_policies(scene, *role);
}

Result<> check_trust(Scene& scene) {
  const auto& create = scene.input("AssumeRolePolicyDocument");
  return check_document(scene, create.is_null() ? scene.input("PolicyDocument") : create);
}

Result<> check_join(Scene& scene) {
  auto group = scene.need(iam_group_type, scene.text("GroupName"));
  return group ? Result<>() : fail(group.error());
}

Result<> check_leave(Scene& scene) {
  CHECK_OK(check_join(scene));
  auto* user = TRY(scene.need(user_type, scene.text("UserName")));
  if (holds(user->aspect("Groups"), scene.text("GroupName"))) return {};
  return fail(scene.error("NoSuchEntity", fmt::format("User {} is not in group {}.", user->ref.id,
                                                      scene.text("GroupName"))));
}

Result<> finish_get_group(Scene& scene, json::Object& output) {
  json::Array users;
  for (const auto* user : all_of(scene, user_type))
    if (holds(user->aspect("Groups"), scene.text("GroupName"))) users.push_back(scene.shown(*user));
  output["Users"] = std::move(users);
  output["IsTruncated"] = false;
  return {};
}

Result<> check_add_role(Scene& scene) {
  CHECK_OK(scene.need(role_type, scene.text("RoleName")));
  auto* profile = TRY(scene.need(profile_type, scene.text("InstanceProfileName")));
  if (json::items(profile->aspect("Roles")).empty()) return {};
  return fail(scene.error("LimitExceeded",
                          "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"));
}

Result<> check_remove_role(Scene& scene) {
  auto* profile = TRY(scene.need(profile_type, scene.text("InstanceProfileName")));
  if (holds(profile->aspect("Roles"), scene.text("RoleName"))) return {};
  return fail(scene.error("NoSuchEntity",
                          fmt::format("The role with name {} is not in the instance profile.",
                                      scene.text("RoleName"))));
}

Result<> check_delete_instance_profile(Scene& scene) {
  auto* profile = TRY(scene.need(profile_type, scene.text("InstanceProfileName")));
  if (json::items(profile->aspect("Roles")).empty()) return {};
  return conflict(scene, "must remove roles from instance profile first");
}

Result<json::Object> profiles_for_role(Scene& scene) {
  CHECK_OK(scene.need(role_type, scene.text("RoleName")));
  json::Array out;
  for (const auto* profile : all_of(scene, profile_type))
    if (holds(profile->aspect("Roles"), scene.text("RoleName")))
      out.push_back(scene.shown(*profile));
  return json::Object{{"InstanceProfiles", std::move(out)}, {"IsTruncated", false}};
}

Result<> finish_create_device(Scene& scene, json::Object& output) {
  auto& device = scene.world.edit(scene.created.front());
  auto shown = scene.shown(device);
  shown["Base32StringSeed"] = scene.ids.upper(seed_length);
  output["VirtualMFADevice"] = std::move(shown);
  return {};
}

Result<> check_enable_device(Scene& scene) {
  auto serial = scene.text("SerialNumber");
  CHECK_OK(scene.need(mfa_type, serial));
  for (const auto* user : all_of(scene, user_type))
    if (holds(user->aspect("MFADevices"), serial))
      return fail(scene.error("EntityAlreadyExists", "MFA Device is already in use."));
  auto code = [&](std::string_view name) {
    auto text = scene.text(name);
    return text.size() == 6 && text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (code("AuthenticationCode1") && code("AuthenticationCode2")) return {};
  return fail(service_error("InvalidAuthenticationCode", 403,
                            "Authentication code for device is not valid."));
}

Result<> finish_enable_device(Scene& scene, json::Object&) {
  auto* device = TRY(scene.need(mfa_type, scene.text("SerialNumber")));
  device->internals["enabled"] = scene.now.iso();
  return {};
}

Result<> check_deactivate(Scene& scene) {
  auto* user = TRY(scene.need(user_type, scene.text("UserName")));
  if (holds(user->aspect("MFADevices"), scene.text("SerialNumber"))) return {};
  return fail(scene.error("NoSuchEntity", "MFA Device invalid for user."));
}

Result<> check_has_password_policy(Scene& scene) {
  const auto* settings = scene.find("AWS::IAM::AccountSettings", scene.call.account);
  if (settings != nullptr && !settings->aspect("PasswordPolicy").is_null()) return {};
  return fail(scene.error(
      "NoSuchEntity", fmt::format("The account policy with name PasswordPolicy cannot be found.")));
}

// Names as what they name is shown.
template <const std::string_view& type>
json::Value shown_all(const Scene& scene, const json::Value& names) {
  json::Array out;
  for (const auto& name : json::items(names))
    if (const auto* one = scene.find(type, json::text(name))) out.push_back(scene.shown(*one));
  return out;
}

json::Value user_groups(const Scene& scene, const Resource& user) {
  return shown_all<iam_group_type>(scene, user.aspect("Groups"));
}
json::Value profile_roles(const Scene& scene, const Resource& profile) {
  return shown_all<role_type>(scene, profile.aspect("Roles"));
}

json::Value user_devices(const Scene& scene, const Resource& user) {
  json::Array out;
  for (const auto& serial : json::items(user.aspect("MFADevices"))) {
    const auto* device = scene.find(mfa_type, json::text(serial));
    auto since = device == nullptr ? user.created.iso()
                                   : json::text(device->internals, "enabled", user.created.iso());
    out.push_back(
        json::Object{{"UserName", user.ref.id}, {"SerialNumber", serial}, {"EnableDate", since}});
  }
  return out;
}

}  // namespace

void add(Hooks& hooks) {
  iam_policy_hooks::add(hooks);
  iam_report_hooks::add(hooks);
  iam_detail_hooks::add(hooks);
  iam_identity_hooks::add(hooks);
  iam_simulation_hooks::add(hooks);
  for (const auto* kind : {"User", "Group", "Role", "InstanceProfile"})
    hooks.finish(fmt::format("iam:Create{}", kind), finish_path);
  hooks.emulate("iam:GetUser", get_user);
  hooks.finish("iam:CreateAccessKey", finish_create_key);
  hooks.finish("iam:UpdateAccessKey", finish_update_key);
  hooks.finish("iam:DeleteAccessKey", finish_delete_key);
  hooks.check("iam:CreateLoginProfile", check_create_profile);
  hooks.finish("iam:CreateLoginProfile", finish_create_profile);
  hooks.check("iam:UpdateLoginProfile", check_has_profile);
  hooks.check("iam:DeleteLoginProfile", check_has_profile);
  hooks.check("iam:DeleteUser", check_delete_user);
  hooks.check("iam:DeleteGroup", check_delete_group);
  hooks.check("iam:DeleteRole", check_delete_role);
  hooks.check("iam:CreateRole", check_trust);
  hooks.check("iam:UpdateAssumeRolePolicy", check_trust);
  hooks.check("iam:AddUserToGroup", check_join);
  hooks.check("iam:RemoveUserFromGroup", check_leave);
  hooks.finish("iam:GetGroup", finish_get_group);
  hooks.check("iam:AddRoleToInstanceProfile", check_add_role);
  hooks.check("iam:RemoveRoleFromInstanceProfile", check_remove_role);
  hooks.check("iam:DeleteInstanceProfile", check_delete_instance_profile);
  hooks.emulate("iam:ListInstanceProfilesForRole", profiles_for_role);
  hooks.finish("iam:CreateVirtualMFADevice", finish_create_device);
  hooks.check("iam:EnableMFADevice", check_enable_device);
  hooks.finish("iam:EnableMFADevice", finish_enable_device);
  hooks.check("iam:DeactivateMFADevice", check_deactivate);
  hooks.check("iam:DeleteAccountPasswordPolicy", check_has_password_policy);
  hooks.derive("AWS::IAM::User/Groups", user_groups);
  hooks.derive("AWS::IAM::User/MFADevices", user_devices);
  hooks.derive("AWS::IAM::InstanceProfile/Roles", profile_roles);
}

}  // namespace aright::sandbox::iam_hooks

namespace aright::sandbox {

std::vector<const Resource*> all_of(const Scene& scene, std::string_view type) {
  auto all = scene.world.all(scene.ref(type, ""));
  std::erase_if(all, [&](const Resource* one) { return one->ref.account != scene.call.account; });
  return all;
}

}  // namespace aright::sandbox
