// Executions that one execution starts for many targets: side by side, never more than may be, and none twice.

#include <gmock/gmock.h>

#include <condition_variable>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using std::chrono::minutes;
using ::testing::SizeIs;

// Sleeps for a minute, and says so.
constexpr const char* napping = R"(
schemaVersion: "0.3"
parameters: {Id: {type: String}}
mainSteps:
  - {name: Sleep, action: aws:sleep, inputs: {Duration: PT1M}}
  - {name: Say, action: aws:executeAwsApi, inputs: {Service: ssm, Api: PutParameter, Name: "{{ Id }}", Type: String, Value: slept}}
)";
constexpr const char* asking_first = R"(
schemaVersion: "0.3"
parameters: {Id: {type: String}}
mainSteps:
  - {name: Wait, action: aws:pause, inputs: {}}
)";
constexpr const char* saying = R"(
schemaVersion: "0.3"
parameters: {Id: {type: String}}
mainSteps:
  - {name: Say, action: aws:executeAwsApi, inputs: {Service: ssm, Api: PutParameter, Name: "{{ Id }}", Type: String, Value: said}}
)";

class SideBySide : public ::testing::Test, protected World {
 protected:
  SideBySide() { open(manually, {{"Nap", napping}, {"Ask", asking_first}, {"Say", saying}}); }

  // For targets a, b, c …
  void start_for(const char* runbook, int targets, json::Object more) {
    json::Array values;
    for (int i = 0; i < targets; ++i) values.push_back(json::Value(std::string(1, static_cast<char>('a' + i))));
    more["TargetParameterName"] = "Id";
    more["Targets"] = json::Array{json::Object{{"Key", "ParameterValues"}, {"Values", std::move(values)}}};
    auto id = engine->start_runbook(runbook, {}, account, region, ana, {}, {.for_each = more});
    ASSERT_TRUE(id) << id.error().text();
    parent = *id;
    settle();
  }
  std::string status() const {
    return json::text(engine->executor().describe(parent).value(), "AutomationExecutionStatus", "");
  }
  std::vector<json::Value> children(const std::string& in = "") const {
    return list_executions(*ledger, {.status = in, .parent = parent.str()}).value();
  }
  // How many ran at the same time, at most, until all had ended.
  std::size_t most_at_once(milliseconds within) {
    std::size_t most = 0;
    for (auto until = clock.now() + within; clock.now() < until && status() == "InProgress"; pass(seconds(5)))
      most = std::max(most, children("InProgress").size());
    return most;
  }
  json::Object child(std::string_view target) const {
    for (const auto& one : children()) {
      auto whole = engine->executor().describe(*ExecutionId::parse(json::text(one, "id", ""))).value();
      if (json::text(whole, "Target", "") == target) return whole.as_object();
    }
    return {};
  }
  std::size_t said() const { return static_cast<std::size_t>(std::ranges::count(writes(), "ssm:PutParameter")); }

  ExecutionId parent;
};

TEST_F(SideBySide, AsManyRunAtOnceAsMayAndNeverMore) {
  auto begin = clock.now();
  start_for("Nap", 8, {{"MaxConcurrency", "4"}});
  EXPECT_EQ(children().size(), 1u) << "the first one goes ahead";
  EXPECT_EQ(most_at_once(minutes(20)), 4u);
  EXPECT_EQ(status(), "Success");
  EXPECT_LT(clock.now() - begin, minutes(5)) << "one after the other they take eight minutes";
  EXPECT_EQ(said(), 8u);
}

TEST_F(SideBySide, APercentageIsOfTheTargets) {
  start_for("Nap", 10, {{"MaxConcurrency", "20%"}});
  EXPECT_EQ(most_at_once(minutes(20)), 2u);
  EXPECT_EQ(status(), "Success");
}

TEST_F(SideBySide, AfterOneErrorTooManyNoneBeginsAndThoseThatRunEnd) {
  somebody("ssm:PutParameter", R"({"Name": "b", "Type": "String", "Value": "there already"})");
  start_for("Nap", 8, {{"MaxConcurrency", "4"}, {"MaxErrors", "0"}});
  most_at_once(minutes(20));
  EXPECT_EQ(status(), "Failed");
  EXPECT_THAT(children(), SizeIs(3));
  EXPECT_EQ(json::text(child("b"), "AutomationExecutionStatus"), "Failed");
  EXPECT_EQ(json::text(child("c"), "AutomationExecutionStatus"), "Success");
}

TEST_F(SideBySide, RegionsRunAtOnceAsFarAsTheirLocationAllows) {
  json::Object location{{"Accounts", json::Array{account}},
                        {"Regions", json::Array{"us-east-1", "eu-west-1", "eu-west-2"}},
                        {"TargetLocationMaxConcurrency", "2"}};
  start_for("Nap", 1, {{"TargetLocations", json::Array{location}}});
  EXPECT_EQ(most_at_once(minutes(20)), 2u);
  EXPECT_EQ(status(), "Success");
  EXPECT_THAT(children(), SizeIs(3));
}

class Watched : public SideBySide {
 protected:
  Watched() {
    somebody("cloudwatch:PutMetricAlarm", R"({"AlarmName": "loud", "MetricName": "m", "Namespace": "n", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum"})");
    set_alarm("OK");
  }
  void set_alarm(const char* state) {
    somebody("cloudwatch:SetAlarmState", fmt::format(R"({{"AlarmName": "loud", "StateValue": "{}", "StateReason": "r"}})",
                                                     state));
  }
  void start_with(const char* alarm, bool forgiving = false) {
    json::Object alarms{{"Alarms", json::Array{json::Object{{"Name", alarm}}}}, {"IgnorePollAlarmFailure", forgiving}};
    parent = engine->start_runbook("Nap", {{"Id", "a"}}, account, region, ana, {},
                                   {.for_each = {{"AlarmConfiguration", std::move(alarms)}}}).value();
    settle();
  }
  json::Value alarms_told() const { return json::at(engine->executor().describe(parent).value(), "TriggeredAlarms"); }
};

TEST_F(Watched, AnExecutionIsStoppedByItsAlarmAlsoWhileItSleeps) {
  start_with("loud");
  EXPECT_EQ(status(), "InProgress");
  set_alarm("ALARM");
  pass(seconds(35));
  EXPECT_EQ(status(), "Cancelled");
  EXPECT_EQ(json::print(alarms_told()), R"([{"Name":"loud","State":"ALARM"}])");
  pass(minutes(2));
  EXPECT_EQ(said(), 0u);
}

TEST_F(Watched, AnExecutionWhoseAlarmIsQuietComesToItsEnd) {
  start_with("loud");
  pass(minutes(2));
  EXPECT_EQ(status(), "Success");
  EXPECT_TRUE(alarms_told().is_null());
}

TEST_F(Watched, AnAlarmThatCannotBeReadStopsItWhereThatIsNotIgnored) {
  start_with("nobodys");
  EXPECT_EQ(status(), "Cancelled");
  EXPECT_EQ(json::print(alarms_told()), R"([{"Name":"nobodys","State":"UNKNOWN"}])");
  start_with("nobodys", true);
  pass(minutes(2));
  EXPECT_EQ(status(), "Success");
}

TEST_F(SideBySide, ARestartInTheMidstOfItDoesNothingTwice) {
  start_for("Nap", 8, {{"MaxConcurrency", "4"}});
  while (status() == "InProgress") {
    pass(seconds(25));
    start();
    settle();
  }
  EXPECT_EQ(status(), "Success");
  EXPECT_EQ(said(), 8u);
  EXPECT_THAT(children(), SizeIs(8));
}

TEST_F(SideBySide, OneThatIsAnsweredDoesNotWaitForTheOthers) {
  start_for("Ask", 3, {{"MaxConcurrency", "3"}});
  auto answer = [&](std::string_view target) {
    auto id = ExecutionId::parse(json::text(child(target), "id", ""));
    ASSERT_TRUE(id);
    ASSERT_TRUE(engine->signal_execution(*id, "Resume", "Wait", ana, ""));
    settle();
  };
  answer("a");
  ASSERT_THAT(children("Waiting"), SizeIs(2));
  answer("c");
  EXPECT_EQ(json::text(child("b"), "AutomationExecutionStatus"), "Waiting");
  EXPECT_EQ(json::text(child("c"), "AutomationExecutionStatus"), "Success");
  answer("b");
  EXPECT_EQ(status(), "Success");
}

TEST_F(SideBySide, TheyAreStoppedWithTheirParent) {
  start_for("Nap", 8, {{"MaxConcurrency", "4"}});
  pass(seconds(90));
  ASSERT_THAT(children("InProgress"), SizeIs(2));
  ASSERT_TRUE(engine->stop_execution(parent, ana, "enough", false));
  settle();
  EXPECT_EQ(status(), "Cancelled");
  EXPECT_THAT(children("InProgress"), SizeIs(0));
  EXPECT_THAT(children("Cancelled"), SizeIs(2));
  pass(minutes(10));
  EXPECT_EQ(said(), 1u);
}

TEST_F(SideBySide, TheirCallsAreUnderWayAtTheSameTime) {
  std::mutex mutex;
  std::condition_variable met;
  int inside = 0, most = 0;
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "PutParameter" || json::text(call.input, "Name") == "a") return std::nullopt;
    std::unique_lock lock(mutex);
    most = std::max(most, ++inside);
    met.notify_all();
    met.wait_for(lock, seconds(10), [&] { return most >= 2; });  // each waits for another one
    --inside;
    return std::nullopt;
  };
  start_for("Say", 3, {{"MaxConcurrency", "2"}});
  settle();
  EXPECT_EQ(status(), "Success");
  EXPECT_EQ(most, 2);
}

TEST_F(SideBySide, HaltedOnesGoOnWhenTheyMay) {
  ASSERT_TRUE(engine->halt({}, ana, "wait"));
  start_for("Say", 3, {{"MaxConcurrency", "3"}});
  pass(seconds(10));
  EXPECT_EQ(status(), "InProgress");
  EXPECT_EQ(said(), 0u);
  ASSERT_TRUE(engine->resume_all(ana, "go"));
  pass(seconds(10));
  EXPECT_EQ(status(), "Success");
  EXPECT_EQ(said(), 3u);
}

}  // namespace
}  // namespace aright::remediation
