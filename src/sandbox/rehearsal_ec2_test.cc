// Remediations of EC2 as they are rehearsed: real descriptions, hooks and slow states on the stage.

#include <gmock/gmock.h>

#include <algorithm>

#include "sandbox/overlay.h"
#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class Ec2OnStage : public SandboxTest {
 protected:
  void SetUp() override {
    auto vpc = text_at(ok("ec2:CreateVpc", R"({"CidrBlock": "10.0.0.0/16"})"), {"Vpc", "VpcId"});
    auto subnet =
        text_at(ok(with("ec2:CreateSubnet", R"({"CidrBlock": "10.0.1.0/24"})", "VpcId", vpc)),
                {"Subnet", "SubnetId"});
    group = json::text(ok(with("ec2:CreateSecurityGroup",
                               R"({"GroupName": "web", "Description": "web"})", "VpcId", vpc)),
                       "GroupId");
    ok(with("ec2:AuthorizeSecurityGroupIngress", ingress, "GroupId", group));
    auto run =
        with("ec2:RunInstances",
             R"({"ImageId": "ami-0a1b2c3d4e5f60718", "InstanceType": "t3.micro", "MinCount": 1,
        "MaxCount": 1, "MetadataOptions": {"HttpTokens": "optional"}})",
             "SubnetId", subnet);
    run.input["SecurityGroupIds"] = json::Array{json::Value(group)};
    instance = json::text(ok(run).at("Instances").at(0).at("InstanceId"));
    clock.advance(std::chrono::hours(1));
    cloud.clear_calls();
  }

  static std::string text_at(const json::Object& output,
                             std::initializer_list<std::string_view> path) {
    return json::text(json::at(json::Value(output), path));
  }
  static aws::Call with(std::string_view name, std::string_view input, std::string_view member,
                        std::string_view value) {
    auto call = call_of(name, input);
    call.input[member] = value;
    return call;
  }
  static aws::Call of_instance(std::string_view name, std::string_view id,
                               std::string_view input = "{}") {
    auto call = call_of(name, input);
    call.input["InstanceIds"] = json::Array{json::Value(id)};
    return call;
  }
  json::Object staged(const aws::Call& call) {
    auto output = overlay.call(call, {});
    EXPECT_TRUE(output) << call.name() << ": " << output.error().text();
    return output ? *output : json::Object();
  }
  std::string state() {
    return json::text(staged(of_instance("ec2:DescribeInstances", instance))
                          .at("Reservations")
                          .at(0)
                          .at("Instances")
                          .at(0)
                          .at("State")
                          .at("Name"));
  }
  json::Value rules(const json::Object& described) {
    return described.at("SecurityGroups").at(0).at("IpPermissions");
  }
  aws::Call describe_group() {
    auto call = call_of("ec2:DescribeSecurityGroups");
    call.input["GroupIds"] = json::Array{json::Value(group)};
    return call;
  }
  // What was rehearsed happens, and is taken back.
  void play_and_take_back() {
    for (const auto& write : overlay.writes())
      ok(write.call);
    clock.advance(std::chrono::hours(1));
    for (const auto& call : overlay.inverse())
      ok(call);
    clock.advance(std::chrono::hours(1));
  }

  static constexpr const char* ingress =
      R"({"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "d"}]},
                            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]})";
  static constexpr const char* ssh =
      R"({"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]})";
  std::string group, instance;
  Overlay overlay{cloud, {}, clock};
};

TEST_F(Ec2OnStage, RevokesARuleAndKnowsHowToBringItBack) {
  auto before = rules(ok(describe_group()));
  staged(with("ec2:RevokeSecurityGroupIngress", ssh, "GroupId", group));
  EXPECT_THAT(json::items(rules(staged(describe_group()))), SizeIs(1));
  EXPECT_THAT(json::items(rules(ok(describe_group()))), SizeIs(2));
  EXPECT_THAT(overlay.difference(), SizeIs(1));
  ASSERT_THAT(overlay.writes(), SizeIs(1));
  EXPECT_TRUE(overlay.writes()[0].reversible) << overlay.writes()[0].why_irreversible;
  play_and_take_back();
  auto after = rules(ok(describe_group()));
  EXPECT_THAT(json::items(after), ::testing::UnorderedElementsAreArray(json::items(before)));
}

TEST_F(Ec2OnStage, StopsAnInstanceInVirtualTime) {
  EXPECT_EQ(state(), "running");
  staged(of_instance("ec2:StopInstances", instance));
  EXPECT_EQ(state(), "stopping");
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(state(), "stopped");
  auto status = staged(
      of_instance("ec2:DescribeInstanceStatus", instance, R"({"IncludeAllInstances": true})"));
  EXPECT_EQ(json::text(status.at("InstanceStatuses").at(0).at("InstanceState").at("Name")),
            "stopped");
  auto real = ok(of_instance("ec2:DescribeInstances", instance));
  EXPECT_EQ(json::text(real.at("Reservations").at(0).at("Instances").at(0).at("State").at("Name")),
            "running");
}

TEST_F(Ec2OnStage, AsksForTokensInMetadata) {
  staged(with("ec2:ModifyInstanceMetadataOptions", R"({"HttpTokens": "required"})", "InstanceId",
              instance));
  auto difference = overlay.difference();
  auto tokens = [](const json::Change& one) {
    return one.pointer.ends_with("/MetadataOptions/HttpTokens");
  };
  EXPECT_TRUE(std::ranges::any_of(difference, tokens));
  ASSERT_THAT(overlay.inverse(), SizeIs(1));
  EXPECT_EQ(json::text(overlay.inverse()[0].input, "HttpTokens"), "optional");
}

TEST_F(Ec2OnStage, MovesAnInstanceIntoAGroupThatOnlyExistsThere) {
  auto described = ok(describe_group()).at("SecurityGroups").at(0);
  auto create = with("ec2:CreateSecurityGroup",
                     R"({"GroupName": "isolated", "Description": "nothing in or out"})", "VpcId",
                     json::text(described.at("VpcId")));
  auto isolated = json::text(staged(create), "GroupId");
  auto move = with("ec2:ModifyInstanceAttribute", "{}", "InstanceId", instance);
  move.input["Groups"] = json::Array{json::Value(isolated)};
  staged(move);
  auto there = staged(of_instance("ec2:DescribeInstances", instance))
                   .at("Reservations")
                   .at(0)
                   .at("Instances")
                   .at(0);
  EXPECT_EQ(json::text(there.at("SecurityGroups").at(0).at("GroupId")), isolated);
  auto precondition = overlay.precondition();
  EXPECT_THAT(precondition.resources, SizeIs(1));  // the instance; the group is not real
  EXPECT_THAT(cloud.calls(), IsEmpty());
}

}  // namespace
}  // namespace aright::sandbox
