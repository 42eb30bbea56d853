#include "json/value.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace aright::json {

TEST(Parse, SaysWhereTheFaultIs) {
  auto broken = parse("{\n  \"a\": nope\n}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Errc::invalid);
  EXPECT_TRUE(broken.error().message.starts_with("line 2, column 8:")) << broken.error().message;
}

TEST(Parse, RefusesTrailingTextAndHalfDocuments) {
  EXPECT_FALSE(parse("{} {}"));
  EXPECT_FALSE(parse("{\"a\": 1"));
  EXPECT_FALSE(parse(""));
  EXPECT_TRUE(parse(" {} \r\n\t"));
}

TEST(Parse, BoundsTheDepth) {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse(nested(depth_max)));
  EXPECT_FALSE(parse(nested(depth_max + 1)));
}

TEST(Parse, RefusesTextThatIsNotUtf8) {
  EXPECT_FALSE(parse("\"\xff\""));
}

TEST(Parse, ReadsEveryDoubleExactly) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const double number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    auto read = parse(print(number));
    ASSERT_TRUE(read && read->is_double()) << print(number);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(read->get_double()),
              std::bit_cast<std::uint64_t>(number))
        << print(number);
  }
}

TEST(Print, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(print(parse("[0.3, 100, 1.50, -2]").value()), "[0.3,100,1.5,-2]");
}

TEST(Print, KeepsDoublesApartFromIntegers) {
  for (const char* number : {"1.0", "-0.0", "1e+21", "1", "18446744073709551615", "-5"}) {
    auto value = parse(number).value();
    EXPECT_EQ(print(value), number);
    EXPECT_EQ(parse(print(value)).value().kind(), value.kind()) << number;
  }
}

TEST(Print, EscapesOnlyWhatItMust) {
  EXPECT_EQ(print(parse(R"("\u0001\n\/\"\u00e9\ud83d\ude00")").value()), "\"\\u0001\\n/\\\"é😀\"");
}

TEST(Print, PrettyPutsOneMemberOnALine) {
  auto value = parse(R"({"a": [1, {"b": {}}], "c": []})").value();
  EXPECT_EQ(print_pretty(value),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": {}\n    }\n  ],\n  \"c\": []\n}");
}

TEST(At, WalksAndForgivesWhatIsAbsent) {
  auto value = parse(R"({"a": {"b": "deep"}})").value();
  EXPECT_EQ(text(at(value, {"a", "b"})), "deep");
  EXPECT_TRUE(at(value, {"a", "x", "y"}).is_null());
  EXPECT_TRUE(at(Value("scalar"), "a").is_null());
}

TEST(Text, FallsBackUnlessItIsAString) {
  auto value = parse(R"({"name": "logs", "count": 3})").value();
  EXPECT_EQ(text(value, "name", "?"), "logs");
  EXPECT_EQ(text(value, "count", "?"), "?");
  EXPECT_EQ(text(value.get_object(), "absent", "?"), "?");
}

TEST(ScalarText, PrintsAnyScalarBare) {
  EXPECT_EQ(scalar_text("a\nb"), "a\nb");
  EXPECT_EQ(scalar_text(nullptr), "");
  EXPECT_EQ(scalar_text(true), "true");
  EXPECT_EQ(scalar_text(0.3), "0.3");
  EXPECT_EQ(scalar_text(Array{1, "x"}), "[1,\"x\"]");
}

TEST(Truth, ReadsTheSpellingsOfAws) {
  EXPECT_TRUE(truth(true));
  EXPECT_TRUE(truth("true"));
  EXPECT_TRUE(truth("True"));
  EXPECT_FALSE(truth("False", true));
  EXPECT_FALSE(truth("yes"));
  EXPECT_TRUE(truth(nullptr, true));
}

TEST(Integer, ReadsNumbersAndDigitsAndNothingElse) {
  EXPECT_EQ(integer(42), 42);
  EXPECT_EQ(integer("-42"), -42);
  EXPECT_EQ(integer(4.9), 4);
  EXPECT_EQ(integer("4x", 7), 7);
  EXPECT_EQ(integer("", 7), 7);
  EXPECT_EQ(integer(1e300, 7), 7);
  EXPECT_EQ(integer(Value(18446744073709551615u), 7), 7);
}

TEST(Items, AreEmptyForAnythingButAnArray) {
  EXPECT_TRUE(items("text").empty());
  EXPECT_TRUE(members(Array{1}).empty());
  EXPECT_EQ(texts(parse(R"(["a", 1, "b"])").value()), (std::vector<std::string>{"a", "b"}));
}

TEST(Equal, ComparesAsJsonDoes) {
  auto same = [](const char* left, const char* right) {
    return equal(parse(left).value(), parse(right).value());
  };
  EXPECT_TRUE(same("1", "1.0"));
  EXPECT_TRUE(same("0", "-0.0"));
  EXPECT_TRUE(same(R"({"a": 1, "b": [2]})", R"({"b": [2.0], "a": 1})"));
  EXPECT_FALSE(same("1", "\"1\""));
  EXPECT_FALSE(same("1", "true"));
  EXPECT_FALSE(same("[1, 2]", "[2, 1]"));
  EXPECT_FALSE(same("{}", "[]"));
  EXPECT_FALSE(same(R"({"a": null})", R"({"b": null})"));
  EXPECT_FALSE(same("9007199254740993", "9007199254740992"));
}

}  // namespace aright::json
