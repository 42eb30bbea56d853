#include "sandbox/overlay.h"

#include <gmock/gmock.h>

#include <set>

#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* logs = R"({"Bucket": "logs"})";
constexpr const char* block =
    R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true,
    "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}})";
constexpr const char* public_policy =
    R"({"Bucket": "logs", "Policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", )"
    R"(\"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::logs/*\"}}"})";

class Counting final : public aws::Caller {
 public:
  explicit Counting(aws::Caller& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    ++calls;
    return below_.call(call, context);
  }
  int calls = 0;

 private:
  aws::Caller& below_;
};

class Rehearsal : public SandboxTest {
 protected:
  void SetUp() override {
    ok("s3:CreateBucket", logs);
    ok("s3:DeletePublicAccessBlock", logs);
    cloud.clear_calls();
  }
  json::Object staged(std::string_view name, std::string_view input = "{}") {
    auto output = overlay.call(call_of(name, input), {});
    EXPECT_TRUE(output) << name << ": " << output.error().text();
    return output ? *output : json::Object();
  }
  std::string staged_refused(std::string_view name, std::string_view input = "{}") {
    auto output = overlay.call(call_of(name, input), {});
    return output ? "" : output.error().wire_code;
  }
  static std::vector<std::string> names(const json::Object& listed) {
    std::vector<std::string> out;
    for (const auto& bucket : json::items(json::at(listed, "Buckets")))
      out.push_back(json::text(bucket, "Name", ""));
    return out;
  }

  Counting real{cloud};
  Overlay overlay{real, {}, clock};
};

TEST_F(Rehearsal, MakesUpIdsThatTheRealCloudHasNotGivenOut) {
  constexpr const char* network = R"({"CidrBlock": "10.0.0.0/16"})";
  auto id_of = [](const json::Object& made) { return json::text(json::at(made, "Vpc"), "VpcId", ""); };
  std::set<std::string> given;
  for (int i = 0; i < 8; ++i)
    given.insert(id_of(ok("ec2:CreateVpc", network)));
  for (int i = 0; i < 8; ++i)
    EXPECT_FALSE(given.contains(id_of(staged("ec2:CreateVpc", network))));
}

TEST_F(Rehearsal, SeesWhatWasOnItsWayArriveAsItsOwnTimePasses) {
  VirtualClock own(clock.now());
  ok("ec2:CreateDefaultVpc");
  auto run = ok("ec2:RunInstances", R"({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1})");
  Overlay stage(cloud, {}, own);
  auto look = call_of("ec2:DescribeInstances");
  look.input["InstanceIds"] = json::Array{run.at("Instances").at(0).at("InstanceId")};
  auto state = [&] {
    auto seen = stage.call(look, {});
    EXPECT_TRUE(seen) << seen.error().text();
    return json::text(json::at(seen->at("Reservations").at(0).at("Instances").at(0), {"State", "Name"}));
  };
  EXPECT_EQ(state(), "pending");
  own.advance(std::chrono::hours(1));
  EXPECT_EQ(state(), "running");
}

TEST_F(Rehearsal, ReadsBackWhatWasWrittenInAnotherCase) {
  auto made = ok("sqs:CreateQueue", R"({"QueueName": "jobs", "Attributes": {"SqsManagedSseEnabled": "false"}})");
  json::Object input{{"QueueUrl", json::at(made, "QueueUrl")}, {"Attributes", {{"SqsManagedSseEnabled", "True"}}}};
  staged("sqs:SetQueueAttributes", json::print(input));
  input = {{"QueueUrl", json::at(made, "QueueUrl")}, {"AttributeNames", {"SqsManagedSseEnabled"}}};
  auto seen = staged("sqs:GetQueueAttributes", json::print(input));
  EXPECT_EQ(json::at(json::at(seen, "Attributes"), "SqsManagedSseEnabled"), json::Value("true"));
}

TEST_F(Rehearsal, ReadsBackWhatWasWrittenToAQueueByItsAddressAtAws) {
  ok("sqs:CreateQueue", R"({"QueueName": "jobs", "Attributes": {"SqsManagedSseEnabled": "false"}})");
  json::Object input{{"QueueUrl", "https://sqs.us-east-1.amazonaws.com/111122223333/jobs"},
                     {"Attributes", {{"SqsManagedSseEnabled", "true"}}}};
  staged("sqs:SetQueueAttributes", json::print(input));
  input.erase("Attributes");
  input["AttributeNames"] = json::Array{"SqsManagedSseEnabled"};
  auto seen = staged("sqs:GetQueueAttributes", json::print(input));
  EXPECT_EQ(json::at(json::at(seen, "Attributes"), "SqsManagedSseEnabled"), json::Value("true"));
}

TEST_F(Rehearsal, SendsNoWriteToTheRealCloud) {
  staged("s3:PutPublicAccessBlock", block);
  EXPECT_TRUE(json::truth(staged("s3:GetPublicAccessBlock", logs)
                              .at("PublicAccessBlockConfiguration")
                              .at("BlockPublicAcls")));
  EXPECT_EQ(refused("s3:GetPublicAccessBlock", logs), "NoSuchPublicAccessBlockConfiguration");
  EXPECT_THAT(cloud.calls(), IsEmpty());
}

TEST_F(Rehearsal, RemembersWhatItRead) {
  staged("s3:GetBucketAcl", logs);
  auto calls = real.calls;
  staged("s3:GetBucketAcl", logs);
  EXPECT_EQ(staged_refused("s3:GetBucketPolicy", logs), "NoSuchBucketPolicy");
  EXPECT_EQ(staged_refused("s3:GetBucketPolicy", logs), "NoSuchBucketPolicy");
  EXPECT_EQ(real.calls, calls + 1);
}

TEST_F(Rehearsal, TellsWhatChangedAndHowToTakeItBack) {
  staged("s3:PutPublicAccessBlock", block);
  auto difference = overlay.difference();
  ASSERT_EQ(difference.size(), 1u);
  EXPECT_EQ(difference[0].pointer, "/AWS::S3::Bucket/logs/PublicAccessBlockConfiguration");
  EXPECT_FALSE(difference[0].before);
  ASSERT_EQ(overlay.writes().size(), 1u);
  EXPECT_TRUE(overlay.writes()[0].reversible);
  auto inverse = overlay.inverse();
  ASSERT_EQ(inverse.size(), 1u);
  EXPECT_EQ(inverse[0].operation, "DeletePublicAccessBlock");
}

TEST_F(Rehearsal, ItsInverseRestoresTheRealCloud) {
  auto before = cloud.export_state();
  staged("s3:PutBucketPolicy", public_policy);
  staged("s3:PutPublicAccessBlock", block);
  staged("s3:PutBucketTagging",
         R"({"Bucket": "logs", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}})");
  for (const auto& write : overlay.writes())
    ok(write.call);
  EXPECT_NE(cloud.export_state(), before);
  for (const auto& call : overlay.inverse())
    ok(call);
  EXPECT_EQ(cloud.export_state(), before);
}

TEST_F(Rehearsal, TakesBackWhatIsBeingModifiedForAWhile) {
  ok("rds:CreateDBInstance", R"({"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.t3.micro", "Engine": "mysql",
     "AllocatedStorage": 20, "MasterUsername": "owner", "MasterUserPassword": "long-enough-1", "BackupRetentionPeriod": 0})");
  clock.advance(std::chrono::minutes(10));
  staged("rds:ModifyDBInstance",
         R"({"DBInstanceIdentifier": "orders", "BackupRetentionPeriod": 7, "ApplyImmediately": true})");
  ASSERT_EQ(overlay.writes().size(), 1U);
  EXPECT_TRUE(overlay.writes()[0].reversible) << overlay.writes()[0].why_irreversible;
  ASSERT_EQ(overlay.inverse().size(), 1U);
  EXPECT_EQ(json::integer(overlay.inverse()[0].input["BackupRetentionPeriod"], -1), 0);
}

TEST_F(Rehearsal, SaysWhatTheWayBackLeavesOtherwise) {
  const std::string enable = R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}})";
  staged("s3:PutBucketVersioning", enable);
  ASSERT_EQ(overlay.writes().size(), 1U);
  EXPECT_TRUE(overlay.writes()[0].reversible);
  EXPECT_THAT(overlay.writes()[0].why_irreversible,
              testing::HasSubstr(R"(VersioningConfiguration is {"Status":"Suspended"})"));
  staged("s3:PutBucketVersioning", R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Suspended"}})");
  staged("s3:PutBucketVersioning", enable);
  EXPECT_EQ(overlay.writes()[2].why_irreversible, "");
}

TEST_F(Rehearsal, ListsWhatWasCreatedAndNotWhatWasDeleted) {
  ok("s3:CreateBucket", R"({"Bucket": "other"})");
  staged("s3:CreateBucket", R"({"Bucket": "fresh"})");
  EXPECT_THAT(names(staged("s3:ListBuckets")), ElementsAre("fresh", "logs", "other"));
  staged("s3:DeleteBucket", logs);
  EXPECT_THAT(names(staged("s3:ListBuckets")), ElementsAre("fresh", "other"));
  EXPECT_EQ(staged_refused("s3:GetBucketAcl", logs), "NoSuchBucket");
  EXPECT_THAT(names(ok("s3:ListBuckets")), ElementsAre("logs", "other"));
}

TEST_F(Rehearsal, SeesTheObjectsThatKeepABucketFromGoing) {
  ok("s3:PutObject", R"({"Bucket": "logs", "Key": "a", "Body": "eA=="})");
  EXPECT_EQ(staged_refused("s3:DeleteBucket", logs), "BucketNotEmpty");
  EXPECT_THAT(overlay.writes(), IsEmpty());
}

TEST_F(Rehearsal, KnowsTheBlockOfTheAccount) {
  ok("s3control:PutPublicAccessBlock",
     R"({"AccountId": "111122223333", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}})");
  EXPECT_EQ(staged_refused("s3:PutBucketPolicy", public_policy), "AccessDenied");
}

TEST_F(Rehearsal, SeesWhatABlockOfTheAccountDoesToABucket) {
  ok("s3:PutBucketPolicy", public_policy);
  auto open = [&] {
    return json::truth(staged("s3:GetBucketPolicyStatus", logs).at("PolicyStatus").at("IsPublic"));
  };
  EXPECT_TRUE(open());
  staged(
      "s3control:PutPublicAccessBlock",
      R"({"AccountId": "111122223333", "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}})");
  EXPECT_FALSE(open());
}

TEST_F(Rehearsal, DeploysAnApiThatHasMethodsAndNoOther) {
  auto made = [&](std::string_view name) {
    auto api = json::text(ok("apigateway:CreateRestApi", fmt::format(R"({{"name": "{}"}})", name))["id"]);
    auto resources = ok("apigateway:GetResources", fmt::format(R"({{"restApiId": "{}"}})", api));
    return std::pair(api, json::text(resources["items"].at(0), "id", ""));
  };
  auto empty = made("empty").first;
  auto [shop, root] = made("shop");
  auto method = fmt::format(R"({{"restApiId": "{}", "resourceId": "{}", "httpMethod": "GET"}})", shop, root);
  auto put = value_of(method).as_object();
  put["authorizationType"] = "NONE";
  ok("apigateway:PutMethod", json::print(put));

  auto deploy = [](const std::string& api) { return fmt::format(R"({{"restApiId": "{}"}})", api); };
  EXPECT_EQ(staged_refused("apigateway:CreateDeployment", deploy(empty)), "BadRequestException");
  staged("apigateway:CreateDeployment", deploy(shop));
  staged("apigateway:DeleteMethod", method);
  EXPECT_EQ(staged_refused("apigateway:CreateDeployment", deploy(shop)), "BadRequestException");
  staged("apigateway:PutMethod", json::print(put));
  staged("apigateway:CreateDeployment", deploy(shop));
}

TEST_F(Rehearsal, SendsNoCommandAndSaysThatItDoesNotKnowWhatOneDoes) {
  auto sent = staged("ssm:SendCommand", R"({"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-0123456789abcdef0"],
                                           "Parameters": {"commands": ["rm -rf /tmp/x"]}})");
  auto id = json::text(json::at(json::at(sent, "Command"), "CommandId"));
  auto about = fmt::format(R"({{"CommandId": "{}"}})", id);
  auto listed = staged("ssm:ListCommands", about);
  EXPECT_EQ(json::text(json::items(json::at(listed, "Commands"))[0], "Status", ""), "Success");
  auto invocations = staged("ssm:ListCommandInvocations", about);
  EXPECT_EQ(json::text(json::items(json::at(invocations, "CommandInvocations"))[0], "InstanceId", ""),
            "i-0123456789abcdef0");
  EXPECT_EQ(real.calls, 0);
  EXPECT_THAT(overlay.unrehearsed(), ElementsAre("AWS-RunShellScript is sent to i-0123456789abcdef0: what it does "
                                                 "there is not known"));
  ASSERT_EQ(overlay.writes().size(), 1u);
  EXPECT_FALSE(overlay.writes()[0].reversible);
}

TEST_F(Rehearsal, RefusesWhatItDoesNotKnow) {
  auto output = overlay.call(call_of("gamelift:DeleteFleet", R"({"FleetId": "f"})"), {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, Errc::unsupported);
  EXPECT_THAT(overlay.unrehearsed(), IsEmpty());
}

TEST_F(Rehearsal, PassesWhatItDoesNotKnowWhenTold) {
  Overlay passing(real, {.unrehearsed = Unrehearsed::pass}, clock);
  EXPECT_TRUE(passing.call(call_of("gamelift:DeleteFleet", R"({"FleetId": "f"})"), {}));
  EXPECT_THAT(passing.unrehearsed(), ElementsAre("what gamelift:DeleteFleet changes is not known"));
  EXPECT_TRUE(passing.made_up_answers());
  ASSERT_EQ(passing.writes().size(), 1u);
  EXPECT_EQ(passing.writes()[0].call.operation, "DeleteFleet");
  EXPECT_FALSE(passing.writes()[0].reversible);
  EXPECT_THAT(cloud.calls(), IsEmpty());
}

TEST_F(Rehearsal, PassesAStackWhoseResourcesItDoesNotKnow) {
  ok("cloudformation:CreateStack",
     R"({"StackName": "s", "TemplateBody": "{\"Resources\": {\"T\": {\"Type\": \"AWS::SNS::Topic\"}}}"})");
  Overlay passing(cloud, {.unrehearsed = Unrehearsed::pass}, clock);
  ASSERT_TRUE(passing.call(call_of("cloudformation:DeleteStack", R"({"StackName": "s"})"), {}));
  EXPECT_THAT(passing.unrehearsed(), ElementsAre(testing::HasSubstr("what the stack s holds is known to")));
  ASSERT_EQ(passing.writes().size(), 1u);
  EXPECT_FALSE(passing.writes()[0].reversible);
  EXPECT_THAT(passing.precondition().resources, testing::SizeIs(1));
}

TEST_F(Rehearsal, ItsFingerprintIsOfTheRealCloudBeforeTheWrites) {
  auto fingerprint_of = [&](const char* write) {
    Overlay one(real, {}, clock);
    EXPECT_TRUE(one.call(call_of("s3:PutPublicAccessBlock", write), {}));
    return one.fingerprint();
  };
  auto before = fingerprint_of(block);
  EXPECT_EQ(fingerprint_of(block), before);
  ok("s3:PutPublicAccessBlock",
     R"({"Bucket": "logs", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})");
  EXPECT_NE(fingerprint_of(block), before);
}

TEST_F(Rehearsal, FailsWhenTheRealCloudDoesNotAnswer) {
  class Silent final : public aws::Caller {
    Result<json::Object> call(const aws::Call&, const Context&) override {
      return fail(Errc::unavailable, "nobody there");
    }
  } silent;
  Overlay blind(silent, {}, clock);
  EXPECT_FALSE(blind.call(call_of("s3:PutPublicAccessBlock", block), {}));
  EXPECT_THAT(blind.writes(), IsEmpty());
}

TEST_F(Rehearsal, SaysOfWhatItMayNotReadThatItsChangeIsNotKnown) {
  class Secretive final : public aws::Caller {
   public:
    explicit Secretive(aws::Caller& below) : below_(below) {}
    Result<json::Object> call(const aws::Call& call, const Context& context) override {
      if (call.operation == "GetPublicAccessBlock")
        return fail({.code = Errc::denied, .message = "not for you", .wire_code = "AccessDenied", .http_status = 403});
      return below_.call(call, context);
    }

   private:
    aws::Caller& below_;
  } secretive(cloud);
  Overlay blind(secretive, {}, clock);
  ASSERT_TRUE(blind.call(call_of("s3:PutPublicAccessBlock", block), {}));
  EXPECT_THAT(blind.difference(), IsEmpty());
  EXPECT_THAT(blind.unrehearsed(),
              ElementsAre(testing::HasSubstr("PublicAccessBlockConfiguration of AWS::S3::Bucket logs could not be")));
  ASSERT_EQ(blind.writes().size(), 1u);
  EXPECT_FALSE(blind.writes()[0].reversible);
}

TEST_F(Rehearsal, ReadsNothingTwiceThatItChangedOnStage) {
  staged("s3:PutPublicAccessBlock", block);
  staged("s3:DeletePublicAccessBlock", logs);
  EXPECT_EQ(staged_refused("s3:GetPublicAccessBlock", logs),
            "NoSuchPublicAccessBlockConfiguration");
  EXPECT_THAT(overlay.difference(), IsEmpty());
}

}  // namespace
}  // namespace aright::sandbox
