// Config's recorders: what people put there, and the one that aright is itself.

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cloud/catalog.h"
#include "rules/config_rule.h"
#include "server/aws_desk.h"
#include "server/put_policy.h"
#include "server/recorder.h"

namespace aright::server {

namespace {

constexpr const char* own_name = "aright";

// All that can be listed, where a recording group asks for all.
std::vector<std::string> all_types(const cloud::Catalog& catalog) {
  std::vector<std::string> out;
  for (const auto* type : catalog.types())
    if (!type->singleton && type->list) out.push_back(type->name);
  return out;
}

}  // namespace

// It records what the policy's controls are about, from the first scan on; nobody can stop it.
json::Object AwsDesk::own_recorder(const aws::Call& call) const {
  const auto& engine = *options_.engine;
  if (call.operation == "DescribeConfigurationRecorderStatus") {
    auto trouble = options_.recorder ? options_.recorder->trouble() : std::string();
    json::Object out{{"name", own_name}, {"recording", options_.recorder != nullptr},
                     {"lastStatus", trouble.empty() ? "SUCCESS" : "FAILURE"}};
    if (!trouble.empty()) {
      out["lastErrorCode"] = "InternalError";
      out["lastErrorMessage"] = trouble;
    }
    if (auto at = options_.recorder ? options_.recorder->recorded_at() : std::nullopt; at)
      out["lastStatusChangeTime"] = at->iso();
    return out;
  }
  std::set<std::string> types;
  for (const auto& enabled : engine.policy().controls)
    if (const auto* control = engine.controls().find(enabled.id))
      types.insert(rules::config_type_of(control->resource_type));
  const auto* target = engine.policy().target_for(call.account);
  json::Object group{{"allSupported", false}, {"includeGlobalResourceTypes", false},
                     {"resourceTypes", json::Array(types.begin(), types.end())}};
  json::Object out{{"name", own_name}, {"recordingGroup", std::move(group)}};
  if (target && !target->role.empty()) out["roleARN"] = target->role;
  return out;
}

// A recorder that was put, and records, asks for more than what is judged.
void AwsDesk::record_what_is_put() const {
  if (!options_.recorder) return;
  const auto& catalog = options_.engine->gateway().catalog();
  std::vector<Recorder::Range> ranges;
  for (const auto& [key, resource] : resources()) {
    if (type_in(key) != "AWS::Config::ConfigurationRecorder") continue;
    const auto& aspects = json::at(resource, "aspects");
    if (!json::truth(json::at(aspects, "Recording"))) continue;
    const auto& group = json::at(json::at(aspects, "Recorder"), "recordingGroup");
    auto types = json::texts(json::at(group, "resourceTypes"));
    if (json::truth(json::at(group, "allSupported"))) types = all_types(catalog);
    auto parts = split(std::string(key), '/');
    for (const auto& name : types)
      if (const auto* type = catalog.type(rules::type_of_config(name)))
        ranges.push_back({.type = type->name, .account = parts[0], .region = parts[1]});
  }
  options_.recorder->also_record(std::move(ranges));
}

Result<json::Object> AwsDesk::recorders(const sandbox::Principal& who, const aws::Call& call, const Context& context) {
  bool of_channels = call.operation == "DescribeDeliveryChannelStatus";
  auto others = call;
  auto names = json::texts(json::at(call.input, "ConfigurationRecorderNames"));
  bool own = !of_channels && (names.empty() || std::erase(names, own_name) > 0);
  if (!json::texts(json::at(call.input, "ConfigurationRecorderNames")).empty())
    others.input["ConfigurationRecorderNames"] = json::Array(names.begin(), names.end());
  bool own_alone = own && names.empty() && call.input.contains("ConfigurationRecorderNames");
  auto out = own_alone ? json::Object() : TRY(options_.cloud->call_as(who, others, context));
  const char* list = of_channels                                     ? "DeliveryChannelsStatus"
                     : call.operation.ends_with("Status") ? "ConfigurationRecordersStatus"
                                                                     : "ConfigurationRecorders";
  auto& all = out[list];
  if (!all.is_array()) all = json::Array();
  // Nothing is delivered here.
  if (of_channels)
    for (auto& channel : all.get_array())
      for (const auto* info : {"configSnapshotDeliveryInfo", "configHistoryDeliveryInfo", "configStreamDeliveryInfo"})
        channel.as_object()[info] = json::Object{{"lastStatus", "NOT_APPLICABLE"}};
  if (own) all.get_array().push_back(own_recorder(call));
  return out;
}

}  // namespace aright::server
