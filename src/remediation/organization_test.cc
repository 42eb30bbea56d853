#include "remediation/organization.h"

#include <gmock/gmock.h>

#include "sandbox/faults.h"
#include "sandbox/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view joined = R"(
targets:
  - {account: "444455556666", regions: [eu-west-1], role: "arn:aws:iam::444455556666:role/special"}
  - {organization: true, regions: [us-east-1], role: "arn:aws:iam::{account}:role/aright", tags: {environment: prod}}
)";

class AnOrganization : public sandbox::SandboxTest {
 protected:
  Policy policy(std::string_view text = joined) {
    auto parsed = parse_policy(text, ".");
    EXPECT_TRUE(parsed) << parsed.error().text();
    return parsed.value_or(Policy());
  }
  Result<> expand(Policy& policy) {
    return expand_organization(policy, cloud, model::Models::embedded(), "us-east-1", {});
  }
};

TEST_F(AnOrganization, BecomesATargetForEachActiveAccount) {
  ok("organizations:CreateOrganization");
  for (int i = 0; i < 3; ++i)
    ok("organizations:CreateAccount",
       fmt::format(R"({{"AccountName": "member {0}", "Email": "member{0}@example.com"}})", i));
  clock.advance(std::chrono::hours(1));
  auto wanted = policy();
  auto expanded = expand(wanted);
  ASSERT_TRUE(expanded) << expanded.error().text();
  ASSERT_EQ(wanted.targets.size(), 5u);  // the named one, the management account, and three members
  for (const auto& target : wanted.targets) {
    EXPECT_FALSE(target.organization);
    EXPECT_EQ(target.account.size(), 12u);
  }
  EXPECT_EQ(wanted.target_for("444455556666")->role, "arn:aws:iam::444455556666:role/special");
  EXPECT_EQ(wanted.target_for(sandbox::default_account)->role, "");
  const auto& member = wanted.targets.back();
  EXPECT_EQ(member.role, "arn:aws:iam::" + member.account + ":role/aright");
  EXPECT_EQ(member.regions, std::vector<std::string>{"us-east-1"});
  EXPECT_EQ(member.tags.at("environment"), "prod");
}

TEST_F(AnOrganization, TellsWhichUnitsAnAccountIsIn) {
  ok("organizations:CreateOrganization");
  ok("organizations:CreateAccount", R"({"AccountName": "shop", "Email": "shop@example.com"})");
  clock.advance(std::chrono::hours(1));
  auto text = [](const json::Object& answer, std::string_view list, std::string_view member) {
    return json::text(json::items(json::at(answer, list))[0], member, "");
  };
  auto root = text(ok("organizations:ListRoots"), "Roots", "Id");
  auto made = [&](const std::string& parent, const std::string& name) {
    const json::Value answer = ok("organizations:CreateOrganizationalUnit",
                                  fmt::format(R"({{"ParentId": "{}", "Name": "{}"}})", parent, name));
    return json::text(json::at(answer, "OrganizationalUnit"), "Id", "");
  };
  auto workloads = made(root, "Workloads"), prod = made(workloads, "Prod");
  std::string shop;
  const json::Value accounts = ok("organizations:ListAccounts");
  for (const auto& account : json::items(json::at(accounts, "Accounts")))
    if (json::text(account, "Name", "") == "shop") shop = json::text(account, "Id", "");
  ok("organizations:MoveAccount", fmt::format(R"({{"AccountId": "{}", "SourceParentId": "{}",
     "DestinationParentId": "{}"}})", shop, root, prod));

  auto wanted = policy(std::string(joined) + "decide: [{name: a, ou: 'Root/*/Prod', decision: approval}]\n");
  auto expanded = expand(wanted);
  ASSERT_TRUE(expanded) << expanded.error().text();
  EXPECT_EQ(wanted.target_for(shop)->units,
            (std::vector<std::string>{root, "Root", workloads, "Root/Workloads", prod, "Root/Workloads/Prod"}));
  EXPECT_EQ(wanted.target_for(sandbox::default_account)->units, (std::vector<std::string>{root, "Root"}));

  auto unasked = policy();
  ASSERT_TRUE(expand(unasked));
  EXPECT_TRUE(unasked.target_for(shop)->units.empty()) << "nobody asks, so nobody reads them";
}

TEST_F(AnOrganization, ThatIsNotThereFailsRatherThanBeingSmall) {
  auto wanted = policy();
  auto expanded = expand(wanted);
  ASSERT_FALSE(expanded);
  EXPECT_THAT(expanded.error().message, HasSubstr("no active accounts"));
}

TEST_F(AnOrganization, ThatCannotBeListedFails) {
  sandbox::Faulty faulty(cloud, {.failed = 1000}, 1,
                         [](const aws::Call& call) { return call.operation == "ListAccounts"; });
  auto wanted = policy();
  auto expanded = expand_organization(wanted, faulty, model::Models::embedded(), "us-east-1", {});
  ASSERT_FALSE(expanded);
  EXPECT_THAT(expanded.error().message, HasSubstr("listing the organization's accounts"));
}

TEST_F(AnOrganization, NeedsARoleThatNamesTheAccount) {
  auto parsed = parse_policy("targets: [{organization: true, role: \"arn:aws:iam::111122223333:role/one\"}]", ".");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("{account}"));
  EXPECT_FALSE(parse_policy("targets: [{organization: true, account: \"111122223333\", role: \"{account}\"}]", "."));
}

}  // namespace
}  // namespace aright::remediation
