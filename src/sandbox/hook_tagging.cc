// What is tagged in an account and region, by whatever service: the tagging API of Resource Groups.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "cloud/locate.h"
#include "sandbox/paging.h"
#include "sandbox/tags.h"

namespace aright::sandbox::tagging_hooks {

namespace {

constexpr std::size_t arn_service = 2, arn_parts = 6;

struct Tagged {
  std::string arn;
  std::map<std::string, std::string> tags;
};

// By ARN; those without tags are left out.
std::vector<Tagged> all_tagged(const Scene& scene) {
  std::vector<Tagged> out;
  for (const auto* type : scene.catalog.types()) {
    auto tags = std::ranges::find_if(type->aspects, &cloud::Aspect::tags);
    if (tags == type->aspects.end()) continue;
    for (const auto* one : scene.world.all(scene.ref(type->name, ""))) {
      auto arn = scene.arn(*one);
      auto said = tags_in(scene.value(*one, tags->name));
      bool mine = one->ref.account == scene.call.account && one->ref.region == scene.ref(type->name, "").region;
      if (mine && !said.empty() && arn.starts_with("arn:")) out.push_back({std::move(arn), std::move(said)});
    }
  }
  std::ranges::sort(out, {}, &Tagged::arn);
  return out;
}

// "ec2:instance", "s3": the service of the ARN, and how its last part begins.
bool is_of_kind(const std::string& arn, std::string_view kind) {
  auto parts = split(arn, ':');
  if (parts.size() < arn_parts) return false;
  auto colon = kind.find(':');
  if (parts[arn_service] != kind.substr(0, colon)) return false;
  if (colon == std::string_view::npos) return true;
  std::string_view last = parts[arn_parts - 1];
  auto wanted = kind.substr(colon + 1);
  return last.substr(0, last.find('/')) == wanted;
}

bool has_tag(const Tagged& one, const json::Value& filter) {
  auto found = one.tags.find(json::text(filter, "Key", ""));
  if (found == one.tags.end()) return false;
  auto values = json::texts(json::at(filter, "Values"));
  return values.empty() || std::ranges::find(values, found->second) != values.end();
}

Result<json::Object> get_resources(Scene& scene) {
  auto arns = json::texts(scene.input("ResourceARNList")), kinds = json::texts(scene.input("ResourceTypeFilters"));
  const auto& filters = json::items(scene.input("TagFilters"));
  json::Array found;
  for (const auto& one : all_tagged(scene)) {
    bool asked = arns.empty() || std::ranges::find(arns, one.arn) != arns.end();
    bool kind = kinds.empty() || std::ranges::any_of(kinds, [&](const auto& wanted) { return is_of_kind(one.arn, wanted); });
    bool tagged = std::ranges::all_of(filters, [&](const auto& filter) { return has_tag(one, filter); });
    if (!asked || !kind || !tagged) continue;
    json::Array tags;
    for (const auto& [key, value] : one.tags) tags.push_back(json::Object{{"Key", key}, {"Value", value}});
    found.push_back(json::Object{{"ResourceARN", one.arn}, {"Tags", std::move(tags)}});
  }
  return page_of(scene, "ResourceTagMappingList", found,
                 {.limit = "ResourcesPerPage", .token = "PaginationToken", .sorted_by = "ResourceARN"});
}

Result<json::Object> get_keys(Scene& scene) {
  std::set<std::string> keys;
  for (const auto& one : all_tagged(scene))
    for (const auto& [key, value] : one.tags) keys.insert(key);
  return page_of(scene, "TagKeys", json::Array(keys.begin(), keys.end()), {.token = "PaginationToken", .sorted_by = ""});
}

Result<json::Object> get_values(Scene& scene) {
  std::set<std::string> values;
  for (const auto& one : all_tagged(scene))
    if (auto found = one.tags.find(scene.text("Key")); found != one.tags.end()) values.insert(found->second);
  return page_of(scene, "TagValues", json::Array(values.begin(), values.end()), {.token = "PaginationToken", .sorted_by = ""});
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("resourcegroupstaggingapi:GetResources", get_resources);
  hooks.emulate("resourcegroupstaggingapi:GetTagKeys", get_keys);
  hooks.emulate("resourcegroupstaggingapi:GetTagValues", get_values);
}

}  // namespace aright::sandbox::tagging_hooks
