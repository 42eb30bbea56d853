// The last snapshot of a cluster that goes, whether parameters wait for its restart, and what no cluster can do here.
#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/subnet_groups.h"

namespace aright::sandbox::redshift_hooks {

namespace {

constexpr std::string_view cluster_type = "AWS::Redshift::Cluster", group_type = "AWS::Redshift::ClusterParameterGroup";

Result<> check_delete(Scene& scene) {
  auto* cluster = TRY(scene.need(cluster_type, lower(scene.text("ClusterIdentifier"))));
  bool skips = json::truth(scene.input("SkipFinalClusterSnapshot"));
  const auto& snapshot = scene.input("FinalClusterSnapshotIdentifier");
  if (skips && snapshot.is_null()) return {};
  if (skips || snapshot.is_null()) return fail(scene.error("InvalidParameterCombination"));
  auto made =
      TRY(scene.also("redshift", "CreateClusterSnapshot",
                     {{"ClusterIdentifier", cluster->ref.id}, {"SnapshotIdentifier", snapshot}}));
  return {};
}

Result<> check_modify(Scene& scene) {
  constexpr int not_implemented_status = 501;
  if (scene.input("NewClusterIdentifier").is_null()) return {};
  return fail(service_error("NotImplemented", not_implemented_status,
                            "Renaming a cluster is not emulated"));
}

Result<> finish_create(Scene& scene, json::Object& output) {
  auto* cluster = TRY(scene.need(cluster_type, lower(scene.text("ClusterIdentifier"))));
  CHECK_OK(give_network(scene, *cluster,
                        {"AWS::Redshift::ClusterSubnetGroup", "ClusterSubnetGroupName", "VpcSecurityGroupIds"}));
  cluster->internals["booted_ms"] = scene.now.ms;
  output["Cluster"] = scene.shown(*cluster);
  return {};
}

Result<> finish_reboot(Scene& scene, json::Object& output) {
  auto* cluster = TRY(scene.need(cluster_type, lower(scene.text("ClusterIdentifier"))));
  cluster->internals["booted_ms"] = scene.now.ms;
  output["Cluster"] = scene.shown(*cluster);
  return {};
}

Result<> finish_parameters(Scene& scene, json::Object&) {
  auto* group = TRY(scene.need(group_type, lower(scene.text("ParameterGroupName"))));
  group->internals["changed_ms"] = scene.now.ms;
  return {};
}

// What the group says since the cluster's last start waits for the next one.
json::Value apply_status(const Scene& scene, const Resource& cluster) {
  auto at = [](const Resource& one, const char* what) { return json::integer(json::at(one.internals, what)); };
  const auto* group = scene.find(group_type, lower(json::text(cluster.aspect("ClusterParameterGroupName"))));
  if (group != nullptr && at(*group, "changed_ms") > at(cluster, "booted_ms")) return json::Value("pending-reboot");
  const auto& seen = cluster.aspect("ParameterApplyStatus");  // in the cloud below a rehearsal
  return seen.is_null() ? json::Value("in-sync") : seen;
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("redshift:CreateCluster", finish_create);
  hooks.finish("redshift:RestoreFromClusterSnapshot", finish_create);
  hooks.finish("redshift:RebootCluster", finish_reboot);
  hooks.finish("redshift:ModifyClusterParameterGroup", finish_parameters);
  hooks.finish("redshift:ResetClusterParameterGroup", finish_parameters);
  hooks.derive("AWS::Redshift::Cluster/ParameterApplyStatus", apply_status);
  hooks.check("redshift:ModifyCluster", check_modify);
  hooks.check("redshift:DeleteCluster", check_delete);
}

}  // namespace aright::sandbox::redshift_hooks
