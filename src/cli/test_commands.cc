// runbook test, controls test and function test.

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/known.h"
#include "cli/commands.h"
#include "cli/function_commands.h"
#include "cli/terminal.h"
#include "cli/workbench.h"
#include "rules/control.h"
#include "rules/folder.h"
#include "trial/control_cases.h"
#include "trial/function_cases.h"

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
      auto wrote = fmt::format("  wrote {}", fmt::join(verdict.writes, ", "));
      wrote = verdict.writes.empty() ? "" : tone(Tone::faint, wrote);
      if (!settings_.quiet) print_line("  " + tone(Tone::good, "✓ ") + verdict.name + wrote);
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

Error no_tests(const std::string& name, const std::map<std::string, std::string>& catalog) {
  std::vector<std::string> known;
  for (const auto& [each, text] : catalog) known.push_back(each);
  auto meant = nearest(name, known);
  return {.code = Errc::not_found,
          .message = fmt::format("'{}' is no test file, and the catalog has no tests by that name", name) +
                     (meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant))};
}

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
      return fail(no_tests(one, catalog));
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

int function_test(const Settings& settings, const std::vector<std::string>& what, const std::string& only) {
  return play_all(settings, what, {}, [&](const std::string& name, const std::string& text) {
    return trial::test_function(name, text, std::filesystem::absolute(name).parent_path().string(), only);
  });
}

namespace {

const char* const test_file = "tests.yaml";

// The catalog's controls, and those that stand beside this test file: DIR/<id>/tests.yaml.
Result<rules::Controls> controls_beside(const std::string& file) {
  namespace fs = std::filesystem;
  auto folder = fs::absolute(file).parent_path();
  if (!fs::exists(folder / "control.yaml")) return rules::Controls::embedded().with(json::Array());
  auto own = TRY(rules::controls_in(folder.parent_path()));
  return rules::Controls::embedded().with(own);
}

// A control's folder, or one of such folders, as the test files in it.
std::vector<std::string> test_files(const std::vector<std::string>& what) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  for (const auto& one : what) {
    std::error_code fault;
    if (!fs::is_directory(one, fault)) {
      out.push_back(one);
    } else if (auto file = fs::path(one) / test_file; fs::exists(file)) {
      out.push_back(file.string());
    } else {
      for (fs::directory_iterator entry(one, fault), end; !fault && entry != end; entry.increment(fault))
        if (fs::exists(entry->path() / test_file)) out.push_back((entry->path() / test_file).string());
    }
  }
  return out;
}

}  // namespace

int controls_test(const Settings& settings, const std::vector<std::string>& what, const std::string& only) {
  const auto catalog = trial::catalog_control_tests();
  auto files = test_files(what);
  std::ranges::sort(files);
  auto play = [&](const std::string& name, const std::string& text) -> Verdicts {
    if (catalog.contains(name)) return trial::test_control(name, text, only);
    auto controls = TRY(controls_beside(name));
    return trial::test_control(name, text, only, controls);
  };
  return play_all(settings, files, catalog, play);
}

}  // namespace aright::cli
