#include "script/shell.h"

#include "base/embedded.h"

namespace aright::script {

ARIGHT_EMBEDDED(shell)

namespace {

constexpr seconds grace{30};  // beyond the script's own time: to tell what came of it
constexpr int killed_code = 137;
constexpr std::string_view aws_command =
    "#!/bin/sh\nexec /usr/bin/aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"\n";

Program program_of(const ShellScript& script) {
  Program program{.convention = Program::Convention::lambda,
                  .runtime = "provided.al2023",
                  .files = {{"bootstrap", std::string(embedded_shell())}, {"bin/aws", std::string(aws_command)}},
                  .executables = {"/var/task/bootstrap", "/var/task/bin/aws"},
                  .handler = "shell",
                  .account = script.account,
                  .region = script.region,
                  .function_name = "command",
                  .request_id = script.request_id,
                  .environment = script.environment};
  program.event = json::Object{{"script", script.text},
                               {"directory", script.directory},
                               {"seconds", script.timeout.count()},
                               {"output_bytes", shell_output_bytes_max}};
  program.limits.wall = script.timeout + grace;
  return program;
}

}  // namespace

Result<ShellOutcome> run_shell(const ShellScript& script, aws::Caller& door, const Context& context) {
  auto program = program_of(script);
  auto outcome = TRY(run(program, door, context));
  if (outcome.ok) {
    const auto& told = outcome.result;
    return ShellOutcome{.code = static_cast<int>(json::integer(json::at(told, "code"))),
                        .out = json::text(told, "out", ""),
                        .err = json::text(told, "err", ""),
                        .timed_out = json::truth(json::at(told, "timed_out"))};
  }
  // It outgrew its jail: what it printed is lost with it.
  return ShellOutcome{.code = killed_code,
                      .out = "",
                      .err = outcome.error_message,
                      .timed_out = outcome.error_type == "Sandbox.Timedout"};
}

}  // namespace aright::script
