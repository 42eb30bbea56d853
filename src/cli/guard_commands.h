#pragma once
// guard validate|test|parse-tree: CloudFormation Guard rules on files, with cfn-guard's options and
// exit codes.

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace aright::cli {

// Guard's own exit codes, which pipelines know.
inline constexpr int guard_rules_failed = 19;  // validate: some rule failed
inline constexpr int guard_rules_broken = 5;   // validate: a rules file did not parse
inline constexpr int guard_stopped = 255;      // nothing could be judged, or judging had to stop
inline constexpr int guard_expectation_unmet = 7;  // test
inline constexpr int guard_test_unreadable = 1;    // test

inline constexpr const char* text_format = "single-line-summary";  // as cfn-guard calls it

struct GuardOrder {
  bool alphabetical = false, last_modified = false;
};

struct GuardValidate {
  std::vector<std::string> rules, data, parameters, summary{"fail"};
  std::string type, format = "single-line-summary";
  GuardOrder order;
  bool verbose = false, print_json = false, payload = false, structured = false;
  bool json = false;  // said to aright itself: results and errors are JSON
};
int guard_validate(const GuardValidate& options);

struct GuardTest {
  std::string rules, tests, directory, format = "single-line-summary";
  GuardOrder order;
  bool verbose = false;
  bool json = false;
};
int guard_test(const GuardTest& options);

struct GuardParseTree {
  std::string rules, output;
  bool as_json = false, as_yaml = false;
  bool json = false;
};
int guard_parse_tree(const GuardParseTree& options);

// Adds `guard` and what stands below it; `choose` gets what was asked for. `json`, which must outlive the commands, is
// whether --json was said.
void add_guard(CLI::App& app, const bool& json, const std::function<void(std::function<int()>)>& choose);

}  // namespace aright::cli
