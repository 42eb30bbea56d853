#include "script/turn.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "script/script.h"

namespace aright::script {
namespace {

constexpr milliseconds a_moment{50};

// Threads that each hold a place until they are told to go.
class Crowd {
 public:
  explicit Crowd(int size) {
    for (int i = 0; i < size; ++i)
      threads_.emplace_back([this](std::stop_token stop) {
        auto turn = Turn::take({});
        ++inside;
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any asleep;
        asleep.wait(lock, stop, [] { return false; });
      });
    while (inside < size) std::this_thread::yield();
  }
  void one_leaves() {
    threads_.pop_back();
    --inside;
  }
  std::atomic<int> inside = 0;

 private:
  std::vector<std::jthread> threads_;
};

TEST(Turn, WaitsWhileAllPlacesAreTaken) {
  Crowd crowd(runs_max);
  auto refused = Turn::take(Context::within(a_moment));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::deadline);
  crowd.one_leaves();
  EXPECT_TRUE(Turn::take(Context::within(milliseconds(10'000))));
}

TEST(Turn, EndsItsWaitingWhenItIsStopped) {
  Crowd crowd(runs_max);
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  auto refused = Turn::take({.stop = stop.get_token()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::cancelled);
}

TEST(Turn, IsGivenAtOnceToWhoeverHoldsOneAlready) {
  Crowd crowd(runs_max - 1);
  auto outer = Turn::take(Context::within(a_moment));
  ASSERT_TRUE(outer);
  {
    auto inner = Turn::take(Context::within(a_moment));
    EXPECT_TRUE(inner);
  }
  std::jthread other([] { EXPECT_FALSE(Turn::take(Context::within(a_moment))); });
}

}  // namespace
}  // namespace aright::script
