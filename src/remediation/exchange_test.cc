#include "remediation/exchange.h"

#include <gmock/gmock.h>

namespace aright::remediation {
namespace {

json::Object finding(std::string_view more = "{}") {
  json::Object out = json::parse(R"({
    "id": "fnd_0123456789abcdef0123456789", "control": "restricted-ssh", "title": "SSH is not open to the world",
    "severity": "high", "status": "open", "annotation": "Port 22 is open to 0.0.0.0/0.", "source": "aright",
    "first_seen": "2024-05-01T10:00:00.000Z", "last_seen": "2024-05-01T11:00:00.000Z", "times_opened": 1,
    "resolved_at": null, "stage": "awaiting_approval",
    "resource": {"account": "111122223333", "region": "eu-central-1", "type": "AWS::EC2::SecurityGroup", "id": "sg-1",
                 "arn": "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1"}})")->as_object();
  const auto over = *json::parse(more);
  for (const auto& [key, value] : json::members(over)) out[key] = value;
  return out;
}

json::Value as_asff(std::string_view more = "{}") { return asff(finding(more), rules::Controls::embedded()); }
json::Value as_ocsf(std::string_view more = "{}") { return ocsf(finding(more), rules::Controls::embedded(), "0.1"); }

constexpr const char* detected = R"({"source": "aws.guardduty", "sightings": [
    {"id": "g-1", "type": "UnauthorizedAccess:EC2/SSHBruteForce", "title": "i-1 is under attack."}]})";
constexpr const char* resolved = R"({"status": "resolved", "resolved_at": "2024-05-02T10:00:00.000Z"})";

}  // namespace

TEST(Asff, OfAnOpenFinding) {
  auto out = as_asff();
  EXPECT_EQ(json::text(out, "Id", ""), "aright/fnd_0123456789abcdef0123456789");
  EXPECT_EQ(json::text(out, "ProductArn", ""),
            "arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default");
  EXPECT_EQ(json::text(json::at(out, {"Severity", "Label"})), "HIGH");
  EXPECT_EQ(json::text(json::at(out, {"Compliance", "Status"})), "FAILED");
  EXPECT_EQ(json::text(json::items(json::at(out, "Resources"))[0], "Type", ""), "AwsEc2SecurityGroup");
}

TEST(Asff, TellsWhatTheControlIsAbout) {
  auto out = as_asff();
  const auto* control = rules::Controls::embedded().find("restricted-ssh");
  EXPECT_EQ(json::text(out, "GeneratorId", ""), "aright/restricted-ssh");
  EXPECT_EQ(json::text(out, "Description", ""), control->description);
  EXPECT_EQ(json::text(json::at(out, {"Compliance", "SecurityControlId"})), "EC2.13");
  EXPECT_FALSE(json::items(json::at(out, {"Compliance", "RelatedRequirements"})).empty());
  auto text = json::text(json::at(json::at(out, {"Remediation", "Recommendation"}), "Text"));
  EXPECT_TRUE(text.contains("sets it right")) << text;
  EXPECT_EQ(json::text(json::at(out, {"ProductFields", "aright/annotation"})), "Port 22 is open to 0.0.0.0/0.");
}

TEST(Asff, OfOneThatIsResolvedIsArchivedAndUpdatedThen) {
  auto out = as_asff(resolved);
  EXPECT_EQ(json::text(json::at(out, {"Compliance", "Status"})), "PASSED");
  EXPECT_EQ(json::text(out, "RecordState", ""), "ARCHIVED");
  EXPECT_EQ(json::text(out, "UpdatedAt", ""), "2024-05-02T10:00:00.000Z");
}

TEST(Asff, KeepsWithinItsLimitsAndCutsNoCharacterInTwo) {
  std::string long_text;
  for (int i = 0; i < 2000; ++i) long_text += "\u00fc";
  auto out = as_asff(R"({"control": "mine", "title": ")" + long_text + R"(", "annotation": ")" + long_text + R"("})");
  EXPECT_EQ(json::text(out, "Title", "").size(), 2 * asff_title_max);
  EXPECT_EQ(json::text(out, "Description", "").size(), 2 * asff_description_max);
}

TEST(Asff, OfAnAccountAndOfATypeWithoutAName) {
  auto account = as_asff(R"({"resource": {"account": "1", "region": "us-gov-west-1", "type": "AWS::::Account", "id": "1"}})");
  EXPECT_EQ(json::text(json::items(json::at(account, "Resources"))[0], "Id", ""), "AWS::::Account:1");
  EXPECT_TRUE(json::text(account, "ProductArn", "").starts_with("arn:aws-us-gov:"));
  auto other = as_asff(R"({"resource": {"account": "1", "region": "r", "type": "AWS::EFS::FileSystem", "id": "fs-1"}})");
  EXPECT_EQ(json::text(json::items(json::at(other, "Resources"))[0], "Type", ""), "Other");
}

// Members that the published schema requires: of the class, of base_event, and of the objects below.
TEST(Ocsf, HasWhatTheSchemaRequires) {
  for (auto more : {"{}", resolved, detected}) {
    auto out = as_ocsf(more);
    for (auto member : {"activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time", "metadata",
                        "finding_info", "cloud"})
      EXPECT_FALSE(json::at(out, member).is_null()) << member;
    for (auto path : {"version", "product"}) EXPECT_FALSE(json::at(json::at(out, "metadata"), path).is_null()) << path;
    EXPECT_FALSE(json::text(json::at(out, {"finding_info", "uid"})).empty());
    EXPECT_FALSE(json::text(json::at(out, {"cloud", "provider"})).empty());
  }
  EXPECT_FALSE(json::items(json::at(as_ocsf(), {"compliance", "standards"})).empty());
}

TEST(Ocsf, SaysTheClassAndWhatBecameOfIt) {
  EXPECT_EQ(json::integer(json::at(as_ocsf(), "type_uid")), 200301);
  EXPECT_EQ(json::integer(json::at(as_ocsf(R"({"times_opened": 2})"), "type_uid")), 200302);
  EXPECT_EQ(json::integer(json::at(as_ocsf(resolved), "type_uid")), 200303);
  EXPECT_EQ(json::integer(json::at(as_ocsf(resolved), {"compliance", "status_id"})), 1);
  EXPECT_EQ(json::integer(json::at(as_ocsf(detected), "type_uid")), 200401);
  EXPECT_EQ(json::integer(json::at(as_ocsf(), "severity_id")), 4);
  EXPECT_EQ(json::integer(json::at(as_ocsf(), "time")), 1'714'561'200'000);
}

TEST(Ocsf, OfAThreatSaysWhatWasDetected) {
  auto out = as_ocsf(detected);
  EXPECT_EQ(json::texts(json::at(out, {"finding_info", "types"})),
            std::vector<std::string>{"UnauthorizedAccess:EC2/SSHBruteForce"});
  EXPECT_EQ(json::text(json::at(out, {"finding_info", "title"})), "i-1 is under attack.");
  EXPECT_EQ(json::text(out, "message", ""), "i-1 is under attack.");
  EXPECT_EQ(json::text(json::at(out, {"finding_info", "uid"})), "g-1");
  EXPECT_EQ(json::text(json::at(out, {"finding_info", "analytic", "uid"})), "restricted-ssh");
  EXPECT_EQ(json::text(json::at(out, {"metadata", "uid"})), "fnd_0123456789abcdef0123456789");
  EXPECT_EQ(json::text(json::at(json::items(json::at(out, "evidences"))[0], {"data", "id"})), "g-1");
  EXPECT_TRUE(json::at(out, "compliance").is_null());
}

TEST(Ocsf, OfAControlThatAThreatMadeUsLookAtIsOfCompliance) {
  auto out = as_ocsf(R"({"source": "aws.guardduty"})");
  EXPECT_EQ(json::integer(json::at(out, "class_uid")), 2003);
  EXPECT_EQ(json::text(json::at(out, {"compliance", "control"})), "restricted-ssh");
}

TEST(Groups, AreCountedLargestFirst) {
  json::Array all{finding(), finding(R"({"severity": "low"})"), finding()};
  auto groups = grouped(all, "severity");
  ASSERT_TRUE(groups);
  ASSERT_EQ(groups->size(), 2u);
  EXPECT_EQ((*groups)[0].value, "high");
  EXPECT_EQ((*groups)[0].findings, 2u);
  EXPECT_EQ((*grouped(all, "resource"))[0].value, "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1");
  EXPECT_FALSE(grouped(all, "colour"));
}

}  // namespace aright::remediation
