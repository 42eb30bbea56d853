// Queues that feed functions: what a function gets, and what becomes of the messages.

#include "server/mappings.h"

#include <gmock/gmock.h>

#include "base/digest.h"

namespace aright::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto trust = R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                           "Principal": {"Service": "lambda.amazonaws.com"}}]})";

class AMapping : public ::testing::Test {
 protected:
  AMapping() {
    ok("iam:CreateRole", {{"RoleName", "f"}, {"AssumeRolePolicyDocument", trust}});
    ok("lambda:CreateFunction",
       {{"FunctionName", "f"}, {"Role", "arn:aws:iam::111122223333:role/f"}, {"Runtime", "python3.11"},
        {"Handler", "index.main"}, {"Code", json::Object{{"ZipFile", "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}}}});
    queue = json::text(ok("sqs:CreateQueue", {{"QueueName", "q"}}), "QueueUrl");
  }
  json::Object ok(std::string_view operation, json::Object input) {
    auto colon = operation.find(':');
    auto answer = cloud.call({.service = std::string(operation.substr(0, colon)),
                              .operation = std::string(operation.substr(colon + 1)), .region = "us-east-1",
                              .account = "111122223333", .input = std::move(input)},
                             {});
    EXPECT_TRUE(answer) << operation << ": " << answer.error().text();
    return answer.value_or(json::Object());
  }
  std::string map(json::Object more) {
    more["FunctionName"] = "f";
    more["EventSourceArn"] = "arn:aws:sqs:us-east-1:111122223333:q";
    return json::text(ok("lambda:CreateEventSourceMapping", std::move(more)), "UUID");
  }
  void send(const std::vector<std::string>& bodies) {
    for (const auto& body : bodies) ok("sqs:SendMessage", {{"QueueUrl", queue}, {"MessageBody", body}});
  }
  // What is in the queue, once what is out has come back.
  std::vector<std::string> left() {
    clock.advance(seconds(60));
    std::vector<std::string> out;
    auto told = ok("sqs:ReceiveMessage", {{"QueueUrl", queue}, {"MaxNumberOfMessages", 10}, {"VisibilityTimeout", 0}});
    for (const auto& message : json::items(json::at(told, "Messages"))) out.push_back(json::text(message, "Body", ""));
    return out;
  }
  Result<json::Object> invoke(const aws::Call& call) {
    auto event = json::parse(from_base64(json::text(json::at(call.input, "Payload"))).value()).value();
    std::vector<std::string> bodies;
    json::Array bad;
    for (const auto& record : json::items(json::at(event, "Records"))) {
      bodies.push_back(json::text(record, "body", ""));
      if (bodies.back() == "bad") bad.push_back(json::Object{{"itemIdentifier", json::at(record, "messageId")}});
    }
    batches.push_back(bodies);
    json::Object answer{{"StatusCode", 200}, {"Payload", to_base64(payload.empty() ? json::print(json::Object{
                                                                       {"batchItemFailures", bad}}) : payload)}};
    if (fails) answer["FunctionError"] = "Unhandled";
    return answer;
  }

  VirtualClock clock;
  sandbox::Cloud cloud{{}, clock};
  std::string queue, payload;
  bool fails = false;
  std::vector<std::vector<std::string>> batches;
  Mappings mappings{{.kept = &cloud, .queues = &cloud,
                     .invoke = [this](const aws::Call& call, const Context&) { return invoke(call); }, .log = {}}};
};

TEST_F(AMapping, HandsOverBatchesAndDeletesWhatIsDone) {
  map({{"BatchSize", 2}});
  send({"a", "b", "c"});
  EXPECT_EQ(mappings.turn({}), 2u);
  EXPECT_EQ(mappings.turn({}), 1u);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].size(), 2u);
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(AMapping, LeavesAllOfABatchThatFailedInTheQueue) {
  map({});
  send({"a", "b"});
  fails = true;
  EXPECT_EQ(mappings.turn({}), 2u);
  EXPECT_EQ(mappings.turn({}), 0u) << "they are out of sight until their time is over";
  EXPECT_THAT(left(), UnorderedElementsAre("a", "b"));
}

TEST_F(AMapping, KeepsTheMessagesThatTheFunctionNames) {
  map({{"FunctionResponseTypes", json::Array{"ReportBatchItemFailures"}}});
  send({"good", "bad"});
  mappings.turn({});
  EXPECT_THAT(left(), ElementsAre("bad"));
}

TEST_F(AMapping, BelievesNoFunctionThatNamesMessagesItWasNotSent) {
  map({{"FunctionResponseTypes", json::Array{"ReportBatchItemFailures"}}});
  send({"a"});
  payload = R"({"batchItemFailures": [{"itemIdentifier": ""}]})";
  mappings.turn({});
  EXPECT_THAT(left(), ElementsAre("a"));
}

TEST_F(AMapping, DoesNotAskAFunctionForPartsThatDoesNotTellOfThem) {
  map({});
  send({"bad"});
  mappings.turn({});
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(AMapping, DropsWhatNoFilterWants) {
  map({{"FilterCriteria",
        json::Object{{"Filters", json::Array{json::Object{{"Pattern", R"({"body": {"kind": ["order"]}})"}}}}}}});
  send({R"({"kind": "order"})", R"({"kind": "other"})"});
  mappings.turn({});
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_THAT(batches[0], ElementsAre(R"({"kind": "order"})"));
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(AMapping, RestsWhileItIsDisabled) {
  auto id = map({});
  ok("lambda:UpdateEventSourceMapping", {{"UUID", id}, {"Enabled", false}});
  send({"a"});
  EXPECT_EQ(mappings.turn({}), 0u);
  ok("lambda:UpdateEventSourceMapping", {{"UUID", id}, {"Enabled", true}});
  EXPECT_EQ(mappings.turn({}), 1u);
  EXPECT_THAT(left(), IsEmpty());
}

}  // namespace
}  // namespace aright::server
