// Fixes that send commands to instances: what those do there nobody knows before, so a person is asked.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* commanding = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Tell
    action: aws:runCommand
    inputs:
      DocumentName: AWS-RunShellScript
      Targets: [{Key: "tag:serves", Values: ["{{ Bucket }}"]}]
      Parameters: {commands: [touch /tmp/closing]}
  - name: Close
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";

class AFixThatSendsCommands : public ::testing::Test, protected World {
 protected:
  AFixThatSendsCommands() {
    open(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Commanding
    Automatic: true
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
)",
         {{"Commanding", commanding}});
    cloud.run_commands([](sandbox::CommandRun) {});
    make_public_bucket("photos");
    scan_and_settle();
  }
};

TEST_F(AFixThatSendsCommands, IsRehearsedAsFarAsItCanBeAndAPersonIsAsked) {
  EXPECT_EQ(stage(), "awaiting_approval");
  const auto state = only();
  ASSERT_TRUE(state.plan);
  const auto& plan = *state.plan;
  EXPECT_THAT(plan.unrehearsed, ElementsAre(HasSubstr("AWS-RunShellScript is sent to tag:serves = photos")));
  EXPECT_EQ(plan.writes.size(), 2u);
  EXPECT_TRUE(plan.meets_control());
  EXPECT_TRUE(writes().empty());
}

TEST_F(AFixThatSendsCommands, SendsTheCommandThatThePlanHolds) {
  const auto state = only();
  ASSERT_TRUE(state.plan);
  ASSERT_TRUE(engine->approve(state.id, state.plan->hash, ana, ""));
  pass(seconds(30));
  EXPECT_THAT(writes(), ElementsAre("ssm:SendCommand", "s3:PutPublicAccessBlock"));
  EXPECT_EQ(stage(), "resolved");
}

}  // namespace
}  // namespace aright::remediation
