// What templates say of other resources: policies of what they name, rules of groups, routes, roles of policies.
#include <algorithm>

#include "cloud/effect.h"
#include "cloud/provision.h"
#include "sandbox/stack_types.h"
#include "sandbox/stacks.h"

namespace aright::sandbox {

namespace {

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

// One of the two is attached to a VPC.
Result<> say_gateway(const Saying& said) {
  json::Object vpc{{"VpcId", said.of("VpcId")}};
  if (const auto& gateway = said.of("VpnGatewayId"); !gateway.is_null()) {
    vpc["VpnGatewayId"] = gateway;
    said.add("ec2", "AttachVpnGateway", vpc, "DetachVpnGateway", vpc);
    return {};
  }
  vpc["InternetGatewayId"] = said.of("InternetGatewayId");
  said.add("ec2", "AttachInternetGateway", vpc, "DetachInternetGateway", vpc);
  return {};
}

Result<> say_route(const Saying& said) {
  json::Object back{{"RouteTableId", said.of("RouteTableId")}};
  for (const auto* to : {"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"})
    if (const auto& there = said.of(to); !there.is_null()) back[to] = there;
  said.add("ec2", "CreateRoute", said.properties, "DeleteRoute", std::move(back));
  return {};
}

// A rule of a security group, in the form that calls have: whom it lets through, and where it leads.
json::Object permission_of(const Saying& said, const char* other_group, const char* other_list) {
  json::Object rule{{"IpProtocol", json::scalar_text(said.of("IpProtocol"))}};
  for (const auto* port : {"FromPort", "ToPort"})
    if (const auto& number = said.of(port); !number.is_null()) rule[port] = json::integer(number, -1);
  struct Peer {
    const char *property, *list, *member;
  };
  for (const auto& [property, list, member] : {Peer{"CidrIp", "IpRanges", "CidrIp"},
                                               Peer{"CidrIpv6", "Ipv6Ranges", "CidrIpv6"},
                                               Peer{other_list, "PrefixListIds", "PrefixListId"},
                                               Peer{other_group, "UserIdGroupPairs", "GroupId"},
                                               Peer{"SourceSecurityGroupName", "UserIdGroupPairs", "GroupName"}}) {
    if (said.of(property).is_null()) continue;
    json::Object peer{{member, said.of(property)}};
    if (const auto& why = said.of("Description"); !why.is_null()) peer["Description"] = why;
    if (const auto& owner = said.of("SourceSecurityGroupOwnerId"); !owner.is_null()) peer["UserId"] = owner;
    rule[list] = json::Array{std::move(peer)};
  }
  return rule;
}

void say_rule(const Saying& said, json::Object rule, const char* make, const char* undo) {
  json::Object input;
  for (const auto* group : {"GroupId", "GroupName"})
    if (const auto& named = said.of(group); !named.is_null()) input[group] = named;
  input["IpPermissions"] = json::Array{std::move(rule)};
  said.add("ec2", make, input, undo, input);
}

Result<> say_ingress(const Saying& said) {
  say_rule(said, permission_of(said, "SourceSecurityGroupId", "SourcePrefixListId"), "AuthorizeSecurityGroupIngress",
           "RevokeSecurityGroupIngress");
  return {};
}

Result<> say_egress(const Saying& said) {
  say_rule(said, permission_of(said, "DestinationSecurityGroupId", "DestinationPrefixListId"),
           "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress");
  return {};
}

// Whether Macie is on, which is all that its session says.
Result<> say_macie(const Saying& said) {
  json::Object input{{"status", said.of("Status").is_null() ? json::Value("ENABLED") : said.of("Status")}};
  if (const auto& often = said.of("FindingPublishingFrequency"); !often.is_null())
    input["findingPublishingFrequency"] = often;
  said.add("macie2", "EnableMacie", std::move(input), "DisableMacie", {});
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
                                {"AWS::EC2::VPCGatewayAttachment", true, say_gateway},
                                {"AWS::EC2::Route", true, say_route},
                                {"AWS::EC2::SecurityGroupIngress", true, say_ingress},
                                {"AWS::EC2::SecurityGroupEgress", true, say_egress},
                                {"AWS::Macie::Session", true, say_macie},
                                {"AWS::Events::EventBusPolicy", true, say_bus_policy},
                                {"AWS::IAM::Policy", true, say_inline_policy},
                                {"AWS::IAM::RolePolicy", true, say_inline_policy},
                                {"AWS::IAM::UserPolicy", true, say_inline_policy},
                                {"AWS::IAM::GroupPolicy", true, say_inline_policy},
                                {"AWS::IAM::UserToGroupAddition", true, say_members},
                                {"AWS::IAM::ManagedPolicy", false, say_holders},
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
