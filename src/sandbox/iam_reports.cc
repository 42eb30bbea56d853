// What IAM counts and reports about a whole account.
#include <algorithm>

#include "base/digest.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"

namespace aright::sandbox::iam_report_hooks {

namespace {

constexpr std::string_view settings_type = "AWS::IAM::AccountSettings";

Result<json::Object> account_summary(Scene& scene) {
  auto count = [&](std::string_view type) { return all_of(scene, type).size(); };
  std::size_t local_policies = 0, mfa_in_use = 0;
  for (const auto* policy : all_of(scene, policy_type))
    if (!policy->ref.id.starts_with("arn:aws:iam::aws:")) ++local_policies;
  for (const auto* user : all_of(scene, user_type))
    mfa_in_use += json::items(user->aspect("MFADevices")).size();
  const auto* settings = scene.find(settings_type, scene.call.account);
  // Virtual devices of the root user have this name, and no other's has it.
  bool root_mfa = std::ranges::any_of(all_of(scene, mfa_type), [](const Resource* device) {
    return device->ref.id.ends_with(":mfa/root-account-mfa-device");
  });
  // What the root user has made for itself, which no call of others can: keys, a device that is not virtual.
  const auto root = settings != nullptr ? json::at(settings->internals, "root") : json::Value();
  root_mfa = root_mfa || json::truth(json::at(root, "hardware_mfa"));
  json::Object map{{"Users", count(user_type)},
                   {"Groups", count(iam_group_type)},
                   {"Roles", count(role_type)},
                   {"InstanceProfiles", count(profile_type)},
                   {"Policies", local_policies},
                   {"MFADevices", count(mfa_type)},
                   {"MFADevicesInUse", mfa_in_use},
                   {"AccountMFAEnabled", root_mfa ? 1 : 0},
                   {"AccountAccessKeysPresent", json::integer(json::at(root, "access_keys"))},
                   {"AccountPasswordPresent",
                    settings != nullptr && !settings->aspect("PasswordPolicy").is_null() ? 1 : 0},
                   {"UsersQuota", 5000},
                   {"GroupsQuota", 300},
                   {"RolesQuota", 1000},
                   {"PoliciesQuota", 1500},
                   {"AccessKeysPerUserQuota", 2},
                   {"AttachedPoliciesPerUserQuota", 10},
                   {"VersionsPerPolicyQuota", 5}};
  return json::Object{{"SummaryMap", std::move(map)}};
}

std::string csv_row(const Scene& scene, const Resource& user) {
  bool password = !user.aspect("LoginProfile").is_null();
  bool mfa = !json::items(user.aspect("MFADevices")).empty();
  std::string keys;
  int shown = 0;
  for (const auto* key : scene.world.children(user)) {
    if (key->ref.type != access_key_type || shown == 2) continue;
    keys += fmt::format(",{},{},N/A,N/A,N/A", json::text(key->aspect("Status")) == "Active",
                        key->created.iso_seconds());
    ++shown;
  }
  for (; shown < 2; ++shown)
    keys += ",false,N/A,N/A,N/A,N/A";
  return fmt::format("{},{},{},{},{},{},N/A,{}{},false,N/A,false,N/A\n", user.ref.id,
                     scene.arn(user), user.created.iso_seconds(), password,
                     password ? "no_information" : "N/A",
                     password ? user.created.iso_seconds() : "N/A", mfa, keys);
}

Result<json::Object> generate_report(Scene& scene) {
  std::string csv =
      "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
      "password_next_rotation,"
      "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_"
      "key_1_last_used_region,"
      "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_"
      "last_used_date,"
      "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_"
      "rotated,cert_2_active,"
      "cert_2_last_rotated\n";
  csv += fmt::format(
      "<root_account>,arn:aws:iam::{0}:root,{1},not_supported,no_information,not_supported,not_supported,false"
      ",false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n",
      scene.call.account, scene.now.iso_seconds());
  for (const auto* user : all_of(scene, user_type))
    csv += csv_row(scene, *user);
  auto* settings = TRY(scene.need(settings_type, scene.call.account));
  bool fresh = json::at(settings->internals, "report").is_null();
  settings->internals["report"] = to_base64(csv);
  settings->internals["report_time"] = scene.now.iso();
  return json::Object{{"State", fresh ? "STARTED" : "COMPLETE"},
                      {"Description", "No report exists. Starting a new report generation task"}};
}

Result<json::Object> get_report(Scene& scene) {
  const auto* settings = scene.find(settings_type, scene.call.account);
  if (settings == nullptr || json::at(settings->internals, "report").is_null())
    return fail(scene.error("ReportNotPresent"));
  return json::Object{{"Content", json::at(settings->internals, "report")},
                      {"ReportFormat", "text/csv"},
                      {"GeneratedTime", json::at(settings->internals, "report_time")}};
}

Result<json::Object> last_used(Scene& scene) {
  auto id = scene.text("AccessKeyId");
  for (const auto* key : all_of(scene, access_key_type))
    if (key->ref.id.ends_with("|" + id))
      return json::Object{
          {"UserName", json::at(key->record, "UserName")},
          {"AccessKeyLastUsed", json::Object{{"ServiceName", "N/A"}, {"Region", "N/A"}}}};
  return fail(
      scene.error("NoSuchEntity", fmt::format("The Access Key with id {} cannot be found.", id)));
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("iam:GetAccountSummary", account_summary);
  hooks.emulate("iam:GenerateCredentialReport", generate_report);
  hooks.emulate("iam:GetCredentialReport", get_report);
  hooks.emulate("iam:GetAccessKeyLastUsed", last_used);
}

}  // namespace aright::sandbox::iam_report_hooks
