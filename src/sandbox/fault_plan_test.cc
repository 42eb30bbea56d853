// A bad day, as planned: what each word of a fault plan does, and that the seed decides.
#include "sandbox/fault_plan.h"

#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

FaultPlan plan_of(std::string_view yaml) {
  auto plan = parse_fault_plan(yaml);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  return plan ? *plan : FaultPlan();
}

class BadDay : public SandboxTest {
 protected:
  std::string code(std::string_view name, std::string_view input = "{}") {
    return refused(name, input);
  }
  std::int64_t counted(std::string_view what) {
    return json::integer(json::at(cloud.fault_counts(), what));
  }
};

TEST(FaultPlans, SayWhatIsWrongAndWhere) {
  auto message = [](std::string_view yaml) {
    auto plan = parse_fault_plan(yaml);
    return plan ? "" : plan.error().message;
  };
  EXPECT_EQ(message("faults: [{throttled: 1001}]"),
            "faults[0]: throttled must be 0 to 1000 of a thousand");
  EXPECT_EQ(message("faults: [{failed: 1}, {failed: 600, slow: 600}]"),
            "faults[1]: the rates come to more than a thousand");
  EXPECT_EQ(message("stale: [{service: iam}]"), "stale[0]: window is missing");
  EXPECT_EQ(message("throttling: [{service: ec2, burst: 1}]"),
            "throttling[0]: burst (at least 1) and per_second are needed");
  EXPECT_EQ(message("pages: 0"), "pages must be 1 to 1000 items");
  EXPECT_EQ(message("weather: bad"), "there is no member weather");
  EXPECT_EQ(message("timeout: soon"), "timeout must be a duration such as 250ms, 2s or 5m");
}

TEST(FaultPlans, AreReadAgainAsTheyArePrinted) {
  auto plan = plan_of(
      "{seed: 9, timeout: 250ms, pages: 3, stale: aws, throttling: aws, faults: [{service: s3, "
      "only: writes, "
      "lost_after: 5, slow: 10, by: 2s}]}");
  EXPECT_EQ(json::print(to_json(plan_of(json::print(to_json(plan))))), json::print(to_json(plan)));
}

TEST_F(BadDay, ThrottlesInTheWordsOfEachService) {
  cloud.set_faults(plan_of("faults: [{throttled: 1000}]"));
  EXPECT_EQ(code("ec2:DescribeInstances"), "RequestLimitExceeded");
  EXPECT_EQ(code("s3:ListBuckets"), "SlowDown");
  EXPECT_EQ(code("iam:ListUsers"), "Throttling");
  EXPECT_EQ(code("ssm:DescribeParameters"), "ThrottlingException");
  EXPECT_EQ(code("lambda:ListFunctions"), "TooManyRequestsException");
  EXPECT_EQ(code("dynamodb:ListTables"), "ProvisionedThroughputExceededException");
  EXPECT_EQ(counted("throttled"), 6);
}

TEST_F(BadDay, ALostAnswerMayHaveTakenEffect) {
  cloud.set_faults(
      plan_of("faults: [{operation: CreateBucket, lost_after: 1000}, {operation: CreateQueue, "
              "lost_before: 1000}]"));
  auto lost = cloud.call(call_of("s3:CreateBucket", R"({"Bucket":"logs"})"), {});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().retry, Retry::unknown_outcome);
  EXPECT_FALSE(cloud.call(call_of("sqs:CreateQueue", R"({"QueueName":"q"})"), {}));
  ok("s3:HeadBucket", R"({"Bucket":"logs"})");
  EXPECT_FALSE(ok("sqs:ListQueues").contains("QueueUrls"));
}

TEST_F(BadDay, TheSeedDecides) {
  auto run = [&](std::uint64_t seed) {
    auto plan = plan_of("faults: [{throttled: 200, failed: 200, lost_before: 200}]");
    plan.seed = seed;
    cloud.set_faults(plan);
    std::string told;
    for (int i = 0; i < 60; ++i)
      told += code("iam:ListUsers") + ";";
    return told;
  };
  auto first = run(1);
  EXPECT_EQ(run(1), first);
  EXPECT_NE(run(2), first);
}

TEST_F(BadDay, StaleReadsAnswerAsOfEarlierAndCatchUp) {
  cloud.set_faults(plan_of("stale: [{service: iam, window: 10s, always_whole: true}]"));
  ok("iam:CreateUser", R"({"UserName":"ana"})");
  clock.advance(seconds(3));
  EXPECT_EQ(code("iam:GetUser", R"({"UserName":"ana"})"), "NoSuchEntity");
  ok("s3:CreateBucket", R"({"Bucket":"logs"})");
  ok("s3:HeadBucket", R"({"Bucket":"logs"})");
  // Writes know the present.
  EXPECT_EQ(code("iam:CreateUser", R"({"UserName":"ana"})"), "EntityAlreadyExists");
  clock.advance(seconds(8));
  EXPECT_EQ(code("iam:GetUser", R"({"UserName":"ana"})"), "");
  ok("iam:DeleteUser", R"({"UserName":"ana"})");
  clock.advance(seconds(1));
  EXPECT_EQ(code("iam:GetUser", R"({"UserName":"ana"})"), "");
  cloud.set_faults({});
  EXPECT_EQ(code("iam:GetUser", R"({"UserName":"ana"})"), "NoSuchEntity");
}

TEST_F(BadDay, PagesAreSmallAndTokensLeadThroughAllOfThem) {
  for (int i = 0; i < 7; ++i)
    ok("iam:CreateUser", fmt::format(R"({{"UserName":"u{}"}})", i));
  cloud.set_faults(plan_of("pages: 3"));
  std::vector<std::size_t> sizes;
  std::string marker;
  do {
    auto page =
        ok("iam:ListUsers", marker.empty() ? "{}" : fmt::format(R"({{"Marker":"{}"}})", marker));
    sizes.push_back(json::items(json::at(page, "Users")).size());
    marker = json::text(page, "Marker", "");
  } while (!marker.empty() && sizes.size() < 10);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1}));
}

TEST_F(BadDay, BucketsFillWithTheCloudsTimeAndAreOnePerAccountRegionAndOperation) {
  cloud.set_faults(
      plan_of("throttling: [{service: ec2, operation: 'Describe*', burst: 2, per_second: 1}]"));
  auto ask = [&](const char* region) { return refused(call_of("ec2:DescribeVpcs", "{}", region)); };
  EXPECT_EQ(ask("us-east-1"), "");
  EXPECT_EQ(ask("us-east-1"), "");
  EXPECT_EQ(ask("us-east-1"), "RequestLimitExceeded");
  EXPECT_EQ(ask("eu-west-1"), "");
  EXPECT_EQ(code("ec2:DescribeSubnets"), "");
  EXPECT_EQ(refused_as({.account = "444455556666"}, "ec2:DescribeVpcs"), "");
  clock.advance(seconds(1));
  EXPECT_EQ(ask("us-east-1"), "");
  EXPECT_EQ(ask("us-east-1"), "RequestLimitExceeded");
  EXPECT_EQ(counted("limited"), 2);
}

TEST_F(BadDay, AWSsOwnRatesLetABurstOfInstancesThroughAndNoMore) {
  cloud.set_faults(plan_of("throttling: aws"));
  int refused_count = 0;
  for (int i = 0; i < 8; ++i)
    refused_count +=
        code("ec2:RunInstances", R"({"MinCount":1,"MaxCount":1})") == "RequestLimitExceeded";
  EXPECT_EQ(refused_count, 3);
}

}  // namespace
}  // namespace aright::sandbox
