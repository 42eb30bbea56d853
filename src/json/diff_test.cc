#include "json/diff.h"

#include <gtest/gtest.h>

namespace aright::json {

namespace {

std::string changes(const char* before, const char* after) {
  return print(to_json(diff(parse(before).value(), parse(after).value())));
}

}  // namespace

TEST(Diff, OfEqualValuesIsEmpty) {
  EXPECT_EQ(changes(R"({"a": 1, "b": [1]})", R"({"b": [1.0], "a": 1.0})"), "[]");
}

TEST(Diff, NamesWhatWasAddedRemovedAndChanged) {
  EXPECT_EQ(changes(R"({"keep": 1, "old": 2, "tokens": "optional"})",
                    R"({"keep": 1, "tokens": "required", "new": null})"),
            R"([{"pointer":"/new","after":null},{"pointer":"/old","before":2},)"
            R"({"pointer":"/tokens","before":"optional","after":"required"}])");
}

TEST(Diff, DescendsIntoObjectsButNotIntoArrays) {
  EXPECT_EQ(changes(R"({"a": {"b/c": {"d": 1}}, "list": [1, 2]})",
                    R"({"a": {"b/c": {"d": 2}}, "list": [1, 3]})"),
            R"([{"pointer":"/a/b~1c/d","before":1,"after":2},)"
            R"({"pointer":"/list","before":[1,2],"after":[1,3]}])");
}

TEST(Diff, OfDifferentKindsIsOneChange) {
  EXPECT_EQ(changes("{}", "[]"), R"([{"pointer":"","before":{},"after":[]}])");
  EXPECT_EQ(changes(R"({"a": null})", R"({})"), R"([{"pointer":"/a","before":null}])");
}

}  // namespace aright::json
