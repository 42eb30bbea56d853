// Rules whose logic is a function (CUSTOM_LAMBDA): it is called with Config's event, and answers with
// PutEvaluations and the token that the event holds.
#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/classify.h"
#include "cloud/config_form.h"
#include "sandbox/config.h"
#include "sandbox/config_event.h"
#include "sandbox/emulate.h"
#include "sandbox/lambda.h"

namespace aright::sandbox::config_function_hooks {

namespace {

constexpr std::size_t token_digits = 64, tokens_max = 2'000, resources_max = 1'000, told_max = 10'000;
constexpr seconds token_life{24 * 3'600};
constexpr std::string_view time_type = "ScheduledNotification";
constexpr const char* config_service = "config.amazonaws.com";

bool by_function(const json::Value& rule) {
  return json::text(json::at(rule, "Source"), "Owner", "") == "CUSTOM_LAMBDA";
}

Resource* function_of(Scene& scene, const json::Value& rule) {
  auto arn = json::text(json::at(rule, "Source"), "SourceIdentifier", "");
  auto at = arn.find(":function:");
  auto name = at == std::string::npos ? arn : arn.substr(at + std::string_view(":function:").size());
  auto ref = scene.ref("AWS::Lambda::Function", name.substr(0, name.find(':')));
  return scene.world.find(ref) == nullptr ? nullptr : &scene.world.edit(ref);
}

// A scope is of tags, or of types; of one resource, where there is one type.
std::string fault_of_scope(const json::Value& scope) {
  auto has = [&](const char* member) { return !json::at(scope, member).is_null(); };
  auto types = json::items(json::at(scope, "ComplianceResourceTypes")).size();
  if ((has("TagKey") || has("TagValue")) && (types > 0 || has("ComplianceResourceId")))
    return "Scope cannot be applied to both resource and tag";
  if (has("ComplianceResourceId") && types != 1)
    return "A single resourceType should be provided when resourceId is provided in scope";
  if (has("TagValue") && !has("TagKey")) return "Tag key should not be empty when tag value is provided in scope";
  return "";
}

// "" when the rule is one that may be put.
std::string fault_of_rule(const json::Value& rule) {
  if (auto fault = fault_of_scope(json::at(rule, "Scope")); !fault.empty()) return fault;
  if (auto state = json::text(rule, "ConfigRuleState", "ACTIVE"); state != "ACTIVE")
    return fmt::format("ConfigRuleState can only be ACTIVE when a rule is put, not {}", state);
  if (!json::at(rule, "CreatedBy").is_null())
    return "AWS Config populates the CreatedBy field for ServiceLinkedConfigRule. Try again without populating the "
           "CreatedBy field";
  auto given = json::text(rule, "InputParameters", "{}");
  if (auto read = json::parse(given); !given.empty() && (!read || !read->is_object()))
    return fmt::format("Invalid json {} passed in the InputParameters field", given);
  const auto& source = json::at(rule, "Source");
  auto owner = json::text(source, "Owner", "");
  bool details = !json::items(json::at(source, "SourceDetails")).empty();
  if (owner == "AWS" ? details : !details)
    return "SourceDetails should be null/empty if the Owner is AWS. SourceDetails should be provided if the Owner is " +
           std::string(owner == "AWS" ? "CUSTOM_LAMBDA" : owner);
  if (owner == "CUSTOM_POLICY" && json::at(source, "CustomPolicyDetails").is_null())
    return "CustomPolicyDetails should be provided if the Owner is CUSTOM_POLICY";
  return "";
}

// The function is there, and its policy lets Config call it.
Result<> check_put_rule(Scene& scene) {
  const auto& rule = scene.input("ConfigRule");
  if (const auto* known = scene.find(config_rule_type, json::text(rule, "ConfigRuleName", "")))
    CHECK_OK(refuse_if_of_pack(scene, *known));
  if (auto fault = fault_of_rule(rule); !fault.empty())
    return fail(scene.error("InvalidParameterValueException", fault));
  if (!by_function(rule)) return {};
  const auto* function = function_of(scene, rule);
  if (function != nullptr && lets_in(*function, config_service)) return {};
  return fail(service_error(
      "InsufficientPermissionsException", 400,
      fmt::format("The AWS Lambda function {} cannot be invoked. Check the specified function ARN, and check the "
                  "function's permissions.",
                  json::text(json::at(rule, "Source"), "SourceIdentifier", ""))));
}

constexpr std::string_view remediation_type = "AWS::Config::RemediationConfiguration";

// What mends a rule's findings goes first.
Result<> check_delete_rule(Scene& scene) {
  auto name = scene.text("ConfigRuleName");
  auto* rule = TRY(scene.need(config_rule_type, name));
  CHECK_OK(refuse_if_of_pack(scene, *rule));
  if (scene.find(remediation_type, name) == nullptr) return {};
  return fail(scene.error("ResourceInUseException", "", rule));
}

// One that acts by itself says how often, and when again.
Result<> check_put_remediation(Scene& scene) {
  const auto& all = json::items(scene.input("RemediationConfigurations"));
  if (all.size() > 1) return {};  // each by itself
  for (const auto& one : all) {
    for (const auto& [name, value] : json::members(json::at(one, "Parameters")))
      if (json::at(value, "ResourceValue").is_null() == json::at(value, "StaticValue").is_null())
        return fail(scene.error("InvalidParameterValueException",
                                fmt::format("The parameter {} has either a ResourceValue or a StaticValue.",
                                            std::string(name))));
    const auto &attempts = json::at(one, "MaximumAutomaticAttempts"), &pause = json::at(one, "RetryAttemptSeconds");
    if (json::truth(json::at(one, "Automatic")) && (attempts.is_null() || pause.is_null()))
      return fail(scene.error("InvalidParameterValueException",
                              "MaximumAutomaticAttempts and RetryAttemptSeconds are required when Automatic is true."));
  }
  return {};
}

// Many at once are put one by one; those that cannot be are told, each with what is wrong.
Result<json::Object> put_remediations(Scene& scene) {
  const auto& all = json::items(scene.input("RemediationConfigurations"));
  if (all.size() == 1) return scene.by_description();
  std::set<std::string> names;
  for (const auto& one : all)
    if (auto name = json::text(one, "ConfigRuleName", ""); !names.insert(name).second)
      return fail(scene.error("InvalidParameterValueException",
                              fmt::format("The rule {} is named twice in the request.", name)));
  json::Array failed;
  for (const auto& one : all) {
    auto put = scene.also("config", "PutRemediationConfigurations",
                          {{"RemediationConfigurations", json::Array{one}}});
    if (!put)
      failed.push_back(json::Object{{"FailureMessage", put.error().message}, {"FailedItems", json::Array{one}}});
  }
  return json::Object{{"FailedBatches", std::move(failed)}};
}

// One that has ended already would be none.
Result<> check_put_exceptions(Scene& scene) {
  auto said = scene.text("ExpirationTime");
  auto until = parse_timestamp(said);
  if (said.empty() || (until && scene.now < *until)) return {};
  return fail(scene.error("InvalidParameterValueException", "The expiration time must be in the future."));
}

// Whether keys ask for it; none asks for all.
bool is_asked_for(const json::Value& keys, const json::Value& exception) {
  return keys.is_null() || std::ranges::any_of(json::items(keys), [&](const json::Value& key) {
    return json::at(key, "ResourceType") == json::at(exception, "ResourceType") &&
           json::at(key, "ResourceId") == json::at(exception, "ResourceId");
  });
}

// One that has ended is not there any more.
Result<> drop_ended_exceptions(Scene& scene, json::Object& output) {
  auto listed = output.find("RemediationExceptions");
  if (listed == output.end() || !listed->value().is_array()) return {};
  json::Array held;
  for (const auto& one : listed->value().get_array()) {
    auto until = parse_timestamp(json::scalar_text(json::at(one, "ExpirationTime")));
    bool asked = is_asked_for(scene.input("ResourceKeys"), one);
    if (asked && (!until || scene.now < *until)) held.push_back(one);
  }
  listed->value() = std::move(held);
  return {};
}

// Every change is told, where the rule does not say what it wants.
bool wants(const json::Value& rule, std::string_view message) {
  const auto& details = json::items(json::at(json::at(rule, "Source"), "SourceDetails"));
  if (details.empty()) return message != time_type;
  return std::ranges::any_of(
      details, [&](const json::Value& one) { return json::text(one, "MessageType", "") == message; });
}

bool has_tag(const json::Object& item, const json::Value& scope) {
  auto key = json::text(scope, "TagKey", ""), value = json::text(scope, "TagValue", "");
  if (key.empty()) return true;
  const auto& found = json::at(json::at(item, "tags"), key);
  return !found.is_null() && (value.empty() || json::text(found) == value);
}

void add_tags(const json::Value& value, json::Object& tags) {
  for (const auto& tag : json::items(value))
    tags[json::text(tag, "Key", json::text(tag, "TagKey", ""))] =
        json::text(tag, "Value", json::text(tag, "TagValue", ""));
  for (const auto& [key, text] : json::members(value)) tags[key] = text;
}

bool is_recorded(const cloud::ResourceType& type) {
  return !type.singleton && !type.name.starts_with("AWS::Config::");
}

// Whether the rule's scope, its tags aside, holds the resource.
bool in_scope(const json::Value& scope, const cloud::ResourceRef& ref) {
  auto types = json::texts(json::at(scope, "ComplianceResourceTypes"));
  auto id = json::text(scope, "ComplianceResourceId", "");
  return (types.empty() || std::ranges::find(types, ref.type) != types.end()) && (id.empty() || id == ref.id);
}

// What a rule was told of a resource last, so that the same is not told again: a digest of its configuration.
json::Object& told_by(Resource& rule) {
  auto& told = rule.internals["told"];
  if (!told.is_object() || told.get_object().size() > told_max) told = json::Object();
  return told.get_object();
}

std::string key_of(const cloud::ResourceRef& ref) { return ref.type + "|" + ref.id; }

std::string digest_of(const json::Object& item) {
  json::Object what;
  for (const auto* member : {"configuration", "supplementaryConfiguration", "tags"})
    what[member] = json::at(item, member);
  return to_hex(sha256(json::canonical(what)));
}

std::string new_token(Scene& scene, Resource& rule) {
  auto& tokens = rule.internals["tokens"];
  if (!tokens.is_object()) tokens = json::Object();
  auto& known = tokens.get_object();
  if (known.size() >= tokens_max) known.erase(known.begin());
  auto token = scene.ids.hex(token_digits);
  known[token] = (scene.now + token_life).ms;
  return token;
}

Result<> call_with(Scene& scene, Resource& rule, Resource& function, const json::Object& message, bool left = false) {
  const auto& said = rule.aspect("Rule");
  auto parameters = json::parse(json::text(said, "InputParameters", "{}")).value_or(json::Object());
  auto event = event_for_function({.name = rule.ref.id,
                                   .arn = json::text(rule.record, "ConfigRuleArn"),
                                   .id = json::text(rule.record, "ConfigRuleId"),
                                   .account = rule.ref.account,
                                   .region = scene.call.region,
                                   .parameters = json::members(parameters)},
                                  message, new_token(scene, rule), left);
  scene.events.push_back(TRY(invocation_of(scene, function, json::Value(std::move(event)), true)));
  return {};
}

// One change of a resource in the rule's scope, as far as it asked for its kind.
Result<> tell_change(Scene& scene, Resource& rule, Resource& function, json::Object item, bool left = false) {
  auto message = change_message(std::move(item), scene.now);
  if (!wants(rule.aspect("Rule"), json::text(message, "messageType", ""))) return {};
  return call_with(scene, rule, function, message, left);
}

// All that is in its scope, as it is now.
Result<> tell_all(Scene& scene, Resource& rule, Resource& function) {
  const auto scope = json::at(rule.aspect("Rule"), "Scope");
  std::size_t told = 0;
  for (const auto* type : scene.catalog.types()) {
    if (!is_recorded(*type)) continue;
    for (const auto* resource : recorded(scene, type->name)) {
      if (!in_scope(scope, resource->ref)) continue;
      auto item = item_in_event(configuration_of(scene, *resource));
      if (!has_tag(item, scope) || ++told > resources_max) continue;
      told_by(rule)[key_of(resource->ref)] = digest_of(item);
      CHECK_OK(tell_change(scene, rule, function, std::move(item)));
    }
  }
  return {};
}

milliseconds frequency_of(const json::Value& rule) {
  auto said = json::text(rule, "MaximumExecutionFrequency", "TwentyFour_Hours");
  for (const auto& detail : json::items(json::at(json::at(rule, "Source"), "SourceDetails")))
    if (json::text(detail, "MessageType", "") == time_type)
      said = json::text(detail, "MaximumExecutionFrequency", said);
  for (const auto& [name, hours] :
       {std::pair{"One_Hour", 1}, {"Three_Hours", 3}, {"Six_Hours", 6}, {"Twelve_Hours", 12}})
    if (said == name) return std::chrono::hours(hours);
  return std::chrono::hours(24);
}

Result<> tell_time(Scene& scene, Resource& rule, Resource& function) {
  rule.internals["time"] = (scene.now + frequency_of(rule.aspect("Rule"))).ms;
  return call_with(scene, rule, function, time_message(rule.ref.account, scene.now));
}

Result<> evaluate(Scene& scene, Resource& rule) {
  const auto said = rule.aspect("Rule");
  if (!by_function(said)) return {};
  auto* function = function_of(scene, said);
  if (function == nullptr) return {};
  rule.record["LastSuccessfulInvocationTime"] = scene.now.iso();
  rule.record["FirstEvaluationStarted"] = true;
  CHECK_OK(tell_all(scene, rule, *function));
  if (wants(said, time_type)) CHECK_OK(tell_time(scene, rule, *function));
  return {};
}

// What the call may have changed.
std::set<cloud::ResourceRef> touched_by(const Scene& scene) {
  std::set<cloud::ResourceRef> out(scene.created.begin(), scene.created.end());
  auto what = cloud::classify(scene.call, scene.catalog);
  if (what.writes())
    for (const auto& touch : what.touches) out.insert(touch.resource);
  std::erase_if(out, [&](const auto& ref) {
    const auto* type = scene.catalog.type(ref.type);
    return type == nullptr || !is_recorded(*type) || ref.id.empty();
  });
  return out;
}

// There is nothing left to be shown of it.
json::Object item_of_deleted(const Scene& scene, const cloud::ResourceRef& ref) {
  return {{"configurationItemVersion", "1.3"},
          {"awsAccountId", ref.account},
          {"configurationItemCaptureTime", scene.now.iso()},
          {"configurationItemStatus", "ResourceDeleted"},
          {"configurationStateId", std::to_string(scene.now.ms)},
          {"ARN", scene.catalog.arn(ref)},
          {"resourceType", ref.type},
          {"resourceId", ref.id},
          {"resourceName", ref.id},
          {"awsRegion", ref.region},
          {"tags", json::Object()},
          {"relatedEvents", json::Array()},
          {"relationships", json::Array()},
          {"configuration", nullptr},
          {"supplementaryConfiguration", json::Object()}};
}

// A recorder that was stopped sees nothing; where there is none, the sandbox sees all by itself.
bool is_recording(const Scene& scene) {
  auto recorders = scene.world.all(scene.ref("AWS::Config::ConfigurationRecorder", ""));
  return recorders.empty() ||
         std::ranges::any_of(recorders, [](const auto* one) { return json::truth(one->aspect("Recording")); });
}

// One that is in scope, or was when it was told of last.
Result<> tell_about(Scene& scene, Resource& rule, Resource& function, const cloud::ResourceRef& ref) {
  const auto scope = json::at(rule.aspect("Rule"), "Scope");
  if (!in_scope(scope, ref)) return {};
  auto& told = told_by(rule);
  auto last = told.find(key_of(ref));
  bool known = last != told.end();
  const auto* resource = scene.find(ref.type, ref.id);
  if (resource == nullptr) {
    if (!known) return {};
    told.erase(last);
    return tell_change(scene, rule, function, item_of_deleted(scene, ref));
  }
  auto item = item_in_event(configuration_of(scene, *resource));
  if (!has_tag(item, scope)) {
    if (!known) return {};
    told.erase(last);
    return tell_change(scene, rule, function, std::move(item), true);
  }
  auto digest = digest_of(item);
  if (known && json::text(last->value()) == digest) return {};
  if (!known) item["configurationItemStatus"] = "ResourceDiscovered";
  told[key_of(ref)] = digest;
  return tell_change(scene, rule, function, std::move(item));
}

bool is_due(const Resource& rule, Timestamp now) {
  const auto& time = json::at(rule.internals, "time");
  return !time.is_null() && json::integer(time) <= now.ms;
}

// A rule that is new, or changed, is evaluated.
Result<> finish_put_rule(Scene& scene, json::Object&) {
  auto* rule = TRY(scene.need(config_rule_type, scene.text("ConfigRule.ConfigRuleName")));
  return evaluate(scene, *rule);
}

Result<json::Object> start_evaluation(Scene& scene) {
  for (const auto& name : json::texts(scene.input("ConfigRuleNames"))) {
    auto* rule = TRY(scene.need(config_rule_type, name));
    CHECK_OK(evaluate(scene, *rule));
  }
  return json::Object();
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("config:PutConfigRule", check_put_rule);
  hooks.check("config:PutRemediationExceptions", check_put_exceptions);
  hooks.finish("config:DescribeRemediationExceptions", drop_ended_exceptions);
  hooks.finish("config:PutConfigRule", finish_put_rule);
  hooks.check("config:DeleteConfigRule", check_delete_rule);
  hooks.check("config:PutRemediationConfigurations", check_put_remediation);
  hooks.emulate("config:PutRemediationConfigurations", put_remediations);
  hooks.emulate("config:StartConfigRulesEvaluation", start_evaluation);
}

}  // namespace aright::sandbox::config_function_hooks

namespace aright::sandbox {

// What becomes of it is no part of the call.
void tell_rules(Scene& scene) {
  using namespace config_function_hooks;
  std::vector<cloud::ResourceRef> rules;
  for (const auto* rule : scene.world.all(scene.ref(config_rule_type, "")))
    if (by_function(rule->aspect("Rule"))) rules.push_back(rule->ref);
  if (rules.empty() || scene.call.operation == "PutConfigRule") return;
  const auto touched = is_recording(scene) ? touched_by(scene) : std::set<cloud::ResourceRef>();
  for (const auto& ref : rules) {
    const auto* found = scene.world.find(ref);
    if (found == nullptr || (touched.empty() && !is_due(*found, scene.now))) continue;
    auto& rule = scene.world.edit(ref);
    auto* function = function_of(scene, rule.aspect("Rule"));
    if (function == nullptr) continue;
    for (const auto& resource : touched) std::ignore = tell_about(scene, rule, *function, resource);
    if (is_due(rule, scene.now)) std::ignore = tell_time(scene, rule, *function);
  }
}

json::Object configuration_of(const Scene& scene, const Resource& resource) {
  json::Object beside, tags;
  for (const auto& aspect : scene.catalog.type(resource.ref.type)->aspects) {
    auto value = scene.value(resource, aspect.name);
    if (aspect.tags) config_function_hooks::add_tags(value, tags);
    if (!aspect.shown && !aspect.tags && !value.is_null()) beside[aspect.name] = std::move(value);
  }
  auto form = cloud::config_form(resource.ref.type, json::Value(scene.shown(resource)), std::move(beside), tags);
  for (auto& [name, value] : form.supplementary) value = json::print(value);
  return {{"version", "1.3"},
          {"accountId", resource.ref.account},
          {"configurationItemCaptureTime", scene.now.iso()},
          {"configurationItemStatus", "OK"},
          {"configurationStateId", std::to_string(scene.now.ms)},
          {"arn", scene.arn(resource)},
          {"resourceType", resource.ref.type},
          {"resourceId", resource.ref.id},
          {"resourceName", resource.ref.id},
          {"awsRegion", resource.ref.region},
          {"resourceCreationTime", resource.created.iso()},
          {"tags", std::move(tags)},
          {"configuration", json::print(json::Value(form.configuration))},
          {"supplementaryConfiguration", std::move(form.supplementary)}};
}

std::vector<const Resource*> recorded(const Scene& scene, std::string_view type) {
  auto all = scene.world.all(scene.ref(type, ""));
  std::erase_if(all, [&](const Resource* one) {
    return one->ref.account != scene.call.account ||
           (!one->ref.region.empty() && one->ref.region != scene.ref(type, "").region);
  });
  return all;
}

Resource* rule_of_token(Scene& scene, const std::string& token) {
  for (const auto* rule : scene.world.all(scene.ref(config_rule_type, ""))) {
    const auto& until = json::at(json::at(rule->internals, "tokens"), token);
    if (until.is_null() || json::integer(until) <= scene.now.ms) continue;
    return &scene.world.edit(cloud::ResourceRef(rule->ref));
  }
  return nullptr;
}

}  // namespace aright::sandbox
