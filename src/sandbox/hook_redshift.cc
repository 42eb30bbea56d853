// The last snapshot of a cluster that goes, and what no cluster can do here.
#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/subnet_groups.h"

namespace aright::sandbox::redshift_hooks {

namespace {

Result<> check_delete(Scene& scene) {
  auto* cluster = TRY(scene.need("AWS::Redshift::Cluster", lower(scene.text("ClusterIdentifier"))));
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
  auto* cluster = TRY(scene.need("AWS::Redshift::Cluster", lower(scene.text("ClusterIdentifier"))));
  CHECK_OK(give_network(scene, *cluster,
                        {"AWS::Redshift::ClusterSubnetGroup", "ClusterSubnetGroupName", "VpcSecurityGroupIds"}));
  output["Cluster"] = scene.shown(*cluster);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("redshift:CreateCluster", finish_create);
  hooks.finish("redshift:RestoreFromClusterSnapshot", finish_create);
  hooks.check("redshift:ModifyCluster", check_modify);
  hooks.check("redshift:DeleteCluster", check_delete);
}

}  // namespace aright::sandbox::redshift_hooks
