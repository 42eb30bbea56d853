#include "cloud/template.h"

#include <gmock/gmock.h>

#include "cloud/fake_cloud_test.h"

namespace aright::cloud {
namespace {

using testing::ElementsAre;
using testing::Pair;

json::Value lookup(std::string_view name) {
  if (name == "Bucket") return json::Value("logs");
  if (name == "Count") return json::Value(3);
  if (name == "QueueUrl") return json::Value("https://sqs.eu-west-1.amazonaws.com/1/jobs");
  return nullptr;
}

TEST(Template, FillsTexts) {
  EXPECT_EQ(fill_text("arn:aws:s3:::{Bucket}/x{Count}", lookup), "arn:aws:s3:::logs/x3");
  EXPECT_EQ(fill_text("{QueueUrl##*/}", lookup), "jobs");
  EXPECT_EQ(fill_text("plain", lookup), "plain");
}

TEST(Template, KeepsTheTypeOfALonePlaceholderAndLeavesOutWhatHasNoValue) {
  auto form = value(
      R"({"N":"{Count}","T":"{Count} items","Gone":"{Nobody}","L":["{Bucket}","{Nobody}"],"B":true})");
  EXPECT_EQ(fill(form, lookup), value(R"({"N":3,"T":"3 items","L":["logs"],"B":true})"));
}

TEST(Template, MatchesBackwards) {
  auto found =
      match_text("arn:{partition}:sqs:{region}:{account}:{name}", "arn:aws:sqs:eu-west-1:1:a:b");
  ASSERT_TRUE(found);
  EXPECT_THAT(*found, ElementsAre(Pair("account", "1"), Pair("name", "a:b"),
                                  Pair("partition", "aws"), Pair("region", "eu-west-1")));
  EXPECT_FALSE(match_text("arn:{partition}:s3:::{Bucket}", "arn:aws:sqs:x"));
  EXPECT_FALSE(match_text("a{x}b", "ac"));
  EXPECT_TRUE(match_text("fixed", "fixed"));
  EXPECT_FALSE(match_text("fixed", "fixed more"));
}

TEST(Template, NamesItsPlaceholders) {
  EXPECT_THAT(placeholders(value(R"({"a":"{X}-{Y##*/}","b":["{Z}"]})")),
              ElementsAre("X", "Y", "Z"));
}

TEST(Template, RefusesBracesThatDoNotPair) {
  EXPECT_FALSE(check_template(value(R"(["fine", {"x": "{open"}])")));
  EXPECT_FALSE(check_template(json::Value("}{")));
  EXPECT_TRUE(check_template(json::Value("{a}{b}")));
}

}  // namespace
}  // namespace aright::cloud
