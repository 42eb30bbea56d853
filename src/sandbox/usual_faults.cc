// What `aws` stands for in a fault plan: windows and rates as AWS has them. SQS's windows, EC2's and most
// rates are documented; where AWS publishes none, they are ours, and of the same size.
#include "sandbox/fault_plan.h"

namespace aright::sandbox {

namespace {

StaleRule stale(const char* service, const char* operation, std::int64_t window_s) {
  return {.which = {.service = service, .operation = operation, .only = Which::Only::reads},
          .window = std::chrono::seconds(window_s)};
}

LimitRule limit(const char* service, const char* operation, double burst, double per_second, const char* share = "",
                Which::Only only = Which::Only::all) {
  return {.which = {.service = service, .operation = operation, .only = only},
          .burst = burst, .per_second = per_second, .share = share};
}

}  // namespace

std::vector<StaleRule> usual_stale_rules() {
  return {stale("sqs", "ListQueues", 60),   stale("sqs", "GetQueueAttributes", 60),
          stale("s3", "ListBuckets", 30),   stale("s3", "GetBucket*", 5),
          stale("s3", "GetPublicAccessBlock", 5), stale("iam", "*", 10),
          stale("ec2", "Describe*", 5),     stale("kms", "*", 5),
          stale("cloudtrail", "*", 10),     stale("config", "*", 10),
          stale("organizations", "*", 10),  stale("lambda", "*", 2),
          stale("sns", "*", 5),             stale("logs", "*", 2)};
}

// The first that matches decides: operations first, then classes of them, then what is left.
std::vector<LimitRule> usual_limits() {
  using Only = Which::Only;
  return {limit("ec2", "RunInstances", 5, 2),
          limit("ec2", "StartInstances", 5, 2),
          limit("ec2", "StopInstances", 5, 2),
          limit("ec2", "TerminateInstances", 50, 5),
          limit("ec2", "CreateTags", 100, 10),
          limit("ec2", "AssociateAddress", 50, 5),
          limit("ec2", "CreateSnapshot", 100, 5),
          limit("ec2", "*", 100, 20, "", Only::reads),
          limit("ec2", "*", 50, 5, "", Only::writes),
          limit("s3", "PutObject", 3500, 3500, "objects"),
          limit("s3", "DeleteObject*", 3500, 3500, "objects"),
          limit("s3", "CopyObject", 3500, 3500, "objects"),
          limit("s3", "GetObject*", 5500, 5500),
          limit("s3", "HeadObject", 5500, 5500),
          limit("s3", "CreateBucket", 10, 1),
          limit("sts", "*", 600, 600, "all"),
          limit("kms", "Encrypt", 5500, 5500, "cryptography"),
          limit("kms", "Decrypt", 5500, 5500, "cryptography"),
          limit("kms", "GenerateDataKey*", 5500, 5500, "cryptography"),
          limit("kms", "CreateKey", 5, 5),
          limit("kms", "*", 100, 15),
          limit("lambda", "Invoke*", 1000, 1000),
          limit("lambda", "GetFunction", 100, 100),
          limit("lambda", "*", 15, 15, "control"),
          limit("ssm", "GetParameter*", 40, 40, "parameters"),
          limit("ssm", "PutParameter", 3, 3),
          limit("sns", "Publish*", 300, 300),
          limit("sns", "Subscribe", 100, 100),
          limit("sqs", "SendMessage*", 3000, 3000),
          limit("sqs", "ReceiveMessage", 3000, 3000),
          limit("logs", "PutLogEvents", 5000, 5000),
          limit("logs", "Describe*", 10, 10),
          limit("dynamodb", "Get*", 1000, 1000, "table"),
          limit("dynamodb", "*", 500, 500, "table"),
          limit("cloudtrail", "LookupEvents", 2, 2),
          limit("organizations", "*", 15, 5),
          limit("iam", "*", 60, 15),
          limit("*", "*", 100, 20)};
}

}  // namespace aright::sandbox
