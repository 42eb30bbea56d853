#include "remediation/policy.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "rules/pack.h"

namespace aright::remediation {

namespace {

constexpr const char* one = "111122223333";
constexpr const char* other = "444455556666";

Policy parsed(const std::string& text, const std::string& directory = ".") {
  auto policy = parse_policy(text, directory);
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? std::move(*policy) : Policy();
}

}  // namespace

TEST(Policies, APackStandsForItsControlsButForThoseLeftOut) {
  auto policy = parsed("controls:\n  - {pack: aws-fsbp, except: restricted-ssh}\n"
                       "  - {id: access-keys-rotated, parameters: {maxAccessKeyAge: '30'}}\n");
  EXPECT_EQ(policy.controls.size(), rules::packs().at("aws-fsbp").controls.size() - 1);
  EXPECT_EQ(policy.enabled("restricted-ssh", one), nullptr);
  ASSERT_NE(policy.enabled("access-keys-rotated", one), nullptr);
  EXPECT_EQ(json::text(policy.enabled("access-keys-rotated", one)->parameters, "maxAccessKeyAge"), "30");
}

TEST(Policies, APackOfATargetHoldsInThatAccountAlone) {
  auto policy = parsed("targets:\n"
                       "  - {account: '111122223333', regions: [us-east-1], packs: cis-aws-foundations-3.0}\n"
                       "  - {account: '444455556666', regions: [us-east-1]}\n"
                       "controls: [{id: s3-bucket-acl-prohibited}]\n");
  EXPECT_NE(policy.enabled("vpc-flow-logs-enabled", one), nullptr);
  EXPECT_EQ(policy.enabled("vpc-flow-logs-enabled", other), nullptr);
  EXPECT_NE(policy.enabled("s3-bucket-acl-prohibited", other), nullptr);
}

TEST(Policies, AnUnknownPackIsAFaultWithItsPlace) {
  auto refused = parse_policy("controls:\n  - {pack: soc-9}\n", ".");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("line 2"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("there is no pack 'soc-9'; there are aws-fsbp"), std::string::npos);
}

TEST(Policies, OwnControlsAndTheirRunbooksComeFromADirectory) {
  TemporaryDirectory directory;
  auto folder = directory.path() / "controls" / "ours";
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(write_file(folder / "control.yaml",
                         "{id: ours, title: Ours, rule: CUSTOM_POLICY, severity: low,"
                         " resource_type: AWS::S3::Bucket, remediation: {runbook: ours-fix}}"));
  ASSERT_TRUE(write_file(folder / "runbook.yaml", "schemaVersion: '0.3'"));
  auto policy = parsed("own_controls: controls\ncontrols: [{id: ours}]\n", directory.path().string());
  ASSERT_NE(policy.known, nullptr);
  EXPECT_NE(policy.known->find("ours"), nullptr);
  EXPECT_EQ(policy.runbooks["ours-fix"], "schemaVersion: '0.3'");
  auto refused = parse_policy("own_controls: nowhere\n", directory.path().string());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("own_controls"), std::string::npos);
}

}  // namespace aright::remediation
