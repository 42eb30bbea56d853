// On which ARNs a call is judged; the sandbox's JudgesWhatIsCalledByANameOnItsArn has more of them.
#include "cloud/needs.h"

#include <gmock/gmock.h>

#include "json/value.h"

namespace aright::cloud {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> judged_on(std::string_view name, std::string_view input) {
  auto colon = name.find(':');
  aws::Call call{.service = std::string(name.substr(0, colon)), .operation = std::string(name.substr(colon + 1)),
                 .region = "us-east-1", .account = "111122223333", .input = json::parse(input).value().as_object()};
  const auto& catalog = Catalog::embedded();
  std::vector<std::string> out;
  for (const auto& permission : permissions_of(call.service, call.operation))
    for (auto& arn : named_arns(call, permission, catalog, [&](const ResourceRef& ref) { return catalog.arn(ref); }))
      out.push_back(std::move(arn));
  return out;
}

TEST(Needs, AreOfTheResourceThatIsNamed) {
  EXPECT_THAT(judged_on("ec2:DeleteVolume", R"({"VolumeId":"vol-0123456789abcdef0"})"),
              ElementsAre("arn:aws:ec2:us-east-1:111122223333:volume/vol-0123456789abcdef0"));
  EXPECT_THAT(judged_on("ssm:DeleteParameters", R"({"Names":["plain","/deep/one"]})"),
              ElementsAre("arn:aws:ssm:us-east-1:111122223333:parameter/plain",
                          "arn:aws:ssm:us-east-1:111122223333:parameter/deep/one"));
}

TEST(Needs, AreOfWhatItIsAPartOfWhereIamHasNoTypeForTheParts) {
  EXPECT_THAT(judged_on("ec2:CreateLaunchTemplateVersion", R"({"LaunchTemplateId":"lt-0123456789abcdef0"})"),
              ElementsAre("arn:aws:ec2:us-east-1:111122223333:launch-template/lt-0123456789abcdef0"));
  EXPECT_THAT(judged_on("iam:DeleteAccessKey", R"({"UserName":"ana","AccessKeyId":"AKIAX"})"),
              ElementsAre("arn:aws:iam::111122223333:user/ana"));
}

TEST(Needs, AreOfWhatIsYetToCome) {
  EXPECT_THAT(judged_on("elbv2:CreateLoadBalancer", R"({"Name":"web","Type":"gateway"})"),
              ElementsAre("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/gwy/web/*"));
  EXPECT_THAT(judged_on("ec2:CreateVolume", R"({"AvailabilityZone":"us-east-1a"})"),
              ElementsAre("arn:aws:ec2:us-east-1:111122223333:volume/*"));
}

TEST(Needs, AreOfWhatItIsMadeOf) {
  EXPECT_THAT(judged_on("ec2:CreateSnapshot", R"({"VolumeId":"vol-0123456789abcdef0"})"),
              ElementsAre("arn:aws:ec2:us-east-1::snapshot/*",
                          "arn:aws:ec2:us-east-1:111122223333:volume/vol-0123456789abcdef0"));
  EXPECT_THAT(judged_on("ec2:CreateFlowLogs", R"({"ResourceIds":["vpc-0123456789abcdef0"],"ResourceType":"VPC"})"),
              ElementsAre("arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/*",
                          "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0123456789abcdef0"));
  EXPECT_THAT(judged_on("rds:CreateDBSnapshot", R"({"DBInstanceIdentifier":"db","DBSnapshotIdentifier":"s"})"),
              ElementsAre("arn:aws:rds:us-east-1:111122223333:snapshot:s", "arn:aws:rds:us-east-1:111122223333:db:db"));
}

TEST(Needs, AreOfWhatMembersNameThatAreCalledAsKeysAre) {
  EXPECT_THAT(judged_on("ssm:GetParameters", R"({"Names":["one","/a/two"]})"),
              ElementsAre("arn:aws:ssm:us-east-1:111122223333:parameter/one",
                          "arn:aws:ssm:us-east-1:111122223333:parameter/a/two"));
}

TEST(Needs, AreOfNothingWhereNothingIsNamed) {
  EXPECT_THAT(judged_on("kms:ListKeys", "{}"), IsEmpty());
}

}  // namespace
}  // namespace aright::cloud
