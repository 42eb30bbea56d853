#include "notify/queues.h"

#include "base/digest.h"

namespace aright::notify {

Result<std::string> Queues::url_of(const bus::Arn& queue, const Context& context) {
  auto key = fmt::format("{}/{}/{}", queue.region, queue.account, queue.name);
  {
    std::lock_guard lock(mutex_);
    if (auto known = urls_.find(key); known != urls_.end()) return known->second;
  }
  aws::Call call{.service = "sqs",
                 .operation = "GetQueueUrl",
                 .region = queue.region,
                 .account = queue.account,
                 .input = {{"QueueName", queue.name}, {"QueueOwnerAWSAccountId", queue.account}}};
  auto answer = TRY(cloud_.call(call, context));
  auto url = json::text(answer, "QueueUrl");
  std::lock_guard lock(mutex_);
  if (urls_.size() >= queue_urls_max) urls_.clear();
  urls_[key] = url;
  return url;
}

Result<> Queues::send(const QueueMessage& message, const Context& context) {
  auto queue = TRY(bus::read_arn(message.queue));
  auto url = TRY(url_of(queue, context));
  aws::Call call{.service = "sqs",
                 .operation = "SendMessage",
                 .region = queue.region,
                 .account = queue.account,
                 .input = {{"QueueUrl", url}, {"MessageBody", message.body}}};
  json::Object attributes;
  for (const auto& [name, value] : message.attributes)
    attributes[name] = json::Object{{"DataType", "String"}, {"StringValue", value}};
  if (!attributes.empty()) call.input["MessageAttributes"] = std::move(attributes);
  if (!message.group.empty()) {
    call.input["MessageGroupId"] = message.group;
    call.input["MessageDeduplicationId"] = to_hex(sha256(message.id));
  }
  CHECK_OK(cloud_.call(call, context));
  return {};
}

Result<> put_event(aws::Caller& cloud, const std::string& account, const std::string& region, json::Object entry,
                   const Context& context) {
  aws::Call call{.service = "events",
                 .operation = "PutEvents",
                 .region = region,
                 .account = account,
                 .input = {{"Entries", json::Array{std::move(entry)}}}};
  auto answer = TRY(cloud.call(call, context));
  if (json::integer(json::at(answer, "FailedEntryCount")) == 0) return {};
  const auto& refused = json::items(json::at(answer, "Entries"));
  auto code = refused.empty() ? "" : json::text(refused[0], "ErrorCode", "");
  bool passing = code == "InternalFailure" || code == "ThrottlingException";
  return fail({.code = passing ? Errc::throttled : Errc::denied,
               .message = refused.empty() ? code : json::text(refused[0], "ErrorMessage", code),
               .wire_code = code});
}

}  // namespace aright::notify
