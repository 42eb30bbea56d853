// Lambda functions: the policy's, and two of our own.
#include <algorithm>
#include <array>

#include "native/draft.h"
#include "runbook/script_calls.h"

namespace aright::native {

namespace {

constexpr int log_days = 90;
constexpr const char* own_runtime = "python3.12";

struct Text {
  std::string code, runtime, handler, description;
  std::int64_t timeout_s = 60, memory_mib = 256;
  json::Object environment;
};

Explanation calls_in(const std::string& code) {
  Explanation out;
  auto look = runbook::look_at_script(code);
  for (auto& what : look.unknown)
    out.unknown.push_back({"", "", std::move(what)});
  for (const auto& call : look.calls) {
    auto service = model::Models::embedded().service(call.service);
    auto operation = service ? service->operation(call.method) : std::nullopt;
    if (!operation) continue;
    out.calls.push_back({.document = "",
                         .step = "",
                         .service = std::string(service->name()),
                         .operation = std::string(operation->name())});
  }
  return out;
}

void add(Draft& draft, const std::string& logical, const std::string& name, const Text& text) {
  // Its name is known beforehand, so that its role can name its log group.
  auto full_name = fmt::format("${{AWS::StackName}}-{}", name);
  auto log = fmt::format("/aws/lambda/{}", full_name);
  auto calls = calls_in(text.code);
  for (const auto& note : calls.unknown)
    draft.miss("role of the function " + name, note.what);
  auto policy = policy_of(calls, here());
  policy["Statement"].as_array().push_back(
      statement(json::Array{"logs:CreateLogStream", "logs:PutLogEvents"},
                json::Array{fmt::format(
                    "arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{}:*", log)}));
  add_role(draft, logical + "Role",
           {"lambda.amazonaws.com", "", fmt::format("What the function {} calls, and nothing else", name)},
           filled_policy(std::move(policy)));
  draft.add(logical + "Log", "AWS::Logs::LogGroup", {{"LogGroupName", filled(log)}, {"RetentionInDays", log_days}});
  json::Object properties{{"FunctionName", filled(full_name)},
                          {"Description", text.description},
                          {"Runtime", text.runtime},
                          {"Handler", text.handler},
                          {"Role", attribute(logical + "Role", "Arn")},
                          {"Timeout", text.timeout_s},
                          {"MemorySize", text.memory_mib},
                          {"Code", {{"ZipFile", text.code}}}};
  if (!text.environment.empty()) properties["Environment"] = json::Object{{"Variables", text.environment}};
  draft.add(logical, "AWS::Lambda::Function", std::move(properties), {{"DependsOn", logical + "Log"}});
}

// Lambda calls the one file of code in a template index.
std::string in_index(const std::string& handler) {
  return "index" + handler.substr(std::min(handler.rfind('.'), handler.size()));
}

// One that new functions may still have: what runs here on an older one runs on it as well.
std::string later_runtime(const std::string& runtime) {
  constexpr std::array ended{"python3.7", "python3.8", "python3.9", "python3.10", "python3.11"};
  if (std::ranges::find(ended, runtime) != ended.end()) return own_runtime;
  constexpr std::array ended_js{"nodejs14.x", "nodejs16.x", "nodejs18.x", "nodejs20.x"};
  return std::ranges::find(ended_js, runtime) != ended_js.end() ? "nodejs22.x" : runtime;
}

std::string why_not_inline(const script::Program& program) {
  bool known = program.runtime.starts_with("python3") || program.runtime.starts_with("nodejs");
  if (!known) return fmt::format("code for {} comes from a bucket", program.runtime);
  if (program.files.size() != 1) return fmt::format("its {} files come from a bucket", program.files.size());
  if (!program.layers.empty()) return "it has layers, which come from a bucket";
  if (program.files.begin()->second.size() > inline_code_bytes_max) return "its code is too long for a template";
  return "";
}

}  // namespace

std::string add_function(Draft& draft, const std::string& name) {
  auto logical = logical_name(name) + "Function";
  if (draft.has(logical)) return logical;
  const auto* code = draft.library.function(name);
  if (code == nullptr) {
    draft.miss("function " + name, "neither the policy registers it nor the catalog has it");
    return "";
  }
  const auto& program = code->program;
  if (auto why = why_not_inline(program); !why.empty()) {
    draft.miss("function " + name, why);
    return "";
  }
  Text text{.code = program.files.begin()->second,
            .runtime = later_runtime(program.runtime),
            .handler = in_index(program.handler),
            .description = fmt::format("The function {} of the policy", name),
            .timeout_s = std::chrono::duration_cast<seconds>(program.limits.wall).count(),
            .memory_mib = static_cast<std::int64_t>(program.limits.memory_bytes >> 20),
            .environment = {}};
  for (const auto& [key, value] : program.environment)
    text.environment[key] = value;
  add(draft, logical, name, text);
  return logical;
}

void add_own_function(Draft& draft, const OwnFunction& function) {
  Text text{.code = function.code,
            .runtime = own_runtime,
            .handler = "index.handler",
            .description = function.description,
            .timeout_s = 60,
            .memory_mib = 128,
            .environment = {}};
  add(draft, function.logical, function.logical, text);
}

void permit_invocation(Draft& draft, const std::string& function, const std::string& rule) {
  draft.add(rule + "Invokes" + function, "AWS::Lambda::Permission",
            {{"Action", "lambda:InvokeFunction"},
             {"FunctionName", reference(function)},
             {"Principal", "events.amazonaws.com"},
             {"SourceArn", attribute(rule, "Arn")},
             {"SourceAccount", reference("AWS::AccountId")}});
}

}  // namespace aright::native
