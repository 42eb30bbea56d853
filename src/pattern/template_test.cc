#include "pattern/template.h"

#include <gtest/gtest.h>

namespace aright::pattern {

namespace {

const json::Object event = json::parse(R"({"id": "e-1", "source": "aws.guardduty", "detail": {"type": "Trojan", "n": 7,
    "tags": ["a", "b"], "title": "say \"hi\""}})")
                               ->get_object();
const TransformContext context{"aright:rule/r", "r", "2024-05-01T10:00:00Z"};

std::string transformed(const char* target) {
  auto text = transform(json::parse(target).value(), event, context);
  return text ? *text : "error: " + text.error().message;
}

}  // namespace

TEST(Template, WithoutInputTheEventGoesAsItIs) { EXPECT_EQ(transformed("{}"), json::print(event)); }

TEST(Template, ConstantInputIsTakenAsItStands) {
  EXPECT_EQ(transformed(R"({"Input": "{\"a\": 1}"})"), "{\"a\": 1}");
}

TEST(Template, InputPathTakesAPart) {
  EXPECT_EQ(transformed(R"({"InputPath": "$.detail.tags"})"), R"(["a","b"])");
  EXPECT_TRUE(transformed(R"({"InputPath": "$.nothing"})").starts_with("error: "));
}

TEST(Template, UnquotedNamesBecomeJsonValues) {
  EXPECT_EQ(transformed(
                R"({"InputTransformer": {"InputPathsMap": {"t": "$.detail.type", "n": "$.detail.n",
      "l": "$.detail.tags"}, "InputTemplate": "{\"type\": <t>, \"n\": <n>, \"list\": <l>, \"rule\": <aws.events.rule-name>}"}})"),
            R"({"type":"Trojan","n":7,"list":["a","b"],"rule":"r"})");
}

TEST(Template, QuotedNamesBecomeText) {
  EXPECT_EQ(transformed(R"({"InputTransformer": {"InputPathsMap": {"t": "$.detail.type", "n": "$.detail.n"},
      "InputTemplate": "\"<t> times <n>\""}})"),
            R"("Trojan times 7")");
}

TEST(Template, AnEventCannotWriteTheTargetsJson) {
  EXPECT_EQ(transformed(R"({"InputTransformer": {"InputPathsMap": {"t": "$.detail.title"},
      "InputTemplate": "{\"title\": \"<t>\"}"}})"),
            R"({"title":"say \"hi\""})");
}

TEST(Template, PlainTextStaysPlain) {
  EXPECT_EQ(transformed(R"({"InputTransformer": {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": "n is <n> <b>"}})"),
            "n is 7 <b>");
}

TEST(Template, NamesThatFindNothingAreNothing) {
  EXPECT_EQ(transformed(R"({"InputTransformer": {"InputPathsMap": {"x": "$.nope"}, "InputTemplate": "\"a<x>b\""}})"),
            R"("ab")");
  EXPECT_TRUE(transformed(R"({"InputTransformer": {"InputPathsMap": {"x": "$.nope"}, "InputTemplate": "{\"a\": <x>}"}})")
                  .starts_with("error: the InputTemplate gives no JSON"));
}

TEST(Template, ReservedNamesAreRefused) {
  EXPECT_EQ(transformed(R"({"InputTransformer": {"InputPathsMap": {"aws.x": "$.id"}, "InputTemplate": "x"}})"),
            "error: the name aws.x is reserved");
}

TEST(Template, OnlyOneFormOfInput) {
  EXPECT_TRUE(transformed(R"({"Input": "1", "InputPath": "$"})").starts_with("error: a target has one of"));
}

}  // namespace aright::pattern
