// Instances that Systems Manager knows: registered ones, and those of EC2 whose agent may speak.
#include <algorithm>

#include "aws/client.h"
#include "iam/evaluate.h"
#include "sandbox/authorize.h"
#include "sandbox/ec2.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"
#include "sandbox/ssm.h"

namespace aright::sandbox::ssm_agent_hooks {

namespace {

constexpr std::string_view managed_type = "AWS::SSM::ManagedInstance";
constexpr const char* agent_version = "3.3.0.0";

// The role of an instance's profile; null when it has none.
const Resource* role_of(const Scene& scene, const Resource& instance) {
  auto arn = json::text(instance.aspect("IamInstanceProfile"), "Arn", "");
  if (arn.empty()) return nullptr;
  const auto* profile = scene.find(profile_type, arn.substr(arn.rfind('/') + 1));
  if (profile == nullptr) return nullptr;
  auto roles = json::texts(profile->aspect("Roles"));
  return roles.empty() ? nullptr : scene.find(role_type, roles.front());
}

// What the agent does first, and what AmazonSSMManagedInstanceCore allows among the rest.
bool may_register(const Scene& scene, const Resource& role) {
  iam::Request request{.caller = {.kind = iam::Caller::Kind::session,
                                  .account = role.ref.account,
                                  .arn = scene.arn(role),
                                  .role = scene.arn(role)},
                       .action = "ssm:UpdateInstanceInformation",
                       .resource_account = role.ref.account,
                       .keys = {}};
  iam::Policies policies;
  policies.identity = attached_policies(scene, role);
  return iam::evaluate(request, policies).allowed();
}

Principal session_of(const Scene& scene, const Resource& role, const std::string& instance) {
  return {.account = role.ref.account,
          .arn = fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", aws::partition_of(scene.call.region),
                             role.ref.account, role.ref.id, instance),
          .user_id = fmt::format("{}:{}", json::text(role.record, "RoleId"), instance),
          .role = scene.arn(role)};
}

std::optional<Agent> agent_on(Scene& scene, const Resource& instance) {
  if (json::text(scene.value(instance, "State"), "Name", "") != "running") return std::nullopt;
  const auto* role = role_of(scene, instance);
  if (role == nullptr || !may_register(scene, *role)) return std::nullopt;
  return Agent{.instance = instance.ref.id, .principal = session_of(scene, *role, instance.ref.id)};
}

std::optional<Agent> registered(Scene& scene, const Resource& managed) {
  if (json::text(managed.aspect("PingStatus"), "Online") != "Online") return std::nullopt;
  if (const auto* instance = scene.find(instance_type, managed.ref.id))
    if (json::text(scene.value(*instance, "State"), "Name", "") != "running") return std::nullopt;
  auto role_name = json::text(managed.aspect("IamRole"));
  const auto* role = scene.find(role_type, role_name.substr(role_name.rfind('/') + 1));
  Agent agent{.instance = managed.ref.id, .principal = {.account = managed.ref.account}};
  agent.platform = json::text(managed.aspect("PlatformType"), "Linux");
  if (role != nullptr) agent.principal = session_of(scene, *role, managed.ref.id);
  return agent;
}

json::Object shown(const Scene& scene, const Agent& agent) {
  const auto* instance = scene.find(instance_type, agent.instance);
  json::Object out{
      {"InstanceId", agent.instance},   {"PingStatus", "Online"},    {"LastPingDateTime", scene.now.iso()},
      {"AgentVersion", agent_version},  {"IsLatestVersion", true},   {"PlatformType", agent.platform},
      {"PlatformName", "Amazon Linux"}, {"PlatformVersion", "2023"}, {"ResourceType", "EC2Instance"}};
  if (instance == nullptr) return out;
  for (const auto& [name, aspect] :
       {std::pair{"IPAddress", "PrivateIpAddress"}, {"ComputerName", "PrivateDnsName"}})
    if (auto value = json::text(scene.shown(*instance), aspect); !value.empty()) out[name] = value;
  return out;
}

bool passes(const Scene& scene, const json::Object& one, const json::Value& filter) {
  auto key = json::text(filter, "Key", json::text(filter, "key", ""));
  auto values = json::texts(
      json::at(filter, filter.is_object() && filter.get_object().contains("Values") ? "Values" : "valueSet"));
  if (key == "tag-key" || key.starts_with("tag:")) return is_tagged(scene, json::text(one, "InstanceId"), key, values);
  if (key == "InstanceIds") key = "InstanceId";
  if (key == "PlatformTypes") key = "PlatformType";
  return std::ranges::find(values, json::text(one, key)) != values.end();
}

// Beside those that were registered, as the description has them.
Result<> finish_information(Scene& scene, json::Object& output) {
  auto& list = output["InstanceInformationList"];
  if (!list.is_array()) list = json::Array();
  for (const auto& agent : agents(scene)) {
    bool known = std::ranges::any_of(list.get_array(), [&](const json::Value& one) {
      return json::text(one, "InstanceId", "") == agent.instance;
    });
    if (known || scene.find(managed_type, agent.instance) != nullptr) continue;
    auto one = shown(scene, agent);
    bool wanted = true;
    for (const auto* filters : {"Filters", "InstanceInformationFilterList"})
      for (const auto& filter : json::items(scene.input(filters)))
        wanted = wanted && passes(scene, one, filter);
    if (wanted) list.get_array().push_back(std::move(one));
  }
  return {};
}

Result<json::Object> connection_status(Scene& scene) {
  auto target = scene.text("Target");
  bool there = agent_of(scene, target).has_value();
  return json::Object{{"Target", target}, {"Status", there ? "connected" : "notconnected"}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("ssm:DescribeInstanceInformation", finish_information);
  hooks.emulate("ssm:GetConnectionStatus", connection_status);
}

}  // namespace aright::sandbox::ssm_agent_hooks

namespace aright::sandbox {

std::optional<Agent> agent_of(Scene& scene, const std::string& instance) {
  if (const auto* managed = scene.find(ssm_agent_hooks::managed_type, instance))
    return ssm_agent_hooks::registered(scene, *managed);
  const auto* found = scene.find(instance_type, instance);
  return found == nullptr ? std::nullopt : ssm_agent_hooks::agent_on(scene, *found);
}

std::vector<Agent> agents(Scene& scene) {
  std::vector<std::string> ids;
  for (auto type : {ssm_agent_hooks::managed_type, instance_type})
    for (const auto* one : scene.world.all(scene.ref(type, "")))
      ids.push_back(one->ref.id);
  std::ranges::sort(ids);
  auto twice = std::ranges::unique(ids);
  ids.erase(twice.begin(), twice.end());
  std::vector<Agent> out;
  for (const auto& id : ids)
    if (auto agent = agent_of(scene, id)) out.push_back(std::move(*agent));
  return out;
}

}  // namespace aright::sandbox
