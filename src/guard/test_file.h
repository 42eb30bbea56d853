#pragma once
// Test files for rules: inputs, and what each rule should come to. They are read by another YAML
// reader than data files (document.h), as Guard does.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "guard/guard.h"

namespace aright::guard {

struct TestCase {
  std::optional<std::string> name;
  Document input;
  std::map<std::string, std::string> expectations;  // rule → PASS, FAIL or SKIP
};

std::expected<std::vector<TestCase>, Diagnostic> read_tests(std::string_view text,
                                                            const std::string& name);

// What one rule, or all rules of one name, came to.
struct TestVerdict {
  std::string rule;
  std::optional<Status> expected;  // nothing: no expectation was set
  std::vector<Status> statuses;
  // Any of the rules with that name may be as expected; for SKIP all must.
  bool met() const;
};

// In the order of the rules file. Fails where the rules cannot be judged, or an expectation is no
// status. `trace` gets everything that was judged, when it is not null.
std::expected<std::vector<TestVerdict>, Diagnostic> run_test(const Rules& rules,
                                                             const TestCase& test,
                                                             const Options& options,
                                                             std::string* trace = nullptr);

}  // namespace aright::guard
