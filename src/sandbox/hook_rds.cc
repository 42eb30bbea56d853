// What an engine decides about its instances and clusters, final snapshots, and who is in a
// cluster.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/emulate.h"

namespace aright::sandbox::rds_hooks {

namespace {

constexpr std::string_view instance_type = "AWS::RDS::DBInstance",
                           cluster_type = "AWS::RDS::DBCluster";

// What creation gives where the call says nothing. Engines are known by the beginning of their
// names.
struct Engine {
  std::string_view begins, version, license, parameters;
  int port;
};
constexpr std::array engines{
    Engine{"aurora-mysql", "8.0.mysql_aurora.3.05.2", "general-public-license", "aurora-mysql8.0",
           3306},
    Engine{"aurora-postgresql", "15.4", "postgresql-license", "aurora-postgresql15", 5432},
    Engine{"docdb", "5.0.0", "na", "docdb5.0", 27017},
    Engine{"mariadb", "10.11.6", "general-public-license", "mariadb10.11", 3306},
    Engine{"mysql", "8.0.35", "general-public-license", "mysql8.0", 3306},
    Engine{"neptune", "1.3.0.0", "amazon-license", "neptune1.3", 8182},
    Engine{"oracle-", "19.0.0.0.ru-2023-10.rur-2023-10.r1", "bring-your-own-license",
           "oracle-ee-19", 1521},
    Engine{"postgres", "15.5", "postgresql-license", "postgres15", 5432},
    Engine{"sqlserver-", "15.00.4345.5.v1", "license-included", "sqlserver-se-15.0", 1433}};

const Engine* engine_of(std::string_view name) {
  auto found = std::ranges::find_if(
      engines, [&](const Engine& one) { return name.starts_with(one.begins); });
  return found == engines.end() ? nullptr : &*found;
}

void otherwise(Resource& resource, std::string_view aspect, json::Value value) {
  if (resource.aspect(aspect).is_null()) resource.set(aspect, std::move(value));
}

// Encrypted storage has a key, of the account where the call names none.
void give_key(const Scene& scene, Resource& resource) {
  if (!json::truth(resource.aspect("StorageEncrypted"))) return;
  otherwise(resource, "KmsKeyId",
            scene.fill(json::Value("arn:{partition}:kms:{region}:{account}:alias/aws/rds")));
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
  otherwise(*resource, parameters_aspect,
            json::Value(fmt::format("default.{}", engine->parameters)));
  if (type == instance_type) otherwise(*resource, "LicenseModel", json::Value(engine->license));
  give_key(scene, *resource);
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

}  // namespace

void add(Hooks& hooks) {
  hooks.check("rds:DeleteDBCluster", check_delete_cluster);
  hooks.check("rds:DeleteDBInstance", check_delete_instance);
  hooks.derive("AWS::RDS::DBCluster/DBClusterMembers", members_of);
  hooks.finish("rds:CreateDBCluster", finish_cluster);
  hooks.finish("rds:CreateDBInstance", finish_instance);
  hooks.finish("rds:ModifyDBCluster", rename_cluster);
  hooks.finish("rds:ModifyDBInstance", rename_instance);
  hooks.finish("rds:RestoreDBClusterFromSnapshot", finish_cluster);
  hooks.finish("rds:RestoreDBInstanceFromDBSnapshot", finish_instance);
}

}  // namespace aright::sandbox::rds_hooks
