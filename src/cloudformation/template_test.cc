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

std::string told_of(const char* template_text) {
  auto whole = parse_template(template_text);
  auto checked = whole ? check_template(*whole) : Result<>(fail(whole.error()));
  return checked ? "" : checked.error().message;
}

TEST(ATemplate, IsRefusedForWhatItNamesAndDoesNotHave) {
  EXPECT_EQ(told_of(text), "");
  EXPECT_EQ(told_of("{Conditions: {A: !Equals [!Ref B, x]}, Resources: {B: {Type: 'AWS::SNS::Topic'}}}"),
            "Template error: Unresolved dependencies [B]. Cannot reference resources in the Conditions block of the "
            "template");
  EXPECT_EQ(told_of("{Conditions: {A: {Condition: B}, B: {Condition: A}}, Resources: {C: {Type: 'AWS::SNS::Topic'}}}"),
            "Template error: Found circular condition dependency between A and B");
  EXPECT_EQ(told_of("{Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {Name: !FindInMap [None, a, b]}}}}"),
            "Template error: Mapping named 'None' is not present in the 'Mappings' section of template.");
  EXPECT_EQ(told_of("{Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {Name: {'Fn::None': x}}}}}"),
            "Template error: unsupported function: Fn::None");
  EXPECT_EQ(told_of("{Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {Name: !Sub ['${!x}${B}', {B: c}]}}}}"), "");
}

TEST(ATemplate, HasNoSectionsAndMembersButThoseThatThereAre) {
  EXPECT_EQ(told_of("{Parameters: {P: {Default: a}}, Resources: {A: {Type: 'AWS::SNS::Topic'}}}"),
            "Template format error: Every Parameters object must contain a Type member.");
  EXPECT_EQ(told_of("{Parameters: {P: {Type: Text}}, Resources: {A: {Type: 'AWS::SNS::Topic'}}}"),
            "Template format error: Unrecognized parameter type: Text");
  EXPECT_EQ(told_of("{Resources: {A-b: {Type: 'AWS::SNS::Topic'}}}"),
            "Template format error: Resource name A-b is non alphanumeric.");
  EXPECT_EQ(told_of("{Resources: {A: {Type: 'AWS::SNS::Topic'}}, Outputs: {O: {Export: {Name: x}}}}"),
            "Template format error: Every Outputs member must contain a Value object");
}

TEST(AParameter, KeepsToItsPatternAndBounds) {
  auto fault = [](const char* declared, const char* said) {
    auto value = parameter_value("P", json::parse(declared).value(), said);
    return value ? std::string() : value.error().message;
  };
  EXPECT_EQ(fault(R"({"Type": "String", "AllowedPattern": "[a-z]+"})", "A"), "Parameter 'P' must match pattern [a-z]+");
  EXPECT_EQ(fault(R"({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "small letters"})", "A"),
            "Parameter P failed to satisfy constraint: small letters");
  EXPECT_EQ(fault(R"({"Type": "String", "MinLength": "3"})", "ab"), "Parameter 'P' must contain at least 3 characters");
  EXPECT_EQ(fault(R"({"Type": "Number"})", "many"), "Parameter 'P' must be a number");
  EXPECT_EQ(fault(R"({"Type": "Number", "MinValue": 3})", "2"), "Parameter 'P' must be a number not less than 3");
  EXPECT_EQ(fault(R"({"Type": "List<Number>"})", "1, 2"), "");
}

}  // namespace aright::cloudformation
