#include "notify/channel.h"

#include <gmock/gmock.h>

#include <mutex>

#include "base/digest.h"
#include "nats/private_server.h"
#include "sandbox/testing.h"

namespace aright::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Notice notice{.id = "rem_1/resolved/4",
                    .kind = "resolved",
                    .subject = "logs is set right",
                    .body = {{"a", 1}}};

// Somebody's webhook: remembers what it got, and answers as it is told.
class TheCourier : public sandbox::SandboxTest {
 protected:
  TheCourier()
      : receiver(net::Server::start({}, [this](const net::Request& request, const net::Peer&) {
                   std::lock_guard lock(mutex);
                   heard.push_back(request);
                   return answer;
                 }).value()) {}
  Channel webhook(const std::string& url) const {
    return {
        .name = "hook", .webhook_url = url, .signing_key = Secret("key"), .allow_internal = true};
  }
  Result<> deliver(const Channel& channel, const Notice& what = notice) {
    return Courier(cloud).deliver(channel, what, Context::within(seconds(5)));
  }

  std::mutex mutex;
  std::vector<net::Request> heard;
  net::Response answer{.status = 204};
  std::unique_ptr<net::Server> receiver;
};

TEST_F(TheCourier, SignsWhatItPosts) {
  ASSERT_TRUE(deliver(webhook(receiver->url() + "/hook?team=a")));
  ASSERT_EQ(heard.size(), 1u);
  const auto& got = heard[0];
  EXPECT_EQ(got.method, "POST");
  EXPECT_EQ(got.path(), "/hook");
  EXPECT_EQ(got.headers.get("X-Aright-Delivery"), notice.id);
  EXPECT_EQ(got.headers.get("X-Aright-Signature"),
            "sha256=" + to_hex(hmac_sha256("key", got.body)));
  EXPECT_EQ(json::parse(got.body).value(), json::Value(to_json(notice)));
  EXPECT_THAT(got.body, Not(HasSubstr("key")));
}

// RFC 4231, test case 2: anybody can check a signature with their own HMAC.
TEST_F(TheCourier, SignsWithPlainHmac) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  auto unsigned_channel = webhook(receiver->url());
  unsigned_channel.signing_key = Secret();
  ASSERT_TRUE(deliver(unsigned_channel));
  EXPECT_EQ(heard[0].headers.find("X-Aright-Signature"), nullptr);
}

TEST_F(TheCourier, AsksToTryAgainWhenTheReceiverDoesNotTakeIt) {
  for (int status : {500, 503, 429, 404}) {
    answer.status = status;
    auto sent = deliver(webhook(receiver->url()));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().retry, Retry::later) << status;
    EXPECT_EQ(sent.error().http_status, status);
  }
}

TEST_F(TheCourier, FollowsNoRedirect) {
  answer = {.status = 307, .headers = {{"Location", receiver->url() + "/elsewhere"}}};
  EXPECT_FALSE(deliver(webhook(receiver->url() + "/hook")));
  EXPECT_EQ(heard.size(), 1u) << "where it points was not asked";
}

// By number, by name, and in other words for the same.
TEST_F(TheCourier, PostsToNoInternalAddressUnlessTheChannelSaysSo) {
  auto port = receiver->port();
  for (const auto& host : {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]",
                           "[::ffff:7f00:1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001",
                           "169.254.169.254", "[64:ff9b::a9fe:a9fe]", "10.0.0.1"}) {
    auto channel = webhook(fmt::format("http://{}:{}/hook", host, port));
    channel.allow_internal = false;
    auto sent = Courier(cloud).deliver(channel, notice, Context::within(milliseconds(500)));
    EXPECT_FALSE(sent) << host;
  }
  EXPECT_TRUE(heard.empty());
}

TEST_F(TheCourier, TakesNoUrlThatCarriesSecretsOrLeadsElsewhere) {
  for (auto url : {"http://user:password@127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
                   "127.0.0.1:80", ""})
    EXPECT_FALSE(deliver(webhook(url))) << url;
  EXPECT_TRUE(heard.empty());
}

TEST_F(TheCourier, PublishesToATopicWithASubjectThatSnsTakes) {
  auto topic = json::text(ok("sns:CreateTopic", R"({"Name": "security"})"), "TopicArn");
  auto queue = json::text(ok("sqs:CreateQueue", R"({"QueueName": "inbox"})"), "QueueUrl");
  ok("sns:Subscribe", fmt::format(R"({{"TopicArn": "{}", "Protocol": "sqs", "Endpoint":
                                       "arn:aws:sqs:us-east-1:111122223333:inbox"}})",
                                  topic));
  Channel channel{.name = "sns", .sns_topic_arn = topic};
  Notice odd = notice;
  odd.subject = "Step asks: löschen?\n" + std::string(200, 'x');
  ASSERT_TRUE(deliver(channel, odd)) << deliver(channel, odd).error().text();
  auto got = ok("sqs:ReceiveMessage", fmt::format(R"({{"QueueUrl": "{}"}})", queue));
  const auto& messages = json::items(json::at(got, "Messages"));
  ASSERT_EQ(messages.size(), 1u);
  auto envelope = json::parse(json::text(messages[0], "Body", "")).value();
  EXPECT_EQ(json::text(envelope, "Subject", ""),
            ("Step asks: l?schen??" + std::string(200, 'x')).substr(0, 100));
  EXPECT_EQ(json::parse(json::text(envelope, "Message", "")).value(), json::Value(to_json(odd)));
}

TEST_F(TheCourier, TellsWhatSnsRefuses) {
  auto gone = deliver({.name = "sns", .sns_topic_arn = "arn:aws:sns:us-east-1:111122223333:gone"});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().wire_code, "NotFound");
  EXPECT_EQ(deliver({.name = "sns", .sns_topic_arn = "security"}).error().code, Errc::invalid);
}

TEST_F(TheCourier, PublishesToAStreamThatHasItOnce) {
  nats::PrivateServer server;
  server.make_stream("NOTICES", "notices.>");
  Channel channel{.name = "stream", .nats = NatsSubject{.server = server.address(), .subject = "notices.aright"}};
  EXPECT_EQ(way_of(channel).kind, "nats");
  ASSERT_TRUE(deliver(channel)) << deliver(channel).error().text();
  ASSERT_TRUE(deliver(channel)) << "sent again, as after a kill";
  auto odd = notice;
  odd.id = "of an event\r\nwith lines";
  ASSERT_TRUE(deliver(channel, odd)) << deliver(channel, odd).error().text();
  nats::Outgoing question{.subject = "$JS.API.STREAM.INFO.NOTICES", .reply = {}, .headers = {}, .payload = ""};
  auto told = server.connect()->request(question, Context::within(seconds(30)));
  EXPECT_EQ(json::integer(json::at(json::parse(told.value().payload).value(), {"state", "messages"})), 2);
  channel.nats->subject = "nobody.hears";
  EXPECT_EQ(deliver(channel).error().retry, Retry::later);
}

TEST(Channels, HearTheKindsTheyNameOrAll) {
  Channel some{.name = "a", .on = {"resolved", "escalated"}};
  EXPECT_TRUE(some.wants("resolved"));
  EXPECT_FALSE(some.wants("approval_requested"));
  EXPECT_TRUE(Channel{}.wants("approval_requested"));
}

TEST(Notices, ComeBackAsTheyWere) {
  auto back = notice_from_json(to_json(notice)).value();
  EXPECT_EQ(to_json(back), to_json(notice));
  EXPECT_EQ(notice_from_json(json::Object{{"id", "x"}}).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace aright::notify
