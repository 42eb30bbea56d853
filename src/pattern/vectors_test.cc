// What the reference engine answered, for every case of its own test suite. The recordings are not
// part of the project; where they do not lie beside the checkout these tests are skipped.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "pattern/pattern.h"

namespace aright::pattern {

namespace {

std::vector<json::Value> vectors(const char* file) {
  std::vector<json::Value> out;
  std::ifstream in(std::filesystem::path(ARIGHT_SOURCE_DIR) / "../shared/testdata/event-patterns" /
                   file);
  for (std::string line; std::getline(in, line);)
    out.push_back(json::parse(line).value());
  return out;
}

// {"foo": {"bar": ["ab"]}} and {"foo.bar": ["ab"]} are one pattern to the reference engine, which deletes either by the
// other.
void flatten(const json::Value& pattern, const std::string& path, json::Object& out) {
  if (!pattern.is_object()) {
    out[path] = pattern;
    return;
  }
  for (const auto& [key, member] : pattern.get_object())
    flatten(member, path.empty() ? std::string(key) : path + "." + std::string(key), out);
}

// What is left of a rule after some of its values were deleted, as the reference engine does it; null when a field has
// none left.
json::Value without(const std::string& rule_text, const std::string& deleted_text) {
  json::Object rule, deleted;
  flatten(json::parse(rule_text).value(), "", rule);
  flatten(json::parse(deleted_text).value(), "", deleted);
  bool same_paths = rule.size() == deleted.size() &&
                    std::ranges::all_of(rule, [&](const auto& pair) { return deleted.contains(pair.key()); });
  if (!same_paths) return rule;
  for (auto& [path, values] : rule) {
    json::Array left;
    for (const auto& value : values.get_array())
      if (std::ranges::find(json::items(json::at(deleted, path)), value) == json::items(json::at(deleted, path)).end())
        left.push_back(value);
    if (left.empty()) return nullptr;
    values = std::move(left);
  }
  return rule;
}

// The reference answers these by the order of field names; we judge absence over the whole event (README.md).
bool differs_on_purpose(const json::Value& one) {
  auto test = json::text(one, "test", "");
  return test == "RulerTest.WHEN_JSONContainsArrays_THEN_RulerNoCompileMatchesWork" ||
         test == "ACMachineTest.testACWithExistFalseRule";
}

}  // namespace

TEST(Vectors, CompileWhatTheReferenceCompiles) {
  auto cases = vectors("vectors-compile.jsonl");
  if (cases.empty()) GTEST_SKIP() << "no recordings here";
  for (const auto& one : cases) {
    auto pattern = Pattern::parse(json::text(one, "rule", ""));
    EXPECT_EQ(pattern.has_value(), json::truth(json::at(one, "valid")))
        << json::print(one) << "\n"
        << (pattern ? "" : pattern.error().message);
  }
}

TEST(Vectors, MatchWhatTheReferenceMatches) {
  auto cases = vectors("vectors-match.jsonl");
  if (cases.empty()) GTEST_SKIP() << "no recordings here";
  for (const auto& one : cases) {
    if (differs_on_purpose(one)) continue;
    struct Added {
      std::string id, text;
      Pattern pattern;
    };
    std::vector<Added> added;
    for (const auto& op : json::items(json::at(one, "ops"))) {
      auto parts = json::texts(op);
      if (parts.at(0) == "del") {
        std::erase_if(added, [&](auto& rule) {
          if (rule.id != parts.at(1)) return false;
          auto left = without(rule.text, parts.at(2));
          if (left.is_null()) return true;
          rule.text = json::print(left);
          rule.pattern = Pattern::compile(left).value();
          return false;
        });
        continue;
      }
      auto pattern = Pattern::parse(parts.at(2));
      ASSERT_TRUE(pattern) << parts.at(2) << pattern.error().message;
      added.push_back({parts.at(1), parts.at(2), *pattern});
    }
    auto event = json::parse(json::text(one, "event", ""));
    ASSERT_TRUE(event) << json::print(one);
    std::vector<Matcher::Entry> entries;
    std::vector<std::string> singly;
    for (const auto& rule : added) {
      entries.push_back({.id = rule.id, .pattern = rule.pattern});
      if (rule.pattern.matches(*event)) singly.push_back(rule.id);
    }
    std::ranges::sort(singly);
    singly.erase(std::unique(singly.begin(), singly.end()), singly.end());
    auto expected = json::texts(json::at(one, "expect"));
    std::ranges::sort(expected);
    EXPECT_EQ(singly, expected) << json::print(one);
    auto together = Matcher(std::move(entries)).match(json::text(one, "event", ""));
    ASSERT_TRUE(together) << json::print(one) << together.error().message;
    EXPECT_EQ(*together, expected) << json::print(one);
  }
}

}  // namespace aright::pattern
