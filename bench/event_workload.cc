#include "event_workload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace aright::bench {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t accounts = 60, controls = 220, roles = 80, buckets = 400;
constexpr std::size_t calls_per_service = 24;

const Words services = {"s3",          "ec2",           "iam",
                        "lambda",      "kms",           "sts",
                        "rds",         "dynamodb",      "sns",
                        "sqs",         "cloudtrail",    "config",
                        "logs",        "ecs",           "eks",
                        "ecr",         "route53",       "elasticloadbalancing",
                        "autoscaling", "cloudfront",    "secretsmanager",
                        "ssm",         "organizations", "guardduty",
                        "glue",        "redshift",      "elasticache",
                        "athena",      "kinesis",       "backup"};
const Words verbs = {"Create", "Delete", "Put", "Update", "Modify", "Attach", "Detach", "Get", "List", "Describe"};
const Words nouns = {"Policy",   "Role",     "Function", "Bucket", "Table", "Topic",  "Queue", "Key",   "Cluster",
                     "Instance", "Snapshot", "Group",    "Rule",   "User",  "Volume", "Image", "Trail", "Secret"};
const Words regions = {"us-east-1", "us-west-2",  "eu-west-1", "eu-central-1", "ap-southeast-2", "ap-northeast-1",
                       "us-east-2", "eu-north-1", "sa-east-1", "ap-south-1",   "ca-central-1",   "eu-west-3"};
const Words severities = {"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"};
const Words resource_types = {"AwsS3Bucket",  "AwsEc2SecurityGroup", "AwsEc2Instance",   "AwsIamRole",
                              "AwsIamUser",   "AwsLambdaFunction",   "AwsRdsDbInstance", "AwsKmsKey",
                              "AwsEc2Volume", "AwsEc2Vpc",           "AwsDynamoDbTable", "AwsSqsQueue",
                              "AwsSnsTopic",  "AwsEcsService",       "AwsEksCluster"};
const Words threats = {"Recon:EC2/PortProbeUnprotectedPort",
                       "UnauthorizedAccess:EC2/SSHBruteForce",
                       "CryptoCurrency:EC2/BitcoinTool.B!DNS",
                       "Backdoor:EC2/C&CActivity.B",
                       "Trojan:EC2/DropPoint",
                       "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
                       "Policy:S3/BucketPublicAccessGranted",
                       "Stealth:IAMUser/CloudTrailLoggingDisabled",
                       "Exfiltration:S3/AnomalousBehavior",
                       "PrivilegeEscalation:IAMUser/AnomalousBehavior",
                       "Impact:EC2/MaliciousDomainRequest.Reputation"};
const Words stages = {"prod", "dev", "test", "stage", "sandbox"};
const Words teams = {"payments", "search", "billing", "media", "ml", "core", "web", "data", "ops", "risk"};
const Words states = {"pending", "running", "stopping", "stopped", "shutting-down", "terminated"};

// Draws words; the first of a list are the popular ones, in events and in rules alike.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::size_t skewed(std::size_t count) {
    const double unit = random_.unit();
    return static_cast<std::size_t>(unit * unit * static_cast<double>(count));
  }
  std::size_t below(std::size_t count) { return random_.below(count); }
  bool once_in(double share) { return random_.unit() < share; }
  const std::string& of(const Words& words) { return words[skewed(words.size())]; }
  const std::string& evenly(const Words& words) { return words[below(words.size())]; }

  std::string hex(std::size_t digits) {
    std::string out;
    while (out.size() < digits)
      out += fmt::format("{:016x}", random_.next());
    out.resize(digits);
    return out;
  }
  std::string uuid() { return hex(8) + '-' + hex(4) + '-' + hex(4) + '-' + hex(4) + '-' + hex(12); }
  std::string time() {
    return fmt::format("2024-{:02}-{:02}T{:02}:{:02}:{:02}Z", 1 + below(12), 1 + below(28), below(24), below(60),
                       below(60));
  }
  std::string address() {
    static const Words networks = {"10.0", "10.20", "172.16", "192.168", "54.240", "203.0", "198.51", "52.94"};
    return fmt::format("{}.{}.{}", of(networks), skewed(256), below(256));
  }

  std::string account() { return fmt::format("{:012}", 100'200'300'000 + skewed(accounts) * 7'919'317); }
  std::string role() { return fmt::format("{}-{}-role-{}", evenly(teams), evenly(stages), skewed(roles)); }
  std::string bucket() { return fmt::format("{}-{}-bucket-{}", evenly(teams), evenly(stages), skewed(buckets)); }
  std::string control() {
    return fmt::format("{}.{}", std::array{"S3", "EC2", "IAM", "RDS", "KMS"}[below(5)], 1 + skewed(controls / 5));
  }
  std::string config_rule() {
    return fmt::format("{}-{}-rule-{}", evenly(teams), std::array{"encrypted", "public", "logging", "tagged"}[below(4)],
                       skewed(30));
  }
  std::string call(std::size_t service) {
    const auto index = skewed(calls_per_service) + service;
    return verbs[index % verbs.size()] + services[service].substr(0, 1) + nouns[index * 7 % nouns.size()];
  }

 private:
  Random random_;
};

std::string envelope(Draw& draw, std::string_view source, std::string_view type, std::string_view account,
                     std::string_view region, std::string_view resource, std::string_view detail) {
  return fmt::format(R"({{"version":"0","id":"{}","detail-type":"{}","source":"{}","account":"{}","time":"{}",)"
                     R"("region":"{}","resources":[{}],"detail":{}}})",
                     draw.uuid(), type, source, account, draw.time(), region, resource, detail);
}

std::string request_parameters(Draw& draw, std::string_view region, std::string_view account) {
  std::string out =
      fmt::format(R"("bucketName":"{}","name":"{}","Host":"s3.{}.amazonaws.com")", draw.bucket(), draw.role(), region);
  static const Words more = {"instanceType", "keyName",  "policyName", "functionName", "tableName", "logGroupName",
                             "groupId",      "subnetId", "vpcId",      "imageId",      "userName",  "clusterName"};
  const auto members = 2 + draw.below(5);
  for (std::size_t i = 0; i < members; ++i)
    out +=
        fmt::format(R"(,"{}":"{}-{}")", more[(i * 5 + draw.below(5)) % more.size()], draw.evenly(teams), draw.hex(8));
  if (draw.once_in(0.5))
    out += fmt::format(R"(,"policyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",)"
                       R"(\"Principal\":{{\"AWS\":\"arn:aws:iam::{}:root\"}},\"Action\":\"s3:*\"}}]}}")",
                       account);
  if (draw.once_in(0.4))
    out += fmt::format(R"(,"ipPermissions":{{"items":[{{"ipProtocol":"tcp","fromPort":{},"toPort":{},"ipRanges":)"
                       R"({{"items":[{{"cidrIp":"{}/32"}},{{"cidrIp":"0.0.0.0/0"}}]}}}}]}})",
                       draw.below(1024), draw.below(65536), draw.address());
  return "{" + out + "}";
}

std::string user_identity(Draw& draw, std::string_view account) {
  const auto role = draw.role();
  if (draw.once_in(0.15))
    return fmt::format(
        R"({{"type":"IAMUser","principalId":"AIDA{0}","arn":"arn:aws:iam::{1}:user/{2}","accountId":"{1}",)"
        R"("accessKeyId":"AKIA{0}","userName":"{2}"}})",
        draw.hex(16), account, role);
  return fmt::format(
      R"({{"type":"AssumedRole","principalId":"AROA{0}:session-{1}","arn":"arn:aws:sts::{2}:assumed-role/{3}/s-{1}",)"
      R"("accountId":"{2}","accessKeyId":"ASIA{0}","sessionContext":{{"sessionIssuer":{{"type":"Role",)"
      R"("principalId":"AROA{0}","arn":"arn:aws:iam::{2}:role/{3}","accountId":"{2}","userName":"{3}"}},)"
      R"("webIdFederationData":{{}},"attributes":{{"creationDate":"{4}","mfaAuthenticated":"{5}"}}}}}})",
      draw.hex(16), draw.below(1000), account, role, draw.time(), draw.once_in(0.3));
}

std::string prose(Draw& draw, std::size_t sentences) {
  std::string out;
  for (; sentences > 0; --sentences)
    out += fmt::format("The resource {} was last seen by team {} in stage {}, and nothing has changed it since. ",
                       draw.hex(6), draw.evenly(teams), draw.evenly(stages));
  return out;
}

// What the service that was called adds.
std::string additional_data(Draw& draw) {
  return fmt::format(
      R"("additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256",)"
      R"("bytesTransferredIn":{},"AuthenticationMethod":"AuthHeader","x-amz-id-2":"{}","bytesTransferredOut":0}},)"
      R"("vpcEndpointId":"vpce-{}","apiVersion":"2016-11-15",)",
      draw.below(100'000), draw.hex(96), draw.hex(17));
}

std::string trail_event(Draw& draw) {
  const auto service = draw.skewed(services.size());
  const auto account = draw.account();
  const auto& region = draw.of(regions);
  const auto error =
      draw.once_in(0.12)
          ? R"("errorCode":"AccessDenied","errorMessage":"User is not authorized to perform this action",)"
          : "";
  auto detail = fmt::format(
      R"({{"eventVersion":"1.09","userIdentity":{},"eventTime":"{}","eventSource":"{}.amazonaws.com","eventName":"{}",)"
      R"("awsRegion":"{}","sourceIPAddress":"{}","userAgent":"aws-cli/2.15.30 Python/3.11.8 Linux/6.1.79 exe/x86_64.amzn.2 prompt/off",)"
      R"({}{}"requestParameters":{},"responseElements":{},"requestID":"{}","eventID":"{}","readOnly":{},)"
      R"("resources":[{{"accountId":"{}","type":"AWS::{}::Resource","ARN":"arn:aws:{}:::{}"}}],"eventType":"AwsApiCall",)"
      R"("managementEvent":true,"recipientAccountId":"{}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3",)"
      R"("cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{}.{}.amazonaws.com"}},"sessionCredentialFromConsole":"{}"}})",
      user_identity(draw, account), draw.time(), services[service], draw.call(service), region, draw.address(), error,
      additional_data(draw), request_parameters(draw, region, account),
      draw.once_in(0.5) ? std::string("null") : fmt::format(R"({{"_return":true,"requestId":"{}"}})", draw.uuid()),
      draw.uuid(), draw.uuid(), draw.once_in(0.4), account, services[service], services[service], draw.bucket(),
      account, services[service], region, draw.once_in(0.2));
  return envelope(draw, "aws." + services[service], "AWS API Call via CloudTrail", account, region, "", detail);
}

std::string hub_event(Draw& draw) {
  const auto account = draw.account();
  const auto& region = draw.of(regions);
  const auto control = draw.control();
  const auto id =
      fmt::format("arn:aws:securityhub:{}:{}:security-control/{}/finding/{}", region, account, control, draw.uuid());
  const auto finding = fmt::format(
      R"({{"ProductArn":"arn:aws:securityhub:{0}::product/aws/securityhub","Types":["Software and Configuration Checks/Industry and Regulatory Standards"],)"
      R"("Description":"This control checks whether the resource is configured as {1} asks. The control fails when it is not, and whenever its configuration can't be read.",)"
      R"("Compliance":{{"Status":"{2}","SecurityControlId":"{1}","AssociatedStandards":[{{"StandardsId":"standards/aws-foundational-security-best-practices/v/1.0.0"}},{{"StandardsId":"ruleset/cis-aws-foundations-benchmark/v/1.2.0"}}],"RelatedRequirements":["NIST.800-53.r5 AC-3","NIST.800-53.r5 AC-6","PCI DSS 1.2.1"]}},)"
      R"("ProductName":"Security Hub","FirstObservedAt":"{3}","CreatedAt":"{3}","LastObservedAt":"{3}","CompanyName":"AWS",)"
      R"("FindingProviderFields":{{"Types":["Software and Configuration Checks"],"Severity":{{"Normalized":{4},"Label":"{5}","Original":"{5}"}}}},)"
      R"("ProductFields":{{"RelatedAWSResources:0/name":"securityhub-rule-{6}","RelatedAWSResources:0/type":"AWS::Config::ConfigRule","aws/securityhub/ProductName":"Security Hub","aws/securityhub/CompanyName":"AWS","aws/securityhub/annotation":"Resource is not compliant.","Resources:0/Id":"arn:aws:s3:::{7}","aws/securityhub/FindingId":"{8}"}},)"
      R"("Remediation":{{"Recommendation":{{"Text":"For information on how to correct this issue, consult the documentation.","Url":"https://docs.aws.amazon.com/console/securityhub/{1}/remediation"}}}},)"
      R"("SchemaVersion":"2018-10-08","GeneratorId":"security-control/{1}","RecordState":"{9}","Title":"{1} should be configured as the standard asks",)"
      R"("Workflow":{{"Status":"{10}"}},"Severity":{{"Normalized":{4},"Label":"{5}","Original":"{5}"}},"UpdatedAt":"{3}","WorkflowState":"NEW","Note":{{"Text":"{15}","UpdatedBy":"triage"}},)"
      R"("AwsAccountId":"{11}","Region":"{0}","Id":"{8}","Resources":[{{"Partition":"aws","Type":"{12}","Region":"{0}","Id":"arn:aws:s3:::{7}","Tags":{{"team":"{13}","stage":"{14}"}},"Details":{{"AwsS3Bucket":{{"OwnerId":"{6}","CreatedAt":"{3}","Name":"{7}"}}}}}}]}})",
      region, control, draw.once_in(0.7) ? "FAILED" : "PASSED", draw.time(), draw.below(100), draw.of(severities),
      draw.hex(8), draw.bucket(), id, draw.once_in(0.85) ? "ACTIVE" : "ARCHIVED",
      draw.once_in(0.6) ? "NEW" : "NOTIFIED", account, draw.of(resource_types), draw.evenly(teams), draw.evenly(stages),
      prose(draw, draw.skewed(40)));
  return envelope(draw, "aws.securityhub", "Security Hub Findings - Imported", account, region, "\"" + id + "\"",
                  "{\"findings\":[" + finding + "]}");
}

std::string guard_event(Draw& draw) {
  const auto account = draw.account();
  const auto& region = draw.of(regions);
  const auto detail = fmt::format(
      R"({{"schemaVersion":"2.0","accountId":"{0}","region":"{1}","partition":"aws","id":"{2}","arn":"arn:aws:guardduty:{1}:{0}:detector/{2}/finding/{3}",)"
      R"("type":"{4}","resource":{{"resourceType":"Instance","instanceDetails":{{"instanceId":"i-{5}","instanceType":"m5.large","launchTime":"{6}","platform":null,)"
      R"("networkInterfaces":[{{"ipv6Addresses":[],"privateDnsName":"ip-10-0-0-1","privateIpAddress":"{7}","subnetId":"subnet-{8}","vpcId":"vpc-{8}",)"
      R"("securityGroups":[{{"groupName":"{9}","groupId":"sg-{8}"}}],"publicIp":"{10}"}}],"tags":[{{"key":"team","value":"{9}"}},{{"key":"stage","value":"{11}"}}],"instanceState":"running"}}}},)"
      R"("service":{{"serviceName":"guardduty","detectorId":"{2}","action":{{"actionType":"NETWORK_CONNECTION","networkConnectionAction":{{"connectionDirection":"INBOUND",)"
      R"("remoteIpDetails":{{"ipAddressV4":"{12}","organization":{{"asn":"{13}","asnOrg":"Example","isp":"Example"}},"country":{{"countryName":"Sweden"}},"geoLocation":{{"lat":{14},"lon":{15}}}}},)"
      R"("remotePortDetails":{{"port":{16},"portName":"Unknown"}},"localPortDetails":{{"port":22,"portName":"SSH"}},"protocol":"TCP","blocked":false}}}},)"
      R"("resourceRole":"TARGET","eventFirstSeen":"{6}","eventLastSeen":"{6}","archived":{17},"count":{18}}},"severity":{19},"createdAt":"{6}","updatedAt":"{6}",)"
      R"("title":"An unusual connection to i-{5} was seen.","description":"EC2 instance i-{5} is communicating with a remote host in an unusual way."}})",
      account, region, draw.hex(32), draw.hex(32), draw.of(threats), draw.hex(17), draw.time(), draw.address(),
      draw.hex(17), draw.evenly(teams), draw.address(), draw.evenly(stages), draw.address(), draw.below(60000),
      draw.below(90), draw.below(180), draw.below(65536), draw.once_in(0.2), 1 + draw.below(50),
      std::array{"2", "5", "5.3", "8", "8.5"}[draw.below(5)]);
  return envelope(draw, "aws.guardduty", "GuardDuty Finding", account, region, "", detail);
}

std::string config_event(Draw& draw) {
  const auto account = draw.account();
  const auto& region = draw.of(regions);
  const bool good = draw.once_in(0.5);
  const auto result = [&](std::string_view compliance) {
    return fmt::format(
        R"({{"evaluationResultIdentifier":{{"evaluationResultQualifier":{{"configRuleName":"{0}","resourceType":"AWS::{1}::Resource",)"
        R"("resourceId":"{2}","evaluationMode":"DETECTIVE"}},"orderingTimestamp":"{3}"}},"complianceType":"{4}",)"
        R"("resultRecordedTime":"{3}","configRuleInvokedTime":"{3}"}})",
        draw.config_rule(), draw.of(services), draw.bucket(), draw.time(), compliance);
  };
  const auto detail = fmt::format(
      R"({{"resourceId":"{0}","awsRegion":"{1}","awsAccountId":"{2}","configRuleName":"{3}","recordVersion":"1.0",)"
      R"("configRuleARN":"arn:aws:config:{1}:{2}:config-rule/config-rule-{4}","messageType":"ComplianceChangeNotification",)"
      R"("newEvaluationResult":{5},"oldEvaluationResult":{6},"notificationCreationTime":"{7}","resourceType":"AWS::{8}::Resource"}})",
      draw.bucket(), region, account, draw.config_rule(), draw.hex(6), result(good ? "COMPLIANT" : "NON_COMPLIANT"),
      result(good ? "NON_COMPLIANT" : "COMPLIANT"), draw.time(), draw.of(services));
  return envelope(draw, "aws.config", "Config Rules Compliance Change", account, region, "", detail);
}

std::string state_event(Draw& draw) {
  const auto account = draw.account();
  const auto& region = draw.of(regions);
  const auto id = "i-" + draw.hex(17);
  return envelope(draw, "aws.ec2", "EC2 Instance State-change Notification", account, region,
                  fmt::format("\"arn:aws:ec2:{}:{}:instance/{}\"", region, account, id),
                  fmt::format(R"({{"instance-id":"{}","state":"{}"}})", id, draw.of(states)));
}

// ── rules ──

std::string listed(const Words& words) {
  return fmt::format("[\"{}\"]", fmt::join(words, "\",\""));
}

template <typename Make>
std::string several(Draw& draw, std::size_t most, Make make) {
  Words words;
  for (auto count = 1 + draw.skewed(most); count > 0; --count) {
    auto word = make();
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return listed(words);
}

std::string object(const Words& members) {
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

std::string pattern(std::string_view source, std::string_view type, Words members, const Words& detail) {
  members.push_back(fmt::format(R"("source":["{}"])", source));
  members.push_back(fmt::format(R"("detail-type":["{}"])", type));
  if (!detail.empty()) members.push_back("\"detail\":" + object(detail));
  return object(members);
}

Words common(Draw& draw) {
  Words out;
  if (draw.once_in(0.3)) out.push_back("\"account\":" + several(draw, 5, [&] { return draw.account(); }));
  if (draw.once_in(0.2)) out.push_back("\"region\":" + several(draw, 3, [&] { return draw.of(regions); }));
  return out;
}

std::string text_operator(Draw& draw) {
  const auto& team = draw.evenly(teams);
  const auto& stage = draw.evenly(stages);
  switch (draw.below(6)) {
    case 0:
      return fmt::format(R"({{"prefix":"{}-{}-"}})", team, stage);
    case 1:
      return fmt::format(R"({{"suffix":"-{}"}})", draw.skewed(buckets));
    case 2:
      return fmt::format(R"({{"wildcard":"*-{}-*-{}"}})", stage, draw.skewed(buckets));
    case 3:
      return fmt::format(R"({{"wildcard":"{}-*"}})", team);
    case 4:
      return fmt::format(R"({{"anything-but":{{"prefix":"{}-"}}}})", team);
    default:
      return fmt::format(R"({{"equals-ignore-case":"{}-{}-Bucket-{}"}})", team, stage, draw.skewed(buckets));
  }
}

std::string trail_pattern(Draw& draw) {
  const auto service = draw.skewed(services.size());
  Words detail = {fmt::format(R"("eventSource":["{}.amazonaws.com"])", services[service])};
  detail.push_back("\"eventName\":" + several(draw, 6, [&] { return draw.call(service); }));
  if (draw.once_in(0.2)) detail.push_back(R"("errorCode":[{"exists":false}])");
  if (draw.once_in(0.1)) detail.push_back(R"("readOnly":[false])");
  if (draw.once_in(0.08))
    detail.push_back(fmt::format(R"("sourceIPAddress":[{{"cidr":"{}/{}"}}])", draw.address(), 8 + draw.below(17)));
  Words identity;
  if (draw.once_in(0.1)) identity.push_back(R"("type":["AssumedRole","IAMUser"])");
  if (draw.once_in(0.15))
    identity.push_back(fmt::format(R"("arn":[{{"anything-but":{{"wildcard":"*:assumed-role/{}/*"}}}}])", draw.role()));
  if (!identity.empty()) detail.push_back("\"userIdentity\":" + object(identity));
  const bool either = draw.once_in(0.08);
  if (either)
    detail.push_back(
        fmt::format(R"("$or":[{{"requestParameters":{{"bucketName":[{}]}}}},{{"requestParameters":{{"name":[{}]}}}}])",
                    text_operator(draw), text_operator(draw)));
  if (!either && draw.once_in(0.25))
    detail.push_back(fmt::format(R"("requestParameters":{{"bucketName":[{}]}})", text_operator(draw)));
  return pattern("aws." + services[service], "AWS API Call via CloudTrail", common(draw), detail);
}

std::string hub_pattern(Draw& draw) {
  Words finding = {"\"Severity\":{\"Label\":" + several(draw, 3, [&] { return draw.of(severities); }) + "}"};
  if (draw.once_in(0.75))
    finding.push_back("\"Compliance\":{\"Status\":[\"FAILED\"],\"SecurityControlId\":" +
                      several(draw, 4, [&] { return draw.control(); }) + "}");
  if (draw.once_in(0.6)) finding.push_back(R"("Workflow":{"Status":["NEW"]})");
  if (draw.once_in(0.6)) finding.push_back(R"("RecordState":["ACTIVE"])");
  if (draw.once_in(0.4))
    finding.push_back("\"Resources\":{\"Type\":" + several(draw, 3, [&] { return draw.of(resource_types); }) + "}");
  if (draw.once_in(0.2)) finding.push_back(fmt::format(R"("Title":[{{"prefix":"{} "}}])", draw.control()));
  return pattern("aws.securityhub", "Security Hub Findings - Imported", common(draw),
                 {"\"findings\":" + object(finding)});
}

std::string guard_pattern(Draw& draw) {
  Words detail = {draw.once_in(0.5)
                      ? fmt::format(R"("severity":[{{"numeric":[">=",{:.1f}]}}])", 1 + 0.1 * draw.below(80))
                      : fmt::format(R"("severity":[{{"numeric":[">",{},"<",{}]}}])", draw.below(4), 5 + draw.below(4))};
  if (draw.once_in(0.5)) detail.push_back("\"type\":" + several(draw, 3, [&] { return draw.of(threats); }));
  if (draw.once_in(0.3)) detail.push_back(fmt::format(R"("type":[{{"prefix":"{}"}}])", draw.of(threats).substr(0, 9)));
  if (draw.once_in(0.3))
    detail.push_back(fmt::format(
        R"("service":{{"action":{{"networkConnectionAction":{{"remoteIpDetails":{{"ipAddressV4":[{{"cidr":"{}/{}"}}]}}}}}}}})",
        draw.address(), 12 + draw.below(13)));
  auto members = common(draw);
  if (members.empty()) members.push_back("\"account\":" + several(draw, 3, [&] { return draw.account(); }));
  return pattern("aws.guardduty", "GuardDuty Finding", members, detail);
}

std::string config_pattern(Draw& draw) {
  Words detail = {R"("newEvaluationResult":{"complianceType":["NON_COMPLIANT"]})"};
  if (draw.once_in(0.7))
    detail.push_back("\"configRuleName\":" + several(draw, 4, [&] { return draw.config_rule(); }));
  else
    detail.push_back(
        fmt::format(R"("configRuleName":[{{"wildcard":"{}-*-rule-{}"}}])", draw.evenly(teams), draw.skewed(30)));
  if (draw.once_in(0.4)) detail.push_back(fmt::format(R"("resourceType":["AWS::{}::Resource"])", draw.of(services)));
  return pattern("aws.config", "Config Rules Compliance Change", common(draw), detail);
}

std::string state_pattern(Draw& draw) {
  Words members = {"\"account\":" + several(draw, 3, [&] { return draw.account(); })};
  return pattern("aws.ec2", "EC2 Instance State-change Notification", members,
                 {"\"state\":" + several(draw, 3, [&] { return draw.of(states); })});
}

// Rules that name no source, or none exactly.
std::string loose_pattern(Draw& draw) {
  switch (draw.below(4)) {
    case 0:
      return fmt::format(
          R"({{"source":[{{"prefix":"aws."}}],"account":["{}"],"region":["{}"],"detail":{{"errorCode":[{{"exists":true}}]}}}})",
          draw.account(), draw.of(regions));
    case 1:
      return fmt::format(R"({{"detail":{{"requestParameters":{{"bucketName":[{{"wildcard":"*-{}-*-{}"}}]}}}}}})",
                         draw.evenly(stages), draw.skewed(buckets));
    case 2:
      return fmt::format(R"({{"detail":{{"userIdentity":{{"arn":[{{"suffix":"/{}"}}]}}}}}})", draw.role());
    default:
      return fmt::format(R"({{"resources":[{{"prefix":"arn:aws:ec2:{}:{}:"}}]}})", draw.of(regions), draw.account());
  }
}

using Maker = std::string (*)(Draw&);
struct Share {
  Maker make;
  double share;
};

std::vector<std::string> make(std::size_t count, std::uint64_t seed, const std::vector<Share>& shares) {
  Draw draw(seed);
  std::vector<std::string> out;
  while (out.size() < count) {
    double rest = static_cast<double>(draw.below(1'000)) / 1'000;
    for (const auto& [maker, share] : shares) {
      rest -= share;
      if (rest >= 0) continue;
      out.push_back(maker(draw));
      break;
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> make_events(std::size_t count, std::uint64_t seed) {
  return make(count, seed,
              {{trail_event, 0.62}, {hub_event, 0.14}, {guard_event, 0.08}, {config_event, 0.12}, {state_event, 0.04}});
}

std::vector<std::string> make_patterns(std::size_t count, std::uint64_t seed) {
  return make(count, seed,
              {{trail_pattern, 0.6},
               {hub_pattern, 0.14},
               {guard_pattern, 0.08},
               {config_pattern, 0.1},
               {state_pattern, 0.03},
               {loose_pattern, 0.05}});
}

}  // namespace aright::bench
