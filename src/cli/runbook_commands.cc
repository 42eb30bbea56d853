// runbook validate|run.

#include "base/file.h"
#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "cli/terminal.h"
#include "runbook/document.h"

namespace aright::cli {

namespace {

using runbook::Diagnostic;

// Name=value; a value that is JSON is taken as JSON, so that lists and maps can be given.
Result<json::Object> parsed(const std::vector<std::string>& parameters) {
  json::Object out;
  for (const auto& text : parameters) {
    auto equals = text.find('=');
    if (equals == std::string::npos) return fail(Errc::invalid, "'{}': write a parameter as Name=value", text);
    auto value = text.substr(equals + 1);
    bool structured = value.starts_with('[') || value.starts_with('{') || value == "true" || value == "false";
    auto as_json = structured ? json::parse(value) : Result<json::Value>(json::Value(value));
    if (!as_json) return wrap(as_json.error(), "parameter {}", text.substr(0, equals));
    out[text.substr(0, equals)] = std::move(*as_json);
  }
  return out;
}

bool ended(std::string_view status) {
  return status == "Success" || status == "Failed" || status == "TimedOut" || status == "Cancelled";
}

Result<json::Value> run_to_end(Desk& desk, const Settings& settings, const std::string& id, const Waiting& waiting) {
  auto context = Context::within(milliseconds(seconds(waiting.seconds)));
  Progress progress(settings.quiet || settings.json);
  while (true) {
    auto execution = TRY(desk.get("/executions/" + id));
    auto status = json::text(execution, "AutomationExecutionStatus", "");
    if (ended(status) || status == "Waiting" || waiting.no_wait) return execution;
    progress.say(status + ": " + json::text(execution, "CurrentStepName", ""));
    CHECK_OK(context.sleep(milliseconds(200)));
  }
}

}  // namespace

int runbook_validate(const Settings& settings, const std::vector<std::string>& files) {
  json::Array reports;
  int faults = 0;
  for (const auto& file : files) {
    auto text = read_file(file, runbook::document_bytes_max);
    if (!text) {
      print_error(text.error(), settings.json);
      return exit_usage;
    }
    std::vector<Diagnostic> diagnostics;
    auto document = runbook::Document::parse(*text, file, &diagnostics);
    faults += !document;
    json::Array found;
    for (const auto& diagnostic : diagnostics) {
      found.push_back(to_json(diagnostic));
      if (!settings.json) print_line(diagnostic.text());
    }
    if (!settings.json && document && diagnostics.empty()) print_line(file + ": " + tone(Tone::good, "good"));
    if (!settings.json && !document && diagnostics.empty()) print_line(file + ": " + document.error().message);
    reports.push_back(json::Object{{"file", file}, {"valid", document.has_value()}, {"diagnostics", std::move(found)}});
  }
  if (settings.json) print_json(json::Object{{"documents", std::move(reports)}});
  return faults ? exit_non_compliant : exit_ok;
}

int runbook_run(const Settings& settings, const std::string& name, const std::vector<std::string>& parameters,
                const Waiting& waiting) {
  auto run = [&]() -> Result<int> {
    auto given = TRY(parsed(parameters));
    auto desk = TRY(open_desk(settings));
    auto started = TRY(desk->post("/executions", {{"document", name}, {"parameters", std::move(given)},
                                                  {"region", settings.region}}));
    auto execution = TRY(run_to_end(*desk, settings, json::text(started, "execution", ""), waiting));
    auto status = json::text(execution, "AutomationExecutionStatus", "");
    if (settings.json)
      print_json(execution);
    else
      print_execution(execution);
    return status == "Success" || status == "Waiting" ? exit_ok : exit_failed;
  };
  auto code = run();
  if (code) return *code;
  print_error(code.error(), settings.json);
  return exit_failed;
}

}  // namespace aright::cli
