#include "script/spare.h"

#include <gtest/gtest.h>

#include <set>

#include "script/fake_door.h"
#include "script/run.h"

namespace aright::script {
namespace {

std::optional<Jail> wait_and_take(const Program& program) {
  Context patience = Context::within(milliseconds(20'000));
  std::optional<Jail> jail;
  while (!jail && patience.sleep(milliseconds(20)))
    jail = Spares::instance().take(program);
  return jail;
}

TEST(Spares, AreUsedOnce) {
  Spares::instance().order(*footing());
  std::set<pid_t> seen;
  std::vector<Jail> used;
  for (std::size_t i = 0; i < spares_max; ++i) {
    auto jail = wait_and_take(script(""));
    ASSERT_TRUE(jail);
    seen.insert(jail->process.pid());
    used.push_back(std::move(*jail));
  }
  EXPECT_EQ(seen.size(), spares_max);
}

TEST(Spares, AreLeftAloneByProgramsThatDoNotFit) {
  Spares::instance().order(*footing());
  auto jail = wait_and_take(script(""));  // there is one soon, again
  Spares::instance().order(*footing());
  Program more_disk = script("");
  more_disk.limits.disk_bytes *= 2;
  Program large = script(std::string(2u << 20, '#'));
  Program own_boto3 = script("");
  own_boto3.files["boto3/__init__.py"] = "";
  Program own_calendar = script("");
  own_calendar.files["calendar.py"] = "";
  Context patience = Context::within(milliseconds(2'000));
  while (patience.sleep(milliseconds(50)))
    for (const Program& program : {more_disk, large, own_boto3, own_calendar})
      ASSERT_FALSE(Spares::instance().take(program));
  EXPECT_TRUE(wait_and_take(script("")));
}

TEST(Spares, ThatDiedAreNotUsed) {
  Spares::instance().order(*footing());
  auto jail = wait_and_take(script(""));
  ASSERT_TRUE(jail);
  EXPECT_FALSE(jail->process.has_ended());
  jail->process.wait(milliseconds(0));
  EXPECT_TRUE(jail->process.has_ended());
}

TEST(Spares, LeaveRoomInTheSmallestMemoryThatLambdaOffers) {
  FakeDoor door;
  Program program =
      script("import boto3\ndef main(e, c):\n  boto3.client('rds').describe_db_instances()\n");
  program.limits.memory_bytes = 128u << 20;
  Spares::instance().order(*footing());
  auto jail = wait_and_take(program);
  ASSERT_TRUE(jail);
  auto outcome = run_in(*jail, program, door, Context());
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_TRUE(outcome->ok) << outcome->error_type << outcome->error_message;
}

TEST(Spares, RunWhatFreshJailsRun) {
  FakeDoor door([](const aws::Call&, const Context&) { return json::Object{{"Account", "1"}}; });
  Program program = script(R"(
import os, resource, sys, time, boto3
def main(events, context):
  with open("/tmp/mine", "x"):
    pass
  return [boto3.client("sts").get_caller_identity()["Account"], boto3.client("ec2").meta.region_name, os.environ["MINE"],
          resource.getrlimit(resource.RLIMIT_NPROC)[1], resource.getrlimit(resource.RLIMIT_DATA)[1], time.tzname[0], os.getcwd()]
)");
  program.region = "eu-west-2";
  program.environment["MINE"] = "yes";
  program.limits.processes_max = 7;
  auto fresh = run_on(*footing(), program, door, Context());
  Spares::instance().order(*footing());
  auto jail = wait_and_take(program);
  ASSERT_TRUE(jail);
  auto kept = run_in(*jail, program, door, Context());
  ASSERT_TRUE(kept && fresh);
  EXPECT_TRUE(kept->ok) << kept->error_type << kept->error_message;
  EXPECT_TRUE(json::equal(kept->result, fresh->result))
      << json::print(kept->result) << json::print(fresh->result);
}

}  // namespace
}  // namespace aright::script
