// What a call wants a stack to be: templates, parameters and acknowledgements. read_request and
// check_capabilities of stacks.h.
#include <algorithm>

#include "aws/client.h"
#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/stacks.h"

namespace aright::sandbox {

namespace {

// Names that a template gives to what can act for others.
constexpr const char* iam_names[] = {"RoleName", "UserName", "GroupName", "ManagedPolicyName",
                                     "InstanceProfileName"};

const json::Value& given(const Scene& scene, const std::string& name) {
  static const json::Value nothing;
  for (const auto& one : json::items(scene.input("Parameters")))
    if (json::text(one, "ParameterKey", "") == name) return one;
  return nothing;
}

json::Value previous_value(const Resource* stack, const std::string& name) {
  if (stack == nullptr) return nullptr;
  for (const auto& one : json::items(stack->aspect("Parameters")))
    if (json::text(one, "ParameterKey", "") == name) return json::at(one, "ParameterValue");
  return nullptr;
}

// As the template's functions see it.
Result<json::Value> typed(Scene& scene, const json::Value& about, const std::string& text) {
  auto type = json::text(about, "Type", "String");
  if (type.starts_with("AWS::SSM::Parameter::Value<")) {
    auto found = TRY(scene.also("ssm", "GetParameter", json::Object{{"Name", text}}));
    return json::Value(json::at(json::at(found, "Parameter"), "Value"));
  }
  if (type != "CommaDelimitedList" && !type.starts_with("List<")) return json::Value(text);
  json::Array list;
  for (const auto& item : split(text, ','))
    list.emplace_back(trim(item));
  return json::Value(std::move(list));
}

Result<> check_value(const json::Value& about, const std::string& name, const std::string& text) {
  const auto& allowed = json::items(json::at(about, "AllowedValues"));
  bool fits = allowed.empty() || std::ranges::any_of(allowed, [&](const json::Value& one) {
                return json::scalar_text(one) == text;
              });
  auto shortest = json::integer(json::at(about, "MinLength"), 0);
  if (fits && static_cast<std::int64_t>(text.size()) >= shortest) return {};
  auto why = json::text(about, "ConstraintDescription", "");
  if (why.empty()) why = fmt::format("Parameter '{}' must be one of AllowedValues", name);
  return fail(stack_error(why));
}

Result<> read_parameters(Scene& scene, const Resource* stack, StackRequest& request) {
  const auto& declared = json::members(json::at(request.whole, "Parameters"));
  for (const auto& one : json::items(scene.input("Parameters")))
    if (auto name = json::text(one, "ParameterKey", ""); !declared.contains(name))
      return fail(stack_error(fmt::format("Parameters: [{}] do not exist in the template", name)));
  std::vector<std::string> lacking;
  for (const auto& [key, about] : declared) {
    std::string name = key;
    const auto& said = given(scene, name);
    json::Value value = json::at(said, "ParameterValue");
    if (json::truth(json::at(said, "UsePreviousValue"))) value = previous_value(stack, name);
    if (value.is_null()) value = json::at(about, "Default");
    if (value.is_null()) {
      lacking.push_back(name);
      continue;
    }
    auto text = json::scalar_text(value);
    CHECK_OK(check_value(about, name, text));
    request.values[name] = TRY(typed(scene, about, text));
    bool secret = json::truth(json::at(about, "NoEcho"));
    request.parameters.push_back(
        json::Object{{"ParameterKey", name}, {"ParameterValue", secret ? "****" : text}});
  }
  if (lacking.empty()) return {};
  return fail(
      stack_error(fmt::format("Parameters: [{}] must have values", fmt::join(lacking, ", "))));
}

}  // namespace

Result<Resource*> find_stack(Scene& scene, const std::string& name) {
  for (const auto* stack : scene.world.all(scene.ref(stack_type, "")))
    if (stack->ref.id == name || json::text(stack->record, "StackId", "") == name)
      return &scene.world.edit(stack->ref);
  return fail(stack_error(fmt::format("Stack with id {} does not exist", name)));
}

Result<StackRequest> read_request(Scene& scene, const Resource* stack) {
  StackRequest request{.text = scene.text("TemplateBody")};
  if (json::truth(scene.input("UsePreviousTemplate")) && stack != nullptr)
    request.text = json::text(stack->internals, "Template");
  if (!scene.text("TemplateURL").empty())
    return fail(stack_error("The emulated cloud takes templates as TemplateBody"));
  if (request.text.empty())
    return fail(stack_error("Either Template URL or Template Body must be specified."));
  auto whole = parse_template(request.text);
  if (!whole) return fail(stack_error(whole.error().message));
  request.whole = std::move(*whole);
  std::string partition(aws::partition_of(scene.call.region));
  auto name = scene.text("StackName");
  request.values = {{"AWS::AccountId", json::Value(scene.call.account)},
                    {"AWS::NotificationARNs", json::Array()},
                    {"AWS::Partition", json::Value(partition)},
                    {"AWS::Region", json::Value(scene.call.region)},
                    {"AWS::StackName", json::Value(stack == nullptr ? name : stack->ref.id)},
                    {"AWS::URLSuffix",
                     json::Value(partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com")}};
  if (stack != nullptr) request.values["AWS::StackId"] = json::at(stack->record, "StackId");
  CHECK_OK(read_parameters(scene, stack, request));
  return request;
}

Result<> check_capabilities(Scene& scene, const json::Value& whole) {
  auto said = json::texts(scene.input("Capabilities"));
  auto has = [&](std::string_view one) { return std::ranges::find(said, one) != said.end(); };
  for (const auto& [logical, resource] : json::members(json::at(whole, "Resources"))) {
    if (!json::text(resource, "Type", "").starts_with("AWS::IAM::") || has("CAPABILITY_NAMED_IAM"))
      continue;
    const auto& properties = json::at(resource, "Properties");
    bool named = std::ranges::any_of(
        iam_names, [&](const char* name) { return !json::at(properties, name).is_null(); });
    if (named)
      return fail(scene.error("InsufficientCapabilitiesException",
                              "Requires capabilities : [CAPABILITY_NAMED_IAM]"));
    if (!has("CAPABILITY_IAM")) return fail(scene.error("InsufficientCapabilitiesException"));
  }
  return {};
}

}  // namespace aright::sandbox
