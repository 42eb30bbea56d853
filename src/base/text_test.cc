#include "base/text.h"

#include <gtest/gtest.h>

namespace aright {

TEST(Text, SplitsKeepingEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(Text, MatchesGlobs) {
  EXPECT_TRUE(glob_match("s3:Get*", "s3:GetObject"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("a*b*c", "aXbXbc"));
  EXPECT_FALSE(glob_match("a?c", "ac"));
}

TEST(Text, PercentEncodingRoundTrips) {
  EXPECT_EQ(percent_encode("a b/ü"), "a%20b%2F%C3%BC");
  EXPECT_EQ(percent_decode(percent_encode("a b/ü%")), "a b/ü%");
  EXPECT_EQ(percent_decode("a+b%zz", true), "a b%zz");
}

}  // namespace aright
