#include "remediation/relations.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>

#include "remediation/testing.h"
#include "rules/related.h"

namespace aright::remediation {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* flow_logs = "vpc-flow-logs-enabled";
constexpr const char* logged = R"(
controls: [{id: vpc-flow-logs-enabled}]
decide: [{name: nobody acts, decision: manual}]
)";

class Relating : public ::testing::Test, public World {
 protected:
  std::string make_vpc(const char* block) {
    auto made = somebody("ec2:CreateVpc", fmt::format(R"({{"CidrBlock": "{}"}})", block));
    return json::text(json::at(json::Value(made), {"Vpc", "VpcId"}));
  }
  std::string log_traffic(const std::string& vpc) {
    auto made = somebody("ec2:CreateFlowLogs",
                         fmt::format(R"({{"ResourceIds": ["{}"], "ResourceType": "VPC", "TrafficType": "ALL",
                                          "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"}})", vpc));
    return json::texts(json::at(made, "FlowLogIds")).at(0);
  }
  // The event that CloudTrail sends of the last write.
  json::Object event_of(std::string_view call, std::string_view input) {
    json::Object event;
    cloud.on_call([&](const json::Object& told) { event = told; });
    somebody(call, input);
    cloud.on_call({});
    return event;
  }
  Detection told(const json::Object& event) {
    auto detection = engine->detector().of_event(event, {});
    EXPECT_TRUE(detection) << detection.error().text();
    return detection.value_or(Detection());
  }
  static std::map<std::string, std::string> verdicts(const Detection& detection) {
    std::map<std::string, std::string> out;
    for (const auto& judged : detection.judged)
      if (judged.control == flow_logs) out[judged.resource.id] = rules::name(judged.evaluation.compliance);
    return out;
  }
  // Notes every call from now on.
  void watch() {
    weather.refuse = [this](const aws::Call& call) -> std::optional<Error> {
      std::lock_guard lock(mutex);
      calls.push_back(call.name() + json::print(call.input));
      return std::nullopt;
    };
  }

  std::mutex mutex;  // scans call from several threads
  std::vector<std::string> calls;
};

TEST_F(Relating, AnEventAboutAFlowLogJudgesItsVpcAgain) {
  open(logged);
  auto vpc = make_vpc("10.0.0.0/16"), other = make_vpc("10.1.0.0/16");
  auto event = event_of("ec2:CreateFlowLogs",
                        fmt::format(R"({{"ResourceIds": ["{}"], "ResourceType": "VPC", "TrafficType": "ALL",
                                         "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"}})", vpc));
  EXPECT_EQ(verdicts(told(event)), (std::map<std::string, std::string>{{vpc, "COMPLIANT"}}));
}

TEST_F(Relating, OneThatIsGoneIsRememberedByWhatItNamed) {
  open(logged);
  auto vpc = make_vpc("10.0.0.0/16"), other = make_vpc("10.1.0.0/16");
  auto log = log_traffic(vpc);
  scan();  // sees the flow log
  auto event = event_of("ec2:DeleteFlowLogs", fmt::format(R"({{"FlowLogIds": ["{}"]}})", log));
  EXPECT_EQ(verdicts(told(event)), (std::map<std::string, std::string>{{vpc, "NON_COMPLIANT"}}));
}

TEST_F(Relating, OneThatIsGoneAndNobodyRemembersJudgesAllOfThePlace) {
  open(logged);
  auto vpc = make_vpc("10.0.0.0/16"), other = make_vpc("10.1.0.0/16");
  auto log = log_traffic(vpc);
  log_traffic(other);
  auto event = event_of("ec2:DeleteFlowLogs", fmt::format(R"({{"FlowLogIds": ["{}"]}})", log));
  auto judged = verdicts(told(event));
  EXPECT_EQ(judged[vpc], "NON_COMPLIANT");
  EXPECT_EQ(judged[other], "COMPLIANT");
}

TEST_F(Relating, AListingIsNarrowedToTheOneThatIsJudged) {
  open(logged);
  auto vpc = make_vpc("10.0.0.0/16"), other = make_vpc("10.1.0.0/16");
  log_traffic(other);
  watch();
  ASSERT_TRUE(engine->detector().evaluate(flow_logs, {account, region, "AWS::EC2::VPC", vpc, ""}, {}));
  auto narrow = fmt::format(R"([{{"Name":"resource-id","Values":["{}"]}}])", vpc);
  EXPECT_THAT(calls, Contains(HasSubstr(narrow)));
  EXPECT_THAT(calls, Not(Contains(HasSubstr("FlowLogIds"))));  // that of the other VPC is never read
}

TEST_F(Relating, AScanReadsThemOnceForAll) {
  open(logged);
  for (int i = 0; i < 5; ++i) log_traffic(make_vpc(fmt::format("10.{}.0.0/16", i).c_str()));
  make_vpc("10.9.0.0/16");
  watch();
  EXPECT_EQ(scan().non_compliant, 1u);  // the last one
  auto listings = std::ranges::count_if(calls, [](const std::string& call) {
    return call.starts_with("ec2:DescribeFlowLogs") && call.find("FlowLogIds") == std::string::npos;
  });
  EXPECT_EQ(listings, 1);
}

TEST_F(Relating, WhatMayNotBeSeenIsNotKnown) {
  open(logged);
  auto vpc = make_vpc("10.0.0.0/16");
  weather.refuse = [](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "DescribeFlowLogs") return std::nullopt;
    return Error{.code = Errc::denied, .message = "no", .wire_code = "UnauthorizedOperation", .http_status = 403};
  };
  auto judged = engine->detector().evaluate(flow_logs, {account, region, "AWS::EC2::VPC", vpc, ""}, {});
  ASSERT_TRUE(judged) << judged.error().text();
  EXPECT_EQ(judged->evaluation.compliance, rules::Compliance::insufficient_data);
  EXPECT_THAT(judged->evaluation.annotation, HasSubstr("AWS::EC2::FlowLog beside it could not be read"));
  EXPECT_EQ(scan().non_compliant, 0u);
}

TEST_F(Relating, OneThatMovesOnMattersToBothEnds) {
  open("controls: [{id: ec2-security-group-attached-to-eni-periodic}]\ndecide: [{name: nobody, decision: manual}]\n");
  auto vpc = make_vpc("10.0.0.0/16");
  auto made = [&](const char* call, std::string input, const char* member) {
    json::Value answer = somebody(call, input);
    for (const auto& [name, value] : json::members(answer))
      if (value.is_object()) answer = value;
    return json::text(answer, member, "");
  };
  auto subnet = made("ec2:CreateSubnet", fmt::format(R"({{"VpcId": "{}", "CidrBlock": "10.0.1.0/24"}})", vpc), "SubnetId");
  auto group = [&](const char* name) {
    return made("ec2:CreateSecurityGroup",
                fmt::format(R"({{"GroupName": "{}", "Description": "x", "VpcId": "{}"}})", name, vpc), "GroupId");
  };
  auto from = group("from"), to = group("to");
  auto interface = made("ec2:CreateNetworkInterface",
                        fmt::format(R"({{"SubnetId": "{}", "Groups": ["{}"]}})", subnet, from), "NetworkInterfaceId");
  scan();
  auto detection = told(event_of("ec2:ModifyNetworkInterfaceAttribute",
                                 fmt::format(R"({{"NetworkInterfaceId": "{}", "Groups": ["{}"]}})", interface, to)));
  std::map<std::string, std::string> judged;
  for (const auto& one : detection.judged) judged[one.resource.id] = rules::name(one.evaluation.compliance);
  EXPECT_EQ(judged, (std::map<std::string, std::string>{{from, "NON_COMPLIANT"}, {to, "COMPLIANT"}}));
}

TEST(Related, AnIdIsMadeOfTheJudgedOnesAndTakenApartAgain) {
  rules::Related related{.type = "AWS::ApplicationAutoScaling::ScalableTarget", .ids = "", .aspects = {},
                         .by = "", .same = {"dynamodb|table/{id}|dynamodb:table:ReadCapacityUnits"}};
  const auto& catalog = cloud::Catalog::embedded();
  cloud::Snapshot table;
  table.ref = {World::account, World::region, "AWS::DynamoDB::Table", "orders"};
  EXPECT_EQ(rules::ids_beside(related, table, catalog),
            std::vector<std::string>{"dynamodb|table/orders|dynamodb:table:ReadCapacityUnits"});
  cloud::ResourceRef target{World::account, World::region, related.type,
                            "dynamodb|table/orders|dynamodb:table:ReadCapacityUnits"};
  EXPECT_EQ(rules::made_of(related, "AWS::DynamoDB::Table", target, catalog), table.ref);
  target.id = "ecs|service/web|ecs:service:DesiredCount";
  EXPECT_EQ(rules::made_of(related, "AWS::DynamoDB::Table", target, catalog), std::nullopt);
}

}  // namespace

}  // namespace aright::remediation
