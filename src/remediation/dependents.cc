#include "remediation/dependents.h"

#include "base/embedded.h"
#include "cloud/snapshot.h"
#include "json/yaml.h"
#include "remediation/detect.h"
#include "remediation/passing.h"

ARIGHT_EMBEDDED(dependents)

namespace aright::remediation {

namespace {

std::map<std::string, Usage, std::less<>> read_usages() {
  std::map<std::string, Usage, std::less<>> out;
  auto document = json::parse_yaml(embedded_dependents(), {.locations = false});
  if (!document) return out;  // a test reads it, too
  for (const auto& [type, said] : json::members(document->value)) {
    Usage usage{.named = {}, .used = json::text(said, "used", "")};
    for (const auto& one : json::items(json::at(said, "named"))) {
      auto by = json::text(one, "by", "");
      usage.named.push_back({.type = json::text(one, "type", ""),
                             .ids = {},
                             .aspects = {by.substr(0, by.find_first_of(".["))},
                             .by = by});
    }
    out.emplace(type, std::move(usage));
  }
  return out;
}

// The text at Facts.RoleLastUsed.LastUsedDate; "" when it is not there.
std::string text_at(const json::Value& properties, std::string_view place) {
  const auto* value = &properties;
  while (!place.empty()) {
    auto dot = std::min(place.find('.'), place.size());
    value = &json::at(*value, place.substr(0, dot));
    place.remove_prefix(std::min(dot + 1, place.size()));
  }
  return json::text(*value);
}

}  // namespace

const std::map<std::string, Usage, std::less<>>& usages() {
  static const auto all = read_usages();
  return all;
}

Result<Dependents> dependents_of(const Resource& resource, const Relations& relations, aws::Caller& reader,
                                 const Clock& clock, const cloud::Catalog& catalog, const Context& context) {
  Dependents out;
  auto known = usages().find(resource.type);
  if (known == usages().end()) {
    out.unknown = "nothing is known of who uses " + resource.type;
    return out;
  }
  const auto& usage = known->second;
  cloud::Snapshot named{.ref = to_ref(resource), .arn = resource.arn, .tags = {}, .time = clock.now(),
                        .properties = {}, .facts = {}, .unreadable = {}};
  for (const auto& related : usage.named) {
    auto beside = relations.beside({.related = {related}}, named, context);
    if (!beside && passing(beside.error())) return fail(beside.error());
    out.unknown = beside ? beside->unknown.empty() ? out.unknown : beside->unknown : beside.error().message;
    if (!beside) continue;
    for (const auto& other : beside->seen) out.found.push_back({other.ref.type, other.ref.id, related.by});
  }
  if (out.found.size() > dependents_max) {
    out.unknown = fmt::format("{} of {} are shown", dependents_max, out.found.size());
    out.found.resize(dependents_max);
  }
  if (usage.used.empty()) return out;
  auto aspect = usage.used.substr(0, usage.used.find('.', usage.used.find('.') + 1));
  auto own = cloud::read_snapshot(reader, named.ref, {aspect}, clock, context, catalog);
  if (!own && passing(own.error())) return fail(own.error());
  if (own) out.last_used = text_at(json::at(own->document(), "Properties"), usage.used);
  return out;
}

}  // namespace aright::remediation
