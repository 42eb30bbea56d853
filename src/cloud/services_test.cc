// What the descriptions of the services say where one word of theirs matters.
#include <gmock/gmock.h>

#include "cloud/classify.h"
#include "cloud/effect.h"

namespace aright::cloud {
namespace {

Classification kind_of(const char* service, const char* operation, const char* input) {
  return classify({.service = service,
                   .operation = operation,
                   .region = "us-east-1",
                   .account = "111122223333",
                   .input = json::parse(input)->as_object()});
}

std::string type_of(std::string_view arn) {
  auto ref = Catalog::embedded().find_arn(arn);
  return ref ? ref->type : "";
}

TEST(Services, WritesTheAttributeThatTheCallNames) {
  auto one = kind_of("sns", "SetTopicAttributes", R"({"TopicArn": "arn:aws:sns:us-east-1:111122223333:t",
    "AttributeName": "KmsMasterKeyId", "AttributeValue": "alias/aws/sns"})");
  ASSERT_EQ(one.touches.size(), 1u);
  EXPECT_THAT(one.touches[0].aspects, ::testing::ElementsAre("KmsMasterKeyId"));
  EXPECT_TRUE(one.invertible);
}

TEST(Services, FindNoWayBackFromAWriteThatNoAspectIsAbout) {
  EXPECT_FALSE(
      kind_of("sns", "SetTopicAttributes", R"({"TopicArn": "arn:aws:sns:us-east-1:111122223333:t",
    "AttributeName": "NoSuchAttribute", "AttributeValue": "x"})")
          .invertible);
  EXPECT_FALSE(kind_of("ec2", "AuthorizeSecurityGroupIngress",
                  R"({"GroupId": "sg-1", "SourceSecurityGroupName": "x"})")
                   .invertible);
}

TEST(Services, TakeBackRulesHoweverTheyAreNamed) {
  EXPECT_TRUE(kind_of("ec2", "RevokeSecurityGroupIngress", R"({"GroupId": "sg-1", "IpProtocol": "tcp",
    "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"})")
                  .invertible);
  auto by_id = kind_of("ec2", "RevokeSecurityGroupIngress",
                  R"({"GroupId": "sg-1", "SecurityGroupRuleIds": ["sgr-1"]})");
  EXPECT_TRUE(by_id.invertible) << by_id.why_not;
}

TEST(Services, KnowWhatDatabasesCannotTakeBack) {
  auto modify = [](const char* members) {
    return kind_of("rds", "ModifyDBInstance",
              fmt::format(R"({{"DBInstanceIdentifier": "db", {}}})", members).c_str());
  };
  EXPECT_TRUE(modify(R"("MultiAZ": true, "PubliclyAccessible": false)").invertible);
  EXPECT_TRUE(
      modify(R"("CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit"]})").invertible);
  EXPECT_FALSE(modify(R"("MasterUserPassword": "secret99")").invertible);
  EXPECT_FALSE(modify(R"("AllocatedStorage": 100)").invertible);
  EXPECT_TRUE(
      kind_of("secretsmanager", "RotateSecret", R"({"SecretId": "s", "RotateImmediately": false})")
          .invertible);
  EXPECT_FALSE(kind_of("secretsmanager", "RotateSecret", R"({"SecretId": "s"})").invertible);
  EXPECT_TRUE(kind_of("secretsmanager", "DeleteSecret", R"({"SecretId": "s"})").invertible);
  EXPECT_FALSE(kind_of("secretsmanager", "DeleteSecret",
                  R"({"SecretId": "s", "ForceDeleteWithoutRecovery": true})")
                   .invertible);
  auto sealed = kind_of("opensearch", "UpdateDomainConfig",
                   R"({"DomainName": "d", "EncryptionAtRestOptions": {"Enabled": true}})");
  EXPECT_EQ(sealed.why_not, "encryption at rest cannot be switched off");
  EXPECT_EQ(kind_of("dynamodb", "PutItem", R"({"TableName": "t", "Item": {}})").effect, Effect::action);
  EXPECT_EQ(kind_of("dynamodb", "Query", R"({"TableName": "t"})").effect, Effect::read);
}

TEST(Services, TellArnsThatLookAlike) {
  EXPECT_EQ(type_of("arn:aws:es:us-east-1:111122223333:domain/logs"),
            "AWS::OpenSearchService::Domain");
  EXPECT_EQ(type_of("arn:aws:rds:us-east-1:111122223333:cluster:c"), "AWS::RDS::DBCluster");
  EXPECT_EQ(type_of("arn:aws:rds:us-east-1:111122223333:cluster-snapshot:s"),
            "AWS::RDS::DBClusterSnapshot");
  EXPECT_EQ(type_of("arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf"),
            "AWS::SecretsManager::Secret");
  EXPECT_EQ(type_of("arn:aws:kms:us-east-1:111122223333:key/1234"), "AWS::KMS::Key");
  EXPECT_EQ(type_of("arn:aws:kms:us-east-1:111122223333:alias/data"), "AWS::KMS::Alias");
  EXPECT_EQ(type_of("arn:aws:sns:us-east-1:111122223333:t"), "AWS::SNS::Topic");
  EXPECT_EQ(type_of("arn:aws:iam::111122223333:policy/p"), "AWS::IAM::ManagedPolicy");
  EXPECT_EQ(type_of("arn:aws:s3:::logs"), "AWS::S3::Bucket");
  EXPECT_EQ(type_of("arn:aws:elsewhere:us-east-1:111122223333:thing"), "");
}

TEST(Services, KeepOnlyWhatBelongsToAValue) {
  const auto* instance = Catalog::embedded().type("AWS::EC2::Instance");
  auto options = json::parse(R"({"HttpTokens": "required", "State": "pending"})");
  EXPECT_EQ(kept(*instance->aspect("MetadataOptions"), *options),
            *json::parse(R"({"HttpTokens": "required"})"));
  auto groups = json::parse(R"([{"GroupId": "sg-1", "GroupName": "web"}])");
  EXPECT_EQ(kept(*instance->aspect("SecurityGroupIds"), *groups), *json::parse(R"(["sg-1"])"));
}

}  // namespace
}  // namespace aright::cloud
