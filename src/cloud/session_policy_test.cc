#include "cloud/session_policy.h"

#include <gmock/gmock.h>

#include "cloud/catalog.h"
#include "json/value.h"

namespace aright::cloud {
namespace {

using ::testing::Contains;
using ::testing::Not;

std::vector<std::string> actions(const std::string& text) {
  auto policy = json::parse(text).value();
  return json::texts(json::at(json::items(json::at(policy, "Statement"))[0], "Action"));
}

TEST(ASessionPolicy, AllowsWhatThePlanCallsAndToLookAround) {
  auto allowed = actions(session_policy({"s3:PutPublicAccessBlock", "s3:GetPublicAccessBlock"}));
  EXPECT_THAT(allowed, Contains("s3:PutBucketPublicAccessBlock"));
  EXPECT_THAT(allowed, Contains("s3:GetBucketPublicAccessBlock"));
  EXPECT_THAT(allowed, Contains("s3:List*"));
  EXPECT_THAT(allowed, Not(Contains("s3:*")));
  EXPECT_THAT(allowed, Not(Contains("s3:PutBucketPolicy")));
}

TEST(ASessionPolicy, AllowsWhatAnOperationNeedsOfOtherServices) {
  EXPECT_THAT(actions(session_policy({"ec2:RunInstances"})), Contains("ec2:RunInstances"));
  EXPECT_THAT(actions(session_policy({"elbv2:ModifyLoadBalancerAttributes"})),
              Contains("elasticloadbalancing:ModifyLoadBalancerAttributes"));
}

TEST(ASessionPolicy, IsNeverLongerThanAssumeRoleTakes) {
  std::vector<std::string> all;
  for (const auto* service : Catalog::embedded().services())
    for (const auto& name : {"CreateEverythingThereIsAndThenSomeMore", "DeleteEverythingThereIsAndThenSomeMore"})
      if (all.size() < 60) all.push_back(service->service + ":" + name);
  auto text = session_policy(all);
  EXPECT_LE(text.size(), session_policy_chars_max);
  EXPECT_THAT(actions(text), Contains(::testing::EndsWith(":*")));
}

TEST(ASessionPolicy, OfNothingIsNone) { EXPECT_EQ(session_policy({}), ""); }

}  // namespace
}  // namespace aright::cloud
