#include "script/program.h"

#include <algorithm>
#include <array>

#include "aws/client.h"
#include "base/embedded.h"
#include "script/utf8.h"

namespace aright::script {

ARIGHT_EMBEDDED(bridge)

namespace {

constexpr std::size_t files_max = 4'096;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t environment_bytes_max = 4u << 10;  // Lambda's own limit
constexpr std::size_t page_bytes = 4'096;
constexpr std::size_t task_bytes_extra = 64u << 10;  // folders
constexpr std::array reserved = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// One or more plain names with slashes between them.
bool is_inside(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max || name.find('\0') != name.npos) return false;
  for (std::string_view rest = name;;) {
    std::size_t slash = rest.find('/');
    std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == rest.npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

bool is_variable_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Result<> check_runtime(std::string_view runtime) {
  constexpr std::string_view python = "python3.";
  if (runtime.starts_with(python) && all_digits(runtime.substr(python.size()))) return {};
  if (runtime.starts_with("PowerShell"))
    return fail(Errc::unsupported,
                "PowerShell scripts are not run here (runtime '{}'); write it for Python 3",
                runtime);
  return fail(Errc::unsupported, "the runtime '{}' is not run here; only python3.x is", runtime);
}

Result<> check_files(const Program& program) {
  if (program.files.empty()) return fail(Errc::invalid, "the program has no files");
  if (program.files.size() > files_max)
    return fail(Errc::invalid, "the program has more than {} files", files_max);
  std::size_t bytes = 0;
  for (const auto& [name, text] : program.files) {
    if (!is_inside(name) || valid_utf8(name) != name)
      return fail(Errc::invalid, "'{}' is no file name", name);
    if (valid_utf8(text) != text) return fail(Errc::invalid, "the file {} is not UTF-8 text", name);
    bytes += text.size();
  }
  if (bytes > code_bytes_max)
    return fail(Errc::invalid, "the program's files have {} bytes, more than {}", bytes,
                code_bytes_max);
  return {};
}

Result<> check_environment(const Program& program) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : program.environment) {
    if (!is_variable_name(name))
      return fail(Errc::invalid, "'{}' is no name of an environment variable", name);
    if (value.find('\0') != value.npos || valid_utf8(value) != value)
      return fail(Errc::invalid, "the value of {} is not text", name);
    if (std::ranges::find(reserved, name) != reserved.end())
      return fail(Errc::invalid,
                  "{} is reserved: a script's calls are made with the identity of its execution",
                  name);
    bytes += name.size() + value.size();
  }
  if (bytes > environment_bytes_max)
    return fail(Errc::invalid, "the environment has {} bytes, more than {}", bytes,
                environment_bytes_max);
  return {};
}

Result<> check_limits(const Limits& limits) {
  if (limits.wall <= milliseconds(0) || limits.memory_bytes == 0 || limits.processes_max < 1 ||
      limits.disk_bytes == 0 || limits.calls_max < 0)
    return fail(Errc::invalid, "a script needs some time, memory, disk and one process at least");
  return {};
}

std::string function_name(const Program& program) {
  return program.function_name.empty() ? "script" : program.function_name;
}

json::Object environment_of(const Program& program) {
  json::Object environment = {
      {"PATH", "/usr/bin:/bin"}, {"HOME", "/tmp"}, {"TMPDIR", "/tmp"}, {"LANG", "C.UTF-8"}};
  for (const auto& [name, value] : program.environment)
    environment[name] = value;
  const std::string function = function_name(program);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"TZ", ":UTC"},
           {"_HANDLER", program.handler},
           {"AWS_REGION", program.region},
           {"AWS_DEFAULT_REGION", program.region},
           {"AWS_EXECUTION_ENV", "AWS_Lambda_" + program.runtime},
           {"AWS_EC2_METADATA_DISABLED", "true"},
           {"AWS_LAMBDA_FUNCTION_NAME", function},
           {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},
           {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(program.limits.memory_bytes >> 20)},
           {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function},
           {"AWS_LAMBDA_LOG_STREAM_NAME", program.request_id},
           {"LAMBDA_TASK_ROOT", "/var/task"}})
    environment[name] = value;
  return environment;
}

json::Object context_of(const Program& program) {
  const std::string function = function_name(program);
  return {{"function_name", function},
          {"function_version", "$LATEST"},
          {"invoked_function_arn",
           fmt::format("arn:{}:lambda:{}:{}:function:{}", aws::partition_of(program.region),
                       program.region, program.account, function)},
          {"memory_limit_in_mb", std::to_string(program.limits.memory_bytes >> 20)},
          {"aws_request_id", program.request_id},
          {"log_group_name", "/aws/lambda/" + function},
          {"log_stream_name", program.request_id}};
}

// Where a handler without a module is looked for: a runbook's script.py, or the only module there
// is.
std::string default_module(const Program& program) {
  if (program.convention == Program::Convention::lambda) return "";
  if (program.files.contains("script.py")) return "script";
  std::string_view name = program.files.begin()->first;
  return program.files.size() == 1 && name.ends_with(".py")
             ? std::string(name.substr(0, name.size() - 3))
             : "";
}

}  // namespace

Result<> check(const Program& program) {
  CHECK_OK(check_runtime(program.runtime));
  CHECK_OK(check_files(program));
  CHECK_OK(check_environment(program));
  CHECK_OK(check_limits(program.limits));
  if (json::print(program.event).size() > payload_bytes_max)
    return fail(Errc::invalid, "the event has more than {} bytes", payload_bytes_max);
  return {};
}

std::size_t task_bytes(const Program& program) {
  std::size_t bytes = task_bytes_extra;
  for (const auto& [name, text] : program.files)
    bytes += (text.size() / page_bytes + 2) * page_bytes;
  return bytes;
}

std::string preload_line() {
  return json::print({{"bridge", embedded_bridge()}});
}

std::string program_line(const Program& program) {
  json::Object files;
  for (const auto& [name, text] : program.files)
    files[name] = text;
  const Limits& limits = program.limits;
  json::Object told = {{"files", std::move(files)},
                       {"handler", program.handler},
                       {"module", default_module(program)},
                       {"event", program.event},
                       {"environment", environment_of(program)},
                       {"context", context_of(program)},
                       {"limits",
                        {{"wall_ms", limits.wall.count()},
                         {"memory_bytes", limits.memory_bytes},
                         {"disk_bytes", limits.disk_bytes},
                         {"processes_max", limits.processes_max}}}};
  return json::print({{"bridge", embedded_bridge()}, {"program", std::move(told)}});
}

}  // namespace aright::script
