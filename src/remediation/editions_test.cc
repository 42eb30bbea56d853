// Another policy while the engine runs.

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

constexpr const char* asks =
    "controls: [{id: s3-bucket-public-read-prohibited}]\ndecide: [{name: all, decision: approval}]\n";
constexpr const char* acts =
    "controls: [{id: s3-bucket-public-read-prohibited}]\ndecide: [{name: all, decision: automatic}]\n";

class AnotherPolicy : public ::testing::Test, public World {
 protected:
  Policy read(std::string_view rest) {
    auto text = fmt::format("targets:\n  - {{account: \"{}\", regions: [{}]}}\n{}", account, region, rest);
    auto parsed = parse_policy(text, ".");
    EXPECT_TRUE(parsed) << parsed.error().text();
    return parsed.value_or(Policy());
  }
  void take(std::string_view rest) {
    auto adopted = engine->adopt(read(rest), ana);
    EXPECT_TRUE(adopted) << adopted.error().text();
  }
};

TEST_F(AnotherPolicy, DecidesAnewWhatWaitsForApproval) {
  open(asks);
  make_public_bucket("photos");
  scan_and_settle();
  ASSERT_EQ(stage(), "awaiting_approval");
  take(acts);
  settle();
  EXPECT_EQ(stage(), "resolved");
  EXPECT_TRUE(blocked("photos"));
}

TEST_F(AnotherPolicy, LetsGoWhatWasFoundByAControlThatItHasNoMore) {
  open(asks);
  make_public_bucket("photos");
  scan_and_settle();
  const auto asked = only();
  ASSERT_EQ(stage(), "awaiting_approval");
  take("controls: [{id: s3-bucket-versioning-enabled}]\n");
  settle();
  ASSERT_EQ(remediations().size(), 2u);  // and what the other control finds
  auto closed = engine->remediation(asked.id).value();
  ASSERT_EQ(name(closed.stage), "closed");
  EXPECT_EQ(std::get<Closed>(closed.stage).reason,
            "the policy has the control s3-bucket-public-read-prohibited no more");
  auto found = finding_of(asked);
  EXPECT_FALSE(found.open);
  EXPECT_EQ(found.resolved_by, "policy");
  EXPECT_FALSE(engine->approve(asked.id, asked.plan->hash, ana, "")) << "too late";
  settle();
  EXPECT_FALSE(blocked("photos"));
  take(asks);
  settle();
  EXPECT_TRUE(finding_of(asked).open) << "it is looked for again";
}

TEST_F(AnotherPolicy, LetsGoAtTheNextStartAsWell) {
  open(asks);
  make_public_bucket("photos");
  scan_and_settle();
  engine.reset();
  adopt("controls: []\n");
  start();
  settle();
  EXPECT_EQ(stage(), "closed");
  EXPECT_FALSE(finding_of(only()).open);
}

TEST_F(AnotherPolicy, KeepsWhatOnlyAnEventRuleJudgesBy) {
  const std::string judged_by_rule = R"(
decide: [{name: all, decision: approval}]
rules: [{name: it, pattern: {source: [mine]}, targets: [{Arn: "aright:control/s3-bucket-public-read-prohibited"}]}]
)";
  open(judged_by_rule);
  make_public_bucket("photos");
  ASSERT_TRUE(engine->accept_event({{"source", "mine"}, {"detail-type", "t"}, {"detail", json::Object()},
                                    {"resources", json::Array{"arn:aws:s3:::photos"}}}));
  settle();
  ASSERT_EQ(stage(), "awaiting_approval");
  take("scan_every_s: 7200\n" + judged_by_rule);
  settle();
  EXPECT_EQ(stage(), "awaiting_approval");
  EXPECT_TRUE(finding_of(only()).open);
}

// A rule beside the control that has its identifier: a control of its own, which goes with the rule.
class ARuleThatGoes : public AnotherPolicy {
 protected:
  void begin(const char* until) {
    open("controls: []\n");
    make_public_bucket("photos");
    take(ruled);
    while (remediations().empty() || name(remediations().at(0).stage) != until)
      ASSERT_TRUE(engine->step(Context::within(settle_timeout)).value_or(false)) << "nothing is due";
    ASSERT_EQ(only().control, "mine");
  }
  static constexpr const char* ruled = R"(
config_rules:
  - ConfigRuleName: another
    Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_PUBLIC_READ_PROHIBITED}
    Scope: {ComplianceResourceId: nowhere, ComplianceResourceTypes: ["AWS::S3::Bucket"]}
  - ConfigRuleName: mine
    Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_PUBLIC_READ_PROHIBITED}
    Scope: {ComplianceResourceId: photos, ComplianceResourceTypes: ["AWS::S3::Bucket"]}
decide: [{name: all, decision: automatic}]
)";
};

TEST_F(ARuleThatGoes, LetsAFixThatIsUnderWayEnd) {
  begin("executing");
  take("controls: []\n");
  settle();
  EXPECT_TRUE(blocked("photos")) << "it ends as it began";
  auto state = only();
  ASSERT_EQ(name(state.stage), "closed");
  EXPECT_EQ(std::get<Closed>(state.stage).reason,
            "there is no control mine any more, and so nobody can tell whether the fix worked");
  EXPECT_FALSE(finding_of(state).open);
  EXPECT_TRUE(faults.empty()) << fmt::format("{}", fmt::join(faults, "\n"));
}

TEST_F(ARuleThatGoes, LeavesAFixThatFailedToAPersonOnce) {
  begin("executing");
  weather.refuse = [](const aws::Call& call) -> std::optional<Error> {
    if (call.operation != "PutPublicAccessBlock") return std::nullopt;
    return Error{.code = Errc::denied, .message = "no", .wire_code = "AccessDenied", .http_status = 403};
  };
  take("controls: []\n");
  settle();
  auto state = only();
  EXPECT_EQ(name(state.stage), "escalated");
  EXPECT_EQ(count(state, entry::escalated), 1u);
  EXPECT_FALSE(finding_of(state).open);
}

TEST_F(AnotherPolicy, KeepsWhatWasAskedWhereItSaysNothingElseOfTheControl) {
  open(asks);
  make_public_bucket("photos");
  scan_and_settle();
  const auto asked = only();
  auto put = [&](std::string_view what) {
    auto whole = read(asks);
    EXPECT_TRUE(add_put(whole, json::parse(what)->as_object()).empty());
    const auto before = engine->policy().hash;
    EXPECT_TRUE(engine->adopt(std::move(whole), ana));
    EXPECT_NE(engine->policy().hash, before);
    settle();
  };
  put(R"({"config_rules": [{"ConfigRuleName": "other", "Source":
      {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"}}]})");
  put(R"({"remediations": [{"ConfigRuleName": "other", "TargetId": "AWS-DisableS3BucketPublicReadWrite"}]})");
  EXPECT_EQ(only().sequence, asked.sequence) << "nobody was asked again";
  put(R"({"remediations": [{"ConfigRuleName": "s3-bucket-public-read-prohibited",
      "TargetId": "AWS-DisableS3BucketPublicReadWrite",
      "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}}}]})");
  EXPECT_EQ(count(only(), entry::outdated), 1u);
  EXPECT_EQ(count(only(), entry::approval_requested), 2u);
  put(R"({"config_rules": [{"ConfigRuleName": "other", "Source":
      {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"}}]})");
  EXPECT_EQ(count(only(), entry::outdated), 2u) << "the remediation is gone again";
  const auto again = only();
  ASSERT_TRUE(engine->approve(again.id, again.plan->hash, ana, ""));
  put("{}");
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(AnotherPolicy, SetsRightWhatWasLeftToPeopleBeforeOnceItIsJudgedAgain) {
  open(manually);
  make_public_bucket("photos");
  scan_and_settle();
  scan_and_settle();
  ASSERT_EQ(remediations().size(), 1u) << "the same policy leaves it to them";
  take(acts);
  settle();
  EXPECT_FALSE(blocked("photos"));
  scan_and_settle();
  EXPECT_TRUE(blocked("photos"));
  EXPECT_EQ(remediations().size(), 2u);
}

TEST_F(AnotherPolicy, IsJudgedByAtOnceWhereItSaysSomethingNew) {
  open("controls: [{id: s3-bucket-versioning-enabled}]\ndecide: [{name: all, decision: manual}]\n");
  make_public_bucket("photos");
  std::vector<std::string> heard;
  engine->hear_judgements([&](const std::vector<Judged>& judged) {
    for (const auto& one : judged)
      heard.push_back(fmt::format("{} {}", one.control, rules::name(one.evaluation.compliance)));
  });
  take(acts);
  EXPECT_TRUE(heard.empty()) << "whoever adopts it does not wait for that";
  settle();
  EXPECT_TRUE(blocked("photos")) << "nobody had to scan";
  const std::vector<std::string> told{"s3-bucket-public-read-prohibited NON_COMPLIANT",
                                      "s3-bucket-public-read-prohibited COMPLIANT"};
  EXPECT_EQ(heard, told) << "what the verification saw is told as well";
  take(acts);
  settle();
  EXPECT_EQ(heard, told) << "the same policy says nothing new";
}

TEST_F(AnotherPolicy, HoldsForControlsAndSchedulesAtOnce) {
  open("controls: []\n");
  make_public_bucket("photos");
  EXPECT_EQ(scan().evaluated, 0u);
  take(std::string(acts) +
       "rules: [{name: hourly, schedule: rate(1 hour), targets: [{Arn: \"arn:aws:sqs:us-east-1:111122223333:q\"}]}]\n");
  EXPECT_GT(scan().evaluated, 0u);
  EXPECT_FALSE(ledger->stream("schedule/hourly")->empty());
}

TEST_F(AnotherPolicy, IsOnRecordWithWhoAndBothHashes) {
  open(asks);
  const auto before = engine->policy().hash;
  ASSERT_TRUE(engine->adopt(read(acts), ana, {{"reason", "SIGHUP"}}));
  auto entries = ledger->stream(engine_stream).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].kind, entry::policy_adopted);
  EXPECT_EQ(json::text(entries[0].body, "principal", ""), "ana");
  EXPECT_EQ(json::text(entries[0].body, "reason", ""), "SIGHUP");
  EXPECT_EQ(json::text(entries[0].body, "before", ""), before);
  EXPECT_EQ(json::text(entries[0].body, "policy", ""), engine->policy().hash);
  EXPECT_NE(engine->policy().hash, before);
}

TEST_F(AnotherPolicy, IsNotSeenByWhatIsUnderWay) {
  open(asks);
  const auto before = engine->policy().hash;
  {
    Engine::Pin pin(*engine);
    const auto& controls = engine->controls();
    take(acts);
    EXPECT_EQ(engine->policy().hash, before);
    EXPECT_NE(controls.find(public_read), nullptr);
    std::jthread([&] { EXPECT_NE(engine->policy().hash, before) << "others go by the new one"; });
  }
  EXPECT_NE(engine->policy().hash, before);
}

TEST_F(AnotherPolicy, IsRefusedWhenARunbookOfItIsBroken) {
  open(asks);
  const auto before = engine->policy().hash;
  auto broken = read(acts);
  broken.runbooks["Mine"] = "schemaVersion: \"0.3\"\nmainSteps: []\n";
  EXPECT_FALSE(engine->adopt(std::move(broken), ana));
  EXPECT_EQ(engine->policy().hash, before);
  EXPECT_TRUE(ledger->stream(engine_stream)->empty());
}

TEST_F(AnotherPolicy, MayComeWhileWorkersAreBusy) {
  open(asks);
  for (int i = 0; i < 8; ++i) make_public_bucket(fmt::format("bucket-{}", i));
  engine->run();
  scan();
  take(acts);
  take(asks);
  take(acts);
  engine->stop();
  settle();
  for (const auto& state : remediations()) EXPECT_EQ(name(state.stage), "resolved") << state.resource.id;
}

}  // namespace
}  // namespace aright::remediation
