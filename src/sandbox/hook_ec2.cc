// What concerns all of EC2: regions, zones, tags.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/ec2.h"

namespace aright::sandbox {

void fill_lists(json::Value& items, const std::vector<std::string_view>& members) {
  if (!items.is_array()) return;
  for (auto& item : items.get_array())
    for (auto member : members)
      if (item.is_object() && json::at(item, member).is_null()) item.get_object()[member] = json::Array();
}

}  // namespace aright::sandbox

namespace aright::sandbox::ec2_hooks {

namespace {

constexpr std::array regions{"us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",
                             "ca-central-1",   "eu-central-1",   "eu-west-1",      "eu-west-2",
                             "eu-west-3",      "eu-north-1",     "ap-south-1",     "ap-northeast-1",
                             "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-3",
                             "sa-east-1"};
constexpr std::array zones{'a', 'b', 'c'};

// What EC2 answers as an empty list, of which items.
struct ListsShown {
  const char *operation, *items;
  std::vector<std::string_view> members;
};
const std::array<ListsShown, 5> lists_shown{
    {{"ec2:DescribeInternetGateways", "InternetGateways", {"Attachments", "Tags"}},
     {"ec2:DescribeNetworkAcls", "NetworkAcls", {"Associations", "Entries", "Tags"}},
     {"ec2:DescribeNetworkInterfaces", "NetworkInterfaces", {"Groups", "Ipv6Addresses", "PrivateIpAddresses", "TagSet"}},
     {"ec2:DescribeRouteTables", "RouteTables", {"Associations", "PropagatingVgws", "Routes", "Tags"}},
     {"ec2:DescribeVolumes", "Volumes", {"Attachments"}}}};

bool asked_for(const json::Value& names, std::string_view name) {
  const auto& list = json::items(names);
  return list.empty() ||
         std::ranges::any_of(list, [&](const json::Value& one) { return json::text(one) == name; });
}

// [{Name, Values}]: whether every filter lets `facts` (by filter name) pass.
bool passes(const json::Value& filters, const std::map<std::string, std::string>& facts) {
  return std::ranges::all_of(json::items(filters), [&](const json::Value& filter) {
    auto fact = facts.find(json::text(filter, "Name", ""));
    if (fact == facts.end()) return false;
    auto values = json::texts(json::at(filter, "Values"));
    return std::ranges::any_of(
        values, [&](const std::string& glob) { return glob_match(glob, fact->second); });
  });
}

Result<json::Object> describe_regions(Scene& scene) {
  json::Array out;
  for (const std::string name : regions) {
    auto endpoint = fmt::format("ec2.{}.amazonaws.com", name);
    if (!asked_for(scene.input("RegionNames"), name)) continue;
    if (!passes(scene.input("Filters"), {{"region-name", name},
                                         {"endpoint", endpoint},
                                         {"opt-in-status", "opt-in-not-required"}}))
      continue;
    out.push_back(json::Object{
        {"RegionName", name}, {"Endpoint", endpoint}, {"OptInStatus", "opt-in-not-required"}});
  }
  return json::Object{{"Regions", std::move(out)}};
}

Result<json::Object> describe_zones(Scene& scene) {
  const auto& region = scene.call.region;
  json::Array out;
  for (char letter : zones) {
    auto name = region + letter;
    if (!asked_for(scene.input("ZoneNames"), name)) continue;
    if (!passes(scene.input("Filters"), {{"zone-name", name},
                                         {"region-name", region},
                                         {"state", "available"},
                                         {"zone-type", "availability-zone"}}))
      continue;
    out.push_back(json::Object{{"ZoneName", name},
                               {"RegionName", region},
                               {"State", "available"},
                               {"ZoneType", "availability-zone"},
                               {"OptInStatus", "opt-in-not-required"},
                               {"GroupName", region},
                               {"NetworkBorderGroup", region},
                               {"ZoneId", fmt::format("{}-az{}", region, letter - 'a' + 1)}});
  }
  return json::Object{{"AvailabilityZones", std::move(out)}};
}

// "security-group" for arn:aws:ec2:us-east-1:111122223333:security-group/sg-1
std::string kind_of(const std::string& arn) {
  auto last = arn.substr(arn.rfind(':') + 1);
  return last.substr(0, last.find('/'));
}

Result<json::Object> describe_tags(Scene& scene) {
  json::Array out;
  for (const auto* type : scene.catalog.types()) {
    if (type->service != "ec2" || type->aspect("Tags") == nullptr) continue;
    for (const auto* resource : own(scene, type->name)) {
      for (const auto& tag : json::items(resource->aspect("Tags"))) {
        auto key = json::text(tag, "Key", ""), value = json::text(tag, "Value", ""),
             kind = kind_of(scene.arn(*resource));
        std::map<std::string, std::string> facts{{"resource-id", resource->ref.id},
                                                 {"resource-type", kind},
                                                 {"key", key},
                                                 {"value", value},
                                                 {"tag:" + key, value}};
        if (passes(scene.input("Filters"), facts))
          out.push_back(json::Object{{"Key", key},
                                     {"Value", value},
                                     {"ResourceId", resource->ref.id},
                                     {"ResourceType", kind}});
      }
    }
  }
  return json::Object{{"Tags", std::move(out)}};
}

}  // namespace

void add(Hooks& hooks) {
  ec2_instance_hooks::add(hooks);
  ec2_group_hooks::add(hooks);
  ec2_network_hooks::add(hooks);
  ec2_storage_hooks::add(hooks);
  ec2_route_hooks::add(hooks);
  ec2_gateway_hooks::add(hooks);
  ec2_launch_hooks::add(hooks);
  ec2_offer_hooks::add(hooks);
  hooks.emulate("ec2:DescribeRegions", describe_regions);
  hooks.emulate("ec2:DescribeAvailabilityZones", describe_zones);
  hooks.emulate("ec2:DescribeTags", describe_tags);
  for (const auto& [operation, items, members] : lists_shown)
    hooks.finish(operation, [&items, &members](Scene&, json::Object& output) -> Result<> {
      fill_lists(output[items], members);
      return {};
    });
}

}  // namespace aright::sandbox::ec2_hooks

namespace aright::sandbox {

json::Value tags_for(const Scene& scene, std::string_view kind) {
  for (const auto& one : json::items(scene.input("TagSpecifications")))
    if (json::text(one, "ResourceType", "") == kind) return json::at(one, "Tags");
  return nullptr;
}

std::vector<const Resource*> own(const Scene& scene, std::string_view type) {
  auto all = scene.world.all(scene.ref(type, ""));
  std::erase_if(
      all, [&](const Resource* resource) { return resource->ref.account != scene.call.account; });
  return all;
}

Result<Resource*> create_plain(Scene& scene, std::string_view type, std::string_view id_prefix) {
  constexpr std::size_t id_length = 17;
  auto* resource = TRY(scene.create(type, std::string(id_prefix) + scene.ids.hex(id_length)));
  resource->set("Tags", nullptr);
  return resource;
}

}  // namespace aright::sandbox
