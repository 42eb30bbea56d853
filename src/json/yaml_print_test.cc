#include <gtest/gtest.h>

#include <array>
#include <random>

#include "json/yaml.h"

namespace aright::json {

namespace {

std::string printed(std::string_view json) {
  return print_yaml(parse(json).value());
}

// Strings chosen to trip a careless printer: whole tokens, joined at random.
std::string random_text(std::mt19937& random) {
  static constexpr std::array<std::string_view, 44> pieces = {
      "a",  "word", " ",  "  ",   "\n",   "\n\n",   "\t",     "\r",     ":",      ": ",   "#",
      " #", "-",    "- ", "---",  "?",    "!",      "&",      "*",      "{",      "}",    "[",
      "]",  ",",    "|",  ">",    "'",    "\"",     "\\",     "%",      "@",      "`",    "0",
      "12", "1e5",  ".",  "true", "null", "\u00e9", "\u2028", "\ufeff", "\u0085", "\x01", "😀"};
  std::string text;
  for (auto i = random() % 6; i > 0; --i)
    text += pieces[random() % pieces.size()];
  return text;
}

Value random_value(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 9 : 7)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - (1ll << 31);
    case 3:
      return static_cast<double>(random()) / 1000 - 1e6;
    case 7: {
      Array array;
      for (auto i = random() % 4; i > 0; --i)
        array.push_back(random_value(random, depth - 1));
      return array;
    }
    case 8: {
      Object object;
      for (auto i = random() % 4; i > 0; --i)
        object[random_text(random)] = random_value(random, depth - 1);
      return object;
    }
    default:
      return Value(random_text(random));
  }
}

}  // namespace

TEST(PrintYaml, WritesBlockStyle) {
  EXPECT_EQ(
      printed(
          R"({"name": "fix", "steps": [{"a": 1, "b": []}, "x", [1, [2]]], "none": {}, "n": null})"),
      "name: fix\n"
      "steps:\n"
      "  - a: 1\n"
      "    b: []\n"
      "  - x\n"
      "  - - 1\n"
      "    - - 2\n"
      "none: {}\n"
      "\"n\": null\n");
}

TEST(PrintYaml, QuotesWhatOtherwiseWouldNotBeText) {
  EXPECT_EQ(
      printed(
          R"(["0.3", "true", "", "yes", "2012-10-17", "a: b", "a #b", "-x", "~", "10.0.0.0/8", " x"])"),
      "- \"0.3\"\n- \"true\"\n- \"\"\n- \"yes\"\n- \"2012-10-17\"\n- \"a: b\"\n- \"a #b\"\n"
      "- \"-x\"\n- \"~\"\n- \"10.0.0.0/8\"\n- \" x\"\n");
}

TEST(PrintYaml, LeavesOrdinaryTextUnquoted) {
  EXPECT_EQ(
      printed(R"(["aws:executeAwsApi", "$.Payload.id", "a b, c", "arn:aws:s3:::b/*", "größe"])"),
      "- aws:executeAwsApi\n- $.Payload.id\n- a b, c\n- arn:aws:s3:::b/*\n- größe\n");
}

TEST(PrintYaml, WritesLinesAsLiteralBlocks) {
  EXPECT_EQ(printed(R"({"a": "x\n  y\n", "b": ["p\n\nq"], "c": "z\n\n"})"),
            "a: |\n  x\n    y\nb:\n  - |-\n    p\n\n    q\nc: |+\n  z\n\n");
}

TEST(PrintYaml, WritesBareScalars) {
  EXPECT_EQ(printed("1.0"), "1.0\n");
  EXPECT_EQ(printed("\"x\""), "x\n");
  EXPECT_EQ(printed("[]"), "[]\n");
}

TEST(PrintYaml, MarksKeysThatAreTooLongForOneLine) {
  Value value = Object{{"a", Object{{std::string(2'000, 'k'), Array{1, 2}}}}};
  auto read = parse_yaml(print_yaml(value));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->value, value);
}

TEST(PrintYaml, IsReadBackAsTheSameValue) {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    auto value = random_value(random, 4);
    auto yaml = print_yaml(value);
    auto read = parse_yaml(yaml, {.locations = false});
    ASSERT_TRUE(read) << read.error().message << "\n" << print(value) << "\n" << yaml;
    ASSERT_EQ(print(read->value), print(value)) << yaml;
  }
}

}  // namespace aright::json
