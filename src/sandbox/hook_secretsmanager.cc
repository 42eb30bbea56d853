// Values of secrets: versions and the stages that tell which of them is meant; and secrets that
// wait for their deletion.
#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "sandbox/hook.h"

namespace aright::sandbox::secretsmanager_hooks {

namespace {

constexpr std::string_view secret_type = "AWS::SecretsManager::Secret";
constexpr std::string_view current = "AWSCURRENT", previous = "AWSPREVIOUS";
constexpr std::int64_t window_days_min = 7, window_days_max = 30, password_length = 32,
                       password_length_max = 4096;
constexpr std::size_t versions_max = 100;

using std::chrono::days;

Result<Resource*> secret_named(Scene& scene) {
  return scene.need(secret_type, scene.text("SecretId"));
}

Result<Resource*> living(Scene& scene) {
  auto* secret = TRY(secret_named(scene));
  if (!secret->aspect("DeletedDate").is_null()) return fail(scene.error("InvalidRequestException"));
  return secret;
}

Result<> check_living(Scene& scene) {
  auto* secret = TRY(living(scene));
  return secret != nullptr ? Result<>() : fail(scene.error("ResourceNotFoundException"));
}

// A name is taken for as long as its secret may come back.
Result<> check_create(Scene& scene) {
  const auto* there = scene.find(secret_type, scene.text("Name"));
  if (there == nullptr || there->aspect("DeletedDate").is_null()) return {};
  return fail(scene.error("InvalidRequestException",
                          "You can't create this secret because a secret with this name is already scheduled for deletion."));
}

json::Object& versions_of(Resource& secret) {
  auto& versions = secret.internals["versions"];
  if (!versions.is_object()) versions = json::Object();
  return versions.get_object();
}

json::Array stages_of(const json::Value& version) {
  return json::items(json::at(version, "stages"));
}

bool has_stage(const json::Value& version, std::string_view stage) {
  return std::ranges::any_of(stages_of(version),
                             [&](const json::Value& one) { return json::text(one) == stage; });
}

void drop_stage(json::Value& version, std::string_view stage) {
  json::Array kept;
  for (const auto& one : stages_of(version))
    if (json::text(one) != stage) kept.push_back(one);
  version.as_object()["stages"] = std::move(kept);
}

void give_stage(json::Object& versions, std::string_view id, std::string_view stage) {
  for (auto& [other, version] : versions)
    drop_stage(version, stage);
  auto stages = stages_of(versions[id]);
  stages.push_back(json::Value(stage));
  versions[id].as_object()["stages"] = std::move(stages);
}

// Who becomes current makes the one before it the previous one.
void stage(json::Object& versions, std::string_view id, std::string_view name) {
  if (name == current)
    for (auto& [other, version] : versions)
      if (has_stage(version, current) && other != id) {
        give_stage(versions, other, previous);
        break;
      }
  give_stage(versions, id, name);
}

// Keeps a value. Answers the id of its version.
Result<std::string> keep(Scene& scene, Resource& secret, json::Object value,
                         const json::Array& stages) {
  auto& versions = versions_of(secret);
  auto id = scene.text("ClientRequestToken", scene.ids.uuid());
  if (auto* there = versions.if_contains(id)) {
    if (json::at(*there, "value") == json::Value(value)) return id;
    return fail(scene.error("ResourceExistsException",
                            "You can't use ClientRequestToken because that value is already in use "
                            "for a version of this secret."));
  }
  if (versions.size() >= versions_max)  // those without a stage may go
    for (auto it = versions.begin(); it != versions.end(); ++it)
      if (stages_of(it->value()).empty()) {
        versions.erase(it);
        break;
      }
  versions[id] = json::Object{
      {"value", std::move(value)}, {"created", scene.now.iso()}, {"stages", json::Array()}};
  for (const auto& name : stages)
    stage(versions, id, json::text(name));
  secret.set("LastChangedDate", json::Value(scene.now.iso()));
  return id;
}

json::Object given_value(const Scene& scene) {
  json::Object value;
  for (const auto* kind : {"SecretString", "SecretBinary"})
    if (const auto& given = scene.input(kind); !given.is_null()) value[kind] = given;
  return value;
}

json::Value stages_by_version(const Scene&, const Resource& secret) {
  const auto& versions = json::at(secret.internals, "versions");
  if (!versions.is_object())
    return secret.aspect("VersionIdsToStages");  // of a cloud below, which keeps them
  json::Object out;
  for (const auto& [id, version] : versions.get_object())
    if (auto stages = stages_of(version); !stages.empty()) out[id] = std::move(stages);
  return out.empty() ? json::Value() : json::Value(std::move(out));
}

Result<> finish_value(Scene& scene, json::Object& output, const std::string& id) {
  auto value = given_value(scene);
  if (value.empty()) return {};
  auto* secret = TRY(scene.need(secret_type, id));
  output["VersionId"] = TRY(keep(scene, *secret, std::move(value), {json::Value(current)}));
  return {};
}
Result<> finish_create(Scene& scene, json::Object& output) {
  return finish_value(scene, output, json::text(output, "ARN", ""));
}
Result<> finish_update(Scene& scene, json::Object& output) {
  return finish_value(scene, output, scene.text("SecretId"));
}

Result<json::Object> get_value(Scene& scene) {
  auto* secret = TRY(living(scene));
  auto id = scene.text("VersionId"), name = scene.text("VersionStage");
  if (id.empty() && name.empty()) name = current;
  for (const auto& [version_id, version] : versions_of(*secret)) {
    bool meant = (id.empty() || version_id == id) && (name.empty() || has_stage(version, name));
    if (!meant) continue;
    secret->set("LastAccessedDate", json::Value(scene.now.iso()));
    json::Object output{{"ARN", secret->ref.id},
                        {"Name", json::at(secret->record, "Name")},
                        {"VersionId", version_id},
                        {"VersionStages", stages_of(version)},
                        {"CreatedDate", json::at(version, "created")}};
    for (const auto& [kind, value] : json::members(json::at(version, "value")))
      output[kind] = value;
    return output;
  }
  return fail(
      scene.error("ResourceNotFoundException",
                  fmt::format("Secrets Manager can't find the specified secret value for {}: {}",
                              id.empty() ? "staging label" : "VersionId", id.empty() ? name : id)));
}

Result<json::Object> put_value(Scene& scene) {
  auto* secret = TRY(living(scene));
  auto value = given_value(scene);
  if (value.size() != 1)
    return fail(scene.error("InvalidParameterException",
                            "You must provide either SecretString or SecretBinary."));
  auto stages = json::items(scene.input("VersionStages"));
  if (stages.empty()) stages.push_back(json::Value(current));
  auto id = TRY(keep(scene, *secret, std::move(value), stages));
  return json::Object{{"ARN", secret->ref.id},
                      {"Name", json::at(secret->record, "Name")},
                      {"VersionId", id},
                      {"VersionStages", stages_of(versions_of(*secret)[id])}};
}

Result<json::Object> list_versions(Scene& scene) {
  auto* secret = TRY(secret_named(scene));
  bool all = json::truth(scene.input("IncludeDeprecated"));
  json::Array versions;
  for (const auto& [id, version] : versions_of(*secret)) {
    auto stages = stages_of(version);
    if (stages.empty() && !all) continue;
    versions.push_back(json::Object{{"VersionId", id},
                                    {"VersionStages", std::move(stages)},
                                    {"CreatedDate", json::at(version, "created")}});
  }
  return json::Object{{"ARN", secret->ref.id},
                      {"Name", json::at(secret->record, "Name")},
                      {"Versions", std::move(versions)}};
}

Result<json::Object> move_stage(Scene& scene) {
  auto* secret = TRY(living(scene));
  auto& versions = versions_of(*secret);
  auto name = scene.text("VersionStage"), from = scene.text("RemoveFromVersionId"),
       to = scene.text("MoveToVersionId");
  for (const auto& id : {from, to})
    if (!id.empty() && !versions.contains(id))
      return fail(scene.error(
          "ResourceNotFoundException",
          fmt::format("Secrets Manager can't find the specified secret version: {}", id)));
  auto holder =
      std::ranges::find_if(versions, [&](const auto& one) { return has_stage(one.value(), name); });
  bool elsewhere = holder != versions.end() && holder->key() != to && holder->key() != from;
  if (elsewhere)
    return fail(scene.error(
        "InvalidParameterException",
        fmt::format("The parameter RemoveFromVersionId can't be empty. Staging label {} is "
                    "currently attached to version {}, "
                    "so you must explicitly reference that version in RemoveFromVersionId.",
                    name, std::string_view(holder->key()))));
  if (!from.empty()) drop_stage(versions[from], name);
  if (!to.empty()) {
    if (name == current && !from.empty()) give_stage(versions, from, previous);
    give_stage(versions, to, name);
  }
  return json::Object{{"ARN", secret->ref.id}, {"Name", json::at(secret->record, "Name")}};
}

Result<> check_delete(Scene& scene) {
  CHECK_OK(check_living(scene));
  const auto& window = scene.input("RecoveryWindowInDays");
  bool now = json::truth(scene.input("ForceDeleteWithoutRecovery"));
  if (now && !window.is_null())
    return fail(scene.error(
        "InvalidParameterException",
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."));
  auto length = json::integer(window, window_days_max);
  if (length < window_days_min || length > window_days_max)
    return fail(
        scene.error("InvalidParameterException",
                    "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."));
  return {};
}

Result<> finish_delete(Scene& scene, json::Object& output) {
  auto* secret = TRY(secret_named(scene));
  bool now = json::truth(scene.input("ForceDeleteWithoutRecovery"));
  auto window =
      now ? days(0) : days(json::integer(scene.input("RecoveryWindowInDays"), window_days_max));
  output["DeletionDate"] = (scene.now + window).iso();
  if (now) scene.erase(cloud::ResourceRef(secret->ref));
  return {};
}

Result<> check_rotate(Scene& scene) {
  auto* secret = TRY(living(scene));
  bool function =
      !secret->aspect("RotationLambdaARN").is_null() || !scene.text("RotationLambdaARN").empty();
  if (function) return {};
  return fail(scene.error("InvalidRequestException",
                          "No Lambda rotation function ARN is associated with this secret."));
}

// No code runs here: the new version holds what the old one held.
Result<> finish_rotate(Scene& scene, json::Object& output) {
  const auto& now = scene.input("RotateImmediately");
  if (now.is_bool() && !now.get_bool()) return {};
  auto* secret = TRY(secret_named(scene));
  json::Object value;
  for (const auto& [id, version] : versions_of(*secret))
    if (has_stage(version, current)) value = json::members(json::at(version, "value"));
  output["VersionId"] = TRY(keep(scene, *secret, std::move(value), {json::Value(current)}));
  secret->set("LastRotatedDate", json::Value(scene.now.iso()));
  return {};
}

bool for_everybody(const json::Value& policy) {
  return std::ranges::any_of(
      json::items(json::at(policy, "Statement")), [](const json::Value& statement) {
        const auto& principal = json::at(statement, "Principal");
        bool all = json::text(principal) == "*" || json::text(json::at(principal, "AWS")) == "*";
        return all && json::text(statement, "Effect", "") == "Allow" &&
               json::at(statement, "Condition").is_null();
      });
}

Result<> check_policy(Scene& scene) {
  CHECK_OK(check_living(scene));
  auto policy = json::parse(scene.text("ResourcePolicy"));
  if (!policy || !policy->is_object()) return fail(scene.error("MalformedPolicyDocumentException"));
  if (json::truth(scene.input("BlockPublicPolicy")) && for_everybody(*policy))
    return fail(scene.error("PublicPolicyException"));
  return {};
}

Result<json::Object> random_password(Scene& scene) {
  auto length = json::integer(scene.input("PasswordLength"), password_length);
  if (length < 1 || length > password_length_max)
    return fail(scene.error("InvalidParameterException",
                            "The password length must be between 1 and 4096."));
  auto excluded = scene.text("ExcludeCharacters");
  std::string alphabet;
  for (char c = '!'; c <= '~'; ++c) {
    bool unwanted = (std::isdigit(c) && json::truth(scene.input("ExcludeNumbers"))) ||
                    (std::ispunct(c) && json::truth(scene.input("ExcludePunctuation"))) ||
                    (std::isupper(c) && json::truth(scene.input("ExcludeUppercase"))) ||
                    (std::islower(c) && json::truth(scene.input("ExcludeLowercase"))) ||
                    excluded.find(c) != std::string::npos;
    if (!unwanted) alphabet += c;
  }
  if (alphabet.empty())
    return fail(scene.error("InvalidParameterException", "No character is left to choose from."));
  std::string password;
  while (password.size() < static_cast<std::size_t>(length))
    password += alphabet[scene.ids.below(alphabet.size())];
  return json::Object{{"RandomPassword", password}};
}

}  // namespace

void add(Hooks& hooks) {
  for (const auto* op : {"CancelRotateSecret", "TagResource", "UntagResource", "UpdateSecret"})
    hooks.check(fmt::format("secretsmanager:{}", op), check_living);
  hooks.check("secretsmanager:DeleteSecret", check_delete);
  hooks.check("secretsmanager:PutResourcePolicy", check_policy);
  hooks.check("secretsmanager:RotateSecret", check_rotate);
  hooks.derive("AWS::SecretsManager::Secret/VersionIdsToStages", stages_by_version);
  hooks.emulate("secretsmanager:GetRandomPassword", random_password);
  hooks.emulate("secretsmanager:GetSecretValue", get_value);
  hooks.emulate("secretsmanager:ListSecretVersionIds", list_versions);
  hooks.emulate("secretsmanager:PutSecretValue", put_value);
  hooks.emulate("secretsmanager:UpdateSecretVersionStage", move_stage);
  hooks.check("secretsmanager:CreateSecret", check_create);
  hooks.finish("secretsmanager:CreateSecret", finish_create);
  hooks.finish("secretsmanager:DeleteSecret", finish_delete);
  hooks.finish("secretsmanager:RotateSecret", finish_rotate);
  hooks.finish("secretsmanager:UpdateSecret", finish_update);
}

}  // namespace aright::sandbox::secretsmanager_hooks
