// Topics: who subscribed gets what is published, when the endpoint is an emulated queue.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "sandbox/sqs.h"

namespace aright::sandbox::sns_hooks {

namespace {

constexpr std::string_view topic_type = "AWS::SNS::Topic";
constexpr std::string_view subscription_type = "AWS::SNS::Subscription";
constexpr std::size_t message_bytes_max = 256 * 1024, batch_max = 10;
constexpr std::array topic_attributes{
    "DisplayName",      "KmsMasterKeyId", "Policy",       "DeliveryPolicy", "ContentBasedDeduplication",
    "SignatureVersion", "TracingConfig",  "ArchivePolicy"};
// How deliveries are logged, for each kind of endpoint: HTTPSuccessFeedbackRoleArn and its like.
constexpr std::array logged_endpoints{"Application", "Firehose", "HTTP", "Lambda", "SQS"};
constexpr std::array logged_settings{"SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate",
                                     "FailureFeedbackRoleArn"};
constexpr std::array subscription_attributes{"FilterPolicy", "FilterPolicyScope",
                                             "RawMessageDelivery", "RedrivePolicy"};
constexpr std::array protocols{"http", "https",       "email",  "email-json", "sms",
                               "sqs",  "application", "lambda", "firehose"};

bool among(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

Result<> check_create_topic(Scene& scene) {
  auto name = scene.text("Name");
  auto bare = name.ends_with(".fifo") ? name.substr(0, name.size() - 5) : name;
  bool valid = !bare.empty() && name.size() <= 256 &&
               std::ranges::all_of(
                   bare, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  if (!valid) return fail(scene.error("InvalidParameter", "Invalid parameter: Topic Name"));
  bool fifo = json::text(json::at(scene.input("Attributes"), "FifoTopic")) == "true";
  if (fifo != name.ends_with(".fifo"))
    return fail(scene.error("InvalidParameter",
                            "Invalid parameter: Topic Name: the name of a FIFO topic, and of no "
                            "other, ends with .fifo"));
  return {};
}

// A filter that the emulated cloud understands: lists of exact texts and numbers.
bool simple_filter(const std::string& text) {
  if (text.empty()) return true;
  auto policy = json::parse(text);
  if (!policy || !policy->is_object()) return false;
  return std::ranges::all_of(policy->get_object(), [](const auto& member) {
    const auto* values = member.value().if_array();
    return values != nullptr && std::ranges::all_of(*values, [](const json::Value& value) {
             return value.is_string() || value.is_number();
           });
  });
}

Result<> check_filter(Scene& scene, const std::string& text) {
  if (simple_filter(text)) return {};
  return fail(scene.error("InvalidParameter",
                          "Invalid parameter: FilterPolicy: the emulated cloud understands lists "
                          "of exact values only"));
}

bool logs_deliveries(std::string_view name) {
  return std::ranges::any_of(logged_endpoints, [&](std::string_view endpoint) {
    return name.starts_with(endpoint) && among(logged_settings, name.substr(endpoint.size()));
  });
}

Result<> check_topic_attribute(Scene& scene) {
  auto name = scene.text("AttributeName"), value = scene.text("AttributeValue");
  if (!among(topic_attributes, name) && !logs_deliveries(name))
    return fail(scene.error("InvalidParameter", "Invalid parameter: AttributeName"));
  if (name == "Policy" && !json::parse(value))
    return fail(scene.error("InvalidParameter", "Invalid parameter: Policy Error: null"));
  return {};
}

Result<> check_subscription_attribute(Scene& scene) {
  auto name = scene.text("AttributeName");
  if (!among(subscription_attributes, name))
    return fail(scene.error("InvalidParameter", "Invalid parameter: AttributeName"));
  return name == "FilterPolicy" ? check_filter(scene, scene.text("AttributeValue")) : Result<>();
}

std::vector<const Resource*> subscriptions(const Scene& scene, std::string_view topic) {
  auto all = scene.world.all(scene.ref(subscription_type, ""));
  std::erase_if(all,
                [&](const Resource* one) { return json::text(one->aspect("TopicArn")) != topic; });
  return all;
}

bool confirmed(const Resource& subscription) {
  return json::at(subscription.internals, "token").is_null();
}

json::Object shown(const Scene& scene, const Resource& subscription) {
  auto out = scene.shown(subscription);
  if (!confirmed(subscription)) out["SubscriptionArn"] = "PendingConfirmation";
  return out;
}

std::string default_policy(const Scene& scene, const std::string& arn) {
  json::Array actions;
  for (const auto* name :
       {"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission",
        "DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish"})
    actions.push_back(json::Value(std::string("SNS:") + name));
  json::Object statement{
      {"Sid", "__default_statement_ID"},
      {"Effect", "Allow"},
      {"Principal", json::Object{{"AWS", "*"}}},
      {"Action", std::move(actions)},
      {"Resource", arn},
      {"Condition",
       json::Object{{"StringEquals", json::Object{{"AWS:SourceOwner", scene.call.account}}}}}};
  return json::print(json::Object{{"Version", "2008-10-17"},
                                  {"Id", "__default_policy_ID"},
                                  {"Statement", json::Array{std::move(statement)}}});
}

void drop_empty(json::Object& attributes) {
  json::Object kept;
  for (const auto& [name, value] : attributes)
    if (!json::scalar_text(value).empty()) kept[name] = value;
  attributes = std::move(kept);
}

Result<> finish_topic(Scene& scene, json::Object& output) {
  auto arn = scene.text("TopicArn");
  auto attributes = json::members(json::at(output, "Attributes"));
  drop_empty(attributes);
  int there = 0, pending = 0;
  for (const auto* one : subscriptions(scene, arn))
    ++(confirmed(*one) ? there : pending);
  attributes["TopicArn"] = arn;
  attributes["Owner"] = scene.call.account;
  attributes["SubscriptionsConfirmed"] = std::to_string(there);
  attributes["SubscriptionsPending"] = std::to_string(pending);
  attributes["SubscriptionsDeleted"] = "0";
  if (!attributes.contains("Policy")) attributes["Policy"] = default_policy(scene, arn);
  if (!attributes.contains("DisplayName")) attributes["DisplayName"] = "";
  output["Attributes"] = std::move(attributes);
  return {};
}

Result<> finish_subscription(Scene& scene, json::Object& output) {
  auto* one = TRY(scene.need(subscription_type, scene.text("SubscriptionArn")));
  auto attributes = json::members(json::at(output, "Attributes"));
  drop_empty(attributes);
  if (json::text(json::at(attributes, "FilterPolicy")) == "{}") attributes.erase("FilterPolicy");
  for (const auto& [name, value] : scene.shown(*one))
    attributes[name] = value;
  attributes["PendingConfirmation"] = confirmed(*one) ? "false" : "true";
  attributes["ConfirmationWasAuthenticated"] = "true";
  output["Attributes"] = std::move(attributes);
  return {};
}

Result<json::Object> subscribe(Scene& scene) {
  auto topic = scene.text("TopicArn"), protocol = scene.text("Protocol"),
       endpoint = scene.text("Endpoint");
  CHECK_OK(scene.need(topic_type, topic));
  if (!among(protocols, protocol))
    return fail(scene.error(
        "InvalidParameter",
        fmt::format("Invalid parameter: Amazon SNS does not support this protocol string: {}",
                    protocol)));
  bool arn_wanted = protocol == "sqs" || protocol == "lambda";
  if (endpoint.empty() || arn_wanted != endpoint.starts_with(fmt::format("arn:aws:{}:", protocol)))
    return fail(
        scene.error("InvalidParameter", fmt::format("Invalid parameter: {} endpoint", protocol)));
  CHECK_OK(check_filter(scene, scene.text("Attributes.FilterPolicy")));
  for (const auto* one : subscriptions(scene, topic))
    if (json::text(one->aspect("Protocol")) == protocol &&
        json::text(one->aspect("Endpoint")) == endpoint)
      return json::Object{{"SubscriptionArn", one->ref.id}};
  auto* made = TRY(scene.create(subscription_type, topic + ":" + scene.ids.uuid()));
  if (arn_wanted) return json::Object{{"SubscriptionArn", made->ref.id}};
  made->internals["token"] = scene.ids.hex(64);
  bool show = json::truth(scene.input("ReturnSubscriptionArn"));
  return json::Object{{"SubscriptionArn", show ? made->ref.id : "pending confirmation"}};
}

Result<json::Object> confirm(Scene& scene) {
  for (const auto* one : subscriptions(scene, scene.text("TopicArn"))) {
    if (json::at(one->internals, "token") != scene.input("Token")) continue;
    scene.world.edit(one->ref).internals.erase("token");
    return json::Object{{"SubscriptionArn", one->ref.id}};
  }
  return fail(scene.error("InvalidParameter", "Invalid parameter: Token"));
}

Result<json::Object> list_by_topic(Scene& scene) {
  auto topic = scene.text("TopicArn");
  CHECK_OK(scene.need(topic_type, topic));
  json::Array out;
  for (const auto* one : subscriptions(scene, topic))
    out.push_back(shown(scene, *one));
  return json::Object{{"Subscriptions", std::move(out)}};
}

// Whether each attribute that the filter names has one of its values.
bool lets_pass(const Resource& subscription, const json::Value& entry) {
  auto policy = json::parse(json::text(subscription.aspect("FilterPolicy"), "{}"));
  if (!policy) return false;
  bool by_body = json::text(subscription.aspect("FilterPolicyScope")) == "MessageBody";
  auto body =
      by_body ? json::parse(json::text(entry, "Message", "")) : Result<json::Value>(json::Value());
  return std::ranges::all_of(json::members(*policy), [&](const auto& member) {
    auto actual = by_body && body
                      ? json::scalar_text(json::at(*body, member.key()))
                      : json::text(json::at(json::at(entry, "MessageAttributes"), member.key()),
                                   "StringValue", "");
    return std::ranges::any_of(json::items(member.value()), [&](const json::Value& value) {
      return json::scalar_text(value) == actual;
    });
  });
}

json::Object envelope(const Scene& scene, const std::string& topic, const std::string& id,
                      const json::Value& entry, const Resource& subscription) {
  json::Object out{{"Type", "Notification"}, {"MessageId", id}, {"TopicArn", topic}};
  if (const auto& subject = json::at(entry, "Subject"); !subject.is_null())
    out["Subject"] = subject;
  out["Message"] = json::at(entry, "Message");
  out["Timestamp"] = scene.now.iso();
  out["UnsubscribeURL"] =
      fmt::format("{}/?Action=Unsubscribe&SubscriptionArn={}", scene.endpoint, subscription.ref.id);
  json::Object attributes;
  for (const auto& [name, value] : json::members(json::at(entry, "MessageAttributes")))
    attributes[name] = json::Object{{"Type", json::at(value, "DataType")},
                                    {"Value", json::at(value, "StringValue")}};
  if (!attributes.empty()) out["MessageAttributes"] = std::move(attributes);
  return out;
}

Result<std::string> deliver(Scene& scene, const std::string& topic, const json::Value& entry) {
  auto message = json::text(entry, "Message", "");
  if (message.empty())
    return fail(scene.error("InvalidParameter", "Invalid parameter: Empty message"));
  if (message.size() > message_bytes_max)
    return fail(scene.error("InvalidParameter", "Invalid parameter: Message too long"));
  auto id = scene.ids.uuid();
  for (const auto* one : subscriptions(scene, topic)) {
    if (!confirmed(*one) || json::text(one->aspect("Protocol")) != "sqs" || !lets_pass(*one, entry))
      continue;
    auto* queue = find_queue(scene, json::text(one->aspect("Endpoint")));
    if (queue == nullptr) continue;
    bool raw = json::text(one->aspect("RawMessageDelivery")) == "true";
    auto body = raw ? message : json::print(envelope(scene, topic, id, entry, *one));
    CHECK_OK(
        enqueue(scene, *queue, body, raw ? json::at(entry, "MessageAttributes") : json::Value()));
  }
  return id;
}

Result<json::Object> publish(Scene& scene) {
  auto topic = scene.text("TopicArn", scene.text("TargetArn"));
  if (topic.empty())
    return fail(scene.error(
        "InvalidParameter",
        "Invalid parameter: TopicArn or TargetArn; the emulated cloud has no telephones"));
  CHECK_OK(scene.need(topic_type, topic));
  auto id = TRY(deliver(scene, topic, scene.call.input));
  return json::Object{{"MessageId", id}};
}

Result<json::Object> publish_batch(Scene& scene) {
  auto topic = scene.text("TopicArn");
  CHECK_OK(scene.need(topic_type, topic));
  const auto& entries = json::items(scene.input("PublishBatchRequestEntries"));
  if (entries.empty())
    return fail(scene.error("EmptyBatchRequest", "The batch request doesn't contain any entries."));
  if (entries.size() > batch_max)
    return fail(scene.error("TooManyEntriesInBatchRequest",
                            "The batch request contains more entries than permissible."));
  json::Array done, failed;
  for (const auto& entry : entries) {
    auto id = deliver(scene, topic, entry);
    if (id)
      done.push_back(json::Object{{"Id", json::at(entry, "Id")}, {"MessageId", *id}});
    else
      failed.push_back(json::Object{{"Id", json::at(entry, "Id")},
                                    {"Code", id.error().wire_code},
                                    {"Message", id.error().message},
                                    {"SenderFault", true}});
  }
  return json::Object{{"Successful", std::move(done)}, {"Failed", std::move(failed)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("sns:CreateTopic", check_create_topic);
  hooks.check("sns:SetTopicAttributes", check_topic_attribute);
  hooks.check("sns:SetSubscriptionAttributes", check_subscription_attribute);
  hooks.finish("sns:GetTopicAttributes", finish_topic);
  hooks.finish("sns:GetSubscriptionAttributes", finish_subscription);
  hooks.emulate("sns:Subscribe", subscribe);
  hooks.emulate("sns:ConfirmSubscription", confirm);
  hooks.emulate("sns:ListSubscriptionsByTopic", list_by_topic);
  hooks.emulate("sns:Publish", publish);
  hooks.emulate("sns:PublishBatch", publish_batch);
}

}  // namespace aright::sandbox::sns_hooks
