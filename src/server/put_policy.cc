#include "server/put_policy.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::server {

namespace {

struct Kept {
  std::string_view type;
  std::string id;
  const json::Value& resource;

  const json::Value& aspect(std::string_view name) const { return json::at(json::at(resource, "aspects"), name); }
  std::string text(std::string_view name) const { return json::text(aspect(name)); }
};

void add(json::Object& put, const char* member, json::Object one) {
  auto& list = put[member];
  if (!list.is_array()) list = json::Array();
  list.get_array().push_back(std::move(one));
}

void add_named(json::Object& put, const char* member, const std::string& name, json::Value one) {
  auto& all = put[member];
  if (!all.is_object()) all = json::Object();
  all.get_object()[name] = std::move(one);
}

void config_rule(const Kept& kept, json::Object& put) {
  if (!json::text(json::at(json::at(kept.resource, "record"), "CreatedBy")).empty()) return;  // its pack says it
  auto rule = json::members(kept.aspect("Rule"));
  rule["ConfigRuleName"] = kept.id;
  if (json::text(json::at(rule, "Source"), "Owner", "") == "CUSTOM_LAMBDA")
    rule["ConfigRuleArn"] = json::at(json::at(kept.resource, "record"), "ConfigRuleArn");
  add(put, "config_rules", std::move(rule));
}

void remediation(const Kept& kept, json::Object& put) {
  if (!json::text(json::at(json::at(kept.resource, "record"), "CreatedByService")).empty()) return;  // as well
  auto configuration = json::members(kept.aspect("Configuration"));
  configuration["ConfigRuleName"] = kept.id;
  add(put, "remediations", std::move(configuration));
}

void exception(const Kept& kept, json::Object& put) {
  const auto& record = json::at(kept.resource, "record");
  json::Object out{{"ConfigRuleName", json::at(record, "ConfigRuleName")},
                   {"ResourceKeys", json::Array{json::Object{{"ResourceType", json::at(record, "ResourceType")},
                                                             {"ResourceId", json::at(record, "ResourceId")}}}}};
  for (const auto* member : {"Message", "ExpirationTime"})
    if (const auto& value = json::at(kept.aspect("Exception"), member); !value.is_null()) out[member] = value;
  add(put, "remediation_exceptions", std::move(out));
}

void pack(const Kept& kept, json::Object& put) {
  json::Object parameters;
  for (const auto& one : json::items(json::at(kept.aspect("Pack"), "ConformancePackInputParameters")))
    parameters[json::text(one, "ParameterName", "")] = json::at(one, "ParameterValue");
  add(put, "conformance_packs", {{"name", kept.id},
                                 {"id", json::at(json::at(kept.resource, "record"), "ConformancePackId")},
                                 {"body", json::at(json::at(kept.resource, "internals"), "template")},
                                 {"parameters", std::move(parameters)}});
}

// A rule without targets does nothing.
void event_rule(const Kept& kept, json::Object& put) {
  const auto& targets = kept.aspect("Targets");
  if (json::items(targets).empty()) return;
  const auto& said = kept.aspect("Configuration");
  auto bar = kept.id.find('|');
  json::Object out{{"name", kept.id.substr(bar + 1)},
                   {"bus", kept.id.substr(0, bar)},
                   {"enabled", json::text(said, "State", "ENABLED") != "DISABLED"},
                   {"targets", targets}};
  if (auto arn = json::text(json::at(json::at(kept.resource, "record"), "Arn")); !arn.empty()) out["arn"] = arn;
  auto pattern = json::parse(json::text(said, "EventPattern", ""));
  if (pattern) out["pattern"] = std::move(*pattern);
  if (auto schedule = json::text(said, "ScheduleExpression", ""); !schedule.empty()) out["schedule"] = schedule;
  add(put, "rules", std::move(out));
}

void archive(const Kept& kept, json::Object& put) {
  auto source = kept.text("SourceArn");
  json::Object out{{"name", kept.id},
                   {"bus", source.substr(source.rfind('/') + 1)},
                   {"since", json::at(kept.resource, "created")},
                   {"retention_days", json::integer(kept.aspect("RetentionDays"))}};
  if (auto pattern = json::parse(kept.text("EventPattern"))) out["pattern"] = std::move(*pattern);
  add(put, "archives", std::move(out));
}

// A call that EventBridge Scheduler makes itself, of those that aright makes as well: a runbook, or an event.
constexpr std::string_view sdk_runbook = "arn:aws:scheduler:::aws-sdk:ssm:startAutomationExecution";
constexpr std::string_view sdk_event = "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents";

json::Object event_of(const json::Value& source, const json::Value& type, const json::Value& detail) {
  json::Object out{{"source", source}, {"detail-type", type}, {"detail", json::Object()}};
  if (auto said = json::parse(json::text(detail)); said && said->is_object()) out["detail"] = std::move(*said);
  return out;
}

std::string bus_target(std::string_view bus) {
  return fmt::format("aright:bus/{}", bus.empty() ? std::string_view("default") : bus.substr(bus.rfind('/') + 1));
}

// The target of a schedule as one of a rule; and the event that it puts on a bus, or nothing.
json::Object schedule_target(const json::Value& said, json::Object& event) {
  auto arn = json::text(said, "Arn", "");
  const auto& input = json::at(said, "Input");
  json::Object out{{"Id", "target"}, {"Arn", arn}};
  auto parsed = json::parse(json::text(input, "{}"));
  const auto call = parsed ? *parsed : json::Value();
  if (!input.is_null()) out["Input"] = input;
  for (const auto* member : {"RetryPolicy", "DeadLetterConfig", "SqsParameters"})
    if (const auto& value = json::at(said, member); !value.is_null()) out[member] = value;
  if (arn == sdk_runbook) {
    out["Arn"] = "arn:aws:ssm:::automation-definition/" + json::text(call, "DocumentName", "");
    out["Input"] = json::print(json::members(json::at(call, "Parameters")));
  }
  if (arn == sdk_event) {
    const auto& entries = json::items(json::at(call, "Entries"));
    const auto& entry = entries.size() == 1 ? entries.front() : json::Value();
    event = event_of(json::at(entry, "Source"), json::at(entry, "DetailType"), json::at(entry, "Detail"));
    out = {{"Id", "target"}, {"Arn", bus_target(json::text(entry, "EventBusName", ""))}};
  }
  if (const auto& bus = json::at(said, "EventBridgeParameters"); !bus.is_null()) {
    event = event_of(json::at(bus, "Source"), json::at(bus, "DetailType"), input);
    out = {{"Id", "target"}, {"Arn", bus_target(arn)}};
  }
  return out;
}

// One of EventBridge Scheduler's; its name cannot be a rule's.
void schedule(const Kept& kept, json::Object& put) {
  auto bar = kept.id.find('|');
  json::Object event;
  const auto& said = kept.aspect("Configuration");
  auto target = schedule_target(json::at(said, "Target"), event);
  auto expression = bus::as_of_rules(json::text(said, "ScheduleExpression", ""));
  auto zone = json::text(said, "ScheduleExpressionTimezone", "");
  json::Object out{{"name", fmt::format("schedule/{}/{}", kept.id.substr(0, bar), kept.id.substr(bar + 1))},
                   {"enabled", json::text(said, "State", "") != "DISABLED"},
                   {"schedule", expression},
                   {"targets", json::Array{std::move(target)}}};
  if (!zone.empty() && zone != "UTC" && !expression.starts_with("rate(")) out["timezone"] = zone;
  if (!event.empty()) out["event"] = std::move(event);
  for (const auto& [theirs, ours] : {std::pair("StartDate", "begins"), std::pair("EndDate", "ends")})
    if (const auto& time = json::at(said, theirs); !time.is_null()) out[ours] = time;
  add(put, "schedules", std::move(out));
}

void document(const Kept& kept, json::Object& put) {
  if (kept.text("DocumentType") != "Automation") return;
  add_named(put, "runbooks", kept.id, kept.aspect("Content"));
  const auto& versions = json::items(json::at(json::at(kept.resource, "internals"), "versions"));
  if (versions.size() < 2) return;
  for (const auto& one : versions)
    add_named(put, "runbooks", kept.id + ":" + json::text(one, "DocumentVersion", ""), json::at(one, "Content"));
  add_named(put, "runbooks", kept.id + ":$LATEST", json::at(versions.back(), "Content"));
}

// Those that aright has an interpreter for, with their code.
void function(const Kept& kept, json::Object& put) {
  auto runtime = kept.text("Runtime");
  const auto& zip = json::at(json::at(kept.resource, "internals"), "zip");
  if (zip.is_null() || (!runtime.starts_with("python3") && !runtime.starts_with("nodejs"))) return;
  json::Object out{{"runtime", runtime}, {"handler", kept.aspect("Handler")}, {"zip", zip}};
  if (const auto& timeout = kept.aspect("Timeout"); !timeout.is_null()) out["timeout"] = timeout;
  if (const auto& memory = kept.aspect("MemorySize"); !memory.is_null()) out["memory"] = memory;
  if (const auto& variables = json::at(kept.aspect("Environment"), "Variables"); !variables.is_null())
    out["environment"] = variables;
  add_named(put, "functions", kept.id, std::move(out));
}

// A published version is a function of its own: f:3 is the third one of f.
void function_version(const Kept& kept, json::Object& put) {
  const auto& record = json::at(kept.resource, "record");
  const auto& zip = json::at(json::at(kept.resource, "internals"), "zip");
  auto runtime = json::text(record, "Runtime", "");
  if (zip.is_null() || (!runtime.starts_with("python3") && !runtime.starts_with("nodejs"))) return;
  json::Object out{{"runtime", runtime}, {"handler", json::at(record, "Handler")}, {"zip", zip}};
  if (const auto& timeout = json::at(record, "Timeout"); !timeout.is_null()) out["timeout"] = timeout;
  if (const auto& memory = json::at(record, "MemorySize"); !memory.is_null()) out["memory"] = memory;
  if (const auto& variables = json::at(record, {"Environment", "Variables"}); !variables.is_null())
    out["environment"] = variables;
  add_named(put, "functions", replace_all(kept.id, "|", ":"), std::move(out));
}

void automation_rule(const Kept& kept, json::Object& put) {
  auto said = json::members(json::at(kept.resource, "aspects"));
  said.erase("Tags");
  add(put, "automation_rules", std::move(said));
}

// A standard, and its controls that were switched on or off (aws_standards.cc).
void standard(const Kept& kept, json::Object& put) {
  add(put, "standards", {{"StandardsArn", kept.aspect("StandardsArn")},
                         {"controls", json::at(json::at(kept.resource, "internals"), "controls")}});
}

// Standards of which nobody said anything say nothing of the policy.
void drop_silent(json::Object& put) {
  auto found = put.find("standards");
  if (found == put.end()) return;
  bool said = std::ranges::any_of(found->value().get_array(), [](const json::Value& one) {
    return !json::members(json::at(one, "controls")).empty();
  });
  if (!said) put.erase(found);
}

struct Way {
  std::string_view type;
  void (*say)(const Kept&, json::Object&);
};
constexpr std::array ways{
    Way{"AWS::Config::ConfigRule", config_rule},
    Way{"AWS::Config::RemediationConfiguration", remediation},
    Way{"AWS::Config::RemediationException", exception},
    Way{"AWS::Config::ConformancePack", pack},
    Way{"AWS::Events::Rule", event_rule},
    Way{"AWS::Events::Archive", archive},
    Way{"AWS::Scheduler::Schedule", schedule},
    Way{"AWS::SSM::Document", document},
    Way{"AWS::Lambda::Function", function},
    Way{"AWS::Lambda::Version", function_version},
    Way{"AWS::SecurityHub::AutomationRule", automation_rule},
    Way{"AWS::SecurityHub::Standard", standard},
};

const Way* way_of(std::string_view type) {
  for (const auto& way : ways)
    if (way.type == type) return &way;
  return nullptr;
}

// Account, region, type, and the id, which may hold slashes.
std::vector<std::string> parts_of(std::string_view key) {
  std::vector<std::string> out;
  for (int i = 0; i < 3; ++i) {
    auto slash = key.find('/');
    if (slash == std::string_view::npos) break;
    out.emplace_back(key.substr(0, slash));
    key.remove_prefix(slash + 1);
  }
  out.emplace_back(key);
  return out;
}

}  // namespace

std::string type_in(std::string_view key) {
  auto parts = parts_of(key);
  return parts.size() == 4 ? parts[2] : "";
}

bool is_of_policy(std::string_view type) { return way_of(type) != nullptr; }

json::Object put_policy(const json::Object& resources) {
  json::Object put;
  for (const auto& [key, resource] : resources) {
    auto parts = parts_of(key);
    if (parts.size() != 4) continue;
    if (const auto* way = way_of(parts[2])) way->say({parts[2], parts[3], resource}, put);
  }
  drop_silent(put);
  return put;
}

}  // namespace aright::server
