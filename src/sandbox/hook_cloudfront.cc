// What CloudFront refuses, and how its lists tell more than an id.
#include <algorithm>

#include "sandbox/emulate.h"
#include "sandbox/hook.h"

namespace aright::sandbox::cloudfront_hooks {

namespace {

constexpr const char* distribution_type = "AWS::CloudFront::Distribution";
constexpr const char* control_type = "AWS::CloudFront::OriginAccessControl";
constexpr auto deploying = std::chrono::minutes(5);

// Every behaviour must lead to an origin.
Result<> check_config(Scene& scene) {
  const auto& direct = scene.input("DistributionConfig");
  const auto& config =
      direct.is_null() ? scene.input("DistributionConfigWithTags.DistributionConfig") : direct;
  auto target = json::text(json::at(config, {"DefaultCacheBehavior", "TargetOriginId"}));
  const auto& origins = json::items(json::at(config, {"Origins", "Items"}));
  bool known = std::ranges::any_of(
      origins, [&](const json::Value& origin) { return json::text(origin, "Id", "") == target; });
  bool group = json::integer(json::at(config, {"OriginGroups", "Quantity"})) > 0;
  return known || group ? Result<>() : fail(scene.error("NoSuchOrigin"));
}

Result<> check_delete(Scene& scene) {
  const auto* distribution = scene.find(distribution_type, scene.text("Id"));
  bool enabled = distribution != nullptr &&
                 json::truth(json::at(distribution->aspect("DistributionConfig"), "Enabled"));
  return enabled ? fail(scene.error("DistributionNotDisabled", "", distribution)) : Result<>();
}

Result<> check_new_control(Scene& scene) {
  auto name = scene.text("OriginAccessControlConfig.Name");
  for (const auto* control : scene.world.all(scene.ref(control_type, "")))
    if (json::text(control->aspect("OriginAccessControlConfig"), "Name", "") == name)
      return fail(scene.error("OriginAccessControlAlreadyExists", "", control));
  return {};
}

Result<> check_delete_control(Scene& scene) {
  for (const auto* distribution : scene.world.all(scene.ref(distribution_type, ""))) {
    const auto& config = distribution->aspect("DistributionConfig");
    for (const auto& origin : json::items(json::at(config, {"Origins", "Items"})))
      if (json::text(origin, "OriginAccessControlId", "") == scene.text("Id"))
        return fail(scene.error("OriginAccessControlInUse"));
  }
  return {};
}

// A change takes some minutes to reach the edge.
Result<> deploy(Scene& scene, json::Object& output) {
  auto id = json::text(json::at(output, "Distribution"), "Id", "");
  auto& distribution = scene.world.edit(scene.ref(distribution_type, id));
  distribution.set("Status", "InProgress");
  distribution.coming["Status"] = {.to = "Deployed", .due = scene.now + deploying};
  distribution.record["LastModifiedTime"] = scene.now.iso();
  output["Distribution"] = scene.shown(distribution);
  return {};
}

// Items of a list have the members of the configuration as their own.
Result<> spread(Scene& scene, json::Object& output, const char* list_name, const char* config) {
  auto& list = output[list_name];
  if (!list.is_object()) list = json::Object();
  auto& members = list.as_object();
  json::Array items;
  for (const auto& item : json::items(json::at(list, "Items"))) {
    auto one = json::members(item);
    for (const auto& [name, member] : json::members(json::at(item, config)))
      one[name] = member;
    items.push_back(std::move(one));
  }
  members["Marker"] = scene.text("Marker");
  members["MaxItems"] = json::integer(scene.input("MaxItems"), 100);
  members["Quantity"] = items.size();
  if (!members.contains("IsTruncated")) members["IsTruncated"] = false;
  members["Items"] = std::move(items);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  for (const auto* operation :
       {"CreateDistribution", "CreateDistributionWithTags", "UpdateDistribution"}) {
    hooks.check(fmt::format("cloudfront:{}", operation), check_config);
    hooks.finish(fmt::format("cloudfront:{}", operation), deploy);
  }
  hooks.check("cloudfront:DeleteDistribution", check_delete);
  hooks.check("cloudfront:CreateOriginAccessControl", check_new_control);
  hooks.check("cloudfront:DeleteOriginAccessControl", check_delete_control);
  hooks.finish("cloudfront:ListDistributions", [](Scene& scene, json::Object& output) {
    return spread(scene, output, "DistributionList", "DistributionConfig");
  });
  hooks.finish("cloudfront:ListOriginAccessControls", [](Scene& scene, json::Object& output) {
    return spread(scene, output, "OriginAccessControlList", "OriginAccessControlConfig");
  });
}

}  // namespace aright::sandbox::cloudfront_hooks
