// Web ACLs, and what one stands before.
#include <algorithm>

#include "sandbox/hook.h"

namespace aright::sandbox::wafv2_hooks {

namespace {

constexpr std::string_view acl_type = "AWS::WAFv2::WebACL";
constexpr std::string_view association_type = "AWS::WAFv2::WebACLAssociation";

std::string id_of(const Scene& scene) {
  return fmt::format("{}|{}", scene.text("Name"), scene.text("Id"));
}

// What tells a summary from the whole.
json::Object summary(const Scene& scene, const Resource& acl) {
  auto shown = scene.shown(acl);
  json::Object out;
  for (const auto* member : {"Name", "Id", "ARN", "Description", "LockToken"})
    if (auto found = shown.find(member); found != shown.end()) out[member] = found->value();
  return out;
}

Result<> finish_create(Scene& scene, json::Object& output) {
  auto& acl = scene.world.edit(scene.created.front());
  acl.record["LabelNamespace"] =
      fmt::format("awswaf:{}:webacl:{}:", scene.call.account, scene.text("Name"));
  output["Summary"] = summary(scene, acl);
  return {};
}

std::vector<const Resource*> associations(const Scene& scene, const json::Value& acl_arn) {
  auto all = scene.world.all(scene.ref(association_type, ""));
  std::erase_if(all, [&](const Resource* one) { return one->aspect("WebACLArn") != acl_arn; });
  return all;
}

Result<> check_delete(Scene& scene) {
  auto* acl = TRY(scene.need(acl_type, id_of(scene)));
  if (associations(scene, json::at(acl->record, "ARN")).empty()) return {};
  return fail(scene.error("WAFAssociatedItemException"));
}

// Nothing stands before it: an answer without an ACL.
Result<json::Object> acl_for_resource(Scene& scene) {
  const auto* association = scene.find(association_type, scene.text("ResourceArn"));
  if (association == nullptr) return json::Object();
  const auto& arn = association->aspect("WebACLArn");
  for (const auto* acl : scene.world.all(scene.ref(acl_type, "")))
    if (json::at(acl->record, "ARN") == arn) return json::Object{{"WebACL", scene.shown(*acl)}};
  return json::Object{{"WebACL", json::Object{{"ARN", arn}}}};
}

Result<json::Object> resources_for_acl(Scene& scene) {
  json::Array arns;
  for (const auto* one : associations(scene, scene.input("WebACLArn")))
    arns.push_back(json::Value(one->ref.id));
  return json::Object{{"ResourceArns", std::move(arns)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("wafv2:CreateWebACL", finish_create);
  hooks.check("wafv2:DeleteWebACL", check_delete);
  hooks.emulate("wafv2:GetWebACLForResource", acl_for_resource);
  hooks.emulate("wafv2:ListResourcesForWebACL", resources_for_acl);
}

}  // namespace aright::sandbox::wafv2_hooks
