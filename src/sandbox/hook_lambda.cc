// Functions: their code is known by its hash, and is not run here.
#include <algorithm>

#include "base/digest.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function";
constexpr std::size_t code_bytes_max = 50u << 20;
constexpr std::int64_t timeout_s_max = 900, memory_mib_min = 128, memory_mib_max = 10240;

// The function that the call names, by name or ARN.
Result<Resource*> the_function(Scene& scene) {
  auto name = scene.text("FunctionName");
  if (auto at = name.find(":function:"); at != std::string::npos) name = name.substr(at + 10);
  return scene.need(function_type, name.substr(0, name.find(':')));
}

Result<> check_settings(Scene& scene) {
  auto wrong = [&](std::string_view what) {
    return fail(
        scene.error("InvalidParameterValueException", fmt::format("{} is not valid", what)));
  };
  auto timeout = json::integer(scene.input("Timeout"), 1),
       memory = json::integer(scene.input("MemorySize"), memory_mib_min);
  if (timeout < 1 || timeout > timeout_s_max) return wrong("Timeout");
  if (memory < memory_mib_min || memory > memory_mib_max) return wrong("MemorySize");
  if (auto role = scene.text("Role"); !role.empty() && role.find(":role/") == std::string::npos)
    return wrong("Role");
  return {};
}

Result<> check_create(Scene& scene) {
  const auto& code = scene.input("Code");
  bool image = scene.text("PackageType") == "Image";
  if (!image && json::at(code, "ZipFile").is_null() && json::at(code, "S3Key").is_null())
    return fail(scene.error("InvalidParameterValueException",
                            "Please provide a source for function code."));
  if (!image && (scene.text("Runtime").empty() || scene.text("Handler").empty()))
    return fail(scene.error("InvalidParameterValueException",
                            "Runtime and Handler are mandatory parameters for functions created "
                            "with deployment packages."));
  return check_settings(scene);
}

// The hash and size of a zip, or of what names it where that is all there is.
Result<> keep_code(Scene& scene, Resource& function, const json::Value& code) {
  auto zip = from_base64(json::text(code, "ZipFile", ""));
  if (!zip || zip->size() > code_bytes_max)
    return fail(scene.error("InvalidParameterValueException", "Could not unzip uploaded file."));
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
  auto* function = TRY(the_function(scene));
  const auto& asked = scene.input("RevisionId");
  if (!asked.is_null() && asked != json::at(function->record, "RevisionId"))
    return fail(scene.error("PreconditionFailedException"));
  return check_settings(scene);
}

Result<> finish_update(Scene& scene, json::Object& output) {
  auto* function = TRY(the_function(scene));
  if (scene.call.operation == "UpdateFunctionCode")
    CHECK_OK(keep_code(scene, *function, scene.call.input));
  touch(scene, *function);
  output = scene.shown(*function);
  return {};
}

Result<json::Object> get_function(Scene& scene) {
  auto* function = TRY(the_function(scene));
  json::Object output{
      {"Configuration", scene.shown(*function)},
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

json::Object statement_of(const Scene& scene, const Resource& function) {
  auto principal = scene.text("Principal");
  json::Value who = json::Object{{"AWS", principal}};
  if (principal == "*")
    who = "*";
  else if (principal.ends_with(".amazonaws.com"))
    who = json::Object{{"Service", principal}};
  else if (principal.find_first_not_of("0123456789") == std::string::npos)
    who = json::Object{{"AWS", fmt::format("arn:aws:iam::{}:root", principal)}};
  json::Object statement{{"Sid", scene.input("StatementId")},
                         {"Effect", "Allow"},
                         {"Principal", std::move(who)},
                         {"Action", scene.input("Action")},
                         {"Resource", scene.arn(function)}};
  json::Object condition;
  auto add = [&](const char* test, const char* key, const char* member) {
    const auto& value = scene.input(member);
    if (value.is_null()) return;
    auto& tests = condition[test];
    if (!tests.is_object()) tests = json::Object();
    tests.get_object()[key] = value;
  };
  add("ArnLike", "AWS:SourceArn", "SourceArn");
  add("StringEquals", "AWS:SourceAccount", "SourceAccount");
  add("StringEquals", "aws:PrincipalOrgID", "PrincipalOrgID");
  add("StringEquals", "lambda:FunctionUrlAuthType", "FunctionUrlAuthType");
  if (!condition.empty()) statement["Condition"] = std::move(condition);
  return statement;
}

Result<json::Object> add_permission(Scene& scene) {
  auto* function = TRY(the_function(scene));
  auto policy = policy_of(*function);
  auto& statements = policy["Statement"].as_array();
  if (find_statement(statements, scene.input("StatementId")) != statements.end())
    return fail(
        scene.error("ResourceConflictException",
                    fmt::format("The statement id ({}) provided already exists. Please provide a "
                                "new statement id, or remove the existing statement.",
                                scene.text("StatementId"))));
  auto statement = statement_of(scene, *function);
  auto text = json::print(statement);
  statements.push_back(std::move(statement));
  function->set("Policy", json::Value(json::print(policy)));
  function->record["RevisionId"] = scene.ids.uuid();
  return json::Object{{"Statement", text}};
}

Result<json::Object> remove_permission(Scene& scene) {
  auto* function = TRY(the_function(scene));
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

bool has_url(const Resource& function) {
  return !function.aspect("FunctionUrlAuthType").is_null();
}

Result<> check_create_url(Scene& scene) {
  auto* function = TRY(the_function(scene));
  if (!has_url(*function)) return {};
  return fail(scene.error(
      "ResourceConflictException",
      fmt::format("FunctionUrlConfig exists for this Lambda function: {}", scene.arn(*function))));
}

Result<> check_has_url(Scene& scene) {
  auto* function = TRY(the_function(scene));
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
  auto* function = TRY(the_function(scene));
  return shown_url(*function);
}

Result<> finish_url(Scene& scene, json::Object& output) {
  auto* function = TRY(the_function(scene));
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

// Honest about what is not there, whatever the invocation's type; a dry run only asks whether it
// would be allowed.
Result<json::Object> invoke(Scene& scene) {
  auto* function = TRY(the_function(scene));
  constexpr int no_content = 204;
  if (scene.text("InvocationType") == "DryRun") return json::Object{{"StatusCode", no_content}};
  return fail(scene.error(
      "ServiceException",
      fmt::format("{} is not invoked: the emulated cloud runs no code", function->ref.id)));
}

}  // namespace

void add_lambda_hooks(Hooks& hooks) {
  hooks.check("lambda:CreateFunction", check_create);
  hooks.finish("lambda:CreateFunction", finish_create);
  for (const auto* operation : {"UpdateFunctionConfiguration", "UpdateFunctionCode"}) {
    hooks.check(fmt::format("lambda:{}", operation), check_revision);
    hooks.finish(fmt::format("lambda:{}", operation), finish_update);
  }
  hooks.emulate("lambda:GetFunction", get_function);
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

}  // namespace aright::sandbox
