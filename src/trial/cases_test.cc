// What a test file says is what is tested: expectations that do not hold are told, and so are mistakes in the file.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "rules/control.h"
#include "trial/control_cases.h"
#include "trial/expect.h"

namespace aright::trial {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* beginning = R"(
runbook: Tag
runbooks:
  Tag: |
    schemaVersion: "0.3"
    parameters: {Bucket: {type: String}}
    mainSteps:
      - {name: Rest, action: "aws:sleep", inputs: {Duration: PT10H}}
      - name: Ask
        action: aws:approve
        inputs: {Approvers: ["arn:aws:iam::111122223333:user/ana"]}
      - name: Tag
        action: aws:executeAwsApi
        inputs:
          Service: s3
          Api: PutBucketTagging
          Bucket: "{{ Bucket }}"
          Tagging: {TagSet: [{Key: a, Value: b}]}
given: [{call: s3:CreateBucket, input: {Bucket: acme}}]
tests:
  - name: a test
    parameters: {Bucket: acme}
)";

Verdict verdict_of(const std::string& rest) {
  auto verdicts = test_runbook("mine.yaml", beginning + rest, {});
  EXPECT_TRUE(verdicts) << verdicts.error().message;
  return verdicts ? verdicts->at(0) : Verdict{};
}
std::string refusal(const std::string& rest) {
  auto verdicts = test_runbook("mine.yaml", beginning + rest, {});
  return verdicts ? "" : verdicts.error().message;
}

TEST(RunbookCases, PassWhenAllThatIsExpectedIsSo) {
  auto verdict = verdict_of(
      "    expect: {steps: [Rest, Ask, Tag], writes: [s3:PutBucketTagging], rollback: restores,"
      " state: [{call: s3:GetBucketTagging, input: {Bucket: acme}, at: '$.TagSet[0].Value', is: b}]}");
  EXPECT_THAT(verdict.unmet, IsEmpty());
  EXPECT_EQ(verdict.line, 21);
}

TEST(RunbookCases, TellEachExpectationThatIsNotMet) {
  auto verdict = verdict_of(
      "    expect: {status: Failed, steps: {Tag: Failed}, writes: [], rollback: nothing,"
      " state: [{call: s3:GetBucketTagging, input: {Bucket: acme}, fails: NoSuchTagSet}]}");
  EXPECT_THAT(verdict.unmet, ElementsAre(HasSubstr("ended Success, not Failed"), HasSubstr("step Tag"),
                                         HasSubstr("writes has 1 items"), HasSubstr("did not fail"),
                                         HasSubstr("it wrote s3:PutBucketTagging")));
}

TEST(RunbookCases, AnswerAsTheTestSays) {
  auto rejected = "    answers: {Ask: Reject}\n    expect: {status: Failed, steps: [Rest, Ask]}";
  EXPECT_THAT(verdict_of(rejected).unmet, IsEmpty());
  EXPECT_THAT(verdict_of("    answers: {Ask: Never}\n    expect: {status: TimedOut}").unmet, IsEmpty());
}

TEST(RunbookCases, FailAsTheTestSays) {
  auto fault = "    faults: [{call: s3:PutBucketTagging, error: AccessDenied, status: 403}]\n";
  EXPECT_THAT(verdict_of(std::string(fault) + "    expect: {status: Failed, failure: AccessDenied}").unmet, IsEmpty());
  auto other = "    faults: [{call: s3:PutBucketAcl, error: AccessDenied}]\n";
  EXPECT_THAT(verdict_of(other).unmet, Contains(HasSubstr("s3:PutBucketAcl was never met")));
}

constexpr const char* making_its_function = R"(
runbook: Twice
runbooks:
  Twice: |
    schemaVersion: "0.3"
    outputs: [Call.Payload]
    mainSteps:
      - name: Make
        action: aws:createStack
        inputs:
          StackName: s
          Capabilities: [CAPABILITY_IAM]
          TemplateBody: |
            Resources:
              Role:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
              Function:
                Type: AWS::Lambda::Function
                Properties:
                  FunctionName: twice
                  Runtime: python3.12
                  Handler: index.handler
                  Role: {"Fn::GetAtt": [Role, Arn]}
                  Code: {ZipFile: "def handler(event, context):\n  return event['n'] * 2\n"}
      - name: Call
        action: aws:invokeLambdaFunction
        inputs: {FunctionName: twice, InputPayload: {n: 21}}
tests:
  - name: it doubles
    expect: {status: Success, outputs: {Call.Payload: ["42"]}}
)";

TEST(RunbookCases, RunTheFunctionsThatADocumentMakes) {
  auto verdicts = test_runbook("mine.yaml", making_its_function, {});
  ASSERT_TRUE(verdicts) << verdicts.error().message;
  EXPECT_THAT(verdicts->at(0).unmet, IsEmpty());
}

TEST(RunbookCases, NameThePlaceOfAMistakeInTheFile) {
  EXPECT_THAT(refusal("    expects: {status: Success}"), HasSubstr("line 23: there is no member 'expects'"));
  EXPECT_THAT(refusal("    given: [{call: s3:CreateBucket, input: {Bucket: '${nobody.Name}'}}]"),
              HasSubstr("nothing is known as '${nobody.Name}'"));
}

TEST(RunbookCases, AskAgainWhenTheyAskedTooFast) {
  auto fault = "    faults: [{call: s3:PutBucketTagging, error: SlowDown, status: 503, times: 2}]\n";
  EXPECT_THAT(verdict_of(std::string(fault) + "    expect: {status: Success, writes: [s3:PutBucketTagging]}").unmet,
              IsEmpty());
  auto endless = "    faults: [{call: s3:PutBucketTagging, error: SlowDown, status: 503, times: 1000}]\n";
  EXPECT_THAT(verdict_of(std::string(endless) + "    expect: {status: Failed, failure: SlowDown}").unmet,
              Contains(HasSubstr("was never met")).Times(1));
}

// A test of its own, or of the control that it sets right.
TEST(RunbookCases, AreThereForEveryRunbookOfTheCatalog) {
  namespace fs = std::filesystem;
  const fs::path catalog = ARIGHT_SOURCE_DIR "/catalog";
  auto says = [](const fs::path& file, const std::string& line) {
    return ("\n" + read_file(file).value()).contains("\n" + line + "\n");
  };
  std::vector<fs::path> tests, controls;
  for (const auto& entry : fs::directory_iterator(catalog / "runbooks" / "tests")) tests.push_back(entry.path());
  for (const auto& entry : fs::directory_iterator(catalog / "controls"))
    if (fs::exists(entry.path() / "tests.yaml")) controls.push_back(entry.path() / "control.yaml");
  for (const auto& entry : fs::directory_iterator(catalog / "runbooks")) {
    if (entry.path().extension() != ".yaml") continue;
    auto line = "runbook: " + entry.path().stem().string();
    EXPECT_TRUE(std::ranges::any_of(tests, [&](const auto& file) { return says(file, line); }) ||
                std::ranges::any_of(controls, [&](const auto& file) { return says(file, "  " + line); }))
        << line << " has no scenario";
  }
}

// The account as a whole is always there, and so its controls always apply.
TEST(ControlCases, OfTheCatalogShowEveryVerdictAndTheWayBack) {
  const auto tests = catalog_control_tests();
  for (const auto& [id, control] : rules::Controls::embedded().all()) {
    auto text = tests.find(id);
    ASSERT_NE(text, tests.end()) << id;
    auto document = json::parse_yaml(text->second).value();
    std::set<std::string> shown;
    bool back = false;
    for (const auto& test : json::items(json::at(document.value, "tests"))) {
      shown.insert(json::text(test, "expect", ""));
      const auto& remediation = json::at(test, "remediation");
      if (!remediation.is_null()) shown.insert(json::text(remediation, "after", "COMPLIANT"));
      back = back || !json::at(remediation, "rollback").is_null();
    }
    EXPECT_TRUE(shown.contains("COMPLIANT")) << id;
    EXPECT_TRUE(shown.contains("NON_COMPLIANT")) << id;
    EXPECT_TRUE(shown.contains("NOT_APPLICABLE") || control.resource_type == "AWS::::Account") << id;
    EXPECT_TRUE(back || control.remediation.empty()) << id;
  }
}

TEST(ControlCases, MayBeginWithWhatNoCallMakes) {
  auto verdicts = test_control("mine.yaml", R"(
control: s3-bucket-server-side-encryption-enabled
given: [{call: s3:CreateBucket, input: {Bucket: acme}}]
tests:
  - name: bare
    given: [{resource: "AWS::S3::Bucket", id: acme, aspects: {BucketEncryption: null}}]
    resource: acme
    expect: NON_COMPLIANT
  - name: of no type
    given: [{resource: "AWS::S3::Bukket", id: acme, aspects: {}}]
    resource: acme
    expect: NON_COMPLIANT
)");
  ASSERT_FALSE(verdicts);
  EXPECT_THAT(verdicts.error().message, HasSubstr("line 10: the type 'AWS::S3::Bukket' is in no description"));
}

TEST(ControlCases, TellWhenTheResourceIsNotWhatWasExpected) {
  auto verdicts = test_control("mine.yaml", R"(
control: s3-bucket-level-public-access-prohibited
given: [{call: s3:CreateBucket, input: {Bucket: acme}}, {call: s3:DeletePublicAccessBlock, input: {Bucket: acme}}]
tests:
  - {name: right, resource: acme, expect: NON_COMPLIANT, remediation: {rollback: restores}}
  - {name: wrong, resource: acme, expect: COMPLIANT}
  - {name: gone, resource: nobodys, expect: NOT_APPLICABLE}
)");
  ASSERT_TRUE(verdicts) << verdicts.error().message;
  EXPECT_THAT(verdicts->at(0).unmet, IsEmpty());
  EXPECT_THAT(verdicts->at(1).unmet, ElementsAre(HasSubstr("before it is NON_COMPLIANT, not COMPLIANT")));
  EXPECT_THAT(verdicts->at(2).unmet, IsEmpty());
}

TEST(Expectations, AskForMembersAndComparePlaces) {
  auto found = json::parse(R"({"a": {"b": 1, "c": 2}, "l": [1, 2]})").value();
  auto unmet_of = [&](const char* text) { return unmet(json::parse(text).value(), found).value_or(""); };
  EXPECT_EQ(unmet_of(R"({"a": {"b": 1}, "l": [1, "*"]})"), "");
  EXPECT_THAT(unmet_of(R"({"a": {"b": 2}})"), HasSubstr("a.b is 1, not 2"));
  EXPECT_THAT(unmet_of(R"({"a": {"d": "*"}})"), HasSubstr("a.d is not there"));
  EXPECT_THAT(unmet_of(R"({"l": [1]})"), HasSubstr("l has 2 items, not 1"));
}

}  // namespace
}  // namespace aright::trial
