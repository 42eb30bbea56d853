// IAM decides: what is denied, in which words, and what a reader without rights can still rehearse.
#include "sandbox/authorize.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/text.h"
#include "cloud/session_policy.h"
#include "sandbox/needs.h"
#include "sandbox/overlay.h"
#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

CloudOptions strict() {
  CloudOptions options;
  options.authorize = true;
  return options;
}

class Authorizing : public SandboxTest {
 protected:
  Authorizing() : SandboxTest(strict()) {}

  Principal user(const std::string& name, std::string_view statement = "") {
    ok("iam:CreateUser", fmt::format(R"({{"UserName":"{}"}})", name));
    if (!statement.empty()) grant(name, statement);
    return {.account = default_account,
            .arn = "arn:aws:iam::111122223333:user/" + name,
            .user_id = "AIDA" + name};
  }
  void grant(const std::string& name, std::string_view statement) {
    auto document = fmt::format(R"({{"Version":"2012-10-17","Statement":{}}})", statement);
    auto call =
        call_of("iam:PutUserPolicy", fmt::format(R"({{"UserName":"{}","PolicyName":"p"}})", name));
    call.input["PolicyDocument"] = document;
    ok(call);
  }
  std::string words(const Principal& who, std::string_view name, std::string_view input = "{}") {
    auto output = cloud.call_as(who, call_of(name, input), {});
    return output ? "" : output.error().message;
  }
};

TEST_F(Authorizing, DeniesWhatNoPolicyAllowsAndChangesNothing) {
  auto ana = user("ana");
  ok("s3:CreateBucket", R"({"Bucket":"logs"})");
  cloud.clear_calls();
  EXPECT_EQ(refused_as(ana, "s3:DeleteBucket", R"({"Bucket":"logs"})"), "AccessDenied");
  EXPECT_TRUE(cloud.calls().empty());
  ok("s3:HeadBucket", R"({"Bucket":"logs"})");
}

TEST_F(Authorizing, SaysWhichLayerDenies) {
  auto ana = user("ana", R"([{"Effect":"Allow","Action":"sqs:*","Resource":"*"},
                             {"Effect":"Deny","Action":"sqs:DeleteQueue","Resource":"arn:aws:sqs:*:*:keep"}])");
  auto url = json::text(ok("sqs:CreateQueue", R"({"QueueName":"keep"})"), "QueueUrl", "");
  EXPECT_EQ(
      words(ana, "sqs:DeleteQueue", fmt::format(R"({{"QueueUrl":"{}"}})", url)),
      "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: sqs:DeleteQueue on "
      "resource: "
      "arn:aws:sqs:us-east-1:111122223333:keep with an explicit deny in an identity-based policy");
}

// Services take plain names; policies are written about ARNs.
TEST_F(Authorizing, JudgesWhatIsCalledByANameOnItsArn) {
  auto ana = user("ana", R"([{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}])");
  const auto table = value_of(read_file(ARIGHT_SOURCE_DIR "/src/sandbox/testdata/judged_arns.json").value());
  for (const auto& row : json::items(table)) {
    auto call = json::text(row, "call", ""), said = words(ana, call, json::print(json::at(row, "input")));
    EXPECT_THAT(said, ::testing::HasSubstr(json::text(row, "resource", "") + " ")) << call;
  }
}

TEST_F(Authorizing, JudgesWhoCallsAKeyByItsAliasOnTheKey) {
  auto key = json::text(json::at(ok("kms:CreateKey"), "KeyMetadata"), "Arn", "");
  ok("kms:CreateAlias", fmt::format(R"({{"AliasName":"alias/mine","TargetKeyId":"{}"}})", key));
  auto ana = user("ana", fmt::format(R"([{{"Effect":"Allow","Action":"*","Resource":"*"}},
                                          {{"Effect":"Deny","Action":"kms:Encrypt","Resource":"{}"}}])", key));
  const std::string alias = "alias/mine";
  for (const auto& name : {key, alias, "arn:aws:kms:us-east-1:111122223333:" + alias})
    EXPECT_EQ(refused_as(ana, "kms:Encrypt", fmt::format(R"({{"KeyId":"{}","Plaintext":"YQ=="}})", name)),
              "AccessDeniedException") << name;
}

TEST_F(Authorizing, MeansTheCallerWhereACallOfIamNamesNobody) {
  auto ana = user("ana", R"([{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/ana"}])");
  auto made = as(ana, "iam:CreateAccessKey");
  auto key = json::text(json::at(json::at(made, "AccessKey"), "AccessKeyId"));
  EXPECT_EQ(json::text(json::at(json::at(made, "AccessKey"), "UserName")), "ana");
  as(ana, "iam:ListMFADevices");
  as(ana, "iam:UpdateAccessKey", fmt::format(R"({{"AccessKeyId":"{}","Status":"Inactive"}})", key));
  as(ana, "iam:DeleteAccessKey", fmt::format(R"({{"AccessKeyId":"{}"}})", key));
}

TEST_F(Authorizing, AsksForTheRoleThatAProfileHandsOn) {
  ok("iam:CreateRole", R"({"RoleName":"web","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"})");
  ok("iam:CreateInstanceProfile", R"({"InstanceProfileName":"ip"})");
  auto ana = user("ana", R"([{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:PassRole","Resource":"*"}])");
  constexpr auto into = R"({"InstanceProfileName":"ip","RoleName":"web"})";
  EXPECT_EQ(refused_as(ana, "iam:AddRoleToInstanceProfile", into), "AccessDenied");
  ok("iam:AddRoleToInstanceProfile", into);
  EXPECT_EQ(refused_as(ana, "ec2:RunInstances", R"({"ImageId":"ami-0123456789abcdef0","MinCount":1,"MaxCount":1,"IamInstanceProfile":{"Name":"ip"}})"),
            "UnauthorizedOperation");
}

TEST_F(Authorizing, KnowsWhatIsThereByItsWholeArn) {
  auto arn = json::text(ok("secretsmanager:CreateSecret", R"({"Name":"prod-db","SecretString":"s"})"), "ARN", "");
  auto ana = user("ana", fmt::format(R"([{{"Effect":"Allow","Action":"*","Resource":"*"}},
                                          {{"Effect":"Deny","Action":"secretsmanager:*","Resource":"{}"}}])", arn));
  EXPECT_EQ(refused_as(ana, "secretsmanager:GetSecretValue", R"({"SecretId":"prod-db"})"), "AccessDeniedException");
  EXPECT_EQ(refused_as(ana, "secretsmanager:DeleteSecret", R"({"SecretId":"prod-db"})"), "AccessDeniedException");
}

TEST_F(Authorizing, KnowsTagsOfTheResourceAndOfTheRequest) {
  auto ana = user("ana", R"([{"Effect":"Allow","Action":"sqs:DeleteQueue","Resource":"*",
                              "Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}},
                             {"Effect":"Allow","Action":["sqs:CreateQueue","sqs:TagQueue"],"Resource":"*",
                              "Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]},
                                           "Null":{"aws:TagKeys":"false"}}}])");
  auto made = [&](std::string_view input) {
    return json::text(ok("sqs:CreateQueue", input), "QueueUrl", "");
  };
  auto red = made(R"({"QueueName":"r","tags":{"team":"red"}})"),
       blue = made(R"({"QueueName":"b","tags":{"team":"blue"}})");
  EXPECT_EQ(refused_as(ana, "sqs:DeleteQueue", fmt::format(R"({{"QueueUrl":"{}"}})", blue)),
            "AccessDenied");
  EXPECT_EQ(refused_as(ana, "sqs:DeleteQueue", fmt::format(R"({{"QueueUrl":"{}"}})", red)), "");
  EXPECT_EQ(refused_as(ana, "sqs:CreateQueue", R"({"QueueName":"x"})"), "AccessDenied");
  EXPECT_EQ(refused_as(ana, "sqs:CreateQueue", R"({"QueueName":"x","tags":{"team":"red"}})"), "");
}

TEST_F(Authorizing, CreatingWithTagsNeedsThePermissionToTag) {
  auto ana = user("ana", R"([{"Effect":"Allow","Action":["ec2:CreateVolume","sqs:CreateQueue"],"Resource":"*"}])");
  constexpr auto volume = R"({"AvailabilityZone":"us-east-1a","Size":1,
    "TagSpecifications":[{"ResourceType":"volume","Tags":[{"Key":"a","Value":"b"}]}]})";
  EXPECT_EQ(refused_as(ana, "ec2:CreateVolume", volume), "UnauthorizedOperation");
  EXPECT_EQ(words(ana, "ec2:CreateVolume", R"({"AvailabilityZone":"us-east-1a","Size":1})"), "");
  EXPECT_EQ(refused_as(ana, "sqs:CreateQueue", R"({"QueueName":"q","tags":{"a":"b"}})"), "AccessDenied");
  grant("ana", R"([{"Effect":"Allow","Action":["ec2:CreateVolume","sqs:*"],"Resource":"*"},
    {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:*:*:volume/*",
     "Condition":{"StringEquals":{"ec2:CreateAction":"CreateVolume"}}}])");
  EXPECT_EQ(words(ana, "ec2:CreateVolume", volume), "");
  EXPECT_EQ(words(ana, "sqs:CreateQueue", R"({"QueueName":"q","tags":{"a":"b"}})"), "");
}

TEST_F(Authorizing, ALaunchNeedsAllThatItIsMadeOf) {
  ok("ec2:CreateDefaultVpc");
  constexpr auto launch = R"({"ImageId":"ami-12345678","MinCount":1,"MaxCount":1})";
  auto ana = user("ana", R"([{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*"}])");
  EXPECT_EQ(refused_as(ana, "ec2:RunInstances", launch), "UnauthorizedOperation");
  grant("ana", R"([{"Effect":"Allow","Action":"ec2:RunInstances","Resource":["arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:*::image/ami-12345678","arn:aws:ec2:*:*:subnet/*","arn:aws:ec2:*:*:security-group/*",
    "arn:aws:ec2:*:*:network-interface/*","arn:aws:ec2:*:*:volume/*"]}])");
  EXPECT_EQ(words(ana, "ec2:RunInstances", launch), "");
}

TEST_F(Authorizing, KnowsTheOrganizationOfCallerAndResource) {
  auto organization = json::text(json::at(ok("organizations:CreateOrganization"), "Organization"), "Id", "");
  for (const auto* key : {"aws:PrincipalOrgID", "aws:ResourceOrgID"}) {
    auto when = [&](const std::string& id) {
      return fmt::format(R"([{{"Effect":"Allow","Action":"s3:CreateBucket","Resource":"*",
        "Condition":{{"StringEquals":{{"{}":"{}"}}}}}}])", key, id);
    };
    auto name = lower(std::string(key).substr(4));
    auto bucket = fmt::format(R"({{"Bucket":"of-{}"}})", name);
    auto ana = user(name, when("o-another"));
    EXPECT_EQ(refused_as(ana, "s3:CreateBucket", bucket), "AccessDenied") << key;
    grant(name, when(organization));
    EXPECT_EQ(words(ana, "s3:CreateBucket", bucket), "") << key;
  }
  auto root = json::text(json::at(ok("organizations:ListRoots"), "Roots").as_array().front(), "Id", "");
  auto bo = user("bo", fmt::format(R"([{{"Effect":"Allow","Action":"s3:CreateBucket","Resource":"*",
    "Condition":{{"ForAnyValue:StringLike":{{"aws:PrincipalOrgPaths":"{}/{}/*"}}}}}}])", organization, root));
  EXPECT_EQ(words(bo, "s3:CreateBucket", R"({"Bucket":"of-paths"})"), "");
}

TEST_F(Authorizing, PassingARoleNeedsThePermissionToPassIt) {
  ok("iam:CreateRole", R"({"RoleName":"run","AssumeRolePolicyDocument":"{\"Statement\":{\"Effect\":\"Allow\",)"
                       R"(\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}}"})");
  auto ana = user("ana", R"([{"Effect":"Allow","Action":"lambda:*","Resource":"*"}])");
  constexpr auto create =
      R"({"FunctionName":"f","Role":"arn:aws:iam::111122223333:role/run","Runtime":"python3.11",
                              "Handler":"a.b","Code":{"ZipFile":"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}})";
  EXPECT_NE(words(ana, "lambda:CreateFunction", create)
                .find("iam:PassRole on resource: arn:aws:iam::111122223333:role/run"),
            std::string::npos);
  grant("ana", R"([{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}])");
  EXPECT_EQ(refused_as(ana, "lambda:CreateFunction", create), "");
}

TEST_F(Authorizing, TheRootIsHeldByServiceControlPoliciesOnly) {
  ok("iam:CreateUser", R"({"UserName":"x"})");
  auto options = strict();
  options.service_control = {iam::named_policy(
      "scp",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})")};
  Cloud held(options, clock);
  EXPECT_TRUE(held.call(call_of("s3:CreateBucket", R"({"Bucket":"logs"})"), {}));
  auto denied = held.call(call_of("iam:CreateUser", R"({"UserName":"x"})"), {});
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, Errc::denied);
  EXPECT_NE(denied.error().message.find("because no service control policy allows"),
            std::string::npos);
}

TEST_F(Authorizing, AnAccountIsHeldByThePoliciesOfItsOrganization) {
  ok("organizations:CreateOrganization", R"({"FeatureSet":"ALL"})");
  auto made = ok("organizations:CreateAccount", R"({"AccountName":"data","Email":"data@example.com"})");
  auto account = json::text(json::at(made, "CreateAccountStatus"), "AccountId", "");
  auto root = json::text(ok("organizations:ListRoots").at("Roots").at(0), "Id", "");
  auto policy = call_of("organizations:CreatePolicy", R"({"Name":"no-buckets","Description":"","Type":"SERVICE_CONTROL_POLICY",
    "Content":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:CreateBucket\",\"Resource\":\"*\"}]}"})");
  const json::Value created = ok(policy);
  auto id = json::text(json::at(created, {"Policy", "PolicySummary"}), "Id", "");
  Principal member{.account = account, .arn = "arn:aws:iam::" + account + ":root", .user_id = account};
  EXPECT_EQ(refused_as(member, "s3:CreateBucket", R"({"Bucket":"first"})"), "");
  auto on_root = fmt::format(R"({{"PolicyId":"{}","TargetId":"{}"}})", id, root);
  ok("organizations:AttachPolicy", on_root);
  EXPECT_EQ(refused_as(member, "s3:CreateBucket", R"({"Bucket":"second"})"), "AccessDenied");
  ok("s3:CreateBucket", R"({"Bucket":"managements"})");  // nothing holds the management account
  ok("organizations:DetachPolicy", on_root);
  EXPECT_EQ(refused_as(member, "s3:CreateBucket", R"({"Bucket":"second"})"), "");
}

// A role that may do everything, cut to one plan: the write of that plan goes through, and the same on another resource
// is denied, as is anything else on its own.
TEST_F(Authorizing, ASessionThatIsCutToAPlanWritesToThePlansResourcesAlone) {
  ok("iam:CreateRole", R"({"RoleName":"aright","AssumeRolePolicyDocument":"{\"Statement\":{\"Effect\":\"Allow\",)"
                       R"(\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"sts:AssumeRole\"}}"})");
  ok("iam:PutRolePolicy", R"({"RoleName":"aright","PolicyName":"all","PolicyDocument":"{\"Version\":\"2012-10-17\",)"
                          R"(\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"})");
  for (auto bucket : {"logs", "press"}) ok("s3:CreateBucket", fmt::format(R"({{"Bucket":"{}"}})", bucket));
  auto url = [&](const char* name) {
    return json::text(ok("sqs:CreateQueue", fmt::format(R"({{"QueueName":"{}"}})", name)), "QueueUrl", "");
  };
  auto jobs = url("jobs"), mail = url("mail");
  auto tag = [](const std::string& queue) { return fmt::format(R"({{"QueueUrl":"{}","Tags":{{"seen":"yes"}}}})", queue); };
  auto cut = cloud::session_policy(
      {.writes = {call_of("s3:PutPublicAccessBlock", R"({"Bucket":"logs"})"), call_of("sqs:TagQueue", tag(jobs))},
       .operations = {"s3:PutPublicAccessBlock", "s3:GetPublicAccessBlock", "sqs:TagQueue"},
       .unknown = {}});
  ASSERT_EQ(cut.cut, cloud::Cut::resources);
  auto role = "arn:aws:iam::111122223333:role/aright";
  auto assume = call_of("sts:AssumeRole", fmt::format(R"({{"RoleArn":"{}","RoleSessionName":"aright-1"}})", role));
  assume.input["Policy"] = cut.text;
  ok(assume);  // as a policy it is taken
  Principal session{.account = default_account,
                    .arn = "arn:aws:sts::111122223333:assumed-role/aright/aright-1",
                    .user_id = "AROA:aright-1",
                    .role = role,
                    .session_policies = {cut.text}};
  auto block = [](const char* bucket) {
    return fmt::format(R"({{"Bucket":"{}","PublicAccessBlockConfiguration":{{"BlockPublicAcls":true}}}})", bucket);
  };
  EXPECT_EQ(refused_as(session, "s3:PutPublicAccessBlock", block("logs")), "");
  EXPECT_EQ(refused_as(session, "s3:PutPublicAccessBlock", block("press")), "AccessDenied");
  EXPECT_EQ(refused_as(session, "s3:DeleteBucket", R"({"Bucket":"logs"})"), "AccessDenied");
  EXPECT_EQ(refused_as(session, "s3:GetPublicAccessBlock", R"({"Bucket":"logs"})"), "") << "it may look around";
  EXPECT_EQ(refused_as(session, "sqs:TagQueue", tag(jobs)), "");
  EXPECT_EQ(refused_as(session, "sqs:TagQueue", tag(mail)), "AccessDenied");
}

TEST_F(Authorizing, WhatIsNotEmulatedStillSaysSo) {
  EXPECT_EQ(refused_as(user("ana"), "polly:DeleteLexicon", R"({"Name":"a"})"), "NotImplemented");
}

// The first account's calls, by somebody who may read much and change nothing.
class Reader final : public aws::Caller {
 public:
  Reader(Cloud& cloud, Principal who) : cloud_(cloud), who_(std::move(who)) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    return cloud_.call_as(who_, call, context);
  }

 private:
  Cloud& cloud_;
  Principal who_;
};

TEST_F(Authorizing, ARehearsalNeedsNoRightToWriteAndLivesWithWhatItMayNotRead) {
  ok("s3:CreateBucket", R"({"Bucket":"logs"})");
  auto auditor =
      user("auditor",
           R"([{"Effect":"Allow","NotAction":["s3:GetBucketLogging","s3:GetBucketPolicy","s3:Put*"],
                                      "Resource":"*"}])");
  Reader reader(cloud, auditor);
  constexpr auto close =
      R"({"Bucket":"logs","PublicAccessBlockConfiguration":{"BlockPublicAcls":true,
      "IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}})";
  EXPECT_EQ(refused_as(auditor, "s3:PutPublicAccessBlock", close), "AccessDenied");
  cloud.clear_calls();
  Overlay overlay(reader, {}, clock);
  auto staged = overlay.call(call_of("s3:PutPublicAccessBlock", close), {});
  ASSERT_TRUE(staged) << staged.error().message;
  ASSERT_EQ(overlay.writes().size(), 1u);
  EXPECT_TRUE(overlay.writes()[0].reversible);
  auto unread = overlay.call(call_of("s3:GetBucketLogging", R"({"Bucket":"logs"})"), {});
  ASSERT_FALSE(unread);
  EXPECT_EQ(unread.error().code, Errc::denied) << unread.error().message;
  EXPECT_TRUE(cloud.calls().empty());
}

TEST(AcrossAccounts, PoliciesDecideEvenWhereNobodyAskedForAuthorization) {
  VirtualClock clock;
  Cloud cloud({}, clock);
  auto call = [&](const char* account, std::string_view name, std::string_view input) {
    auto output = cloud.call_as({.account = account}, call_of(name, input), {});
    return output ? std::string() : output.error().wire_code;
  };
  constexpr auto get = R"({"Bucket":"logs"})";
  EXPECT_EQ(call("111122223333", "s3:CreateBucket", get), "");
  EXPECT_EQ(call("444455556666", "s3:GetBucketVersioning", get), "AccessDenied");
  EXPECT_EQ(call("111122223333", "s3:PutBucketPolicy", R"({"Bucket":"logs","Policy":
      "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"444455556666\"},\"Action\":\"s3:GetBucketVersioning\",\"Resource\":\"arn:aws:s3:::logs\"}]}"})"),
            "");
  EXPECT_EQ(call("444455556666", "s3:GetBucketVersioning", get), "");
  EXPECT_EQ(call("444455556666", "s3:PutBucketVersioning",
                 R"({"Bucket":"logs","VersioningConfiguration":{"Status":"Enabled"}})"),
            "AccessDenied");
}

}  // namespace
}  // namespace aright::sandbox
