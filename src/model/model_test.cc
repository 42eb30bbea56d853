#include "model/model.h"

#include <gmock/gmock.h>

namespace aright::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Service service(std::string_view name) {
  const auto found = Models::embedded().service(name);
  EXPECT_TRUE(found) << name;
  return found.value();
}

Operation operation(std::string_view of, std::string_view name) {
  const auto found = service(of).operation(name);
  EXPECT_TRUE(found) << of << " " << name;
  return found.value();
}

std::vector<std::string_view> names(const auto& handles) {
  std::vector<std::string_view> all;
  for (const auto& handle : handles)
    all.push_back(handle.name());
  return all;
}

// ---- Services

TEST(Models, HoldEveryPublishedService) {
  const auto services = Models::embedded().services();
  EXPECT_GE(services.size(), 380u);
  EXPECT_TRUE(std::ranges::is_sorted(names(services)));
  for (const auto& each : services) {
    EXPECT_FALSE(each.operations().empty()) << each.name();
    EXPECT_FALSE(each.api_version().empty()) << each.name();
    EXPECT_EQ(Models::embedded().service(each.name())->name(), each.name());
  }
}

TEST(Models, HoldTheNewestVersionOfEach) {
  EXPECT_EQ(service("cloudfront").api_version(), "2020-05-31");
  EXPECT_EQ(service("rds").api_version(), "2014-10-31");
  EXPECT_EQ(service("lambda").api_version(), "2015-03-31");
}

TEST(Models, AnswerToBoto3sNamesAndToTheOthersInUse) {
  for (const auto& [asked, name] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"elbv2", "elbv2"},
           {"elasticloadbalancingv2", "elbv2"},
           {"monitoring", "cloudwatch"},
           {"states", "stepfunctions"},
           {"email", "ses"},
           {"eventbridge", "events"},
           {"configservice", "config"},
           {"s3api", "s3"},
           {"deploy", "codedeploy"},
           {"AWSMigrationHub", "mgh"},
           {"streams.dynamodb", "dynamodbstreams"},
           {"access-analyzer", "accessanalyzer"}}) {
    EXPECT_EQ(service(asked).name(), name);
  }
}

TEST(Models, KnowNoServiceByAnAmbiguousOrForeignName) {
  for (const auto asked : {"frobnicate", "", "S3", "s3 ", "kinesisvideo-"}) {
    EXPECT_FALSE(Models::embedded().service(asked)) << asked;
  }
}

TEST(Models, FindWhoSignsWithAName) {
  EXPECT_THAT(names(Models::embedded().signing_as("s3")), ElementsAre("s3", "s3control"));
  EXPECT_THAT(names(Models::embedded().signing_as("rds")), ElementsAre("docdb", "neptune", "rds"));
  EXPECT_THAT(Models::embedded().signing_as("nobody"), IsEmpty());
}

TEST(Service, SaysHowItIsReached) {
  const auto dynamodb = service("dynamodb");
  EXPECT_EQ(dynamodb.protocol(), Protocol::json);
  EXPECT_EQ(dynamodb.json_version(), "1.0");
  EXPECT_EQ(dynamodb.target_prefix(), "DynamoDB_20120810");
  EXPECT_EQ(dynamodb.signing_name(), "dynamodb");

  const auto iam = service("iam");
  EXPECT_EQ(iam.protocol(), Protocol::query);
  EXPECT_EQ(iam.global_endpoint(), "iam.amazonaws.com");
  EXPECT_EQ(iam.xml_namespace(), "https://iam.amazonaws.com/doc/2010-05-08/");
  EXPECT_EQ(iam.signature_version(), "v4");

  EXPECT_EQ(service("ec2").protocol(), Protocol::ec2);
  EXPECT_EQ(service("lambda").protocol(), Protocol::rest_json);
  EXPECT_EQ(service("s3").protocol(), Protocol::rest_xml);
  EXPECT_EQ(service("s3").signature_version(), "s3");
  EXPECT_EQ(service("elbv2").service_id(), "Elastic Load Balancing v2");
  EXPECT_EQ(service("cloudwatch").endpoint_prefix(), "monitoring");
}

// ---- Operations

TEST(Operation, IsFoundInPascalAndInSnakeCase) {
  const auto rds = service("rds");
  EXPECT_EQ(rds.operation("describe_db_instances")->name(), "DescribeDBInstances");
  EXPECT_EQ(rds.operation("DescribeDBInstances")->name(), "DescribeDBInstances");
  EXPECT_FALSE(rds.operation("describedbinstances"));
  EXPECT_FALSE(rds.operation(""));
  EXPECT_EQ(operation("wafv2", "list_web_acls").name(), "ListWebACLs");
  EXPECT_EQ(operation("storagegateway", "create_cached_iscsi_volume").name(),
            "CreateCachediSCSIVolume");
  EXPECT_TRUE(std::ranges::is_sorted(names(rds.operations())));
}

TEST(Operation, OfRestXmlKnowsItsPayloadAndNamespace) {
  const auto put = operation("s3", "PutBucketAcl");
  EXPECT_EQ(put.method(), "PUT");
  EXPECT_EQ(put.uri(), "/{Bucket}?acl");
  EXPECT_TRUE(put.checksum_required());
  EXPECT_FALSE(put.output());
  EXPECT_EQ(put.input().payload(), "AccessControlPolicy");

  const auto policy = *put.input().member("AccessControlPolicy");
  EXPECT_EQ(policy.xml_namespace(), "http://s3.amazonaws.com/doc/2006-03-01/");
  const auto bucket = *put.input().member("Bucket");
  EXPECT_EQ(bucket.location(), Location::uri);
  EXPECT_TRUE(bucket.required());
  const auto acl = *put.input().member("ACL");
  EXPECT_EQ(acl.location(), Location::header);
  EXPECT_EQ(acl.location_name(), "x-amz-acl");

  const auto grants = *policy.shape().member("Grants");
  EXPECT_EQ(grants.location_name(), "AccessControlList");
  EXPECT_EQ(grants.shape().element_name(), "Grant");
  const auto grantee = *grants.shape().element().member("Grantee");
  EXPECT_EQ(grantee.xml_prefix(), "xsi");
  EXPECT_EQ(grantee.xml_namespace(), "http://www.w3.org/2001/XMLSchema-instance");
  EXPECT_TRUE(grantee.shape().member("Type")->xml_attribute());
}

TEST(Operation, OfRestXmlSaysItsWrapperWhenTheShapeHasNone) {
  const auto change = operation("route53", "ChangeResourceRecordSets");
  EXPECT_EQ(change.input_wrapper(), "ChangeResourceRecordSetsRequest");
  EXPECT_EQ(change.input_xml_namespace(), "https://route53.amazonaws.com/doc/2013-04-01/");
  EXPECT_EQ(operation("route53", "CreateHostedZone").success_status(), 201);
}

TEST(Operation, OfS3ControlPutsTheAccountIntoTheHost) {
  const auto put = operation("s3control", "PutPublicAccessBlock");
  EXPECT_EQ(put.host_prefix(), "{AccountId}.");
  const auto account = *put.input().member("AccountId");
  EXPECT_TRUE(account.host_label());
  EXPECT_EQ(account.location_name(), "x-amz-account-id");
  EXPECT_EQ(put.input().payload(), "PublicAccessBlockConfiguration");
}

TEST(Operation, OfEc2NamesItsMembersTwice) {
  const auto describe = operation("ec2", "describe_instances");
  EXPECT_EQ(describe.input().member("Filters")->location_name(), "Filter");
  const auto reservations = *describe.output().member("Reservations");
  EXPECT_EQ(reservations.location_name(), "reservationSet");
  EXPECT_EQ(reservations.shape().element_name(), "item");

  const auto interfaces =
      operation("ec2", "RunInstances").input().member("NetworkInterfaces")->shape().element();
  EXPECT_EQ(interfaces.member("Ipv6Addresses")->query_name(), "Ipv6Addresses");
  EXPECT_EQ(interfaces.member("Ipv6Addresses")->location_name(), "ipv6AddressesSet");
  EXPECT_EQ(interfaces.member("Groups")->query_name(), "");
  EXPECT_TRUE(operation("ec2", "RunInstances").input().member("ClientToken")->idempotency_token());
}

TEST(Operation, OfQuerySaysItsResultWrapper) {
  EXPECT_EQ(operation("iam", "ListUsers").result_wrapper(), "ListUsersResult");
  EXPECT_EQ(operation("iam", "ListUsers").method(), "POST");
  EXPECT_EQ(operation("iam", "ListUsers").uri(), "/");
  EXPECT_TRUE(
      operation("iam", "CreateLoginProfile").input().member("Password")->shape().sensitive());
}

TEST(Operation, OfJsonNeedsOnlyNames) {
  const auto set = operation("sqs", "SetQueueAttributes");
  const auto attributes = *set.input().member("Attributes");
  EXPECT_EQ(attributes.location(), Location::body);
  EXPECT_EQ(attributes.location_name(), "Attributes");
  EXPECT_EQ(attributes.shape().type(), Type::map);
  EXPECT_EQ(attributes.shape().key().type(), Type::string);
  EXPECT_TRUE(attributes.shape().flattened());
  EXPECT_TRUE(operation("ssm", "PutParameter").input().member("Value")->shape().sensitive());
}

TEST(Operation, OfRestJsonStreamsItsPayload) {
  const auto invoke = operation("lambda", "Invoke");
  EXPECT_EQ(invoke.input().payload(), "Payload");
  EXPECT_EQ(invoke.input().member("Payload")->shape().type(), Type::blob);
  EXPECT_TRUE(invoke.input().member("Payload")->shape().sensitive());
  EXPECT_EQ(invoke.output().member("StatusCode")->location(), Location::status_code);
  EXPECT_TRUE(operation("s3", "GetObject").output().member("Body")->streaming());
  EXPECT_EQ(operation("s3", "PutObject").input().member("Metadata")->location(), Location::headers);
}

TEST(Operation, MayNeedNoSignatureOrAnUnsignedBody) {
  EXPECT_EQ(operation("sts", "AssumeRoleWithWebIdentity").auth_type(), "none");
  EXPECT_EQ(operation("glacier", "UploadArchive").auth_type(), "");
  EXPECT_EQ(operation("s3", "WriteGetObjectResponse").auth_type(), "v4-unsigned-body");
}

// ---- Shapes

TEST(Shape, KeepsTheModelsOrderOfMembers) {
  const auto block = operation("s3", "PutPublicAccessBlock")
                         .input()
                         .member("PublicAccessBlockConfiguration")
                         ->shape();
  EXPECT_THAT(names(block.members()), ElementsAre("BlockPublicAcls", "IgnorePublicAcls",
                                                  "BlockPublicPolicy", "RestrictPublicBuckets"));
  EXPECT_EQ(block.member("BlockPublicAcls")->shape().type(), Type::boolean);
  EXPECT_FALSE(block.member("blockpublicacls"));
}

TEST(Shape, SaysWhetherAListIsFlattened) {
  const auto objects =
      *operation("s3", "DeleteObjects").input().member("Delete")->shape().member("Objects");
  EXPECT_EQ(objects.location_name(), "Object");
  EXPECT_TRUE(objects.flattened() || objects.shape().flattened());
}

TEST(Shape, SaysHowATimestampIsWritten) {
  const auto lock = *operation("s3", "PutObject").input().member("ObjectLockRetainUntilDate");
  EXPECT_EQ(lock.timestamp_format(), TimestampFormat::iso8601);
  const auto modified = *operation("s3", "GetObject").output().member("LastModified");
  EXPECT_EQ(modified.shape().type(), Type::timestamp);
  EXPECT_EQ(modified.timestamp_format(), TimestampFormat::by_protocol);
}

TEST(Shape, MayHoldItself) {
  const auto value = operation("dynamodb", "PutItem").input().member("Item")->shape().element();
  const auto inner = value.member("M")->shape().element();
  EXPECT_EQ(names(inner.members()), names(value.members()));
  EXPECT_EQ(inner.member("L")->shape().element().member("S")->shape().type(), Type::string);
}

TEST(Shape, MayBeAnyJsonOrAStreamOfEvents) {
  EXPECT_TRUE(
      operation("s3", "SelectObjectContent").output().member("Payload")->shape().event_stream());
  const auto schema =
      operation("bedrock-runtime", "Converse").input().member("additionalModelRequestFields");
  EXPECT_TRUE(schema->shape().document());
  EXPECT_TRUE(schema->shape().members().empty());
}

// ---- Paginators and waiters

TEST(Pagination, MayHaveSeveralTokens) {
  const auto pages = operation("s3", "ListObjectVersions").pagination();
  ASSERT_TRUE(pages);
  EXPECT_THAT(pages->input_tokens, ElementsAre("KeyMarker", "VersionIdMarker"));
  EXPECT_THAT(pages->output_tokens, ElementsAre("NextKeyMarker", "NextVersionIdMarker"));
  EXPECT_THAT(pages->result_keys, ElementsAre("Versions", "DeleteMarkers", "CommonPrefixes"));
  EXPECT_EQ(pages->limit_key, "MaxKeys");
  EXPECT_EQ(pages->more_results, "IsTruncated");
}

TEST(Pagination, IsAbsentWhereAnOperationAnswersAtOnce) {
  EXPECT_TRUE(operation("ec2", "DescribeInstances").pagination());
  EXPECT_FALSE(operation("ec2", "StartInstances").pagination());
  EXPECT_FALSE(
      operation("ec2", "DescribeRegions").pagination());  // the package names only its result
}

TEST(Waiter, KnowsWhatItWaitsFor) {
  const auto waiter = service("ec2").waiter("InstanceExists");
  ASSERT_TRUE(waiter);
  EXPECT_EQ(waiter->operation, "DescribeInstances");
  EXPECT_EQ(waiter->delay_s, 5);
  EXPECT_EQ(waiter->attempts_max, 40);
  ASSERT_EQ(waiter->acceptors.size(), 2u);
  EXPECT_EQ(waiter->acceptors[0].matcher, "path");
  EXPECT_EQ(waiter->acceptors[0].argument, "length(Reservations[]) > `0`");
  EXPECT_EQ(waiter->acceptors[0].expected, "true");
  EXPECT_EQ(waiter->acceptors[1].expected, "\"InvalidInstanceID.NotFound\"");
  EXPECT_EQ(waiter->acceptors[1].state, "retry");
}

TEST(Waiter, IsFoundInSnakeCaseAsWell) {
  EXPECT_EQ(service("s3").waiter("bucket_exists")->name, "BucketExists");
  EXPECT_EQ(service("s3").waiter("BucketExists")->acceptors[0].expected, "200");
  EXPECT_FALSE(service("s3").waiter("BucketSings"));
  EXPECT_THAT(service("s3").waiters(), testing::SizeIs(4));
}

}  // namespace
}  // namespace aright::model
