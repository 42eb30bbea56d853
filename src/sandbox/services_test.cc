// Every service as its testdata/<service>.yaml tells it. What `expect` says must be in the answer; null says that it must
// not be there; a list has as many items. `error` is the code of a refusal and
// `message` its text, `wait` lets seconds pass.
#include <set>

#include "cloud/classify.h"
#include "cloud/snapshot.h"
#include "sandbox/stories.h"

namespace aright::sandbox {
namespace {

class Services : public ::testing::TestWithParam<Story> {
 protected:
  void perform(const json::Value& step, const aws::Call& call) {
    auto output = cloud.call(call, {});
    auto error = json::text(step, "error", "");
    if (!error.empty()) {
      ASSERT_FALSE(output) << call.name() << " is not refused, but answers "
                           << json::print(*output);
      EXPECT_EQ(output.error().wire_code, error) << call.name() << ": " << output.error().message;
      EXPECT_EQ(output.error().message, json::text(step, "message", output.error().message));
      return;
    }
    ASSERT_TRUE(output) << call.name() << ": " << output.error().wire_code << ": "
                        << output.error().message;
    auto expected = memory.filled(json::at(step, "expect"));
    EXPECT_EQ(difference(expected.is_null() ? json::Object() : expected, *output, call.name()), "");
    memory.keep(step, *output);
  }

  VirtualClock clock;
  Cloud cloud{{}, clock};
  Memory memory;
};

TEST_P(Services, BehaveAsTold) {
  each_call(GetParam(), clock, memory, [&](const json::Value& step, const aws::Call& call) {
    perform(step, call);
    if (HasFailure()) ADD_FAILURE() << "at the step " << json::print(step);
    return !HasFailure();
  });
}

INSTANTIATE_TEST_SUITE_P(Testdata, Services, ::testing::ValuesIn(stories()), [](const auto& info) {
  auto name = info.param.service + "_" + info.param.title;
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

// What a write of a story answers, when that is nothing although its model has something to answer.
std::set<std::string> silent_writes(const Story& story) {
  std::set<std::string> out;
  VirtualClock clock;
  Cloud cloud({}, clock);
  Memory memory;
  each_call(story, clock, memory, [&](const json::Value& step, const aws::Call& call) {
    auto output = cloud.call(call, {});
    if (!output) return true;
    memory.keep(step, *output);
    auto service = model::Models::embedded().service(call.service);
    auto operation = service ? service->operation(call.operation) : std::nullopt;
    bool says = operation && operation->output() && !operation->output().members().empty();
    if (says && output->empty() && cloud::classify(call, cloud.catalog()).writes()) out.insert(call.name());
    return true;
  });
  return out;
}

TEST(Writes, AnswerWhatTheirModelsHaveToAnswer) {
  const std::set<std::string> may_be_silent{  // what they answer is about what was asked for, or there, in some cases
      "dynamodb:PutItem",    "s3:AbortMultipartUpload", "s3:DeleteObjectTagging", "s3:PutBucketLifecycleConfiguration",
      "s3:PutObjectAcl",     "s3:PutObjectLegalHold",   "s3:PutObjectRetention",  "s3:PutObjectTagging",
      "sqs:ReceiveMessage"};
  std::set<std::string> silent;
  for (const auto& story : stories()) silent.merge(silent_writes(story));
  for (const auto& name : may_be_silent) silent.erase(name);
  EXPECT_TRUE(silent.empty()) << fmt::format("{}", fmt::join(silent, "\n"));
}

// As AWS hands an account over: in each region, for each account, and only once.
TEST(AnAccount, BeginsWithADefaultVpcInEachRegion) {
  VirtualClock clock;
  Cloud cloud({.furnished = true}, clock);
  auto vpcs = [&](Cloud& of, const char* region) {
    auto answer = of.call(call_of("ec2:DescribeVpcs", "{}", region), {});
    return answer ? json::items(json::at(*answer, "Vpcs")) : json::Array();
  };
  ASSERT_EQ(vpcs(cloud, "us-east-1").size(), 1u);
  ASSERT_EQ(vpcs(cloud, "eu-west-1").size(), 1u);
  EXPECT_NE(vpcs(cloud, "us-east-1"), vpcs(cloud, "eu-west-1"));
  EXPECT_TRUE(json::truth(json::at(vpcs(cloud, "us-east-1")[0], "IsDefault")));
  auto all = [&](const char* operation, const char* list) {
    auto answer = cloud.call(call_of(operation), {});
    return answer ? json::items(json::at(*answer, list)) : json::Array();
  };
  EXPECT_EQ(all("ec2:DescribeSubnets", "Subnets").size(), 3u);
  EXPECT_EQ(all("ec2:DescribeSecurityGroups", "SecurityGroups").size(), 1u);
  EXPECT_EQ(all("ec2:DescribeNetworkAcls", "NetworkAcls").size(), 1u);
  EXPECT_EQ(all("ec2:DescribeInternetGateways", "InternetGateways").size(), 1u);
  auto tables = all("ec2:DescribeRouteTables", "RouteTables");
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(json::items(json::at(tables[0], "Routes")).size(), 2u);
  EXPECT_TRUE(cloud.calls().empty()) << "nobody called";
  ASSERT_TRUE(cloud.call(call_of("ec2:RunInstances", R"({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1})"), {}));

  Cloud again({.furnished = true}, clock);
  ASSERT_TRUE(again.import_state(cloud.export_state()));
  EXPECT_EQ(vpcs(again, "us-east-1"), vpcs(cloud, "us-east-1"));
}

class Inventory : public SandboxTest {};

TEST_F(Inventory, DoesNotCountWhatIsTerminated) {
  ok("ec2:CreateDefaultVpc");
  auto run = ok("ec2:RunInstances", R"({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 2})");
  auto count = [&] {
    auto all = cloud::list_resources(cloud, "AWS::EC2::Instance", default_account, "us-east-1", {});
    return all ? all->size() : 0;
  };
  EXPECT_EQ(count(), 2u);
  auto terminate = call_of("ec2:TerminateInstances");
  terminate.input["InstanceIds"] = json::Array{run.at("Instances").at(0).at("InstanceId")};
  ok(terminate);
  EXPECT_EQ(count(), 1u);
}

}  // namespace
}  // namespace aright::sandbox
