// Functions that stay warm: for whom, for how long, and after what not.
#include "script/workers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "script/fake_door.h"
#include "script/script.h"

namespace aright::script {
namespace {

constexpr const char* counts = R"(
import os
events = 0
def handler(event, context):
    global events
    events += 1
    if event == "exit": os._exit(1)
    if event == "raise": raise ValueError(context.aws_request_id)
    print("event", events)
    return [events, context.aws_request_id]
)";

class Warm : public ::testing::Test {
 protected:
  void SetUp() override {
    if (auto able = can_jail(); !able) GTEST_FAIL() << able.error().message;
  }
  Outcome run(const std::string& name, json::Value event, const std::string& id = "1") {
    Program program{.convention = Program::Convention::lambda, .files = {{"index.py", counts}},
                    .handler = "index.handler", .event = std::move(event), .request_id = id, .keep_as = name};
    auto outcome = script::run(program, door_, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : Outcome();
  }
  std::int64_t count(const std::string& name) {
    return json::integer(json::items(run(name, "count").result).at(0));
  }
  FakeDoor door_;
};

TEST_F(Warm, FindsWhatItLeftAndHasItsOwnEventAndLog) {
  EXPECT_EQ(count("left"), 1);
  auto second = run("left", "count", "2");
  EXPECT_EQ(json::print(second.result), R"([2,"2"])");
  EXPECT_EQ(second.log, "event 2\n");
}

TEST_F(Warm, SharesNothingWithAnotherName) {
  EXPECT_EQ(count("mine"), 1);
  EXPECT_EQ(count("yours"), 1);
  EXPECT_EQ(count("mine"), 2);
}

TEST_F(Warm, GoesOnAfterAnExceptionAndAnewAfterAnEnd) {
  EXPECT_EQ(count("ends"), 1);
  EXPECT_EQ(run("ends", "raise", "7").error_message, "7");
  EXPECT_EQ(count("ends"), 3);
  EXPECT_EQ(run("ends", "exit").error_type, "Runtime.ExitError");
  EXPECT_EQ(count("ends"), 1);
}

TEST_F(Warm, OutlivesTheThreadThatAskedFirst) {
  std::thread([this] { EXPECT_EQ(count("thread"), 1); }).join();
  EXPECT_EQ(count("thread"), 2);
}

TEST_F(Warm, KeepsNoMoreThanItMay) {
  for (std::size_t i = 0; i <= warm_max; ++i) EXPECT_EQ(count(fmt::format("many {}", i)), 1);
  EXPECT_EQ(count("many 0"), 1) << "the oldest went";
  EXPECT_EQ(count(fmt::format("many {}", warm_max)), 2);
}

}  // namespace
}  // namespace aright::script
