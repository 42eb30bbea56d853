#include "cloud/image.h"

#include <gmock/gmock.h>

#include "cloud/fake_cloud_test.h"

namespace aright::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* bucket = "AWS::S3::Bucket";

aws::Call s3(std::string operation, std::string_view input) {
  return {.service = "s3",
          .operation = std::move(operation),
          .region = "us-east-1",
          .account = account,
          .input = json::members(value(input))};
}

std::string said(const aws::Call& call) {
  return call.operation + " " + json::print(call.input);
}
std::vector<std::string> said(const std::vector<aws::Call>& calls) {
  std::vector<std::string> out;
  for (const auto& call : calls)
    out.push_back(said(call));
  return out;
}

class ImageTest : public testing::Test {
 protected:
  Image before(const aws::Call& call) {
    auto image = read_image(cloud, call, context);
    EXPECT_TRUE(image) << image.error().text();
    return image.value_or(Image{});
  }
  json::Object make(const aws::Call& call) {
    auto output = cloud.call(call, context);
    EXPECT_TRUE(output) << output.error().text();
    return output.value_or(json::Object());
  }
  TakeBack back(const aws::Call& call, const Image& was, const json::Object& output = {}) {
    auto now = read_again(cloud, was, context);
    EXPECT_TRUE(now) << now.error().text();
    auto found = take_back(call, was, output, *now);
    EXPECT_TRUE(found) << found.error().text();
    return found.value_or(TakeBack{});
  }
  void make_all(const std::vector<aws::Call>& calls) {
    for (const auto& call : calls)
      make(call);
  }

  FakeCloud cloud{Catalog::embedded()};
  FakeCloud::Aspects& logs = cloud.at(bucket, "logs");
  Context context;
};

const auto block =
    s3("PutPublicAccessBlock",
       R"({"Bucket":"logs","PublicAccessBlockConfiguration":{"BlockPublicAcls":true}})");

TEST_F(ImageTest, ADocumentThatWasAbsentIsRemovedAgain) {
  auto was = before(block);
  make(block);
  auto calls = inverse(block, was, {});
  ASSERT_TRUE(calls) << calls.error().text();
  EXPECT_THAT(said(*calls), ElementsAre(R"(DeletePublicAccessBlock {"Bucket":"logs"})"));
}

TEST_F(ImageTest, ADocumentThatWasThereIsWrittenBack) {
  logs["PublicAccessBlockConfiguration"] = value(R"({"BlockPublicPolicy":true})");
  auto was = before(block);
  make(block);
  EXPECT_THAT(
      said(back(block, was).calls),
      ElementsAre(
          R"(PutPublicAccessBlock {"Bucket":"logs","PublicAccessBlockConfiguration":{"BlockPublicPolicy":true}})"));
}

TEST_F(ImageTest, AWriteThatChangedNothingNeedsNoWayBack) {
  make(block);
  auto was = before(block);
  make(block);
  EXPECT_THAT(back(block, was).calls, IsEmpty());
}

TEST_F(ImageTest, WhatCannotBeAbsentAgainBecomesTheNearestThing) {
  auto enable = s3("PutBucketVersioning",
                   R"({"Bucket":"logs","VersioningConfiguration":{"Status":"Enabled"}})");
  auto was = before(enable);
  make(enable);
  EXPECT_THAT(
      said(back(enable, was).calls),
      ElementsAre(
          R"(PutBucketVersioning {"Bucket":"logs","VersioningConfiguration":{"Status":"Suspended"}})"));
}

TEST_F(ImageTest, ACannedAclIsTakenBackByTheGrantsBeforeIt) {
  logs["Acl"] = value(
      R"({"Owner":{"ID":"o"},"Grants":[{"Grantee":{"ID":"o","Type":"CanonicalUser"},"Permission":"FULL_CONTROL"}]})");
  auto original = logs["Acl"];
  auto open = s3("PutBucketAcl", R"({"Bucket":"logs","ACL":"public-read"})");
  auto was = before(open);
  make(open);
  EXPECT_NE(logs["Acl"], original);
  make_all(back(open, was).calls);
  EXPECT_EQ(logs["Acl"], original);
}

TEST_F(ImageTest, SomebodyElsesTagStaysAndIsNoConflict) {
  logs["Tags"] = value(R"([{"Key":"a","Value":"1"}])");
  auto tag = s3(
      "PutBucketTagging",
      R"({"Bucket":"logs","Tagging":{"TagSet":[{"Key":"a","Value":"2"},{"Key":"ours","Value":"x"}]}})");
  auto was = before(tag);
  make(tag);
  logs["Tags"] =
      value(R"([{"Key":"ours","Value":"x"},{"Key":"theirs","Value":"y"},{"Key":"a","Value":"2"}])");
  auto retreat = back(tag, was);
  EXPECT_THAT(retreat.conflicts, IsEmpty());
  make_all(retreat.calls);
  EXPECT_EQ(logs["Tags"], value(R"([{"Key":"a","Value":"1"},{"Key":"theirs","Value":"y"}])"));
}

TEST_F(ImageTest, TheVeryTagThatSomebodyChangedIsAConflictAndStays) {
  logs["Tags"] = value(R"([{"Key":"a","Value":"1"}])");
  auto tag =
      s3("PutBucketTagging", R"({"Bucket":"logs","Tagging":{"TagSet":[{"Key":"a","Value":"2"}]}})");
  auto was = before(tag);
  make(tag);
  logs["Tags"] = value(R"([{"Key":"a","Value":"3"}])");
  auto retreat = back(tag, was);
  EXPECT_THAT(retreat.conflicts, ElementsAre("/AWS::S3::Bucket/logs/Tags/a/Value"));
  EXPECT_THAT(retreat.calls, IsEmpty());
}

TEST_F(ImageTest, WhatTheAnswerSaysOtherwiseThanTheInputIsNoConflict) {
  auto& trail = cloud.at("AWS::CloudTrail::Trail", "main");
  trail["KMSKeyId"] = json::Value(nullptr);
  aws::Call encrypt{.service = "cloudtrail", .operation = "UpdateTrail", .region = "us-east-1", .account = account,
                    .input = {{"Name", "main"}, {"KmsKeyId", "alias/logs"}}};
  auto was = before(encrypt);
  make(encrypt);
  trail["KMSKeyId"] = "arn:aws:kms:us-east-1:111122223333:key/k";
  auto found = back(encrypt, was, {{"Name", "main"}, {"KmsKeyId", trail["KMSKeyId"]}});
  EXPECT_THAT(found.conflicts, IsEmpty());
  EXPECT_THAT(said(found.calls), ElementsAre(R"(UpdateTrail {"Name":"main","KmsKeyId":""})"));
  trail["KMSKeyId"] = "arn:aws:kms:us-east-1:111122223333:key/other";
  EXPECT_THAT(back(encrypt, was, {{"KmsKeyId", "arn:aws:kms:us-east-1:111122223333:key/k"}}).conflicts,
              ElementsAre(HasSubstr("KMSKeyId")));
}

TEST_F(ImageTest, PoliciesMergeByStatementAndKeepTheirText) {
  auto original = R"({ "Statement": [{"Sid":"old","Effect":"Allow"}] })";
  logs["Policy"] = json::Value(original);
  auto put = s3(
      "PutBucketPolicy",
      R"x({"Bucket":"logs","Policy":)x"
      R"x("{\"Statement\":[{\"Sid\":\"old\",\"Effect\":\"Allow\"},{\"Sid\":\"ours\",\"Effect\":\"Deny\"}]}"})x");
  auto was = before(put);
  make(put);
  make_all(back(put, was).calls);
  EXPECT_EQ(logs["Policy"], json::Value(original));

  make(put);
  logs["Policy"] = json::Value(
      R"({"Statement":[{"Sid":"old","Effect":"Allow"},{"Sid":"theirs"},{"Sid":"ours","Effect":"Deny"}]})");
  auto retreat = back(put, was);
  EXPECT_THAT(retreat.conflicts, IsEmpty());
  make_all(retreat.calls);
  EXPECT_EQ(value(json::text(logs["Policy"])),
            value(R"({"Statement":[{"Sid":"old","Effect":"Allow"},{"Sid":"theirs"}]})"));
}

TEST_F(ImageTest, WhatWasCreatedIsDeletedAndWhatWasThereIsNot) {
  auto fresh = s3("CreateBucket", R"({"Bucket":"fresh"})");
  auto was = before(fresh);
  make(fresh);
  EXPECT_THAT(said(back(fresh, was).calls), ElementsAre(R"(DeleteBucket {"Bucket":"fresh"})"));

  auto there = s3("CreateBucket", R"({"Bucket":"logs"})");
  was = before(there);
  EXPECT_THAT(back(there, was).calls, IsEmpty());
}

TEST_F(ImageTest, ADeletedBucketDoesNotComeBack) {
  auto drop = s3("DeleteBucket", R"({"Bucket":"logs"})");
  auto was = before(drop);
  EXPECT_TRUE(was.resources.at(0).aspects.contains("Tags"));
  auto way = inverse(drop, was, {});
  ASSERT_FALSE(way);
  EXPECT_EQ(way.error().code, Errc::unsupported);
  EXPECT_THAT(way.error().message, HasSubstr("does not come back"));
}

TEST_F(ImageTest, WhatIsUnknownHasNoWayBack) {
  auto unknown = s3("PutBucketNotification", R"({"Bucket":"logs"})");
  EXPECT_THAT(before(unknown).resources, IsEmpty());
  EXPECT_EQ(inverse(unknown, {}, {}).error().code, Errc::unsupported);
  EXPECT_EQ(judge(cloud, unknown, {}, context)->outcome, Outcome::drifted);
}

TEST_F(ImageTest, AReadNeedsNone) {
  auto read = s3("GetBucketTagging", R"({"Bucket":"logs"})");
  EXPECT_EQ(before(read), Image{});
  EXPECT_THAT(*inverse(read, {}, {}), IsEmpty());
}

TEST_F(ImageTest, AWriteToWhatIsNotThereChangedNothing) {
  auto lost = s3("PutBucketTagging", R"({"Bucket":"lost","Tagging":{"TagSet":[]}})");
  auto was = before(lost);
  EXPECT_FALSE(was.resources.at(0).exists);
  EXPECT_THAT(back(lost, was).calls, IsEmpty());
}

TEST_F(ImageTest, AResourceThatSomebodyDeletedIsAConflict) {
  auto& other = cloud.at(bucket, "other");
  other["Tags"] = value(R"([{"Key":"a","Value":"1"}])");
  auto tag = s3("PutBucketTagging",
                R"({"Bucket":"other","Tagging":{"TagSet":[{"Key":"b","Value":"2"}]}})");
  auto was = before(tag);
  make(tag);
  make(s3("DeleteBucket", R"({"Bucket":"other"})"));
  auto retreat = back(tag, was);
  EXPECT_THAT(retreat.calls, IsEmpty());
  EXPECT_THAT(retreat.conflicts, ElementsAre("/AWS::S3::Bucket/other"));
}

TEST_F(ImageTest, WhatMayNotBeReadMayNotBeWritten) {
  cloud.denied = {"GetPublicAccessBlock"};
  auto image = read_image(cloud, block, context);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Errc::denied);
  EXPECT_THAT(image.error().message, HasSubstr("PublicAccessBlockConfiguration"));
}

TEST_F(ImageTest, AnErrorThatNoDescriptionExplainsIsNotTakenForAbsence) {
  class Strange final : public aws::Caller {
    Result<json::Object> call(const aws::Call&, const Context&) override {
      return fail({.code = Errc::not_found,
                   .message = "?",
                   .wire_code = "NoSuchThing",
                   .http_status = 404});
    }
  } strange;
  EXPECT_EQ(read_image(strange, block, context).error().code, Errc::unsupported);
}

TEST_F(ImageTest, JudgesWhatBecameOfAWrite) {
  auto was = before(block);
  EXPECT_EQ(judge(cloud, block, was, context)->outcome, Outcome::not_applied);
  make(block);
  EXPECT_EQ(judge(cloud, block, was, context)->outcome, Outcome::applied);
  logs["PublicAccessBlockConfiguration"] = value(R"({"RestrictPublicBuckets":true})");
  EXPECT_EQ(judge(cloud, block, was, context)->outcome, Outcome::drifted);
}

TEST_F(ImageTest, JudgesCreationsAndRemovals) {
  auto fresh = s3("CreateBucket", R"({"Bucket":"fresh"})");
  auto was = before(fresh);
  EXPECT_EQ(judge(cloud, fresh, was, context)->outcome, Outcome::not_applied);
  make(fresh);
  EXPECT_EQ(judge(cloud, fresh, was, context)->outcome, Outcome::applied);

  auto drop = s3("DeleteBucket", R"({"Bucket":"fresh"})");
  was = before(drop);
  EXPECT_EQ(judge(cloud, drop, was, context)->outcome, Outcome::not_applied);
  make(drop);
  EXPECT_EQ(judge(cloud, drop, was, context)->outcome, Outcome::applied);
}

TEST_F(ImageTest, PredictsWhatAReadWillFind) {
  auto tag = s3(
      "PutBucketTagging",
      R"({"Bucket":"logs","Tagging":{"TagSet":[{"Key":"b","Value":"2"},{"Key":"a","Value":"1"}]}})");
  auto was = before(tag);
  auto predicted = predict(tag, was, {});
  make(tag);
  EXPECT_EQ(predicted, *read_again(cloud, was, context));
}

TEST_F(ImageTest, SurvivesItsTripThroughJson) {
  logs["Tags"] = value(R"([{"Key":"a","Value":"1"}])");
  auto image = before(s3("DeleteBucket", R"({"Bucket":"logs"})"));
  image.members["1/us-east-1/AWS::EC2::Volume/"] = {"vol-1", "vol-2"};
  image.resources[0].unreadable["Acl"] = "denied";
  EXPECT_EQ(*image_from_json(value(json::print(to_json(image)))), image);
  EXPECT_FALSE(image_from_json(value("[]")));
}

TEST_F(ImageTest, FingerprintsDoNotSeeTheOrderOfSets) {
  Image one{
      .resources = {
          {.resource = {account, "us-east-1", bucket, "logs"},
           .aspects = {{"Tags", value(R"([{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}])")}}}}};
  auto other = one;
  other.resources[0].aspects["Tags"] =
      value(R"([{"Value":"2","Key":"b"},{"Key":"a","Value":"1"}])");
  EXPECT_EQ(fingerprint(one), fingerprint(other));
  other.resources[0].aspects["Tags"] = value(R"([{"Key":"a","Value":"1"}])");
  EXPECT_NE(fingerprint(one), fingerprint(other));
}

TEST_F(ImageTest, DifferencesNameTypeIdAndAspect) {
  auto was = before(block);
  make(block);
  auto now = *read_again(cloud, was, context);
  auto changes = diff(was, now);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].pointer, "/AWS::S3::Bucket/logs/PublicAccessBlockConfiguration");
  EXPECT_FALSE(changes[0].before);

  now.resources[0].exists = false;
  changes = diff(was, now);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].pointer, "/AWS::S3::Bucket/logs");
  EXPECT_FALSE(changes[0].after);
}

}  // namespace
}  // namespace aright::cloud
