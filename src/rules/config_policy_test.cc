// What a custom policy sees of a resource.
#include "rules/config_policy.h"

#include <gtest/gtest.h>

namespace aright::rules {
namespace {

TEST(APolicysItem, HasWhatTheResourcesHistoryShows) {
  cloud::Snapshot group{.ref = {"111122223333", "us-east-1", "AWS::EC2::SecurityGroup", "sg-1"},
                        .properties = {{"GroupName", "web"}, {"GroupDescription", "of the web"}}};
  const auto configuration = json::at(configuration_item(group), "configuration");
  EXPECT_EQ(json::text(configuration, "groupName", ""), "web");
  EXPECT_EQ(json::text(configuration, "groupId", ""), "sg-1");
  EXPECT_EQ(json::text(configuration, "description", ""), "of the web") << "as EC2 calls it";
  EXPECT_EQ(json::text(configuration, "GroupDescription", ""), "of the web") << "and CloudFormation";
  cloud::Snapshot bucket{.ref = {"111122223333", "us-east-1", "AWS::S3::Bucket", "photos"}};
  EXPECT_EQ(json::text(json::at(configuration_item(bucket), "configuration"), "name", ""), "photos");
}

// Where Config names members otherwise than CloudFormation does, policies read what they read in AWS.
TEST(APolicysItem, HasOlderTypesInConfigsOwnForm) {
  auto beside = [](const cloud::Snapshot& snapshot) {
    return json::Value(json::at(configuration_item(snapshot), "supplementaryConfiguration"));
  };
  auto parsed = [](const char* text) { return json::members(*json::parse(text)); };
  cloud::Snapshot table{.ref = {"111122223333", "us-east-1", "AWS::DynamoDB::Table", "orders"},
                        .properties = parsed(R"({"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}})")};
  EXPECT_EQ(json::text(json::at(beside(table), {"ContinuousBackupsDescription", "pointInTimeRecoveryDescription",
                                                "pointInTimeRecoveryStatus"})), "ENABLED");
  cloud::Snapshot bucket{.ref = {"111122223333", "us-east-1", "AWS::S3::Bucket", "photos"},
                         .properties = parsed(R"({"VersioningConfiguration": {"Status": "Enabled"},
      "LoggingConfiguration": {"DestinationBucketName": "logs", "LogFilePrefix": "p/"},
      "BucketEncryption": {"ServerSideEncryptionConfiguration": [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}, "BucketKeyEnabled": true}]}})")};
  const auto told = beside(bucket);
  auto print = [&](const char* name) { return json::print(json::at(told, name)); };
  EXPECT_EQ(print("BucketVersioningConfiguration"), R"({"status":"Enabled","isMfaDeleteEnabled":null})");
  EXPECT_EQ(print("BucketLoggingConfiguration"), R"({"destinationBucketName":"logs","logFilePrefix":"p/"})");
  EXPECT_EQ(print("BucketPolicy"), R"({"policyText":null})");
  EXPECT_EQ(print("ServerSideEncryptionConfiguration"),
            R"({"rules":[{"applyServerSideEncryptionByDefault":{"sseAlgorithm":"aws:kms","kmsMasterKeyID":"k"},)"
            R"("bucketKeyEnabled":true}]})");
  EXPECT_FALSE(json::at(told, "BucketEncryption").is_null()) << "CloudFormation's names are there as well";
  cloud::Snapshot role{.ref = {"111122223333", "", "AWS::IAM::Role", "runs"},
                       .properties = parsed(R"({"AssumeRolePolicyDocument": {"Version": "2012-10-17"},
      "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      "Policies": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17"}}]})")};
  const auto shown = json::at(configuration_item(role), "configuration");
  EXPECT_EQ(json::text(json::at(shown, "assumeRolePolicyDocument")), "%7B%22Version%22%3A%222012-10-17%22%7D");
  EXPECT_EQ(json::print(json::at(shown, "attachedManagedPolicies")),
            R"([{"policyName":"ReadOnlyAccess","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}])");
  EXPECT_EQ(json::print(json::at(shown, "rolePolicyList")),
            R"([{"policyName":"own","policyDocument":"%7B%22Version%22%3A%222012-10-17%22%7D"}])");
}

}  // namespace
}  // namespace aright::rules
