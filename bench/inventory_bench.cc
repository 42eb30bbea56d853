// How fast, with how many calls and in how much memory a scan reads an account: 10,000 resources of 20 types in the
// emulated cloud, in this process. What it measures is aright's own cost; a real account answers later.
//
//   inventory_bench [resources]
#include <malloc.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/clock.h"
#include "inventory/inventory.h"
#include "sandbox/cloud.h"

namespace aright::inventory {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::string_view account = "111122223333", region = "us-east-1";

// One resource by one call; # is its number.
struct Kind {
  std::string_view type, service, operation, input;
};
constexpr Kind kinds[] = {
    {"AWS::S3::Bucket", "s3", "CreateBucket", R"({"Bucket": "bench-#"})"},
    {"AWS::SQS::Queue", "sqs", "CreateQueue", R"({"QueueName": "bench-#"})"},
    {"AWS::SNS::Topic", "sns", "CreateTopic", R"({"Name": "bench-#"})"},
    {"AWS::IAM::User", "iam", "CreateUser", R"({"UserName": "bench-#"})"},
    {"AWS::IAM::Group", "iam", "CreateGroup", R"({"GroupName": "bench-#"})"},
    {"AWS::IAM::Role", "iam", "CreateRole",
     R"({"RoleName": "bench-#", "AssumeRolePolicyDocument": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}]}"})"},
    {"AWS::DynamoDB::Table", "dynamodb", "CreateTable",
     R"({"TableName": "bench-#", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]})"},
    {"AWS::SSM::Parameter", "ssm", "PutParameter", R"({"Name": "bench-#", "Type": "String", "Value": "x"})"},
    {"AWS::Logs::LogGroup", "logs", "CreateLogGroup", R"({"logGroupName": "bench-#"})"},
    {"AWS::CloudWatch::Alarm", "cloudwatch", "PutMetricAlarm",
     R"({"AlarmName": "bench-#", "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"})"},
    {"AWS::KMS::Key", "kms", "CreateKey", "{}"},
    {"AWS::EC2::InternetGateway", "ec2", "CreateInternetGateway", "{}"},
    {"AWS::EC2::Volume", "ec2", "CreateVolume", R"({"AvailabilityZone": "us-east-1a", "Size": 8})"},
    {"AWS::EC2::VPC", "ec2", "CreateVpc", R"({"CidrBlock": "10.0.0.0/16"})"},
    {"AWS::SecretsManager::Secret", "secretsmanager", "CreateSecret", R"({"Name": "bench-#", "SecretString": "x"})"},
    {"AWS::ECR::Repository", "ecr", "CreateRepository", R"({"repositoryName": "bench-#"})"},
    {"AWS::ECS::Cluster", "ecs", "CreateCluster", R"({"clusterName": "bench-#"})"},
    {"AWS::EFS::FileSystem", "efs", "CreateFileSystem", R"({"CreationToken": "bench-#"})"},
    {"AWS::Events::Rule", "events", "PutRule", R"_({"Name": "bench-#", "ScheduleExpression": "rate(1 day)"})_"},
    {"AWS::RDS::DBParameterGroup", "rds", "CreateDBParameterGroup",
     R"({"DBParameterGroupName": "bench-#", "DBParameterGroupFamily": "mysql8.0", "Description": "bench"})"},
};

// Counts what goes by.
class Counted final : public aws::Caller {
 public:
  explicit Counted(aws::Caller& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    ++calls;
    return below_.call(call, context);
  }
  std::atomic<std::size_t> calls = 0;

 private:
  aws::Caller& below_;
};

void fill(sandbox::Cloud& cloud, std::size_t resources) {
  for (std::size_t i = 0; i < resources; ++i) {
    const auto& kind = kinds[i % std::size(kinds)];
    std::string input(kind.input);
    if (auto at = input.find('#'); at != std::string::npos) input.replace(at, 1, std::to_string(i));
    aws::Call call{.service = std::string(kind.service), .operation = std::string(kind.operation),
                   .region = std::string(region), .account = std::string(account),
                   .input = json::parse(input)->as_object()};
    auto made = cloud.call(call, {});
    if (made) continue;
    fmt::print(stderr, "{} {}: {}\n", call.name(), input, made.error().text());
    std::exit(1);
  }
  cloud.clear_calls();
}

// "VmHWM" is the most that was resident, "VmRSS" what is now; in kB.
double resident_mb(std::string_view what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(what)) return std::atof(line.c_str() + what.size() + 1) / 1024;
  return 0;
}

// The peak is counted from here on.
void forget_peak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

int run(std::size_t resources) {
  SystemClock clock;
  sandbox::Cloud cloud({.account = std::string(account)}, clock);
  fill(cloud, resources);
  Counted counted(cloud);
  std::vector<Want> wants;
  for (const auto& kind : kinds) wants.push_back({.type = std::string(kind.type), .aspects = {}});
  forget_peak();
  auto before_mb = resident_mb("VmRSS");
  auto start = Steady::now();
  auto report = scan(counted, {{std::string(account), std::string(region)}}, wants, clock, {},
                     {.seen = [](const cloud::Snapshot&) {}, .progress = {}});
  double elapsed_s = std::chrono::duration<double>(Steady::now() - start).count();
  if (!report || report->resources < resources || !report->gaps.empty()) {
    fmt::print(stderr, "the scan is not whole: {}\n",
               !report ? report.error().text() : report->gaps.empty() ? "too few" : report->gaps[0].why);
    return 1;
  }
  auto count = static_cast<double>(report->resources);
  fmt::print("{} resources of {} types, all aspects\n", report->resources, std::size(kinds));
  fmt::print("{:>24}: {:.0f}\n", "resources per second", count / elapsed_s);
  fmt::print("{:>24}: {:.2f}\n", "calls per resource", static_cast<double>(counted.calls) / count);
  fmt::print("{:>24}: {:.1f} MB, {:.1f} MB of them the scan's\n", "peak memory", resident_mb("VmHWM"),
             resident_mb("VmHWM") - before_mb);
  return 0;
}

}  // namespace
}  // namespace aright::inventory

int main(int argc, char** argv) {
  return aright::inventory::run(argc > 1 ? static_cast<std::size_t>(std::atol(argv[1])) : 10'000);
}
