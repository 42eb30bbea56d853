#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "aws/client.h"
#include "aws/oracle.h"

namespace aright::aws {
namespace {

std::string where(std::string_view service, std::string_view region) {
  auto found = resolve_endpoint(*model::Models::embedded().service(service), region);
  return found ? found->url + " " + found->signing_region : found.error().text();
}

TEST(Endpoint, IsTheRegionsOwnUnlessAPartitionHasOneForAll) {
  EXPECT_EQ(where("ec2", "eu-west-1"), "https://ec2.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(where("iam", "eu-west-1"), "https://iam.amazonaws.com us-east-1");
  EXPECT_EQ(where("sts", "cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn cn-north-1");
  EXPECT_EQ(where("route53", "us-iso-east-1"), "https://route53.c2s.ic.gov us-iso-east-1");
  EXPECT_EQ(where("cloudwatch", "us-west-2"),
            "https://monitoring.us-west-2.amazonaws.com us-west-2");
}

TEST(Endpoint, RegionsCannotSmuggleHosts) {
  EXPECT_EQ(where("ec2", "evil.com/"), "invalid: 'evil.com/' is no region");
  EXPECT_EQ(where("ec2", ""), "invalid: '' is no region");
}

TEST(Endpoint, IsBotocoresForEveryServiceAndRegion) {
  if (!has_botocore()) GTEST_SKIP() << "needs botocore";
  int compared = 0;
  std::vector<std::string> differing;
  for (const json::Value& line : oracle("endpoint_oracle.py")) {
    auto name = json::text(line, "service", ""), region = json::text(line, "region", "");
    auto service = model::Models::embedded().service(name);
    // Ours is deliberate for Global Accelerator: it answers in one region only. And CodeCatalyst is
    // in one partition only.
    bool deliberate = name == "globalaccelerator" || name == "codecatalyst";
    if (!service || service->name() != name || deliberate) continue;
    ++compared;
    auto theirs = json::text(line, "url", "") + " " + json::text(line, "signing_region", "");
    auto ours = where(name, region);
    if (ours != theirs) differing.push_back(name + ": " + ours + " for " + theirs);
  }
  EXPECT_GT(compared, 8000);
  EXPECT_TRUE(differing.empty()) << fmt::format("{}", fmt::join(differing, "\n"));
}

}  // namespace
}  // namespace aright::aws
