#include "remediation/policy.h"

#include <gmock/gmock.h>

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
  auto refused = parse_policy("own_controls: nowhere\ncontrols: [{id: ours}]\n", directory.path().string());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("own_controls"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("there is no control"), std::string::npos) << "nobody knows";
}

TEST(Policies, LaddersHoldTogether) {
  const std::string people = "principals: [{name: ana, roles: [approver]}, {name: ben, roles: [approver]}]\n"
                             "groups: {platform: {members: [ana, ben]}}\n";
  auto policy = parsed(people + "ladders: {two: [{group: platform, needed: 2}]}\n"
                                "decide: [{name: all, decision: approval, ladder: two}]\n");
  EXPECT_EQ(policy.approvers.ladders.at("two")[0].needed, 2);
  EXPECT_EQ(policy.decide[0].ladder, "two");
  for (const auto& [fault, told] : std::map<std::string, std::string>{
           {"ladders: {two: [{group: platform, needed: 3}]}", "rung 1 needs 3 people, and 2 are asked by then"},
           {"ladders: {two: [{group: nobody}]}", "there is no group 'nobody'"},
           {"ladders: {two: [{group: platform}, {group: platform, needed: 2}]}", "when the next one is asked"},
           {"ladders: {two: []}", "a ladder has from 1"},
           {"decide: [{name: all, decision: approval, ladder: two}]", "there is no ladder 'two'"},
           {"delegations: [{from: ana, to: eve, begins: 2024-05-01T00:00:00Z, ends: 2024-05-02T00:00:00Z}]",
            "there is no principal 'eve'"}}) {
    auto refused = parse_policy(people + fault, ".");
    ASSERT_FALSE(refused) << fault;
    EXPECT_NE(refused.error().message.find(told), std::string::npos) << refused.error().message;
  }
}

TEST(Policies, ChannelsHaveOneWayAndWhatItNeeds) {
  auto policy = parsed("notify:\n"
                       "  - {name: chat, webhook: 'https://example.com/x', format: slack, digest_s: 3600}\n"
                       "  - {name: own, webhook: 'https://example.com/x', words: '[\"{{subject}}\"]'}\n"
                       "  - {name: mail, mail: {server: 'smtps://example.com', from: a@example.com, to: b@a.example}}\n"
                       "  - {name: bus, events: 'arn:aws:events:us-east-1:111122223333:event-bus/default'}\n");
  ASSERT_EQ(policy.channels.size(), 4u);
  EXPECT_EQ(policy.channels[0].format, notify::Format::slack);
  EXPECT_EQ(policy.channels[1].format, notify::Format::own);
  EXPECT_EQ(policy.channels[2].mail->to.size(), 1u);
  for (const auto& [fault, told] : std::map<std::string, std::string>{
           {"{name: a}", "give one of webhook, sns, sqs, events, nats and mail"},
           {"{name: a, nats: {server: 'nats://x', subject: 'a.*'}}", "is no subject of NATS to publish on"},
           {"{name: a, webhook: 'https://example.com', format: pagerduty}", "pagerduty needs one"},
           {"{name: a, webhook: 'https://example.com', format: morse}", "is none of aright, slack"},
           {"{name: a, webhook: 'https://example.com', words: '{'}", "these must be JSON"},
           {"{name: a, webhook: 'https://example.com', key: x}", "only pagerduty and jira have one"},
           {"{name: a, webhook: 'https://ana:pw@example.com/x'}", "no user and password in an address"},
           {"{name: a, sns: 'arn:aws:sns:us-east-1:111122223333:x', signing_key: x}", "only a webhook is signed"},
           {"{name: a, sqs: 'arn:aws:sns:us-east-1:111122223333:x'}", "is not the ARN of one of sqs"},
           {"{name: a, mail: {server: 'http://x', from: a, to: b}}", "write smtp://HOST:PORT"}}) {
    auto refused = parse_policy("notify:\n  - " + fault + "\n", ".");
    ASSERT_FALSE(refused) << fault;
    EXPECT_NE(refused.error().message.find(told), std::string::npos) << refused.error().message;
  }
}

TEST(Policies, HoldNothingThatWouldBePassedOver) {
  for (const auto& [fault, told] : std::map<std::string, std::string>{
           {"health_checks: [{name: a, tcp: 'example.com:80', holds: up}]", "only an http check looks at that"},
           {"health_checks: [{name: a, http: 'https://example.com', region: us-east-1}]", "an alarm or a function"},
           {"health_checks: [{name: a, alarm: errors, allow_internal: true}]", "only an http or tcp check"},
           {"canaries: [{waves: []}]", "a canary has at least one wave"},
           {"canaries: [{waves: [5, 1, all]}]", "'1' is less than the wave before it"},
           {"canaries: [{waves: [50%, 20%]}]", "'20%' is less than the wave before it"},
           {"limits: [{service: s4, starts: 1}]", "AWS has no service 's4'"},
           {"limits: [{type: 'AWS::S3::Bukket', starts: 1}]", "no control judges a 'AWS::S3::Bukket'"},
           {"remediations: [{ConfigRuleName: restricted-shh, TargetId: AWS-DisablePublicAccessForSecurityGroup}]",
            "there is no control 'restricted-shh'"},
           {"controls:\n  - pack: threat-containment\n  - id: restricted-shh\n",
            "line 3, column 5: /controls/1/id: there is no control 'restricted-shh'; did you mean 'restricted-ssh'?"},
           {"controls: [{id: zzzz-nope}]", "/controls/0/id: there is no control 'zzzz-nope'"}}) {
    auto refused = parse_policy(fault, ".");
    ASSERT_FALSE(refused) << fault;
    EXPECT_NE(refused.error().message.find(told), std::string::npos) << refused.error().message;
  }
}

TEST(Policies, TellTheirFaultsFromTopToBottom) {
  auto refused = parse_policy("targets: [{account: 1, regoins: [a]}]\nnotify: [{name: a}]\ndecide: [{name: b}]\n", ".");
  ASSERT_FALSE(refused);
  auto text = refused.error().message;
  EXPECT_LT(text.find("line 1"), text.find("line 2"));
  EXPECT_LT(text.find("line 2"), text.find("line 3"));
}

TEST(Policies, TakeNoConditionThatSaysNothing) {
  // Each of these would hold for everything, if it were passed over.
  for (auto condition : {"severity: {a: b}", "account: [[1]]", "severity: hihg", "disruption: some", "tags: prod",
                         "older_than_s: soon", "reversible: perhaps", "severity: []", "control: []", "source: []",
                         "account: []", "ou: []"}) {
    auto text = fmt::format("decide: [{{name: a, decision: automatic, {}}}]", condition);
    EXPECT_FALSE(parse_policy(text, ".")) << condition;
  }
}

// A target, or a condition, that names no place there is would hold for nothing, and be called sound.
TEST(Policies, NameAccountsRegionsAndRolesThatCanBe) {
  auto fault_of = [](std::string_view text) {
    auto read = parse_policy(text, ".");
    return read ? std::string() : read.error().message;
  };
  for (const auto& [text, told] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"targets: [{account: 1, regions: [us-east-1]}]", "'1' is no account: write its twelve digits, in quotes"},
           {"targets: [{account: 12345678901, regions: [us-east-1]}]", "is no account"},
           {"targets: [{account: \"11112222333x\"}]", "is no account"},
           {"targets: [{account: \"111122223333\", regions: [us-esat-1]}]", "'us-esat-1' is no region of AWS"},
           {"targets: [{account: \"111122223333\", regions: [us-east]}]", "is no region"},
           {"targets: [{account: \"111122223333\", role: aright}]", "'aright' is not the ARN of a role"},
           {"targets: [{account: \"111122223333\", role: \"arn:aws:iam::111122223333:user/ana\"}]",
            "is not the ARN of a role"},
           {"targets: [{account: \"111122223333\", role: \"arn:aws:iam::444455556666:role/a\"}]",
            "this role is of the account 444455556666, and not of 111122223333"},
           {"targets: [{organization: true, role: \"{account}\"}]", "arn:aws:iam::{account}:role/aright"},
           {"targets: [{organization: true, account: \"111122223333\", role: \"arn:aws:iam::{account}:role/a\"}]",
            "an organization's accounts are asked for"},
           {"decide: [{name: a, account: 11112222333, decision: automatic}]", "is no account"},
           {"limits: [{account: 1, starts: 1}]", "is no account"},
           {"limits: [{region: us, starts: 1}]", "is no region"},
           {"freezes: [{name: a, account: 1, cron: \"cron(0 0 * * ? *)\", lasts_s: 60}]", "is no account"},
           {"canaries: [{account: 1}]", "is no account"},
           {"exceptions: [{name: a, account: 1, reason: b, owner: c, until: 2100-01-01T00:00:00Z}]", "is no account"},
           {"exceptions: [{name: a, region: here, type: b, reason: b, owner: c, until: 2100-01-01T00:00:00Z}]",
            "is no region"},
           {"health_checks: [{name: a, alarm: b, account: 1}]", "is no account"},
           {"sources: [{name: a, bucket: b, account: 1}]", "is no account"},
           {"security_hub: {account: 1}", "is no account"}})
    EXPECT_THAT(fault_of(text), ::testing::HasSubstr(told)) << text;
  for (auto region : {"us-gov-west-1", "ap-southeast-2", "eu-isoe-west-1", "cn-northwest-1", "mx-central-1",
                      "eusc-de-east-1"})
    EXPECT_EQ(fault_of(fmt::format("targets: [{{account: \"111122223333\", regions: [{}], "
                                   "role: \"arn:aws-us-gov:iam::111122223333:role/path/a\"}}]", region)), "");
  EXPECT_EQ(fault_of("decide: [{name: a, account: [\"1111*\", \"444455556666\"], decision: automatic}]"), "");
}

TEST(Policies, LetAChannelHearNothingThatAllHear) {
  auto of = [](std::string_view on) {
    auto read = parse_policy(fmt::format("notify: [{{name: a, webhook: \"https://h.example.com\"{}}}]", on), ".");
    return read ? std::optional(read->channels[0]) : std::nullopt;
  };
  EXPECT_TRUE(of("")->wants("escalated"));
  EXPECT_TRUE(of(", on: [escalated]")->wants("escalated"));
  for (auto none : {", on: []", ", on: [nothing]"})
    for (auto kind : {"event", "approval_requested", "escalated", "resolved"})
      EXPECT_FALSE(of(none)->wants(kind)) << none;
  EXPECT_FALSE(of(", on: [escalatd]")) << "a word that is none";
}

TEST(Policies, SayWhatTheyMayHold) {
  auto schema = json::Value(policy_schema());
  const auto& decide = json::at(schema, {"properties", "decide", "items"});
  EXPECT_EQ(json::text(json::at(decide, {"properties", "ladder", "description"})).substr(0, 12), "who approves");
  EXPECT_THAT(json::texts(json::at(decide, {"properties", "decision", "enum"})), ::testing::Contains("earned"));
  EXPECT_THAT(json::texts(json::at(decide, "required")), ::testing::UnorderedElementsAre("name", "decision"));
  EXPECT_EQ(json::at(decide, "additionalProperties"), json::Value(false));
  EXPECT_EQ(json::integer(json::at(schema, {"properties", "scan_every_s", "minimum"})), 60);
  // Each member has its words from the guide.
  std::vector<std::string> bare;
  for (const auto& [name, member] : json::members(json::at(schema, "properties")))
    for (const auto& [own, inner] : json::members(json::at(json::at(member, "items"), "properties")))
      if (json::at(inner, "description").is_null() && name != "delegations")
        bare.push_back(std::string(name) + "." + std::string(own));
  EXPECT_THAT(bare, ::testing::IsEmpty());
}

}  // namespace aright::remediation
