// Instances: run, start, stop, terminate. What they run is not emulated.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ec2_instance_hooks {

namespace {

constexpr std::int64_t instances_max = 100;  // of one RunInstances
constexpr auto start_takes = seconds(15), stop_takes = seconds(30), terminate_takes = seconds(30);
constexpr auto terminated_stay =
    std::chrono::hours(1);  // as long do terminated instances still show

json::Object state(int code, std::string_view name) {
  return {{"Code", code}, {"Name", name}};
}
std::string state_name(const Scene& scene, const Resource& instance) {
  return json::text(scene.value(instance, "State"), "Name", "");
}
bool is_over(std::string_view name) {
  return name == "shutting-down" || name == "terminated";
}

std::string launch_zone(const Scene& scene) {
  return scene.text("Placement.AvailabilityZone");
}

Result<const Resource*> launch_subnet(Scene& scene) {
  auto id = scene.text("SubnetId", scene.text("NetworkInterfaces.SubnetId"));
  if (!id.empty()) return TRY(scene.need(subnet_type, id));
  const auto* subnet = default_subnet(scene, launch_zone(scene));
  if (subnet == nullptr)
    return fail(scene.error("VPCIdNotSpecified", "No default VPC for this user"));
  return subnet;
}

// The groups that the call names, by id or, in the default VPC, by name; the default group when it
// names none.
Result<json::Array> launch_groups(Scene& scene, const std::string& vpc_id) {
  auto groups = json::items(scene.input("SecurityGroupIds"));
  if (groups.empty()) groups = json::items(scene.input("NetworkInterfaces.Groups"));
  for (const auto& name : json::items(scene.input("SecurityGroups"))) {
    const auto* found = group_named(scene, vpc_id, json::text(name));
    if (found == nullptr)
      return fail(scene.error(
          "InvalidGroup.NotFound",
          fmt::format("The security group '{}' does not exist in default VPC", json::text(name))));
    groups.push_back(json::Value(found->ref.id));
  }
  CHECK_OK(check_groups(scene, groups, vpc_id));
  if (const auto* group = groups.empty() ? default_group(scene, vpc_id) : nullptr)
    groups.push_back(json::Value(group->ref.id));
  return groups;
}

// What is the same for all instances of one call.
struct Launch {
  const Resource* subnet;
  std::string vpc_id, reservation;
  json::Array groups;
  json::Value profile;
};

Result<> add_devices(Scene& scene, Resource& instance) {
  json::Array devices;
  for (const auto& asked : json::items(scene.input("BlockDeviceMappings")))
    if (json::at(asked, "Ebs").is_object())
      devices.push_back(TRY(create_root_volume(scene, instance, asked)));
  if (devices.empty()) devices.push_back(TRY(create_root_volume(scene, instance, nullptr)));
  instance.set("BlockDeviceMappings", std::move(devices));
  return {};
}

constexpr std::size_t id_length = 17;

Result<Resource*> attached(Scene& scene, const Resource& instance, const Resource& subnet, const json::Array& groups,
                           std::int64_t device) {
  auto* made = TRY(create_interface(scene, subnet, groups));
  made->set("Tags", tags_for(scene, "network-interface"));
  made->set("Status", "in-use");
  made->set("Attachment", json::Object{{"AttachmentId", "eni-attach-" + scene.ids.hex(id_length)},
                                       {"InstanceId", instance.ref.id},
                                       {"InstanceOwnerId", instance.ref.account},
                                       {"DeviceIndex", device},
                                       {"Status", "attached"},
                                       {"AttachTime", scene.now.iso()},
                                       {"DeleteOnTermination", true}});
  return made;
}

// All but the first, which every instance has.
Result<> attach_others(Scene& scene, const Resource& instance, const Launch& plan) {
  for (const auto& asked : json::items(scene.input("NetworkInterfaces"))) {
    auto device = json::integer(json::at(asked, "DeviceIndex"), 0);
    if (device == 0) continue;
    auto id = json::text(asked, "SubnetId", "");
    const Resource* subnet = id.empty() ? plan.subnet : TRY(scene.need(subnet_type, id));
    auto groups = json::items(json::at(asked, "Groups"));
    CHECK_OK(attached(scene, instance, *subnet, groups.empty() ? plan.groups : groups, device));
  }
  return {};
}

Result<json::Object> launch(Scene& scene, const Launch& plan, int index) {
  auto* instance = TRY(scene.create(instance_type, "i-" + scene.ids.hex(id_length)));
  instance->set("SubnetId", json::Value(plan.subnet->ref.id));
  instance->set("VpcId", json::Value(plan.vpc_id));
  instance->set("AvailabilityZone", plan.subnet->aspect("AvailabilityZone"));
  instance->set("Tenancy", json::Value(scene.text("Placement.Tenancy", "default")));
  instance->set("SecurityGroupIds", plan.groups);
  if (!plan.profile.is_null()) CHECK_OK(associate_with_profile(scene, *instance, plan.profile));
  instance->record["ReservationId"] = plan.reservation;
  instance->set("Tags", tags_for(scene, "instance"));
  instance->set("State", state(0, "pending"));
  instance->coming["State"] = {.to = state(16, "running"), .due = scene.now + start_takes};
  if (json::truth(scene.input("Monitoring.Enabled"))) instance->set("Monitoring", "enabled");
  instance->record["AmiLaunchIndex"] = index;
  CHECK_OK(add_devices(scene, *instance));

  auto* made = TRY(attached(scene, *instance, *plan.subnet, plan.groups, 0));
  auto address = json::text(made->aspect("PrivateIpAddress"));
  instance->set("PrivateIpAddress", json::Value(address));
  instance->record["PrivateDnsName"] =
      fmt::format("ip-{}.ec2.internal", replace_all(address, ".", "-"));
  bool open = json::truth(scene.input("NetworkInterfaces.AssociatePublicIpAddress"),
                          json::truth(plan.subnet->aspect("MapPublicIpOnLaunch")));
  if (open) {
    auto number = scene.ids.below(256 * 256);
    auto public_address =
        fmt::format("198.18.{}.{}", number / 256, number % 256);  // reserved for tests by RFC 2544
    instance->set("PublicIpAddress", json::Value(public_address));
    made->set("Association", json::Object{{"PublicIp", public_address}, {"IpOwnerId", "amazon"}});
  }
  CHECK_OK(attach_others(scene, *instance, plan));
  return scene.shown(*instance);
}

// What a launch template says, where the call does not say it itself.
Result<json::Object> run_from_template(Scene& scene) {
  auto input = TRY(launch_template_data(scene, scene.input("LaunchTemplate")));
  for (const auto& [name, value] : scene.call.input)
    input[name] = value;
  input.erase("LaunchTemplate");
  for (const auto* unknown : {"KernelId", "RamDiskId", "InstanceRequirements"})
    input.erase(unknown);
  return scene.also("ec2", "RunInstances", std::move(input));
}

Result<json::Object> run_instances(Scene& scene) {
  if (scene.input("LaunchTemplate").is_object()) return run_from_template(scene);
  auto least = json::integer(scene.input("MinCount")),
       most = json::integer(scene.input("MaxCount"));
  if (least < 1 || most < least)
    return fail(scene.error("InvalidParameterValue",
                            fmt::format("Value ({}) for parameter maxCount is invalid.", most)));
  if (least > instances_max)
    return fail(
        scene.error("InstanceLimitExceeded",
                    fmt::format("You have requested more instances than the limit of {} allows",
                                instances_max)));
  auto image = scene.text("ImageId");
  if (image.empty())
    return fail(scene.error("MissingParameter", "The request must contain the parameter ImageId"));
  if (!image.starts_with("ami-"))
    return fail(scene.error("InvalidAMIID.Malformed",
                            fmt::format("Invalid id: \"{}\" (expecting \"ami-...\")", image)));

  Launch plan{.reservation = "r-" + scene.ids.hex(17)};
  plan.subnet = TRY(launch_subnet(scene));
  plan.vpc_id = json::text(plan.subnet->aspect("VpcId"));
  plan.groups = TRY(launch_groups(scene, plan.vpc_id));
  plan.profile = TRY(asked_profile(scene));
  json::Array instances;
  for (int i = 0; i < std::min(most, instances_max); ++i)
    instances.push_back(TRY(launch(scene, plan, i)));
  return json::Object{{"ReservationId", plan.reservation},
                      {"OwnerId", scene.call.account},
                      {"Groups", json::Array()},
                      {"Instances", std::move(instances)}};
}

// A step of the state machine.
struct Step {
  const char* output;  // the member that lists what changed
  json::Object through, to;
  milliseconds takes;
  std::vector<std::string_view> from, already;
};

Result<json::Object> take_step(Scene& scene, const Step& step) {
  json::Array changes;
  for (const auto& id : json::items(scene.input("InstanceIds"))) {
    auto* instance = TRY(scene.need(instance_type, json::text(id)));
    auto before = scene.value(*instance, "State");
    auto name = json::text(before, "Name", "");
    if (std::ranges::find(step.from, name) != step.from.end()) {
      instance->set("State", step.through);
      instance->coming["State"] = {.to = step.to, .due = scene.now + step.takes};
    } else if (std::ranges::find(step.already, name) == step.already.end()) {
      return fail(
          scene.error("IncorrectInstanceState",
                      fmt::format("The instance '{}' is not in a state from which it can be {}.",
                                  instance->ref.id, json::text(step.to, "Name"))));
    }
    changes.push_back(json::Object{{"InstanceId", id},
                                   {"PreviousState", before},
                                   {"CurrentState", scene.value(*instance, "State")}});
  }
  return json::Object{{step.output, std::move(changes)}};
}

Result<json::Object> start_instances(Scene& scene) {
  return take_step(scene, {.output = "StartingInstances",
                           .through = state(0, "pending"),
                           .to = state(16, "running"),
                           .takes = start_takes,
                           .from = {"stopped"},
                           .already = {"pending", "running"}});
}

Result<json::Object> stop_instances(Scene& scene) {
  for (const auto& id : json::items(scene.input("InstanceIds"))) {
    auto* instance = TRY(scene.need(instance_type, json::text(id)));
    if (json::truth(instance->aspect("DisableApiStop")))
      return fail(scene.error("OperationNotPermitted",
                              fmt::format("The instance '{}' may not be stopped. Modify its 'disableApiStop' "
                                          "instance attribute and try again.",
                                          instance->ref.id)));
  }
  return take_step(scene, {.output = "StoppingInstances",
                           .through = state(64, "stopping"),
                           .to = state(80, "stopped"),
                           .takes = stop_takes,
                           .from = {"running"},
                           .already = {"stopping", "stopped"}});
}

// What was made with an instance goes with it.
void drop_belongings(Scene& scene, Resource& instance) {
  for (const auto* one : own(scene, interface_type)) {
    const auto& attachment = one->aspect("Attachment");
    if (json::text(attachment, "InstanceId", "") == instance.ref.id)
      scene.erase(cloud::ResourceRef(one->ref));
  }
  for (const auto& device : json::items(instance.aspect("BlockDeviceMappings"))) {
    const auto& ebs = json::at(device, "Ebs");
    auto ref = scene.ref(volume_type, json::text(ebs, "VolumeId", ""));
    if (scene.world.find(ref) == nullptr) continue;
    if (json::truth(json::at(ebs, "DeleteOnTermination"))) {
      scene.erase(ref);
    } else {
      scene.world.edit(ref).set("Attachments", nullptr);
      scene.world.edit(ref).set("State", "available");
    }
  }
  forget_profile(scene, instance.ref.id);
  instance.set("BlockDeviceMappings", nullptr);
  instance.set("PublicIpAddress", nullptr);
}

Result<json::Object> terminate_instances(Scene& scene) {
  for (const auto& id : json::items(scene.input("InstanceIds"))) {
    auto* instance = TRY(scene.need(instance_type, json::text(id)));
    if (is_over(state_name(scene, *instance))) continue;
    if (json::truth(instance->aspect("DisableApiTermination")))
      return fail(scene.error("OperationNotPermitted", "", instance));
    drop_belongings(scene, *instance);
    instance->internals["terminated_ms"] = scene.now.ms;
    instance->set(
        "StateTransitionReason",
        json::Value(fmt::format("User initiated ({})", scene.now.format("%Y-%m-%d %H:%M:%S GMT"))));
  }
  return take_step(scene, {.output = "TerminatingInstances",
                           .through = state(32, "shutting-down"),
                           .to = state(48, "terminated"),
                           .takes = terminate_takes,
                           .from = {"pending", "running", "stopping", "stopped"},
                           .already = {"shutting-down", "terminated"}});
}

Result<json::Object> reboot_instances(Scene& scene) {
  for (const auto& id : json::items(scene.input("InstanceIds"))) {
    auto* instance = TRY(scene.need(instance_type, json::text(id)));
    if (state_name(scene, *instance) != "running")
      return fail(scene.error("IncorrectInstanceState", "", instance));
  }
  return json::Object();
}

// Terminated instances show for a while, then no more.
Result<> forget_terminated(Scene& scene) {
  for (const auto* instance : own(scene, instance_type)) {
    auto when = json::integer(json::at(instance->internals, "terminated_ms"), -1);
    if (when >= 0 && Timestamp{when} + terminated_stay <= scene.now)
      scene.erase(cloud::ResourceRef(instance->ref));
  }
  return {};
}

// One reservation for each RunInstances.
Result<> group_by_reservation(Scene& scene, json::Object& output) {
  json::Array reservations;
  for (const auto& all : json::items(json::at(output, "Reservations"))) {
    for (const auto& instance : json::items(json::at(all, "Instances"))) {
      auto id = json::text(instance, "ReservationId", "r-0");
      auto found = std::ranges::find_if(reservations, [&](const json::Value& one) {
        return json::text(one, "ReservationId", "") == id;
      });
      if (found == reservations.end()) {
        reservations.push_back(json::Object{{"ReservationId", id},
                                            {"OwnerId", scene.call.account},
                                            {"Groups", json::Array()},
                                            {"Instances", json::Array()}});
        found = std::prev(reservations.end());
      }
      found->as_object()["Instances"].as_array().push_back(instance);
    }
  }
  output["Reservations"] = std::move(reservations);
  return {};
}

Result<json::Object> describe_status(Scene& scene) {
  bool all = json::truth(scene.input("IncludeAllInstances"));
  auto wanted = json::texts(scene.input("InstanceIds"));
  for (const auto& id : wanted)
    CHECK_OK(scene.need(instance_type, id));
  json::Array out;
  for (const auto* instance : own(scene, instance_type)) {
    if (!wanted.empty() && std::ranges::find(wanted, instance->ref.id) == wanted.end()) continue;
    bool running = state_name(scene, *instance) == "running";
    if (!running && !all) continue;
    json::Object summary{{"Status", running ? "ok" : "not-applicable"}};
    out.push_back(json::Object{{"InstanceId", instance->ref.id},
                               {"AvailabilityZone", instance->aspect("AvailabilityZone")},
                               {"InstanceState", scene.value(*instance, "State")},
                               {"InstanceStatus", summary},
                               {"SystemStatus", summary}});
  }
  return json::Object{{"InstanceStatuses", std::move(out)}};
}

// {Attribute: disableApiTermination, Value: "true"} is the older way to say {DisableApiTermination:
// {Value: true}}.
struct Attribute {
  const char *name, *member, *aspect;
  bool flag;
};
constexpr std::array attributes{
    Attribute{"instanceType", "InstanceType", "InstanceType", false},
    Attribute{"userData", "UserData", "UserData", false},
    Attribute{"disableApiTermination", "DisableApiTermination", "DisableApiTermination", true},
    Attribute{"instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior",
              "InstanceInitiatedShutdownBehavior", false},
    Attribute{"disableApiStop", "DisableApiStop", "DisableApiStop", true},
    Attribute{"sourceDestCheck", "SourceDestCheck", "SourceDestCheck", true},
    Attribute{"ebsOptimized", "EbsOptimized", "EbsOptimized", true}};

const Attribute* find_attribute(std::string_view name) {
  auto found =
      std::ranges::find_if(attributes, [&](const Attribute& one) { return one.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

Result<json::Object> modify_attribute(Scene& scene) {
  if (auto name = scene.text("Attribute"); !name.empty() && !scene.input("Value").is_null()) {
    const auto* attribute = find_attribute(name);
    if (attribute == nullptr)
      return fail(scene.error("InvalidParameterValue",
                              fmt::format("Value ({}) for parameter attribute is invalid.", name)));
    auto value =
        attribute->flag ? json::Value(json::truth(scene.input("Value"))) : scene.input("Value");
    return scene.also("ec2", "ModifyInstanceAttribute",
                      {{"InstanceId", scene.text("InstanceId")},
                       {attribute->member, json::Object{{"Value", value}}}});
  }
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  CHECK_OK(check_groups(scene, scene.input("Groups"), json::text(instance->aspect("VpcId"))));
  if (const auto* groups = scene.input("Groups").if_array(); groups != nullptr && groups->empty())
    return fail(
        scene.error("InvalidParameterValue",
                    "Value () for parameter groupId is invalid. The value cannot be empty"));
  for (const auto* member : {"InstanceType", "UserData", "EbsOptimized"})
    if (!scene.input(member).is_null() && state_name(scene, *instance) != "stopped")
      return fail(scene.error(
          "IncorrectInstanceState",
          fmt::format("The instance '{}' is not in the 'stopped' state.", instance->ref.id)));
  CHECK_OK(scene.by_description());
  if (scene.input("Groups").is_null()) return json::Object();
  for (const auto* one : own(scene, interface_type)) {
    const auto& attachment = one->aspect("Attachment");
    if (json::text(attachment, "InstanceId", "") == instance->ref.id &&
        json::integer(json::at(attachment, "DeviceIndex"), -1) == 0)
      scene.world.edit(one->ref).set("GroupSet", json::Value(scene.input("Groups")));
  }
  return json::Object();
}

Result<json::Object> describe_attribute(Scene& scene) {
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  json::Object output{{"InstanceId", instance->ref.id}};
  auto name = scene.text("Attribute");
  if (const auto* attribute = find_attribute(name)) {
    const auto& value = instance->aspect(attribute->aspect);
    output[attribute->member] = value.is_null() ? json::Object() : json::Object{{"Value", value}};
  } else if (name == "groupSet") {
    output["Groups"] = scene.value(*instance, "SecurityGroupIds");
  } else if (name == "blockDeviceMapping") {
    output["BlockDeviceMappings"] = scene.value(*instance, "BlockDeviceMappings");
  } else if (name == "rootDeviceName") {
    output["RootDeviceName"] =
        json::Object{{"Value", json::at(instance->record, "RootDeviceName")}};
  } else {
    return fail(scene.error(
        "InvalidParameterValue",
        fmt::format("Value ({}) for parameter attribute is invalid. Unknown attribute.", name)));
  }
  return output;
}

Result<> finish_metadata(Scene& scene, json::Object& output) {
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  auto options = json::members(instance->aspect("MetadataOptions"));
  options["State"] = "pending";
  output = {{"InstanceId", instance->ref.id}, {"InstanceMetadataOptions", std::move(options)}};
  constexpr auto takes = seconds(1);
  instance->set("MetadataOptionsState", "pending");
  instance->coming["MetadataOptionsState"] = {.to = "applied", .due = scene.now + takes};
  return {};
}

Result<> check_metadata(Scene& scene) {
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  if (is_over(state_name(scene, *instance)))
    return fail(scene.error("IncorrectInstanceState", "", instance));
  auto hops = json::integer(scene.input("HttpPutResponseHopLimit"), 1);
  constexpr int hops_max = 64;
  if (hops >= 1 && hops <= hops_max) return {};
  return fail(scene.error(
      "InvalidParameterValue",
      fmt::format("The HttpPutResponseHopLimit '{}' is not between 1 and {}", hops, hops_max)));
}

json::Value instance_groups(const Scene& scene, const Resource& instance) {
  return group_identifiers(scene, instance.aspect("SecurityGroupIds"));
}

json::Value instance_interfaces(const Scene& scene, const Resource& instance) {
  json::Array out;
  for (const auto* one : own(scene, interface_type)) {
    if (json::text(one->aspect("Attachment"), "InstanceId", "") != instance.ref.id) continue;
    auto shown = scene.shown(*one);
    shown.erase("TagSet");
    for (const char* list : {"Groups", "Ipv6Addresses", "PrivateIpAddresses"})
      if (!shown.contains(list)) shown[list] = json::Array();  // as DescribeNetworkInterfaces shows them
    out.push_back(std::move(shown));
  }
  return out.empty() ? instance.aspect("NetworkInterfaces") : json::Value(std::move(out));
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("ec2:RunInstances", run_instances);
  hooks.emulate("ec2:StartInstances", start_instances);
  hooks.emulate("ec2:StopInstances", stop_instances);
  hooks.emulate("ec2:TerminateInstances", terminate_instances);
  hooks.emulate("ec2:RebootInstances", reboot_instances);
  hooks.emulate("ec2:DescribeInstanceStatus", describe_status);
  hooks.emulate("ec2:ModifyInstanceAttribute", modify_attribute);
  hooks.emulate("ec2:DescribeInstanceAttribute", describe_attribute);
  hooks.check("ec2:DescribeInstances", forget_terminated);
  hooks.finish("ec2:DescribeInstances", group_by_reservation);
  hooks.check("ec2:ModifyInstanceMetadataOptions", check_metadata);
  hooks.finish("ec2:ModifyInstanceMetadataOptions", finish_metadata);
  hooks.derive("AWS::EC2::Instance/SecurityGroupIds", instance_groups);
  hooks.derive("AWS::EC2::Instance/NetworkInterfaces", instance_interfaces);
}

}  // namespace aright::sandbox::ec2_instance_hooks
