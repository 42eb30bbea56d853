// Clusters that are protected from termination; and their instances, of which the emulated cloud
// starts none.
#include "sandbox/hook.h"

namespace aright::sandbox::emr_hooks {

namespace {

constexpr std::string_view cluster_type = "AWS::EMR::Cluster";

Result<> check_terminate(Scene& scene) {
  for (const auto& id : json::items(scene.input("JobFlowIds"))) {
    auto* cluster = TRY(scene.need(cluster_type, json::text(id)));
    if (json::truth(cluster->aspect("TerminationProtected")))
      return fail(scene.error("ValidationException"));
  }
  return {};
}

Result<json::Object> list_instances(Scene& scene) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("ClusterId")));
  return json::Object{{"Instances", json::items(json::at(cluster->internals, "instances"))}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("emr:TerminateJobFlows", check_terminate);
  hooks.emulate("emr:ListInstances", list_instances);
}

}  // namespace aright::sandbox::emr_hooks
