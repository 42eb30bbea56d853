// Every kind of aspect, there and back: on the descriptions in testdata/kinds*.yaml.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "cloud/fake_cloud_test.h"
#include "cloud/image.h"

namespace aright::cloud {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* group = "AWS::EC2::SecurityGroup";
constexpr const char* instance = "AWS::EC2::Instance";
constexpr const char* role = "AWS::IAM::Role";

const Catalog& kinds() {
  static const Catalog catalog = [] {
    auto directory = std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/cloud/testdata";
    std::map<std::string, std::string> files;
    for (auto name : {"kinds.yaml", "kinds_iam.yaml", "kinds_edge.yaml", "kinds_match.yaml"})
      files[name] = *read_file(directory / name);
    auto loaded = Catalog::load(files);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
  }();
  return catalog;
}

aws::Call call(std::string service, std::string operation, std::string_view input) {
  return {.service = std::move(service),
          .operation = std::move(operation),
          .region = "us-east-1",
          .account = account,
          .input = json::members(value(input))};
}
aws::Call ec2(std::string operation, std::string_view input) {
  return call("ec2", std::move(operation), input);
}
aws::Call iam(std::string operation, std::string_view input) {
  return call("iam", std::move(operation), input);
}

class KindsTest : public testing::Test {
 protected:
  Image before(const aws::Call& call) {
    auto image = read_image(cloud, call, context, kinds());
    EXPECT_TRUE(image) << image.error().text();
    return image.value_or(Image{});
  }
  json::Object make(const aws::Call& call) {
    auto output = cloud.call(call, context);
    EXPECT_TRUE(output) << output.error().text();
    return output.value_or(json::Object());
  }
  Judgement judged(const aws::Call& call, const Image& was) {
    auto found = judge(cloud, call, was, context, kinds());
    EXPECT_TRUE(found) << found.error().text();
    return found.value_or(Judgement{});
  }
  // Takes the call back, makes what that needs, and says what it was.
  std::vector<std::string> back(const aws::Call& call, const Image& was,
                                const json::Object& output = {}) {
    auto now = read_again(cloud, was, context, kinds());
    EXPECT_TRUE(now) << now.error().text();
    auto way = take_back(call, was, output, *now, kinds());
    EXPECT_TRUE(way) << way.error().text();
    std::vector<std::string> said;
    for (const auto& one : way ? way->calls : std::vector<aws::Call>()) {
      said.push_back(one.operation + " " + json::print(one.input));
      make(one);
    }
    conflicts = way ? way->conflicts : std::vector<std::string>();
    return said;
  }

  FakeCloud cloud{kinds()};
  Context context;
  std::vector<std::string> conflicts;
};

TEST_F(KindsTest, APatchTakesBackTheMembersItTouched) {
  auto& state = cloud.at(instance, "i-1");
  state["MetadataOptions"] =
      value(R"({"HttpTokens":"optional","HttpEndpoint":"enabled","HttpPutResponseHopLimit":1})");
  auto require =
      ec2("ModifyInstanceMetadataOptions", R"({"InstanceId":"i-1","HttpTokens":"required"})");
  auto was = before(require);
  make(require);
  state["MetadataOptions"].as_object()["HttpPutResponseHopLimit"] = 2;  // somebody else
  EXPECT_EQ(judged(require, was).outcome, Outcome::applied);
  EXPECT_THAT(
      back(require, was),
      ElementsAre(R"(ModifyInstanceMetadataOptions {"InstanceId":"i-1","HttpTokens":"optional"})"));
  EXPECT_THAT(conflicts, IsEmpty());
  EXPECT_EQ(
      state["MetadataOptions"],
      value(R"({"HttpTokens":"optional","HttpEndpoint":"enabled","HttpPutResponseHopLimit":2})"));
}

TEST_F(KindsTest, ASwitchIsThrownBack) {
  cloud.at("AWS::EC2::Defaults", account)["EbsEncryptionByDefault"] = false;
  auto enable = ec2("EnableEbsEncryptionByDefault", "{}");
  auto was = before(enable);
  EXPECT_EQ(judged(enable, was).outcome, Outcome::not_applied);
  make(enable);
  EXPECT_EQ(judged(enable, was).outcome, Outcome::applied);
  EXPECT_THAT(back(enable, was), ElementsAre("DisableEbsEncryptionByDefault {}"));
}

TEST_F(KindsTest, AStateOnItsWayCountsAsArrived) {
  auto& state = cloud.at(instance, "i-1");
  state["State"] = "running";
  auto stop = ec2("StopInstances", R"({"InstanceIds":["i-1"]})");
  auto was = before(stop);
  state["State"] = "stopping";
  EXPECT_EQ(judged(stop, was).outcome, Outcome::applied);
  EXPECT_THAT(back(stop, was), ElementsAre(R"(StartInstances {"InstanceIds":["i-1"]})"));
  state["State"] = "pending";
  was = before(stop);
  state["State"] = "stopped";
  EXPECT_THAT(back(stop, was), ElementsAre(R"(StartInstances {"InstanceIds":["i-1"]})"));
}

constexpr const char* two_rules = R"([{"IpProtocol":"tcp","FromPort":22,"ToPort":22,
    "IpRanges":[{"CidrIp":"0.0.0.0/0","Description":"all"},{"CidrIp":"10.0.0.0/8"}]}])";

TEST_F(KindsTest, ARevokedRuleComesBackWithItsDescriptionAndNoOtherDoes) {
  auto& state = cloud.at(group, "sg-1");
  state["SecurityGroupIngress"] = value(two_rules);
  auto revoke = ec2(
      "RevokeSecurityGroupIngress",
      R"({"GroupId":"sg-1","IpPermissions":)"
      R"([{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]})");
  auto was = before(revoke);
  make(revoke);
  EXPECT_EQ(json::items(state["SecurityGroupIngress"]).size(), 1u);
  EXPECT_EQ(judged(revoke, was).outcome, Outcome::applied);
  EXPECT_THAT(back(revoke, was),
              ElementsAre(R"(AuthorizeSecurityGroupIngress {"GroupId":"sg-1","IpPermissions":)"
                          R"([{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":)"
                          R"([{"CidrIp":"0.0.0.0/0","Description":"all"}]}]})"));
}

TEST_F(KindsTest, ManySourcesAreGatheredIntoOneCall) {
  auto& state = cloud.at(group, "sg-1");
  state["SecurityGroupIngress"] = value(two_rules);
  auto revoke =
      ec2("RevokeSecurityGroupIngress",
          json::print(json::Object{{"GroupId", "sg-1"}, {"IpPermissions", value(two_rules)}}));
  auto was = before(revoke);
  make(revoke);
  EXPECT_TRUE(state["SecurityGroupIngress"].is_null());
  EXPECT_EQ(back(revoke, was).size(), 1u);
  EXPECT_EQ(json::items(state["SecurityGroupIngress"]).size(), 2u);
}

TEST_F(KindsTest, SomebodyElsesRuleStays) {
  auto& state = cloud.at(group, "sg-1");
  auto open = ec2(
      "AuthorizeSecurityGroupIngress",
      R"({"GroupId":"sg-1","IpPermissions":)"
      R"([{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]}]})");
  auto was = before(open);
  make(open);
  make(ec2(
      "AuthorizeSecurityGroupIngress",
      R"({"GroupId":"sg-1","IpPermissions":)"
      R"([{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"192.168.0.0/16"}]}]})"));
  EXPECT_EQ(judged(open, was).outcome, Outcome::applied);
  EXPECT_EQ(back(open, was).size(), 1u);
  EXPECT_EQ(
      json::print(state["SecurityGroupIngress"]),
      R"([{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"192.168.0.0/16"}]}])");
}

TEST_F(KindsTest, TagsOfSeveralResourcesGoBackEach) {
  cloud.at(group, "sg-1")["Tags"] = value(R"([{"Key":"a","Value":"old"}])");
  cloud.at(instance, "i-1");
  auto tag =
      ec2("CreateTags", R"({"Resources":["sg-1","i-1"],"Tags":[{"Key":"a","Value":"new"}]})");
  auto was = before(tag);
  make(tag);
  back(tag, was);
  EXPECT_EQ(cloud.at(group, "sg-1")["Tags"], value(R"([{"Key":"a","Value":"old"}])"));
  EXPECT_TRUE(cloud.at(instance, "i-1")["Tags"].is_null());
}

TEST_F(KindsTest, EntriesOfAMapGoAndComeBackAlone) {
  auto& state = cloud.at(role, "r");
  state["Policies"] = json::Object{{"kept", "{\"a\":1}"}, {"changed", "{\"b\":1}"}};
  auto put = iam("PutRolePolicy",
                 R"({"RoleName":"r","PolicyName":"changed","PolicyDocument":"{\"b\":2}"})");
  auto was = before(put);
  make(put);
  EXPECT_THAT(
      back(put, was),
      ElementsAre(
          R"(PutRolePolicy {"RoleName":"r","PolicyName":"changed","PolicyDocument":"{\"b\":1}"})"));
  auto add = iam("PutRolePolicy", R"({"RoleName":"r","PolicyName":"new","PolicyDocument":"{}"})");
  was = before(add);
  make(add);
  EXPECT_THAT(back(add, was),
              ElementsAre(R"(DeleteRolePolicy {"RoleName":"r","PolicyName":"new"})"));
}

TEST_F(KindsTest, AttachmentsAreNamedByTheirIdentity) {
  auto& state = cloud.at(role, "r");
  state["ManagedPolicyArns"] = value(R"([{"PolicyArn":"arn:p/One","PolicyName":"One"}])");
  auto detach = iam("DetachRolePolicy", R"({"RoleName":"r","PolicyArn":"arn:p/One"})");
  auto was = before(detach);
  make(detach);
  EXPECT_TRUE(state["ManagedPolicyArns"].is_null());
  EXPECT_THAT(back(detach, was),
              ElementsAre(R"(AttachRolePolicy {"RoleName":"r","PolicyArn":"arn:p/One"})"));
  EXPECT_EQ(state["ManagedPolicyArns"], value(R"([{"PolicyArn":"arn:p/One","PolicyName":"One"}])"));
}

TEST_F(KindsTest, OneCallForTheAspectsThatOneOperationWrites) {
  auto& state = cloud.at(role, "r");
  state["MaxSessionDuration"] = 3600;
  state["Description"] = "old";
  auto update =
      iam("UpdateRole", R"({"RoleName":"r","MaxSessionDuration":7200,"Description":"new"})");
  auto was = before(update);
  make(update);
  EXPECT_THAT(
      back(update, was),
      ElementsAre(R"(UpdateRole {"RoleName":"r","MaxSessionDuration":3600,"Description":"old"})"));
}

TEST_F(KindsTest, WhatIsRecreatedHasEverythingAgain) {
  auto& state = cloud.at(role, "r");
  state["AssumeRolePolicyDocument"] = "{}";
  state["MaxSessionDuration"] = 7200;
  state["Policies"] = json::Object{{"p", "{}"}};
  state["ManagedPolicyArns"] = value(R"([{"PolicyArn":"arn:p/One","PolicyName":"One"}])");
  auto original = state;
  auto drop = iam("DeleteRole", R"({"RoleName":"r"})");
  auto was = before(drop);
  make(drop);
  EXPECT_FALSE(cloud.has(role, "r"));
  back(drop, was);
  for (auto& [name, aspect] : cloud.at(role, "r"))
    EXPECT_EQ(aspect, original[name]) << name;
}

TEST_F(KindsTest, ABirthIsTakenBackByTheIdInTheAnswer) {
  auto create = ec2("CreateSecurityGroup", R"({"GroupName":"g","Description":"d"})");
  auto was = before(create);
  auto output = make(create);
  EXPECT_THAT(back(create, was, output),
              ElementsAre(R"(DeleteSecurityGroup {"GroupId":"sg-0001"})"));
  EXPECT_THAT(back(create, was, output), IsEmpty());  // it is gone already
  EXPECT_EQ(inverse(create, was, {}, kinds()).error().code, Errc::unsupported);
}

TEST_F(KindsTest, ABirthWithoutAnAnswerIsRecognisedByItsLooks) {
  cloud.at(group, "sg-old");
  auto create = ec2("CreateSecurityGroup", R"({"GroupName":"g","Description":"d"})");
  auto was = before(create);
  EXPECT_EQ(judged(create, was).outcome, Outcome::not_applied);
  auto& other = cloud.at(group, "sg-other");
  other["GroupName"] = "somebody's";
  EXPECT_EQ(judged(create, was).outcome, Outcome::drifted);  // not ours, but who knows
  make(create);
  auto verdict = judged(create, was);
  EXPECT_EQ(verdict.outcome, Outcome::applied);
  EXPECT_EQ(json::Value(verdict.output), value(R"({"GroupId":"sg-0001"})"));
  make(create);
  EXPECT_EQ(judged(create, was).outcome, Outcome::drifted);  // two that look alike
}

TEST_F(KindsTest, PatchOperationsAreTakenBackPathByPath) {
  auto& state = cloud.at("AWS::ApiGateway::Stage", "prod");
  state["MethodSettings"] = value(R"({"*/*":{"loggingLevel":"OFF","metricsEnabled":true}})");
  state["Variables"] = value(R"({"a":"1"})");
  auto update = call("apigateway", "UpdateStage",
                     R"({"restApiId":"one","stageName":"prod","patchOperations":[
      {"op":"replace","path":"/*/*/logging/loglevel","value":"INFO"},
      {"op":"replace","path":"/variables/b","value":"2"},{"op":"remove","path":"/variables/a"}]})");
  auto was = before(update);
  make(update);
  EXPECT_EQ(state["MethodSettings"],
            value(R"({"*/*":{"loggingLevel":"INFO","metricsEnabled":true}})"));
  EXPECT_EQ(state["Variables"], value(R"({"b":"2"})"));
  EXPECT_EQ(judged(update, was).outcome, Outcome::applied);
  back(update, was);
  EXPECT_EQ(state["MethodSettings"],
            value(R"({"*/*":{"loggingLevel":"OFF","metricsEnabled":true}})"));
  EXPECT_EQ(state["Variables"], value(R"({"a":"1"})"));
}

TEST_F(KindsTest, APatchPathInNoDescriptionHasNoWayBack) {
  auto update = call("apigateway", "UpdateStage",
                     R"({"restApiId":"one","stageName":"prod","patchOperations":[
      {"op":"replace","path":"/description","value":"x"},
      {"op":"replace","path":"/*/*/caching/enabled","value":"true"}]})");
  auto what = classify(update, kinds());
  EXPECT_FALSE(what.invertible);
  EXPECT_THAT(what.why_not, testing::HasSubstr("/*/*/caching/enabled"));
}

TEST_F(KindsTest, AnInverseNamesTheStateThatWasReadLast) {
  auto& state = cloud.at("AWS::CloudFront::Distribution", "E1");
  state["DistributionConfig"] = value(R"({"Comment":"old"})");
  state["ETag"] = "one";
  auto update =
      call("cloudfront", "UpdateDistribution",
           R"({"Id":"E1","IfMatch":"one","DistributionConfig":{"Comment":"new"}})");
  auto was = before(update);
  make(update);
  state["ETag"] = "two";  // as the service draws it anew
  EXPECT_EQ(judged(update, was).outcome, Outcome::applied);
  EXPECT_THAT(
      back(update, was),
      ElementsAre(
          R"(UpdateDistribution {"Id":"E1","DistributionConfig":{"Comment":"old"},"IfMatch":"two"})"));
  EXPECT_THAT(conflicts, IsEmpty());
}

}  // namespace
}  // namespace aright::cloud
