#include "remediation/remediation.h"

#include <gtest/gtest.h>

#include "remediation/narrate.h"

namespace aright::remediation {
namespace {

// Tells a story entry by entry, as the ledger would.
class Story : public ::testing::Test {
 protected:
  void tell(std::string kind, json::Object body = {}) {
    ledger::Entry entry{.position = ++position_, .stream = "rem_1", .sequence = position_, .kind = std::move(kind),
                        .time = clock_.now(), .body = std::move(body), .hash = ""};
    fold(state, entry);
  }
  void opened() {
    tell(entry::remediation_opened,
         {{"finding", "fnd_1"},
          {"control", "c"},
          {"resource", json::Object{{"account", "1"}, {"region", "r"}, {"type", "T"}, {"id", "x"}}},
          {"action", json::Object{{"runbook", "R"}, {"parameters", json::Object{}}}},
          {"attempts_max", 2}});
  }
  void decided(std::string decision) { tell(entry::decided, {{"decision", decision}, {"reasons", json::Array{"r"}}}); }
  void planned(std::vector<std::string> unrehearsed = {}, bool writes = true) {
    Plan plan;
    plan.id = PlanId::derived("1");
    plan.finding = FindingId::derived("1");
    plan.resource = {.account = "1", .region = "r", .type = "T", .id = "x", .arn = ""};
    plan.action.target = "R";
    plan.unrehearsed = std::move(unrehearsed);
    if (writes) plan.writes.push_back({.call = {.service = "s3", .operation = "PutBucketAcl"}});
    seal(plan);
    tell(entry::planned, {{"plan", to_json(plan)}});
  }
  template <typename T>
  bool asks_for() {
    return std::holds_alternative<T>(next(state, clock_.now()));
  }

  VirtualClock clock_;
  State state;
  std::uint64_t position_ = 0;
};

TEST_F(Story, APlanThatChangesNothingOnlyHasToBeVerified) {
  opened();
  decided("approval");
  planned({}, false);
  EXPECT_TRUE(asks_for<Verify>());
  tell(entry::resolved);
  EXPECT_TRUE(state.executions.empty());
}

TEST_F(Story, AnAutomaticOneRunsToItsEndWithoutAnybody) {
  opened();
  EXPECT_TRUE(asks_for<Decide>());
  decided("automatic");
  EXPECT_TRUE(asks_for<MakePlan>());
  planned();
  EXPECT_TRUE(asks_for<StartExecution>());
  tell(entry::execution_started, {{"execution", "exec_1"}});
  EXPECT_TRUE(asks_for<DriveExecution>());
  tell(entry::execution_ended, {{"execution", "exec_1"}, {"status", "Success"}});
  EXPECT_TRUE(asks_for<Verify>());
  tell(entry::resolved);
  EXPECT_TRUE(asks_for<Nothing>());
  EXPECT_EQ(name(state.stage), "resolved");
}

TEST_F(Story, AnApprovalIsAwaitedUntilItExpires) {
  opened();
  decided("approval");
  planned();
  EXPECT_TRUE(asks_for<AskApproval>());
  tell(entry::approval_requested, {{"expires", (clock_.now() + seconds(60)).iso()}});
  EXPECT_TRUE(asks_for<WaitUntil>());
  clock_.advance(seconds(61));
  EXPECT_TRUE(asks_for<ExpireApproval>());
  tell(entry::approval_expired);
  EXPECT_FALSE(open(state));
}

TEST_F(Story, WhatCouldNotBeRehearsedIsNeverDoneUnasked) {
  opened();
  decided("automatic");
  planned({"s3:SelectObjectContent is in no description"});
  EXPECT_TRUE(asks_for<AskApproval>());
}

TEST_F(Story, AVoidedPlanIsMadeAnewAFewTimesOnly) {
  opened();
  decided("automatic");
  for (int i = 0; i < plan_attempts_max; ++i) {
    EXPECT_TRUE(asks_for<MakePlan>());
    planned();
    tell(entry::plan_voided, {{"reason", "the bucket changed"}});
  }
  EXPECT_EQ(name(state.stage), "escalated");
}

TEST_F(Story, AManualOneIsClosedAndRemembersWhy) {
  opened();
  decided("manual");
  EXPECT_EQ(name(state.stage), "closed");
  EXPECT_EQ(state.reasons, std::vector<std::string>{"r"});
}

TEST_F(Story, APlanThatWasTamperedWithEscalates) {
  opened();
  decided("automatic");
  tell(entry::planned, {{"plan", json::Object{{"id", "plan_1"}, {"hash", "forged"}}}});
  EXPECT_EQ(name(state.stage), "escalated");
}

TEST_F(Story, ARollbackIsAskedForAfterwards) {
  opened();
  decided("automatic");
  planned();
  tell(entry::execution_started, {{"execution", "exec_1"}});
  tell(entry::execution_ended, {{"execution", "exec_1"}});
  tell(entry::resolved);
  tell(entry::rollback_requested, {{"principal", "ana"}, {"reason", "broke the site"}});
  EXPECT_TRUE(asks_for<RollBack>());
  tell(entry::rolled_back);
  EXPECT_EQ(name(state.stage), "rolled_back");
}

TEST_F(Story, EntriesOfALaterVersionAreLeftAlone) {
  opened();
  tell("something_new", {{"a", 1}});
  EXPECT_TRUE(asks_for<Decide>());
}

}  // namespace
TEST(Narration, SaysWhenNothingSetsItRight) {
  auto told = [](json::Object action) {
    return narrate({.kind = entry::remediation_opened, .body = json::Object{{"action", std::move(action)}}});
  };
  EXPECT_EQ(told(to_json(Action{})), "remediation opened: nothing here sets it right");
  EXPECT_EQ(told({{"runbook", "Mine"}}), "remediation opened, with runbook Mine");
}

}  // namespace aright::remediation
