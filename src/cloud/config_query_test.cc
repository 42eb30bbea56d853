// Queries over configuration items.

#include "cloud/config_query.h"

#include <gmock/gmock.h>

namespace aright::cloud {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<json::Value> items() {
  std::vector<json::Value> out;
  for (const char* text : {
           R"({"resourceType": "AWS::EC2::Instance", "resourceId": "i-1", "awsRegion": "us-east-1",
               "configuration": "{\"instanceType\":\"t3.micro\",\"cpu\":2,\"securityGroups\":[{\"groupId\":\"sg-1\"},{\"groupId\":\"sg-2\"}]}",
               "supplementaryConfiguration": {"Monitoring": "{\"state\":\"on\"}"}, "tags": {"team.name": "web", "env": "prod"}})",
           R"({"resourceType": "AWS::EC2::Instance", "resourceId": "i-2", "awsRegion": "us-east-1",
               "configuration": "{\"instanceType\":\"m5.large\",\"cpu\":10,\"securityGroups\":[{\"groupId\":\"sg-2\"}]}", "tags": {}})",
           R"({"resourceType": "AWS::S3::Bucket", "resourceId": "photos", "awsRegion": "us-east-1",
               "configuration": "{\"name\":\"photos\"}", "tags": {"env": "dev"}})"})
    out.push_back(queried(json::parse(text)->as_object()));
  return out;
}

std::vector<std::string> run(std::string_view expression) {
  auto query = ConfigQuery::parse(expression);
  if (!query) return {query.error().message};
  std::vector<std::string> out;
  for (const auto& row : query->run(items())) out.push_back(json::canonical(row));
  return out;
}
std::vector<std::string> chosen(const std::string& where) {
  auto query = ConfigQuery::parse("SELECT resourceId WHERE " + where);
  if (!query) return {query.error().message};
  std::vector<std::string> out;
  for (const auto& row : query->run(items())) out.push_back(json::text(row, "resourceId", ""));
  return out;
}

TEST(AQuery, ChoosesByConditions) {
  EXPECT_THAT(chosen("resourceType = 'AWS::EC2::Instance'"), ElementsAre("i-1", "i-2"));
  EXPECT_THAT(chosen("resourceType != 'AWS::EC2::Instance'"), ElementsAre("photos"));
  EXPECT_THAT(chosen("resourceType LIKE 'AWS::EC2%' AND NOT configuration.instanceType = 't3.micro'"),
              ElementsAre("i-2"));
  EXPECT_THAT(chosen("resourceId IN ('photos', 'i-1')"), ElementsAre("i-1", "photos"));
  EXPECT_THAT(chosen("resourceId NOT IN ('photos', 'i-1')"), ElementsAre("i-2"));
  EXPECT_THAT(chosen("configuration.cpu BETWEEN 3 AND 10 or resourceid_ = 'x'"), ElementsAre("i-2")) << "as numbers";
  EXPECT_THAT(chosen("configuration.cpu > 9 OR (configuration.name LIKE 'ph_tos' AND awsRegion = \"us-east-1\")"),
              ElementsAre("i-2", "photos"));
}

TEST(AQuery, SeesEveryElementOfAList) {
  EXPECT_THAT(chosen("configuration.securityGroups.groupId = 'sg-1'"), ElementsAre("i-1"));
  EXPECT_THAT(chosen("tags.tag = 'env=prod'"), ElementsAre("i-1"));
  EXPECT_THAT(chosen("tags.key = 'env' AND tags.value LIKE '%e%'"), ElementsAre("i-1", "photos"));
  EXPECT_THAT(chosen("supplementaryConfiguration.Monitoring.state = 'on'"), ElementsAre("i-1"));
}

TEST(AQuery, ShowsWhatItSelects) {
  EXPECT_THAT(run("SELECT resourceId, configuration.instanceType, configuration.securityGroups.groupId "
                  "WHERE resourceId = 'i-1'"),
              ElementsAre(R"({"configuration":{"instanceType":"t3.micro","securityGroups":[{"groupId":"sg-1"},)"
                          R"({"groupId":"sg-2"}]},"resourceId":"i-1"})"));
  EXPECT_THAT(run("select resourceId where resourceType like 'AWS::EC2::%' order by configuration.cpu desc limit 1"),
              ElementsAre(R"({"resourceId":"i-2"})"));
}

TEST(AQuery, CountsByGroup) {
  EXPECT_THAT(run("SELECT COUNT(*)"), ElementsAre(R"~({"COUNT(*)":3})~"));
  EXPECT_THAT(run("SELECT COUNT(*) WHERE resourceId = 'none'"), ElementsAre(R"~({"COUNT(*)":0})~"));
  EXPECT_THAT(run("SELECT resourceType, COUNT(*), MAX(configuration.cpu) GROUP BY resourceType ORDER BY COUNT(*) DESC"),
              ElementsAre(R"~({"COUNT(*)":2,"MAX(configuration.cpu)":10,"resourceType":"AWS::EC2::Instance"})~",
                          R"~({"COUNT(*)":1,"MAX(configuration.cpu)":null,"resourceType":"AWS::S3::Bucket"})~"));
  EXPECT_THAT(ConfigQuery::parse("SELECT resourceType, COUNT(*) GROUP BY resourceType")->fields(),
              ElementsAre("resourceType", "COUNT(*)"));
}

struct Wrong {
  const char* expression;
  const char* says;
};
class AQueryThatIsNone : public ::testing::TestWithParam<Wrong> {};
TEST_P(AQueryThatIsNone, SaysWhereAndWhy) {
  auto query = ConfigQuery::parse(GetParam().expression);
  ASSERT_FALSE(query) << GetParam().expression;
  EXPECT_EQ(query.error().wire_code, "InvalidExpressionException");
  EXPECT_THAT(query.error().message, HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    Each, AQueryThatIsNone,
    ::testing::Values(Wrong{"", "character 1: it ends where SELECT"},
                      Wrong{"SELECT", "character 7: it ends where a property"},
                      Wrong{"SELECT a FROM b", "character 10: 'FROM' stands where"},
                      Wrong{"SELECT a WHERE b = ", "character 20: it ends where a text in quotes"},
                      Wrong{"SELECT a WHERE b = 'x", "character 20: this text has no end"},
                      Wrong{"SELECT a WHERE b = 0x10", "character 20: '0x10' stands where a number in decimal"},
                      Wrong{"SELECT a WHERE b ~ 'x'", "character 18: '~' does not belong"},
                      Wrong{"SELECT a WHERE (b = 1", "character 22: it ends where ')'"},
                      Wrong{"SELECT a WHERE b NOT = 1", "character 22: '=' stands where IN, LIKE or BETWEEN"},
                      Wrong{"SELECT a, COUNT(*) GROUP BY b", "a is neither counted nor in GROUP BY"},
                      Wrong{"SELECT a LIMIT x", "character 16: 'x' stands where a whole number"},
                      Wrong{"SELECT a WHERE b IS NULL", "character 18: 'IS' stands where"}));

}  // namespace
}  // namespace aright::cloud
