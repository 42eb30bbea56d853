#include "cloud/path.h"

#include <gmock/gmock.h>

#include "cloud/fake_cloud_test.h"

namespace aright::cloud {
namespace {

Path path(std::string_view text) {
  return *Path::parse(text);
}

TEST(Path, ReadsMembersAndTheFirstItemOfLists) {
  auto root = value(R"({"Rules":[{"Id":"a"},{"Id":"b"}],"Owner":{"ID":"o"}})");
  EXPECT_EQ(path("Owner.ID").get(root), value(R"("o")"));
  EXPECT_EQ(path("Rules[].Id").get(root), value(R"("a")"));
  EXPECT_EQ(path("").get(root), root);
  EXPECT_TRUE(path("Rules[].Name").get(root).is_null());
}

TEST(Path, SelectsEveryValueWithoutNulls) {
  auto root = value(R"({"R":[{"I":[{"Id":1},{"Id":2}]},{},{"I":[{"Id":3},{"X":4}]}]})");
  std::string found;
  for (const auto* each : path("R[].I[].Id").select(root))
    found += json::scalar_text(*each);
  EXPECT_EQ(found, "123");
}

TEST(Path, MakesWhatIsMissingOnTheWay) {
  json::Value root;
  path("Delete.Objects[].Key").set(root, value(R"("k")"));
  path("Bucket").set(root, value(R"("b")"));
  EXPECT_EQ(root, value(R"({"Delete":{"Objects":[{"Key":"k"}]},"Bucket":"b"})"));
}

TEST(Path, TakesAWholeListWhereItsLastStepIsOne) {
  json::Value root;
  path("Tags[]").set(root, value(R"([{"Key":"a"},{"Key":"b"}])"));
  path("Names[]").set(root, value(R"("one")"));
  EXPECT_EQ(root, value(R"({"Tags":[{"Key":"a"},{"Key":"b"}],"Names":["one"]})"));
}

TEST(Path, ErasesWhatItsLastStepNames) {
  auto root = value(R"({"A":{"B":1,"C":2}})");
  path("A.B").erase(root);
  path("X.Y").erase(root);
  EXPECT_EQ(root, value(R"({"A":{"C":2}})"));
}

TEST(Path, PrintsAsItWasWritten) {
  for (auto text : {"", "A", "A.B", "A[].B", "A.B[]"})
    EXPECT_EQ(path(text).str(), text);
}

TEST(Path, RefusesWhatIsNone) {
  for (auto text : {".", "A.", ".A", "A..B", "A[0]", "A{b}", "[]", "A B"})
    EXPECT_FALSE(Path::parse(text)) << text;
}

}  // namespace
}  // namespace aright::cloud
