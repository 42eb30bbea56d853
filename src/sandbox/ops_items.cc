// OpsItems: what happened to them, what is related to them, and their summary.
#include <algorithm>
#include <array>
#include <map>

#include "sandbox/ssm.h"

namespace aright::sandbox::ssm_ops_hooks {

namespace {

constexpr std::string_view item_type = "AWS::SSM::OpsItem", related_type = "AWS::SSM::OpsItemRelatedItem";
constexpr std::string_view data_type = "AWS:OpsItem";
constexpr std::size_t events_max = 100;  // of one item: the newest

// What an item's members are called where they are summed up.
constexpr std::array summed{"Status", "Source", "Severity", "Category", "Priority", "Title", "OpsItemType",
                            "CreatedBy"};

void note(Scene& scene, Resource& item, const char* what, json::Object detail) {
  auto& events = item.internals["Events"];
  if (!events.is_array()) events = json::Array();
  auto& list = events.get_array();
  if (list.size() >= events_max) list.erase(list.begin());
  detail["ops-item-id"] = item.ref.id;
  list.push_back(json::Object{{"OpsItemId", item.ref.id},
                              {"EventId", scene.ids.uuid()},
                              {"Source", "aws.ssm"},
                              {"DetailType", what},
                              {"Detail", json::print(detail)},
                              {"CreatedBy", json::Object{{"Arn", scene.principal.arn}}},
                              {"CreatedTime", scene.now.iso()}});
}

bool is_among(const json::Value& values, const std::string& text) {
  auto all = json::texts(values);
  return std::ranges::find(all, text) != all.end();
}

// Items with the same text in /aws/dedup are one, until it is resolved.
std::string duplicate_mark(const json::Value& data) {
  auto said = json::parse(json::text(json::at(json::at(data, "/aws/dedup"), "Value")));
  return said ? json::text(json::at(*said, "dedupString")) : "";
}

Result<> check_create(Scene& scene) {
  const auto& data = scene.input("OperationalData");
  const auto& dedup = json::at(data, "/aws/dedup");
  if (!dedup.is_null() && duplicate_mark(data).empty())
    return fail(scene.error("OpsItemInvalidParameterException", "/aws/dedup holds {\"dedupString\": …}"));
  for (const auto& [key, value] : json::members(data))
    if (key.starts_with("/aws/") && !is_among(json::Array{"/aws/automations", "/aws/dedup", "/aws/resources"}, key))
      return fail(scene.error("OpsItemInvalidParameterException",
                              fmt::format("OperationalData: {} begins as only AWS's own keys do", std::string(key))));
  if (dedup.is_null()) return {};
  for (const auto* item : scene.world.all(scene.ref(item_type, ""))) {
    auto kept = item->aspect("OperationalData");
    if (json::text(item->aspect("Status")) == "Resolved" || duplicate_mark(kept) != duplicate_mark(data)) continue;
    return fail(scene.error("OpsItemAlreadyExistsException", "The OpsItem already exists.", item));
  }
  return {};
}

Result<> finish_create(Scene& scene, json::Object&) {
  auto& item = scene.world.edit(scene.created.front());
  note(scene, item, "OpsItem Create", {{"status", item.aspect("Status")}, {"title", item.aspect("Title")}});
  return {};
}

Result<> finish_update(Scene& scene, json::Object&) {
  auto* item = TRY(scene.need(item_type, scene.text("OpsItemId")));
  json::Object detail{{"status", item->aspect("Status")}};
  for (const auto& [name, value] : scene.call.input)
    if (name != "OpsItemId") detail[name] = value;
  note(scene, *item, "OpsItem Update", std::move(detail));
  return {};
}

Result<json::Object> list_events(Scene& scene) {
  json::Array out;
  for (const auto* item : scene.world.all(scene.ref(item_type, ""))) {
    bool wanted = std::ranges::all_of(json::items(scene.input("Filters")), [&](const json::Value& filter) {
      return is_among(json::at(filter, "Values"), item->ref.id);
    });
    if (!wanted) continue;
    for (const auto& event : json::items(json::at(item->internals, "Events"))) out.push_back(event);
  }
  return json::Object{{"Summaries", std::move(out)}};
}

// The same thing is related once.
Result<> check_relate(Scene& scene) {
  auto item = scene.text("OpsItemId");
  CHECK_OK(scene.need(item_type, item));
  for (const auto* one : scene.world.all(scene.ref(related_type, item + "|")))
    if (one->aspect("ResourceUri") == scene.input("ResourceUri"))
      return fail(scene.error("OpsItemRelatedItemAlreadyExistsException"));
  return {};
}

Result<json::Object> list_related(Scene& scene) {
  auto item = scene.text("OpsItemId");
  if (!item.empty()) CHECK_OK(scene.need(item_type, item));
  json::Array out;
  for (const auto* one : scene.world.all(scene.ref(related_type, item.empty() ? "" : item + "|"))) {
    auto shown = scene.shown(*one);
    bool wanted = std::ranges::all_of(json::items(scene.input("Filters")), [&](const json::Value& filter) {
      return is_among(json::at(filter, "Values"), json::text(shown, json::text(filter, "Key", "")));
    });
    if (wanted) out.push_back(std::move(shown));
  }
  return json::Object{{"Summaries", std::move(out)}};
}

// AWS:OpsItem.Status, or Status where it is clear whose.
std::string plain_attribute(const std::string& name) {
  auto dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

std::string attribute_of(const Scene& scene, const Resource& item, const std::string& name) {
  return json::scalar_text(json::at(scene.shown(item), plain_attribute(name)));
}

bool passes(const Scene& scene, const Resource& item, const json::Value& filters) {
  return std::ranges::all_of(json::items(filters), [&](const json::Value& filter) {
    auto how = json::text(filter, "Type", "Equal");
    auto is = attribute_of(scene, item, json::text(filter, "Key", ""));
    auto values = json::texts(json::at(filter, "Values"));
    auto any = [&](auto fits) { return std::ranges::any_of(values, fits); };
    if (how == "Exists") return !is.empty();
    if (how == "NotEqual") return !is_among(json::at(filter, "Values"), is);
    if (how == "BeginWith") return any([&](const std::string& value) { return is.starts_with(value); });
    if (how == "LessThan") return any([&](const std::string& value) { return is < value; });
    if (how == "GreaterThan") return any([&](const std::string& value) { return value < is; });
    return is_among(json::at(filter, "Values"), is);
  });
}

json::Object entity(const std::string& id, json::Array content, Timestamp now) {
  json::Object item{{"CaptureTime", now.iso()}, {"Content", std::move(content)}};
  return {{"Id", id}, {"Data", json::Object{{data_type, std::move(item)}}}};
}

// Counts by the values of an attribute, and within each by those of the next aggregator.
void count(const Scene& scene, const std::vector<const Resource*>& items, const json::Value& aggregator,
           const json::Object& so_far, json::Array& out) {
  auto name = plain_attribute(json::text(aggregator, "AttributeName", "Status"));
  std::map<std::string, std::vector<const Resource*>> by_value;
  for (const auto* item : items)
    if (passes(scene, *item, json::at(aggregator, "Filters")))
      by_value[attribute_of(scene, *item, name)].push_back(item);
  const auto& next = json::items(json::at(aggregator, "Aggregators"));
  for (const auto& [value, those] : by_value) {
    auto row = so_far;
    row[name] = value;
    if (!next.empty()) {
      count(scene, those, next.front(), row, out);
      continue;
    }
    row["Count"] = std::to_string(those.size());
    out.push_back(std::move(row));
  }
}

Result<json::Object> summary(Scene& scene) {
  std::vector<const Resource*> items;
  for (const auto* item : scene.world.all(scene.ref(item_type, "")))
    if (passes(scene, *item, scene.input("Filters"))) items.push_back(item);
  const auto& aggregators = json::items(scene.input("Aggregators"));
  json::Array entities;
  for (const auto& aggregator : aggregators) {
    auto type = json::text(aggregator, "TypeName", data_type), how = json::text(aggregator, "AggregatorType", "count");
    if (type != data_type) return fail(scene.error("InvalidTypeNameException"));
    if (how != "count") return fail(scene.error("InvalidAggregatorException"));
    json::Array rows;
    count(scene, items, aggregator, {}, rows);
    if (!rows.empty()) entities.push_back(entity(std::string(data_type), std::move(rows), scene.now));
  }
  for (const auto* item : aggregators.empty() ? items : std::vector<const Resource*>()) {
    json::Object row{{"OpsItemId", item->ref.id}};
    for (const auto* name : summed)
      if (auto text = attribute_of(scene, *item, name); !text.empty()) row[name] = text;
    entities.push_back(entity(item->ref.id, json::Array{std::move(row)}, scene.now));
  }
  return json::Object{{"Entities", std::move(entities)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("ssm:CreateOpsItem", check_create);
  hooks.finish("ssm:CreateOpsItem", finish_create);
  hooks.finish("ssm:UpdateOpsItem", finish_update);
  hooks.emulate("ssm:ListOpsItemEvents", list_events);
  hooks.check("ssm:AssociateOpsItemRelatedItem", check_relate);
  hooks.emulate("ssm:ListOpsItemRelatedItems", list_related);
  hooks.emulate("ssm:GetOpsSummary", summary);
}

}  // namespace aright::sandbox::ssm_ops_hooks
