#pragma once
// The signals of the four examples, as EventBridge would hand them over. Pure.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"

namespace aright::cli {

inline constexpr const char* demo_region = "us-east-1";

json::Object config_event(std::string_view bucket, std::string_view account, Timestamp now);
json::Object guardduty_event(std::string_view instance, std::string_view account, Timestamp now);
json::Object securityhub_event(std::string_view bucket, std::string_view account, Timestamp now);
json::Object cloudtrail_event(std::string_view bucket, std::string_view account, Timestamp now);

// The instance that seed() kept under this name.
std::string instance_of(const json::Object& seeded, std::string_view name);

// The calls by which somebody opens a closed bucket, for seed().
inline constexpr std::string_view opened_bucket = R"(
- call: s3:DeletePublicAccessBlock
  input: {"Bucket": "acme-website-assets"}
- call: s3:PutBucketAcl
  input: {"Bucket": "acme-website-assets", "ACL": "public-read"}
)";

}  // namespace aright::cli
