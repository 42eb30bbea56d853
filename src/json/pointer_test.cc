#include <gtest/gtest.h>

#include "json/diff.h"

namespace aright::json {

namespace {

Value sample() {
  return parse(R"({"a": {"b/c": 1, "m~n": 2}, "list": [10, {"x": 20}], "": 3})").value();
}

std::string after_set(std::string_view pointer, Value value) {
  auto root = sample();
  auto set = pointer_set(root, pointer, std::move(value));
  if (!set) return set.error().text();
  return print(root);
}

}  // namespace

TEST(PointerGet, FollowsMembersItemsAndEscapes) {
  auto root = sample();
  EXPECT_EQ(*pointer_get(root, ""), root);
  EXPECT_EQ(*pointer_get(root, "/a/b~1c"), 1);
  EXPECT_EQ(*pointer_get(root, "/a/m~0n"), 2);
  EXPECT_EQ(*pointer_get(root, "/list/1/x"), 20);
  EXPECT_EQ(*pointer_get(root, "/"), 3);
}

TEST(PointerGet, FindsNothingWhereNothingIs) {
  auto root = sample();
  for (const char* pointer :
       {"/b", "/list/2", "/list/-", "/list/01", "/list/x", "/a/b~1c/d", "a", "/~2"}) {
    EXPECT_EQ(pointer_get(root, pointer), nullptr) << pointer;
  }
}

TEST(PointerSet, CreatesObjectsOnTheWay) {
  Value root;
  ASSERT_TRUE(pointer_set(root, "/MetadataOptions/HttpTokens", "required"));
  EXPECT_EQ(print(root), R"({"MetadataOptions":{"HttpTokens":"required"}})");
}

TEST(PointerSet, ReplacesAndAppendsItems) {
  EXPECT_EQ(after_set("/list/0", 11), R"({"a":{"b/c":1,"m~n":2},"list":[11,{"x":20}],"":3})");
  EXPECT_EQ(after_set("/list/-", 30), R"({"a":{"b/c":1,"m~n":2},"list":[10,{"x":20},30],"":3})");
  EXPECT_EQ(after_set("/list/2/y", 5),
            R"({"a":{"b/c":1,"m~n":2},"list":[10,{"x":20},{"y":5}],"":3})");
  EXPECT_EQ(after_set("", 1), "1");
}

TEST(PointerSet, RefusesToGoThroughAScalarAndChangesNothing) {
  for (const char* pointer : {"/a/b~1c/d", "/list/5", "/list/x/y", "/list/0/z/q", "a", "/a~"}) {
    auto root = sample();
    auto set = pointer_set(root, pointer, 1);
    ASSERT_FALSE(set) << pointer;
    EXPECT_EQ(set.error().code, Errc::invalid);
    EXPECT_EQ(root, sample()) << pointer;
  }
}

TEST(PointerRemove, TakesAwayMembersAndItems) {
  auto root = sample();
  ASSERT_TRUE(pointer_remove(root, "/list/0"));
  ASSERT_TRUE(pointer_remove(root, "/a/b~1c"));
  ASSERT_TRUE(pointer_remove(root, "/"));
  EXPECT_EQ(print(root), R"({"a":{"m~n":2},"list":[{"x":20}]})");
  ASSERT_TRUE(pointer_remove(root, ""));
  EXPECT_TRUE(root.is_null());
}

TEST(PointerRemove, OfWhatIsAbsentSucceeds) {
  auto root = sample();
  for (const char* pointer : {"/b", "/b/c/d", "/list/7", "/list/x", "/a/b~1c/d"}) {
    EXPECT_TRUE(pointer_remove(root, pointer)) << pointer;
  }
  EXPECT_EQ(root, sample());
  EXPECT_FALSE(pointer_remove(root, "no-slash"));
}

TEST(PointerEscape, MakesOneTokenOfAnyKey) {
  EXPECT_EQ(pointer_escape("a/b~c"), "a~1b~0c");
  Value root;
  ASSERT_TRUE(pointer_set(root, '/' + pointer_escape("~1/"), true));
  EXPECT_EQ(print(root), R"({"~1/":true})");
}

}  // namespace aright::json
