// Volumes, snapshots and images. Contents are not emulated: a snapshot is a fact, not a copy.
#include <algorithm>

#include "base/text.h"
#include "sandbox/ec2.h"
#include "sandbox/kms.h"

namespace aright::sandbox::ec2_storage_hooks {

namespace {

using ec2_offer_hooks::amazon_images;

constexpr std::string_view image_type = "AWS::EC2::Image";
constexpr std::string_view defaults_type = "AWS::EC2::Defaults";
constexpr auto snapshot_takes = seconds(15);
constexpr int root_volume_gib = 8;
constexpr int iops_per_gib = 3, iops_min = 100, iops_max = 16000;

std::string_view root_device = "/dev/xvda";

Result<> check_create_volume(Scene& scene) {
  if (auto snapshot = scene.text("SnapshotId"); !snapshot.empty())
    CHECK_OK(scene.need(snapshot_type, snapshot));
  else if (scene.input("Size").is_null())
    return fail(
        scene.error("MissingParameter", "The request must contain the parameter size/snapshot"));
  bool unencrypted = scene.input("Encrypted") == json::Value(false);
  if (unencrypted && !scene.text("KmsKeyId").empty())
    return fail(scene.error("InvalidParameterDependency",
                            "The parameter KmsKeyId requires the parameter Encrypted to be set."));
  auto zone = scene.text("AvailabilityZone");
  if (!zone.starts_with(scene.call.region) || zone.size() != scene.call.region.size() + 1)
    return fail(
        scene.error("InvalidZone.NotFound", fmt::format("The zone '{}' does not exist.", zone)));
  return {};
}

void set_speed(Resource& volume) {
  if (volume.aspect("VolumeType").is_null()) volume.set("VolumeType", "gp2");
  auto type = json::text(volume.aspect("VolumeType"));
  if (type == "gp2")
    volume.set("Iops", std::clamp<std::int64_t>(json::integer(volume.aspect("Size")) * iops_per_gib,
                                                iops_min, iops_max));
  if (type == "gp3" && volume.aspect("Iops").is_null()) volume.set("Iops", 3000);
  if (type == "gp3" && volume.aspect("Throughput").is_null()) volume.set("Throughput", 125);
}

Result<> finish_create_volume(Scene& scene, json::Object& output) {
  auto& volume = scene.world.edit(scene.created.front());
  if (const auto* snapshot = scene.find(snapshot_type, scene.text("SnapshotId"))) {
    if (volume.aspect("Size").is_null()) volume.set("Size", snapshot->aspect("VolumeSize"));
    if (json::truth(snapshot->aspect("Encrypted"))) volume.set("Encrypted", true);
  }
  set_speed(volume);
  CHECK_OK(encrypt(scene, volume));
  output = scene.shown(volume);
  output["State"] = "creating";
  return {};
}

Result<> check_delete_volume(Scene& scene) {
  auto* volume = TRY(scene.need(volume_type, scene.text("VolumeId")));
  if (json::items(volume->aspect("Attachments")).empty()) return {};
  return fail(scene.error("VolumeInUse", "", volume));
}

Result<json::Object> attach_volume(Scene& scene) {
  auto* volume = TRY(scene.need(volume_type, scene.text("VolumeId")));
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  if (!json::items(volume->aspect("Attachments")).empty())
    return fail(scene.error("VolumeInUse", "", volume));
  if (volume->aspect("AvailabilityZone") != instance->aspect("AvailabilityZone"))
    return fail(scene.error(
        "InvalidVolume.ZoneMismatch",
        fmt::format("The volume '{}' is not in the same availability zone as instance '{}'",
                    volume->ref.id, instance->ref.id)));
  auto devices = json::items(instance->aspect("BlockDeviceMappings"));
  for (const auto& device : devices)
    if (json::at(device, "DeviceName") == scene.input("Device"))
      return fail(scene.error(
          "InvalidParameterValue",
          fmt::format("Invalid value '{}' for unixDevice. Attachment point {} is already in use",
                      scene.text("Device"), scene.text("Device"))));
  json::Object attachment{{"VolumeId", volume->ref.id},      {"InstanceId", instance->ref.id},
                          {"Device", scene.input("Device")}, {"State", "attached"},
                          {"AttachTime", scene.now.iso()},   {"DeleteOnTermination", false}};
  devices.push_back(json::Object{{"DeviceName", scene.input("Device")},
                                 {"Ebs", json::Object{{"VolumeId", volume->ref.id},
                                                      {"Status", "attached"},
                                                      {"AttachTime", scene.now.iso()},
                                                      {"DeleteOnTermination", false}}}});
  instance->set("BlockDeviceMappings", std::move(devices));
  volume->set("Attachments", json::Array{attachment});
  volume->set("State", "in-use");
  return attachment;
}

Result<json::Object> detach_volume(Scene& scene) {
  auto* volume = TRY(scene.need(volume_type, scene.text("VolumeId")));
  const auto& attachments = json::items(volume->aspect("Attachments"));
  if (attachments.empty())
    return fail(scene.error(
        "IncorrectState", fmt::format("Volume '{}' is in the 'available' state.", volume->ref.id)));
  auto attachment = json::members(attachments.front());
  auto* instance = TRY(scene.need(instance_type, json::text(attachment, "InstanceId")));
  json::Array kept;
  for (const auto& device : json::items(instance->aspect("BlockDeviceMappings")))
    if (json::text(json::at(device, "Ebs"), "VolumeId", "") != volume->ref.id)
      kept.push_back(device);
  instance->set("BlockDeviceMappings", std::move(kept));
  volume->set("Attachments", nullptr);
  volume->set("State", "available");
  attachment["State"] = "detaching";
  return attachment;
}

// A snapshot on its way: pending at first, complete after a while.
void start_snapshot(const Scene& scene, Resource& snapshot, const Resource& volume) {
  snapshot.set("VolumeId", json::Value(volume.ref.id));
  snapshot.set("VolumeSize", volume.aspect("Size"));
  snapshot.set("Encrypted", volume.aspect("Encrypted"));
  snapshot.set("KmsKeyId", volume.aspect("KmsKeyId"));
  snapshot.coming["State"] = {.to = "completed", .due = scene.now + snapshot_takes};
  snapshot.coming["Progress"] = {.to = "100%", .due = scene.now + snapshot_takes};
}

Result<> check_create_snapshot(Scene& scene) {
  CHECK_OK(scene.need(volume_type, scene.text("VolumeId")));
  return {};
}

Result<> finish_create_snapshot(Scene& scene, json::Object& output) {
  auto& snapshot = scene.world.edit(scene.created.front());
  auto* volume = TRY(scene.need(volume_type, scene.text("VolumeId")));
  start_snapshot(scene, snapshot, *volume);
  output = scene.shown(snapshot);
  return {};
}

std::vector<const Resource*> volumes_of(const Scene& scene, const Resource& instance,
                                        bool with_root) {
  std::vector<const Resource*> out;
  for (const auto& device : json::items(instance.aspect("BlockDeviceMappings"))) {
    const auto* volume =
        scene.find(volume_type, json::text(json::at(device, "Ebs"), "VolumeId", ""));
    if (volume != nullptr && (with_root || json::text(device, "DeviceName", "") != root_device))
      out.push_back(volume);
  }
  return out;
}

Result<json::Object> create_snapshots(Scene& scene) {
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceSpecification.InstanceId")));
  bool with_root = !json::truth(scene.input("InstanceSpecification.ExcludeBootVolume"));
  json::Array shown;
  for (const auto* volume : volumes_of(scene, *instance, with_root)) {
    auto* snapshot = TRY(create_plain(scene, snapshot_type, "snap-"));
    snapshot->set("Description", json::Value(scene.text("Description")));
    snapshot->set("Tags", tags_for(scene, "snapshot"));
    start_snapshot(scene, *snapshot, *volume);
    shown.push_back(scene.shown(*snapshot));
  }
  return json::Object{{"Snapshots", std::move(shown)}};
}

Result<json::Object> copy_snapshot(Scene& scene) {
  auto from = scene.ref(snapshot_type, scene.text("SourceSnapshotId"));
  from.region = scene.text("SourceRegion", scene.call.region);
  const auto* source = scene.world.find(from);
  if (source == nullptr) {
    Resource lacking{.ref = from};
    return fail(scene.error("InvalidSnapshot.NotFound", "", &lacking));
  }
  auto* copy = TRY(create_plain(scene, snapshot_type, "snap-"));
  copy->set("Description",
            json::Value(scene.text("Description",
                                   fmt::format("[Copied {} from {}]", from.id, from.region))));
  copy->set("Tags", tags_for(scene, "snapshot"));
  copy->set("VolumeId", "vol-ffffffff");  // what AWS shows for copies
  copy->set("VolumeSize", source->aspect("VolumeSize"));
  bool encrypted =
      json::truth(source->aspect("Encrypted")) || json::truth(scene.input("Encrypted"));
  copy->set("Encrypted", encrypted);
  if (encrypted)
    copy->set("KmsKeyId",
              json::Value(TRY(key_arn(scene, scene.text("KmsKeyId", "alias/aws/ebs")))));
  copy->coming["State"] = {.to = "completed", .due = scene.now + snapshot_takes};
  copy->coming["Progress"] = {.to = "100%", .due = scene.now + snapshot_takes};
  return json::Object{{"SnapshotId", copy->ref.id}, {"Tags", copy->aspect("Tags")}};
}

bool has_all(const json::Value& shares) {
  return std::ranges::any_of(json::items(shares), [](const json::Value& one) {
    return json::text(one, "Group", "") == "all";
  });
}

// Whether the call shares with everybody; `added` are the shares that it names as structures.
bool opens_to_all(const Scene& scene, const char* added, const char* group_names) {
  if (has_all(scene.input(added))) return true;
  if (scene.text("OperationType") != "add") return false;
  auto groups = json::texts(scene.input(group_names));
  return std::ranges::find(groups, "all") != groups.end();
}

Result<> check_share_image(Scene& scene) {
  CHECK_OK(scene.need(image_type, scene.text("ImageId")));
  if (!opens_to_all(scene, "LaunchPermission.Add", "UserGroups")) return {};
  auto* defaults = TRY(scene.need(defaults_type, scene.call.account));
  if (json::text(defaults->aspect("ImageBlockPublicAccess")) != "block-new-sharing") return {};
  return fail(scene.error("OperationNotPermitted",
                          "You can't publicly share this image because block public access for AMIs is "
                          "enabled for this account"));
}

json::Value is_public(const Scene&, const Resource& image) {
  return has_all(image.aspect("LaunchPermissions"));
}

// Keeps those of a list that one of the asked accounts (or all) may use.
void keep_shared(const Scene& scene, json::Object& output, const char* list, std::string_view type,
                 const char* id, const char* aspect, const char* asked_member) {
  auto asked = json::texts(scene.input(asked_member));
  if (asked.empty()) return;
  json::Array kept;
  for (const auto& item : json::items(json::at(output, list))) {
    const auto* resource = scene.find(type, json::text(item, id, ""));
    if (resource == nullptr) continue;
    bool usable = std::ranges::find(asked, "self") != asked.end();
    for (const auto& share : json::items(resource->aspect(aspect))) {
      auto who = json::text(share, "Group", json::text(share, "UserId", ""));
      usable = usable || std::ranges::find(asked, who) != asked.end();
    }
    if (usable) kept.push_back(item);
  }
  output[list] = std::move(kept);
}

Result<> finish_describe_snapshots(Scene& scene, json::Object& output) {
  keep_shared(scene, output, "Snapshots", snapshot_type, "SnapshotId", "CreateVolumePermissions",
              "RestorableByUserIds");
  return {};
}

// The account's own, unless only those of others are asked for, and Amazon's where they are named.
Result<json::Object> describe_images(Scene& scene) {
  auto amazons = amazon_images(scene);
  auto is_amazons = [&](const json::Value& id) {
    return std::ranges::any_of(amazons, [&](const json::Value& one) { return json::at(one, "ImageId") == id; });
  };
  json::Array others;
  for (const auto& id : json::items(scene.input("ImageIds")))
    if (!is_amazons(id)) others.push_back(id);
  bool named = !json::items(scene.input("ImageIds")).empty();
  json::Object output{{"Images", json::Array()}};
  if (named && others.size() < json::items(scene.input("ImageIds")).size()) {
    auto input = scene.call.input;
    input["ImageIds"] = others;
    if (!others.empty()) output = TRY(scene.also("ec2", "DescribeImages", std::move(input)));
  } else {
    output = TRY(scene.by_description());
    auto owners = json::texts(scene.input("Owners"));
    bool own = owners.empty() || std::ranges::any_of(owners, [&](const std::string& one) {
                 return one == "self" || one == scene.call.account;
               });
    if (!own) output["Images"] = json::Array();
    keep_shared(scene, output, "Images", image_type, "ImageId", "LaunchPermissions", "ExecutableUsers");
  }
  for (auto& image : amazons) output["Images"].as_array().push_back(std::move(image));
  return output;
}

// A snapshot that an image stands on stays.
Result<> check_delete_snapshot(Scene& scene) {
  auto* snapshot = TRY(scene.need(snapshot_type, scene.text("SnapshotId")));
  for (const auto* image : own(scene, image_type))
    for (const auto& device : json::items(image->aspect("BlockDeviceMappings")))
      if (json::text(json::at(device, "Ebs"), "SnapshotId", "") == snapshot->ref.id)
        return fail(scene.error("InvalidSnapshot.InUse",
                                fmt::format("The snapshot {} is currently in use by {}",
                                            snapshot->ref.id, image->ref.id)));
  return {};
}

Result<json::Object> copy_image(Scene& scene) {
  auto from = scene.ref(image_type, scene.text("SourceImageId"));
  from.region = scene.text("SourceRegion", scene.call.region);
  const auto* source = scene.world.find(from);
  if (source == nullptr) {
    Resource lacking{.ref = from};
    return fail(scene.error("InvalidAMIID.NotFound", "", &lacking));
  }
  auto devices = json::items(source->aspect("BlockDeviceMappings"));
  for (auto& device : devices) {
    auto id = json::text(json::at(device, "Ebs"), "SnapshotId", "");
    if (id.empty()) continue;
    json::Object input{{"SourceSnapshotId", id}, {"SourceRegion", from.region}};
    for (const auto* member : {"Encrypted", "KmsKeyId"})
      if (const auto& value = scene.input(member); !value.is_null()) input[member] = value;
    auto copied = TRY(scene.also("ec2", "CopySnapshot", std::move(input)));
    auto& ebs = device.as_object()["Ebs"].as_object();
    ebs["SnapshotId"] = json::at(copied, "SnapshotId");
    if (json::truth(scene.input("Encrypted"))) ebs["Encrypted"] = true;
  }
  auto* image = TRY(create_plain(scene, image_type, "ami-"));
  image->set("Name", json::Value(scene.text("Name")));
  if (const auto& text = scene.input("Description"); !text.is_null())
    image->set("Description", text);
  image->set("BlockDeviceMappings", std::move(devices));
  return json::Object{{"ImageId", image->ref.id}};
}

Result<> check_modify_volume(Scene& scene) {
  auto* volume = TRY(scene.need(volume_type, scene.text("VolumeId")));
  auto size = json::integer(scene.input("Size"), json::integer(volume->aspect("Size")));
  if (size >= json::integer(volume->aspect("Size"))) return {};
  return fail(scene.error("InvalidParameterValue", "New size cannot be smaller than existing size"));
}

Result<> finish_modify_volume(Scene& scene, json::Object& output) {
  auto* volume = TRY(scene.need(volume_type, scene.text("VolumeId")));
  output["VolumeModification"] = json::Object{{"VolumeId", volume->ref.id},
                                              {"ModificationState", "modifying"},
                                              {"TargetSize", volume->aspect("Size")},
                                              {"TargetIops", volume->aspect("Iops")},
                                              {"TargetVolumeType", volume->aspect("VolumeType")},
                                              {"Progress", 0},
                                              {"StartTime", scene.now.iso()}};
  return {};
}

Result<> check_share_snapshot(Scene& scene) {
  auto* snapshot = TRY(scene.need(snapshot_type, scene.text("SnapshotId")));
  if (!opens_to_all(scene, "CreateVolumePermission.Add", "GroupNames")) return {};
  if (json::truth(snapshot->aspect("Encrypted")))
    return fail(
        scene.error("InvalidParameterValue", "Encrypted snapshots cannot be shared publicly"));
  auto* defaults = TRY(scene.need(defaults_type, scene.call.account));
  if (json::text(defaults->aspect("SnapshotBlockPublicAccess")) != "unblocked")
    return fail(
        scene.error("OperationNotPermitted",
                    "Public sharing of snapshots is blocked in this Region for this account"));
  return {};
}

Result<json::Object> create_image(Scene& scene) {
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  json::Array devices;
  for (const auto& device : json::items(instance->aspect("BlockDeviceMappings"))) {
    auto* volume =
        TRY(scene.need(volume_type, json::text(json::at(device, "Ebs"), "VolumeId", "")));
    auto* snapshot = TRY(create_plain(scene, snapshot_type, "snap-"));
    start_snapshot(scene, *snapshot, *volume);
    snapshot->set("Description",
                  json::Value(fmt::format("Created by CreateImage({})", instance->ref.id)));
    devices.push_back(
        json::Object{{"DeviceName", json::at(device, "DeviceName")},
                     {"Ebs", json::Object{{"SnapshotId", snapshot->ref.id},
                                          {"VolumeSize", volume->aspect("Size")},
                                          {"VolumeType", volume->aspect("VolumeType")},
                                          {"Encrypted", volume->aspect("Encrypted")},
                                          {"DeleteOnTermination", true}}}});
  }
  auto* image = TRY(create_plain(scene, image_type, "ami-"));
  image->set("Name", json::Value(scene.text("Name")));
  if (const auto& text = scene.input("Description"); !text.is_null())
    image->set("Description", text);
  image->set("BlockDeviceMappings", std::move(devices));
  image->set("Tags", tags_for(scene, "image"));
  return json::Object{{"ImageId", image->ref.id}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("ec2:CreateVolume", check_create_volume);
  hooks.finish("ec2:CreateVolume", finish_create_volume);
  hooks.check("ec2:DeleteVolume", check_delete_volume);
  hooks.emulate("ec2:AttachVolume", attach_volume);
  hooks.emulate("ec2:DetachVolume", detach_volume);
  hooks.check("ec2:CreateSnapshot", check_create_snapshot);
  hooks.finish("ec2:CreateSnapshot", finish_create_snapshot);
  hooks.emulate("ec2:CreateSnapshots", create_snapshots);
  hooks.emulate("ec2:CopySnapshot", copy_snapshot);
  hooks.check("ec2:ModifySnapshotAttribute", check_share_snapshot);
  hooks.emulate("ec2:CreateImage", create_image);
  hooks.emulate("ec2:CopyImage", copy_image);
  hooks.check("ec2:DeleteSnapshot", check_delete_snapshot);
  hooks.check("ec2:ModifyImageAttribute", check_share_image);
  hooks.emulate("ec2:DescribeImages", describe_images);
  hooks.finish("ec2:DescribeSnapshots", finish_describe_snapshots);
  hooks.check("ec2:ModifyVolume", check_modify_volume);
  hooks.finish("ec2:ModifyVolume", finish_modify_volume);
  hooks.derive("AWS::EC2::Image/Public", is_public);
}

}  // namespace aright::sandbox::ec2_storage_hooks

namespace aright::sandbox {

Result<> encrypt(Scene& scene, Resource& volume) {
  auto* defaults = TRY(scene.need(ec2_storage_hooks::defaults_type, scene.call.account));
  bool encrypted = json::truth(volume.aspect("Encrypted")) ||
                   json::truth(defaults->aspect("EbsEncryptionByDefault")) ||
                   !volume.aspect("KmsKeyId").is_null();
  volume.set("Encrypted", encrypted);
  if (!encrypted) return {};
  auto key = json::text(volume.aspect("KmsKeyId"));
  if (key.empty()) key = json::text(defaults->aspect("EbsDefaultKmsKeyId"));
  volume.set("KmsKeyId", json::Value(TRY(key_arn(scene, key))));
  return {};
}

Result<json::Object> create_root_volume(Scene& scene, const Resource& instance,
                                        const json::Value& asked) {
  const auto& ebs = json::at(asked, "Ebs");
  auto device = json::text(asked, "DeviceName", ec2_storage_hooks::root_device);
  bool dies = json::truth(json::at(ebs, "DeleteOnTermination"), true);
  auto* volume = TRY(create_plain(scene, volume_type, "vol-"));
  volume->set("AvailabilityZone", instance.aspect("AvailabilityZone"));
  volume->set("Size", json::integer(json::at(ebs, "VolumeSize"), ec2_storage_hooks::root_volume_gib));
  for (const auto* name : {"Encrypted", "KmsKeyId", "VolumeType", "Iops", "SnapshotId"})
    if (const auto& value = json::at(ebs, name); !value.is_null()) volume->set(name, value);
  volume->set("Tags", tags_for(scene, "volume"));
  volume->set("State", "in-use");
  ec2_storage_hooks::set_speed(*volume);
  CHECK_OK(encrypt(scene, *volume));
  json::Object attachment{
      {"VolumeId", volume->ref.id}, {"InstanceId", instance.ref.id}, {"Device", device},
      {"State", "attached"},        {"AttachTime", scene.now.iso()}, {"DeleteOnTermination", dies}};
  volume->set("Attachments", json::Array{attachment});
  json::Object shown{{"VolumeId", volume->ref.id},
                     {"Status", "attached"},
                     {"AttachTime", scene.now.iso()},
                     {"DeleteOnTermination", dies}};
  return json::Object{{"DeviceName", device}, {"Ebs", std::move(shown)}};
}

}  // namespace aright::sandbox
