#include "sandbox/world.h"

#include "cloud/locate.h"

namespace aright::sandbox {

namespace {

const json::Value absent;

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view decimal_digits = "0123456789";
constexpr std::string_view mixed_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view upper_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

const json::Value& Resource::aspect(std::string_view name) const {
  auto found = aspects.find(name);
  return found == aspects.end() ? absent : found->second;
}

const json::Value& Resource::ahead(std::string_view name) const {
  auto found = coming.find(name);
  return found == coming.end() ? aspect(name) : found->second.to;
}

void Resource::set(std::string_view name, json::Value value) {
  if (value.is_null()) {
    if (auto found = aspects.find(name); found != aspects.end()) aspects.erase(found);
  } else {
    aspects.insert_or_assign(std::string(name), std::move(value));
  }
}

std::string Ids::draw(std::string_view alphabet, std::size_t length) {
  std::string text;
  while (text.size() < length)
    text += alphabet[random_.below(alphabet.size())];
  return text;
}

std::string Ids::hex(std::size_t length) {
  return draw(hex_digits, length);
}
std::string Ids::digits(std::size_t length) {
  return draw(decimal_digits, length);
}
std::string Ids::upper(std::size_t length) {
  return draw(upper_digits, length);
}

std::string Ids::mixed(std::size_t length) {
  return draw(mixed_digits, length);
}

std::string Ids::uuid() {
  return fmt::format("{}-{}-4{}-a{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12));
}

cloud::ResourceRef place_of(const cloud::Catalog& catalog, const cloud::ResourceRef& ref) {
  const auto* type = catalog.type(ref.type);
  if (type == nullptr) return ref;
  if (type->scope == cloud::Scope::region) return ref;
  auto account = type->scope == cloud::Scope::partition ? "" : ref.account;
  return {account, std::string(cloud::home_region(ref.region)), ref.type, ref.id};
}

void World::fetch(const cloud::ResourceRef& place, const cloud::ResourceRef& ref) const {
  if (source_ == nullptr || !known_.insert(place).second) return;
  auto fetched = source_->fetch(ref);
  if (fetched)
    resources_[place] = std::move(*fetched);
  else
    resources_.erase(place);
}

void World::sketch(const cloud::ResourceRef& at, const cloud::ResourceRef& here) const {
  if (source_ == nullptr || !sketched_.insert(at).second) return;
  for (auto& resource : source_->sketch(here)) {
    auto where = place(resource.ref);
    if (!known_.contains(where)) resources_.try_emplace(where, std::move(resource));
  }
}

const Resource* World::find(const cloud::ResourceRef& ref) const {
  auto at = place(ref);
  fetch(at, ref);
  auto found = resources_.find(at);
  return found == resources_.end() ? nullptr : &found->second;
}

void World::remember(const cloud::ResourceRef& place) {
  if (!remembering_ || before_.contains(place)) return;
  auto found = resources_.find(place);
  before_[place] = found == resources_.end() ? std::nullopt : std::optional(found->second);
}

Resource& World::edit(const cloud::ResourceRef& ref) {
  auto at = place(ref);
  fetch(at, ref);
  remember(at);
  auto [found, fresh] = resources_.try_emplace(at);
  if (fresh) found->second.ref = ref;
  return found->second;
}

Resource& World::add(Resource resource) {
  auto at = place(resource.ref);
  known_.insert(at);
  remember(at);
  return resources_[at] = std::move(resource);
}

void World::erase(const cloud::ResourceRef& ref) {
  auto at = place(ref);
  known_.insert(at);
  remember(at);
  resources_.erase(at);
}

std::vector<const Resource*> World::all(const cloud::ResourceRef& here) const {
  auto from = place(here);
  sketch(from, here);
  std::vector<const Resource*> out;
  for (auto it = resources_.lower_bound(from); it != resources_.end(); ++it) {
    const auto& at = it->first;
    if (at.account != from.account || at.region != from.region || at.type != from.type) break;
    if (!at.id.starts_with(from.id)) break;
    out.push_back(&it->second);
  }
  return out;
}

std::vector<const Resource*> World::everywhere(std::string_view type) const {
  std::vector<const Resource*> out;
  auto it = resources_.begin();
  while (it != resources_.end()) {
    cloud::ResourceRef here{it->first.account, it->first.region, std::string(type), ""};
    for (it = resources_.lower_bound(here); it != resources_.end() && it->first.account == here.account &&
                                            it->first.region == here.region && it->first.type == type;
         ++it)
      out.push_back(&it->second);
    // Past what else there is in this account and region.
    here.type = "\x7f";
    it = resources_.lower_bound(here);
  }
  return out;
}

std::vector<const Resource*> World::children(const Resource& parent) const {
  std::vector<const Resource*> out;
  for (const auto* type : catalog_->types()) {
    if (type->parent != parent.ref.type) continue;
    auto here = parent.ref;
    here.type = type->name;
    here.id += cloud::key_separator;
    for (const auto* child : all(here))
      out.push_back(child);
  }
  return out;
}

void World::begin() {
  before_.clear();
  remembering_ = true;
}

void World::keep(Timestamp now) {
  hold(now);
  for (const auto& [place, before] : before_) {
    auto now = resources_.find(place);
    bool same = now == resources_.end() ? !before : before && *before == now->second;
    if (same) continue;
    changed_.try_emplace(place, now == resources_.end() ? before->ref : now->second.ref);
  }
  before_.clear();
  remembering_ = false;
}

void World::undo() {
  remembering_ = false;
  for (auto& [place, resource] : before_) {
    if (resource) {
      resources_[place] = std::move(*resource);
    } else {
      resources_.erase(place);
    }
  }
  before_.clear();
}

bool World::changed(const cloud::ResourceRef& ref) const {
  return changed_.contains(place(ref));
}

bool World::changed_any(const cloud::ResourceRef& here) const {
  auto from = place(here);
  auto found = changed_.lower_bound(from);
  if (found == changed_.end()) return false;
  const auto& at = found->first;
  return at.account == from.account && at.region == from.region && at.type == from.type &&
         at.id.starts_with(from.id);
}

std::vector<cloud::ResourceRef> World::all_changed() const {
  std::vector<cloud::ResourceRef> out;
  for (const auto& [place, ref] : changed_)
    out.push_back(ref);
  return out;
}

namespace {

json::Object resource_json(const Resource& resource) {
  json::Object aspects, coming;
  for (const auto& [name, value] : resource.aspects)
    aspects[name] = value;
  for (const auto& [name, change] : resource.coming)
    coming[name] = json::Object{{"to", change.to}, {"due", change.due.iso()}};
  json::Object out{{"created", resource.created.iso()},
                   {"record", resource.record},
                   {"aspects", std::move(aspects)}};
  if (!coming.empty()) out["coming"] = std::move(coming);
  if (!resource.internals.empty()) out["internals"] = resource.internals;
  return out;
}

// "<account>/<region>/<type>/<id>"; the id may hold slashes of its own.
Result<cloud::ResourceRef> parse_key(std::string_view key) {
  auto rest = key;
  std::string parts[3];
  for (auto& part : parts) {
    auto slash = rest.find('/');
    if (slash == std::string_view::npos)
      return fail(Errc::invalid, "'{}' is not of the form account/region/type/id", key);
    part = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  return cloud::ResourceRef{parts[0], parts[1], parts[2], std::string(rest)};
}

Result<Resource> resource_from_json(cloud::ResourceRef ref, const cloud::ResourceType& type,
                                    const json::Value& value) {
  Resource resource{.ref = std::move(ref)};
  if (auto text = json::text(value, "created", ""); !text.empty())
    resource.created = TRY(parse_timestamp(text));
  resource.record = json::members(json::at(value, "record"));
  resource.internals = json::members(json::at(value, "internals"));
  for (const auto& [name, aspect] : json::members(json::at(value, "aspects"))) {
    if (type.aspect(name) == nullptr)
      return fail(Errc::invalid, "{} has no aspect {}", type.name, name);
    resource.set(name, aspect);
  }
  for (const auto& [name, change] : json::members(json::at(value, "coming"))) {
    auto due = TRY(parse_timestamp(json::text(change, "due", "")));
    resource.coming[name] = {.to = json::at(change, "to"), .due = due};
  }
  return resource;
}

}  // namespace

json::Object World::export_type(std::string_view type) const {
  json::Object out;
  for (const auto* resource : everywhere(type)) out[resource->ref.key()] = resource_json(*resource);
  return out;
}

json::Object World::export_state() const {
  json::Object out;
  for (const auto& [place, resource] : resources_)
    out[resource.ref.key()] = resource_json(resource);
  return out;
}

Result<> World::import_state(const json::Object& resources) {
  std::vector<Resource> fresh;
  std::vector<cloud::ResourceRef> gone;
  for (const auto& [key, value] : resources) {
    auto ref = TRY(parse_key(key));
    if (value.is_null()) {
      gone.push_back(std::move(ref));
      continue;
    }
    const auto* type = catalog_->type(ref.type);
    if (type == nullptr)
      return fail(Errc::invalid, "{}: the type is in no description", std::string_view(key));
    auto resource = resource_from_json(std::move(ref), *type, value);
    if (!resource) return wrap(resource.error(), "{}", std::string_view(key));
    fresh.push_back(std::move(*resource));
  }
  for (auto& resource : fresh) {
    changed_.try_emplace(place(resource.ref), resource.ref);
    add(std::move(resource));
  }
  for (const auto& ref : gone) {
    changed_.try_emplace(place(ref), ref);
    erase(ref);
  }
  return {};
}

}  // namespace aright::sandbox
