#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

class S3 : public SandboxTest {
 protected:
  static constexpr const char* blocked =
      R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
          "BlockPublicPolicy": true, "RestrictPublicBuckets": true}})";
  static constexpr const char* public_policy =
      R"({"Bucket": "logs", "Policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", )"
      R"(\"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::logs/*\"}}"})";
  void make_bucket() {
    ok("s3:CreateBucket", R"({"Bucket": "logs"})");
    ok("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  }
  bool is_public() {
    return json::truth(
        json::at(ok("s3:GetBucketPolicyStatus", R"({"Bucket": "logs"})"), "PolicyStatus")
            .at("IsPublic"));
  }
  const Principal stranger{.account = "999988887777"};
};

TEST_F(S3, SaysThatABucketIsNotThere) {
  EXPECT_EQ(refused("s3:GetBucketAcl", R"({"Bucket": "logs"})"), "NoSuchBucket");
  EXPECT_EQ(refused("s3:DeleteBucket", R"({"Bucket": "logs"})"), "NoSuchBucket");
  EXPECT_EQ(refused("s3:PutObject", R"({"Bucket": "logs", "Key": "a"})"), "NoSuchBucket");
}

TEST_F(S3, GivesEveryNameOnceInThePartition) {
  make_bucket();
  EXPECT_EQ(refused("s3:CreateBucket", R"({"Bucket": "logs"})"), "BucketAlreadyOwnedByYou");
  EXPECT_EQ(refused_as(stranger, "s3:CreateBucket", R"({"Bucket": "logs"})"),
            "BucketAlreadyExists");
  EXPECT_EQ(refused_as(stranger, "s3:GetBucketAcl", R"({"Bucket": "logs"})"), "AccessDenied");
  EXPECT_EQ(refused("s3:CreateBucket", R"({"Bucket": "No"})"), "InvalidBucketName");
}

TEST_F(S3, KeepsTheBlockAndTakesItAwayAgain) {
  make_bucket();
  EXPECT_EQ(refused("s3:GetPublicAccessBlock", R"({"Bucket": "logs"})"),
            "NoSuchPublicAccessBlockConfiguration");
  ok("s3:PutPublicAccessBlock",
     R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})");
  EXPECT_EQ(
      json::Value(ok("s3:GetPublicAccessBlock", R"({"Bucket": "logs"})")),
      value_of(
          R"({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": false,
                         "BlockPublicPolicy": false, "RestrictPublicBuckets": false}})"));
  ok("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  EXPECT_EQ(refused("s3:GetPublicAccessBlock", R"({"Bucket": "logs"})"),
            "NoSuchPublicAccessBlockConfiguration");
}

TEST_F(S3, BeginsWithABlockAndWithoutAcls) {
  ok("s3:CreateBucket", R"({"Bucket": "logs"})");
  EXPECT_EQ(json::Value(ok("s3:GetPublicAccessBlock", R"({"Bucket": "logs"})")),
            value_of(R"({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
                         "BlockPublicPolicy": true, "RestrictPublicBuckets": true}})"));
  EXPECT_EQ(refused("s3:PutBucketPolicy", public_policy), "AccessDenied");
  EXPECT_EQ(refused("s3:CreateBucket", R"({"Bucket": "open", "ACL": "public-read", "ObjectOwnership": "ObjectWriter"})"),
            "InvalidBucketAclWithBlockPublicAccessError");
}

TEST_F(S3, RefusesAPublicPolicyBehindTheBlock) {
  make_bucket();
  ok("s3:PutPublicAccessBlock", blocked);
  EXPECT_EQ(refused("s3:PutBucketPolicy", public_policy), "AccessDenied");
  EXPECT_EQ(refused("s3:GetBucketPolicyStatus", R"({"Bucket": "logs"})"), "NoSuchBucketPolicy");
}

TEST_F(S3, RefusesAPublicPolicyBehindTheBlockOfTheAccount) {
  make_bucket();
  ok("s3control:PutPublicAccessBlock",
     R"({"AccountId": "111122223333", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}})");
  EXPECT_EQ(refused("s3:PutBucketPolicy", public_policy), "AccessDenied");
}

TEST_F(S3, LetsNobodySetTheBlockOfAnotherAccount) {
  EXPECT_EQ(
      refused(
          "s3control:PutPublicAccessBlock",
          R"({"AccountId": "999988887777", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}})"),
      "AccessDenied");
}

TEST_F(S3, CallsABucketPublicUntilItIsRestricted) {
  make_bucket();
  ok("s3:PutBucketPolicy", public_policy);
  EXPECT_TRUE(is_public());
  ok("s3:PutPublicAccessBlock", blocked);
  EXPECT_FALSE(is_public());
}

TEST_F(S3, ReadsOfStrangersFollowThePolicyAndTheBlock) {
  make_bucket();
  ok("s3:PutObject", R"({"Bucket": "logs", "Key": "a.txt", "Body": "aGVsbG8="})");
  EXPECT_EQ(refused_as(stranger, "s3:GetObject", R"({"Bucket": "logs", "Key": "a.txt"})"),
            "AccessDenied");
  ok("s3:PutBucketPolicy", public_policy);
  EXPECT_EQ(
      json::text(as(stranger, "s3:GetObject", R"({"Bucket": "logs", "Key": "a.txt"})"), "Body"),
      "aGVsbG8=");
  ok("s3:PutPublicAccessBlock", blocked);
  EXPECT_EQ(refused_as(stranger, "s3:GetObject", R"({"Bucket": "logs", "Key": "a.txt"})"),
            "AccessDenied");
  ok("s3:GetObject", R"({"Bucket": "logs", "Key": "a.txt"})");
}

TEST_F(S3, HasNoAclsWhileTheOwnerIsEnforced) {
  make_bucket();
  EXPECT_EQ(refused("s3:PutBucketAcl", R"({"Bucket": "logs", "ACL": "public-read"})"),
            "AccessControlListNotSupported");
}

TEST_F(S3, GrantsACannedAclAndRefusesItBehindTheBlock) {
  ok("s3:CreateBucket", R"({"Bucket": "logs", "ObjectOwnership": "ObjectWriter"})");
  ok("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  ok("s3:PutBucketAcl", R"({"Bucket": "logs", "ACL": "public-read"})");
  auto acl = ok("s3:GetBucketAcl", R"({"Bucket": "logs"})");
  EXPECT_EQ(json::items(json::at(acl, "Grants")).size(), 2u);
  EXPECT_EQ(json::text(acl.at("Grants").at(1).at("Grantee").at("URI")),
            "http://acs.amazonaws.com/groups/global/AllUsers");
  ok("s3:PutPublicAccessBlock", blocked);
  EXPECT_EQ(refused("s3:PutBucketAcl", R"({"Bucket": "logs", "ACL": "public-read"})"),
            "AccessDenied");
  EXPECT_EQ(
      refused(
          "s3:PutBucketOwnershipControls",
          R"({"Bucket": "logs", "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}})"),
      "InvalidBucketAclWithObjectOwnership");
}

TEST_F(S3, KeepsABucketThatHoldsObjects) {
  make_bucket();
  ok("s3:PutObject", R"({"Bucket": "logs", "Key": "a.txt", "Body": "aGVsbG8="})");
  EXPECT_EQ(refused("s3:DeleteBucket", R"({"Bucket": "logs"})"), "BucketNotEmpty");
  ok("s3:DeleteObject", R"({"Bucket": "logs", "Key": "a.txt"})");
  ok("s3:DeleteObject", R"({"Bucket": "logs", "Key": "a.txt"})");
  ok("s3:DeleteBucket", R"({"Bucket": "logs"})");
  EXPECT_EQ(refused("s3:HeadBucket", R"({"Bucket": "logs"})"), "NoSuchBucket");
}

TEST_F(S3, KeepsOldVersionsOnceVersioningIsOn) {
  make_bucket();
  ok("s3:PutBucketVersioning",
     R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}})");
  auto first = ok("s3:PutObject", R"({"Bucket": "logs", "Key": "a", "Body": "b25l"})");
  ok("s3:PutObject", R"({"Bucket": "logs", "Key": "a", "Body": "dHdv"})");
  auto read = call_of("s3:GetObject", R"({"Bucket": "logs", "Key": "a"})");
  EXPECT_EQ(json::text(ok(read), "Body"), "dHdv");
  ok("s3:DeleteObject", R"({"Bucket": "logs", "Key": "a"})");
  EXPECT_EQ(refused(read), "NoSuchKey");
  read.input["VersionId"] = first["VersionId"];
  EXPECT_EQ(json::text(ok(read), "Body"), "b25l");
  auto versions = ok("s3:ListObjectVersions", R"({"Bucket": "logs"})");
  EXPECT_EQ(json::items(versions["Versions"]).size(), 2u);
  EXPECT_EQ(json::items(versions["DeleteMarkers"]).size(), 1u);
  EXPECT_EQ(refused("s3:DeleteBucket", R"({"Bucket": "logs"})"), "BucketNotEmpty");
}

TEST_F(S3, ListsKeysInPagesAndFoldsPrefixes) {
  make_bucket();
  for (const auto* key : {"a/1", "a/2", "b", "c"})
    ok(call_of("s3:PutObject",
               fmt::format(R"({{"Bucket": "logs", "Key": "{}", "Body": "eA=="}})", key)));
  auto folded = ok("s3:ListObjectsV2", R"({"Bucket": "logs", "Delimiter": "/"})");
  EXPECT_EQ(json::items(folded["CommonPrefixes"]).size(), 1u);
  EXPECT_EQ(json::integer(folded["KeyCount"]), 3);
  auto call = call_of("s3:ListObjectsV2", R"({"Bucket": "logs", "MaxKeys": 3})");
  auto page = ok(call);
  EXPECT_TRUE(json::truth(page["IsTruncated"]));
  call.input["ContinuationToken"] = page["NextContinuationToken"];
  EXPECT_EQ(json::text(ok(call).at("Contents").at(0).at("Key")), "c");
}

TEST_F(S3, AnswersPartOfABody) {
  make_bucket();
  ok("s3:PutObject", R"({"Bucket": "logs", "Key": "a", "Body": "aGVsbG8="})");
  auto part = ok("s3:GetObject", R"({"Bucket": "logs", "Key": "a", "Range": "bytes=1-2"})");
  EXPECT_EQ(json::text(part, "Body"), "ZWw=");
  EXPECT_EQ(json::text(part, "ContentRange"), "bytes 1-2/5");
}

TEST_F(S3, PutsBucketsWhereTheyBelong) {
  EXPECT_EQ(refused(call_of("s3:CreateBucket", R"({"Bucket": "north"})", "eu-north-1")),
            "IllegalLocationConstraintException");
  ok(call_of(
      "s3:CreateBucket",
      R"({"Bucket": "north", "CreateBucketConfiguration": {"LocationConstraint": "eu-north-1"}})",
      "eu-north-1"));
  EXPECT_EQ(json::text(ok("s3:GetBucketLocation", R"({"Bucket": "north"})"), "LocationConstraint"),
            "eu-north-1");
  make_bucket();
  EXPECT_TRUE(ok("s3:GetBucketLocation", R"({"Bucket": "logs"})").empty());
  EXPECT_EQ(json::items(ok("s3:ListBuckets")["Buckets"]).size(), 2u);
}

}  // namespace
}  // namespace aright::sandbox
