// The event history, of what was done to this emulated cloud; and what trails tell of themselves.
#include <algorithm>

#include "base/text.h"
#include "cloud/classify.h"
#include "iam/policy.h"
#include "sandbox/hook.h"
#include "sandbox/kms.h"
#include "sandbox/paging.h"
#include "sandbox/trail.h"

namespace aright::sandbox::cloudtrail_hooks {

namespace {

constexpr std::string_view trail_type = "AWS::CloudTrail::Trail";
constexpr std::int64_t events_max = 50;
constexpr std::chrono::milliseconds kept_for = std::chrono::days(90),
                                    delivery_every = std::chrono::minutes(5);

json::Array resources_of(const Scene& scene, const aws::Call& call) {
  json::Array out;
  for (const auto& touch : cloud::classify(call, scene.catalog).touches)
    if (!touch.resource.id.empty())
      out.push_back(
          json::Object{{"ResourceType", touch.resource.type}, {"ResourceName", touch.resource.id}});
  return out;
}

json::Object told(const Scene& scene, const WriteRecord& write) {
  auto event = trail_event(scene.catalog.models(), write.principal, write, write.event_id);
  const auto& detail = event["detail"];
  const auto& who = json::at(detail, "userIdentity");
  return {{"EventId", write.event_id},
          {"EventName", json::at(detail, "eventName")},
          {"EventSource", json::at(detail, "eventSource")},
          {"EventTime", json::at(detail, "eventTime")},
          {"ReadOnly", "false"},
          {"Username", json::text(who, "userName",
                                  write.principal.account == scene.call.account ? "root" : "")},
          {"Resources", resources_of(scene, write.call)},
          {"CloudTrailEvent", json::print(detail)}};
}

bool asked_for(const Scene& scene, const json::Object& event) {
  for (const auto& asked : json::items(scene.input("LookupAttributes"))) {
    auto key = json::text(asked, "AttributeKey", ""),
         value = json::text(asked, "AttributeValue", "");
    if (key == "ResourceType" || key == "ResourceName") {
      auto is = [&](const json::Value& one) { return json::text(one, key, "") == value; };
      if (std::ranges::none_of(json::items(json::at(event, "Resources")), is)) return false;
    } else if (json::text(event, key, "") != value) {
      return false;
    }
  }
  return true;
}

Result<json::Object> lookup_events(Scene& scene) {
  auto oldest = scene.now - kept_for;
  auto from = parse_timestamp(scene.text("StartTime")), to = parse_timestamp(scene.text("EndTime"));
  if (from && to && *from > *to) return fail(scene.error("InvalidTimeRangeException"));
  auto limit =
      std::clamp<std::int64_t>(json::integer(scene.input("MaxResults"), events_max), 1, events_max);
  auto skip = static_cast<std::int64_t>(TRY(page_start(scene, "NextToken")));
  json::Array events;
  std::int64_t seen = 0;
  for (auto it = scene.history.rbegin(); it != scene.history.rend(); ++it) {
    if (it->time < oldest || it->call.account != scene.call.account ||
        it->call.region != scene.call.region || (from && it->time < *from) ||
        (to && it->time > *to))
      continue;
    auto event = told(scene, *it);
    if (!asked_for(scene, event) || seen++ < skip) continue;
    if (std::ssize(events) == limit)
      return json::Object{{"Events", std::move(events)},
                          {"NextToken", page_token(scene.call.operation, std::to_string(skip + limit))}};
    events.push_back(std::move(event));
  }
  return json::Object{{"Events", std::move(events)}};
}

bool lets_trails_write(const Resource& bucket) {
  auto policy = iam::parse_policy(json::text(bucket.aspect("Policy")));
  auto allows = [&](std::string_view action) {
    return policy && std::ranges::any_of(policy->statements, [&](const iam::Statement& one) {
             if (one.effect != iam::Effect::allow || !one.principals) return false;
             const auto& services = one.principals->service;
             auto fits = [&](const std::string& pattern) { return glob_match(pattern, action); };
             return std::ranges::find(services, "cloudtrail.amazonaws.com") != services.end() &&
                    std::ranges::any_of(one.actions, fits);
           });
  };
  return allows("s3:GetBucketAcl") && allows("s3:PutObject");
}

// The bucket of a trail lets CloudTrail look at it and write into it. Of another account's, its owner knows.
Result<> check_bucket(Scene& scene) {
  const auto* bucket = scene.find("AWS::S3::Bucket", scene.text("S3BucketName"));
  if (bucket == nullptr || lets_trails_write(*bucket)) return {};
  return fail(scene.error("InsufficientS3BucketPolicyException", "", bucket));
}

// A trail tells its key by ARN, by whatever name it was given.
Result<> finish_key(Scene& scene, json::Object& output) {
  auto name = scene.text("KmsKeyId");
  if (name.empty()) return {};
  auto arn = key_arn(scene, name);
  if (!arn) return fail(scene.error("KmsKeyNotFoundException"));
  auto* trail = TRY(scene.need(trail_type, json::text(output, "Name")));
  trail->set("KMSKeyId", json::Value(*arn));
  output["KmsKeyId"] = *arn;
  return {};
}

// Trails of other regions that log this one too are shown as well, unless they are not wanted.
Result<> finish_describe(Scene& scene, json::Object& output) {
  if (!json::truth(scene.input("includeShadowTrails"), true)) return {};
  auto asked = json::texts(scene.input("trailNameList"));
  auto& list = output["trailList"];
  for (const auto* trail : scene.world.everywhere(trail_type)) {
    bool elsewhere = trail->ref.account == scene.call.account && trail->ref.region != scene.call.region;
    if (!elsewhere || !json::truth(trail->aspect("IsMultiRegionTrail"))) continue;
    if (asked.empty() || std::ranges::find(asked, scene.arn(*trail)) != asked.end())
      list.as_array().push_back(scene.shown(*trail));
  }
  return {};
}

// Of several trails at once, each by its ARN.
Result<> finish_list_tags(Scene& scene, json::Object& output) {
  json::Array list;
  for (const auto& arn : json::items(scene.input("ResourceIdList"))) {
    auto ref = scene.catalog.find_arn(json::text(arn));
    if (!ref || ref->type != trail_type) return fail(scene.error("CloudTrailARNInvalidException"));
    auto* trail = TRY(scene.need(trail_type, ref->id));
    auto tags = json::items(trail->aspect("Tags"));
    list.push_back(json::Object{{"ResourceId", arn}, {"TagsList", std::move(tags)}});
  }
  output["ResourceTagList"] = std::move(list);
  return {};
}

json::Value topic_arn(const Scene& scene, const Resource& trail) {
  auto name = json::text(trail.aspect("SnsTopicName"));
  if (name.empty()) return nullptr;
  if (name.starts_with("arn:")) return json::Value(name);
  return scene.fill(json::Value("arn:{partition}:sns:{region}:{account}:" + name), &trail);
}

json::Value custom_selectors(const Scene&, const Resource& trail) {
  const auto& basic = json::items(json::at(trail.aspect("Selectors"), "EventSelectors"));
  bool usual = basic.size() == 1 && json::text(basic[0], "ReadWriteType", "All") == "All" &&
               json::truth(json::at(basic[0], "IncludeManagementEvents"), true) &&
               json::items(json::at(basic[0], "DataResources")).empty();
  return !usual;
}

json::Value insight_selectors(const Scene&, const Resource& trail) {
  return !json::items(trail.aspect("InsightSelectors")).empty();
}

// Logs go out every few minutes for as long as the trail logs.
json::Value last_delivery(const Scene& scene, const Resource& trail) {
  auto since = parse_timestamp(json::text(json::at(trail.record, "StartLoggingTime")));
  if (!since || !json::truth(trail.aspect("IsLogging")) || *since + delivery_every > scene.now)
    return nullptr;
  return json::Value((*since + (scene.now - *since) / delivery_every * delivery_every).iso());
}

json::Value last_logs_delivery(const Scene& scene, const Resource& trail) {
  if (trail.aspect("CloudWatchLogsLogGroupArn").is_null()) return nullptr;
  return last_delivery(scene, trail);
}

}  // namespace

void add(Hooks& hooks) {
  auto derive = [&](std::string_view aspect, Derive hook) {
    hooks.derive(fmt::format("{}/{}", trail_type, aspect), std::move(hook));
  };
  hooks.check("cloudtrail:CreateTrail", check_bucket);
  hooks.check("cloudtrail:UpdateTrail", check_bucket);
  hooks.emulate("cloudtrail:LookupEvents", lookup_events);
  hooks.finish("cloudtrail:CreateTrail", finish_key);
  hooks.finish("cloudtrail:UpdateTrail", finish_key);
  hooks.finish("cloudtrail:DescribeTrails", finish_describe);
  hooks.finish("cloudtrail:ListTags", finish_list_tags);
  derive("SnsTopicARN", topic_arn);
  derive("HasCustomEventSelectors", custom_selectors);
  derive("HasInsightSelectors", insight_selectors);
  derive("LatestDeliveryTime", last_delivery);
  derive("LatestCloudWatchLogsDeliveryTime", last_logs_delivery);
}

}  // namespace aright::sandbox::cloudtrail_hooks
