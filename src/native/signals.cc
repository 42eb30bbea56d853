// EventBridge rules: those of the policy, and one for each threat that a control contains.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "bus/threat.h"
#include "native/draft.h"

namespace aright::native {

namespace {

using bus::Subject;
using remediation::Decision;

constexpr std::string_view event_rules = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*";

// Where GuardDuty's event holds what a containment is about: paths by name, and the value made of them.
struct Place {
  Subject subject;
  std::vector<std::pair<std::string_view, std::string_view>> paths;
  std::string_view value;
  std::string_view user_type = "";  // that the finding must tell of
};
const std::vector<Place>& places() {
  static const std::vector<Place> out{
      {Subject::instance, {{"resource", "$.detail.resource.instanceDetails.instanceId"}}, "<resource>"},
      {Subject::security_group,
       {{"resource", "$.detail.resource.instanceDetails.networkInterfaces[0].securityGroups[0].groupId"}},
       "<resource>"},
      {Subject::access_key,
       {{"user", "$.detail.resource.accessKeyDetails.userName"},
        {"key", "$.detail.resource.accessKeyDetails.accessKeyId"}},
       "<user>|<key>",
       "IAMUser"},
      {Subject::user, {{"resource", "$.detail.resource.accessKeyDetails.userName"}}, "<resource>", "IAMUser"},
      {Subject::role, {{"resource", "$.detail.resource.accessKeyDetails.userName"}}, "<resource>", "AssumedRole"},
      {Subject::bucket, {{"resource", "$.detail.resource.s3BucketDetails[0].name"}}, "<resource>"},
      {Subject::function, {{"resource", "$.detail.resource.lambdaDetails.functionName"}}, "<resource>"},
      {Subject::database, {{"resource", "$.detail.resource.rdsDbInstanceDetails.dbInstanceIdentifier"}}, "<resource>"},
      {Subject::cluster, {{"resource", "$.detail.resource.eksClusterDetails.name"}}, "<resource>"},
      {Subject::account, {{"resource", "$.detail.accountId"}}, "<resource>"}};
  return out;
}

// What an automation is started with, for EventBridge to fill in: {"InstanceId":["<resource>"],…}.
struct Transformer {
  json::Object paths;
  std::string before = "{";
  void say(std::string_view name, const json::Value& values) {
    before += fmt::format("{}{}:{}", before.size() > 1 ? "," : "", json::print(json::Value(name)), json::print(values));
  }
};

// References to roles stand in the text as ${Role.Arn}.
json::Value in_text(const json::Value& value) {
  const auto& got = json::items(json::at(value, "Fn::GetAtt"));
  if (got.size() != 2) return json::Value(json::scalar_text(value));
  return json::Value(fmt::format("${{{}.{}}}", json::text(got[0]), json::text(got[1])));
}

// The members of an InputTemplate that is a JSON object; what stands for a value alone is taken as a text.
json::Object template_members(std::string text) {
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos; ++at) {
    auto end = text.find('>', at);
    bool quoted = end == std::string::npos || (at > 0 && text[at - 1] == '"');
    if (quoted) continue;
    text.insert(end + 1, "\"");
    text.insert(at, "\"");
    ++at;
  }
  auto parsed = json::parse(text);
  return parsed ? json::members(*parsed) : json::Object();
}

json::Object transformer_of(const Automation& fix, const Place& place, const json::Object& paths,
                            const json::Object& members) {
  Transformer out;
  for (const auto& [name, path] : place.paths)
    out.paths[name] = path;
  for (const auto& [name, path] : paths)
    out.paths[name] = path;
  for (const auto& one : fix.given) {
    json::Array values;
    if (const auto& said = json::at(members, one.name); !said.is_null())
      values.emplace_back(json::scalar_text(said));
    else if (one.resource)
      values.emplace_back(place.value);
    else
      for (const auto& value : one.values)
        values.push_back(in_text(value));
    out.say(one.name, values);
  }
  return {{"InputPathsMap", std::move(out.paths)}, {"InputTemplate", filled(out.before + "}")}};
}

class EventWriter {
 public:
  explicit EventWriter(Draft& draft) : draft_(draft) {}

  std::vector<std::string> all() {
    for (const auto& one : remediation::Containments::embedded().all)
      if (is_enabled(one.control)) of_containment(one);
    for (const auto& rule : draft_.policy.event_rules)
      of_rule(rule);
    return std::move(documents_);
  }

 private:
  bool is_enabled(const std::string& control) const {
    return std::ranges::find(draft_.policy.controls, control, &remediation::EnabledControl::id) !=
           draft_.policy.controls.end();
  }

  // A role that lets EventBridge start this document, and pass what it acts as.
  std::string starter(const Automation& fix) {
    auto logical = "Start" + logical_name(fix.names.front()) + "Role";
    if (draft_.has(logical)) return logical;
    auto policy = filled_policy(
        policy_document(json::Array{statement(json::Array{"ssm:StartAutomationExecution"}, json::Array{fix.arn})}));
    json::Array passed;
    for (const auto& one : fix.roles)
      passed.push_back(attribute(one, "Arn"));
    auto pass = statement(json::Array{"iam:PassRole"}, std::move(passed));
    pass["Condition"] = json::Object{{"StringEquals", {{"iam:PassedToService", "ssm.amazonaws.com"}}}};
    if (!fix.roles.empty()) policy["Statement"].as_array().push_back(std::move(pass));
    add_role(draft_, logical, {"events.amazonaws.com", event_rules, "Starts " + fix.names.front()}, policy);
    return logical;
  }

  json::Object start(const Automation& fix, const Place& place, const json::Object& paths,
                     const json::Object& members) {
    documents_.insert(documents_.end(), fix.names.begin(), fix.names.end());
    auto arn = fix.arn.substr(0, fix.arn.size() - 1) + "$DEFAULT";
    return {{"Id", "fix"},
            {"Arn", filled(arn)},
            {"RoleArn", attribute(starter(fix), "Arn")},
            {"InputTransformer", transformer_of(fix, place, paths, members)}};
  }

  // What sets a control's resource right on a signal. None where a person has to begin.
  std::optional<Automation> on_signal(const rules::Control& control, std::string_view source, const std::string& what) {
    auto standing = standing_of(draft_.policy, control, source);
    if (standing.decision == Decision::manual || standing.decision == Decision::deferred) {
      draft_.miss(what, fmt::format("{} is {}: a person begins", control.id, name(standing.decision)));
      return std::nullopt;
    }
    return automation_of(draft_, control, standing);
  }

  json::Object pattern_of(const remediation::Containment& one, const Place& place) const {
    json::Array types;
    for (const auto& type : one.types)
      types.push_back(type.find('*') == std::string::npos ? json::Value(type)
                                                          : json::Value(json::Object{{"wildcard", type}}));
    auto severity = std::max(one.severity_min, draft_.policy.threats.severity_min);
    json::Object detail{{"type", std::move(types)},
                        {"severity", json::Array{json::Object{{"numeric", json::Array{">=", severity}}}}},
                        {"service", {{"archived", json::Array{false}}}}};
    if (!one.role.empty()) detail["service"].as_object()["resourceRole"] = json::Array{one.role};
    if (!place.user_type.empty())
      detail["resource"] = json::Object{{"accessKeyDetails", {{"userType", json::Array{place.user_type}}}}};
    return {{"source", json::Array{"aws.guardduty"}},
            {"detail-type", json::Array{"GuardDuty Finding"}},
            {"detail", std::move(detail)}};
  }

  void of_containment(const remediation::Containment& one) {
    const auto* control = draft_.policy.known->find(one.control);
    auto place = std::ranges::find(places(), one.about, &Place::subject);
    auto what = "containment of " + one.name;
    if (control == nullptr || place == places().end()) return;
    if (draft_.policy.threats.confidence_min > 0 || one.confidence_min > 0)
      draft_.miss(what, "a finding without a confidence is contained as well");
    auto fix = on_signal(*control, "aws.guardduty", what);
    if (!fix) return;
    auto logical = logical_name(one.name);
    if (draft_.has(logical)) logical += logical_name(control->id);
    json::Object members;
    json::Object paths;
    if (std::ranges::find(fix->given, "FindingType", &Given::name) != fix->given.end()) {
      members["FindingType"] = "<type>";
      paths["type"] = "$.detail.type";
    }
    draft_.add(logical, "AWS::Events::Rule",
               {{"Description", fmt::format("{}: {}", one.name, control->id)},
                {"State", either(automatic_condition, "ENABLED", "DISABLED")},
                {"EventPattern", pattern_of(one, *place)},
                {"Targets", json::Array{start(*fix, *place, paths, members)}}});
  }

  // --- those of the policy

  void of_rule(const remediation::EventRule& rule) {
    auto logical = logical_name(rule.name) + "Rule";
    json::Array targets;
    std::vector<std::string> functions;
    for (const auto& target : rule.targets)
      if (auto native = target_of(rule, target, functions)) targets.push_back(std::move(*native));
    bool odd_schedule = rule.expression.starts_with("at(") || rule.expression.find(" in ") != std::string::npos;
    if (odd_schedule)
      return draft_.miss("rule " + rule.name, "at(…) and time zones are EventBridge Scheduler's, not a rule's");
    if (targets.empty()) return draft_.miss("rule " + rule.name, "none of its targets is left");
    json::Object properties{{"Description", fmt::format("The rule {} of the policy", rule.name)},
                            {"State", rule.enabled ? "ENABLED" : "DISABLED"}};
    if (rule.bus != bus::default_bus) properties["EventBusName"] = rule.bus;
    if (rule.pattern.is_object()) properties["EventPattern"] = rule.pattern;
    if (!rule.expression.empty()) properties["ScheduleExpression"] = rule.expression;
    if (targets.size() > targets_max)
      draft_.miss("rule " + rule.name, fmt::format("a rule has {} targets at most; more were asked for", targets_max));
    while (targets.size() > targets_max)
      targets.pop_back();
    properties["Targets"] = std::move(targets);
    draft_.add(logical, "AWS::Events::Rule", std::move(properties));
    for (const auto& function : functions)
      permit_invocation(draft_, function, logical);
  }

  std::optional<json::Object> target_of(const remediation::EventRule& rule, const bus::Target& target,
                                        std::vector<std::string>& functions) {
    auto what = fmt::format("target {} of the rule {}", target.id, rule.name);
    switch (target.kind) {
      case bus::Target::Kind::control:
        return to_control(rule, target, what);
      case bus::Target::Kind::channel:
        return to_channel(target, what);
      case bus::Target::Kind::webhook:
      case bus::Target::Kind::bus:
        draft_.miss(what, target.arn + " is aright's own");
        return std::nullopt;
      case bus::Target::Kind::runbook:
        return to_runbook(target, what);
      case bus::Target::Kind::function: {
        auto function = add_function(draft_, target.name);
        if (function.empty()) return std::nullopt;
        functions.push_back(function);
        return with_input(target, attribute(function, "Arn"));
      }
      case bus::Target::Kind::queue:
      case bus::Target::Kind::topic:
        return with_input(target, json::Value(target.arn));
      case bus::Target::Kind::remote_bus:
        return to_bus(target);
    }
    return std::nullopt;
  }

  // What EventBridge takes as the policy has it.
  json::Object with_input(const bus::Target& target, json::Value arn) const {
    json::Object out{{"Id", target.id}, {"Arn", std::move(arn)}};
    for (const auto* name :
         {"Input", "InputPath", "InputTransformer", "RetryPolicy", "DeadLetterConfig", "SqsParameters"})
      if (const auto& said = json::at(target.said, name); !said.is_null()) out[name] = said;
    return out;
  }

  std::optional<json::Object> to_channel(const bus::Target& target, const std::string& what) {
    const auto* channel = draft_.policy.channel_named(target.name);
    if (channel != nullptr && !channel->sns_topic_arn.empty())
      return with_input(target, json::Value(channel->sns_topic_arn));
    if (channel != nullptr && !channel->queue_arn.empty()) return with_input(target, json::Value(channel->queue_arn));
    draft_.miss(what, fmt::format("the channel {} is neither a topic nor a queue", target.name));
    return std::nullopt;
  }

  json::Object to_bus(const bus::Target& target) {
    auto logical = "PutEventsTo" + logical_name(target.name) + "Role";
    json::Array may{statement(json::Array{"events:PutEvents"}, json::Array{target.arn})};
    if (!draft_.has(logical))
      add_role(draft_, logical, {"events.amazonaws.com", event_rules, "Puts events on the bus " + target.name},
               policy_document(std::move(may)));
    auto out = with_input(target, json::Value(target.arn));
    out["RoleArn"] = attribute(logical, "Arn");
    return out;
  }

  std::optional<json::Object> to_runbook(const bus::Target& target, const std::string& what) {
    remediation::Action action{.kind = remediation::Action::Kind::runbook, .target = target.name, .parameters = {}};
    if (auto input = json::parse(json::text(json::at(target.said, "Input")))) action.parameters = json::members(*input);
    auto fix = automation_of(draft_, action, what);
    if (!fix) return std::nullopt;
    if (std::ranges::find(fix->given, true, &Given::resource) != fix->given.end()) {
      draft_.miss(what, "where the event holds the resource is known of GuardDuty's alone");
      return std::nullopt;
    }
    return started(*fix, target, {});
  }

  json::Object started(const Automation& fix, const bus::Target& target, const Place& place) {
    const auto& transformer = json::at(target.said, "InputTransformer");
    auto out = start(fix, place, json::members(json::at(transformer, "InputPathsMap")),
                     template_members(json::text(json::at(transformer, "InputTemplate"))));
    out["Id"] = target.id;
    for (const auto* name : {"RetryPolicy", "DeadLetterConfig"})
      if (const auto& said = json::at(target.said, name); !said.is_null()) out[name] = said;
    return out;
  }

  // Config judges by itself whenever a resource changes. What only a signal judges is started by it.
  std::optional<json::Object> to_control(const remediation::EventRule& rule, const bus::Target& target,
                                         const std::string& what) {
    const auto* control = draft_.policy.known->find(target.name);
    if (control == nullptr) return std::nullopt;
    if (!control->containment && !control->on_signal_only) {
      draft_.miss(what, "Config judges by itself when a resource changes");
      return std::nullopt;
    }
    auto place = std::ranges::find_if(
        places(), [&](const Place& one) { return bus::type_of(one.subject) == control->resource_type; });
    auto sources = json::texts(json::at(rule.pattern, "source"));
    bool of_guardduty = std::ranges::find(sources, "aws.guardduty") != sources.end();
    if (place == places().end() || !of_guardduty) {
      draft_.miss(what, "where the event holds the resource is known of GuardDuty's alone");
      return std::nullopt;
    }
    auto fix = on_signal(*control, "aws.guardduty", what);
    if (!fix) return std::nullopt;
    return started(*fix, target, *place);
  }

  static constexpr std::size_t targets_max = 5;  // of one rule, in EventBridge

  Draft& draft_;
  std::vector<std::string> documents_;
};

}  // namespace

std::vector<std::string> add_event_rules(Draft& draft) {
  return EventWriter(draft).all();
}

}  // namespace aright::native
