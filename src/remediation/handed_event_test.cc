// Events that functions deal with later: attempts, and who hears of the end.

#include "remediation/handed_event.h"

#include <gmock/gmock.h>

#include "base/id.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto functions = R"(
functions:
  divides:
    handler: index.handler
    code: |
      def handler(event, context):
        if event["by"] == 0: raise ZeroDivisionError("division, says " + context.aws_request_id)
        return 10 // event["by"]
  takes:
    handler: index.handler
    code: |
      import boto3

      def handler(event, context):
        boto3.client("s3").create_bucket(Bucket="taken-" + str(event["responsePayload"]))
)";

std::string arn_of(std::string_view service, std::string_view name) {
  return fmt::format("arn:aws:{}:us-east-1:111122223333:{}", service, name);
}

class AHandedEvent : public ::testing::Test, protected World {
 protected:
  AHandedEvent() {
    open(functions);
    ask();
    for (const auto* queue : {"good", "bad", "dead"})
      somebody("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", queue));
  }
  void ask() {
    engine->ask_afterwards([this](const std::string& function, const std::string&, const std::string&) {
      return function == "divides" ? afterwards : sandbox::Afterwards();
    });
  }
  void hand(int by, int handed_on = 0) {
    auto handed = engine->hand_event("divides", {{"by", by}}, account, region, ana, {}, {.handed_on = handed_on});
    ASSERT_TRUE(handed) << handed.error().text();
  }
  std::vector<std::string> executions(std::string_view document) const {
    std::vector<std::string> out;
    const auto all = list_executions(*ledger, {.status = "", .parent = ""}).value();
    for (const auto& one : all)
      if (json::text(one, "document", "") == document) out.push_back(json::text(one, "status", ""));
    return out;
  }
  json::Value only_message(std::string_view queue) {
    auto all = drain(queue);
    EXPECT_THAT(all, SizeIs(1)) << queue;
    return all.empty() ? json::Value() : all[0];
  }

  sandbox::Afterwards afterwards{.on_success = arn_of("sqs", "good"),
                                 .on_failure = arn_of("sqs", "bad"),
                                 .dead_letter = arn_of("sqs", "dead")};
};

TEST_F(AHandedEvent, IsTriedAgainAfterOneMinuteAndThenTwoAndThenToldOf) {
  hand(0);
  settle();
  EXPECT_THAT(executions("divides"), ::testing::UnorderedElementsAre("Failed", "InProgress"));
  pass(seconds(59));
  EXPECT_THAT(executions("divides"), SizeIs(2));
  start();  // as after a kill
  ask();
  pass(seconds(2));
  EXPECT_THAT(executions("divides"), SizeIs(3));
  EXPECT_THAT(drain("bad"), IsEmpty());
  pass(seconds(121));
  EXPECT_THAT(executions("divides"), ::testing::ElementsAre("Failed", "Failed", "Failed"));
  auto record = only_message("bad");
  EXPECT_EQ(json::at(record, "requestPayload"), json::Value(json::Object{{"by", 0}}));
  const auto& context = json::at(record, "requestContext");
  EXPECT_EQ(json::text(context, "condition", ""), "RetriesExhausted");
  EXPECT_EQ(json::integer(json::at(context, "approximateInvokeCount")), 3);
  EXPECT_EQ(json::text(context, "functionArn", ""), arn_of("lambda", "function:divides:$LATEST"));
  EXPECT_EQ(json::text(json::at(record, {"responseContext", "functionError"})), "Unhandled");
  EXPECT_EQ(json::text(json::at(record, {"responsePayload", "errorType"})), "ZeroDivisionError");
  EXPECT_EQ(json::text(json::at(record, {"responsePayload", "errorMessage"})),
            "division, says " + json::text(context, "requestId", "")) << "each attempt is the same request";
  EXPECT_THAT(drain("good"), IsEmpty());
}

TEST_F(AHandedEvent, IsADeadLetterAsItCame) {
  afterwards.retries_max = 0;
  hand(0);
  settle();
  auto url = json::text(somebody("sqs:GetQueueUrl", R"({"QueueName": "dead"})"), "QueueUrl");
  auto told = somebody("sqs:ReceiveMessage", json::print(json::Object{{"QueueUrl", url},
                                                                      {"MessageAttributeNames", json::Array{"All"}}}));
  ASSERT_THAT(json::items(json::at(told, "Messages")), SizeIs(1));
  const auto& letter = json::items(json::at(told, "Messages"))[0];
  EXPECT_EQ(json::text(letter, "Body", ""), R"({"by":0})");
  auto attribute = [&](const char* name) {
    return json::text(json::at(letter, {"MessageAttributes", name, "StringValue"}));
  };
  EXPECT_EQ(attribute("ErrorCode"), "200");
  EXPECT_THAT(attribute("ErrorMessage"), HasSubstr("division"));
  EXPECT_THAT(attribute("RequestID"), SizeIs(36));
}

TEST_F(AHandedEvent, IsToldOfOnRecordWhenItSucceeds) {
  hand(5);
  settle();
  auto record = only_message("good");
  EXPECT_EQ(json::text(json::at(record, {"requestContext", "condition"})), "Success");
  EXPECT_EQ(json::integer(json::at(record, "responsePayload")), 2);
  EXPECT_THAT(executions("divides/OnSuccess"), ::testing::ElementsAre("Success"));
  auto all = ledger->read(1, 1'000).value();
  EXPECT_EQ(std::ranges::count_if(all, [](const auto& entry) {
              return json::print(entry.body).find("SendMessage") != std::string::npos && entry.kind == "call_intended";
            }), 1);
  EXPECT_THAT(drain("dead"), IsEmpty());
}

TEST_F(AHandedEvent, IsHandedOnToAFunctionThatIsHere) {
  afterwards.on_success = arn_of("lambda", "function:takes");
  hand(5);
  settle();
  EXPECT_THAT(executions("takes"), ::testing::ElementsAre("Success"));
  EXPECT_THAT(writes(), ::testing::Contains("s3:CreateBucket"));
}

TEST_F(AHandedEvent, IsHandedOnInACircleNotForEver) {
  afterwards.on_failure = arn_of("lambda", "function:divides");
  afterwards.retries_max = 0;
  hand(0, handed_on_max - 1);
  settle();
  EXPECT_THAT(executions("divides"), SizeIs(2));
  EXPECT_THAT(faults, ::testing::Contains(HasSubstr("in a circle")));
}

TEST_F(AHandedEvent, ReachesTopicsAndBuses) {
  somebody("sns:CreateTopic", R"({"Name": "t"})");
  somebody("sns:Subscribe", json::print(json::Object{{"TopicArn", arn_of("sns", "t")}, {"Protocol", "sqs"},
                                                     {"Endpoint", arn_of("sqs", "good")}}));
  afterwards.on_success = arn_of("sns", "t");
  hand(1);
  settle();
  EXPECT_THAT(executions("divides/OnSuccess"), ::testing::ElementsAre("Success"));
  afterwards.on_success = arn_of("events", "event-bus/default");
  hand(2);
  settle();
  EXPECT_THAT(executions("divides/OnSuccess"), ::testing::ElementsAre("Success", "Success"));
  EXPECT_THAT(writes(), ::testing::IsSupersetOf({"sns:Publish", "events:PutEvents"}));
}

TEST_F(AHandedEvent, GrowsTooOld) {
  afterwards.age_max = seconds(60);
  HandedEvent handed{.afterwards = afterwards, .accepted = clock.now(), .attempts = 1};
  auto after = [&](seconds passed) { return after_attempt(handed, false, false, clock.now() + passed); };
  EXPECT_TRUE(std::holds_alternative<TryLater>(after(seconds(0))));
  auto next = after(seconds(1));
  const auto* over = std::get_if<Over>(&next);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->condition, "EventAgeExceeded");
  EXPECT_TRUE(std::holds_alternative<Over>(after_attempt(handed, false, true, clock.now()))) << "a person stopped it";
}

TEST_F(AHandedEvent, IsToldOfToNoQueueThatNothingHereReaches) {
  EXPECT_TRUE(check_destination(""));
  EXPECT_TRUE(check_destination(arn_of("events", "event-bus/b")));
  EXPECT_FALSE(check_destination("arn:aws:s3:::bucket"));
  EXPECT_FALSE(check_destination(arn_of("sqs", "q.fifo")));
  EXPECT_FALSE(check_dead_letter(arn_of("lambda", "function:f")));
  EXPECT_TRUE(check_dead_letter(arn_of("sns", "t")));
}

}  // namespace
}  // namespace aright::remediation
