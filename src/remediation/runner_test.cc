// What a function reports with the token of its event, and with another's.
#include "remediation/runner.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "remediation/policy.h"
#include "script/script.h"

namespace aright::remediation {
namespace {

constexpr const char* judging_policy = R"(
targets: [{account: "111122223333", regions: [us-east-1]}]
functions:
  judge:
    handler: index.handler
    code: |
      import boto3
      def handler(event, context):
        boto3.client("config").put_evaluations(
          ResultToken=event["says"], TestMode=event.get("test", False),
          Evaluations=[{"ComplianceResourceType": "AWS::S3::Bucket", "ComplianceResourceId": "acme",
                        "ComplianceType": "COMPLIANT", "OrderingTimestamp": "2024-05-01T10:00:00Z"}])
        return "reported"
)";

// Nothing that a function reports is a call of the cloud.
class Nobody final : public aws::Caller {
 public:
  Result<json::Object> call(const aws::Call& call, const Context&) override {
    return fail(Errc::denied, "{} came through", call.name());
  }
};

class Reports : public ::testing::Test {
 protected:
  void SetUp() override {
    if (auto able = script::can_jail(); !able) GTEST_FAIL() << able.error().message;
    auto policy = parse_policy(judging_policy, ".");
    ASSERT_TRUE(policy) << policy.error().message;
    auto library = Library::open(*policy);
    ASSERT_TRUE(library) << library.error().message;
    library_ = std::move(*library);
  }
  // What lambda:Invoke answers, its payload as a text.
  json::Object invoke(json::Object event) {
    runbook::CallAws call{.token = "t", .step = "Judge", .service = "lambda", .operation = "Invoke"};
    call.input = {{"FunctionName", "judge"}, {"Payload", to_base64(json::print(event))}};
    Ground ground{.library = &*library_, .door = &door_, .clock = &clock_};
    auto returned = perform(call, {.execution_id = "e", .account = "111122223333", .region = "us-east-1"}, ground, {});
    EXPECT_TRUE(returned && !returned->error);
    auto answer = json::members(returned->output);
    answer["Payload"] = from_base64(json::text(answer, "Payload")).value_or("");
    return answer;
  }

  std::optional<Library> library_;
  Nobody door_;
  VirtualClock clock_;
};

TEST_F(Reports, AreTakenWithTheTokenOfTheEvent) {
  auto answer = invoke({{"resultToken", "mine"}, {"says", "mine"}});
  EXPECT_EQ(json::text(answer, "Payload"), "\"reported\"");
  ASSERT_EQ(json::items(json::at(answer, "Evaluations")).size(), 1u);
  EXPECT_EQ(json::text(json::items(json::at(answer, "Evaluations"))[0], "ComplianceResourceId", ""), "acme");
}

TEST_F(Reports, AreRefusedWithAnothersToken) {
  auto answer = invoke({{"resultToken", "mine"}, {"says", "yours"}});
  EXPECT_NE(json::text(answer, "Payload").find("InvalidResultTokenException"), std::string::npos);
  EXPECT_FALSE(answer.contains("Evaluations"));
}

TEST_F(Reports, CountForNothingInATest) {
  auto answer = invoke({{"resultToken", "mine"}, {"says", "yours"}, {"test", true}});
  EXPECT_EQ(json::text(answer, "Payload"), "\"reported\"");
  EXPECT_FALSE(answer.contains("Evaluations"));
}

TEST_F(Reports, GoToTheCloudWhereTheEventHasNoToken) {
  auto answer = invoke({{"says", "mine"}});
  EXPECT_EQ(json::text(answer, "FunctionError"), "Unhandled");
}

}  // namespace
}  // namespace aright::remediation
