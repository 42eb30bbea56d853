#include <algorithm>

#include "aws/client.h"
#include "base/digest.h"
#include "base/text.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/template.h"
#include "sandbox/emulate.h"
#include "sandbox/hook.h"
#include "sandbox/window.h"

namespace aright::sandbox {

namespace {

const json::Value nothing;

const json::Value& value_at(const json::Value& root, std::string_view text) {
  const auto* here = &root;
  for (const auto& step : split(text, '.')) {
    if (const auto* list = here->if_array()) here = list->empty() ? &nothing : &list->front();
    here = &json::at(*here, step);
  }
  return *here;
}

// {hex17}: a kind of id and its length.
json::Value drawn(Ids& ids, std::string_view name) {
  if (name == "uuid") return json::Value(ids.uuid());
  auto digit = name.find_first_of("0123456789");
  if (digit == std::string_view::npos) return nullptr;
  auto length = static_cast<std::size_t>(json::integer(json::Value(name.substr(digit)), 0));
  auto kind = name.substr(0, digit);
  if (kind == "hex") return json::Value(ids.hex(length));
  if (kind == "digits") return json::Value(ids.digits(length));
  if (kind == "mixed") return json::Value(ids.mixed(length));
  if (kind == "upper") return json::Value(ids.upper(length));
  return nullptr;
}

// {now+395d}
json::Value in_days(Timestamp now, std::string_view days) {
  if (days.ends_with('d')) days.remove_suffix(1);
  return json::Value((now + std::chrono::days(json::integer(json::Value(days), 0))).iso());
}

}  // namespace

std::string canonical_user(std::string_view account) {
  return to_hex(sha256(fmt::format("canonical user of {}", account)));
}

Scene::Scene(World& world, Ids& ids, const cloud::Catalog& catalog, const aws::Call& call,
             const Principal& principal, Timestamp now, const std::string& endpoint,
             const std::deque<WriteRecord>& history)
    : world(world),
      ids(ids),
      catalog(catalog),
      call(call),
      principal(principal),
      now(now),
      endpoint(endpoint),
      history(history) {}

const json::Value& Scene::input(std::string_view path) const {
  auto dot = path.find('.');
  const auto& first = json::at(call.input, path.substr(0, dot));
  return dot == std::string_view::npos ? first : value_at(first, path.substr(dot + 1));
}

std::string Scene::text(std::string_view path, std::string_view otherwise) const {
  return json::text(input(path), otherwise);
}

cloud::ResourceRef Scene::ref(std::string_view type, std::string_view id) const {
  cloud::ResourceRef ref{call.account, call.region, std::string(type), std::string(id)};
  const auto* described = catalog.type(type);
  return described == nullptr ? ref : cloud::at_home(*described, std::move(ref));
}

namespace {

// Kept in the record, unless an aspect shows it.
std::string known_name(const cloud::ResourceType& type, const Resource& resource) {
  if (const auto& noted = json::at(resource.record, type.known_as); !noted.is_null()) return json::text(noted);
  return json::text(resource.aspect(type.known_as));
}

}  // namespace

const Resource* Scene::find(std::string_view type_name, std::string_view id) const {
  if (const auto* found = world.find(ref(type_name, id))) return found;
  const auto* type = catalog.type(type_name);
  if (type == nullptr || type->known_as.empty() || id.empty()) return nullptr;
  for (const auto* one : world.all(ref(type_name, "")))
    if (known_name(*type, *one) == id) return one;
  return nullptr;
}

bool Scene::is_built_in(const cloud::ResourceType& type, std::string_view id) const {
  return !type.built_in.empty() && world.whole() && glob_match(type.built_in, id);
}

Result<Resource*> Scene::need(std::string_view type_name, std::string_view id) {
  auto wanted = ref(type_name, id);
  if (const auto* found = find(type_name, id)) return &world.edit(cloud::ResourceRef(found->ref));
  const auto* type = catalog.type(type_name);
  if (type == nullptr) return fail(Errc::internal, "{} is in no description", type_name);
  bool exists = std::ranges::find(type->always, wanted.id) != type->always.end() || is_built_in(*type, wanted.id);
  if (type->singleton) exists = type->ids.empty() || type->ids.contains(wanted.id);
  if (exists) return &world.add(fresh_resource(*this, *type, std::move(wanted)));
  if (!type->malformed.empty() && !cloud::well_formed(*type, id))
    return fail(error(type->malformed, fmt::format("Invalid id: \"{}\"", id)));
  Resource lacking{.ref = std::move(wanted)};
  return fail(error(type->missing.empty() ? "ResourceNotFoundException" : type->missing.front(), "",
                    &lacking));
}

Result<Resource*> Scene::create(std::string_view type_name, std::string_view id) {
  const auto* type = catalog.type(type_name);
  if (type == nullptr || type->creates.empty())
    return fail(Errc::internal, "{} is not described, or has no 'create'", type_name);
  const auto* creation = type->create();
  for (const auto& other : type->creates)
    if (other.op.name == call.operation && type->service == call.service) creation = &other;
  return create_resource(*this, *type, *creation, ref(type_name, id));
}

void Scene::erase(const cloud::ResourceRef& ref) {
  const auto* resource = world.find(ref);
  if (resource == nullptr) return;
  for (const auto* child : world.children(*resource))
    erase(cloud::ResourceRef(child->ref));
  world.erase(cloud::ResourceRef(ref));
}

json::Value Scene::value(const Resource& resource, std::string_view name) const {
  const auto* type = catalog.type(resource.ref.type);
  const auto* aspect = type == nullptr ? nullptr : type->aspect(name);
  if (aspect != nullptr && aspect->derived) {
    const auto* derive = Hooks::all().find_derive(fmt::format("{}/{}", type->name, name));
    if (derive != nullptr) return (*derive)(*this, resource);
  }
  auto coming = resource.coming.find(name);
  if (coming != resource.coming.end() && coming->second.due <= now) return coming->second.to;
  return resource.aspect(name);
}

namespace {

// A change that waits for the maintenance window is shown where such changes are.
void show_pending(const cloud::Aspect& aspect, const Resource& resource, Timestamp now, json::Value& item) {
  auto coming = resource.coming.find(aspect.name);
  if (coming == resource.coming.end() || coming->second.due <= now) return;
  for (const auto& write : aspect.writes)
    if (write.pending && write.via.is_null()) write.pending->set(item, coming->second.to);
}

// An empty text, or object, says "none" when it is written; services leave it out when they show it.
bool left_out(const json::Value& nothing) {
  return nothing == "" || nothing == json::Value(json::Object());
}

}  // namespace

json::Object Scene::shown(const Resource& resource) const {
  json::Value item = resource.record;
  const auto* type = catalog.type(resource.ref.type);
  if (type == nullptr) return resource.record;
  for (const auto& aspect : type->aspects) {
    if (!aspect.shown || shows_pending(aspect)) continue;
    auto value = this->value(resource, aspect.name);
    if (value.is_null() && aspect.nothing && !left_out(*aspect.nothing)) value = *aspect.nothing;
    if (!value.is_null()) {
      value = answered(aspect, std::move(value));
      if (aspect.shown->empty())  // its members are the item's own
        merge_into(item.as_object(), json::members(value));
      else
        aspect.shown->set(item, std::move(value));
    }
    show_pending(aspect, resource, now, item);
  }
  return std::move(item.as_object());
}

std::string Scene::arn(const Resource& resource) const {
  return catalog.arn(resource.ref);
}

json::Value Scene::fill(const json::Value& form, const Resource* resource) const {
  const auto* type = resource == nullptr ? nullptr : catalog.type(resource->ref.type);
  auto known = type == nullptr ? cloud::Lookup() : cloud::lookup_of(*type, resource->ref);
  auto lookup = [&](std::string_view name) -> json::Value {
    if (name.starts_with("input.")) return input(name.substr(6));
    if (name == "id" && type != nullptr) return json::Value(cloud::key_parts(*type, resource->ref.id).back());
    if (known)
      if (auto value = known(name); !value.is_null()) return value;
    if (name == "account") return json::Value(call.account);
    if (name == "region") return json::Value(call.region);
    if (name == "partition") return json::Value(aws::partition_of(call.region));
    if (name == "now") return json::Value(now.iso());
    if (name.starts_with("now+")) return in_days(now, name.substr(4));
    if (name == "now_ms") return json::Value(now.ms);
    if (name == "now_s") return json::Value(now.ms / 1000);
    if (name == "principal") return json::Value(principal.arn);
    if (name == "owner")
      return json::Value(canonical_user(resource ? resource->ref.account : call.account));
    if (name == "endpoint") return json::Value(endpoint);
    if (auto value = drawn(ids, name); !value.is_null()) return value;
    if (resource == nullptr) return input(name);
    if (name == "shown") return shown(*resource);
    if (name.starts_with("aspect.")) {
      auto path = name.substr(7);
      auto dot = path.find('.');
      auto value = this->value(*resource, path.substr(0, dot));
      return dot == std::string_view::npos ? value : value_at(value, path.substr(dot + 1));
    }
    return value_at(resource->record, name.starts_with("record.") ? name.substr(7) : name);
  };
  return cloud::fill(form, lookup);
}

Error Scene::error(std::string_view code, std::string_view message,
                   const Resource* resource) const {
  const auto* service = catalog.service(call.service);
  cloud::ErrorText about;
  auto look = [&](const std::string& name) {
    if (service == nullptr || !about.message.empty()) return;
    if (auto found = service->errors.find(name); found != service->errors.end()) about = found->second;
  };
  if (resource != nullptr) look(fmt::format("{} {}", code, resource->ref.type));
  look(std::string(code));
  std::string text(message);
  if (text.empty()) text = json::scalar_text(fill(json::Value(about.message), resource));
  if (text.empty()) text = code;
  return service_error(code, about.status, std::move(text));
}

Result<json::Object> Scene::by_description() {
  return emulate_description(*this);
}

Result<json::Object> Scene::also(std::string_view service, std::string_view operation,
                                 json::Object input) {
  aws::Call other{.service = std::string(service),
                  .operation = std::string(operation),
                  .region = call.region,
                  .account = call.account,
                  .input = std::move(input)};
  Scene within(world, ids, catalog, other, principal, now, endpoint, history);
  auto output = emulate(within);
  created.insert(created.end(), within.created.begin(), within.created.end());
  return output;
}

}  // namespace aright::sandbox
