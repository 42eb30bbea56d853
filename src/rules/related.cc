#include "rules/related.h"

#include <algorithm>

#include "cloud/locate.h"
#include "cloud/path.h"
#include "cloud/template.h"

namespace aright::rules {

namespace {

constexpr std::string_view facts = "Facts";

void add_once(std::vector<std::string>& list, std::string text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

// "GroupSet[]" is about the aspect GroupSet, "Facts.Attachment.InstanceId" about Attachment.
std::string aspect_at(const std::string& by) {
  auto path = cloud::Path::parse(by);
  if (!path || path->empty()) return "";
  const auto& steps = path->steps();
  bool fact = steps[0].member == facts && steps.size() > 1;
  return steps[fact ? 1 : 0].member;
}

std::optional<cloud::ResourceRef> by_arn(const std::string& arn, std::string_view judged,
                                         const cloud::ResourceRef& other, const cloud::Catalog& catalog) {
  auto ref = catalog.find_arn(arn);
  if (!ref || ref->type != judged) return std::nullopt;
  if (ref->account.empty()) ref->account = other.account;
  if (ref->region.empty()) ref->region = other.region;
  return ref;
}

}  // namespace

std::optional<std::vector<std::string>> ids_beside(const Related& related, const cloud::Snapshot& judged,
                                                   const cloud::Catalog& catalog) {
  if (!related.ids.empty()) return json::texts(json::at(judged.properties, related.ids));
  if (related.same.empty()) return std::nullopt;
  std::vector<std::string> ids;
  const auto* type = catalog.type(judged.ref.type);
  for (const auto& form : related.same)
    if (type) ids.push_back(cloud::fill_text(form, cloud::lookup_of(*type, judged.ref)));
  return ids;
}

std::vector<std::string> names_in(const Related& related, const cloud::Snapshot& other) {
  std::vector<std::string> names;
  auto path = cloud::Path::parse(related.by);
  if (!path) return names;
  json::Value properties = json::at(other.document(), "Properties");
  for (const auto* value : path->select(properties)) add_once(names, json::scalar_text(*value));
  return names;
}

bool names_it(const std::vector<std::string>& names, const cloud::Snapshot& judged) {
  return std::ranges::any_of(names,
                             [&](const std::string& name) { return name == judged.ref.id || name == judged.arn; });
}

std::vector<std::string> aspects_beside(const Related& related) {
  auto aspects = related.aspects;
  if (!aspects.empty() && !related.by.empty()) add_once(aspects, aspect_at(related.by));
  return aspects;
}

std::vector<cloud::ResourceRef> named_ones(const std::vector<std::string>& names, std::string_view judged,
                                           const cloud::ResourceRef& other, const cloud::Catalog& catalog) {
  std::vector<cloud::ResourceRef> out;
  const auto* type = catalog.type(judged);
  if (!type) return out;
  for (const auto& name : names) {
    if (auto ref = by_arn(name, judged, other, catalog))
      out.push_back(std::move(*ref));
    else if (name.starts_with(type->id_prefix()) && !name.starts_with("arn:"))
      out.push_back({other.account, other.region, std::string(judged), name});
  }
  return out;
}

std::optional<cloud::ResourceRef> made_of(const Related& related, std::string_view judged,
                                          const cloud::ResourceRef& other, const cloud::Catalog& catalog) {
  for (const auto& form : related.same) {
    auto parts = cloud::match_text(form, other.id);
    if (!parts) continue;
    if (auto arn = parts->find("arn"); arn != parts->end()) {
      if (auto ref = by_arn(arn->second, judged, other, catalog)) return ref;
    } else if (auto id = parts->find("id"); id != parts->end()) {
      return cloud::ResourceRef{other.account, other.region, std::string(judged), id->second};
    }
  }
  return std::nullopt;
}

std::string fault_of(const Related& related, const cloud::Catalog& catalog) {
  const auto* type = catalog.type(related.type);
  if (!type) return fmt::format("{} is in no service description", related.type);
  if (!related.by.empty() && !type->aspect(aspect_at(related.by)))
    return fmt::format("'{}' is at no aspect of {}", related.by, related.type);
  for (const auto& aspect : related.aspects)
    if (!type->aspect(aspect_at(aspect))) return fmt::format("{} has no aspect '{}'", related.type, aspect);
  if (!related.ids.empty() + !related.by.empty() + !related.same.empty() > 1)
    return fmt::format("{}: one of 'ids', 'by' and 'same' says which", related.type);
  return "";
}

}  // namespace aright::rules
