#include "cloud/reading.h"

#include <algorithm>

#include "aws/client.h"
#include "base/text.h"
#include "cloud/effect.h"
#include "cloud/locate.h"

namespace aright::cloud {

bool says_missing(const ResourceType& type, const Error& error, const Catalog& catalog) {
  if (std::ranges::find(type.missing, error.wire_code) != type.missing.end()) return true;
  if (!type.malformed.empty() && error.wire_code == type.malformed) return true;
  const auto* parent = type.parent.empty() ? nullptr : catalog.type(type.parent);
  return parent != nullptr && says_missing(*parent, error, catalog);
}

namespace {

bool is_gone(const View& view, const json::Value& item) {
  return std::ranges::any_of(view.gone, [&](const auto& gone) {
    auto path = Path::parse(gone.first);
    if (!path) return false;
    return std::ranges::find(gone.second, json::scalar_text(path->get(item))) != gone.second.end();
  });
}

}  // namespace

bool says_denied(const Error& error) {
  return error.code == Errc::denied || error.http_status == 403 ||
         error.wire_code.starts_with("AccessDenied") || error.wire_code == "UnauthorizedOperation";
}

json::Value percent_decoded(const json::Value& value) {
  if (value.is_string()) return json::Value(percent_decode(value.get_string()));
  if (const auto* object = value.if_object()) {
    json::Object out;
    for (const auto& [name, member] : *object)
      out[name] = percent_decoded(member);
    return out;
  }
  if (const auto* array = value.if_array()) {
    json::Array out;
    for (const auto& item : *array)
      out.push_back(percent_decoded(item));
    return out;
  }
  return value;
}

Reading::Reading(aws::Caller& caller, const ResourceType& type, ResourceRef ref,
                 const Context& context, const Catalog& catalog)
    : caller_(caller), type_(type), ref_(std::move(ref)), context_(context), catalog_(catalog) {}

Result<json::Value> Reading::answer(const Operation& op, const std::string& absent,
                                    const Path& at) {
  auto call = address(type_, op, ref_);
  auto key = op.name + json::print(call.input);
  auto known = answers_.find(key);
  if (known == answers_.end()) known = answers_.emplace(key, caller_.call(call, context_)).first;
  const auto& output = known->second;
  if (output) return at.get(json::Value(*output));
  if (!absent.empty() && output.error().wire_code == absent) return json::Value();
  if (says_missing(type_, output.error(), catalog_)) {
    Error error = output.error();
    error.code = Errc::not_found;
    return fail(std::move(error));
  }
  // An aspect that is absent in a way no description knows must not pass for a resource that is
  // gone.
  if (output.error().code == Errc::not_found)
    return fail(Errc::unsupported, "{} answered {}, which its description does not explain",
                op.name, output.error().text());
  return fail(output.error());
}

Result<std::optional<json::Value>> Reading::find_in_list() {
  const auto& list = *type_.list;
  auto parent_call = address(type_, list.op, ref_);
  auto narrowed = fill(list.one, lookup_of(type_, ref_));
  for (const auto& [name, member] : json::members(narrowed))
    parent_call.input[name] = member;

  std::optional<json::Value> found;
  auto page = [&](const json::Object& output) {
    json::Value root = output;
    for (const auto* item : list.at.select(root)) {
      if (listed_id(type_, list, ref_, *item) == ref_.id && !is_gone(list, *item)) found = *item;
    }
    return !found;
  };
  auto paged = aws::paginate(caller_, catalog_.models(), std::move(parent_call), context_, page);
  if (paged) return found;
  if (says_missing(type_, paged.error(), catalog_)) return std::optional<json::Value>();
  return fail(paged.error());
}

Result<std::optional<json::Value>> Reading::show() {
  if (!type_.get) return type_.list ? find_in_list() : std::optional<json::Value>();
  auto item = answer(type_.get->op, "", type_.get->at);
  bool left_out = item && item->is_null() && !type_.get->at.empty();  // rather than refused
  if (left_out) return std::optional<json::Value>();
  if (item) return std::optional<json::Value>(std::move(*item));
  if (item.error().code == Errc::not_found) return std::optional<json::Value>();
  return fail(item.error());
}

Result<std::optional<json::Value>> Reading::shown() {
  if (!shown_) shown_ = show();
  return *shown_;
}

Result<bool> Reading::exists() {
  if (type_.singleton) return true;
  if (!type_.get && !type_.glances.empty()) {
    auto glance = answer(type_.glances.front().op, "", {});
    if (glance) return true;
    if (glance.error().code == Errc::not_found) return false;
    return fail(glance.error());
  }
  if (!type_.get && !type_.list) return true;
  auto item = TRY(shown());
  return item.has_value();
}

Result<json::Value> Reading::entries(const Aspect& aspect, const json::Value& names) {
  json::Object out;
  for (const auto& name : json::items(names)) {
    auto call = address(type_, *aspect.read->each, ref_);
    json::Value input = std::move(call.input);
    aspect.read->each_name.set(input, name);
    call.input = std::move(input.as_object());
    auto entry = TRY(caller_.call(call, context_));
    out[json::text(name)] = aspect.read->each_at.get(json::Value(std::move(entry)));
  }
  return out;
}

Result<json::Value> Reading::aspect(const Aspect& aspect) {
  json::Value value;
  if (aspect.read) {
    const auto& read = *aspect.read;
    if (read.elsewhere && read.at.many()) {
      json::Value whole = TRY(answer(read.op, read.absent, {}));
      json::Array all;
      for (const auto* item : read.at.select(whole))
        all.push_back(*item);
      value = std::move(all);
    } else {
      value = TRY(answer(read.op, read.absent, read.at));
    }
    if (aspect.read->each) value = TRY(entries(aspect, value));
  } else {
    auto item = TRY(shown());
    if (!item) return fail(Errc::not_found, "{} {} does not exist", type_.name, ref_.id);
    value = aspect.shown->get(*item);
  }
  if (aspect.url_encoded) value = percent_decoded(value);
  return normal(aspect, std::move(value));
}

Result<json::Value> Reading::ahead(const Aspect& aspect) {
  auto value = TRY(this->aspect(aspect));
  if (!aspect.shown || aspect.read) return value;
  auto item = TRY(shown());
  for (const auto& write : aspect.writes)
    if (item && write.pending && !write.pending->get(*item).is_null())
      return normal(aspect, write.pending->get(*item));
  return value;
}

Result<> each_item(aws::Caller& caller, const ResourceType& type, const ResourceRef& here, const Context& context,
                   const Catalog& catalog, const std::function<Result<>(std::string, const json::Value&)>& found,
                   const json::Object& narrowed) {
  if (!type.list) return fail(Errc::unsupported, "{} cannot be listed", type.name);
  auto call = address(type, type.list->op, here);
  for (const auto& [name, member] : narrowed) call.input[name] = member;
  bool by_owner = std::ranges::any_of(type.list->of, [&](const auto& of) { return narrowed.contains(of.second); });
  std::string inside;  // the member that names the one of the same type, where they stand in each other
  for (const auto& [owner, member] : type.list->of)
    if (owner == type.name) inside = member;
  std::vector<std::string> unseen;
  Result<> went;  // what `found` said last
  auto page = [&](const json::Object& output) {
    const json::Value root = output;
    for (const auto* item : type.list->at.select(root)) {
      auto id = listed_id(type, *type.list, here, *item);
      if (!inside.empty()) unseen.push_back(id);
      auto whole = *item;
      for (const auto& [owner, member] : type.list->of)
        if (auto* members = whole.if_object(); members != nullptr && !members->contains(member))
          (*members)[member] = json::at(call.input, member);
      went = found(std::move(id), whole);
      if (!went) return false;
    }
    return true;
  };
  auto list = [&]() -> Result<> {
    CHECK_OK(aws::paginate(caller, catalog.models(), call, context, page));
    return went;
  };
  if (type.list->of.empty() || by_owner) return list();
  for (const auto& [name, member] : type.list->of) {
    const auto* owner = catalog.type(name);
    if (owner == nullptr || owner == &type) continue;
    ResourceRef above{.account = here.account, .region = here.region, .type = owner->name};
    CHECK_OK(each_id(caller, *owner, above, context, catalog, [&](std::string one) -> Result<> {
      call.input[member] = std::move(one);
      return list();
    }));
    call.input.erase(member);
  }
  while (!unseen.empty()) {
    call.input[inside] = unseen.back();
    unseen.pop_back();
    CHECK_OK(list());
  }
  return {};
}

Result<> each_id(aws::Caller& caller, const ResourceType& type, const ResourceRef& here, const Context& context,
                 const Catalog& catalog, const std::function<Result<>(std::string)>& found,
                 const json::Object& narrowed) {
  if (!type.ids.empty()) {
    for (const auto& [id, values] : type.ids) CHECK_OK(found(id));
    return {};
  }
  if (type.singleton) return found(here.account);
  if (type.lone) {
    ResourceRef one{here.account, here.region, type.name, here.account};
    bool there = TRY(Reading(caller, type, std::move(one), context, catalog).exists());
    return there ? found(here.account) : Result<>();
  }
  auto there = [&](std::string id, const json::Value& item) -> Result<> {
    return is_gone(*type.list, item) ? Result<>() : found(std::move(id));
  };
  return each_item(caller, type, here, context, catalog, there, narrowed);
}

namespace {

// Where an item of the list holds what a snapshot holds at `by`; nothing when it is no part of an item as it stands.
std::optional<Path> item_path(const ResourceType& type, const Path& by) {
  std::string place, each;
  auto step = by.steps().begin();
  if (step != by.steps().end() && step->member == "Facts") ++step;
  if (step == by.steps().end()) return std::nullopt;
  const auto* aspect = type.aspect(step->member);
  if (aspect == nullptr || !aspect->shown || aspect->read) return std::nullopt;
  place = aspect->shown->str();
  if (step->each && !place.ends_with("[]")) place += "[]";
  if (!aspect->each.empty()) place += "." + aspect->each;
  for (++step; step != by.steps().end(); ++step) place += "." + step->member + (step->each ? "[]" : "");
  auto path = Path::parse(place);
  return path ? std::optional(std::move(*path)) : std::nullopt;
}

}  // namespace

json::Object narrowing(const ResourceType& type, const Path& by, const ResourceRef& other) {
  if (!type.list) return {};
  const auto& list = *type.list;
  for (const auto& [owner, member] : list.of)
    if (owner == other.type) return {{member, other.id}};
  auto place = item_path(type, by);
  if (!place) return {};
  const json::Value id(other.id);
  for (const auto& filter : list.filters) {
    json::Value input = json::Object();
    if (filter.kind == View::Filter::Kind::equals && filter.item == *place) filter.input.set(input, id);
    if (filter.kind == View::Filter::Kind::any && filter.item == *place) filter.input.set(input, json::Array{id});
    for (const auto& [name, path] : filter.names)
      if (path == *place)
        filter.input.set(input, json::Array{json::Object{{"Name", name}, {"Values", json::Array{id}}}});
    if (!input.as_object().empty()) return std::move(input.as_object());
  }
  return {};
}

Result<std::vector<std::string>> list_ids(aws::Caller& caller, const ResourceType& type,
                                          const ResourceRef& here, const Context& context,
                                          const Catalog& catalog) {
  std::vector<std::string> ids;
  CHECK_OK(each_id(caller, type, here, context, catalog, [&](std::string id) -> Result<> {
    ids.push_back(std::move(id));
    return {};
  }));
  return ids;
}

}  // namespace aright::cloud
