// EC2 images: aws:createImage, aws:copyImage, aws:deleteImage.

#include "base/id.h"
#include "runbook/action.h"

namespace aright::runbook {

namespace {

// Asks for an image and watches it until it can be used.
class ImageAction : public Action {
 public:
  json::Object outputs() const override {
    if (id_.empty()) return {};
    return {{"ImageId", id_}, {"ImageState", state_}};
  }

 protected:
  Move ask(std::string operation, json::Object request) {
    return call("ec2", std::move(operation), std::move(request),
                [this](const Scene& now, const json::Value& output) {
                  id_ = json::text(json::at(output, "ImageId"));
                  state_ = "pending";
                  return look(now);
                });
  }

 private:
  Move look(const Scene&) {
    return call("ec2", "DescribeImages", {{"ImageIds", json::Array{json::Value(id_)}}},
                [this](const Scene& now, const json::Value& output) -> Move {
                  const auto& images = json::items(json::at(output, "Images"));
                  if (!images.empty()) state_ = json::text(json::at(images[0], "State"));
                  if (state_ == "available") return Done{.outputs = outputs()};
                  if (state_ != "pending")
                    return Fault{.message = fmt::format("{} is {}", id_, state_)};
                  return again_in(now, poll_pause,
                                  [this](const Scene& later) { return look(later); });
                });
  }

  std::string id_, state_;
};

void rename(const json::Object& inputs, const char* from, const char* to, json::Object& request) {
  if (inputs.contains(from)) request[to] = json::at(inputs, from);
}

class CreateImage final : public ImageAction {
 public:
  Move begin(const Scene& scene) override {
    json::Object request{{"InstanceId", json::at(scene.inputs, "InstanceId")},
                         {"Name", json::at(scene.inputs, "ImageName")}};
    rename(scene.inputs, "ImageDescription", "Description", request);
    rename(scene.inputs, "BlockDeviceMappings", "BlockDeviceMappings", request);
    if (scene.inputs.contains("NoReboot")) {
      request["NoReboot"] = json::truth(json::at(scene.inputs, "NoReboot"));
    }
    return ask("CreateImage", std::move(request));
  }
};

class CopyImage final : public ImageAction {
 public:
  Move begin(const Scene& scene) override {
    json::Object request{{"SourceRegion", json::at(scene.inputs, "SourceRegion")},
                         {"SourceImageId", json::at(scene.inputs, "SourceImageId")},
                         {"Name", json::at(scene.inputs, "ImageName")}};
    rename(scene.inputs, "ImageDescription", "Description", request);
    rename(scene.inputs, "KmsKeyId", "KmsKeyId", request);
    if (scene.inputs.contains("Encrypted")) {
      request["Encrypted"] = json::truth(json::at(scene.inputs, "Encrypted"));
    }
    request["ClientToken"] = json::text(scene.inputs, "ClientToken", uuid_from(scene.seed));
    return ask("CopyImage", std::move(request));
  }
};

// Takes the image away, then the snapshots that it was made of.
class DeleteImage final : public Action {
 public:
  Move begin(const Scene& scene) override {
    return call(
        "ec2", "DescribeImages", {{"ImageIds", json::Array{json::at(scene.inputs, "ImageId")}}},
        [this](const Scene& now, const json::Value& output) -> Move {
          const auto& images = json::items(json::at(output, "Images"));
          if (images.empty()) return Fault{.message = "there is no such image"};
          for (const auto& device : json::items(json::at(images[0], "BlockDeviceMappings"))) {
            auto snapshot = json::text(json::at(device, {"Ebs", "SnapshotId"}));
            if (!snapshot.empty()) snapshots_.push_back(snapshot);
          }
          return call("ec2", "DeregisterImage", {{"ImageId", json::at(now.inputs, "ImageId")}},
                      [this](const Scene& later, const json::Value&) { return sweep(later); });
        });
  }

 private:
  Move sweep(const Scene&) {
    if (snapshots_.empty()) return Done{};
    auto snapshot = snapshots_.back();
    snapshots_.pop_back();
    return call("ec2", "DeleteSnapshot", {{"SnapshotId", snapshot}},
                [this](const Scene& now, const json::Value&) { return sweep(now); });
  }

  std::vector<std::string> snapshots_;
};

}  // namespace

std::unique_ptr<Action> make_create_image() {
  return std::make_unique<CreateImage>();
}
std::unique_ptr<Action> make_copy_image() {
  return std::make_unique<CopyImage>();
}
std::unique_ptr<Action> make_delete_image() {
  return std::make_unique<DeleteImage>();
}

}  // namespace aright::runbook
