// What a call wants a stack to be: templates, parameters and acknowledgements. read_request and
// check_capabilities of stacks.h.
#include <algorithm>

#include "aws/client.h"
#include "cloudformation/parameters.h"
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
Result<json::Value> typed(Scene& scene, const std::string& name, const json::Value& about, const std::string& text) {
  if (json::text(about, "Type", "").starts_with("AWS::SSM::Parameter::Value<")) {
    auto found = TRY(scene.also("ssm", "GetParameter", json::Object{{"Name", text}}));
    return json::Value(json::at(json::at(found, "Parameter"), "Value"));
  }
  auto value = cloudformation::parameter_value(name, about, text);
  if (!value) return fail(stack_error(value.error().message));
  return std::move(*value);
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
    request.values[name] = TRY(typed(scene, name, about, text));
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
  auto whole = cloudformation::parse_template(request.text);
  if (!whole) return fail(stack_error(whole.error().message));
  request.whole = std::move(*whole);
  request.values = cloudformation::pseudo_parameters(
      {.account = scene.call.account,
       .region = scene.call.region,
       .partition = std::string(aws::partition_of(scene.call.region)),
       .stack_name = stack == nullptr ? scene.text("StackName") : stack->ref.id});
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
