// Rules and data in, verdicts out: the cases stand in testdata/, one for each thing that is known
// of Guard's own engine.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "guard/guard.h"
#include "json/yaml.h"

namespace aright::guard {

namespace {

using Statuses = std::map<std::string, std::vector<std::string>>;

Statuses expected_statuses(const json::Value& expect) {
  Statuses out;
  for (const auto& [rule, status] : json::members(expect))
    out[std::string(rule)] =
        status.is_array() ? json::texts(status) : std::vector{json::text(status)};
  return out;
}

Statuses statuses_of(const Report& report) {
  Statuses out;
  for (const auto& rule : report.rules)
    out[rule.name].emplace_back(name(rule.status));
  return out;
}

void expect_fault(const Diagnostic& fault, const json::Value& part) {
  EXPECT_NE(fault.text().find(json::text(part)), std::string::npos) << fault.text();
}

void judge(const json::Value& one) {
  SCOPED_TRACE(json::text(one, "at", ""));
  const auto& broken = json::at(one, "broken");
  const auto& stops = json::at(one, "stops");
  auto rules = parse_rules(json::text(one, "rules", ""), "r.guard");
  if (!broken.is_null()) {
    ASSERT_FALSE(rules);
    EXPECT_GT(rules.error().place.line, 0U);
    return expect_fault(rules.error(), broken);
  }
  ASSERT_TRUE(rules) << rules.error().text();
  auto document = read_document(json::text(one, "data", ""), "data.yaml");
  if (!document) {
    ASSERT_FALSE(stops.is_null()) << document.error().text();
    return expect_fault(document.error(), stops);
  }
  auto report = evaluate(*rules, *document);
  if (!stops.is_null()) {
    ASSERT_FALSE(report);
    EXPECT_GT(report.error().place.line, 0U) << report.error().text();
    return expect_fault(report.error(), stops);
  }
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(statuses_of(*report), expected_statuses(json::at(one, "expect")));
}

void judge_all(const std::string& file, std::size_t at_least) {
  auto text = read_file(ARIGHT_SOURCE_DIR "/src/guard/testdata/" + file);
  ASSERT_TRUE(text) << text.error().text();
  auto cases = json::parse_yaml(*text);
  ASSERT_TRUE(cases) << cases.error().text();
  EXPECT_GE(json::items(cases->value).size(), at_least);
  for (const auto& one : json::items(cases->value))
    judge(one);
}

}  // namespace

TEST(Cases, OperatorsAndFunctions) {
  judge_all("operators.yaml", 50);
}
TEST(Cases, PathsBlocksRulesVariablesAndSyntax) {
  judge_all("language.yaml", 75);
}
TEST(Cases, DataFiles) {
  judge_all("data.yaml", 20);
}

}  // namespace aright::guard
