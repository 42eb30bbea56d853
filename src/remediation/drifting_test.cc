// A fix that stood still, and what others did meanwhile.

#include <gmock/gmock.h>

#include "remediation/refold.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto waits_between = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Label
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutBucketTagging
      Bucket: "{{ Bucket }}"
      Tagging: {TagSet: [{Key: seen, Value: "yes"}]}
  - name: Wait
    action: aws:sleep
    inputs: {Duration: PT10M}
  - name: Block
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";

struct AFixThatStandsStill : ::testing::Test, World {
  void SetUp() override {
    open(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: WaitsBetween
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 1
)",
         {{"WaitsBetween", waits_between}});
    make_public_bucket("logs");
    scan_and_settle();
    ASSERT_EQ(stage(), "executing");
    ASSERT_THAT(writes(), ElementsAre("s3:PutBucketTagging"));
  }
  // The entry that says that the plan is void, or null.
  json::Value voided() {
    auto entries = ledger->stream(only().id.str()).value();
    for (const auto& entry : entries)
      if (entry.kind == entry::plan_voided) return entry.body;
    return {};
  }
};

constexpr auto others_block_acls =
    R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})";

TEST_F(AFixThatStandsStill, WritesNothingOverWhatOthersChangedAndMakesANewPlan) {
  auto plan = only().plan->hash;
  somebody("s3:PutPublicAccessBlock", others_block_acls);
  cloud.clear_calls();
  pass(seconds(601));
  EXPECT_THAT(json::text(voided(), "reason", ""), HasSubstr("changed since: /AWS::S3::Bucket/logs"));
  EXPECT_EQ(json::text(voided(), "execution", ""), only().executions[0].str());
  EXPECT_THAT(writes(), ::testing::Not(::testing::Contains("s3:PutPublicAccessBlock")));
  ASSERT_EQ(stage(), "executing");
  EXPECT_NE(only().plan->hash, plan);
  EXPECT_EQ(only().attempts, 1) << "what others came in between of is no attempt";
  pass(seconds(601));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_TRUE(blocked("logs"));
}

// Between two writes no time passes in which the whole would be looked at again.
TEST_F(AFixThatStandsStill, SeesWhatOthersChangedTheInstantBeforeItsWrite) {
  pass(seconds(599));
  int reads = 0;  // the first is of the look at the whole, the second of the write's before-image
  weather.refuse = [&](const aws::Call& call) -> std::optional<Error> {
    if (call.operation == "GetPublicAccessBlock" && ++reads == 2)
      somebody("s3:PutPublicAccessBlock", others_block_acls);
    return std::nullopt;
  };
  pass(seconds(2));
  EXPECT_THAT(json::text(voided(), "reason", ""),
              HasSubstr("s3:PutPublicAccessBlock is about to change what others changed since: "
                        "/AWS::S3::Bucket/logs/PublicAccessBlockConfiguration"));
}

TEST_F(AFixThatStandsStill, IsNotHeldAgainstItsTrackRecord) {
  somebody("s3:PutPublicAccessBlock", others_block_acls);
  pass(seconds(601));
  auto track = track_of(*ledger, public_read).value();
  ASSERT_TRUE(track);
  EXPECT_EQ(track->bad, 0);
  EXPECT_EQ(track->running, 1);
  EXPECT_THAT(compare_projections(*ledger, rules::Controls::embedded()).value(), ::testing::IsEmpty());
}

TEST_F(AFixThatStandsStill, GoesOnWhereOthersChangedWhatItHasWrittenAlready) {
  somebody("s3:PutBucketTagging", R"({"Bucket": "logs", "Tagging": {"TagSet": [{"Key": "seen", "Value": "no"}]}})");
  pass(seconds(601));
  EXPECT_EQ(stage(), "resolved");
  EXPECT_TRUE(blocked("logs"));
}

TEST_F(AFixThatStandsStill, IsEscalatedWhereAPersonHadAgreedToThatVeryPlan) {
  pass(seconds(601));
  ASSERT_EQ(stage(), "resolved");
  somebody("s3:DeletePublicAccessBlock", R"({"Bucket": "logs"})");
  engine.reset();
  adopt(R"(
controls: [{id: s3-bucket-public-read-prohibited}]
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: WaitsBetween
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: false
)",
        {{"WaitsBetween", waits_between}});
  start();
  scan_and_settle();
  auto finding = remediations().back().finding;
  auto fix = engine->fix(finding, shown_hash(finding), ana);
  ASSERT_TRUE(fix) << fix.error().text();
  settle();
  somebody("s3:PutPublicAccessBlock", others_block_acls);
  pass(seconds(601));
  auto state = engine->remediation(*fix).value();
  EXPECT_EQ(name(state.stage), "escalated");
  EXPECT_THAT(std::get<Escalated>(state.stage).reason, HasSubstr("the plan that was agreed to is void: changed since"));
  ASSERT_TRUE(engine->roll_back(*fix, ana, "half of it is no use"));
  settle();
  EXPECT_EQ(name(engine->remediation(*fix)->stage), "rolled_back");
}

// A function that looks once, and revokes rule by rule: halted after the first.
struct AFunctionThatIsHalted : ::testing::Test, World {
  void SetUp() override {
    open(R"(
controls: [{id: restricted-ssh}]
functions:
  revoke-world-open-ingress:
    handler: index.handler
    code: |
      import boto3, json

      def handler(event, context):
        ec2, id = boto3.client("ec2"), json.loads(event["invokingEvent"])["configurationItem"]["resourceId"]
        for one in ec2.describe_security_groups(GroupIds=[id])["SecurityGroups"][0]["IpPermissions"]:
          if one["FromPort"] == 22:
            for cidr in one["IpRanges"]:
              ec2.revoke_security_group_ingress(GroupId=id, IpProtocol="tcp", FromPort=22, ToPort=22,
                                                CidrIp=cidr["CidrIp"])
          else:
            ec2.create_tags(Resources=[id], Tags=[{"Key": "seen", "Value": str(one["FromPort"])}])
decide: [{name: at once, decision: automatic}]
)");
    auto vpc = somebody("ec2:CreateVpc", R"({"CidrBlock": "10.0.0.0/16"})");
    const auto& vpc_id = json::at(json::at(vpc, "Vpc"), "VpcId");
    json::Object input{{"GroupName", "web"}, {"Description", "web"}, {"VpcId", vpc_id}};
    group = json::text(somebody("ec2:CreateSecurityGroup", json::print(input)), "GroupId");
    ingress("Authorize", 22, "0.0.0.0/0");
    ingress("Authorize", 22, "198.51.100.0/24");
    ingress("Authorize", 8080, "10.0.0.0/8");
    cloud.clear_calls();
    weather.refuse = [this](const aws::Call& call) -> std::optional<Error> {
      if (!halts || call.operation.starts_with("Revoke") || writes().empty()) return std::nullopt;
      EXPECT_TRUE(engine->halt({}, ana, "an incident"));
      halts = false;
      return std::nullopt;
    };
    scan_and_settle();
    ASSERT_EQ(stage(), "executing") << only().last_error;
    ASSERT_THAT(writes(), ElementsAre("ec2:RevokeSecurityGroupIngress"));
    cloud.clear_calls();
  }
  void ingress(const char* verb, int port, const char* range) {
    somebody(fmt::format("ec2:{}SecurityGroupIngress", verb),
             fmt::format(R"({{"GroupId": "{}", "IpProtocol": "tcp", "FromPort": {}, "ToPort": {}, "CidrIp": "{}"}})",
                         group, port, port, range));
  }
  std::string voided() {
    auto entries = ledger->stream(only().id.str()).value();
    for (const auto& entry : entries)
      if (entry.kind == entry::plan_voided) return json::text(entry.body, "reason", "");
    return "";
  }
  std::string group;
  bool halts = true;
};

TEST_F(AFunctionThatIsHalted, GoesOnWhereNobodyChangedAnything) {
  ASSERT_TRUE(engine->resume({}, ana, "over"));
  pass(seconds(5));
  EXPECT_EQ(stage(), "resolved") << only().last_error;
  EXPECT_EQ(voided(), "");
  EXPECT_THAT(writes(), ElementsAre("ec2:RevokeSecurityGroupIngress", "ec2:CreateTags"));
}

TEST_F(AFunctionThatIsHalted, WritesNothingOverWhatOthersChangedInWhatItHasWrittenToAlready) {
  auto plan = only().plan->hash;
  ingress("Authorize", 443, "203.0.113.0/24");
  cloud.clear_calls();
  ASSERT_TRUE(engine->resume({}, ana, "over"));
  pass(seconds(5));
  EXPECT_THAT(voided(), HasSubstr("/AWS::EC2::SecurityGroup/" + group));
  EXPECT_EQ(stage(), "resolved") << only().last_error;
  EXPECT_NE(only().plan->hash, plan);
}

TEST_F(AFunctionThatIsHalted, WritesNothingOverWhatOthersChangedInWhatItIsYetToWriteTo) {
  somebody("ec2:CreateTags",
           fmt::format(R"({{"Resources": ["{}"], "Tags": [{{"Key": "seen", "Value": "by somebody"}}]}})", group));
  cloud.clear_calls();
  ASSERT_TRUE(engine->resume({}, ana, "over"));
  pass(seconds(5));
  EXPECT_THAT(voided(), HasSubstr("changed since: /AWS::EC2::SecurityGroup/" + group));
  EXPECT_EQ(stage(), "resolved") << only().last_error;
}

}  // namespace
}  // namespace aright::remediation
