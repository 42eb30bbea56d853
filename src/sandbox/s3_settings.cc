// What S3 refuses of a bucket's lifecycle rules and notifications.
#include <algorithm>
#include <array>

#include "cloud/s3_notifications.h"
#include "sandbox/authorize.h"
#include "sandbox/needs.h"
#include "sandbox/s3_access.h"

namespace aright::sandbox::s3_setting_hooks {

namespace {

constexpr std::array lifecycle_actions{
    "AbortIncompleteMultipartUpload", "Expiration", "NoncurrentVersionExpiration", "NoncurrentVersionTransition",
    "NoncurrentVersionTransitions",   "Transition", "Transitions"};

Result<> check_lifecycle(Scene& scene) {
  for (const auto& rule : json::items(scene.input("LifecycleConfiguration.Rules"))) {
    auto acts = [&](const char* action) { return !json::at(rule, action).is_null(); };
    if (std::ranges::none_of(lifecycle_actions, acts))
      return fail(scene.error("InvalidRequest", "At least one action needs to be specified in a rule"));
  }
  return {};
}

// What S3 does to tell a receiver of this kind.
std::string_view telling_action(std::string_view target) {
  if (target == "QueueArn") return "sqs:SendMessage";
  return target == "TopicArn" ? "sns:Publish" : "lambda:InvokeFunction";
}

// Whether the receiver is there, and its policy lets S3 in on behalf of this bucket.
bool lets_s3_in(const Scene& scene, const std::string& bucket_arn, const std::string& receiver,
                std::string_view action) {
  const auto* resource = resource_at(scene, receiver);
  auto policy = resource == nullptr ? std::nullopt : resource_policy(scene, *resource);
  if (!policy) return false;
  iam::Caller s3{.kind = iam::Caller::Kind::service, .account = "", .arn = "s3.amazonaws.com", .role = ""};
  iam::Request request{.caller = std::move(s3),
                       .action = std::string(action),
                       .resource = receiver,
                       .resource_account = resource->ref.account,
                       .keys = {}};
  request.keys.set("aws:SourceArn", bucket_arn);
  request.keys.set("aws:SourceAccount", scene.call.account);
  request.keys.set("aws:SecureTransport", "true");
  request.keys.set("aws:PrincipalIsAWSService", "true");
  iam::Policies policies;
  policies.resource = std::move(policy);
  return iam::evaluate(request, policies).allowed();
}

Result<> check_notifications(Scene& scene) {
  const auto* bucket = scene.find(bucket_type, scene.text("Bucket"));
  if (bucket == nullptr || json::truth(scene.input("SkipDestinationValidation"))) return {};
  auto bucket_arn = scene.arn(*bucket);
  const auto& asked = scene.input("NotificationConfiguration");
  for (const auto& kind : cloud::notification_kinds)
    for (const auto& one : json::items(json::at(asked, kind.api)))
      if (!lets_s3_in(scene, bucket_arn, json::text(one, kind.target, ""), telling_action(kind.target)))
        return fail(scene.error("InvalidArgument", "Unable to validate the following destination configurations"));
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("s3:PutBucketLifecycle", check_lifecycle);
  hooks.check("s3:PutBucketLifecycleConfiguration", check_lifecycle);
  hooks.check("s3:PutBucketNotificationConfiguration", check_notifications);
}

}  // namespace aright::sandbox::s3_setting_hooks
