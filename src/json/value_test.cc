#include "json/value.h"

#include <gtest/gtest.h>

namespace aright::json {

TEST(Parse, SaysWhereTheFaultIs) {
  auto broken = parse("{\n  \"a\": nope\n}");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("line 2"), std::string::npos) << broken.error().message;
}

TEST(Parse, RefusesTrailingText) {
  EXPECT_FALSE(parse("{} {}"));
}

TEST(Parse, BoundsTheDepth) {
  EXPECT_FALSE(parse(std::string(depth_max + 1, '[') + std::string(depth_max + 1, ']')));
}

TEST(At, WalksAndForgivesWhatIsAbsent) {
  auto value = parse(R"({"a": {"b": "deep"}})").value();
  EXPECT_EQ(text(at(value, {"a", "b"})), "deep");
  EXPECT_TRUE(at(value, {"a", "x", "y"}).is_null());
}

}  // namespace aright::json
