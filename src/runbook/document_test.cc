#include "runbook/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "runbook/machine.h"

namespace aright::runbook {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> faults(std::string_view text) {
  std::vector<Diagnostic> found;
  auto parsed = Document::parse(text, "doc.yaml", &found);
  std::vector<std::string> told;
  for (const auto& each : found)
    told.push_back(each.text());
  auto is_error = [](const Diagnostic& each) { return each.effect == Diagnostic::Effect::error; };
  EXPECT_EQ(parsed.has_value(), std::ranges::none_of(found, is_error));
  return told;
}

// A document with these steps; the first stands in line 3.
std::string with_steps(std::string_view steps) {
  return fmt::format("schemaVersion: \"0.3\"\nmainSteps:\n{}\n", steps);
}

constexpr const char* good_step =
    "- {name: A, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}";

// With the parameters P: given, in a document that has this one.
Result<json::Object> resolved(std::string_view parameter, const char* given) {
  auto text = fmt::format("schemaVersion: '0.3'\nparameters:\n  P: {}\nmainSteps:\n{}\n", parameter,
                          good_step);
  auto document = Document::parse(text, "doc");
  if (!document) return std::unexpected(document.error());
  return resolve_parameters(*document, json::parse(given)->get_object());
}

std::string value_of(std::string_view parameter, const char* given) {
  auto object = resolved(parameter, given);
  return object ? json::print(json::at(*object, "P")) : object.error().message;
}

}  // namespace

TEST(Document, JsonAndYamlAreTheSameDocument) {
  auto yaml = Document::parse(with_steps(good_step), "d").value();
  auto json =
      Document::parse(
          R"({"schemaVersion": "0.3", "mainSteps": [{"name": "A", "action": "aws:executeAwsApi",
      "inputs": {"Service": "s3", "Api": "ListBuckets"}}]})",
          "d")
          .value();
  EXPECT_EQ(yaml.steps()[0].inputs, json.steps()[0].inputs);
  EXPECT_NE(yaml.hash(), json.hash());
  EXPECT_EQ(yaml.hash().size(), 64u);
}

TEST(Document, FaultsHaveAPlaceAndAMend) {
  EXPECT_THAT(
      faults("schemaVersion: '0.3'\nmainSteps:\n- name: A\n  action: aws:exectueAwsApi\n  inputs: "
             "{}\n"),
      ElementsAre(
          "doc.yaml:4:3: error: aws:exectueAwsApi is no action (did you mean aws:executeAwsApi?)"));
}

TEST(Document, AllFaultsAreToldAtOnce) {
  EXPECT_THAT(
      faults(with_steps("- {name: A-1, action: aws:pause, nextSetp: B}\n"
                        "- {name: B, action: aws:pause, isEnd: true, nextStep: C}\n"
                        "- {name: B, action: aws:sleep, inputs: {}}")),
      ElementsAre(
          HasSubstr(":3:34: error: nextSetp is no property of a step (did you mean nextStep?)"),
          HasSubstr(":3:4: error: the step name A-1 has other characters"),
          HasSubstr(":5:4: error: two steps are named B"),
          HasSubstr(":4:45: error: there is no step C"),
          HasSubstr(":4:32: error: a step with isEnd: true has no nextStep"),
          HasSubstr(":5:3: error: aws:sleep takes either a Duration or a Timestamp")));
}

TEST(Document, WhatIsNoDocumentSaysWhy) {
  EXPECT_THAT(faults("a: [1"), ElementsAre(HasSubstr("not YAML")));
  EXPECT_THAT(faults(""),
              ElementsAre(HasSubstr("a document is a map with schemaVersion and mainSteps")));
  EXPECT_THAT(
      faults("schemaVersion: '2.2'\nmainSteps: []\n"),
      ElementsAre(HasSubstr("doc.yaml:1:1: error: the schemaVersion 2.2 is no Automation document"),
                  HasSubstr("doc.yaml:2:1: error: mainSteps is a list with at least one step")));
  EXPECT_THAT(faults(std::string(document_bytes_max + 1, ' ')),
              ElementsAre(HasSubstr("at most 262144 bytes")));
}

TEST(Document, BrokenJsonIsToldAsJson) {
  EXPECT_THAT(faults("{\n \"schemaVersion\": \"0.3\",\n \"mainSteps\": ["),
              ElementsAre(AllOf(HasSubstr("doc.yaml:3:16: error: not JSON: incomplete JSON"),
                                HasSubstr("close every"))));
}

TEST(Document, EveryFaultSaysHowToMendIt) {
  auto text = read_file(ARIGHT_SOURCE_DIR "/src/runbook/testdata/faults/many.yaml").value();
  std::vector<Diagnostic> found;
  ASSERT_FALSE(Document::parse(text, "many.yaml", &found));
  EXPECT_GT(found.size(), 50u);
  for (const auto& each : found)
    EXPECT_FALSE(each.mend.empty()) << each.text();
}

TEST(Document, WhatCannotBeRunIsToldBeforeItRuns) {
  EXPECT_THAT(faults(with_steps("- {name: A, action: aws:sleep, inputs: {Duration: 10 minutes}}\n"
                                "- {name: B, action: aws:sleep, inputs: {Timestamp: tomorrow}}\n"
                                "- {name: C, action: aws:executeScript, inputs: {Runtime: PowerShell 7.0, Script: x}}\n"
                                "- {name: D, action: aws:executeScript, inputs: {Runtime: ruby, Script: x}}\n"
                                "- {name: E, action: aws:sleep, inputs: {Duration: PT0.5S}}\n"
                                "- {name: F, action: aws:executeScript, inputs: {Runtime: python3.11, Handler: h}}")),
              ElementsAre(HasSubstr("error: '10 minutes' is no ISO 8601 duration"),
                          HasSubstr("error: 'tomorrow' is no ISO 8601 timestamp"),
                          HasSubstr("warning: unsupported: PowerShell 7.0 is not run here (write the script in Python"),
                          HasSubstr("error: ruby is no runtime of aws:executeScript"),
                          HasSubstr("error: aws:executeScript needs a Script, an Attachment or both")));
}

TEST(Document, WhatIsFarFromEveryNameIsNotGuessed) {
  EXPECT_THAT(faults(with_steps("- {name: A, action: 'aws:frob', inputs: {}}")),
              ElementsAre(HasSubstr("aws:frob is no action (write one of aws:approve, aws:pause,")));
}

TEST(Document, ReferencesMustMeanSomething) {
  EXPECT_THAT(faults(with_steps("- {name: Ask, action: aws:executeAwsApi, inputs: {Service: s3, "
                                "Api: A, X: '{{ Buckt }}'}}")),
              ElementsAre(HasSubstr("doc.yaml:3:72: error: {{ Buckt }} refers to nothing (write "
                                    "one of Ask.OutputPayload, ")));
  EXPECT_THAT(
      faults("schemaVersion: '0.3'\nparameters: {Bucket: {type: String}}\nvariables: {N: {type: "
             "Integer}}\n"
             "mainSteps:\n- name: Ask\n  action: aws:executeAwsApi\n  inputs:\n    Service: s3\n   "
             " Api: A\n"
             "    A: '{{ Bucket }} {{variable:N}} {{ Ask.OutputPayload }} {{ global:REGION }}'\n   "
             " B: '{{ variable:M }}'\n"
             "    C: '{{ Ask.Nothing }}'\n    D: '{{ global:REGON }}'\n    E: '{{ ssm:x }}'\n"),
      ElementsAre(
          HasSubstr(":11:5: error: {{ variable:M }} refers to nothing (did you mean variable:N?)"),
          HasSubstr(":12:5: warning: Ask has no output Nothing"),  // AWS takes it, and fails there
          HasSubstr("did you mean global:REGION?"),
          HasSubstr("warning: {{ ssm:x }} is not resolved inside inputs")));
}

TEST(Document, ScriptsMayHaveTheirOwnBraces) {
  EXPECT_THAT(
      faults("schemaVersion: '0.3'\nparameters: {Bucket: {type: String}}\nmainSteps:\n- name: A\n"
             "  action: aws:executeScript\n  inputs:\n    Runtime: python3.11\n    Handler: h\n"
             "    Script: \"{{ mine }} {{ Bucket }}\"\n"),
      ElementsAre("doc.yaml:9:5: warning: the value of {{ Bucket }} becomes code (hand it over in "
                  "InputPayload)"));
}

TEST(Document, AMisspeltInputIsNotDropped) {
  EXPECT_THAT(
      faults(with_steps(
          "- {name: A, action: aws:approve, inputs: {Approvers: [a], MinRequiredApproval: 2}}")),
      ElementsAre(HasSubstr(
          "aws:approve takes no input MinRequiredApproval (did you mean MinRequiredApprovals?)")));
}

TEST(Document, ConditionsAreChecked) {
  EXPECT_THAT(faults(with_steps("- name: A\n  action: aws:branch\n  inputs:\n    Choices:\n"
                                "    - {NextStep: A, Variable: x, StringEqual: y}\n"
                                "    - {Variable: x, Contains: y}\n"
                                "    - {NextStep: B, Not: {And: []}}\n")),
              testing::IsSupersetOf(
                  {HasSubstr("StringEqual is no operator (did you mean StringEquals?)"),
                   HasSubstr(":8:7: error: a choice needs a NextStep"),
                   HasSubstr("And takes a list of conditions"), HasSubstr("there is no step B")}));
}

TEST(Document, NobodyJumpsIntoALoop) {
  EXPECT_THAT(faults(with_steps("- {name: A, action: aws:pause, nextStep: Inner}\n"
                                "- {name: L, action: aws:loop, inputs: {Iterators: [a], Steps: "
                                "[{name: Inner, action: aws:pause, nextStep: A}]}}")),
              ElementsAre(HasSubstr(":3:32: error: the step Inner stands inside a loop")));
}

TEST(Document, StepsThatNothingLeadsToAreNoted) {
  EXPECT_THAT(
      faults(with_steps("- {name: A, action: aws:pause, nextStep: C}\n"
                        "- {name: B, action: aws:pause}\n"
                        "- {name: C, action: aws:loop, isEnd: true, inputs: {Iterators: [a], "
                        "Steps: [{name: D, action: aws:pause, onFailure: 'step:E'}]}}\n"
                        "- {name: E, action: aws:pause, isEnd: true}")),
      ElementsAre(HasSubstr(":4:4: warning: nothing leads to B")));
}

TEST(Document, CancellingLeadsToWhatCanBeDoneInTwoMinutes) {
  EXPECT_THAT(
      faults(with_steps("- {name: A, action: aws:pause, onCancel: 'step:B'}\n- {name: B, action: "
                        "aws:pause, onCancel: Continue}")),
      ElementsAre(
          HasSubstr(":4:32: error: onCancel cannot be Continue (write Abort or step:<name>)"),
          HasSubstr(":3:32: error: onCancel cannot lead to B, a step of aws:pause")));
}

TEST(Document, ParametersAreChecked) {
  auto text = [](std::string_view body) {
    return fmt::format("schemaVersion: '0.3'\nparameters:\n  P: {}\nmainSteps:\n{}\n", body,
                       good_step);
  };
  EXPECT_THAT(faults(text("{type: string}")),
              ElementsAre(HasSubstr(":3:7: error: string is no type of a parameter")));
  EXPECT_THAT(faults(text("{default: x}")), ElementsAre(HasSubstr("P has no type")));
  EXPECT_THAT(faults(text("{type: Integer, default: x}")),
              ElementsAre(HasSubstr("the default of P: \"x\" is no Integer")));
  EXPECT_THAT(faults(text("{type: String, allowedPattern: '['}")),
              ElementsAre(HasSubstr("'[' is no pattern")));
  EXPECT_THAT(faults(text("{type: String, default: c, allowedValues: [a, b]}")),
              ElementsAre(HasSubstr("warning: the default P:")));
  EXPECT_THAT(faults(text("{type: 'AWS::EC2::Instance::Id'}")), IsEmpty());
}

TEST(Parameters, ComeInTheirNaturalFormOrAsTexts) {
  EXPECT_EQ(value_of("{type: String}", R"({"P": ["{\"a\": 1}"]})"), R"("{\"a\": 1}")");
  EXPECT_EQ(value_of("{type: Integer}", R"({"P": ["5"]})"), "5");
  EXPECT_EQ(value_of("{type: Integer}", R"({"P": 5})"), "5");
  EXPECT_EQ(value_of("{type: Integer}", R"({"P": ["5.5"]})"), R"(P: "5.5" is no Integer)");
  EXPECT_EQ(value_of("{type: Boolean}", R"({"P": ["true"]})"), "true");
  EXPECT_EQ(value_of("{type: Boolean}", R"({"P": ["yes"]})"), R"(P: "yes" is no Boolean)");
  EXPECT_EQ(value_of("{type: StringList}", R"({"P": ["a", "b"]})"), R"(["a","b"])");
  EXPECT_EQ(value_of("{type: 'List<AWS::EC2::Instance::Id>'}", R"({"P": "a"})"), R"(["a"])");
  EXPECT_EQ(value_of("{type: StringMap}", R"({"P": ["{\"a\": [1, true]}"]})"), R"({"a":[1,true]})");
  EXPECT_EQ(value_of("{type: MapList}", R"({"P": ["{\"a\": 1}", "{\"b\": 2}"]})"),
            R"([{"a":1},{"b":2}])");
  EXPECT_EQ(value_of("{type: String}", R"({"P": ["a", "b"]})"), R"(P: ["a","b"] is no String)");
}

TEST(Parameters, KeepTheirLimits) {
  EXPECT_THAT(value_of("{type: String, allowedPattern: '^[a-z]+$'}", R"({"P": "a\n"})"),
              HasSubstr("does not match"));
  EXPECT_THAT(value_of("{type: String, allowedPattern: '[a-z]+'}", R"({"P": "a b"})"),
              HasSubstr("does not match"));
  EXPECT_EQ(value_of("{type: String, allowedPattern: '^(?!i-)(?i:ABC)$|^$'}", R"({"P": "abc"})"),
            "\"abc\"");
  EXPECT_THAT(value_of("{type: StringList, allowedPattern: '^[a-z]$'}", R"({"P": ["a", "B"]})"),
              HasSubstr("\"B\" does not match"));
  EXPECT_THAT(value_of("{type: String, allowedValues: [a, b]}", R"({"P": "c"})"),
              HasSubstr("none of its allowed values"));
  EXPECT_THAT(value_of("{type: StringList, maxItems: 1}", R"({"P": ["a", "b"]})"),
              HasSubstr("more than 1 items"));
  EXPECT_THAT(value_of("{type: String, minChars: 2, maxChars: 3}", R"({"P": "a"})"),
              HasSubstr("shorter than 2"));
  EXPECT_THAT(value_of("{type: String, minChars: 2, maxChars: 3}", R"({"P": "abcd"})"),
              HasSubstr("longer than 3"));
}

TEST(Parameters, HavePatternsAsJavaReadsThem) {
  auto fits = [](std::string_view pattern, std::string_view value) {
    return !value_of(fmt::format("{{type: String, allowedPattern: '{}'}}", pattern).c_str(),
                     json::print(json::Object{{"P", value}}).c_str())
                .contains("does not match");
  };
  EXPECT_TRUE(fits(R"(^role\/[\w-\/.@+=,]{1,1017}$)", "role/a-b/c"));
  EXPECT_FALSE(fits(R"(^role\/[\w-\/.@+=,]{1,1017}$)", "role/a b"));
  EXPECT_TRUE(fits(R"([+-\d]+)", "+1-2"));
  EXPECT_TRUE(fits(R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF]*)", "é😀"));
  EXPECT_FALSE(fits(R"([\u0020-\uD7FF]*)", "\x01"));
  EXPECT_TRUE(fits("^.{1,262144}$", "any"));
  EXPECT_FALSE(fits("^.{2,262144}$", "a"));
}

TEST(Parameters, ThatAreWrongCarryTheServicesCode) {
  auto missing = resolved("{type: String}", "{}");
  EXPECT_EQ(missing.error().message, "P is required by doc");
  EXPECT_EQ(missing.error().wire_code, "InvalidAutomationExecutionParametersException");
  EXPECT_EQ(resolved("{type: String}", R"({"p": "x"})").error().message,
            "p is no parameter of doc: did you mean P?");
  EXPECT_EQ(resolved("{type: String, default: '{{ssm:x}}'}", "{}").error().message,
            "P: the Parameter Store parameter x that it defaults to is not known");
}

TEST(Parameters, APatternThatBacktracksForeverIsAnError) {
  auto many = std::string(60, 'a');
  EXPECT_THAT(value_of("{type: String, allowedPattern: '(a+)+b'}",
                       fmt::format(R"({{"P": "{}!"}})", many).c_str()),
              HasSubstr("match"));
  EXPECT_THAT(value_of("{type: String, allowedPattern: '(a|aa)+$'}",
                       fmt::format(R"({{"P": "{}!"}})", many).c_str()),
              HasSubstr("limit exceeded"));
}

TEST(FunctionDocument, HandsThePayloadOverAsItIs) {
  auto payload = json::parse(R"({"text": "{{ ssm:x }} {{ Payload }}"})").value();
  auto document = std::make_shared<const Document>(function_document("revoke", payload));
  Start start{.execution_id = "e", .parameters = resolve_parameters(*document, {}).value()};
  Machine machine(document, start);
  const auto& call = std::get<CallAws>(machine.next());
  EXPECT_EQ(call.operation, "Invoke");
  EXPECT_EQ(json::text(call.input, "LogType"), "Tail") << "what it printed is told";
  EXPECT_EQ(json::text(call.input, "Payload"), "eyJ0ZXh0Ijoie3sgc3NtOnggfX0ge3sgUGF5bG9hZCB9fSJ9");
}

TEST(ExecuteScript, ReturnsNoMoreThanSystemsManagerTakes) {
  auto text = with_steps(
      "- {name: A, action: aws:executeScript, inputs: {Runtime: python3.11, Handler: h, Script: "
      "x}}");
  auto status_after = [&](std::size_t bytes) {
    Machine machine(std::make_shared<const Document>(Document::parse(text, "d").value()), {.execution_id = "e"});
    Returned returned{.token = std::string(token(machine.next())), .error = std::nullopt};
    returned.output = json::Object{{"Payload", std::string(bytes, 'y')}};
    EXPECT_TRUE(machine.apply({{}, std::move(returned)}));
    return name(machine.status());
  };
  EXPECT_EQ(status_after(99'000), "Success");
  EXPECT_EQ(status_after(100'000), "Failed");
}

TEST(Catalog, EveryRunbookReads) {
  for (const char* name : {"AWS-DisableS3BucketPublicReadWrite", "Aright-SecureInstance"}) {
    auto text =
        read_file(fmt::format("{}/catalog/runbooks/{}.yaml", ARIGHT_SOURCE_DIR, name)).value();
    EXPECT_THAT(faults(text), IsEmpty()) << name;
  }
}

}  // namespace aright::runbook
