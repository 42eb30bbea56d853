#include "sandbox/trail.h"

#include <gmock/gmock.h>

#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

class Trail : public SandboxTest {
 protected:
  void SetUp() override {
    cloud.on_call([&](const json::Object& event) { events.push_back(event); });
  }
  const json::Value& detail(std::string_view member) {
    return json::at(json::at(events.back(), "detail"), member);
  }
  std::vector<json::Object> events;
};

TEST_F(Trail, TellsOfEveryWriteAsCloudTrailWould) {
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(json::text(events[0], "source"), "aws.s3");
  EXPECT_EQ(json::text(events[0], "detail-type"), "AWS API Call via CloudTrail");
  EXPECT_EQ(json::text(events[0], "account"), "111122223333");
  EXPECT_EQ(json::text(detail("eventSource")), "s3.amazonaws.com");
  EXPECT_EQ(json::text(detail("eventName")), "CreateBucket");
  EXPECT_EQ(json::text(json::at(detail("requestParameters"), "bucketName")), "logs");
}

TEST_F(Trail, IsSilentAboutReadsAndFailures) {
  ok("s3:ListBuckets");
  refused("s3:DeleteBucket", R"({"Bucket": "logs"})");
  EXPECT_TRUE(events.empty());
}

TEST_F(Trail, UsesTheNamesOfTheTrail) {
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  ok("s3:PutPublicAccessBlock",
     R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})");
  EXPECT_EQ(json::text(detail("eventName")), "PutBucketPublicAccessBlock");
  ok("s3control:PutPublicAccessBlock",
     R"({"AccountId": "111122223333", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})");
  EXPECT_EQ(json::text(detail("eventName")), "PutAccountPublicAccessBlock");
  EXPECT_EQ(json::text(detail("eventSource")), "s3.amazonaws.com");
}

TEST_F(Trail, NamesMembersSmallAndListsOfEc2AsItems) {
  WriteRecord write{
      .call = call_of(
          "ec2:AuthorizeSecurityGroupIngress",
          R"({"GroupId": "sg-1", "IpPermissions": [{"FromPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]})")};
  auto event = trail_event(cloud.models(), {}, write, "id");
  EXPECT_EQ(event.at("detail").at("requestParameters"),
            value_of(R"({"groupId": "sg-1", "ipPermissions": {"items": [{"fromPort": 22,
                         "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}})"));
}

TEST_F(Trail, SaysWhoCalled) {
  Principal role{.account = "111122223333",
                 .arn = "arn:aws:sts::111122223333:assumed-role/deploy/run-7",
                 .user_id = "AROA:run-7"};
  as(role, "s3:CreateBucket", R"({"Bucket": "logs"})");
  EXPECT_EQ(json::text(json::at(detail("userIdentity"), "type")), "AssumedRole");
  EXPECT_EQ(
      json::text(json::at(detail("userIdentity"), {"sessionContext", "sessionIssuer", "userName"})),
      "deploy");
  ok("s3:DeleteBucket", R"({"Bucket": "logs"})");
  EXPECT_EQ(json::text(json::at(detail("userIdentity"), "type")), "Root");
}

TEST_F(Trail, HoldsNoCredentials) {
  auto role = ok("sts:AssumeRole",
                 R"({"RoleArn": "arn:aws:iam::111122223333:role/a", "RoleSessionName": "me"})");
  ASSERT_EQ(events.size(), 1u);
  auto written = json::print(events[0]);
  for (const auto* secret : {"SecretAccessKey", "SessionToken"})
    EXPECT_EQ(written.find(json::text(role.at("Credentials").at(secret))), std::string::npos);
}

TEST_F(Trail, LetsItsListenersCallTheCloud) {
  cloud.on_call([&](const json::Object&) { ok("s3:ListBuckets"); });
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  EXPECT_EQ(events.size(), 1u);
}

}  // namespace
}  // namespace aright::sandbox
