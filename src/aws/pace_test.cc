// Paces of several workers before one operation of a cloud, in virtual time.
#include "aws/pace.h"

#include <gtest/gtest.h>

#include <queue>

#include "aws/retry.h"

namespace aright::aws {
namespace {

constexpr std::int64_t answer_ms = 20, minute_ms = 60'000;
constexpr double share_over_budget_max = 1.2;

// Bears `per_second` and `burst` at once, of all workers together, and refuses `at_random` of a thousand besides.
struct Sky {
  double per_second = 1'000, burst = 1'000;
  std::uint64_t at_random = 0;
};

// Workers of 32 threads each, all of which always have something to ask.
class Fleet {
 public:
  Fleet(int workers, Sky sky) : sky_(sky), tokens_(sky.burst), workers_(static_cast<std::size_t>(workers)) {
    for (std::size_t worker = 0; worker < workers_.size(); ++worker)
      for (int thread = 0; thread < threads; ++thread) due_.push({start, worker, Stage::takes, 0, {}});
  }

  struct Counts {
    int asked = 0, granted = 0;
  };
  // The next ones.
  Counts minutes(int many) {
    const auto before = counts_;
    for (end_ += many * minute_ms; due_.top().at < end_;) {
      auto next = due_.top();
      due_.pop();
      step(next);
    }
    return {counts_.asked - before.asked, counts_.granted - before.granted};
  }

 private:
  static constexpr int threads = 32;
  static constexpr std::int64_t start = 1'700'000'000'000;
  enum class Stage { takes, waits, rests, asks, hears_yes, hears_no };
  struct Event {
    std::int64_t at;
    std::size_t worker;
    Stage stage;
    int tried;
    Timestamp asked;
    double place = 0;
    bool operator<(const Event& other) const { return at > other.at; }
  };
  struct Worker {
    Pace pace{{}, {start}};
    Caprice caprice;
    bool rested = false;
  };

  bool grants(std::int64_t now) {
    tokens_ = std::min(sky_.burst, tokens_ + static_cast<double>(now - filled_) / 1000 * sky_.per_second);
    filled_ = now;
    if (random_.below(1000) < sky_.at_random || tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  void step(Event event) {
    auto& worker = workers_[event.worker];
    const Timestamp now{event.at};
    auto pause_max = throttled_pause_max;
    switch (event.stage) {
      case Stage::takes:
        event.place = worker.pace.take(now);
        return after(event, Stage::waits, milliseconds(0));
      case Stage::waits: {
        auto wait = worker.pace.wait(event.place, now);
        return after(event, wait > look_again ? Stage::waits : Stage::rests, std::min(wait, look_again));
      }
      case Stage::rests: return after(event, Stage::asks, worker.pace.rests(now, worker.caprice));
      case Stage::asks: {
        bool rested = worker.pace.ask(now), granted = grants(event.at);
        if (rested) worker.caprice.add("the operation", !granted, now);
        ++counts_.asked;
        counts_.granted += granted;
        event.asked = now;
        return after(event, granted ? Stage::hears_yes : Stage::hears_no, milliseconds(answer_ms));
      }
      case Stage::hears_yes:
        worker.pace.answered(now, worker.caprice);
        event.tried = 0;
        return after(event, Stage::takes, milliseconds(0));
      case Stage::hears_no:
        worker.pace.throttled(event.asked, now, worker.caprice);
        pause_max = worker.caprice.share() > 0 ? caprice_pause_max : throttled_pause_max;
        return after(event, Stage::takes, backoff(event.tried++, pause_max, random_));
    }
  }
  void after(Event event, Stage stage, milliseconds wait) {
    event.stage = stage;
    event.at += wait.count();
    due_.push(event);
  }

  const Sky sky_;
  double tokens_;
  std::int64_t filled_ = start, end_ = start;
  std::vector<Worker> workers_;
  std::priority_queue<Event> due_;
  Counts counts_;
  Random random_{7};
};

TEST(SeveralPaces, AreNotPressedByRefusalsThatComeWhateverTheRate) {
  constexpr double floor = 3;  // calls a second of each worker, where ten are what it begins with
  for (int workers : {1, 3}) {
    Fleet fleet(workers, {.at_random = 500});
    fleet.minutes(5);
    EXPECT_GE(fleet.minutes(20).asked, floor * workers * 20 * 60) << workers;
  }
}

TEST(SeveralPaces, StayAtALimitThatIsOne) {
  struct Case {
    int workers;
    double per_second;
  };
  for (auto [workers, per_second] : {Case{1, 1}, Case{1, 2}, Case{1, 4}, Case{1, 8}, Case{3, 4}}) {
    Fleet fleet(workers, {.per_second = per_second, .burst = 2 * per_second});
    auto counts = fleet.minutes(20);
    auto budget = per_second * (2 + 20 * 60);
    EXPECT_LE(counts.asked, share_over_budget_max * budget) << workers << " at " << per_second;
    EXPECT_GE(counts.granted, 0.8 * budget) << workers << " at " << per_second;
  }
}

TEST(ACaprice, IsWhatIsRefusedAfterARest) {
  Caprice caprice;
  for (int i = 0; i < 5; ++i) caprice.add("a", i % 2 == 0, {});
  EXPECT_EQ(caprice.share(), 0) << "too few to know";
  caprice.add("a", false, {});
  EXPECT_EQ(caprice.share(), 0.5);
  for (int i = 0; i < 20; ++i) caprice.add("a", false, {});
  EXPECT_EQ(caprice.share(), 0) << "old ones of the same operation count no more";
  for (int i = 0; i < 60; ++i) caprice.add(std::to_string(i), true, {});
  EXPECT_EQ(caprice.share(), 0) << "that many are refused by a limit as well";
  caprice.add("a", true, {votes_last.count() + 1});
  EXPECT_FALSE(caprice.is_known()) << "nobody knows for ever";
}

TEST(APace, ComesAfterARestWhenNothingWasAskedForLong) {
  Pace pace({}, {0});
  EXPECT_TRUE(pace.ask({20'000}));
  EXPECT_FALSE(pace.ask({30'000})) << "a slow pace is no rest";
  EXPECT_TRUE(pace.ask({30'000 + idle.count()}));
  EXPECT_TRUE(pace.ask({60'000 + rest_every.count() + rest.count()})) << "when all of them rested";
}

TEST(APace, LetsThoseInLineGoEarlierWhenItRises) {
  Paces paces{.burst = 1, .increase = 1};
  Pace pace(paces, {0});
  for (int i = 0; i < 10; ++i) pace.throttled({i * 10}, {i * 10});
  auto now = Timestamp{1'000};
  auto place = pace.take(now);
  auto before = pace.wait(place, now);
  for (int i = 0; i < 3; ++i) pace.answered({1'000 + i});
  EXPECT_LT(pace.wait(place, {1'003}), before - milliseconds(10));
}

}  // namespace
}  // namespace aright::aws
