// What an engine decides about its instances and clusters, final snapshots, and who is in a
// cluster.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/kms.h"
#include "sandbox/subnet_groups.h"

namespace aright::sandbox::rds_hooks {

namespace {

constexpr std::string_view instance_type = "AWS::RDS::DBInstance",
                           cluster_type = "AWS::RDS::DBCluster", snapshot_type = "AWS::RDS::DBSnapshot",
                           cluster_snapshot_type = "AWS::RDS::DBClusterSnapshot";

// What creation gives where the call says nothing. Engines are known by the beginning of their
// names.
struct Engine {
  std::string_view begins, version, license, family;  // of its parameter groups, without the version
  int version_parts;                                  // that the family's name ends with
  int port;
};
constexpr std::array engines{
    Engine{"aurora-mysql", "8.0.mysql_aurora.3.05.2", "general-public-license", "aurora-mysql", 2, 3306},
    Engine{"aurora-postgresql", "15.4", "postgresql-license", "aurora-postgresql", 1, 5432},
    Engine{"docdb", "5.0.0", "na", "docdb", 2, 27017},
    Engine{"mariadb", "10.11.6", "general-public-license", "mariadb", 2, 3306},
    Engine{"mysql", "8.0.35", "general-public-license", "mysql", 2, 3306},
    Engine{"neptune", "1.3.0.0", "amazon-license", "neptune", 2, 8182},
    Engine{"oracle-", "19.0.0.0.ru-2023-10.rur-2023-10.r1", "bring-your-own-license", "", 1, 1521},
    Engine{"postgres", "15.5", "postgresql-license", "postgres", 1, 5432},
    Engine{"sqlserver-", "15.00.4345.5.v1", "license-included", "", 2, 1433}};

const Engine* engine_of(std::string_view name) {
  auto found = std::ranges::find_if(
      engines, [&](const Engine& one) { return name.starts_with(one.begins); });
  return found == engines.end() ? nullptr : &*found;
}

void otherwise(Resource& resource, std::string_view aspect, json::Value value) {
  if (resource.aspect(aspect).is_null()) resource.set(aspect, std::move(value));
}

// Encrypted storage has a key, of the account where the call names none.
void give_key(Scene& scene, Resource& resource) {
  if (!json::truth(resource.aspect("StorageEncrypted"))) return;
  otherwise(resource, "KmsKeyId", "alias/aws/rds");
  tell_keys_by_arn(scene, resource);
}

// 8.0 of 8.0.35, 15 of 15.5; SQL Server writes 15.00.
std::string major_version(const std::string& version, const Engine& engine) {
  auto parts = split(version, '.');
  parts.resize(std::min<std::size_t>(parts.size(), engine.version_parts));
  auto major = fmt::format("{}", fmt::join(parts, "."));
  return engine.begins == "sqlserver-" && major.ends_with("00") ? major.substr(0, major.size() - 1) : major;
}

// mysql8.0, postgres15, oracle-ee-19
std::string family_of(const Engine& engine, std::string_view name, const std::string& major) {
  return engine.family.empty() ? fmt::format("{}-{}", name, major) : std::string(engine.family) + major;
}

// default:mysql-8-0
Result<> give_options(Scene& scene, Resource& instance, std::string_view engine, std::string major) {
  auto dashed = major;
  std::ranges::replace(dashed, '.', '-');
  auto name = fmt::format("default:{}-{}", engine, dashed);
  otherwise(instance, "OptionGroupName", json::Value(name));
  if (json::text(instance.aspect("OptionGroupName")) != name || !scene.world.whole()) return {};
  auto* group = TRY(scene.need("AWS::RDS::OptionGroup", name));
  group->set("EngineName", json::Value(engine));
  group->set("MajorEngineVersion", json::Value(std::move(major)));
  return {};
}

Result<Resource*> with_engine(Scene& scene, std::string_view type,
                              std::string_view parameters_aspect) {
  auto key = type == cluster_type ? "DBClusterIdentifier" : "DBInstanceIdentifier";
  auto* resource = TRY(scene.need(type, lower(scene.text(key))));
  auto name = json::text(resource->aspect("Engine"));
  const auto* engine = engine_of(name);
  if (engine == nullptr)
    return fail(scene.error("InvalidParameterValue", fmt::format("Invalid DB engine: {}", name)));
  otherwise(*resource, "EngineVersion", json::Value(engine->version));
  otherwise(*resource, "Port", engine->port);
  auto major = major_version(json::text(resource->aspect("EngineVersion")), *engine);
  otherwise(*resource, parameters_aspect, json::Value("default." + family_of(*engine, name, major)));
  if (type == instance_type) otherwise(*resource, "LicenseModel", json::Value(engine->license));
  if (type == instance_type) CHECK_OK(give_options(scene, *resource, name, major));
  give_key(scene, *resource);
  CHECK_OK(give_network(scene, *resource, {"AWS::RDS::DBSubnetGroup", "DBSubnetGroupName",
                                           type == cluster_type ? "VpcSecurityGroupIds" : "VPCSecurityGroups"}));
  return resource;
}

// Members share their cluster's storage, and so its encryption and its master.
void join_cluster(const Scene& scene, Resource& instance) {
  const auto* cluster =
      scene.find(cluster_type, lower(json::text(instance.aspect("DBClusterIdentifier"))));
  if (cluster == nullptr) return;
  for (const auto* shared :
       {"DatabaseName", "EngineVersion", "KmsKeyId", "MasterUsername", "Port", "StorageEncrypted"})
    if (auto value = scene.value(*cluster, shared); !value.is_null())
      instance.set(std::string_view(shared) == "DatabaseName" ? "DBName" : shared,
                   std::move(value));
  instance.set("AllocatedStorage", 1);
}

Result<> finish_instance(Scene& scene, json::Object& output) {
  auto* instance = TRY(with_engine(scene, instance_type, "DBParameterGroupName"));
  join_cluster(scene, *instance);
  output["DBInstance"] = scene.shown(*instance);
  return {};
}

Result<> finish_cluster(Scene& scene, json::Object& output) {
  auto* cluster = TRY(with_engine(scene, cluster_type, "DBClusterParameterGroupName"));
  output["DBCluster"] = scene.shown(*cluster);
  return {};
}

// A last snapshot is taken, unless the call says that none is wanted.
Result<> last_snapshot(Scene& scene, std::string_view create, json::Object input,
                       std::string_view name) {
  bool skips = json::truth(scene.input("SkipFinalSnapshot"));
  auto snapshot = scene.text(name);
  if (skips && snapshot.empty()) return {};
  if (skips || snapshot.empty())
    return fail(scene.error(
        "InvalidParameterCombination",
        skips
            ? "FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot."
            : "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."));
  auto made = TRY(scene.also("rds", create, std::move(input)));
  return {};
}

Result<> check_delete_instance(Scene& scene) {
  auto* instance = TRY(scene.need(instance_type, lower(scene.text("DBInstanceIdentifier"))));
  if (!instance->aspect("DBClusterIdentifier").is_null()) return {};  // the cluster has the data
  json::Object input{{"DBInstanceIdentifier", instance->ref.id},
                     {"DBSnapshotIdentifier", scene.input("FinalDBSnapshotIdentifier")}};
  return last_snapshot(scene, "CreateDBSnapshot", std::move(input), "FinalDBSnapshotIdentifier");
}

Result<> check_delete_cluster(Scene& scene) {
  auto* cluster = TRY(scene.need(cluster_type, lower(scene.text("DBClusterIdentifier"))));
  json::Object input{{"DBClusterIdentifier", cluster->ref.id},
                     {"DBClusterSnapshotIdentifier", scene.input("FinalDBSnapshotIdentifier")}};
  return last_snapshot(scene, "CreateDBClusterSnapshot", std::move(input),
                       "FinalDBSnapshotIdentifier");
}

// Nobody but AWS could read what is encrypted, so it is not given to everybody.
Result<> check_share(Scene& scene, std::string_view type, std::string_view key, std::string_view error) {
  auto* snapshot = TRY(scene.need(type, lower(scene.text(key))));
  auto added = json::texts(scene.input("ValuesToAdd"));
  bool everybody = std::ranges::find(added, "all") != added.end();
  auto encrypted = type == snapshot_type ? "Encrypted" : "StorageEncrypted";
  if (!everybody || !json::truth(snapshot->aspect(encrypted))) return {};
  return fail(scene.error(error, "You can't share an encrypted snapshot with everybody.", snapshot));
}

Result<> check_share_snapshot(Scene& scene) {
  return check_share(scene, snapshot_type, "DBSnapshotIdentifier", "InvalidDBSnapshotState");
}
Result<> check_share_cluster_snapshot(Scene& scene) {
  return check_share(scene, cluster_snapshot_type, "DBClusterSnapshotIdentifier", "InvalidDBClusterSnapshotStateFault");
}

// The first that came writes.
json::Value members_of(const Scene& scene, const Resource& cluster) {
  json::Array members;
  for (const auto* instance : scene.world.all(scene.ref(instance_type, ""))) {
    if (lower(json::text(instance->aspect("DBClusterIdentifier"))) != cluster.ref.id) continue;
    members.push_back(json::Object{{"DBInstanceIdentifier", instance->ref.id},
                                   {"IsClusterWriter", members.empty()},
                                   {"DBClusterParameterGroupStatus", "in-sync"},
                                   {"PromotionTier", 1}});
  }
  return members;
}

json::Value in_several_zones(const Scene& scene, const Resource& cluster) {
  std::set<std::string> zones;
  for (const auto* instance : scene.world.all(scene.ref(instance_type, "")))
    if (lower(json::text(instance->aspect("DBClusterIdentifier"))) == cluster.ref.id)
      zones.insert(json::text(instance->aspect("AvailabilityZone")));
  return json::Value(zones.size() > 1);
}

// The same resource under another name: its ARN and addresses follow.
Result<> rename(Scene& scene, json::Object& output, std::string_view type, std::string_view key,
                std::string_view wanted, std::string_view exists) {
  auto name = lower(scene.text(wanted));
  if (name.empty()) return {};
  constexpr int not_implemented_status = 501;
  if (!json::truth(scene.input("ApplyImmediately")))
    return fail(service_error("NotImplemented", not_implemented_status,
                              "A renaming that waits for the maintenance window is not emulated"));
  auto* old = TRY(scene.need(type, lower(scene.text(key))));
  if (const auto* there = scene.find(type, name)) return fail(scene.error(exists, "", there));
  auto renamed = *old;
  renamed.ref.id = name;
  const auto fresh = scene.fill(scene.catalog.type(type)->record, &renamed);
  for (const auto* member : {"DBInstanceIdentifier", "DBInstanceArn", "DBClusterIdentifier",
                             "DBClusterArn", "Endpoint", "ReaderEndpoint"})
    if (const auto& value = json::at(fresh, member); !value.is_null())
      renamed.record[member] = value;
  scene.world.erase(cloud::ResourceRef(old->ref));
  auto& added = scene.world.add(std::move(renamed));
  output[type == cluster_type ? "DBCluster" : "DBInstance"] = scene.shown(added);
  return {};
}

Result<> rename_instance(Scene& scene, json::Object& output) {
  return rename(scene, output, instance_type, "DBInstanceIdentifier", "NewDBInstanceIdentifier",
                "DBInstanceAlreadyExists");
}

// Its members go with it.
Result<> rename_cluster(Scene& scene, json::Object& output) {
  auto name = lower(scene.text("NewDBClusterIdentifier"));
  CHECK_OK(rename(scene, output, cluster_type, "DBClusterIdentifier", "NewDBClusterIdentifier",
                  "DBClusterAlreadyExistsFault"));
  if (name.empty()) return {};
  auto old = lower(scene.text("DBClusterIdentifier"));
  std::vector<cloud::ResourceRef> members;
  for (const auto* instance : scene.world.all(scene.ref(instance_type, "")))
    if (lower(json::text(instance->aspect("DBClusterIdentifier"))) == old)
      members.push_back(instance->ref);
  for (const auto& ref : members)
    scene.world.edit(ref).set("DBClusterIdentifier", json::Value(name));
  return {};
}

// The version that each engine has here when nobody says another.
Result<json::Object> engine_versions(Scene& scene) {
  json::Array out;
  for (const auto& engine : engines) {
    std::string name(engine.begins);
    if (name.ends_with('-')) name += name.starts_with("oracle") ? "ee" : "se";
    auto major = major_version(std::string(engine.version), engine);
    auto family = family_of(engine, name, major);
    auto asked = [&](const char* member, std::string_view value) {
      return scene.input(member).is_null() || value.starts_with(scene.text(member));
    };
    if (!asked("Engine", name) || !asked("EngineVersion", engine.version) || !asked("DBParameterGroupFamily", family)) continue;
    out.push_back(json::Object{{"Engine", name},
                               {"MajorEngineVersion", major},
                               {"EngineVersion", engine.version},
                               {"DBParameterGroupFamily", family},
                               {"DBEngineDescription", name},
                               {"DBEngineVersionDescription", fmt::format("{} {}", name, engine.version)},
                               {"Status", "available"}});
  }
  return json::Object{{"DBEngineVersions", std::move(out)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("rds:DescribeDBEngineVersions", engine_versions);
  hooks.check("rds:DeleteDBCluster", check_delete_cluster);
  hooks.check("rds:DeleteDBInstance", check_delete_instance);
  hooks.check("rds:ModifyDBClusterSnapshotAttribute", check_share_cluster_snapshot);
  hooks.check("rds:ModifyDBSnapshotAttribute", check_share_snapshot);
  hooks.derive("AWS::RDS::DBCluster/DBClusterMembers", members_of);
  hooks.derive("AWS::RDS::DBCluster/MultiAZ", in_several_zones);
  hooks.finish("rds:CreateDBCluster", finish_cluster);
  hooks.finish("rds:CreateDBInstance", finish_instance);
  hooks.finish("rds:ModifyDBCluster", rename_cluster);
  hooks.finish("rds:ModifyDBInstance", rename_instance);
  hooks.finish("rds:RestoreDBClusterFromSnapshot", finish_cluster);
  hooks.finish("rds:RestoreDBInstanceFromDBSnapshot", finish_instance);
}

}  // namespace aright::sandbox::rds_hooks
