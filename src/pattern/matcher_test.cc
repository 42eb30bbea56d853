// The matcher against the plain path: every pattern by itself, on a parsed event.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "pattern/arbitrary.h"
#include "pattern/pattern.h"
#include "pattern/rule_set.h"

namespace aright::pattern {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr std::uint64_t seeds = 2'500;
constexpr int patterns_each = 24, events_each = 12;

std::vector<Matcher::Entry> entries(std::initializer_list<std::pair<std::string, std::string>> rules) {
  std::vector<Matcher::Entry> out;
  for (const auto& [id, text] : rules)
    out.push_back({.id = id, .pattern = Pattern::parse(text).value()});
  return out;
}

std::vector<std::string> match(std::initializer_list<std::pair<std::string, std::string>> rules,
                               std::string_view event) {
  return Matcher(entries(rules)).match(event).value();
}

std::vector<Matcher::Entry> arbitrary_entries(Arbitrary& arbitrary) {
  std::vector<Matcher::Entry> out;
  for (int i = 0; i < patterns_each; ++i) {
    auto pattern = Pattern::parse(arbitrary.pattern());
    if (pattern) out.push_back({.id = std::to_string(arbitrary.below(patterns_each)), .pattern = *pattern});
  }
  return out;
}

std::vector<std::string> one_by_one(const std::vector<Matcher::Entry>& entries, const json::Value& event) {
  std::set<std::string> out;
  for (const auto& entry : entries)
    if (entry.pattern.matches(event)) out.insert(entry.id);
  return {out.begin(), out.end()};
}

}  // namespace

TEST(Matcher, AgreesWithThePlainPathOnWhateverThereIs) {
  Workspace workspace;
  std::size_t found = 0, asked = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Arbitrary arbitrary(seed);
    const auto rules = arbitrary_entries(arbitrary);
    const Matcher matcher(rules);
    for (int i = 0; i < events_each; ++i) {
      const auto event = arbitrary.event();
      const auto expected = one_by_one(rules, json::parse(event).value());
      std::vector<std::string> together;
      const auto found_rules = matcher.match(event, workspace).value();
      for (auto rule : found_rules)
        together.push_back(matcher.id(rule));
      ASSERT_EQ(together, expected) << "seed " << seed << ": " << event;
      found += expected.size();
      asked += matcher.ids();
    }
  }
  // Neither always nor never: the answers mean something.
  EXPECT_GT(found, asked / 20);
  EXPECT_LT(found, asked / 2);
}

TEST(Matcher, TakesWhatTheParserTakesAndNothingElse) {
  const Matcher matcher(entries({{"any", R"({"a":[{"exists":true}]})"}, {"deep", R"({"a":{"b":{"c":["x"]}}})"}}));
  Workspace workspace;
  std::size_t good = 0, bad = 0;
  for (std::uint64_t seed = 0; seed < seeds * 10; ++seed) {
    Arbitrary arbitrary(seed);
    const auto text = arbitrary.mutated(arbitrary.event(true));
    const auto parsed = json::parse(text);
    // JSON sets no limit to exponents, the parser does.
    if (!parsed && parsed.error().message.contains("exponent overflow")) continue;
    const bool is_event = parsed && parsed->is_object();
    const auto matched = matcher.match(text, workspace);
    ASSERT_EQ(matched.has_value(), is_event) << "seed " << seed << ": " << text;
    ++(is_event ? good : bad);
    const std::string padded = text + std::string(padding_bytes, '}');
    ASSERT_EQ(matcher.match_padded({padded.data(), text.size()}, workspace).has_value(), is_event)
        << "seed " << seed << ": " << text;
  }
  EXPECT_GT(good, seeds);
  EXPECT_GT(bad, seeds);
}

TEST(Matcher, PatternsOfAnyShapeAreReadOrRefused) {
  std::size_t good = 0, bad = 0;
  for (std::uint64_t seed = 0; seed < seeds * 5; ++seed) {
    Arbitrary arbitrary(seed);
    auto pattern = Pattern::parse(arbitrary.mutated(arbitrary.pattern()));
    ++(pattern ? good : bad);
    if (!pattern) {
      EXPECT_EQ(pattern.error().code, Errc::invalid);
    }
  }
  EXPECT_GT(good, seeds / 10);
  EXPECT_GT(bad, seeds);
}

TEST(Matcher, SaysWhereAnEventIsNoJson) {
  const Matcher matcher(entries({{"a", R"({"a":[1]})"}}));
  for (const auto& [text, place] :
       std::initializer_list<std::pair<std::string, std::string>>{{R"({"a":1,"unused":{"b":[tru]}})", "line 1"},
                                                                  {"{\"a\":1,\n\"unused\":01}", "line 2"},
                                                                  {R"({"a":1,"unused":"\x"})", "line 1"},
                                                                  {R"({"a":1,"unused":"\ud800"})", "line 1"},
                                                                  {"{\"a\":1,\"unused\":\"\xff\"}", "line 1"},
                                                                  {R"({"a":1}})", "line 1"},
                                                                  {R"({"a":1)", "line 1"},
                                                                  {"", "line 1"},
                                                                  {"[]", "an event is a JSON object"}}) {
    auto matched = matcher.match(text);
    ASSERT_FALSE(matched) << text;
    EXPECT_EQ(matched.error().code, Errc::invalid);
    EXPECT_THAT(matched.error().message, HasSubstr(place));
  }
}

TEST(Matcher, DepthHasALimit) {
  const Matcher matcher(entries({{"a", R"({"a":[{"exists":true}]})"}}));
  for (const bool named : {true, false}) {
    auto nested = [&](std::size_t depth) {
      return fmt::format(R"({{"{}":{}1{}}})", named ? "a" : "b", std::string(depth - 1, '['),
                         std::string(depth - 1, ']'));
    };
    EXPECT_TRUE(matcher.match(nested(json::depth_max)));
    EXPECT_FALSE(matcher.match(nested(json::depth_max + 1)));
    EXPECT_FALSE(matcher.match(nested(100'000)));
  }
}

TEST(Matcher, AllValuesOfAMemberNamedTwiceCount) {
  EXPECT_THAT(match({{"one", R"({"a":[1]})"}, {"two", R"({"a":[2]})"}, {"three", R"({"a":[3]})"}}, R"({"a":1,"a":2})"),
              ElementsAre("one", "two"));
  EXPECT_THAT(match({{"both", R"({"a":{"x":[1],"y":[2]}})"}}, R"({"a":{"x":1},"a":{"y":2}})"), ElementsAre("both"));
  EXPECT_THAT(match({{"both", R"({"a":{"x":[1],"y":[2]}})"}}, R"({"a":[{"x":1},{"y":2}]})"), IsEmpty());
  // Two arrays make two choices, which do not exclude each other.
  EXPECT_THAT(match({{"both", R"({"a":{"x":[1],"y":[2]}})"}}, R"({"a":[{"x":1}],"a":[{"y":2}]})"), ElementsAre("both"));
}

TEST(Matcher, NumbersThatNoDoubleHoldsAreKnownByTheirText) {
  const std::initializer_list<std::pair<std::string, std::string>> rules = {
      {"large", R"({"a":[12345678901234567]})"},
      {"positive", R"({"a":[{"numeric":[">",0]}]})"},
      {"other", R"({"a":[{"anything-but":5}]})"}};
  EXPECT_THAT(match(rules, R"({"a":12345678901234567})"), ElementsAre("large", "other"));
  EXPECT_THAT(match(rules, R"({"a":12345678901234568})"), ElementsAre("other", "positive"));
  EXPECT_THAT(match(rules, R"({"a":0.1234567890123456789})"), ElementsAre("other"));
  EXPECT_THAT(match(rules, R"({"a":1e400})"), ElementsAre("other"));
  EXPECT_THAT(match(rules, R"({"a":5.0e0})"), ElementsAre("positive"));
}

TEST(Matcher, ManyElementsAreAsConsistentAsFew) {
  std::string event = R"({"a":[)";
  for (int i = 0; i < 200; ++i)
    event += fmt::format(R"({{"x":{},"y":{}}},)", i, 2 * i);
  event += R"({"x":-1}]})";
  EXPECT_THAT(match({{"same", R"({"a":{"x":[150],"y":[300]}})"}, {"mixed", R"({"a":{"x":[150],"y":[302]}})"}}, event),
              ElementsAre("same"));
}

TEST(Matcher, KeysWithDotsLeadDownSeveralLevels) {
  const std::initializer_list<std::pair<std::string, std::string>> rules = {
      {"nested", R"({"a":{"b":{"c":[1]}}})"}, {"dotted", R"({"a.b.c":[1]})"}, {"empty", R"({"":{"a.b":{"c":[1]}}})"}};
  for (const auto* event : {R"({"a":{"b":{"c":1}}})", R"({"a.b":{"c":1}})", R"({"a":{"b.c":1}})", R"({"a.b.c":1})",
                            R"({"":{"a\u002eb":{"c":1}}})"})
    EXPECT_THAT(match(rules, event), ElementsAre("dotted", "empty", "nested")) << event;
  EXPECT_THAT(match(rules, R"({"a.b.c.":1,".a.b.c":1,"a..b.c":1})"), IsEmpty());
}

TEST(Matcher, ATextAsLongAsMemoryPagesIsReadToItsEnd) {
  for (std::size_t size : {1u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 32u, 33u, 4'095u, 70'000u}) {
    const std::string text(size, 'k');
    const auto rule = fmt::format(R"({{"{0}":["{0}"]}})", text.substr(0, 900));
    const auto event = fmt::format(R"({{"{0}":"{0}"}})", text);
    EXPECT_EQ(match({{"same", rule}}, event).size(), size <= 900 ? 1u : 0u) << size;
  }
}

TEST(RuleSet, ASnapshotStaysAsItWas) {
  RuleSet set;
  const auto empty = set.snapshot();
  set.put(entries({{"one", R"({"a":[1]})"}, {"one", R"({"a":[2]})"}, {"two", R"({"a":[1]})"}}));
  const auto before = set.snapshot();
  set.put(entries({{"one", R"({"a":[3]})"}}));
  set.remove({"two", "unheard"});
  EXPECT_THAT(empty->match(R"({"a":1})").value(), IsEmpty());
  EXPECT_THAT(before->match(R"({"a":1})").value(), ElementsAre("one", "two"));
  EXPECT_THAT(before->match(R"({"a":2})").value(), ElementsAre("one"));
  EXPECT_THAT(set.snapshot()->match(R"({"a":1})").value(), IsEmpty());
  EXPECT_THAT(set.snapshot()->match(R"({"a":3})").value(), ElementsAre("one"));
}

TEST(RuleSet, ChangesWhileOthersMatch) {
  RuleSet set;
  set.put(entries({{"always", R"({"a":[1]})"}}));
  std::jthread changer([&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      set.put(entries({{"sometimes", R"({"a":[{"numeric":[">",0]}]})"}}));
      set.remove({"sometimes"});
    }
  });
  Workspace workspace;
  for (int i = 0; i < 20'000; ++i) {
    const auto matcher = set.snapshot();
    const auto rules = matcher->match(R"({"a":1})", workspace).value();
    ASSERT_GE(rules.size(), 1u);
    ASSERT_EQ(matcher->id(rules[0]), "always");
  }
}

}  // namespace aright::pattern
