// A fix that stood still, and what others did meanwhile.

#include <gmock/gmock.h>

#include "remediation/refold.h"
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
  // The entry that says that the plan is void, or null.
  json::Value voided() {
    auto entries = ledger->stream(only().id.str()).value();
    for (const auto& entry : entries)
      if (entry.kind == entry::plan_voided) return entry.body;
    return {};
  }
};

constexpr auto others_block_acls =
    R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})";

TEST_F(AFixThatStandsStill, WritesNothingOverWhatOthersChangedAndMakesANewPlan) {
  auto plan = only().plan->hash;
  somebody("s3:PutPublicAccessBlock", others_block_acls);
  cloud.clear_calls();
  pass(seconds(601));
  EXPECT_THAT(json::text(voided(), "reason", ""), HasSubstr("changed since: /AWS::S3::Bucket/logs"));
  EXPECT_EQ(json::text(voided(), "execution", ""), only().executions[0].str());
  EXPECT_THAT(writes(), ::testing::Not(::testing::Contains("s3:PutPublicAccessBlock")));
  ASSERT_EQ(stage(), "executing");
  EXPECT_NE(only().plan->hash, plan);
  EXPECT_EQ(only().attempts, 1) << "what others came in between of is no attempt";
  pass(seconds(601));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_TRUE(blocked("logs"));
}

// Between two writes no time passes in which the whole would be looked at again.
TEST_F(AFixThatStandsStill, SeesWhatOthersChangedTheInstantBeforeItsWrite) {
  pass(seconds(599));
  int reads = 0;  // the first is of the look at the whole, the second of the write's before-image
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation == "GetPublicAccessBlock" && ++reads == 2)
      somebody("s3:PutPublicAccessBlock", others_block_acls);
    return std::nullopt;
  };
  pass(seconds(2));
  EXPECT_THAT(json::text(voided(), "reason", ""),
              HasSubstr("s3:PutPublicAccessBlock is about to change what others changed since: "
                        "/AWS::S3::Bucket/logs/PublicAccessBlockConfiguration"));
}

TEST_F(AFixThatStandsStill, IsNotHeldAgainstItsTrackRecord) {
  somebody("s3:PutPublicAccessBlock", others_block_acls);
  pass(seconds(601));
  auto track = track_of(*ledger, public_read).value();
  ASSERT_TRUE(track);
  EXPECT_EQ(track->bad, 0);
  EXPECT_EQ(track->running, 1);
  EXPECT_THAT(compare_projections(*ledger, rules::Controls::embedded()).value(), ::testing::IsEmpty());
}

TEST_F(AFixThatStandsStill, GoesOnWhereOthersChangedWhatItHasWrittenAlready) {
  somebody("s3:PutBucketTagging", R"({"Bucket": "logs", "Tagging": {"TagSet": [{"Key": "seen", "Value": "no"}]}})");
  pass(seconds(601));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_TRUE(blocked("logs"));
}

TEST_F(AFixThatStandsStill, IsEscalatedWhereAPersonHadAgreedToThatVeryPlan) {
  pass(seconds(601));
  ASSERT_EQ(stage(), "resolved");
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  engine.reset();
  adopt(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: WaitsBetween
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: false
)",
        {{"WaitsBetween", waits_between}});
  start();
  scan_and_settle();
  auto finding = remediations().back().finding;
  auto fix = engine->fix(finding, shown_hash(finding), ana);
  ASSERT_TRUE(fix) << fix.error().text();
  settle();
  somebody("s3:PutPublicAccessBlock", others_block_acls);
  pass(seconds(601));
  auto state = engine->remediation(*fix).value();
  EXPECT_EQ(name(state.stage), "escalated");
  EXPECT_THAT(std::get<Escalated>(state.stage).reason, HasSubstr("the plan that was agreed to is void: changed since"));
  ASSERT_TRUE(engine->roll_back(*fix, ana, "half of it is no use"));
  settle();
  EXPECT_EQ(name(engine->remediation(*fix)->stage), "rolled_back");
}

}  // namespace
}  // namespace aright::remediation
