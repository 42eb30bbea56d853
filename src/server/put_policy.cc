#include "server/put_policy.h"

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
  auto rule = json::members(kept.aspect("Rule"));
  rule["ConfigRuleName"] = kept.id;
  if (json::text(json::at(rule, "Source"), "Owner", "") == "CUSTOM_LAMBDA")
    rule["ConfigRuleArn"] = json::at(json::at(kept.resource, "record"), "ConfigRuleArn");
  add(put, "config_rules", std::move(rule));
}

void remediation(const Kept& kept, json::Object& put) {
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
  auto pattern = json::parse(json::text(said, "EventPattern", ""));
  if (pattern) out["pattern"] = std::move(*pattern);
  if (auto schedule = json::text(said, "ScheduleExpression", ""); !schedule.empty()) out["schedule"] = schedule;
  add(put, "rules", std::move(out));
}

void archive(const Kept& kept, json::Object& put) {
  auto source = kept.text("SourceArn");
  json::Object out{{"name", kept.id},
                   {"bus", source.substr(source.rfind('/') + 1)},
                   {"retention_days", json::integer(kept.aspect("RetentionDays"))}};
  if (auto pattern = json::parse(kept.text("EventPattern"))) out["pattern"] = std::move(*pattern);
  add(put, "archives", std::move(out));
}

void document(const Kept& kept, json::Object& put) {
  if (kept.text("DocumentType") == "Automation") add_named(put, "runbooks", kept.id, kept.aspect("Content"));
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

void automation_rule(const Kept& kept, json::Object& put) {
  add(put, "automation_rules", json::members(json::at(kept.resource, "aspects")));
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
    Way{"AWS::SSM::Document", document},
    Way{"AWS::Lambda::Function", function},
    Way{"AWS::SecurityHub::AutomationRule", automation_rule},
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
  return put;
}

}  // namespace aright::server
