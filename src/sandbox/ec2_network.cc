// Networks: VPCs with what AWS makes along with them, subnets, gateways, interfaces and flow logs.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/text.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ec2_network_hooks {

namespace {

constexpr int prefix_min = 16, prefix_max = 28;  // of VPCs and subnets
constexpr std::uint32_t first_host =
    4;  // AWS keeps the first four addresses of a subnet, and the last

struct Network {
  std::uint32_t address = 0;
  int prefix = 0;

  std::uint32_t size() const { return std::uint32_t{1} << (32 - prefix); }
  bool holds(const Network& other) const {
    return prefix <= other.prefix && (other.address & ~(size() - 1)) == address;
  }
  bool overlaps(const Network& other) const { return holds(other) || other.holds(*this); }
};

std::optional<Network> parse_network(std::string_view text) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Network network{.prefix =
                      static_cast<int>(json::integer(json::Value(text.substr(slash + 1)), -1))};
  auto parts = split(text.substr(0, slash), '.');
  if (parts.size() != 4 || network.prefix < 0 || network.prefix > 32) return std::nullopt;
  for (const auto& part : parts) {
    auto number = json::integer(json::Value(part), -1);
    if (number < 0 || number > 255) return std::nullopt;
    network.address = network.address << 8 | static_cast<std::uint32_t>(number);
  }
  return network;
}

std::string address_text(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255);
}

Network network_of(const Resource& resource) {
  return parse_network(json::text(resource.aspect("CidrBlock"))).value_or(Network{.prefix = 32});
}

// The block that a call asks for, of a size that AWS allows.
Result<Network> asked_network(Scene& scene, std::string_view range_error) {
  auto text = scene.text("CidrBlock");
  auto network = parse_network(text);
  if (!network)
    return fail(scene.error(
        "InvalidParameterValue",
        fmt::format(
            "Value ({}) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
            text)));
  if (network->prefix < prefix_min || network->prefix > prefix_max)
    return fail(scene.error(range_error, fmt::format("The CIDR '{}' is invalid.", text)));
  return *network;
}

Result<> check_vpc(Scene& scene) {
  CHECK_OK(asked_network(scene, "InvalidVpc.Range"));
  return {};
}

// What comes with every VPC: the default group, the main route table and the default network ACL.
Result<> finish_vpc(Scene& scene, json::Object& output) {
  auto vpc_ref = scene.created.front();
  const auto& id = vpc_ref.id;
  auto* group = TRY(create_plain(scene, group_type, "sg-"));
  group->set("GroupName", "default");
  group->set("GroupDescription", "default VPC security group");
  group->set("VpcId", json::Value(id));
  json::Object itself{{"GroupId", group->ref.id}, {"UserId", group->ref.account}};
  group->set(
      "SecurityGroupIngress",
      json::Array{json::Object{{"IpProtocol", "-1"}, {"UserIdGroupPairs", json::Array{itself}}}});
  number_rules(scene, *group);

  auto* table = TRY(create_plain(scene, "AWS::EC2::RouteTable", "rtb-"));
  const auto* vpc = scene.world.find(vpc_ref);
  table->set("VpcId", json::Value(id));
  table->set("Routes", json::Array{json::Object{{"DestinationCidrBlock", vpc->aspect("CidrBlock")},
                                                {"GatewayId", "local"},
                                                {"Origin", "CreateRouteTable"},
                                                {"State", "active"}}});
  table->set("Associations",
             json::Array{json::Object{{"Main", true},
                                      {"RouteTableId", table->ref.id},
                                      {"RouteTableAssociationId", "rtbassoc-" + scene.ids.hex(17)},
                                      {"AssociationState", json::Object{{"State", "associated"}}}}});

  auto* acl = TRY(create_plain(scene, "AWS::EC2::NetworkAcl", "acl-"));
  acl->set("VpcId", json::Value(id));
  acl->set("IsDefault", true);
  auto entries = json::items(acl->aspect("Entries"));
  for (bool egress : {false, true})
    entries.push_back(json::Object{{"RuleNumber", 100},
                                   {"Protocol", "-1"},
                                   {"RuleAction", "allow"},
                                   {"Egress", egress},
                                   {"CidrBlock", "0.0.0.0/0"}});
  acl->set("Entries", std::move(entries));
  scene.world.edit(vpc_ref).set(
      "CidrBlockAssociations",
      json::Array{json::Object{{"AssociationId", "vpc-cidr-assoc-" + scene.ids.hex(17)},
                               {"CidrBlock", vpc->aspect("CidrBlock")},
                               {"CidrBlockState", json::Object{{"State", "associated"}}}}});
  output["Vpc"] = scene.shown(*vpc);
  return {};
}

std::vector<cloud::ResourceRef> within(const Scene& scene, std::string_view type,
                                       std::string_view aspect, std::string_view id) {
  std::vector<cloud::ResourceRef> out;
  for (const auto* resource : own(scene, type))
    if (json::text(resource->aspect(aspect)) == id) out.push_back(resource->ref);
  return out;
}

Result<> check_delete_vpc(Scene& scene) {
  auto id = scene.text("VpcId");
  CHECK_OK(scene.need(vpc_type, id));
  auto refused = [&] {
    return fail(
        scene.error("DependencyViolation",
                    fmt::format("The vpc '{}' has dependencies and cannot be deleted.", id)));
  };
  if (!within(scene, subnet_type, "VpcId", id).empty()) return refused();
  for (const auto* gateway : own(scene, "AWS::EC2::InternetGateway"))
    for (const auto& attachment : json::items(gateway->aspect("Attachments")))
      if (json::text(attachment, "VpcId", "") == id) return refused();
  auto groups = within(scene, group_type, "VpcId", id),
       tables = within(scene, "AWS::EC2::RouteTable", "VpcId", id),
       acls = within(scene, "AWS::EC2::NetworkAcl", "VpcId", id);
  if (groups.size() > 1 || tables.size() > 1 || acls.size() > 1) return refused();
  for (const auto* refs : {&groups, &tables, &acls})
    for (const auto& ref : *refs)
      scene.erase(ref);
  return {};
}

Result<> check_subnet(Scene& scene) {
  auto vpc_id = scene.text("VpcId");
  const auto* vpc = TRY(scene.need(vpc_type, vpc_id));
  auto asked = TRY(asked_network(scene, "InvalidSubnet.Range"));
  if (!network_of(*vpc).holds(asked))
    return fail(scene.error("InvalidSubnet.Range",
                            fmt::format("The CIDR '{}' is invalid.", scene.text("CidrBlock"))));
  for (const auto& ref : within(scene, subnet_type, "VpcId", vpc_id))
    if (network_of(*scene.world.find(ref)).overlaps(asked))
      return fail(scene.error(
          "InvalidSubnet.Conflict",
          fmt::format("The CIDR '{}' conflicts with another subnet", scene.text("CidrBlock"))));
  auto zone = scene.text("AvailabilityZone");
  if (!zone.empty() &&
      (!zone.starts_with(scene.call.region) || zone.size() != scene.call.region.size() + 1))
    return fail(
        scene.error("InvalidParameterValue",
                    fmt::format("Value ({}) for parameter availabilityZone is invalid.", zone)));
  return {};
}

Result<> finish_subnet(Scene& scene, json::Object& output) {
  auto& subnet = scene.world.edit(scene.created.front());
  subnet.set("AvailableIpAddressCount", network_of(subnet).size() - first_host - 1);
  for (const auto* acl : own(scene, "AWS::EC2::NetworkAcl"))
    if (json::truth(acl->aspect("IsDefault")) && acl->aspect("VpcId") == subnet.aspect("VpcId"))
      associate_acl(scene, scene.world.edit(acl->ref), subnet.ref.id);
  output["Subnet"] = scene.shown(subnet);
  return {};
}

// Its associations go with it.
void forget_subnet(Scene& scene, const std::string& id) {
  for (std::string_view type : {"AWS::EC2::NetworkAcl", "AWS::EC2::RouteTable"}) {
    for (const auto* one : own(scene, type)) {
      json::Array rest;
      for (const auto& association : json::items(one->aspect("Associations")))
        if (json::text(association, "SubnetId", "") != id) rest.push_back(association);
      if (rest.size() != json::items(one->aspect("Associations")).size())
        scene.world.edit(one->ref).set("Associations", std::move(rest));
    }
  }
}

Result<> check_delete_subnet(Scene& scene) {
  auto id = scene.text("SubnetId");
  CHECK_OK(scene.need(subnet_type, id));
  if (within(scene, interface_type, "SubnetId", id).empty()) {
    forget_subnet(scene, id);
    return {};
  }
  return fail(
      scene.error("DependencyViolation",
                  fmt::format("The subnet '{}' has dependencies and cannot be deleted.", id)));
}

Result<> check_attach_gateway(Scene& scene) {
  auto vpc_id = scene.text("VpcId");
  CHECK_OK(scene.need(vpc_type, vpc_id));
  auto* gateway = TRY(scene.need("AWS::EC2::InternetGateway", scene.text("InternetGatewayId")));
  if (!json::items(gateway->aspect("Attachments")).empty())
    return fail(scene.error("Resource.AlreadyAssociated", "", gateway));
  return {};
}

Result<> check_detach_gateway(Scene& scene) {
  auto* gateway = TRY(scene.need("AWS::EC2::InternetGateway", scene.text("InternetGatewayId")));
  for (const auto& attachment : json::items(gateway->aspect("Attachments")))
    if (json::at(attachment, "VpcId") == scene.input("VpcId")) return {};
  return fail(
      scene.error("Gateway.NotAttached", fmt::format("resource {} is not attached to network {}",
                                                     gateway->ref.id, scene.text("VpcId"))));
}

Result<> check_delete_gateway(Scene& scene) {
  auto* gateway = TRY(scene.need("AWS::EC2::InternetGateway", scene.text("InternetGatewayId")));
  if (json::items(gateway->aspect("Attachments")).empty()) return {};
  return fail(
      scene.error("DependencyViolation",
                  fmt::format("The internetGateway '{}' has dependencies and cannot be deleted.",
                              gateway->ref.id)));
}

Result<json::Object> create_default_vpc(Scene& scene) {
  if (default_vpc(scene) != nullptr) return fail(scene.error("DefaultVpcAlreadyExists"));
  auto made = TRY(scene.also("ec2", "CreateVpc", {{"CidrBlock", "172.31.0.0/16"}}));
  auto vpc_id = json::text(json::at(made, "Vpc"), "VpcId", "");
  auto* vpc = TRY(scene.need(vpc_type, vpc_id));
  vpc->set("IsDefault", true);
  vpc->set("EnableDnsHostnames", true);
  int block = 0;
  for (const auto* letter : {"a", "b", "c"}) {
    auto cidr = fmt::format("172.31.{}.0/20", block);
    auto subnet = TRY(scene.also("ec2", "CreateSubnet",
                                 {{"VpcId", vpc_id},
                                  {"CidrBlock", cidr},
                                  {"AvailabilityZone", scene.call.region + letter}}));
    auto* resource =
        TRY(scene.need(subnet_type, json::text(json::at(subnet, "Subnet"), "SubnetId", "")));
    resource->set("MapPublicIpOnLaunch", true);
    resource->set("DefaultForAz", true);
    block += 16;
  }
  auto gateway = TRY(scene.also("ec2", "CreateInternetGateway", {}));
  auto gateway_id = json::at(json::at(gateway, "InternetGateway"), "InternetGatewayId");
  CHECK_OK(scene.also("ec2", "AttachInternetGateway",
                      {{"InternetGatewayId", gateway_id}, {"VpcId", vpc_id}}));
  for (const auto& table : within(scene, "AWS::EC2::RouteTable", "VpcId", vpc_id))
    CHECK_OK(scene.also("ec2", "CreateRoute",
                        {{"RouteTableId", table.id},
                         {"DestinationCidrBlock", "0.0.0.0/0"},
                         {"GatewayId", gateway_id}}));
  return json::Object{{"Vpc", scene.shown(*vpc)}};
}

Result<json::Object> create_network_interface(Scene& scene) {
  const auto* subnet = TRY(scene.need(subnet_type, scene.text("SubnetId")));
  auto vpc_id = json::text(subnet->aspect("VpcId"));
  CHECK_OK(check_groups(scene, scene.input("Groups"), vpc_id));
  auto groups = json::items(scene.input("Groups"));
  auto* made = TRY(create_interface(scene, *subnet, groups));
  made->set("Tags", tags_for(scene, "network-interface"));
  return json::Object{{"NetworkInterface", scene.shown(*made)}};
}

Result<> check_delete_interface(Scene& scene) {
  auto* one = TRY(scene.need(interface_type, scene.text("NetworkInterfaceId")));
  if (json::text(one->aspect("Status")) != "in-use") return {};
  return fail(scene.error("InvalidParameterValue",
                          fmt::format("Network interface '{}' is currently in use.", one->ref.id)));
}

Result<> check_modify_interface(Scene& scene) {
  auto* one = TRY(scene.need(interface_type, scene.text("NetworkInterfaceId")));
  return check_groups(scene, scene.input("Groups"), json::text(one->aspect("VpcId")));
}

// The groups of an instance are those of its first interface.
Result<> finish_modify_interface(Scene& scene, json::Object&) {
  auto* one = TRY(scene.need(interface_type, scene.text("NetworkInterfaceId")));
  const auto& attachment = one->aspect("Attachment");
  if (scene.input("Groups").is_null() ||
      json::integer(json::at(attachment, "DeviceIndex"), -1) != 0)
    return {};
  auto* instance = TRY(scene.need(instance_type, json::text(attachment, "InstanceId", "")));
  instance->set("SecurityGroupIds", json::Value(scene.input("Groups")));
  return {};
}

json::Value interface_groups(const Scene& scene, const Resource& one) {
  return group_identifiers(scene, one.aspect("GroupSet"));
}

std::string_view flow_log_subject(std::string_view kind) {
  if (kind == "VPC") return vpc_type;
  return kind == "Subnet" ? subnet_type : interface_type;
}

json::Object unsuccessful(const json::Value& id, std::string_view code, std::string_view message) {
  return {{"ResourceId", id}, {"Error", json::Object{{"Code", code}, {"Message", message}}}};
}

bool logged_alike(const Scene& scene, const json::Value& id) {
  return std::ranges::any_of(own(scene, "AWS::EC2::FlowLog"), [&](const Resource* log) {
    return log->aspect("ResourceId") == id &&
           log->aspect("LogGroupName") == scene.input("LogGroupName") &&
           log->aspect("LogDestination") == scene.input("LogDestination");
  });
}

Result<json::Object> create_flow_logs(Scene& scene) {
  json::Array made, failed;
  auto kind = scene.text("ResourceType");
  bool to_logs = scene.text("LogDestinationType", "cloud-watch-logs") == "cloud-watch-logs";
  if (to_logs && scene.text("DeliverLogsPermissionArn").empty())
    return fail(scene.error(
        "InvalidParameter",
        "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."));
  for (const auto& id : json::items(scene.input("ResourceIds"))) {
    auto subject = scene.need(flow_log_subject(kind), json::text(id));
    if (!subject) {
      failed.push_back(unsuccessful(id, subject.error().wire_code, subject.error().message));
    } else if (logged_alike(scene, id)) {
      failed.push_back(
          unsuccessful(id, "FlowLogAlreadyExists", scene.error("FlowLogAlreadyExists").message));
    } else {
      auto* log = TRY(create_plain(scene, "AWS::EC2::FlowLog", "fl-"));
      log->set("ResourceId", id);
      log->set("Tags", tags_for(scene, "vpc-flow-log"));
      made.push_back(json::Value(log->ref.id));
    }
  }
  return json::Object{{"FlowLogIds", std::move(made)},
                      {"Unsuccessful", std::move(failed)},
                      {"ClientToken", scene.text("ClientToken")}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("ec2:CreateVpc", check_vpc);
  hooks.finish("ec2:CreateVpc", finish_vpc);
  hooks.check("ec2:DeleteVpc", check_delete_vpc);
  hooks.check("ec2:CreateSubnet", check_subnet);
  hooks.finish("ec2:CreateSubnet", finish_subnet);
  hooks.check("ec2:DeleteSubnet", check_delete_subnet);
  hooks.check("ec2:AttachInternetGateway", check_attach_gateway);
  hooks.check("ec2:DetachInternetGateway", check_detach_gateway);
  hooks.check("ec2:DeleteInternetGateway", check_delete_gateway);
  hooks.emulate("ec2:CreateDefaultVpc", create_default_vpc);
  hooks.emulate("ec2:CreateNetworkInterface", create_network_interface);
  hooks.check("ec2:DeleteNetworkInterface", check_delete_interface);
  hooks.check("ec2:ModifyNetworkInterfaceAttribute", check_modify_interface);
  hooks.finish("ec2:ModifyNetworkInterfaceAttribute", finish_modify_interface);
  hooks.emulate("ec2:CreateFlowLogs", create_flow_logs);
  hooks.derive("AWS::EC2::NetworkInterface/GroupSet", interface_groups);
}

}  // namespace aright::sandbox::ec2_network_hooks

namespace aright::sandbox {

const Resource* default_vpc(const Scene& scene) {
  for (const auto* vpc : own(scene, vpc_type))
    if (json::truth(vpc->aspect("IsDefault"))) return vpc;
  return nullptr;
}

const Resource* default_subnet(const Scene& scene, std::string_view zone) {
  for (const auto* subnet : own(scene, subnet_type))
    if (json::truth(subnet->aspect("DefaultForAz")) &&
        (zone.empty() || json::text(subnet->aspect("AvailabilityZone")) == zone))
      return subnet;
  return nullptr;
}

const Resource* group_named(const Scene& scene, std::string_view vpc_id, std::string_view name) {
  for (const auto* group : own(scene, group_type))
    if (json::text(group->aspect("VpcId")) == vpc_id && json::text(group->aspect("GroupName")) == name) return group;
  return nullptr;
}

const Resource* default_group(const Scene& scene, std::string_view vpc_id) {
  return group_named(scene, vpc_id, "default");
}

Result<Resource*> create_interface(Scene& scene, const Resource& subnet, json::Array groups) {
  auto vpc_id = json::text(subnet.aspect("VpcId"));
  if (groups.empty())
    if (const auto* group = default_group(scene, vpc_id))
      groups.push_back(json::Value(group->ref.id));
  auto& edited = scene.world.edit(subnet.ref);
  auto network = ec2_network_hooks::network_of(edited);
  auto host = static_cast<std::uint32_t>(
      json::integer(json::at(edited.internals, "next_host"), ec2_network_hooks::first_host));
  if (host + 1 >= network.size())
    return fail(scene.error(
        "InsufficientFreeAddressesInSubnet",
        fmt::format("There are not enough free addresses in subnet '{}'", edited.ref.id)));
  edited.internals["next_host"] = host + 1;
  edited.set("AvailableIpAddressCount",
             json::integer(edited.aspect("AvailableIpAddressCount")) - 1);

  auto* made = TRY(create_plain(scene, interface_type, "eni-"));
  auto address = json::text(made->aspect("PrivateIpAddress"));
  if (address.empty()) address = ec2_network_hooks::address_text(network.address + host);
  made->set("PrivateIpAddress", json::Value(address));
  made->set("SubnetId", json::Value(edited.ref.id));
  made->set("VpcId", json::Value(vpc_id));
  made->set("AvailabilityZone", edited.aspect("AvailabilityZone"));
  made->set("GroupSet", std::move(groups));
  auto mac = scene.ids.hex(10);
  made->set("MacAddress",
            json::Value(fmt::format("0a:{}:{}:{}:{}:{}", mac.substr(0, 2), mac.substr(2, 2),
                                    mac.substr(4, 2), mac.substr(6, 2), mac.substr(8, 2))));
  made->record["PrivateIpAddresses"] =
      json::Array{json::Object{{"Primary", true}, {"PrivateIpAddress", address}}};
  return made;
}

std::vector<std::string> users_of_group(const Scene& scene, std::string_view group_id) {
  std::vector<std::string> users;
  for (const auto* one : own(scene, interface_type))
    for (const auto& id : json::items(one->aspect("GroupSet")))
      if (json::text(id) == group_id) users.push_back(one->ref.id);
  return users;
}

}  // namespace aright::sandbox
