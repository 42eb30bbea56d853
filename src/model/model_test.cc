#include "model/model.h"

#include <gmock/gmock.h>

namespace aright::model {
namespace {

TEST(Model, NamesServicesAsBoto3Does) {
  const auto& models = Models::embedded();
  EXPECT_EQ(models.service("cloudwatch")->endpoint_prefix(), "monitoring");
  EXPECT_EQ(models.service("monitoring")->name(), "cloudwatch");
  EXPECT_EQ(models.service("configservice")->name(), "config");
  EXPECT_EQ(models.service("s3api")->name(), "s3");
  EXPECT_FALSE(models.service("frobnicate"));
}

TEST(Model, KnowsPutBucketAcl) {
  const auto op = *Models::embedded().service("s3")->operation("PutBucketAcl");
  EXPECT_EQ(op.method(), "PUT");
  EXPECT_EQ(op.uri(), "/{Bucket}?acl");
  EXPECT_EQ(op.input().payload(), "AccessControlPolicy");
  EXPECT_TRUE(op.checksum_required());
}

}  // namespace
}  // namespace aright::model
