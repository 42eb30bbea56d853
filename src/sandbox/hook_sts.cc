// Who calls, and temporary credentials. They work afterwards: the HTTP server finds them in the
// world.
#include <algorithm>
#include <optional>

#include "aws/client.h"
#include "base/digest.h"
#include "base/text.h"
#include "cloud/locate.h"
#include "iam/policy.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"
#include "sandbox/policies.h"

namespace aright::sandbox::sts_hooks {

namespace {

constexpr std::int64_t session_s_min = 900, session_s_max = 129'600, session_s_usual = 3'600;
constexpr std::size_t key_id_length = 16, secret_length = 40, token_length = 64,
                      role_id_length = 17;

struct RoleName {
  std::string partition, account, path_and_name;
  std::string name() const { return path_and_name.substr(path_and_name.rfind('/') + 1); }
};

// arn:aws:iam::111122223333:role/path/name
std::optional<RoleName> parse_role(std::string_view arn) {
  auto parts = split(arn, ':');
  constexpr std::string_view kind = "role/";
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "iam" || !parts[5].starts_with(kind))
    return std::nullopt;
  if (parts[4].size() != 12 || parts[5].size() == kind.size()) return std::nullopt;
  return RoleName{parts[1], parts[4], parts[5].substr(kind.size())};
}

constexpr std::size_t sessions_max = 10'000;  // past this, expired ones go

// A new temporary key of this principal, kept in the world.
json::Object issue(Scene& scene, Principal principal, std::int64_t duration_s) {
  auto id = "ASIA" + scene.ids.upper(key_id_length);
  auto secret = scene.ids.hex(secret_length);
  auto token = to_base64(scene.ids.upper(token_length));
  auto expires = scene.now + seconds(duration_s);
  auto& known = scene.world.credentials;
  if (known.size() >= sessions_max)
    std::erase_if(known, [&](const auto& one) {
      return one.second.expires && *one.second.expires <= scene.now;
    });
  known[id] = {Secret(secret), Secret(token), std::move(principal), expires};
  return {{"AccessKeyId", id},
          {"SecretAccessKey", secret},
          {"SessionToken", token},
          {"Expiration", expires.iso_seconds()}};
}

Result<std::int64_t> duration(const Scene& scene) {
  auto asked = json::integer(scene.input("DurationSeconds"), session_s_usual);
  if (asked < session_s_min || asked > session_s_max)
    return fail(scene.error(
        "ValidationError",
        fmt::format("DurationSeconds must be between {} and {}", session_s_min, session_s_max)));
  return asked;
}

// A role that the emulated cloud knows in that account, or nothing.
const Resource* find_role(const Scene& scene, const RoleName& role) {
  auto ref = scene.ref("AWS::IAM::Role", role.name());
  ref.account = role.account;
  return scene.world.find(ref);
}

// Session policies: in the call itself, and managed ones by their ARNs.
Result<std::vector<std::string>> session_policies(Scene& scene, const std::string& account) {
  std::vector<std::string> out;
  if (auto inline_policy = scene.text("Policy"); !inline_policy.empty()) out.push_back(std::move(inline_policy));
  for (const auto& named : json::items(scene.input("PolicyArns"))) {
    auto arn = json::text(named, "arn", "");
    auto found = managed_document(scene, account, arn);
    if (!found)
      return fail(scene.error("ValidationError", fmt::format("Policy {} does not exist or is not attachable.", arn)));
    out.push_back(std::move(*found));
  }
  for (const auto& text : out)
    if (auto read = iam::parse_policy(text); !read)
      return fail(scene.error("MalformedPolicyDocument", read.error().message));
  return out;
}

// What a new session is: the role, and what the call narrows and tells.
Result<Principal> session_of(Scene& scene, const RoleName& role, const Resource* known) {
  auto session = scene.text("RoleSessionName");
  auto role_id = known == nullptr ? "" : json::text(known->record, "RoleId");
  if (role_id.empty()) role_id = "AROA" + scene.ids.upper(role_id_length);
  Principal out{.account = role.account,
                .arn = fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", role.partition, role.account, role.name(),
                                   session),
                .user_id = fmt::format("{}:{}", role_id, session)};
  out.role = scene.text("RoleArn");
  out.session_policies = TRY(session_policies(scene, role.account));
  for (const auto& tag : json::items(scene.input("Tags")))
    out.tags[json::text(tag, "Key", "")] = json::text(tag, "Value", "");
  out.mfa = !scene.text("TokenCode").empty();
  return out;
}

// What aright assumes so that a document runs as it: by the session's name, and not cut to a plan.
bool is_for_document(const Scene& scene) {
  return scene.principal.user_agent.starts_with("aright") && scene.text("RoleSessionName").starts_with("aright-") &&
         scene.text("Policy").empty();
}

// As Systems Manager, or as whoever runs aright.
bool lets_automation_in(const Scene& scene, const Resource* role, const std::string& arn) {
  if (role == nullptr) return false;
  if (assumable_by(scene, arn, "ssm.amazonaws.com")) return true;
  auto trust = iam::parse_policy(json::text(role->aspect("AssumeRolePolicyDocument")));
  return trust && lets_caller(scene, *trust, "sts:AssumeRole");
}

// Whether the role lets the caller in was decided before (authorize.h).
Result<json::Object> assume_role(Scene& scene) {
  auto arn = scene.text("RoleArn");
  auto role = parse_role(arn);
  if (!role) return fail(scene.error("ValidationError", fmt::format("{} is invalid", arn)));
  auto length_s = TRY(duration(scene));
  const auto* known = find_role(scene, *role);
  // A role that nobody created may be assumed from its own account: demonstrations and tests need
  // no IAM for it.
  if (known == nullptr && role->account != scene.principal.account) return fail(scene.error("AccessDenied"));
  if (is_for_document(scene) && !lets_automation_in(scene, known, arn)) return fail(scene.error("AccessDenied"));
  auto principal = TRY(session_of(scene, *role, known));
  auto user = json::Object{{"AssumedRoleId", principal.user_id}, {"Arn", principal.arn}};
  auto credentials = issue(scene, std::move(principal), length_s);
  return json::Object{{"Credentials", std::move(credentials)},
                      {"AssumedRoleUser", std::move(user)}};
}

Result<json::Object> session_token(Scene& scene) {
  auto length_s = TRY(duration(scene));
  auto principal = scene.principal;
  principal.mfa = !scene.text("TokenCode").empty();
  return json::Object{{"Credentials", issue(scene, std::move(principal), length_s)}};
}

// Users and the root give a narrower key to somebody else; a role's session cannot.
Result<json::Object> federation_token(Scene& scene) {
  auto length_s = TRY(duration(scene));
  auto principal = scene.principal;
  if (!principal.role.empty())
    return fail(service_error("AccessDenied", 403, "Cannot call GetFederationToken with session credentials"));
  principal.session_policies = TRY(session_policies(scene, principal.account));
  auto name = scene.text("Name");
  principal.arn = fmt::format("arn:{}:sts::{}:federated-user/{}", aws::partition_of(scene.call.region), principal.account, name);
  principal.user_id = fmt::format("{}:{}", principal.account, name);
  auto user = json::Object{{"FederatedUserId", principal.user_id}, {"Arn", principal.arn}};
  return json::Object{{"Credentials", issue(scene, std::move(principal), length_s)}, {"FederatedUser", std::move(user)}};
}

// What EC2 put into its refusals.
Result<json::Object> decode_authorization_message(Scene& scene) {
  auto told = from_base64(scene.text("EncodedMessage"));
  if (!told || !json::parse(*told))
    return fail(service_error("InvalidAuthorizationMessageException", 400, "The message is not valid."));
  return json::Object{{"DecodedMessage", *told}};
}

Result<json::Object> caller_identity(Scene& scene) {
  const auto& caller = scene.principal;
  return json::Object{{"UserId", caller.user_id}, {"Account", caller.account}, {"Arn", caller.arn}};
}

Result<json::Object> access_key_info(Scene& scene) {
  auto found = scene.world.credentials.find(scene.text("AccessKeyId"));
  auto account =
      found == scene.world.credentials.end() ? scene.call.account : found->second.principal.account;
  return json::Object{{"Account", account}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("sts:AssumeRole", assume_role);
  hooks.emulate("sts:GetSessionToken", session_token);
  hooks.emulate("sts:GetFederationToken", federation_token);
  hooks.emulate("sts:GetCallerIdentity", caller_identity);
  hooks.emulate("sts:GetAccessKeyInfo", access_key_info);
  hooks.emulate("sts:DecodeAuthorizationMessage", decode_authorization_message);
}

}  // namespace aright::sandbox::sts_hooks
