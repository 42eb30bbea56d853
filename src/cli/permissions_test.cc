#include "cli/permissions.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace aright::cli {
namespace {

constexpr std::string_view target = "targets: [{account: \"111122223333\", regions: [us-east-1]}]\n";

Permissions needed(const std::string& text, bool with_fixes = false) {
  auto policy = remediation::parse_policy(std::string(target) + text, ".");
  EXPECT_TRUE(policy) << policy.error().message;
  auto library = remediation::Library::open(*policy);
  EXPECT_TRUE(library) << library.error().message;
  return permissions_for(*policy, *library, with_fixes);
}

std::vector<std::string> actions(const Permissions& permissions) {
  std::vector<std::string> out;
  for (const auto& statement : json::items(json::at(permissions.policy, "Statement")))
    for (auto& action : json::texts(json::at(statement, "Action"))) out.push_back(std::move(action));
  return out;
}

bool holds(const std::vector<std::string>& actions, std::string_view wanted) {
  return std::ranges::find(actions, wanted) != actions.end();
}

TEST(Permissions, AreWhatAControlAndItsPlanRead) {
  auto found = actions(needed("controls: [{id: s3-bucket-public-read-prohibited}]\n"));
  for (const auto* wanted : {"s3:ListAllMyBuckets", "s3:GetBucketPolicyStatus", "s3:GetBucketAcl",
                             "s3:GetBucketTagging", "s3:GetAccountPublicAccessBlock", "cloudtrail:DescribeTrails"})
    EXPECT_TRUE(holds(found, wanted)) << wanted;
  EXPECT_FALSE(holds(found, "s3:GetBucketVersioning"));
  EXPECT_FALSE(holds(found, "s3:PutBucketPublicAccessBlock"));
}

TEST(Permissions, OfTheWholeCatalogOnlyRead) {
  auto found = actions(needed("controls: [{pack: nist-800-53}, {pack: threat-containment}]\n"));
  EXPECT_GT(found.size(), 150u);
  for (const auto& action : found) {
    auto verb = action.substr(action.find(':') + 1);
    EXPECT_TRUE(verb.starts_with("Get") || verb.starts_with("List") || verb.starts_with("Describe") ||
                verb.starts_with("BatchGet") || verb == "GenerateCredentialReport" || action == "apigateway:GET")
        << action;
  }
}

TEST(Permissions, OfFixesHoldTheWayBack) {
  auto permissions = needed("controls: [{id: restricted-ssh}]\nfunctions:\n  revoke-world-open-ingress: {handler: "
                            "revoke-world-open-ingress.handler, catalog: revoke-world-open-ingress.py}\n", true);
  auto found = actions(permissions);
  EXPECT_TRUE(holds(found, "ec2:RevokeSecurityGroupIngress"));
  EXPECT_TRUE(holds(found, "ec2:AuthorizeSecurityGroupIngress"));
  EXPECT_TRUE(permissions.unknown.empty());
}

TEST(Permissions, OfAFunctionOfTheCatalogNeedNoWordInThePolicy) {
  auto permissions = needed("controls: [{id: restricted-ssh}]\n", true);
  EXPECT_TRUE(holds(actions(permissions), "ec2:RevokeSecurityGroupIngress"));
  EXPECT_TRUE(permissions.unknown.empty());
}

}  // namespace
}  // namespace aright::cli
