// Which comparisons go together, and what holds where, is what Security Hub's user guide says of automation rules.
#include "bus/automation.h"

#include <gmock/gmock.h>

#include "model/model.h"

namespace aright::bus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Timestamp imported_at = parse_timestamp("2024-05-10T10:00:00Z").value();

AutomationRule rule(std::string_view criteria, int order = 1, std::string_view update = R"({"Confidence": 1})",
                    bool terminal = false) {
  auto read = read_automation_rule(
      *json::parse(fmt::format(R"({{"RuleName": "r{}", "RuleOrder": {}, "IsTerminal": {}, "Criteria": {},
                                    "Actions": [{{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {}}}]}})",
                               order, order, terminal, criteria, update)));
  EXPECT_TRUE(read) << read.error().text();
  return read.value_or(AutomationRule{});
}

std::string criteria_fault(std::string_view criteria) {
  auto read = read_automation_rule(
      *json::parse(fmt::format(R"({{"RuleName": "r", "RuleOrder": 1, "Criteria": {}, "Actions": [{{"Type":
                                    "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {{"Confidence": 1}}}}]}})",
                               criteria)));
  return read ? "" : read.error().message;
}

const json::Value finding = *json::parse(R"({
  "Id": "f-1", "AwsAccountId": "111122223333", "Title": "S3.8 S3 buckets should block public access",
  "GeneratorId": "security-control/S3.8", "CreatedAt": "2024-05-01T10:00:00.000Z", "UpdatedAt": "2024-05-09T10:00:00Z",
  "Confidence": 40, "Severity": {"Label": "HIGH", "Product": 7.5}, "Types": ["TTPs/A", "Effects/B"],
  "Workflow": {"Status": "NEW"}, "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.8",
    "AssociatedStandards": [{"StandardsId": "standards/fsbp"}, {"StandardsId": "standards/cis"}]},
  "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::site", "Tags": {"env": "dev", "team": "web"}},
                {"Type": "AwsAccount", "Id": "AWS::::Account:111122223333"}],
  "UserDefinedFields": {"ticket": "T-1"}})");

bool holds_for(std::string_view criteria) { return holds(rule(criteria), finding, imported_at); }

TEST(AutomationRules, KnowEveryCriterionOfTheModel) {
  const auto operation = model::Models::embedded().service("securityhub")->operation("CreateAutomationRule");
  ASSERT_TRUE(operation);
  std::vector<std::string> names;
  for (const auto& one : operation->input().member("Criteria")->shape().members()) names.emplace_back(one.name());
  std::ranges::sort(names);
  EXPECT_EQ(criterion_names(), names);
}

TEST(AutomationRules, CompareTextsAsSecurityHubDoes) {
  EXPECT_TRUE(holds_for(R"({"SeverityLabel": [{"Comparison": "EQUALS", "Value": "HIGH"}]})"));
  EXPECT_FALSE(holds_for(R"({"SeverityLabel": [{"Comparison": "EQUALS", "Value": "high"}]})")) << "case counts";
  EXPECT_TRUE(holds_for(R"({"SeverityLabel": [{"Comparison": "EQUALS", "Value": "LOW"},
                                              {"Comparison": "EQUALS", "Value": "HIGH"}]})")) << "any of them";
  EXPECT_TRUE(holds_for(R"({"Title": [{"Comparison": "PREFIX", "Value": "S3.8"}]})"));
  EXPECT_TRUE(holds_for(R"({"Title": [{"Comparison": "CONTAINS", "Value": "public"}]})"));
  EXPECT_FALSE(holds_for(R"({"Title": [{"Comparison": "NOT_CONTAINS", "Value": "public"}]})"));
  EXPECT_FALSE(holds_for(R"({"Title": [{"Comparison": "NOT_EQUALS", "Value": "x"},
                                       {"Comparison": "PREFIX_NOT_EQUALS", "Value": "S3"}]})")) << "none of them";
  EXPECT_FALSE(holds_for(R"({"Title": [{"Comparison": "PREFIX", "Value": "S3"},
                                       {"Comparison": "PREFIX_NOT_EQUALS", "Value": "S3.8"}]})"));
  EXPECT_TRUE(holds_for(R"({"ResourceType": [{"Comparison": "EQUALS", "Value": "AwsS3Bucket"}],
                            "ComplianceAssociatedStandardsId": [{"Comparison": "PREFIX", "Value": "standards/cis"}],
                            "Type": [{"Comparison": "PREFIX", "Value": "Effects"}]})")) << "all criteria, any item";
  EXPECT_FALSE(holds_for(R"({"SourceUrl": [{"Comparison": "PREFIX", "Value": "h"}]})")) << "it has none";
  EXPECT_TRUE(holds_for(R"({"SourceUrl": [{"Comparison": "NOT_EQUALS", "Value": "h"}]})"));
}

TEST(AutomationRules, CompareNumbersTimesAndMaps) {
  EXPECT_TRUE(holds_for(R"({"Confidence": [{"Gte": 40, "Lt": 41}]})"));
  EXPECT_FALSE(holds_for(R"({"Confidence": [{"Gt": 40}]})"));
  EXPECT_FALSE(holds_for(R"({"Criticality": [{"Gte": 0}]})")) << "it has none";
  EXPECT_TRUE(holds_for(R"({"UpdatedAt": [{"DateRange": {"Value": 1, "Unit": "DAYS"}}]})"));
  EXPECT_FALSE(holds_for(R"({"CreatedAt": [{"DateRange": {"Value": 8, "Unit": "DAYS"}}]})"));
  EXPECT_TRUE(holds_for(R"({"CreatedAt": [{"Start": "2024-05-01T00:00:00Z", "End": "2024-05-02T00:00:00Z"}]})"));
  EXPECT_TRUE(holds_for(R"({"ResourceTags": [{"Key": "env", "Value": "dev", "Comparison": "EQUALS"}]})"));
  EXPECT_FALSE(holds_for(R"({"ResourceTags": [{"Key": "env", "Value": "dev", "Comparison": "NOT_EQUALS"}]})"));
  EXPECT_TRUE(holds_for(R"({"ResourceTags": [{"Key": "owner", "Value": "ann", "Comparison": "NOT_EQUALS"}]})"));
  EXPECT_TRUE(holds_for(R"({"UserDefinedFields": [{"Key": "ticket", "Value": "T-", "Comparison": "CONTAINS"}]})"));
}

TEST(AutomationRules, AreRefusedWithWhatIsWrong) {
  EXPECT_THAT(criteria_fault("{}"), HasSubstr("Criteria are required"));
  EXPECT_THAT(criteria_fault(R"({"Colour": []})"), HasSubstr("Colour"));
  EXPECT_THAT(criteria_fault(R"({"Title": []})"), HasSubstr("1 to 100 conditions"));
  EXPECT_THAT(criteria_fault(R"({"Title": [{"Comparison": "LIKE", "Value": "x"}]})"), HasSubstr("'LIKE' is no Comparison"));
  EXPECT_THAT(criteria_fault(R"({"Title": [{"Comparison": "CONTAINS", "Value": "x"}, {"Comparison": "EQUALS", "Value": "y"}]})"),
              HasSubstr("CONTAINS stands with no other"));
  EXPECT_THAT(criteria_fault(R"({"Title": [{"Comparison": "NOT_EQUALS", "Value": "x"}, {"Comparison": "EQUALS", "Value": "y"}]})"),
              HasSubstr("EQUALS stands with no comparison that excludes"));
  EXPECT_THAT(criteria_fault(R"({"Confidence": [{"Above": 1}]})"), HasSubstr("one of Eq"));
  EXPECT_THAT(criteria_fault(R"({"CreatedAt": [{"DateRange": {"Value": 1, "Unit": "WEEKS"}}]})"), HasSubstr("DAYS"));
  auto order = read_automation_rule(*json::parse(R"({"RuleName": "r", "RuleOrder": 1001})"));
  EXPECT_THAT(order.error().message, HasSubstr("from 1 to 1000"));
  auto action = read_automation_rule(*json::parse(
      R"({"RuleName": "r", "RuleOrder": 1, "Criteria": {"Id": [{"Comparison": "EQUALS", "Value": "x"}]}, "Actions": []})"));
  EXPECT_THAT(action.error().message, HasSubstr("exactly one action"));
}

TEST(AutomationRules, WriteInTheirOrderUntilOneIsTerminal) {
  constexpr auto any = R"({"Id": [{"Comparison": "PREFIX", "Value": "f"}]})";
  constexpr auto none = R"({"Id": [{"Comparison": "PREFIX", "Value": "g"}]})";
  auto suppress = R"({"Workflow": {"Status": "SUPPRESSED"}, "Note": {"Text": "accepted", "UpdatedBy": "ann"}})";
  auto rules = in_order({rule(any, 30, R"({"Severity": {"Label": "LOW"}})", true), rule(any, 40, R"({"Confidence": 99})"),
                         rule(none, 5, R"({"Confidence": 98})", true), rule(any, 10, suppress),
                         rule(any, 20, R"({"Severity": {"Label": "MEDIUM"}, "Confidence": 50})")});
  auto changed = json::members(finding);
  EXPECT_THAT(automate(rules, changed, imported_at), ElementsAre("r10", "r20", "r30"));
  EXPECT_EQ(json::at(changed, "Severity"), (json::Value(json::Object{{"Label", "LOW"}}))) << "the later one's value";
  EXPECT_EQ(json::at(changed, "Confidence"), json::Value(50));
  EXPECT_EQ(json::text(json::at(changed, "Workflow"), "Status", ""), "SUPPRESSED");
  EXPECT_EQ(json::text(json::at(changed, "Note"), "UpdatedAt", ""), "2024-05-10T10:00:00.000Z");
}

}  // namespace
}  // namespace aright::bus
