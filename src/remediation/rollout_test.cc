// How a fix makes its way: decided by what its rehearsal shows, to few resources first, by what the control earned, and
// verified with soak time and health checks.

#include <gmock/gmock.h>

#include "net/http.h"
#include "remediation/dependents.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::string_view public_buckets = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
)";

class ARollout : public World, public ::testing::Test {
 protected:
  void begin(const std::string& rest, int buckets = 1) {
    open(std::string(public_buckets) + rest);
    for (int i = 0; i < buckets; ++i) make_public_bucket(fmt::format("bucket-{}", i));
    scan_and_settle();
  }
  std::size_t in(std::string_view stage) const {
    auto all = remediations();
    return static_cast<std::size_t>(
        std::ranges::count(all, stage, [](const State& state) { return name(state.stage); }));
  }
};

TEST_F(ARollout, IsDecidedByWhatTheRehearsalShows) {
  begin(R"(decide:
  - {name: harsh, disruption: [restart, stop], decision: manual}
  - {name: mild, reversible: true, confidence: proven, disruption: access, decision: automatic})");
  auto state = only();
  EXPECT_EQ(name(state.stage), "resolved");
  EXPECT_THAT(state.reasons, Contains("rule 'harsh' does not apply: disruption by the fix is access"));
  EXPECT_THAT(state.reasons, Contains("rule 'mild' says automatic"));
  EXPECT_EQ(count(state, entry::decided), 2u) << "once before the rehearsal, and with what it shows";
}

TEST_F(ARollout, EndsWithTheRehearsalWhenThatMakesItManual) {
  begin("decide: [{name: harmless, disruption: none, decision: automatic}]");
  auto state = only();
  EXPECT_EQ(name(state.stage), "closed");
  EXPECT_EQ(state.decision, Decision::manual);
  EXPECT_TRUE(writes().empty());
}

TEST_F(ARollout, OfARuleThatWaitsForTheRehearsalIsNotBegunByALaterRule) {
  begin(R"(decide:
  - {name: first, confidence: partial, decision: manual}
  - {name: all, decision: automatic})");
  auto state = only();
  EXPECT_EQ(name(state.stage), "resolved");
  EXPECT_THAT(state.reasons, Contains("rule 'first' does not apply: confidence of the rehearsal is proven"));
}

TEST_F(ARollout, IsDecidedByTheAgeOfTheFinding) {
  begin("decide: [{name: old, older_than_s: 7200, decision: automatic}, {name: young, decision: deferred}]");
  EXPECT_EQ(stage(), "deferred");
  pass(std::chrono::minutes(130));
  EXPECT_EQ(stage(), "deferred") << "it was decided again an hour ago";
  pass(std::chrono::minutes(60));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(ARollout, GoesToOneResourceFirstAndThenToTheOthers) {
  begin("decide: [{name: all, decision: automatic}]\ncanaries: [{waves: [1, \"50%\", all], pause_s: 600}]", 6);
  EXPECT_EQ(in("resolved"), 1u);
  pass(std::chrono::minutes(11));
  EXPECT_EQ(in("resolved"), 3u);
  pass(std::chrono::minutes(11));
  EXPECT_EQ(in("resolved"), 6u);
}

TEST_F(ARollout, SaysWhichWaveItWaitsFor) {
  begin("decide: [{name: all, decision: automatic}]\ncanaries: [{pause_s: 600}]", 3);
  ASSERT_EQ(in("resolved"), 1u);
  pass(canary_look_pause + seconds(1));
  ASSERT_EQ(in("deferred"), 2u);
  for (const auto& state : remediations()) {
    if (!std::holds_alternative<Deferred>(state.stage)) continue;
    EXPECT_EQ(state.reasons.back(), "canary wave 3 of 3 begins after a pause");
    EXPECT_TRUE(engine->fix(state.finding, shown_hash(state.finding), ana).error().code == Errc::conflict);
  }
}

TEST_F(ARollout, ThatAPersonAsksForWaitsForNoWave) {
  begin("decide: [{name: all, decision: manual}]\ncanaries: [{pause_s: 600}]", 3);
  for (const auto& state : remediations()) ASSERT_TRUE(engine->fix(state.finding, shown_hash(state.finding), ana));
  settle();
  EXPECT_EQ(in("resolved"), 3u);
}

TEST_F(ARollout, BeginsByObservingAndIsPromotedByWhatPeopleDo) {
  begin("decide: [{name: earned, decision: earned}]\nautonomy: {approval: 30, canary: 40, automatic: 60}", 2);
  EXPECT_EQ(in("closed"), 2u);
  EXPECT_THAT(remediations()[0].reasons, Contains(HasSubstr("it has earned observe: no fix of it is on record yet")));
  for (const auto& state : remediations()) {
    auto fixed = engine->fix(state.finding, shown_hash(state.finding), ana);
    ASSERT_TRUE(fixed) << fixed.error().text();
    settle();
  }
  make_public_bucket("third");
  scan_and_settle();
  auto third = of("third");
  EXPECT_EQ(name(third.stage), "awaiting_approval");
  EXPECT_THAT(third.reasons, Contains("it has earned approval: 2 of 2 fixes were good, which vouches for 34 %"));
  ASSERT_TRUE(engine->approve(third.id, third.plan->hash, ana, ""));
  settle();
  ASSERT_TRUE(engine->fix(finding_of(third).id, "x", ana).error().code == Errc::conflict);
  make_public_bucket("fourth");
  scan_and_settle();
  EXPECT_TRUE(of("fourth").canary) << "3 of 3 vouch for 43 %: " << of("fourth").reasons.back();
}

TEST_F(ARollout, FallsBackToObservingWhenAFixIsTakenBack) {
  begin("decide: [{name: earned, decision: earned}]\nautonomy: {approval: 1, canary: 1, automatic: 1}", 1);
  auto state = only();
  ASSERT_TRUE(engine->fix(state.finding, shown_hash(state.finding), ana));
  settle();
  make_public_bucket("second");
  scan_and_settle();
  EXPECT_EQ(name(of("second").stage), "resolved");
  ASSERT_TRUE(engine->roll_back(of("second").id, ana, "it broke the site"));
  settle();
  auto track = track_of(*ledger, public_read).value();
  ASSERT_TRUE(track);
  EXPECT_EQ(track->demoted_because, "ana took a fix back");
  make_public_bucket("third");
  scan_and_settle();
  EXPECT_EQ(name(of("third").stage), "closed");
  EXPECT_THAT(of("third").reasons, Contains(HasSubstr("ana took a fix back")));
}

TEST_F(ARollout, IsResolvedOnlyWhenItStayedGoodForItsSoakTime) {
  begin("decide: [{name: all, decision: automatic}]\nverification: [{soak_s: 600, every_s: 60}]");
  EXPECT_EQ(stage(), "verifying");
  EXPECT_TRUE(finding_of(only()).open);
  pass(std::chrono::minutes(9));
  EXPECT_EQ(stage(), "verifying");
  pass(std::chrono::minutes(2));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_EQ(count(only(), entry::verified), 11u);
}

TEST_F(ARollout, IsTakenBackWhenItDidNotLast) {
  begin("decide: [{name: all, decision: automatic}]\n"
        "verification: [{soak_s: 600, every_s: 60, on_failure: rollback}]");
  pass(std::chrono::minutes(2));
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "bucket-0"})");
  pass(std::chrono::minutes(4));
  auto state = only();
  EXPECT_EQ(name(state.stage), "rolled_back");
  EXPECT_TRUE(finding_of(state).open);
  EXPECT_TRUE(json::truth(json::at(state.rollback, "restored"))) << "there was nothing left to restore";
}

// A service beside the bucket, healthy until it is told otherwise.
class AHealthCheck : public ARollout {
 protected:
  AHealthCheck() {
    server = net::Server::start({}, [this](const net::Request&, const net::Peer&) {
               ++asked;
               return net::Response{.status = status, .body = "{\"up\": true}"};
             }).value();
  }
  void begin_with(const std::string& care) {
    begin(fmt::format(R"(decide: [{{name: all, decision: automatic}}]
health_checks: [{{name: shop, http: "{}/health?deep=1", holds: '"up"', allow_internal: true}}]
verification: [{{health: shop, {}}}])",
                      server->url(), care));
  }
  std::atomic<int> status = 200, asked = 0;
  std::unique_ptr<net::Server> server;
};

TEST_F(AHealthCheck, IsAskedBeforeAndAfterAFix) {
  begin_with("soak_s: 0");
  EXPECT_EQ(stage(), "resolved");
  EXPECT_EQ(asked, 2);
}

TEST_F(AHealthCheck, ThatFailsBeforeHoldsTheFix) {
  status = 503;
  begin_with("soak_s: 0");
  auto state = only();
  EXPECT_EQ(name(state.stage), "deferred");
  EXPECT_EQ(state.reasons.back(), "before the fix, the check 'shop' fails: it answered 503");
  EXPECT_TRUE(writes().empty());
  status = 200;
  pass(errors_look_pause + seconds(5));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(AHealthCheck, ThatFailsAfterHasTheFixTakenBack) {
  begin_with("soak_s: 60, every_s: 10, on_failure: rollback");
  EXPECT_EQ(stage(), "verifying");
  status = 500;
  pass(std::chrono::minutes(2));
  auto state = only();
  EXPECT_EQ(name(state.stage), "rolled_back");
  EXPECT_FALSE(blocked("bucket-0"));
  EXPECT_EQ(track_of(*ledger, public_read).value()->demoted_because, "aright took a fix back");
}

TEST_F(AHealthCheck, ThatFailsOnceIsAskedAgain) {
  begin_with("soak_s: 30, every_s: 10, on_failure: rollback");
  status = 500;
  pass(seconds(11));
  status = 200;
  pass(std::chrono::minutes(2));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(ARollout, AsksAnAlarmAndAPort) {
  somebody("cloudwatch:PutMetricAlarm",
           R"({"AlarmName": "errors", "MetricName": "5xx", "Namespace": "shop", "Statistic": "Sum", "Period": 60,
               "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"})");
  somebody("cloudwatch:SetAlarmState", R"({"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "test"})");
  auto server = net::Server::start({}, [](const net::Request&, const net::Peer&) { return net::Response{}; }).value();
  begin(fmt::format(R"(decide: [{{name: all, decision: automatic}}]
health_checks: [{{name: port, tcp: "127.0.0.1:{}", allow_internal: true}}, {{name: errors, alarm: errors}}]
verification: [{{health: [port, errors]}}])",
                    server->port()));
  EXPECT_EQ(only().reasons.back(), "before the fix, the check 'errors' fails: it is in state ALARM");
  somebody("cloudwatch:SetAlarmState", R"({"AlarmName": "errors", "StateValue": "OK", "StateReason": "test"})");
  pass(errors_look_pause + seconds(5));
  EXPECT_EQ(stage(), "resolved");
}

TEST_F(ARollout, ReachesNoInternalAddressUnlessThatIsAllowed) {
  auto server = net::Server::start({}, [](const net::Request&, const net::Peer&) { return net::Response{}; }).value();
  begin(fmt::format(R"(decide: [{{name: all, decision: automatic}}]
health_checks: [{{name: port, tcp: "127.0.0.1:{}"}}]
verification: [{{health: port}}])",
                    server->port()));
  EXPECT_THAT(only().reasons.back(), HasSubstr("the check 'port' fails"));
}

TEST_F(ARollout, ShowsWhoUsesTheResource) {
  auto made = [&](std::string_view name, std::string_view inner, std::string_view id, const std::string& input) {
    const json::Value answer = somebody(name, input);
    return json::text(inner.empty() ? answer : json::at(answer, inner), id, "");
  };
  auto vpc = made("ec2:CreateVpc", "Vpc", "VpcId", R"({"CidrBlock": "10.0.0.0/16"})");
  auto group = made("ec2:CreateSecurityGroup", "", "GroupId",
                    fmt::format(R"({{"GroupName": "web", "Description": "web", "VpcId": "{}"}})", vpc));
  auto subnet = made("ec2:CreateSubnet", "Subnet", "SubnetId",
                     fmt::format(R"({{"VpcId": "{}", "CidrBlock": "10.0.1.0/24"}})", vpc));
  auto interface = made("ec2:CreateNetworkInterface", "NetworkInterface", "NetworkInterfaceId",
                        fmt::format(R"({{"SubnetId": "{}", "Groups": ["{}"]}})", subnet, group));
  somebody("ec2:AuthorizeSecurityGroupIngress",
           fmt::format(R"({{"GroupId": "{}", "IpPermissions": [{{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
             "IpRanges": [{{"CidrIp": "0.0.0.0/0"}}]}}]}})", group));
  open(R"(
controls: [{id: restricted-ssh}]
remediations: [{ConfigRuleName: restricted-ssh, TargetId: AWS-DisablePublicAccessForSecurityGroup,
  Parameters: {GroupId: {ResourceValue: {Value: RESOURCE_ID}}}}]
decide: [{name: all, decision: approval}])");
  scan_and_settle();
  auto state = of(group);
  ASSERT_TRUE(state.plan) << state.last_error;
  EXPECT_THAT(state.plan->dependents, Contains(Dependent{"AWS::EC2::NetworkInterface", interface, "GroupSet[]"}));
  EXPECT_EQ(state.plan->dependents_unknown, "");
}

TEST(Dependents, AreLookedForWhereResourcesAreDescribed) {
  const auto& catalog = cloud::Catalog::embedded();
  EXPECT_GE(usages().size(), 10u);
  auto described = [&](const std::string& type, const std::string& aspect) {
    const auto* found = catalog.type(type);
    return found && std::ranges::any_of(found->aspects, [&](const cloud::Aspect& one) {
             return aspect == (one.fact ? "Facts." : "") + one.name;
           });
  };
  for (const auto& [type, usage] : usages()) {
    EXPECT_TRUE(catalog.type(type)) << type;
    for (const auto& related : usage.named)
      EXPECT_TRUE(described(related.type, related.aspects[0])) << related.type << " " << related.by;
    auto fact = usage.used.substr(0, usage.used.find('.', usage.used.find('.') + 1));
    EXPECT_TRUE(fact.empty() || described(type, fact)) << type;
  }
}

TEST_F(ARollout, OfADatabaseWaitsForTheMaintenanceWindow) {
  somebody("rds:CreateDBInstance",
           R"({"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.t3.micro", "Engine": "mysql",
               "MasterUsername": "admin", "MasterUserPassword": "a-long-password", "AllocatedStorage": 20})");
  for (int look = 0; look < 4; ++look) {  // each look moves its state on
    clock.advance(std::chrono::hours(1));
    somebody("rds:DescribeDBInstances", "{}");
  }
  open(R"(
controls: [{id: rds-multi-az-support}]
remediations: [{ConfigRuleName: rds-multi-az-support, TargetId: Later,
  Parameters: {Id: {ResourceValue: {Value: RESOURCE_ID}}}}]
decide: [{name: all, decision: automatic}])",
       {{"Later", R"(
schemaVersion: "0.3"
parameters: {Id: {type: String}}
mainSteps:
  - name: Modify
    action: aws:executeAwsApi
    inputs: {Service: rds, Api: ModifyDBInstance, DBInstanceIdentifier: "{{ Id }}", MultiAZ: true, ApplyImmediately: false}
)"}});
  scan_and_settle();
  pass(std::chrono::hours(2));
  auto state = only();
  EXPECT_EQ(name(state.stage), "verifying") << state.last_error;
  EXPECT_EQ(json::text(state.verification, "why_again", ""), "the change waits for the maintenance window");
  somebody("rds:ModifyDBInstance", R"({"DBInstanceIdentifier": "orders", "MultiAZ": true, "ApplyImmediately": true})");
  pass(std::chrono::hours(2));
  EXPECT_EQ(stage(), "resolved");
}

}  // namespace
}  // namespace aright::remediation
