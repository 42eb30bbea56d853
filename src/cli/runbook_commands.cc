// runbook validate|run|rehearse.

#include "base/file.h"
#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "cli/terminal.h"
#include "cli/workbench.h"
#include "remediation/rehearse.h"
#include "runbook/document.h"

namespace aright::cli {

namespace {

using runbook::Diagnostic;

constexpr milliseconds rehearsal_timeout{20 * 60'000};

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

// Through a running server, or the state directory's ledger: on record, and it goes on when this command ends.
Result<json::Value> run_on_record(const Settings& settings, const RunbookRun& what, const Waiting& waiting) {
  auto given = TRY(parsed(what.parameters));
  auto desk = TRY(open_desk(settings));
  auto started = TRY(desk->post("/executions", {{"document", what.document}, {"parameters", std::move(given)},
                                                {"region", settings.region}}));
  auto context = Context::within(milliseconds(seconds(waiting.seconds)));
  Progress progress(settings.quiet || settings.json);
  while (true) {
    auto execution = TRY(desk->get("/executions/" + json::text(started, "execution", "")));
    auto status = json::text(execution, "AutomationExecutionStatus", "");
    if (ended(status) || status == "Waiting" || waiting.no_wait) return execution;
    progress.say(status + ": " + json::text(execution, "CurrentStepName", ""));
    CHECK_OK(context.sleep(milliseconds(200)));
  }
}

// Says yes for every approver of the step in turn, and lets a pause go on.
Result<> answer_yes(remediation::Engine& engine, const ExecutionId& id) {
  auto waiting = TRY(engine.executor().waiting_for_people());
  for (const auto& one : waiting) {
    auto approvers = json::texts(json::at(one, "approvers"));
    const char* type = approvers.empty() ? "Resume" : "Approve";
    if (approvers.empty()) approvers.emplace_back("command line");
    for (const auto& approver : approvers)
      if (engine.signal_execution(id, type, json::text(one, "step", ""), {approver, approver}, "--yes")) break;
  }
  return {};
}

// With nothing but the endpoint; what is asked is answered here or never.
Result<json::Value> run_by_itself(const Settings& settings, const RunbookRun& what, const Waiting& waiting) {
  auto given = TRY(parsed(what.parameters));
  auto documents = names_file(what.document) ? TRY(documents_of(what.document)) : Documents{what.document, {}};
  auto house = TRY(open_workbench(settings, documents.texts));
  auto& engine = house->engine();
  auto context = Context::within(milliseconds(seconds(waiting.seconds)));
  engine.run();
  auto id = TRY(engine.start_runbook(documents.main, given, house->account(), settings.region,
                                     {"command line", ""}, context));
  Progress progress(settings.quiet || settings.json);
  while (true) {
    auto execution = TRY(engine.executor().describe(id));
    auto status = json::text(execution, "AutomationExecutionStatus", "");
    if (ended(status)) return execution;
    if (status == "Waiting" && !what.yes) return execution;
    if (status == "Waiting") CHECK_OK(answer_yes(engine, id));
    progress.say(status + ": " + json::text(execution, "CurrentStepName", ""));
    CHECK_OK(context.sleep(milliseconds(20)));
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

int runbook_run(const Settings& settings, const RunbookRun& what, const Waiting& waiting) {
  bool by_itself = names_file(what.document) || (!settings.target.empty() && settings.server.empty());
  auto execution = by_itself ? run_by_itself(settings, what, waiting) : run_on_record(settings, what, waiting);
  if (!execution) {
    print_error(execution.error(), settings.json);
    return exit_of(execution.error());
  }
  auto status = json::text(*execution, "AutomationExecutionStatus", "");
  settings.json ? print_json(*execution) : print_execution(*execution);
  if (status == "Waiting" && by_itself && !settings.json)
    print_line("Nobody is here to answer: say --yes to approve whatever it asks.");
  bool going_on = !by_itself && (status == "Waiting" || waiting.no_wait);
  return status == "Success" || going_on ? exit_ok : exit_failed;
}

int runbook_rehearse(const Settings& settings, const RunbookRun& what) {
  auto rehearse = [&]() -> Result<remediation::Plan> {
    auto given = TRY(parsed(what.parameters));
    auto documents = names_file(what.document) ? TRY(documents_of(what.document)) : Documents{what.document, {}};
    auto house = TRY(open_workbench(settings, documents.texts));
    remediation::Rehearsed rehearsed{
        .finding = {}, .control = "", .resource = {house->account(), settings.region, "", "", ""},
        .action = {.kind = remediation::Action::Kind::runbook, .target = documents.main, .parameters = given}};
    return remediation::rehearse(house->library(), house->engine().gateway(), rehearsed, house->clock(),
                                 Context::within(rehearsal_timeout));
  };
  auto plan = rehearse();
  if (!plan) {
    print_error(plan.error(), settings.json);
    return exit_of(plan.error());
  }
  settings.json ? print_json(remediation::to_json(*plan)) : print_plan(remediation::to_json(*plan));
  return exit_ok;
}

}  // namespace aright::cli
