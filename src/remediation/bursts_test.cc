// Bursts of events about one resource, in virtual time.

#include "remediation/bursts.h"

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> bucket{"bucket"};
Timestamp at(std::int64_t ms) {
  return {1'000'000 + ms};
}

TEST(BurstsOf, OneResourceAreJudgedAtOnceAndOnceMoreByTheLast) {
  Bursts bursts(seconds(1));
  EXPECT_FALSE(bursts.begin("s1", 1, bucket, at(0)).wait);
  bursts.end("s1", bucket, true, at(0));
  for (auto [signal, order] : {std::pair{"s2", 2u}, std::pair{"s3", 3u}, std::pair{"s4", 4u}}) {
    auto answer = bursts.begin(signal, order, bucket, at(100));
    EXPECT_TRUE(answer.wait);
    EXPECT_EQ(answer.until, at(1'000));
  }
  for (auto [signal, order] : {std::pair{"s2", 2u}, std::pair{"s3", 3u}}) {
    auto answer = bursts.begin(signal, order, bucket, at(1'000));
    EXPECT_FALSE(answer.wait);
    EXPECT_THAT(answer.others, ElementsAre("bucket"));
    bursts.end(signal, bucket, true, at(1'000));
  }
  auto last = bursts.begin("s4", 4, bucket, at(1'000));
  EXPECT_FALSE(last.wait);
  EXPECT_THAT(last.others, IsEmpty());
}

TEST(BurstsOf, OneResourceAreJudgedOneAfterAnother) {
  Bursts bursts(seconds(0));
  EXPECT_FALSE(bursts.begin("s1", 1, bucket, at(0)).wait);
  EXPECT_TRUE(bursts.begin("s2", 2, bucket, at(0)).wait) << "s1 is at it";
  EXPECT_FALSE(bursts.begin("s3", 3, {"other"}, at(0)).wait);
  bursts.end("s1", bucket, true, at(10));
  EXPECT_FALSE(bursts.begin("s2", 2, bucket, at(100)).wait);
}

// The later event cannot be judged, since somebody is at another resource of it.
TEST(BurstsOf, OneResourceAreNotPutOffForEver) {
  Bursts bursts(seconds(1));
  EXPECT_FALSE(bursts.begin("s1", 1, {"other"}, at(0)).wait);
  EXPECT_TRUE(bursts.begin("s9", 9, {"bucket", "other"}, at(0)).wait);
  EXPECT_THAT(bursts.begin("s2", 2, bucket, at(1'000)).others, ElementsAre("bucket"));
  bursts.end("s2", bucket, true, at(1'000));
  auto answer = bursts.begin("s3", 3, bucket, at(1'000 * burst_windows_held_max));
  EXPECT_FALSE(answer.wait);
  EXPECT_THAT(answer.others, IsEmpty());
}

TEST(BurstsOf, AFailureIsJudgedAgain) {
  Bursts bursts(seconds(1));
  EXPECT_FALSE(bursts.begin("s1", 1, bucket, at(0)).wait);
  bursts.end("s1", bucket, false, at(0));
  auto again = bursts.begin("s1", 1, bucket, at(5'000));
  EXPECT_FALSE(again.wait);
  EXPECT_THAT(again.others, IsEmpty());
}

class TheEngineInABurst : public ::testing::Test, protected World {
 protected:
  void change(const std::string& name, int number) {
    json::Object event{{"id", fmt::format("{}-{}", name, number)},
                       {"source", "aws.s3"},
                       {"detail-type", "Changed"},
                       {"resources", json::Array{json::Value("arn:aws:s3:::" + name)}},
                       {"detail", json::Object()}};
    ASSERT_TRUE(engine->accept_event(std::move(event)));
  }
  std::int64_t evaluations() {
    std::int64_t out = 0;
    const auto entries = ledger->read(1, 10'000).value();
    for (const auto& entry : entries)
      if (entry.kind == entry::signal_handled) out += json::integer(json::at(entry.body, "evaluated"));
    return out;
  }
  static constexpr const char* policy_text = "controls: [{id: s3-bucket-public-read-prohibited}]\n";
};

TEST_F(TheEngineInABurst, JudgesAResourceTwiceForAThousandEvents) {
  open(policy_text);
  make_public_bucket("logs");
  for (int n = 0; n < 1'000; ++n)
    change("logs", n);
  settle();
  EXPECT_EQ(evaluations(), 0 + 1) << "the first, or the last, at once";
  pass(seconds(3));
  EXPECT_LE(evaluations(), 2);
  EXPECT_EQ(remediations().size(), 1u);
  std::size_t handled = 0;
  const auto entries = ledger->read(1, 10'000).value();
  for (const auto& entry : entries)
    handled += entry.kind == entry::signal_handled;
  EXPECT_EQ(handled, 1'000u) << "each is answered for";
}

TEST_F(TheEngineInABurst, JudgesEachResourceByItself) {
  open(policy_text);
  for (auto name : {"one", "two", "three"})
    make_public_bucket(name);
  for (int n = 0; n < 20; ++n)
    for (auto name : {"one", "two", "three"})
      change(name, n);
  settle();
  EXPECT_EQ(remediations().size(), 3u);
  pass(seconds(3));
  EXPECT_LE(evaluations(), 6);
}

TEST_F(TheEngineInABurst, SeesWhatTheLastOfThemLeft) {
  open(policy_text);
  somebody("s3:CreateBucket", R"({"Bucket": "logs"})");
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  change("logs", 0);
  settle();
  EXPECT_THAT(remediations(), IsEmpty());
  for (int n = 1; n < 10; ++n)
    change("logs", n);
  somebody(
      "s3:PutBucketPolicy",
      R"({"Bucket": "logs", "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::logs/*\"}]}"})");
  change("logs", 10);
  settle();
  pass(seconds(2));
  EXPECT_EQ(remediations().size(), 1u);
}

}  // namespace
}  // namespace aright::remediation
