// The named shapers turned round: find_unshaper of shapers.h.
#include <array>

#include "base/text.h"
#include "cloud/s3_notifications.h"
#include "cloud/shapers.h"

namespace aright::cloud {

namespace {

json::Value document_text(const json::Value& value) {
  return value.is_string() ? value : json::Value(json::print(value));
}

// ["arn:…"] → [{"PolicyArn": "arn:…"}]
json::Value policies_of_arns(const json::Value& value) {
  json::Array out;
  for (const auto& arn : json::items(value))
    out.push_back(
        json::Object{{"PolicyName", json::text(arn).substr(json::text(arn).rfind('/') + 1)},
                     {"PolicyArn", arn}});
  return out;
}

json::Value policies_by_name(const json::Value& value) {
  json::Object out;
  for (const auto& policy : json::items(value))
    out[json::text(policy, "PolicyName", "")] = document_text(json::at(policy, "PolicyDocument"));
  return out;
}

json::Value tags_by_key(const json::Value& value) {
  if (!value.is_array()) return value;
  json::Object out;
  for (const auto& tag : value.get_array())
    out[json::text(tag, "Key", "")] = json::scalar_text(json::at(tag, "Value"));
  return out;
}

json::Value tags_of_map(const json::Value& value) {
  if (!value.is_object()) return value;
  json::Array out;
  for (const auto& [key, text] : value.get_object())
    out.push_back(json::Object{{"Key", key}, {"Value", json::scalar_text(text)}});
  return out;
}

json::Value weights_by_version(const json::Value& value) {
  json::Object weights;
  for (const auto& one : json::items(json::at(value, "AdditionalVersionWeights")))
    weights[json::text(one, "FunctionVersion", "")] = json::at(one, "FunctionWeight");
  return json::Object{{"AdditionalVersionWeights", std::move(weights)}};
}

json::Value enabled_stream(const json::Value& value) {
  return json::Object{{"StreamEnabled", true}, {"StreamViewType", json::at(value, "StreamViewType")}};
}

json::Value text_of(const json::Value& value) {
  return json::Value(json::scalar_text(value));
}

json::Value settings_by_method(const json::Value& value) {
  json::Object out;
  for (const auto& one : json::items(value)) {
    auto path = json::text(one, "ResourcePath", "/*");
    if (path.starts_with('/')) path.erase(0, 1);
    json::Object settings;
    for (const auto& [name, member] : json::members(one)) {
      if (name == "HttpMethod" || name == "ResourcePath") continue;
      std::string api = name;
      api[0] = lower(api.substr(0, 1))[0];
      settings[api] = member;
    }
    out[fmt::format("{}/{}", replace_all(path, "/", "~1"), json::text(one, "HttpMethod", "*"))] =
        std::move(settings);
  }
  return out;
}

// Several events of a configuration are several entries in CloudFormation; one each comes back.
json::Value notifications(const json::Value& value) {
  json::Object out;
  for (const auto& kind : notification_kinds) {
    json::Array list;
    for (const auto& one : json::items(json::at(value, kind.cloudformation))) {
      json::Object entry{{"Events", json::Array{json::at(one, "Event")}},
                         {kind.target, json::at(one, kind.property)}};
      if (const auto& rules = json::at(one, {"Filter", "S3Key", "Rules"}); !rules.is_null())
        entry["Filter"] = json::Object{{"Key", json::Object{{"FilterRules", rules}}}};
      list.push_back(std::move(entry));
    }
    if (!list.empty()) out[kind.api] = std::move(list);
  }
  if (!json::at(value, "EventBridgeConfiguration").is_null())
    out["EventBridgeConfiguration"] = json::Object();
  return out;
}

json::Object counted(json::Array items) {
  json::Object out{{"Quantity", items.size()}};
  if (!items.empty()) out["Items"] = std::move(items);
  return out;
}

// CloudFront's lists with their counts.
json::Value counted_lists(const json::Value& value) {
  if (const auto* list = value.if_array()) {
    json::Array out;
    for (const auto& item : *list)
      out.push_back(counted_lists(item));
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [name, member] : value.get_object()) {
    if (name == "OriginGroups" || name == "CachedMethods")
      continue;
    else if (name == "Locations")
      out["Items"] = member;
    else if (member.is_array())
      out[name] = counted(json::items(counted_lists(member)));
    else
      out[name] = counted_lists(member);
  }
  for (const auto* name : {"TrustedSigners", "TrustedKeyGroups"})
    if (auto* trusted = out.if_contains(name); trusted != nullptr && trusted->is_object())
      trusted->as_object()["Enabled"] = json::integer(json::at(*trusted, "Quantity")) > 0;
  if (const auto& cached = json::at(value, "CachedMethods"); cached.is_array())
    if (auto* allowed = out.if_contains("AllowedMethods"))
      allowed->as_object()["CachedMethods"] = counted(cached.get_array());
  if (const auto& groups = json::at(value, "OriginGroups"); !groups.is_null())
    out["OriginGroups"] = groups;
  if (!json::at(value, "RestrictionType").is_null())
    out["Quantity"] = json::items(json::at(value, "Locations")).size();
  bool configuration = out.contains("DefaultCacheBehavior") && out.contains("Origins");
  if (configuration && !out.contains("CallerReference")) out["CallerReference"] = "cloudformation";
  if (configuration && !out.contains("Comment")) out["Comment"] = "";
  return out;
}

}  // namespace

Shaper find_unshaper(std::string_view name) {
  if (name == "bucket_notifications") return notifications;
  if (name == "tag_list") return tags_by_key;
  if (name == "method_settings") return settings_by_method;
  if (name == "plain_lists") return counted_lists;
  if (name == "policy_arns") return policies_of_arns;
  if (name == "inline_policies") return policies_by_name;
  if (name == "is_ENABLED")
    return [](const json::Value& value) {
      return json::Value(json::truth(value) ? "ENABLED" : "DISABLED");
    };
  if (name == "is_Enabled")
    return [](const json::Value& value) { return json::Value(json::truth(value) ? "Enabled" : "Disabled"); };
  if (name == "is_enabled")
    return [](const json::Value& value) {
      return json::Value(json::truth(value) ? "Enabled" : "Suspended");
    };
  if (name == "number" || name == "flag") return text_of;
  if (name == "tag_map") return tags_of_map;
  if (name == "version_weights") return weights_by_version;
  if (name == "stream_specification") return enabled_stream;
  if (name == "is_active")
    return [](const json::Value& value) { return json::Value(json::truth(value) ? "ACTIVE" : "INACTIVE"); };
  return nullptr;
}

}  // namespace aright::cloud
