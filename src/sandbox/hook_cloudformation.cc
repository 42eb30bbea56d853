// CloudFormation's operations on stacks and change sets.
#include <algorithm>

#include "aws/client.h"
#include "base/id.h"
#include "model/constraints.h"
#include "sandbox/emulate.h"
#include "sandbox/stacks.h"

namespace aright::sandbox::cloudformation_hooks {

namespace {

constexpr int not_found = 404, not_implemented = 501;
constexpr const char* no_changes =
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set.";

std::string stack_id(const Resource& stack) {
  return json::text(stack.record, "StackId");
}

bool deleted(const Resource& stack) {
  return json::text(stack.aspect("StackStatus")) == "DELETE_COMPLETE";
}

json::Object told(const Scene& scene, const Resource& stack) {
  auto out = scene.shown(stack);
  out["StackName"] = json::text(stack.record, "StackName", stack.ref.id);
  if (!out.contains("DisableRollback")) out["DisableRollback"] = false;
  if (!out.contains("DriftInformation"))
    out["DriftInformation"] = json::Object{{"StackDriftStatus", "NOT_CHECKED"}};
  return out;
}

Result<Resource*> named_stack(Scene& scene) {
  return find_stack(scene, scene.text("StackName"));
}

// One whose template and resources are known. Those of a stack that a rehearsal found in the cloud below are not.
Result<Resource*> known_stack(Scene& scene) {
  auto* stack = TRY(named_stack(scene));
  if (stack->internals.contains("Order") || stack->internals.contains("ChangeSets")) return stack;
  return fail(service_error("NotImplemented", not_implemented,
                            fmt::format("{} is not emulated: what the stack {} holds is known to CloudFormation alone",
                                        scene.call.name(), stack->ref.id)));
}

Result<> check_stack_name(const std::string& name) {
  constexpr std::size_t name_max = 128;
  constexpr std::string_view pattern = "[a-zA-Z][-a-zA-Z0-9]*";
  auto demand = !model::is_matched(pattern, name) ? fmt::format("satisfy regular expression pattern: {}", pattern)
                : name.size() > name_max          ? fmt::format("have length less than or equal to {}", name_max)
                                                  : "";
  if (demand.empty()) return {};
  return fail(stack_error(fmt::format("1 validation error detected: Value '{}' at 'stackName' failed to satisfy "
                                      "constraint: Member must {}", name, demand)));
}

Result<Resource*> new_stack(Scene& scene, const char* status) {
  auto name = scene.text("StackName");
  CHECK_OK(check_stack_name(name));
  if (const auto* there = scene.find(stack_type, name))
    return fail(scene.error("AlreadyExistsException", "", there));
  auto stack = fresh_resource(scene, *scene.catalog.type(stack_type), scene.ref(stack_type, name));
  stack.set("StackStatus", status);
  auto& kept = scene.world.add(std::move(stack));
  scene.created.push_back(kept.ref);
  return &kept;
}

void take_settings(const Scene& scene, Resource& stack) {
  for (const auto* name :
       {"Tags", "Capabilities", "NotificationARNs", "RoleARN", "EnableTerminationProtection"})
    if (const auto& value = scene.input(name); !value.is_null()) stack.set(name, value);
}

Result<json::Object> create_stack(Scene& scene) {
  auto request = TRY(read_request(scene, nullptr));
  CHECK_OK(check_capabilities(scene, request.whole));
  auto* stack = TRY(new_stack(scene, "CREATE_IN_PROGRESS"));
  take_settings(scene, *stack);
  request.values["AWS::StackId"] = stack_id(*stack);
  CHECK_OK(bring_about(scene, *stack, request));
  return json::Object{{"StackId", stack_id(*stack)}};
}

// One that was never made whole, or is being deleted, is only deleted.
Result<> check_changeable(const Resource& stack) {
  constexpr const char* stuck[] = {"CREATE_FAILED", "DELETE_COMPLETE", "DELETE_FAILED", "DELETE_IN_PROGRESS",
                                   "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"};
  auto status = json::text(stack.aspect("StackStatus"));
  if (std::ranges::find(stuck, status, [](const char* one) { return std::string(one); }) == std::end(stuck)) return {};
  return fail(stack_error(fmt::format("Stack:{} is in {} state and can not be updated.", stack_id(stack), status)));
}

Result<json::Object> update_stack(Scene& scene) {
  auto* stack = TRY(known_stack(scene));
  CHECK_OK(check_changeable(*stack));
  auto request = TRY(read_request(scene, stack));
  CHECK_OK(check_capabilities(scene, request.whole));
  auto changes = TRY(changes_of(scene, *stack, request));
  bool outputs_too = request.text != json::text(stack->internals, "Template");
  bool itself_too = !scene.input("Tags").is_null() || !scene.input("NotificationARNs").is_null();
  if (changes.empty() && !outputs_too && !itself_too)
    return fail(stack_error("No updates are to be performed."));
  take_settings(scene, *stack);
  CHECK_OK(bring_about(scene, *stack, request));
  return json::Object{{"StackId", stack_id(*stack)}};
}

Result<json::Object> delete_stack(Scene& scene) {
  auto found = named_stack(scene);
  if (!found || deleted(**found)) return json::Object();
  auto& stack = *TRY(known_stack(scene));
  if (json::truth(stack.aspect("EnableTerminationProtection")))
    return fail(stack_error(fmt::format(
        "Stack [{}] cannot be deleted while TerminationProtection is enabled", stack.ref.id)));
  note_event(scene, stack, stack.ref.id, "DELETE_IN_PROGRESS", "User Initiated");
  if (!take_down(scene, stack, json::texts(scene.input("RetainResources")))) {
    stack.set("StackStatus", "DELETE_FAILED");
    note_event(scene, stack, stack.ref.id, "DELETE_FAILED");
    return json::Object();
  }
  note_event(scene, stack, stack.ref.id, "DELETE_COMPLETE");
  Resource gone = stack;  // told by its id from now on
  scene.world.erase(cloud::ResourceRef(stack.ref));
  gone.ref.id = stack_id(gone);
  gone.set("StackStatus", "DELETE_COMPLETE");
  gone.set("Outputs", nullptr);
  gone.record["DeletionTime"] = scene.now.iso();
  scene.world.add(std::move(gone));
  return json::Object();
}

Result<json::Object> describe_stacks(Scene& scene) {
  json::Array stacks;
  if (!scene.text("StackName").empty()) {
    auto* stack = TRY(named_stack(scene));
    stacks.push_back(told(scene, *stack));
  } else {
    for (const auto* stack : scene.world.all(scene.ref(stack_type, "")))
      if (!deleted(*stack)) stacks.push_back(told(scene, *stack));
  }
  return json::Object{{"Stacks", std::move(stacks)}};
}

Result<json::Object> list_stacks(Scene& scene) {
  auto asked = json::texts(scene.input("StackStatusFilter"));
  json::Array out;
  for (const auto* stack : scene.world.all(scene.ref(stack_type, ""))) {
    auto one = told(scene, *stack);
    if (!asked.empty() && std::ranges::find(asked, json::text(one, "StackStatus")) == asked.end())
      continue;
    one["TemplateDescription"] = json::text(one, "Description");
    out.push_back(std::move(one));
  }
  return json::Object{{"StackSummaries", std::move(out)}};
}

json::Object resource_told(const Resource& stack, const std::string& logical) {
  const auto& part = json::at(json::at(stack.internals, "Resources"), logical);
  json::Object out{{"StackName", json::text(stack.record, "StackName", stack.ref.id)},
                   {"StackId", stack_id(stack)},
                   {"LogicalResourceId", logical},
                   {"PhysicalResourceId", json::at(part, "Physical")},
                   {"ResourceType", json::at(part, "Type")},
                   {"DriftInformation", json::Object{{"StackResourceDriftStatus", "NOT_CHECKED"}}}};
  for (const auto& event : json::items(json::at(stack.internals, "Events"))) {
    const auto& physical = json::at(event, "PhysicalResourceId");
    bool former = !part.is_null() && !physical.is_null() && physical != json::at(part, "Physical");  // it was replaced
    if (json::text(event, "LogicalResourceId", "") != logical || former) continue;
    if (part.is_null()) {
      out["ResourceType"] = json::at(event, "ResourceType");
      out["PhysicalResourceId"] = physical;
    }
    out.erase("ResourceStatusReason");
    if (const auto& reason = json::at(event, "ResourceStatusReason"); !reason.is_null())
      out["ResourceStatusReason"] = reason;
    out["ResourceStatus"] = json::at(event, "ResourceStatus");
    out["Timestamp"] = json::at(event, "Timestamp");
    out["LastUpdatedTimestamp"] = json::at(event, "Timestamp");
  }
  return out;
}

// Of one that was rolled back as it was made: those that there were for a while, or that failed.
std::vector<std::string> logical_names(const Resource& stack) {
  auto out = json::texts(json::at(stack.internals, "Order"));
  if (json::text(stack.aspect("StackStatus")) != "ROLLBACK_COMPLETE") return out;
  for (const auto& event : json::items(json::at(stack.internals, "Events"))) {
    auto logical = json::text(event, "LogicalResourceId", "");
    if (json::text(event, "ResourceType", "") != stack_type && std::ranges::find(out, logical) == out.end())
      out.push_back(std::move(logical));
  }
  return out;
}

Result<json::Array> resources_told(Scene& scene) {
  auto* stack = TRY(known_stack(scene));
  auto asked = scene.text("LogicalResourceId");
  json::Array out;
  for (const auto& logical : logical_names(*stack))
    if (asked.empty() || asked == logical) out.push_back(resource_told(*stack, logical));
  if (!asked.empty() && out.empty())
    return fail(stack_error(
        fmt::format("Resource {} does not exist for stack {}", asked, scene.text("StackName"))));
  return out;
}

Result<json::Object> describe_resources(Scene& scene) {
  auto list = TRY(resources_told(scene));
  return json::Object{{"StackResources", std::move(list)}};
}
Result<json::Object> list_resources(Scene& scene) {
  auto list = TRY(resources_told(scene));
  return json::Object{{"StackResourceSummaries", std::move(list)}};
}
Result<json::Object> describe_resource(Scene& scene) {
  auto list = TRY(resources_told(scene));
  return json::Object{{"StackResourceDetail", list.front()}};
}

Result<json::Object> describe_events(Scene& scene) {
  auto* stack = TRY(known_stack(scene));
  auto events = json::items(json::at(stack->internals, "Events"));
  std::ranges::reverse(events);  // the newest first
  return json::Object{{"StackEvents", std::move(events)}};
}

Result<json::Object> get_template(Scene& scene) {
  auto* stack = TRY(known_stack(scene));
  return json::Object{{"TemplateBody", json::text(stack->internals, "Template")},
                      {"StagesAvailable", json::Array{"Original", "Processed"}}};
}

// What a template says of itself.
json::Object summary(const json::Value& whole) {
  json::Array parameters;
  std::set<std::string> types;
  for (const auto& [name, about] : json::members(json::at(whole, "Parameters"))) {
    json::Object one{{"ParameterKey", name},
                     {"ParameterType", json::text(about, "Type", "String")},
                     {"NoEcho", json::truth(json::at(about, "NoEcho"))}};
    if (const auto& given = json::at(about, "Default"); !given.is_null())
      one["DefaultValue"] = json::scalar_text(given);
    if (const auto& text = json::at(about, "Description"); !text.is_null())
      one["Description"] = text;
    parameters.push_back(std::move(one));
  }
  for (const auto& [name, resource] : json::members(json::at(whole, "Resources")))
    types.insert(json::text(resource, "Type", ""));
  json::Object out{{"Parameters", std::move(parameters)},
                   {"ResourceTypes", json::Array(types.begin(), types.end())}};
  if (const auto& text = json::at(whole, "Description"); !text.is_null()) out["Description"] = text;
  if (std::ranges::any_of(types, [](const auto& type) { return type.starts_with("AWS::IAM::"); }))
    out["Capabilities"] = json::Array{"CAPABILITY_IAM"};
  return out;
}

Result<json::Object> validate_template(Scene& scene) {
  auto text = TRY(template_asked(scene));
  auto whole = TRY(read_template(text));
  return summary(whole);
}

Result<json::Object> template_summary(Scene& scene) {
  if (!scene.text("StackName").empty()) {
    auto* stack = TRY(known_stack(scene));
    auto whole = TRY(read_template(json::text(stack->internals, "Template")));
    return summary(whole);
  }
  return validate_template(scene);
}

json::Object& change_sets(Resource& stack) {
  auto& value = stack.internals["ChangeSets"];
  if (!value.is_object()) value = json::Object();
  return value.get_object();
}

struct ChangeSet {
  Resource* stack;
  json::Object* set;
  std::string name;
};

// By name within a stack, or by its own ARN.
Result<ChangeSet> find_change_set(Scene& scene) {
  auto asked = scene.text("ChangeSetName"), within = scene.text("StackName");
  for (const auto* seen : scene.world.all(scene.ref(stack_type, ""))) {
    bool here = within.empty() || seen->ref.id == within || stack_id(*seen) == within;
    if (!here) continue;
    if (!within.empty() && seen->internals.empty()) CHECK_OK(known_stack(scene));
    for (const auto& [name, set] : json::members(json::at(seen->internals, "ChangeSets"))) {
      if (name != asked && json::text(set, "ChangeSetId", "") != asked) continue;
      std::string found = name;
      auto& stack = scene.world.edit(seen->ref);
      return ChangeSet{&stack, &change_sets(stack)[found].as_object(), found};
    }
  }
  return fail(service_error("ChangeSetNotFound", not_found,
                            fmt::format("ChangeSet [{}] does not exist", asked)));
}

Result<json::Object> create_change_set(Scene& scene) {
  auto name = scene.text("ChangeSetName");
  Resource* stack = nullptr;
  if (scene.text("ChangeSetType", "UPDATE") == "CREATE") {
    auto there = known_stack(scene);
    bool reviewed = there && json::text((*there)->aspect("StackStatus")) == "REVIEW_IN_PROGRESS";
    if (reviewed)
      stack = *there;
    else
      stack = TRY(new_stack(scene, "REVIEW_IN_PROGRESS"));
  } else {
    stack = TRY(known_stack(scene));
    CHECK_OK(check_changeable(*stack));
  }
  if (change_sets(*stack).contains(name))
    return fail(scene.error("AlreadyExistsException",
                            fmt::format("ChangeSet {} cannot be created because a change set with "
                                        "that name already exists",
                                        name)));
  auto request = TRY(read_request(scene, stack));
  CHECK_OK(check_capabilities(scene, request.whole));
  auto changes = TRY(changes_of(scene, *stack, request));
  bool same = changes.empty() && request.text == json::text(stack->internals, "Template");
  auto id = fmt::format("arn:{}:cloudformation:{}:{}:changeSet/{}/{}",
                        aws::partition_of(scene.call.region), scene.call.region, scene.call.account,
                        name, scene.ids.uuid());
  json::Object set{{"ChangeSetId", id},
                   {"ChangeSetName", name},
                   {"StackId", stack_id(*stack)},
                   {"StackName", stack->ref.id},
                   {"CreationTime", scene.now.iso()},
                   {"Status", same ? "FAILED" : "CREATE_COMPLETE"},
                   {"ExecutionStatus", same ? "UNAVAILABLE" : "AVAILABLE"},
                   {"Changes", std::move(changes)},
                   {"Parameters", request.parameters},
                   {"Input", scene.call.input}};
  if (same) set["StatusReason"] = no_changes;
  for (const auto* member : {"Tags", "Capabilities", "Description", "NotificationARNs"})
    if (const auto& value = scene.input(member); !value.is_null()) set[member] = value;
  change_sets(*stack)[name] = std::move(set);
  return json::Object{{"Id", id}, {"StackId", stack_id(*stack)}};
}

Result<json::Object> describe_change_set(Scene& scene) {
  auto found = TRY(find_change_set(scene));
  return *found.set;
}

Result<json::Object> delete_change_set(Scene& scene) {
  auto found = find_change_set(scene);
  if (found) change_sets(*found->stack).erase(found->name);
  return json::Object();
}

Result<json::Object> execute_change_set(Scene& scene) {
  auto found = TRY(find_change_set(scene));
  if (json::text(*found.set, "ExecutionStatus") != "AVAILABLE")
    return fail(scene.error("InvalidChangeSetStatus"));
  aws::Call made = scene.call;  // what was asked when the set was made
  made.input = json::members(json::at(*found.set, "Input"));
  Scene then(scene.world, scene.ids, scene.catalog, made, scene.principal, scene.now,
             scene.endpoint, scene.history);
  auto request = TRY(read_request(then, found.stack));
  take_settings(then, *found.stack);
  CHECK_OK(bring_about(then, *found.stack, request));
  scene.created.insert(scene.created.end(), then.created.begin(), then.created.end());
  change_sets(*found.stack).clear();
  return json::Object();
}

Result<json::Object> list_change_sets(Scene& scene) {
  auto* stack = TRY(known_stack(scene));
  json::Array out;
  for (const auto& [name, set] : change_sets(*stack))
    out.push_back(set);
  return json::Object{{"Summaries", std::move(out)}};
}

Result<json::Object> list_exports(Scene& scene) {
  json::Array out;
  for (const auto* stack : scene.world.all(scene.ref(stack_type, "")))
    for (const auto& output : json::items(stack->aspect("Outputs")))
      if (const auto& name = json::at(output, "ExportName"); !name.is_null())
        out.push_back(json::Object{{"ExportingStackId", stack_id(*stack)},
                                   {"Name", name},
                                   {"Value", json::at(output, "OutputValue")}});
  return json::Object{{"Exports", std::move(out)}};
}

// A detection is over as soon as it is asked for, and so is known by its stack.
std::string detection_of(const Resource& stack) { return uuid_from("drift of " + stack_id(stack)); }

Result<json::Object> detect_drift(Scene& scene) {
  auto* stack = TRY(known_stack(scene));
  return json::Object{{"StackDriftDetectionId", detection_of(*stack)}};
}

Result<json::Object> drift_status(Scene& scene) {
  auto id = scene.text("StackDriftDetectionId");
  const Resource* stack = nullptr;
  for (const auto* one : scene.world.all(scene.ref(stack_type, "")))
    if (detection_of(*one) == id) stack = one;
  if (stack == nullptr) return fail(stack_error(fmt::format("Drift detection [{}] does not exist", id)));
  std::size_t drifted = 0;
  for (const auto& [logical, names] : drift_of(scene, *stack))
    drifted += names.empty() ? 0 : 1;
  return json::Object{{"StackId", stack_id(*stack)},
                      {"StackDriftDetectionId", id},
                      {"StackDriftStatus", drifted > 0 ? "DRIFTED" : "IN_SYNC"},
                      {"DetectionStatus", "DETECTION_COMPLETE"},
                      {"DriftedStackResourceCount", drifted},
                      {"Timestamp", scene.now.iso()}};
}

Result<json::Object> resource_drifts(Scene& scene) {
  auto* stack = TRY(known_stack(scene));
  json::Array out;
  for (const auto& [logical, names] : drift_of(scene, *stack)) {
    auto one = resource_told(*stack, logical);
    bool gone = !names.empty() && names.front().empty();
    one["StackResourceDriftStatus"] = gone ? "DELETED" : names.empty() ? "IN_SYNC" : "MODIFIED";
    json::Array differences;
    for (const auto& name : names)
      if (!name.empty())
        differences.push_back(json::Object{{"PropertyPath", "/" + name},
                                           {"ExpectedValue", ""},
                                           {"ActualValue", ""},
                                           {"DifferenceType", "NOT_EQUAL"}});
    one["PropertyDifferences"] = std::move(differences);
    one["Timestamp"] = scene.now.iso();
    out.push_back(std::move(one));
  }
  return json::Object{{"StackResourceDrifts", std::move(out)}};
}

}  // namespace

void add(Hooks& hooks) {
  const std::pair<const char*, Emulate> all[] = {
      {"CreateStack", create_stack},
      {"UpdateStack", update_stack},
      {"DeleteStack", delete_stack},
      {"DescribeStacks", describe_stacks},
      {"ListStacks", list_stacks},
      {"DescribeStackResources", describe_resources},
      {"DescribeStackResource", describe_resource},
      {"ListStackResources", list_resources},
      {"DescribeStackEvents", describe_events},
      {"GetTemplate", get_template},
      {"GetTemplateSummary", template_summary},
      {"ValidateTemplate", validate_template},
      {"CreateChangeSet", create_change_set},
      {"DescribeChangeSet", describe_change_set},
      {"DeleteChangeSet", delete_change_set},
      {"ExecuteChangeSet", execute_change_set},
      {"ListChangeSets", list_change_sets},
      {"ListExports", list_exports},
      {"DetectStackDrift", detect_drift},
      {"DescribeStackDriftDetectionStatus", drift_status},
      {"DescribeStackResourceDrifts", resource_drifts}};
  for (const auto& [operation, hook] : all)
    hooks.emulate(fmt::format("cloudformation:{}", operation), [hook](Scene& scene) {
      auto answer = hook(scene);
      if (!answer && answer.error().wire_code.empty()) return Result<json::Object>(fail(stack_error(answer.error().message)));
      return answer;
    });
}

}  // namespace aright::sandbox::cloudformation_hooks
