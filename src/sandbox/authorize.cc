#include "sandbox/authorize.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"
#include "sandbox/needs.h"
#include "sandbox/policies.h"
#include "sandbox/s3_access.h"

namespace aright::sandbox {

namespace {

using Kind = iam::Caller::Kind;

constexpr int forbidden = 403;
constexpr std::string_view allow_all =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

const Resource* find_of(const Scene& scene, std::string_view type, std::string_view account,
                        std::string_view id) {
  auto ref = scene.ref(type, id);
  ref.account = std::string(account);
  return scene.world.find(ref);
}

// The user or role behind a caller.
const Resource* holder_of(const Scene& scene, const iam::Caller& caller) {
  if (caller.kind != Kind::user && caller.kind != Kind::session) return nullptr;
  bool user = caller.kind == Kind::user;
  const auto& arn = user ? caller.arn : caller.role;
  return find_of(scene, user ? user_type : role_type, caller.account,
                 arn.substr(arn.rfind('/') + 1));
}

// One that does not exist allows nothing.
iam::NamedPolicy managed_policy(const Scene& scene, std::string_view account,
                                const std::string& arn) {
  auto document = managed_document(scene, account, arn);
  return document ? iam::named_policy(arn, *document)
                  : iam::NamedPolicy{.name = arn, .policy = {}, .broken = ""};
}

void add_policies(const Scene& scene, const Resource& holder, std::vector<iam::NamedPolicy>& out) {
  for (const auto& [name, document] : json::members(holder.aspect("Policies")))
    out.push_back(iam::named_policy(std::string(name), json::text(document)));
  for (const auto& attached : json::items(holder.aspect("ManagedPolicyArns")))
    out.push_back(managed_policy(scene, holder.ref.account, json::text(attached, "PolicyArn", "")));
}

std::string code_of(const Scene& scene, model::Protocol protocol) {
  if (scene.call.service == "sns") return "AuthorizationError";
  if (scene.call.service == "sqs") return "AccessDenied";
  if (protocol == model::Protocol::ec2) return "UnauthorizedOperation";
  bool words = protocol == model::Protocol::json || protocol == model::Protocol::rest_json;
  return words ? "AccessDeniedException" : "AccessDenied";
}

Error refusal(const Scene& scene, const iam::Request& request, const iam::Verdict& verdict) {
  auto service = scene.catalog.models().service(scene.call.service);
  auto protocol = service ? service->protocol() : model::Protocol::json;
  auto message = iam::message(verdict, request);
  if (protocol == model::Protocol::ec2)
    message = fmt::format(
        "You are not authorized to perform this operation. {}. Encoded authorization failure "
        "message: {}",
        message, encode_refusal(request, verdict));
  bool bad = protocol == model::Protocol::json && scene.call.service != "sqs";
  auto error =
      service_error(code_of(scene, protocol), bad ? bad_request : forbidden, std::move(message));
  error.code = Errc::denied;
  return error;
}

bool is_role(std::string_view arn) {
  return arn.contains(":iam::") && arn.contains(":role/");
}

// S3's hooks judge objects themselves: ACLs let strangers in where no policy does.
bool left_to_s3(const Scene& scene) {
  return scene.call.service == "s3" && Hooks::all().find_emulate(scene.call.name()) != nullptr;
}

// aright stands for Systems Manager here: a role that trusts ssm.amazonaws.com lets it in, for whoever may pass the
// role.
bool runs_automation_as(const Scene& scene, const iam::Request& request, const Authorization& authorization) {
  if (request.action != "sts:AssumeRole" || !scene.principal.user_agent.starts_with("aright")) return false;
  if (!assumable_by(scene, request.resource, "ssm.amazonaws.com")) return false;
  auto passing = request;
  passing.action = "iam:PassRole";
  return iam::evaluate(passing, policies_over(scene, passing, authorization)).allowed();
}

}  // namespace

std::vector<iam::NamedPolicy> attached_policies(const Scene& scene, const Resource& holder) {
  std::vector<iam::NamedPolicy> out;
  add_policies(scene, holder, out);
  return out;
}

std::vector<iam::NamedPolicy> identity_policies(const Scene& scene, const iam::Caller& caller) {
  std::vector<iam::NamedPolicy> out;
  const auto* holder = holder_of(scene, caller);
  if (holder == nullptr) return out;
  add_policies(scene, *holder, out);
  for (const auto& group : json::items(holder->aspect("Groups")))
    if (const auto* one = find_of(scene, iam_group_type, caller.account, json::text(group)))
      add_policies(scene, *one, out);
  return out;
}

std::optional<std::vector<iam::NamedPolicy>> boundary_of(const Scene& scene,
                                                         const iam::Caller& caller) {
  const auto* holder = holder_of(scene, caller);
  auto arn = holder == nullptr ? "" : json::text(holder->aspect("PermissionsBoundary"));
  if (arn.empty()) return std::nullopt;
  return std::vector{managed_policy(scene, caller.account, arn)};
}

std::optional<iam::NamedPolicy> resource_policy(const Scene& scene, const Resource& resource) {
  constexpr std::array aspects{
      "Policy",           "KeyPolicy",    "ResourcePolicy", "RepositoryPolicyText",    "PolicyText",
      "FileSystemPolicy", "AccessPolicy", "AccessPolicies", "AssumeRolePolicyDocument"};
  const auto* type = scene.catalog.type(resource.ref.type);
  for (const auto* name : aspects) {
    if (type == nullptr || type->aspect(name) == nullptr) continue;
    const auto& value = resource.aspect(name);
    auto text = json::text(value);
    if (value.is_object()) text = json::text(value, "PolicyDocument", json::print(value));
    if (!text.empty()) return iam::named_policy(scene.arn(resource), text);
  }
  return std::nullopt;
}

iam::Policies policies_over(const Scene& scene, const iam::Request& request,
                            const Authorization& authorization) {
  iam::Policies out;
  if (const auto* resource = resource_at(scene, request.resource)) {
    bool trust = resource->ref.type == role_type;
    if (!trust || request.action.starts_with("sts:"))
      out.resource = resource_policy(scene, *resource);
    if (resource->ref.type == "AWS::KMS::Key") out.resource_kind = iam::Resource::owner;
  }
  if (request.action.starts_with("sts:") && is_role(request.resource))
    out.resource_kind = iam::Resource::trust;
  if (!authorization.on) {
    out.identity = {iam::named_policy("everything", allow_all)};
    return out;
  }
  out.identity = identity_policies(scene, request.caller);
  out.boundary = boundary_of(scene, request.caller);
  if (!scene.principal.session_policies.empty()) {
    out.session.emplace();
    for (const auto& text : scene.principal.session_policies)
      out.session->push_back(iam::named_policy("session policy", text));
  }
  out.service_control = service_control_over(scene, request.caller.account, authorization);
  return out;
}

Result<std::string> authorize(const Scene& scene, const Authorization& authorization) {
  const auto& caller_account = scene.principal.account;
  // What is not emulated says so itself, and those without a key get what S3 opens to everybody.
  if (caller_account == anonymous ||
      !scene.catalog.described(scene.call.service, scene.call.operation))
    return scene.call.account;
  std::string owner = caller_account;
  for (const auto& request : needs_of(scene, !authorization.on)) {
    bool own = request.resource_account == caller_account;
    auto verdict = iam::evaluate(request, policies_over(scene, request, authorization));
    bool by_acl = !own && verdict.outcome == iam::Outcome::implicit_deny &&
                  verdict.layer == iam::Layer::resource;
    if (!verdict.allowed() && !(by_acl && left_to_s3(scene)) && !runs_automation_as(scene, request, authorization))
      return fail(refusal(scene, request, verdict));
    if (!own && !left_to_s3(scene) && !is_role(request.resource)) owner = request.resource_account;
  }
  return owner;
}

std::string encode_refusal(const iam::Request& request, const iam::Verdict& verdict) {
  json::Array matched;
  for (const auto& match : verdict.matches)
    matched.push_back(
        json::Object{{"statementId", match.sid},
                     {"effect", match.effect == iam::Effect::allow ? "ALLOW" : "DENY"},
                     {"policy", match.policy}});
  json::Object told{
      {"allowed", false},
      {"explicitDeny", verdict.outcome == iam::Outcome::explicit_deny},
      {"matchedStatements", json::Object{{"items", std::move(matched)}}},
      {"context", json::Object{{"principal", json::Object{{"arn", request.caller.arn}}},
                               {"action", request.action},
                               {"resource", request.resource}}}};
  return to_base64(json::print(told));
}

}  // namespace aright::sandbox
