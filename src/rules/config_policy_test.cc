// What a custom policy sees of a resource.
#include "rules/config_policy.h"

#include <gtest/gtest.h>

namespace aright::rules {
namespace {

TEST(APolicysItem, HasWhatTheResourcesHistoryShows) {
  cloud::Snapshot group{.ref = {"111122223333", "us-east-1", "AWS::EC2::SecurityGroup", "sg-1"},
                        .properties = {{"GroupName", "web"}, {"GroupDescription", "of the web"}}};
  const auto configuration = json::at(configuration_item(group), "configuration");
  EXPECT_EQ(json::text(configuration, "groupName", ""), "web");
  EXPECT_EQ(json::text(configuration, "groupId", ""), "sg-1");
  EXPECT_EQ(json::text(configuration, "description", ""), "of the web") << "as EC2 calls it";
  EXPECT_EQ(json::text(configuration, "GroupDescription", ""), "of the web") << "and CloudFormation";
  cloud::Snapshot bucket{.ref = {"111122223333", "us-east-1", "AWS::S3::Bucket", "photos"}};
  EXPECT_EQ(json::text(json::at(configuration_item(bucket), "configuration"), "name", ""), "photos");
}

}  // namespace
}  // namespace aright::rules
