#include "sandbox/references.h"

#include <algorithm>

#include "base/text.h"
#include "cloud/locate.h"

namespace aright::sandbox {

namespace {

using cloud::Reference;

std::vector<std::string> names_in(const Reference& reference, const json::Value& value) {
  std::vector<std::string> out;
  auto add = [&](const json::Value& item) {
    const auto& name = item.is_object() ? reference.at.get(item) : item;
    if (name.is_string()) out.push_back(json::text(name));
  };
  if (value.is_array())
    std::ranges::for_each(value.get_array(), add);
  else
    add(value);
  return out;
}

// The id that a name means: an id, or the ARN of one.
std::string id_of(const cloud::ResourceType& type, const std::string& name) {
  auto ref = name.starts_with("arn:") ? cloud::match_arn(type, name) : std::nullopt;
  auto id = ref ? ref->id : name;
  return type.lower ? lower(id) : id;
}

}  // namespace

Result<> check_named(Scene& scene, const cloud::Aspect& aspect, const json::Value& value) {
  if (!aspect.refers) return {};
  const auto& reference = *aspect.refers;
  const auto* type = scene.catalog.type(reference.type);
  for (const auto& name : names_in(reference, value)) {
    bool built_in = !reference.built_in.empty() && glob_match(reference.built_in, name);
    auto id = id_of(*type, name);
    if (name.empty() || built_in || scene.find(type->name, id) != nullptr) continue;
    Resource lacking{.ref = scene.ref(type->name, id)};
    auto code = reference.missing.empty() ? type->missing.front() : reference.missing;
    return fail(scene.error(code, "", &lacking));
  }
  return {};
}

namespace {

Result<> check_unused(const Scene& scene, const Resource& resource) {
  const auto* named = scene.catalog.type(resource.ref.type);
  for (const auto* type : scene.catalog.types()) {
    for (const auto& aspect : type->aspects) {
      if (!aspect.refers || aspect.refers->type != named->name || aspect.refers->in_use.empty())
        continue;
      for (const auto* other : scene.world.all(scene.ref(type->name, ""))) {
        auto names = names_in(*aspect.refers, scene.value(*other, aspect.name));
        if (std::ranges::any_of(
                names, [&](const auto& name) { return id_of(*named, name) == resource.ref.id; }))
          return fail(scene.error(aspect.refers->in_use, "", &resource));
      }
    }
  }
  return {};
}

}  // namespace

Result<> check_removable(const Scene& scene, const cloud::Removal& removal, const Resource& resource) {
  auto refused = [&](const std::string& code) { return fail(scene.error(code, "", &resource)); };
  if (!removal.refuse_children.empty() && !scene.world.children(resource).empty())
    return refused(removal.refuse_children);
  for (const auto& [aspect, code] : removal.refuse_while)
    if (!scene.value(resource, aspect).is_null()) return refused(code);
  for (const auto& [aspect, rule] : removal.only)
    if (std::ranges::find(rule.first, scene.value(resource, aspect)) == rule.first.end()) return refused(rule.second);
  for (const auto& [code, aspects] : removal.refuse) {
    auto is_so = [&](const auto& aspect) { return scene.value(resource, aspect.key()) == aspect.value(); };
    if (std::ranges::all_of(aspects, is_so)) return refused(code);
  }
  return check_unused(scene, resource);
}

Result<> take_likeness(Scene& scene, const cloud::Creation& creation, Resource& resource) {
  const auto& like = *creation.like;
  const json::Value input = scene.call.input;
  const auto& name = like.by.get(input);
  if (name.is_null()) return {};
  const auto* type = scene.catalog.type(like.type);
  auto id = id_of(*type, json::text(name));
  if (!creation.op.missing.empty() && scene.find(like.type, id) == nullptr) {
    Resource lacking{.ref = scene.ref(like.type, id)};
    return fail(scene.error(creation.op.missing, "", &lacking));
  }
  auto* other = TRY(scene.need(like.type, id));
  for (const auto& [mine, theirs] : like.aspects)
    if (auto value = scene.value(*other, theirs); !value.is_null())
      resource.set(mine, std::move(value));
  return {};
}

}  // namespace aright::sandbox
