// The emulated cloud over a real connection, as SDKs and the CLI see it.

#include "sandbox/http_server.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "aws/signature.h"
#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

class Http : public ::testing::Test {
 protected:
  static Keys keys() {
    auto keys = demonstration_keys();
    keys["other"] = {.secret = Secret("other secret"), .principal = {.account = "999988887777"}};
    return keys;
  }
  int run(const std::string& program, const char* script) {
    auto command =
        program + " " ARIGHT_SOURCE_DIR "/src/sandbox/testdata/" + script + " " + server->url();
    return std::system(command.c_str());
  }
  bool have(const char* program) {
    return std::system((std::string(program) + " >/dev/null 2>&1").c_str()) == 0;
  }

  SystemClock clock;
  Cloud cloud{{}, clock};
  Front front{cloud, keys(), clock};
  std::unique_ptr<HttpServer> server = *HttpServer::start(front);
};

TEST_F(Http, ServesBoto3) {
  if (!have("/usr/bin/python3 -c 'import boto3'")) GTEST_SKIP() << "needs boto3";
  EXPECT_EQ(run("/usr/bin/python3", "boto3_story.py"), 0);
}

TEST_F(Http, ServesTheCli) {
  if (!have("/usr/bin/aws --version")) GTEST_SKIP() << "needs the AWS CLI";
  EXPECT_EQ(run("/bin/sh", "cli_story.sh"), 0);
}

net::Request list_buckets(std::string_view host) {
  net::Request request;
  request.headers.set("Host", std::string(host));
  return request;
}

aws::Credentials test_credentials() {
  return {.access_key_id = "test", .secret_access_key = Secret("test")};
}

TEST_F(Http, FindsTheBucketInTheHost) {
  ASSERT_TRUE(cloud.call(call_of("s3:CreateBucket", R"({"Bucket": "hosted"})"), {}));
  net::Request request{.target = "/?location"};
  request.headers.set("Host", "hosted.s3.us-east-1.amazonaws.com");
  aws::sign(request, test_credentials(), {"us-east-1", "s3"}, clock.now());
  auto response = front.answer(request);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_NE(response.body.find("LocationConstraint"), std::string::npos);
}

TEST_F(Http, LetsAnotherAnswerFirst) {
  Front shared(cloud, demonstration_keys(), clock);
  shared.intercept([](const Principal&, const aws::Call& call,
                      const Context&) -> std::optional<Result<json::Object>> {
    if (call.operation != "ListBuckets") return std::nullopt;
    return json::Object{{"Buckets", json::Array{json::Object{{"Name", "from-another"}}}}};
  });
  auto request = list_buckets("localhost");
  aws::sign(request, test_credentials(), {"us-east-1", "s3"}, clock.now());
  EXPECT_NE(shared.answer(request).body.find("from-another"), std::string::npos);
}

TEST_F(Http, RefusesRequestsWithoutASignature) {
  net::Request request{.method = "POST", .body = "Action=GetCallerIdentity&Version=2011-06-15"};
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  auto response = front.answer(request);
  EXPECT_EQ(response.status, 403);
  EXPECT_NE(response.body.find("MissingAuthenticationToken"), std::string::npos) << response.body;
}

TEST_F(Http, RefusesServicesThatDoNotExist) {
  auto request = list_buckets("localhost");
  aws::sign(request, test_credentials(), {"us-east-1", "teapot"}, clock.now());
  EXPECT_EQ(front.answer(request).status, 501);
}

TEST_F(Http, RefusesRequestsThatAreTooLarge) {
  net::Request request{
      .method = "PUT", .target = "/b/k", .body = std::string(request_bytes_max + 1, 'x')};
  EXPECT_EQ(front.answer(request).status, 413);
}

}  // namespace
}  // namespace aright::sandbox
