// Findings of Security Hub and Config, which are told there what became of them; our own, which are put there; and what
// automation rules make of those that come.

#include <gmock/gmock.h>

#include "notify/security_hub.h"
#include "remediation/notices.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto rules = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, severity: [high, critical], decision: automatic}]
)";
constexpr auto asking_and_updating = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: ask, decision: approval}]
security_hub: {update_findings: true}
)";
constexpr auto updating = "security_hub: {update_findings: true}\n";
constexpr auto product = "arn:aws:securityhub:us-east-1::product/aws/securityhub";

class Tools : public ::testing::Test {
 protected:
  void open(std::string_view policy) {
    world.open(policy);
    world.make_public_bucket("site");
    world.weather.refuse = [this](const aws::Call& call) -> std::optional<Error> {
      if (call.service != "securityhub" && call.service != "config") return std::nullopt;
      ++calls[call.operation];
      sizes[call.operation].push_back(json::items(json::at(call.input, "FindingIdentifiers")).size());
      if (failures-- > 0) return Error{.code = Errc::throttled, .message = "slow down", .retry = Retry::later};
      return std::nullopt;
    };
  }
  // One of Security Hub's own about the bucket, as it stands there.
  void found_by_hub(const std::string& id, std::string_view more = "{}") {
    json::Object finding{{"SchemaVersion", "2018-10-08"},
                         {"Id", id},
                         {"ProductArn", product},
                         {"GeneratorId", "security-control/S3.2"},
                         {"AwsAccountId", World::account},
                         {"CreatedAt", world.clock.now().iso()},
                         {"UpdatedAt", world.clock.now().iso()},
                         {"Title", "S3 buckets should block public read access"},
                         {"Description", "…"},
                         {"Severity", json::Object{{"Label", "CRITICAL"}}},
                         {"Compliance", json::Object{{"Status", "FAILED"}, {"SecurityControlId", "S3.2"}}},
                         {"Workflow", json::Object{{"Status", "NEW"}}},
                         {"RecordState", "ACTIVE"},
                         {"Resources", json::Array{json::Object{{"Type", "AwsS3Bucket"},
                                                                {"Region", World::region},
                                                                {"Id", "arn:aws:s3:::site"}}}}};
    const auto over = *json::parse(more);
    for (const auto& [key, value] : json::members(over)) finding[key] = value;
    world.somebody("securityhub:BatchImportFindings",
                   json::print(json::Object{{"Findings", json::Array{std::move(finding)}}}));
  }
  json::Value in_hub(const std::string& id) {
    auto answer = world.somebody("securityhub:GetFindings",
                                 fmt::format(R"({{"Filters": {{"Id": [{{"Value": "{}", "Comparison": "EQUALS"}}]}}}})", id));
    const auto& findings = json::items(json::at(answer, "Findings"));
    return findings.empty() ? json::Value() : findings[0];
  }
  // What Security Hub sends whenever it is written into the finding, whoever wrote it.
  void send(const std::string& id, const char* kind = "Security Hub Findings - Imported") {
    json::Object event{{"id", fmt::format("e-{}", ++events)},
                       {"source", "aws.securityhub"},
                       {"detail-type", kind},
                       {"account", World::account},
                       {"region", World::region},
                       {"detail", json::Object{{"findings", json::Array{in_hub(id)}}}}};
    ASSERT_TRUE(world.engine->accept_event(std::move(event)));
    world.settle();
  }
  std::string workflow(const std::string& id) { return json::text(json::at(in_hub(id), {"Workflow", "Status"})); }
  std::string note(const std::string& id) { return json::text(json::at(in_hub(id), {"Note", "Text"})); }
  std::string field(const std::string& id, std::string_view name) {
    return json::text(json::at(in_hub(id), {"UserDefinedFields", name}));
  }

  World world;
  std::map<std::string, int> calls;
  std::map<std::string, std::vector<std::size_t>> sizes;
  int failures = 0, events = 0;
};

TEST_F(Tools, SecurityHubIsToldThatItsFindingIsSetRight) {
  open(std::string(rules) + updating);
  found_by_hub("f-1", R"({"UserDefinedFields": {"ticket": "T-1"}})");
  send("f-1");
  EXPECT_TRUE(world.blocked("site"));
  EXPECT_EQ(workflow("f-1"), "RESOLVED");
  EXPECT_THAT(note("f-1"), HasSubstr("read the resource again"));
  EXPECT_EQ(json::text(json::at(in_hub("f-1"), {"Note", "UpdatedBy"})), "aright");
  EXPECT_EQ(field("f-1", "ticket"), "T-1") << "what others wrote stays";
  EXPECT_EQ(field("f-1", "aright/finding"), world.only().finding.str());
  EXPECT_EQ(field("f-1", "aright/stage"), "resolved");
}

TEST_F(Tools, SecurityHubIsToldThatSomebodyHasToApproveAndWhatCameOfIt) {
  open(asking_and_updating);
  found_by_hub("f-1");
  send("f-1");
  EXPECT_EQ(workflow("f-1"), "NOTIFIED");
  EXPECT_THAT(note("f-1"), HasSubstr("waits for approval"));
  auto state = world.only();
  ASSERT_TRUE(world.engine->reject(state.id, state.plan->hash, ana, "a website"));
  world.settle();
  EXPECT_EQ(workflow("f-1"), "NOTIFIED") << "who was told stays told";
  EXPECT_THAT(note("f-1"), HasSubstr("leaves it to a person"));
}

TEST_F(Tools, SecurityHubIsToldOfWhatWasSetRightBeforeItSpoke) {
  open(std::string(rules) + updating);
  world.scan_and_settle();
  ASSERT_TRUE(world.blocked("site"));
  found_by_hub("f-1");
  send("f-1");
  EXPECT_EQ(workflow("f-1"), "RESOLVED");
  EXPECT_EQ(world.remediations().size(), 1u);
}

TEST_F(Tools, WhatWeWroteIsNoNewsWhenItComesBack) {
  open(asking_and_updating);
  found_by_hub("f-1");
  send("f-1");
  const auto written = calls["BatchUpdateFindings"];
  const auto told = world.only().sequence;
  for (int i = 0; i < 3; ++i) send("f-1");
  EXPECT_EQ(calls["BatchUpdateFindings"], written);
  EXPECT_EQ(world.only().sequence, told);
}

TEST_F(Tools, OfSeveralFindingsAboutTheSameAllAreTold) {
  open(std::string(rules) + updating);
  for (int i = 0; i < 120; ++i) found_by_hub(fmt::format("f-{:03}", i));
  world.weather.refuse = [inner = world.weather.refuse](const aws::Call& call) -> std::optional<Error> {
    if (call.operation == "PutPublicAccessBlock") return Error{.code = Errc::unavailable, .message = "not yet"};
    return inner(call);
  };
  for (int i = 0; i < 120; ++i) send(fmt::format("f-{:03}", i));
  EXPECT_EQ(world.remediations().size(), 1u) << "one finding here";
  EXPECT_EQ(world.finding_of(world.only()).tellers.size(), 120u);
  world.pass(std::chrono::minutes(10));
  EXPECT_EQ(workflow("f-000"), "NOTIFIED");
  EXPECT_THAT(note("f-119"), HasSubstr("could not set it right"));
  for (auto size : sizes["BatchUpdateFindings"]) EXPECT_LE(size, notify::hub_batch_max);
  EXPECT_THAT(sizes["BatchUpdateFindings"], Contains(notify::hub_batch_max)) << "those that are to say the same";
}

TEST_F(Tools, WhatFailsIsToldLaterAndNothingIsLost) {
  failures = 5;
  open(std::string(rules) + updating);
  found_by_hub("f-1");
  send("f-1");
  EXPECT_EQ(workflow("f-1"), "NEW");
  world.pass(std::chrono::minutes(2));
  EXPECT_EQ(workflow("f-1"), "RESOLVED");
}

TEST_F(Tools, WhatAPersonSuppressedInSecurityHubIsLeftAlone) {
  open(std::string(rules) + updating);
  found_by_hub("f-1", R"({"Workflow": {"Status": "SUPPRESSED"}, "Note": {"Text": "a website", "UpdatedBy": "ann",
                         "UpdatedAt": "2020-01-01T00:00:00Z"}})");
  send("f-1");
  EXPECT_FALSE(world.blocked("site"));
  EXPECT_EQ(world.only().decision, Decision::suppressed);
  EXPECT_THAT(world.only().reasons, Contains("Security Hub has it as SUPPRESSED: a website"));
  EXPECT_EQ(note("f-1"), "a website");
  // And when that person thinks better of it:
  world.somebody("securityhub:BatchUpdateFindings",
                 fmt::format(R"({{"FindingIdentifiers": [{{"Id": "f-1", "ProductArn": "{}"}}], "Workflow": {{"Status": "NEW"}}}})",
                             product));
  send("f-1");
  EXPECT_TRUE(world.blocked("site"));
  EXPECT_EQ(workflow("f-1"), "RESOLVED");
}

TEST_F(Tools, OurOwnFindingsArePutIntoSecurityHub) {
  open(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
security_hub: {import_findings: true}
)");
  world.scan_and_settle();
  auto id = "aright/" + world.only().finding.str();
  EXPECT_EQ(json::text(json::at(in_hub(id), {"Compliance", "Status"})), "FAILED");
  EXPECT_EQ(json::text(json::at(in_hub(id), {"Compliance", "SecurityControlId"})), "S3.2");
  send(id);
  EXPECT_EQ(world.remediations().size(), 1u) << "our own come back as nothing new";
  auto fixed = world.engine->fix(world.only().finding, world.shown_hash(world.only().finding), ana);
  ASSERT_TRUE(fixed) << fixed.error().text();
  world.settle();
  EXPECT_EQ(json::text(json::at(in_hub(id), {"Compliance", "Status"})), "PASSED");
  EXPECT_EQ(json::text(in_hub(id), "RecordState", ""), "ARCHIVED");
}

TEST_F(Tools, FindingsOfSecurityHubAreNotPutThereASecondTime) {
  open(std::string(rules) + "security_hub: {import_findings: true}\n");
  found_by_hub("f-1");
  send("f-1");
  EXPECT_EQ(calls["BatchImportFindings"], 0);
}

TEST_F(Tools, NothingIsToldUnlessThePolicySaysSo) {
  open(rules);
  found_by_hub("f-1");
  send("f-1");
  EXPECT_TRUE(world.blocked("site"));
  EXPECT_EQ(workflow("f-1"), "NEW");
  EXPECT_THAT(calls, IsEmpty());
}

TEST_F(Tools, ConfigJudgesAgainWhatItToldOnceItIsSetRight) {
  open(std::string(rules) + "config: {evaluate_again: true}\n");
  auto event = *json::parse(R"({"id": "c-1", "source": "aws.config", "detail-type": "Config Rules Compliance Change",
      "account": "111122223333", "region": "us-east-1", "detail": {"resourceId": "site", "resourceType": "AWS::S3::Bucket",
      "configRuleName": "s3-bucket-public-read-prohibited", "newEvaluationResult": {"complianceType": "NON_COMPLIANT"}}})");
  ASSERT_TRUE(world.engine->accept_event(event.as_object()));
  world.settle();
  EXPECT_TRUE(world.blocked("site"));
  EXPECT_EQ(calls["StartConfigRulesEvaluation"], 1);
}

TEST_F(Tools, AnAutomationRuleSuppressesWhatItsCriteriaFit) {
  open(std::string(rules) + R"(
security_hub:
  update_findings: true
  automation_rules:
    - RuleName: websites are public
      RuleOrder: 1
      Criteria: {ResourceId: [{Comparison: EQUALS, Value: "arn:aws:s3:::site"}]}
      Actions:
        - Type: FINDING_FIELDS_UPDATE
          FindingFieldsUpdate: {Workflow: {Status: SUPPRESSED}, Note: {Text: a website, UpdatedBy: sec}}
)");
  found_by_hub("f-1");
  send("f-1");
  EXPECT_FALSE(world.blocked("site"));
  EXPECT_EQ(world.only().decision, Decision::suppressed);
  EXPECT_EQ(workflow("f-1"), "SUPPRESSED") << "and Security Hub hears of it";
  EXPECT_THAT(note("f-1"), HasSubstr("a website"));
}

TEST_F(Tools, AnAutomationRuleMakesAFindingLessSevereForThePolicy) {
  open(std::string(rules) + R"(
security_hub:
  automation_rules:
    - RuleName: less bad
      RuleOrder: 1
      Criteria: {SeverityLabel: [{Comparison: EQUALS, Value: CRITICAL}]}
      Actions: [{Type: FINDING_FIELDS_UPDATE, FindingFieldsUpdate: {Severity: {Label: LOW}}}]
)");
  found_by_hub("f-1");
  send("f-1");
  EXPECT_EQ(world.only().decision, Decision::manual) << "at once is for high and critical";
  EXPECT_EQ(world.finding_of(world.only()).severity, Severity::low);
}

}  // namespace
}  // namespace aright::remediation
