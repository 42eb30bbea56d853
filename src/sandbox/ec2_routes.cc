// Route tables and network ACLs, and the subnets they are for.
#include <algorithm>

#include "sandbox/ec2.h"

namespace aright::sandbox::ec2_route_hooks {

namespace {

constexpr std::string_view table_type = "AWS::EC2::RouteTable";
constexpr std::string_view acl_type = "AWS::EC2::NetworkAcl";
constexpr std::string_view association_type = "AWS::EC2::SubnetRouteTableAssociation";
constexpr std::size_t id_length = 17;

json::Object associated() {
  return {{"State", "associated"}};
}

Result<> check_create(Scene& scene) {
  CHECK_OK(scene.need(vpc_type, scene.text("VpcId")));
  return {};
}

// Every route table leads to its own VPC.
Result<> finish_table(Scene& scene, json::Object& output) {
  auto& table = scene.world.edit(scene.created.front());
  auto* vpc = TRY(scene.need(vpc_type, scene.text("VpcId")));
  table.set("Routes", json::Array{json::Object{{"DestinationCidrBlock", vpc->aspect("CidrBlock")},
                                               {"GatewayId", "local"},
                                               {"Origin", "CreateRouteTable"},
                                               {"State", "active"}}});
  output["RouteTable"] = scene.shown(table);
  return {};
}

// What is associated with anything stays.
Result<> check_unused(Scene& scene, Resource& resource) {
  if (json::items(resource.aspect("Associations")).empty() &&
      !json::truth(resource.aspect("IsDefault")))
    return {};
  return fail(scene.error("DependencyViolation", "", &resource));
}

Result<> check_delete_table(Scene& scene) {
  auto* table = TRY(scene.need(table_type, scene.text("RouteTableId")));
  return check_unused(scene, *table);
}

Result<> check_delete_acl(Scene& scene) {
  auto* acl = TRY(scene.need(acl_type, scene.text("NetworkAclId")));
  return check_unused(scene, *acl);
}

struct Association {
  Resource* table = nullptr;
  json::Object shown;
};

// Takes it out of its table.
Result<Association> take_association(Scene& scene, const std::string& id) {
  for (const auto* one : own(scene, table_type)) {
    json::Array rest;
    Association found;
    for (const auto& association : json::items(one->aspect("Associations")))
      if (json::text(association, "RouteTableAssociationId", "") == id)
        found.shown = json::members(association);
      else
        rest.push_back(association);
    if (found.shown.empty()) continue;
    found.table = &scene.world.edit(one->ref);
    found.table->set("Associations", std::move(rest));
    scene.erase(scene.ref(association_type, id));
    return found;
  }
  Resource lacking{.ref = scene.ref(association_type, id)};
  return fail(scene.error("InvalidAssociationID.NotFound", "", &lacking));
}

Result<std::string> put_association(Scene& scene, Resource& table, json::Object association) {
  auto id = "rtbassoc-" + scene.ids.hex(id_length);
  auto* made = TRY(scene.create(association_type, id));
  made->set("RouteTableId", json::Value(table.ref.id));
  made->set("SubnetId", json::at(association, "SubnetId"));
  association["RouteTableAssociationId"] = id;
  association["RouteTableId"] = table.ref.id;
  association["AssociationState"] = associated();
  auto all = json::items(table.aspect("Associations"));
  all.push_back(std::move(association));
  table.set("Associations", std::move(all));
  return id;
}

Result<json::Object> associate_table(Scene& scene) {
  auto* table = TRY(scene.need(table_type, scene.text("RouteTableId")));
  json::Object association{{"Main", false}};
  for (const auto* member : {"SubnetId", "GatewayId"})
    if (const auto& value = scene.input(member); !value.is_null()) association[member] = value;
  if (auto subnet = scene.text("SubnetId"); !subnet.empty())
    CHECK_OK(scene.need(subnet_type, subnet));
  for (const auto* one : own(scene, table_type))
    for (const auto& other : json::items(one->aspect("Associations")))
      if (!scene.input("SubnetId").is_null() &&
          json::at(other, "SubnetId") == scene.input("SubnetId"))
        return fail(scene.error(
            "Resource.AlreadyAssociated",
            fmt::format("the specified association for route table {} conflicts with an "
                        "existing association",
                        table->ref.id)));
  auto id = TRY(put_association(scene, *table, std::move(association)));
  return json::Object{{"AssociationId", id}, {"AssociationState", associated()}};
}

Result<json::Object> disassociate_table(Scene& scene) {
  auto taken = TRY(take_association(scene, scene.text("AssociationId")));
  if (!json::truth(json::at(taken.shown, "Main"))) return json::Object();
  return fail(scene.error("InvalidParameterValue",
                          fmt::format("cannot disassociate the main route table association {}",
                                      scene.text("AssociationId"))));
}

Result<json::Object> replace_table(Scene& scene) {
  auto* table = TRY(scene.need(table_type, scene.text("RouteTableId")));
  auto taken = TRY(take_association(scene, scene.text("AssociationId")));
  auto id = TRY(put_association(scene, *table, std::move(taken.shown)));
  return json::Object{{"NewAssociationId", id}, {"AssociationState", associated()}};
}

Result<json::Object> replace_acl(Scene& scene) {
  auto* to = TRY(scene.need(acl_type, scene.text("NetworkAclId")));
  for (const auto* from : own(scene, acl_type)) {
    json::Array rest;
    json::Object found;
    for (const auto& association : json::items(from->aspect("Associations")))
      if (json::at(association, "NetworkAclAssociationId") == scene.input("AssociationId"))
        found = json::members(association);
      else
        rest.push_back(association);
    if (found.empty()) continue;
    scene.world.edit(from->ref).set("Associations", std::move(rest));
    return json::Object{
        {"NewAssociationId", associate_acl(scene, *to, json::text(found, "SubnetId", ""))}};
  }
  return fail(scene.error(
      "InvalidAssociationID.NotFound",
      fmt::format("The association ID '{}' does not exist", scene.text("AssociationId"))));
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("ec2:CreateRouteTable", check_create);
  hooks.finish("ec2:CreateRouteTable", finish_table);
  hooks.check("ec2:CreateNetworkAcl", check_create);
  hooks.check("ec2:DeleteRouteTable", check_delete_table);
  hooks.check("ec2:DeleteNetworkAcl", check_delete_acl);
  hooks.emulate("ec2:AssociateRouteTable", associate_table);
  hooks.emulate("ec2:DisassociateRouteTable", disassociate_table);
  hooks.emulate("ec2:ReplaceRouteTableAssociation", replace_table);
  hooks.emulate("ec2:ReplaceNetworkAclAssociation", replace_acl);
}

}  // namespace aright::sandbox::ec2_route_hooks

namespace aright::sandbox {

std::string associate_acl(Scene& scene, Resource& acl, const std::string& subnet) {
  auto id = "aclassoc-" + scene.ids.hex(ec2_route_hooks::id_length);
  auto all = json::items(acl.aspect("Associations"));
  all.push_back(json::Object{
      {"NetworkAclAssociationId", id}, {"NetworkAclId", acl.ref.id}, {"SubnetId", subnet}});
  acl.set("Associations", std::move(all));
  return id;
}

}  // namespace aright::sandbox
