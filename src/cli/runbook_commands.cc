// runbook validate|run|rehearse.

#include <algorithm>
#include <set>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "cli/known_calls.h"
#include "cli/terminal.h"
#include "cli/workbench.h"
#include "runbook/document.h"

namespace aright::cli {

namespace {

using runbook::Diagnostic;

// Name=value; a value that is JSON is taken as JSON, so that lists and maps can be given. The same name again adds to a
// list.
Result<json::Object> parsed(const std::vector<std::string>& parameters) {
  json::Object out;
  for (const auto& text : parameters) {
    auto equals = text.find('=');
    if (equals == std::string::npos) return fail(Errc::invalid, "'{}': write a parameter as Name=value", text);
    auto value = text.substr(equals + 1);
    bool structured = value.starts_with('[') || value.starts_with('{') || value == "true" || value == "false";
    auto as_json = structured ? json::parse(value) : Result<json::Value>(json::Value(value));
    if (!as_json) return wrap(as_json.error(), "parameter {}", text.substr(0, equals));
    auto name = text.substr(0, equals);
    if (auto first = out.find(name); first == out.end()) {
      out[name] = std::move(*as_json);
    } else {  // once more: a list
      if (!first->value().is_array()) first->value() = json::Array{first->value()};
      first->value().get_array().push_back(std::move(*as_json));
    }
  }
  return out;
}

// Key=tag:env,Values=prod,test as the AWS command line writes a structure: a word without = is one more value of the
// member before it. A member that holds a list does so with one value too.
Result<json::Value> shorthand(const std::string& text, const std::set<std::string_view>& lists) {
  if (text.starts_with('{') || text.starts_with('[')) return json::parse(text);
  json::Object out;
  std::string member;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = std::min(text.find(',', at), text.size());
    auto word = text.substr(at, end - at);
    at = end + 1;
    if (auto equals = word.find('='); equals != std::string::npos) {
      member = word.substr(0, equals);
      word = word.substr(equals + 1);
    } else if (member.empty()) {
      return fail(Errc::invalid, "'{}': write it as Name=value,value,Name=value, or as JSON", text);
    }
    if (!lists.contains(member))
      out[member] = word;
    else if (out.contains(member))
      out[member].as_array().push_back(json::Value(word));
    else
      out[member] = json::Array{word};
  }
  return json::Value(std::move(out));
}

Result<json::Array> structures(const std::vector<std::string>& texts, const std::set<std::string_view>& lists) {
  json::Array out;
  for (const auto& text : texts) {
    auto one = TRY(shorthand(text, lists));
    if (!one.is_array()) out.push_back(std::move(one));
    else for (auto& item : one.get_array()) out.push_back(std::move(item));
  }
  return out;
}

Result<json::Object> parsed(const ForEach& given) {
  json::Object out;
  if (!given.targets.empty()) out["Targets"] = TRY(structures(given.targets, {"Values"}));
  if (!given.locations.empty())
    out["TargetLocations"] = TRY(structures(given.locations, {"Accounts", "Regions", "ExcludeAccounts"}));
  if (!given.maps.empty()) out["TargetMaps"] = TRY(json::parse(given.maps));
  if (!given.parameter.empty()) out["TargetParameterName"] = given.parameter;
  if (!given.concurrency_max.empty()) out["MaxConcurrency"] = given.concurrency_max;
  if (!given.errors_max.empty()) out["MaxErrors"] = given.errors_max;
  return out;
}

// The first location's stands for all: an execution has one way into an account.
std::string execution_role(const json::Object& for_each) {
  for (const auto& location : json::items(json::at(for_each, "TargetLocations")))
    if (auto role = json::text(location, "ExecutionRoleName", ""); !role.empty()) return role;
  return execution_role_default;
}

bool ended(std::string_view status) {
  return status == "Success" || status == "Failed" || status == "TimedOut" || status == "Cancelled";
}

// Through a running server, or the state directory's ledger: on record, and it goes on when this command ends.
Result<json::Value> run_on_record(const Settings& settings, const RunbookRun& what, const Waiting& waiting) {
  json::Object order{{"document", what.document}, {"region", settings.region}};
  order["parameters"] = TRY(parsed(what.parameters));
  if (auto for_each = TRY(parsed(what.for_each)); !for_each.empty()) order["for_each"] = std::move(for_each);
  auto desk = TRY(open_desk(settings));
  auto started = TRY(desk->post("/executions", std::move(order)));
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
Result<> answer_yes(remediation::Engine& engine) {
  auto waiting = TRY(engine.executor().waiting_for_people());
  for (const auto& one : waiting) {
    auto id = TRY(ExecutionId::parse(json::text(one, "execution", "")));  // of a child, too
    auto approvers = json::texts(json::at(one, "approvers"));
    const char* type = approvers.empty() ? "Resume" : "Approve";
    if (approvers.empty()) approvers.emplace_back("command line");
    for (const auto& approver : approvers)
      if (engine.signal_execution(id, type, json::text(one, "step", ""), {approver, approver}, "--yes")) break;
  }
  return {};
}

// Whether what waits for a person runs out of its time while this command still does.
Result<bool> ends_soon(House& house, const ExecutionId& id, const Context& context) {
  auto waiting = TRY(house.engine().executor().waiting_step(id));
  return !waiting || waiting->expires <= house.clock().now() + context.remaining();
}

// With nothing but the endpoint; what is asked is answered here or never.
Result<json::Value> run_by_itself(const Settings& settings, const RunbookRun& what, const Waiting& waiting) {
  auto given = TRY(parsed(what.parameters));
  auto for_each = TRY(parsed(what.for_each));
  auto documents = names_file(what.document) ? TRY(documents_of(what.document)) : Documents{what.document, {}, ""};
  auto house = TRY(open_workbench(settings, documents, execution_role(for_each)));
  auto& engine = house->engine();
  auto context = Context::within(milliseconds(seconds(waiting.seconds)));
  engine.run();
  auto id = TRY(engine.start_runbook(documents.main, given, house->account(), settings.region,
                                     {"command line", ""}, context, {.for_each = for_each}));
  Progress progress(settings.quiet || settings.json);
  while (true) {
    auto execution = TRY(engine.executor().describe(id));
    auto status = json::text(execution, "AutomationExecutionStatus", "");
    if (ended(status)) return execution;
    if (status == "Waiting" && !what.yes && !TRY(ends_soon(*house, id, context))) return execution;
    if (what.yes) CHECK_OK(answer_yes(engine));
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
    if (document)
      for (auto& one : unknown_calls(*document, *text)) diagnostics.push_back(std::move(one));
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
  if (!execution) return failed(execution.error(), settings.json);
  auto status = json::text(*execution, "AutomationExecutionStatus", "");
  settings.json ? print_json(*execution) : print_execution(*execution);
  if (status == "Waiting" && by_itself && !settings.json)
    print_line("Nobody is here to answer: say --yes to approve whatever it asks.");
  bool going_on = !by_itself && (status == "Waiting" || waiting.no_wait);
  return status == "Success" || going_on ? exit_ok : exit_failed;
}

int runbook_rehearse(const Settings& settings, const RunbookRun& what) {
  remediation::Action action{.kind = remediation::Action::Kind::runbook, .target = {}, .parameters = {}};
  auto open = [&]() -> Result<std::unique_ptr<House>> {
    action.parameters = TRY(parsed(what.parameters));
    auto documents = names_file(what.document) ? TRY(documents_of(what.document)) : Documents{what.document, {}, ""};
    action.target = documents.main;
    return open_workbench(settings, documents);
  };
  auto house = open();
  return house ? show_rehearsal(settings, **house, std::move(action)) : failed(house.error(), settings.json);
}

}  // namespace aright::cli
