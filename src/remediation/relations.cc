#include "remediation/relations.h"

#include <algorithm>
#include <utility>

#include "cloud/locate.h"
#include "cloud/reading.h"
#include "rules/related.h"

namespace aright::remediation {

namespace {

// Where resources of a type are that stand beside one in this place: those of IAM in the account's home.
cloud::ResourceRef home_of(const std::string& type_name, const cloud::ResourceRef& place,
                           const cloud::Catalog& catalog) {
  cloud::ResourceRef ref{place.account, place.region, type_name, ""};
  const auto* type = catalog.type(type_name);
  return type ? cloud::at_home(*type, std::move(ref)) : ref;
}

std::string place_key(const cloud::ResourceRef& ref) {
  return fmt::format("{}/{}/{}", ref.account, ref.region, ref.type);
}

std::string name_key(const cloud::ResourceRef& ref, const rules::Related& related) {
  return fmt::format("{} {}", place_key(ref), related.by);
}

bool tells_ids(const rules::Related& related) { return !related.ids.empty() || !related.same.empty(); }

// What is not there is not seen; what may not be seen is not known.
bool lasting(const Error& error) { return cloud::says_denied(error) || error.code == Errc::unsupported; }

}  // namespace

const std::vector<std::shared_ptr<const cloud::Snapshot>>& RelationIndex::naming(const rules::Related& related,
                                                                                 const cloud::Snapshot& judged) const {
  static const std::vector<std::shared_ptr<const cloud::Snapshot>> none;
  auto key = name_key(home_of(related.type, judged.ref, cloud::Catalog::embedded()), related);
  for (const auto& name : related.by.empty() ? std::vector<std::string>{""} : std::vector{judged.ref.id, judged.arn})
    if (auto found = by_name_.find({key, name}); found != by_name_.end()) return found->second;
  return none;
}

std::string RelationIndex::unknown(const rules::Related& related, const cloud::ResourceRef& judged) const {
  auto found = unknown_.find(place_key(home_of(related.type, judged, cloud::Catalog::embedded())));
  return found == unknown_.end() ? "" : found->second;
}

Result<> Relations::see(const rules::Related& related, const cloud::Snapshot& judged, const Context& context,
                        aws::Caller* through, Beside& out) const {
  auto home = home_of(related.type, judged.ref, catalog_);
  auto reader = gateway_.reader(home.account, home.region);
  auto& door = through ? *through : *reader;
  auto aspects = rules::aspects_beside(related);
  auto one = [&](cloud::ResourceRef ref) -> Result<> {
    auto snapshot = cloud::read_snapshot(door, ref, aspects, clock_, context, catalog_);
    if (!snapshot && snapshot.error().code == Errc::not_found) return {};
    if (!snapshot) return fail(snapshot.error());
    if (!related.by.empty()) {
      auto names = rules::names_in(related, *snapshot);
      if (!through) remember(name_key(ref, related) + " " + ref.id, names);
      if (!rules::names_it(names, judged)) return {};
    }
    if (out.seen.size() >= beside_max)
      return fail(Errc::unsupported, "more than {} of {} stand beside it", beside_max, related.type);
    out.seen.push_back(std::move(*snapshot));
    return {};
  };
  Result<> seen;
  if (auto ids = rules::ids_beside(related, judged, catalog_)) {
    for (const auto& id : *ids)
      if (seen) seen = one({home.account, home.region, related.type, id});
  } else if (related.by.empty()) {
    seen = cloud::each_resource(door, related.type, home.account, home.region, context, one, catalog_);
  } else {
    auto by = TRY(cloud::Path::parse(related.by));
    seen = cloud::each_naming(door, related.type, by, judged.ref, context, one, catalog_);
  }
  if (seen) return {};
  if (!lasting(seen.error())) return fail(seen.error());
  out.unknown = fmt::format("{} beside it could not be read: {}", related.type, seen.error().text());
  return {};
}

Result<Beside> Relations::beside(const rules::Rule& rule, const cloud::Snapshot& judged, const Context& context,
                                 const Sight& sight) const {
  const auto* index = sight.index;
  Beside out;
  for (const auto& related : rule.related) {
    if (!index || tells_ids(related)) {
      CHECK_OK(see(related, judged, context, sight.through, out));
    } else if (auto why = index->unknown(related, judged.ref); !why.empty()) {
      out.unknown = fmt::format("{} beside it could not be read: {}", related.type, why);
    } else {
      auto aspects = rules::aspects_beside(related);  // other relations may have had more of them read
      for (const auto& other : index->naming(related, judged)) out.seen.push_back(other->seen_by(aspects));
    }
    if (!out.unknown.empty()) break;
  }
  return out;
}

Result<RelationIndex> Relations::read(const std::vector<const rules::Rule*>& rules,
                                      const std::vector<inventory::Place>& places, const Context& context) const {
  RelationIndex out;
  std::map<std::string, inventory::Want> wants;
  std::map<std::string, std::map<std::string, const rules::Related*>> relations;  // by type and Related::by
  for (const auto* rule : rules)
    for (const auto& related : rule->related) {
      if (tells_ids(related)) continue;
      auto aspects = rules::aspects_beside(related);
      auto [want, fresh] = wants.try_emplace(related.type, inventory::Want{related.type, aspects});
      // One that reads all aspects makes that all of them are read.
      if (aspects.empty()) want->second.aspects.clear();
      else if (!fresh && !want->second.aspects.empty())
        want->second.aspects.insert(want->second.aspects.end(), aspects.begin(), aspects.end());
      relations[related.type].emplace(related.by, &related);
    }
  if (wants.empty() || places.empty()) return out;
  std::vector<inventory::Want> list;
  for (auto& [type, want] : wants) list.push_back(std::move(want));
  auto seen = [&](const cloud::Snapshot& snapshot) {
    auto shared = std::make_shared<const cloud::Snapshot>(snapshot);
    for (const auto& [by, related] : relations[snapshot.ref.type]) {
      auto key = name_key(snapshot.ref, *related);
      auto names = by.empty() ? std::vector<std::string>{""} : rules::names_in(*related, snapshot);
      if (!by.empty()) remember(key + " " + snapshot.ref.id, names);
      for (const auto& name : names) out.by_name_[{key, name}].push_back(shared);
    }
  };
  auto reader = gateway_.reader(places[0].account, places[0].region);  // each call names its own
  auto report = TRY(inventory::scan(*reader, places, list, clock_, context, {.seen = seen, .progress = {}},
                                    gateway_.time_is_virtual() ? 1 : inventory::readers_max));
  for (const auto& gap : report.gaps) out.unknown_[place_key(home_of(gap.where.type, gap.where, catalog_))] = gap.why;
  if (report.gaps_unnamed > 0) return fail(Errc::unavailable, "too much of what rules see beside could not be read");
  return out;
}

std::vector<std::string> Relations::Names::all() const {
  auto out = now;
  for (const auto& name : before)
    if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  return out;
}

std::vector<std::string> Relations::remember(const std::string& key, const std::vector<std::string>& names) const {
  std::lock_guard lock(mutex_);
  auto known = remembered_.find(key);
  if (known == remembered_.end()) {
    if (remembered_.size() < remembered_max) remembered_.emplace(key, Names{.now = names, .before = {}});
    return names;
  }
  auto& [now, before] = known->second;
  if (names != now) before = std::exchange(now, names);
  return known->second.all();
}

Result<std::optional<std::vector<std::string>>> Relations::names_of(const rules::Related& related,
                                                                    const cloud::ResourceRef& changed,
                                                                    const Context& context) const {
  auto reader = gateway_.reader(changed.account, changed.region);
  auto snapshot =
      cloud::read_snapshot(*reader, changed, rules::aspects_beside(related), clock_, context, catalog_);
  auto key = name_key(home_of(changed.type, changed, catalog_), related) + " " + changed.id;
  if (snapshot) return remember(key, rules::names_in(related, *snapshot));
  if (snapshot.error().code != Errc::not_found && !lasting(snapshot.error())) return fail(snapshot.error());
  std::lock_guard lock(mutex_);
  auto known = remembered_.find(key);
  if (known == remembered_.end()) return std::nullopt;
  return known->second.all();
}

Result<std::optional<std::vector<cloud::ResourceRef>>> Relations::judged_beside(const rules::Control& control,
                                                                                const cloud::ResourceRef& changed,
                                                                                const Context& context) const {
  std::vector<cloud::ResourceRef> out;
  const auto* rule = rules::Controls::rule_of(control);
  for (const auto& related : rule->related) {
    if (related.type != changed.type) continue;
    if (control.resource_type == "AWS::::Account") {
      out.push_back({changed.account, changed.region, control.resource_type, changed.account});
    } else if (!related.same.empty()) {
      if (auto one = rules::made_of(related, control.resource_type, changed, catalog_)) out.push_back(std::move(*one));
    } else if (!related.by.empty()) {
      auto names = TRY(names_of(related, changed, context));
      if (!names) return std::nullopt;
      std::ranges::move(rules::named_ones(*names, control.resource_type, changed, catalog_), std::back_inserter(out));
    } else {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace aright::remediation
