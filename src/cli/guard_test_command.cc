// guard test, guard parse-tree.

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>

#include "base/clock.h"
#include "base/file.h"
#include "cli/guard_commands.h"
#include "cli/guard_files.h"
#include "cli/settings.h"
#include "cli/terminal.h"
#include "guard/formats.h"
#include "guard/parse_tree.h"
#include "guard/test_file.h"
#include "json/yaml.h"

namespace aright::cli {

namespace fs = std::filesystem;

namespace {

using guard::Status;
using guard::TestVerdict;

// A rules file and the test files that belong to it.
struct Subject {
  fs::path rules;
  std::string name;  // what its rules know it by
  std::vector<fs::path> tests;
};

struct CaseResult {
  std::string name;
  std::vector<TestVerdict> verdicts;
  std::int64_t took_ms = 0;
};

struct SubjectResult {
  std::string rules;
  std::string error;  // the file, or one of its tests, cannot be read
  std::vector<CaseResult> cases;
};

std::string joined(const std::vector<Status>& statuses) {
  std::string out;
  for (auto status : statuses)
    out += (out.empty() ? "" : ", ") + std::string(name(status));
  return out;
}

json::Value result_json(const SubjectResult& result) {
  if (!result.error.empty())
    return json::Object{{"rule_file", result.rules}, {"error", result.error}};
  json::Array cases;
  for (const auto& one : result.cases) {
    json::Array passed, failed, skipped;
    for (const auto& verdict : one.verdicts) {
      if (!verdict.expected) {
        skipped.push_back(json::Object{{"name", verdict.rule}});
      } else if (verdict.met()) {
        passed.push_back(
            json::Object{{"name", verdict.rule}, {"evaluated", name(*verdict.expected)}});
      } else {
        json::Array evaluated;
        for (auto status : verdict.statuses)
          evaluated.emplace_back(name(status));
        failed.push_back(json::Object{{"name", verdict.rule},
                                      {"expected", name(*verdict.expected)},
                                      {"evaluated", evaluated}});
      }
    }
    cases.push_back(json::Object{{"name", one.name},
                                 {"passed_rules", passed},
                                 {"failed_rules", failed},
                                 {"skipped_rules", skipped}});
  }
  return json::Object{{"rule_file", result.rules}, {"test_cases", std::move(cases)}};
}

std::string junit(const std::vector<SubjectResult>& results) {
  std::string suites;
  std::size_t tests = 0, failures = 0, errors = 0;
  for (const auto& result : results) {
    std::string cases;
    std::size_t own = 0;
    auto add = [&](const std::string& id, const std::string& name, const std::string& body) {
      ++tests;
      auto head = fmt::format("        <testcase {}name=\"{}\" time=\"0\"",
                              id.empty() ? "" : fmt::format("id=\"{}\" ", guard::xml_escaped(id)),
                              guard::xml_escaped(name));
      cases += body.empty() ? head + " status=\"pass\"/>\n"
                            : head + ">\n" + body + "        </testcase>\n";
    };
    if (!result.error.empty()) {
      ++errors;
      add("", result.rules,
          fmt::format("            <error>{}</error>\n", guard::xml_escaped(result.error)));
    }
    for (const auto& one : result.cases) {
      for (const auto& verdict : one.verdicts) {
        if (!verdict.expected) continue;
        if (!verdict.met()) ++own;
        add(one.name, verdict.rule,
            verdict.met() ? ""
                          : fmt::format("            <failure>expected {}, came to {}</failure>\n",
                                        name(*verdict.expected), joined(verdict.statuses)));
      }
    }
    failures += own;
    suites += fmt::format(
        "    <testsuite name=\"{}\" errors=\"{}\" failures=\"{}\" time=\"0\">\n{}    "
        "</testsuite>\n",
        guard::xml_escaped(result.rules), result.error.empty() ? 0 : 1, own, cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"aright guard test\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "time=\"0\">\n{}</testsuites>\n",
      tests, failures, errors, suites);
}

class Testing {
 public:
  explicit Testing(const GuardTest& options)
      : options_(options), as_text_(options.format == text_format) {}

  Result<int> run() {
    if (options_.verbose && !as_text_) return fail(Errc::invalid, "--verbose goes with text alone");
    return options_.directory.empty() ? run_one() : run_directory();
  }

 private:
  Result<int> run_one() {
    Subject subject{options_.rules, options_.rules, {}};
    if (!fs::exists(options_.rules))
      return fail(Errc::not_found, "{}: there is no such file", options_.rules);
    for (const auto& path : TRY(files_below(options_.tests, options_.order)))
      if (has_ending(path, guard_test_endings)) subject.tests.push_back(path);
    bool broken = false;
    int code = TRY(test(subject, broken));
    if (!as_text_ && !results_.empty()) print(result_json(results_.front()));
    if (!broken) return code;
    return as_text_ ? guard_test_unreadable : exit_ok;
  }

  // In text the first code that is not 0 stays, and a rules file that does not parse is 7; else 1
  // outweighs 7.
  Result<int> run_directory() {
    int code = exit_ok;
    for (const auto& subject : TRY(subjects())) {
      if (subject.tests.empty()) {
        if (as_text_) print_line(fmt::format("{} has no tests\n---", subject.rules.string()));
        continue;
      }
      if (as_text_) print_line("Testing " + subject.rules.string());
      bool broken = false;
      int own = TRY(test(subject, broken));
      if (as_text_) {
        if (broken) {
          code = guard_expectation_unmet;
        } else if (code == exit_ok) {
          code = own;
        }
        print_line("---");
      } else if (broken || own == guard_test_unreadable || code == exit_ok) {
        code = broken ? guard_test_unreadable : own;
      }
    }
    if (as_text_) return code;
    json::Array all;
    for (const auto& result : results_)
      all.push_back(result_json(result));
    print(all);
    return code;
  }

  void print(const json::Value& value) {
    if (options_.format == "json") return print_json(value);
    print_whole(options_.format == "junit" ? junit(results_) : json::print_yaml(value));
  }

  // A test file in `tests` belongs to the first rules file beside that folder whose name it begins
  // with.
  Result<std::vector<Subject>> subjects() {
    std::map<fs::path, std::vector<Subject>> folders;
    auto files = TRY(files_below(options_.directory, options_.order));
    for (const auto& path : files)
      if (has_ending(path, guard_rule_endings))
        folders[path.parent_path()].push_back({path, path.stem().string(), {}});
    for (const auto& path : files) {
      bool is_test = path.parent_path().filename() == "tests" &&
                     has_ending(path, guard_data_endings) && path.extension() != ".template";
      auto folder = folders.find(path.parent_path().parent_path());
      if (!is_test || folder == folders.end()) continue;
      for (auto& subject : folder->second) {
        if (!path.filename().string().starts_with(subject.name)) continue;
        subject.tests.push_back(path);
        break;
      }
    }
    std::vector<Subject> out;
    for (auto& [folder, list] : folders)
      out.insert(out.end(), list.begin(), list.end());
    return out;
  }

  Result<int> test(const Subject& subject, bool& broken) {
    auto& result = results_.emplace_back(SubjectResult{subject.rules.string(), "", {}});
    auto text = read_file(subject.rules);
    auto rules = text ? guard::parse_rules(*text, subject.name)
                      : std::unexpected(guard::Diagnostic{
                            subject.rules.string(), {}, text.error().message, ""});
    broken = !rules;
    if (broken) {
      unreadable(result, rules.error());
      return guard_test_unreadable;
    }
    if (rules->empty()) {
      results_.pop_back();
      return exit_ok;
    }
    int code = exit_ok;
    int number = 0;
    for (const auto& path : subject.tests) {
      auto bytes = TRY(read_file(path, guard::data_bytes_max));
      auto cases = guard::read_tests(bytes, path.string());
      if (!cases) {
        unreadable(result, cases.error());
        code = guard_test_unreadable;
        if (!as_text_) return code;
        continue;
      }
      for (const auto& one : *cases)
        if (TRY(run_case(*rules, one, ++number, result))) code = guard_expectation_unmet;
    }
    return code;
  }

  void unreadable(SubjectResult& result, const guard::Diagnostic& fault) {
    result.error = fault.text();
    if (as_text_) print_line(result.error);
  }

  // Whether an expectation was not met.
  Result<bool> run_case(const guard::Rules& rules, const guard::TestCase& one, int number,
                        SubjectResult& result) {
    std::string trace;
    guard::Options options{.now_s = SystemClock().now().ms / 1000};
    auto verdicts = guard::run_test(rules, one, options, options_.verbose ? &trace : nullptr);
    if (!verdicts) return fail(Errc::invalid, "{}: {}", one.input.name(), verdicts.error().text());
    bool unmet = false;
    for (const auto& verdict : *verdicts)
      unmet = unmet || !verdict.met();
    if (as_text_) print_case(one, number, *verdicts, trace);
    result.cases.push_back({one.name.value_or(""), std::move(*verdicts), 0});
    return unmet;
  }

  static void print_case(const guard::TestCase& one, int number,
                         const std::vector<TestVerdict>& verdicts, const std::string& trace) {
    std::string passed, failed, open;
    for (const auto& verdict : verdicts) {
      if (!verdict.expected) {
        open += fmt::format("  No expectation for rule {}\n", verdict.rule);
      } else if (verdict.met()) {
        passed += fmt::format("    {}: Expected = {}\n", verdict.rule, name(*verdict.expected));
      } else {
        failed += fmt::format("    {}: Expected = {}, Evaluated = [{}]\n", verdict.rule,
                              name(*verdict.expected), joined(verdict.statuses));
      }
    }
    auto title = one.name ? fmt::format("Name: {}\n", *one.name) : "";
    auto part = [](std::string_view head, const std::string& lines) {
      return lines.empty() ? "" : fmt::format("  {}\n{}", head, lines);
    };
    print_line(fmt::format("Test Case #{}\n{}{}{}{}{}", number, title, open, trace,
                           part("FAIL Rules:", failed), part("PASS Rules:", passed)));
  }

  const GuardTest& options_;
  bool as_text_;
  std::vector<SubjectResult> results_;
};

}  // namespace

int guard_test(const GuardTest& asked) {
  auto options = asked;
  if (options.json && options.format == text_format) options.format = "json";
  bool both = !options.rules.empty() && !options.tests.empty();
  if (options.directory.empty() && !both) {
    print_error({.code = Errc::invalid, .message = "say --rules-file and --test-data, or --dir"},
                options.json);
    return exit_usage;
  }
  auto code = Testing(options).run();
  if (code) return *code;
  print_error(code.error(), options.json);
  return guard_stopped;
}

int guard_parse_tree(const GuardParseTree& options) {
  auto run = [&]() -> Result<> {
    auto text = TRY(options.rules.empty() ? read_standard_input() : read_file(options.rules));
    auto rules = guard::parse_rules(text, fs::path(options.rules).filename().string());
    if (!rules) return fail(Errc::invalid, "{}", rules.error().text());
    auto tree = guard::parse_tree(*rules);
    auto printed = options.as_json || options.json ? json::print_pretty(tree) + "\n" : json::print_yaml(tree);
    if (!options.output.empty()) return write_file(options.output, printed, 0644);
    print_whole(printed);
    return {};
  };
  auto done = run();
  if (done) return exit_ok;
  print_error(done.error(), options.json);
  return guard_stopped;
}

}  // namespace aright::cli
