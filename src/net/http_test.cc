#include "net/http.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/file.h"
#include "net/connection.h"
#include "net/guard.h"
#include "net/url.h"

namespace aright::net {
namespace {

using namespace std::chrono_literals;

Response echo(const Request& request, const Peer&) {
  Response response;
  response.headers.set("X-Path", request.path());
  response.body = request.method + " " + request.body;
  return response;
}

std::unique_ptr<Server> start(ServerOptions options = {}, Handler handler = echo) {
  auto server = Server::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server) << server.error().text();
  return std::move(*server);
}

Result<Response> ask(Client& client, const Server& server, Request request,
                     Context context = Context::within(5s)) {
  return client.send(*parse_endpoint(server.url()), request, context);
}

// Bytes as they are, and everything that comes back until the server closes.
std::string talk(const Server& server, std::string_view bytes,
                 std::chrono::milliseconds limit = 3s) {
  auto until = Context::within(limit).deadline;
  auto connection = connect(*parse_endpoint(server.url()), {}, nullptr, until, nullptr);
  EXPECT_TRUE(connection);
  (void)connection->write(bytes, until, nullptr);
  std::string all;
  char piece[4096];
  while (true) {
    auto got = connection->read(piece, sizeof piece, until, nullptr);
    if (!got || *got == 0) return all;
    all.append(piece, *got);
  }
}

TEST(Http, CarriesARequestThereAndBack) {
  auto server = start();
  Client client;
  auto response = ask(client, *server, {.method = "POST", .target = "/a%20b?c=1", .body = "hello"});
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "POST hello");
  EXPECT_EQ(response->headers.get("x-path"), "/a%20b");
}

TEST(Http, KeepsConnectionsAliveAndSurvivesTheirLoss) {
  auto first = start();
  Client client;
  ASSERT_TRUE(ask(client, *first, {}));
  ASSERT_TRUE(ask(client, *first, {}));
  auto port = first->port();
  first->stop();
  auto second = start({.port = port});
  auto response = ask(client, *second, {.method = "POST", .body = "x"});
  ASSERT_TRUE(response) << response.error().text();
}

TEST(Http, ListensOnAUnixSocketThatOnlyItsOwnerOpens) {
  TemporaryDirectory directory;
  auto path = (directory.path() / "door").string();
  auto server = start({.unix_socket = path});
  struct stat about{};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  Client client;
  EXPECT_EQ(ask(client, *server, {.method = "PUT", .body = "x"})->body, "PUT x");
  server->stop();
  EXPECT_NE(::stat(path.c_str(), &about), 0);
}

TEST(Http, StreamsUntilTheServerStops) {
  auto server = start({}, [](const Request&, const Peer&) {
    Response response;
    response.stream = [](Stream& stream) {
      for (int i = 0; i < 3; ++i) {
        if (!stream.write("data: x\n\n") || !stream.wait(1ms)) return;
      }
    };
    return response;
  });
  Client client;
  auto response = ask(client, *server, {});
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->body, "data: x\n\ndata: x\n\ndata: x\n\n");
}

TEST(Http, StopsWhileAStreamWaits) {
  std::atomic<bool> waiting = false;
  auto server = start({}, [&](const Request&, const Peer&) {
    Response response;
    response.stream = [&](Stream& stream) {
      waiting = true;
      while (stream.wait(1h)) {
      }
    };
    return response;
  });
  std::jthread reader([&] {
    Client client;
    (void)ask(client, *server, {});
  });
  while (!waiting)
    std::this_thread::sleep_for(1ms);
  auto before = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(Http, SaysThatNothingWasSentWhenNobodyListens) {
  auto server = start();
  auto endpoint = *parse_endpoint(server->url());
  server->stop();
  Client client;
  auto response = client.send(endpoint, {}, Context::within(1s));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::unavailable);
  EXPECT_EQ(response.error().retry, Retry::later);
}

TEST(Http, CallsTheOutcomeUnknownWhenTimeRunsOutAfterSending) {
  auto server = start({}, [](const Request& request, const Peer& peer) {
    std::this_thread::sleep_for(300ms);
    return echo(request, peer);
  });
  Client client;
  auto response = ask(client, *server, {.method = "POST"}, Context::within(50ms));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::deadline);
  EXPECT_EQ(response.error().retry, Retry::unknown_outcome);
}

TEST(Http, StopsAtTheCallersWish) {
  auto server = start({}, [](const Request& request, const Peer& peer) {
    std::this_thread::sleep_for(300ms);
    return echo(request, peer);
  });
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(30ms);
    source.request_stop();
  });
  Client client;
  auto response = ask(client, *server, {}, Context::within(5s, source.get_token()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::cancelled);
}

TEST(Http, TurnsAThrowingHandlerIntoA500) {
  auto server = start({}, [](const Request&, const Peer&) -> Response { throw 1; });
  Client client;
  EXPECT_EQ(ask(client, *server, {})->status, 500);
}

TEST(Http, RefusesABodyLargerThanAllowedOnBothSides) {
  auto server = start({.request_bytes_max = 100});
  Client client;
  EXPECT_EQ(ask(client, *server, {.method = "POST", .body = std::string(101, 'x')})->status, 413);
  Client narrow({.response_bytes_max = 3});
  EXPECT_FALSE(ask(narrow, *server, {.method = "POST", .body = "hello"}));
}

TEST(Tls, IsSpokenOnlyWithWhomTheCertificateNames) {
  TemporaryDirectory directory;
  auto certificate = (directory.path() / "c.pem").string();
  auto key = (directory.path() / "k.pem").string();
  auto command = fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {} -out {} "
      "-days 1 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 2>/dev/null",
      key, certificate);
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "needs openssl";
  auto server = start({.certificate_file = certificate, .key_file = key});
  ASSERT_TRUE(server->url().starts_with("https://"));

  Client trusting({.ca_file = certificate});
  auto response = ask(trusting, *server, {.method = "POST", .body = std::string(1 << 20, 'x')});
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->body.size(), (1u << 20) + 5);

  Client stranger;
  EXPECT_FALSE(ask(stranger, *server, {}));
  auto misnamed = *parse_endpoint(server->url());
  misnamed.host = "localhost";
  EXPECT_FALSE(trusting.send(misnamed, {}, Context::within(5s)));
}

TEST(Http, TakesTheHostOfAWholeUrlAsAProxyWould) {
  auto server = start({}, [](const Request& request, const Peer&) {
    return Response{.body = request.headers.get("Host") + " " + request.target};
  });
  auto told = [&](const char* target) {
    auto answer = talk(*server, fmt::format("GET {} HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n", target));
    return answer.substr(answer.find("\r\n\r\n") + 4);
  };
  EXPECT_EQ(told("/a?b"), "other /a?b");
  EXPECT_EQ(told("http://1111.127.0.0.1:80/a?b=c"), "1111.127.0.0.1:80 /a?b=c");
  EXPECT_EQ(told("http://host"), "host /");
  EXPECT_EQ(told("http://host?a"), "host /?a");
}

TEST(HostileInput, OversizedHeadersAreRefused) {
  auto server = start();
  std::string request = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(header_bytes_max, 'x');
  EXPECT_TRUE(talk(*server, request + "\r\n\r\n").starts_with("HTTP/1.1 431"));
}

TEST(HostileInput, ASlowPeerIsDroppedByOneDeadlineForTheWholeRequest) {
  auto server = start({.idle_timeout = 100ms});
  auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(talk(*server, "GET / HTTP/1.1\r\nHost: "), "");
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

class Smuggled : public testing::TestWithParam<const char*> {};
TEST_P(Smuggled, IsRefused) {
  auto server = start();
  EXPECT_TRUE(talk(*server, GetParam()).starts_with("HTTP/1.1 400")) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(
    HostileInput, Smuggled,
    testing::Values(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
        "3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"));

TEST(HostileInput, AHeaderThatHoldsALineBreakIsNotSent) {
  Client client;
  auto server = start();
  auto response = ask(client, *server, {.headers = {{"X-A", "b\r\nX-C: d"}}});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::invalid);
}

TEST(Guard, RefusesEveryInternalAddress) {
  for (const char* address :
       {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "::1", "::", "fe80::1%eth0", "fd00:ec2::254", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255", "nonsense"}) {
    EXPECT_FALSE(refuse_internal_address(address)) << address;
  }
  for (const char* address : {"8.8.8.8", "172.32.0.1", "2600:9000::1", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(refuse_internal_address(address)) << address;
  }
}

TEST(Guard, SeesTheAddressThatIsConnectedTo) {
  auto server = start();
  Client client({.admit_address = refuse_internal_address});
  auto response = ask(client, *server, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::denied);
}

TEST(Url, EndpointsAreTakenApart) {
  auto endpoint = *parse_endpoint("https://[::1]:8443/a/");
  EXPECT_TRUE(endpoint.tls);
  EXPECT_EQ(endpoint.authority(), "[::1]:8443");
  EXPECT_EQ(endpoint.path, "/a");
  EXPECT_EQ(parse_endpoint("http://h")->authority(), "h");
  for (const char* bad :
       {"h:80", "http://", "http://h:x", "http://h:70000", "http://a@h", "http://[::1"}) {
    EXPECT_FALSE(parse_endpoint(bad)) << bad;
  }
}

TEST(Url, QueriesKeepTheirOrderAndEncodeAsAwsDoes) {
  EXPECT_EQ(build_query(parse_query("b=%2Fx&a&c=1=2")), "b=%2Fx&a=&c=1%3D2");
  EXPECT_EQ(build_query({{"k", "a b~*+"}}), "k=a%20b~%2A%2B");
}

}  // namespace
}  // namespace aright::net
