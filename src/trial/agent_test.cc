// Commands of Systems Manager on emulated instances: what is sent, what runs, what is told of it.
#include "trial/agent.h"

#include <gmock/gmock.h>

#include "sandbox/commands.h"
#include "script/script.h"
#include "trial/seed.h"

namespace aright::trial {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view given = R"(
- call: iam:CreateRole
  input: {RoleName: managed, AssumeRolePolicyDocument: '{"Version": "2012-10-17", "Statement": []}'}
- call: iam:AttachRolePolicy
  input: {RoleName: managed, PolicyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}
- {call: iam:CreateInstanceProfile, input: {InstanceProfileName: managed}}
- {call: iam:AddRoleToInstanceProfile, input: {InstanceProfileName: managed, RoleName: managed}}
- {call: ec2:CreateVpc, input: {CidrBlock: 10.0.0.0/16}, as: vpc}
- {call: ec2:CreateSubnet, input: {VpcId: "${vpc.Vpc.VpcId}", CidrBlock: 10.0.1.0/24}, as: subnet}
- call: ec2:RunInstances
  as: managed
  input:
    ImageId: ami-0123456789abcdef0
    SubnetId: "${subnet.Subnet.SubnetId}"
    MinCount: 2
    MaxCount: 2
    IamInstanceProfile: {Name: managed}
    TagSpecifications: [{ResourceType: instance, Tags: [{Key: env, Value: test}]}]
- call: ec2:RunInstances
  as: plain
  input: {ImageId: ami-0123456789abcdef0, SubnetId: "${subnet.Subnet.SubnetId}", MinCount: 1, MaxCount: 1}
)";

class Commands : public ::testing::Test {
 protected:
  Commands() : cloud({}, clock) {
    cloud.run_commands(
        [this](sandbox::CommandRun run) { perform(cloud, std::move(run), Context::within(seconds(60))); });
  }
  void SetUp() override {
    if (auto able = script::can_jail(); !able) GTEST_FAIL() << able.error().message;
    auto seeded = seed(cloud, given, sandbox::default_account, "us-east-1", {});
    ASSERT_TRUE(seeded) << seeded.error().message;
    for (const auto& one : json::items(json::at(json::at(*seeded, "managed"), "Instances")))
      managed.push_back(json::text(one, "InstanceId", ""));
    plain = json::text(json::items(json::at(json::at(*seeded, "plain"), "Instances"))[0], "InstanceId", "");
    clock.advance(seconds(60));
  }

  Result<json::Object> call(std::string operation, json::Object input) {
    return cloud.call({.service = "ssm",
                       .operation = std::move(operation),
                       .region = "us-east-1",
                       .account = "",
                       .input = std::move(input)},
                      {});
  }
  json::Object ok(std::string operation, json::Object input) {
    auto output = call(operation, std::move(input));
    EXPECT_TRUE(output) << operation << ": " << output.error().message;
    return output ? *output : json::Object();
  }
  std::string refused(json::Object request) {
    auto output = call("SendCommand", std::move(request));
    return output ? "" : output.error().wire_code;
  }
  static json::Object request(json::Array commands, json::Object more = {}) {
    json::Object out{{"DocumentName", "AWS-RunShellScript"}, {"Parameters", {{"commands", std::move(commands)}}}};
    for (const auto& [name, value] : more)
      out[name] = value;
    return out;
  }
  std::string send(json::Object request) {
    return json::text(json::at(ok("SendCommand", std::move(request)), "Command"), "CommandId", "");
  }
  json::Object invocation(const std::string& id, const std::string& instance, json::Object more = {}) {
    more["CommandId"] = id;
    more["InstanceId"] = instance;
    return ok("GetCommandInvocation", std::move(more));
  }
  json::Array ids() const { return {json::Value(managed[0])}; }

  VirtualClock clock;
  sandbox::Cloud cloud;
  std::vector<std::string> managed;
  std::string plain;
};

TEST_F(Commands, RunAScriptAndTellWhatItPrintedAndHowItEnded) {
  auto id =
      send(request({"echo hello $AWS_SSM_INSTANCE_ID", "echo oops >&2", "exit 3"}, {{"InstanceIds", ids()}}));
  auto told = invocation(id, managed[0]);
  EXPECT_EQ(json::text(told, "Status"), "Failed");
  EXPECT_EQ(json::integer(json::at(told, "ResponseCode")), 3);
  EXPECT_EQ(json::text(told, "StandardOutputContent"), "hello " + managed[0] + "\n");
  EXPECT_EQ(json::text(told, "StandardErrorContent"), "oops\nfailed to run commands: exit status 3");
  EXPECT_EQ(json::text(told, "PluginName"), "aws:runShellScript");
  auto listed = ok("ListCommandInvocations", {{"CommandId", id}, {"Details", true}});
  const auto& plugin =
      json::items(json::at(json::items(json::at(listed, "CommandInvocations"))[0], "CommandPlugins"))[0];
  EXPECT_THAT(json::text(plugin, "Output", ""), HasSubstr("----------ERROR-------\noops"));
}

TEST_F(Commands, AreLoggedWhereTheySaySo) {
  cloud.call({.service = "iam", .operation = "AttachRolePolicy", .region = "us-east-1", .account = "",
              .input = {{"RoleName", "managed"}, {"PolicyArn", "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"}}},
             {}).value();
  auto id = send(request({"echo one", "echo two", "echo oops >&2"},
                         {{"InstanceIds", ids()}, {"CloudWatchOutputConfig", {{"CloudWatchOutputEnabled", true}}}}));
  auto told = invocation(id, managed[0]);
  EXPECT_EQ(json::text(json::at(told, "CloudWatchOutputConfig"), "CloudWatchLogGroupName", ""),
            "/aws/ssm/AWS-RunShellScript");
  auto logged = [&](const char* file) {
    auto stream = fmt::format("{}/{}/aws-runShellScript/{}", id, managed[0], file);
    json::Object input{{"logGroupName", "/aws/ssm/AWS-RunShellScript"}, {"logStreamName", stream}};
    auto events = cloud.call({.service = "logs", .operation = "GetLogEvents", .region = "us-east-1", .account = "",
                              .input = std::move(input)}, {});
    std::vector<std::string> out;
    EXPECT_TRUE(events) << events.error().message;
    if (events)
      for (const auto& one : json::items(json::at(*events, "events"))) out.push_back(json::text(one, "message", ""));
    return out;
  };
  EXPECT_THAT(logged("stdout"), testing::ElementsAre("one", "two"));
  EXPECT_THAT(logged("stderr"), testing::ElementsAre("oops"));
}

TEST_F(Commands, ReachAwsAsTheRoleOfTheInstance) {
  auto id = send(request({"aws sts get-caller-identity --query Arn --output text"}, {{"InstanceIds", ids()}}));
  EXPECT_EQ(json::text(invocation(id, managed[0]), "StandardOutputContent"),
            "arn:aws:sts::111122223333:assumed-role/managed/" + managed[0] + "\n");
}

TEST_F(Commands, EndAScriptThatTakesTooLong) {
  auto id = send(request({"echo begun; sleep 50"},
                         {{"InstanceIds", ids()},
                          {"Parameters", {{"commands", {"echo begun; sleep 50"}}, {"executionTimeout", {"1"}}}}}));
  auto told = invocation(id, managed[0]);
  EXPECT_EQ(json::text(told, "StatusDetails"), "ExecutionTimedOut");
  EXPECT_EQ(json::text(told, "StandardOutputContent"), "begun\n");
}

TEST_F(Commands, ShowTheBeginningOfMuchAndKeepTheWholeInABucket) {
  ASSERT_TRUE(cloud.call({.service = "s3",
                          .operation = "CreateBucket",
                          .region = "us-east-1",
                          .account = "",
                          .input = {{"Bucket", "acme-out"}}},
                         {}));
  auto id =
      send(request({"yes | head -c 100000"},
                   {{"InstanceIds", ids()}, {"OutputS3BucketName", "acme-out"}, {"OutputS3KeyPrefix", "runs"}}));
  EXPECT_THAT(json::text(invocation(id, managed[0]), "StandardOutputContent"),
              SizeIs(sandbox::stdout_characters_max));
  auto key = fmt::format("runs/{}/{}/awsrunShellScript/0.awsrunShellScript/stdout", id, managed[0]);
  auto kept = cloud.call({.service = "s3",
                          .operation = "HeadObject",
                          .region = "us-east-1",
                          .account = "",
                          .input = {{"Bucket", "acme-out"}, {"Key", key}}},
                         {});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(json::integer(json::at(*kept, "ContentLength")), 100'000);
}

TEST_F(Commands, GoToWhoeverHasTheTagAndAnAgent) {
  auto id =
      send(request({"true"}, {{"Targets", json::Array{json::Object{{"Key", "tag:env"}, {"Values", {"test"}}}}}}));
  auto command = json::items(json::at(ok("ListCommands", {{"CommandId", id}}), "Commands"))[0];
  EXPECT_EQ(json::integer(json::at(command, "TargetCount")), 2);
  EXPECT_EQ(json::text(command, "Status", ""), "Success");
  auto nobody =
      send(request({"true"}, {{"Targets", json::Array{json::Object{{"Key", "tag:env"}, {"Values", {"no"}}}}}}));
  command = json::items(json::at(ok("ListCommands", {{"CommandId", nobody}}), "Commands"))[0];
  EXPECT_EQ(json::text(command, "StatusDetails", ""), "NoInstancesInTag");
}

TEST_F(Commands, AreRefusedForInstancesThatNobodyReaches) {
  EXPECT_EQ(refused(request({"true"}, {{"InstanceIds", {plain}}})), "InvalidInstanceId");
  EXPECT_EQ(refused(request({"true"}, {{"InstanceIds", {"i-0"}}})), "InvalidInstanceId");
  EXPECT_EQ(refused(request({"true"})), "ValidationException");
  EXPECT_EQ(refused({{"DocumentName", "AWS-RunPowerShellScript"}, {"InstanceIds", ids()}}), "NotImplemented");
  ASSERT_TRUE(cloud.call({.service = "ec2",
                          .operation = "StopInstances",
                          .region = "us-east-1",
                          .account = "",
                          .input = {{"InstanceIds", ids()}}},
                         {}));
  EXPECT_EQ(refused(request({"true"}, {{"InstanceIds", ids()}})), "InvalidInstanceId");
  auto known = ok("DescribeInstanceInformation", {});
  EXPECT_THAT(json::items(json::at(known, "InstanceInformationList")), SizeIs(1));
}

TEST_F(Commands, FollowADocumentOfTheAccount) {
  ok("CreateDocument", {{"Name", "Greet"}, {"DocumentType", "Command"}, {"DocumentFormat", "YAML"}, {"Content", R"(
schemaVersion: "2.2"
parameters: {Who: {type: String}, Lines: {type: StringList, default: ["echo one", "echo two"]}}
mainSteps:
  - action: aws:runPowerShellScript
    name: windows
    precondition: {StringEquals: [platformType, Windows]}
    inputs: {runCommand: [dir]}
  - {action: aws:runShellScript, name: greet, inputs: {runCommand: ["echo hello {{ Who }}", "{{ Lines }}"]}}
  - {action: aws:runShellScript, name: fails, inputs: {runCommand: ["false"]}}
)"}});
  auto id = send({{"DocumentName", "Greet"}, {"InstanceIds", ids()}, {"Parameters", {{"Who", {"you"}}}}});
  EXPECT_EQ(json::text(invocation(id, managed[0], {{"PluginName", "greet"}}), "StandardOutputContent"),
            "hello you\none\ntwo\n");
  EXPECT_EQ(json::text(invocation(id, managed[0], {{"PluginName", "windows"}}), "Status"), "Success");
  EXPECT_EQ(json::text(invocation(id, managed[0], {{"PluginName", "fails"}}), "Status"), "Failed");
  auto unnamed = call("GetCommandInvocation", {{"CommandId", id}, {"InstanceId", managed[0]}});
  EXPECT_EQ(unnamed.error().wire_code, "InvalidPluginName");
}

TEST_F(Commands, AreUnknownWhereNobodySentThem) {
  auto none = call("GetCommandInvocation",
                   {{"CommandId", "9b2dd0bd-0000-4000-8000-000000000000"}, {"InstanceId", managed[0]}});
  EXPECT_EQ(none.error().wire_code, "InvocationDoesNotExist");
  EXPECT_EQ(call("CancelCommand", {{"CommandId", "9b2dd0bd-0000-4000-8000-000000000000"}}).error().wire_code,
            "InvalidCommandId");
}

}  // namespace
}  // namespace aright::trial
