// testdata/guardduty_types.txt holds every type that GuardDuty documents; testdata/threats.yaml holds findings and what
// contains them.

#include "remediation/containment.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "json/yaml.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::filesystem::path testdata = std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/remediation/testdata";

std::vector<std::string> documented_types() {
  std::vector<std::string> out;
  for (auto& line : split(read_file(testdata / "guardduty_types.txt", 1u << 20).value(), '\n'))
    if (!line.empty()) out.push_back(line);
  return out;
}

json::Object event_of(const json::Value& finding) {
  auto detail = json::members(finding);
  for (auto [member, value] : {std::pair{"accountId", World::account}, {"region", World::region}, {"id", "g-1"}})
    detail[member] = value;
  return {{"version", "0"},
          {"id", "e-1"},
          {"source", "aws.guardduty"},
          {"detail-type", "GuardDuty Finding"},
          {"account", World::account},
          {"region", World::region},
          {"time", "2024-05-01T10:00:00Z"},
          {"resources", json::Array()},
          {"detail", std::move(detail)}};
}

std::vector<std::string> contains(const bus::Threat& threat, const ThreatFloor& floor) {
  std::vector<std::string> out;
  for (const auto& one : Containments::embedded().all) {
    auto about = threat.resources.find(one.about);
    if (!mismatch(one, threat, floor).empty() || about == threat.resources.end()) continue;
    for (const auto& ref : about->second) {
      auto line = one.control + " " + ref.id;
      if (std::ranges::find(out, line) == out.end()) out.push_back(line);
    }
  }
  std::ranges::sort(out);
  return out;
}

constexpr const char* holds = "controls: [{pack: threat-containment}]\n";

class Incident : public ::testing::Test {
 protected:
  void open(std::string_view more = "", std::string_view policy = holds) {
    world.open(std::string(policy) + std::string(more));
    world.somebody("iam:CreateUser", R"({"UserName": "ann"})");
    auto made = world.somebody("iam:CreateAccessKey", R"({"UserName": "ann"})");
    key = json::text(json::at(json::Value(made), {"AccessKey", "AccessKeyId"}));
  }
  void tell(double severity, const char* id = "e-1", const char* type = "Recon:IAMUser/TorIPCaller") {
    json::Object details{{"accessKeyId", key}, {"userName", "ann"}, {"userType", "IAMUser"}};
    json::Object resource{{"resourceType", "AccessKey"}, {"accessKeyDetails", std::move(details)}};
    auto event = event_of(json::Object{{"id", "g-1"}, {"type", type}, {"title", "ann is not herself."},
                                       {"severity", severity}, {"resource", std::move(resource)}});
    event["id"] = id;
    ASSERT_TRUE(world.engine->accept_event(std::move(event)));
    world.settle();
  }
  std::string status() {
    auto keys = world.somebody("iam:ListAccessKeys", R"({"UserName": "ann"})");
    return json::text(json::items(json::at(keys, "AccessKeyMetadata"))[0], "Status", "");
  }

  World world;
  std::string key;
};

}  // namespace

TEST(Containments, SayOfEveryDocumentedTypeWhatHappens) {
  for (const auto& type : documented_types()) {
    bool contained = std::ranges::any_of(Containments::embedded().all, [&](const Containment& one) {
      return matches_type(one, {.type = type});
    });
    EXPECT_TRUE(contained || !by_hand(Containments::embedded(), type).empty()) << type;
  }
}

TEST(Containments, NameNoTypeThatThereIsNot) {
  const auto types = documented_types();
  auto check = [&](const std::vector<std::string>& patterns) {
    for (const auto& pattern : patterns)
      EXPECT_TRUE(std::ranges::any_of(types, [&](const auto& type) { return glob_match(pattern, type); })) << pattern;
  };
  for (const auto& one : Containments::embedded().all) check(one.types);
  for (const auto& one : Containments::embedded().by_hand) check(one.types);
}

TEST(Containments, HoldForTheFindingsOfTheCases) {
  auto cases = json::parse_yaml(read_file(testdata / "threats.yaml", 1u << 20).value());
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_FALSE(json::items(cases->value).empty());
  for (const auto& one : json::items(cases->value)) {
    SCOPED_TRACE(json::text(one, "name", ""));
    auto threat = bus::threat_of(event_of(json::at(one, "finding")));
    ASSERT_EQ(threat.has_value(), !json::truth(json::at(one, "none")));
    if (!threat) continue;
    ThreatFloor floor{.severity_min = static_cast<double>(json::integer(json::at(one, {"floor", "severity"}), 0)),
                      .confidence_min = static_cast<double>(json::integer(json::at(one, {"floor", "confidence"}), 0))};
    EXPECT_EQ(contains(*threat, floor), json::texts(json::at(one, "contains")));
  }
}

TEST(Containments, ThatJudgeAnotherTypeAreRefused) {
  auto read = Containments::read("containments: [{name: n, types: ['*'], about: role, control: ec2-instance-isolated}]",
                                 rules::Controls::embedded());
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().text(), HasSubstr("ec2-instance-isolated judges AWS::EC2::Instance, not AWS::IAM::Role"));
}

TEST_F(Incident, WaitsForApprovalUnlessThePolicyDecides) {
  open();
  tell(5);
  EXPECT_EQ(world.stage(), "awaiting_approval");
  EXPECT_EQ(status(), "Active");
  auto state = world.only();
  ASSERT_TRUE(world.engine->approve(state.id, state.plan->hash, {.name = "bea", .arn = ""}, "do"));
  world.settle();
  EXPECT_EQ(world.stage(), "resolved");
  EXPECT_EQ(status(), "Inactive");
  EXPECT_EQ(json::text(state.action.parameters, "FindingType"), "Recon:IAMUser/TorIPCaller");
}

TEST_F(Incident, IsContainedAtOnceWhereThePolicySaysSo) {
  open("decide: [{name: keys, control: iam-access-key-deactivated, decision: automatic}]\n");
  tell(5);
  EXPECT_EQ(world.stage(), "resolved");
  EXPECT_EQ(status(), "Inactive");
}

TEST_F(Incident, ToldAgainIsTheSameFinding) {
  open();
  tell(5, "e-1");
  tell(5, "e-2");
  EXPECT_EQ(world.remediations().size(), 1u);
}

TEST_F(Incident, IsRememberedWithWhatWasDetected) {
  open();
  tell(5, "e-1");
  tell(5, "e-2");
  tell(5, "e-3", "UnauthorizedAccess:IAMUser/MaliciousIPCaller");
  auto finding = world.engine->finding(world.only().finding);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->sightings,
            (std::vector<bus::Sighting>{
                {"g-1", "Recon:IAMUser/TorIPCaller", "ann is not herself."},
                {"g-1", "UnauthorizedAccess:IAMUser/MaliciousIPCaller", "ann is not herself."}}));
}

TEST_F(Incident, LeavesWhatElseIsWrongWithTheUserToCompliance) {
  open("", "controls: [{pack: threat-containment}, {id: iam-user-group-membership-check}]\n");
  tell(5);
  auto user = world.engine->finding(
      finding_id({.account = World::account, .region = "us-east-1", .type = "AWS::IAM::User", .id = "ann"},
                 "iam-user-group-membership-check"));
  ASSERT_TRUE(user) << user.error().text();
  EXPECT_EQ(user->source, "aws.guardduty");
  EXPECT_TRUE(user->sightings.empty());
}

TEST_F(Incident, BelowThePolicysFloorIsLeftAlone) {
  open("threats: {severity: 7}\n");
  tell(5);
  EXPECT_THAT(world.remediations(), IsEmpty());
}

TEST(CustomActions, AreDoneForEachFindingThatWasChosen) {
  World world;
  world.open(R"(rules:
  - name: close-it
    pattern: {detail-type: [Security Hub Findings - Custom Action], resources: [{suffix: action/custom/CloseBucket}]}
    targets:
      - Id: close
        Arn: arn:aws:ssm:us-east-1:111122223333:automation-definition/AWS-DisableS3BucketPublicReadWrite
        Input: '{"S3BucketName": ["RESOURCE_ID"]}'
decide: [{name: asked for, decision: automatic}]
)");
  json::Array findings;
  for (auto bucket : {"one", "two"}) {
    world.make_public_bucket(bucket);
    json::Object resource{{"Type", "AwsS3Bucket"}, {"Id", fmt::format("arn:aws:s3:::{}", bucket)}};
    findings.push_back(json::Object{{"Id", bucket}, {"AwsAccountId", World::account},
                                    {"Resources", json::Array{std::move(resource)}}});
  }
  auto event = event_of({});
  event["source"] = "aws.securityhub";
  event["detail-type"] = "Security Hub Findings - Custom Action";
  event["resources"] = json::Array{"arn:aws:securityhub:us-east-1:111122223333:action/custom/CloseBucket"};
  event["detail"] = json::Object{{"actionName", "Close"}, {"findings", std::move(findings)}};
  ASSERT_TRUE(world.engine->accept_event(std::move(event)));
  world.settle();
  EXPECT_EQ(world.remediations().size(), 2u);
  EXPECT_TRUE(world.blocked("one"));
  EXPECT_TRUE(world.blocked("two"));
}

TEST(Isolation, TakenBackLeavesItsEvidence) {
  World world;
  world.open(std::string(holds) + "decide: [{name: all, source: aws.guardduty, decision: automatic}]\n");
  auto vpc = world.somebody("ec2:CreateVpc", R"({"CidrBlock": "10.0.0.0/16"})");
  auto subnet = world.somebody("ec2:CreateSubnet",
                               fmt::format(R"({{"VpcId": "{}", "CidrBlock": "10.0.1.0/24"}})",
                                           json::text(json::at(json::Value(vpc), {"Vpc", "VpcId"}))));
  auto run = world.somebody("ec2:RunInstances",
                            fmt::format(R"({{"ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1,
                                             "InstanceType": "t3.micro", "SubnetId": "{}"}})",
                                        json::text(json::at(json::Value(subnet), {"Subnet", "SubnetId"}))));
  auto id = json::text(json::items(json::at(run, "Instances"))[0], "InstanceId", "");
  world.pass(seconds(300));
  auto volumes = json::items(json::at(world.somebody("ec2:DescribeVolumes", "{}"), "Volumes")).size();
  ASSERT_GT(volumes, 0u);
  json::Object resource{{"resourceType", "Instance"}, {"instanceDetails", json::Object{{"instanceId", id}}}};
  ASSERT_TRUE(world.engine->accept_event(event_of(json::Object{
      {"type", "Backdoor:EC2/C&CActivity.B"}, {"severity", 8}, {"resource", std::move(resource)}})));
  world.settle();
  world.pass(seconds(300));
  auto state = world.only();
  ASSERT_EQ(name(state.stage), "resolved") << state.last_error;
  ASSERT_TRUE(world.engine->roll_back(state.id, {.name = "ana", .arn = ""}, "it was a test"));
  world.settle();
  state = world.only();
  EXPECT_EQ(name(state.stage), "rolled_back");
  EXPECT_TRUE(json::truth(json::at(state.rollback, "restored")));
  EXPECT_EQ(json::items(json::at(state.rollback, "kept")).size(), volumes);
  auto snapshots = world.somebody("ec2:DescribeSnapshots", R"({"OwnerIds": ["self"]})");
  const auto& kept = json::items(json::at(snapshots, "Snapshots"));
  ASSERT_EQ(kept.size(), volumes);
  EXPECT_THAT(json::print(json::at(kept[0], "Tags")), HasSubstr("Backdoor:EC2/C&CActivity.B"));
}

}  // namespace aright::remediation
