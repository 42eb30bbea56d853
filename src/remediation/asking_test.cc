// Several people have to agree: who, how many, in which order, by when.

#include <gmock/gmock.h>

#include <thread>

#include "base/text.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto asking_groups = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
principals:
  - {name: ana, roles: [approver]}
  - {name: ben, roles: [approver]}
  - {name: carl, roles: [approver]}
  - {name: eve, roles: [approver]}
groups:
  platform: {members: [ana, ben]}
  security: {members: [carl]}
ladders:
  four-eyes:
    - {group: platform, needed: 2, wait_s: 3600}
    - {group: security, needed: 2}
  quick:
    - {group: platform, needed: 2, wait_s: 3600}
    - {group: security, needed: 1}
delegations: [{from: ana, to: eve, begins: 2020-01-01T00:00:00Z, ends: 2100-01-01T00:00:00Z}]
decide: [{name: ask, decision: approval, ladder: LADDER}]
approval_expires_s: 7200
)";

Actor person(std::string name) { return {.name = name, .arn = "arn:aws:iam::111122223333:user/" + name}; }

class Asking : public ::testing::Test, protected World {
 protected:
  void ask(const std::string& ladder, const std::string& more = "") {
    policy_text = replace_all(asking_groups, "LADDER", ladder) + more;
    open(policy_text);
    make_public_bucket("logs");
    scan_and_settle();
    ASSERT_EQ(stage(), "awaiting_approval");
  }
  std::string stage() { return std::string(name(only().stage)); }
  void restart_with_another_policy() {
    engine.reset();
    adopt(policy_text + "scan_every_s: 7200\n");
    start();
  }
  Result<> agree(const std::string& who) {
    auto state = only();
    auto said = engine->approve(state.id, state.plan ? state.plan->hash : "", person(who), "");
    settle();
    return said;
  }
  std::string refusal(const std::string& who) {
    auto said = agree(who);
    return said ? "" : said.error().number;
  }
  const Request& request() {
    held = only();
    return std::get<AwaitingApproval>(held.stage).request;
  }

  std::string policy_text;
  State held;
};

TEST_F(Asking, WaitsUntilEnoughPeopleAgreed) {
  ask("four-eyes");
  EXPECT_TRUE(agree("ana"));
  EXPECT_EQ(stage(), "awaiting_approval");
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_EQ(refusal("ana"), "AR-0020");
  EXPECT_EQ(refusal("carl"), "AR-0019") << "he is asked later";
  EXPECT_EQ(refusal("eve"), "AR-0020") << "ana's voice is given";
  EXPECT_TRUE(agree("ben"));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_THAT(writes(), ElementsAre("s3:PutPublicAccessBlock"));
}

TEST_F(Asking, HearsWhoSpeaksForSomebodyElse) {
  ask("four-eyes");
  EXPECT_TRUE(agree("eve"));
  EXPECT_TRUE(agree("ben"));
  auto state = only();
  EXPECT_EQ(name(state.stage), "resolved");
  ASSERT_THAT(state.approvals, SizeIs(2));
  EXPECT_EQ(state.approvals[0].principal, "eve");
  EXPECT_EQ(state.approvals[0].voice, "ana");
}

TEST_F(Asking, GoesUpTheLadderAndKeepsWhatWasAgreed) {
  ask("four-eyes");
  EXPECT_TRUE(agree("ana"));
  pass(seconds(3601));
  EXPECT_THAT(request().asked, ElementsAre("ana", "ben", "carl"));
  EXPECT_EQ(request().rung, 1u);
  EXPECT_TRUE(agree("carl"));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(Asking, GoesOnWhenFewerAreNeededHigherUpAndTheyAgreedAlready) {
  ask("quick");
  EXPECT_TRUE(agree("ben"));
  EXPECT_EQ(stage(), "awaiting_approval");
  pass(seconds(3601));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(Asking, IsOverWhenTheTimeIs) {
  ask("four-eyes");
  EXPECT_TRUE(agree("ana"));
  pass(seconds(7201));
  EXPECT_EQ(stage(), "closed");
  EXPECT_FALSE(agree("ben"));
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(Asking, EndsWithOneRejection) {
  ask("four-eyes");
  EXPECT_TRUE(agree("ana"));
  auto state = only();
  EXPECT_TRUE(engine->reject(state.id, state.plan->hash, person("ben"), "not now"));
  settle();
  EXPECT_EQ(stage(), "closed");
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(Asking, RemindsUntilSomebodyAnswers) {
  ask("four-eyes", "approval_remind_s: 600\n");
  for (int i = 0; i < 3; ++i) pass(seconds(601));
  auto entries = ledger->stream(only().id.str()).value();
  auto reminders = std::ranges::count(entries, std::string(entry::approval_reminded), &ledger::Entry::kind);
  EXPECT_EQ(reminders, 3);
}

TEST_F(Asking, CountsOnePersonOnceHoweverManyAtOnce) {
  ask("four-eyes");
  auto state = only();
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 64; ++i)
      threads.emplace_back([&] {
        if (engine->approve(state.id, state.plan->hash, person("ana"), "")) ++taken;
      });
  }
  EXPECT_EQ(taken, 1);
  EXPECT_THAT(only().approvals, SizeIs(1));
  EXPECT_EQ(stage(), "awaiting_approval");
}

TEST_F(Asking, HearsTwoPeopleAtTheSameInstant) {
  ask("four-eyes");
  auto state = only();
  {
    std::vector<std::jthread> threads;
    for (const auto* who : {"ana", "ben"})
      threads.emplace_back([&, who] { EXPECT_TRUE(engine->approve(state.id, state.plan->hash, person(who), "")); });
  }
  settle();
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(Asking, IsAskedAnewUnderAnotherPolicy) {
  ask("four-eyes");
  EXPECT_TRUE(agree("ana"));
  restart_with_another_policy();
  settle();
  auto state = only();
  EXPECT_EQ(name(state.stage), "awaiting_approval");
  EXPECT_THAT(state.approvals, IsEmpty()) << "who agreed, agreed under the other one";
  EXPECT_TRUE(agree("ana"));
  EXPECT_TRUE(agree("ben"));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(Asking, StartsNothingThatWasApprovedUnderAnotherPolicy) {
  ask("quick");
  ASSERT_TRUE(engine->halt({}, person("ana"), "to look"));
  EXPECT_TRUE(agree("ana"));
  EXPECT_TRUE(agree("ben"));
  EXPECT_EQ(stage(), "ready");
  restart_with_another_policy();
  ASSERT_TRUE(engine->resume({}, person("ana"), "go on"));
  pass(seconds(5));
  EXPECT_EQ(stage(), "awaiting_approval");
  EXPECT_THAT(writes(), IsEmpty());
}

}  // namespace
}  // namespace aright::remediation
