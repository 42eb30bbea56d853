#include "server/mappings.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "bus/target.h"
#include "pattern/pattern.h"

namespace aright::server {

namespace {

constexpr std::string_view mapping_type = "AWS::Lambda::EventSourceMapping";
constexpr std::string_view part_failures = "ReportBatchItemFailures";

json::Object attributes_of(const json::Value& said) {
  json::Object out;
  for (const auto& [name, value] : json::members(said)) {
    json::Object one{{"stringListValues", json::Array()}, {"binaryListValues", json::Array()},
                     {"dataType", json::at(value, "DataType")}};
    for (const auto& [theirs, ours] :
         {std::pair("StringValue", "stringValue"), std::pair("BinaryValue", "binaryValue")})
      if (const auto& held = json::at(value, theirs); !held.is_null()) one[ours] = held;
    out[name] = std::move(one);
  }
  return out;
}

// A message as Lambda hands it to a function.
json::Object record_of(const json::Value& message, const std::string& arn, const std::string& region) {
  return {{"messageId", json::at(message, "MessageId")},
          {"receiptHandle", json::at(message, "ReceiptHandle")},
          {"body", json::at(message, "Body")},
          {"attributes", json::members(json::at(message, "Attributes"))},
          {"messageAttributes", attributes_of(json::at(message, "MessageAttributes"))},
          {"md5OfBody", json::at(message, "MD5OfBody")},
          {"eventSource", "aws:sqs"},
          {"eventSourceARN", arn},
          {"awsRegion", region}};
}

// Filters see a body that is JSON as what it says.
bool wanted(const std::vector<pattern::Pattern>& filters, json::Object record) {
  if (filters.empty()) return true;
  if (auto body = json::parse(json::text(record, "body", "")); body && body->is_object()) record["body"] = *body;
  json::Value seen(std::move(record));
  return std::ranges::any_of(filters, [&](const auto& filter) { return filter.matches(seen); });
}

// The ids of the messages that a function has not dealt with; nothing: none of them, for it said what makes no sense.
std::optional<std::set<std::string>> failures_in(const json::Object& answer, const std::set<std::string>& sent) {
  auto payload = from_base64(json::text(answer, "Payload", ""));
  if (!payload) return std::nullopt;
  if (payload->empty()) return std::set<std::string>();
  auto said = json::parse(*payload);
  if (!said) return std::nullopt;
  const auto& failures = json::at(*said, "batchItemFailures");
  std::set<std::string> out;
  for (const auto& one : json::items(failures)) {
    auto id = json::text(one, "itemIdentifier", "");
    if (!sent.contains(id)) return std::nullopt;
    out.insert(std::move(id));
  }
  return out;
}

}  // namespace

struct Mappings::Mapping {
  std::string account, region, queue_account, queue_region, queue, arn, function;
  std::size_t batch = batch_default;
  bool tells_failures = false;
  std::vector<pattern::Pattern> filters;

  // Nothing: it is disabled, or its source is no queue. A filter that cannot be read fails.
  static Result<std::optional<Mapping>> read(std::string_view key, const json::Value& resource) {
    const auto& aspects = json::at(resource, "aspects");
    auto arn = bus::read_arn(json::text(aspects, "EventSourceArn", ""));
    if (!arn || arn->service != "sqs" || json::text(aspects, "Enabled", "") != "Enabled") return std::nullopt;
    auto place = split(key, '/');
    Mapping out{.account = place[0], .region = place[1], .queue_account = arn->account, .queue_region = arn->region,
                .queue = arn->name, .arn = json::text(aspects, "EventSourceArn", ""),
                .function = json::text(aspects, "FunctionName", "")};
    auto said = json::integer(json::at(aspects, "BatchSize"), static_cast<std::int64_t>(batch_default));
    out.batch = static_cast<std::size_t>(std::clamp<std::int64_t>(said, 1, batch_most));
    out.tells_failures = std::ranges::any_of(json::texts(json::at(aspects, "FunctionResponseTypes")),
                                             [](const auto& type) { return type == part_failures; });
    for (const auto& filter : json::items(json::at(json::at(aspects, "FilterCriteria"), "Filters")))
      out.filters.push_back(TRY(pattern::Pattern::parse(json::text(filter, "Pattern", "{}"))));
    return out;
  }
};

void Mappings::run() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    Context forever{.stop = stop};
    while (!stop.stop_requested()) {
      auto context = Context::within(mappings_timeout);
      context.stop = stop;
      if (turn(context) == 0 && !forever.sleep(mappings_pause)) return;
    }
  });
}

void Mappings::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::size_t Mappings::turn(const Context& context) {
  std::size_t received = 0;
  for (const auto& [key, resource] : options_.kept->export_type(mapping_type)) {
    auto served = [&]() -> Result<std::size_t> {
      auto mapping = TRY(Mapping::read(key, resource));
      return mapping ? serve(*mapping, context) : Result<std::size_t>(std::size_t{0});
    }();
    if (served) received += *served;
    else if (options_.log)
      options_.log(fmt::format("event source mapping {}: {}", std::string_view(key), served.error().text()));
  }
  return received;
}

Result<json::Object> Mappings::ask(const Mapping& mapping, const char* operation, json::Object input,
                                   const Context& context) {
  return options_.queues->call({.service = "sqs", .operation = operation, .region = mapping.queue_region,
                                .account = mapping.queue_account, .input = std::move(input)},
                               context);
}

// As many as make a batch, as far as they are there.
Result<json::Array> Mappings::receive(const Mapping& mapping, const std::string& url, const Context& context) {
  json::Array out;
  while (out.size() < mapping.batch) {
    auto answer = TRY(ask(mapping, "ReceiveMessage",
                          {{"QueueUrl", url},
                           {"MaxNumberOfMessages", std::min(receive_most, mapping.batch - out.size())},
                           {"AttributeNames", json::Array{"All"}}, {"MessageAttributeNames", json::Array{"All"}}},
                          context));
    const auto& messages = json::items(json::at(answer, "Messages"));
    if (messages.empty()) break;
    out.insert(out.end(), messages.begin(), messages.end());
  }
  return out;
}

Result<> Mappings::remove(const Mapping& mapping, const std::string& url, const json::Array& messages,
                          const Context& context) {
  for (std::size_t from = 0; from < messages.size(); from += receive_most) {
    json::Array entries;
    for (auto i = from; i < std::min(messages.size(), from + receive_most); ++i)
      entries.push_back(json::Object{{"Id", std::to_string(i)},
                                     {"ReceiptHandle", json::at(messages[i], "ReceiptHandle")}});
    TRY(ask(mapping, "DeleteMessageBatch", {{"QueueUrl", url}, {"Entries", std::move(entries)}}, context));
  }
  return {};
}

Result<std::size_t> Mappings::serve(const Mapping& mapping, const Context& context) {
  auto named = TRY(ask(mapping, "GetQueueUrl",
                       {{"QueueName", mapping.queue}, {"QueueOwnerAWSAccountId", mapping.queue_account}}, context));
  auto url = json::text(named, "QueueUrl");
  auto messages = TRY(receive(mapping, url, context));
  if (messages.empty()) return std::size_t{0};
  json::Array records, done;  // done: nobody wants them, or they were dealt with
  std::set<std::string> sent;
  for (const auto& message : messages) {
    auto record = record_of(message, mapping.arn, mapping.queue_region);
    if (!wanted(mapping.filters, record)) {
      done.push_back(message);
      continue;
    }
    sent.insert(json::text(message, "MessageId", ""));
    records.push_back(std::move(record));
  }
  std::optional<std::set<std::string>> failed;
  if (!records.empty()) {
    aws::Call call{.service = "lambda", .operation = "Invoke", .region = mapping.region, .account = mapping.account,
                   .input = {{"FunctionName", mapping.function},
                             {"Payload", to_base64(json::print(json::Object{{"Records", std::move(records)}}))}}};
    auto answer = options_.invoke(call, context);
    if (!answer && options_.log) options_.log(fmt::format("{}: {}", mapping.function, answer.error().text()));
    bool good = answer && json::at(*answer, "FunctionError").is_null();
    if (good) failed = mapping.tells_failures ? failures_in(*answer, sent) : std::set<std::string>();
  }
  for (const auto& message : messages)
    if (auto id = json::text(message, "MessageId", ""); failed && sent.contains(id) && !failed->contains(id))
      done.push_back(message);
  CHECK_OK(remove(mapping, url, done, context));
  return messages.size();
}

}  // namespace aright::server
