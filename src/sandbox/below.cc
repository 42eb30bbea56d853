#include "sandbox/below.h"

#include <algorithm>
#include <limits>

#include "aws/client.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/reading.h"
#include "cloud/snapshot.h"
#include "cloud/template.h"
#include "sandbox/window.h"

namespace aright::sandbox {

namespace {

// Changes that wait for a maintenance window. A rehearsal is over before it opens.
void take_pending(const cloud::Aspect& aspect, const json::Value& item, json::Value& rest, Resource& resource) {
  for (const auto& write : aspect.writes) {
    if (!write.pending || write.pending->get(item).is_null()) continue;
    constexpr Timestamp never{std::numeric_limits<std::int64_t>::max()};
    resource.coming[aspect.name] = {.to = cloud::normal(aspect, write.pending->get(item)), .due = never};
    write.pending->erase(rest);
  }
}

// What is an aspect's is no part of the record.
void take_out(const cloud::Aspect& aspect, json::Value& rest) {
  aspect.shown->erase(rest);
  auto* item = rest.if_object();
  if (!aspect.shown->empty() || item == nullptr) return;
  for (const auto& name : aspect.members)
    item->erase(name);
}

// What the description says of every resource alike. Views may ask for it and not show it: an alarm's type.
json::Object always_in_record(const cloud::ResourceType& type, const cloud::ResourceRef& ref) {
  json::Object out;
  auto known = cloud::lookup_of(type, ref);
  for (const auto& [name, form] : type.record) {
    auto asked = cloud::placeholders(form);
    if (std::ranges::all_of(asked, [&](const std::string& one) { return !known(one).is_null(); }))
      out[name] = cloud::fill(form, known);
  }
  return out;
}

// An answer that would be the same if asked again now.
bool settled(const Result<json::Object>& answer) {
  if (answer) return true;
  const auto& error = answer.error();
  return error.retry == Retry::never && error.code != Errc::throttled && error.http_status >= 400 &&
         error.http_status < 500;
}

}  // namespace

Result<json::Object> Remembering::call(const aws::Call& call, const Context& context) {
  auto key = fmt::format("{} {} {} {}", call.name(), call.account, call.region,
                         json::canonical(call.input));
  if (auto known = answers_.find(key); known != answers_.end()) return known->second;
  auto answer = below_.call(call, context);
  if (settled(answer)) answers_.emplace(std::move(key), answer);
  return answer;
}

// A value that will be another one by itself. When it became what it is nobody tells: it is given the whole time.
void Below::take_course(const cloud::Aspect& aspect, Resource& resource) const {
  const auto& value = resource.aspect(aspect.name);
  if (value.is_null() || resource.coming.contains(aspect.name)) return;
  if (!aspect.becomes.is_null() && aspect.initial && value == *aspect.initial)
    resource.coming[aspect.name] = {.to = aspect.becomes, .due = began_ + aspect.becomes_after};
  for (const auto& write : aspect.writes)
    if (!write.via.is_null() && value == write.via)
      resource.coming[aspect.name] = {.to = write.to, .due = began_ + write.after};
}

void Below::take_shown(const cloud::ResourceType& type, const json::Value& item,
                       Resource& resource) const {
  json::Value rest = item;
  for (const auto& aspect : type.aspects) {
    if (!aspect.shown || shows_pending(aspect)) continue;
    auto value = aspect.shown->get(item);
    if (aspect.url_encoded) value = cloud::percent_decoded(value);
    if (!aspect.read || !value.is_null()) resource.set(aspect.name, cloud::normal(aspect, std::move(value)));
    take_out(aspect, rest);
    take_pending(aspect, item, rest, resource);
    take_course(aspect, resource);
  }
  resource.record = always_in_record(type, resource.ref);
  for (auto& [name, member] : json::members(rest)) resource.record[name] = member;
}

Result<std::optional<Resource>> Below::read(const cloud::ResourceType& type,
                                            const cloud::ResourceRef& ref) {
  Resource resource{.ref = ref};
  cloud::Reading reading(reader_, type, ref, context_, catalog_);
  auto shown = reading.shown();
  if (!shown && !cloud::says_denied(shown.error())) return fail(shown.error());
  if (shown && *shown) take_shown(type, **shown, resource);
  const bool by_address = type.id.starts_with("{endpoint}");  // which a list may write otherwise
  bool listed = type.list && type.glances.empty() && !by_address;
  bool certain = shown && (*shown || type.get || listed);
  bool there = type.singleton || (shown && *shown);
  if (certain && !there) return std::optional<Resource>();
  for (const auto& aspect : type.aspects) {
    if (!aspect.read || aspect.read->elsewhere) continue;
    auto value = reading.aspect(aspect);
    if (value) {
      resource.set(aspect.name, std::move(*value));
      there = true;
    } else if (value.error().code == Errc::not_found) {
      return std::optional<Resource>();
    } else if (cloud::says_denied(value.error())) {
      unreadable_.insert_or_assign({place_of(catalog_, ref), aspect.name}, value.error());
    } else {
      return wrap(value.error(), "reading {} of {} {}", aspect.name, type.name, ref.id);
    }
  }
  if (!there) there = TRY(reading.exists());
  if (!there) return std::optional<Resource>();
  if (type.region) {
    cloud::Aspect where{.type = &type, .read = type.region};
    auto location = TRY(reading.aspect(where));
    resource.ref.region = json::text(location, cloud::home_region(ref.region));
    json::Value record = std::move(resource.record);
    if (!location.is_null()) type.region->at.set(record, location);
    resource.record = std::move(record.as_object());
  }
  return std::optional(std::move(resource));
}

std::optional<Resource> Below::fetch(const cloud::ResourceRef& ref) {
  const auto* type = catalog_.type(ref.type);
  if (type == nullptr || !cloud::names_one(*type, ref)) return std::nullopt;
  auto resource = read(*type, ref);
  if (!resource) {
    if (!failure_) failure_ = resource.error();
    return std::nullopt;
  }
  if (*resource) originals_.insert_or_assign(place_of(catalog_, ref), **resource);
  return std::move(*resource);
}

Result<std::vector<Resource>> Below::list(const cloud::ResourceType& type,
                                          const cloud::ResourceRef& here) {
  std::vector<Resource> out;
  if (!type.list) return out;
  auto parts = cloud::key_parts(type, here.id);
  std::string before;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    before += parts[i] + cloud::key_separator;
  auto parent = here;
  parent.id = before;
  auto take = [&](std::string id, const json::Value& item) -> Result<> {
    if (out.size() >= collection_max)
      return fail(Errc::unsupported, "there are more than {} {}: too many for a rehearsal", collection_max, type.name);
    Resource resource{.ref = parent};
    resource.ref.id = std::move(id);
    take_shown(type, item, resource);
    out.push_back(std::move(resource));
    return {};
  };
  CHECK_OK(cloud::each_item(reader_, type, parent, context_, catalog_, take));
  return out;
}

// Children are listed parent by parent.
std::vector<Resource> Below::below_all_parents(const cloud::ResourceType& type, const cloud::ResourceRef& here) {
  std::vector<Resource> out;
  auto parents = cloud::list_resources(reader_, type.parent, here.account, here.region, context_, catalog_);
  if (!parents && !failure_) failure_ = parents.error();
  if (!parents) return out;
  for (auto& parent : *parents) {
    parent.type = type.name;
    parent.id += cloud::key_separator;
    std::ranges::move(sketch(parent), std::back_inserter(out));
  }
  return out;
}

std::vector<Resource> Below::sketch(const cloud::ResourceRef& here) {
  const auto* type = catalog_.type(here.type);
  if (type == nullptr || type->singleton) return {};
  if (type->lone) {
    auto one = here;
    one.id = here.account;
    auto found = fetch(one);
    return found ? std::vector{std::move(*found)} : std::vector<Resource>();
  }
  if (!type->parent.empty() && here.id.empty()) return below_all_parents(*type, here);
  auto listed = list(*type, here);
  if (listed) return std::move(*listed);
  bool gone = !type->parent.empty() && cloud::says_missing(*type, listed.error(), catalog_);
  if (!gone && !failure_)
    failure_ = Error(wrap(listed.error(), "listing {}", type->name).error());
  return {};
}

const Resource* Below::original(const cloud::ResourceRef& ref) const {
  auto found = originals_.find(place_of(catalog_, ref));
  return found == originals_.end() ? nullptr : &found->second;
}

const Error* Below::unreadable(const cloud::ResourceRef& ref, std::string_view aspect) const {
  auto found = unreadable_.find({place_of(catalog_, ref), std::string(aspect)});
  return found == unreadable_.end() ? nullptr : &found->second;
}

}  // namespace aright::sandbox
