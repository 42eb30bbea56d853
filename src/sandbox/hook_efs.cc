// Mount targets: where in the network they are, and how many a file system has.
#include "sandbox/hook.h"

namespace aright::sandbox::efs_hooks {

namespace {

constexpr std::string_view target_type = "AWS::EFS::MountTarget";

Result<> finish_target(Scene& scene, json::Object& output) {
  auto* target = TRY(scene.need(target_type, json::text(output, "MountTargetId", "")));
  const auto* subnet = scene.find("AWS::EC2::Subnet", json::text(target->aspect("SubnetId")));
  if (subnet == nullptr) return {};
  target->set("VpcId", scene.value(*subnet, "VpcId"));
  target->set("AvailabilityZoneName", scene.value(*subnet, "AvailabilityZone"));
  if (target->aspect("IpAddress").is_null()) {
    auto block = json::text(scene.value(*subnet, "CidrBlock"));
    target->set("IpAddress", json::Value(fmt::format("{}.{}", block.substr(0, block.rfind('.')),
                                                     10 + scene.ids.below(200))));
  }
  output = scene.shown(*target);
  return {};
}

json::Value count_targets(const Scene& scene, const Resource& system) {
  std::int64_t count = 0;
  for (const auto* target : scene.world.all(scene.ref(target_type, "")))
    if (json::text(target->aspect("FileSystemId")) == system.ref.id) ++count;
  return count;
}

}  // namespace

void add(Hooks& hooks) {
  hooks.derive("AWS::EFS::FileSystem/NumberOfMountTargets", count_targets);
  hooks.finish("efs:CreateMountTarget", finish_target);
}

}  // namespace aright::sandbox::efs_hooks
