// SQS: what was received is hidden from others for a while, and deleted when it is on record.

#include <algorithm>

#include "remediation/heartbeat.h"
#include "remediation/intake.h"

namespace aright::remediation {

namespace {

Parcel parcel_of(const json::Value& message) {
  const auto& attributes = json::at(message, "Attributes");
  return {.id = json::text(message, "MessageId", ""),
          .text = json::text(message, "Body", ""),
          .group = json::text(attributes, "MessageGroupId", ""),
          .receives = json::integer(json::at(attributes, "ApproximateReceiveCount"), 1)};
}

// Entries of a batch: its messages' handles, numbered.
template <typename Wanted>
json::Array handles_of(const json::Array& messages, Wanted wanted, const json::Object& more = {}) {
  json::Array out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!wanted(i)) continue;
    json::Object entry{{"Id", std::to_string(i)}, {"ReceiptHandle", json::at(messages[i], "ReceiptHandle")}};
    for (const auto& [name, value] : more) entry[name] = value;
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

Result<std::string> Intake::url_of(const Source& source, const Context& context) {
  {
    std::lock_guard lock(mutex_);
    if (auto known = urls_.find(source.name); known != urls_.end()) return known->second;
  }
  auto named = TRY(call(source, "sqs", "GetQueueUrl",
                        {{"QueueName", source.queue}, {"QueueOwnerAWSAccountId", source.account}}, context));
  auto url = json::text(named, "QueueUrl");
  std::lock_guard lock(mutex_);
  urls_[source.name] = url;
  return url;
}

// Whether the queue hands over to another what came too often.
Result<bool> Intake::buries(const Source& source, const std::string& url, const Context& context) {
  auto told = TRY(call(source, "sqs", "GetQueueAttributes",
                       {{"QueueUrl", url}, {"AttributeNames", json::Array{"RedrivePolicy"}}}, context));
  return !json::text(json::at(json::at(told, "Attributes"), "RedrivePolicy")).empty();
}

// A message that cannot be read is left to the queue's redrive policy, or is deleted where it has none; then the record
// alone has it. Whether there is one is asked when it matters.
Result<std::size_t> Intake::poll_queue(const Source& source, const Context& context) {
  auto url = TRY(url_of(source, context));
  auto answer = call(source, "sqs", "ReceiveMessage",
                     {{"QueueUrl", url},
                      {"MaxNumberOfMessages", messages_max},
                      {"WaitTimeSeconds", long_poll_s},
                      {"VisibilityTimeout", hidden_for.count()},
                      {"AttributeNames", json::Array{"ApproximateReceiveCount", "MessageGroupId"}}},
                     context);
  if (!answer) {
    std::lock_guard lock(mutex_);
    urls_.erase(source.name);  // the queue may have been made anew
    return fail(answer.error());
  }
  const auto messages = json::items(json::at(*answer, "Messages"));
  if (messages.empty()) return 0;
  std::vector<Parcel> parcels;
  for (const auto& message : messages) parcels.push_back(parcel_of(message));
  Sorted sorted;
  {
    const Heartbeat still(milliseconds(hidden_for) / 3, [&](const Context& until) {
      auto all = handles_of(messages, [](std::size_t) { return true; }, {{"VisibilityTimeout", hidden_for.count()}});
      std::ignore = call(source, "sqs", "ChangeMessageVisibilityBatch",
                         {{"QueueUrl", url}, {"Entries", std::move(all)}}, until);
    });
    sorted = sort(source, parcels, context);
  }
  std::optional<bool> buried;  // without the permission to ask, it is taken to have no such policy
  auto stay = [&] {
    if (!buried) buried = buries(source, url, context).value_or(false);
    return *buried;
  };
  auto done = handles_of(messages, [&](std::size_t i) {
    return sorted.fates[i] == Fate::taken || (sorted.fates[i] == Fate::refused && !stay());
  });
  if (!done.empty()) {
    auto deleted = TRY(call(source, "sqs", "DeleteMessageBatch", {{"QueueUrl", url}, {"Entries", std::move(done)}},
                            Context::within(farewell_timeout)));
    if (const auto& failed = json::items(json::at(deleted, "Failed")); !failed.empty())
      return fail(Errc::unavailable, "{} messages could not be deleted: {}", failed.size(),
                  json::text(failed[0], "Message", json::text(failed[0], "Code", "")));
  }
  if (sorted.failure) return fail(*sorted.failure);
  return sorted.taken;
}

}  // namespace aright::remediation
