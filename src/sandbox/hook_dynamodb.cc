// Items: kept in their table, in the order of its keys, and found by expressions.
#include <algorithm>
#include <set>

#include "sandbox/dynamodb_expression.h"
#include "sandbox/emulate.h"

namespace aright::sandbox::dynamodb_hooks {

namespace {

constexpr std::string_view table_type = "AWS::DynamoDB::Table",
                           backup_type = "AWS::DynamoDB::Backup";
constexpr std::size_t items_max = 10'000, batch_max = 100;
constexpr int not_implemented_status = 501;

struct Keys {
  std::string hash, range;  // range: "" where there is none
};

Keys keys_in(const json::Value& schema) {
  Keys keys;
  for (const auto& element : json::items(schema))
    (json::text(element, "KeyType", "") == "HASH" ? keys.hash : keys.range) =
        json::text(element, "AttributeName", "");
  return keys;
}

Result<Resource*> table_named(Scene& scene, const json::Value& name) {
  auto text = json::text(name);
  auto slash = text.rfind('/');
  return scene.need(table_type, slash == std::string::npos ? text : text.substr(slash + 1));
}

json::Array& items_of(Resource& table) {
  auto& items = table.internals["items"];
  if (!items.is_array()) items = json::Array();
  return items.get_array();
}

Error invalid(const Scene& scene, std::string_view message) {
  return scene.error("ValidationException", message);
}

int order(const Keys& keys, const json::Value& left, const json::Value& right) {
  auto by_hash = compare_attributes(json::at(left, keys.hash), json::at(right, keys.hash));
  if (by_hash != 0 || keys.range.empty()) return by_hash;
  return compare_attributes(json::at(left, keys.range), json::at(right, keys.range));
}

json::Object key_of(const Keys& keys, const json::Value& item) {
  json::Object key{{keys.hash, json::at(item, keys.hash)}};
  if (!keys.range.empty()) key[keys.range] = json::at(item, keys.range);
  return key;
}

Result<> check_key(const Scene& scene, const Keys& keys, const json::Value& item, bool only) {
  std::size_t wanted = keys.range.empty() ? 1 : 2;
  bool has = json::at(item, keys.hash).is_object() &&
             (keys.range.empty() || json::at(item, keys.range).is_object());
  if (has && (!only || json::members(item).size() == wanted)) return {};
  return fail(invalid(
      scene, only ? std::string("The provided key element does not match the schema")
                  : fmt::format(
                        "One or more parameter values were invalid: Missing the key {} in the item",
                        json::at(item, keys.hash).is_object() ? keys.range : keys.hash)));
}

json::Array::iterator find_item(json::Array& items, const Keys& keys, const json::Value& key) {
  return std::ranges::find_if(items,
                              [&](const json::Value& item) { return order(keys, item, key) == 0; });
}

Result<> check_form(const Scene& scene) {
  for (const auto* old : {"AttributeUpdates", "ConditionalOperator", "Expected", "KeyConditions",
                          "QueryFilter", "ScanFilter"})
    if (!scene.input(old).is_null())
      return fail(service_error("NotImplemented", not_implemented_status,
                                fmt::format("{} is not emulated: use expressions instead", old)));
  return {};
}

Result<> check_condition(const Scene& scene, const json::Object& item) {
  auto text = scene.text("ConditionExpression");
  Expression condition{text, scene.input("ExpressionAttributeNames"),
                       scene.input("ExpressionAttributeValues")};
  auto held = holds(condition, item);
  if (!held) return fail(invalid(scene, held.error().message));
  return *held ? Result<>() : fail(scene.error("ConditionalCheckFailedException"));
}

Result<json::Object> project(const Scene& scene, const json::Object& item) {
  auto text = scene.text("ProjectionExpression");
  auto out = projected(
      {text, scene.input("ExpressionAttributeNames"), scene.input("ExpressionAttributeValues")},
      item);
  if (!out) return fail(invalid(scene, out.error().message));
  return out;
}

Result<> put(const Scene& scene, Resource& table, const Keys& keys, const json::Value& item) {
  auto& items = items_of(table);
  auto found = find_item(items, keys, item);
  if (found != items.end()) {
    *found = item;
    return {};
  }
  if (items.size() >= items_max)
    return fail(scene.error(
        "LimitExceededException",
        fmt::format("The emulated cloud holds {} items of a table at most", items_max)));
  auto place = std::ranges::find_if(
      items, [&](const json::Value& other) { return order(keys, other, item) > 0; });
  items.insert(place, item);
  return {};
}

// PutItem names the item by itself, DeleteItem by its key; both answer what was there.
Result<json::Object> replace_item(Scene& scene, std::string_view named_by) {
  bool deletes = named_by == "Key";
  CHECK_OK(check_form(scene));
  auto* table = TRY(table_named(scene, scene.input("TableName")));
  auto keys = keys_in(table->aspect("KeySchema"));
  const auto& named = scene.input(named_by);
  CHECK_OK(check_key(scene, keys, named, deletes));
  auto& items = items_of(*table);
  auto found = find_item(items, keys, named);
  auto old = found == items.end() ? json::Object() : json::members(*found);
  CHECK_OK(check_condition(scene, old));
  if (!deletes) CHECK_OK(put(scene, *table, keys, named));
  if (deletes && found != items.end()) items.erase(found);
  json::Object output;
  if (scene.text("ReturnValues") == "ALL_OLD" && !old.empty())
    output["Attributes"] = std::move(old);
  return output;
}

Result<json::Object> put_item(Scene& scene) { return replace_item(scene, "Item"); }

Result<json::Object> get_item(Scene& scene) {
  CHECK_OK(check_form(scene));
  auto* table = TRY(table_named(scene, scene.input("TableName")));
  auto keys = keys_in(table->aspect("KeySchema"));
  CHECK_OK(check_key(scene, keys, scene.input("Key"), true));
  auto& items = items_of(*table);
  auto found = find_item(items, keys, scene.input("Key"));
  if (found == items.end()) return json::Object();
  auto item = TRY(project(scene, json::members(*found)));
  return json::Object{{"Item", std::move(item)}};
}

Result<json::Object> delete_item(Scene& scene) { return replace_item(scene, "Key"); }

// What ReturnValues asks for.
json::Object returned(const std::string& wanted, const json::Object& old,
                      const json::Object& fresh) {
  if (wanted == "ALL_OLD") return old;
  if (wanted == "ALL_NEW") return fresh;
  json::Object out;
  if (!wanted.starts_with("UPDATED_")) return out;
  const auto& from = wanted == "UPDATED_OLD" ? old : fresh;
  const auto& other = wanted == "UPDATED_OLD" ? fresh : old;
  for (const auto& [name, value] : from)
    if (json::at(other, name) != value) out[name] = value;
  return out;
}

Result<json::Object> update_item(Scene& scene) {
  CHECK_OK(check_form(scene));
  auto* table = TRY(table_named(scene, scene.input("TableName")));
  auto keys = keys_in(table->aspect("KeySchema"));
  const auto& key = scene.input("Key");
  CHECK_OK(check_key(scene, keys, key, true));
  auto& items = items_of(*table);
  auto found = find_item(items, keys, key);
  auto old = found == items.end() ? json::Object() : json::members(*found);
  CHECK_OK(check_condition(scene, old));
  auto text = scene.text("UpdateExpression");
  auto start = old.empty() ? json::members(key) : old;
  auto fresh = updated(
      {text, scene.input("ExpressionAttributeNames"), scene.input("ExpressionAttributeValues")},
      start);
  if (!fresh) return fail(invalid(scene, fresh.error().message));
  if (key_of(keys, *fresh) != key_of(keys, key))
    return fail(invalid(
        scene, "One or more parameter values were invalid: Cannot update attribute of the key"));
  CHECK_OK(put(scene, *table, keys, *fresh));
  auto attributes = returned(scene.text("ReturnValues"), old, *fresh);
  json::Object output;
  if (!attributes.empty()) output["Attributes"] = std::move(attributes);
  return output;
}

// The keys that a query or scan goes by: the table's, or an index's.
Result<Keys> search_keys(const Scene& scene, const Resource& table) {
  auto index = scene.text("IndexName");
  if (index.empty()) return keys_in(table.aspect("KeySchema"));
  for (const auto* kind : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"})
    for (const auto& one : json::items(table.aspect(kind)))
      if (json::text(one, "IndexName", "") == index) return keys_in(json::at(one, "KeySchema"));
  return fail(
      invalid(scene, fmt::format("The table does not have the specified index: {}", index)));
}

// Items that the index holds, as it orders them.
json::Array ordered(const json::Array& items, const Keys& keys, bool forward) {
  json::Array out;
  for (const auto& item : items)
    if (!json::at(item, keys.hash).is_null() &&
        (keys.range.empty() || !json::at(item, keys.range).is_null()))
      out.push_back(item);
  std::stable_sort(out.begin(), out.end(), [&](const json::Value& left, const json::Value& right) {
    return forward ? order(keys, left, right) < 0 : order(keys, right, left) < 0;
  });
  return out;
}

Result<json::Object> search(Scene& scene, bool query) {
  CHECK_OK(check_form(scene));
  auto* table = TRY(table_named(scene, scene.input("TableName")));
  auto keys = TRY(search_keys(scene, *table));
  auto table_keys = keys_in(table->aspect("KeySchema"));
  const auto &names = scene.input("ExpressionAttributeNames"),
             &values = scene.input("ExpressionAttributeValues");
  auto condition = scene.text("KeyConditionExpression"), filter = scene.text("FilterExpression");
  if (query && condition.empty())
    return fail(invalid(scene,
                        "Either the KeyConditions or KeyConditionExpression parameter must be "
                        "specified in the request."));
  const auto& forward = scene.input("ScanIndexForward");
  auto items = ordered(items_of(*table), keys, !forward.is_bool() || forward.get_bool());
  const auto& start = scene.input("ExclusiveStartKey");
  auto at = items.begin();
  if (start.is_object()) {
    at = std::ranges::find_if(items, [&](const json::Value& item) {
      return key_of(table_keys, item) == key_of(table_keys, start);
    });
    if (at != items.end()) ++at;
  }
  auto limit = static_cast<std::size_t>(
      json::integer(scene.input("Limit"), static_cast<std::int64_t>(items_max)));
  json::Array found;
  json::Object last;
  std::size_t scanned = 0;
  for (; at != items.end(); ++at) {
    auto named = holds({condition, names, values}, json::members(*at));
    if (!named) return fail(invalid(scene, named.error().message));
    if (!*named) continue;
    if (scanned == limit) break;
    ++scanned;
    last = key_of(table_keys, *at);
    for (const auto& [name, value] : key_of(keys, *at))
      last[name] = value;
    auto wanted = holds({filter, names, values}, json::members(*at));
    if (!wanted) return fail(invalid(scene, wanted.error().message));
    if (!*wanted) continue;
    auto shown = TRY(project(scene, json::members(*at)));
    found.push_back(std::move(shown));
  }
  json::Object output{{"Count", found.size()}, {"ScannedCount", scanned}};
  if (at != items.end()) output["LastEvaluatedKey"] = std::move(last);
  if (scene.text("Select") != "COUNT") output["Items"] = std::move(found);
  return output;
}

Result<json::Object> query(Scene& scene) {
  return search(scene, true);
}
Result<json::Object> scan(Scene& scene) {
  return search(scene, false);
}

Result<json::Object> batch_get(Scene& scene) {
  json::Object responses;
  std::size_t count = 0;
  for (const auto& [name, request] : json::members(scene.input("RequestItems"))) {
    auto* table = TRY(table_named(scene, json::Value(name)));
    auto keys = keys_in(table->aspect("KeySchema"));
    json::Array found;
    for (const auto& key : json::items(json::at(request, "Keys"))) {
      if (++count > batch_max)
        return fail(invalid(scene, "Too many items requested for the BatchGetItem call"));
      CHECK_OK(check_key(scene, keys, key, true));
      auto& items = items_of(*table);
      if (auto item = find_item(items, keys, key); item != items.end()) found.push_back(*item);
    }
    responses[name] = std::move(found);
  }
  return json::Object{{"Responses", std::move(responses)}, {"UnprocessedKeys", json::Object()}};
}

Result<json::Object> batch_write(Scene& scene) {
  for (const auto& [name, requests] : json::members(scene.input("RequestItems"))) {
    auto* table = TRY(table_named(scene, json::Value(name)));
    auto keys = keys_in(table->aspect("KeySchema"));
    for (const auto& request : json::items(requests)) {
      const auto& item = json::at(request, {"PutRequest", "Item"});
      const auto& key = json::at(request, {"DeleteRequest", "Key"});
      CHECK_OK(check_key(scene, keys, item.is_null() ? key : item, item.is_null()));
      if (!item.is_null()) {
        CHECK_OK(put(scene, *table, keys, item));
        continue;
      }
      auto& items = items_of(*table);
      if (auto found = find_item(items, keys, key); found != items.end()) items.erase(found);
    }
  }
  return json::Object{{"UnprocessedItems", json::Object()}};
}

// Every key attribute must be defined, and none but those.
Result<> check_create_table(Scene& scene) {
  std::set<std::string> defined, used;
  for (const auto& one : json::items(scene.input("AttributeDefinitions")))
    defined.insert(json::text(one, "AttributeName", ""));
  auto use = [&](const json::Value& schema) {
    for (const auto& one : json::items(schema))
      used.insert(json::text(one, "AttributeName", ""));
  };
  use(scene.input("KeySchema"));
  for (const auto* kind : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"})
    for (const auto& index : json::items(scene.input(kind)))
      use(json::at(index, "KeySchema"));
  if (defined != used)
    return fail(invalid(scene,
                        "One or more parameter values were invalid: Some AttributeDefinitions are "
                        "not used, or some index key attributes are not defined."));
  bool provisioned = scene.text("BillingMode", "PROVISIONED") == "PROVISIONED";
  if (provisioned && scene.input("ProvisionedThroughput").is_null())
    return fail(
        invalid(scene,
                "One or more parameter values were invalid: ReadCapacityUnits and "
                "WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"));
  return {};
}

Result<> check_update_table(Scene& scene) {
  auto* table = TRY(table_named(scene, scene.input("TableName")));
  bool on_demand =
      scene.text("BillingMode", json::text(table->aspect("BillingMode"))) == "PAY_PER_REQUEST";
  if (on_demand && !scene.input("ProvisionedThroughput").is_null())
    return fail(invalid(scene,
                        "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
                        "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"));
  return {};
}

json::Value item_count(const Scene&, const Resource& table) {
  return json::items(json::at(table.internals, "items")).size();
}

// A backup holds what the table held.
Result<> finish_backup(Scene& scene, json::Object& output) {
  auto* table = TRY(table_named(scene, scene.input("TableName")));
  auto* backup = TRY(scene.need(
      backup_type, json::text(json::at(json::at(output, "BackupDetails"), "BackupArn"))));
  backup->internals = table->internals;
  backup->internals["definitions"] = table->aspect("AttributeDefinitions");
  return {};
}

Result<> finish_restore(Scene& scene, json::Object& output) {
  auto* backup = TRY(scene.need(backup_type, scene.text("BackupArn")));
  auto* table = TRY(scene.need(table_type, scene.text("TargetTableName")));
  table->internals["items"] = json::items(json::at(backup->internals, "items"));
  table->set("AttributeDefinitions", json::at(backup->internals, "definitions"));
  output["TableDescription"] = scene.shown(*table);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("dynamodb:CreateTable", check_create_table);
  hooks.check("dynamodb:UpdateTable", check_update_table);
  hooks.derive("AWS::DynamoDB::Table/ItemCount", item_count);
  hooks.emulate("dynamodb:BatchGetItem", batch_get);
  hooks.emulate("dynamodb:BatchWriteItem", batch_write);
  hooks.emulate("dynamodb:DeleteItem", delete_item);
  hooks.emulate("dynamodb:GetItem", get_item);
  hooks.emulate("dynamodb:PutItem", put_item);
  hooks.emulate("dynamodb:Query", query);
  hooks.emulate("dynamodb:Scan", scan);
  hooks.emulate("dynamodb:UpdateItem", update_item);
  hooks.finish("dynamodb:CreateBackup", finish_backup);
  hooks.finish("dynamodb:RestoreTableFromBackup", finish_restore);
}

}  // namespace aright::sandbox::dynamodb_hooks
