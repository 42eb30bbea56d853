// Keys: who is named by an alias, states, and cryptography that is simulated: a ciphertext here
// holds its plaintext, and keeps no secret.
#include <array>

#include "base/digest.h"
#include "iam/policy.h"
#include "sandbox/kms.h"
#include "sandbox/policies.h"

namespace aright::sandbox::kms_hooks {

namespace {

constexpr std::string_view key_type = "AWS::KMS::Key";
constexpr std::string_view alias_type = "AWS::KMS::Alias";
constexpr std::string_view managed_prefix = "alias/aws/";
constexpr std::string_view cipher_mark = "simulated-kms";
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> told_by_arn{{
    {"AWS::DMS::ReplicationInstance", "KmsKeyId"},
    {"AWS::EFS::FileSystem", "KmsKeyId"},
    {"AWS::RDS::DBCluster", "KmsKeyId"},
    {"AWS::RDS::DBClusterSnapshot", "KmsKeyId"},
    {"AWS::RDS::DBInstance", "KmsKeyId"},
    {"AWS::RDS::DBInstance", "PerformanceInsightsKMSKeyId"},
    {"AWS::RDS::DBSnapshot", "KmsKeyId"},
    {"AWS::Redshift::Cluster", "KmsKeyId"},
    {"AWS::Redshift::ClusterSnapshot", "KmsKeyId"},
}};
constexpr int window_days_usual = 30;
constexpr std::size_t plaintext_bytes_max = 4096, data_key_bytes_max = 1024;

std::string default_policy(const Scene& scene) {
  auto root = json::scalar_text(scene.fill("arn:{partition}:iam::{account}:root"));
  json::Object statement{{"Sid", "Enable IAM User Permissions"},
                         {"Effect", "Allow"},
                         {"Principal", json::Object{{"AWS", root}}},
                         {"Action", "kms:*"},
                         {"Resource", "*"}};
  return json::print(json::Object{
      {"Version", "2012-10-17"}, {"Id", "key-default-1"}, {"Statement", json::Array{statement}}});
}

std::string last_part(std::string_view arn) {
  return std::string(arn.substr(arn.rfind(':') + 1));
}

Result<Resource*> managed_key(Scene& scene, const std::string& alias) {
  auto* key = TRY(scene.create(key_type, scene.ids.uuid()));
  key->set("Description",
           json::Value("Default key that protects what " + alias.substr(managed_prefix.size()) +
                       " keeps when no other key is given"));
  key->set("KeyManager", "AWS");
  key->set("EnableKeyRotation", true);
  key->set("KeyPolicy", json::Value(default_policy(scene)));
  key->set("Tags", nullptr);
  auto* named = TRY(scene.create(alias_type, alias));
  named->set("TargetKeyId", json::Value(key->ref.id));
  return key;
}

// By id, ARN, alias or alias ARN.
Result<Resource*> find_key(Scene& scene, std::string_view name) {
  auto local = name.starts_with("arn:") ? last_part(name) : std::string(name);
  if (local.starts_with("key/")) local = local.substr(4);
  if (!local.starts_with("alias/")) return scene.need(key_type, local);
  if (const auto* alias = scene.find(alias_type, local))
    return scene.need(key_type, json::text(alias->aspect("TargetKeyId")));
  if (local.starts_with(managed_prefix)) return managed_key(scene, local);
  return fail(scene.error("NotFoundException",
                          fmt::format("Alias {} is not found.",
                                      json::scalar_text(scene.fill(json::Value(
                                          "arn:{partition}:kms:{region}:{account}:" + local))))));
}

// A key that can be used now.
Result<Resource*> usable_key(Scene& scene, std::string_view name) {
  auto* key = TRY(find_key(scene, name));
  if (!key->aspect("DeletionDate").is_null())
    return fail(scene.error("KMSInvalidStateException",
                            fmt::format("{} is pending deletion.", scene.arn(*key))));
  if (!json::truth(key->aspect("Enabled")))
    return fail(scene.error("DisabledException", fmt::format("{} is disabled.", scene.arn(*key))));
  return key;
}

Result<json::Object> describe_key(Scene& scene) {
  auto* key = TRY(find_key(scene, scene.text("KeyId")));
  return json::Object{{"KeyMetadata", scene.shown(*key)}};
}

Result<> finish_create_key(Scene& scene, json::Object&) {
  auto& key = scene.world.edit(scene.created.front());
  if (key.aspect("KeyPolicy").is_null()) key.set("KeyPolicy", json::Value(default_policy(scene)));
  return {};
}

json::Value key_state(const Scene&, const Resource& key) {
  if (!key.aspect("DeletionDate").is_null()) return "PendingDeletion";
  return json::truth(key.aspect("Enabled")) ? "Enabled" : "Disabled";
}

Result<> check_changeable(Scene& scene) {
  auto* key = TRY(find_key(scene, scene.text("KeyId")));
  if (json::text(key->aspect("KeyManager")) == "AWS" && scene.call.operation != "UntagResource")
    return fail(
        scene.error("AccessDeniedException",
                    fmt::format("{} is managed by AWS and cannot be changed", scene.arn(*key))));
  if (key->aspect("DeletionDate").is_null()) return {};
  return fail(scene.error("KMSInvalidStateException",
                          fmt::format("{} is pending deletion.", scene.arn(*key))));
}

// Who changes a key's policy must be able to change it again, unless the call says otherwise.
Result<> check_policy(Scene& scene) {
  if (json::truth(scene.input("BypassPolicyLockoutSafetyCheck")) || scene.input("Policy").is_null()) return {};
  auto policy = iam::parse_policy(scene.text("Policy"));
  if (policy && lets_caller(scene, *policy, "kms:PutKeyPolicy")) return {};
  return fail(scene.error("MalformedPolicyDocumentException",
                          "The new key policy will not allow you to update the key policy in the future."));
}

Result<> check_put_policy(Scene& scene) {
  CHECK_OK(check_changeable(scene));
  return check_policy(scene);
}

Result<> check_rotation(Scene& scene) {
  CHECK_OK(check_changeable(scene));
  auto* key = TRY(find_key(scene, scene.text("KeyId")));
  bool symmetric = json::text(key->aspect("KeySpec")) == "SYMMETRIC_DEFAULT";
  if (symmetric && json::text(key->aspect("Origin")) == "AWS_KMS") return {};
  return fail(scene.error("UnsupportedOperationException", "", key));
}

Result<json::Object> schedule_deletion(Scene& scene) {
  CHECK_OK(check_changeable(scene));
  auto days = json::integer(scene.input("PendingWindowInDays"), window_days_usual);
  auto* key = TRY(find_key(scene, scene.text("KeyId")));
  auto when = (scene.now + std::chrono::days(days)).iso();
  key->set("DeletionDate", json::Value(when));
  key->set("Enabled", false);
  return json::Object{{"KeyId", scene.arn(*key)},
                      {"DeletionDate", when},
                      {"KeyState", "PendingDeletion"},
                      {"PendingWindowInDays", days}};
}

// The key comes back disabled.
Result<json::Object> cancel_deletion(Scene& scene) {
  auto* key = TRY(find_key(scene, scene.text("KeyId")));
  if (key->aspect("DeletionDate").is_null())
    return fail(scene.error("KMSInvalidStateException",
                            fmt::format("{} is not pending deletion.", scene.arn(*key))));
  key->set("DeletionDate", nullptr);
  return json::Object{{"KeyId", scene.arn(*key)}};
}

Result<> check_alias(Scene& scene) {
  auto name = scene.text("AliasName");
  if (!name.starts_with("alias/") || name.starts_with(managed_prefix))
    return fail(scene.error("NotAuthorizedException",
                            "Aliases begin with alias/, and not with alias/aws/"));
  if (scene.input("TargetKeyId").is_null()) return {};
  auto key = find_key(scene, scene.text("TargetKeyId"));
  return key ? Result<>() : fail(key.error());
}

// Whatever names the target, an alias shows its id.
Result<> finish_alias(Scene& scene, json::Object&) {
  auto* alias = TRY(scene.need(alias_type, scene.text("AliasName")));
  auto* key = TRY(find_key(scene, scene.text("TargetKeyId")));
  alias->set("TargetKeyId", json::Value(key->ref.id));
  return {};
}

std::string sealed(const Scene& scene, const Resource& key, std::string_view plaintext_base64) {
  json::Object content{
      {"mark", cipher_mark},
      {"key", scene.arn(key)},
      {"plaintext", plaintext_base64},
      {"context", scene.input("EncryptionContext").is_object() ? scene.input("EncryptionContext")
                                                               : json::Object()}};
  return to_base64(json::canonical(content));
}

Result<json::Object> encrypt(Scene& scene) {
  auto* key = TRY(usable_key(scene, scene.text("KeyId")));
  auto plaintext = from_base64(scene.text("Plaintext"));
  if (!plaintext || plaintext->empty() || plaintext->size() > plaintext_bytes_max)
    return fail(scene.error(
        "ValidationException",
        fmt::format("Plaintext must have between 1 and {} bytes", plaintext_bytes_max)));
  return json::Object{{"KeyId", scene.arn(*key)},
                      {"CiphertextBlob", sealed(scene, *key, scene.text("Plaintext"))},
                      {"EncryptionAlgorithm", "SYMMETRIC_DEFAULT"}};
}

Result<json::Object> decrypt(Scene& scene) {
  auto content = unsealed(scene.text("CiphertextBlob"));
  if (!content) return fail(scene.error("InvalidCiphertextException"));
  auto context = scene.input("EncryptionContext").is_object() ? scene.input("EncryptionContext")
                                                              : json::Value(json::Object());
  if (!json::equal(context, json::at(*content, "context")))
    return fail(scene.error("InvalidCiphertextException"));
  auto arn = json::text(*content, "key", "");
  auto* key = TRY(usable_key(scene, arn));
  if (auto asked = scene.text("KeyId"); !asked.empty()) {
    auto* named = TRY(find_key(scene, asked));
    if (named != key) return fail(scene.error("IncorrectKeyException"));
  }
  return json::Object{{"KeyId", arn},
                      {"Plaintext", json::at(*content, "plaintext")},
                      {"EncryptionAlgorithm", "SYMMETRIC_DEFAULT"}};
}

Result<json::Object> data_key(Scene& scene) {
  auto* key = TRY(usable_key(scene, scene.text("KeyId")));
  auto spec = scene.text("KeySpec");
  auto count = json::integer(scene.input("NumberOfBytes"), spec == "AES_128" ? 16 : 32);
  if (count < 1 || count > static_cast<std::int64_t>(data_key_bytes_max))
    return fail(
        scene.error("ValidationException",
                    fmt::format("NumberOfBytes must be between 1 and {}", data_key_bytes_max)));
  std::string bytes;
  for (std::int64_t i = 0; i < count; ++i)
    bytes += static_cast<char>(scene.ids.below(256));
  auto plaintext = to_base64(bytes);
  json::Object output{{"KeyId", scene.arn(*key)},
                      {"CiphertextBlob", sealed(scene, *key, plaintext)}};
  if (scene.call.operation == "GenerateDataKey") output["Plaintext"] = plaintext;
  return output;
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("kms:DescribeKey", describe_key);
  hooks.finish("kms:CreateKey", finish_create_key);
  hooks.derive("AWS::KMS::Key/KeyState", key_state);
  for (const auto* operation :
       {"EnableKey", "DisableKey", "UpdateKeyDescription", "TagResource", "UntagResource"})
    hooks.check(fmt::format("kms:{}", operation), check_changeable);
  hooks.check("kms:CreateKey", check_policy);
  hooks.check("kms:PutKeyPolicy", check_put_policy);
  hooks.check("kms:EnableKeyRotation", check_rotation);
  hooks.check("kms:DisableKeyRotation", check_rotation);
  hooks.emulate("kms:ScheduleKeyDeletion", schedule_deletion);
  hooks.emulate("kms:CancelKeyDeletion", cancel_deletion);
  for (const auto* operation : {"CreateAlias", "UpdateAlias"}) {
    hooks.check(fmt::format("kms:{}", operation), check_alias);
    hooks.finish(fmt::format("kms:{}", operation), finish_alias);
  }
  hooks.emulate("kms:Encrypt", encrypt);
  hooks.emulate("kms:Decrypt", decrypt);
  hooks.emulate("kms:GenerateDataKey", data_key);
  hooks.emulate("kms:GenerateDataKeyWithoutPlaintext", data_key);
}

}  // namespace aright::sandbox::kms_hooks

namespace aright::sandbox {

Result<std::string> key_arn(Scene& scene, std::string_view name) {
  if (name.starts_with("arn:") &&
      name.find(fmt::format(":{}:", scene.call.account)) == std::string_view::npos)
    return std::string(name);
  auto* key = TRY(kms_hooks::find_key(scene, name));
  return scene.arn(*key);
}

void tell_keys_by_arn(Scene& scene, Resource& resource) {
  for (const auto& [type, aspect] : kms_hooks::told_by_arn) {
    auto name = type == resource.ref.type ? json::text(resource.aspect(aspect)) : "";
    if (name.empty() || name.contains(":key/")) continue;
    if (auto arn = key_arn(scene, name)) resource.set(aspect, json::Value(std::move(*arn)));
  }
}

std::optional<json::Value> unsealed(std::string_view ciphertext_base64) {
  auto bytes = from_base64(ciphertext_base64);
  auto content = bytes ? json::parse(*bytes) : fail(bytes.error());
  if (!content || json::text(*content, "mark", "") != kms_hooks::cipher_mark) return std::nullopt;
  return std::move(*content);
}

}  // namespace aright::sandbox
