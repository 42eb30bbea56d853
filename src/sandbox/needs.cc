#include "sandbox/needs.h"

#include <algorithm>
#include <array>

#include "aws/client.h"
#include "base/text.h"
#include "cloud/classify.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/needs.h"
#include "sandbox/authorize.h"
#include "sandbox/needs_otherwise.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view all_streams = ":log-stream:";  // of a group

// As views show it, where they do: IAM's ARNs have a path that the id lacks, those of Auto Scaling an id of their own.
// A secret is called by its name as well.
std::string shown_arn(const Scene& scene, const cloud::ResourceRef& ref) {
  const auto* there = scene.world.find(ref);
  if (there == nullptr && ref.account == scene.call.account) there = scene.find(ref.type, ref.id);
  if (there == nullptr) return scene.catalog.arn(ref);
  const auto* type = scene.catalog.type(ref.type);
  const auto kind = ref.type.substr(ref.type.rfind(':') + 1);
  for (const auto& name : {std::string("Arn"), kind + "Arn"})
    if (auto arn = json::text(there->record, name, ""); !arn.empty()) return arn;
  for (const auto& [name, form] : type->record)
    if (form == json::Value(type->arn)) return json::text(there->record, name, "");
  return scene.catalog.arn(there->ref);
}

// ${BucketName} is the input's Bucket, ${ObjectName} its Key, ${QueueName} its QueueName.
std::string from_member(const Scene& scene, std::string_view name) {
  if (name == "Partition") return std::string(aws::partition_of(scene.call.region));
  if (name == "Region") return scene.call.region;
  if (name == "Account") return scene.call.account;
  if (name == "ObjectName") return scene.text("Key");
  for (std::string_view suffix : {"", "Name", "Id", "NameWithPath"}) {
    if (!name.ends_with(suffix)) continue;
    auto stem = name.substr(0, name.size() - suffix.size());
    for (const auto& [member, value] : scene.call.input)
      if (value.is_string() && (equal_ignore_case(member, stem) ||
                                equal_ignore_case(member, std::string(stem) + "Name")))
        return json::text(value);
  }
  return "";
}

struct Filled {
  std::string arn;
  int known = 0, unknown = 0;
};

Filled fill(const Scene& scene, std::string_view form) {
  constexpr std::array general{"Partition", "Region", "Account"};
  Filled out;
  while (!form.empty()) {
    auto open = form.find("${");
    out.arn += form.substr(0, open);
    if (open == std::string_view::npos) break;
    auto close = form.find('}', open);
    if (close == std::string_view::npos) break;
    auto name = form.substr(open + 2, close - open - 2);
    auto value = from_member(scene, name);
    if (std::ranges::find(general, name) == general.end())
      ++(value.empty() ? out.unknown : out.known);
    out.arn += value.empty() ? "*" : value;
    form.remove_prefix(close + 1);
  }
  return out;
}

// The template that the input fills best: the fewest gaps, then the most said.
std::string filled(const Scene& scene, const cloud::Permission& permission) {
  std::optional<Filled> best;
  for (const auto& form : permission.arns) {
    auto one = fill(scene, form);
    if (!best || std::pair(one.unknown, -one.known) < std::pair(best->unknown, -best->known))
      best = std::move(one);
  }
  return best ? best->arn : "*";
}

// Actions on a group of logs are judged on what is in it, but for those on its tags.
std::string as_logs_have_it(const Scene& scene, std::string arn) {
  constexpr std::ptrdiff_t colons_of_group = 6;
  bool group = scene.call.service == "logs" && arn.contains(":log-group:") &&
               std::ranges::count(arn, ':') == colons_of_group && !lower(scene.call.operation).contains("tag");
  return group ? arn + std::string(all_streams) : arn;
}

std::vector<std::string> resources(const Scene& scene, const cloud::Permission& permission) {
  if (permission.arns.empty()) return {"*"};
  if (auto others = arns_otherwise(scene, permission)) return std::move(*others);
  auto out = cloud::named_arns(scene.call, permission, scene.catalog,
                               [&](const cloud::ResourceRef& ref) { return shown_arn(scene, ref); });
  if (out.empty()) out.push_back(filled(scene, permission));
  for (auto& one : out) one = as_logs_have_it(scene, std::move(one));
  std::ranges::sort(out);
  auto same = std::ranges::unique(out);
  out.erase(same.begin(), same.end());
  return out;
}

// Roles that a call hands to a service: ARNs in members that are called after roles.
void collect_roles(const json::Object& input, std::vector<std::string>& out) {
  for (const auto& [name, value] : input) {
    auto text = json::text(value);
    bool called_so = lower(name).contains("role") || name == "DeliverLogsPermissionArn";
    bool names_role = called_so && text.contains(":iam::") && text.contains(":role/");
    if (names_role && out.size() < cloud::named_max) out.push_back(std::move(text));
    if (value.is_object()) collect_roles(value.get_object(), out);
    for (const auto& item : json::items(value))
      if (item.is_object()) collect_roles(item.get_object(), out);
  }
}

// IAM and STS name roles to speak of them, reads to find what has them.
std::vector<std::string> passed_roles(const Scene& scene) {
  auto out = roles_handed_on(scene);
  bool speaks_of_roles = scene.call.service == "iam" || scene.call.service == "sts";
  if (!speaks_of_roles && cloud::classify(scene.call, scene.catalog).writes()) collect_roles(scene.call.input, out);
  return out;
}

// What a call creates will be the caller's, even if somebody has it already: the creation says so.
std::string owner_of(const Scene& scene, const std::string& arn, const Resource* resource) {
  const auto& meanings = scene.catalog.meanings(scene.call.service, scene.call.operation);
  if (std::ranges::any_of(meanings,
                          [](const auto& meaning) { return meaning.create != nullptr; }) &&
      (resource == nullptr || meanings.front().type->name == resource->ref.type))
    return scene.call.account;
  if (resource != nullptr) return resource->ref.account;
  auto parts = split(arn, ':');
  return parts.size() > 5 && parts[4].size() == 12 ? parts[4] : scene.call.account;
}

iam::Request request_on(const Scene& scene, const std::string& action, const std::string& arn,
                        const Resource* resource, std::string owner) {
  iam::Request request{.caller = caller_of(scene.principal),
                       .action = action,
                       .resource = arn,
                       .resource_account = std::move(owner),
                       .keys = request_keys(scene, resource)};
  request.keys.set("aws:ResourceAccount", request.resource_account);
  if (auto member = membership_of(scene, request.resource_account)) {
    request.keys.set("aws:ResourceOrgID", member->organization);
    request.keys.set("aws:ResourceOrgPaths", std::vector{member->path});
  }
  return request;
}

std::string ec2_arn(const Scene& scene, std::string_view kind, std::string_view id) {
  return cloud::ec2_arn(scene.call, kind, id);
}

// All that a launch is about: what is made, and what it is made of.
std::vector<std::string> launch_arns(const Scene& scene) {
  std::vector<std::string> out{ec2_arn(scene, "image", scene.text("ImageId"))};
  for (const auto* kind : {"instance", "network-interface", "volume"}) out.push_back(ec2_arn(scene, kind, ""));
  auto subnets = json::texts(json::Array{scene.input("SubnetId")});
  auto groups = json::texts(scene.input("SecurityGroupIds"));
  for (const auto& interface : json::items(scene.input("NetworkInterfaces"))) {
    if (auto id = json::text(interface, "SubnetId", ""); !id.empty()) subnets.push_back(std::move(id));
    for (auto& id : json::texts(json::at(interface, "Groups"))) groups.push_back(std::move(id));
  }
  if (subnets.empty()) subnets.emplace_back();
  if (groups.empty()) groups.emplace_back();
  for (const auto& id : subnets) out.push_back(ec2_arn(scene, "subnet", id));
  for (const auto& id : groups) out.push_back(ec2_arn(scene, "security-group", id));
  if (auto name = scene.text("KeyName"); !name.empty()) out.push_back(ec2_arn(scene, "key-pair", name));
  if (!scene.input("LaunchTemplate").is_null())
    out.push_back(ec2_arn(scene, "launch-template", scene.text("LaunchTemplate.LaunchTemplateId")));
  return out;
}

}  // namespace

const Resource* resource_at(const Scene& scene, std::string_view arn) {
  if (arn.ends_with(all_streams)) arn.remove_suffix(all_streams.size());
  auto parts = split(arn, ':');
  if (parts.size() == 6 && parts[2] == "s3" && parts[3].empty() && parts[4].empty())
    return scene.find("AWS::S3::Bucket", parts[5].substr(0, parts[5].find('/')));
  if (parts.size() > 2 && parts[2] == "sqs")
    for (const auto* queue :
         scene.world.all({parts.size() > 4 ? parts[4] : "", parts.size() > 3 ? parts[3] : "",
                          "AWS::SQS::Queue", ""}))
      if (scene.arn(*queue) == arn) return queue;
  auto ref = scene.catalog.find_arn(arn);
  if (!ref) return nullptr;
  if (ref->account.empty()) ref->account = scene.call.account;
  if (ref->region.empty()) ref->region = std::string(cloud::home_region(scene.call.region));
  // IAM's ids are names, without the path.
  if (ref->type.starts_with("AWS::IAM::") && !ref->id.starts_with("arn:") && ref->id.contains('/'))
    ref->id = ref->id.substr(ref->id.rfind('/') + 1);
  return scene.world.find(*ref);
}

std::vector<iam::Request> needs_of(const Scene& scene, bool strangers_only) {
  std::vector<iam::Request> out;
  for (const auto& permission : cloud::permissions_for(scene.call)) {
    bool launches = permission.action == "ec2:RunInstances" && !strangers_only;
    for (const auto& arn : launches ? launch_arns(scene) : resources(scene, permission)) {
      const auto* resource = resource_at(scene, arn);
      auto owner = launches ? scene.call.account : owner_of(scene, arn, resource);
      if (strangers_only && owner == scene.principal.account) continue;
      out.push_back(request_on(scene, permission.action, arn, resource, std::move(owner)));
    }
  }
  if (strangers_only) return out;
  for (const auto& [action, arn] : cloud::tagging_of(scene.call, scene.catalog)) {
    out.push_back(request_on(scene, action, arn, nullptr, scene.call.account));
    out.back().keys.set(cloud::iam_prefix(scene.call.service) + ":CreateAction", scene.call.operation);
  }
  for (const auto& role : passed_roles(scene)) {
    const auto* resource = resource_at(scene, role);
    out.push_back(request_on(scene, "iam:PassRole", role, resource, owner_of(scene, role, resource)));
    out.back().resource_account = scene.principal.account;  // the service refuses those of others
    out.back().keys.set("iam:PassedToService",
                        cloud::iam_prefix(scene.call.service) + ".amazonaws.com");
  }
  return out;
}

}  // namespace aright::sandbox
