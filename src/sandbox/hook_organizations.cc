// The tree of an organization: what hangs on what, and which policies hang on it.
#include <algorithm>
#include <chrono>

#include "aws/client.h"
#include "sandbox/emulate.h"

namespace aright::sandbox::organizations_hooks {

namespace {

constexpr std::string_view organization_type = "AWS::Organizations::Organization";
constexpr std::string_view root_type = "AWS::Organizations::Root";
constexpr std::string_view unit_type = "AWS::Organizations::OrganizationalUnit";
constexpr std::string_view account_type = "AWS::Organizations::Account";
constexpr std::string_view status_type = "AWS::Organizations::CreateAccountStatus";
constexpr std::string_view policy_type = "AWS::Organizations::Policy";
constexpr std::string_view handshake_type = "AWS::Organizations::Handshake";
constexpr const char* full_access_id = "p-FullAWSAccess";

std::vector<const Resource*> owned(const Scene& scene, std::string_view type) {
  auto all = scene.world.all(scene.ref(type, ""));
  std::erase_if(all, [&](const Resource* one) { return one->ref.account != scene.call.account; });
  return all;
}

std::string name_of(const Resource& one) {
  return json::text(one.aspect(one.ref.type == account_type ? "AccountName" : "Name"));
}

// A root, unit or account; null when there is none.
const Resource* target(const Scene& scene, std::string_view id) {
  for (auto type : {root_type, unit_type, account_type})
    if (const auto* one = scene.find(type, id)) return one;
  return nullptr;
}

Result<> need_organization(Scene& scene) {
  auto there = scene.need(organization_type, scene.call.account);
  return there ? Result<>() : fail(there.error());
}

Result<> need_parent(Scene& scene, std::string_view id, const char* error) {
  const auto* parent = target(scene, id);
  if (parent != nullptr && parent->ref.type != account_type) return {};
  return fail(scene.error(error));
}

Result<> attach(Scene& scene, std::string_view policy_id, const std::string& target_id) {
  auto* policy = TRY(scene.need(policy_type, policy_id));
  auto targets = json::items(policy->aspect("TargetIds"));
  targets.push_back(json::Value(target_id));
  policy->set("TargetIds", std::move(targets));
  return {};
}

// Everything new may do everything, until somebody says otherwise.
Result<> admit(Scene& scene, const std::string& id) {
  return scene.find(policy_type, full_access_id) == nullptr ? Result<>()
                                                            : attach(scene, full_access_id, id);
}

Result<Resource*> add_account(Scene& scene, const std::string& id, const std::string& name,
                              const std::string& email) {
  auto roots = owned(scene, root_type);
  auto ref = scene.ref(account_type, id);
  auto& made = scene.world.add(Resource{.ref = ref, .created = scene.now});
  made.record = {{"Id", id},
                 {"Arn", scene.arn(made)},
                 {"JoinedMethod", "CREATED"},
                 {"JoinedTimestamp", scene.now.iso()}};
  made.set("AccountName", json::Value(name));
  made.set("Email", json::Value(email));
  made.set("Status", json::Value("ACTIVE"));
  if (!roots.empty()) made.set("ParentId", json::Value(roots.front()->ref.id));
  CHECK_OK(admit(scene, id));
  return &scene.world.edit(ref);
}

Result<> add_full_access(Scene& scene) {
  auto& policy = scene.world.add(
      Resource{.ref = scene.ref(policy_type, full_access_id), .created = scene.now});
  policy.record = {
      {"Id", full_access_id},
      {"Arn",
       json::text(scene.fill(
           "arn:{partition}:organizations::aws:policy/service_control_policy/p-FullAWSAccess"))},
      {"AwsManaged", true}};
  policy.set("Name", json::Value("FullAWSAccess"));
  policy.set("Description", json::Value("Allows access to every operation"));
  policy.set("Type", json::Value("SERVICE_CONTROL_POLICY"));
  policy.set(
      "Content",
      json::Value(
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"));
  return {};
}

Result<> finish_create(Scene& scene, json::Object& output) {
  auto& organization = scene.world.edit(scene.ref(organization_type, scene.call.account));
  auto id = json::text(organization.record, "Id", "");
  auto arn = json::text(scene.fill("arn:{partition}:organizations::{account}:"));
  organization.record["Arn"] = fmt::format("{}organization/{}", arn, id);
  organization.record["MasterAccountArn"] =
      fmt::format("{}account/{}/{}", arn, id, scene.call.account);
  output["Organization"] = scene.shown(organization);
  auto root_id = "r-" + scene.ids.hex(4);
  auto& root =
      scene.world.add(Resource{.ref = scene.ref(root_type, root_id), .created = scene.now});
  root.record = {{"Id", root_id}, {"Arn", scene.arn(root)}, {"Name", "Root"}};
  root.set("PolicyTypes",
           json::Array{json::Object{{"Type", "SERVICE_CONTROL_POLICY"}, {"Status", "ENABLED"}}});
  CHECK_OK(add_full_access(scene));
  CHECK_OK(admit(scene, root_id));
  auto email = json::text(scene.world.edit(organization.ref).record, "MasterAccountEmail", "");
  CHECK_OK(add_account(scene, scene.call.account, "management", email));
  return {};
}

// Another call, by the root of an account and as part of this one.
Result<json::Object> as_root_of(Scene& scene, const std::string& account, std::string_view service,
                                std::string_view operation, json::Object input) {
  const aws::Call other{.service = std::string(service), .operation = std::string(operation), .region = scene.call.region,
                        .account = account, .input = std::move(input)};
  const Principal root{.account = account, .arn = "", .user_id = account};
  Scene within(scene.world, scene.ids, scene.catalog, other, root, scene.now, scene.endpoint, scene.history);
  return emulate(within);
}

// The role through which the management account administers a new one.
Result<> add_access_role(Scene& scene, const std::string& account) {
  auto name = scene.text("RoleName", "OrganizationAccountAccessRole");
  auto partition = aws::partition_of(scene.call.region);
  json::Object trust{{"Effect", "Allow"},
                     {"Principal", json::Object{{"AWS", fmt::format("arn:{}:iam::{}:root", partition, scene.call.account)}}},
                     {"Action", "sts:AssumeRole"}};
  json::Object document{{"Version", "2012-10-17"}, {"Statement", json::Array{std::move(trust)}}};
  CHECK_OK(as_root_of(scene, account, "iam", "CreateRole",
                      {{"RoleName", name}, {"AssumeRolePolicyDocument", json::print(document)}}));
  CHECK_OK(as_root_of(scene, account, "iam", "AttachRolePolicy",
                      {{"RoleName", name},
                       {"PolicyArn", fmt::format("arn:{}:iam::aws:policy/AdministratorAccess", partition)}}));
  return {};
}

Result<json::Object> create_account(Scene& scene) {
  CHECK_OK(need_organization(scene));
  auto* status = TRY(scene.create(status_type, "car-" + scene.ids.hex(32)));
  auto id = json::text(status->record, "AccountId", "");
  json::Object shown = scene.shown(*status);
  auto* account = TRY(add_account(scene, id, scene.text("AccountName"), scene.text("Email")));
  if (const auto& tags = scene.input("Tags"); !tags.is_null()) account->set("Tags", tags);
  CHECK_OK(add_access_role(scene, id));
  return json::Object{{"CreateAccountStatus", std::move(shown)}};
}

// The organization that the account is in, as its management account has it; null: in none.
const Resource* organization_with(const Scene& scene, std::string_view account) {
  if (account == scene.call.account)
    if (const auto* own = scene.find(organization_type, account)) return own;
  for (const auto* organization : scene.world.everywhere(organization_type)) {
    auto member = organization->ref;
    member.type = account_type;
    member.id = account;
    if (scene.world.find(member) != nullptr) return organization;
  }
  return nullptr;
}

// Members may look at it, too.
Result<json::Object> describe_organization(Scene& scene) {
  const auto* organization = organization_with(scene, scene.call.account);
  if (organization == nullptr) return fail(scene.error("AWSOrganizationsNotInUseException"));
  return json::Object{{"Organization", scene.shown(*organization)}};
}

constexpr auto handshake_lasts = std::chrono::days(15);

std::string target_of(const Resource& handshake) {
  for (const auto& party : json::items(json::at(handshake.record, "Parties")))
    if (json::text(party, "Type", "") == "ACCOUNT") return json::text(party, "Id", "");
  return "";
}

// An invitation is the organization's; who was invited finds it there.
Result<json::Object> invite(Scene& scene) {
  CHECK_OK(need_organization(scene));
  auto account = scene.text("Target.Id");
  if (scene.text("Target.Type") != "ACCOUNT")
    return fail(scene.error("InvalidInputException", "The emulated cloud invites accounts by their ids alone."));
  if (organization_with(scene, account) != nullptr)
    return fail(scene.error("HandshakeConstraintViolationException", "The account is in an organization already."));
  for (const auto* one : owned(scene, handshake_type))
    if (target_of(*one) == account && json::text(one->aspect("State")) == "OPEN")
      return fail(scene.error("DuplicateHandshakeException"));
  auto* made = TRY(scene.create(handshake_type, "h-" + scene.ids.hex(32)));
  auto organization = json::text(scene.world.edit(scene.ref(organization_type, scene.call.account)).record, "Id", "");
  made->record["ExpirationTimestamp"] = (scene.now + handshake_lasts).iso();
  made->record["Parties"] = json::Array{json::Object{{"Id", organization.substr(2)}, {"Type", "ORGANIZATION"}},
                                        json::Object{{"Id", account}, {"Type", "ACCOUNT"}}};
  return json::Object{{"Handshake", scene.shown(*made)}};
}

// The invitation that the caller is meant by.
Result<Resource*> invitation_for_caller(Scene& scene) {
  for (const auto* one : scene.world.everywhere(handshake_type)) {
    if (one->ref.id != scene.text("HandshakeId") || target_of(*one) != scene.call.account) continue;
    if (json::text(one->aspect("State")) != "OPEN") return fail(scene.error("InvalidHandshakeTransitionException"));
    return &scene.world.edit(cloud::ResourceRef(one->ref));
  }
  return fail(scene.error("HandshakeNotFoundException"));
}

Result<json::Object> accept(Scene& scene) {
  if (organization_with(scene, scene.call.account) != nullptr)
    return fail(scene.error("HandshakeConstraintViolationException", "The account is in an organization already."));
  auto* handshake = TRY(invitation_for_caller(scene));
  handshake->set("State", json::Value("ACCEPTED"));
  const auto at = handshake->ref;
  auto management = scene.call;
  management.account = at.account;
  Scene there(scene.world, scene.ids, scene.catalog, management, scene.principal, scene.now, scene.endpoint, scene.history);
  auto* account = TRY(add_account(there, scene.call.account, "account " + scene.call.account,
                                  fmt::format("root@{}.example", scene.call.account)));
  account->record["JoinedMethod"] = "INVITED";
  return json::Object{{"Handshake", scene.shown(scene.world.edit(at))}};
}

Result<json::Object> decline(Scene& scene) {
  auto* handshake = TRY(invitation_for_caller(scene));
  handshake->set("State", json::Value("DECLINED"));
  return json::Object{{"Handshake", scene.shown(*handshake)}};
}

Result<json::Object> handshakes_for_account(Scene& scene) {
  json::Array found;
  for (const auto* one : scene.world.everywhere(handshake_type))
    if (target_of(*one) == scene.call.account) found.push_back(scene.shown(*one));
  return json::Object{{"Handshakes", std::move(found)}};
}

Result<> check_delete(Scene& scene) {
  CHECK_OK(need_organization(scene));
  if (owned(scene, account_type).size() > 1 || !owned(scene, unit_type).empty())
    return fail(scene.error("OrganizationNotEmptyException"));
  for (auto type : {root_type, account_type, policy_type, status_type, handshake_type})
    for (const auto* one : owned(scene, type))
      scene.erase(cloud::ResourceRef(one->ref));
  return {};
}

std::vector<const Resource*> children(const Scene& scene, std::string_view type,
                                      const std::string& parent) {
  auto all = owned(scene, type);
  std::erase_if(all,
                [&](const Resource* one) { return json::text(one->aspect("ParentId")) != parent; });
  return all;
}

Result<> check_create_unit(Scene& scene) {
  CHECK_OK(need_organization(scene));
  auto parent = scene.text("ParentId");
  CHECK_OK(need_parent(scene, parent, "ParentNotFoundException"));
  for (const auto* unit : children(scene, unit_type, parent))
    if (name_of(*unit) == scene.text("Name"))
      return fail(scene.error("DuplicateOrganizationalUnitException"));
  return {};
}

Result<> finish_create_unit(Scene& scene, json::Object& output) {
  auto ref = scene.created.front();
  CHECK_OK(admit(scene, ref.id));
  output["OrganizationalUnit"] = scene.shown(scene.world.edit(ref));
  return {};
}

void detach_all(Scene& scene, const std::string& target_id) {
  for (const auto* policy : owned(scene, policy_type)) {
    json::Array kept;
    for (const auto& one : json::items(policy->aspect("TargetIds")))
      if (json::text(one) != target_id) kept.push_back(one);
    scene.world.edit(cloud::ResourceRef(policy->ref)).set("TargetIds", std::move(kept));
  }
}

Result<> check_delete_unit(Scene& scene) {
  auto id = scene.text("OrganizationalUnitId");
  CHECK_OK(scene.need(unit_type, id));
  if (!children(scene, unit_type, id).empty() || !children(scene, account_type, id).empty())
    return fail(scene.error("OrganizationalUnitNotEmptyException"));
  detach_all(scene, id);
  return {};
}

Result<> check_move(Scene& scene) {
  auto* account = TRY(scene.need(account_type, scene.text("AccountId")));
  CHECK_OK(
      need_parent(scene, scene.text("DestinationParentId"), "DestinationParentNotFoundException"));
  if (json::text(account->aspect("ParentId")) == scene.text("SourceParentId")) return {};
  return fail(scene.error("SourceParentNotFoundException"));
}

Result<> check_content(Scene& scene) {
  const auto& content = scene.input("Content");
  auto document = json::parse(json::text(content));
  if (content.is_null() || (document && document->is_object())) return {};
  return fail(scene.error("MalformedPolicyDocumentException"));
}

Result<> check_create_policy(Scene& scene) {
  CHECK_OK(need_organization(scene));
  for (const auto* policy : owned(scene, policy_type))
    if (name_of(*policy) == scene.text("Name"))
      return fail(scene.error("DuplicatePolicyException"));
  return check_content(scene);
}

Result<bool> attached(Scene& scene) {
  auto* policy = TRY(scene.need(policy_type, scene.text("PolicyId")));
  if (target(scene, scene.text("TargetId")) == nullptr)
    return fail(scene.error("TargetNotFoundException"));
  const auto& targets = json::items(policy->aspect("TargetIds"));
  return std::ranges::find(targets, scene.input("TargetId")) != targets.end();
}

Result<> check_attach(Scene& scene) {
  bool there = TRY(attached(scene));
  return there ? fail(scene.error("DuplicatePolicyAttachmentException")) : Result<>();
}

Result<> check_detach(Scene& scene) {
  bool there = TRY(attached(scene));
  return there ? Result<>() : fail(scene.error("PolicyNotAttachedException"));
}

Result<> check_delete_policy(Scene& scene) {
  auto* policy = TRY(scene.need(policy_type, scene.text("PolicyId")));
  return json::items(policy->aspect("TargetIds")).empty()
             ? Result<>()
             : fail(scene.error("PolicyInUseException"));
}

Result<json::Object> policies_for_target(Scene& scene) {
  CHECK_OK(need_organization(scene));
  if (target(scene, scene.text("TargetId")) == nullptr)
    return fail(scene.error("TargetNotFoundException"));
  json::Array found;
  for (const auto* policy : owned(scene, policy_type)) {
    const auto& targets = json::items(policy->aspect("TargetIds"));
    bool here = std::ranges::find(targets, scene.input("TargetId")) != targets.end();
    if (here && policy->aspect("Type") == scene.input("Filter"))
      found.push_back(scene.shown(*policy));
  }
  return json::Object{{"Policies", std::move(found)}};
}

Result<json::Object> list_children(Scene& scene) {
  CHECK_OK(need_organization(scene));
  auto parent = scene.text("ParentId"), kind = scene.text("ChildType");
  CHECK_OK(need_parent(scene, parent, "ParentNotFoundException"));
  json::Array found;
  for (const auto* child : children(scene, kind == "ACCOUNT" ? account_type : unit_type, parent))
    found.push_back(json::Object{{"Id", child->ref.id}, {"Type", kind}});
  return json::Object{{"Children", std::move(found)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("organizations:CreateOrganization", finish_create);
  hooks.check("organizations:DeleteOrganization", check_delete);
  hooks.emulate("organizations:AcceptHandshake", accept);
  hooks.emulate("organizations:CreateAccount", create_account);
  hooks.emulate("organizations:DeclineHandshake", decline);
  hooks.emulate("organizations:DescribeOrganization", describe_organization);
  hooks.emulate("organizations:InviteAccountToOrganization", invite);
  hooks.emulate("organizations:ListHandshakesForAccount", handshakes_for_account);
  hooks.check("organizations:CreateOrganizationalUnit", check_create_unit);
  hooks.finish("organizations:CreateOrganizationalUnit", finish_create_unit);
  hooks.check("organizations:DeleteOrganizationalUnit", check_delete_unit);
  hooks.check("organizations:MoveAccount", check_move);
  hooks.check("organizations:CreatePolicy", check_create_policy);
  hooks.check("organizations:UpdatePolicy", check_content);
  hooks.check("organizations:DeletePolicy", check_delete_policy);
  hooks.check("organizations:AttachPolicy", check_attach);
  hooks.check("organizations:DetachPolicy", check_detach);
  hooks.emulate("organizations:ListPoliciesForTarget", policies_for_target);
  hooks.emulate("organizations:ListChildren", list_children);
}

}  // namespace aright::sandbox::organizations_hooks
