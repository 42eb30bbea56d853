#include "guard/test_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace aright::guard {

namespace {

std::unexpected<Diagnostic> fault(const std::string& file, const Value& at, std::string message) {
  return std::unexpected(
      Diagnostic{file, at.place, std::move(message),
                 "a test file is a list of {name, input, expectations: {rules: {NAME: PASS}}}"});
}

const Value* member(const Value& value, std::string_view key) {
  const auto* map = value.map();
  return map ? map->find(key) : nullptr;
}

std::optional<Status> status_named(std::string_view text) {
  for (auto status : {Status::pass, Status::fail, Status::skip})
    if (text == name(status)) return status;
  return std::nullopt;
}

std::expected<TestCase, Diagnostic> read_case(const Value& item, const std::string& file,
                                              std::size_t number) {
  const auto* title = member(item, "name");
  const auto* input = member(item, "input");
  const auto* expectations = member(item, "expectations");
  const auto* rules = expectations ? member(*expectations, "rules") : nullptr;
  if (!input) return fault(file, item, "a test without input");
  if (!rules || !rules->map()) return fault(file, item, "a test without expectations for rules");
  if (title && !title->text() && !title->is(Kind::null))
    return fault(file, *title, "a name that is not a text");
  TestCase out{.input = Document(fmt::format("{}, test {}", file, number), deep_copy(*input))};
  if (title && title->text()) out.name = *title->text();
  for (const auto& rule : rules->map()->members()) {
    if (!rule.value.text())
      return fault(file, rule.value, "an expectation that is not PASS, FAIL or SKIP");
    out.expectations.emplace(rule.key, *rule.value.text());
  }
  return out;
}

}  // namespace

std::expected<std::vector<TestCase>, Diagnostic> read_tests(std::string_view text,
                                                            const std::string& name) {
  auto root = read_core_yaml(text, name);
  if (!root) return std::unexpected(std::move(root.error()));
  if (!root->list()) return fault(name, *root, "not a list of tests");
  std::vector<TestCase> out;
  for (const auto& item : *root->list()) {
    auto one = read_case(item, name, out.size() + 1);
    if (!one) return std::unexpected(std::move(one.error()));
    out.push_back(std::move(*one));
  }
  return out;
}

bool TestVerdict::met() const {
  auto as_expected = [&](Status status) { return status == *expected; };
  if (!expected) return true;
  return *expected == Status::skip ? std::ranges::all_of(statuses, as_expected)
                                   : std::ranges::any_of(statuses, as_expected);
}

std::expected<std::vector<TestVerdict>, Diagnostic> run_test(const Rules& rules,
                                                             const TestCase& test,
                                                             const Options& options,
                                                             std::string* trace) {
  auto asked = options;
  asked.reasons = false;
  asked.trace = trace != nullptr;
  auto report = evaluate(rules, test.input, asked);
  if (!report) return std::unexpected(std::move(report.error()));
  if (trace) *trace = report->trace;
  std::vector<TestVerdict> out;
  for (const auto& rule : report->rules) {
    auto known = std::ranges::find(out, rule.name, &TestVerdict::rule);
    if (known == out.end()) {
      out.push_back({.rule = rule.name});
      known = out.end() - 1;
    }
    known->statuses.push_back(rule.status);
  }
  for (auto& verdict : out) {
    auto expectation = test.expectations.find(verdict.rule);
    if (expectation == test.expectations.end()) continue;
    verdict.expected = status_named(expectation->second);
    if (!verdict.expected) {
      return std::unexpected(
          Diagnostic{test.input.name(),
                     {},
                     fmt::format("{} is no status of a rule", expectation->second),
                     "expect PASS, FAIL or SKIP"});
    }
  }
  return out;
}

}  // namespace aright::guard
