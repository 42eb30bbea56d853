#include "aws/role_session.h"

#include <gtest/gtest.h>

namespace aright::aws {
namespace {

TEST(RoleArns, AreReadWithTheirPath) {
  auto arn = read_role_arn("arn:aws-cn:iam::111122223333:role/teams/blue/Fix");
  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->partition, "aws-cn");
  EXPECT_EQ(arn->account, "111122223333");
  EXPECT_EQ(arn->path_and_name, "teams/blue/Fix");
}

TEST(RoleArns, AreRefusedWhenTheyAreNone) {
  for (const char* text :
       {"", "Fix", "arn:aws:iam::111122223333:user/ana", "arn:aws:iam::1111:role/Fix",
        "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:role/Fix/",
        "arn:aws:sts::111122223333:assumed-role/Fix/x",
        "arn:aws:iam:us-east-1:111122223333:role/Fix", "arn:aws:iam::111122223333:role/a b"})
    EXPECT_FALSE(read_role_arn(text)) << text;
}

TEST(RoleSessions, NameARoleOrNone) {
  auto cut = session_of({.role = "arn:aws:iam::111122223333:role/teams/Fix", .name = "aright-1"});
  EXPECT_EQ(role_session(cut).role, "arn:aws:iam::111122223333:role/teams/Fix");
  EXPECT_EQ(role_session(cut).name, "aright-1");
  EXPECT_EQ(role_session({.name = "aright-1", .policy = "{}"}).role, "");
  EXPECT_EQ(role_session({.name = "aright-1", .policy = "{}"}).name, "aright-1");
}

}  // namespace
}  // namespace aright::aws
