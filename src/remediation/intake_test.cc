// Events from queues and buckets, on the emulated cloud. Those of NATS: streams_test.cc.

#include "remediation/intake.h"

#include <gmock/gmock.h>

#include <atomic>

#include "base/digest.h"
#include "remediation/heartbeat.h"
#include "remediation/projection.h"
#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* text = R"(
sources:
  - {name: queue, queue: "arn:aws:sqs:us-east-1:111122223333:events"}
  - {name: trail, bucket: trail-logs, prefix: AWSLogs/111122223333/CloudTrail/us-east-1/}
  - {name: ordered, queue: "arn:aws:sqs:us-east-1:111122223333:ordered.fifo"}
)";

class TheIntake : public ::testing::Test, protected World {
 protected:
  TheIntake() {
    somebody("sqs:CreateQueue", R"({"QueueName": "events", "Attributes": {"VisibilityTimeout": "30"}})");
    somebody("sqs:CreateQueue", R"({"QueueName": "ordered.fifo", "Attributes":
                                     {"FifoQueue": "true", "ContentBasedDeduplication": "true"}})");
    fifo_url = json::text(somebody("sqs:GetQueueUrl", R"({"QueueName": "ordered.fifo"})"), "QueueUrl");
    somebody("s3:CreateBucket", R"({"Bucket": "trail-logs"})");
    url = json::text(somebody("sqs:GetQueueUrl", R"({"QueueName": "events"})"), "QueueUrl");
    open(text);
    intake.emplace(*engine, weather, [this](const std::string& line) { told.push_back(line); });
  }
  // The queue gets a redrive policy, which moves to another queue: the url of that.
  std::string bury_after(int receives, const std::string& queue_url, json::Object made) {
    auto name = json::text(made, "QueueName");
    auto dead = somebody("sqs:CreateQueue", json::print(made));
    json::Object redrive{{"deadLetterTargetArn", "arn:aws:sqs:us-east-1:111122223333:" + name},
                         {"maxReceiveCount", receives}};
    json::Object attributes{{"RedrivePolicy", json::print(redrive)}};
    somebody("sqs:SetQueueAttributes", json::print(json::Object{{"QueueUrl", queue_url}, {"Attributes", attributes}}));
    return json::text(dead, "QueueUrl");
  }
  void send_in_group(const std::string& group, const std::string& body) {
    json::Object message{{"QueueUrl", fifo_url}, {"MessageBody", body}, {"MessageGroupId", group}};
    somebody("sqs:SendMessage", json::print(message));
  }
  std::vector<std::string> calls_of(std::string_view operation) {
    std::vector<std::string> out;
    for (const auto& call : cloud.calls())
      if (call.call.operation == operation) out.push_back(call.call.operation);
    return out;
  }
  void send(const std::string& body) {
    somebody("sqs:SendMessage", json::print(json::Object{{"QueueUrl", url}, {"MessageBody", body}}));
  }
  void upload(const std::string& name, const std::string& bytes) {
    somebody("s3:PutObject", json::print(json::Object{{"Bucket", "trail-logs"}, {"Key", prefix + name},
                                                      {"Body", to_base64(bytes)}}));
  }
  std::size_t poll(std::size_t source) {
    auto taken = intake->poll(policy.sources[source], Context::within(seconds(30)));
    EXPECT_TRUE(taken) << taken.error().text();
    return taken.value_or(0);
  }
  std::size_t left() { return left(url); }
  std::size_t left(const std::string& queue_url) {
    auto answer = somebody("sqs:GetQueueAttributes",
                           json::print(json::Object{{"QueueUrl", queue_url}, {"AttributeNames", json::Array{"All"}}}));
    const auto& counts = json::at(answer, "Attributes");
    return static_cast<std::size_t>(json::integer(json::at(counts, "ApproximateNumberOfMessages")) +
                                    json::integer(json::at(counts, "ApproximateNumberOfMessagesNotVisible")));
  }
  std::vector<std::string> signals() {
    std::vector<std::string> out;
    const auto entries = ledger->read(1, 10'000).value();
    for (const auto& entry : entries)
      if (entry.kind == entry::signal_received) out.push_back(json::text(json::at(entry.body, {"body", "id"})));
    return out;
  }
  static std::string event(std::string_view id) {
    return fmt::format(R"({{"id":"{}","source":"my.shop","detail-type":"order","detail":{{}}}})", id);
  }
  static std::string log_file(std::string_view id) {
    return fmt::format(R"({{"Records":[{{"eventID":"{}","eventSource":"s3.amazonaws.com","eventName":"PutBucketAcl",
      "awsRegion":"us-east-1","recipientAccountId":"111122223333","eventTime":"2024-05-01T10:00:00Z"}}]}})", id);
  }

  const std::string prefix = "AWSLogs/111122223333/CloudTrail/us-east-1/";
  std::string url, fifo_url;
  std::vector<std::string> told;
  std::optional<Intake> intake;
};

TEST_F(TheIntake, TakesMessagesAndDeletesThemWhenTheyAreOnRecord) {
  send(event("e-1"));
  send(json::print(json::Object{{"Type", "Notification"}, {"Message", event("e-2")}}));
  send(event("e-1"));
  EXPECT_EQ(poll(0), 3u);
  EXPECT_THAT(signals(), ::testing::UnorderedElementsAre("e-1", "e-2")) << "one that comes twice is one";
  EXPECT_EQ(left(), 0u);
}

TEST_F(TheIntake, LeavesInTheQueueWhatItCouldNotPutOnRecord) {
  upload("2024/05/01/a_CloudTrail_b.json", log_file("c-1"));
  send(fmt::format(R"({{"Records":[{{"eventSource":"aws:s3","s3":{{"bucket":{{"name":"trail-logs"}},"object":{{"key":"{}"}}}}}}]}})",
                   prefix + "2024/05/01/a_CloudTrail_b.json"));
  weather.refuse = [](const aws::Call& call) {
    return call.operation == "GetObject" ? std::optional(Error{.code = Errc::unavailable, .message = "no answer"})
                                         : std::nullopt;
  };
  EXPECT_FALSE(intake->poll(policy.sources[0], {}));
  EXPECT_EQ(left(), 1u);
  weather.refuse = {};
  clock.advance(seconds(31));  // it is visible again
  EXPECT_EQ(poll(0), 1u);
  EXPECT_THAT(signals(), ElementsAre("c-1"));
  EXPECT_EQ(left(), 0u);
}

TEST_F(TheIntake, ComesToTheSameWhenItWasKilledBeforeItDeleted) {
  send(event("e-1"));
  weather.refuse = [](const aws::Call& call) {
    return call.operation == "DeleteMessageBatch" ? std::optional(Error{.code = Errc::cancelled, .message = "killed"})
                                             : std::nullopt;
  };
  EXPECT_FALSE(intake->poll(policy.sources[0], {}));
  EXPECT_THAT(signals(), ElementsAre("e-1"));
  weather.refuse = {};
  clock.advance(seconds(31));
  EXPECT_EQ(poll(0), 1u);
  EXPECT_THAT(signals(), ElementsAre("e-1"));
  EXPECT_EQ(left(), 0u);
}

TEST_F(TheIntake, PutsOnRecordWhatItCannotRead) {
  send("not an event");
  send(R"({"source": "my.shop", "detail": {}})");
  send(event("e-1"));
  EXPECT_EQ(poll(0), 3u);
  EXPECT_EQ(left(), 0u) << "it would come again for ever";
  auto refused = ledger->stream("source/queue").value();
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].kind, entry::source_refused);
  EXPECT_THAT(json::text(refused[0].body, "why", ""), HasSubstr("JSON"));
  EXPECT_EQ(json::text(refused[0].body, "text", ""), "not an event");
  EXPECT_THAT(signals(), ElementsAre("e-1"));
}

TEST_F(TheIntake, TakesABatchWithOneCommitAndOneDeletion) {
  for (int n = 0; n < 10; ++n) send(event(fmt::format("e-{}", n)));
  cloud.clear_calls();
  auto before = ledger->read(1, 10'000)->size();
  EXPECT_EQ(poll(0), 10u);
  EXPECT_EQ(signals().size(), 10u);
  EXPECT_EQ(ledger->read(1, 10'000)->size(), before + 10);
  EXPECT_EQ(left(), 0u);
  EXPECT_EQ(calls_of("DeleteMessageBatch").size(), 1u);
  EXPECT_TRUE(calls_of("DeleteMessage").empty());
}

TEST_F(TheIntake, LeavesWhatItCannotReadToARedrivePolicyAndTellsItOnce) {
  auto dead = bury_after(3, url, {{"QueueName", "dead"}});
  send("not an event");
  send(event("e-1"));
  EXPECT_EQ(poll(0), 2u);
  EXPECT_EQ(left(), 1u) << "the queue's own policy sees to it";
  for (int receive = 0; receive < 3; ++receive) {
    clock.advance(seconds(31));
    poll(0);
  }
  EXPECT_EQ(left(), 0u);
  EXPECT_EQ(ledger->stream("source/queue")->size(), 1u);
  EXPECT_EQ(left(dead), 1u);
}

TEST_F(TheIntake, TakesFromAGroupWhatStandsBehindAMessageThatItCannotRead) {
  auto dead = bury_after(2, fifo_url, {{"QueueName", "dead.fifo"}, {"Attributes", {{"FifoQueue", "true"}}}});
  send_in_group("a", event("a-1"));
  send_in_group("a", "not an event");
  send_in_group("a", R"({"source": "my.shop", "detail": {}})");
  send_in_group("a", event("a-2"));
  for (int receive = 0; receive < 3; ++receive) {
    poll(2);
    clock.advance(seconds(31));
  }
  EXPECT_THAT(signals(), ElementsAre("a-1", "a-2"));
  EXPECT_EQ(left(fifo_url), 0u);
  EXPECT_EQ(left(dead), 2u) << "nothing that could be read";
}

TEST_F(TheIntake, SetsAsideAfterManyLooksWhatPointsNowhere) {
  send(R"({"Records":[{"eventSource":"aws:s3","s3":{"bucket":{"name":"trail-logs"},
           "object":{"key":"AWSLogs/1/CloudTrail/gone_CloudTrail_x.json"}}}]})");
  for (std::int64_t receive = 1; receive < receives_max; ++receive) {
    EXPECT_FALSE(intake->poll(policy.sources[0], {})) << receive;
    clock.advance(seconds(31));
  }
  EXPECT_EQ(left(), 1u) << "somebody may give the permission meanwhile";
  EXPECT_EQ(poll(0), 1u);
  EXPECT_EQ(left(), 0u);
  EXPECT_EQ(ledger->stream("source/queue")->size(), 1u);
}

TEST_F(TheIntake, KeepsTheOrderOfAGroupWhenOneOfItHasToWait) {
  auto file = fmt::format(R"({{"Records":[{{"eventSource":"aws:s3","s3":{{"bucket":{{"name":"trail-logs"}},"object":{{"key":"{}"}}}}}}]}})",
                          prefix + "2024/05/01/a_CloudTrail_b.json");
  upload("2024/05/01/a_CloudTrail_b.json", log_file("a-2"));
  send_in_group("a", event("a-1"));
  send_in_group("a", file);
  send_in_group("b", event("b-1"));
  send_in_group("a", event("a-3"));
  weather.refuse = [](const aws::Call& call) {
    return call.operation == "GetObject" ? std::optional(Error{.code = Errc::unavailable, .message = "no answer"})
                                         : std::nullopt;
  };
  EXPECT_FALSE(intake->poll(policy.sources[2], {}));
  EXPECT_THAT(signals(), ElementsAre("a-1", "b-1")) << "a-3 does not overtake";
  weather.refuse = {};
  clock.advance(seconds(31));
  EXPECT_EQ(poll(2), 2u);
  EXPECT_THAT(signals(), ElementsAre("a-1", "b-1", "a-2", "a-3"));
}

TEST_F(TheIntake, HidesWhatItWorksOnFromOthers) {
  std::atomic<int> beats = 0;
  {
    const Heartbeat still(milliseconds(1), [&](const Context&) { ++beats; });
    auto until = Context::within(seconds(30));
    while (beats < 3 && until.sleep(milliseconds(1))) {}
  }
  auto told_at_the_end = beats.load();
  EXPECT_GE(told_at_the_end, 3);
  EXPECT_EQ(beats, told_at_the_end) << "it ends with whoever works";
}

TEST_F(TheIntake, ReadsEachLogFileOfABucketOnce) {
  upload("2024/05/01/a_CloudTrail_b.json", log_file("c-1"));
  upload("2024/05/02/a_CloudTrail_b.json", log_file("c-2"));
  somebody("s3:PutObject", R"({"Bucket": "trail-logs", "Key": "AWSLogs/111122223333/CloudTrail-Digest/x.json.gz", "Body": ""})");
  EXPECT_EQ(poll(1), 2u);
  EXPECT_EQ(poll(1), 0u);
  EXPECT_THAT(signals(), ElementsAre("c-1", "c-2"));
}

TEST_F(TheIntake, ReadsFilesThatComeLateAndOutOfOrder) {
  upload("2024/05/02/m_CloudTrail_b.json", log_file("c-1"));
  EXPECT_EQ(poll(1), 1u);
  upload("2024/05/02/a_CloudTrail_b.json", log_file("c-2"));
  upload("2024/05/01/z_CloudTrail_b.json", log_file("c-3"));
  upload("2024/04/01/z_CloudTrail_b.json", log_file("c-4"));
  EXPECT_EQ(poll(1), 2u);
  EXPECT_THAT(signals(), ElementsAre("c-1", "c-3", "c-2")) << "but not a month late";
}

TEST_F(TheIntake, GoesOnBehindAFileThatIsDamaged) {
  upload("2024/05/01/a_CloudTrail_b.json.gz", "\x1f\x8b nonsense");
  upload("2024/05/01/c_CloudTrail_d.json", log_file("c-1"));
  EXPECT_EQ(poll(1), 2u);
  EXPECT_EQ(poll(1), 0u);
  EXPECT_THAT(signals(), ElementsAre("c-1"));
  EXPECT_EQ(ledger->stream("source/trail")->size(), 3u) << "refused, and two that were read";
}

TEST_F(TheIntake, KnowsWhatItReadFromTheEntries) {
  upload("2024/05/01/a_CloudTrail_b.json", log_file("c-1"));
  poll(1);
  EXPECT_THAT(compare_projections(*ledger, rules::Controls::embedded()).value(), IsEmpty());
  ASSERT_TRUE(rebuild_projections(*ledger, rules::Controls::embedded()));
  EXPECT_EQ(poll(1), 0u);
}

TEST_F(TheIntake, TakesManyEventsInFewCommits) {
  std::string records;
  for (int n = 0; n < 1'000; ++n)
    records += fmt::format(R"({}{{"eventID":"c-{}","eventSource":"ec2.amazonaws.com","recipientAccountId":"111122223333"}})",
                           n ? "," : "", n % 990);
  upload("2024/05/01/a_CloudTrail_b.json", "{\"Records\":[" + records + "]}");
  EXPECT_EQ(poll(1), 1'000u);
  EXPECT_EQ(signals().size(), 990u);
}

TEST(Sources, SayWhatIsWrongWithThem) {
  auto fault = [](std::string_view source) {
    auto parsed = parse_policy(fmt::format("sources: [{{name: s, {}}}]", source), ".");
    return parsed ? "" : parsed.error().message;
  };
  EXPECT_THAT(fault("every_s: 5"), HasSubstr("give one of queue, bucket and nats"));
  auto nats = [&](std::string_view members) {
    return fault(fmt::format("nats: {{server: \"nats://127.0.0.1\", stream: EVENTS, {}}}", members));
  };
  EXPECT_EQ(nats("subject: aws.>"), "");
  EXPECT_EQ(nats("user: ana, password: secret, consumer: team-a, ack_wait_s: 60"), "");
  EXPECT_THAT(nats("subject: a b"), HasSubstr("'a b' is no subject of NATS"));
  EXPECT_THAT(nats("consumer: a.b"), HasSubstr("'a.b' is no name at NATS"));
  EXPECT_THAT(nats("user: ana"), HasSubstr("give user and password"));
  EXPECT_THAT(nats("user: ana, password: p, token: t"), HasSubstr("give a token, or user and password"));
  EXPECT_THAT(nats("ack_wait_s: 1"), HasSubstr("ack_wait_s"));
  EXPECT_THAT(fault("nats: {server: \"http://x\", stream: S}"), HasSubstr("write nats://HOST:PORT"));
  EXPECT_THAT(fault("nats: {stream: S}"), HasSubstr("this is required"));
  EXPECT_THAT(fault("bucket: b, nats: {server: \"nats://x\", stream: S}"), HasSubstr("give one of"));
  EXPECT_THAT(fault("queue: events"), HasSubstr("not the ARN of an SQS queue"));
  EXPECT_THAT(fault("bucket: b, every_s: 0"), HasSubstr("every_s"));
  EXPECT_EQ(fault("bucket: b"), "");
}

}  // namespace
}  // namespace aright::remediation
