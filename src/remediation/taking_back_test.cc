// A fix taken back: what is restored, what stays, and who decides from then on.

#include <gmock/gmock.h>

#include "remediation/engine.h"
#include "remediation/rollback.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TakingBack : public ::testing::Test, protected World {};

TEST_F(TakingBack, TakesAFixBackButKeepsWhatAnotherChangedSince) {
  open(automatic);
  make_public_bucket("logs");
  auto block = [&](bool acls, bool policies) {
    somebody("s3:PutPublicAccessBlock",
             fmt::format(
                 R"({{"Bucket": "logs", "PublicAccessBlockConfiguration": {{"BlockPublicAcls": {},
                 "IgnorePublicAcls": {}, "BlockPublicPolicy": {}, "RestrictPublicBuckets": {}}}}})",
                 acls, policies, policies, policies));
  };
  block(true, false);
  scan_and_settle();
  ASSERT_EQ(stage(), "resolved");
  block(false, true);  // what the fix left as it was

  ASSERT_TRUE(engine->roll_back(only().id, ana, "it broke the site"));
  settle();
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_FALSE(blocked("logs", "RestrictPublicBuckets"));
  EXPECT_FALSE(blocked("logs", "BlockPublicAcls"));
}

TEST_F(TakingBack, ReportsAConflictWhereAnotherChangedTheVeryThing) {
  open(automatic);
  make_public_bucket("logs");
  somebody("s3:PutPublicAccessBlock",
           R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {}})");
  scan_and_settle();
  ASSERT_EQ(stage(), "resolved");
  somebody("s3:PutBucketTagging",
           R"({"Bucket": "logs", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}})");
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  cloud.clear_calls();
  ASSERT_TRUE(engine->roll_back(only().id, ana, "it broke the site"));
  settle();
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_THAT(json::texts(json::at(only().rollback, "conflicts")),
              Contains(HasSubstr("PublicAccessBlock")));
  EXPECT_FALSE(json::truth(json::at(only().rollback, "restored")));
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(TakingBack, SaysThatAResourceIsNotThereAnyMore) {
  open(automatic);
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_EQ(stage(), "resolved");
  somebody("s3:DeleteBucketPolicy", R"({"Bucket": "logs"})");
  somebody("s3:DeleteBucket", R"({"Bucket": "logs"})");
  cloud.clear_calls();
  ASSERT_TRUE(engine->roll_back(only().id, ana, "it broke the site"));
  settle();
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_EQ(taken_back_text(only().rollback),
            "nothing was left to roll back: AWS::S3::Bucket logs was deleted meanwhile, and stays so");
  EXPECT_THAT(json::texts(json::at(only().rollback, "conflicts")), IsEmpty()) << "it is said once";
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(TakingBack, OpensTheFindingAgainAndLeavesItToAPerson) {
  open(automatic);
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_TRUE(engine->roll_back(only().id, ana, "it broke the site"));
  settle();
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_TRUE(json::truth(json::at(only().rollback, "restored")));
  EXPECT_FALSE(blocked("logs"));
  EXPECT_TRUE(finding_of(only()).open);
  cloud.clear_calls();
  scan_and_settle();
  settle();
  pass(seconds(30));
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(engine->roll_back(only().id, ana, "once more").error().code, Errc::conflict);
}

TEST_F(TakingBack, ReopensWhatItsFixHadSetRightForOtherControls) {
  constexpr auto level = "s3-bucket-level-public-access-prohibited";
  open(fmt::format("controls: [{{id: {}}}, {{id: {}}}]\ndecide: [{{name: at once, decision: automatic}}]\n",
                   public_read, level));
  make_public_bucket("logs");
  scan_and_settle();
  pass(seconds(60));
  auto fixed = remediations();
  ASSERT_EQ(fixed.size(), 2u);
  auto writing = std::ranges::find_if(fixed, [](const State& one) { return !one.plan->difference.empty(); });
  ASSERT_NE(writing, fixed.end());
  for (const auto& one : fixed) EXPECT_FALSE(finding_of(one).open);
  ASSERT_TRUE(engine->roll_back(writing->id, ana, "it broke the site"));
  settle();
  for (const auto& one : fixed) {
    EXPECT_TRUE(finding_of(one).open) << one.control;
    EXPECT_EQ(finding_of(one).remediation, writing->id) << one.control;
  }
  cloud.clear_calls();
  scan_and_settle();
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(remediations().size(), 2u);
}

TEST_F(TakingBack, ReopensNothingWhereItChangesNothing) {
  open(fmt::format("controls: [{{id: {}}}, {{id: s3-bucket-level-public-access-prohibited}}]\n"
                   "decide: [{{name: at once, decision: automatic}}]\n",
                   public_read));
  make_public_bucket("logs");
  scan_and_settle();
  pass(seconds(60));
  auto fixed = remediations();
  auto idle = std::ranges::find_if(fixed, [](const State& one) { return one.plan->difference.empty(); });
  ASSERT_NE(idle, fixed.end());
  ASSERT_TRUE(engine->roll_back(idle->id, ana, "it was the other one"));
  settle();
  for (const auto& one : fixed) EXPECT_FALSE(finding_of(one).open) << one.control;
  EXPECT_TRUE(blocked("logs"));
}

// The simulation's seed 2: what was refused for the moment was never asked for again.
TEST_F(TakingBack, AsksAgainForWhatWasThrottled) {
  open(automatic);
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_EQ(stage(), "resolved");
  int refusals = 2;
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "DeletePublicAccessBlock" || refusals-- <= 0) return std::nullopt;
    return Error{.code = Errc::throttled, .message = "Rate exceeded", .retry = Retry::later};
  };
  ASSERT_TRUE(engine->roll_back(only().id, ana, "it broke the site"));
  pass(seconds(30));
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_FALSE(blocked("logs"));
  EXPECT_LT(refusals, 0);
}

// The simulation's seed 282: the answer got lost after the effect, and so did the reading back.
TEST_F(TakingBack, TakesBackAWriteWhoseOutcomeNobodyFoundOut) {
  open(automatic);
  make_public_bucket("logs");
  bool deaf = false;
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    Error lost{.code = Errc::deadline, .message = "no answer", .retry = Retry::unknown_outcome};
    if (call.operation == "PutPublicAccessBlock") {
      deaf = cloud.call(call, {}).has_value();
      return lost;
    }
    if (std::exchange(deaf, false)) return lost;
    return std::nullopt;
  };
  scan_and_settle();
  pass(seconds(60));
  ASSERT_EQ(stage(), "resolved") << "it was closed, after all";
  ASSERT_TRUE(blocked("logs"));
  weather.refuse = {};
  ASSERT_TRUE(engine->roll_back(only().id, ana, "it broke the site"));
  settle();
  EXPECT_EQ(stage(), "rolled_back");
  EXPECT_TRUE(json::truth(json::at(only().rollback, "restored")));
  EXPECT_FALSE(blocked("logs"));
}

}  // namespace
}  // namespace aright::remediation
