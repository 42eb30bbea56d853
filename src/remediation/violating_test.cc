// Fixes that ask for what their plan does not hold, after what it holds was done.

#include <gmock/gmock.h>

#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Blocks what is public, and labels the bucket otherwise where there are other buckets by then. Whether it makes light
// of the refusal is its parameter.
constexpr auto capricious = R"py(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}, Shrugs: {type: String}}
mainSteps:
  - name: Close
    action: aws:executeScript
    isEnd: true
    inputs:
      Runtime: python3.11
      Handler: run
      InputPayload: {bucket: "{{ Bucket }}", shrugs: "{{ Shrugs }}"}
      Script: |
        import boto3

        def run(event, context):
          s3 = boto3.client("s3")
          s3.put_public_access_block(Bucket=event["bucket"], PublicAccessBlockConfiguration=dict(
            BlockPublicAcls=True, IgnorePublicAcls=True, BlockPublicPolicy=True, RestrictPublicBuckets=True))
          try:
            label = dict(Key="of", Value=str(len(s3.list_buckets()["Buckets"])))
            s3.put_bucket_tagging(Bucket=event["bucket"], Tagging=dict(TagSet=[label]))
          except Exception:
            if event["shrugs"] != "yes": raise
          return {}
)py";

constexpr auto capricious_policy = R"(
controls: [{{id: s3-bucket-public-read-prohibited}}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Capricious
    Parameters:
      Bucket: {{ResourceValue: {{Value: RESOURCE_ID}}}}
      Shrugs: {{StaticValue: {{Values: ["{}"]}}}}
    MaximumAutomaticAttempts: 3
decide: [{{name: ask, decision: approval}}]
{})";

struct AFixThatViolatesItsPlan : ::testing::TestWithParam<const char*>, World {
  void violate(std::string_view more = "") {
    open(fmt::format(capricious_policy, GetParam(), more), {{"Capricious", capricious}});
    make_public_bucket("logs");
    scan_and_settle();
    ASSERT_EQ(stage(), "awaiting_approval") << only().last_error;
    somebody("s3:CreateBucket", R"({"Bucket": "another"})");
    cloud.clear_calls();
    ASSERT_TRUE(engine->approve(only().id, only().plan->hash, ana, ""));
    settle();
  }
  std::vector<ledger::Entry> told() { return ledger->stream(only().id.str()).value(); }
};

TEST_P(AFixThatViolatesItsPlan, IsLeftToAPersonThoughTheControlIsMet) {
  violate();
  EXPECT_THAT(writes(), ElementsAre("s3:PutPublicAccessBlock"));
  EXPECT_TRUE(blocked("logs"));
  EXPECT_EQ(stage(), "escalated");
  auto last = told().back();
  EXPECT_EQ(last.kind, entry::escalated);
  EXPECT_THAT(json::text(last.body, "reason", ""), StartsWith("plan_violation: AR-0004"));
  EXPECT_THAT(json::text(last.body, "reason", ""), HasSubstr("PutBucketTagging"));
  for (const auto& one : told()) {
    EXPECT_NE(json::text(one.body, "status", ""), "Success");
    EXPECT_FALSE(json::truth(json::at(one.body, "good")));
  }
  EXPECT_EQ(only().attempts, 1);
  EXPECT_TRUE(finding_of(only()).open) << "until a scan sees that it is met";
  scan_and_settle();
  EXPECT_EQ(finding_of(only()).resolved_by, "observed");
}

TEST_P(AFixThatViolatesItsPlan, CountsAgainstItsTrackRecord) {
  violate();
  auto track = track_of(*ledger, public_read).value();
  ASSERT_TRUE(track);
  EXPECT_EQ(track->good, 0);
  EXPECT_EQ(track->bad, 1);
}

TEST_P(AFixThatViolatesItsPlan, IsTakenBackWhereThePolicySaysSo) {
  violate("verification: [{on_failure: rollback}]\n");
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_FALSE(blocked("logs"));
}

// As after a crash between the step's end and the remediation's next entry.
TEST_P(AFixThatViolatesItsPlan, IsNoneInALaterLifeEither) {
  violate();
  auto fix = only();
  Executor again(policy, *library, engine->gateway(), *ledger, clock);
  auto progress = again.drive(fix.executions.at(0), &*fix.plan, {});
  ASSERT_TRUE(progress) << progress.error().text();
  EXPECT_TRUE(progress->ended);
  EXPECT_TRUE(progress->violates);
}

INSTANTIATE_TEST_SUITE_P(Scripts, AFixThatViolatesItsPlan, ::testing::Values("yes", "no"),
                         [](const auto& shrugs) { return shrugs.param == std::string("yes") ? "Shrugs" : "Fails"; });

}  // namespace
}  // namespace aright::remediation
