#pragma once
// What an operation needs, as IAM's action data has it: actions, and the resources they are about.
// tools/actions lists it. Immutable; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace aright::cloud {

struct Permission {
  std::string action;             // s3:ListAllMyBuckets
  std::vector<std::string> arns;  // templates: arn:${Partition}:s3:::${BucketName}; none: no resource, "*"
};

// Service by its boto3 name, operation in PascalCase. None: everybody may (sts:GetCallerIdentity). What
// the data does not know is named after the operation.
std::vector<Permission> permissions_of(std::string_view service, std::string_view operation);

// s3 for s3control, elasticloadbalancing for elbv2; the service itself when IAM does not know it.
std::string iam_prefix(std::string_view service);

}  // namespace aright::cloud
