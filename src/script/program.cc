#include "script/program.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "aws/client.h"
#include "base/digest.h"
#include "base/embedded.h"
#include "base/utf8.h"

namespace aright::script {

ARIGHT_EMBEDDED(bridge)
ARIGHT_EMBEDDED(node_runtime)
ARIGHT_EMBEDDED(service)

namespace {

constexpr std::size_t files_max = 4'096;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t environment_bytes_max = 4u << 10;  // Lambda's own limit
constexpr std::size_t page_bytes = 4'096;
constexpr std::size_t task_bytes_extra = 64u << 10;  // folders
constexpr std::array reserved = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
constexpr const char* runtime_api = "127.0.0.1:9001";
constexpr const char* node = "/usr/bin/node";
constexpr std::size_t heap_percent = 80;  // of a Node.js function's memory, for JavaScript's objects

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
  if (runtime.starts_with("provided")) return {};
  if (runtime.starts_with("nodejs")) {
    if (std::error_code code; std::filesystem::exists(node, code)) return {};
    return fail(Errc::unsupported, "the runtime '{}' needs {}, which is not there; install nodejs", runtime, node);
  }
  if (runtime.starts_with("PowerShell"))
    return fail(Errc::unsupported,
                "PowerShell scripts are not run here (runtime '{}'); write it for Python 3",
                runtime);
  return fail(Errc::unsupported, "the runtime '{}' is not run here; python3.x, nodejs… and provided… are", runtime);
}

Result<> check_convention(const Program& program) {
  if (program.convention == Program::Convention::lambda || !is_process(program)) return {};
  return fail(Errc::unsupported, "a script of a runbook is not run as '{}' here; write it for Python 3",
              program.runtime);
}

Result<> check_files(const Program& program) {
  if (program.files.empty()) return fail(Errc::invalid, "the program has no files");
  if (program.files.size() + program.layers.size() > files_max)
    return fail(Errc::invalid, "the program has more than {} files", files_max);
  std::size_t bytes = 0;
  for (const auto* files : {&program.files, &program.layers})
    for (const auto& [name, content] : *files) {
      if (!is_inside(name) || valid_utf8(name) != name)
        return fail(Errc::invalid, "'{}' is no file name", name);
      bytes += content.size();
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
  return program.function_name.empty() ? "script" : program.function_name.substr(0, program.function_name.find(':'));
}

// Where a process finds Lambda and AWS, and with what it signs: nobody looks at that, it comes in through the jail's
// own loopback.
void add_service(json::Object& environment) {
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"AWS_ENDPOINT_URL", "http://127.0.0.1:9002"},
           {"AWS_ACCESS_KEY_ID", "execution"},
           {"AWS_SECRET_ACCESS_KEY", "none"},
           {"AWS_SESSION_TOKEN", "none"}})
    environment[name] = value;
}

constexpr std::string_view untraced = "Root=1-00000000-000000000000000000000000;Sampled=0";

json::Object environment_of(const Program& program) {
  json::Object environment = {{"PATH", "/usr/bin:/bin:/opt/bin"}, {"HOME", "/tmp"},
                              {"TMPDIR", "/tmp"},                 {"LANG", "C.UTF-8"},
                              {"LD_LIBRARY_PATH", "/var/task:/var/task/lib:/opt/lib"},
                              {"NODE_PATH", "/opt/nodejs/node_modules"}};
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
           {"AWS_LAMBDA_FUNCTION_VERSION", function_version(program)},
           {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(program.limits.memory_bytes >> 20)},
           {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function},
           {"AWS_LAMBDA_LOG_STREAM_NAME", program.request_id},
           {"LAMBDA_TASK_ROOT", "/var/task"},
           {"LAMBDA_RUNTIME_DIR", "/var/runtime"}})
    environment[name] = value;
  if (program.convention == Program::Convention::lambda) {
    environment["AWS_LAMBDA_RUNTIME_API"] = runtime_api;
    environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
  }
  if (is_process(program))
    add_service(environment);
  else if (program.convention == Program::Convention::lambda)
    environment["_X_AMZN_TRACE_ID"] = untraced;  // to a process the Runtime API tells it
  return environment;
}

json::Object context_of(const Program& program) {
  const std::string function = function_name(program);
  json::Object context = {
          {"function_name", function},
          {"function_version", function_version(program)},
          {"invoked_function_arn",
           fmt::format("arn:{}:lambda:{}:{}:function:{}", aws::partition_of(program.region),
                       program.region, program.account,
                       program.function_name.empty() ? function : program.function_name)},
          {"memory_limit_in_mb", std::to_string(program.limits.memory_bytes >> 20)},
          {"aws_request_id", program.request_id},
          {"log_group_name", "/aws/lambda/" + function},
          {"log_stream_name", program.request_id}};
  if (program.convention == Program::Convention::runbook) context["variables"] = program.variables;
  return context;
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

// Text as it is, anything else as {"base64": …}.
void add_texts(json::Object& out, std::string_view folder, const std::map<std::string, std::string>& files) {
  for (const auto& [name, bytes] : files) {
    auto path = std::string(folder) + name;
    if (valid_utf8(bytes) == bytes)
      out[path] = bytes;
    else
      out[path] = json::Object{{"base64", to_base64(bytes)}};
  }
}

std::size_t space_of(const std::map<std::string, std::string>& files) {
  std::size_t bytes = task_bytes_extra;
  for (const auto& [name, content] : files) bytes += (content.size() / page_bytes + 2) * page_bytes;
  return bytes;
}

json::Object node_runtime(const Limits& limits) {
  auto heap = std::max<std::size_t>((limits.memory_bytes >> 20) * heap_percent / 100, 16);
  return {{"name", "runtime.mjs"},
          {"text", embedded_node_runtime()},
          {"command", json::Array{node, fmt::format("--max-old-space-size={}", heap)}}};
}

// Of all its events together; each is held to its own time from outside.
std::int64_t processor_s(const Program& program) {
  auto one = (program.limits.wall + initialisation_of(program)).count() / 1'000 + 1;
  return program.keep_as.empty() ? one : one * warm_events_max;
}

}  // namespace

std::string function_version(const Program& program) {
  auto colon = program.function_name.find(':');
  return colon == std::string::npos ? "$LATEST" : program.function_name.substr(colon + 1);
}

Result<> check(const Program& program) {
  CHECK_OK(check_runtime(program.runtime));
  CHECK_OK(check_convention(program));
  CHECK_OK(check_files(program));
  CHECK_OK(check_environment(program));
  CHECK_OK(check_limits(program.limits));
  if (json::print(program.event).size() > payload_bytes_max)
    return fail(Errc::invalid, "the event has more than {} bytes", payload_bytes_max);
  return {};
}

milliseconds initialisation_of(const Program& program) {
  return program.convention == Program::Convention::lambda ? initialisation_max : milliseconds(0);
}

bool is_process(const Program& program) { return !program.runtime.starts_with("python"); }

Room room_of(const Program& program) {
  return {.disk_bytes = program.limits.disk_bytes,
          .task_bytes = space_of(program.files),
          .layer_bytes = program.layers.empty() ? 0 : space_of(program.layers),
          .loopback = is_process(program)};
}

std::string preload_line() {
  return json::print({{"bridge", embedded_bridge()}});
}

std::string program_line(const Program& program) {
  const Limits& limits = program.limits;
  json::Object files;
  add_texts(files, "/var/task/", program.files);
  add_texts(files, "/opt/", program.layers);
  json::Object told = {{"files", std::move(files)},
                       {"executables", json::Array(program.executables.begin(), program.executables.end())},
                       {"handler", program.handler},
                       {"module", default_module(program)},
                       {"event", program.event},
                       {"environment", environment_of(program)},
                       {"context", context_of(program)},
                       {"time_passes", program.pass_time != nullptr},
                       {"limits",
                        {{"wall_ms", limits.wall.count()},
                         {"initialisation_ms", initialisation_of(program).count()},
                         {"cpu_s", processor_s(program)},
                         {"memory_bytes", limits.memory_bytes},
                         {"disk_bytes", limits.disk_bytes},
                         {"processes_max", limits.processes_max}}}};
  if (program.runtime.starts_with("nodejs")) told["runtime"] = node_runtime(limits);
  json::Object line = {{"bridge", embedded_bridge()}};
  if (is_process(program)) line["service"] = embedded_service();
  line["program"] = std::move(told);
  return json::print(line);
}

std::string event_line(const Program& program) {
  return json::print({{"event", program.event}, {"context", context_of(program)}});
}

}  // namespace aright::script
