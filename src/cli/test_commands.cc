// runbook test, and controls list|show|test.

#include <filesystem>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/workbench.h"
#include "rules/control.h"
#include "trial/control_cases.h"

namespace aright::cli {

namespace {

using trial::Verdict;
using Verdicts = Result<std::vector<Verdict>>;

// Prints as it goes. Fails with the first file that is wrong.
class Report {
 public:
  explicit Report(const Settings& settings) : settings_(settings) {}

  void add(const std::vector<Verdict>& verdicts) {
    for (const auto& verdict : verdicts) {
      ++(verdict.passed() ? passed_ : failed_);
      list_.push_back(to_json(verdict));
      if (!settings_.json) print(verdict);
    }
  }
  int close() {
    if (settings_.json) {
      print_json(json::Object{{"passed", passed_}, {"failed", failed_}, {"tests", std::move(list_)}});
    } else {
      print_line(fmt::format("{} passed, {} failed", passed_, failed_));
    }
    return failed_ > 0 ? exit_non_compliant : exit_ok;
  }

 private:
  void print(const Verdict& verdict) {
    if (verdict.file != heading_) print_line(tone(Tone::strong, heading_ = verdict.file));
    if (verdict.passed()) {
      if (!settings_.quiet) print_line("  " + tone(Tone::good, "✓ ") + verdict.name);
      return;
    }
    print_line(fmt::format("  {}{} {}", tone(Tone::bad, "✗ "), verdict.name,
                           tone(Tone::faint, fmt::format("(line {})", verdict.line))));
    for (const auto& what : verdict.unmet) print_line("      " + what);
  }

  const Settings& settings_;
  std::string heading_;
  json::Array list_;
  int passed_ = 0, failed_ = 0;
};

// Files are read; anything else is a name in `catalog`. None at all: the whole catalog.
template <typename Play>
int play_all(const Settings& settings, std::vector<std::string> what, const std::map<std::string, std::string>& catalog,
             Play play) {
  Report report(settings);
  auto each = [&](const std::string& one) -> Result<> {
    std::string text;
    if (auto found = catalog.find(one); found != catalog.end())
      text = found->second;
    else if (names_file(one))
      text = TRY(read_file(one, trial::test_file_bytes_max));
    else
      return fail(Errc::not_found, "'{}' is no test file, and the catalog has no tests by that name", one);
    auto verdicts = TRY(play(one, text));
    report.add(verdicts);
    return {};
  };
  if (what.empty())
    for (const auto& [name, text] : catalog) what.push_back(name);
  for (const auto& one : what) {
    auto played = each(one);
    if (played) continue;
    print_error(played.error(), settings.json);
    return exit_usage;
  }
  return report.close();
}

}  // namespace

int runbook_test(const Settings& settings, const std::vector<std::string>& what, const std::string& only) {
  std::map<std::string, std::string> catalog;
  for (const auto& [file, text] : trial::catalog_runbook_tests())
    catalog[std::filesystem::path(file).stem().string()] = text;
  return play_all(settings, what, catalog, [&](const std::string& name, const std::string& text) {
    std::map<std::string, std::string> documents;
    if (!catalog.contains(name)) {
      auto folder = std::filesystem::absolute(name).parent_path();
      documents = documents_in(folder.parent_path().string());  // tests/ may stand beside its documents
      documents.merge(documents_in(folder.string()));
    }
    return trial::test_runbook(name, text, documents, only);
  });
}

int controls_test(const Settings& settings, const std::vector<std::string>& what, const std::string& only) {
  auto play = [&](const std::string& name, const std::string& text) { return trial::test_control(name, text, only); };
  return play_all(settings, what, trial::catalog_control_tests(), play);
}

namespace {

json::Object view(const rules::Control& control) {
  json::Object references;
  for (const auto& [name, value] : control.references) references[name] = value;
  return {{"id", control.id},
          {"title", control.title},
          {"description", control.description},
          {"rule", control.rule},
          {"resource_type", control.resource_type},
          {"severity", control.severity},
          {"risk", control.risk},
          {"complexity", control.complexity},
          {"references", std::move(references)},
          {"parameters", control.parameters},
          {"remediation", control.remediation},
          {"may_break", control.may_break}};
}

std::string fixed_by(const rules::Control& control) {
  auto runbook = json::text(control.remediation, "runbook", "");
  return runbook.empty() ? json::text(control.remediation, "function", "") : runbook;
}

}  // namespace

int controls_list(const Settings& settings) {
  json::Array list;
  Table table({"CONTROL", "SEVERITY", "RESOURCE", "SET RIGHT BY"});
  for (const auto& [id, control] : rules::Controls::embedded().all()) {
    list.push_back(view(control));
    table.row({{id, Tone::strong}, {control.severity, tone_of_severity(control.severity)}, {control.resource_type},
               {fixed_by(control)}});
  }
  settings.json ? print_json(json::Object{{"controls", std::move(list)}}) : table.print();
  return exit_ok;
}

int controls_show(const Settings& settings, const std::string& id) {
  const auto* control = rules::Controls::embedded().find(id);
  if (!control) {
    auto message = fmt::format("there is no control '{}'; `aright controls list` has them", id);
    print_error({.code = Errc::not_found, .message = std::move(message), .number = "AR-0006"}, settings.json);
    return exit_failed;
  }
  if (settings.json) {
    print_json(view(*control));
    return exit_ok;
  }
  print_line(tone(Tone::strong, control->id) + "  " + tone(tone_of_severity(control->severity), control->severity));
  print_line(control->title);
  print_line(control->description);
  auto line = [](std::string_view name, const std::string& value) {
    if (!value.empty()) print_line(fmt::format("  {:<22}{}", name, value));
  };
  line("judges", control->resource_type);
  line("rule", control->rule);
  for (const auto& [name, value] : control->parameters)
    line("parameter", fmt::format("{} = {}", std::string_view(name), json::print(value)));
  line("set right by", fixed_by(*control));
  line("risk of the fix", control->risk);
  line("complexity of the fix", control->complexity);
  line("may break", control->may_break);
  for (const auto& [name, value] : control->references) line(name, value);
  return exit_ok;
}

}  // namespace aright::cli
