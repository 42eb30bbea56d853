// Faults over HTTP: the operator's door, and what clients feel.
#include "sandbox/control.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "aws/signature.h"
#include "sandbox/http_server.h"

namespace aright::sandbox {
namespace {

class Door : public ::testing::Test {
 protected:
  Result<net::Response> ask(const std::string& method, const std::string& body = "",
                            const std::string& token = "open") {
    net::Request request{
        .method = method, .target = "/_aright/faults", .headers = {}, .body = body};
    if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
    return client.send(*net::parse_endpoint(server->url()), request, Context::within(seconds(20)));
  }

  SystemClock clock;
  Cloud cloud{{}, clock};
  Front front{cloud, demonstration_keys(), clock};
  Control control{cloud, Secret("open")};
  std::unique_ptr<HttpServer> server = *HttpServer::start(front, "127.0.0.1", 0, &control);
  net::Client client;
};

TEST_F(Door, OpensToTheTokenAndToNothingElse) {
  EXPECT_EQ(ask("GET", "", "")->status, 401);
  EXPECT_EQ(ask("GET", "", "shut")->status, 401);
  EXPECT_EQ(ask("PUT", "pages: 2", "shut")->status, 401);
  EXPECT_FALSE(cloud.faults().page_items);
  EXPECT_EQ(ask("GET")->status, 200);
  EXPECT_EQ(ask("POST")->status, 405);
  EXPECT_EQ(control
                .answer({.method = "GET", .target = "/_aright/faults", .headers = {}, .body = ""},
                        {.address = "192.0.2.1", .loopback = false})
                .status,
            403);
}

TEST_F(Door, TakesAPlanShowsItWithItsCountersAndEndsIt) {
  EXPECT_EQ(ask("PUT", "faults: [{lost: 1}]")->status, 400);
  auto set = ask("PUT", "faults: [{service: s3, throttled: 1000}]");
  ASSERT_EQ(set->status, 200) << set->body;
  (void)cloud.call({.service = "s3",
                    .operation = "ListBuckets",
                    .region = "us-east-1",
                    .account = "",
                    .input = {}},
                   {});
  auto shown = json::parse(ask("GET")->body);
  EXPECT_EQ(json::integer(json::at(*shown, {"counts", "throttled"})), 1);
  EXPECT_EQ(json::text(json::at(json::items(json::at(*shown, {"plan", "faults"}))[0], "service")),
            "s3");
  EXPECT_EQ(ask("DELETE")->status, 200);
  EXPECT_TRUE(cloud.faults().empty());
}

TEST_F(Door, Boto3FeelsWhatIsPlanned) {
  if (std::system("/usr/bin/python3 -c 'import boto3' >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "needs boto3";
  auto command = "/usr/bin/python3 " ARIGHT_SOURCE_DIR "/src/sandbox/testdata/boto3_faults.py " +
                 server->url() + " open";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace aright::sandbox
