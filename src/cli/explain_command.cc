// runbook list|explain.

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "cli/terminal.h"
#include "cli/workbench.h"
#include "native/explanation.h"
#include "remediation/catalog_runbooks.h"
#include "runbook/flow.h"
#include "runbook/flow_picture.h"

namespace aright::cli {

namespace {

using runbook::Step;
using runbook::Stop;
using runbook::Way;

struct Explained {
  std::shared_ptr<const runbook::Document> document;
  native::Explanation explanation;
};

Result<Explained> look_at(const std::string& name) {
  auto documents = names_file(name) ? TRY(documents_of(name)) : Documents{name, {}, ""};
  remediation::Policy policy;
  policy.runbooks = documents.texts;
  for (const auto& [known, text] : documents.texts) policy.runbook_folders[known] = documents.folder;
  auto library = TRY(remediation::Library::open(policy));
  auto found = TRY(library.runbook(documents.main));
  return Explained{found.document, native::explain(*found.document, library)};
}

json::Array flow_json(const std::vector<Stop>& stops) {
  json::Array out;
  for (const auto& stop : stops) {
    json::Array ways;
    for (const auto& way : stop.ways)
      ways.push_back(json::Object{{"kind", name(way.kind)},
                                  {"to", way.to.empty() ? json::Value() : json::Value(way.to)},
                                  {"why", way.why}});
    json::Object told{{"name", stop.step->name}, {"action", stop.step->action}, {"ways", std::move(ways)}};
    if (!stop.inner.empty()) told["steps"] = flow_json(stop.inner);
    out.push_back(std::move(told));
  }
  return out;
}

json::Object explained_json(const Explained& explained) {
  json::Array calls, unknown;
  for (const auto& call : explained.explanation.calls)
    calls.push_back(json::Object{{"document", call.document}, {"step", call.step}, {"service", call.service},
                                 {"operation", call.operation}, {"reads", call.reads}, {"known", call.known}});
  for (const auto& note : explained.explanation.unknown)
    unknown.push_back(json::Object{{"document", note.document}, {"step", note.step}, {"what", note.what}});
  const auto& documents = explained.explanation.documents;
  return {{"document", explained.document->name()},
          {"description", explained.document->description()},
          {"steps", flow_json(flow_of(*explained.document))},
          {"documents", json::Array(documents.begin(), documents.end())},
          {"calls", std::move(calls)},
          {"unknown", std::move(unknown)},
          {"policy", native::policy_of(explained.explanation)}};
}

std::size_t width_of_names(const std::vector<Stop>& stops, std::size_t depth = 0) {
  std::size_t width = 0;
  for (const auto& stop : stops)
    width = std::max({width, stop.step->name.size() + 2 * depth, width_of_names(stop.inner, depth + 1)});
  return width;
}

std::string what_of(const Step& step) {
  auto subject = runbook::subject_of(step);
  return subject.empty() ? step.action : step.action + "  " + subject;
}

// What it is for: the first paragraph that is no heading.
std::string summary_of(const std::string& description) {
  std::string out;
  for (auto line : split(description, '\n')) {
    bool heading = line.starts_with('#'), empty = line.find_first_not_of(" \t\r") == std::string_view::npos;
    if (!out.empty() && (heading || empty)) break;
    if (!heading && !empty) out += fmt::format("{}{}", out.empty() ? "" : "\n", line);
  }
  return out;
}

json::Object listed(const runbook::Document& document, const char* from) {
  json::Array parameters;
  for (const auto& one : document.parameters())
    parameters.push_back(json::Object{{"name", one.name}, {"type", one.type}, {"required", !one.otherwise}});
  return {{"name", document.name()},
          {"from", from},
          {"description", summary_of(document.description())},
          {"parameters", std::move(parameters)}};
}

// The policy's come before the catalog's of the same name; versions of a document are no documents of their own.
Result<json::Array> all_runbooks(const Settings& settings) {
  auto text = TRY(find_policy(settings));
  auto policy = TRY(remediation::parse_policy(text.text, text.directory));
  auto library = TRY(remediation::Library::open(policy));
  std::map<std::string, const char*> names;
  for (const auto& name : remediation::catalog_runbooks()) names[name] = "catalog";
  for (const auto& [name, document] : policy.runbooks)
    if (name.find(':') == std::string::npos) names[name] = "policy";
  json::Array out;
  for (const auto& [name, from] : names) out.push_back(listed(*TRY(library.runbook(name)).document, from));
  return out;
}

std::string needs_of(const json::Value& runbook) {
  std::vector<std::string> names;
  for (const auto& one : json::items(json::at(runbook, "parameters")))
    if (json::truth(json::at(one, "required"))) names.push_back(json::text(one, "name", ""));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string_view sign_of(const Step& step) {
  if (step.action == "aws:branch") return "◇";
  if (step.action == "aws:loop") return "↻";
  if (step.action == "aws:approve" || step.action == "aws:pause") return "◆";
  return "●";
}

class FlowPrinter {
 public:
  explicit FlowPrinter(std::size_t width) : width_(width) {}

  void print(const std::vector<Stop>& stops, const std::string& before = "") {
    for (std::size_t i = 0; i < stops.size(); ++i) print(stops, i, before);
  }

 private:
  void print(const std::vector<Stop>& stops, std::size_t at, const std::string& before) {
    const auto& stop = stops[at];
    const auto& step = *stop.step;
    auto pad = std::string(width_ - std::min(width_, step.name.size() + before.size() / 4 * 2), ' ');
    print_line(fmt::format("  {}{} {}{}  {}", before, tone(Tone::accent, sign_of(step)),
                           tone(Tone::strong, step.name), pad, tone(Tone::faint, what_of(step))));
    bool last = at + 1 == stops.size();
    auto rail = before + (last ? "  " : tone(Tone::faint, "│") + " ");
    if (!stop.inner.empty()) print(stop.inner, rail);
    auto next = last ? "" : stops[at + 1].step->name;
    for (const auto& way : stop.ways) print(way, next, rail);
    if (!last) print_line("  " + rail);
  }

  // The way to the next step needs no words, unless it is one of several.
  static void print(const Way& way, const std::string& next, const std::string& rail) {
    if (way.kind == Way::Kind::next && way.to == next) return;
    auto to = way.to.empty() ? tone(Tone::faint, "the end") : way.to;
    switch (way.kind) {
      case Way::Kind::next: return print_line(fmt::format("  {}→ {}", rail, to));
      case Way::Kind::choice: return print_line(fmt::format("  {}if {} → {}", rail, harmless(way.why), to));
      case Way::Kind::otherwise: return print_line(fmt::format("  {}otherwise → {}", rail, to));
      case Way::Kind::failure:
        return print_line(fmt::format("  {}{} → {}", rail, tone(Tone::bad, "when it fails"), to));
      case Way::Kind::cancel:
        return print_line(fmt::format("  {}{} → {}", rail, tone(Tone::bad, "when cancelled"), to));
    }
  }

  std::size_t width_;
};

void print_calls(const Explained& explained) {
  const auto& explanation = explained.explanation;
  bool others = !explanation.documents.empty();
  std::vector<std::string> heads{"STEP", "CALL", "EFFECT"};
  if (others) heads.emplace_back("DOCUMENT");
  Table table(heads);
  for (const auto& call : explanation.calls) {
    auto effect = !call.known ? "unknown to AWS" : call.reads ? "reads" : "writes";
    std::vector<Table::Cell> row{{call.step},
                                 {call.service + ":" + call.operation},
                                 {effect, !call.known ? Tone::bad : call.reads ? Tone::faint : Tone::warn}};
    if (others) row.push_back({call.document, Tone::faint});
    table.row(std::move(row));
  }
  table.print();
}

void print_permissions(const json::Object& policy) {
  Table table({"PERMISSION", "ON"});
  for (const auto& statement : json::items(json::at(policy, "Statement")))
    for (const auto& action : json::texts(json::at(statement, "Action")))
      table.row({{action}, {fmt::format("{}", fmt::join(json::texts(json::at(statement, "Resource")), " ")),
                            Tone::faint}});
  table.print();
}

void print_explained(const Explained& explained) {
  const auto& document = *explained.document;
  print_line(tone(Tone::strong, document.name()));
  if (auto summary = summary_of(document.description()); !summary.empty())
    print_line(tone(Tone::faint, harmless(summary)));
  print_line();
  auto stops = flow_of(document);
  FlowPrinter(width_of_names(stops)).print(stops);
  print_line();
  if (!explained.explanation.calls.empty()) {
    print_calls(explained);
    print_line();
    print_permissions(native::policy_of(explained.explanation));
  } else {
    print_line("It makes no AWS calls that its text names.");
  }
  if (explained.explanation.unknown.empty()) return;
  print_line();
  print_line(tone(Tone::strong, "What its text does not tell"));
  for (const auto& note : explained.explanation.unknown)
    print_line(fmt::format("  {}{}{}", note.step, note.step.empty() ? "" : ": ", harmless(note.what)));
}

}  // namespace

int runbook_list(const Settings& settings) {
  auto all = all_runbooks(settings);
  if (!all) return failed(all.error(), settings.json);
  Table table({"RUNBOOK", "FROM", "NEEDS", "WHAT IT DOES"});
  for (const auto& one : *all) {
    auto what = text_of(one, "description");
    table.row({{text_of(one, "name"), Tone::strong}, {text_of(one, "from")}, {needs_of(one)},
               {what.substr(0, what.find('\n')), Tone::faint}});
  }
  settings.json ? print_json(json::Object{{"runbooks", std::move(*all)}}) : table.print();
  return exit_ok;
}

int runbook_explain(const Settings& settings, const std::string& document, bool picture) {
  auto explained = look_at(document);
  if (!explained) return failed(explained.error(), settings.json);
  if (picture)
    print_bytes(runbook::flow_picture(*explained->document));
  else if (settings.json)
    print_json(explained_json(*explained));
  else
    print_explained(*explained);
  return exit_ok;
}

}  // namespace aright::cli
