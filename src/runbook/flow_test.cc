#include "runbook/flow.h"

#include <gmock/gmock.h>

#include "runbook/calls.h"
#include "runbook/flow_picture.h"

namespace aright::runbook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Document read_document(std::string_view text) {
  auto document = Document::parse(text, "Mine");
  EXPECT_TRUE(document) << document.error().message;
  return std::move(*document);
}

const char* const branching = R"(
schemaVersion: "0.3"
parameters: {Ids: {type: StringList, default: [a]}}
mainSteps:
  - name: Look
    action: aws:executeAwsApi
    onFailure: step:Tell
    inputs: {Service: ec2, Api: DescribeInstances}
    outputs: [{Name: State, Selector: "$.State", Type: String}]
  - name: Choose
    action: aws:branch
    inputs:
      Choices:
        - {NextStep: Tell, Variable: "{{ Look.State }}", StringEquals: running}
        - NextStep: Each
          And: [{Variable: "{{ Look.State }}", StartsWith: st}, {Not: {Variable: "{{ Look.State }}", Contains: "<"}}]
      Default: Tell
  - name: Each
    action: aws:loop
    inputs:
      Iterators: "{{ Ids }}"
      Steps:
        - {name: Inner, action: aws:executeAwsApi, inputs: {Service: ec2, Api: stop_instances, InstanceIds: [x]}}
  - {name: Tell, action: aws:executeAwsApi, isEnd: true, inputs: {Service: sns, Api: Publish, TopicArn: t, Message: m}}
)";

std::vector<std::string> ways(const Stop& stop) {
  std::vector<std::string> out;
  for (const auto& way : stop.ways) out.push_back(fmt::format("{}>{}{}", static_cast<int>(way.kind), way.to, way.why));
  return out;
}

TEST(Flow, GoesWhereTheDocumentGoes) {
  auto document = read_document(branching);
  auto flow = flow_of(document);
  ASSERT_EQ(flow.size(), 4u);
  EXPECT_THAT(ways(flow[0]), ElementsAre("0>Choose", "3>Tell"));
  EXPECT_THAT(ways(flow[1]), ElementsAre("1>TellLook.State = running",
                                         "1>EachLook.State starts with st and not Look.State contains <", "2>Tell"));
  EXPECT_THAT(ways(flow[2]), ElementsAre("0>Tell"));
  ASSERT_EQ(flow[2].inner.size(), 1u);
  EXPECT_THAT(ways(flow[2].inner[0]), ElementsAre("0>"));
  EXPECT_THAT(ways(flow[3]), ElementsAre("0>"));
}

TEST(FlowPicture, NamesEveryStepAndEscapesWhatPeopleWrite) {
  auto picture = flow_picture(read_document(branching));
  for (const char* text :
       {"<svg ", ">Look<", ">Choose<", ">Inner<", "ec2:DescribeInstances", "contains &lt;", "</svg>"})
    EXPECT_THAT(picture, HasSubstr(text));
  EXPECT_THAT(picture, Not(HasSubstr("contains <")));
}

TEST(Calls, OfADocumentStandByItsSteps) {
  auto found = calls_of(read_document(branching));
  std::vector<std::string> told;
  for (const auto& call : found.calls) told.push_back(call.step + " " + call.service + ":" + call.operation);
  EXPECT_THAT(told, ElementsAre("Look ec2:DescribeInstances", "Inner ec2:stop_instances", "Tell sns:Publish"));
  EXPECT_TRUE(found.unknown.empty());
}

TEST(Calls, AreNamedAsAwsNamesThem) {
  auto found = calls_of(read_document(R"(
schemaVersion: "0.3"
mainSteps:
  - {name: A, action: aws:executeAwsApi, inputs: {Service: SQS, Api: deleteQueue}}
)"));
  ASSERT_EQ(found.calls.size(), 1u);
  EXPECT_EQ(found.calls[0].service, "sqs");
  EXPECT_EQ(found.calls[0].operation, "DeleteQueue");
}

TEST(Calls, ThatDependOnParametersAreSaidToBeUnknown) {
  auto found = calls_of(read_document(R"(
schemaVersion: "0.3"
parameters: {Api: {type: String}, Name: {type: String}}
mainSteps:
  - {name: A, action: aws:executeAwsApi, inputs: {Service: ec2, Api: "{{ Api }}"}}
  - {name: B, action: aws:executeAutomation, inputs: {DocumentName: "{{ Name }}"}}
  - {name: C, action: aws:executeAutomation, inputs: {DocumentName: Other}}
)"));
  ASSERT_EQ(found.unknown.size(), 2u);
  EXPECT_EQ(found.unknown[0].what, "its call is ec2:{{ Api }}");
  EXPECT_EQ(found.unknown[1].what, "it starts the document {{ Name }}");
  EXPECT_THAT(found.children, ElementsAre("Other"));
}

}  // namespace
}  // namespace aright::runbook
