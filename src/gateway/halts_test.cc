#include "gateway/halts.h"

#include <gtest/gtest.h>

namespace aright::gateway {
namespace {

const Scope all, one_account{.account = "1"}, buckets{.service = "s3", .control = "public"};

TEST(Halts, CoverWhatTheirScopesSay) {
  Halts halts;
  EXPECT_EQ(halts.covering("1", "eu", "s3", "public"), "");
  halts.stop(buckets);
  EXPECT_EQ(halts.covering("1", "eu", "s3", "public"), "control public, service s3");
  EXPECT_EQ(halts.covering("1", "eu", "s3", "other"), "");
  EXPECT_EQ(halts.covering("1", "eu", "ec2", "public"), "");
  halts.stop(one_account);
  EXPECT_EQ(halts.covering("1", "eu", "ec2", ""), "account 1");
  EXPECT_EQ(halts.covering("2", "eu", "ec2", ""), "");
  halts.stop(all);
  EXPECT_EQ(halts.covering("2", "eu", "ec2", ""), "everything");
}

TEST(Halts, EndOneByOneOrAllAtOnce) {
  Halts halts;
  for (const auto& scope : {all, one_account, buckets, all}) halts.stop(scope);
  EXPECT_EQ(halts.all().size(), 3u) << "the same twice is one";
  EXPECT_TRUE(halts.start(all));
  EXPECT_FALSE(halts.start(all));
  EXPECT_EQ(halts.covering("1", "", "", ""), "account 1");
  halts.start_all();
  EXPECT_TRUE(halts.all().empty());
}

TEST(AScope, IsReadAsItWasWritten) {
  for (const auto& scope : {all, one_account, buckets})
    EXPECT_EQ(scope_from_json(json::Value(to_json(scope))), scope);
}

TEST(AScope, ThatCouldCoverNothingIsRefused) {
  const auto& models = model::Models::embedded();
  for (auto service : {"s3", "S3", "AWS::S3"}) {
    auto scope = checked({.service = service}, models);
    ASSERT_TRUE(scope) << service;
    EXPECT_EQ(scope->service, "s3");
  }
  EXPECT_TRUE(checked({.account = "111122223333", .region = "eu-central-1"}, models));
  for (const auto& slip : {Scope{.service = "nosuch"}, Scope{.account = "12"}, Scope{.region = "narnia"}})
    EXPECT_FALSE(checked(slip, models)) << slip.text();
}

}  // namespace
}  // namespace aright::gateway
