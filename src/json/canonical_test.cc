#include <gtest/gtest.h>

#include <bit>

#include "json/value.h"
#include "json/write.h"

namespace aright::json {

// RFC 8785, section 3.2.2 and 3.2.3.
TEST(Canonical, GivesTheExampleOfTheRfc) {
  auto value = parse(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })");
  ASSERT_TRUE(value);
  EXPECT_EQ(canonical(*value), R"({"literals":[null,true,false],)"
                               R"("numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
                               R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
}

// RFC 8785, section 3.2.3: order by UTF-16 code units, where an emoji comes before U+FB33.
TEST(Canonical, SortsMembersByUtf16) {
  auto value = parse(R"({
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis"
  })");
  ASSERT_TRUE(value);
  auto sorted = parse(canonical(*value)).value();
  std::vector<std::string> order;
  for (const auto& member : sorted.get_object())
    order.push_back(text(member.value()));
  EXPECT_EQ(order, (std::vector<std::string>{
                       "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis",
                       "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"}));
}

TEST(Canonical, SortsAShorterKeyBeforeOneItBegins) {
  EXPECT_EQ(canonical(parse(R"({"ab": 1, "a": 2, "": 3})").value()), R"({"":3,"a":2,"ab":1})");
}

// RFC 8785, appendix B.
TEST(Canonical, WritesNumbersAsAppendixBDoes) {
  struct Sample {
    std::uint64_t bits;
    std::string_view text;
  };
  constexpr Sample samples[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : samples) {
    EXPECT_EQ(ecmascript_number(std::bit_cast<double>(bits)), text);
  }
}

TEST(Canonical, GivesEqualBytesToEqualNumbers) {
  EXPECT_EQ(canonical(1.0), canonical(1));
  EXPECT_EQ(canonical(-0.0), canonical(0));
}

TEST(Canonical, KeepsLargeIntegersApart) {
  EXPECT_NE(canonical(9'007'199'254'740'993), canonical(9'007'199'254'740'992));
}

TEST(Canonical, OfWhatItWroteIsTheSame) {
  auto value = parse(R"({"b": [1.50, {"y": "\u0007", "x": {}}], "a": [], "é": null})").value();
  auto once = canonical(value);
  EXPECT_EQ(canonical(parse(once).value()), once);
}

}  // namespace aright::json
