// Who calls, and temporary credentials. They work afterwards: the HTTP server finds them in the
// world.
#include <algorithm>
#include <optional>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/locate.h"
#include "sandbox/emulate.h"

namespace aright::sandbox {

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

bool lists(const json::Value& names, std::string_view wanted) {
  if (names.is_string()) return names.get_string() == wanted;
  return std::ranges::any_of(json::items(names),
                             [&](const json::Value& one) { return json::text(one) == wanted; });
}

// Whether the role's trust policy lets this caller in: by ARN, account or account root, or
// everybody.
bool trusts(const json::Value& document, const Principal& caller) {
  auto policy = json::parse(json::text(document));
  if (!policy) return false;
  bool allowed = false;
  const auto& statement = json::at(*policy, "Statement");
  json::Array all = statement.is_array() ? statement.get_array() : json::Array{statement};
  for (const auto& one : all) {
    const auto& principal = json::at(one, "Principal");
    const auto& users = json::at(principal, "AWS");
    auto root = fmt::format("arn:aws:iam::{}:root", caller.account);
    bool named = json::text(principal) == "*" || lists(users, "*") || lists(users, caller.arn) ||
                 lists(users, caller.account) || lists(users, root);
    if (!named) continue;
    if (json::text(one, "Effect", "") == "Deny") return false;
    allowed = true;
  }
  return allowed;
}

Result<json::Object> assume_role(Scene& scene) {
  auto arn = scene.text("RoleArn");
  auto role = parse_role(arn);
  if (!role) return fail(scene.error("ValidationError", fmt::format("{} is invalid", arn)));
  auto session = scene.text("RoleSessionName");
  auto length_s = TRY(duration(scene));
  const auto* known = find_role(scene, *role);
  bool own = role->account == scene.call.account;
  // A role that nobody created may be assumed from its own account: demonstrations and tests need
  // no IAM for it.
  if (known == nullptr && !own) return fail(scene.error("AccessDenied"));
  if (known != nullptr && !own &&
      !trusts(known->aspect("AssumeRolePolicyDocument"), scene.principal))
    return fail(scene.error("AccessDenied"));
  auto role_id = known == nullptr ? "" : json::text(known->record, "RoleId");
  if (role_id.empty()) role_id = "AROA" + scene.ids.upper(role_id_length);
  Principal principal{.account = role->account,
                      .arn = fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", role->partition,
                                         role->account, role->name(), session),
                      .user_id = fmt::format("{}:{}", role_id, session)};
  auto user = json::Object{{"AssumedRoleId", principal.user_id}, {"Arn", principal.arn}};
  auto credentials = issue(scene, std::move(principal), length_s);
  return json::Object{{"Credentials", std::move(credentials)},
                      {"AssumedRoleUser", std::move(user)}};
}

Result<json::Object> session_token(Scene& scene) {
  auto length_s = TRY(duration(scene));
  return json::Object{{"Credentials", issue(scene, scene.principal, length_s)}};
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

void add_sts_hooks(Hooks& hooks) {
  hooks.emulate("sts:AssumeRole", assume_role);
  hooks.emulate("sts:GetSessionToken", session_token);
  hooks.emulate("sts:GetCallerIdentity", caller_identity);
  hooks.emulate("sts:GetAccessKeyInfo", access_key_info);
}

}  // namespace aright::sandbox
