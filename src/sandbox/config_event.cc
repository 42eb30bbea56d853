#include "sandbox/config_event.h"

#include "aws/client.h"

namespace aright::sandbox {

json::Object item_in_event(json::Object item) {
  auto parsed = json::parse(json::text(item, "configuration"));
  if (parsed) item["configuration"] = std::move(*parsed);
  auto beside = json::members(json::at(item, "supplementaryConfiguration"));
  for (auto& [name, text] : beside)
    if (auto value = json::parse(json::text(text))) text = std::move(*value);
  item["supplementaryConfiguration"] = std::move(beside);
  item["awsAccountId"] = json::at(item, "accountId");
  item["ARN"] = json::at(item, "arn");
  item["configurationItemVersion"] = "1.3";
  for (const auto* list : {"relatedEvents", "relationships"}) item[list] = json::Array();
  for (const auto* old : {"accountId", "arn", "version"}) item.erase(old);
  return item;
}

namespace {

constexpr const char* oversized = "OversizedConfigurationItemChangeNotification";

json::Object summary_message(json::Object item, Timestamp now) {
  for (const auto* large : {"configuration", "supplementaryConfiguration", "tags", "relatedEvents", "relationships"})
    item.erase(large);
  item["changeType"] = json::text(item, "configurationItemStatus", "") == "ResourceDiscovered" ? "CREATE" : "UPDATE";
  item["configurationStateMd5Hash"] = "";
  return {{"configurationItemSummary", std::move(item)},
          {"s3DeliverySummary",
           json::Object{{"s3BucketLocation", nullptr}, {"errorCode", nullptr}, {"errorMessage", nullptr}}},
          {"notificationCreationTime", now.iso()},
          {"messageType", oversized},
          {"recordVersion", "1.0"}};
}

}  // namespace

bool is_oversized(const json::Object& message) { return json::text(message, "messageType", "") == oversized; }

json::Object change_message(json::Object item, Timestamp now) {
  if (json::print(json::Value(item)).size() > told_item_bytes_max) return summary_message(std::move(item), now);
  return {{"configurationItemDiff", nullptr},
          {"configurationItem", std::move(item)},
          {"notificationCreationTime", now.iso()},
          {"messageType", "ConfigurationItemChangeNotification"},
          {"recordVersion", "1.3"}};
}

json::Object time_message(const std::string& account, Timestamp now) {
  return {{"awsAccountId", account},
          {"notificationCreationTime", now.iso()},
          {"messageType", "ScheduledNotification"},
          {"recordVersion", "1.0"}};
}

json::Object event_for_function(const RuleForFunction& rule, const json::Object& message, const std::string& token,
                                bool left) {
  auto partition = aws::partition_of(rule.region);
  return {{"version", "1.0"},
          {"invokingEvent", json::print(message)},
          {"ruleParameters", json::print(rule.parameters)},
          {"resultToken", token},
          {"eventLeftScope", left},
          {"executionRoleArn",
           fmt::format("arn:{}:iam::{}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", partition,
                       rule.account)},
          {"configRuleArn", rule.arn},
          {"configRuleName", rule.name},
          {"configRuleId", rule.id},
          {"accountId", rule.account},
          {"evaluationMode", "DETECTIVE"}};
}

}  // namespace aright::sandbox
