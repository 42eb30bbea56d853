// Channels that are left in peace: what is held, and how it comes when the peace ends.

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr auto quiet_policy = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: all, decision: automatic}]
notify:
  - {name: night, sqs: "arn:aws:sqs:us-east-1:111122223333:night",
     quiet: {hours: "22:00-07:00", except: [rolled_back]}}
  - {name: day, sqs: "arn:aws:sqs:us-east-1:111122223333:day"}
)";

class QuietHours : public ::testing::Test, protected World {
 protected:
  QuietHours() {
    open(quiet_policy);
    for (auto queue : {"night", "day"}) somebody("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", queue));
    clock.set(parse_timestamp("2025-01-15T23:00:00Z").value());
  }
  std::vector<std::string> heard(std::string_view queue) {
    std::vector<std::string> out;
    for (const auto& message : drain(queue)) out.push_back(json::text(message, "kind", ""));
    return out;
  }
  void fix(const std::string& bucket) {
    make_public_bucket(bucket);
    scan_and_settle();
  }
};

TEST_F(QuietHours, HoldMessagesAndSendThemAsOneWhenTheyEnd) {
  fix("logs");
  fix("press");
  EXPECT_THAT(heard("day"), UnorderedElementsAre("resolved", "resolved"));
  EXPECT_THAT(heard("night"), IsEmpty());
  start();  // a restart forgets nothing
  clock.set(parse_timestamp("2025-01-16T06:59:59Z").value());
  settle();
  EXPECT_THAT(heard("night"), IsEmpty());
  clock.set(parse_timestamp("2025-01-16T07:00:00Z").value());
  settle();
  auto messages = drain("night");
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(json::text(messages[0], "kind", ""), "digest");
  EXPECT_THAT(json::items(json::at(messages[0], {"body", "notices"})), SizeIs(2));
  fix("site");
  EXPECT_THAT(heard("night"), UnorderedElementsAre("resolved")) << "by day each comes by itself";
}

TEST_F(QuietHours, LetPassWhatThePolicyExcepts) {
  fix("logs");
  ASSERT_TRUE(engine->roll_back(only().id, {.name = "ana", .arn = ""}, "not that one"));
  settle();
  auto kinds = heard("night");
  EXPECT_THAT(kinds, UnorderedElementsAre("rolled_back"));
}

TEST_F(QuietHours, HoldWhatIsTriedAgain) {
  clock.set(parse_timestamp("2025-01-15T21:59:59Z").value());
  somebody("sqs:DeleteQueue", json::print(json::Object{{"QueueUrl", json::text(
                                  somebody("sqs:GetQueueUrl", R"({"QueueName": "night"})"), "QueueUrl")}}));
  fix("logs");  // fails, and is to be tried again a second later
  clock.set(parse_timestamp("2025-01-15T22:30:00Z").value());
  somebody("sqs:CreateQueue", R"({"QueueName": "night"})");
  settle();
  EXPECT_THAT(heard("night"), IsEmpty());
  clock.set(parse_timestamp("2025-01-16T07:00:00Z").value());
  settle();
  EXPECT_THAT(heard("night"), UnorderedElementsAre("resolved"));
}

TEST(ThePolicyOfQuietHours, IsReadStrictly) {
  auto faults = [](const std::string& quiet) {
    auto policy = parse_policy("notify: [{name: c, webhook: \"https://x\", quiet: " + quiet + "}]\n", ".");
    return policy ? std::string() : policy.error().message;
  };
  EXPECT_EQ(faults("{timezone: Europe/Berlin, hours: [\"22:00-07:00\", \"12:00-13:00\"], days: [sat, sunday]}"), "");
  for (auto wrong : {"{timezone: Nowhere/Land, days: [sat]}", "{hours: \"22-7\"}", "{days: [weekend]}", "{}",
                     "{hours: [\"00:00-12:00\", \"12:00-00:00\"]}", "{days: [sat], but: [x]}"})
    EXPECT_NE(faults(wrong), "") << wrong;
}

}  // namespace
}  // namespace aright::remediation
