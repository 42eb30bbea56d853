#include "cloud/locate.h"

#include <gmock/gmock.h>

#include "cloud/catalog.h"

namespace aright::cloud {
namespace {

using testing::ElementsAre;

const Catalog& catalog() {
  return Catalog::embedded();
}

aws::Call call_in(std::string service, std::string operation, std::string_view input) {
  return {.service = std::move(service),
          .operation = std::move(operation),
          .region = "eu-west-1",
          .account = "111122223333",
          .input = json::members(*json::parse(input))};
}

std::vector<std::string> ids(const aws::Call& call_in) {
  std::vector<std::string> out;
  for (const auto& meaning : catalog().meanings(call_in.service, call_in.operation))
    for (const auto& ref :
         locate(*meaning.type, meaning.remove ? meaning.remove->op : *meaning.op, call_in))
      out.push_back(ref.type + " " + ref.id);
  return out;
}

TEST(Locate, FindsTheResourceInTheInput) {
  EXPECT_THAT(ids(call_in("s3", "PutBucketAcl", R"({"Bucket":"logs","ACL":"private"})")),
              ElementsAre("AWS::S3::Bucket logs"));
}

TEST(Locate, FindsChildrenByAllPartsOfTheirKey) {
  EXPECT_THAT(ids(call_in("s3", "DeleteObjects",
                       R"({"Bucket":"logs","Delete":{"Objects":[{"Key":"a|b"},{"Key":"c"}]}})")),
              ElementsAre("AWS::S3::Object logs|a|b", "AWS::S3::Object logs|c"));
}

TEST(Locate, GivesTheCollectionWhereNothingIsNamed) {
  EXPECT_THAT(ids(call_in("s3", "ListBuckets", "{}")), ElementsAre("AWS::S3::Bucket "));
}

TEST(Locate, PutsAccountWideResourcesHome) {
  auto write = call_in("s3control", "PutPublicAccessBlock",
                    R"({"AccountId":"111122223333","PublicAccessBlockConfiguration":{}})");
  const auto& meaning = catalog().meanings("s3control", "PutPublicAccessBlock").front();
  auto refs = locate(*meaning.type, *meaning.op, write);
  ASSERT_EQ(refs.size(), 1u);
  EXPECT_EQ(refs[0].region, "us-east-1");
  EXPECT_EQ(refs[0].id, "111122223333");
}

TEST(Locate, AddressIsTheOtherWayRound) {
  const auto& object = *catalog().type("AWS::S3::Object");
  ResourceRef ref{"111122223333", "eu-west-1", object.name, "logs|a/b|c"};
  auto made = address(object, object.remove()->op, ref);
  EXPECT_EQ(made.operation, "DeleteObject");
  EXPECT_EQ(json::Value(made.input), *json::parse(R"({"Bucket":"logs","Key":"a/b|c"})"));
  EXPECT_THAT(locate(object, object.remove()->op, made), ElementsAre(ref));
}

TEST(Locate, ArnsGoBothWays) {
  for (const auto* type : catalog().types()) {
    std::vector<std::string> parts;
    for (const auto& part : type->key)
      parts.push_back("my-" + part.substr(part.size() - 1));
    if (type->singleton || type->lone || type->arn == "{" + type->key.front() + "}") continue;
    ResourceRef ref{"111122223333", "eu-west-1", type->name, join_key(parts)};
    ref = at_home(*type, ref);
    auto arn = arn_of(*type, ref);
    auto back = match_arn(*type, arn);
    ASSERT_TRUE(back) << type->name << " " << arn;
    EXPECT_EQ(back->id, ref.id) << arn;
  }
}

TEST(Locate, TheMostSpecificTypeOwnsAnArn) {
  auto object = catalog().find_arn("arn:aws:s3:::logs/2024/a.txt");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->type, "AWS::S3::Object");
  EXPECT_EQ(object->id, "logs|2024/a.txt");
  auto bucket = catalog().find_arn("arn:aws-cn:s3:::logs");
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->type, "AWS::S3::Bucket");
  EXPECT_FALSE(catalog().find_arn("arn:aws:nowhere:::x"));
}

TEST(Locate, KeysMayHoldTheSeparatorInTheirLastPart) {
  const auto& object = *catalog().type("AWS::S3::Object");
  EXPECT_THAT(key_parts(object, "b|x|y"), ElementsAre("b", "x|y"));
  EXPECT_TRUE(names_one(object, {"", "", object.name, "b|x"}));
  EXPECT_FALSE(names_one(object, {"", "", object.name, "b|"}));
  EXPECT_FALSE(names_one(object, {"", "", object.name, ""}));
}

}  // namespace
}  // namespace aright::cloud
