// Policies: inline and managed, their versions, and those that AWS manages.
#include <algorithm>

#include "base/text.h"
#include "iam/policy.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"
#include "sandbox/managed_policies.h"

namespace aright::sandbox::iam_policy_hooks {

namespace {

constexpr std::size_t versions_max = 5, attached_max = 10;
constexpr std::string_view aws_prefix = "arn:aws:iam::aws:policy/";

json::Value parsed_or_null(const json::Value& text) {
  auto document = json::parse(json::text(text));
  return document ? *document : json::Value();
}

Result<Resource*> create_version(Scene& scene, std::string_view arn, int number,
                                 std::string document) {
  auto* version = TRY(scene.create(policy_version_type, fmt::format("{}|v{}", arn, number)));
  version->set("Document", json::Value(std::move(document)));
  return version;
}

const ManagedPolicy* known_managed(std::string_view arn) {
  if (!arn.starts_with(aws_prefix)) return nullptr;
  auto known = managed_policies().find(arn.substr(aws_prefix.size()));
  return known == managed_policies().end() ? nullptr : &known->second;
}

// Comes into being when it is first named.
Result<> know_managed(Scene& scene, const std::string& arn) {
  if (!arn.starts_with(aws_prefix) || scene.find(policy_type, arn) != nullptr) return {};
  const auto* known = known_managed(arn);
  if (known == nullptr) return {};
  auto* policy = TRY(scene.create(policy_type, arn));
  policy->set("ManagedPolicyName", json::Value(known->name));
  policy->set("Path", json::Value(known->path));
  policy->set("Description", nullptr);
  policy->set("Tags", nullptr);
  CHECK_OK(create_version(scene, arn, 1, known->document));
  return {};
}

bool by_aws(std::string_view arn) {
  return arn.starts_with(aws_prefix);
}

Result<> check_named_policy(Scene& scene) {
  return know_managed(scene, scene.text("PolicyArn"));
}

// The user, group or role that the operation is about.
Result<Resource*> holder(Scene& scene) {
  if (auto name = scene.text("UserName"); !name.empty()) return scene.need(user_type, name);
  if (auto name = scene.text("RoleName"); !name.empty()) return scene.need(role_type, name);
  return scene.need(iam_group_type, scene.text("GroupName"));
}

bool attached(const Resource& one, std::string_view arn) {
  return std::ranges::any_of(
      json::items(one.aspect("ManagedPolicyArns")),
      [&](const json::Value& policy) { return json::text(policy, "PolicyArn", "") == arn; });
}

Result<> check_attach(Scene& scene) {
  CHECK_OK(check_named_policy(scene));
  auto* one = TRY(holder(scene));
  auto arn = scene.text("PolicyArn");
  auto known = scene.need(policy_type, arn);
  if (!known)
    return fail(scene.error("NoSuchEntity",
                            fmt::format("Policy {} does not exist or is not attachable.", arn)));
  if (!attached(*one, arn) && json::items(one->aspect("ManagedPolicyArns")).size() >= attached_max)
    return fail(
        scene.error("LimitExceeded",
                    fmt::format("Cannot exceed quota for PoliciesPerPrincipal: {}", attached_max)));
  return {};
}

Result<> check_detach(Scene& scene) {
  auto* one = TRY(holder(scene));
  auto arn = scene.text("PolicyArn");
  if (attached(*one, arn)) return {};
  return fail(scene.error("NoSuchEntity", fmt::format("Policy {} was not found.", arn)));
}

Result<> check_put_inline(Scene& scene) {
  return check_document(scene, scene.input("PolicyDocument"));
}

Result<> check_delete_inline(Scene& scene) {
  auto* one = TRY(holder(scene));
  auto name = scene.text("PolicyName");
  if (json::members(one->aspect("Policies")).contains(name)) return {};
  return fail(
      scene.error("NoSuchEntity", fmt::format("The policy with name {} cannot be found.", name)));
}

// The first version holds the document.
Result<> finish_create_policy(Scene& scene, json::Object& output) {
  auto ref = scene.created.front();
  CHECK_OK(create_version(scene, ref.id, 1, scene.text("PolicyDocument")));
  auto& policy = scene.world.edit(ref);
  policy.internals["last_version"] = 1;
  output["Policy"] = scene.shown(policy);
  return {};
}

std::vector<const Resource*> versions_of(const Scene& scene, std::string_view arn) {
  return scene.world.all(scene.ref(policy_version_type, std::string(arn) + "|"));
}

Result<> check_own_policy(std::string_view arn) {
  if (!by_aws(arn)) return {};
  return fail(service_error("AccessDenied", 403, fmt::format("{} is managed by AWS", arn)));
}

Result<json::Object> create_policy_version(Scene& scene) {
  auto arn = scene.text("PolicyArn");
  CHECK_OK(check_own_policy(arn));
  CHECK_OK(check_document(scene, scene.input("PolicyDocument")));
  auto* policy = TRY(scene.need(policy_type, arn));
  if (versions_of(scene, arn).size() >= versions_max)
    return fail(
        scene.error("LimitExceeded",
                    fmt::format("A managed policy can have up to {} versions.", versions_max)));
  auto number = static_cast<int>(json::integer(json::at(policy->internals, "last_version"), 1)) + 1;
  policy->internals["last_version"] = number;
  if (json::truth(scene.input("SetAsDefault")))
    policy->set("DefaultVersionId", json::Value(fmt::format("v{}", number)));
  auto* version = TRY(create_version(scene, arn, number, scene.text("PolicyDocument")));
  auto shown = scene.shown(*version);
  shown.erase("Document");
  return json::Object{{"PolicyVersion", std::move(shown)}};
}

Result<> check_version(Scene& scene) {
  CHECK_OK(check_own_policy(scene.text("PolicyArn")));
  auto version =
      scene.need(policy_version_type, scene.text("PolicyArn") + "|" + scene.text("VersionId"));
  return version ? Result<>() : fail(version.error());
}

Result<> check_delete_version(Scene& scene) {
  CHECK_OK(check_version(scene));
  auto* policy = TRY(scene.need(policy_type, scene.text("PolicyArn")));
  if (json::text(policy->aspect("DefaultVersionId")) != scene.text("VersionId")) return {};
  return fail(scene.error("DeleteConflict", "Cannot delete the default version of a policy."));
}

Result<> check_delete_policy(Scene& scene) {
  auto arn = scene.text("PolicyArn");
  CHECK_OK(check_own_policy(arn));
  CHECK_OK(scene.need(policy_type, arn));
  if (!attached_to(scene, arn).empty())
    return fail(scene.error("DeleteConflict", "Cannot delete a policy attached to entities."));
  if (versions_of(scene, arn).size() > 1)
    return fail(scene.error("DeleteConflict",
                            "This policy has more than one version. Before you delete a policy, "
                            "you must delete the policy's versions."));
  return {};
}

// Local ones, those of AWS, or all; or those that are attached.
Result<json::Object> list_policies(Scene& scene) {
  auto scope = scene.text("Scope", "All"), prefix = scene.text("PathPrefix", "/");
  if (scope != "Local")
    for (const auto& [key, policy] : managed_policies()) CHECK_OK(know_managed(scene, std::string(aws_prefix) + key));
  bool only_attached = json::truth(scene.input("OnlyAttached"));
  json::Array out;
  for (const auto* policy : all_of(scene, policy_type)) {
    bool aws = by_aws(policy->ref.id);
    if ((scope == "Local" && aws) || (scope == "AWS" && !aws)) continue;
    if (!json::text(policy->aspect("Path")).starts_with(prefix)) continue;
    if (only_attached && attached_to(scene, policy->ref.id).empty()) continue;
    auto shown = scene.shown(*policy);
    shown.erase("Tags");
    shown.erase("Description");
    out.push_back(std::move(shown));
  }
  return json::Object{{"Policies", std::move(out)}, {"IsTruncated", false}};
}

Result<json::Object> list_entities(Scene& scene) {
  auto arn = scene.text("PolicyArn");
  CHECK_OK(know_managed(scene, arn));
  CHECK_OK(scene.need(policy_type, arn));
  json::Object output{{"PolicyGroups", json::Array()},
                      {"PolicyUsers", json::Array()},
                      {"PolicyRoles", json::Array()},
                      {"IsTruncated", false}};
  for (const auto* one : attached_to(scene, arn)) {
    auto kind = one->ref.type.substr(one->ref.type.rfind(':') + 1);  // User, Group or Role
    output["Policy" + kind + "s"].as_array().push_back(json::Object{
        {kind + "Name", one->ref.id}, {kind + "Id", json::at(one->record, kind + "Id")}});
  }
  return output;
}

json::Value attachment_count(const Scene& scene, const Resource& policy) {
  return attached_to(scene, policy.ref.id).size();
}

json::Value is_default(const Scene& scene, const Resource& version) {
  auto bar = version.ref.id.find('|');
  const auto* policy = scene.find(policy_type, version.ref.id.substr(0, bar));
  return policy != nullptr &&
         json::text(policy->aspect("DefaultVersionId")) == version.ref.id.substr(bar + 1);
}

}  // namespace

void add(Hooks& hooks) {
  for (const std::string kind : {"User", "Group", "Role"}) {
    hooks.check("iam:Attach" + kind + "Policy", check_attach);
    hooks.check("iam:Detach" + kind + "Policy", check_detach);
    hooks.check("iam:Put" + kind + "Policy", check_put_inline);
    hooks.check("iam:Delete" + kind + "Policy", check_delete_inline);
  }
  for (const auto* operation : {"GetPolicy", "GetPolicyVersion", "ListPolicyVersions"})
    hooks.check(fmt::format("iam:{}", operation), check_named_policy);
  hooks.check("iam:CreatePolicy", check_put_inline);
  hooks.finish("iam:CreatePolicy", finish_create_policy);
  hooks.emulate("iam:CreatePolicyVersion", create_policy_version);
  hooks.check("iam:SetDefaultPolicyVersion", check_version);
  hooks.check("iam:DeletePolicyVersion", check_delete_version);
  hooks.check("iam:DeletePolicy", check_delete_policy);
  hooks.emulate("iam:ListPolicies", list_policies);
  hooks.emulate("iam:ListEntitiesForPolicy", list_entities);
  hooks.derive("AWS::IAM::ManagedPolicy/AttachmentCount", attachment_count);
  hooks.derive("AWS::IAM::PolicyVersion/IsDefaultVersion", is_default);
}

}  // namespace aright::sandbox::iam_policy_hooks

namespace aright::sandbox {

std::optional<std::string> managed_document(const Scene& scene, std::string_view account, const std::string& arn) {
  auto find = [&](std::string_view type, std::string_view id) {
    auto ref = scene.ref(type, id);
    ref.account = std::string(account);
    return scene.world.find(ref);
  };
  if (const auto* policy = find(policy_type, arn)) {
    auto version = json::text(policy->aspect("DefaultVersionId"));
    const auto* document = find(policy_version_type, fmt::format("{}|{}", arn, version));
    return document == nullptr ? std::nullopt : std::optional(json::text(document->aspect("Document")));
  }
  const auto* known = iam_policy_hooks::known_managed(arn);
  return known == nullptr ? std::nullopt : std::optional(known->document);
}

std::vector<const Resource*> attached_to(const Scene& scene, std::string_view policy_arn) {
  std::vector<const Resource*> out;
  for (auto type : {user_type, iam_group_type, role_type})
    for (const auto* one : all_of(scene, type))
      if (iam_policy_hooks::attached(*one, policy_arn)) out.push_back(one);
  return out;
}

Result<> check_document(Scene& scene, const json::Value& document) {
  if (document.is_null()) return {};
  auto parsed = iam_policy_hooks::parsed_or_null(document);
  if (!parsed.is_object()) return fail(scene.error("MalformedPolicyDocument", "Syntax errors in policy."));
  if (auto read = iam::parse_policy(parsed); !read)
    return fail(scene.error("MalformedPolicyDocument", read.error().message));
  return {};
}

}  // namespace aright::sandbox
