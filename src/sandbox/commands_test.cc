#include "sandbox/commands.h"

#include <gmock/gmock.h>

namespace aright::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using How = StepEnd::How;

class Book : public ::testing::Test {
 protected:
  Book() {
    SentCommand command{.id = "c", .account = "1", .region = "r", .at = now, .expires = now + seconds(60)};
    for (const auto* instance : {"i-1", "i-2", "i-3"}) {
      CommandRun run{.command_id = "c", .instance = instance};
      run.steps.resize(1);
      command.invocations.push_back({.run = std::move(run)});
    }
    commands.add(std::move(command));
  }
  SentCommand& command() { return *commands.find("c", "1", "r", now); }
  std::vector<std::string> due() {
    std::vector<std::string> out;
    for (const auto& run : commands.due("c", now))
      out.push_back(run.instance);
    return out;
  }
  const CommandRun& run(std::string_view instance) { return command().find(instance)->run; }
  void play(std::string_view instance, int code, How how = How::ended) {
    EXPECT_TRUE(commands.begin(run(instance), now, true));
    commands.end(run(instance), {{.how = how, .code = code, .out = "", .err = "", .began = now, .ended = now}});
  }
  std::string status(std::string_view instance) { return command().find(instance)->status.details; }

  Timestamp now{1'000};
  Commands commands;
};

TEST_F(Book, StartsAsManyAtOnceAsMayRun) {
  command().at_once = 2;
  EXPECT_THAT(due(), ElementsAre("i-1", "i-2"));
  EXPECT_THAT(due(), IsEmpty());
  play("i-2", 0);
  EXPECT_THAT(due(), ElementsAre("i-3"));
}

TEST_F(Book, SendsNoFurtherOnceThereAreMoreErrorsThanAllowed) {
  command().at_once = 1;
  EXPECT_THAT(due(), ElementsAre("i-1"));
  play("i-1", 3);
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(status("i-1"), "Failed");
  EXPECT_EQ(status("i-2"), "Terminated");
  EXPECT_EQ(command().status().status, "Failed");
}

TEST_F(Book, AllowsAsManyErrorsAsItIsTold) {
  command().errors_max = 1;
  due();
  play("i-1", 3);
  play("i-2", 0);
  play("i-3", 0);
  EXPECT_EQ(command().status().details, "Incomplete");
}

TEST_F(Book, IsOverForWhoeverWasNotReachedInTime) {
  due();
  play("i-1", 0);
  now = now + seconds(60);
  EXPECT_EQ(status("i-2"), "DeliveryTimedOut");
  EXPECT_FALSE(commands.begin(run("i-2"), now, true));
  EXPECT_EQ(status("i-1"), "Success");
}

TEST_F(Book, CancelsWhatWaitsAndAsksWhatRunsToStop) {
  due();
  EXPECT_TRUE(commands.begin(run("i-1"), now, true));
  for (auto& one : command().invocations)
    Commands::cancel(one);
  EXPECT_TRUE(run("i-1").stop.stop_requested());
  EXPECT_EQ(status("i-1"), "Cancelling");
  EXPECT_EQ(status("i-2"), "Cancelled");
  EXPECT_EQ(command().status().status, "Cancelling");
  commands.end(run("i-1"), {});
  EXPECT_EQ(command().status().status, "Cancelled");
}

TEST_F(Book, TellsApartHowAStepEnded) {
  due();
  play("i-1", code_of_stopped, How::timed_out);
  play("i-2", code_of_stopped, How::cancelled);
  EXPECT_FALSE(commands.begin(run("i-3"), now, false));
  EXPECT_EQ(status("i-1"), "ExecutionTimedOut");
  EXPECT_EQ(status("i-2"), "Cancelled");
  EXPECT_EQ(status("i-3"), "Undeliverable");
}

TEST_F(Book, IsKeptFromOtherAccountsAndRegions) {
  EXPECT_EQ(commands.find("c", "2", "r", now), nullptr);
  EXPECT_EQ(commands.find("c", "1", "q", now), nullptr);
  EXPECT_THAT(commands.all("2", "r", now), IsEmpty());
}

}  // namespace
}  // namespace aright::sandbox
