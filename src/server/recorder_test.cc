// What was seen of resources.

#include "server/recorder.h"

#include <gmock/gmock.h>

#include <thread>

#include "remediation/testing.h"

namespace aright::server {
namespace {

using ::testing::ElementsAre;

class TheRecorder : public ::testing::Test, public remediation::World {
 protected:
  TheRecorder() {
    open("controls: [{id: s3-bucket-public-read-prohibited}]\n");
    auto opened = Recorder::open(*engine, std::string(store::in_memory));
    recorder = std::move(*opened);
  }
  cloud::ResourceRef bucket(const std::string& name) { return {account, region, "AWS::S3::Bucket", name}; }
  std::vector<std::string> statuses(const std::string& name) {
    std::vector<std::string> out;
    auto history = recorder->history(bucket(name));
    EXPECT_TRUE(history);
    for (const auto& item : history.value_or(std::vector<json::Object>()))
      out.push_back(json::text(item, "configurationItemStatus"));
    return out;
  }
  void look(const std::string& name) { ASSERT_TRUE(recorder->look({bucket(name)}, {})); }
  void version(const std::string& name) {
    somebody("s3:PutBucketVersioning",
             fmt::format(R"({{"Bucket": "{}", "VersioningConfiguration": {{"Status": "Enabled"}}}})", name));
  }
  // Of its own thread, which looks as long as it likes.
  bool comes_to(const std::string& name, const std::vector<std::string>& wanted) {
    for (auto patience = Context::within(settle_timeout); patience.check(); std::this_thread::yield())
      if (statuses(name) == wanted) return true;
    return false;
  }

  std::unique_ptr<Recorder> recorder;
};

TEST_F(TheRecorder, KeepsEachChangeAndNothingElse) {
  make_public_bucket("photos");
  look("photos");
  clock.advance(seconds(60));
  look("photos");
  EXPECT_THAT(statuses("photos"), ElementsAre("ResourceDiscovered"));
  version("photos");
  look("photos");
  EXPECT_THAT(statuses("photos"), ElementsAre("ResourceDiscovered", "OK"));
  somebody("s3:DeleteBucket", R"({"Bucket": "photos"})");
  look("photos");
  look("photos");
  EXPECT_THAT(statuses("photos"), ElementsAre("ResourceDiscovered", "OK", "ResourceDeleted"));
  make_public_bucket("photos");
  look("photos");
  EXPECT_EQ(statuses("photos").back(), "ResourceDiscovered") << "another one of this name";
}

TEST_F(TheRecorder, LooksAtWhatWasReadToBeJudged) {
  make_public_bucket("photos");
  recorder->start();
  scan();
  EXPECT_TRUE(comes_to("photos", {"ResourceDiscovered"}));
  somebody("s3:DeleteBucketPolicy", R"({"Bucket": "photos"})");
  scan();
  EXPECT_TRUE(comes_to("photos", {"ResourceDiscovered", "OK"}));
  scan();
  recorder->stop();
  EXPECT_THAT(statuses("photos"), ElementsAre("ResourceDiscovered", "OK"));
}

TEST_F(TheRecorder, NoticesInAListWhatIsGoneAndWhatIsNew) {
  make_public_bucket("photos");
  look("photos");
  somebody("s3:DeleteBucket", R"({"Bucket": "photos"})");
  make_public_bucket("logs");
  ASSERT_TRUE(recorder->refresh("AWS::S3::Bucket", account, region, {}));
  std::vector<std::pair<std::string, bool>> seen;
  auto latest = recorder->latest(account, "AWS::S3::Bucket");
  ASSERT_TRUE(latest);
  for (const auto& one : *latest) seen.emplace_back(one.ref.id, one.gone);
  EXPECT_THAT(seen, ElementsAre(std::pair("logs", false), std::pair("photos", true)));
}

TEST_F(TheRecorder, KeepsNoSecrets) {
  somebody("iam:CreateRole", R"({"RoleName": "runs", "AssumeRolePolicyDocument":
      "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": {\"Service\": \"lambda.amazonaws.com\"}}]}"})");
  somebody("lambda:CreateFunction", R"({"FunctionName": "f", "Role": "arn:aws:iam::111122223333:role/runs",
      "Runtime": "python3.11", "Handler": "index.main", "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
      "Environment": {"Variables": {"DATABASE": "hunter2-hunter2"}}})");
  cloud::ResourceRef function{account, region, "AWS::Lambda::Function", "f"};
  auto items = recorder->look({function}, {});
  ASSERT_TRUE(items && items->size() == 1) << (items ? "nothing" : items.error().message);
  auto text = json::print(items->front());
  EXPECT_NE(text.find("DATABASE"), std::string::npos);
  EXPECT_EQ(text.find("hunter2-hunter2"), std::string::npos) << text;
}

}  // namespace
}  // namespace aright::server
