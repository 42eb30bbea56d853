// Steps that only read: their answers go on record together, before anything that counts.

#include <gmock/gmock.h>

#include <thread>

#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kinds = std::vector<std::string>;

constexpr auto read_and_say = R"(
schemaVersion: "0.3"
mainSteps:
  - {name: One, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}
  - {name: Two, action: aws:executeAwsApi, inputs: {Service: sts, Api: GetCallerIdentity}}
  - {name: Say, action: aws:executeAwsApi, inputs: {Service: ssm, Api: PutParameter, Name: a, Type: String, Value: said}}
  - {name: Three, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}
)";
constexpr auto read_on = R"(
schemaVersion: "0.3"
mainSteps:
  - {name: One, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}
  - {name: Two, action: aws:executeAwsApi, inputs: {Service: sts, Api: GetCallerIdentity}}
  - {name: Three, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}
)";

class StepsThatRead : public ::testing::Test, protected World {
 protected:
  StepsThatRead() {
    open(manually, {{"ReadAndSay", read_and_say}, {"ReadOn", read_on}});
    weather.refuse = [this](const aws::Call& call) -> std::optional<Error> {
      asked.push_back(call.operation);
      return at_call ? at_call(call) : std::nullopt;
    };
    ledger->subscribe([this](const auto& entries) {
      if (entries[0].stream == id.str()) appends.emplace_back(kinds_of(entries));
    });
  }
  static Kinds kinds_of(const std::vector<ledger::Entry>& entries) {
    Kinds out;
    for (const auto& entry : entries) out.push_back(entry.kind);
    return out;
  }
  void play(const char* runbook) {
    auto started = engine->start_runbook(runbook, {}, account, region, ana, {});
    ASSERT_TRUE(started) << started.error().text();
    id = *started;
    asked.clear();
    settle();
  }
  json::Value execution() const { return engine->executor().describe(id).value(); }
  std::string status() const { return json::text(execution(), "AutomationExecutionStatus", ""); }

  ExecutionId id;
  std::vector<Kinds> appends;      // of the execution, after its start
  std::vector<std::string> asked;  // operations, in order
  std::function<std::optional<Error>(const aws::Call&)> at_call;
};

TEST_F(StepsThatRead, GoOnRecordTogether) {
  play("ReadOn");
  EXPECT_EQ(status(), "Success");
  EXPECT_THAT(appends, ElementsAre(Kinds{"runbook_event", "runbook_event", "runbook_event"}));
}

TEST_F(StepsThatRead, AreOnRecordBeforeTheWriteThatFollows) {
  play("ReadAndSay");
  EXPECT_EQ(status(), "Success");
  EXPECT_THAT(appends, ElementsAre(Kinds{"runbook_event", "runbook_event"}, Kinds{"call_intended"},
                                   Kinds{"call_returned"}, Kinds{"runbook_event"}, Kinds{"runbook_event"}));
}

TEST_F(StepsThatRead, AreForgottenWhereAStopCameInMeanwhile) {
  at_call = [this](const aws::Call& call) -> std::optional<Error> {
    if (call.operation == "GetCallerIdentity")
      EXPECT_TRUE(engine->stop_execution(id, ana, "enough", false));
    return std::nullopt;
  };
  play("ReadAndSay");
  EXPECT_EQ(status(), "Cancelled");
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(StepsThatRead, AreReadAgainWhereTheProcessEndsInBetween) {
  std::stop_source end;
  at_call = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation == "GetCallerIdentity") end.request_stop();
    return std::nullopt;
  };
  id = engine->start_runbook("ReadOn", {}, account, region, ana, {}).value();
  asked.clear();
  std::ignore = engine->settle(Context::within(settle_timeout, end.get_token()));
  EXPECT_THAT(appends, IsEmpty()) << "nothing that counts has happened";
  at_call = {};
  start();
  settle();
  EXPECT_EQ(status(), "Success");
  EXPECT_THAT(asked,
              ElementsAre("ListBuckets", "GetCallerIdentity", "ListBuckets", "GetCallerIdentity", "ListBuckets"));
}

TEST_F(StepsThatRead, AreOnRecordSoonWhereTheyTakeLong) {
  at_call = [this](const aws::Call&) -> std::optional<Error> {
    clock.advance(seconds(1));
    return std::nullopt;
  };
  play("ReadOn");
  EXPECT_EQ(status(), "Success");
  EXPECT_THAT(appends, ElementsAre(Kinds{"runbook_event", "runbook_event"}, Kinds{"runbook_event"}))
      << "what the first one answered waits for no third one";
}

// Whoever folds the entries again knows no other time.
TEST_F(StepsThatRead, EndWhenTheLastAnswerCame) {
  std::jthread time_goes_by([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) clock.advance(milliseconds(1));
  });
  for (int i = 0; i < 20; ++i) play("ReadOn");
  auto differences = compare_projections(*ledger, rules::Controls::embedded()).value();
  EXPECT_THAT(differences, IsEmpty()) << differences.front().what;
}

}  // namespace
}  // namespace aright::remediation
