// A connection, against a server that behaves as it is told.

#include "nats/client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/text.h"

namespace aright::nats {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view greeting = "INFO {\"max_payload\":1024,\"headers\":true}\r\n";

// Takes one connection after the other; `behave` has it, and it is closed when that returns.
class FakeServer {
 public:
  explicit FakeServer(std::function<void(FakeServer&)> behave) : behave_(std::move(behave)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    ::listen(listener_, 8);
    thread_ = std::jthread([this] {
      while ((peer_ = ::accept(listener_, nullptr, nullptr)) >= 0) {
        heard_.clear();
        behave_(*this);
        ::close(peer_);
      }
    });
  }
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  void say(std::string_view text) { std::ignore = ::send(peer_, text.data(), text.size(), MSG_NOSIGNAL); }
  // Reads until this was heard, or the peer has gone.
  std::string hear(std::string_view until) {
    char piece[4096];
    while (heard_.find(until) == std::string::npos) {
      auto got = ::recv(peer_, piece, sizeof piece, 0);
      if (got <= 0) break;
      heard_.append(piece, static_cast<std::size_t>(got));
    }
    return std::exchange(heard_, {});
  }
  void greet() {
    say(greeting);
    said_ = hear("PING\r\n");
    say("PONG\r\n");
  }
  Server address() const { return {.urls = {fmt::format("nats://127.0.0.1:{}", port_)}}; }
  std::string said_;  // of the greeting, by the client

 private:
  std::function<void(FakeServer&)> behave_;
  int listener_ = -1, peer_ = -1, port_ = 0;
  std::string heard_;
  std::jthread thread_;
};

Context shortly() {
  return Context::within(seconds(20));
}

// The subject that answers go to, of a message that was heard.
std::string reply_in(const std::string& heard) {
  auto from = heard.find("_INBOX.");
  return heard.substr(from, heard.find(' ', from) - from);
}

TEST(AClient, AnswersPingsAndKeepsWhatComesMeanwhile) {
  FakeServer server([](FakeServer& self) {
    self.greet();
    auto reply = reply_in(self.hear("hello\r\n"));
    auto other = reply.substr(0, reply.rfind('.')) + ".other";
    self.say("PING\r\nMSG " + other + " 1 3\r\n");
    EXPECT_THAT(self.hear("PONG\r\n"), HasSubstr("PONG"));
    self.say("one\r\nMSG " + reply + " 1 6\r\nan");
    self.say("swer\r\n");
    self.hear("never");
  });
  auto client = Client::connect(server.address(), shortly()).value();
  EXPECT_EQ(client->payload_max(), 1024u);
  EXPECT_EQ(client->request({.subject = "q", .payload = "hello"}, shortly()).value().payload, "answer");
  EXPECT_EQ(client->next(shortly()).value().payload, "one");
  EXPECT_EQ(client->send({.subject = "q", .payload = std::string(1025, 'x')}, shortly()).error().code, Errc::invalid);
}

TEST(AClient, TellsOfAServerThatGoesInTheMiddleOfAMessage) {
  FakeServer server([](FakeServer& self) {
    self.greet();
    self.say("MSG " + reply_in(self.hear("hello\r\n")) + " 1 100\r\nhalf");
  });
  auto client = Client::connect(server.address(), shortly()).value();
  auto answer = client->request({.subject = "q", .payload = "hello"}, shortly());
  EXPECT_EQ(answer.error().code, Errc::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("gone"));
}

TEST(AClient, ConnectsToNobodyWhoIsNoNatsServer) {
  for (auto words : {"", "HTTP/1.1 400 Bad Request\r\n\r\n", "PING\r\n", "INFO nonsense\r\n",
                     "INFO {}\r\n-ERR 'Authorization Violation'\r\n", "INFO {}\r\nMSG a 1 99999999999\r\n"}) {
    FakeServer server([&](FakeServer& self) { self.say(words); });
    EXPECT_FALSE(Client::connect(server.address(), shortly())) << words;
  }
  FakeServer refusing([](FakeServer& self) {
    self.say("INFO {\"auth_required\":true}\r\n");
    self.hear("PING\r\n");
    self.say("-ERR 'Authorization Violation'\r\n");
  });
  EXPECT_EQ(Client::connect(refusing.address(), shortly()).error().code, Errc::denied);
}

TEST(AClient, EndsWithItsTimeWhenNobodySpeaks) {
  FakeServer server([](FakeServer& self) { self.hear("never"); });
  EXPECT_EQ(Client::connect(server.address(), Context::within(milliseconds(50))).error().code, Errc::deadline);
}

TEST(AClient, TakesTheNextServerWhenOneIsNotThere) {
  FakeServer server([](FakeServer& self) {
    self.greet();
    self.hear("never");
  });
  auto address = server.address();
  address.urls.insert(address.urls.begin(), "nats://127.0.0.1:1");
  EXPECT_TRUE(Client::connect(address, shortly()));
}

TEST(AClient, TellsWhoItIsAndNoneOfItInErrors) {
  FakeServer server([](FakeServer& self) {
    self.greet();
    EXPECT_THAT(self.said_, HasSubstr(R"("user":"ana","pass":"s3cr3t")"));
    self.say("-ERR 'Stale Connection'\r\n");
  });
  auto address = server.address();
  address.user = "ana";
  address.password = Secret("s3cr3t");
  auto client = Client::connect(address, shortly()).value();
  EXPECT_THAT(client->next(shortly()).error().text(), Not(HasSubstr("s3cr3t")));
}

// The name leads to loopback, but is none of those that always do.
TEST(AClient, SendsNoPasswordInTheClearToAnotherMachine) {
  FakeServer server([](FakeServer& self) { self.greet(); });
  auto address = server.address();
  address.urls = {"tls" + address.urls[0].substr(4)};
  auto without_tls = Client::connect(address, shortly());
  EXPECT_EQ(without_tls.error().code, Errc::denied);
  EXPECT_THAT(without_tls.error().message, HasSubstr("has no TLS"));
  address = server.address();
  address.urls = {replace_all(address.urls[0], "127.0.0.1", "0.0.0.0")};
  address.token = Secret("t0ken");
  EXPECT_EQ(Client::connect(address, shortly()).error().code, Errc::denied);
  address.plaintext = true;
  EXPECT_TRUE(Client::connect(address, shortly()));
}

TEST(Addresses, AreNatsOrTls) {
  EXPECT_EQ(read_address("nats://broker")->port, default_port);
  EXPECT_EQ(read_address("nats://broker:80")->port, 80);
  EXPECT_TRUE(read_address("tls://broker:4443")->tls);
  EXPECT_EQ(read_address("nats://[::1]")->port, default_port);
  for (auto url : {"", "broker:4222", "http://broker", "nats://", "nats://ana:pw@broker", "nats://broker/path", "nats://a b"})
    EXPECT_FALSE(read_address(url)) << url;
}

}  // namespace
}  // namespace aright::nats
