// The services as boto3 and the AWS CLI see them: over a real connection, in each service's own
// protocol.
#include <gtest/gtest.h>

#include <cstdlib>

#include "sandbox/http_server.h"

namespace aright::sandbox {
namespace {

class ServicesOverHttp : public ::testing::Test {
 protected:
  bool have(const char* command) {
    return std::system((std::string(command) + " >/dev/null 2>&1").c_str()) == 0;
  }
  int run(const std::string& program, const std::string& script) {
    return std::system(
        (program + " " ARIGHT_SOURCE_DIR "/src/sandbox/testdata/" + script + " " + server->url())
            .c_str());
  }

  SystemClock clock;
  Cloud cloud{{}, clock};
  Front front{cloud, demonstration_keys(), clock};
  std::unique_ptr<HttpServer> server = *HttpServer::start(front);
};

TEST_F(ServicesOverHttp, AreWhatBoto3Expects) {
  if (!have("/usr/bin/python3 -c 'import boto3'")) GTEST_SKIP() << "needs boto3";
  EXPECT_EQ(run("/usr/bin/python3", "boto3_services.py"), 0);
}

TEST_F(ServicesOverHttp, AreWhatBoto3ExpectsOfTheManagementServices) {
  if (!have("/usr/bin/python3 -c 'import boto3'")) GTEST_SKIP() << "needs boto3";
  EXPECT_EQ(run("/usr/bin/python3", "boto3_management.py"), 0);
}

// Databases take minutes to come up: here, seconds.
class FastServicesOverHttp : public ServicesOverHttp {
 protected:
  static constexpr double speed = 120;
  ScaledClock fast{clock, speed};
  Cloud fast_cloud{{}, fast};
  Front fast_front{fast_cloud, demonstration_keys(), clock};
  std::unique_ptr<HttpServer> fast_server = *HttpServer::start(fast_front);
};

TEST_F(FastServicesOverHttp, AreStoresAsBoto3ExpectsThem) {
  if (!have("/usr/bin/python3 -c 'import boto3'")) GTEST_SKIP() << "needs boto3";
  server = std::move(fast_server);
  EXPECT_EQ(run("/usr/bin/python3", "boto3_data.py"), 0);
}

TEST_F(ServicesOverHttp, AreNetworksAsBoto3ExpectsThem) {
  if (!have("/usr/bin/python3 -c 'import boto3'")) GTEST_SKIP() << "needs boto3";
  EXPECT_EQ(run("/usr/bin/python3", "boto3_network.py"), 0);
}

TEST_F(ServicesOverHttp, AreWhatTheCliExpects) {
  if (!have("/usr/bin/aws --version")) GTEST_SKIP() << "needs the AWS CLI";
  EXPECT_EQ(run("/bin/sh", "cli_services.sh"), 0);
}

TEST_F(ServicesOverHttp, OfTheEdgeAreWhatBoto3Expects) {
  if (!have("/usr/bin/python3 -c 'import boto3'")) GTEST_SKIP() << "needs boto3";
  EXPECT_EQ(run("/usr/bin/python3", "boto3_edge.py"), 0);
}

TEST_F(ServicesOverHttp, DeployStacksAsTheCliExpects) {
  if (!have("/usr/bin/aws --version")) GTEST_SKIP() << "needs the AWS CLI";
  EXPECT_EQ(run("/bin/sh", "cli_stacks.sh"), 0);
}

TEST(Authorized, DenyBoto3WhatItsPoliciesDo) {
  if (std::system("/usr/bin/python3 -c 'import boto3' >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs boto3";
  SystemClock clock;
  CloudOptions options;
  options.authorize = true;
  Cloud cloud(options, clock);
  auto keys = demonstration_keys();
  keys["444455556666"] = {.secret = Secret("test"),
                          .session_token = {},
                          .principal = {.account = "444455556666"},
                          .expires = {}};
  Front front(cloud, std::move(keys), clock);
  auto server = *HttpServer::start(front);
  cloud.set_endpoint(server->url());
  auto command = "/usr/bin/python3 " ARIGHT_SOURCE_DIR
                 "/src/sandbox/testdata/boto3_authorize.py " +
                 server->url() + " 444455556666";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace aright::sandbox
