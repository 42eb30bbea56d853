// People answer while the engine looks away: whatever the interleaving, what they said is heard,
// and at once.

#include <gmock/gmock.h>

#include <thread>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto asks_first = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String, default: none}}
mainSteps:
  - name: Ask
    action: aws:approve
    inputs: {Message: "Look?", Approvers: ["arn:aws:iam::111122223333:user/ben"]}
  - {name: Look, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}
)";

class TheWaking : public ::testing::Test, public World {
 protected:
  static constexpr milliseconds patience{20'000};

  bool eventually(const std::function<bool()>& there) {
    for (auto context = Context::within(patience); !there();)
      if (!context.sleep(milliseconds(1))) return false;
    return true;
  }
  ExecutionId start(const char* document) {
    auto started = engine->start_runbook(document, {}, account, region, ana, {});
    EXPECT_TRUE(started) << started.error().text();
    return started.value_or(ExecutionId());
  }
  std::string status(const ExecutionId& id) {
    return json::text(engine->executor().describe(id).value(), "AutomationExecutionStatus", "");
  }
};

TEST_F(TheWaking, ListsAFirstStepThatAsks) {
  open(manually, {{"AsksFirst", asks_first}});
  auto id = start("AsksFirst");
  settle();
  auto waiting = engine->executor().waiting_for_people().value();
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(json::text(waiting[0], "execution", ""), id.str());
  EXPECT_EQ(json::text(waiting[0], "step", ""), "Ask");

  ASSERT_TRUE(engine->signal_execution(id, "Approve", "Ask", ben, "go on"));
  settle();
  EXPECT_EQ(status(id), "Success");
  EXPECT_THAT(engine->executor().waiting_for_people().value(), IsEmpty());
}

TEST_F(TheWaking, DeniesASignalOfSomebodyWhoIsNoApproverAndSaysWhoIs) {
  open(manually, {{"AsksFirst", asks_first}});
  auto id = start("AsksFirst");
  settle();
  auto refused = engine->signal_execution(id, "Approve", "Ask", ana, "let me");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::denied);
  EXPECT_EQ(refused.error().number, "AR-0016");
  EXPECT_EQ(refused.error().wire_code,
            "InvalidAutomationSignalException");  // all that Automation has to say
  EXPECT_THAT(refused.error().message, HasSubstr("user/ben"));
  EXPECT_EQ(status(id), "Waiting");
}

// The virtual clock stands still: a wake-up that got lost would be waited for until the approval
// expires.
TEST_F(TheWaking, HearsASignalThatComesWhileItBeginsToWait) {
  open(manually, {{"AsksFirst", asks_first}});
  engine->run();
  for (int round = 0; round < 300; ++round) {
    auto id = start("AsksFirst");
    ASSERT_TRUE(eventually(
        [&] { return engine->signal_execution(id, "Approve", "Ask", ben, "").has_value(); }));
    ASSERT_TRUE(eventually([&] { return status(id) == "Success"; }))
        << "round " << round << ": " << status(id);
  }
}

TEST_F(TheWaking, HearsARollbackThatIsAskedForTheInstantItResolves) {
  open(automatic);
  engine->run();
  for (int round = 0; round < 60; ++round) {
    auto bucket = fmt::format("logs-{}", round);
    make_public_bucket(bucket);
    scan();
    auto id = of(bucket).id;
    ASSERT_TRUE(eventually([&] { return engine->roll_back(id, ana, "").has_value(); }));
    ASSERT_TRUE(eventually([&] { return name(engine->remediation(id)->stage) == "rolled_back"; }))
        << "round " << round << ": " << name(engine->remediation(id)->stage);
    somebody("s3:DeleteBucketPolicy", fmt::format(R"({{"Bucket": "{}"}})", bucket));
  }
}

}  // namespace
}  // namespace aright::remediation
