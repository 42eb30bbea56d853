// Subnet groups of databases and caches: which VPC their subnets are in, and whether they reach
// enough zones.
#include <set>

#include "sandbox/hook.h"

namespace aright::sandbox::subnet_group_hooks {

namespace {

constexpr std::string_view subnet_type = "AWS::EC2::Subnet";
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

}  // namespace

void add(Hooks& hooks) {
  hooks.check("rds:CreateDBSubnetGroup", check_zones);
  hooks.check("rds:ModifyDBSubnetGroup", check_zones);
  for (const auto* type : {"AWS::DMS::ReplicationSubnetGroup", "AWS::ElastiCache::SubnetGroup",
                           "AWS::RDS::DBSubnetGroup", "AWS::Redshift::ClusterSubnetGroup"})
    hooks.derive(fmt::format("{}/VpcId", type), vpc_of_group);
}

}  // namespace aright::sandbox::subnet_group_hooks
