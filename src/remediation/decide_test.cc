#include "remediation/decide.h"

#include <gtest/gtest.h>

namespace aright::remediation {
namespace {

const rules::Control public_bucket{.id = "public", .severity = "critical", .risk = "medium"};

Policy policy() {
  Policy policy;
  policy.targets.push_back({.account = "1", .regions = {"r"}, .role = "", .tags = {{"environment", "prod"}}});
  return policy;
}

Facts facts() {
  return {.control = "public", .described = &public_bucket, .resource = {.account = "1", .type = "T", .id = "x"},
          .source = "aright"};
}

}  // namespace

TEST(Decide, NothingThatMatchesMeansManual) {
  EXPECT_EQ(decide(policy(), facts()).decision, Decision::manual);
}

TEST(Decide, NobodyButAPersonDoesWhatNothingCanDo) {
  auto p = policy();
  p.decide.push_back({.name = "all", .decision = Decision::automatic});
  auto without = facts();
  without.has_fix = false;
  EXPECT_EQ(decide(p, without).decision, Decision::manual);
  EXPECT_EQ(decide(p, without).reasons.back(), "the control has no remediation");
  without.resource.account = "2";
  EXPECT_EQ(decide(p, without).decision, Decision::refused);
}

TEST(Decide, TheFirstRuleThatMatchesWins) {
  auto p = policy();
  p.decide.push_back({.name = "prod asks", .tags = {{"environment", "prod"}}, .decision = Decision::approval});
  p.decide.push_back({.name = "all", .decision = Decision::automatic});
  EXPECT_EQ(decide(p, facts()).decision, Decision::approval);
}

TEST(Decide, TellsWhyARuleDidNotApply) {
  auto p = policy();
  p.decide.push_back({.name = "low only", .severities = {"low"}, .decision = Decision::automatic});
  auto verdict = decide(p, facts());
  EXPECT_EQ(verdict.reasons[0], "rule 'low only' does not apply: severity is critical");
}

TEST(Decide, AnAutomaticRemediationConfigurationStandsUnlessARuleSaysOtherwise) {
  auto p = policy();
  p.remediations.push_back({.config_rule_name = "public", .target_id = "R", .automatic = true});
  EXPECT_EQ(decide(p, facts()).decision, Decision::automatic);
  p.decide.push_back({.name = "never", .decision = Decision::suppressed});
  EXPECT_EQ(decide(p, facts()).decision, Decision::suppressed);
}

TEST(Decide, AnAccountThatIsNoTargetIsRefusedEvenWhenAPersonAsks) {
  auto f = facts();
  f.resource.account = "2";
  f.person_asked = true;
  EXPECT_EQ(decide(policy(), f).decision, Decision::refused);
}

TEST(Decide, APersonMayAskForWhatIsManual) {
  auto f = facts();
  f.person_asked = true;
  EXPECT_EQ(decide(policy(), f).decision, Decision::automatic);
}

}  // namespace aright::remediation
