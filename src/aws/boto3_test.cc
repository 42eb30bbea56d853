// What boto3 sends over a real connection passes our own check of signatures.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>

#include "aws/signature.h"

namespace aright::aws {
namespace {

TEST(Boto3, SignsRequestsThatPass) {
  if (std::system("/usr/bin/python3 -c 'import boto3' 2>/dev/null") != 0)
    GTEST_SKIP() << "needs boto3";
  std::mutex mutex;
  std::vector<std::string> passed, refused;
  auto server = net::Server::start({}, [&](const net::Request& request, const net::Peer&) {
    auto verified = verify(request, Secret("wJalr/secret"), SystemClock().now());
    auto claim = read_claim(request);
    std::lock_guard lock(mutex);
    if (verified) {
      passed.push_back(claim->scope.service);
    } else {
      refused.push_back(request.method + " " + request.target + ": " + verified.error().text());
    }
    return net::Response{.status = 400};
  });
  ASSERT_TRUE(server);
  auto command = "/usr/bin/python3 " ARIGHT_SOURCE_DIR "/src/aws/testdata/boto3_calls.py " +
                 (*server)->url() + " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  (*server)->stop();
  EXPECT_THAT(refused, testing::IsEmpty());
  EXPECT_THAT(passed, testing::ElementsAre("s3", "s3", "s3", "ssm", "ec2", "lambda", "sts"));
}

}  // namespace
}  // namespace aright::aws
