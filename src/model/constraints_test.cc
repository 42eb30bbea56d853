// What services ask of an input beyond its shape.
#include "model/constraints.h"

#include <gmock/gmock.h>

namespace aright::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<Breach> asked(std::string_view operation, std::string_view input) {
  auto colon = operation.find(':');
  return breaches(operation.substr(0, colon), operation.substr(colon + 1), json::parse(input)->as_object());
}
std::string told(std::string_view operation, std::string_view input) {
  auto all = asked(operation, input);
  return all.empty() ? "" : sentence(all);
}

TEST(AnInput, KeepsToEnumerations) {
  EXPECT_THAT(told("ssm:UpdateOpsItem", R"({"OpsItemId": "oi-123456789012", "Status": "Nonsense"})"),
              StartsWith("1 validation error detected: Value 'Nonsense' at 'status' failed to satisfy constraint: "
                         "Member must satisfy enum value set: [Open, InProgress, Resolved"));
  EXPECT_EQ(told("ssm:UpdateOpsItem", R"({"OpsItemId": "oi-123456789012", "Status": "Resolved"})"), "");
}

TEST(AnInput, MayUseValuesThatAreNewerThanBotocore) {
  constexpr auto put = R"({{"Name": "r", "EventPattern": "{{}}", "State": "{}"}})";
  EXPECT_EQ(told("events:PutRule", fmt::format(put, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")), "");
  EXPECT_NE(told("events:PutRule", fmt::format(put, "ASLEEP")), "");
  EXPECT_EQ(told("lambda:UpdateFunctionConfiguration", R"({"FunctionName": "f", "Runtime": "python9"})"), "")
      << "the description knows them";
}

TEST(AnInput, KeepsToPatternsOfTheWholeText) {
  EXPECT_THAT(told("ssm:CreateDocument", R"({"Name": "has a space", "Content": "{}"})"),
              HasSubstr(R"(Value 'has a space' at 'name' failed to satisfy constraint: Member must satisfy regular )"
                        R"(expression pattern: ^[a-zA-Z0-9_\-.]{3,128}$)"));
  EXPECT_EQ(told("cloudformation:CreateChangeSet", R"({"StackName": "app", "ChangeSetName": "first"})"), "");
  EXPECT_THAT(told("cloudformation:CreateChangeSet", R"({"StackName": "app", "ChangeSetName": "1st"})"),
              HasSubstr("'changeSetName'"));
}

TEST(AnInput, KeepsToLengthsAndRanges) {
  EXPECT_THAT(told("events:PutEvents", R"({"Entries": []})"),
              HasSubstr("Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than "
                        "or equal to 1"));
  EXPECT_THAT(told("lambda:UpdateFunctionConfiguration", R"({"FunctionName": "f", "Timeout": 0})"),
              HasSubstr("Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or "
                        "equal to 1"));
  EXPECT_EQ(told("lambda:UpdateFunctionConfiguration", R"({"FunctionName": "f", "Description": "äöü"})"), "");
}

TEST(WhatIsWrong, IsToldWithItsPlaceAndAllAtOnce) {
  auto all = asked("ssm:DescribeOpsItems",
                   R"({"OpsItemFilters": [{"Key": "Status", "Values": ["Open"], "Operator": "Equal"},
                                          {"Key": "Colour", "Values": ["red"], "Operator": "Near"}]})");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].where, "opsItemFilters.2.member.key");
  EXPECT_EQ(all[1].where, "opsItemFilters.2.member.operator");
  EXPECT_THAT(sentence(all), StartsWith("2 validation errors detected: Value 'Colour' at "));
}

TEST(WhatIsWrong, OfAnItemIsSaidOfItsList) {
  EXPECT_THAT(told("ssm:ModifyDocumentPermission",
                   R"({"Name": "Runs", "PermissionType": "Share", "AccountIdsToAdd": ["111122223333", "me"]})"),
              StartsWith("1 validation error detected: Value '[111122223333, me]' at 'accountIdsToAdd' failed to "
                         "satisfy constraint: Member must satisfy constraint: [Member must satisfy regular"));
}

TEST(WhatIsWrong, HidesWhatTheModelCallsSensitive) {
  EXPECT_THAT(told("lambda:UpdateFunctionConfiguration",
                   R"({"FunctionName": "f", "Environment": {"Variables": {"1st": "secret"}}})"),
              HasSubstr("Value '***' at 'environment.variables'"));
}

TEST(WhatIsUnknown, AsksForNothing) {
  EXPECT_THAT(asked("nobody:Nothing", "{}"), IsEmpty());
  EXPECT_THAT(asked("ssm:Nothing", "{}"), IsEmpty());
}

TEST(EveryPattern, IsOneForUs) {
  EXPECT_THAT(constrained_services(), ::testing::IsSupersetOf({"config", "events", "guardduty", "ssm", "sts"}));
  for (const auto& service : constrained_services()) EXPECT_THAT(unread_patterns(service), IsEmpty()) << service;
}

}  // namespace
}  // namespace aright::model
