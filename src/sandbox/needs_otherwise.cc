#include "sandbox/needs_otherwise.h"

#include <algorithm>

#include "base/text.h"
#include "cloud/needs.h"
#include "sandbox/ec2.h"
#include "sandbox/iam.h"
#include "sandbox/kms.h"

namespace aright::sandbox {

namespace {

using Arns = std::optional<std::vector<std::string>>;

std::string arn(const Scene& scene, std::string_view type, std::string_view id) {
  return id.starts_with("arn:") ? std::string(id) : scene.catalog.arn(scene.ref(type, id));
}

// Whoever calls a key by an alias, or by what it encrypted, asks for the key.
Arns key_behind(const Scene& scene) {
  auto name = scene.text("KeyId");
  if (name.empty())
    if (auto content = unsealed(scene.text("CiphertextBlob"))) return std::vector{json::text(*content, "key", "")};
  if (name.starts_with("arn:")) name = name.substr(name.rfind(':') + 1);
  const auto* alias = name.starts_with("alias/") ? scene.find("AWS::KMS::Alias", name) : nullptr;
  if (alias == nullptr) return std::nullopt;
  return std::vector{arn(scene, "AWS::KMS::Key", json::text(alias->aspect("TargetKeyId")))};
}

Arns buses_of_entries(const Scene& scene) {
  std::vector<std::string> out;
  for (const auto& entry : json::items(scene.input("Entries")))
    out.push_back(arn(scene, "AWS::Events::EventBus", json::text(entry, "EventBusName", "default")));
  return out;
}

Arns tables_of_items(const Scene& scene) {
  std::vector<std::string> out;
  for (const auto& [name, requests] : json::members(scene.input("RequestItems")))
    out.push_back(arn(scene, "AWS::DynamoDB::Table", name));
  return out;
}

// A parameter's name may have :version or :label behind it; a path is the beginning of names.
Arns parameters(const Scene& scene) {
  std::vector<std::string> out;
  auto names = json::texts(scene.input("Names"));
  for (const auto* member : {"Name", "Path"})
    if (auto one = scene.text(member); !one.empty()) names.push_back(std::move(one));
  for (const auto& name : names) {
    if (name.starts_with("arn:")) return std::nullopt;
    out.push_back(arn(scene, "AWS::SSM::Parameter", name.substr(0, name.find(':'))));
  }
  return out;
}

// What is sent, and to whom. Amazon's documents are of no account.
Arns command(const Scene& scene) {
  auto document = scene.text("DocumentName");
  auto sent = scene.ref("AWS::SSM::Document", document);
  if (document.starts_with("AWS-") || document.starts_with("Amazon")) sent.account.clear();
  std::vector<std::string> out{document.starts_with("arn:") ? document : scene.catalog.arn(sent)};
  auto instances = json::texts(scene.input("InstanceIds"));
  if (instances.empty()) instances.emplace_back("*");
  for (const auto& id : instances)
    out.push_back(id.starts_with("mi-") ? arn(scene, "AWS::SSM::ManagedInstance", id)
                                        : cloud::ec2_arn(scene.call, "instance", id));
  return out;
}

// Where nobody is named, by name or by ARN, it is the caller.
Arns oneself(const Scene& scene, const cloud::Permission& permission) {
  auto about_users = [](const std::string& form) { return form.contains(":user/"); };
  auto names = [](const auto& member) {
    return member.key() == "UserName" || json::text(member.value()).starts_with("arn:");
  };
  bool is_user = scene.principal.arn.contains(":user/");
  if (!is_user || std::ranges::any_of(scene.call.input, names) || std::ranges::none_of(permission.arns, about_users))
    return std::nullopt;
  return std::vector{scene.principal.arn};
}

Arns group_by_name(const Scene& scene) {
  const auto* vpc = default_vpc(scene);
  if (!scene.text("GroupId").empty() || vpc == nullptr) return std::nullopt;
  const auto* group = group_named(scene, vpc->ref.id, scene.text("GroupName"));
  if (group == nullptr) return std::nullopt;
  return std::vector{cloud::ec2_arn(scene.call, "security-group", group->ref.id)};
}

// The role that a profile holds, which is called by its name or its ARN.
void add_roles(const Scene& scene, const json::Value& profile, std::vector<std::string>& out) {
  auto name = profile.is_string() ? json::text(profile) : json::text(profile, "Name", json::text(profile, "Arn", ""));
  name = name.substr(name.rfind('/') + 1);
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
  if (service == "kms") return key_behind(scene);
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
