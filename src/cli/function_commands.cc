#include "cli/function_commands.h"

#include <filesystem>

#include "base/digest.h"
#include "base/file.h"
#include "base/id.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/workbench.h"
#include "script/answer.h"
#include "trial/function_cases.h"

namespace aright::cli {

namespace {

constexpr std::size_t event_bytes_max = script::payload_bytes_max;

bool is_path(const std::string& what) {
  std::error_code error;
  return what.find('/') != std::string::npos || std::filesystem::exists(what, error);
}

// Among those that the policy has.
struct Registered {
  remediation::Policy policy;
  remediation::Library library;
};
Result<Registered> registered(const Settings& settings) {
  auto text = TRY(find_policy(settings));
  auto policy = TRY(remediation::parse_policy(text.text, text.directory));
  auto library = TRY(remediation::Library::open(policy));
  return Registered{std::move(policy), std::move(library)};
}

Result<script::Program> program_at(const FunctionChoice& choice) {
  std::error_code error;
  json::Object said{{std::filesystem::is_directory(choice.what, error) ? "directory" : "zip",
                     std::filesystem::absolute(choice.what).string()}};
  if (!choice.handler.empty()) said["handler"] = choice.handler;
  if (!choice.runtime.empty()) said["runtime"] = choice.runtime;
  return trial::function_of(std::move(said), "/");
}

Result<script::Program> program_of(const Settings& settings, const FunctionChoice& choice) {
  if (is_path(choice.what)) return program_at(choice);
  auto all = TRY(registered(settings));
  if (const auto* code = all.library.function(choice.what)) return code->program;
  std::vector<std::string> names;
  for (const auto& [name, function] : all.policy.functions) names.push_back(name);
  return fail(Errc::not_found, "the policy has no function '{}' (it has {}), and there is no such folder or zip",
              choice.what, names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

json::Object summary(const std::string& name, const script::Program& program) {
  std::size_t bytes = 0;
  for (const auto& [file, content] : program.files) bytes += content.size();
  return {{"name", name},
          {"runtime", program.runtime},
          {"handler", program.handler},
          {"timeout_s", program.limits.wall.count() / 1'000},
          {"memory_mib", program.limits.memory_bytes >> 20},
          {"files", program.files.size()},
          {"bytes", bytes}};
}

Result<json::Value> event_of(const FunctionChoice& choice) {
  if (choice.event.empty()) return json::Value(json::Object());
  bool given = choice.event.starts_with('{') || choice.event.starts_with('[') || choice.event.starts_with('"');
  auto read = [&] {
    return choice.event == "-" ? read_standard_input(event_bytes_max) : read_file(choice.event, event_bytes_max);
  };
  auto text = given ? choice.event : TRY(read());
  auto event = json::parse(text);
  if (!event) return wrap(event.error(), "the event");
  return std::move(*event);
}

// As lambda:Invoke answers, with the end of the log.
Result<json::Object> invoke_here(const Settings& settings, const FunctionChoice& choice, json::Value event,
                                 House& house) {
  auto program = TRY(program_of(settings, choice));
  program.event = std::move(event);
  program.account = house.account();
  program.region = settings.region;
  if (program.function_name.empty()) program.function_name = std::filesystem::path(choice.what).stem().string();
  program.request_id = uuid_from(fmt::format("{}", house.clock().now().ms));
  auto outcome = TRY(script::run(program, house.cloud(), Context::within(program.limits.wall + seconds(60))));
  return script::invoke_answer(program, outcome, true);
}

Result<json::Object> invoke_there(const Settings& settings, const FunctionChoice& choice, const json::Value& event,
                                  House& house) {
  aws::Call call{.service = "lambda", .operation = "Invoke", .region = settings.region, .account = house.account()};
  call.input = {{"FunctionName", choice.what}, {"LogType", "Tail"}, {"Payload", to_base64(json::print(event))}};
  constexpr seconds longest{900 + 60};  // that Lambda lets a function run
  return house.cloud().call(call, Context::within(longest));
}

Result<json::Object> answer_of(const Settings& settings, const FunctionChoice& choice) {
  auto event = TRY(event_of(choice));
  auto house = TRY(open_workbench(settings, {}));
  bool elsewhere = choice.what.starts_with("arn:");
  auto answer = elsewhere ? TRY(invoke_there(settings, choice, event, *house))
                          : TRY(invoke_here(settings, choice, std::move(event), *house));
  auto payload = from_base64(json::text(answer, "Payload"));
  auto result = payload ? json::parse(*payload) : std::unexpected(payload.error());
  answer["Payload"] = result ? std::move(*result) : json::Value(nullptr);
  auto log = from_base64(json::text(answer, "LogResult"));
  answer["LogResult"] = log ? *log : "";
  return answer;
}

// A workbench that has the function, and its name there.
struct Bench {
  std::unique_ptr<House> house;
  std::string function;
};
Result<Bench> bench_of(const Settings& settings, const FunctionChoice& choice) {
  auto program = TRY(program_of(settings, choice));
  Documents there;
  auto name = choice.what;
  if (is_path(choice.what)) {
    const auto path = std::filesystem::absolute(choice.what);
    std::error_code error;
    name = path.filename().empty() ? path.parent_path().filename().string() : path.stem().string();
    there.functions[name] = {{std::filesystem::is_directory(path, error) ? "directory" : "zip", path.string()},
                             {"handler", program.handler},
                             {"runtime", program.runtime}};
  } else {
    auto text = TRY(find_policy(settings));
    auto policy = TRY(json::parse_yaml(text.text));
    there.functions = json::members(json::at(policy.value, "functions"));
    there.functions_folder = text.directory;
  }
  return Bench{TRY(open_workbench(settings, there)), std::move(name)};
}

}  // namespace

int function_list(const Settings& settings) {
  auto all = registered(settings);
  if (!all) return failed(all.error(), settings.json);
  json::Array list;
  Table table({"FUNCTION", "RUNTIME", "HANDLER", "TIMEOUT", "MEMORY", "BYTES"});
  for (const auto& [name, function] : all->policy.functions) {
    auto one = summary(name, all->library.function(name)->program);
    table.row({{name}, {json::text(one, "runtime")}, {json::text(one, "handler")},
               {fmt::format("{} s", json::integer(json::at(one, "timeout_s")))},
               {fmt::format("{} MB", json::integer(json::at(one, "memory_mib")))},
               {fmt::format("{}", json::integer(json::at(one, "bytes")))}});
    list.push_back(std::move(one));
  }
  if (settings.json) {
    print_json(json::Object{{"functions", std::move(list)}});
  } else if (list.empty()) {
    print_line("The policy registers no functions.");
  } else {
    table.print();
  }
  return exit_ok;
}

int function_show(const Settings& settings, const FunctionChoice& choice) {
  auto program = program_of(settings, choice);
  if (!program) return failed(program.error(), settings.json);
  auto told = summary(choice.what, *program);
  json::Array files, variables;
  for (const auto& [name, content] : program->files)
    files.push_back(json::Object{{"name", name}, {"bytes", content.size()}, {"sha256", to_hex(sha256(content))}});
  for (const auto& [name, value] : program->environment) variables.push_back(json::Value(name));
  told["files"] = std::move(files);
  told["environment"] = std::move(variables);
  if (settings.json) {
    print_json(told);
    return exit_ok;
  }
  print_line(fmt::format("{}  {}  {}", tone(Tone::strong, choice.what), program->runtime, program->handler));
  print_line(fmt::format("at most {} s and {} MB", json::integer(json::at(told, "timeout_s")),
                         json::integer(json::at(told, "memory_mib"))));
  for (const auto& name : json::texts(json::at(told, "environment"))) print_line("environment  " + name);
  Table table({"FILE", "BYTES", "SHA-256"});
  for (const auto& file : json::items(json::at(told, "files")))
    table.row({{json::text(file, "name", "")}, {json::scalar_text(json::at(file, "bytes"))},
               {json::text(file, "sha256", "")}});
  table.print();
  return exit_ok;
}

int function_invoke(const Settings& settings, const FunctionChoice& choice) {
  auto answer = answer_of(settings, choice);
  if (!answer) return failed(answer.error(), settings.json);
  bool good = !answer->contains("FunctionError");
  if (settings.json) {
    print_json(*answer);
  } else {
    if (!settings.quiet) print_line(tone(Tone::faint, json::text(*answer, "LogResult")));
    print_line(json::print_pretty(json::at(*answer, "Payload")));
  }
  return good ? exit_ok : exit_failed;
}

int function_rehearse(const Settings& settings, const FunctionChoice& choice) {
  auto event = event_of(choice);
  if (!event) return failed(event.error(), settings.json);
  if (!event->is_object())
    return failed({.code = Errc::invalid, .message = "the event is not an object"}, settings.json);
  auto bench = bench_of(settings, choice);
  if (!bench) return failed(bench.error(), settings.json);
  return show_rehearsal(settings, *bench->house,
                        {.kind = remediation::Action::Kind::function,
                         .target = bench->function,
                         .parameters = event->as_object()});
}

}  // namespace aright::cli
