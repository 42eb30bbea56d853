#include "cloudformation/template.h"

#include <gtest/gtest.h>

#include "cloudformation/parameters.h"

namespace aright::cloudformation {

namespace {

constexpr const char* text = R"(
Parameters:
  Days: {Type: String, Default: ""}
  Kind: {Type: String, Default: small, AllowedValues: [small, large]}
  Ports: {Type: CommaDelimitedList, Default: "22, 3389"}
  Bucket: {Type: String, MinLength: 3}
Conditions:
  HasDays: !Not [!Equals ["", !Ref Days]]
  Large: !Equals [!Ref Kind, large]
  Both: !And [Condition: HasDays, Condition: Large]
  Either: !Or [Condition: HasDays, Condition: Large]
Resources:
  One: {Type: "AWS::S3::Bucket"}
)";

struct Filled {
  json::Value whole = parse_template(text).value();
  Given given;
  TemplateFunctions functions;

  explicit Filled(const std::map<std::string, std::string>& said = {{"Bucket", "logs"}})
      : given(parameter_values(whole, said).value()), functions(whole, given.values, nowhere()) {
    for (auto& [name, value] : pseudo_parameters({.account = "111122223333", .region = "eu-west-1"}))
      given.values[name] = std::move(value);
  }
  static TemplateFunctions::Stack nowhere() {
    auto none = [](const std::string& name) -> Result<json::Value> { return fail(Errc::invalid, "no {}", name); };
    return {.ref = none,
            .attribute = [none](const std::string& name, const std::string&) { return none(name); },
            .import = none};
  }
  std::string value(const char* form) {
    auto got = functions.value(json::parse(form).value());
    return got ? json::print(*got) : got.error().message;
  }
};

}  // namespace

TEST(Template, NoValueTakesTheMemberAway) {
  Filled filled;
  EXPECT_EQ(filled.value(R"({"a": {"Fn::If": ["HasDays", {"Ref": "Days"}, {"Ref": "AWS::NoValue"}]}, "b": 1})"),
            R"({"b":1})");
  Filled with_days({{"Bucket", "logs"}, {"Days", "90"}});
  EXPECT_EQ(with_days.value(R"({"a": {"Fn::If": ["HasDays", {"Ref": "Days"}, {"Ref": "AWS::NoValue"}]}})"),
            R"({"a":"90"})");
}

TEST(Template, ConditionsCombine) {
  Filled none, one({{"Bucket", "logs"}, {"Days", "1"}}), both({{"Bucket", "logs"}, {"Days", "1"}, {"Kind", "large"}});
  EXPECT_EQ(std::vector({*none.functions.condition("Either"), *one.functions.condition("Either"),
                         *one.functions.condition("Both"), *both.functions.condition("Both")}),
            std::vector({false, true, false, true}));
  EXPECT_FALSE(none.functions.condition("Unheard"));
}

TEST(Template, TextsAreJoinedAndFilled) {
  Filled filled;
  EXPECT_EQ(filled.value(R"({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${!kept}-${Bucket}"})"),
            R"("arn:aws:iam::111122223333:role/${kept}-logs")");
  EXPECT_EQ(filled.value(R"({"Fn::Join": [",", {"Ref": "Ports"}]})"), R"("22,3389")");
}

TEST(Parameters, AreCheckedAgainstTheirDeclaration) {
  auto whole = parse_template(text).value();
  EXPECT_EQ(parameter_values(whole, {}).value().missing, std::vector<std::string>{"Bucket"});
  EXPECT_FALSE(parameter_values(whole, {{"Bucket", "ab"}}));
  EXPECT_FALSE(parameter_values(whole, {{"Kind", "huge"}}));
  auto unknown = parameter_values(whole, {{"Unheard", "x"}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "Parameters: [Unheard] do not exist in the template");
}

}  // namespace aright::cloudformation
