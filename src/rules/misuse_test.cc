#include "rules/misuse.h"

#include <gtest/gtest.h>

namespace aright::rules {
namespace {

std::string misuse(const char* identifier, const char* parameters) {
  json::Object source{{"Owner", "AWS"}, {"SourceIdentifier", identifier}};
  json::Object said{{"ConfigRuleName", "r"}, {"Source", std::move(source)}, {"InputParameters", parameters}};
  auto read = read_config_rule(said, "");
  return misuse_of(read.value(), Controls::embedded());
}

TEST(Misuse, IsAParameterThatIsNoNumberWhereOneIsMeant) {
  EXPECT_EQ(misuse("ACCESS_KEYS_ROTATED", R"({"maxAccessKeyAge": "banana"})"),
            "The parameter maxAccessKeyAge is no integer: banana.");
  EXPECT_EQ(misuse("ACCESS_KEYS_ROTATED", R"({"maxAccessKeyAge": "45"})"), "");
  EXPECT_EQ(misuse("ACCESS_KEYS_ROTATED", R"({"maxAccessKeyAge": ""})"), "") << "which leaves it as it usually is";
}

TEST(Misuse, IsAParameterThatTheRuleDoesNotHave) {
  EXPECT_NE(misuse("ACCESS_KEYS_ROTATED", R"({"colour": "red"})"), "");
}

TEST(Misuse, IsNotWhatNobodyJudgesByOrHeedsHere) {
  EXPECT_EQ(misuse("UNHEARD_OF", R"({"maxAccessKeyAge": "banana"})"), "");
  EXPECT_EQ(misuse("CLOUDWATCH_ALARM_ACTION_CHECK", R"({"action1": "arn:aws:sns:us-east-1:111122223333:t"})"), "");
}

}  // namespace
}  // namespace aright::rules
