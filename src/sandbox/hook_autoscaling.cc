// Auto Scaling groups: they keep as many instances as they shall, made from what they name.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::autoscaling_hooks {

namespace {

constexpr std::string_view group_name_type = "AWS::AutoScaling::AutoScalingGroup";
constexpr std::string_view configuration_type = "AWS::AutoScaling::LaunchConfiguration";
constexpr std::int64_t capacity_max = 100;  // instances that one group of the sandbox makes

Result<Resource*> named_group(Scene& scene) {
  auto name = scene.text("AutoScalingGroupName");
  auto group = scene.need(group_name_type, name);
  if (group) return group;
  return fail(scene.error(
      "ValidationError",
      fmt::format("AutoScalingGroup name not found - AutoScalingGroup '{}' not found", name)));
}

std::int64_t number_of(const Scene& scene, const Resource* group, const char* member) {
  if (const auto& asked = scene.input(member); !asked.is_null()) return json::integer(asked);
  return group == nullptr ? -1 : json::integer(group->aspect(member), -1);
}

Result<> check_sizes(Scene& scene, const Resource* group) {
  auto least = number_of(scene, group, "MinSize"), most = number_of(scene, group, "MaxSize"),
       wanted = number_of(scene, group, "DesiredCapacity");
  if (most < least)
    return fail(scene.error(
        "ValidationError",
        fmt::format("Max bound, {}, must be greater than or equal to min bound, {}", most, least)));
  bool said = !scene.input("DesiredCapacity").is_null();
  if (!said) return {};
  if (wanted < least)
    return fail(scene.error(
        "ValidationError",
        fmt::format("Desired capacity:{} must be between the specified min size:{} and max size:{}",
                    wanted, least, most)));
  if (wanted > most)
    return fail(scene.error(
        "ValidationError",
        fmt::format("Desired capacity:{} must be between the specified min size:{} and max size:{}",
                    wanted, least, most)));
  return {};
}

Result<> check_source(Scene& scene, bool needed) {
  if (auto name = scene.text("LaunchConfigurationName"); !name.empty()) {
    if (scene.find(configuration_type, name) != nullptr) return {};
    return fail(scene.error("ValidationError", "Launch configuration name not found - null"));
  }
  for (const auto* member :
       {"LaunchTemplate", "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification"}) {
    if (!scene.input(member).is_object()) continue;
    CHECK_OK(launch_template_data(scene, scene.input(member)));
    return {};
  }
  if (!needed || !scene.text("InstanceId").empty()) return {};
  return fail(
      scene.error("ValidationError",
                  "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, "
                  "InstanceId or MixedInstancesPolicy parameter."));
}

Result<> check_places(Scene& scene) {
  for (const auto& id : split(scene.text("VPCZoneIdentifier"), ','))
    if (auto subnet = trim(id); !subnet.empty() && scene.find(subnet_type, subnet) == nullptr)
      return fail(
          scene.error("ValidationError", fmt::format("The subnet ID '{}' does not exist", subnet)));
  return {};
}

Result<> check_create(Scene& scene) {
  CHECK_OK(check_sizes(scene, nullptr));
  CHECK_OK(check_source(scene, true));
  CHECK_OK(check_places(scene));
  if (!scene.text("VPCZoneIdentifier").empty() ||
      !json::items(scene.input("AvailabilityZones")).empty())
    return {};
  return fail(
      scene.error("ValidationError", "At least one Availability Zone or VPC Subnet is required."));
}

Result<> check_update(Scene& scene) {
  auto* group = TRY(named_group(scene));
  CHECK_OK(check_sizes(scene, group));
  CHECK_OK(check_source(scene, false));
  return check_places(scene);
}

Result<> check_capacity(Scene& scene) {
  auto* group = TRY(named_group(scene));
  return check_sizes(scene, group);
}

// What it launches from, as views show it.
json::Value launch_of(const Resource& group) {
  json::Object out;
  for (const auto* name : {"LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy"})
    if (const auto& value = group.aspect(name); !value.is_null()) out[name] = value;
  return out;
}

// Naming one takes the others away.
void keep_one_source(const Scene& scene, Resource& group) {
  constexpr std::array sources{"LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy"};
  bool said =
      std::ranges::any_of(sources, [&](const char* name) { return !scene.input(name).is_null(); });
  for (const auto* name : sources)
    if (said && scene.input(name).is_null()) group.set(name, nullptr);
}

bool suspended(const Resource& group, std::string_view process) {
  auto all = json::texts(group.aspect("SuspendedProcesses"));
  return std::ranges::find(all, process) != all.end();
}

json::Object from_configuration(const Resource& configuration) {
  json::Object input;
  for (const auto* name : {"BlockDeviceMappings", "EbsOptimized", "ImageId", "InstanceType",
                           "KeyName", "MetadataOptions", "UserData"})
    if (const auto& value = configuration.aspect(name); !value.is_null()) input[name] = value;
  auto profile = json::text(configuration.aspect("IamInstanceProfile"));
  if (profile.starts_with("arn:"))
    input["IamInstanceProfile"] = json::Object{{"Arn", profile}};
  else if (!profile.empty())
    input["IamInstanceProfile"] = json::Object{{"Name", profile}};
  if (const auto& groups = configuration.aspect("SecurityGroups"); !groups.is_null())
    input["SecurityGroupIds"] = groups;
  return input;
}

// What RunInstances is to be told, as the group's configuration or template says.
Result<json::Object> launch_input(Scene& scene, const Resource& group) {
  const auto launch = launch_of(group);
  if (auto name = json::text(launch, "LaunchConfigurationName", ""); !name.empty()) {
    auto* configuration = TRY(scene.need(configuration_type, name));
    auto input = from_configuration(*configuration);
    const auto& open = configuration->aspect("AssociatePublicIpAddress");
    if (!open.is_null())
      input["NetworkInterfaces"] =
          json::Array{json::Object{{"DeviceIndex", 0}, {"AssociatePublicIpAddress", open}}};
    return input;
  }
  const auto& mixed =
      json::at(launch, {"MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"});
  const auto& from = mixed.is_object() ? mixed : json::at(launch, "LaunchTemplate");
  if (from.is_object()) return json::Object{{"LaunchTemplate", from}};
  return fail(scene.error("ValidationError", "The group does not say what to launch"));
}

json::Array tags_of_instances(const Resource& group) {
  json::Array tags{json::Object{{"Key", "aws:autoscaling:groupName"}, {"Value", group.ref.id}}};
  for (const auto& tag : json::items(group.aspect("Tags")))
    if (json::truth(json::at(tag, "PropagateAtLaunch")))
      tags.push_back(
          json::Object{{"Key", json::at(tag, "Key")}, {"Value", json::at(tag, "Value")}});
  return tags;
}

Result<json::Object> launch_one(Scene& scene, const Resource& group, std::size_t index) {
  auto input = TRY(launch_input(scene, group));
  input["MinCount"] = 1;
  input["MaxCount"] = 1;
  auto subnets = split(json::text(group.aspect("VPCZoneIdentifier")), ',');
  std::erase_if(subnets, [](const std::string& id) { return trim(id).empty(); });
  if (!subnets.empty()) input["SubnetId"] = trim(subnets[index % subnets.size()]);
  input["TagSpecifications"] =
      json::Array{json::Object{{"ResourceType", "instance"}, {"Tags", tags_of_instances(group)}}};
  auto output = TRY(scene.also("ec2", "RunInstances", std::move(input)));
  const auto& instance = json::items(json::at(output, "Instances")).front();
  json::Object member{
      {"InstanceId", json::at(instance, "InstanceId")},
      {"InstanceType", json::at(instance, "InstanceType")},
      {"AvailabilityZone", json::at(json::at(instance, "Placement"), "AvailabilityZone")},
      {"LifecycleState", "InService"},
      {"HealthStatus", "Healthy"},
      {"ProtectedFromScaleIn", json::truth(group.aspect("NewInstancesProtectedFromScaleIn"))}};
  const auto launch = launch_of(group);
  for (const auto* name : {"LaunchConfigurationName", "LaunchTemplate"})
    if (const auto& value = json::at(launch, name); !value.is_null()) member[name] = value;
  return member;
}

Result<> terminate(Scene& scene, const json::Value& id) {
  if (scene.find(instance_type, json::text(id)) == nullptr) return {};
  CHECK_OK(scene.also("ec2", "TerminateInstances", {{"InstanceIds", json::Array{id}}}));
  return {};
}

bool stands_by(const json::Value& member) { return json::text(member, "LifecycleState", "") == "Standby"; }

// Launches what is missing, and terminates the oldest of what is too many.
Result<> keep_capacity(Scene& scene, const std::string& name) {
  auto ref = scene.ref(group_name_type, name);
  const auto& group = scene.world.edit(ref);
  auto wanted = std::min(json::integer(group.aspect("DesiredCapacity")), capacity_max);
  auto members = json::items(group.aspect("Instances"));
  // Those that stand by count for nothing.
  auto at_work = [&] {
    return static_cast<std::int64_t>(members.size()) - std::ranges::count_if(members, stands_by);
  };
  while (at_work() < wanted && !suspended(group, "Launch"))
    members.push_back(TRY(launch_one(scene, group, members.size())));
  while (at_work() > wanted && !suspended(group, "Terminate")) {
    auto goes = std::ranges::find_if(members, [](const json::Value& one) {
      return !json::truth(json::at(one, "ProtectedFromScaleIn")) && !stands_by(one);
    });
    if (goes == members.end()) break;
    CHECK_OK(terminate(scene, json::at(*goes, "InstanceId")));
    members.erase(goes);
  }
  scene.world.edit(ref).set("Instances",
                            members.empty() ? json::Value() : json::Value(std::move(members)));
  return {};
}

Result<> finish_create(Scene& scene, json::Object&) {
  auto* group = TRY(named_group(scene));
  if (group->aspect("DesiredCapacity").is_null())
    group->set("DesiredCapacity", group->aspect("MinSize"));
  if (group->aspect("AvailabilityZones").is_null()) {
    json::Array zones;
    for (const auto& id : split(json::text(group->aspect("VPCZoneIdentifier")), ','))
      if (const auto* subnet = scene.find(subnet_type, trim(id)))
        if (std::ranges::find(zones, subnet->aspect("AvailabilityZone")) == zones.end())
          zones.push_back(subnet->aspect("AvailabilityZone"));
    group->set("AvailabilityZones", std::move(zones));
  }
  auto tags = json::items(group->aspect("Tags"));
  for (auto& tag : tags) {
    tag.as_object()["ResourceId"] = group->ref.id;
    tag.as_object()["ResourceType"] = "auto-scaling-group";
    if (!tag.as_object().contains("PropagateAtLaunch"))
      tag.as_object()["PropagateAtLaunch"] = false;
  }
  if (!tags.empty()) group->set("Tags", std::move(tags));
  return keep_capacity(scene, group->ref.id);
}

// The capacity stays between the bounds.
Result<> finish_update(Scene& scene, json::Object&) {
  auto* group = TRY(named_group(scene));
  auto wanted = std::clamp(
      json::integer(group->aspect("DesiredCapacity")), json::integer(group->aspect("MinSize")),
      std::max(json::integer(group->aspect("MinSize")), json::integer(group->aspect("MaxSize"))));
  group->set("DesiredCapacity", wanted);
  keep_one_source(scene, *group);
  return keep_capacity(scene, group->ref.id);
}

Result<> finish_resume(Scene& scene, json::Object&) {
  auto* group = TRY(named_group(scene));
  if (scene.input("ScalingProcesses").is_null()) group->set("SuspendedProcesses", nullptr);
  return keep_capacity(scene, group->ref.id);
}

Result<> check_delete_group(Scene& scene) {
  auto* group = TRY(named_group(scene));
  const auto& members = json::items(group->aspect("Instances"));
  if (!members.empty() && !json::truth(scene.input("ForceDelete")))
    return fail(scene.error("ResourceInUse"));
  for (const auto& one : json::Array(members))
    CHECK_OK(terminate(scene, json::at(one, "InstanceId")));
  return {};
}

Result<> check_configuration(Scene& scene) {
  if (!scene.text("InstanceId").empty()) return {};
  for (const auto* member : {"ImageId", "InstanceType"})
    if (scene.text(member).empty())
      return fail(scene.error(
          "ValidationError", fmt::format("Valid requests must contain the {} parameter.", member)));
  return {};
}

Result<> check_delete_configuration(Scene& scene) {
  auto name = scene.text("LaunchConfigurationName");
  if (scene.find(configuration_type, name) == nullptr)
    return fail(scene.error(
        "ValidationError",
        fmt::format("Launch configuration name not found - Launch configuration {} not found",
                    name)));
  for (const auto* group : own(scene, group_name_type))
    if (json::text(launch_of(*group), "LaunchConfigurationName", "") == name)
      return fail(scene.error(
          "ResourceInUse",
          fmt::format(
              "Cannot delete launch configuration {} because it is attached to AutoScalingGroup {}",
              name, group->ref.id)));
  return {};
}

Result<json::Object> describe_instances(Scene& scene) {
  auto asked = json::texts(scene.input("InstanceIds"));
  json::Array out;
  for (const auto* group : own(scene, group_name_type)) {
    for (const auto& one : json::items(group->aspect("Instances"))) {
      auto shown = json::members(one);
      shown["AutoScalingGroupName"] = group->ref.id;
      shown["HealthStatus"] = "HEALTHY";
      if (asked.empty() ||
          std::ranges::find(asked, json::text(one, "InstanceId", "")) != asked.end())
        out.push_back(std::move(shown));
    }
  }
  return json::Object{{"AutoScalingInstances", std::move(out)}};
}

Result<json::Object> describe_tags(Scene& scene) {
  json::Array out;
  for (const auto* group : own(scene, group_name_type)) {
    for (const auto& tag : json::items(group->aspect("Tags"))) {
      bool passes =
          std::ranges::all_of(json::items(scene.input("Filters")), [&](const json::Value& filter) {
            auto name = json::text(filter, "Name", "");
            auto values = json::texts(json::at(filter, "Values"));
            auto fact = name == "auto-scaling-group" ? group->ref.id
                        : name == "key"              ? json::text(tag, "Key", "")
                        : name == "value"            ? json::text(tag, "Value", "")
                                                     : "";
            return std::ranges::find(values, fact) != values.end();
          });
      if (passes) out.push_back(tag);
    }
  }
  return json::Object{{"Tags", std::move(out)}};
}

json::Object activity(const Scene& scene, const std::string& group, const std::string& what) {
  return {{"ActivityId", scene.ids.uuid()},
          {"AutoScalingGroupName", group},
          {"Description", what},
          {"Cause", fmt::format("At {} a user request changed the group.", scene.now.iso())},
          {"StartTime", scene.now.iso()},
          {"StatusCode", "InProgress"},
          {"Progress", 0}};
}

Result<json::Object> terminate_in_group(Scene& scene) {
  auto id = scene.text("InstanceId");
  for (const auto* one : own(scene, group_name_type)) {
    auto members = json::items(one->aspect("Instances"));
    auto found = std::ranges::find_if(members, [&](const json::Value& member) {
      return json::text(member, "InstanceId", "") == id;
    });
    if (found == members.end()) continue;
    auto& group = scene.world.edit(one->ref);
    members.erase(found);
    group.set("Instances", members.empty() ? json::Value() : json::Value(std::move(members)));
    if (json::truth(scene.input("ShouldDecrementDesiredCapacity")))
      group.set("DesiredCapacity", json::integer(group.aspect("DesiredCapacity")) - 1);
    CHECK_OK(terminate(scene, json::Value(id)));
    CHECK_OK(keep_capacity(scene, group.ref.id));
    return json::Object{
        {"Activity", activity(scene, group.ref.id, "Terminating EC2 instance: " + id)}};
  }
  return fail(scene.error(
      "ValidationError",
      fmt::format("Instance Id not found - No managed instance found for instance ID: {}", id)));
}

// Instances of a group go out of its service, or back into it; each in the state that says so.
Result<json::Array> move_members(Scene& scene, Resource& group, const char* from, const char* to,
                                 const std::string& what) {
  auto members = json::items(group.aspect("Instances"));
  json::Array activities;
  for (const auto& id : json::texts(scene.input("InstanceIds"))) {
    auto found = std::ranges::find_if(
        members, [&](const json::Value& one) { return json::text(one, "InstanceId", "") == id; });
    if (found == members.end())
      return fail(scene.error("ValidationError",
                              fmt::format("The instance {} is not part of Auto Scaling group {}.", id, group.ref.id)));
    if (json::text(*found, "LifecycleState", "") != from)
      return fail(scene.error("ValidationError", fmt::format("The instance {} is not in {}.", id, from)));
    found->as_object()["LifecycleState"] = to;
    activities.push_back(activity(scene, group.ref.id, what + id));
  }
  group.set("Instances", std::move(members));
  return activities;
}

Result<> set_capacity(Scene& scene, Resource& group, std::int64_t wanted) {
  if (wanted < json::integer(group.aspect("MinSize")))
    return fail(scene.error("ValidationError",
                            fmt::format("AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. To place "
                                        "into standby {} instance would violate the group's min-size.",
                                        group.ref.id, json::integer(group.aspect("MinSize")),
                                        json::integer(group.aspect("MaxSize")),
                                        json::integer(group.aspect("DesiredCapacity")),
                                        json::items(scene.input("InstanceIds")).size())));
  if (wanted > json::integer(group.aspect("MaxSize")))
    return fail(scene.error("ValidationError", "The group's max-size would be exceeded."));
  group.set("DesiredCapacity", wanted);
  return {};
}

Result<json::Object> enter_standby(Scene& scene) {
  auto* group = TRY(named_group(scene));
  auto name = group->ref.id;
  auto activities = TRY(move_members(scene, *group, "InService", "Standby", "Moving EC2 instance to Standby: "));
  const auto count = static_cast<std::int64_t>(activities.size());
  if (json::truth(scene.input("ShouldDecrementDesiredCapacity")))
    CHECK_OK(set_capacity(scene, *group, json::integer(group->aspect("DesiredCapacity")) - count));
  CHECK_OK(keep_capacity(scene, name));
  return json::Object{{"Activities", std::move(activities)}};
}

Result<json::Object> exit_standby(Scene& scene) {
  auto* group = TRY(named_group(scene));
  auto name = group->ref.id;
  auto activities = TRY(move_members(scene, *group, "Standby", "InService", "Moving EC2 instance out of Standby: "));
  const auto count = static_cast<std::int64_t>(activities.size());
  CHECK_OK(set_capacity(scene, *group, json::integer(group->aspect("DesiredCapacity")) + count));
  CHECK_OK(keep_capacity(scene, name));
  return json::Object{{"Activities", std::move(activities)}};
}

Result<json::Object> describe_activities(Scene& scene) {
  json::Array out;
  for (const auto* group : own(scene, group_name_type)) {
    if (auto name = scene.text("AutoScalingGroupName"); !name.empty() && name != group->ref.id)
      continue;
    for (const auto& one : json::items(group->aspect("Instances"))) {
      auto id = json::text(one, "InstanceId", "");
      out.push_back(json::Object{{"ActivityId", "launch-" + id},
                                 {"AutoScalingGroupName", group->ref.id},
                                 {"Description", "Launching a new EC2 instance: " + id},
                                 {"Cause",
                                  "An instance was started in response to a difference between "
                                  "desired and actual capacity."},
                                 {"StartTime", group->created.iso()},
                                 {"StatusCode", "Successful"},
                                 {"Progress", 100}});
    }
  }
  return json::Object{{"Activities", std::move(out)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("autoscaling:CreateAutoScalingGroup", check_create);
  hooks.finish("autoscaling:CreateAutoScalingGroup", finish_create);
  hooks.check("autoscaling:UpdateAutoScalingGroup", check_update);
  hooks.finish("autoscaling:UpdateAutoScalingGroup", finish_update);
  hooks.check("autoscaling:SetDesiredCapacity", check_capacity);
  hooks.finish("autoscaling:SetDesiredCapacity", finish_update);
  hooks.finish("autoscaling:ResumeProcesses", finish_resume);
  hooks.check("autoscaling:DeleteAutoScalingGroup", check_delete_group);
  hooks.check("autoscaling:CreateLaunchConfiguration", check_configuration);
  hooks.check("autoscaling:DeleteLaunchConfiguration", check_delete_configuration);
  hooks.emulate("autoscaling:DescribeAutoScalingInstances", describe_instances);
  hooks.emulate("autoscaling:DescribeScalingActivities", describe_activities);
  hooks.emulate("autoscaling:DescribeTags", describe_tags);
  hooks.emulate("autoscaling:TerminateInstanceInAutoScalingGroup", terminate_in_group);
  hooks.emulate("autoscaling:EnterStandby", enter_standby);
  hooks.emulate("autoscaling:ExitStandby", exit_standby);
}

}  // namespace aright::sandbox::autoscaling_hooks
