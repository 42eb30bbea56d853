// Which function a call names, and which version of it: by name or ARN, with a qualifier behind it or beside it.
#include <algorithm>

#include "base/text.h"
#include "sandbox/lambda.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view type_of_functions = "AWS::Lambda::Function", type_of_versions = "AWS::Lambda::Version";
constexpr std::string_view type_of_aliases = "AWS::Lambda::Alias", newest = "$LATEST", function_mark = "function:";
constexpr std::size_t name_length_max = 64;  // of a name; the model's is for ARNs

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

NamedFunction named_function(const Scene& scene) {
  auto text = scene.text("FunctionName");
  NamedFunction out;
  if (auto at = text.find(function_mark); at != std::string::npos) {
    constexpr std::size_t parts_of_arn = 5, region = 3;
    auto parts = split(text.substr(0, at), ':');
    if (parts.size() > parts_of_arn) out.region = parts[region];
    text = text.substr(at + function_mark.size());
  }
  auto colon = text.find(':');
  out.name = text.substr(0, colon);
  if (colon != std::string::npos) out.qualifier = text.substr(colon + 1);
  return out;
}

Result<> check_function_name(Scene& scene) {
  auto named = named_function(scene);
  if (!named.region.empty() && named.region != scene.call.region)
    return fail(scene.error("ResourceNotFoundException",
                            fmt::format("Functions from '{}' are not reachable in this region ('{}')", named.region,
                                        scene.call.region)));
  if (named.name.size() > name_length_max)
    return fail(scene.error("ValidationException",
                            fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy "
                                        "constraint: Member must have length less than or equal to {}", named.name,
                                        name_length_max)));
  auto beside = scene.text("Qualifier");
  if (!beside.empty() && !named.qualifier.empty() && beside != named.qualifier)
    return fail(scene.error("InvalidParameterValueException",
                            "The derived qualifier from the function name does not match the specified qualifier."));
  return {};
}

Result<Resource*> asked_function(Scene& scene) {
  return scene.need(type_of_functions, named_function(scene).name);
}

Result<std::string> version_asked(Scene& scene, const Resource& function) {
  auto qualifier = scene.text("Qualifier", named_function(scene).qualifier);
  if (qualifier.empty() || qualifier == newest) return std::string(newest);
  if (const auto* alias = scene.find(type_of_aliases, fmt::format("{}|{}", function.ref.id, qualifier)))
    qualifier = json::text(alias->aspect("FunctionVersion"));
  CHECK_OK(need_version(scene, function, qualifier));
  return qualifier;
}

Result<> need_version(const Scene& scene, const Resource& function, const std::string& version) {
  bool there = version == newest ||
               scene.find(type_of_versions, fmt::format("{}|{}", function.ref.id, version)) != nullptr;
  if (there) return {};
  return fail(scene.error("ResourceNotFoundException",
                          fmt::format("Function not found: {}:{}", scene.arn(function), version)));
}

Result<json::Object> shown_version(Scene& scene) {
  auto* function = TRY(asked_function(scene));
  auto version = TRY(version_asked(scene, *function));
  const auto* kept = scene.find(type_of_versions, fmt::format("{}|{}", function->ref.id, version));
  auto shown = kept == nullptr ? scene.shown(*function) : scene.shown(*kept);
  auto qualifier = scene.text("Qualifier", named_function(scene).qualifier);
  if (!qualifier.empty()) shown["FunctionArn"] = fmt::format("{}:{}", scene.arn(*function), qualifier);
  return shown;
}

// Of the version that is asked for, a function's policy is that of the function here.
Result<> check_qualifier(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  auto version = version_asked(scene, *function);
  return version ? Result<>() : fail(version.error());
}

Result<> check_alias(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  auto name = scene.text("Name");
  const auto* alias = scene.find(type_of_aliases, fmt::format("{}|{}", function->ref.id, name));
  bool makes = scene.call.operation == "CreateAlias";
  if (makes && alias != nullptr)
    return fail(scene.error("ResourceConflictException",
                            fmt::format("Alias already exists: {}:{}", scene.arn(*function), name)));
  if (!makes && alias == nullptr)
    return fail(scene.error("ResourceNotFoundException",
                            fmt::format("Cannot find alias arn: {}:{}", scene.arn(*function), name)));
  if (auto version = scene.text("FunctionVersion"); !version.empty())
    CHECK_OK(need_version(scene, *function, version));
  return {};
}

Result<> check_delete_function(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto qualifier = scene.text("Qualifier", named_function(scene).qualifier);
  if (qualifier.empty()) return {};
  auto* function = TRY(asked_function(scene));
  if (qualifier == newest)
    return fail(scene.error("InvalidParameterValueException",
                            "$LATEST version cannot be deleted without deleting the function."));
  if (!is_number(qualifier))
    return fail(scene.error("InvalidParameterValueException",
                            "Deletion of aliases is not currently supported."));
  for (const auto* alias : scene.world.all(scene.ref(type_of_aliases, function->ref.id + "|")))
    if (json::text(alias->aspect("FunctionVersion")) == qualifier)
      return fail(scene.error("ResourceConflictException",
                              fmt::format("Version has one or more aliases pointing to it: {}", scene.arn(*alias))));
  return need_version(scene, *function, qualifier);
}

}  // namespace aright::sandbox
