// The last snapshot of a cluster that goes, and what no cluster can do here.
#include "base/text.h"
#include "sandbox/emulate.h"

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

}  // namespace

void add(Hooks& hooks) {
  hooks.check("redshift:ModifyCluster", check_modify);
  hooks.check("redshift:DeleteCluster", check_delete);
}

}  // namespace aright::sandbox::redshift_hooks
