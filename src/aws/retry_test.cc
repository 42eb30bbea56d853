#include "aws/retry.h"

#include <gtest/gtest.h>

#include "aws/client.h"

namespace aright::aws {
namespace {

TEST(Retry, StopsWhenTheBucketIsEmptyAndSuccessRefillsIt) {
  RetryBucket bucket;
  int retries = 0;
  while (bucket.take(RetryBucket::retry_cost))
    ++retries;
  EXPECT_EQ(retries, 100);
  bucket.give(RetryBucket::retry_cost);
  EXPECT_TRUE(bucket.take(RetryBucket::retry_cost));
  EXPECT_FALSE(bucket.take(RetryBucket::retry_cost));
  for (int i = 0; i < 1000; ++i)
    bucket.give(0);
  EXPECT_EQ(bucket.left(), RetryBucket::capacity);
}

TEST(Retry, WaitsAnythingUpToADoublingLimit) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LT(backoff(0, milliseconds(20'000), random), milliseconds(1000));
    EXPECT_LT(backoff(3, milliseconds(20'000), random), milliseconds(8000));
    EXPECT_LT(backoff(60, milliseconds(20'000), random), milliseconds(20'000));
  }
}

TEST(Retry, KnowsWhatPasses) {
  EXPECT_TRUE(is_passing({.code = Errc::throttled, .wire_code = "SlowDown", .http_status = 400}));
  EXPECT_TRUE(is_passing({.code = Errc::internal, .http_status = 503}));
  EXPECT_TRUE(is_passing({.code = Errc::unavailable}));
  EXPECT_FALSE(is_passing({.code = Errc::deadline}));
  EXPECT_FALSE(is_passing({.code = Errc::denied, .wire_code = "AccessDenied", .http_status = 403}));
}

TEST(Endpoint, RegionsBelongToPartitions) {
  EXPECT_EQ(partition_of("eu-west-1"), "aws");
  EXPECT_EQ(partition_of("cn-north-1"), "aws-cn");
  EXPECT_EQ(partition_of("us-gov-west-1"), "aws-us-gov");
  EXPECT_EQ(partition_of("us-iso-east-1"), "aws-iso");
  EXPECT_EQ(partition_of("us-isob-east-1"), "aws-iso-b");
}

}  // namespace
}  // namespace aright::aws
