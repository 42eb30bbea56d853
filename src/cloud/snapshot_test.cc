#include "cloud/snapshot.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "cloud/fake_cloud_test.h"
#include "cloud/shapers.h"
#include "json/yaml.h"

namespace aright::cloud {
namespace {

using testing::ElementsAre;
using testing::Key;
using testing::Pair;

const ResourceRef logs{account, "us-east-1", "AWS::S3::Bucket", "logs"};

class SnapshotTest : public testing::Test {
 protected:
  Result<Snapshot> read(const ResourceRef& ref, const std::vector<std::string>& aspects = {}) {
    return read_snapshot(cloud, ref, aspects, clock, context);
  }

  FakeCloud cloud{Catalog::embedded()};
  VirtualClock clock;
  Context context;
};

// testdata/snapshots.yaml: what the API answers, and what the property is.
TEST_F(SnapshotTest, HasCloudFormationsNamesAndNesting) {
  auto text =
      *read_file(std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/cloud/testdata/snapshots.yaml");
  auto cases = json::parse_yaml(text);
  ASSERT_TRUE(cases) << cases.error().text();
  for (const auto& [type, aspects] : json::members(cases->value)) {
    for (const auto& [name, example] : json::members(aspects)) {
      auto& state = cloud.at(type, "some");
      state = {{name, json::at(example, "api")}};
      auto snapshot = read({account, "us-east-1", type, "some"}, {name});
      ASSERT_TRUE(snapshot) << snapshot.error().text();
      json::Value found = snapshot->properties;
      if (!snapshot->facts.empty()) found.as_object()["Facts"] = snapshot->facts;
      EXPECT_TRUE(json::equal(found, json::at(example, "snapshot")))
          << name << " " << json::print(found);
    }
  }
}

// testdata/shapes.yaml.
TEST(Shape, IsThatOfCloudFormationsSchema) {
  auto text = *read_file(std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/cloud/testdata/shapes.yaml");
  auto cases = json::parse_yaml(text);
  ASSERT_TRUE(cases) << cases.error().text();
  for (const auto& [type, aspects] : json::members(cases->value)) {
    for (const auto& [name, example] : json::members(aspects)) {
      const auto* aspect = Catalog::embedded().type(type)->aspect(name);
      ASSERT_NE(aspect, nullptr) << type << " " << name;
      auto value = shaped(aspect->shape, json::at(example, "api"));
      const json::Value found = aspect->shape.spread ? value : json::Value(json::Object{{name, value}});
      EXPECT_TRUE(json::equal(found, json::at(example, "snapshot"))) << type << " " << json::print(found);
    }
  }
}

TEST_F(SnapshotTest, LeavesOutWhatIsAbsent) {
  cloud.at(logs.type, logs.id);
  auto snapshot = read(logs, {"PublicAccessBlockConfiguration", "Policy"});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_TRUE(snapshot->properties.empty());
  EXPECT_TRUE(snapshot->facts.empty());
  EXPECT_EQ(snapshot->arn, "arn:aws:s3:::logs");
}

TEST_F(SnapshotTest, CollectsTags) {
  cloud.at(logs.type, logs.id)["Tags"] =
      *json::parse(R"([{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}])");
  EXPECT_THAT(read(logs, {"Tags"})->tags, ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST_F(SnapshotTest, WhatMayNotBeReadIsNotAbsent) {
  cloud.at(logs.type, logs.id)["Tags"] = *json::parse(R"([{"Key":"a","Value":"1"}])");
  cloud.denied = {"GetBucketPolicy"};
  auto snapshot = read(logs, {"Tags", "Policy"});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_THAT(snapshot->unreadable, ElementsAre(Key("Policy")));
  EXPECT_TRUE(snapshot->properties.contains("Tags"));
}

TEST_F(SnapshotTest, AResourceThatIsNotThereIsNotFound) {
  EXPECT_EQ(read(logs).error().code, Errc::not_found);
  // Lambda has the same word for a function without a policy, and for none.
  EXPECT_EQ(read({account, "us-east-1", "AWS::Lambda::Function", "nobodys"}, {"Policy"}).error().code,
            Errc::not_found);
  cloud.at("AWS::Lambda::Function", "worker");
  EXPECT_TRUE(read({account, "us-east-1", "AWS::Lambda::Function", "worker"}, {"Policy"}));
  EXPECT_EQ(read({account, "us-east-1", "AWS::Nothing::AtAll", "x"}).error().code,
            Errc::unsupported);
}

TEST_F(SnapshotTest, AskingForSomeReadsOnlyThose) {
  cloud.at(logs.type, logs.id);
  ASSERT_TRUE(read(logs, {"Facts.PolicyStatus"}));
  std::vector<std::string> asked;
  for (const auto& call : cloud.calls)
    asked.push_back(call.operation);
  EXPECT_THAT(asked, ElementsAre("GetBucketPolicyStatus"));
}

TEST_F(SnapshotTest, TheAccountHasTheFactsOfItsSingletons) {
  cloud.at("AWS::S3::AccountPublicAccessBlock", account)["PublicAccessBlock"] =
      *json::parse(R"({"BlockPublicAcls":true})");
  auto snapshot = read({account, "eu-west-1", "AWS::::Account", account}, {"PublicAccessBlock"});
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ(
      json::Value(snapshot->document()),
      *json::parse(
          R"({"Type":"AWS::::Account","Properties":{"Facts":{"PublicAccessBlock":{"BlockPublicAcls":true}}}})"));
  EXPECT_EQ(snapshot->arn, "arn:aws:iam::111122223333:root");
}

TEST_F(SnapshotTest, ListsResourcesAndChildrenOfEachParent) {
  cloud.at("AWS::S3::Bucket", "a");
  cloud.at("AWS::S3::Bucket", "b");
  cloud.at("AWS::S3::Object", "a|x/y");
  cloud.at("AWS::S3::Object", "b|z");
  auto list = [&](std::string_view type) {
    std::vector<std::string> ids;
    auto refs = list_resources(cloud, type, account, "us-east-1", context);
    EXPECT_TRUE(refs) << refs.error().text();
    for (const auto& ref : refs.value_or(std::vector<ResourceRef>()))
      ids.push_back(ref.id);
    return ids;
  };
  EXPECT_THAT(list("AWS::S3::Bucket"), ElementsAre("a", "b"));
  EXPECT_THAT(list("AWS::S3::Object"), ElementsAre("a|x/y", "b|z"));
  EXPECT_THAT(list("AWS::::Account"), ElementsAre(account));
  EXPECT_EQ(
      list_resources(cloud, "AWS::Nothing::AtAll", account, "us-east-1", context).error().code,
      Errc::unsupported);
}

TEST_F(SnapshotTest, SurvivesItsTripThroughJson) {
  cloud.at(logs.type, logs.id)["Tags"] = *json::parse(R"([{"Key":"a","Value":"1"}])");
  cloud.denied = {"GetBucketPolicy"};
  auto snapshot = *read(logs, {"Tags", "Policy"});
  auto back = snapshot_from_json(*json::parse(json::print(to_json(snapshot))));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(json::Value(to_json(*back)), json::Value(to_json(snapshot)));
}

}  // namespace
}  // namespace aright::cloud
