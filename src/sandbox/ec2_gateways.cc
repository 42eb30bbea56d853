// What leads out of a VPC: Elastic IPs, NAT gateways, endpoints, peering.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "cloud/computed.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ec2_gateway_hooks {

namespace {

constexpr std::string_view address_type = "AWS::EC2::EIP";
constexpr std::string_view association_type = "AWS::EC2::EIPAssociation";
constexpr std::size_t id_length = 17;

// Of 203.0.113.0/24 and 198.51.100.0/24, reserved for documentation by RFC 5737.
std::string elastic_address(Scene& scene) {
  auto number = scene.ids.below(2 * 256);
  return fmt::format("{}.{}", number < 256 ? "203.0.113" : "198.51.100", number % 256);
}

Result<> finish_allocate(Scene& scene, json::Object& output) {
  auto& address = scene.world.edit(scene.created.front());
  address.set("PublicIp", json::Value(elastic_address(scene)));
  output = scene.shown(address);
  return {};
}

// The address that a call names, by allocation or by its number.
Result<Resource*> named_address(Scene& scene) {
  if (auto id = scene.text("AllocationId"); !id.empty()) return scene.need(address_type, id);
  for (const auto* one : own(scene, address_type))
    if (one->aspect("PublicIp") == scene.input("PublicIp")) return &scene.world.edit(one->ref);
  return fail(scene.error("InvalidAddress.NotFound",
                          fmt::format("Address '{}' not found.", scene.text("PublicIp"))));
}

// The interface that the address is to lead to.
Result<Resource*> named_interface(Scene& scene) {
  if (auto id = scene.text("NetworkInterfaceId"); !id.empty())
    return scene.need(interface_type, id);
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  for (const auto* one : own(scene, interface_type)) {
    const auto& attachment = one->aspect("Attachment");
    if (json::text(attachment, "InstanceId", "") == instance->ref.id &&
        json::integer(json::at(attachment, "DeviceIndex"), -1) == 0)
      return &scene.world.edit(one->ref);
  }
  return fail(
      scene.error("InvalidInstanceID",
                  fmt::format("The instance '{}' has no network interface", instance->ref.id)));
}

void show_public_address(Scene& scene, Resource& interface, const json::Value& association,
                         const json::Value& public_address) {
  interface.set("Association", association);
  auto instance =
      scene.ref(instance_type, json::text(interface.aspect("Attachment"), "InstanceId", ""));
  if (scene.world.find(instance) != nullptr)
    scene.world.edit(instance).set("PublicIpAddress", public_address);
}

void release_association(Scene& scene, Resource& address) {
  auto interface = scene.ref(interface_type, json::text(address.aspect("NetworkInterfaceId")));
  if (scene.world.find(interface) != nullptr)
    show_public_address(scene, scene.world.edit(interface), nullptr, nullptr);
  scene.erase(scene.ref(association_type, json::text(address.aspect("AssociationId"))));
  for (const auto* name : {"AssociationId", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress"})
    address.set(name, nullptr);
}

Result<json::Object> associate_address(Scene& scene) {
  auto* address = TRY(named_address(scene));
  auto* interface = TRY(named_interface(scene));
  bool taken = !address->aspect("AssociationId").is_null();
  if (taken && scene.input("AllowReassociation") == json::Value(false))
    return fail(
        scene.error("Resource.AlreadyAssociated",
                    fmt::format("resource {} is already associated with associate-id {}",
                                address->ref.id, json::text(address->aspect("AssociationId")))));
  if (taken) release_association(scene, *address);
  auto* made = TRY(scene.create(association_type, "eipassoc-" + scene.ids.hex(id_length)));
  auto instance = json::at(interface->aspect("Attachment"), "InstanceId");
  for (auto* resource : {made, address}) {
    resource->set("InstanceId", instance);
    resource->set("NetworkInterfaceId", json::Value(interface->ref.id));
    resource->set("PrivateIpAddress", interface->aspect("PrivateIpAddress"));
  }
  made->set("AllocationId", json::Value(address->ref.id));
  address->set("AssociationId", json::Value(made->ref.id));
  show_public_address(scene, *interface,
                      json::Object{{"AllocationId", address->ref.id},
                                   {"AssociationId", made->ref.id},
                                   {"IpOwnerId", address->ref.account},
                                   {"PublicIp", address->aspect("PublicIp")}},
                      address->aspect("PublicIp"));
  return json::Object{{"AssociationId", made->ref.id}};
}

Result<json::Object> disassociate_address(Scene& scene) {
  auto id = scene.text("AssociationId");
  for (const auto* one : own(scene, address_type)) {
    const auto& association = one->aspect("AssociationId");
    bool meant = id.empty() ? one->aspect("PublicIp") == scene.input("PublicIp")
                            : json::text(association) == id;
    if (!meant || association.is_null()) continue;
    release_association(scene, scene.world.edit(one->ref));
    return json::Object();
  }
  Resource lacking{.ref = scene.ref(association_type, id)};
  return fail(scene.error("InvalidAssociationID.NotFound", "", &lacking));
}

Result<> check_release(Scene& scene) {
  auto* address = TRY(named_address(scene));
  if (address->aspect("AssociationId").is_null()) return {};
  return fail(
      scene.error("InvalidIPAddress.InUse",
                  fmt::format("Address {} is in use.", json::text(address->aspect("PublicIp")))));
}

Result<> check_nat(Scene& scene) {
  CHECK_OK(scene.need(subnet_type, scene.text("SubnetId")));
  bool open = scene.text("ConnectivityType", "public") == "public";
  if (!open) return {};
  if (scene.text("AllocationId").empty())
    return fail(scene.error("MissingParameter",
                            "The request must include the AllocationId parameter. Add the "
                            "required parameter and retry the request."));
  CHECK_OK(scene.need(address_type, scene.text("AllocationId")));
  return {};
}

Result<> finish_nat(Scene& scene, json::Object& output) {
  auto* subnet = TRY(scene.need(subnet_type, scene.text("SubnetId")));
  auto& gateway = scene.world.edit(scene.created.front());
  gateway.set("VpcId", subnet->aspect("VpcId"));
  if (const auto* address = scene.find(address_type, scene.text("AllocationId")))
    gateway.record["NatGatewayAddresses"] = json::Array{
        json::Object{{"AllocationId", address->ref.id}, {"PublicIp", address->aspect("PublicIp")}}};
  output["NatGateway"] = scene.shown(gateway);
  return {};
}

// A service has a gateway or an interface: S3 and DynamoDB have both.
constexpr std::array services{"s3",
                              "dynamodb",
                              "ec2",
                              "ec2messages",
                              "ssm",
                              "ssmmessages",
                              "logs",
                              "kms",
                              "sts",
                              "sns",
                              "sqs",
                              "ecr.api",
                              "ecr.dkr",
                              "monitoring",
                              "secretsmanager",
                              "lambda",
                              "elasticloadbalancing",
                              "autoscaling"};

bool has_gateway(std::string_view service) {
  return service.ends_with(".s3") || service.ends_with(".dynamodb");
}

Result<json::Object> describe_endpoint_services(Scene& scene) {
  json::Array names, details;
  for (const auto* service : services) {
    auto name = fmt::format("com.amazonaws.{}.{}", scene.call.region, service);
    auto asked = json::texts(scene.input("ServiceNames"));
    if (!asked.empty() && std::ranges::find(asked, name) == asked.end()) continue;
    names.emplace_back(name);
    details.push_back(json::Object{
        {"ServiceName", name},
        {"ServiceType",
         json::Array{json::Object{{"ServiceType", has_gateway(name) ? "Gateway" : "Interface"}}}},
        {"Owner", "amazon"},
        {"VpcEndpointPolicySupported", true}});
  }
  return json::Object{{"ServiceNames", std::move(names)}, {"ServiceDetails", std::move(details)}};
}

Result<> check_endpoint(Scene& scene) {
  CHECK_OK(scene.need(vpc_type, scene.text("VpcId")));
  auto name = scene.text("ServiceName");
  bool known = std::ranges::any_of(services, [&](const char* service) {
    return name == fmt::format("com.amazonaws.{}.{}", scene.call.region, service);
  });
  if (!known && !name.contains(".vpce."))
    return fail(scene.error("InvalidServiceName",
                            fmt::format("The Vpc Endpoint Service '{}' does not exist", name)));
  bool gateway = scene.text("VpcEndpointType", "Gateway") == "Gateway";
  if (gateway && !has_gateway(name))
    return fail(scene.error("InvalidParameter",
                            fmt::format("Endpoint type (Gateway) does not match available "
                                        "service types ([Interface]).")));
  for (const auto& table : json::items(scene.input("RouteTableIds")))
    CHECK_OK(scene.need("AWS::EC2::RouteTable", json::text(table)));
  for (const auto& subnet : json::items(scene.input("SubnetIds")))
    CHECK_OK(scene.need(subnet_type, json::text(subnet)));
  return check_groups(scene, scene.input("SecurityGroupIds"), scene.text("VpcId"));
}

Result<> finish_endpoint(Scene& scene, json::Object& output) {
  auto ref = scene.created.front();
  if (scene.input("PolicyDocument").is_null())
    scene.world.edit(ref).set("PolicyDocument", json::Value(cloud::open_endpoint_policy()));
  bool interface = json::text(scene.world.find(ref)->aspect("VpcEndpointType")) == "Interface";
  if (interface) {
    json::Array interfaces;
    auto groups = json::items(scene.world.find(ref)->aspect("SecurityGroupIds"));
    if (const auto* group = groups.empty() ? default_group(scene, scene.text("VpcId")) : nullptr)
      groups.push_back(json::Value(group->ref.id));
    for (const auto& id : json::items(scene.input("SubnetIds"))) {
      auto* subnet = TRY(scene.need(subnet_type, json::text(id)));
      auto* made = TRY(create_interface(scene, *subnet, groups));
      made->set("Status", "in-use");
      made->set("Description", json::Value("VPC Endpoint Interface " + ref.id));
      made->set("SubnetId", id);
      made->record["InterfaceType"] = "vpc_endpoint";
      interfaces.emplace_back(made->ref.id);
    }
    auto& endpoint = scene.world.edit(ref);
    endpoint.set("SecurityGroupIds", std::move(groups));
    endpoint.set("NetworkInterfaceIds", std::move(interfaces));
    if (scene.input("PrivateDnsEnabled").is_null()) endpoint.set("PrivateDnsEnabled", true);
  }
  output["VpcEndpoint"] = scene.shown(*scene.world.find(ref));
  return {};
}

Result<> check_egress_only(Scene& scene) {
  CHECK_OK(scene.need(vpc_type, scene.text("VpcId")));
  return {};
}

Result<> check_peering(Scene& scene) {
  CHECK_OK(scene.need(vpc_type, scene.text("VpcId")));
  bool own_account = scene.text("PeerOwnerId", scene.call.account) == scene.call.account;
  if (own_account && scene.text("PeerRegion", scene.call.region) == scene.call.region)
    CHECK_OK(scene.need(vpc_type, scene.text("PeerVpcId")));
  return {};
}

// The peer is of the own account and region, where the call says nothing else.
Result<> finish_peering(Scene& scene, json::Object& output) {
  auto& peering = scene.world.edit(scene.created.front());
  auto accepter = json::members(peering.aspect("Accepter"));
  if (!accepter.contains("OwnerId")) accepter["OwnerId"] = scene.call.account;
  if (!accepter.contains("Region")) accepter["Region"] = scene.call.region;
  if (const auto* peer = scene.find(vpc_type, scene.text("PeerVpcId")))
    accepter["CidrBlock"] = peer->aspect("CidrBlock");
  peering.set("Accepter", std::move(accepter));
  auto requester = json::members(peering.aspect("Requester"));
  auto* vpc = TRY(scene.need(vpc_type, scene.text("VpcId")));
  requester["CidrBlock"] = vpc->aspect("CidrBlock");
  peering.set("Requester", std::move(requester));
  output["VpcPeeringConnection"] = scene.shown(peering);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("ec2:AllocateAddress", finish_allocate);
  hooks.emulate("ec2:AssociateAddress", associate_address);
  hooks.emulate("ec2:DisassociateAddress", disassociate_address);
  hooks.check("ec2:ReleaseAddress", check_release);
  hooks.check("ec2:CreateNatGateway", check_nat);
  hooks.finish("ec2:CreateNatGateway", finish_nat);
  hooks.emulate("ec2:DescribeVpcEndpointServices", describe_endpoint_services);
  hooks.check("ec2:CreateVpcEndpoint", check_endpoint);
  hooks.finish("ec2:CreateVpcEndpoint", finish_endpoint);
  hooks.check("ec2:CreateEgressOnlyInternetGateway", check_egress_only);
  hooks.check("ec2:CreateVpcPeeringConnection", check_peering);
  hooks.finish("ec2:CreateVpcPeeringConnection", finish_peering);
}

}  // namespace aright::sandbox::ec2_gateway_hooks
