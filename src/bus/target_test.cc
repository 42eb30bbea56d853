#include "bus/target.h"

#include <gmock/gmock.h>

namespace aright::bus {
namespace {

using ::testing::HasSubstr;
using Kind = Target::Kind;

Target target(std::string_view said) {
  auto out = read_target(json::parse(said).value());
  EXPECT_TRUE(out) << out.error().message;
  return out.value_or(Target());
}
std::string target_fault(std::string_view said) {
  auto out = read_target(json::parse(said).value());
  return out ? "" : out.error().message;
}
Delivery delivery(std::string_view said) {
  return {.id = "sig_1/shut/a",
          .rule = "shut",
          .target = target(said),
          .event = {{"id", "e"}},
          .input = "in",
          .hops = 1,
          .accepted = {1'000}};
}
const Error busy{.code = Errc::unavailable, .message = "no answer", .retry = Retry::later};

TEST(Targets, AreToldByTheirArns) {
  for (const auto& [arn, kind, name] : {
           std::tuple{"aright:control/restricted-ssh", Kind::control, "restricted-ssh"},
           std::tuple{"aright:notify/on-call", Kind::channel, "on-call"},
           std::tuple{"aright:webhook/on-call", Kind::webhook, "on-call"},
           std::tuple{"aright:bus/quiet", Kind::bus, "quiet"},
           std::tuple{"arn:aws:sqs:us-east-1:111122223333:jobs", Kind::queue, "jobs"},
           std::tuple{"arn:aws:sns:us-east-1:111122223333:alerts", Kind::topic, "alerts"},
           std::tuple{"arn:aws-cn:events:cn-north-1:111122223333:event-bus/other", Kind::remote_bus, "other"},
           std::tuple{"arn:aws:ssm:us-east-1:111122223333:automation-definition/Fix-It:$DEFAULT", Kind::runbook,
                      "Fix-It"},
           std::tuple{"arn:aws:lambda:us-east-1:111122223333:function:close:live", Kind::function, "close"},
       }) {
    auto read = target(fmt::format(R"({{"Id": "a", "Arn": "{}"}})", arn));
    EXPECT_EQ(read.kind, kind) << arn;
    EXPECT_EQ(read.name, name);
  }
}

TEST(Targets, SayWhatIsWrongWithThem) {
  EXPECT_THAT(target_fault(R"({"Id": "a"})"), HasSubstr("Arn is required"));
  EXPECT_THAT(target_fault(R"({"Arn": "the queue"})"), HasSubstr("neither an ARN"));
  EXPECT_THAT(target_fault(R"({"Arn": "aright:bus/"})"), HasSubstr("names nothing"));
  EXPECT_THAT(target_fault(R"({"Arn": "arn:aws:batch:us-east-1:1:job-queue/q"})"), HasSubstr("nothing here answers"));
  EXPECT_THAT(target_fault(R"({"Arn": "aright:bus/a", "RetryPolicies": {}})"), HasSubstr("unknown member RetryPolicies"));
  EXPECT_THAT(target_fault(R"({"Arn": "aright:bus/a", "RetryPolicy": {"MaximumRetryAttempts": 186}})"),
              HasSubstr("MaximumRetryAttempts must be from 0 to 185"));
  EXPECT_THAT(target_fault(R"({"Arn": "aright:bus/a", "RetryPolicy": {"MaximumEventAgeInSeconds": 59}})"),
              HasSubstr("MaximumEventAgeInSeconds must be from 60 to 86400"));
  EXPECT_THAT(target_fault(R"({"Arn": "arn:aws:sqs:us-east-1:1:a.fifo"})"), HasSubstr("needs a MessageGroupId"));
  EXPECT_THAT(target_fault(R"({"Arn": "aright:bus/a", "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:1:a.fifo"}})"),
              HasSubstr("not the ARN of a standard SQS queue"));
  EXPECT_THAT(target_fault(R"({"Arn": "aright:bus/a", "HttpParameters": {}})"), HasSubstr("for webhooks"));
}

TEST(Deliveries, AreTheSameAfterTheDisk) {
  auto one =
      delivery(R"({"Id": "a", "Arn": "arn:aws:sqs:us-east-1:1:jobs", "RetryPolicy": {"MaximumRetryAttempts": 2}})");
  auto again = delivery_from_json(to_json(one));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(json::Value(to_json(*again)), json::Value(to_json(one)));
  EXPECT_EQ(again->target.retry.retries_max, 2);
  one.input = json::print(one.event);
  EXPECT_EQ(delivery_from_json(to_json(one))->input, one.input);
  EXPECT_FALSE(to_json(one).contains("input")) << "the event is kept once";
}

TEST(Deliveries, AreTriedAgainUntilTheirPatienceEnds) {
  auto one = delivery(R"({"Arn": "arn:aws:sqs:us-east-1:1:jobs",
                          "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60}})");
  auto after = [&](int attempt, std::int64_t now_ms, const Error& error = busy) {
    return after_failure(one, error, attempt, seconds(4), {now_ms});
  };
  EXPECT_EQ(std::get<TryAgain>(after(1, 2'000)).due.ms, 6'000);
  EXPECT_EQ(std::get<TryAgain>(after(2, 57'000)).due.ms, 61'000);
  EXPECT_EQ(std::get<GiveUp>(after(2, 57'001)).exhausted, "MaximumEventAgeInSeconds");
  EXPECT_EQ(std::get<GiveUp>(after(3, 2'000)).exhausted, "MaximumRetryAttempts");
  EXPECT_EQ(std::get<GiveUp>(after(1, 2'000, {.code = Errc::denied})).exhausted, "") << "trying again has no sense";
  for (int status : {401, 407, 409, 429, 500, 503})
    EXPECT_TRUE(std::holds_alternative<TryAgain>(after(1, 2'000, {.code = Errc::unavailable, .http_status = status})));
  for (int status : {400, 403, 404, 410})
    EXPECT_TRUE(std::holds_alternative<GiveUp>(after(1, 2'000, {.code = Errc::unavailable, .http_status = status})));
}

TEST(DeadLetters, HaveTheAttributesOfEventBridge) {
  auto one = delivery(R"({"Arn": "arn:aws:sqs:us-east-1:1:jobs",
                          "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:1:dead"}})");
  auto letter = dead_letter(one, busy, 3, {.exhausted = "MaximumRetryAttempts"});
  EXPECT_EQ(letter.body, R"({"id":"e"})") << "the event, not what the target would have got";
  std::map<std::string, std::string> expected{{"RULE_ARN", "aright:rule/shut"},
                                              {"TARGET_ARN", "arn:aws:sqs:us-east-1:1:jobs"},
                                              {"ERROR_CODE", "CONNECTION_FAILURE"},
                                              {"ERROR_MESSAGE", "no answer"},
                                              {"RETRY_ATTEMPTS", "2"},
                                              {"EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"}};
  EXPECT_EQ(letter.attributes, expected);
  EXPECT_FALSE(dead_letter(one, {.code = Errc::denied}, 1, {}).attributes.contains("EXHAUSTED_RETRY_CONDITION"));
  auto again = dead_letter_from_json(to_json(letter));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->attributes, letter.attributes);
}

}  // namespace
}  // namespace aright::bus
