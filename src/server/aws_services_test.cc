// The AWS operations that the engine answers itself.

#include "server/aws_services.h"

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::server {
namespace {

class TheAwsServices : public ::testing::Test, public remediation::World {
 protected:
  TheAwsServices() {
    open("controls: [{id: s3-bucket-public-read-prohibited}]\n", {{"Asks", R"(
schemaVersion: "0.3"
mainSteps:
  - name: Ask
    action: aws:approve
    inputs: {Message: "Look?", Approvers: ["arn:aws:iam::111122223333:user/ben"]}
)"}, {"Tell", R"(
schemaVersion: "0.3"
parameters: {Who: {type: String}, Word: {type: String}}
mainSteps:
  - name: Say
    action: aws:executeAwsApi
    inputs: {Service: ssm, Api: PutParameter, Name: "{{ Who }}", Value: "{{ Word }}", Type: String}
    outputs: [{Name: Version, Selector: "$.Version", Type: Integer}]
outputs: [Say.Version]
)"}});
  }
  std::optional<Result<json::Object>> ask(std::string service, std::string operation,
                                          std::string_view input, const std::string& user = "ana") {
    aws::Call call{.service = std::move(service),
                   .operation = std::move(operation),
                   .region = region,
                   .account = account,
                   .input = json::parse(input)->as_object()};
    return answer_aws(
        *engine, {.account = account, .arn = "arn:aws:iam::111122223333:user/" + user}, call, {});
  }
  json::Object ok(std::string service, std::string operation, std::string_view input,
                  const std::string& user = "ana") {
    auto answer = ask(std::move(service), std::move(operation), input, user);
    EXPECT_TRUE(answer && *answer) << (answer ? (*answer).error().message : "not ours");
    return answer && *answer ? **answer : json::Object();
  }
  std::string refused(std::string service, std::string operation, std::string_view input,
                      const std::string& user = "ana") {
    auto answer = ask(std::move(service), std::move(operation), input, user);
    return !answer ? "not ours" : *answer ? "" : answer->error().wire_code;
  }
};

TEST_F(TheAwsServices, StartARunbookForEachTarget) {
  auto id = json::text(ok("ssm", "StartAutomationExecution",
                          R"({"DocumentName": "Tell", "TargetParameterName": "Who", "Parameters": {"Word": ["hello"]},
                              "Targets": [{"Key": "ParameterValues", "Values": ["ana", "ben"]}]})"),
                       "AutomationExecutionId");
  const auto begun = json::at(ok("ssm", "GetAutomationExecution", json::print({{"AutomationExecutionId", id}})),
                              "AutomationExecution");
  const auto& counters = json::at(begun, "ProgressCounters");
  EXPECT_EQ(json::integer(json::at(counters, "TotalSteps")), 2) << "none of them runs yet";
  ASSERT_TRUE(engine->settle({}));
  auto told = json::at(ok("ssm", "GetAutomationExecution", json::print({{"AutomationExecutionId", id}})),
                       "AutomationExecution");
  EXPECT_EQ(json::text(told, "AutomationExecutionStatus", ""), "Success") << json::print(told);
  for (const char* who : {"ana", "ben"})
    EXPECT_EQ(json::text(json::at(somebody("ssm:GetParameter", fmt::format(R"({{"Name": "{}"}})", who)), "Parameter"),
                         "Value", ""),
              "hello");
}

TEST_F(TheAwsServices, TellOfAParentAndItsChildren) {
  auto start = ok("ssm", "StartAutomationExecution",
                  R"({"DocumentName": "Tell", "TargetParameterName": "Who", "Parameters": {"Word": ["hello"]},
                      "Targets": [{"Key": "ParameterValues", "Values": ["ana", "ben", "ana"]}], "MaxConcurrency": "1", "MaxErrors": "1"})");
  auto parent = json::text(start, "AutomationExecutionId");
  ASSERT_TRUE(engine->settle({}));
  auto about = json::print({{"AutomationExecutionId", parent}});
  const auto told = json::at(ok("ssm", "GetAutomationExecution", about), "AutomationExecution");
  EXPECT_EQ(json::print(json::at(told, "ProgressCounters")),
            R"({"TotalSteps":3,"SuccessSteps":2,"FailedSteps":1,"CancelledSteps":0,"TimedOutSteps":0})");
  EXPECT_THAT(json::texts(json::at(told, {"ResolvedTargets", "ParameterValues"})),
              testing::UnorderedElementsAre("ana", "ben"));
  EXPECT_EQ(json::text(told, "MaxConcurrency", ""), "1");
  EXPECT_EQ(json::text(told, "TargetParameterName", ""), "Who");
  auto children = [&](std::string_view more) {
    auto filters = fmt::format(R"({{"Filters": [{{"Key": "ParentExecutionId", "Values": ["{}"]}}{}]}})", parent, more);
    return json::items(json::at(ok("ssm", "DescribeAutomationExecutions", filters), "AutomationExecutionMetadataList"));
  };
  ASSERT_EQ(children("").size(), 3u);
  EXPECT_EQ(json::text(children("")[0], "ParentAutomationExecutionId", ""), parent);
  auto failed = children(R"(, {"Key": "ExecutionStatus", "Values": ["Failed"]})");
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(json::text(failed[0], "Target", ""), "ana");
  EXPECT_EQ(refused("ssm", "DescribeAutomationExecutions", R"({"Filters": [{"Key": "Colour", "Values": ["red"]}]})"),
            "InvalidFilterKey");
}

TEST_F(TheAwsServices, CountEachTargetMapAsOneTarget) {
  auto parent = json::text(ok("ssm", "StartAutomationExecution",
                              R"({"DocumentName": "Tell", "MaxConcurrency": "1",
                                  "TargetMaps": [{"Who": ["ana"], "Word": ["p"]}, {"Who": ["ben"], "Word": ["q"]}]})"),
                           "AutomationExecutionId");
  auto look = [&](const char* when) {
    const auto told = json::at(ok("ssm", "GetAutomationExecution", json::print({{"AutomationExecutionId", parent}})),
                               "AutomationExecution");
    EXPECT_EQ(json::integer(json::at(told, {"ProgressCounters", "TotalSteps"})), 2) << when;
    EXPECT_THAT(json::texts(json::at(told, {"ResolvedTargets", "ParameterValues"})),
                testing::ElementsAre("ana", "ben"))
        << when;
  };
  look("before any of them runs");
  ASSERT_TRUE(engine->settle({}));
  look("when all have run");
}

TEST_F(TheAwsServices, StartOnceForOneClientToken) {
  auto order = [](const char* word, const char* token) {
    return fmt::format(R"({{"DocumentName": "Tell", "Parameters": {{"Who": ["ana"], "Word": ["{}"]}},
                           "ClientToken": "{}"}})", word, token);
  };
  constexpr const char* token = "01234567-89ab-cdef-0123-456789abcdef";
  auto first = ok("ssm", "StartAutomationExecution", order("hello", token));
  auto again = ok("ssm", "StartAutomationExecution", order("hello", token));
  EXPECT_EQ(json::text(first, "AutomationExecutionId"), json::text(again, "AutomationExecutionId"));
  EXPECT_EQ(refused("ssm", "StartAutomationExecution", order("goodbye", token)), "IdempotentParameterMismatch");
  ASSERT_TRUE(engine->settle({}));
  start();  // and after a restart
  auto later = ok("ssm", "StartAutomationExecution", order("hello", token));
  EXPECT_EQ(json::text(first, "AutomationExecutionId"), json::text(later, "AutomationExecutionId"));
  auto other = ok("ssm", "StartAutomationExecution", order("hello", "11234567-89ab-cdef-0123-456789abcdef"));
  EXPECT_NE(json::text(first, "AutomationExecutionId"), json::text(other, "AutomationExecutionId"));
}

TEST_F(TheAwsServices, KeepTheTagsOfAnExecution) {
  auto started = ok("ssm", "StartAutomationExecution",
                    R"({"DocumentName": "Asks", "Tags": [{"Key": "team", "Value": "web"}]})");
  auto id = json::text(started, "AutomationExecutionId");
  EXPECT_EQ(json::print(json::at(ok("ssm", "ListTagsForResource",
                                    json::print({{"ResourceType", "Automation"}, {"ResourceId", id}})),
                                 "TagList")),
            R"([{"Key":"team","Value":"web"}])");
  auto with_tag = [&](const char* key) {
    auto filter = fmt::format(R"({{"Filters": [{{"Key": "TagKey", "Values": ["{}"]}}]}})", key);
    return json::items(json::at(ok("ssm", "DescribeAutomationExecutions", filter), "AutomationExecutionMetadataList"))
        .size();
  };
  EXPECT_EQ(with_tag("team"), 1u);
  EXPECT_EQ(with_tag("cost"), 0u);
  EXPECT_EQ(refused("ssm", "ListTagsForResource", R"({"ResourceType": "Automation", "ResourceId": "none"})"),
            "InvalidResourceId");
}

TEST_F(TheAwsServices, RefuseTargetsWithoutAParameterForThem) {
  EXPECT_EQ(refused("ssm", "StartAutomationExecution",
                    R"({"DocumentName": "Tell", "Targets": [{"Key": "ParameterValues", "Values": ["ana"]}]})"),
            "InvalidTarget");
  EXPECT_EQ(refused("ssm", "StartAutomationExecution",
                    R"({"DocumentName": "None", "TargetParameterName": "Name",
                        "Targets": [{"Key": "ParameterValues", "Values": ["ana"]}]})"),
            "AutomationDefinitionNotFoundException");
}

TEST_F(TheAwsServices, RefuseAParameterForTargetsThatAreNotSaid) {
  EXPECT_EQ(refused("ssm", "StartAutomationExecution", R"({"DocumentName": "Tell", "TargetParameterName": "Name"})"),
            "InvalidTarget");
}

TEST_F(TheAwsServices, LeaveToTheCloudWhatIsNotTheirs) {
  EXPECT_FALSE(ask("s3", "ListBuckets", "{}"));
  EXPECT_FALSE(ask("ssm", "GetParameter", R"({"Name": "a"})"));
  EXPECT_FALSE(ask("events", "putevents", "{}"));
}

TEST_F(TheAwsServices, TakeEventsOneByOne) {
  auto answer = ok("events", "PutEvents", R"({"Entries": [
      {"Source": "mine", "DetailType": "t", "Detail": "{}"},
      {"Source": "mine", "DetailType": "t", "Detail": "["},
      {"DetailType": "t", "Detail": "{}"},
      {"Source": "aws.ec2", "DetailType": "t", "Detail": "{}"}]})");
  EXPECT_EQ(json::integer(json::at(answer, "FailedEntryCount")), 3);
  const auto& entries = json::items(json::at(answer, "Entries"));
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_NE(json::text(entries[0], "EventId", ""), "");
  EXPECT_EQ(json::text(entries[1], "ErrorCode", ""), "MalformedDetail");
  EXPECT_EQ(json::text(entries[2], "ErrorCode", ""), "InvalidArgument");
  EXPECT_EQ(json::text(entries[3], "ErrorCode", ""), "NotAuthorizedForSourceException") << "AWS's own sources";
  EXPECT_EQ(ledger->size(), 1u) << "one signal";
}

TEST_F(TheAwsServices, RefuseARequestInWhichNoEventIsWhole) {
  EXPECT_EQ(refused("events", "PutEvents", R"({"Entries": [{"DetailType": "t", "Detail": "{}"},
                                                           {"Source": "mine", "Detail": "{}"}]})"),
            "ValidationException");
  EXPECT_EQ(refused("events", "PutEvents", R"({"Entries": [{}]})"), "ValidationException");
  EXPECT_EQ(ledger->size(), 0u);
}

TEST_F(TheAwsServices, TakeTenEventsAndAHundredFindingsAtATime) {
  json::Array eleven(11, json::Object{{"Source", "s"}, {"DetailType", "t"}, {"Detail", "{}"}});
  EXPECT_EQ(refused("events", "PutEvents", json::print(json::Object{{"Entries", eleven}})),
            "ValidationException");
  EXPECT_EQ(refused("events", "PutEvents", R"({"Entries": []})"), "ValidationException");
  json::Array many(101, json::Object{{"Id", "x"}});
  EXPECT_EQ(
      refused("securityhub", "BatchImportFindings", json::print(json::Object{{"Findings", many}})),
      "InvalidInputException");
}

TEST_F(TheAwsServices, TakeOneMebibyteOfEventsAtATime) {
  auto of_bytes = [](std::size_t bytes) {
    json::Object entry{{"Source", "s"}, {"DetailType", "t"}, {"Detail", "{\"a\":\"" + std::string(bytes, 'x') + "\"}"}};
    return json::print(json::Object{{"Entries", json::Array(2, entry)}});
  };
  constexpr std::size_t around = 10;  // of an entry, beside the x
  constexpr auto half = bus::put_events_bytes_max / 2;
  EXPECT_EQ(json::integer(json::at(ok("events", "PutEvents", of_bytes(half - around)), "FailedEntryCount")), 0);
  EXPECT_EQ(refused("events", "PutEvents", of_bytes(half - around + 1)), "ValidationException");
}

TEST_F(TheAwsServices, TestAPatternAsEventBridgeDoes) {
  auto asked = [](const char* pattern, const char* event) {
    return json::print(json::Object{{"EventPattern", pattern}, {"Event", event}});
  };
  constexpr auto event = R"({"id": "1", "account": "1", "source": "aws.s3", "time": "2024-05-01T00:00:00Z",
                             "region": "us-east-1", "resources": [], "detail-type": "x", "detail": {}})";
  EXPECT_EQ(json::at(ok("events", "TestEventPattern", asked(R"({"source": ["aws.s3"]})", event)), "Result"), true);
  EXPECT_EQ(json::at(ok("events", "TestEventPattern", asked(R"({"source": ["mine"]})", event)), "Result"), false);
  EXPECT_EQ(refused("events", "TestEventPattern", asked(R"({"source": "aws.s3"})", event)),
            "InvalidEventPatternException");
  EXPECT_EQ(refused("events", "TestEventPattern", asked(R"({"source": ["aws.s3"]})", "{}")), "ValidationException");
}

TEST_F(TheAwsServices, RunAnAutomationAndTakeItsApproversAnswerOnly) {
  EXPECT_EQ(refused("ssm", "StartAutomationExecution", R"({"DocumentName": "None"})"),
            "AutomationDefinitionNotFoundException");
  auto started = ok("ssm", "StartAutomationExecution", R"({"DocumentName": "Asks"})");
  auto id = json::text(started, "AutomationExecutionId");
  EXPECT_EQ(id.size(), 36u) << "a UUID, as AWS gives it";
  settle();
  auto status = [&] {
    auto found = ok("ssm", "GetAutomationExecution",
                    fmt::format(R"({{"AutomationExecutionId": "{}"}})", id));
    return json::text(
        json::at(json::at(found, "AutomationExecution"), "AutomationExecutionStatus"));
  };
  EXPECT_EQ(status(), "Waiting");
  auto signal = [&](const char* step) {
    return fmt::format(
        R"({{"AutomationExecutionId": "{}", "SignalType": "Approve", "Payload": {{"StepName": ["{}"]}}}})",
        id, step);
  };
  EXPECT_EQ(refused("ssm", "SendAutomationSignal", signal("Ask"), "ana"),
            "InvalidAutomationSignalException");
  EXPECT_EQ(refused("ssm", "SendAutomationSignal", signal("Other"), "ben"),
            "AutomationStepNotFoundException");
  EXPECT_EQ(refused("ssm", "SendAutomationSignal", signal("Ask"), "ben"), "");
  settle();
  EXPECT_EQ(status(), "Success");
  EXPECT_EQ(refused("ssm", "GetAutomationExecution", R"({"AutomationExecutionId": "none"})"),
            "AutomationExecutionNotFoundException");
}

TEST_F(TheAwsServices, TakeNoApprovalFromWhoStartedItAndARejectionWithoutAComment) {
  auto id = json::text(ok("ssm", "StartAutomationExecution", R"({"DocumentName": "Asks"})", "ben"),
                       "AutomationExecutionId");
  settle();
  auto signal = [&](const char* type, const char* payload) {
    return fmt::format(R"({{"AutomationExecutionId": "{}", "SignalType": "{}", "Payload": {}}})", id, type, payload);
  };
  auto own = ask("ssm", "SendAutomationSignal", signal("Approve", R"({"StepName": ["Ask"]})"), "ben");
  ASSERT_TRUE(own && !*own);
  EXPECT_EQ(own->error().wire_code, "InvalidAutomationSignalException");
  EXPECT_THAT(own->error().message, ::testing::HasSubstr("another approver has to"));
  EXPECT_EQ(refused("ssm", "SendAutomationSignal", signal("Reject", R"({"StepName": ["Ask"]})"), "ben"), "");
  settle();
  auto told = ok("ssm", "GetAutomationExecution", fmt::format(R"({{"AutomationExecutionId": "{}"}})", id), "ben");
  EXPECT_THAT(json::print(told), ::testing::HasSubstr("rejected by a signal without a comment"));
}

TEST_F(TheAwsServices, StopAnAutomationThatWaits) {
  auto id = json::text(ok("ssm", "StartAutomationExecution", R"({"DocumentName": "Asks"})"),
                       "AutomationExecutionId");
  settle();
  EXPECT_EQ(refused("ssm", "StopAutomationExecution",
                    fmt::format(R"({{"AutomationExecutionId": "{}", "Type": "Cancel"}})", id)),
            "");
  settle();
  EXPECT_TRUE(engine->executor().waiting_for_people().value().empty());
}

}  // namespace
}  // namespace aright::server
