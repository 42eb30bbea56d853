// Evaluations that rules are given, and configuration items made of what exists.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "cloud/config_form.h"
#include "cloud/config_query.h"
#include "cloud/locate.h"
#include "sandbox/emulate.h"
#include "sandbox/config.h"
#include "sandbox/paging.h"

namespace aright::sandbox::config_hooks {

namespace {

constexpr auto rule_type = config_rule_type;
constexpr std::string_view recorder_type = "AWS::Config::ConfigurationRecorder";
constexpr std::string_view channel_type = "AWS::Config::DeliveryChannel";
constexpr std::size_t evaluations_max = 10'000, page_max = 100;
constexpr std::int64_t rules_counted_max = 25, resources_counted_max = 100;

bool any(const Scene& scene, std::string_view type) {
  return !scene.world.all(scene.ref(type, "")).empty();
}

Result<> check_start_recorder(Scene& scene) {
  CHECK_OK(scene.need(recorder_type, scene.text("ConfigurationRecorderName")));
  return any(scene, channel_type) ? Result<>()
                                  : fail(scene.error("NoAvailableDeliveryChannelException"));
}

Result<> check_put_channel(Scene& scene) {
  if (!any(scene, recorder_type)) return fail(scene.error("NoAvailableConfigurationRecorderException"));
  auto topic = scene.text("DeliveryChannel.snsTopicARN", "arn:"), bucket = scene.text("DeliveryChannel.s3BucketName");
  if (bucket.empty())
    return fail(scene.error("NoSuchBucketException", "Cannot find a S3 bucket with an empty bucket name."));
  if (!topic.starts_with("arn:"))
    return fail(service_error("InvalidSNSTopicARNException", bad_request,
                              fmt::format("The sns topic arn '{}' is not valid.", topic)));
  auto ref = scene.ref("AWS::S3::Bucket", bucket);
  if (scene.find("AWS::S3::Bucket", bucket) != nullptr) return {};
  Resource lacking{.ref = ref};
  return fail(scene.error("NoSuchBucketException", "", &lacking));
}

Result<> check_put_recorder(Scene& scene) {
  const auto& group = scene.input("ConfigurationRecorder.recordingGroup");
  bool all = json::truth(json::at(group, "allSupported")), some = !json::items(json::at(group, "resourceTypes")).empty();
  bool globals = json::truth(json::at(group, "includeGlobalResourceTypes"));
  bool without = !json::items(json::at(json::at(group, "exclusionByResourceTypes"), "resourceTypes")).empty();
  if (!(all && (some || without)) && !(globals && !all) && !(some && without)) return {};
  return fail(scene.error("InvalidRecordingGroupException", "The recording group provided is not valid"));
}

Result<> check_put_aggregator(Scene& scene) {
  const auto &accounts = scene.input("AccountAggregationSources"), &whole = scene.input("OrganizationAggregationSource");
  constexpr std::string_view cannot = "The configuration aggregator cannot be created because your request ";
  auto refuse = [&](std::string_view why) {
    return fail(scene.error("InvalidParameterValueException", fmt::format("{}{}", cannot, why)));
  };
  if (accounts.is_null() && whole.is_null())
    return refuse("does not contain the following parameters: AccountAggregationSource or "
                  "OrganizationAggregationSource.");
  if (!accounts.is_null() && !whole.is_null())
    return refuse("contains both AccountAggregationSource and OrganizationAggregationSource.");
  auto sources = json::items(accounts);
  if (!whole.is_null()) sources.push_back(whole);
  for (const auto& source : sources) {
    bool all = json::truth(json::at(source, "AllAwsRegions")), some = !json::items(json::at(source, "AwsRegions")).empty();
    if (all == some) return refuse("needs either AllAwsRegions or AwsRegions.");
  }
  return {};
}

Result<> check_delete_channel(Scene& scene) {
  auto* channel = TRY(scene.need(channel_type, scene.text("DeliveryChannelName")));
  for (const auto* recorder : scene.world.all(scene.ref(recorder_type, "")))
    if (json::truth(recorder->aspect("Recording")))
      return fail(scene.error("LastDeliveryChannelDeleteFailedException", "", channel));
  return {};
}

Result<> keep(Scene& scene, Resource& rule, const json::Value& evaluation) {
  auto& all = rule.internals["evaluations"];
  if (!all.is_object()) all = json::Object();
  auto key = json::text(evaluation, "ComplianceResourceType", "") + "|" +
             json::text(evaluation, "ComplianceResourceId", "");
  if (all.get_object().size() >= evaluations_max && !all.get_object().contains(key))
    return fail(scene.error("InvalidParameterValueException", "There are too many evaluations."));
  auto kept = json::members(evaluation);
  kept["recorded"] = scene.now.iso();
  all.get_object()[key] = std::move(kept);
  rule.record["LastSuccessfulEvaluationTime"] = scene.now.iso();
  rule.record["LastSuccessfulInvocationTime"] = scene.now.iso();
  rule.record["FirstEvaluationStarted"] = true;
  return {};
}

// The token of the event that the rule's function was called with says which rule asked. In a test, any will do.
Result<json::Object> put_evaluations(Scene& scene) {
  auto token = scene.text("ResultToken");
  json::Object output{{"FailedEvaluations", json::Array()}};
  if (json::truth(scene.input("TestMode")) && !token.empty()) return output;
  auto* rule = rule_of_token(scene, token);
  if (rule == nullptr) return fail(scene.error("InvalidResultTokenException"));
  for (const auto& evaluation : json::items(scene.input("Evaluations")))
    CHECK_OK(keep(scene, *rule, evaluation));
  return output;
}

Result<json::Object> put_external_evaluation(Scene& scene) {
  auto* rule = TRY(scene.need(rule_type, scene.text("ConfigRuleName")));
  CHECK_OK(keep(scene, *rule, scene.input("ExternalEvaluation")));
  return json::Object();
}

Result<json::Object> delete_results(Scene& scene) {
  auto* rule = TRY(scene.need(rule_type, scene.text("ConfigRuleName")));
  rule->internals.erase("evaluations");
  return json::Object();
}

json::Object result_of(const Resource& rule, const json::Value& evaluation) {
  json::Object qualifier{{"ConfigRuleName", rule.ref.id},
                         {"ResourceType", json::at(evaluation, "ComplianceResourceType")},
                         {"ResourceId", json::at(evaluation, "ComplianceResourceId")}};
  json::Object out{{"EvaluationResultIdentifier",
                    json::Object{{"EvaluationResultQualifier", std::move(qualifier)},
                                 {"OrderingTimestamp", json::at(evaluation, "OrderingTimestamp")}}},
                   {"ComplianceType", json::at(evaluation, "ComplianceType")},
                   {"ResultRecordedTime", json::at(evaluation, "recorded")},
                   {"ConfigRuleInvokedTime", json::at(evaluation, "recorded")}};
  if (const auto& note = json::at(evaluation, "Annotation"); !note.is_null())
    out["Annotation"] = note;
  return out;
}

bool of_kinds(const Scene& scene, const std::string& compliance) {
  auto kinds = json::texts(scene.input("ComplianceTypes"));
  return kinds.empty() || std::ranges::find(kinds, compliance) != kinds.end();
}

// A result says whether the resource complies; that the rule is not about it is told to whoever asks for that.
bool is_shown(const Scene& scene, const std::string& compliance) {
  bool judged = compliance == "COMPLIANT" || compliance == "NON_COMPLIANT";
  return judged ? of_kinds(scene, compliance)
                : compliance == "NOT_APPLICABLE" && !scene.input("ComplianceTypes").is_null() &&
                      of_kinds(scene, compliance);
}

// Of every rule, or of one; those that `fits`.
template <typename Fits>
json::Array results(const Scene& scene, std::string_view rule_name, Fits fits) {
  json::Array out;
  for (const auto* rule : scene.world.all(scene.ref(rule_type, ""))) {
    if (!rule_name.empty() && rule->ref.id != rule_name) continue;
    for (const auto& [key, evaluation] : json::members(json::at(rule->internals, "evaluations")))
      if (fits(evaluation) && is_shown(scene, json::text(evaluation, "ComplianceType", "")))
        out.push_back(result_of(*rule, evaluation));
  }
  return out;
}

Result<json::Object> details_by_rule(Scene& scene) {
  auto all = results(scene, scene.text("ConfigRuleName"), [](const json::Value&) { return true; });
  return page_of(scene, "EvaluationResults", all, {.limit = "Limit", .most = page_max});
}

Result<json::Object> details_by_resource(Scene& scene) {
  auto all = results(scene, "", [&](const json::Value& one) {
    return json::at(one, "ComplianceResourceType") == scene.input("ResourceType") &&
           json::at(one, "ComplianceResourceId") == scene.input("ResourceId");
  });
  return page_of(scene, "EvaluationResults", all, {.limit = "", .most = page_max});
}

// The worst of all.
std::string compliance_of(const json::Object& evaluations) {
  for (const char* kind : {"NON_COMPLIANT", "COMPLIANT"})
    for (const auto& [key, one] : evaluations)
      if (json::text(one, "ComplianceType", "") == kind) return kind;
  return "INSUFFICIENT_DATA";
}

Result<json::Object> compliance_by_rule(Scene& scene) {
  auto names = json::texts(scene.input("ConfigRuleNames"));
  json::Array all;
  for (const auto* rule : scene.world.all(scene.ref(rule_type, ""))) {
    if (!names.empty() && std::ranges::find(names, rule->ref.id) == names.end()) continue;
    auto kind = compliance_of(json::members(json::at(rule->internals, "evaluations")));
    if (of_kinds(scene, kind))
      all.push_back(json::Object{{"ConfigRuleName", rule->ref.id},
                                 {"Compliance", json::Object{{"ComplianceType", kind}}}});
  }
  return page_of(scene, "ComplianceByConfigRules", all, {.limit = "", .most = page_max});
}

// As Config counts them: it stops at so many.
json::Object summary_of(const std::vector<std::string>& compliances, std::int64_t most, Timestamp now) {
  auto counted = [&](std::string_view kind) {
    auto count = static_cast<std::int64_t>(std::ranges::count(compliances, kind));
    return json::Object{{"CappedCount", std::min(count, most)}, {"CapExceeded", count > most}};
  };
  return {{"CompliantResourceCount", counted("COMPLIANT")},
          {"NonCompliantResourceCount", counted("NON_COMPLIANT")},
          {"ComplianceSummaryTimestamp", now.iso()}};
}

// Rules, not resources.
Result<json::Object> compliance_summary(Scene& scene) {
  std::vector<std::string> all;
  for (const auto* rule : scene.world.all(scene.ref(rule_type, "")))
    all.push_back(compliance_of(json::members(json::at(rule->internals, "evaluations"))));
  return json::Object{{"ComplianceSummary", summary_of(all, rules_counted_max, scene.now)}};
}

using ByResource = std::map<std::pair<std::string, std::string>, json::Object>;  // type and id → by rule

ByResource by_resource(const Scene& scene) {
  ByResource out;
  for (const auto* rule : scene.world.all(scene.ref(rule_type, "")))
    for (const auto& [key, one] : json::members(json::at(rule->internals, "evaluations")))
      if (json::text(one, "ComplianceType", "") != "NOT_APPLICABLE")
        out[{json::text(one, "ComplianceResourceType", ""), json::text(one, "ComplianceResourceId", "")}]
           [rule->ref.id] = one;
  return out;
}

// Of each type that is named, or of all in one.
Result<json::Object> compliance_summary_by_type(Scene& scene) {
  auto types = json::texts(scene.input("ResourceTypes"));
  std::map<std::string, std::vector<std::string>> compliances;
  for (const auto& type : types) compliances[type];
  if (types.empty()) compliances[""];
  for (const auto& [resource, evaluations] : by_resource(scene))
    if (auto found = compliances.find(types.empty() ? "" : resource.first); found != compliances.end())
      found->second.push_back(compliance_of(evaluations));
  json::Array out;
  for (const auto& [type, all] : compliances) {
    json::Object one{{"ComplianceSummary", summary_of(all, resources_counted_max, scene.now)}};
    if (!type.empty()) one["ResourceType"] = type;
    out.push_back(std::move(one));
  }
  return json::Object{{"ComplianceSummariesByResourceType", std::move(out)}};
}

Result<json::Object> custom_policy(Scene& scene) {
  auto* rule = TRY(scene.need(rule_type, scene.text("ConfigRuleName")));
  const auto& text = json::at(rule->aspect("Rule"), {"Source", "CustomPolicyDetails", "PolicyText"});
  if (text.is_null())
    return fail(scene.error("InvalidParameterValueException", "The rule is no custom policy rule.", rule));
  return json::Object{{"PolicyText", text}};
}

Result<json::Object> compliance_by_resource(Scene& scene) {
  json::Array all;
  for (const auto& [resource, evaluations] : by_resource(scene)) {
    auto wanted = [&](const char* name, const std::string& is) {
      return scene.text(name).empty() || scene.text(name) == is;
    };
    auto kind = compliance_of(evaluations);
    if (wanted("ResourceType", resource.first) && wanted("ResourceId", resource.second) &&
        of_kinds(scene, kind))
      all.push_back(json::Object{{"ResourceType", resource.first},
                                 {"ResourceId", resource.second},
                                 {"Compliance", json::Object{{"ComplianceType", kind}}}});
  }
  return page_of(scene, "ComplianceByResources", all, {.limit = "Limit", .most = page_max});
}

// Config knows some resources by ids that their services draw, and not by their names.
std::string config_id(const Resource& resource) {
  constexpr std::array<std::pair<std::string_view, const char*>, 6> members{
      {{"AWS::IAM::Group", "GroupId"},
       {"AWS::IAM::ManagedPolicy", "PolicyId"},
       {"AWS::IAM::Role", "RoleId"},
       {"AWS::IAM::User", "UserId"},
       {"AWS::RDS::DBCluster", "DbClusterResourceId"},
       {"AWS::RDS::DBInstance", "DbiResourceId"}}};
  for (const auto& [type, member] : members)
    if (type == resource.ref.type) return json::text(json::at(resource.record, member), resource.ref.id);
  return resource.ref.id;
}

// By the names that Config has for its type and itself.
json::Object recorded_item(Scene& scene, const Resource& resource) {
  auto item = configuration_of(scene, resource);
  item["resourceType"] = cloud::config_type_of(resource.ref.type);
  item["resourceId"] = config_id(resource);
  return item;
}

// Null when it was not discovered. Found by its name at last: lists tell less of a resource than it does itself.
const Resource* discovered(Scene& scene, std::string_view config_type, const std::string& id) {
  auto type = cloud::type_of_config(config_type);
  const auto* named = scene.find(type, id);
  if (named != nullptr && config_id(*named) == id) return named;
  for (const auto* resource : recorded(scene, type))
    if (config_id(*resource) == id) return scene.find(type, resource->ref.id);
  return nullptr;
}

Result<std::string> recorded_type(const Scene& scene, std::string_view config_type) {
  if (!any(scene, recorder_type))
    return fail(scene.error("NoAvailableConfigurationRecorderException"));
  auto type = cloud::type_of_config(config_type);
  if (scene.catalog.type(type) == nullptr)
    return fail(scene.error("ValidationException", fmt::format("The emulated cloud records no {}", config_type)));
  return type;
}

// The present one: the sandbox keeps no former ones.
Result<json::Object> history(Scene& scene) {
  auto type = scene.text("resourceType");
  TRY(recorded_type(scene, type));
  const auto* resource = discovered(scene, type, scene.text("resourceId"));
  if (resource == nullptr) return fail(scene.error("ResourceNotDiscoveredException"));
  return json::Object{{"configurationItems", json::Array{recorded_item(scene, *resource)}}};
}

Result<json::Object> batch_get(Scene& scene) {
  json::Array items, unknown;
  for (const auto& key : json::items(scene.input("resourceKeys"))) {
    auto type = json::text(key, "resourceType", "");
    bool known = scene.catalog.type(cloud::type_of_config(type)) != nullptr;
    auto id = json::text(key, "resourceId", "");
    const auto* resource = known ? discovered(scene, type, id) : nullptr;
    if (known && resource == nullptr) resource = scene.find(cloud::type_of_config(type), id);  // by its name, too
    if (resource == nullptr) {
      unknown.push_back(key);
      continue;
    }
    items.push_back(recorded_item(scene, *resource));
    items.back().as_object()["resourceId"] = id;
  }
  return json::Object{{"baseConfigurationItems", std::move(items)},
                      {"unprocessedResourceKeys", std::move(unknown)}};
}

// Over what exists, of the types that the query names, or of all.
Result<json::Object> select_config(Scene& scene) {
  auto query = TRY(cloud::ConfigQuery::parse(scene.text("Expression")));
  const std::set<std::string> named(query.types().begin(), query.types().end());
  std::vector<json::Value> items;
  for (const auto* type : scene.catalog.types()) {
    bool asked = named.empty() || named.contains(cloud::config_type_of(type->name));
    if (!asked || type->singleton || !any(scene, recorder_type)) continue;
    for (const auto* resource : recorded(scene, type->name)) {
      items.push_back(cloud::queried(recorded_item(scene, *resource)));
    }
  }
  json::Array results, fields;
  for (const auto& row : query.run(items)) results.push_back(json::Value(json::print(row)));
  for (const auto& name : query.fields()) fields.push_back(json::Object{{"Name", name}});
  auto page = TRY(page_of(scene, "Results", results, {.limit = "Limit", .most = page_max}));
  page["QueryInfo"] = json::Object{{"SelectFields", std::move(fields)}};
  return page;
}

Result<json::Object> list_discovered(Scene& scene) {
  auto name = scene.text("resourceType");
  auto type = TRY(recorded_type(scene, name));
  auto ids = json::texts(scene.input("resourceIds"));
  json::Array all;
  for (const auto* resource : recorded(scene, type))
    if (auto id = config_id(*resource); ids.empty() || std::ranges::find(ids, id) != ids.end())
      all.push_back(json::Object{{"resourceType", name},
                                 {"resourceId", id},
                                 {"resourceName", resource->ref.id}});
  return page_of(scene, "resourceIdentifiers", all, {.limit = "limit", .token = "nextToken", .most = page_max});
}

Result<json::Object> count_discovered(Scene& scene) {
  auto names = json::texts(scene.input("resourceTypes"));
  json::Array counts;
  std::size_t total = 0;
  for (const auto* type : scene.catalog.types()) {
    auto name = cloud::config_type_of(type->name);
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    auto count = type->singleton ? 0 : recorded(scene, type->name).size();
    if (count == 0) continue;
    counts.push_back(json::Object{{"resourceType", name}, {"count", count}});
    total += count;
  }
  return json::Object{{"totalDiscoveredResources", total}, {"resourceCounts", std::move(counts)}};
}

}  // namespace

void add(Hooks& hooks) {
  config_function_hooks::add(hooks);
  config_pack_hooks::add(hooks);
  hooks.check("config:StartConfigurationRecorder", check_start_recorder);
  hooks.check("config:PutDeliveryChannel", check_put_channel);
  hooks.check("config:PutConfigurationRecorder", check_put_recorder);
  hooks.check("config:PutConfigurationAggregator", check_put_aggregator);
  hooks.check("config:DeleteDeliveryChannel", check_delete_channel);
  hooks.emulate("config:PutEvaluations", put_evaluations);
  hooks.emulate("config:PutExternalEvaluation", put_external_evaluation);
  hooks.emulate("config:DeleteEvaluationResults", delete_results);
  hooks.emulate("config:GetComplianceDetailsByConfigRule", details_by_rule);
  hooks.emulate("config:GetComplianceDetailsByResource", details_by_resource);
  hooks.emulate("config:DescribeComplianceByConfigRule", compliance_by_rule);
  hooks.emulate("config:DescribeComplianceByResource", compliance_by_resource);
  hooks.emulate("config:GetComplianceSummaryByConfigRule", compliance_summary);
  hooks.emulate("config:GetComplianceSummaryByResourceType", compliance_summary_by_type);
  hooks.emulate("config:GetCustomRulePolicy", custom_policy);
  hooks.emulate("config:GetResourceConfigHistory", history);
  hooks.emulate("config:BatchGetResourceConfig", batch_get);
  hooks.emulate("config:ListDiscoveredResources", list_discovered);
  hooks.emulate("config:GetDiscoveredResourceCounts", count_discovered);
  hooks.emulate("config:SelectResourceConfig", select_config);
}

}  // namespace aright::sandbox::config_hooks
