// What a call wants a stack to be: templates, parameters and acknowledgements. read_request and
// check_capabilities of stacks.h.
#include <algorithm>
#include <set>

#include "aws/client.h"
#include "base/digest.h"
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
  if (const auto& hidden = json::at(json::at(stack->internals, "Hidden"), name); !hidden.is_null()) return hidden;
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

constexpr std::size_t template_body_max = 51'200;  // longer ones come from a bucket
constexpr std::size_t body_told_max = 100;

// https://s3.us-east-1.amazonaws.com/bucket/key, or https://bucket.s3.amazonaws.com/key
Result<std::string> fetch_template(Scene& scene, const std::string& url) {
  constexpr std::string_view secure = "https://", home = ".amazonaws.com";
  auto slash = url.find('/', secure.size());
  auto host = url.starts_with(secure) ? url.substr(secure.size(), slash - secure.size()) : "";
  if (!host.ends_with(home) || slash == std::string::npos || ("." + host).find(".s3") == std::string::npos)
    return fail(stack_error("TemplateURL must be a supported URL."));
  auto path = url.substr(slash + 1);
  auto bucket = host.starts_with("s3") ? path.substr(0, path.find('/')) : host.substr(0, host.find(".s3"));
  auto key = host.starts_with("s3") ? path.substr(std::min(path.size(), bucket.size() + 1)) : path;
  auto object = scene.also("s3", "GetObject", {{"Bucket", bucket}, {"Key", key}});
  if (!object) return fail(stack_error("S3 error: " + object.error().message));
  auto text = from_base64(json::text(*object, "Body"));
  return text ? std::move(text) : fail(stack_error("S3 error: the template could not be read"));
}

// Types that nobody here makes are told before anything is made.
Result<> check_types(const Scene& scene, const json::Value& whole) {
  std::set<std::string> strange;
  for (const auto& [logical, resource] : json::members(json::at(whole, "Resources")))
    if (auto type = json::text(resource, "Type", ""); !is_made_by_stacks(scene, type)) strange.insert(type);
  if (strange.empty()) return {};
  return fail(stack_error(
      fmt::format("Template format error: Unrecognized resource types: [{}]", fmt::join(strange, ", "))));
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
    if (secret) request.hidden[name] = text;
    request.parameters.push_back(
        json::Object{{"ParameterKey", name}, {"ParameterValue", secret ? "****" : text}});
  }
  if (lacking.empty()) return {};
  return fail(
      stack_error(fmt::format("Parameters: [{}] must have values", fmt::join(lacking, ", "))));
}

}  // namespace

Result<json::Value> read_template(std::string_view text) {
  auto whole = cloudformation::parse_template(text);
  if (!whole) return fail(stack_error(whole.error().message));
  auto checked = cloudformation::check_template(*whole);
  if (!checked) return fail(stack_error(checked.error().message));
  return std::move(*whole);
}

Result<std::string> template_asked(Scene& scene) {
  auto body = scene.text("TemplateBody"), url = scene.text("TemplateURL");
  if (body.empty() == url.empty())
    return fail(stack_error("Either Template URL or Template Body must be specified."));
  if (body.size() > template_body_max)
    return fail(stack_error(fmt::format("1 validation error detected: Value '{}...' at 'templateBody' failed to "
                                        "satisfy constraint: Member must have length less than or equal to {}",
                                        body.substr(0, body_told_max), template_body_max)));
  return url.empty() ? Result<std::string>(std::move(body)) : fetch_template(scene, url);
}

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
  if (request.text.empty() || !scene.text("TemplateURL").empty()) request.text = TRY(template_asked(scene));
  request.whole = TRY(read_template(request.text));
  CHECK_OK(check_types(scene, request.whole));
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
