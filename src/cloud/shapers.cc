#include "cloud/shapers.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cloud/path.h"
#include "cloud/s3_notifications.h"

namespace aright::cloud {

namespace {

// Walks a value, moving members to where `moves` sends them. Lists keep their length: the i-th item
// of the source is the i-th of the target.
class Mover {
 public:
  explicit Mover(const Shaping& shape)
      : moves_(shape.moves), pascal_(shape.pascal), verbatim_(shape.verbatim) {}

  json::Value move(const json::Value& value) {
    root_ = nullptr;
    walk(value, "", {});
    return std::move(root_);
  }

 private:
  struct Hop {
    std::string member;  // "" stays in the list
    std::ptrdiff_t index = -1;
  };
  using Place = std::vector<Hop>;

  static std::string shown(std::string name, bool pascal) {
    if (pascal && !name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] -= 'a' - 'A';
    return name;
  }

  // The target of `name`, with the indices of the lists that were walked through so far.
  Place target(const std::string& to, const Place& here) const {
    Place place;
    std::vector<std::ptrdiff_t> indices;
    for (const auto& hop : here)
      if (hop.index >= 0) indices.push_back(hop.index);
    auto path = Path::parse(to);
    std::size_t used = 0;
    for (const auto& step : path ? path->steps() : std::vector<Step>{}) {
      place.push_back({.member = step.member});
      if (step.each)
        place.back().index =
            used < indices.size() ? indices[used++] : 0;  // one becomes a list of one
    }
    return place;
  }

  void walk(const json::Value& value, const std::string& source, const Place& place) {
    if (const auto* object = value.if_object()) {
      if (object->empty()) put(place, value);
      for (const auto& [name, member] : *object) {
        auto from = source.empty() ? std::string(name) : source + "." + std::string(name);
        auto moved = moves_.find(from);
        if (moved != moves_.end() && moved->second.empty()) continue;
        auto next = place;
        if (moved != moves_.end())
          next = target(moved->second, place);
        else
          next.push_back({.member = shown(name, pascal_)});
        if (std::ranges::find(verbatim_, from) != verbatim_.end())
          put(next, member);
        else
          walk(member, from, next);
      }
    } else if (const auto* array = value.if_array(); array && !place.empty()) {
      if (array->empty()) put(place, value);
      auto next = place;
      for (std::size_t i = 0; i < array->size(); ++i) {
        next.back().index = static_cast<std::ptrdiff_t>(i);
        walk((*array)[i], source + "[]", next);
      }
    } else {
      put(place, value);
    }
  }

  void put(const Place& place, const json::Value& value) {
    auto* here = &root_;
    for (const auto& hop : place) {
      if (!here->is_object()) *here = json::Object();
      here = &here->as_object()[hop.member];
      if (hop.index < 0) continue;
      if (!here->is_array()) *here = json::Array();
      auto& items = here->as_array();
      while (static_cast<std::ptrdiff_t>(items.size()) <= hop.index)
        items.emplace_back(nullptr);
      here = &items[static_cast<std::size_t>(hop.index)];
    }
    *here = value;
  }

  const std::map<std::string, std::string>& moves_;
  bool pascal_;
  const std::vector<std::string>& verbatim_;
  json::Value root_;
};

// Moves in a list are moves in each of its items.
json::Value moved(const Shaping& shape, const json::Value& value) {
  if (!value.is_array()) return Mover(shape).move(value);
  json::Array out;
  for (const auto& item : value.get_array())
    out.push_back(moved(shape, item));
  return out;
}

json::Value parsed(const json::Value& value) {
  if (!value.is_string()) return value;
  auto document = json::parse(value.get_string());
  return document ? *document : value;
}

// {"k": "v"} → [{"Key": "k", "Value": "v"}], and so [{"key": "k", "value": "v"}]
json::Value tag_list(const json::Value& value) {
  json::Array list;
  for (const auto& item : json::items(value)) {
    auto [key, member] = tag_of(item);
    list.push_back(json::Object{{"Key", key}, {"Value", member}});
  }
  for (const auto& [key, member] : value.get_object())
    list.push_back(json::Object{{"Key", key}, {"Value", member}});
  return list;
}

// One entry per event, as CloudFormation has it; API entries hold lists of events.
json::Value bucket_notifications(const json::Value& value) {
  json::Object out;
  for (const auto& kind : notification_kinds) {
    json::Array list;
    for (const auto& entry : json::items(json::at(value, kind.api))) {
      for (const auto& event : json::items(json::at(entry, "Events"))) {
        json::Object one{{"Event", event}, {kind.property, json::at(entry, kind.target)}};
        json::Array rules;
        for (const auto& rule : json::items(json::at(entry, {"Filter", "Key", "FilterRules"})))
          rules.push_back(
              json::Object{{"Name", json::at(rule, "Name")}, {"Value", json::at(rule, "Value")}});
        if (!rules.empty()) one["Filter"] = json::Object{{"S3Key", json::Object{{"Rules", rules}}}};
        list.push_back(std::move(one));
      }
    }
    if (!list.empty()) out[kind.cloudformation] = std::move(list);
  }
  if (value.is_object() && value.get_object().contains("EventBridgeConfiguration"))
    out["EventBridgeConfiguration"] = json::Object{{"EventBridgeEnabled", true}};
  return out;
}

// {"pets/GET": {"loggingLevel": …}} → [{"ResourcePath": "/pets", "HttpMethod": "GET", "LoggingLevel": …}]
json::Value method_settings(const json::Value& value) {
  json::Array list;
  for (const auto& [key, settings] : json::members(value)) {
    auto slash = std::string_view(key).rfind('/');
    json::Object one{{"HttpMethod", std::string_view(key).substr(slash + 1)},
                     {"ResourcePath", "/" + std::string(key).substr(0, slash)}};
    for (const auto& [name, member] : json::members(settings)) {
      std::string property = name;
      property[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(property[0])));
      one[property] = member;
    }
    list.push_back(std::move(one));
  }
  return list;
}

// CloudFront counts its lists ({"Quantity", "Items"}); CloudFormation has them plain.
json::Value plain_lists(const json::Value& value) {
  if (const auto* list = value.if_array()) {
    json::Array out;
    for (const auto& item : *list)
      out.push_back(plain_lists(item));
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [name, member] : value.get_object()) {
    const auto* counted = member.if_object();
    if (name == "OriginGroups" || counted == nullptr || !counted->contains("Quantity")) {
      out[name] = name == "OriginGroups" ? member : plain_lists(member);
    } else if (name == "GeoRestriction") {
      out[name] = json::Object{{"RestrictionType", json::at(member, "RestrictionType")}};
      if (const auto& items = json::at(member, "Items"); !items.is_null())
        out[name].as_object()["Locations"] = items;
    } else {
      out[name] = json::items(plain_lists(json::at(member, "Items")));
      if (const auto& cached = json::at(member, "CachedMethods"); !cached.is_null())
        out["CachedMethods"] = json::at(cached, "Items");
    }
  }
  return out;
}

// [{"PolicyName", "PolicyArn"}] → ["arn:…"]
json::Value policy_arns(const json::Value& value) {
  json::Array arns;
  for (const auto& policy : json::items(value))
    arns.push_back(json::at(policy, "PolicyArn"));
  return arns;
}

// {"name": "{…}"} → [{"PolicyName", "PolicyDocument": {…}}]
json::Value inline_policies(const json::Value& value) {
  json::Array policies;
  for (const auto& [name, document] : json::members(value))
    policies.push_back(json::Object{{"PolicyName", name}, {"PolicyDocument", parsed(document)}});
  return policies;
}

// {"Status": "ENABLED", "SSEType", "KMSMasterKeyArn"} → {"SSEEnabled", "SSEType", "KMSMasterKeyId"}
json::Value shape_sse(const json::Value& value) {
  auto status = json::text(value, "Status", "");
  json::Object out{{"SSEEnabled", status == "ENABLED" || status == "UPDATING"}};
  if (const auto& type = json::at(value, "SSEType"); !type.is_null()) out["SSEType"] = type;
  if (const auto& key = json::at(value, "KMSMasterKeyArn"); !key.is_null())
    out["KMSMasterKeyId"] = key;
  return out;
}

// {"TimeToLiveStatus": "ENABLED", "AttributeName"} → {"Enabled", "AttributeName"}
json::Value shape_ttl(const json::Value& value) {
  json::Object out{{"Enabled", json::text(value, "TimeToLiveStatus", "") == "ENABLED"}};
  if (const auto& name = json::at(value, "AttributeName"); !name.is_null())
    out["AttributeName"] = name;
  return out;
}

// [{"ParameterName", "ParameterValue"}] → {"name": "value"}
json::Value parameter_map(const json::Value& value) {
  json::Object parameters;
  for (const auto& one : json::items(value))
    if (const auto& is = json::at(one, "ParameterValue"); !is.is_null())
      parameters[json::text(one, "ParameterName", "")] = is;
  return parameters;
}

json::Value is_enabled(const json::Value& value) {
  return lower(json::text(value)) == "enabled";
}

json::Value is_active(const json::Value& value) {
  return json::text(value) == "ACTIVE";
}

// {"2": 0.1} → [{"FunctionVersion": "2", "FunctionWeight": 0.1}]
json::Value version_weights(const json::Value& value) {
  json::Array list;
  for (const auto& [version, weight] : json::members(json::at(value, "AdditionalVersionWeights")))
    list.push_back(json::Object{{"FunctionVersion", version}, {"FunctionWeight", weight}});
  return json::Object{{"AdditionalVersionWeights", std::move(list)}};
}

// A stream that is there is enabled.
json::Value stream_specification(const json::Value& value) {
  if (!json::truth(json::at(value, "StreamEnabled"))) return {};
  return json::Object{{"StreamViewType", json::at(value, "StreamViewType")}};
}

// [{"Key": "k", "Value": "v"}] → {"k": "v"}
json::Value tag_map(const json::Value& value) {
  json::Object out;
  for (const auto& item : json::items(value)) {
    auto [key, text] = tag_of(item);
    out[key] = text;
  }
  return out;
}

// arn:aws:iam::111122223333:instance-profile/web → web
json::Value last_of_path(const json::Value& value) {
  auto text = json::text(value);
  return json::Value(text.substr(text.rfind('/') + 1));
}

// arn:aws:sqs:us-east-1:111122223333:inbox → inbox
json::Value last_of_arn(const json::Value& value) {
  auto text = json::text(value);
  return json::Value(text.substr(text.rfind(':') + 1));
}

// "a,b" → ["a", "b"]
json::Value comma_list(const json::Value& value) {
  json::Array list;
  for (const auto& part : split(json::text(value), ','))
    if (auto word = trim(part); !word.empty()) list.emplace_back(word);
  return list;
}

// [{"InstanceId": "i-1"}] → ["i-1"]
json::Value instance_ids(const json::Value& value) {
  json::Array ids;
  for (const auto& one : json::items(value))
    ids.push_back(json::at(one, "InstanceId"));
  return ids;
}

// [{"types": ["api"], "enabled": true}] → {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}]}}
json::Value eks_logging(const json::Value& value) {
  json::Array types;
  for (const auto& setup : json::items(value))
    for (const auto& type : json::items(json::at(setup, "types")))
      if (json::truth(json::at(setup, "enabled"))) types.push_back(json::Object{{"Type", type}});
  return json::Object{{"ClusterLogging", json::Object{{"EnabledTypes", std::move(types)}}}};
}

// Attributes that travel as texts.
json::Value number(const json::Value& value) {
  auto digits = json::text(value);
  bool whole = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
  return whole ? json::Value(json::integer(value)) : value;
}
json::Value flag(const json::Value& value) {
  auto text = lower(json::text(value));
  return text == "true" || text == "false" ? json::Value(text == "true") : value;
}

}  // namespace

std::pair<std::string, std::string> tag_of(const json::Value& item) {
  auto first = [&](std::initializer_list<std::string_view> names) {
    for (auto name : names)
      if (const auto& member = json::at(item, name); !member.is_null())
        return json::scalar_text(member);
    return std::string();
  };
  return {first({"Key", "TagKey", "key"}), first({"Value", "TagValue", "value"})};
}

Shaper find_shaper(std::string_view name) {
  if (name == "bucket_notifications") return bucket_notifications;
  if (name == "tag_list") return tag_list;
  if (name == "plain_lists") return plain_lists;
  if (name == "method_settings") return method_settings;
  if (name == "policy_arns") return policy_arns;
  if (name == "inline_policies") return inline_policies;
  if (name == "parameter_map") return parameter_map;
  if (name == "sse_specification") return shape_sse;
  if (name == "ttl_specification") return shape_ttl;
  if (name == "is_enabled" || name == "is_Enabled" || name == "is_ENABLED") return is_enabled;
  if (name == "is_active") return is_active;
  if (name == "version_weights") return version_weights;
  if (name == "stream_specification") return stream_specification;
  if (name == "tag_map") return tag_map;
  if (name == "comma_list") return comma_list;
  if (name == "instance_ids") return instance_ids;
  if (name == "eks_logging") return eks_logging;
  if (name == "number") return number;
  if (name == "flag") return flag;
  if (name == "last_of_arn") return last_of_arn;
  if (name == "last_of_path") return last_of_path;
  return nullptr;
}

json::Value shaped(const Shaping& shape, const json::Value& value) {
  if (value.is_null()) return value;
  json::Value out = shape.pick.empty() ? value : json::at(value, shape.pick);
  if (shape.json_text) out = parsed(out);
  for (const auto& name : shape.json_members)
    if (auto* members = out.if_object(); members != nullptr && members->contains(name))
      (*members)[name] = parsed((*members)[name]);
  if (!shape.moves.empty() || shape.pascal) out = moved(shape, out);
  if (auto shaper = find_shaper(shape.shaper)) out = shaper(out);
  if (!shape.wrap.empty() && !out.is_null()) out = json::Object{{shape.wrap, std::move(out)}};
  return out;
}

}  // namespace aright::cloud
