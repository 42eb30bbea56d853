// A fix that stood still, and what others did meanwhile.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto waits_between = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Label
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutBucketTagging
      Bucket: "{{ Bucket }}"
      Tagging: {TagSet: [{Key: seen, Value: "yes"}]}
  - name: Wait
    action: aws:sleep
    inputs: {Duration: PT10M}
  - name: Block
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";

struct AFixThatStandsStill : ::testing::Test, World {
  void SetUp() override {
    open(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: WaitsBetween
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 1
)",
         {{"WaitsBetween", waits_between}});
    make_public_bucket("logs");
    scan_and_settle();
    ASSERT_EQ(stage(), "executing");
    ASSERT_THAT(writes(), ElementsAre("s3:PutBucketTagging"));
  }
  std::string last_failure() {
    auto entries = ledger->stream(only().id.str()).value();
    std::string out;
    for (const auto& entry : entries)
      if (entry.kind == entry::execution_ended) out = json::text(entry.body, "failure", "");
    return out;
  }
};

TEST_F(AFixThatStandsStill, WritesNothingOverWhatOthersChanged) {
  somebody("s3:PutPublicAccessBlock", R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})");
  cloud.clear_calls();
  pass(seconds(601));
  EXPECT_THAT(last_failure(), HasSubstr("others changed it while it waited: /AWS::S3::Bucket/logs"));
  EXPECT_THAT(writes(), ::testing::Not(::testing::Contains("s3:PutPublicAccessBlock")));
}

TEST_F(AFixThatStandsStill, GoesOnWhereOthersChangedWhatItHasWrittenAlready) {
  somebody("s3:PutBucketTagging", R"({"Bucket": "logs", "Tagging": {"TagSet": [{"Key": "seen", "Value": "no"}]}})");
  pass(seconds(601));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_TRUE(blocked("logs"));
}

}  // namespace
}  // namespace aright::remediation
