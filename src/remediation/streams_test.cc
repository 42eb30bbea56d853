// Events from JetStream, of Debian's nats-server on loopback.

#include <gmock/gmock.h>

#include "nats/private_server.h"
#include "remediation/intake.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class TheStream : public ::testing::Test, protected World {
 protected:
  TheStream() {
    server.make_stream("EVENTS", "events.>");
    open(fmt::format("sources: [{{name: bus, nats: {{server: \"{}\", stream: EVENTS, subject: events.aws}}}}]\n",
                     server.address().urls[0]));
    intake.emplace(*engine, weather, [](const std::string&) {});
  }
  void bring(const std::string& body) {
    static int count = 0;
    auto id = std::to_string(++count);
    auto sent = nats::publish(*server.connect(), "events.aws", id, body, Context::within(seconds(30)));
    ASSERT_TRUE(sent) << sent.error().text();
  }
  // One look that waits for `wait` at most, where there is nothing.
  Result<std::size_t> look(milliseconds wait = seconds(40)) {
    return intake->poll(policy.sources[0], Context::within(2 * wait));
  }
  std::vector<std::string> events() {
    std::vector<std::string> out;
    const auto entries = ledger->read(1, 10'000).value();
    for (const auto& entry : entries)
      if (entry.kind == entry::signal_received) out.push_back(json::text(json::at(entry.body, {"body", "id"})));
    return out;
  }
  // What the broker has still for us: not delivered, or not acknowledged.
  std::int64_t waiting() {
    auto told = server.connect()->request({.subject = "$JS.API.CONSUMER.INFO.EVENTS.aright", .reply = {}, .headers = {},
                                           .payload = ""}, Context::within(seconds(30)));
    auto info = json::parse(told.value().payload).value();
    return json::integer(json::at(info, "num_pending")) + json::integer(json::at(info, "num_ack_pending"));
  }
  static std::string order(std::string_view id) {
    return fmt::format(R"({{"id":"{}","source":"my.shop","detail-type":"order","detail":{{}}}})", id);
  }

  nats::PrivateServer server;
  std::optional<Intake> intake;
};

TEST_F(TheStream, IsAcknowledgedWhenItsEventsAreOnRecord) {
  bring(order("e-1"));
  bring(order("e-2"));
  bring(order("e-1"));
  EXPECT_EQ(look().value(), 3u);
  EXPECT_THAT(events(), UnorderedElementsAre("e-1", "e-2")) << "one that comes twice is one";
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(look(milliseconds(200)).value(), 0u);
}

TEST_F(TheStream, IsNotBlockedByWhatIsNoEvent) {
  bring("not an event");
  bring(R"({"source": "my.shop", "detail": {}})");
  bring(std::string(900'000, 'x'));
  bring(order("e-1"));
  EXPECT_EQ(look().value(), 4u);
  EXPECT_THAT(events(), ElementsAre("e-1"));
  EXPECT_EQ(waiting(), 0) << "it does not come again";
  auto refused = ledger->stream("source/bus").value();
  ASSERT_EQ(refused.size(), 3u);
  EXPECT_THAT(json::text(refused[0].body, "what", ""), HasSubstr("EVENTS/1/"));
  EXPECT_EQ(json::text(refused[0].body, "text", ""), "not an event");
}

TEST_F(TheStream, KeepsWhatCouldNotBePutOnRecord) {
  somebody("s3:CreateBucket", R"({"Bucket": "trail-logs"})");
  bring(R"({"Records":[{"eventSource":"aws:s3","s3":{"bucket":{"name":"trail-logs"},
            "object":{"key":"AWSLogs/1/CloudTrail/x_CloudTrail_y.json"}}}]})");
  bring(order("e-1"));
  EXPECT_FALSE(look()) << "the log file is not there yet";
  EXPECT_THAT(events(), ElementsAre("e-1")) << "the others go on";
  EXPECT_EQ(waiting(), 1);
}

TEST_F(TheStream, ComesBackWithItsServer) {
  bring(order("e-1"));
  EXPECT_EQ(look().value(), 1u);
  server.kill();
  EXPECT_FALSE(look(seconds(5)));
  EXPECT_FALSE(look(seconds(5))) << "nobody is there to connect to";
  server.start();
  bring(order("e-2"));
  // An acknowledgement that was not on its disk yet is forgotten: then e-1 comes once more, and is known.
  auto until = Context::within(seconds(60));
  while (events().size() < 2 && until.check()) std::ignore = look(seconds(5));
  EXPECT_THAT(events(), ElementsAre("e-1", "e-2"));
}

// As when it is killed between the commit and the acknowledgement: another worker of the fleet has it next.
TEST_F(TheStream, IsTheSameToAnotherWorkerOfItsConsumer) {
  bring(order("e-1"));
  auto client = nats::Client::connect(server.address(), Context::within(seconds(30))).value();
  const auto& consumer = policy.sources[0].stream->consumer;
  ASSERT_TRUE(nats::bind(*client, consumer, Context::within(seconds(30))));
  auto got = nats::fetch(*client, consumer, 10, seconds(10), Context::within(seconds(60))).value();
  ASSERT_EQ(got.size(), 1u);
  ASSERT_TRUE(engine->accept_event(json::parse(order("e-1"))->as_object()));
  ASSERT_TRUE(nats::put_off(*client, got, milliseconds(1), Context::within(seconds(30))));
  EXPECT_EQ(look().value(), 1u);
  EXPECT_THAT(events(), ElementsAre("e-1"));
  EXPECT_EQ(waiting(), 0);
}

}  // namespace
}  // namespace aright::remediation
