#include "aws/fit.h"

#include <gtest/gtest.h>

namespace aright::aws {
namespace {

std::string fitted(const char* service, const char* operation, const char* input) {
  auto given = json::parse(input).value();
  return json::print(fit_input(model::Models::embedded(), service, operation, given.get_object()));
}

TEST(Fit, MakesAListOfOneItsItemWhereOneValueIsAskedFor) {
  EXPECT_EQ(fitted("ec2", "create_image", R"({"InstanceId":["i-1"],"Name":"x"})"), R"({"InstanceId":"i-1","Name":"x"})");
  EXPECT_EQ(fitted("s3", "PutBucketVersioning", R"({"VersioningConfiguration":{"Status":["Enabled"]}})"),
            R"({"VersioningConfiguration":{"Status":"Enabled"}})");
}

TEST(Fit, MakesOneValueAListWhereAListIsAskedFor) {
  EXPECT_EQ(fitted("ec2", "DescribeInstances", R"({"InstanceIds":"i-1","Filters":[{"Name":"a","Values":"b"}]})"),
            R"({"InstanceIds":["i-1"],"Filters":[{"Name":"a","Values":["b"]}]})");
}

TEST(Fit, KnowsAListByItsPlural) {
  EXPECT_EQ(fitted("ec2", "DescribeFlowLogs", R"({"Filters":[{"Name":"a","Values":["b"]}]})"),
            R"({"Filter":[{"Name":"a","Values":["b"]}]})");
}

TEST(Fit, LeavesWhatItCannotTellAsItIs) {
  for (const char* input : {R"({"InstanceId":["i-1","i-2"]})", R"({"InstanceId":[]})", R"({"Nothing":["i-1"]})"})
    EXPECT_EQ(fitted("ec2", "CreateImage", input), input);
  EXPECT_EQ(fitted("ec2", "NoSuch", R"({"A":["b"]})"), R"({"A":["b"]})");
  EXPECT_EQ(fitted("nosuch", "A", R"({"A":["b"]})"), R"({"A":["b"]})");
}

}  // namespace
}  // namespace aright::aws
