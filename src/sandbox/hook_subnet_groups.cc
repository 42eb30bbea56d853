// Subnet groups of databases and caches: which VPC their subnets are in, and whether they reach
// enough zones.
#include <set>

#include "base/text.h"
#include "sandbox/ec2.h"
#include "sandbox/subnet_groups.h"

namespace aright::sandbox::subnet_group_hooks {

namespace {

constexpr const char* default_name = "default";
constexpr std::size_t zones_min = 2;

json::Value vpc_of_group(const Scene& scene, const Resource& group) {
  for (const auto& id : json::items(group.aspect("SubnetIds")))
    if (const auto* subnet = scene.find(subnet_type, json::text(id)))
      return scene.value(*subnet, "VpcId");
  return nullptr;
}

Result<> check_zones(Scene& scene) {
  std::set<std::string> zones;
  for (const auto& id : json::items(scene.input("SubnetIds"))) {
    const auto* subnet = scene.find(subnet_type, json::text(id));
    if (subnet == nullptr) return {};  // the reference itself is refused
    zones.insert(json::text(scene.value(*subnet, "AvailabilityZone")));
  }
  return zones.size() >= zones_min ? Result<>()
                                   : fail(scene.error("DBSubnetGroupDoesNotCoverEnoughAZs"));
}

// The service makes it when it is needed first: all subnets of the default VPC.
Result<const Resource*> default_subnet_group(Scene& scene, std::string_view type) {
  if (const auto* there = scene.find(type, default_name)) return there;
  const auto* vpc = default_vpc(scene);
  if (vpc == nullptr || !scene.world.whole()) return nullptr;
  auto* group = TRY(scene.need(type, default_name));
  json::Array subnets;
  for (const auto* subnet : own(scene, subnet_type))
    if (json::text(subnet->aspect("VpcId")) == vpc->ref.id) subnets.push_back(json::Value(subnet->ref.id));
  group->set("SubnetIds", std::move(subnets));
  return group;
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("rds:CreateDBSubnetGroup", check_zones);
  hooks.check("rds:ModifyDBSubnetGroup", check_zones);
  for (const auto* type : {"AWS::DMS::ReplicationSubnetGroup", "AWS::ElastiCache::SubnetGroup",
                           "AWS::RDS::DBSubnetGroup", "AWS::Redshift::ClusterSubnetGroup"})
    hooks.derive(fmt::format("{}/VpcId", type), vpc_of_group);
}

}  // namespace aright::sandbox::subnet_group_hooks

namespace aright::sandbox {

Result<> give_network(Scene& scene, Resource& resource, const Network& network) {
  const auto* type = scene.catalog.type(network.subnet_group_type);
  auto name = json::text(resource.aspect(network.subnet_group));
  const Resource* group = name.empty() ? nullptr : scene.find(type->name, type->lower ? lower(name) : name);
  if (name.empty()) {
    group = TRY(subnet_group_hooks::default_subnet_group(scene, type->name));
    if (group != nullptr) resource.set(network.subnet_group, json::Value(group->ref.id));
  }
  if (group == nullptr || !resource.aspect(network.security_groups).is_null()) return {};
  auto vpc = json::text(subnet_group_hooks::vpc_of_group(scene, *group));
  if (const auto* closed = default_group(scene, vpc))
    resource.set(network.security_groups, json::Array{json::Value(closed->ref.id)});
  return {};
}

}  // namespace aright::sandbox
