// One detector for each account and region.
#include "sandbox/hook.h"

namespace aright::sandbox {

namespace {

Result<> check_only_one(Scene& scene) {
  auto here = scene.ref("AWS::GuardDuty::Detector", "");
  for (const auto* detector : scene.world.all(here))
    if (detector->ref.account == scene.call.account)
      return fail(scene.error(
          "BadRequestException",
          "The request is rejected because a detector already exists for the current account."));
  return {};
}

}  // namespace

void add_guardduty_hooks(Hooks& hooks) {
  hooks.check("guardduty:CreateDetector", check_only_one);
}

}  // namespace aright::sandbox
