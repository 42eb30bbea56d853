// JetStream of Debian's nats-server, on loopback.

#include "nats/jetstream.h"

#include <gmock/gmock.h>

#include <set>

#include "nats/private_server.h"

namespace aright::nats {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Context soon() {
  return Context::within(seconds(60));
}

class JetStream : public ::testing::Test {
 protected:
  JetStream() {
    server.make_stream("EVENTS", "events.>");
    client = server.connect();
  }
  void bring(const std::string& id, const std::string& payload) {
    auto receipt = publish(*client, "events.aws", id, payload, soon());
    ASSERT_TRUE(receipt) << receipt.error().text();
  }
  std::vector<Delivery> fetched(int most = batch_max, milliseconds wait = milliseconds(0)) {
    auto got = fetch(*client, consumer, most, wait, soon());
    EXPECT_TRUE(got) << got.error().text();
    return got ? std::move(*got) : std::vector<Delivery>();
  }
  static std::vector<std::string> payloads(const std::vector<Delivery>& deliveries) {
    std::vector<std::string> out;
    for (const auto& one : deliveries) out.push_back(one.message.payload);
    return out;
  }

  PrivateServer server;
  std::unique_ptr<Client> client;
  Consumer consumer{.stream = "EVENTS", .name = "aright", .subject = "", .ack_wait = seconds(30)};
};

TEST_F(JetStream, GivesWhatIsThereAndKeepsItUntilItIsAcknowledged) {
  ASSERT_TRUE(bind(*client, consumer, soon()));
  EXPECT_THAT(fetched(), IsEmpty());
  for (auto id : {"1", "2", "3"}) bring(id, id);
  auto got = fetched(2);
  EXPECT_THAT(payloads(got), ElementsAre("1", "2"));
  EXPECT_EQ(got[1].sequence, 2u);
  EXPECT_EQ(got[1].deliveries, 1);
  EXPECT_EQ(got[1].stream, "EVENTS");
  EXPECT_EQ(got[1].message.header("Nats-Msg-Id"), "2");
  EXPECT_GT(got[1].stored.size(), 15u);
  ASSERT_TRUE(acknowledge(*client, got, soon()));
  got = fetched();
  EXPECT_THAT(payloads(got), ElementsAre("3"));
  ASSERT_TRUE(put_off(*client, got, milliseconds(1), soon()));
  auto again = fetched(1, seconds(30));
  EXPECT_THAT(payloads(again), ElementsAre("3"));
  EXPECT_EQ(again[0].deliveries, 2);
  ASSERT_TRUE(keep(*client, again, soon()));
  ASSERT_TRUE(give_up(*client, again, soon()));
  EXPECT_THAT(fetched(1, milliseconds(300)), IsEmpty());
}

TEST_F(JetStream, WaitsForTheFirstThatComes) {
  ASSERT_TRUE(bind(*client, consumer, soon()));
  auto elsewhere = server.connect();
  std::jthread later([&] { ASSERT_TRUE(publish(*elsewhere, "events.aws", "late", "late", soon())); });
  EXPECT_THAT(payloads(fetched(batch_max, seconds(50))), ElementsAre("late"));
}

TEST_F(JetStream, SharesAConsumerAmongWorkers) {
  ASSERT_TRUE(bind(*client, consumer, soon()));
  for (int n = 0; n < 30; ++n) bring(std::to_string(n), std::to_string(n));
  auto other = server.connect();
  ASSERT_TRUE(bind(*other, consumer, soon())) << "it is there already";
  auto mine = fetched(20);
  auto theirs = fetch(*other, consumer, 20, milliseconds(0), soon()).value();
  EXPECT_EQ(mine.size(), 20u);
  EXPECT_EQ(theirs.size(), 10u);
}

TEST_F(JetStream, KeepsAMessageOnceByItsId) {
  auto first = publish(*client, "events.x", "same", "a", soon()).value();
  auto second = publish(*client, "events.x", "same", "a", soon()).value();
  EXPECT_FALSE(first.duplicate);
  EXPECT_TRUE(second.duplicate);
  EXPECT_EQ(first.sequence, second.sequence);
  EXPECT_EQ(first.stream, "EVENTS");
}

TEST_F(JetStream, TellsWhatIsNotThere) {
  auto lost = publish(*client, "elsewhere", "1", "a", soon());
  EXPECT_EQ(lost.error().code, Errc::unavailable);
  EXPECT_THAT(lost.error().message, HasSubstr("no stream of JetStream takes the subject elsewhere"));
  consumer.stream = "NONE";
  EXPECT_EQ(bind(*client, consumer, soon()).error().code, Errc::not_found);
}

TEST_F(JetStream, RefusesAConsumerThatIsAnothers) {
  auto make = [&](const std::string& name, json::Object config) {
    config["durable_name"] = name;
    json::Object body{{"stream_name", "EVENTS"}, {"config", config}};
    Outgoing question{.subject = "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS." + name, .reply = {}, .headers = {},
                      .payload = json::print(body)};
    ASSERT_TRUE(client->request(question, soon()));
  };
  make("pushes", {{"deliver_subject", "somewhere"}, {"ack_policy", "explicit"}});
  make("forgets", {{"ack_policy", "none"}});
  make("other", {{"ack_policy", "explicit"}, {"filter_subject", "events.x"}});
  for (auto name : {"pushes", "forgets", "other"}) {
    consumer.name = name;
    EXPECT_EQ(bind(*client, consumer, soon()).error().code, Errc::conflict) << name;
  }
}

TEST_F(JetStream, GivesAgainWhatWasNotAcknowledgedWhenItWasKilled) {
  consumer.ack_wait = seconds(3);
  ASSERT_TRUE(bind(*client, consumer, soon()));
  bring("1", "1");
  auto got = fetched();
  server.kill();
  EXPECT_FALSE(acknowledge(*client, got, soon()));
  server.start();
  client = server.connect();
  bring("2", "2");
  std::set<std::string> seen;
  auto until = soon();
  while (seen.size() < 2 && until.check())
    for (const auto& one : fetched(1, seconds(10))) seen.insert(one.message.payload);
  EXPECT_THAT(seen, ElementsAre("1", "2"));
}

TEST_F(JetStream, PublishesAgainWhenTheServerCameBack) {
  Publishers publishers;
  EXPECT_EQ(publishers.publish(server.address(), "events.n", "1", "a", soon()).value().sequence, 1u);
  server.kill();
  EXPECT_FALSE(publishers.publish(server.address(), "events.n", "2", "b", soon()));
  server.start();
  EXPECT_TRUE(publishers.publish(server.address(), "events.n", "2", "b", soon()));
  EXPECT_TRUE(publishers.publish(server.address(), "events.n", "2", "b", soon()).value().duplicate);
}

TEST(Servers, AskWhoWeAre) {
  PrivateServer server({"--user", "ana", "--pass", "s3cr3t"});
  EXPECT_EQ(Client::connect(server.address(), soon()).error().code, Errc::denied);
  auto address = server.address();
  address.user = "ana";
  address.password = Secret("s3cr3t");
  EXPECT_TRUE(Client::connect(address, soon()));
}

TEST(Servers, SpeakTlsWithThoseWhoKnowTheirCertificate) {
  TemporaryDirectory directory;
  auto certificate = (directory.path() / "c.pem").string(), key = (directory.path() / "k.pem").string();
  auto command = fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {} -out {} "
      "-days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null", key, certificate);
  ASSERT_EQ(std::system(command.c_str()), 0) << "needs openssl";
  PrivateServer server({"--tls", "--tlscert", certificate, "--tlskey", key});
  auto address = server.address();
  EXPECT_FALSE(Client::connect(address, soon())) << "nobody vouches for the certificate";
  address.ca_file = certificate;
  auto client = Client::connect(address, soon());
  ASSERT_TRUE(client) << client.error().text();
  EXPECT_TRUE((*client)->request({.subject = "$JS.API.INFO", .reply = {}, .headers = {}, .payload = ""}, soon()));
  address.urls = {"tls" + address.urls[0].substr(4)};
  EXPECT_TRUE(Client::connect(address, soon()));
}

}  // namespace
}  // namespace aright::nats
