// Remediation exceptions: a resource that nothing is done about by itself until they end.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

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
  ASSERT_TRUE(world.engine->except(state.finding, ana, {.message = "not this one", .until = forever}));
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
  auto refused = world.engine->except(world.only().finding, ana, {.message = "too late", .until = forever});
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

class OwnedExceptions : public ::testing::Test {
 protected:
  void open(const std::string& exception) {
    world.open(fmt::format(R"(
controls: [{{id: s3-bucket-public-read-prohibited}}, {{id: s3-bucket-versioning-enabled}}]
decide: [{{name: at once, control: s3-bucket-public-read-prohibited, decision: automatic}}]
notify: [{{name: owners, sqs: "arn:aws:sqs:us-east-1:111122223333:owners", on: []}}]
exceptions:
  - {{name: the site, owner: web team, reason: until the new site is up, control: "s3-*-read-*", resource: "site*",
     until: "{}", tell: owners, {}}})",
                           (world.clock.now() + std::chrono::days(10)).iso_seconds(), exception));
    world.somebody("sqs:CreateQueue", R"({"QueueName": "owners"})");
    world.make_public_bucket("site-1");
  }
  void version(const std::string& status) {
    world.somebody("s3:PutBucketVersioning",
                   fmt::format(R"({{"Bucket": "site-1", "VersioningConfiguration": {{"Status": "{}"}}}})", status));
  }
  std::vector<std::string> heard() {
    std::vector<std::string> kinds;
    for (const auto& message : world.drain("owners")) kinds.push_back(json::text(message, "kind", ""));
    return kinds;
  }
  World world;
};

TEST_F(OwnedExceptions, HoldForWhatTheyFit) {
  open("account: \"111122223333\"");
  world.make_public_bucket("other");
  world.scan_and_settle();
  EXPECT_TRUE(world.blocked("other"));
  EXPECT_FALSE(world.blocked("site-1"));
}

TEST_F(OwnedExceptions, AreVoidWhenWhatMakesUpForThemIsBroken) {
  open("compensating_control: s3-bucket-versioning-enabled");
  version("Enabled");
  world.scan_and_settle();
  world.pass(std::chrono::hours(5));
  EXPECT_FALSE(world.blocked("site-1"));
  version("Suspended");
  world.pass(std::chrono::minutes(61));
  EXPECT_TRUE(world.blocked("site-1"));
  EXPECT_EQ(heard(), std::vector<std::string>{"exception_void"});
  EXPECT_THAT(world.of("site-1").reasons, Contains(HasSubstr("at once")));
}

TEST_F(OwnedExceptions, WhoseMakeUpIsBrokenFromTheStartHideNothing) {
  open("compensating_control: s3-bucket-versioning-enabled");
  world.scan_and_settle();
  EXPECT_TRUE(world.blocked("site-1"));
}

TEST_F(OwnedExceptions, AreSoundAgainOnlyWhenSomebodyMakesAnotherOne) {
  open("compensating_control: s3-bucket-versioning-enabled");
  world.scan_and_settle();
  ASSERT_TRUE(world.blocked("site-1"));
  version("Enabled");
  world.somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "site-1"})");
  world.scan_and_settle();
  EXPECT_TRUE(world.blocked("site-1"));
}

TEST_F(OwnedExceptions, RemindTheirOwnersBeforeTheyEndAndSurviveARestart) {
  open("remind_s: [604800, 86400]");
  world.scan_and_settle();
  EXPECT_THAT(heard(), ::testing::IsEmpty());
  world.pass(std::chrono::hours(73));
  EXPECT_EQ(heard(), std::vector<std::string>{"exception_ends"});
  world.start();
  world.settle();
  world.pass(std::chrono::hours(24));
  EXPECT_THAT(heard(), ::testing::IsEmpty());
  world.clock.advance(std::chrono::hours(24 * 5));
  world.settle();
  EXPECT_EQ(heard(), std::vector<std::string>{"exception_ends"});
}

}  // namespace
}  // namespace aright::remediation
