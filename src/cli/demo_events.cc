#include "cli/demo_events.h"

#include "base/id.h"

namespace aright::cli {

namespace {

json::Object event(const char* source, const char* detail_type, json::Object detail, std::string_view account,
                   Timestamp now) {
  return {{"version", "0"},     {"id", uuid()},     {"source", source},          {"detail-type", detail_type},
          {"account", account}, {"region", demo_region}, {"time", now.iso_seconds()}, {"resources", json::Array{}},
          {"detail", std::move(detail)}};
}

}  // namespace

json::Object config_event(std::string_view bucket, std::string_view account, Timestamp now) {
  json::Object detail{{"resourceId", bucket},
                      {"resourceType", "AWS::S3::Bucket"},
                      {"configRuleName", "s3-bucket-public-read-prohibited"},
                      {"messageType", "ComplianceChangeNotification"},
                      {"newEvaluationResult", json::Object{{"complianceType", "NON_COMPLIANT"}}}};
  return event("aws.config", "Config Rules Compliance Change", std::move(detail), account, now);
}

json::Object guardduty_event(std::string_view instance, std::string_view account, Timestamp now) {
  json::Object resource{{"resourceType", "Instance"}, {"instanceDetails", json::Object{{"instanceId", instance}}}};
  json::Object detail{{"schemaVersion", "2.0"},
                      {"accountId", account},
                      {"region", demo_region},
                      {"id", "demo-finding"},
                      {"type", "CryptoCurrency:EC2/BitcoinTool.B!DNS"},
                      {"title", "The instance is querying a domain that is associated with Bitcoin"},
                      {"severity", 8.0},
                      {"resource", std::move(resource)}};
  return event("aws.guardduty", "GuardDuty Finding", std::move(detail), account, now);
}

json::Object securityhub_event(std::string_view bucket, std::string_view account, Timestamp now) {
  json::Object resource{{"Type", "AwsS3Bucket"}, {"Id", fmt::format("arn:aws:s3:::{}", bucket)}, {"Partition", "aws"},
                        {"Region", demo_region}};
  json::Object finding{{"SchemaVersion", "2018-10-08"},
                       {"Id", "demo-imported"},
                       {"ProductArn", "arn:aws:securityhub:us-east-1::product/aws/securityhub"},
                       {"GeneratorId", "security-control/S3.2"},
                       {"AwsAccountId", account},
                       {"Title", "S3 general purpose buckets should block public read access"},
                       {"Compliance", json::Object{{"Status", "FAILED"}, {"SecurityControlId", "S3.2"}}},
                       {"Workflow", json::Object{{"Status", "NEW"}}},
                       {"RecordState", "ACTIVE"},
                       {"Severity", json::Object{{"Label", "CRITICAL"}}},
                       {"Resources", json::Array{std::move(resource)}}};
  return event("aws.securityhub", "Security Hub Findings - Imported", {{"findings", json::Array{std::move(finding)}}},
               account, now);
}

json::Object cloudtrail_event(std::string_view bucket, std::string_view account, Timestamp now) {
  json::Object identity{{"type", "IAMUser"}, {"accountId", account},
                        {"arn", fmt::format("arn:aws:iam::{}:user/deploy", account)}, {"userName", "deploy"}};
  json::Object detail{{"eventVersion", "1.08"},
                      {"eventSource", "s3.amazonaws.com"},
                      {"eventName", "PutBucketAcl"},
                      {"awsRegion", demo_region},
                      {"userIdentity", std::move(identity)},
                      {"requestParameters", json::Object{{"bucketName", bucket}, {"x-amz-acl", "public-read"}}}};
  return event("aws.s3", "AWS API Call via CloudTrail", std::move(detail), account, now);
}

std::string instance_of(const json::Object& seeded, std::string_view name) {
  const auto& instances = json::items(json::at(json::at(seeded, name), "Instances"));
  return instances.empty() ? "" : json::text(instances[0], "InstanceId", "");
}

}  // namespace aright::cli
