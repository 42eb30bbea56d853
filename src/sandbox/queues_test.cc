// What SQS promises of the order and the number of messages.

#include <gmock/gmock.h>

#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Queues : public SandboxTest {
 protected:
  Queues() {
    ok("sqs:CreateQueue", R"({"QueueName": "orders.fifo", "Attributes":
                              {"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "30"}})");
    url = json::text(ok("sqs:GetQueueUrl", R"({"QueueName": "orders.fifo"})"), "QueueUrl");
  }
  json::Object about_queue(const char* operation, json::Object input) {
    auto call = call_of(operation);
    call.input = std::move(input);
    call.input["QueueUrl"] = url;
    return ok(call);
  }
  std::string send(const std::string& group, const std::string& body) {
    return json::text(about_queue("sqs:SendMessage", {{"MessageGroupId", group}, {"MessageBody", body}}), "MessageId");
  }
  json::Array receive(int most) {
    auto answer = about_queue("sqs:ReceiveMessage", {{"MaxNumberOfMessages", most},
                                                     {"AttributeNames", json::Array{"MessageGroupId"}}});
    return json::items(json::at(answer, "Messages"));
  }
  static std::vector<std::string> bodies(const json::Array& messages) {
    std::vector<std::string> out;
    for (const auto& one : messages) out.push_back(json::text(one, "Body", ""));
    return out;
  }

  std::string url;
};

TEST_F(Queues, KeepAGroupBackWhileSomebodyHasAMessageOfIt) {
  for (auto [group, body] : {std::pair("a", "a-1"), {"a", "a-2"}, {"b", "b-1"}}) send(group, body);
  auto first = receive(1);
  EXPECT_THAT(bodies(first), ElementsAre("a-1"));
  EXPECT_EQ(json::text(json::at(json::at(first[0], "Attributes"), "MessageGroupId")), "a");
  EXPECT_THAT(bodies(receive(10)), ElementsAre("b-1"));
  about_queue("sqs:DeleteMessage", {{"ReceiptHandle", json::at(first[0], "ReceiptHandle")}});
  EXPECT_THAT(bodies(receive(10)), ElementsAre("a-2"));
}

TEST_F(Queues, KnowAMessageThatIsSentTwiceForFiveMinutes) {
  auto id = send("a", "same");
  EXPECT_EQ(send("a", "same"), id);
  EXPECT_EQ(receive(10).size(), 1u);
  clock.advance(seconds(301));
  EXPECT_NE(send("a", "same"), id);
}

TEST_F(Queues, HideManyMessagesForLongerAtOnce) {
  for (auto group : {"a", "b"}) send(group, group);
  json::Array entries;
  for (const auto& message : receive(10))
    entries.push_back(json::Object{{"Id", json::at(message, "MessageId")},
                                   {"ReceiptHandle", json::at(message, "ReceiptHandle")},
                                   {"VisibilityTimeout", 100}});
  entries.push_back(json::Object{{"Id", "none"}, {"ReceiptHandle", "none"}, {"VisibilityTimeout", 100}});
  auto told = about_queue("sqs:ChangeMessageVisibilityBatch", {{"Entries", entries}});
  EXPECT_EQ(json::items(json::at(told, "Successful")).size(), 2u);
  EXPECT_EQ(json::items(json::at(told, "Failed")).size(), 1u);
  clock.advance(seconds(99));
  EXPECT_THAT(receive(10), IsEmpty());
  clock.advance(seconds(2));
  EXPECT_EQ(receive(10).size(), 2u);
}

}  // namespace
}  // namespace aright::sandbox
