// Remediation exceptions: a resource that nothing is done about by itself until they end.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const Actor ana{"ana", "arn:aws:iam::111122223333:user/ana"};

constexpr auto automatic = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
)";
constexpr auto excepted = R"(
remediation_exceptions:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    ResourceKeys: [{ResourceType: "AWS::S3::Bucket", ResourceId: site}]
    Message: until the new site is up
)";

class Exceptions : public ::testing::Test {
 protected:
  // With one that ends in an hour.
  void open(std::string_view more = "") {
    auto until = (world.clock.now() + std::chrono::hours(1)).iso_seconds();
    world.open(std::string(automatic) + excepted + fmt::format("    ExpirationTime: \"{}\"\n{}", until, more));
    world.make_public_bucket("site");
    world.make_public_bucket("other");
    world.scan_and_settle();
  }
  World world;
};

TEST_F(Exceptions, HideAResourceUntilTheyEndAndThenItIsSetRight) {
  open();
  EXPECT_TRUE(world.blocked("other"));
  EXPECT_FALSE(world.blocked("site"));
  auto state = world.of("site");
  EXPECT_EQ(name(state.stage), "deferred");
  EXPECT_THAT(state.reasons, Contains(HasSubstr("until the new site is up")));
  world.pass(std::chrono::minutes(59));
  world.scan_and_settle();
  EXPECT_FALSE(world.blocked("site"));
  EXPECT_EQ(world.remediations().size(), 2u);
  world.pass(std::chrono::minutes(2));
  EXPECT_TRUE(world.blocked("site"));
}

TEST_F(Exceptions, DoNotKeepAPersonFromAFix) {
  open();
  auto finding = world.of("site").finding;
  auto fixed = world.engine->fix(finding, world.shown_hash(finding), ana);
  ASSERT_TRUE(fixed) << fixed.error().text();
  world.settle();
  EXPECT_TRUE(world.blocked("site"));
  EXPECT_FALSE(world.engine->finding(finding)->open);
}

TEST_F(Exceptions, DoNotKeepAFindingOpenThatSomebodyElseSetRight) {
  open();
  auto finding = world.of("site").finding;
  world.somebody("s3:DeleteBucketPolicy", R"({"Bucket": "site"})");
  world.scan_and_settle();
  EXPECT_FALSE(world.engine->finding(finding)->open);
  EXPECT_EQ(name(world.of("site").stage), "closed");
  world.pass(std::chrono::hours(2));
  EXPECT_FALSE(world.blocked("site")) << "there is nothing left to do";
}

TEST_F(Exceptions, ThatThePolicyHasNoMoreReleaseWhatTheyHeld) {
  open();
  world.policy.exceptions.clear();
  world.start();
  world.settle();
  EXPECT_TRUE(world.blocked("site"));
}

TEST_F(Exceptions, AreSetAndEndedByPeople) {
  world.open("controls: [{id: s3-bucket-public-read-prohibited}]\ndecide: [{name: ask, decision: approval}]\n");
  world.make_public_bucket("site");
  world.scan_and_settle();
  auto state = world.only();
  ASSERT_EQ(world.stage(), "awaiting_approval");
  ASSERT_TRUE(world.engine->except(state.finding, ana, "not this one", forever));
  world.settle();
  EXPECT_EQ(world.stage(), "deferred");
  EXPECT_FALSE(world.engine->approve(state.id, state.plan->hash, {"ben", ""}, "go"));
  EXPECT_EQ(world.finding_of(state).exception->message, "not this one");
  ASSERT_TRUE(world.engine->end_exception(state.finding, ana));
  world.settle();
  EXPECT_EQ(world.stage(), "awaiting_approval");
  EXPECT_EQ(world.engine->end_exception(state.finding, ana).error().code, Errc::not_found);
}

TEST_F(Exceptions, AreForWhatIsOpenOnly) {
  world.open(automatic);
  world.make_public_bucket("site");
  world.scan_and_settle();
  auto refused = world.engine->except(world.only().finding, ana, "too late", forever);
  EXPECT_EQ(refused.error().code, Errc::conflict);
}

constexpr auto vain_runbook = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Close
    action: aws:executeAwsApi
    inputs: {Service: s3, Api: PutBucketTagging, Bucket: "{{ Bucket }}", Tagging: {TagSet: [{Key: a, Value: b}]}}
)";

TEST_F(Exceptions, AreMadeAfterTheLastAttemptWithinTheWindow) {
  world.open(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Vain
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 1
    RetryAttemptSeconds: 600
)", {{"Vain", vain_runbook}});
  world.make_public_bucket("site");
  world.scan_and_settle();
  world.pass(std::chrono::minutes(2));
  EXPECT_EQ(world.stage(), "escalated");
  ASSERT_TRUE(world.finding_of(world.only()).exception);
  EXPECT_THAT(world.finding_of(world.only()).exception->message, HasSubstr("1 attempts within 600 seconds"));
}

}  // namespace
}  // namespace aright::remediation
