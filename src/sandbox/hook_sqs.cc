// Queues: messages are kept, hidden while somebody works on them, and come back when that takes too
// long.
#include <algorithm>
#include <array>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "sandbox/paging.h"
#include "sandbox/sqs.h"

namespace aright::sandbox::sqs_hooks {

namespace {

constexpr std::size_t moves_kept = 10;  // tasks that a queue tells of
constexpr std::int64_t list_max = 1'000;  // queues in one answer
constexpr std::size_t messages_max = 100'000, batch_max = 10, name_length_max = 80;
constexpr std::int64_t once_within_ms = 300'000;  // the same deduplication id is the same message
constexpr std::int64_t delay_s_max = 900, visibility_s_max = 43'200;
constexpr std::array known_attributes{"VisibilityTimeout",
                                      "MaximumMessageSize",
                                      "MessageRetentionPeriod",
                                      "DelaySeconds",
                                      "ReceiveMessageWaitTimeSeconds",
                                      "SqsManagedSseEnabled",
                                      "KmsMasterKeyId",
                                      "KmsDataKeyReusePeriodSeconds",
                                      "Policy",
                                      "RedrivePolicy",
                                      "RedriveAllowPolicy",
                                      "FifoQueue",
                                      "ContentBasedDeduplication",
                                      "DeduplicationScope",
                                      "FifoThroughputLimit"};

std::string name_of(const Resource& queue) {
  return queue.ref.id.substr(queue.ref.id.rfind('/') + 1);
}

std::int64_t setting(const Resource& queue, std::string_view name) {
  return json::integer(json::Value(json::scalar_text(queue.aspect(name))));
}

json::Array& messages(Resource& queue) {
  auto& all = queue.internals["messages"];
  if (!all.is_array()) all = json::Array();
  return all.get_array();
}

std::int64_t member(const json::Value& message, std::string_view name) {
  return json::integer(json::at(message, name));
}

// Messages older than the queue keeps them go.
void forget_old(const Scene& scene, Resource& queue) {
  auto keep_ms = setting(queue, "MessageRetentionPeriod") * 1000;
  auto& all = messages(queue);
  auto old = std::ranges::remove_if(all, [&](const json::Value& message) {
    return member(message, "sent_ms") + keep_ms <= scene.now.ms;
  });
  all.erase(old.begin(), old.end());
}

Result<Resource*> the_queue(Scene& scene) {
  auto* queue = TRY(scene.need(queue_type, scene.text("QueueUrl")));
  forget_old(scene, *queue);
  return queue;
}

// As AWS does it: name, type and value of each attribute with their lengths, in the order of names.
std::string attributes_md5(const json::Value& attributes) {
  std::string text;
  auto add = [&](std::string_view part) {
    for (int shift = 24; shift >= 0; shift -= 8)
      text += static_cast<char>(part.size() >> shift & 255);
    text += part;
  };
  std::map<std::string, json::Value> sorted;
  for (const auto& [name, value] : json::members(attributes))
    sorted[name] = value;
  for (const auto& [name, value] : sorted) {
    auto type = json::text(value, "DataType", "");
    bool binary = type.starts_with("Binary");
    add(name);
    add(type);
    text += static_cast<char>(binary ? 2 : 1);
    add(binary ? from_base64(json::text(value, "BinaryValue", "")).value_or("")
               : json::text(value, "StringValue", ""));
  }
  return to_hex(md5(text));
}

Result<> check_attributes(Scene& scene) {
  for (const auto& [name, value] : json::members(scene.input("Attributes")))
    if (std::ranges::find(known_attributes, std::string_view(name)) == known_attributes.end())
      return fail(scene.error("InvalidAttributeName",
                              fmt::format("Unknown Attribute {}.", std::string_view(name))));
  for (const auto* name : {"Policy", "RedrivePolicy", "RedriveAllowPolicy"}) {
    auto text = json::text(json::at(scene.input("Attributes"), name));
    if (!text.empty() && !json::parse(text))
      return fail(scene.error("InvalidAttributeValue",
                              fmt::format("Invalid value for the parameter {}.", name)));
  }
  return {};
}

bool same_settings(const Scene& scene, const Resource& queue) {
  return std::ranges::all_of(json::members(scene.input("Attributes")), [&](const auto& attribute) {
    return json::scalar_text(queue.aspect(attribute.key())) == json::scalar_text(attribute.value());
  });
}

Result<json::Object> create_queue(Scene& scene) {
  auto name = scene.text("QueueName");
  auto bare = name.ends_with(".fifo") ? name.substr(0, name.size() - 5) : name;
  bool valid = !bare.empty() && name.size() <= name_length_max &&
               std::ranges::all_of(
                   bare, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  if (!valid)
    return fail(scene.error(
        "InvalidParameterValue",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"));
  bool fifo = json::text(json::at(scene.input("Attributes"), "FifoQueue")) == "true";
  if (fifo != name.ends_with(".fifo"))
    return fail(scene.error("InvalidParameterValue",
                            "The name of a FIFO queue, and of no other, ends with .fifo"));
  CHECK_OK(check_attributes(scene));
  auto url = json::text(scene.fill(json::Value("{endpoint}/{account}/" + name)));
  if (const auto* there = scene.find(queue_type, url)) {
    if (!same_settings(scene, *there)) return fail(scene.error("QueueAlreadyExists"));
    return json::Object{{"QueueUrl", url}};
  }
  CHECK_OK(scene.create(queue_type, url));
  return json::Object{{"QueueUrl", url}};
}

Result<json::Object> queue_url(Scene& scene) {
  auto url = json::text(scene.fill(json::Value("{endpoint}/{account}/" + scene.text("QueueName"))));
  CHECK_OK(scene.need(queue_type, url));
  return json::Object{{"QueueUrl", url}};
}

// Pages come only to those who say MaxResults. The token names the last queue of the page before.
Result<json::Object> list_queues(Scene& scene) {
  const bool paged = !scene.input("MaxResults").is_null();
  const auto limit = std::clamp<std::int64_t>(json::integer(scene.input("MaxResults"), list_max), 1, list_max);
  auto token = scene.text("NextToken");
  auto after = token.empty() ? std::optional<std::string>("") : read_page_token(scene.call.operation, token);
  if (!after) return fail(bad_token(scene, "NextToken"));
  json::Array urls;
  bool more = false;
  for (const auto* queue : scene.world.all(scene.ref(queue_type, ""))) {
    if (!name_of(*queue).starts_with(scene.text("QueueNamePrefix")) || queue->ref.id <= *after) continue;
    more = urls.size() == static_cast<std::size_t>(limit);
    if (more) break;
    urls.push_back(json::Value(queue->ref.id));
  }
  json::Object output;
  if (more && paged) output["NextToken"] = page_token(scene.call.operation, json::text(urls.back()));
  if (!urls.empty()) output["QueueUrls"] = std::move(urls);
  return output;
}

// What the queue counts, and only what was asked for.
Result<> finish_attributes(Scene& scene, json::Object& output) {
  auto* queue = TRY(the_queue(scene));
  auto all = json::members(json::at(output, "Attributes"));
  if (auto* sealed = all.if_contains("SqsManagedSseEnabled")) *sealed = lower(json::scalar_text(*sealed));  // True is true
  std::size_t visible = 0, hidden = 0, delayed = 0;
  for (const auto& message : messages(*queue)) {
    if (member(message, "visible_ms") <= scene.now.ms)
      ++visible;
    else
      ++(member(message, "received") > 0 ? hidden : delayed);
  }
  all["QueueArn"] =
      scene.fill(json::Value("arn:{partition}:sqs:{region}:{account}:" + name_of(*queue)));
  all["ApproximateNumberOfMessages"] = std::to_string(visible);
  all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(hidden);
  all["ApproximateNumberOfMessagesDelayed"] = std::to_string(delayed);
  all["CreatedTimestamp"] = std::to_string(queue->created.ms / 1000);
  all["LastModifiedTimestamp"] = std::to_string(queue->created.ms / 1000);
  auto names = json::texts(scene.input("AttributeNames"));
  json::Object chosen;
  for (const auto& [name, value] : all) {
    bool wanted = std::ranges::find(names, "All") != names.end() ||
                  std::ranges::find(names, std::string_view(name)) != names.end();
    if (wanted && !json::scalar_text(value).empty()) chosen[name] = json::scalar_text(value);
  }
  output["Attributes"] = std::move(chosen);
  return {};
}

bool is_fifo(const Resource& queue) {
  return json::text(queue.aspect("FifoQueue")) == "true";
}

// "" where a message sent twice is two.
std::string deduplication_id(const Resource& queue, const json::Value& entry, std::string_view body) {
  if (!is_fifo(queue)) return "";
  bool by_content = json::text(queue.aspect("ContentBasedDeduplication")) == "true";
  return json::text(entry, "MessageDeduplicationId", by_content ? to_hex(sha256(body)) : "");
}

json::Object& lately_sent(Resource& queue) {
  auto& sent = queue.internals["sent"];
  if (!sent.is_object()) sent = json::Object();
  return sent.get_object();
}

// The id of the message that was sent by this deduplication id within its time, or "".
std::string sent_before(const Scene& scene, Resource& queue, const std::string& once) {
  if (once.empty()) return "";
  const auto& before = json::at(lately_sent(queue), once);
  return member(before, "at") + once_within_ms > scene.now.ms ? json::text(before, "id", "") : "";
}

void remember_sent(const Scene& scene, Resource& queue, const std::string& once, const std::string& id) {
  auto& sent = lately_sent(queue);
  json::Object kept;
  for (const auto& [name, before] : sent)
    if (member(before, "at") + once_within_ms > scene.now.ms) kept[name] = before;
  kept[once] = json::Object{{"id", id}, {"at", scene.now.ms}};
  sent = std::move(kept);
}

Result<json::Object> send_one(Scene& scene, Resource& queue, const json::Value& entry) {
  auto body = json::text(entry, "MessageBody", "");
  auto most = static_cast<std::size_t>(setting(queue, "MaximumMessageSize"));
  if (body.empty())
    return fail(
        scene.error("MissingParameter", "The request must contain the parameter MessageBody."));
  if (body.size() > most)
    return fail(scene.error(
        "InvalidParameterValue",
        fmt::format(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
            most)));
  if (is_fifo(queue) && json::text(entry, "MessageGroupId", "").empty())
    return fail(
        scene.error("MissingParameter", "The request must contain the parameter MessageGroupId."));
  const auto& asked = json::at(entry, "DelaySeconds");
  auto delay = asked.is_null() ? setting(queue, "DelaySeconds") : json::integer(asked);
  if (delay < 0 || delay > delay_s_max)
    return fail(scene.error("InvalidParameterValue", "DelaySeconds must be between 0 and 900."));
  const auto& attributes = json::at(entry, "MessageAttributes");
  auto once = deduplication_id(queue, entry, body);
  auto id = sent_before(scene, queue, once);
  if (id.empty()) {
    id = TRY(enqueue(scene, queue, body, attributes, delay));
    auto& message = messages(queue).back().as_object();
    if (is_fifo(queue)) message["group"] = json::at(entry, "MessageGroupId");
    if (!once.empty()) remember_sent(scene, queue, once, id);
  }
  json::Object output{{"MessageId", id}, {"MD5OfMessageBody", to_hex(md5(body))}};
  if (!json::members(attributes).empty())
    output["MD5OfMessageAttributes"] = attributes_md5(attributes);
  return output;
}

Result<json::Object> send(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  return send_one(scene, *queue, scene.call.input);
}

// The entries of a batch, with ids of their own.
Result<json::Array> entries(Scene& scene) {
  auto all = json::items(scene.input("Entries"));
  if (all.empty()) return fail(scene.error("AWS.SimpleQueueService.EmptyBatchRequest"));
  if (all.size() > batch_max)
    return fail(scene.error("AWS.SimpleQueueService.TooManyEntriesInBatchRequest"));
  std::set<std::string> ids;
  for (const auto& entry : all)
    if (!ids.insert(json::text(entry, "Id", "")).second)
      return fail(scene.error("AWS.SimpleQueueService.BatchEntryIdsNotDistinct"));
  return all;
}

// One answer for each entry: what `act` says, or why it could not.
template <typename Act>
Result<json::Object> each_entry(Scene& scene, Act act) {
  json::Array done, failed;
  for (const auto& entry : TRY(entries(scene))) {
    Result<json::Object> result = act(entry);
    if (result) {
      (*result)["Id"] = json::at(entry, "Id");
      done.push_back(std::move(*result));
    } else {
      failed.push_back(json::Object{{"Id", json::at(entry, "Id")},
                                    {"SenderFault", true},
                                    {"Code", result.error().wire_code},
                                    {"Message", result.error().message}});
    }
  }
  return json::Object{{"Successful", std::move(done)}, {"Failed", std::move(failed)}};
}

Result<json::Object> send_batch(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  return each_entry(scene,
                    [&](const json::Value& entry) { return send_one(scene, *queue, entry); });
}

// Those that came back too often go to the queue for the dead.
bool bury(Scene& scene, const Resource& queue, const json::Value& message) {
  auto policy = json::parse(json::text(queue.aspect("RedrivePolicy")));
  if (!policy) return false;
  auto most =
      json::integer(json::Value(json::scalar_text(json::at(*policy, "maxReceiveCount"))), 0);
  if (most < 1 || member(message, "received") < most) return false;
  auto* grave = find_queue(scene, json::text(*policy, "deadLetterTargetArn", ""));
  if (grave == nullptr) return false;
  auto moved = json::members(message);
  moved["visible_ms"] = scene.now.ms;
  moved["from"] = scene.arn(queue);
  messages(*grave).push_back(std::move(moved));
  return true;
}

bool is_grave(const Scene& scene, const std::string& arn) {
  return std::ranges::any_of(scene.world.all(scene.ref(queue_type, "")), [&](const Resource* queue) {
    auto policy = json::parse(json::text(queue->aspect("RedrivePolicy")));
    return policy && json::text(*policy, "deadLetterTargetArn", "") == arn;
  });
}

Result<Resource*> the_grave(Scene& scene) {
  auto* queue = find_queue(scene, scene.text("SourceArn"));
  if (queue == nullptr) return fail(scene.error("ResourceNotFoundException"));
  return queue;
}

// The dead go back to where they came from, or all to one queue. It is done at once.
Result<json::Object> start_move(Scene& scene) {
  auto* grave = TRY(the_grave(scene));
  auto source = scene.text("SourceArn"), destination = scene.text("DestinationArn");
  if (!is_grave(scene, source))
    return fail(scene.error("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue."));
  if (!destination.empty() && find_queue(scene, destination) == nullptr)
    return fail(scene.error("ResourceNotFoundException",
                            "The resource that you specified for the DestinationArn parameter does not exist."));
  forget_old(scene, *grave);
  json::Array stay;
  std::int64_t moved = 0;
  const auto all = messages(*grave);
  for (const auto& message : all) {
    auto* target = find_queue(scene, destination.empty() ? json::text(message, "from", "") : destination);
    if (target == nullptr || target == grave) {
      stay.push_back(message);
      continue;
    }
    auto one = json::members(message);
    one.erase("from");
    one["received"] = 0;
    one["visible_ms"] = scene.now.ms;
    messages(*target).push_back(std::move(one));
    ++moved;
  }
  messages(*grave) = std::move(stay);
  auto& tasks = grave->internals["moves"];
  if (!tasks.is_array()) tasks = json::Array();
  json::Object task{{"Status", "COMPLETED"},
                    {"SourceArn", source},
                    {"ApproximateNumberOfMessagesMoved", moved},
                    {"ApproximateNumberOfMessagesToMove", moved},
                    {"StartedTimestamp", scene.now.ms}};
  if (!destination.empty()) task["DestinationArn"] = destination;
  tasks.get_array().insert(tasks.get_array().begin(), std::move(task));
  if (tasks.get_array().size() > moves_kept) tasks.get_array().pop_back();
  return json::Object{{"TaskHandle", to_base64(json::print(json::Object{{"taskId", scene.ids.uuid()}, {"sourceArn", source}}))}};
}

// The newest first.
Result<json::Object> list_moves(Scene& scene) {
  auto* grave = TRY(the_grave(scene));
  auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(json::integer(scene.input("MaxResults"), 1), 1, moves_kept));
  auto tasks = json::items(json::at(grave->internals, "moves"));
  if (tasks.size() > most) tasks.resize(most);
  return json::Object{{"Results", std::move(tasks)}};
}

Result<json::Object> cancel_move(Scene& scene) {
  auto handle = from_base64(scene.text("TaskHandle"));
  if (!handle || !json::parse(*handle)) return fail(scene.error("InvalidParameterValue", "The task handle is not valid."));
  return fail(scene.error("AWS.SimpleQueueService.UnsupportedOperation", "Only active message movement tasks can be cancelled."));
}

json::Object shown_message(const Scene& scene, const json::Value& message) {
  auto body = json::text(message, "Body", "");
  json::Object out{{"MessageId", json::at(message, "MessageId")},
                   {"ReceiptHandle", json::at(message, "receipt")},
                   {"MD5OfBody", to_hex(md5(body))},
                   {"Body", body}};
  auto names = json::texts(scene.input("AttributeNames"));
  auto asked = [&](std::string_view name) {
    return std::ranges::find(names, "All") != names.end() ||
           std::ranges::find(names, name) != names.end();
  };
  json::Object about;
  if (asked("SentTimestamp")) about["SentTimestamp"] = std::to_string(member(message, "sent_ms"));
  if (asked("ApproximateReceiveCount"))
    about["ApproximateReceiveCount"] = std::to_string(member(message, "received"));
  if (asked("ApproximateFirstReceiveTimestamp"))
    about["ApproximateFirstReceiveTimestamp"] = std::to_string(member(message, "first_ms"));
  if (asked("MessageGroupId") && !json::at(message, "group").is_null())
    about["MessageGroupId"] = json::at(message, "group");
  if (asked("SenderId")) about["SenderId"] = json::at(message, "sender");
  if (!about.empty()) out["Attributes"] = std::move(about);
  const auto& attributes = json::at(message, "attributes");
  if (!json::members(attributes).empty() &&
      !json::items(scene.input("MessageAttributeNames")).empty()) {
    out["MessageAttributes"] = attributes;
    out["MD5OfMessageAttributes"] = attributes_md5(attributes);
  }
  return out;
}

// Groups of which somebody has a message: the next ones wait until it is deleted, or comes back.
std::set<std::string> busy_groups(const Scene& scene, Resource& queue) {
  std::set<std::string> out;
  for (const auto& message : messages(queue))
    if (auto group = json::text(message, "group", ""); !group.empty() && member(message, "visible_ms") > scene.now.ms)
      out.insert(std::move(group));
  return out;
}

Result<json::Object> receive(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  auto most = json::integer(scene.input("MaxNumberOfMessages"), 1);
  if (most < 1 || most > static_cast<std::int64_t>(batch_max))
    return fail(scene.error("InvalidParameterValue",
                            fmt::format("Value {} for parameter MaxNumberOfMessages is invalid. "
                                        "Reason: Must be between 1 and 10, if provided.",
                                        most)));
  const auto& asked = scene.input("VisibilityTimeout");
  auto hide_s = asked.is_null() ? setting(*queue, "VisibilityTimeout") : json::integer(asked);
  const auto busy = busy_groups(scene, *queue);
  json::Array out, kept;
  for (auto& message : messages(*queue)) {
    bool visible = member(message, "visible_ms") <= scene.now.ms && !busy.contains(json::text(message, "group", ""));
    if (visible && bury(scene, *queue, message)) continue;
    if (visible && out.size() < static_cast<std::size_t>(most)) {
      auto& one = message.as_object();
      one["visible_ms"] = scene.now.ms + hide_s * 1000;
      if (member(message, "received") == 0) one["first_ms"] = scene.now.ms;
      one["received"] = member(message, "received") + 1;
      auto receipt = scene.ids.uuid();
      receipt += scene.ids.hex(16);
      one["receipt"] = to_base64(receipt);
      out.push_back(shown_message(scene, message));
    }
    kept.push_back(message);
  }
  messages(*queue) = std::move(kept);
  return out.empty() ? json::Object() : json::Object{{"Messages", std::move(out)}};
}

Result<json::Object> delete_one(Scene& scene, Resource& queue, const json::Value& entry) {
  auto& all = messages(queue);
  auto found = std::ranges::find_if(all, [&](const json::Value& message) {
    return json::at(message, "receipt") == json::at(entry, "ReceiptHandle");
  });
  if (found != all.end())
    all.erase(found);
  else if (json::text(entry, "ReceiptHandle", "").size() < 16)
    return fail(scene.error("ReceiptHandleIsInvalid"));
  return json::Object();
}

Result<json::Object> delete_message(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  return delete_one(scene, *queue, scene.call.input);
}

Result<json::Object> delete_batch(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  return each_entry(scene,
                    [&](const json::Value& entry) { return delete_one(scene, *queue, entry); });
}

Result<json::Object> change_one(Scene& scene, Resource& queue, const json::Value& entry) {
  auto timeout = json::integer(json::at(entry, "VisibilityTimeout"), -1);
  if (timeout < 0 || timeout > visibility_s_max)
    return fail(
        scene.error("InvalidParameterValue", "VisibilityTimeout must be between 0 and 43200."));
  for (auto& message : messages(queue)) {
    if (json::at(message, "receipt") != json::at(entry, "ReceiptHandle")) continue;
    message.as_object()["visible_ms"] = scene.now.ms + timeout * 1000;
    return json::Object();
  }
  return fail(scene.error("ReceiptHandleIsInvalid"));
}

Result<json::Object> change_visibility(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  return change_one(scene, *queue, scene.call.input);
}

Result<json::Object> change_batch(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  return each_entry(scene, [&](const json::Value& entry) { return change_one(scene, *queue, entry); });
}

Result<json::Object> purge(Scene& scene) {
  auto* queue = TRY(the_queue(scene));
  messages(*queue).clear();
  return json::Object();
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("sqs:CancelMessageMoveTask", cancel_move);
  hooks.emulate("sqs:ListMessageMoveTasks", list_moves);
  hooks.emulate("sqs:StartMessageMoveTask", start_move);
  hooks.emulate("sqs:CreateQueue", create_queue);
  hooks.emulate("sqs:GetQueueUrl", queue_url);
  hooks.emulate("sqs:ListQueues", list_queues);
  hooks.check("sqs:SetQueueAttributes", check_attributes);
  hooks.finish("sqs:GetQueueAttributes", finish_attributes);
  hooks.emulate("sqs:SendMessage", send);
  hooks.emulate("sqs:SendMessageBatch", send_batch);
  hooks.emulate("sqs:ReceiveMessage", receive);
  hooks.emulate("sqs:DeleteMessage", delete_message);
  hooks.emulate("sqs:DeleteMessageBatch", delete_batch);
  hooks.emulate("sqs:ChangeMessageVisibility", change_visibility);
  hooks.emulate("sqs:ChangeMessageVisibilityBatch", change_batch);
  hooks.emulate("sqs:PurgeQueue", purge);
}

}  // namespace aright::sandbox::sqs_hooks

namespace aright::sandbox {

Result<std::string> enqueue(Scene& scene, Resource& queue, std::string body,
                            const json::Value& attributes, std::int64_t delay_s) {
  auto& all = sqs_hooks::messages(queue);
  if (all.size() >= sqs_hooks::messages_max) return fail(scene.error("OverLimit"));
  auto id = scene.ids.uuid();
  all.push_back(json::Object{{"MessageId", id},
                             {"Body", std::move(body)},
                             {"attributes", attributes},
                             {"sender", scene.principal.user_id},
                             {"sent_ms", scene.now.ms},
                             {"visible_ms", scene.now.ms + delay_s * 1000},
                             {"received", 0}});
  return id;
}

Resource* find_queue(Scene& scene, std::string_view arn) {
  auto url = json::text(scene.fill(
      json::Value("{endpoint}/{account}/" + std::string(arn.substr(arn.rfind(':') + 1)))));
  auto ref = scene.ref(queue_type, url);
  return scene.world.find(ref) == nullptr ? nullptr : &scene.world.edit(ref);
}

}  // namespace aright::sandbox
