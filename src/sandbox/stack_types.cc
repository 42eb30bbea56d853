#include "sandbox/stack_types.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/locate.h"
#include "sandbox/stacks.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function", document_type = "AWS::SSM::Document";
constexpr std::string_view pack_type = "AWS::Config::ConformancePack", managed_type = "AWS::IAM::ManagedPolicy";
constexpr std::string_view secret_type = "AWS::SecretsManager::Secret";
constexpr std::string_view target_type = "AWS::ApplicationAutoScaling::ScalableTarget";

std::string little_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
  return out;
}

// CRC-32 as zip archives have it.
std::uint32_t checksum(std::string_view bytes) {
  constexpr std::uint32_t polynomial = 0xEDB88320;
  std::uint32_t sum = 0xFFFFFFFF;
  for (unsigned char byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? polynomial : 0);
  }
  return ~sum;
}

// An archive of one file, as it is: PKWARE's APPNOTE, 4.3.
std::string zipped(std::string_view name, std::string_view bytes) {
  constexpr std::uint32_t version = 20, day_one = 0x21;  // 1980-01-01
  auto size = static_cast<std::uint32_t>(bytes.size());
  auto about = little_endian(version, 2) + little_endian(0, 4) + little_endian(0, 2) + little_endian(day_one, 2) +
               little_endian(checksum(bytes), 4) + little_endian(size, 4) + little_endian(size, 4) +
               little_endian(static_cast<std::uint32_t>(name.size()), 2) + little_endian(0, 2);
  std::string out = "PK\x03\x04" + about + std::string(name) + std::string(bytes);
  auto directory_at = static_cast<std::uint32_t>(out.size());
  auto entry = "PK\x01\x02" + little_endian(version, 2) + about + little_endian(0, 6) + little_endian(0, 4) +
               little_endian(0, 4) + std::string(name);
  out += entry + "PK\x05\x06" + little_endian(0, 4) + little_endian(1, 2) + little_endian(1, 2) +
         little_endian(static_cast<std::uint32_t>(entry.size()), 4) + little_endian(directory_at, 4) +
         little_endian(0, 2);
  return out;
}

// The one file of code that stands in a template is called index.
void zip_code(json::Object& properties) {
  auto* code = properties.if_contains("Code");
  if (code == nullptr || json::at(*code, "ZipFile").is_null()) return;
  auto name = json::text(properties, "Runtime").starts_with("nodejs") ? "index.js" : "index.py";
  code->as_object()["ZipFile"] = to_base64(zipped(name, json::text(*code, "ZipFile", "")));
}

// What stands at a place where only objects are looked into; all items of a list. Tells `found` of each object.
void each_object(json::Value& value, const std::vector<std::string_view>& path,
                 const std::function<void(json::Object&)>& found) {
  if (auto* list = value.if_array())
    for (auto& item : *list) each_object(item, path, found);
  auto* object = value.if_object();
  if (object == nullptr) return;
  if (path.empty()) return found(*object);
  auto* member = object->if_contains(path.front());
  if (member != nullptr) each_object(*member, {path.begin() + 1, path.end()}, found);
}

void say_unless_said(json::Object& object, const json::Object& usual) {
  for (const auto& [name, value] : usual)
    if (!object.contains(name)) object[name] = value;
}

// Origins of one's own are asked at the usual ports, and get no cookies.
json::Object with_usual_behavior(json::Object properties) {
  json::Value whole = std::move(properties);
  const json::Object ports{{"HTTPPort", 80}, {"HTTPSPort", 443}};
  each_object(whole, {"DistributionConfig", "Origins", "CustomOriginConfig"},
              [&](json::Object& origin) { say_unless_said(origin, ports); });
  const json::Object cookies{{"Cookies", json::Object{{"Forward", "none"}}}};
  for (const auto* behavior : {"DefaultCacheBehavior", "CacheBehaviors"})
    each_object(whole, {"DistributionConfig", behavior, "ForwardedValues"},
                [&](json::Object& values) { say_unless_said(values, cookies); });
  return std::move(whole.as_object());
}

// Groups of instances have members of their own in templates, and stand in one list in calls.
json::Object with_instance_groups(json::Object properties) {
  auto* instances = properties.if_contains("Instances");
  if (instances == nullptr || !instances->is_object()) return properties;
  json::Array groups;
  for (auto [member, role] : {std::pair("MasterInstanceGroup", "MASTER"), {"CoreInstanceGroup", "CORE"},
                              {"TaskInstanceGroups", "TASK"}}) {
    const auto said = json::at(*instances, member);
    instances->get_object().erase(member);
    for (const auto& group : said.is_array() ? said.get_array() : json::Array{said})
      if (group.is_object()) {
        groups.push_back(group);
        groups.back().as_object()["InstanceRole"] = role;
      }
  }
  if (!groups.empty()) instances->get_object()["InstanceGroups"] = std::move(groups);
  return properties;
}

json::Object with_subjects(json::Object properties) {
  if (const auto subject = json::at(properties, "ResourceId"); !subject.is_null()) {
    properties.erase("ResourceId");
    properties["ResourceIds"] = json::Array{subject};
  }
  return properties;
}

// What a target is referred to as: table/orders|dynamodb:table:ReadCapacityUnits|dynamodb
constexpr std::string_view target_parts[] = {"ResourceId", "ScalableDimension", "ServiceNamespace"};

json::Object with_target(json::Object properties) {
  auto parts = split(json::text(properties, "ScalingTargetId", ""), '|');
  if (parts.size() != std::size(target_parts)) return properties;
  properties.erase("ScalingTargetId");
  for (std::size_t i = 0; i < parts.size(); ++i) properties[target_parts[i]] = parts[i];
  return properties;
}

// Types whose properties calls have otherwise.
struct Rewording {
  std::string_view type;
  json::Object (*reword)(json::Object);
};
constexpr Rewording rewordings[] = {{"AWS::CloudFront::Distribution", with_usual_behavior},
                                    {"AWS::EMR::Cluster", with_instance_groups},
                                    {"AWS::EC2::FlowLog", with_subjects},
                                    {"AWS::ApplicationAutoScaling::ScalingPolicy", with_target}};

// A password by itself, or as one more member of a document.
Result<json::Object> generated_secret(Scene& scene, const json::Value& asked) {
  if (asked.is_null()) return json::Object();
  auto how = json::members(asked);
  auto key = json::text(how, "GenerateStringKey", ""), form = json::text(how, "SecretStringTemplate", "{}");
  for (const auto* member : {"GenerateStringKey", "SecretStringTemplate"}) how.erase(member);
  auto made = TRY(scene.also("secretsmanager", "GetRandomPassword", std::move(how)));
  if (key.empty()) return json::Object{{"SecretString", json::at(made, "RandomPassword")}};
  auto whole = json::members(TRY(json::parse(form)));
  whole[key] = json::at(made, "RandomPassword");
  return json::Object{{"SecretString", json::print(whole)}};
}

// Properties that calls of their own say.
struct SaidApart {
  std::string_view type;
  const char* property;
};
constexpr SaidApart said_apart[] = {{"AWS::IAM::User", "LoginProfile"},
                                    {"AWS::IAM::AccessKey", "Serial"},
                                    {secret_type, "GenerateSecretString"},
                                    {"AWS::IAM::VirtualMFADevice", "Users"},
                                    {managed_type, "Roles"},
                                    {managed_type, "Users"},
                                    {managed_type, "Groups"},
                                    {"AWS::SNS::Topic", "Subscription"}};

Result<> change_pack(Scene& scene, const std::string&, Changed& out) {
  (void)TRY(scene.also("config", "PutConformancePack", out.after));
  out.before = out.after;
  return {};
}

Result<> change_code(Scene& scene, const std::string& name, Changed& out) {
  auto input = json::members(json::at(out.after, "Code"));
  input["FunctionName"] = name;
  (void)TRY(scene.also("lambda", "UpdateFunctionCode", std::move(input)));
  return {};
}

// A new version, which from then on is the one that is meant.
Result<> change_document(Scene& scene, const std::string& name, Changed& out) {
  json::Object input{{"Name", name}, {"DocumentVersion", "$LATEST"}, {"Content", json::at(out.after, "Content")}};
  for (const char* member : {"DocumentFormat", "VersionName"})
    if (const auto& value = json::at(out.after, member); !value.is_null()) input[member] = value;
  auto updated = TRY(scene.also("ssm", "UpdateDocument", std::move(input)));
  const auto& told = json::at(updated, "DocumentDescription");
  (void)TRY(scene.also("ssm", "UpdateDocumentDefaultVersion",
                       {{"Name", name}, {"DocumentVersion", json::at(told, "LatestVersion")}}));
  out.before.erase("VersionName");
  out.after.erase("VersionName");
  return {};
}

// The versions of a managed policy that are not in force, with the oldest first.
Result<std::vector<std::string>> former_versions(Scene& scene, const std::string& arn) {
  auto listed = TRY(scene.also("iam", "ListPolicyVersions", {{"PolicyArn", arn}}));
  std::vector<std::string> out;
  for (const auto& one : json::items(json::at(listed, "Versions")))
    if (!json::truth(json::at(one, "IsDefaultVersion"))) out.push_back(json::text(one, "VersionId", ""));
  std::ranges::sort(out, {}, [](const std::string& id) { return std::pair(id.size(), id); });
  return out;
}

Result<> drop_policy_version(Scene& scene, const std::string& arn, const std::string& version) {
  (void)TRY(scene.also("iam", "DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", version}}));
  return {};
}

// A managed policy has five versions at most: the oldest makes room.
Result<> change_policy(Scene& scene, const std::string& arn, Changed& out) {
  constexpr std::size_t versions_max = 5;
  auto former = TRY(former_versions(scene, arn));
  if (former.size() + 1 >= versions_max) CHECK_OK(drop_policy_version(scene, arn, former.front()));
  (void)TRY(scene.also("iam", "CreatePolicyVersion",
                       {{"PolicyArn", arn},
                        {"PolicyDocument", document_text(json::at(out.after, "PolicyDocument"))},
                        {"SetAsDefault", true}}));
  return {};
}

struct ChangingMember {
  std::string_view type;
  const char* member;
  Result<> (*change)(Scene&, const std::string& physical, Changed&);
};
constexpr ChangingMember changing_members[] = {{pack_type, "TemplateBody", change_pack},
                                               {function_type, "Code", change_code},
                                               {document_type, "Content", change_document},
                                               {managed_type, "PolicyDocument", change_policy}};

}  // namespace

std::string document_text(const json::Value& document) {
  return document.is_string() ? json::text(document) : json::print(document);
}

std::string reference_to(const cloud::ResourceType& type, const cloud::ResourceRef& made) {
  auto parts = cloud::key_parts(type, made.id);
  if (type.name != target_type) return parts.back();
  std::vector<std::string> told;
  for (auto part : target_parts)
    told.push_back(parts[static_cast<std::size_t>(std::ranges::find(type.key, part) - type.key.begin())]);
  return fmt::format("{}", fmt::join(told, "|"));
}

json::Value beneath(const Scene& scene, const Resource& resource, std::string_view attribute) {
  if (attribute == "RootId" && resource.ref.type == "AWS::Organizations::Organization")
    for (const auto* root : scene.world.all(scene.ref("AWS::Organizations::Root", "")))
      return json::Value(cloud::key_parts(*scene.catalog.type(root->ref.type), root->ref.id).back());
  if (attribute != "RootResourceId") return {};
  auto first = scene.ref("AWS::ApiGateway::Resource", resource.ref.id + cloud::key_separator);
  for (const auto* one : scene.world.all(first))
    if (json::at(scene.shown(*one), "parentId").is_null())
      return json::Value(cloud::key_parts(*scene.catalog.type(first.type), one->ref.id).back());
  return {};
}

Result<json::Object> beside_properties(Scene& scene, std::string_view type, const json::Object& properties) {
  if (type == "AWS::SNS::Subscription") return json::Object{{"ReturnSubscriptionArn", true}};
  if (type == secret_type) return generated_secret(scene, json::at(properties, "GenerateSecretString"));
  const auto& body = json::at(properties, "TemplateBody");
  return type == pack_type && !body.is_null() ? json::Object{{"TemplateBody", body}} : json::Object();
}

json::Object as_taken(std::string_view type, json::Object properties) {
  if (type == function_type) zip_code(properties);
  for (const auto& one : rewordings)
    if (one.type == type) properties = one.reword(std::move(properties));
  for (const auto& one : said_apart)
    if (one.type == type) properties.erase(one.property);
  if (type != document_type) return properties;
  properties.erase("UpdateMethod");
  if (auto* content = properties.if_contains("Content"); content != nullptr && content->is_object())
    *content = json::print(*content);
  return properties;
}

Result<Changed> change_content(Scene& scene, std::string_view type, const std::string& physical, json::Object before,
                               json::Object after) {
  Changed out{.before = as_taken(type, std::move(before)), .after = as_taken(type, std::move(after))};
  const auto* changing = std::ranges::find(changing_members, type, &ChangingMember::type);
  if (changing == std::end(changing_members)) return out;
  if (json::at(out.before, changing->member) == json::at(out.after, changing->member)) return out;
  CHECK_OK(changing->change(scene, physical, out));
  if (const auto& now = json::at(out.after, changing->member); now.is_null()) out.before.erase(changing->member);
  else out.before[changing->member] = now;
  return out;
}

Result<> clear_for_removal(Scene& scene, std::string_view type, const std::string& physical) {
  if (type != managed_type) return {};
  auto former = TRY(former_versions(scene, physical));
  for (const auto& version : former) CHECK_OK(drop_policy_version(scene, physical, version));
  return {};
}

}  // namespace aright::sandbox
