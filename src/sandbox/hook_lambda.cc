// Functions: their code is kept, and run by who stands above (invocation.h).
#include <algorithm>
#include <array>

#include "aws/client.h"
#include "base/digest.h"
#include "base/text.h"
#include "cloud/function_policy.h"
#include "sandbox/emulate.h"
#include "sandbox/lambda.h"
#include "sandbox/policies.h"

namespace aright::sandbox::lambda_hooks {

namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function";
constexpr std::string_view version_type = "AWS::Lambda::Version";
constexpr std::string_view latest = "$LATEST";
constexpr std::size_t code_bytes_max = 50u << 20;

Result<> check_create(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  const auto& code = scene.input("Code");
  bool image = scene.text("PackageType") == "Image";
  if (!image && json::at(code, "ZipFile").is_null() && json::at(code, "S3Key").is_null())
    return fail(scene.error("InvalidParameterValueException",
                            "Please provide a source for function code."));
  if (!image && (scene.text("Runtime").empty() || scene.text("Handler").empty()))
    return fail(scene.error("InvalidParameterValueException",
                            "Runtime and Handler are mandatory parameters for functions created "
                            "with deployment packages."));
  return check_configuration(scene);
}

// As far as its first bytes say: a file in it, or that there is none.
bool is_zip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

// The hash and size of a zip, or of what names it where that is all there is.
Result<> keep_code(Scene& scene, Resource& function, const json::Value& code) {
  auto zip = from_base64(json::text(code, "ZipFile", ""));
  if (!zip || zip->size() > code_bytes_max || (!zip->empty() && !is_zip(*zip)))
    return fail(scene.error("InvalidParameterValueException",
                            "Could not unzip uploaded file. Please check your file, then try to upload again."));
  auto bytes = zip->empty() ? json::canonical(code) : *zip;
  function.set("CodeSha256", json::Value(to_base64(sha256(bytes))));
  function.record["CodeSize"] = zip->size();
  function.internals["zip"] = json::at(code, "ZipFile");
  return {};
}

void touch(Scene& scene, Resource& function) {
  function.record["RevisionId"] = scene.ids.uuid();
  function.record["LastModified"] = scene.now.format("%Y-%m-%dT%H:%M:%S.000+0000");
}

Result<> finish_create(Scene& scene, json::Object& output) {
  auto& function = scene.world.edit(scene.created.front());
  CHECK_OK(keep_code(scene, function, scene.input("Code")));
  touch(scene, function);
  output = scene.shown(function);
  return {};
}

Result<> check_revision(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  const auto& asked = scene.input("RevisionId");
  if (!asked.is_null() && asked != json::at(function->record, "RevisionId"))
    return fail(scene.error("PreconditionFailedException"));
  if (scene.call.operation == "UpdateFunctionConfiguration") return check_configuration(scene);
  bool says_none = std::ranges::none_of(std::array{"ZipFile", "S3Key", "ImageUri"},
                                        [&](const char* one) { return scene.call.input.contains(one); });
  if (says_none)
    return fail(scene.error("InvalidParameterValueException", "Please provide a source for function code."));
  return {};
}

Result<> finish_update(Scene& scene, json::Object& output) {
  auto* function = TRY(asked_function(scene));
  if (scene.call.operation == "UpdateFunctionCode")
    CHECK_OK(keep_code(scene, *function, scene.call.input));
  touch(scene, *function);
  output = scene.shown(*function);
  return {};
}

Result<json::Object> get_configuration(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  return shown_version(scene);
}

Result<json::Object> get_function(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  auto configuration = TRY(shown_version(scene));
  json::Object output{
      {"Configuration", std::move(configuration)},
      {"Code",
       json::Object{{"RepositoryType", "S3"},
                    {"Location", fmt::format("{}/code/{}", scene.endpoint, function->ref.id)}}}};
  if (const auto& tags = function->aspect("Tags"); !tags.is_null()) output["Tags"] = tags;
  if (const auto& reserved = function->aspect("ReservedConcurrentExecutions"); !reserved.is_null())
    output["Concurrency"] = json::Object{{"ReservedConcurrentExecutions", reserved}};
  return output;
}

json::Object policy_of(const Resource& function) {
  auto policy = json::parse(json::text(function.aspect("Policy")));
  if (policy && policy->is_object()) return policy->get_object();
  return {{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", json::Array()}};
}

auto find_statement(json::Array& statements, const json::Value& sid) {
  return std::ranges::find_if(statements,
                              [&](const json::Value& one) { return json::at(one, "Sid") == sid; });
}

Result<json::Object> add_permission(Scene& scene) {
  CHECK_OK(check_qualifier(scene));
  auto* function = TRY(asked_function(scene));
  auto policy = policy_of(*function);
  auto& statements = policy["Statement"].as_array();
  if (find_statement(statements, scene.input("StatementId")) != statements.end())
    return fail(
        scene.error("ResourceConflictException",
                    fmt::format("The statement id ({}) provided already exists. Please provide a "
                                "new statement id, or remove the existing statement.",
                                scene.text("StatementId"))));
  auto arn = scene.arn(*function);
  if (auto qualifier = scene.text("Qualifier", named_function(scene).qualifier); !qualifier.empty())
    arn += ":" + qualifier;
  auto statement = cloud::permission_statement(scene.call.input, arn);
  auto text = json::print(statement);
  auto alone = iam::parse_policy(json::print(json::Object{{"Version", "2012-10-17"}, {"Statement", json::Array{statement}}}));
  if (alone && unknown_principal(scene, *alone))
    return fail(scene.error("InvalidParameterValueException",
                            "The provided principal was invalid. Please check the principal and try again."));
  statements.push_back(std::move(statement));
  function->set("Policy", json::Value(json::print(policy)));
  function->record["RevisionId"] = scene.ids.uuid();
  return json::Object{{"Statement", text}};
}

Result<json::Object> remove_permission(Scene& scene) {
  CHECK_OK(check_qualifier(scene));
  auto* function = TRY(asked_function(scene));
  if (function->aspect("Policy").is_null())
    return fail(scene.error("ResourceNotFoundException", "No policy is associated with the given resource."));
  auto policy = policy_of(*function);
  auto& statements = policy["Statement"].as_array();
  auto found = find_statement(statements, scene.input("StatementId"));
  if (found == statements.end())
    return fail(scene.error(
        "ResourceNotFoundException",
        fmt::format("Statement {} is not found in resource policy.", scene.text("StatementId"))));
  statements.erase(found);
  function->set("Policy", statements.empty() ? json::Value() : json::Value(json::print(policy)));
  function->record["RevisionId"] = scene.ids.uuid();
  return json::Object();
}

Result<> check_policy(Scene& scene) {
  CHECK_OK(check_qualifier(scene));
  auto* function = TRY(asked_function(scene));
  if (!function->aspect("Policy").is_null()) return {};
  return fail(scene.error("ResourceNotFoundException", "The resource you requested does not exist."));
}

Result<> check_event_configuration(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  if (!function->aspect("EventInvokeConfig").is_null()) return {};
  return fail(scene.error("ResourceNotFoundException",
                          fmt::format("The function {}:{} doesn't have an EventInvokeConfig", scene.arn(*function),
                                      latest)));
}

bool has_url(const Resource& function) {
  return !function.aspect("FunctionUrlAuthType").is_null();
}

Result<> check_create_url(Scene& scene) {
  auto* function = TRY(asked_function(scene));
  if (!has_url(*function)) return {};
  return fail(scene.error(
      "ResourceConflictException",
      fmt::format("FunctionUrlConfig exists for this Lambda function: {}", scene.arn(*function))));
}

Result<> check_has_url(Scene& scene) {
  auto* function = TRY(asked_function(scene));
  if (has_url(*function)) return {};
  return fail(
      scene.error("ResourceNotFoundException", "The resource you requested does not exist."));
}

json::Object shown_url(const Resource& function) {
  auto out = json::members(json::at(function.internals, "url"));
  out["AuthType"] = function.aspect("FunctionUrlAuthType");
  return out;
}

Result<json::Object> get_url(Scene& scene) {
  CHECK_OK(check_has_url(scene));
  auto* function = TRY(asked_function(scene));
  return shown_url(*function);
}

Result<> finish_url(Scene& scene, json::Object& output) {
  auto* function = TRY(asked_function(scene));
  auto about = json::members(json::at(function->internals, "url"));
  if (scene.call.operation == "CreateFunctionUrlConfig") {
    constexpr std::size_t id_length = 32;
    about["FunctionUrl"] = fmt::format("https://{}.lambda-url.{}.on.aws/", scene.ids.hex(id_length),
                                       scene.call.region);
    about["FunctionArn"] = scene.arn(*function);
    about["CreationTime"] = scene.now.iso();
  }
  if (const auto& cors = scene.input("Cors"); !cors.is_null()) about["Cors"] = cors;
  about["LastModifiedTime"] = scene.now.iso();
  function->internals["url"] = std::move(about);
  output = shown_url(*function);
  return {};
}

// Who a function's own calls are made as: a session of its role, by the function's name.
Principal session_of(Scene& scene, const Resource& function) {
  constexpr std::size_t role_id_length = 17;
  auto arn = json::text(function.aspect("Role"));
  auto parts = split(arn, ':');  // arn:aws:iam::111122223333:role/path/name
  constexpr std::size_t account_part = 4;
  auto account = parts.size() > account_part ? parts[account_part] : function.ref.account;
  auto name = arn.substr(arn.rfind('/') + 1);
  auto ref = scene.ref("AWS::IAM::Role", name);
  ref.account = account;
  const auto* role = scene.world.find(ref);
  auto id = role ? json::text(role->record, "RoleId") : "AROA" + scene.ids.upper(role_id_length);
  return {.account = account,
          .arn = fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", aws::partition_of(scene.call.region), account, name,
                             function.ref.id),
          .user_id = fmt::format("{}:{}", id, function.ref.id)};
}

Result<json::Value> event_of(const Scene& scene, bool later) {
  constexpr std::size_t now_bytes_max = 6u << 20, later_bytes_max = 1u << 20;
  constexpr int too_large = 413;
  auto payload = from_base64(scene.text("Payload"));
  if (payload && payload->size() > (later ? later_bytes_max : now_bytes_max))
    return fail(service_error("RequestTooLargeException", too_large,
                              fmt::format("{} byte payload is too large for the {} invocation type (limit {} bytes)",
                                          payload->size(), later ? "Event" : "RequestResponse",
                                          later ? later_bytes_max : now_bytes_max)));
  if (payload && payload->empty()) return json::Value(json::Object());
  auto event = payload ? json::parse(*payload) : std::unexpected(payload.error());
  if (event) return event;
  return fail(scene.error("InvalidRequestContentException",
                          "Could not parse request body into json: " + event.error().message));
}

Afterwards afterwards_of(const Resource& function, bool stopped) {
  Afterwards out{.never = stopped};
  const auto& said = function.aspect("EventInvokeConfig");
  out.retries_max = static_cast<int>(json::integer(json::at(said, "MaximumRetryAttempts"), out.retries_max));
  out.age_max = seconds(json::integer(json::at(said, "MaximumEventAgeInSeconds"), out.age_max.count()));
  out.on_success = json::text(json::at(said, {"DestinationConfig", "OnSuccess", "Destination"}));
  out.on_failure = json::text(json::at(said, {"DestinationConfig", "OnFailure", "Destination"}));
  out.dead_letter = json::text(function.aspect("DeadLetterConfig"), "TargetArn", "");
  return out;
}

// The zips of its layers, as far as they are kept here: arn:aws:lambda:us-east-1:111122223333:layer:name:3.
std::vector<std::string> layers_of(Scene& scene, const Resource& function) {
  constexpr std::size_t parts_of_arn = 8, account = 4, name = 6, version = 7;
  std::vector<std::string> out;
  for (const auto& layer : json::items(function.aspect("Layers"))) {
    auto parts = split(layer.is_object() ? json::text(layer, "Arn", "") : json::text(layer), ':');
    if (parts.size() != parts_of_arn) continue;
    auto ref = scene.ref("AWS::Lambda::LayerVersion", parts[name] + "|" + parts[version]);
    ref.account = parts[account];
    const auto* found = scene.world.find(ref);
    auto zip = found ? from_base64(json::text(json::at(found->internals, "zip"))) : Result<std::string>(std::string());
    if (zip && !zip->empty()) out.push_back(std::move(*zip));
  }
  return out;
}

// No concurrency is left to it.
bool is_stopped(const Resource& function) {
  return function.aspect("ReservedConcurrentExecutions") == json::Value(0);
}

// The function as it was when the version was published.
Resource as_published(const Scene& scene, const Resource& function, const std::string& version) {
  const auto* kept = scene.find(version_type, fmt::format("{}|{}", function.ref.id, version));
  if (kept == nullptr) return function;
  Resource out = function;
  for (const auto* member : {"Runtime", "Handler", "Role", "Timeout", "MemorySize", "Environment", "Layers"})
    out.set(member, json::at(kept->record, member));
  out.internals["zip"] = json::at(kept->internals, "zip");
  return out;
}

// Only what the function is; running it comes after the call, outside the lock.
Result<json::Object> invoke(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  auto version = TRY(version_asked(scene, *function));
  auto type = scene.text("InvocationType", "RequestResponse");
  constexpr int no_content = 204;
  if (type == "DryRun") return json::Object{{"StatusCode", no_content}, {"ExecutedVersion", version}};
  if (is_stopped(*function) && type != "Event") {
    constexpr int too_many = 429;
    return fail(service_error("TooManyRequestsException", too_many, "Rate Exceeded."));
  }
  bool later = type == "Event";
  auto event = TRY(event_of(scene, later));
  scene.invocation = TRY(invocation_of(scene, as_published(scene, *function, version), std::move(event), later));
  if (version != latest) scene.invocation->name += ":" + version;
  scene.invocation->tail = scene.text("LogType") == "Tail";
  return json::Object();
}

}  // namespace

void add(Hooks& hooks) {
  lambda_version_hooks::add(hooks);
  hooks.check("lambda:CreateFunction", check_create);
  hooks.finish("lambda:CreateFunction", finish_create);
  for (const auto* operation : {"UpdateFunctionConfiguration", "UpdateFunctionCode"}) {
    hooks.check(fmt::format("lambda:{}", operation), check_revision);
    hooks.finish(fmt::format("lambda:{}", operation), finish_update);
  }
  for (const auto* operation : {"DeleteFunctionConcurrency", "DeleteFunctionEventInvokeConfig", "GetFunctionConcurrency",
                                "ListAliases", "PutFunctionEventInvokeConfig"})
    hooks.check(fmt::format("lambda:{}", operation), check_function_name);
  hooks.check("lambda:DeleteFunction", check_delete_function);
  hooks.check("lambda:GetFunctionEventInvokeConfig", check_event_configuration);
  hooks.check("lambda:GetPolicy", check_policy);
  hooks.check("lambda:PutFunctionConcurrency", check_concurrency);
  hooks.emulate("lambda:GetFunction", get_function);
  hooks.emulate("lambda:GetFunctionConfiguration", get_configuration);
  hooks.emulate("lambda:AddPermission", add_permission);
  hooks.emulate("lambda:RemovePermission", remove_permission);
  hooks.check("lambda:CreateFunctionUrlConfig", check_create_url);
  hooks.check("lambda:UpdateFunctionUrlConfig", check_has_url);
  hooks.check("lambda:DeleteFunctionUrlConfig", check_has_url);
  for (const auto* operation : {"CreateFunctionUrlConfig", "UpdateFunctionUrlConfig"})
    hooks.finish(fmt::format("lambda:{}", operation), finish_url);
  hooks.emulate("lambda:GetFunctionUrlConfig", get_url);
  hooks.emulate("lambda:Invoke", invoke);
}

}  // namespace aright::sandbox::lambda_hooks

namespace aright::sandbox {

Result<Invocation> invocation_of(Scene& scene, const Resource& function, json::Value event, bool later) {
  Invocation invocation{.name = function.ref.id,
                        .arn = scene.arn(function),
                        .region = scene.call.region,
                        .request_id = scene.ids.uuid(),
                        .runtime = json::text(function.aspect("Runtime")),
                        .handler = json::text(function.aspect("Handler")),
                        .zip = from_base64(json::text(json::at(function.internals, "zip"))).value_or(""),
                        .layers = lambda_hooks::layers_of(scene, function),
                        .role = lambda_hooks::session_of(scene, function),
                        .event = std::move(event),
                        .later = later,
                        .afterwards = lambda_hooks::afterwards_of(function, lambda_hooks::is_stopped(function))};
  invocation.timeout = seconds(json::integer(function.aspect("Timeout"), invocation.timeout.count()));
  invocation.memory_mib = static_cast<std::size_t>(
      json::integer(function.aspect("MemorySize"), static_cast<std::int64_t>(invocation.memory_mib)));
  const auto& variables = json::at(function.aspect("Environment"), "Variables");
  for (const auto& [name, value] : json::members(variables)) invocation.environment[name] = json::text(value);
  return invocation;
}

bool lets_in(const Resource& function, std::string_view service) {
  const auto policy = lambda_hooks::policy_of(function);
  return std::ranges::any_of(json::items(json::at(policy, "Statement")), [&](const json::Value& one) {
    const auto& principal = json::at(one, "Principal");
    return json::text(one, "Effect", "") == "Allow" &&
           (json::text(principal, "Service", "") == service || json::text(principal) == "*");
  });
}

}  // namespace aright::sandbox
