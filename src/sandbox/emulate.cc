#include "sandbox/emulate.h"

#include <algorithm>

#include "base/text.h"
#include "cloud/description_check.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/template.h"
#include "sandbox/answers.h"
#include "sandbox/demands.h"
#include "sandbox/kms.h"
#include "sandbox/paging.h"
#include "sandbox/pending.h"
#include "sandbox/references.h"
#include "sandbox/tags.h"
#include "sandbox/validate.h"
#include "sandbox/window.h"

namespace aright::sandbox {

namespace {

constexpr int not_implemented_status = 501;
constexpr int dry_run_status = 412;
constexpr int id_draws_max = 16;  // for one new resource

Errc errc_for(std::string_view code, int http_status) {
  if (http_status == not_implemented_status) return Errc::unsupported;
  if (http_status == 404 || code.find("NotFound") != std::string_view::npos ||
      code.starts_with("NoSuch"))
    return Errc::not_found;
  if (http_status == 403 || code.starts_with("AccessDenied") || code == "UnauthorizedOperation")
    return Errc::denied;
  if (http_status == 409) return Errc::conflict;
  return http_status >= 500 ? Errc::unavailable : Errc::invalid;
}

}  // namespace

Error service_error(std::string_view code, int http_status, std::string message) {
  return {.code = errc_for(code, http_status),
          .message = std::move(message),
          .wire_code = std::string(code),
          .http_status = http_status};
}

namespace {

Error not_implemented(const aws::Call& call, std::string_view why) {
  return service_error("NotImplemented", not_implemented_status,
                       fmt::format("{} is not emulated: {}", call.name(), why));
}

bool foreign(const Scene& scene, const Resource& resource) {
  return resource.ref.account != scene.call.account;
}

// Makes slow changes that are due happen.
void settle(const Scene& scene, Resource& resource) {
  for (auto it = resource.coming.begin(); it != resource.coming.end();) {
    if (it->second.due > scene.now) {
      ++it;
      continue;
    }
    resource.set(it->first, it->second.to);
    it = resource.coming.erase(it);
  }
}

// Whether a template asks the input for something, and the input says nothing of it.
bool says_nothing(const Scene& scene, const json::Value& form) {
  bool asks = false;
  for (const auto& name : cloud::placeholders(form)) {
    if (!name.starts_with("input.")) continue;
    asks = true;
    if (!scene.input(std::string_view(name).substr(6)).is_null()) return false;
  }
  return asks;
}

json::Value taken(const Scene& scene, const json::Value& from, const Resource& resource) {
  if (from.is_string() && from.get_string().find('{') == json::String::npos) {
    auto path = cloud::Path::parse(from.get_string());
    return path ? path->get(json::Value(scene.call.input)) : json::Value();
  }
  return says_nothing(scene, from) ? json::Value() : scene.fill(from, &resource);
}

Result<> write_one(Scene& scene, const cloud::Aspect& aspect, const cloud::Write& write, Resource& resource,
                   bool nothing_moves) {
  if (!cloud::engages(write, scene.call.input)) return {};
  const auto before = resource.aspect(aspect.name);
  const auto& from = write.from;
  if (!from.empty() && std::ranges::find(from, before) == from.end())
    return fail(scene.error(write.refuse.empty() ? "InvalidState" : write.refuse, "", &resource));
  if (nothing_moves && !write.via.is_null()) return {};
  bool of_set = write.mode == cloud::Mode::add || write.mode == cloud::Mode::drop;
  if (of_set && !write.refuse.empty() && !cloud::fits(aspect, write, scene.call.input, before))
    return fail(scene.error(write.refuse, "", &resource));
  auto after = cloud::apply(aspect, write, scene.call.input, before);
  if (write.mode == cloud::Mode::clear || write.mode == cloud::Mode::constant)
    after = scene.fill(after, &resource);
  const auto& ids = aspect.type->ids;
  if (auto own = ids.find(resource.ref.id); own != ids.end() && (write.decided || write.mode == cloud::Mode::clear))
    after = json::at(own->second, aspect.name);
  CHECK_OK(check_named(scene, aspect, after));
  if (aspect.tags && write.mode == cloud::Mode::add) CHECK_OK(check_tags(scene, before, after));
  resource.coming.erase(aspect.name);
  if (waits(scene, aspect, write)) {
    auto window = json::text(scene.value(resource, aspect.type->pending->window));
    if (after != before)
      resource.coming[aspect.name] = {.to = std::move(after), .due = next_opening(window, scene.now)};
  } else if (write.after.count() > 0 && (!write.via.is_null() || after != before)) {
    resource.coming[aspect.name] = {.to = std::move(after), .due = scene.now + write.after};
    resource.set(aspect.name, write.via.is_null() ? before : write.via);
  } else {
    resource.set(aspect.name, std::move(after));
  }
  return {};
}

}  // namespace

Result<> write_aspects(Scene& scene, const cloud::Meaning& meaning, Resource& resource) {
  settle(scene, resource);
  const auto at_once = hastened(scene, *meaning.type, resource);
  const bool nothing_moves = only_waits(scene, meaning);
  for (auto [aspect, write] : meaning.writes)
    CHECK_OK(write_one(scene, *aspect, *write, resource, nothing_moves));
  for (const auto& [name, due] : at_once)
    if (auto coming = resource.coming.find(name); coming != resource.coming.end() && coming->second.due == due)
      coming->second.due = scene.now;
  if (!at_once.empty()) settle(scene, resource);
  tell_keys_by_arn(scene, resource);
  if (meaning.touch != nullptr) {
    const auto noted = scene.fill(meaning.touch->output, &resource);
    for (const auto& [name, value] : json::members(noted))
      resource.record[name] = value;
  }
  return {};
}

Resource fresh_resource(const Scene& scene, const cloud::ResourceType& type,
                        cloud::ResourceRef ref) {
  Resource resource{.ref = std::move(ref), .created = scene.now};
  resource.record = json::members(scene.fill(type.record, &resource));
  if (type.region) {
    auto where = json::text(type.region->at.get(json::Value(resource.record)));
    resource.ref.region =
        where.empty() ? std::string(cloud::home_region(resource.ref.region)) : where;
  }
  for (const auto& aspect : type.aspects)
    if (!aspect.token.empty())
      resource.set(aspect.name, scene.fill(json::Value(aspect.token), &resource));
    else if (aspect.initial)
      resource.set(aspect.name, scene.fill(*aspect.initial, &resource));
  if (!type.built_in.empty() && glob_match(type.built_in, resource.ref.id))
    for (const auto& [aspect, value] : type.built_in_aspects)
      resource.set(aspect, scene.fill(value, &resource));
  if (auto own = type.ids.find(resource.ref.id); own != type.ids.end())
    for (const auto& [aspect, value] : own->second)
      resource.set(aspect, value);
  for (const auto& aspect : type.aspects)
    if (!aspect.becomes.is_null())
      resource.coming[aspect.name] = {.to = aspect.becomes, .due = scene.now + aspect.becomes_after};
  return resource;
}

namespace {

// How many the caller has of this type, and of the same parent.
int beside(const Scene& scene, const cloud::ResourceType& type, cloud::ResourceRef ref) {
  auto parts = cloud::key_parts(type, ref.id);
  parts.back().clear();
  ref.id = cloud::join_key(parts);
  auto all = scene.world.all(ref);
  auto own = [&](const Resource* one) { return !foreign(scene, *one); };
  return static_cast<int>(std::ranges::count_if(all, own));
}

}  // namespace

Result<Resource*> create_resource(Scene& scene, const cloud::ResourceType& type,
                                  const cloud::Creation& creation, cloud::ResourceRef ref) {
  if (const auto* there = scene.world.find(ref)) {
    if (foreign(scene, *there) && !creation.taken.empty())
      return fail(scene.error(creation.taken, "", there));
    if (creation.idempotent) return &scene.world.edit(ref);
    if (!creation.updates)
      return fail(scene.error(
          creation.exists.empty() ? "ResourceAlreadyExistsException" : creation.exists, "", there));
  } else if (scene.world.size() >= resources_max) {
    return fail(
        service_error("LimitExceededException", bad_request,
                      fmt::format("The emulated cloud holds {} resources at most", resources_max)));
  } else if (creation.most > 0 && beside(scene, type, ref) >= creation.most) {
    return fail(scene.error(creation.full.empty() ? "LimitExceededException" : creation.full));
  } else {
    scene.world.add(fresh_resource(scene, type, ref));
    scene.created.push_back(ref);
  }
  auto& resource = scene.world.edit(ref);
  if (creation.like) CHECK_OK(take_likeness(scene, creation, resource));
  for (const auto& [name, from] : creation.takes) {
    auto value = taken(scene, from, resource);
    if (value.is_null()) continue;
    const auto* aspect = type.aspect(name);
    if (aspect != nullptr) CHECK_OK(check_named(scene, *aspect, value));
    if (aspect != nullptr && aspect->tags) CHECK_OK(check_tags(scene, resource.aspect(name), value));
    resource.set(name, aspect == nullptr ? std::move(value) : cloud::masked(*aspect, std::move(value)));
  }
  for (const auto& meaning : scene.catalog.meanings(scene.call.service, scene.call.operation))
    if (meaning.type == &type) CHECK_OK(write_aspects(scene, meaning, resource));
  tell_keys_by_arn(scene, resource);
  return &resource;
}

namespace {

// What one operation does to one resource, by kind of meaning.
class Describe {
 public:
  Describe(Scene& scene, const model::Service& service, const model::Operation& operation)
      : scene_(scene), service_(service), operation_(operation) {}

  Result<json::Object> run() {
    bool concerned = false;
    const auto& meanings = scene_.catalog.meanings(scene_.call.service, scene_.call.operation);
    std::vector<std::vector<cloud::ResourceRef>> located;
    for (const auto& meaning : meanings) {
      located.push_back(located_by(meaning));
      std::erase_if(located.back(), [&](const auto& ref) { return of_another_type(meaning, ref); });
    }
    for (std::size_t i = 0; i < meanings.size(); ++i) {
      const auto& meaning = meanings[i];
      auto& refs = located[i];
      if (refs.empty()) continue;
      concerned = true;
      CHECK_OK(perform(meaning, std::move(refs)));
    }
    if (!concerned) return fail(nobody(*meanings.front().type));
    return std::move(output_.as_object());
  }

 private:
  static bool names_nothing(const cloud::Meaning& meaning) {
    bool lists = meaning.view != nullptr && meaning.view->many;
    return meaning.create != nullptr || lists || meaning.type->singleton;
  }

  // Some ARNs hold an id that only the resource itself knows, or leave out what is usual: they are looked for among
  // those that are shown.
  std::vector<cloud::ResourceRef> located_by(const cloud::Meaning& meaning) const {
    const auto& op = meaning.naming();
    auto refs = cloud::locate(*meaning.type, op, scene_.call);
    auto there = [&](const cloud::ResourceRef& ref) { return scene_.world.find(ref) != nullptr; };
    if (!op.by_arn || std::ranges::any_of(refs, there)) return refs;
    const json::Value input = scene_.call.input;
    const auto& arn = op.by.front().get(input);
    for (const auto* one : scene_.world.all(scene_.ref(meaning.type->name, "")))
      if (std::ranges::any_of(one->record, [&](const auto& member) { return member.value() == arn; }))
        return {one->ref};
    return refs;
  }

  // Metric and composite alarms share their names: what is not of this type may be of another that
  // the operation is about. And who deletes a function names no version of it.
  bool of_another_type(const cloud::Meaning& meaning, const cloud::ResourceRef& ref) const {
    if (names_nothing(meaning) || (!ref.id.empty() && scene_.world.find(ref) != nullptr)) return false;
    const auto& all = scene_.catalog.meanings(scene_.call.service, scene_.call.operation);
    return std::ranges::any_of(all, [&](const cloud::Meaning& other) {
      if (other.type == meaning.type || names_nothing(other)) return false;
      auto others = cloud::locate(*other.type, other.naming(), scene_.call);
      return std::ranges::any_of(others, [&](const cloud::ResourceRef& one) {
        if (ref.id.empty()) return !one.id.empty();
        return one.id == ref.id && scene_.world.find(one) != nullptr;
      });
    });
  }

  Error nobody(const cloud::ResourceType& type) const {
    auto code = type.missing.empty() ? "ResourceNotFoundException" : type.missing.front();
    Resource lacking{.ref = {scene_.call.account, scene_.call.region, type.name, ""}};
    return scene_.error(code, "", &lacking);
  }

  Result<> perform(const cloud::Meaning& meaning, std::vector<cloud::ResourceRef> refs) {
    if (meaning.create != nullptr) {
      for (auto& ref : refs)
        CHECK_OK(create(meaning, std::move(ref)));
      return {};
    }
    if (meaning.view != nullptr && meaning.view->elsewhere) return {};
    if (meaning.view != nullptr) {
      merge(TRY(answer_view(scene_, meaning)));
      if (meaning.view->many || meaning.view->lacking) return {};
    }
    for (auto& ref : refs) {
      bool whole_account = meaning.type->singleton && ref.id.empty();
      if (whole_account) ref.id = scene_.call.account;
      if (ref.id.empty()) return fail(missing_member(service_, meaning.naming().by.back().str()));
      CHECK_OK(perform(meaning, ref));
    }
    return {};
  }

  Result<> perform(const cloud::Meaning& meaning, const cloud::ResourceRef& ref) {
    bool changes = meaning.remove != nullptr || !meaning.writes.empty();
    if (changes && !meaning.type->built_in_refuse.empty() && glob_match(meaning.type->built_in, ref.id))
      return fail(scene_.error(meaning.type->built_in_refuse, ref.id + " is made by the service, and stays as it is"));
    if (meaning.remove != nullptr) return remove(meaning, ref);
    auto* resource = TRY(existing(*meaning.type, ref, meaning.naming().missing));
    CHECK_OK(matched(meaning, *resource));
    CHECK_OK(write_aspects(scene_, meaning, *resource));
    draw_tokens(meaning, *resource);
    if (meaning.glance != nullptr)
      merge(json::members(scene_.fill(meaning.glance->output, resource)));
    CHECK_OK(answer_written(meaning, *resource));
    if (auto answer = meaning.type->answers.find(scene_.call.operation); answer != meaning.type->answers.end())
      append_into(output_.as_object(), json::members(scene_.fill(answer->second, resource)));
    else if (!meaning.writes.empty() && output_.as_object().empty())
      merge(answer_with(service_, operation_, *meaning.type, scene_.shown(*resource)));
    for (const auto* aspect : meaning.reads)
      if (aspect->read || aspect->one) CHECK_OK(read(*aspect, *resource));
    return {};
  }

  // Whether the caller knows the state that it changes.
  Result<> matched(const cloud::Meaning& meaning, const Resource& resource) {
    const auto* match = meaning.match();
    if (match == nullptr || scene_.value(resource, match->aspect).is_null()) return {};
    const auto& said = scene_.input(match->member);
    if (said.is_null() && match->missing.empty()) return {};
    if (said.is_null()) return fail(scene_.error(match->missing, "", &resource));
    if (said == scene_.value(resource, match->aspect)) return {};
    return fail(scene_.error(match->stale, "", &resource));
  }

  void draw_tokens(const cloud::Meaning& meaning, Resource& resource) {
    const auto* match = meaning.match();
    const auto* aspect = match == nullptr ? nullptr : meaning.type->aspect(match->aspect);
    if (aspect != nullptr) resource.set(aspect->name, scene_.fill(json::Value(aspect->token)));
  }

  Result<Resource*> existing(const cloud::ResourceType& type, const cloud::ResourceRef& ref,
                             const std::string& missing) {
    if (!type.parent.empty()) CHECK_OK(parent(type, ref.id));
    if (!missing.empty() && scene_.find(type.name, ref.id) == nullptr) {
      Resource lacking{.ref = ref};
      return fail(scene_.error(missing, "", &lacking));
    }
    auto* resource = TRY(scene_.need(type.name, ref.id));
    if (foreign(scene_, *resource)) return fail(scene_.error("AccessDenied", "", resource));
    settle(scene_, *resource);
    return resource;
  }

  // The parent of what this id names must be there.
  Result<> parent(const cloud::ResourceType& type, std::string_view id) {
    const auto* above = scene_.catalog.type(type.parent);
    if (above == nullptr) return {};
    auto parts = cloud::key_parts(type, id);
    parts.resize(std::min(parts.size(), above->key.size()));
    auto* resource = TRY(scene_.need(above->name, cloud::join_key(parts)));
    if (foreign(scene_, *resource)) return fail(scene_.error("AccessDenied", "", resource));
    return {};
  }

  // Drawn anew while there is one by that id: a world that was read from a file, or beside which another one draws
  // from the same seed, holds ids that are still to be drawn here.
  std::string chosen_id(const cloud::ResourceType& type, cloud::ResourceRef ref) {
    const auto above = ref.id.empty() ? std::string() : ref.id + cloud::key_separator;
    for (int draw = 0; draw < id_draws_max; ++draw) {
      ref.id = above + json::scalar_text(scene_.fill(json::Value(type.id)));
      if (scene_.world.find(ref) == nullptr) break;
    }
    return ref.id;
  }

  Result<> create(const cloud::Meaning& meaning, cloud::ResourceRef ref) {
    const auto& type = *meaning.type;
    if (!type.known_as.empty())
      if (const auto* there = scene_.find(type.name, scene_.text(type.known_as)))
        return fail(scene_.error(meaning.create->exists, "", there));
    if (!type.id.empty()) ref.id = chosen_id(type, ref);
    if (ref.id.empty())
      return fail(missing_member(service_, type.key.empty() ? "Name" : type.key.back()));
    if (!type.parent.empty()) CHECK_OK(parent(type, ref.id));
    auto* resource = TRY(create_resource(scene_, type, *meaning.create, ref));
    if (!meaning.create->id.empty())
      meaning.create->id.set(output_, json::Value(cloud::key_parts(type, ref.id).back()));
    merge(json::members(scene_.fill(meaning.create->output, resource)));
    return {};
  }

  Result<> remove(const cloud::Meaning& meaning, const cloud::ResourceRef& ref) {
    const auto& removal = *meaning.remove;
    if (removal.forgiving && scene_.world.find(ref) == nullptr) {
      if (!meaning.type->parent.empty()) CHECK_OK(parent(*meaning.type, ref.id));
      merge(json::members(scene_.fill(removal.output)));
      return {};
    }
    auto* resource = TRY(existing(*meaning.type, ref, removal.op.missing));
    CHECK_OK(matched(meaning, *resource));
    CHECK_OK(check_removable(scene_, removal, *resource));
    for (const auto& [name, value] : removal.shows) {
      resource->coming.erase(name);
      resource->set(name, value);
    }
    merge(json::members(scene_.fill(removal.output, resource)));
    scene_.erase(cloud::ResourceRef(resource->ref));
    return {};
  }

  // Operations that answer what they wrote (EnableEbsEncryptionByDefault) do so as the read does.
  Result<> answer_written(const cloud::Meaning& meaning, const Resource& resource) {
    for (auto [aspect, write] : meaning.writes) {
      if (!aspect->read || aspect->read->each) continue;
      if (!cloud::engages(*write, scene_.call.input) ||
          scene_.value(resource, aspect->name).is_null())
        continue;
      const auto& at = aspect->read->at;
      bool has = at.empty() ? answers_as(service_, operation_, aspect->read->op.name)
                            : cloud::shape_at(operation_.output(), at).has_value();
      if (has) CHECK_OK(read(*aspect, resource));
    }
    return {};
  }

  Result<> read(const cloud::Aspect& aspect, const Resource& resource) {
    auto value = scene_.value(resource, aspect.name);
    if (aspect.one && aspect.one->op.name == scene_.call.operation)
      return read_one(aspect, resource, value);
    if (!aspect.read) return {};
    const auto& read = read_by(aspect);
    if (!cloud::asks_for(read, scene_.call.input)) return {};
    if (read.each && read.each->name == scene_.call.operation)
      return read_entry(aspect, resource, value);
    if (value.is_null() && !read.absent.empty())
      return fail(scene_.error(read.absent, "", &resource));
    if (value.is_null())
      value = aspect.nothing ? *aspect.nothing : answers_list(read) ? json::Value(json::Array()) : json::Value();
    value = answered(aspect, std::move(value));
    if (!read.only.empty()) value = chosen(value, read.only);
    if (read.each) value = names_of(value);
    if (!read.named.empty())
      put_item(read, resource, std::move(value));
    else
      put(read.at, std::move(value), scene_.fill(read.output, &resource));
    return {};
  }

  bool answers_list(const cloud::Read& read) const {  // IAM answers an empty one, where others leave it out
    auto shape = cloud::shape_at(operation_.output(), read.at);
    return scene_.call.service == "iam" && !read.each && shape && shape->type() == model::Type::list;
  }

  Result<> read_entry(const cloud::Aspect& aspect, const Resource& resource,
                      const json::Value& value) {
    const auto& read = *aspect.read;
    auto name = json::text(read.each_name.get(json::Value(scene_.call.input)));
    auto entry = json::at(value, name);
    if (entry.is_null())
      return fail(
          scene_.error(read.each_absent.empty() ? "ResourceNotFoundException" : read.each_absent,
                       "", &resource));
    entry = answered(aspect, std::move(entry));
    echo();
    put(read.each_at, std::move(entry));
    return {};
  }

  // The way of reading that the call is.
  const cloud::Read& read_by(const cloud::Aspect& aspect) const {
    for (const auto& other : aspect.other_reads)
      if (other.op.name == scene_.call.operation) return other;
    return *aspect.read;
  }

  // One item of a set by its identity, or one entry of a map.
  Result<> read_one(const cloud::Aspect& aspect, const Resource& resource,
                    const json::Value& value) {
    const auto& read = *aspect.one;
    auto name = read.each_name.get(json::Value(scene_.call.input));
    auto found = json::at(value, json::text(name));
    for (const auto& item : json::items(value))
      if (cloud::identity(aspect, item) == name) found = item;
    if (found.is_null())
      return fail(scene_.error(read.absent.empty() ? "ResourceNotFoundException" : read.absent, "",
                               &resource));
    put(read.at, answered(aspect, std::move(found)));
    return {};
  }

  // Answers that name what was asked for say it as it was asked.
  void echo() {
    for (const auto& [name, value] : scene_.call.input)
      if (operation_.output() && operation_.output().member(name) && value.is_string())
        output_.as_object()[name] = value;
  }

  static json::Value names_of(const json::Value& map) {
    json::Array names;
    for (const auto& [name, value] : json::members(map))
      names.emplace_back(name);
    return names;
  }

  json::Value chosen(const json::Value& value, const cloud::Path& only) const {
    auto names = json::texts(only.get(json::Value(scene_.call.input)));
    if (std::ranges::find(names, "All") != names.end()) return value;
    json::Object out;
    for (const auto& name : names)
      if (const auto& member = json::at(value, name); !member.is_null()) out[name] = member;
    return out.empty() ? json::Value() : json::Value(std::move(out));
  }

  // One answer for several resources has an item for each.
  void put_item(const cloud::Read& read, const Resource& resource, json::Value value) {
    auto parts = cloud::key_parts(*scene_.catalog.type(resource.ref.type), resource.ref.id);
    json::Value item = json::Object{{read.named, parts.back()}};
    const auto& steps = read.at.steps();
    item.as_object()[steps.back().member] = value.is_null() ? json::Value(json::Array()) : std::move(value);
    auto& list = output_.as_object()[steps.front().member];
    if (!list.is_array()) list = json::Array();
    list.get_array().push_back(std::move(item));
  }

  void put(const cloud::Path& at, json::Value value, json::Value part = nullptr) {
    if (!value.is_null()) at.set(part, std::move(value));
    if (part.is_object()) merge(part.get_object());
  }

  void merge(const json::Object& more) { merge_into(output_.as_object(), more); }

  Scene& scene_;
  const model::Service& service_;
  const model::Operation& operation_;
  json::Value output_ = json::Object();
};

}  // namespace

Result<json::Object> emulate_description(Scene& scene) {
  const auto& call = scene.call;
  auto service = scene.catalog.models().service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  if (!operation || scene.catalog.meanings(call.service, call.operation).empty())
    return fail(not_implemented(call, "no service description says what it does"));
  return Describe(scene, *service, *operation).run();
}

Result<json::Object> emulate(Scene& scene) {
  const auto& call = scene.call;
  auto service = scene.catalog.models().service(call.service);
  if (!service) return fail(not_implemented(call, "there is no such service"));
  auto operation = service->operation(call.operation);
  if (!operation || operation->name() != call.operation)
    return fail(not_implemented(call, "the service has no such operation"));
  CHECK_OK(check_input(*service, *operation, call.input));
  CHECK_OK(check_demands(scene));

  // Of the hooks that there are, those that this description names.
  const auto* description = scene.catalog.service(call.service);
  static const cloud::Hooks none;
  const auto& named = description == nullptr ? none : description->hooks;
  const auto& hooks = Hooks::all();
  auto name = call.name();
  auto wanted = [&](const std::vector<std::string>& operations) {
    return std::ranges::find(operations, call.operation) != operations.end();
  };
  const auto* check = wanted(named.check) ? hooks.find_check(name) : nullptr;
  if (check != nullptr) CHECK_OK((*check)(scene));
  const auto* whole = wanted(named.emulate) ? hooks.find_emulate(name) : nullptr;
  auto output = TRY(whole != nullptr ? (*whole)(scene) : emulate_description(scene));
  const auto* finish = wanted(named.finish) ? hooks.find_finish(name) : nullptr;
  if (finish != nullptr) CHECK_OK((*finish)(scene, output));
  if (whole != nullptr) CHECK_OK(cut_whole(scene, *operation, output));
  // Everything was tried, and nothing stays of it.
  if (service->protocol() == model::Protocol::ec2 && json::truth(scene.input("DryRun")))
    return fail(service_error("DryRunOperation", dry_run_status,
                              "Request would have succeeded, but DryRun flag is set."));
  if (!operation->output()) return json::Object();
  return std::move(only_described(operation->output(), output).as_object());
}

}  // namespace aright::sandbox
