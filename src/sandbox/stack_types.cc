#include "sandbox/stack_types.h"

#include <algorithm>

#include "base/digest.h"
#include "cloud/effect.h"
#include "cloud/provision.h"
#include "sandbox/stacks.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function", document_type = "AWS::SSM::Document";
constexpr std::string_view pack_type = "AWS::Config::ConformancePack", managed_type = "AWS::IAM::ManagedPolicy";

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

// Properties that calls of their own say.
struct SaidApart {
  std::string_view type;
  const char* property;
};
constexpr SaidApart said_apart[] = {{"AWS::IAM::User", "LoginProfile"},
                                    {"AWS::IAM::AccessKey", "Serial"},
                                    {managed_type, "Roles"},
                                    {managed_type, "Users"},
                                    {managed_type, "Groups"},
                                    {"AWS::SNS::Topic", "Subscription"}};

std::string document_text(const json::Value& document) {
  return document.is_string() ? json::text(document) : json::print(document);
}

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

// What one part of a stack says of others.
struct Saying {
  Scene& scene;
  const std::string& physical;
  const json::Object& properties;
  std::vector<Statement>& out;

  const json::Value& of(std::string_view member) const { return json::at(properties, member); }
  void add(const char* service, const char* make, json::Object input, const char* undo, json::Object back) const {
    aws::Call taking_back{.service = service, .input = std::move(back)};
    if (undo != nullptr) taking_back.operation = undo;
    out.push_back({.make = {.service = service, .operation = make, .input = std::move(input)},
                   .undo = std::move(taking_back)});
  }
};

Result<> say_permission(const Saying& said) {
  auto input = said.properties;
  input["StatementId"] = said.physical;
  said.add("lambda", "AddPermission", std::move(input), "RemovePermission",
           {{"FunctionName", said.of("FunctionName")}, {"StatementId", said.physical}});
  return {};
}

Result<> say_attachment(const Saying& said) {
  said.add("ec2", "AttachVolume", said.properties, "DetachVolume", {{"VolumeId", said.of("VolumeId")}});
  return {};
}

// A bus' policy with this statement in it.
Result<std::string> bus_policy_with(Scene& scene, const json::Value& bus, json::Object statement) {
  json::Object ask;
  if (!bus.is_null()) ask["Name"] = bus;
  auto told = TRY(scene.also("events", "DescribeEventBus", std::move(ask)));
  auto policy = json::parse(json::text(told, "Policy")).value_or(json::Object{{"Version", "2012-10-17"}});
  json::Array all;
  for (const auto& there : json::items(json::at(policy, "Statement")))
    if (json::at(there, "Sid") != json::at(statement, "Sid")) all.push_back(there);
  all.push_back(std::move(statement));
  policy.as_object()["Statement"] = std::move(all);
  return json::print(policy);
}

Result<> say_bus_policy(const Saying& said) {
  json::Object place;
  if (const auto& bus = said.of("EventBusName"); !bus.is_null()) place["EventBusName"] = bus;
  auto input = said.properties, back = place;
  back["StatementId"] = said.of("StatementId");
  if (const auto& whole = said.of("Statement"); !whole.is_null()) {
    auto statement = json::members(whole);
    statement["Sid"] = said.of("StatementId");
    input = place;
    input["Policy"] = TRY(bus_policy_with(said.scene, said.of("EventBusName"), std::move(statement)));
  }
  said.add("events", "PutPermission", std::move(input), "RemovePermission", std::move(back));
  return {};
}

// Who has a policy, and the operations that are about it: PutRolePolicy, AttachRolePolicy.
struct Holder {
  const char *list, *alone, *name, *put, *erase, *attach, *detach;
};
constexpr Holder holders[] = {
    {"Roles", "RoleName", "RoleName", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy"},
    {"Users", "UserName", "UserName", "PutUserPolicy", "DeleteUserPolicy", "AttachUserPolicy", "DetachUserPolicy"},
    {"Groups", "GroupName", "GroupName", "PutGroupPolicy", "DeleteGroupPolicy", "AttachGroupPolicy",
     "DetachGroupPolicy"}};

Result<> say_inline_policy(const Saying& said) {
  auto text = document_text(said.of("PolicyDocument"));
  for (const auto& holder : holders) {
    auto names = json::texts(said.of(holder.list));
    if (const auto& one = said.of(holder.alone); !one.is_null()) names.push_back(json::text(one));
    for (const auto& name : names) {
      json::Object back{{holder.name, name}, {"PolicyName", said.of("PolicyName")}}, input = back;
      input["PolicyDocument"] = text;
      said.add("iam", holder.put, std::move(input), holder.erase, std::move(back));
    }
  }
  return {};
}

Result<> say_holders(const Saying& said) {
  for (const auto& holder : holders)
    for (const auto& name : json::texts(said.of(holder.list))) {
      json::Object input{{holder.name, name}, {"PolicyArn", said.physical}};
      said.add("iam", holder.attach, input, holder.detach, input);
    }
  return {};
}

Result<> say_members(const Saying& said) {
  for (const auto& user : json::texts(said.of("Users"))) {
    json::Object input{{"GroupName", said.of("GroupName")}, {"UserName", user}};
    said.add("iam", "AddUserToGroup", input, "RemoveUserFromGroup", input);
  }
  return {};
}

Result<> say_login_profile(const Saying& said) {
  if (said.of("LoginProfile").is_null()) return {};
  auto input = json::members(said.of("LoginProfile"));
  input["UserName"] = said.physical;
  said.add("iam", "CreateLoginProfile", std::move(input), "DeleteLoginProfile", {{"UserName", said.physical}});
  return {};
}

// A subscription is known by what it says.
Result<> say_subscriptions(const Saying& said) {
  for (const auto& one : json::items(said.of("Subscription"))) {
    auto input = json::members(one);
    input["TopicArn"] = said.physical;
    json::Object back;
    for (const auto* there : said.scene.world.all(said.scene.ref("AWS::SNS::Subscription", "")))
      if (std::ranges::all_of(input, [&](const auto& member) { return there->aspect(member.key()) == member.value(); }))
        back["SubscriptionArn"] = there->ref.id;
    said.add("sns", "Subscribe", std::move(input), back.empty() ? nullptr : "Unsubscribe", back);
  }
  return {};
}

constexpr Attachment attachments[] = {
    {"AWS::S3::BucketPolicy", "AWS::S3::Bucket", "Bucket", "Policy"},
    {"AWS::SNS::TopicInlinePolicy", "AWS::SNS::Topic", "TopicArn", "Policy"},
    {"AWS::SNS::TopicPolicy", "AWS::SNS::Topic", "Topics", "Policy"},
    {"AWS::SQS::QueueInlinePolicy", "AWS::SQS::Queue", "Queue", "Policy"},
    {"AWS::SQS::QueuePolicy", "AWS::SQS::Queue", "Queues", "Policy"},
};

// Where there always is a policy, what is left lets nobody in but the owner.
json::Value unattached(const Scene& scene, const cloud::Aspect& aspect, const cloud::ResourceRef& here) {
  json::Object owner{{"Effect", "Allow"},
                     {"Principal", json::Object{{"AWS", scene.call.account}}},
                     {"Action", "SNS:*"},
                     {"Resource", here.id}};
  json::Object policy{{"Version", "2012-10-17"}, {"Statement", json::Array{std::move(owner)}}};
  return cloud::unshaped(aspect, json::Value(std::move(policy)), scene.catalog);
}

struct Speaker {
  std::string_view type;
  bool alone;  // the type is nothing else
  Result<> (*say)(const Saying&);
};
constexpr Speaker speakers[] = {{"AWS::Lambda::Permission", true, say_permission},
                                {"AWS::EC2::VolumeAttachment", true, say_attachment},
                                {"AWS::Events::EventBusPolicy", true, say_bus_policy},
                                {"AWS::IAM::Policy", true, say_inline_policy},
                                {"AWS::IAM::RolePolicy", true, say_inline_policy},
                                {"AWS::IAM::UserPolicy", true, say_inline_policy},
                                {"AWS::IAM::GroupPolicy", true, say_inline_policy},
                                {"AWS::IAM::UserToGroupAddition", true, say_members},
                                {managed_type, false, say_holders},
                                {"AWS::IAM::User", false, say_login_profile},
                                {"AWS::SNS::Topic", false, say_subscriptions}};

bool is_same(const aws::Call& left, const aws::Call& right) {
  return left.service == right.service && left.operation == right.operation &&
         json::equal(json::Value(left.input), json::Value(right.input));
}

// What was to go is not there, or what had it is not. A volume that is not attached is in no state to be detached.
bool is_absence(const Error& error) {
  return error.http_status == 404 || error.wire_code.find("NotFound") != std::string::npos ||
         error.wire_code.starts_with("NoSuch") || error.wire_code == "IncorrectState";
}

}  // namespace

const Attachment* attachment(std::string_view type) {
  auto found = std::ranges::find(attachments, type, &Attachment::type);
  return found == std::end(attachments) ? nullptr : found;
}

Result<> attach(Scene& scene, const Attachment& attached, const json::Object& properties, bool there) {
  const auto* type = scene.catalog.type(attached.of);
  const auto* aspect = type == nullptr ? nullptr : type->aspect(attached.aspect);
  if (aspect == nullptr)
    return fail(stack_error(fmt::format("Unrecognized resource types: [{}]", attached.type)));
  const auto& named = json::at(properties, attached.member);
  const auto& document = json::at(properties, "PolicyDocument");
  auto goal = there ? cloud::unshaped(*aspect, document, scene.catalog) : json::Value();
  for (const auto& name : named.is_string() ? std::vector{json::text(named)} : json::texts(named)) {
    auto here = scene.ref(attached.of, name);
    const auto* resource = scene.world.find(here);
    if (resource == nullptr && !there) continue;
    auto was = resource == nullptr ? json::Value() : scene.value(*resource, aspect->name);
    auto calls = cloud::transition(*aspect, here, was, goal);
    if (!calls && !there) calls = cloud::transition(*aspect, here, was, unattached(scene, *aspect, here));
    if (!calls) return fail(calls.error());
    for (auto& call : *calls) (void)TRY(scene.also(call.service, call.operation, std::move(call.input)));
  }
  return {};
}

json::Object beside_properties(std::string_view type, const json::Object& properties) {
  if (type == "AWS::SNS::Subscription") return {{"ReturnSubscriptionArn", true}};
  const auto& body = json::at(properties, "TemplateBody");
  return type == pack_type && !body.is_null() ? json::Object{{"TemplateBody", body}} : json::Object();
}

json::Object as_taken(std::string_view type, json::Object properties) {
  if (type == function_type) zip_code(properties);
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

bool is_permission_type(std::string_view type) { return type == "AWS::Lambda::Permission"; }

bool is_statement_type(std::string_view type) {
  return std::ranges::any_of(speakers, [&](const Speaker& one) { return one.alone && one.type == type; });
}

Result<std::vector<Statement>> statements(Scene& scene, std::string_view type, const std::string& physical,
                                          const json::Object& properties) {
  std::vector<Statement> out;
  for (const auto& speaker : speakers)
    if (speaker.type == type) CHECK_OK(speaker.say({scene, physical, properties, out}));
  return out;
}

Result<> restate(Scene& scene, const std::vector<Statement>& before, const std::vector<Statement>& after) {
  auto lacks = [](const std::vector<Statement>& all, const Statement& one) {
    return std::ranges::none_of(all, [&](const Statement& other) { return is_same(other.make, one.make); });
  };
  for (const auto& one : before) {
    if (!lacks(after, one) || one.undo.operation.empty()) continue;
    auto gone = scene.also(one.undo.service, one.undo.operation, one.undo.input);
    if (!gone && !is_absence(gone.error())) return fail(gone.error());
  }
  for (const auto& one : after)
    if (lacks(before, one)) (void)TRY(scene.also(one.make.service, one.make.operation, one.make.input));
  return {};
}

}  // namespace aright::sandbox
