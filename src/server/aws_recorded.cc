// AWS Config's resources: what aright has seen of the cloud that it works on (recorder.h).

#include <algorithm>
#include <array>
#include <set>

#include "cloud/config_query.h"
#include "cloud/locate.h"
#include "rules/config_rule.h"
#include "server/aws_turn.h"
#include "server/judgements.h"
#include "server/recorder.h"

namespace aright::server {

namespace {

constexpr PageSize history_page{.usual = 10, .most = 100}, list_page{.usual = 100, .most = 100};
constexpr PageSize select_page{.usual = 25, .most = 100};
constexpr std::size_t refreshed_types_max = 50;  // by one query
constexpr std::string_view compliance_type = "AWS::Config::ResourceCompliance";

const cloud::Catalog& catalog_of(const AwsTurn& turn) { return turn.engine.gateway().catalog(); }

// Described under its CloudFormation name, whatever Config calls it.
Result<const cloud::ResourceType*> recorded_type(const AwsTurn& turn, const std::string& name) {
  const auto* type = catalog_of(turn).type(rules::type_of_config(name));
  if (type && !type->singleton) return type;
  return refuse("ValidationException",
                fmt::format("1 validation error detected: Value '{}' at 'resourceType' failed to satisfy constraint: "
                            "it is no resource type that aright records", name));
}

cloud::ResourceRef ref_of(const AwsTurn& turn, const cloud::ResourceType& type, const std::string& id) {
  return cloud::at_home(type, {turn.signer.account, turn.call.region, type.name, id});
}

// Those of the account, of one type.
Result<std::vector<json::Object>> items_of(const AwsTurn& turn, const cloud::ResourceType& type, bool with_gone) {
  auto home = ref_of(turn, type, "");
  CHECK_OK(turn.witnesses.recorder->refresh(type.name, home.account, home.region, turn.context));
  auto all = TRY(turn.witnesses.recorder->latest(home.account, type.name));
  std::erase_if(all, [&](const Recorder::Latest& one) {
    return one.ref.region != home.region || (one.gone && !with_gone);
  });
  std::vector<json::Object> out;
  for (auto& one : all) out.push_back(std::move(one.item));
  return out;
}

AwsAnswer history(const AwsTurn& turn) {
  const auto* type = TRY(recorded_type(turn, turn.text("resourceType")));
  auto ref = ref_of(turn, *type, turn.text("resourceId"));
  TRY(turn.witnesses.recorder->look({ref}, turn.context));
  auto items = TRY(turn.witnesses.recorder->history(ref));
  if (items.empty())
    return refuse("ResourceNotDiscoveredException",
                  fmt::format("Resource {} of resourceType:{} is unknown or has not been discovered", ref.id,
                              turn.text("resourceType")));
  auto time_of = [&](const char* member) -> std::optional<Timestamp> {
    auto parsed = parse_timestamp(turn.text(member));
    return parsed ? std::optional(*parsed) : std::nullopt;
  };
  auto later = time_of("laterTime"), earlier = time_of("earlierTime");
  if (later && earlier && *later < *earlier)
    return refuse("InvalidTimeRangeException", "The specified time range is not valid: the earlier time is not "
                                               "chronologically before the later time");
  json::Array all;
  for (auto& item : items) {
    auto at = parse_timestamp(json::text(item, "configurationItemCaptureTime"));
    if (at && ((later && *later < *at) || (earlier && *at < *earlier))) continue;
    all.push_back(std::move(item));
  }
  if (turn.text("chronologicalOrder") != "Forward") std::ranges::reverse(all);
  return config_page(turn, "configurationItems", std::move(all), history_page, "limit", "nextToken");
}

AwsAnswer batch_get(const AwsTurn& turn) {
  const auto& keys = json::items(turn.member("resourceKeys"));
  if (keys.empty() || keys.size() > looks_at_once_max)
    return refuse("ValidationException", fmt::format("resourceKeys has 1 to {} items", looks_at_once_max));
  std::map<std::string, std::vector<cloud::ResourceRef>> by_region;
  std::map<std::string, json::Value> asked;
  json::Array unknown, items;
  for (const auto& key : keys) {
    const auto* type = catalog_of(turn).type(rules::type_of_config(json::text(key, "resourceType", "")));
    if (!type) {
      unknown.push_back(key);
      continue;
    }
    auto ref = ref_of(turn, *type, json::text(key, "resourceId", ""));
    if (asked.emplace(ref.key(), key).second) by_region[ref.region].push_back(std::move(ref));
  }
  for (const auto& [region, refs] : by_region)
    for (auto& item : TRY(turn.witnesses.recorder->look(refs, turn.context))) {
      const auto* type = catalog_of(turn).type(rules::type_of_config(json::text(item, "resourceType")));
      if (type) asked.erase(ref_of(turn, *type, json::text(item, "resourceId")).key());
      for (const auto* more : {"tags", "relatedEvents", "relationships"}) item.erase(more);
      items.push_back(std::move(item));
    }
  for (auto& [id, key] : asked) unknown.push_back(std::move(key));
  return json::Object{{"baseConfigurationItems", std::move(items)}, {"unprocessedResourceKeys", std::move(unknown)}};
}

AwsAnswer list_discovered(const AwsTurn& turn) {
  const auto* type = TRY(recorded_type(turn, turn.text("resourceType")));
  auto ids = json::texts(turn.member("resourceIds"));
  auto name = turn.text("resourceName");
  if (!ids.empty() && !name.empty())
    return refuse("ValidationException", "Provide only one of resourceIds and resourceName");
  json::Array all;
  for (const auto& item : TRY(items_of(turn, *type, json::truth(turn.member("includeDeletedResources"))))) {
    auto id = json::text(item, "resourceId");
    if (!ids.empty() && std::ranges::find(ids, id) == ids.end()) continue;
    if (!name.empty() && json::text(item, "resourceName") != name) continue;
    json::Object one{{"resourceType", json::at(item, "resourceType")}, {"resourceId", id},
                     {"resourceName", json::at(item, "resourceName")}};
    if (json::text(item, "configurationItemStatus") == "ResourceDeleted")
      one["resourceDeletionTime"] = json::at(item, "configurationItemCaptureTime");
    all.push_back(std::move(one));
  }
  return config_page(turn, "resourceIdentifiers", std::move(all), list_page, "limit", "nextToken");
}

// The types that the policy's controls are about.
std::vector<std::string> judged_types(const AwsTurn& turn) {
  std::set<std::string> out;
  for (const auto& enabled : turn.engine.policy().controls) {
    const auto* control = turn.engine.controls().find(enabled.id);
    if (control && catalog_of(turn).type(control->resource_type)) out.insert(control->resource_type);
  }
  return {out.begin(), out.end()};
}

AwsAnswer count_discovered(const AwsTurn& turn) {
  auto names = json::texts(turn.member("resourceTypes"));
  for (auto& name : names) name = (TRY(recorded_type(turn, name)))->name;
  if (names.empty()) names = judged_types(turn);
  std::vector<std::pair<std::int64_t, std::string>> counts;
  std::int64_t total = 0;
  for (const auto& name : names) {
    auto count = static_cast<std::int64_t>(TRY(items_of(turn, *catalog_of(turn).type(name), false)).size());
    if (count > 0) counts.emplace_back(-count, rules::config_type_of(name));
    total += count;
  }
  std::ranges::sort(counts);
  json::Array all;
  for (const auto& [less, name] : counts) all.push_back(json::Object{{"resourceType", name}, {"count", -less}});
  auto page = TRY(config_page(turn, "resourceCounts", std::move(all), list_page, "limit", "nextToken"));
  page["totalDiscoveredResources"] = total;
  return page;
}

// Config tells compliance as resources of a type of its own: one for each that was judged.
void add_compliance(const AwsTurn& turn, std::vector<json::Value>& out) {
  struct Told {
    remediation::Resource resource;
    json::Array rules;
    bool broken = false;
  };
  std::map<std::string, Told> by;
  for (const auto& rule : turn.engine.policy().held_rules)
    for (const auto& control : rule.controls)
      for (auto& one : turn.witnesses.judgements->of(control)) {
        auto& told = by[one.resource.key()];
        told.broken = told.broken || one.evaluation.compliance == rules::Compliance::non_compliant;
        told.rules.push_back(json::Object{{"configRuleName", rule.name},
                                          {"complianceType", rules::name(one.evaluation.compliance)}});
        told.resource = std::move(one.resource);
      }
  for (auto& [key, told] : by) {
    const auto& resource = told.resource;
    if (resource.account != turn.signer.account) continue;
    auto type = rules::config_type_of(resource.type);
    json::Object configuration{{"targetResourceType", type}, {"targetResourceId", resource.id},
                               {"complianceType", told.broken ? "NON_COMPLIANT" : "COMPLIANT"},
                               {"configRuleList", std::move(told.rules)}};
    out.push_back(json::Object{{"resourceType", compliance_type},
                               {"resourceId", fmt::format("{}/{}", type, resource.id)},
                               {"accountId", resource.account},
                               {"awsRegion", resource.region},
                               {"configuration", std::move(configuration)}});
  }
}

// What it looks in is what was seen; the types that it names are looked over first.
AwsAnswer select(const AwsTurn& turn) {
  auto query = TRY(cloud::ConfigQuery::parse(turn.text("Expression")));
  std::set<std::string> types(query.types().begin(), query.types().end());
  std::vector<json::Value> items;
  if (types.erase(std::string(compliance_type)) > 0 && turn.witnesses.judgements) add_compliance(turn, items);
  for (std::size_t looked = 0; const auto& name : types) {
    const auto* type = catalog_of(turn).type(rules::type_of_config(name));
    if (!type || type->singleton || ++looked > refreshed_types_max) continue;
    auto home = ref_of(turn, *type, "");
    CHECK_OK(turn.witnesses.recorder->refresh(type->name, home.account, home.region, turn.context));
  }
  for (auto& one : TRY(turn.witnesses.recorder->latest(turn.signer.account))) {
    const auto* type = catalog_of(turn).type(one.ref.type);
    bool located = type && (type->region || one.ref.region == turn.call.region);
    bool here = !type || !located || json::text(one.item, "awsRegion") == turn.call.region;
    if (!one.gone && here) items.push_back(cloud::queried(std::move(one.item)));
  }
  json::Array results, fields;
  for (const auto& row : query.run(items)) results.push_back(json::Value(json::print(row)));
  for (const auto& name : query.fields()) fields.push_back(json::Object{{"Name", name}});
  auto page = TRY(config_page(turn, "Results", std::move(results), select_page, "Limit", "NextToken"));
  page["QueryInfo"] = json::Object{{"SelectFields", std::move(fields)}};
  return page;
}

using enum OwnOperation::Asks;
constexpr std::array recorded_operations{
    OwnOperation{"config", "GetResourceConfigHistory", history, recorder_alone},
    OwnOperation{"config", "BatchGetResourceConfig", batch_get, recorder_alone},
    OwnOperation{"config", "ListDiscoveredResources", list_discovered, recorder_alone},
    OwnOperation{"config", "GetDiscoveredResourceCounts", count_discovered, recorder_alone},
    OwnOperation{"config", "SelectResourceConfig", select, recorder},
};

}  // namespace

std::span<const OwnOperation> own_recorded() { return recorded_operations; }

}  // namespace aright::server
