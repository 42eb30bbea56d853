#include "cloud/session_policy.h"

#include <gmock/gmock.h>

#include "json/value.h"

namespace aright::cloud {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

aws::Call write_of(std::string_view name, std::string_view input) {
  auto colon = name.find(':');
  return {.service = std::string(name.substr(0, colon)), .operation = std::string(name.substr(colon + 1)),
          .region = "us-east-1", .account = "111122223333", .input = json::parse(input).value().as_object()};
}

SessionPolicy of_operations(std::vector<std::string> operations) {
  return session_policy({.writes = {}, .operations = std::move(operations), .unknown = {}});
}
SessionPolicy of_write(const aws::Call& write, std::set<std::string> unknown = {}) {
  return session_policy({.writes = {write}, .operations = {write.name()}, .unknown = std::move(unknown)});
}

std::vector<std::string> actions(const std::string& text) {
  auto policy = json::parse(text).value();
  std::vector<std::string> out;
  for (const auto& statement : json::items(json::at(policy, "Statement")))
    for (auto& action : json::texts(json::at(statement, "Action"))) out.push_back(std::move(action));
  return out;
}

// The resources on which an action is allowed.
std::vector<std::string> on(const SessionPolicy& session, std::string_view action) {
  auto policy = json::parse(session.text).value();
  std::vector<std::string> out;
  for (const auto& statement : json::items(json::at(policy, "Statement"))) {
    auto allowed = json::texts(json::at(statement, "Action"));
    if (std::ranges::find(allowed, action) == allowed.end()) continue;
    const auto& resource = json::at(statement, "Resource");
    if (resource.is_string()) out.push_back(json::text(resource));
    for (auto& one : json::texts(resource)) out.push_back(std::move(one));
  }
  return out;
}

TEST(ASessionPolicy, AllowsWhatThePlanCallsAndToLookAround) {
  auto allowed = actions(of_operations({"s3:PutPublicAccessBlock", "s3:GetPublicAccessBlock"}).text);
  EXPECT_THAT(allowed, Contains("s3:PutBucketPublicAccessBlock"));
  EXPECT_THAT(allowed, Contains("s3:GetBucketPublicAccessBlock"));
  EXPECT_THAT(allowed, Contains("s3:List*"));
  EXPECT_THAT(allowed, Not(Contains("s3:*")));
  EXPECT_THAT(allowed, Not(Contains("s3:PutBucketPolicy")));
}

TEST(ASessionPolicy, AllowsAWriteOnTheResourceThatItNamesAndReadsOnAll) {
  auto session = session_policy({.writes = {write_of("s3:PutPublicAccessBlock", R"({"Bucket": "logs"})")},
                                 .operations = {"s3:PutPublicAccessBlock", "s3:GetBucketPolicy"},
                                 .unknown = {}});
  EXPECT_EQ(session.cut, Cut::resources);
  EXPECT_THAT(on(session, "s3:PutBucketPublicAccessBlock"), ElementsAre("arn:aws:s3:::logs"));
  EXPECT_THAT(on(session, "s3:GetBucketPolicy"), ElementsAre("*"));
  EXPECT_THAT(on(session, "s3:Describe*"), ElementsAre("*"));
}

TEST(ASessionPolicy, AllowsBothOfTwoWritesWithOneActionAndNoThird) {
  auto session = session_policy({.writes = {write_of("sqs:TagQueue", R"({"QueueUrl": "https://q/111122223333/a"})"),
                                            write_of("sqs:TagQueue", R"({"QueueUrl": "https://q/111122223333/b"})")},
                                 .operations = {"sqs:TagQueue"},
                                 .unknown = {}});
  EXPECT_THAT(on(session, "sqs:TagQueue"), UnorderedElementsAre("arn:aws:sqs:us-east-1:111122223333:a",
                                                                "arn:aws:sqs:us-east-1:111122223333:b"));
}

TEST(ASessionPolicy, KeepsAStarWhereIamKnowsNoResources) {
  auto session = of_write(write_of("ec2:EnableEbsEncryptionByDefault", "{}"));
  EXPECT_THAT(on(session, "ec2:EnableEbsEncryptionByDefault"), ElementsAre("*"));
}

TEST(ASessionPolicy, AllowsTheOtherTypesThatTheActionMayBeAbout) {
  auto session = of_write(write_of("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "orders"})"));
  auto patterns = on(session, "rds:ModifyDBInstance");
  EXPECT_THAT(patterns, Contains("arn:aws:rds:us-east-1:111122223333:db:orders"));
  EXPECT_THAT(patterns, Contains("arn:*:rds:*:*:pg:*"));
  EXPECT_THAT(patterns, Not(Contains("arn:*:rds:*:*:db:*")));
}

TEST(ASessionPolicy, KnowsThatRolesHaveAPathThatTheirNameDoesNotSay) {
  auto session = of_write(write_of("iam:DeleteRolePolicy", R"({"RoleName": "deploy", "PolicyName": "p"})"));
  EXPECT_THAT(on(session, "iam:DeleteRolePolicy"), UnorderedElementsAre("arn:aws:iam::111122223333:role/deploy",
                                                                        "arn:aws:iam::111122223333:role/*/deploy"));
}

TEST(ASessionPolicy, LeavesOpenWhatAServiceIsYetToDraw) {
  auto session = of_write(write_of("ec2:DeleteSecurityGroup", R"({"GroupId": "sg-0123456789abcdef0"})"),
                          {"sg-0123456789abcdef0"});
  EXPECT_THAT(on(session, "ec2:DeleteSecurityGroup"),
              Contains("arn:aws:ec2:us-east-1:111122223333:security-group/*"));
  auto drawn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/50dc6c495c0c9188";
  auto other = of_write(write_of("elbv2:DeleteLoadBalancer", fmt::format(R"({{"LoadBalancerArn": "{}"}})", drawn)),
                        {drawn});
  EXPECT_THAT(on(other, "elasticloadbalancing:DeleteLoadBalancer"),
              Contains("arn:aws:elasticloadbalancing:us-east-1:111122223333:*"));
}

TEST(ASessionPolicy, LetsNoOtherRoleBePassed) {
  auto session = of_write(write_of("ec2:CreateFlowLogs", R"({"ResourceIds": ["vpc-0123456789abcdef0"],
      "ResourceType": "VPC", "DeliverLogsPermissionArn": "arn:aws:iam::111122223333:role/flow-logs"})"));
  EXPECT_THAT(on(session, "iam:PassRole"), ElementsAre("arn:aws:iam::111122223333:role/flow-logs"));
}

TEST(ASessionPolicy, AllowsWhatAnOperationNeedsOfOtherServices) {
  EXPECT_THAT(actions(of_operations({"ec2:RunInstances"}).text), Contains("ec2:RunInstances"));
  EXPECT_THAT(actions(of_operations({"elbv2:ModifyLoadBalancerAttributes"}).text),
              Contains("elasticloadbalancing:ModifyLoadBalancerAttributes"));
}

TEST(ASessionPolicy, SaysLessWhereItWouldBeLongerThanAssumeRoleTakes) {
  SessionNeeds many{.writes = {}, .operations = {"s3:PutPublicAccessBlock"}, .unknown = {}};
  for (int i = 0; i < 60; ++i)
    many.writes.push_back(write_of("s3:PutPublicAccessBlock",
                                   fmt::format(R"({{"Bucket": "a-bucket-with-a-long-name-{}"}})", i)));
  auto session = session_policy(many);
  EXPECT_EQ(session.cut, Cut::actions);
  EXPECT_THAT(on(session, "s3:PutBucketPublicAccessBlock"), ElementsAre("*"));

  std::vector<std::string> all;
  for (const auto* service : Catalog::embedded().services())
    for (const auto& name : {"CreateEverythingThereIsAndThenSomeMore", "DeleteEverythingThereIsAndThenSomeMore"})
      if (all.size() < 60) all.push_back(service->service + ":" + name);
  session = of_operations(all);
  EXPECT_EQ(session.cut, Cut::services);
  EXPECT_LE(session.text.size(), session_policy_chars_max);
  EXPECT_THAT(actions(session.text), Contains(::testing::EndsWith(":*")));
}

TEST(ASessionPolicy, IsTheSameOnEverythingWhereStsCannotPackIt) {
  auto session = of_write(write_of("s3:PutPublicAccessBlock", R"({"Bucket": "logs"})"));
  auto wider = widened_session_policy(session.text);
  EXPECT_THAT(on({wider, Cut::actions}, "s3:PutBucketPublicAccessBlock"), ElementsAre("*"));
  EXPECT_THAT(actions(wider), IsSupersetOf(actions(session.text)));
  EXPECT_EQ(widened_session_policy("nothing of ours"), "");
}

TEST(ASessionPolicy, OfNothingIsNone) { EXPECT_THAT(session_policy({}).text, IsEmpty()); }

}  // namespace
}  // namespace aright::cloud
