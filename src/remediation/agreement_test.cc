// What a person agreed to is what is done, or nothing is.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AnAgreement : public ::testing::Test, protected World {
 protected:
  // A public bucket, found and left to people.
  FindingId found() {
    open(manually);
    make_public_bucket("logs");
    scan_and_settle();
    EXPECT_THAT(writes(), IsEmpty());
    return only().finding;
  }
  Plan shown(const FindingId& finding) {
    auto plan = engine->plan(finding, ana, {});
    EXPECT_TRUE(plan) << plan.error().text();
    return plan.value_or(Plan());
  }
  State fixed(const FindingId& finding, const std::string& hash) {
    auto id = engine->fix(finding, hash, ana);
    EXPECT_TRUE(id) << id.error().text();
    settle();
    return id ? engine->remediation(*id).value() : State();
  }
  // Somebody else changes what the plan was made for.
  void touch() {
    somebody("s3:PutPublicAccessBlock",
             R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})");
    cloud.clear_calls();
  }
  static Error refused(const Result<RemediationId>& result) {
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }
};

TEST_F(AnAgreement, IsToThePlanThatWasShownAndNoOther) {
  auto finding = found();
  auto plan = shown(finding);
  EXPECT_THAT(writes(), IsEmpty()) << "a plan changes nothing";
  clock.advance(std::chrono::hours(2));
  auto state = fixed(finding, plan.hash);
  EXPECT_EQ(name(state.stage), "resolved");
  ASSERT_TRUE(state.plan);
  EXPECT_EQ(state.plan->hash, plan.hash);
  EXPECT_EQ(state.plan->id, plan.id);
  EXPECT_THAT(writes(), ElementsAre("s3:PutPublicAccessBlock"));
}

TEST_F(AnAgreement, IsVoidWhenTheResourceMovedAndSaysWhat) {
  auto finding = found();
  auto plan = shown(finding);
  touch();
  auto state = fixed(finding, plan.hash);
  EXPECT_EQ(name(state.stage), "closed");
  EXPECT_THAT(std::get<Closed>(state.stage).reason,
              AllOf(HasSubstr("agreed to is void"), HasSubstr("PublicAccessBlockConfiguration")));
  EXPECT_THAT(writes(), IsEmpty());

  auto anew = shown(finding);
  EXPECT_NE(anew.hash, plan.hash);
  EXPECT_EQ(name(fixed(finding, anew.hash).stage), "resolved");
}

// The first look found all as it was; the last one, before the execution, does not.
TEST_F(AnAgreement, IsVoidWhenTheResourceMovesBeforeTheStart) {
  auto finding = found();
  auto plan = shown(finding);
  ASSERT_TRUE(engine->halt({}, ana, "to look first"));
  auto state = fixed(finding, plan.hash);
  ASSERT_EQ(name(state.stage), "ready");
  touch();
  ASSERT_TRUE(engine->resume({}, ana, "go on"));
  pass(seconds(5));
  EXPECT_EQ(name(engine->remediation(state.id)->stage), "closed");
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(AnAgreement, SurvivesARestart) {
  auto finding = found();
  auto plan = shown(finding);
  start();
  auto id = engine->fix(finding, plan.hash, ana);
  ASSERT_TRUE(id) << id.error().text();
  start();
  settle();
  EXPECT_EQ(engine->remediation(*id)->plan->hash, plan.hash);
  EXPECT_EQ(name(engine->remediation(*id)->stage), "resolved");
}

TEST_F(AnAgreement, IsToAPlanOfThisFinding) {
  auto finding = found();
  make_public_bucket("press");
  scan_and_settle();
  auto other = shown(of("press").finding);
  EXPECT_EQ(refused(engine->fix(finding, other.hash, ana)).number, "AR-0018");
  EXPECT_EQ(refused(engine->fix(finding, std::string(64, '0'), ana)).number, "AR-0018");
  EXPECT_EQ(refused(engine->fix(finding, "", ana)).number, "AR-0018");
  settle();
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(AnAgreement, CountsOnceHoweverOftenItIsTold) {
  auto finding = found();
  auto plan = shown(finding);
  auto first = engine->fix(finding, plan.hash, ana);
  auto second = engine->fix(finding, plan.hash, ana);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  settle();
  EXPECT_EQ(writes().size(), 1u);
}

TEST_F(AnAgreement, DoesNotReplaceAPlanThatIsUnderWay) {
  open(asking);
  make_public_bucket("logs");
  scan_and_settle();
  auto under_way = only();
  ASSERT_EQ(name(under_way.stage), "awaiting_approval");
  auto refusal = refused(engine->fix(under_way.finding, shown(under_way.finding).hash, ana));
  EXPECT_EQ(refusal.number, "AR-0018");
  EXPECT_THAT(refusal.message, AllOf(HasSubstr(under_way.id.str()), HasSubstr(under_way.plan->hash)));
  auto same = engine->fix(under_way.finding, under_way.plan->hash, ana);
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, under_way.id);
}

// One who agrees to a plan does not approve it: where the policy asks for an approval, another person sees the same.
TEST_F(AnAgreement, IsNoApproval) {
  open(asking);
  make_public_bucket("logs");
  scan_and_settle();
  ASSERT_TRUE(engine->reject(only().id, only().plan->hash, ben, "not now"));
  settle();
  auto finding = only().finding;
  auto plan = shown(finding);
  auto state = fixed(finding, plan.hash);
  ASSERT_EQ(name(state.stage), "awaiting_approval");
  EXPECT_EQ(state.plan->hash, plan.hash);
  ASSERT_TRUE(engine->approve(state.id, plan.hash, ben, ""));
  settle();
  EXPECT_EQ(name(engine->remediation(state.id)->stage), "resolved");
}

TEST_F(AnAgreement, IsNotTriedAgainInAnotherWay) {
  auto finding = found();
  auto plan = shown(finding);
  weather.refuse = [](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "PutPublicAccessBlock") return std::nullopt;
    return Error{.code = Errc::denied, .message = "no", .wire_code = "AccessDenied"};
  };
  auto state = fixed(finding, plan.hash);
  pass(std::chrono::minutes(30));
  EXPECT_EQ(name(engine->remediation(state.id)->stage), "escalated");
  EXPECT_EQ(engine->remediation(state.id)->executions.size(), 1u);
}

}  // namespace
}  // namespace aright::remediation
