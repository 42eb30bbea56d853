// Targets of event rules that somebody else has to take: queues, topics, webhooks, other buses, and dead letters.

#include <gmock/gmock.h>

#include <mutex>

#include "ledger/outbox.h"
#include "net/http.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TheTargets : public ::testing::Test, protected World {
 protected:
  TheTargets() {
    for (auto name : {"jobs", "dead"})
      somebody("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", name));
  }
  // A rule for every event of aws.health with one target, `more` behind its ARN.
  void open_with(std::string_view arn, std::string_view more = "", std::string_view rest = "") {
    open(fmt::format(R"(
rules:
  - name: health
    pattern: {{source: [aws.health]}}
    targets:
      - Id: it
        Arn: {}
{}
{})",
                     arn, more, rest));
  }
  void happen(std::string_view id, std::string_view bus = bus::default_bus) {
    json::Object event{
        {"id", id}, {"source", "aws.health"}, {"detail-type", "Health"}, {"detail", json::Object{{"n", 7}}}};
    ASSERT_TRUE(engine->accept_event(std::move(event), {.bus = std::string(bus), .hops = 0, .at = {}}));
    settle();
  }
  std::vector<json::Value> received(std::string_view queue) {
    auto url = json::text(somebody("sqs:GetQueueUrl", fmt::format(R"({{"QueueName": "{}"}})", queue)), "QueueUrl");
    auto answer = somebody(
        "sqs:ReceiveMessage",
        fmt::format(R"({{"QueueUrl": "{}", "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}})", url));
    const auto& messages = json::items(json::at(answer, "Messages"));
    return {messages.begin(), messages.end()};
  }
  std::vector<std::string> bodies(std::string_view queue) {
    std::vector<std::string> out;
    for (const auto& message : received(queue))
      out.push_back(json::text(message, "Body", ""));
    return out;
  }
  static std::string attribute(const json::Value& message, std::string_view name) {
    return json::text(json::at(message, {"MessageAttributes", name, "StringValue"}));
  }
  void refuse_calls(std::string operation, Error error) {
    weather.refuse = [operation, error](const aws::Call& call) {
      return call.operation == operation ? std::optional(error) : std::nullopt;
    };
  }
  std::size_t dead_messages() {
    std::size_t out = 0;
    EXPECT_TRUE(ledger->database().read([&](store::Transaction& tx) -> Result<> {
      auto dead = TRY(ledger::outbox::dead(tx, 100));
      out = dead.size();
      return {};
    }));
    return out;
  }

  static constexpr const char* jobs = "arn:aws:sqs:us-east-1:111122223333:jobs";
  static constexpr const char* to_dead = "        DeadLetterConfig: {Arn: 'arn:aws:sqs:us-east-1:111122223333:dead'}\n";
  const Error no_answer{.code = Errc::unavailable, .message = "no answer", .retry = Retry::later};
};

TEST_F(TheTargets, GetWhatTheTransformerMakesOfAnEvent) {
  open_with(
      jobs,
      R"(        InputTransformer: {InputPathsMap: {n: $.detail.n}, InputTemplate: '{"count": <n>, "rule": "<aws.events.rule-name>"}'})");
  happen("e-1");
  happen("e-1");  // the same event
  EXPECT_THAT(bodies("jobs"), ElementsAre(R"({"count":7,"rule":"health"})"));
}

TEST_F(TheTargets, GetTheWholeEventWhenNothingIsSaid) {
  open_with(jobs);
  happen("e-1");
  auto got = bodies("jobs");
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(json::text(json::parse(got[0]).value(), "id", ""), "e-1");
}

TEST_F(TheTargets, AreTriedAgainAndAgainAlsoByTheNextProcess) {
  open_with(jobs);
  refuse_calls("SendMessage", no_answer);
  happen("e-1");
  pass(seconds(60));
  EXPECT_THAT(bodies("jobs"), IsEmpty());
  weather.refuse = {};
  start();  // as after a kill
  pass(minutes(15));
  EXPECT_EQ(bodies("jobs").size(), 1u);
  EXPECT_EQ(dead_messages(), 0u);
}

TEST_F(TheTargets, OfARuleThatWasPutHearOfItByItsArn) {
  const std::string arn = "arn:aws:events:us-east-1:111122223333:rule/health";
  open("controls: []\n");
  auto put = json::parse(R"({"rules": [{"name": "health", "arn": "ARN", "pattern": {"source": ["aws.health"]}, "targets": [
      {"Id": "it", "Arn": "arn:aws:sqs:us-east-1:111122223333:jobs",
       "InputTransformer": {"InputTemplate": "\"<aws.events.rule-arn>\""}},
      {"Id": "no", "Arn": "arn:aws:sqs:us-east-1:111122223333:nowhere",
       "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:111122223333:dead"}}]}]})")->as_object();
  put["rules"].as_array()[0].as_object()["arn"] = arn;
  auto whole = policy;
  ASSERT_TRUE(add_put(whole, put).empty());
  ASSERT_TRUE(engine->adopt(std::move(whole), ana));
  happen("e-1");
  pass(minutes(1));
  EXPECT_THAT(bodies("jobs"), ElementsAre("\"" + arn + "\""));
  auto dead = received("dead");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(attribute(dead[0], "RULE_ARN"), arn);
}

// The claim of one that died runs out, and the message goes once more.
TEST_F(TheTargets, GetAnEventThatADeadProcessHadInHand) {
  open_with(jobs);
  refuse_calls("SendMessage", {.code = Errc::cancelled, .message = "killed"});
  happen("e-1");
  start();
  weather.refuse = {};
  pass(message_lease + seconds(1));
  EXPECT_EQ(bodies("jobs").size(), 1u);
}

TEST_F(TheTargets, LeaveADeadLetterWhenRetriesAreUsedUp) {
  open_with(jobs, std::string("        RetryPolicy: {MaximumRetryAttempts: 2}\n") + to_dead);
  weather.refuse = [&](const aws::Call& call) {
    bool to_jobs = call.operation == "SendMessage" && json::text(call.input, "QueueUrl").ends_with("/jobs");
    return to_jobs ? std::optional(no_answer) : std::nullopt;
  };
  happen("e-1");
  pass(minutes(1));
  auto dead = received("dead");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_THAT(json::text(dead[0], "Body", ""), HasSubstr(R"("id":"e-1")"));
  EXPECT_EQ(attribute(dead[0], "RULE_ARN"), "aright:rule/health");
  EXPECT_EQ(attribute(dead[0], "TARGET_ARN"), jobs);
  EXPECT_EQ(attribute(dead[0], "ERROR_CODE"), "CONNECTION_FAILURE");
  EXPECT_EQ(attribute(dead[0], "ERROR_MESSAGE"), "no answer");
  EXPECT_EQ(attribute(dead[0], "RETRY_ATTEMPTS"), "2");
  EXPECT_EQ(attribute(dead[0], "EXHAUSTED_RETRY_CONDITION"), "MaximumRetryAttempts");
  EXPECT_EQ(dead_messages(), 0u) << "the dead letter stands for it";
}

TEST_F(TheTargets, GiveUpOnAnEventThatIsTooOld) {
  open_with(jobs, std::string("        RetryPolicy: {MaximumEventAgeInSeconds: 60}\n") + to_dead);
  weather.refuse = [&](const aws::Call& call) {
    bool to_jobs = call.operation == "SendMessage" && json::text(call.input, "QueueUrl").ends_with("/jobs");
    return to_jobs ? std::optional(no_answer) : std::nullopt;
  };
  happen("e-1");
  pass(minutes(3));
  auto dead = received("dead");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(attribute(dead[0], "EXHAUSTED_RETRY_CONDITION"), "MaximumEventAgeInSeconds");
}

TEST_F(TheTargets, LeaveADeadLetterAtOnceWhenTryingAgainHasNoSense) {
  open_with("arn:aws:sqs:us-east-1:111122223333:nobody", to_dead);
  happen("e-1");
  auto dead = received("dead");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(attribute(dead[0], "ERROR_CODE"), "NO_RESOURCE");
  EXPECT_EQ(attribute(dead[0], "RETRY_ATTEMPTS"), "0");
  EXPECT_EQ(attribute(dead[0], "EXHAUSTED_RETRY_CONDITION"), "");
}

TEST_F(TheTargets, LeaveADeadLetterWhenNoInputCanBeMade) {
  open_with(jobs, std::string("        InputPath: $.detail.nothing\n") + to_dead);
  happen("e-1");
  EXPECT_THAT(bodies("jobs"), IsEmpty());
  auto dead = received("dead");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(attribute(dead[0], "ERROR_CODE"), "INVALID_JSON");
}

TEST_F(TheTargets, AreKeptAndShownWhenThereIsNoDeadLetterQueue) {
  open_with("arn:aws:sqs:us-east-1:111122223333:nobody");
  happen("e-1");
  EXPECT_EQ(dead_messages(), 1u);
}

TEST_F(TheTargets, MayBeTopics) {
  auto topic = json::text(somebody("sns:CreateTopic", R"({"Name": "alerts"})"), "TopicArn");
  somebody("sns:Subscribe", fmt::format(R"({{"TopicArn": "{}", "Protocol": "sqs", "Endpoint": "{}",
                                            "Attributes": {{"RawMessageDelivery": "true"}}}})",
                                        topic, jobs));
  open_with(topic, "        Input: '{\"plain\": 1}'");
  happen("e-1");
  EXPECT_THAT(bodies("jobs"), ElementsAre(R"({"plain": 1})"));
}

TEST_F(TheTargets, MayBeWebhooksThatGetTheInputItself) {
  std::mutex mutex;
  std::vector<net::Request> heard;
  auto receiver = net::Server::start({}, [&](const net::Request& request, const net::Peer&) {
                    std::lock_guard lock(mutex);
                    heard.push_back(request);
                    return net::Response{.status = 204};
                  }).value();
  open_with(
      "aright:webhook/hook", R"(        InputPath: $.detail
        HttpParameters: {HeaderParameters: {X-Team: blue}, QueryStringParameters: {a: b c}})",
      fmt::format("notify: [{{name: hook, webhook: '{}/in?x=1', allow_internal: true, on: [approval_requested]}}]",
                  receiver->url()));
  happen("e-1");
  std::lock_guard lock(mutex);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].body, R"({"n":7})");
  EXPECT_EQ(heard[0].headers.get("X-Team"), "blue");
  EXPECT_EQ(heard[0].target, "/in?x=1&a=b%20c");
  EXPECT_THAT(heard[0].headers.get("X-Aright-Delivery"), HasSubstr("/health/it"));
}

constexpr const char* two_buses = R"(
rules:
  - {name: there, pattern: {source: [aws.health]}, targets: [{Id: a, Arn: 'aright:bus/quiet'}]}
  - {name: back, bus: quiet, pattern: {source: [aws.health]}, targets: [{Id: b, Arn: 'aright:bus/default'},
     {Id: c, Arn: 'arn:aws:sqs:us-east-1:111122223333:jobs', InputPath: $.id}]}
)";

TEST_F(TheTargets, MayBeOtherBusesWhichHearAnEventOnce) {
  open(two_buses);
  happen("e-1");
  pass(minutes(5));
  EXPECT_THAT(bodies("jobs"), ElementsAre("\"e-1\"")) << "there and back again, and no further";
  EXPECT_EQ(dead_messages(), 0u);
}

TEST_F(TheTargets, OfARuleAreNotAskedForWhatHappensOnAnotherBus) {
  open(two_buses);
  happen("e-1", "elsewhere");
  EXPECT_THAT(bodies("jobs"), IsEmpty());
  happen("e-2", "quiet");
  EXPECT_EQ(bodies("jobs").size(), 1u);
}

TEST_F(TheTargets, EndAnEventsWayFromBusToBus) {
  std::string rules = "rules:\n";
  for (int i = 0; i < 12; ++i)
    rules += fmt::format(
        "  - {{name: r{}, bus: b{}, pattern: {{source: [aws.health]}}, targets: [{{Id: a, Arn: 'aright:bus/b{}'}}]}}\n",
        i, i, (i + 1) % 12);
  open(rules);
  happen("e-1", "b0");
  pass(minutes(1));
  std::size_t heard = 0;
  const auto entries = ledger->read(1, 1000).value();
  for (const auto& entry : entries)
    heard += entry.kind == entry::signal_received;
  EXPECT_EQ(heard, static_cast<std::size_t>(bus::bus_hops_max) + 1);
  EXPECT_EQ(dead_messages(), 1u);
}

TEST_F(TheTargets, ThatNameNothingAreFaultsOfThePolicy) {
  auto told = [](std::string_view arn) {
    auto policy = parse_policy(
        fmt::format("rules: [{{name: r, pattern: {{source: [x]}}, targets: [{{Id: a, Arn: '{}'}}]}}]", arn), ".");
    return policy ? "" : policy.error().message;
  };
  EXPECT_THAT(told("aright:bus/nobody"), HasSubstr("no rule is on the bus 'nobody'"));
  EXPECT_THAT(told("aright:webhook/nobody"), HasSubstr("there is no webhook channel 'nobody'"));
  EXPECT_THAT(told("arn:aws:kinesis:us-east-1:1:stream/x"), HasSubstr("nothing here answers"));
}

// What a resource is tagged with, in everything of a policy that asks for tags.
class TaggedResources : public ::testing::Test, public World {
 protected:
  void make_tagged_bucket() {
    make_public_bucket("photos");
    somebody("s3:PutBucketTagging", R"({"Bucket": "photos",
        "Tagging": {"TagSet": [{"Key": "environment", "Value": "prod"}]}})");
    cloud.clear_calls();
  }
  static constexpr const char* controls = "controls: [{id: s3-bucket-public-read-prohibited}]\n";
  static constexpr const char* asks_in_production = R"(
decide:
  - {name: production asks, tags: {environment: prod}, decision: approval}
  - {name: the rest, decision: automatic}
)";
};

TEST_F(TaggedResources, AreDecidedAboutByTheirOwnTags) {
  open(std::string(controls) + asks_in_production);
  make_tagged_bucket();
  make_public_bucket("logs");
  scan_and_settle();
  EXPECT_FALSE(blocked("photos"));
  EXPECT_TRUE(blocked("logs"));
}

TEST_F(TaggedResources, AreFrozenByTheirOwnTags) {
  open(std::string(controls) + R"(
decide: [{name: all, decision: automatic}]
freezes: [{name: production, from: 2020-01-01T00:00:00Z, until: 2100-01-01T00:00:00Z, tags: {environment: prod}}]
)");
  make_tagged_bucket();
  scan_and_settle();
  EXPECT_FALSE(blocked("photos"));
  EXPECT_EQ(stage(), "deferred");
}

TEST_F(TaggedResources, AreExceptedByTheirOwnTags) {
  open(std::string(controls) + R"(
decide: [{name: all, decision: automatic}]
exceptions: [{name: production, tags: {environment: prod}, reason: it is public, until: 2100-01-01T00:00:00Z, owner: ana}]
)");
  make_tagged_bucket();
  scan_and_settle();
  EXPECT_FALSE(blocked("photos"));
}

TEST_F(TaggedResources, AreLeftToPeopleWhereTheirTagsCannotBeRead) {
  open(std::string(controls) + asks_in_production);
  make_tagged_bucket();
  cloud.set_faults(*sandbox::parse_fault_plan("faults: [{service: s3, operation: GetBucketTagging, failed: 1000}]"));
  scan_and_settle();
  EXPECT_FALSE(blocked("photos"));
  ASSERT_EQ(remediations().size(), 1u);
  EXPECT_EQ(remediations().front().decision, Decision::manual);
  EXPECT_NE(remediations().front().reasons.back().find("could not be read"), std::string::npos);
  cloud.set_faults({});
  scan_and_settle();
  auto is_asked = [](const State& state) { return name(state.stage) == "awaiting_approval"; };
  EXPECT_EQ(std::ranges::count_if(remediations(), is_asked), 1) << "once they can be read, it is decided anew";
}

TEST(TagsThatAreNotKnown, AreFrozenByWhateverAsksForTags) {
  Freeze freeze{.name = "production", .from = {0}, .until = {2'000}, .tags = {{"environment", "prod"}}};
  Candidate candidate{.control = "c", .severity = "high", .resource = {}, .tags = {}};
  EXPECT_FALSE(frozen({freeze}, candidate, {1'000}));
  candidate.tags_unknown = true;
  EXPECT_TRUE(frozen({freeze}, candidate, {1'000}));
}

}  // namespace
}  // namespace aright::remediation
