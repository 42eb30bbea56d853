// Amazon EKS: every change of a cluster or node group is an update that can be followed by its id.
#include <algorithm>

#include "base/text.h"
#include "cloud/locate.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::eks_hooks {

namespace {

constexpr std::string_view cluster_type = "AWS::EKS::Cluster";
constexpr std::string_view nodegroup_type = "AWS::EKS::Nodegroup";
constexpr std::size_t subnets_min = 2;
constexpr auto nodegroup_update_takes = std::chrono::minutes(2);

json::Object parameter(std::string_view type, const json::Value& value) {
  return {{"type", type}, {"value", value.is_string() ? json::text(value) : json::print(value)}};
}

// Kept with what it changes.
json::Object note_update(Scene& scene, Resource& resource, std::string_view type,
                         json::Array parameters, milliseconds takes) {
  json::Object update{
      {"id", scene.ids.uuid()},          {"status", "InProgress"},       {"type", type},
      {"params", std::move(parameters)}, {"createdAt", scene.now.iso()}, {"errors", json::Array()}};
  auto& updates = resource.internals["updates"];
  if (!updates.is_array()) updates = json::Array();
  updates.get_array().push_back(
      json::Object{{"update", update}, {"due_ms", (scene.now + takes).ms}});
  return update;
}

json::Object shown_update(const Scene& scene, const json::Value& noted) {
  auto update = json::members(json::at(noted, "update"));
  if (json::integer(json::at(noted, "due_ms")) <= scene.now.ms) update["status"] = "Successful";
  return update;
}

// What the cluster's status waits for.
milliseconds left_of(const Scene& scene, const Resource& cluster) {
  auto coming = cluster.coming.find("Status");
  return coming == cluster.coming.end() ? milliseconds(0) : coming->second.due - scene.now;
}

Result<> finish_config(Scene& scene, json::Object& output) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("name")));
  bool logging = !scene.input("logging").is_null();
  json::Array parameters;
  std::map<std::string, json::Value> settings;  // in one order, whoever asks
  for (const auto& [name, value] : json::members(scene.input("resourcesVpcConfig"))) {
    auto title = std::string(name);
    title.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(title.front())));
    settings[title] = value;
  }
  for (const auto& [title, value] : settings)
    parameters.push_back(parameter(title, value));
  if (logging) parameters.push_back(parameter("ClusterLogging", scene.input("logging")));
  output["update"] =
      note_update(scene, *cluster, logging ? "LoggingUpdate" : "EndpointAccessUpdate",
                  std::move(parameters), left_of(scene, *cluster));
  return {};
}

Result<> finish_version(Scene& scene, json::Object& output) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("name")));
  output["update"] =
      note_update(scene, *cluster, "VersionUpdate", {parameter("Version", scene.input("version"))},
                  left_of(scene, *cluster));
  return {};
}

Result<> finish_encryption(Scene& scene, json::Object& output) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("clusterName")));
  output["update"] = note_update(scene, *cluster, "AssociateEncryptionConfig",
                                 {parameter("EncryptionConfig", scene.input("encryptionConfig"))},
                                 left_of(scene, *cluster));
  return {};
}

Result<> finish_nodegroup(Scene& scene, json::Object& output) {
  auto* group = TRY(scene.need(nodegroup_type, scene.text("clusterName") + cloud::key_separator +
                                                   scene.text("nodegroupName")));
  output["update"] = note_update(scene, *group, "ConfigUpdate", {}, nodegroup_update_takes);
  return {};
}

Result<> check_create(Scene& scene) {
  if (json::items(scene.input("resourcesVpcConfig.subnetIds")).size() < subnets_min)
    return fail(scene.error("InvalidParameterException",
                            "Subnets specified must be in at least two different AZs"));
  for (const auto& id : json::items(scene.input("resourcesVpcConfig.subnetIds")))
    if (scene.find(subnet_type, json::text(id)) == nullptr)
      return fail(scene.error("InvalidParameterException",
                              fmt::format("The subnet ID '{}' does not exist", json::text(id))));
  return {};
}

Result<> finish_create(Scene& scene, json::Object& output) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("name")));
  auto* subnet = TRY(scene.need(
      subnet_type, json::text(json::items(scene.input("resourcesVpcConfig.subnetIds")).front())));
  cluster->set("VpcId", subnet->aspect("VpcId"));
  cluster->set("ClusterSecurityGroupId", json::Value("sg-" + scene.ids.hex(17)));
  output["cluster"] = scene.shown(*cluster);
  return {};
}

// One kind of change at a time, and never without any endpoint.
Result<> check_config(Scene& scene) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("name")));
  const auto& asked = scene.input("resourcesVpcConfig");
  if (asked.is_null() && scene.input("logging").is_null())
    return fail(scene.error("InvalidParameterException", "No changes needed for the cluster"));
  if (!asked.is_null() && !scene.input("logging").is_null())
    return fail(
        scene.error("InvalidParameterException", "Only one type of update can be allowed."));
  const auto now = scene.value(*cluster, "ResourcesVpcConfig");
  auto after = [&](const char* member) {
    return json::truth(json::at(asked, member), json::truth(json::at(now, member)));
  };
  if (!asked.is_null() && !after("endpointPublicAccess") && !after("endpointPrivateAccess"))
    return fail(scene.error("InvalidParameterException",
                            "Private and public endpoint access cannot both be false"));
  return {};
}

Result<> check_encryption(Scene& scene) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("clusterName")));
  if (scene.value(*cluster, "EncryptionConfig").is_null()) return {};
  return fail(
      scene.error("InvalidParameterException", "Encryption is already enabled on this cluster"));
}

Result<Resource*> updated(Scene& scene) {
  auto name = scene.text("name"), group = scene.text("nodegroupName");
  if (group.empty()) return scene.need(cluster_type, name);
  return scene.need(nodegroup_type, name + cloud::key_separator + group);
}

Result<json::Object> describe_update(Scene& scene) {
  auto* resource = TRY(updated(scene));
  for (const auto& one : json::items(json::at(resource->internals, "updates")))
    if (json::at(json::at(one, "update"), "id") == scene.input("updateId"))
      return json::Object{{"update", shown_update(scene, one)}};
  return fail(scene.error("ResourceNotFoundException",
                          fmt::format("No update found for ID: {}", scene.text("updateId"))));
}

Result<json::Object> list_updates(Scene& scene) {
  auto* resource = TRY(updated(scene));
  json::Array ids;
  for (const auto& one : json::items(json::at(resource->internals, "updates")))
    ids.push_back(json::at(json::at(one, "update"), "id"));
  return json::Object{{"updateIds", std::move(ids)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("eks:CreateCluster", check_create);
  hooks.finish("eks:CreateCluster", finish_create);
  hooks.check("eks:UpdateClusterConfig", check_config);
  hooks.finish("eks:UpdateClusterConfig", finish_config);
  hooks.finish("eks:UpdateClusterVersion", finish_version);
  hooks.check("eks:AssociateEncryptionConfig", check_encryption);
  hooks.finish("eks:AssociateEncryptionConfig", finish_encryption);
  hooks.finish("eks:UpdateNodegroupConfig", finish_nodegroup);
  hooks.emulate("eks:DescribeUpdate", describe_update);
  hooks.emulate("eks:ListUpdates", list_updates);
}

}  // namespace aright::sandbox::eks_hooks
