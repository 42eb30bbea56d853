// What API Gateway refuses, and what it makes beside what was asked for.
#include <algorithm>
#include <set>

#include "cloud/locate.h"
#include "sandbox/emulate.h"
#include "sandbox/hook.h"

namespace aright::sandbox::apigateway_hooks {

namespace {

constexpr const char* account_type = "AWS::ApiGateway::Account";
constexpr const char* resource_type = "AWS::ApiGateway::Resource";
constexpr const char* method_type = "AWS::ApiGateway::Method";
constexpr const char* methods_member = "resourceMethods";

std::string child_id(const Scene& scene, std::string_view child) {
  return fmt::format("{}{}{}", scene.text("restApiId"), cloud::key_separator, child);
}

Result<> need_deployment(Scene& scene, std::string_view deployment) {
  if (deployment.empty() ||
      scene.find("AWS::ApiGateway::Deployment", child_id(scene, deployment)) != nullptr)
    return {};
  return fail(scene.error("NotFoundException", "Invalid Deployment identifier specified"));
}

Result<> check_create_stage(Scene& scene) {
  return need_deployment(scene, scene.text("deploymentId"));
}

// Logs are written by a role that the account names; certificates and deployments must be there.
Result<> check_update_stage(Scene& scene) {
  for (const auto& one : json::items(scene.input("patchOperations"))) {
    auto path = json::text(one, "path", ""), value = json::text(one, "value", "");
    if (json::text(one, "op", "") == "remove") continue;
    if (path == "/deploymentId") CHECK_OK(need_deployment(scene, value));
    if (path == "/clientCertificateId" && !value.empty() &&
        scene.find("AWS::ApiGateway::ClientCertificate", value) == nullptr)
      return fail(scene.error("BadRequestException", "Invalid client certificate id"));
    bool logs = (path.ends_with("/logging/loglevel") && value != "OFF") ||
                path.starts_with("/accessLogSettings/destinationArn");
    const auto* account = scene.find(account_type, scene.call.account);
    if (logs && (account == nullptr || account->aspect("CloudWatchRoleArn").is_null()))
      return fail(scene.error(
          "BadRequestException",
          "CloudWatch Logs role ARN must be set in account settings to enable logging"));
  }
  return {};
}

// What GetResources tells of a resource's methods. No list has them: a rehearsal knows them by what the cloud below told
// of the resource, and by what was done since.
json::Object methods_of(const Scene& scene, const Resource& resource, bool whole) {
  auto below = fmt::format("{}{}", resource.ref.id, cloud::key_separator);
  std::set<std::string> verbs;
  for (const auto& [verb, _] : json::members(json::at(resource.record, methods_member))) verbs.emplace(verb);
  for (const auto* method : scene.world.everywhere(method_type))
    if (method->ref.account == scene.call.account && method->ref.region == scene.call.region &&
        method->ref.id.starts_with(below))
      verbs.insert(method->ref.id.substr(below.size()));
  json::Object out;
  for (const auto& verb : verbs)
    if (const auto* method = scene.find(method_type, below + verb)) out[verb] = whole ? scene.shown(*method) : json::Object();
  return out;
}

Result<> tell_methods(Scene& scene, json::Object& output) {
  auto embedded = json::texts(scene.input("embed"));
  bool whole = std::ranges::find(embedded, "methods") != embedded.end();
  auto tell = [&](json::Object& item) {
    const auto* resource = scene.find(resource_type, child_id(scene, json::text(item, "id")));
    auto methods = resource == nullptr ? json::Object() : methods_of(scene, *resource, whole);
    item.erase(methods_member);
    if (!methods.empty()) item[methods_member] = std::move(methods);
  };
  if (!output.contains("items")) {
    tell(output);
    return {};
  }
  for (auto& item : output["items"].as_array()) tell(item.as_object());
  return {};
}

Result<> check_create_deployment(Scene& scene) {
  CHECK_OK(scene.need("AWS::ApiGateway::RestApi", scene.text("restApiId")));
  for (const auto* resource : scene.world.all(scene.ref(resource_type, child_id(scene, ""))))
    if (!methods_of(scene, *resource, false).empty()) return {};
  return fail(scene.error("BadRequestException", "The REST API doesn't contain any methods"));
}

Result<> check_delete_deployment(Scene& scene) {
  for (const auto* stage :
       scene.world.all(scene.ref("AWS::ApiGateway::Stage", child_id(scene, ""))))
    if (json::text(stage->aspect("DeploymentId")) == scene.text("deploymentId"))
      return fail(
          scene.error("BadRequestException",
                      "Active stages pointing to this deployment must be moved or deleted"));
  return {};
}

// Every API has a root.
Result<> make_root(Scene& scene, json::Object& output) {
  auto id =
      fmt::format("{}{}{}", json::text(output, "id"), cloud::key_separator, scene.ids.hex(10));
  const auto* type = scene.catalog.type(resource_type);
  auto root = fresh_resource(scene, *type, scene.ref(resource_type, id));
  root.set("Path", "/");
  scene.world.add(std::move(root));
  return {};
}

Result<> tell_path(Scene& scene, json::Object& output) {
  const auto* parent = scene.find(resource_type, child_id(scene, scene.text("parentId")));
  if (parent == nullptr)
    return fail(scene.error("NotFoundException", "Invalid Resource identifier specified"));
  auto above = json::text(parent->aspect("Path"));
  auto path = fmt::format("{}/{}", above == "/" ? "" : above, scene.text("pathPart"));
  scene.world.edit(scene.ref(resource_type, child_id(scene, json::text(output, "id"))))
      .set("Path", json::Value(path));
  output["path"] = path;
  return {};
}

// A deployment may bring its stage along.
Result<> deploy_to_stage(Scene& scene, json::Object& output) {
  auto stage = scene.text("stageName");
  if (stage.empty()) return {};
  json::Object input{{"restApiId", scene.text("restApiId")}, {"stageName", stage}};
  auto deployment = json::text(output, "id");
  if (scene.find("AWS::ApiGateway::Stage", child_id(scene, stage)) != nullptr) {
    input["patchOperations"] = json::Array{
        json::Object{{"op", "replace"}, {"path", "/deploymentId"}, {"value", deployment}}};
    (void)TRY(scene.also("apigateway", "UpdateStage", std::move(input)));
    return {};
  }
  input["deploymentId"] = deployment;
  for (const auto* name :
       {"cacheClusterEnabled", "cacheClusterSize", "variables", "tracingEnabled"})
    if (const auto& value = scene.input(name); !value.is_null()) input[name] = value;
  if (auto about = scene.text("stageDescription"); !about.empty()) input["description"] = about;
  (void)TRY(scene.also("apigateway", "CreateStage", std::move(input)));
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("apigateway:CreateStage", check_create_stage);
  hooks.check("apigateway:UpdateStage", check_update_stage);
  hooks.check("apigateway:CreateDeployment", check_create_deployment);
  hooks.check("apigateway:DeleteDeployment", check_delete_deployment);
  hooks.finish("apigateway:CreateRestApi", make_root);
  hooks.finish("apigateway:CreateResource", tell_path);
  hooks.finish("apigateway:CreateDeployment", deploy_to_stage);
  hooks.finish("apigateway:GetResource", tell_methods);
  hooks.finish("apigateway:GetResources", tell_methods);
}

}  // namespace aright::sandbox::apigateway_hooks
