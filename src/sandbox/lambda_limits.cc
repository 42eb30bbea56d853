// What Lambda asks of a function's configuration beyond what the model says.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/lambda.h"

namespace aright::sandbox {

namespace {

constexpr std::size_t environment_bytes_max = 4096, layers_max = 5;
constexpr std::int64_t concurrency_of_account = 1000, concurrency_kept = 100;

constexpr std::array reserved{"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
                              "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                              "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
                              "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
                              "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION",
                              "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR",
                              "LAMBDA_TASK_ROOT"};

Result<> check_environment(const Scene& scene) {
  constexpr std::string_view unable =
      "Lambda was unable to configure your environment variables because the environment variables you have provided ";
  const auto& variables = scene.input("Environment.Variables");
  std::vector<std::string> taken;
  for (const auto& [name, value] : json::members(variables))
    if (std::ranges::find(reserved, std::string(name)) != reserved.end()) taken.emplace_back(name);
  if (!taken.empty())
    return fail(scene.error("InvalidParameterValueException",
                            fmt::format("{}contains reserved keys that are currently not supported for modification. "
                                        "Reserved keys used in this request: {}", unable, fmt::join(taken, ", "))));
  if (variables.is_null() || json::print(variables).size() <= environment_bytes_max) return {};
  return fail(scene.error("InvalidParameterValueException", fmt::format("{}exceeded the 4KB limit.", unable)));
}

// Those of other accounts are not seen from here.
Result<> check_layers(const Scene& scene) {
  auto layers = json::texts(scene.input("Layers"));
  if (layers.size() > layers_max)
    return fail(scene.error("InvalidParameterValueException",
                            fmt::format("Cannot reference more than {} layers.", layers_max)));
  constexpr std::size_t parts_of_arn = 8, account = 4, name = 6, version = 7;
  for (const auto& layer : layers) {
    auto parts = split(layer, ':');
    if (parts.size() != parts_of_arn || parts[account] != scene.call.account) continue;
    if (scene.find("AWS::Lambda::LayerVersion", parts[name] + "|" + parts[version]) == nullptr)
      return fail(scene.error("InvalidParameterValueException",
                              fmt::format("Layer version {} does not exist.", layer)));
  }
  return {};
}

}  // namespace

Result<> check_configuration(const Scene& scene) {
  CHECK_OK(check_environment(scene));
  return check_layers(scene);
}

Result<> check_concurrency(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  auto all = json::integer(scene.input("ReservedConcurrentExecutions"), 0);
  for (const auto* one : scene.world.all(scene.ref("AWS::Lambda::Function", "")))
    if (one->ref.id != function->ref.id) all += json::integer(one->aspect("ReservedConcurrentExecutions"), 0);
  if (all <= concurrency_of_account - concurrency_kept) return {};
  return fail(scene.error("InvalidParameterValueException",
                          fmt::format("Specified ReservedConcurrentExecutions for function decreases account's "
                                      "UnreservedConcurrentExecution below its minimum value of [{}].",
                                      concurrency_kept)));
}

}  // namespace aright::sandbox
