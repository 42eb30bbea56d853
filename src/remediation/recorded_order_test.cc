// Maps and lists of answers: whoever goes on after a pause or a crash has them in the order that they had before.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

constexpr auto child = R"(
schemaVersion: "0.3"
outputs: [Second.Caller, First.Account]
mainSteps:
  - name: First
    action: aws:executeAwsApi
    inputs: {Service: sts, Api: GetCallerIdentity}
    outputs: [{Name: Account, Selector: $.Account, Type: String}]
  - name: Second
    action: aws:executeAwsApi
    inputs: {Service: sts, Api: GetCallerIdentity}
    outputs: [{Name: Caller, Selector: $, Type: StringMap}]
)";
// Says twice what its child told: at once, and after a pause.
constexpr auto parent = R"(
schemaVersion: "0.3"
mainSteps:
  - {name: Child, action: aws:executeAutomation, inputs: {DocumentName: Child}}
  - {name: Soon, action: aws:executeAwsApi, inputs: {Service: ssm, Api: PutParameter, Name: soon, Type: String, Value: "said: {{ Child.Output }}"}}
  - {name: Pause, action: aws:pause, inputs: {}}
  - {name: Late, action: aws:executeAwsApi, inputs: {Service: ssm, Api: PutParameter, Name: late, Type: String, Value: "said: {{ Child.Output }}"}}
)";

class TheRecordedOrder : public ::testing::Test, protected World {
 protected:
  std::string said(const char* name) {
    auto got = somebody("ssm:GetParameter", fmt::format(R"({{"Name": "{}"}})", name));
    return json::text(json::at(json::at(got, "Parameter"), "Value"));
  }
};

TEST_F(TheRecordedOrder, IsThatOfTheFirstLife) {
  open(manually, {{"Child", child}, {"Parent", parent}});
  auto id = engine->start_runbook("Parent", {}, account, region, ana, {}).value();
  settle();
  start();  // another life
  auto resumed = engine->signal_execution(id, "Resume", "Pause", ana, "");
  ASSERT_TRUE(resumed) << resumed.error().text() << json::print(engine->executor().describe(id).value());
  settle();
  EXPECT_EQ(said("soon"), said("late"));
  EXPECT_THAT(said("soon"), ::testing::EndsWith("\"111122223333\"]")) << "as the child declares its outputs";
}

}  // namespace
}  // namespace aright::remediation
