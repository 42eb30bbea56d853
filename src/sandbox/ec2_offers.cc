// What EC2 offers to everybody: types of instances, and the images of Amazon. A small choice.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ec2_offer_hooks {

namespace {

constexpr int mib_per_gib = 1024;
constexpr std::string_view amazon_account = "137112412989";

struct Offer {
  std::string_view family;
  std::string_view architecture;
  bool current;
  bool bursts;
};
constexpr std::array families{Offer{"t2", "x86_64", true, true},   Offer{"t3", "x86_64", true, true},
                              Offer{"t3a", "x86_64", true, true},  Offer{"t4g", "arm64", true, true},
                              Offer{"m4", "x86_64", false, false}, Offer{"m5", "x86_64", true, false},
                              Offer{"m6i", "x86_64", true, false}, Offer{"m7g", "arm64", true, false},
                              Offer{"c5", "x86_64", true, false},  Offer{"c6i", "x86_64", true, false},
                              Offer{"c7g", "arm64", true, false},  Offer{"r5", "x86_64", true, false},
                              Offer{"r6i", "x86_64", true, false}, Offer{"r7g", "arm64", true, false}};

struct Size {
  std::string_view name;
  int cores, burst_mib, memory_gib;  // of a family that bursts; of general purpose, else
};
constexpr std::array sizes{Size{"nano", 2, 512, 0},    Size{"micro", 2, 1024, 0},  Size{"small", 2, 2048, 0},
                           Size{"medium", 2, 4096, 0}, Size{"large", 2, 8192, 8},  Size{"xlarge", 4, 16384, 16},
                           Size{"2xlarge", 8, 32768, 32}, Size{"4xlarge", 16, 0, 64}, Size{"8xlarge", 32, 0, 128}};

// Computing has half the memory of general purpose for each core, memory twice as much.
int memory_of(const Offer& family, const Size& size) {
  if (family.bursts) return size.burst_mib;
  auto gib = family.family.front() == 'c' ? size.memory_gib / 2 : size.memory_gib;
  return (family.family.front() == 'r' ? gib * 2 : gib) * mib_per_gib;
}

json::Array instance_types() {
  json::Array out;
  for (const auto& family : families)
    for (const auto& size : sizes) {
      auto memory = memory_of(family, size);
      if (memory == 0) continue;
      auto name = fmt::format("{}.{}", family.family, size.name);
      out.push_back(json::Object{
          {"InstanceType", name},
          {"CurrentGeneration", family.current},
          {"FreeTierEligible", name == "t2.micro" || name == "t3.micro"},
          {"SupportedUsageClasses", json::Array{"on-demand", "spot"}},
          {"SupportedRootDeviceTypes", json::Array{"ebs"}},
          {"SupportedVirtualizationTypes", json::Array{"hvm"}},
          {"BareMetal", false},
          {"Hypervisor", family.family == "t2" || family.family == "m4" ? "xen" : "nitro"},
          {"ProcessorInfo", json::Object{{"SupportedArchitectures", json::Array{family.architecture}}}},
          {"VCpuInfo", json::Object{{"DefaultVCpus", size.cores}}},
          {"MemoryInfo", json::Object{{"SizeInMiB", memory}}},
          {"InstanceStorageSupported", false},
          {"BurstablePerformanceSupported", family.bursts}});
    }
  return out;
}

// The value at a path such as processor-info.supported-architecture of a filter.
std::vector<std::string> filtered_value(const json::Value& type, std::string_view name) {
  if (name == "instance-type") return {json::text(type, "InstanceType", "")};
  if (name == "current-generation") return {json::scalar_text(json::at(type, "CurrentGeneration"))};
  if (name == "burstable-performance-supported") return {json::scalar_text(json::at(type, "BurstablePerformanceSupported"))};
  if (name == "vcpu-info.default-vcpus") return {json::scalar_text(json::at(type, {"VCpuInfo", "DefaultVCpus"}))};
  if (name == "memory-info.size-in-mib") return {json::scalar_text(json::at(type, {"MemoryInfo", "SizeInMiB"}))};
  if (name == "processor-info.supported-architecture")
    return json::texts(json::at(type, {"ProcessorInfo", "SupportedArchitectures"}));
  return {};
}

// The value of an image that a filter names.
std::vector<std::string> filtered_image(const json::Value& image, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> members{
      {{"architecture", "Architecture"},
       {"image-id", "ImageId"},
       {"is-public", "Public"},
       {"name", "Name"},
       {"owner-alias", "ImageOwnerAlias"},
       {"owner-id", "OwnerId"},
       {"root-device-type", "RootDeviceType"},
       {"state", "State"}}};
  for (const auto& [filter, member] : members)
    if (filter == name) return {json::scalar_text(json::at(image, member))};
  if (name == "virtualization-type") return {"hvm"};
  return {};
}

template <typename ValueOf>
bool passes_filters(const Scene& scene, const json::Value& item, ValueOf value_of) {
  return std::ranges::all_of(json::items(scene.input("Filters")), [&](const json::Value& filter) {
    auto wanted = json::texts(json::at(filter, "Values"));
    auto values = value_of(item, json::text(filter, "Name", ""));
    return std::ranges::any_of(values, [&](const std::string& value) {
      return std::ranges::any_of(wanted, [&](const std::string& pattern) { return glob_match(pattern, value); });
    });
  });
}

Result<json::Object> describe_types(Scene& scene) {
  auto asked = json::texts(scene.input("InstanceTypes"));
  std::set<std::string> unknown(asked.begin(), asked.end());
  json::Array out;
  for (auto& type : instance_types()) {
    auto name = json::text(type, "InstanceType", "");
    unknown.erase(name);
    bool wanted = asked.empty() || std::ranges::find(asked, name) != asked.end();
    if (wanted && passes_filters(scene, type, filtered_value)) out.push_back(std::move(type));
  }
  if (!unknown.empty())
    return fail(scene.error("InvalidInstanceType", fmt::format("The following supplied instance types do not exist: [{}]",
                                                               fmt::join(unknown, ", "))));
  return json::Object{{"InstanceTypes", std::move(out)}};
}

struct AmazonImage {
  std::string_view id, name, architecture, description;
};
constexpr std::array amazon_images_known{
    AmazonImage{"ami-0a0e5d9c7acc336f1", "al2023-ami-2023.5.20240916.0-kernel-6.1-x86_64", "x86_64", "Amazon Linux 2023 AMI"},
    AmazonImage{"ami-0a0e5d9c7acc336f2", "al2023-ami-2023.5.20240916.0-kernel-6.1-arm64", "arm64", "Amazon Linux 2023 AMI"},
    AmazonImage{"ami-0a0e5d9c7acc336f3", "amzn2-ami-hvm-2.0.20240916.0-x86_64-gp2", "x86_64", "Amazon Linux 2 AMI"},
    AmazonImage{"ami-0a0e5d9c7acc336f4", "Windows_Server-2022-English-Full-Base-2024.09.11", "x86_64",
                "Microsoft Windows Server 2022"}};

json::Object shown_image(const AmazonImage& image) {
  bool windows = image.name.starts_with("Windows");
  json::Object out{{"ImageId", image.id},
                   {"Name", image.name},
                   {"Description", image.description},
                   {"Architecture", image.architecture},
                   {"OwnerId", amazon_account},
                   {"ImageOwnerAlias", "amazon"},
                   {"ImageLocation", fmt::format("amazon/{}", image.name)},
                   {"CreationDate", "2024-09-16T20:00:00.000Z"},
                   {"State", "available"},
                   {"Public", true},
                   {"ImageType", "machine"},
                   {"Hypervisor", "xen"},
                   {"VirtualizationType", "hvm"},
                   {"EnaSupport", true},
                   {"PlatformDetails", windows ? "Windows" : "Linux/UNIX"},
                   {"UsageOperation", windows ? "RunInstances:0002" : "RunInstances"},
                   {"RootDeviceType", "ebs"},
                   {"RootDeviceName", windows ? "/dev/sda1" : "/dev/xvda"}};
  if (windows) out["Platform"] = "windows";
  return out;
}

}  // namespace

json::Array amazon_images(const Scene& scene) {
  auto owners = json::texts(scene.input("Owners")), ids = json::texts(scene.input("ImageIds"));
  bool asked = std::ranges::any_of(owners, [](const auto& one) { return one == "amazon" || one == amazon_account; });
  json::Array out;
  for (const auto& known : amazon_images_known) {
    bool named = std::ranges::find(ids, known.id) != ids.end();
    if (!(ids.empty() ? asked : named)) continue;
    json::Value image = shown_image(known);
    if (passes_filters(scene, image, filtered_image)) out.push_back(std::move(image));
  }
  return out;
}

void add(Hooks& hooks) { hooks.emulate("ec2:DescribeInstanceTypes", describe_types); }

}  // namespace aright::sandbox::ec2_offer_hooks
