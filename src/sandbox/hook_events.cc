// Policies of event buses, statement by statement, and what EventBridge refuses.
#include <algorithm>
#include <array>
#include <set>

#include "sandbox/emulate.h"
#include "sandbox/hook.h"
#include "sandbox/paging.h"

namespace aright::sandbox::event_delivery_hooks { void add(Hooks& hooks); }

namespace aright::sandbox::events_hooks {

namespace {

constexpr const char* bus_type = "AWS::Events::EventBus";
constexpr const char* rule_type = "AWS::Events::Rule";
constexpr const char* default_bus = "default";

Result<Resource*> bus_of(Scene& scene) {
  auto name = scene.text("EventBusName", default_bus);
  return scene.need(bus_type, name.substr(name.rfind('/') + 1));
}

json::Array statements_of(const Resource& bus) {
  auto policy = json::parse(json::text(bus.aspect("Policy")));
  return policy ? json::items(json::at(*policy, "Statement")) : json::Array();
}

void keep_statements(Resource& bus, json::Array statements) {
  if (statements.empty()) return bus.set("Policy", nullptr);
  json::Object policy{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
  bus.set("Policy", json::Value(json::print(policy)));
}

bool has_id(const json::Value& statement, std::string_view id) {
  return json::text(statement, "Sid", "") == id;
}

void drop_statement(json::Array& statements, std::string_view id) {
  auto gone =
      std::ranges::remove_if(statements, [&](const json::Value& one) { return has_id(one, id); });
  statements.erase(gone.begin(), gone.end());
}

Result<json::Object> put_permission(Scene& scene) {
  auto* bus = TRY(bus_of(scene));
  if (auto whole = scene.text("Policy"); !whole.empty()) {
    auto policy = json::parse(whole);
    if (!policy || !policy->is_object())
      return fail(scene.error("ValidationException", "The policy is not valid JSON"));
    bus->set("Policy", json::Value(whole));
    return json::Object();
  }
  auto id = scene.text("StatementId"), principal = scene.text("Principal");
  if (id.empty() || principal.empty() || scene.text("Action").empty())
    return fail(scene.error("ValidationException",
                            "Action, Principal and StatementId are needed, or Policy"));
  json::Object statement{{"Sid", id},
                         {"Effect", "Allow"},
                         {"Principal", json::Value(principal)},
                         {"Action", scene.text("Action")},
                         {"Resource", scene.arn(*bus)}};
  if (principal != "*")
    statement["Principal"] = json::Object{{"AWS", fmt::format("arn:aws:iam::{}:root", principal)}};
  if (const auto& condition = scene.input("Condition"); !condition.is_null())
    statement["Condition"] = json::Object{
        {json::text(condition, "Type", ""),
         json::Object{{json::text(condition, "Key", ""), json::at(condition, "Value")}}}};
  auto statements = statements_of(*bus);
  drop_statement(statements, id);
  statements.push_back(std::move(statement));
  keep_statements(*bus, std::move(statements));
  return json::Object();
}

Result<json::Object> remove_permission(Scene& scene) {
  auto* bus = TRY(bus_of(scene));
  auto statements = statements_of(*bus);
  auto id = scene.text("StatementId");
  bool all = json::truth(scene.input("RemoveAllPermissions"));
  bool there =
      std::ranges::any_of(statements, [&](const json::Value& one) { return has_id(one, id); });
  if (!all && !there)
    return fail(scene.error("ResourceNotFoundException",
                            fmt::format("EventBus policy does not have a statement {}.", id)));
  drop_statement(statements, id);
  if (all) statements.clear();
  keep_statements(*bus, std::move(statements));
  return json::Object();
}

// One page of a list: as many as Limit says.
Result<> cut_page(Scene& scene, const char* list, json::Object& output) {
  auto page = TRY(page_of(scene, list, json::items(json::at(output, list)), {.limit = "Limit", .most = page_items_max}));
  for (auto& [name, value] : page)
    output[name] = std::move(value);
  return {};
}

Result<json::Object> rule_names_by_target(Scene& scene) {
  auto* bus = TRY(bus_of(scene));
  json::Array names;
  for (const auto* rule : scene.world.all(scene.ref(rule_type, bus->ref.id + "|"))) {
    const auto& targets = json::items(rule->aspect("Targets"));
    if (std::ranges::any_of(targets, [&](const json::Value& target) {
          return json::text(target, "Arn", "") == scene.text("TargetArn");
        }))
      names.push_back(json::at(rule->record, "Name"));
  }
  json::Object output{{"RuleNames", std::move(names)}};
  CHECK_OK(cut_page(scene, "RuleNames", output));
  return output;
}

Result<> finish_targets(Scene& scene, json::Object& output) { return cut_page(scene, "Targets", output); }

Result<> check_pattern(Scene& scene) {
  auto text = scene.text("EventPattern");
  if (text.empty()) return {};
  auto pattern = json::parse(text);
  return pattern && pattern->is_object() ? Result<>()
                                         : fail(scene.error("InvalidEventPatternException"));
}

// An archive is of a bus that there is.
Result<> check_archive(Scene& scene) {
  auto source = scene.text("EventSourceArn");
  auto name = source.substr(source.rfind('/') + 1);
  if (scene.find(bus_type, name) == nullptr && name != default_bus)
    return fail(scene.error("ResourceNotFoundException", fmt::format("Event bus {} does not exist.", name)));
  return check_pattern(scene);
}

Result<> check_rule(Scene& scene) {
  auto bus = scene.text("EventBusName", default_bus);
  if (!scene.text("ScheduleExpression").empty() && bus.substr(bus.rfind('/') + 1) != default_bus)
    return fail(scene.error("ValidationException", "ScheduleExpression is supported only on the default event bus."));
  auto id = fmt::format("{}|{}", bus.substr(bus.rfind('/') + 1), scene.text("Name"));
  const auto* rule = scene.find(rule_type, id);
  const auto& known = rule == nullptr ? json::Value() : rule->aspect("Configuration");
  bool unknown = rule != nullptr && json::at(known, "EventPattern").is_null() &&
                 json::at(known, "ScheduleExpression").is_null();  // an import that says neither
  bool neither = scene.text("EventPattern").empty() && scene.text("ScheduleExpression").empty();
  if (neither && !unknown)
    return fail(scene.error("ValidationException",
                            "Parameter(s) EventPattern or ScheduleExpression must be specified."));
  return check_pattern(scene);
}

constexpr std::size_t targets_max = 5;  // of one rule

Result<> check_target(const Scene& scene, const json::Value& target) {
  auto id = json::text(target, "Id", ""), arn = json::text(target, "Arn", ""), input = json::text(target, "Input", "");
  auto refuse = [&](std::string message) { return fail(scene.error("ValidationException", std::move(message))); };
  if (!arn.starts_with("arn:") && !arn.starts_with("aright:"))
    return refuse(fmt::format("Parameter {} is not valid. Reason: Provided Arn is not in correct format.", arn));
  auto ways = std::ranges::count_if(std::array{"Input", "InputPath", "InputTransformer"},
                                    [&](const char* one) { return !json::at(target, one).is_null(); });
  if (ways > 1)
    return refuse(fmt::format("Only one of Input, InputPath, or InputTransformer must be provided for target {}.", id));
  if (auto read = json::parse(input); !input.empty() && !read)
    return refuse(fmt::format("JSON syntax error in input for target {} : {}", id, read.error().message));
  if (auto path = json::text(target, "InputPath", "$"); !path.starts_with('$'))
    return refuse(fmt::format("Invalid InputPath for target {} : {}", id, path));
  if (arn.find(":sqs:") != std::string::npos && arn.ends_with(".fifo") &&
      json::at(target, {"SqsParameters", "MessageGroupId"}).is_null())
    return refuse(fmt::format("Parameter(s) SqsParameters must be specified for target: {}.", id));
  return {};
}

// Targets of the same id are replaced; a rule has five in all.
Result<> check_targets(Scene& scene) {
  auto* bus = TRY(bus_of(scene));
  auto* rule = TRY(scene.need(rule_type, fmt::format("{}|{}", bus->ref.id, scene.text("Rule"))));
  std::set<std::string> given;
  for (const auto& target : json::items(scene.input("Targets"))) {
    if (auto id = json::text(target, "Id", ""); !given.insert(id).second)
      return fail(scene.error("ValidationException", fmt::format("Duplicate target Id {} in the request.", id)));
    CHECK_OK(check_target(scene, target));
  }
  auto all = given;
  for (const auto& target : json::items(rule->aspect("Targets"))) all.insert(json::text(target, "Id", ""));
  return all.size() > targets_max ? fail(scene.error("LimitExceededException")) : Result<>();
}

// Names with a slash or aws. are those of partners and of AWS.
Result<> check_create_bus(Scene& scene) {
  auto name = scene.text("Name");
  if (!scene.text("EventSourceName").empty()) return {};
  if (name.find('/') != std::string::npos)
    return fail(scene.error("ValidationException", "Event bus name must not contain '/'."));
  if (name.starts_with("aws."))
    return fail(scene.error("ValidationException", "Event bus name starting with 'aws.' is not valid."));
  return {};
}

Result<> check_list_archives(Scene& scene) {
  auto filters = std::ranges::count_if(std::array{"NamePrefix", "EventSourceArn", "State"},
                                       [&](const char* one) { return !scene.text(one).empty(); });
  if (filters <= 1) return {};
  return fail(scene.error("ValidationException",
                          "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or "
                          "NamePrefix."));
}

Result<> check_delete_bus(Scene& scene) {
  auto name = scene.text("Name");
  if (name == default_bus)
    return fail(scene.error("ValidationException", "Cannot delete event bus default."));
  if (!scene.world.all(scene.ref(rule_type, name + "|")).empty())
    return fail(scene.error("ValidationException",
                            fmt::format("Cannot delete event bus {} because it has rules.", name)));
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  event_delivery_hooks::add(hooks);
  hooks.emulate("events:PutPermission", put_permission);
  hooks.emulate("events:RemovePermission", remove_permission);
  hooks.emulate("events:ListRuleNamesByTarget", rule_names_by_target);
  hooks.finish("events:ListTargetsByRule", finish_targets);
  hooks.check("events:PutRule", check_rule);
  hooks.check("events:CreateArchive", check_archive);
  hooks.check("events:UpdateArchive", check_pattern);
  hooks.check("events:CreateEventBus", check_create_bus);
  hooks.check("events:ListArchives", check_list_archives);
  hooks.check("events:PutTargets", check_targets);
  hooks.check("events:DeleteEventBus", check_delete_bus);
}

}  // namespace aright::sandbox::events_hooks
