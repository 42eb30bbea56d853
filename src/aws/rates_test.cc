#include "aws/rates.h"

#include <gtest/gtest.h>

#include "aws/pace.h"
#include "base/embedded.h"
#include "json/yaml.h"
#include "model/model.h"

ARIGHT_EMBEDDED(api_rates)

namespace aright::aws {
namespace {

TEST(PublishedRates, AreOfOperationsThatThereAre) {
  auto document = json::parse_yaml(embedded_api_rates());
  ASSERT_TRUE(document) << document.error().text();
  for (const auto& [service, rates] : json::members(document->value)) {
    auto model = model::Models::embedded().service(service);
    ASSERT_TRUE(model) << service;
    EXPECT_TRUE(json::text(rates, "source", "").starts_with("https://docs.aws.amazon.com/"))
        << service;
    for (const auto& [operation, rate] : json::members(rates)) {
      if (operation == "source") continue;
      bool known = operation == "read" || operation == "write" || model->operation(operation);
      EXPECT_TRUE(known) << service << " " << operation;
      EXPECT_GT(json::integer(json::at(rate, "per_second")), 0) << service << " " << operation;
    }
  }
}

TEST(PublishedRates, TellReadsFromWrites) {
  EXPECT_EQ(published_rate("ec2", "DescribeSubnets")->per_second, 20);
  EXPECT_EQ(published_rate("ec2", "DescribeSubnets")->burst, 100);
  EXPECT_EQ(published_rate("ec2", "RevokeSecurityGroupIngress")->per_second, 5);
}

TEST(PublishedRates, OfAnOperationGoBeforeThoseOfItsService) {
  EXPECT_EQ(published_rate("kms", "GetKeyPolicy")->per_second, 1000);
  EXPECT_EQ(published_rate("kms", "EnableKeyRotation")->burst, 15)
      << "a second's worth, where nothing else is said";
}

TEST(PublishedRates, AreNotMadeUp) {
  EXPECT_FALSE(published_rate("s3", "GetBucketPolicy"));
  EXPECT_FALSE(published_rate("kms", "RotateKeyOnDemand"));
}

TEST(Paces, BeginWithWhatIsPublishedAndNeverGoFaster) {
  auto paces = Paces{}.of({.service = "ec2", .operation = "ModifySubnetAttribute"});
  EXPECT_EQ(paces.rate_start, 5);
  EXPECT_EQ(paces.rate_max, 5);
  EXPECT_EQ(paces.burst, 50);
  Pace pace(paces, {0});
  for (int second = 1; second < 60; ++second)
    pace.answered({second * 1'000});
  EXPECT_EQ(pace.rate(), 5);
}

TEST(Paces, FindOutWhatNobodyPublishes) {
  auto paces = Paces{}.of({.service = "s3", .operation = "GetBucketPolicy"});
  EXPECT_LT(paces.rate_start, paces.rate_max);
}

}  // namespace
}  // namespace aright::aws
