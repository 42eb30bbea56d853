// Amazon ECS: revisions of task definitions, names and ARNs, and services that count their tasks.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "cloud/locate.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ecs_hooks {

namespace {

constexpr std::string_view cluster_type = "AWS::ECS::Cluster";
constexpr std::string_view service_type = "AWS::ECS::Service";
constexpr std::string_view definition_type = "AWS::ECS::TaskDefinition";
constexpr std::string_view settings_type = "AWS::ECS::AccountSettings";
constexpr auto deployment_takes = seconds(60);

// web for arn:aws:ecs:us-east-1:111122223333:cluster/web
std::string name_in(const std::string& name_or_arn) {
  return name_or_arn.starts_with("arn:") ? name_or_arn.substr(name_or_arn.rfind('/') + 1)
                                         : name_or_arn;
}

std::string asked_cluster(const Scene& scene) {
  return name_in(scene.text("cluster", "default"));
}

bool includes(const Scene& scene, std::string_view what) {
  auto asked = json::texts(scene.input("include"));
  return std::ranges::find(asked, what) != asked.end();
}

json::Object shown_with_tags(const Scene& scene, const Resource& resource) {
  auto shown = scene.shown(resource);
  if (includes(scene, "TAGS")) shown["tags"] = json::items(resource.aspect("Tags"));
  return shown;
}

// Several by name or ARN: what is there, and a failure for what is not.
json::Object described(Scene& scene, std::string_view type, const std::vector<std::string>& ids,
                       std::string_view member) {
  json::Array found, failures;
  for (const auto& id : ids) {
    const auto* resource = scene.find(type, id);
    if (resource == nullptr)
      failures.push_back(
          json::Object{{"arn", scene.catalog.arn(scene.ref(type, id))}, {"reason", "MISSING"}});
    else
      found.push_back(shown_with_tags(scene, *resource));
  }
  return {{member, std::move(found)}, {"failures", std::move(failures)}};
}

Result<json::Object> describe_clusters(Scene& scene) {
  std::vector<std::string> ids;
  for (const auto& one : json::texts(scene.input("clusters")))
    ids.push_back(name_in(one));
  if (ids.empty()) ids.emplace_back("default");
  return described(scene, cluster_type, ids, "clusters");
}

Result<json::Object> describe_services(Scene& scene) {
  CHECK_OK(scene.need(cluster_type, asked_cluster(scene)));
  std::vector<std::string> ids;
  for (const auto& one : json::texts(scene.input("services")))
    ids.push_back(fmt::format("{}{}{}", asked_cluster(scene), cloud::key_separator, name_in(one)));
  return described(scene, service_type, ids, "services");
}

Result<> finish_create_cluster(Scene& scene, json::Object& output) {
  auto* cluster = TRY(scene.need(cluster_type, scene.text("clusterName", "default")));
  output["cluster"] = scene.shown(*cluster);
  return {};
}

Result<> finish_delete_cluster(Scene&, json::Object& output) {
  if (auto* cluster = output["cluster"].if_object()) (*cluster)["status"] = "INACTIVE";
  return {};
}

std::int64_t revision_of(const Resource& definition) {
  return json::integer(definition.aspect("Revision"));
}

// The latest active revision; null when the family has none. Ids tell the family, so that nothing else is looked at.
const Resource* latest(const Scene& scene, std::string_view family, bool active = true) {
  const Resource* found = nullptr;
  for (const auto* one : own(scene, definition_type)) {
    if (one->ref.id.substr(0, one->ref.id.rfind(':')) != family) continue;
    const auto* whole = scene.find(definition_type, one->ref.id);
    if (active && json::text(whole->aspect("Status")) != "ACTIVE") continue;
    if (found == nullptr || revision_of(*whole) > revision_of(*found)) found = whole;
  }
  return found;
}

// By family, family and revision, or ARN.
Result<Resource*> named_definition(Scene& scene, const std::string& asked) {
  auto name = name_in(asked);
  if (name.contains(':')) {
    if (scene.find(definition_type, name) != nullptr) return scene.need(definition_type, name);
  } else if (const auto* found = latest(scene, name)) {
    return &scene.world.edit(found->ref);
  }
  return fail(scene.error("ClientException", "Unable to describe task definition."));
}

Result<> check_containers(Scene& scene) {
  if (json::items(scene.input("containerDefinitions")).empty())
    return fail(scene.error("ClientException", "Container list cannot be empty."));
  for (const auto& container : json::items(scene.input("containerDefinitions"))) {
    auto name = json::text(container, "name", "");
    if (name.empty() || json::text(container, "image", "").empty())
      return fail(scene.error("ClientException",
                              "Container.name and Container.image should not be null or empty."));
    bool bounded = !scene.input("memory").is_null() || !json::at(container, "memory").is_null() ||
                   !json::at(container, "memoryReservation").is_null();
    if (!bounded)
      return fail(scene.error("ClientException",
                              fmt::format("Invalid setting for container '{}'. At least one of 'memory' or "
                                          "'memoryReservation' must be specified.",
                                          name)));
  }
  return {};
}

Result<json::Object> register_definition(Scene& scene) {
  auto family = scene.text("family");
  CHECK_OK(check_containers(scene));
  const auto* last = latest(scene, family, false);
  auto revision = last == nullptr ? 1 : revision_of(*last) + 1;
  auto* made = TRY(scene.create(definition_type, fmt::format("{}:{}", family, revision)));
  made->set("Revision", revision);
  made->set("Status", "ACTIVE");
  auto containers = json::items(made->aspect("ContainerDefinitions"));
  for (auto& container : containers)
    for (const auto* list : {"portMappings", "environment", "mountPoints", "volumesFrom"})
      if (!container.as_object().contains(list)) container.as_object()[list] = json::Array();
  made->set("ContainerDefinitions", std::move(containers));
  return json::Object{{"taskDefinition", scene.shown(*made)},
                      {"tags", json::items(made->aspect("Tags"))}};
}

Result<json::Object> describe_definition(Scene& scene) {
  auto* definition = TRY(named_definition(scene, scene.text("taskDefinition")));
  json::Object output{{"taskDefinition", scene.shown(*definition)}};
  if (includes(scene, "TAGS")) output["tags"] = json::items(definition->aspect("Tags"));
  return output;
}

Result<json::Object> deregister_definition(Scene& scene) {
  auto asked = scene.text("taskDefinition");
  if (!name_in(asked).contains(':'))
    return fail(scene.error("InvalidParameterException", "Missing task definition revision."));
  auto* definition = TRY(named_definition(scene, asked));
  definition->set("Status", "INACTIVE");
  definition->record["deregisteredAt"] = scene.now.iso();
  return json::Object{{"taskDefinition", scene.shown(*definition)}};
}

std::vector<const Resource*> listed_definitions(const Scene& scene) {
  auto all = own(scene, definition_type);
  auto status = scene.text("status", "ACTIVE"), prefix = scene.text("familyPrefix");
  std::erase_if(all, [&](const Resource* one) {
    auto family = json::text(one->aspect("Family"));
    bool other = status != "ALL" && json::text(one->aspect("Status")) != status;
    return other || (!prefix.empty() && family != prefix);
  });
  std::ranges::sort(all, {}, [](const Resource* one) {
    return std::pair(json::text(one->aspect("Family")), revision_of(*one));
  });
  if (scene.text("sort") == "DESC") std::ranges::reverse(all);
  return all;
}

Result<json::Object> list_definitions(Scene& scene) {
  json::Array arns;
  for (const auto* one : listed_definitions(scene))
    arns.emplace_back(scene.arn(*one));
  return json::Object{{"taskDefinitionArns", std::move(arns)}};
}

Result<json::Object> list_families(Scene& scene) {
  std::set<std::string> names;
  for (const auto* one : own(scene, definition_type))
    if (auto family = json::text(one->aspect("Family"));
        family.starts_with(scene.text("familyPrefix")))
      names.insert(family);
  json::Array families;
  for (const auto& name : names)
    families.emplace_back(name);
  return json::Object{{"families", std::move(families)}};
}

Result<json::Object> list_tasks(Scene& scene) {
  CHECK_OK(scene.need(cluster_type, asked_cluster(scene)));
  return json::Object{{"taskArns", json::Array()}};
}

Result<> check_create_service(Scene& scene) {
  CHECK_OK(scene.need(cluster_type, asked_cluster(scene)));
  auto asked = scene.text("taskDefinition");
  if (asked.empty())
    return fail(scene.error("InvalidParameterException", "TaskDefinition cannot be null."));
  CHECK_OK(named_definition(scene, asked));
  return {};
}

Result<> check_update_service(Scene& scene) {
  auto id = fmt::format("{}{}{}", asked_cluster(scene), cloud::key_separator,
                        name_in(scene.text("service")));
  CHECK_OK(scene.need(cluster_type, asked_cluster(scene)));
  CHECK_OK(scene.need(service_type, id));
  if (auto asked = scene.text("taskDefinition"); !asked.empty())
    CHECK_OK(named_definition(scene, asked));
  return {};
}

void count_services(Scene& scene) {
  auto* cluster = &scene.world.edit(scene.ref(cluster_type, asked_cluster(scene)));
  cluster->record["activeServicesCount"] =
      static_cast<std::int64_t>(scene.world.children(*cluster).size());
}

// The definition is shown by its ARN, and the tasks are counted.
Result<> deploy(Scene& scene, Resource& service) {
  auto* definition = TRY(named_definition(scene, json::text(service.aspect("TaskDefinition"))));
  service.set("TaskDefinition", json::Value(scene.arn(*definition)));
  auto count = service.aspect("DesiredCount");
  service.record["runningCount"] = count;
  service.record["deployments"] =
      json::Array{json::Object{{"id", "ecs-svc/" + scene.ids.digits(19)},
                               {"status", "PRIMARY"},
                               {"taskDefinition", scene.arn(*definition)},
                               {"desiredCount", count},
                               {"runningCount", count},
                               {"pendingCount", 0},
                               {"rolloutState", "COMPLETED"},
                               {"createdAt", scene.now.iso()},
                               {"updatedAt", (scene.now + deployment_takes).iso()}}};
  return {};
}

Result<> finish_service(Scene& scene, json::Object& output) {
  auto name = name_in(scene.text("serviceName", scene.text("service")));
  auto* service = TRY(scene.need(
      service_type, fmt::format("{}{}{}", asked_cluster(scene), cloud::key_separator, name)));
  CHECK_OK(deploy(scene, *service));
  output["service"] = scene.shown(*service);
  count_services(scene);
  return {};
}

Result<> check_delete_service(Scene& scene) {
  auto id = fmt::format("{}{}{}", asked_cluster(scene), cloud::key_separator,
                        name_in(scene.text("service")));
  CHECK_OK(scene.need(cluster_type, asked_cluster(scene)));
  auto* service = TRY(scene.need(service_type, id));
  if (json::integer(service->aspect("DesiredCount")) == 0 || json::truth(scene.input("force")))
    return {};
  return fail(scene.error("InvalidParameterException",
                          "The service cannot be stopped while it is scaled above 0."));
}

Result<> finish_delete_service(Scene& scene, json::Object& output) {
  if (auto* service = output["service"].if_object()) (*service)["status"] = "DRAINING";
  count_services(scene);
  return {};
}

Result<> finish_settings(Scene& scene, json::Object& output) {
  output["setting"] =
      json::Object{{"name", scene.text("name")},
                   {"value", scene.text("value")},
                   {"principalArn", scene.text("principalArn", scene.principal.arn)}};
  return {};
}

Result<> finish_list_settings(Scene& scene, json::Object& output) {
  auto* settings = TRY(scene.need(settings_type, scene.call.account));
  json::Array out;
  for (const auto& one : json::items(settings->aspect("EcsAccountSettings"))) {
    auto setting = json::members(one);
    setting["principalArn"] = scene.principal.arn;
    bool asked = scene.text("name").empty() || scene.input("name") == setting["name"];
    if (asked) out.push_back(std::move(setting));
  }
  output["settings"] = std::move(out);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("ecs:DescribeClusters", describe_clusters);
  hooks.emulate("ecs:DescribeServices", describe_services);
  hooks.emulate("ecs:RegisterTaskDefinition", register_definition);
  hooks.emulate("ecs:DescribeTaskDefinition", describe_definition);
  hooks.emulate("ecs:DeregisterTaskDefinition", deregister_definition);
  hooks.emulate("ecs:ListTaskDefinitions", list_definitions);
  hooks.emulate("ecs:ListTaskDefinitionFamilies", list_families);
  hooks.emulate("ecs:ListTasks", list_tasks);
  hooks.finish("ecs:CreateCluster", finish_create_cluster);
  hooks.finish("ecs:DeleteCluster", finish_delete_cluster);
  hooks.check("ecs:CreateService", check_create_service);
  hooks.check("ecs:UpdateService", check_update_service);
  hooks.check("ecs:DeleteService", check_delete_service);
  hooks.finish("ecs:CreateService", finish_service);
  hooks.finish("ecs:UpdateService", finish_service);
  hooks.finish("ecs:DeleteService", finish_delete_service);
  hooks.finish("ecs:PutAccountSetting", finish_settings);
  hooks.finish("ecs:PutAccountSettingDefault", finish_settings);
  hooks.finish("ecs:ListAccountSettings", finish_list_settings);
}

}  // namespace aright::sandbox::ecs_hooks
