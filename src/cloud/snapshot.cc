#include "cloud/snapshot.h"

#include <algorithm>

#include "aws/client.h"
#include "cloud/locate.h"
#include "cloud/reading.h"
#include "cloud/shapers.h"

namespace aright::cloud {

namespace {

constexpr std::string_view account_type = "AWS::::Account";

void add_tags(const json::Value& value, std::map<std::string, std::string>& tags) {
  for (const auto& [key, member] : json::members(value))
    tags[key] = json::scalar_text(member);
  for (const auto& item : json::items(value)) {
    auto [key, member] = tag_of(item);
    tags[key] = std::move(member);
  }
}

void place(const Aspect& aspect, const json::Value& value, Snapshot& snapshot) {
  if (aspect.tags) add_tags(value, snapshot.tags);
  if (aspect.hidden || value.is_null()) return;
  auto& where = aspect.fact ? snapshot.facts : snapshot.properties;
  auto property = shaped(aspect.shape, value);
  if (property.is_null()) return;
  if (!aspect.shape.spread) {
    where[aspect.name] = std::move(property);
    return;
  }
  for (auto& [name, member] : property.as_object())
    where[name] = member;
}

bool names(const std::vector<std::string>& aspects, std::string_view aspect) {
  constexpr std::string_view facts = "Facts.";
  return std::ranges::any_of(aspects, [&](std::string_view name) {
    if (name.starts_with(facts)) name.remove_prefix(facts.size());
    return name == aspect;
  });
}

bool is_wanted(const std::vector<std::string>& aspects, const Aspect& aspect) {
  return aspects.empty() ? !aspect.hidden : names(aspects, aspect.name);
}

// Some services say of an aspect that there is none with the words for a resource that is gone.
bool tells_of_resource(const ResourceType& type, const Aspect& aspect, const json::Value& value) {
  return !value.is_null() || !aspect.read ||
         std::ranges::find(type.missing, aspect.read->absent) == type.missing.end();
}

// Reads what is wanted of one type into the snapshot. How many aspects could be read is added to
// `read`.
Result<> read_into(Snapshot& snapshot, aws::Caller& caller, const ResourceType& type,
                   const ResourceRef& ref, const std::vector<std::string>& aspects,
                   const Context& context, const Catalog& catalog) {
  Reading reading(caller, type, ref, context, catalog);
  bool read_any = false;
  for (const auto& aspect : type.aspects) {
    if (!is_wanted(aspects, aspect)) continue;
    auto value = reading.aspect(aspect);
    if (value) {
      place(aspect, *value, snapshot);
      read_any = read_any || tells_of_resource(type, aspect, *value);
    } else if (says_denied(value.error())) {
      snapshot.unreadable[aspect.name] = value.error().text();
    } else {
      return fail(value.error());
    }
  }
  if (read_any) return {};
  auto exists = reading.exists();
  if (!exists && says_denied(exists.error())) return {};
  if (!exists) return fail(exists.error());
  return *exists ? Result<>() : fail(Errc::not_found, "{} {} does not exist", ref.type, ref.id);
}

// The pseudo-resource of an account: the facts of everything that there is one of per account or
// region.
Result<> read_account(Snapshot& snapshot, aws::Caller& caller,
                      const std::vector<std::string>& aspects, const Context& context,
                      const Catalog& catalog) {
  for (const auto* type : catalog.types()) {
    if (!type->account_fact) continue;
    if (std::ranges::none_of(type->aspects, [&](const Aspect& a) { return is_wanted(aspects, a); }))
      continue;
    auto ref = at_home(
        *type, {snapshot.ref.account, snapshot.ref.region, type->name, snapshot.ref.account});
    Snapshot part{.ref = ref};
    CHECK_OK(read_into(part, caller, *type, ref, aspects, context, catalog));
    for (auto& [name, value] : part.properties)
      snapshot.facts[name] = value;
    for (auto& [name, value] : part.facts)
      snapshot.facts[name] = value;
    snapshot.unreadable.merge(part.unreadable);
  }
  return {};
}

}  // namespace

Snapshot Snapshot::seen_by(const std::vector<std::string>& aspects) const {
  auto out = *this;
  if (!aspects.empty()) std::erase_if(out.unreadable, [&](const auto& one) { return !names(aspects, one.first); });
  return out;
}

json::Object Snapshot::document() const {
  json::Object all = properties;
  if (!facts.empty()) all["Facts"] = facts;
  return {{"Type", ref.type}, {"Properties", std::move(all)}};
}

Result<Snapshot> read_snapshot(aws::Caller& caller, const ResourceRef& ref,
                               const std::vector<std::string>& aspects, const Clock& clock,
                               const Context& context, const Catalog& catalog) {
  Snapshot snapshot{.ref = ref, .arn = catalog.arn(ref), .time = clock.now()};
  if (ref.type == account_type) {
    snapshot.arn = fmt::format("arn:{}:iam::{}:root", aws::partition_of(ref.region), ref.account);
    CHECK_OK(read_account(snapshot, caller, aspects, context, catalog));
    return snapshot;
  }
  const auto* type = catalog.type(ref.type);
  if (type == nullptr) return fail(Errc::unsupported, "{} is in no service description", ref.type);
  CHECK_OK(read_into(snapshot, caller, *type, ref, aspects, context, catalog));
  return snapshot;
}

namespace {

// Whether a partition-wide resource stands in this region. One that does not let us ask is taken to stand in each: that
// it cannot be read is then told when it is, and it hides neither itself nor the others.
Result<bool> stands_in(aws::Caller& caller, const ResourceRef& ref, std::string_view region, const Context& context,
                       const Catalog& catalog) {
  const auto* type = catalog.type(ref.type);
  if (!type->region) return true;
  Aspect where{.type = type, .read = type->region};
  auto answered = Reading(caller, *type, ref, context, catalog).aspect(where);
  if (!answered && answered.error().code == Errc::not_found) return false;  // it vanished meanwhile
  if (!answered && says_denied(answered.error())) return true;
  if (!answered) return fail(answered.error());
  auto real = json::text(*answered);
  return (real.empty() ? home_region(region) : real) == region;
}

}  // namespace

Result<> each_resource(aws::Caller& caller, std::string_view type_name, std::string_view account,
                       std::string_view region, const Context& context,
                       const std::function<Result<>(ResourceRef)>& found, const Catalog& catalog) {
  ResourceRef here{.account = std::string(account),
                   .region = std::string(region),
                   .type = std::string(type_name)};
  if (type_name == account_type) {
    here.id = here.account;
    return found(std::move(here));
  }
  const auto* type = catalog.type(type_name);
  if (type == nullptr) return fail(Errc::unsupported, "{} is in no service description", type_name);
  auto below = [&](const ResourceRef& parent) {
    return each_id(caller, *type, parent, context, catalog, [&](std::string id) -> Result<> {
      ResourceRef ref{parent.account, parent.region, type->name, std::move(id)};
      bool here_too = TRY(stands_in(caller, ref, region, context, catalog));
      return here_too ? found(std::move(ref)) : Result<>();
    });
  };
  if (type->parent.empty()) return below(at_home(*type, here));
  // Children are listed parent by parent.
  return each_resource(caller, type->parent, account, region, context, [&](ResourceRef parent) -> Result<> {
    parent.id += key_separator;
    parent.type = type->name;
    return below(parent);
  }, catalog);
}

Result<std::vector<ResourceRef>> list_resources(aws::Caller& caller, std::string_view type, std::string_view account,
                                                std::string_view region, const Context& context,
                                                const Catalog& catalog) {
  std::vector<ResourceRef> out;
  CHECK_OK(each_resource(caller, type, account, region, context, [&](ResourceRef ref) -> Result<> {
    out.push_back(std::move(ref));
    return {};
  }, catalog));
  return out;
}

Result<> each_naming(aws::Caller& caller, std::string_view type_name, const Path& by, const ResourceRef& other,
                     const Context& context, const std::function<Result<>(ResourceRef)>& found,
                     const Catalog& catalog) {
  const auto* type = catalog.type(type_name);
  if (type == nullptr) return fail(Errc::unsupported, "{} is in no service description", type_name);
  auto here = at_home(*type, {other.account, other.region, type->name, ""});
  bool child = !type->parent.empty() && type->parent == other.type;
  auto narrowed = type->parent.empty() ? narrowing(*type, by, other) : json::Object();
  if (!child && narrowed.empty())
    return each_resource(caller, type_name, here.account, here.region, context, found, catalog);
  if (child) here.id = other.id + key_separator;
  auto one = [&](std::string id) { return found({here.account, here.region, type->name, std::move(id)}); };
  return each_id(caller, *type, here, context, catalog, one, narrowed);
}

json::Object to_json(const Snapshot& snapshot) {
  json::Object tags, unreadable;
  for (const auto& [key, value] : snapshot.tags)
    tags[key] = value;
  for (const auto& [aspect, why] : snapshot.unreadable)
    unreadable[aspect] = why;
  return {{"resource", to_json(snapshot.ref)},
          {"arn", snapshot.arn},
          {"tags", std::move(tags)},
          {"time", snapshot.time.iso()},
          {"properties", snapshot.properties},
          {"facts", snapshot.facts},
          {"unreadable", std::move(unreadable)}};
}

Result<Snapshot> snapshot_from_json(const json::Value& value) {
  Snapshot snapshot;
  snapshot.ref = TRY(ref_from_json(json::at(value, "resource")));
  snapshot.arn = json::text(value, "arn", "");
  snapshot.time = TRY(parse_timestamp(json::text(value, "time", "")));
  snapshot.properties = json::members(json::at(value, "properties"));
  snapshot.facts = json::members(json::at(value, "facts"));
  for (const auto& [key, tag] : json::members(json::at(value, "tags")))
    snapshot.tags[key] = json::text(tag);
  for (const auto& [aspect, why] : json::members(json::at(value, "unreadable")))
    snapshot.unreadable[aspect] = json::text(why);
  return snapshot;
}

}  // namespace aright::cloud
