// Fixes with calls that no description knows: the plan says so, and a person is asked.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Closes the bucket, and tells a service that is in no description.
constexpr const char* telling_strangers = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Close
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
  - name: Catalogue
    action: aws:executeAwsApi
    inputs: {Service: glue, Api: CreateRegistry, RegistryName: "{{ Bucket }}"}
)";
constexpr const char* looking_into_the_answer = R"(
    outputs: [{Name: Arn, Selector: $.RegistryArn, Type: String}]
  - name: Log
    action: aws:executeAwsApi
    inputs: {Service: sns, Api: CreateTopic, Name: "closed-{{ Catalogue.Arn }}"}
)";

// The same call, by the names that boto3 and botocore's models have for it.
constexpr const char* otherwise_written = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - {name: Look, action: aws:executeAwsApi, inputs: {Service: EC2, Api: describe_vpcs}}
  - name: Close
    action: aws:executeAwsApi
    inputs:
      Service: S3
      Api: put_public_access_block
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";

class AFixByARunbook : public ::testing::Test, protected World {
 protected:
  void play(const std::string& runbook) {
    open(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Telling
    Automatic: true
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
)",
         {{"Telling", runbook}});
    make_public_bucket("photos");
    scan_and_settle();
  }
};

class AFixThatNobodyDescribed : public AFixByARunbook {};

TEST_F(AFixByARunbook, IsPlannedByTheNamesOfItsCallsWhateverItsDocumentWrites) {
  play(otherwise_written);
  EXPECT_EQ(stage(), "resolved");
  const auto state = only();
  ASSERT_TRUE(state.plan);
  const auto& plan = *state.plan;
  EXPECT_THAT(plan.unrehearsed, IsEmpty());
  EXPECT_THAT(plan.permissions, Contains("ec2:DescribeVpcs"));
  EXPECT_THAT(plan.permissions, Contains("s3:PutPublicAccessBlock"));
  ASSERT_EQ(plan.writes.size(), 1u);
  EXPECT_EQ(plan.writes[0].call.name(), "s3:PutPublicAccessBlock");
  EXPECT_TRUE(plan.reversible());
  EXPECT_THAT(writes(), ElementsAre("s3:PutPublicAccessBlock"));
}

TEST_F(AFixThatNobodyDescribed, IsPlannedWithTheCallAndAPersonIsAsked) {
  play(telling_strangers);
  EXPECT_EQ(stage(), "awaiting_approval");
  const auto state = only();
  ASSERT_TRUE(state.plan);
  const auto& plan = *state.plan;
  EXPECT_THAT(plan.unrehearsed, ElementsAre("what glue:CreateRegistry changes is not known"));
  ASSERT_EQ(plan.writes.size(), 2u);
  EXPECT_EQ(plan.writes[1].call.name(), "glue:CreateRegistry");
  EXPECT_FALSE(plan.writes[1].reversible);
  EXPECT_EQ(plan.inverse.size(), 1u);
  EXPECT_FALSE(plan.reversible());
  EXPECT_TRUE(plan.meets_control());
  EXPECT_TRUE(writes().empty());
}

TEST_F(AFixThatNobodyDescribed, IsNoLessSoWhereAStepMayFail) {
  std::string may_fail = telling_strangers;
  play(may_fail + "    onFailure: Continue\n");
  EXPECT_EQ(stage(), "awaiting_approval");
  ASSERT_TRUE(only().plan);
  EXPECT_FALSE(only().plan->reversible());
}

TEST_F(AFixThatNobodyDescribed, IsPlannedAsFarAsItsAnswerIsNotLookedInto) {
  play(std::string(telling_strangers) + (looking_into_the_answer + 1));
  EXPECT_EQ(stage(), "awaiting_approval");
  const auto state = only();
  ASSERT_TRUE(state.plan);
  EXPECT_THAT(state.plan->unrehearsed, ElementsAre("what glue:CreateRegistry changes is not known",
                                                   HasSubstr("the rehearsal went no further than this")));
  EXPECT_EQ(state.plan->writes.size(), 2u);
  EXPECT_TRUE(writes().empty());
}

TEST_F(AFixThatNobodyDescribed, IsCarriedOutWhenAPersonAgrees) {
  play(telling_strangers);
  auto state = only();
  ASSERT_TRUE(state.plan);
  ASSERT_TRUE(engine->approve(state.id, state.plan->hash, ana, ""));
  pass(seconds(30));
  // The sandbox does not know the other service either.
  EXPECT_THAT(writes(), ::testing::Contains("s3:PutPublicAccessBlock"));
  EXPECT_THAT(only().last_error, HasSubstr("glue:CreateRegistry"));
}

}  // namespace
}  // namespace aright::remediation
