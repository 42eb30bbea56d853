#include "cloud/image.h"

#include <algorithm>

#include "base/digest.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/reading.h"
#include "cloud/target.h"

namespace aright::cloud {

namespace {

// One call names this many at most (S3's DeleteObjects).
constexpr std::size_t image_resources_max = 1000;

// account/region/type/parent|: the first three never hold a slash.
Result<ResourceRef> parse_collection(std::string_view key) {
  ResourceRef ref;
  for (auto* part : {&ref.account, &ref.region, &ref.type}) {
    auto slash = key.find('/');
    if (slash == std::string_view::npos)
      return fail(Errc::corrupt, "'{}' names no collection", key);
    *part = key.substr(0, slash);
    key.remove_prefix(slash + 1);
  }
  ref.id = key;
  return ref;
}

// Reads the aspects of one resource. What may not be read is noted; any other failure fails.
Result<ResourceImage> read_resource(aws::Caller& caller, const ResourceType& type,
                               const ResourceRef& ref, const std::vector<const Aspect*>& aspects,
                               const Context& context, const Catalog& catalog) {
  ResourceImage image{.resource = ref};
  Reading reading(caller, type, ref, context, catalog);
  for (const auto* aspect : aspects) {
    auto value = reading.ahead(*aspect);
    if (value) {
      image.aspects[aspect->name] = std::move(*value);
    } else if (value.error().code == Errc::not_found) {
      return ResourceImage{.resource = ref, .exists = false};
    } else if (says_denied(value.error())) {
      image.unreadable[aspect->name] = value.error().text();
    } else {
      return wrap(value.error(), "reading {} of {} {}", aspect->name, type.name, ref.id);
    }
  }
  if (!image.aspects.empty()) return image;
  auto exists = reading.exists();
  if (exists) {
    image.exists = *exists;
  } else if (!says_denied(exists.error())) {
    return wrap(exists.error(), "reading {} {}", type.name, ref.id);
  }
  if (!image.exists) image.unreadable.clear();
  return image;
}

std::vector<const Aspect*> readable(const ResourceType& type) {
  std::vector<const Aspect*> out;
  for (const auto& aspect : type.aspects)
    out.push_back(&aspect);
  return out;
}

// What has to be known of the resource before the call.
std::vector<const Aspect*> before_call(const Target& target, const aws::Call& call) {
  if (target.effect() == Effect::remove) return readable(target.type());
  if (target.effect() == Effect::create && !target.meaning->create->updates) return {};
  return aspects_of(target, call);
}

void merge_into(Image& image, ResourceImage read) {
  auto known = std::ranges::find(image.resources, read.resource, &ResourceImage::resource);
  if (known == image.resources.end()) {
    image.resources.push_back(std::move(read));
    return;
  }
  known->exists = known->exists && read.exists;
  known->aspects.merge(read.aspects);
  known->unreadable.merge(read.unreadable);
}

Result<> read_members(Image& image, aws::Caller& caller, const ResourceType& type,
                      const ResourceRef& collection, const Context& context,
                      const Catalog& catalog) {
  auto ids = TRY(list_ids(caller, type, collection, context, catalog));
  std::ranges::sort(ids);
  image.members[collection.key()] = std::move(ids);
  return {};
}

}  // namespace

const ResourceImage* Image::find(const ResourceRef& ref) const {
  auto found = std::ranges::find(resources, ref, &ResourceImage::resource);
  return found == resources.end() ? nullptr : &*found;
}

Result<Image> read_image(aws::Caller& caller, const aws::Call& call, const Context& context,
                         const Catalog& catalog) {
  Image image;
  bool invertible = classify(call, catalog).invertible;
  for (const auto& target : targets(call, catalog)) {
    if (target.effect() == Effect::read) continue;
    if (image.resources.size() >= image_resources_max)
      return fail(Errc::invalid, "{} names more than {} resources", call.name(),
                  image_resources_max);
    if (!target.one()) {
      // Without a list a new member cannot be told from an old one: the image says nothing about
      // it. Children cannot be listed where the input names their parent otherwise than by its id.
      bool unnamed = target.ref.id.empty() || target.ref.id.starts_with(key_separator);
      bool orphan = !target.type().parent.empty() && unnamed;
      if (target.births() && target.type().list && !orphan)
        CHECK_OK(read_members(image, caller, target.type(), target.ref, context, catalog));
      continue;
    }
    auto read = TRY(
        read_resource(caller, target.type(), target.ref, before_call(target, call), context, catalog));
    if (invertible && !read.unreadable.empty()) {
      const auto& [aspect, why] = *read.unreadable.begin();
      return fail(Errc::denied, "{} of {} {} cannot be read, and so not be set back: {}", aspect,
                  target.ref.type, target.ref.id, why);
    }
    merge_into(image, std::move(read));
    if (renamed(target, call) != nullptr)
      CHECK_OK(read_members(image, caller, target.type(), collection_of(target.ref), context, catalog));
  }
  std::ranges::sort(image.resources, {}, &ResourceImage::resource);
  return image;
}

Result<Image> read_again(aws::Caller& caller, const Image& image, const Context& context,
                         const Catalog& catalog) {
  Image now;
  for (const auto& old : image.resources) {
    const auto* type = catalog.type(old.resource.type);
    if (type == nullptr)
      return fail(Errc::unsupported, "{} is in no service description", old.resource.type);
    std::vector<const Aspect*> aspects;
    for (const auto& aspect : type->aspects)
      if (old.aspects.contains(aspect.name) || old.unreadable.contains(aspect.name))
        aspects.push_back(&aspect);
    now.resources.push_back(TRY(read_resource(caller, *type, old.resource, aspects, context, catalog)));
  }
  for (const auto& [key, ids] : image.members) {
    auto collection = TRY(parse_collection(key));
    const auto* type = catalog.type(collection.type);
    if (type == nullptr)
      return fail(Errc::unsupported, "{} is in no service description", collection.type);
    CHECK_OK(read_members(now, caller, *type, collection, context, catalog));
  }
  return now;
}

json::Value to_json(const Image& image) {
  json::Array resources;
  for (const auto& one : image.resources) {
    json::Object aspects, unreadable;
    for (const auto& [name, value] : one.aspects)
      aspects[name] = value;
    for (const auto& [name, why] : one.unreadable)
      unreadable[name] = why;
    json::Object out{{"resource", to_json(one.resource)},
                     {"exists", one.exists},
                     {"aspects", std::move(aspects)}};
    if (!unreadable.empty()) out["unreadable"] = std::move(unreadable);
    resources.push_back(std::move(out));
  }
  json::Object out{{"resources", std::move(resources)}};
  json::Object members;
  for (const auto& [key, ids] : image.members)
    members[key] = json::Array(ids.begin(), ids.end());
  if (!members.empty()) out["members"] = std::move(members);
  return out;
}

Result<Image> image_from_json(const json::Value& value) {
  if (!value.is_object()) return fail(Errc::corrupt, "an image is an object");
  Image image;
  for (const auto& item : json::items(json::at(value, "resources"))) {
    ResourceImage one;
    one.resource = TRY(ref_from_json(json::at(item, "resource")));
    one.exists = json::truth(json::at(item, "exists"), true);
    for (const auto& [name, aspect] : json::members(json::at(item, "aspects")))
      one.aspects[name] = aspect;
    for (const auto& [name, why] : json::members(json::at(item, "unreadable")))
      one.unreadable[name] = json::text(why);
    image.resources.push_back(std::move(one));
  }
  for (const auto& [key, ids] : json::members(json::at(value, "members")))
    image.members[key] = json::texts(ids);
  return image;
}

namespace {

// Sets in one order, whoever made the image.
Image ordered(Image image, const Catalog& catalog) {
  std::ranges::sort(image.resources, {}, &ResourceImage::resource);
  for (auto& one : image.resources) {
    const auto* type = catalog.type(one.resource.type);
    if (type == nullptr) continue;
    for (const auto& aspect : type->aspects) {
      if (aspect.follows()) one.aspects.erase(aspect.name);
      if (auto value = one.aspects.find(aspect.name); value != one.aspects.end())
        value->second = normal(aspect, std::move(value->second));
    }
  }
  for (auto& [key, ids] : image.members)
    std::ranges::sort(ids);
  return image;
}

using Place = std::pair<std::string, std::string>;  // account and region
using Trees = std::map<Place, json::Object>;        // {type: {id: {aspect: value}}}

json::Object& node(Trees& trees, const ResourceRef& ref) {
  auto& type = trees[{ref.account, ref.region}][ref.type];
  if (!type.is_object()) type = json::Object();
  auto& one = type.as_object()[ref.id];
  if (!one.is_object()) one = json::Object();
  return one.as_object();
}

Trees trees(const Image& image, const Catalog& catalog) {
  Trees out;
  const auto kept = ordered(image, catalog);
  for (const auto& one : kept.resources) {
    if (!one.exists) continue;
    auto& here = node(out, one.resource);
    for (const auto& [name, value] : one.aspects)
      if (!value.is_null()) here[name] = value;
  }
  for (const auto& [key, ids] : image.members) {
    auto collection = parse_collection(key);
    if (!collection) continue;
    for (const auto& id : ids) {
      collection->id = id;
      node(out, *collection);
    }
  }
  return out;
}

// So that a resource that is only in one of them is one change.
void same_types(Trees& here, const Trees& there) {
  for (const auto& [place, tree] : there)
    for (const auto& [type, ids] : tree)
      if (!here[place].contains(type)) here[place][type] = json::Object();
}

}  // namespace

std::string fingerprint(const Image& image, const Catalog& catalog) {
  return to_hex(sha256(json::canonical(to_json(ordered(image, catalog)))));
}

std::vector<json::Change> diff(const Image& before, const Image& after, const Catalog& catalog) {
  auto left = trees(before, catalog), right = trees(after, catalog);
  same_types(left, right);
  same_types(right, left);
  std::vector<json::Change> out;
  for (const auto& [place, tree] : left)
    std::ranges::move(json::diff(tree, right[place]), std::back_inserter(out));
  std::ranges::stable_sort(out, {}, &json::Change::pointer);
  return out;
}

}  // namespace aright::cloud
