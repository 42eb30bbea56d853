#include "aws/quirks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace aright::aws {

namespace {

constexpr std::array<std::string_view, 5> route53_ids = {"Id", "HostedZoneId", "ResourceId",
                                                         "ChangeId", "DelegationSetId"};

constexpr std::array<std::string_view, 5> s3_overshadowed = {
    "GetBucketLifecycle", "GetBucketNotification", "ListDirectoryBuckets", "PutBucketLifecycle",
    "PutBucketNotification"};

constexpr std::string_view version_mark = "?versionId=";

// Whatever stands before the version goes through `change`.
template <typename Change>
void change_copy_source(json::Object& input, Change change) {
  const json::Value& given = json::at(input, "CopySource");
  if (!given.is_string()) return;
  auto text = json::text(given);
  auto version = text.find(version_mark);
  auto rest = version == text.npos ? "" : text.substr(version);
  input["CopySource"] = change(text.substr(0, version)) + rest;
}

// S3's answers are named after what they hold.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> s3_roots = {{
    {"CreateMultipartUpload", "InitiateMultipartUploadResult"},
    {"DeleteObjects", "DeleteResult"},
    {"GetBucketAccelerateConfiguration", "AccelerateConfiguration"},
    {"GetBucketAcl", "AccessControlPolicy"},
    {"GetBucketCors", "CORSConfiguration"},
    {"GetBucketLifecycleConfiguration", "LifecycleConfiguration"},
    {"GetBucketLogging", "BucketLoggingStatus"},
    {"GetBucketNotificationConfiguration", "NotificationConfiguration"},
    {"GetBucketRequestPayment", "RequestPaymentConfiguration"},
    {"GetBucketTagging", "Tagging"},
    {"GetBucketVersioning", "VersioningConfiguration"},
    {"GetBucketWebsite", "WebsiteConfiguration"},
    {"GetObjectAcl", "AccessControlPolicy"},
    {"GetObjectAttributes", "GetObjectAttributesResponse"},
    {"GetObjectTagging", "Tagging"},
    {"ListBuckets", "ListAllMyBucketsResult"},
    {"ListObjectVersions", "ListVersionsResult"},
    {"ListObjects", "ListBucketResult"},
    {"ListObjectsV2", "ListBucketResult"},
    {"ListBucketInventoryConfigurations", "ListInventoryConfigurationsResult"},
    {"ListBucketMetricsConfigurations", "ListMetricsConfigurationsResult"},
}};

}  // namespace

void adjust_input(const model::Service& service, json::Object& input) {
  if (service.name() == "route53") {
    for (std::string_view name : route53_ids) {
      auto text = json::text(input, name);
      auto bare = text.substr(text.rfind('/') + 1);
      if (text.starts_with('/') && !bare.empty()) input[name] = bare;
    }
  }
  if (service.name() == "glacier" && json::at(input, "accountId").is_null()) {
    input["accountId"] = "-";
  }
  if (service.name() == "s3") {
    change_copy_source(input, [](const std::string& text) { return percent_encode(text, true); });
  }
}

void restore_input(const model::Service& service, json::Object& input) {
  if (service.name() != "s3") return;
  change_copy_source(input, [](const std::string& text) { return percent_decode(text); });
}

void finish_request(const model::Service& service, net::Request& request) {
  if (service.name() == "glacier") {
    request.headers.set("x-amz-glacier-version", std::string(service.api_version()));
  }
  // Asks for the error codes that SQS had when it spoke query.
  if (service.name() == "sqs") request.headers.set("x-amzn-query-mode", "true");
  if (service.name() == "apigateway" && !request.headers.find("Accept")) {
    request.headers.set("Accept", "application/json");
  }
}

std::string todays_error(const model::Service& service, std::string_view code) {
  if (service.name() != "sqs") return "";
  constexpr std::string_view old = "AWS.SimpleQueueService.";
  if (code.starts_with(old)) code.remove_prefix(old.size());
  if (code == "NonExistentQueue") return "QueueDoesNotExist";
  return code == "QueueAlreadyExists" ? "QueueNameExists" : std::string(code);
}

bool is_overshadowed(const model::Service& service, const model::Operation& operation) {
  return service.name() == "s3" && std::ranges::count(s3_overshadowed, operation.name()) > 0;
}

bool is_bare_location(const model::Service& service, const model::Operation& operation) {
  return service.name() == "s3" && operation.name() == "GetBucketLocation";
}

std::string answer_root(const model::Service& service, const model::Operation& operation) {
  if (service.name() != "s3") return std::string(operation.name()) + "Response";
  auto found = std::ranges::find(s3_roots, operation.name(),
                                 &std::pair<std::string_view, std::string_view>::first);
  if (found != s3_roots.end()) return std::string(found->second);
  return std::string(operation.name()) + "Result";
}

std::string_view answer_namespace(const model::Service& service) {
  if (service.name() == "s3") return "http://s3.amazonaws.com/doc/2006-03-01/";
  return service.xml_namespace();
}

}  // namespace aright::aws
