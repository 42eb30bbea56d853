// Functions that stay warm: for whom, for how long, and after what not.
#include "script/workers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
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

constexpr const char* counts_in_node = R"(
let events = 0;
exports.handler = async (event) => {
  events += 1;
  if (event === 'raise') throw new RangeError('too far');
  if (event === 'late') {
    setTimeout(() => { throw new Error('nobody caught it'); }, 1);
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
  return events;
};
)";

TEST_F(Warm, GoesOnInNodeAsWellAndInANewProcessAfterWhatNobodyCaught) {
  if (!std::filesystem::exists("/usr/bin/node")) GTEST_SKIP() << "needs Debian's nodejs";
  auto event = [&](const char* what) {
    Program program{.convention = Program::Convention::lambda, .runtime = "nodejs20.x",
                    .files = {{"index.js", counts_in_node}}, .handler = "index.handler", .event = what,
                    .request_id = what, .keep_as = "node"};
    auto outcome = script::run(program, door_, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : Outcome();
  };
  EXPECT_EQ(event("count").result, 1);
  EXPECT_EQ(event("raise").error_type, "RangeError");
  EXPECT_EQ(event("count").result, 3);
  EXPECT_EQ(event("late").error_message, "nobody caught it");
  EXPECT_EQ(event("count").result, 1);
}

constexpr const char* takes_one_event = R"(#!/usr/bin/python3
import os, urllib.request as web
events = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
with web.urlopen(events + "next") as event:
    mine = event.headers["Lambda-Runtime-Aws-Request-Id"]
web.urlopen(web.Request(events + mine + "/response", data=b"7")).read()
)";

TEST_F(Warm, StartsAFunctionAnewThatEndsWithEachEvent) {
  for (int turn = 0; turn < 3; ++turn) {
    Program program{.convention = Program::Convention::lambda, .runtime = "provided.al2023",
                    .files = {{"bootstrap", takes_one_event}}, .executables = {"/var/task/bootstrap"},
                    .handler = "any", .event = turn, .request_id = fmt::format("{}", turn), .keep_as = "one event"};
    auto outcome = script::run(program, door_, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->result, 7) << outcome->error_message << outcome->log;
  }
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
