#include "remediation/track.h"

#include <gtest/gtest.h>

namespace aright::remediation {
namespace {

constexpr Timestamp start{1'000'000'000'000};
constexpr std::string_view hash = "h1";

State running_fix() {
  State state;
  state.plan = Plan{.runbook_hash = std::string(hash)};
  state.stage = Ready{};
  return state;
}

// A record of a control whose fixes ended so: + good, - not.
class Record {
 public:
  Record& start_one() {
    state = running_fix();
    tell(entry::execution_started);
    state.executions.push_back(ExecutionId::make(now));
    state.stage = Executing{state.executions.back()};
    return *this;
  }
  Record& end_one(bool good) {
    tell(good ? entry::resolved : entry::escalated);
    state.stage = good ? Stage(Resolved{now}) : Stage(Escalated{"no"});
    return *this;
  }
  Record& play(std::string_view outcomes) {
    for (char outcome : outcomes) start_one().end_one(outcome == '+');
    return *this;
  }
  void tell(const char* kind, json::Object body = {}) {
    now = now + seconds(60);
    track.take(state, {.kind = kind, .time = now, .body = std::move(body)});
  }

  Track track{.control = "c"};
  State state;
  Timestamp now = start;
};

Level level_after(std::string_view outcomes) {
  auto track = Record().play(outcomes).track;
  return earned_by({}, &track, hash).level;
}

TEST(ARecord, VouchesForTheLowerEndOfWilsonsInterval) {
  // Against published values: 95 %, n = 10 and 100.
  EXPECT_NEAR(vouched(10, 0), 0.7225, 0.0005);
  EXPECT_NEAR(vouched(8, 2), 0.4902, 0.0005);
  EXPECT_NEAR(vouched(90, 10), 0.8256, 0.0005);
  EXPECT_EQ(vouched(0, 0), 0);
  EXPECT_EQ(vouched(0, 5), 0);
}

TEST(ARecord, EarnsOneLevelAfterTheOther) {
  EXPECT_EQ(level_after(""), Level::observe);
  EXPECT_EQ(level_after("+"), Level::observe);
  EXPECT_EQ(level_after("++"), Level::approval);
  EXPECT_EQ(level_after("++++++++"), Level::approval);
  EXPECT_EQ(level_after("+++++++++"), Level::canary);
  EXPECT_EQ(level_after(std::string(34, '+')), Level::canary);
  EXPECT_EQ(level_after(std::string(35, '+')), Level::automatic);
  EXPECT_EQ(level_after("+++++++++-"), Level::approval);
}

TEST(ARecord, SaysHowManyGoodOnesLeadToTheNextLevel) {
  Autonomy usual;
  EXPECT_EQ(earned_by(usual, nullptr, hash).to_next, 2);
  auto track = Record().play("++").track;
  EXPECT_EQ(earned_by(usual, &track, hash).to_next, 7);
  track = Record().play(std::string(35, '+')).track;
  EXPECT_EQ(earned_by(usual, &track, hash).to_next, 0);
  for (int good = 0; good < 40; ++good) {
    track.good = good, track.bad = 3;
    auto earned = earned_by(usual, &track, hash);
    if (earned.to_next == 0) continue;
    track.good += earned.to_next;
    EXPECT_GT(earned_by(usual, &track, hash).level, earned.level);
    track.good -= 1;
    EXPECT_EQ(earned_by(usual, &track, hash).level, earned.level);
  }
}

TEST(ARecord, OfAnotherRunbookSaysNothing) {
  auto track = Record().play(std::string(35, '+')).track;
  EXPECT_EQ(earned_by({}, &track, "h2").level, Level::observe);
}

TEST(ARecord, BeginsAnewWhenAFixIsTakenBack) {
  Record record;
  record.play(std::string(35, '+'));
  record.tell(entry::rollback_requested, {{"principal", "ana"}});
  EXPECT_EQ(earned_by({}, &record.track, hash).level, Level::observe);
  EXPECT_EQ(record.track.demoted_because, "ana took a fix back");
  EXPECT_EQ(record.play("++").track.good, 2);
}

TEST(ARecord, BeginsAnewWhenAFixDidHarmOrOpenedTheBreaker) {
  Record record;
  record.play(std::string(35, '+')).start_one();
  record.tell(entry::escalated, {{"demoted", "the fix made x non-compliant"}});
  EXPECT_EQ(record.track.good, 0);
  EXPECT_EQ(record.track.running, 0);
  EXPECT_EQ(record.track.demoted_because, "the fix made x non-compliant");
}

TEST(ARecord, CountsAFailureThatIsTakenBackOnce) {
  Record record;
  record.play("-");
  record.tell(entry::rollback_requested, {{"principal", "ana"}});
  EXPECT_EQ(record.track.bad, 0) << "counted anew after the demotion";
}

TEST(ARecord, CountsAFindingThatCameBackAgainstTheFix) {
  Record record;
  record.play("+++");
  Finding finding{.resolved_by = "rem_1"};
  auto came_back = [&](const char* by) {
    return record.track.take(finding, {.kind = entry::finding_reopened,
                                       .time = record.now,
                                       .body = {{"remediation", by}}});
  };
  EXPECT_FALSE(came_back("rem_1")) << "its own rollback opened it again";
  EXPECT_TRUE(came_back("rem_2"));
  EXPECT_EQ(record.track.bad, 1);
  EXPECT_EQ(record.track.streak, 0);
  finding.resolved_by = "observed";
  EXPECT_FALSE(came_back("rem_2"));
}

TEST(ARecord, SurvivesItsJson) {
  auto track = Record().play("++-+").start_one().track;
  EXPECT_EQ(to_json(track_from_json(to_json(track))), to_json(track));
}

class ACanary : public ::testing::Test {
 protected:
  // Whether one more may start, of so many open findings.
  std::optional<Hold> hold(std::int64_t open = 100) {
    return held_by(canary, &record.track, hash, open, record.now);
  }
  void wait(seconds time) { record.now = record.now + time; }

  Canary canary;
  Record record;
};

TEST_F(ACanary, LetsOneGoFirst) {
  EXPECT_FALSE(hold());
  record.start_one();
  auto held = hold();
  ASSERT_TRUE(held);
  EXPECT_TRUE(held->brief);
  EXPECT_EQ(held->reason, "canary wave 1 of 3: 1 under way, 0 of 1 good");
}

TEST_F(ACanary, LetsTheNextWaveGoAPauseAfterTheLastWasGood) {
  record.play("+");
  auto held = hold(99);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->until, record.track.good_at + canary.pause);
  wait(canary.pause);
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(hold(99)) << i;
    record.start_one();
  }
  EXPECT_TRUE(hold(99)) << "five of a hundred, with the one before";
  for (int i = 0; i < 4; ++i) record.end_one(true), record.state.stage = Executing{};
  EXPECT_TRUE(hold(95));
  wait(canary.pause);
  for (int i = 0; i < 200; ++i) {
    ASSERT_FALSE(hold(95)) << i;
    record.start_one();
  }
}

TEST_F(ACanary, BeginsAnewAfterOneThatWasNotGood) {
  record.play("+");
  wait(canary.pause);
  record.play("++-");
  auto held = hold();
  ASSERT_TRUE(held);
  EXPECT_EQ(held->until, record.track.bad_at + canary.pause);
  wait(canary.pause);
  EXPECT_FALSE(hold());
  record.start_one();
  EXPECT_TRUE(hold());
}

TEST_F(ACanary, BeginsAnewWithAnotherRunbook) {
  record.play("+");
  wait(canary.pause);
  record.play("++++");
  wait(canary.pause);
  EXPECT_FALSE(held_by(canary, &record.track, "h2", 100, record.now));
  EXPECT_FALSE(hold());
  record.start_one();
  record.track.runbook_hash = "h2", record.track.good = record.track.streak = 0;
  EXPECT_TRUE(held_by(canary, &record.track, "h2", 100, record.now)) << "the one under way counts";
}

TEST_F(ACanary, HasAtLeastOneInAWaveOfAShare) {
  canary.waves = {{.percent = 5}, {.percent = 100}};
  EXPECT_FALSE(hold(3));
  record.start_one();
  EXPECT_TRUE(hold(3));
}

}  // namespace
}  // namespace aright::remediation
