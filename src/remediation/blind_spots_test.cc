#include "remediation/blind_spots.h"

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BlindSpots : public ::testing::Test, public World {
 protected:
  void SetUp() override {
    open("controls: [{id: s3-bucket-public-read-prohibited}]\ndecide: [{name: at once, decision: automatic}]");
    make_public_bucket("acme");
  }
  void deny(std::string operation) {
    weather.refuse = [operation = std::move(operation)](const aws::Call& call) -> std::optional<Error> {
      if (call.operation != operation) return std::nullopt;
      return Error{.code = Errc::denied, .message = "no", .wire_code = "AccessDenied", .http_status = 403};
    };
  }
};

TEST_F(BlindSpots, OfAScanAreToldWithControlAspectAndAction) {
  deny("GetBucketPolicy");
  auto report = scan();
  EXPECT_EQ(report.insufficient, 1u);
  ASSERT_EQ(report.gaps.size(), 1u);
  const auto& gap = report.gaps[0];
  EXPECT_EQ(gap.control, public_read);
  EXPECT_EQ(gap.where.id, "acme");
  EXPECT_EQ(gap.aspect, "Policy");
  EXPECT_EQ(gap.action, "s3:GetBucketPolicy");
  EXPECT_THAT(gap.what, HasSubstr("Policy of"));
}

TEST_F(BlindSpots, AreNoneWhereARuleCouldTellAllTheSame) {
  deny("GetBucketLogging");
  auto report = scan();
  EXPECT_EQ(report.non_compliant, 1u);
  EXPECT_THAT(report.gaps, IsEmpty());
}

// What one control may not see is no matter to another one of the same resource.
TEST_F(BlindSpots, OfOneControlLeaveTheOthersTheirFindings) {
  adopt("controls: [{id: s3-bucket-versioning-enabled}, {id: s3-bucket-ssl-requests-only}]");
  start();
  deny("GetBucketPolicy");
  auto report = scan();
  EXPECT_EQ(report.evaluated, 2u);
  EXPECT_EQ(report.non_compliant, 1u);
  EXPECT_EQ(report.insufficient, 1u);
  ASSERT_EQ(report.gaps.size(), 1u);
  EXPECT_EQ(report.gaps[0].control, "s3-bucket-ssl-requests-only");
}

TEST_F(BlindSpots, AreNamedAsIamNamesTheReads) {
  const auto& catalog = cloud::Catalog::embedded();
  EXPECT_EQ(reading_action(catalog, "AWS::S3::Bucket", "PublicAccessBlockConfiguration"),
            "s3:GetBucketPublicAccessBlock");
  EXPECT_EQ(reading_action(catalog, "AWS::EC2::Instance", "MetadataOptions"), "ec2:DescribeInstances");
  EXPECT_EQ(reading_action(catalog, "AWS::::Account", "PublicAccessBlock"), "s3:GetAccountPublicAccessBlock");
  EXPECT_EQ(reading_action(catalog, "AWS::S3::Bucket", "Colour"), "");
}

// A person approves it: the change of what nobody could see is not known.
TEST_F(BlindSpots, OfARehearsalKeepItFromBeingMadeByItself) {
  auto found = scan();
  ASSERT_EQ(found.non_compliant, 1u);
  deny("GetPublicAccessBlock");
  settle();
  auto all = remediations();
  ASSERT_EQ(all.size(), 1u);
  if (all[0].plan) {
    EXPECT_FALSE(all[0].plan->reversible());
    EXPECT_THAT(all[0].plan->unrehearsed, ElementsAre(HasSubstr("PublicAccessBlockConfiguration of")));
  }
  EXPECT_FALSE(std::holds_alternative<Executing>(all[0].stage));
  weather.refuse = {};
  EXPECT_FALSE(blocked("acme"));
}

}  // namespace

}  // namespace aright::remediation
