#include "sandbox/needs_otherwise.h"

#include <algorithm>

#include "aws/client.h"
#include "base/digest.h"
#include "base/text.h"
#include "cloud/needs.h"
#include "sandbox/ec2.h"
#include "sandbox/iam.h"

namespace aright::sandbox {

namespace {

using Arns = std::optional<std::vector<std::string>>;

std::string arn(const Scene& scene, std::string_view service, std::string_view rest) {
  return fmt::format("arn:{}:{}:{}:{}:{}", aws::partition_of(scene.call.region), service, scene.call.region,
                     scene.call.account, rest);
}

// Whoever calls a key by an alias, or by what it encrypted, asks for the key.
Arns key_behind_alias(const Scene& scene) {
  auto name = scene.text("KeyId");
  auto sealed = name.empty() ? from_base64(scene.text("CiphertextBlob")) : Result<std::string>("");
  if (auto content = json::parse(sealed.value_or("")); content)  // by the emulation's own Encrypt
    if (auto key = json::text(*content, "key", ""); !key.empty()) return std::vector{key};
  if (name.starts_with("arn:")) name = name.substr(name.rfind(':') + 1);
  if (!name.starts_with("alias/")) return std::nullopt;
  const auto* alias = scene.find("AWS::KMS::Alias", name);
  if (alias == nullptr) return std::nullopt;
  return std::vector{scene.catalog.arn(scene.ref("AWS::KMS::Key", json::text(alias->aspect("TargetKeyId"))))};
}

Arns buses_of_entries(const Scene& scene) {
  std::vector<std::string> out;
  for (const auto& entry : json::items(scene.input("Entries"))) {
    auto bus = json::text(entry, "EventBusName", "default");
    out.push_back(bus.starts_with("arn:") ? bus : arn(scene, "events", "event-bus/" + bus));
  }
  return out;
}

Arns tables_of_items(const Scene& scene) {
  std::vector<std::string> out;
  for (const auto& [name, requests] : json::members(scene.input("RequestItems")))
    out.push_back(name.starts_with("arn:") ? std::string(name) : arn(scene, "dynamodb", fmt::format("table/{}", name)));
  return out;
}

// A parameter's name may have :version or :label behind it.
Arns parameters(const Scene& scene) {
  std::vector<std::string> out;
  auto names = json::texts(scene.input("Names"));
  for (const auto* member : {"Name", "Path"})
    if (auto one = scene.text(member); !one.empty()) names.push_back(std::move(one));
  for (auto& name : names) {
    if (name.starts_with("arn:")) return std::nullopt;
    name = name.substr(0, name.find(':'));
    out.push_back(arn(scene, "ssm", fmt::format("parameter{}{}", name.starts_with('/') ? "" : "/", name)));
  }
  return out;
}

// What is sent, and to whom.
Arns command(const Scene& scene) {
  auto document = scene.text("DocumentName");
  bool amazons = document.starts_with("AWS-") || document.starts_with("Amazon");
  std::vector<std::string> out;
  if (document.starts_with("arn:")) out.push_back(document);
  else if (amazons)
    out.push_back(fmt::format("arn:{}:ssm:{}::document/{}", aws::partition_of(scene.call.region), scene.call.region,
                              document));
  else out.push_back(arn(scene, "ssm", "document/" + document));
  auto instances = json::texts(scene.input("InstanceIds"));
  if (instances.empty()) instances.emplace_back("*");
  for (const auto& id : instances)
    out.push_back(id.starts_with("mi-") ? arn(scene, "ssm", "managed-instance/" + id)
                                        : cloud::ec2_arn(scene.call, "instance", id));
  return out;
}

// Nobody named is the caller.
Arns oneself(const Scene& scene, const cloud::Permission& permission) {
  auto about_users = [](const std::string& form) { return form.contains(":user/"); };
  bool says_nobody = scene.principal.arn.contains(":user/") && scene.text("UserName").empty();
  if (!says_nobody || std::ranges::none_of(permission.arns, about_users)) return std::nullopt;
  return std::vector{scene.principal.arn};
}

Arns group_by_name(const Scene& scene) {
  auto name = scene.text("GroupName");
  const auto* vpc = default_vpc(scene);
  if (name.empty() || !scene.text("GroupId").empty() || vpc == nullptr) return std::nullopt;
  for (const auto* group : own(scene, group_type))
    if (json::text(group->aspect("VpcId")) == vpc->ref.id && json::text(group->aspect("GroupName")) == name)
      return std::vector{cloud::ec2_arn(scene.call, "security-group", group->ref.id)};
  return std::nullopt;
}

// The role that a profile holds.
void add_roles(const Scene& scene, const json::Value& profile, std::vector<std::string>& out) {
  auto name = profile.is_string() ? json::text(profile) : json::text(profile, "Name", "");
  if (name.starts_with("arn:")) name = name.substr(name.rfind('/') + 1);
  if (auto whole = json::text(profile, "Arn", ""); name.empty()) name = whole.substr(whole.rfind('/') + 1);
  const auto* there = name.empty() ? nullptr : scene.find(profile_type, name);
  if (there == nullptr) return;
  for (const auto& role : json::texts(there->aspect("Roles")))
    if (const auto* found = scene.find(role_type, role))
      out.push_back(json::text(found->record, "Arn", scene.arn(*found)));
}

}  // namespace

Arns arns_otherwise(const Scene& scene, const cloud::Permission& permission) {
  const auto& service = scene.call.service;
  const auto& operation = scene.call.operation;
  if (service == "kms") return key_behind_alias(scene);
  if (service == "events" && operation == "PutEvents") return buses_of_entries(scene);
  if (service == "dynamodb" && operation.starts_with("Batch")) return tables_of_items(scene);
  if (service == "ssm" && operation.starts_with("GetParameter")) return parameters(scene);
  if (permission.action == "ssm:SendCommand") return command(scene);
  if (service == "iam") return oneself(scene, permission);
  if (service == "ec2" && operation.contains("SecurityGroup")) return group_by_name(scene);
  return std::nullopt;
}

std::vector<std::string> roles_handed_on(const Scene& scene) {
  std::vector<std::string> out;
  bool launches = scene.call.service == "ec2" || scene.call.service == "autoscaling";
  if (launches) add_roles(scene, scene.input("IamInstanceProfile"), out);
  bool into_profile = scene.call.service == "iam" && scene.call.operation == "AddRoleToInstanceProfile";
  if (const auto* role = into_profile ? scene.find(role_type, scene.text("RoleName")) : nullptr)
    out.push_back(json::text(role->record, "Arn", scene.arn(*role)));
  return out;
}

}  // namespace aright::sandbox
