// testdata/cases.jsonl: a pattern with events that it matches and events that it does not, or with the fault it is
// refused for. Both paths must say the same.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pattern/pattern.h"

namespace aright::pattern {

namespace {

void expect(const Pattern& pattern, const json::Value& event, bool wanted) {
  EXPECT_EQ(pattern.matches(event), wanted) << json::print(event);
  const auto matched = Matcher({{.id = "it", .pattern = pattern}}).match(json::print(event));
  ASSERT_TRUE(matched) << matched.error().message;
  EXPECT_EQ(matched->size(), wanted ? 1u : 0u) << json::print(event);
}

}  // namespace

TEST(Cases, EachPatternMatchesWhatItSays) {
  std::ifstream in(std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/pattern/testdata/cases.jsonl");
  std::size_t cases = 0;
  for (std::string line; std::getline(in, line); ++cases) {
    SCOPED_TRACE(line);
    const auto one = json::parse(line).value();
    const auto pattern = Pattern::parse(json::print(json::at(one, "pattern")));
    if (const auto fault = json::text(one, "fault", ""); !fault.empty()) {
      ASSERT_FALSE(pattern);
      EXPECT_EQ(pattern.error().message, fault);
      continue;
    }
    ASSERT_TRUE(pattern) << pattern.error().message;
    for (const auto& event : json::items(json::at(one, "yes"))) expect(*pattern, event, true);
    for (const auto& event : json::items(json::at(one, "no"))) expect(*pattern, event, false);
  }
  EXPECT_GT(cases, 50u);
}

}  // namespace aright::pattern
