// boto3 in the jail: what a script may expect of it, with a door that answers as a service would.

#include <gtest/gtest.h>

#include "base/file.h"
#include "script/fake_door.h"

namespace aright::script {
namespace {

Result<json::Object> service_error(std::string code, int status,
                                   std::string message = "it said no") {
  return fail(
      Error{.code = Errc::not_found, .message = message, .wire_code = code, .http_status = status});
}

class Bridge : public testing::Test {
 protected:
  Outcome run(Program program) {
    FakeDoor door(
        [this](const aws::Call& call, const Context& context) { return answer(call, context); });
    auto outcome = script::run(program, door, Context());
    calls = std::move(door.calls);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().text();
    return {};
  }
  // What main() returns, given its body.
  json::Value result(std::string_view body) {
    Outcome outcome = run(script("import boto3, botocore\n" + std::string(body)));
    EXPECT_TRUE(outcome.ok) << outcome.error_type << ": " << outcome.error_message << "\n"
                            << fmt::format("{}", fmt::join(outcome.stack, "")) << outcome.log;
    return outcome.result;
  }
  json::Object input(std::size_t call) { return calls.at(call).input; }

  FakeDoor::Answer answer = [](const aws::Call&, const Context&) { return json::Object(); };
  std::vector<aws::Call> calls;
};

TEST_F(Bridge, SendsServiceOperationRegionAndInput) {
  result(R"(
def main(events, context):
  boto3.client("ec2", region_name="eu-west-3").describe_security_groups(GroupIds=["sg-1"])
  boto3.client("s3control").get_public_access_block(AccountId="111122223333")
  boto3.client("iam").list_users()
  boto3.Session(region_name="us-west-2").client("config").describe_config_rules()
)");
  ASSERT_EQ(calls.size(), 4u);
  EXPECT_EQ(calls[0].name() + " " + calls[0].region, "ec2:DescribeSecurityGroups eu-west-3");
  EXPECT_EQ(calls[0].account, "111122223333");
  EXPECT_EQ(json::Value(input(0)), (json::Value{{"GroupIds", json::Array{"sg-1"}}}));
  EXPECT_EQ(calls[1].name() + " " + calls[1].region, "s3control:GetPublicAccessBlock us-east-1");
  EXPECT_EQ(calls[2].name() + " " + calls[2].region, "iam:ListUsers us-east-1");
  EXPECT_EQ(calls[3].name() + " " + calls[3].region, "config:DescribeConfigRules us-west-2");
}

TEST_F(Bridge, RaisesTheExceptionThatTheServiceModels) {
  answer = [](const aws::Call& call, const Context&) {
    return call.operation == "GetBucketPolicy" ? service_error("NoSuchBucketPolicy", 404)
                                               : service_error("NoSuchEntity", 404, "user is gone");
  };
  EXPECT_EQ(result(R"(
def main(events, context):
  seen = []
  iam = boto3.client("iam")
  try:
    iam.get_user(UserName="x")
  except iam.exceptions.NoSuchEntityException as error:
    seen += [type(error).__name__, str(error), error.response["ResponseMetadata"]["HTTPStatusCode"]]
  try:
    boto3.client("s3").get_bucket_policy(Bucket="logs")
  except botocore.exceptions.ClientError as error:
    seen += [error.response["Error"]["Code"], error.operation_name]
  return seen
)"),
            (json::Value{
                "NoSuchEntityException",
                "An error occurred (NoSuchEntity) when calling the GetUser operation: user is gone",
                404, "NoSuchBucketPolicy", "GetBucketPolicy"}));
}

TEST_F(Bridge, AnswersHeadRequestsWithTheStatusAsCode) {
  answer = [](const aws::Call&, const Context&) { return service_error("NoSuchBucket", 404); };
  EXPECT_EQ(result(R"(
def main(events, context):
  try:
    boto3.client("s3").head_bucket(Bucket="logs")
  except botocore.exceptions.ClientError as error:
    return error.response["Error"]
)"),
            (json::Value{{"Code", "404"}, {"Message", "Not Found"}}));
}

TEST_F(Bridge, TurnsTheDoorsOwnFailuresIntoClientErrors) {
  answer = [](const aws::Call& call, const Context&) -> Result<json::Object> {
    if (call.operation == "DescribeVpcs") return fail(Errc::denied, "a guardrail says no");
    return fail(Errc::throttled, "the budget is spent");
  };
  EXPECT_EQ(result(R"(
def main(events, context):
  seen, ec2 = [], boto3.client("ec2")
  for call in (ec2.describe_vpcs, ec2.describe_volumes):
    try:
      call()
    except botocore.exceptions.ClientError as error:
      seen.append([error.response["Error"]["Code"], error.response["Error"]["Message"]])
  return seen
)"),
            (json::Value{json::Array{"AccessDenied", "a guardrail says no"},
                         json::Array{"ThrottlingException", "the budget is spent"}}));
}

TEST_F(Bridge, LetsAnUncaughtErrorEndTheScriptWithItsStack) {
  answer = [](const aws::Call&, const Context&) { return service_error("NoSuchEntity", 404); };
  Outcome outcome =
      run(script("import boto3\n\ndef main(events, context):\n  boto3.client('iam').get_user()\n"));
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.error_type, "NoSuchEntityException");
  ASSERT_FALSE(outcome.stack.empty());
  EXPECT_EQ(
      outcome.stack[0],
      "  File \"/var/task/script.py\", line 4, in main\n    boto3.client('iam').get_user()\n");
}

TEST_F(Bridge, ChecksParametersBeforeItCalls) {
  EXPECT_EQ(result(R"(
def main(events, context):
  try:
    boto3.client("ec2").describe_security_groups(GroupIds="sg-1", Nonsense=1)
  except botocore.exceptions.ParamValidationError as error:
    return "Unknown parameter" in str(error) and "Invalid type for parameter GroupIds" in str(error)
)"),
            json::Value(true));
  EXPECT_TRUE(calls.empty());
}

TEST_F(Bridge, LeavesIdempotencyTokensToTheDoorUnlessTheScriptGivesOne) {
  result(R"(
def main(events, context):
  ec2 = boto3.client("ec2")
  ec2.create_flow_logs(ResourceIds=["vpc-1"], ResourceType="VPC", TrafficType="ALL")
  ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)
  ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, ClientToken="mine")
)");
  EXPECT_FALSE(input(0).contains("ClientToken"));
  EXPECT_FALSE(input(1).contains("ClientToken")) << json::print(input(1));
  EXPECT_EQ(json::text(input(2), "ClientToken"), "mine");
}

TEST_F(Bridge, PagesWithBotocoresPaginators) {
  answer = [](const aws::Call& call, const Context&) -> Result<json::Object> {
    std::string token = json::text(call.input, "Marker");
    if (token.empty())
      return json::Object{
          {"Users", json::Array{{{"UserName", "a"}}}}, {"IsTruncated", true}, {"Marker", "next"}};
    return json::Object{{"Users", json::Array{{{"UserName", "b"}}}}, {"IsTruncated", false}};
  };
  EXPECT_EQ(result(R"(
def main(events, context):
  pages = boto3.client("iam").get_paginator("list_users").paginate()
  return [user["UserName"] for page in pages for user in page["Users"]]
)"),
            (json::Value{"a", "b"}));
}

TEST_F(Bridge, WaitsWithBotocoresWaiters) {
  int looks = 0;
  answer = [&](const aws::Call& call, const Context&) -> Result<json::Object> {
    if (call.operation == "HeadBucket")
      return ++looks < 3 ? service_error("NoSuchBucket", 404) : json::Object();
    return json::Object{{"Volumes", json::Array{{{"VolumeId", "vol-1"}, {"State", "error"}}}}};
  };
  EXPECT_EQ(result(R"(
def main(events, context):
  boto3.client("s3").get_waiter("bucket_exists").wait(Bucket="logs", WaiterConfig={"Delay": 0})
  try:
    boto3.client("ec2").get_waiter("volume_deleted").wait(WaiterConfig={"Delay": 0, "MaxAttempts": 2})
  except botocore.exceptions.WaiterError as error:
    return error.last_response["Volumes"][0]["State"]
)"),
            json::Value("error"));
  EXPECT_EQ(looks, 3);
}

TEST_F(Bridge, CarriesTimesAndBlobsBothWays) {
  answer = [](const aws::Call& call, const Context&) -> Result<json::Object> {
    if (call.service == "kms") return json::Object{{"CiphertextBlob", "AAEC/w=="}, {"KeyId", "k"}};
    return json::Object{
        {"MetricAlarms", json::Array{{{"AlarmName", "a"},
                                      {"Threshold", 3},
                                      {"StateUpdatedTimestamp", "2024-05-01T10:00:00.250Z"}}}}};
  };
  EXPECT_EQ(
      result(R"(
from datetime import datetime, timezone, timedelta
def main(events, context):
  seen = boto3.client("kms").encrypt(KeyId="k", Plaintext=b"\x00\xfe")
  at = datetime(2024, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
  boto3.client("cloudtrail").lookup_events(StartTime=at, EndTime=1714559400.5)
  alarm = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"][0]
  return [list(seen["CiphertextBlob"]), alarm["StateUpdatedTimestamp"].isoformat(), type(alarm["Threshold"]).__name__,
          alarm["StateUpdatedTimestamp"] < datetime.now(timezone.utc)]
)"),
      (json::Value{json::Array{0, 1, 2, 255}, "2024-05-01T10:00:00.250000+00:00", "float", true}));
  EXPECT_EQ(json::text(input(0), "Plaintext"), "AP4=");
  EXPECT_EQ(json::Value(input(1)), (json::Value{{"StartTime", "2024-05-01T10:30:00Z"},
                                                {"EndTime", "2024-05-01T10:30:00.500Z"}}));
}

TEST_F(Bridge, StreamsBodies) {
  answer = [](const aws::Call& call, const Context&) -> Result<json::Object> {
    if (call.operation == "HeadObject")
      return json::Object{{"ContentLength", 11}, {"ETag", "\"e\""}};
    if (call.operation == "GetObject")
      return json::Object{{"Body", "aGVsbG8Kd29ybGQ="}, {"ContentLength", 11}, {"ETag", "\"e\""}};
    return json::Object();
  };
  EXPECT_EQ(result(R"(
import io
def main(events, context):
  s3 = boto3.client("s3")
  body = s3.get_object(Bucket="logs", Key="k")
  lines = [line.decode() for line in body["Body"].iter_lines()]
  s3.put_object(Bucket="logs", Key="text", Body="text", Metadata={"a": "b"})
  s3.put_object(Bucket="logs", Key="file", Body=io.BytesIO(b"file"))
  s3.upload_fileobj(io.BytesIO(b"transfer"), "logs", "up")
  s3.download_file("logs", "k", "/tmp/down")
  with open("/tmp/down") as down:
    return [lines, body["Metadata"], down.read()]
)"),
            (json::Value{json::Array{"hello", "world"}, json::Object(), "hello\nworld"}));
  std::map<std::string, std::string> bodies;
  for (const aws::Call& call : calls)
    if (call.operation == "PutObject")
      bodies[json::text(call.input, "Key")] = json::text(call.input, "Body");
  EXPECT_EQ(bodies, (std::map<std::string, std::string>{
                        {"text", "dGV4dA=="}, {"file", "ZmlsZQ=="}, {"up", "dHJhbnNmZXI="}}));
}

TEST_F(Bridge, WorksUnderResources) {
  answer = [](const aws::Call& call, const Context&) -> Result<json::Object> {
    if (call.operation == "DescribeInstances")
      return json::Object{
          {"Reservations",
           json::Array{{{"Instances",
                         json::Array{{{"InstanceId", "i-1"}, {"InstanceType", "t3.micro"}}}}}}}};
    return json::Object{{"Contents", json::Array{{{"Key", "a b"}}}}};
  };
  EXPECT_EQ(result(R"(
def main(events, context):
  instances = list(boto3.resource("ec2").instances.filter(InstanceIds=["i-1"]))
  objects = list(boto3.resource("s3").Bucket("logs").objects.all())
  return [instances[0].id, instances[0].instance_type, objects[0].key]
)"),
            (json::Value{"i-1", "t3.micro", "a b"}));
}

TEST_F(Bridge, SaysNoneForTheFirstRegionOfABucket) {
  EXPECT_EQ(result(R"(
def main(events, context):
  return boto3.client("s3").get_bucket_location(Bucket="logs")["LocationConstraint"]
)"),
            json::Value());
}

TEST_F(Bridge, DecodesPolicyDocumentsAsBoto3Does) {
  answer = [](const aws::Call&, const Context&) -> Result<json::Object> {
    return json::Object{{"RoleName", "r"},
                        {"PolicyName", "p"},
                        {"PolicyDocument", "%7B%22Version%22%3A%222012-10-17%22%7D"}};
  };
  EXPECT_EQ(result(R"(
def main(events, context):
  return boto3.client("iam").get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"]["Version"]
)"),
            json::Value("2012-10-17"));
}

TEST_F(Bridge, NeverActsAsTheExecutionForCredentialsOfTheScript) {
  answer = [](const aws::Call&, const Context&) -> Result<json::Object> {
    return json::Object{{"Credentials",
                         {{"AccessKeyId", "ASIA"},
                          {"SecretAccessKey", "s"},
                          {"SessionToken", "t"},
                          {"Expiration", "2030-01-01T00:00:00Z"}}}};
  };
  json::Value seen = result(R"(
import os
from botocore.config import Config
def attempt(make):
  try:
    make().list_buckets()
    return "called"
  except botocore.exceptions.BotoCoreError as error:
    return "refused" if "identity of its execution" in str(error) else str(error)
def main(events, context):
  keys = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::444455556666:role/r", RoleSessionName="fix")["Credentials"]
  given = dict(aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
               aws_session_token=keys["SessionToken"])
  def by_environment():
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = "AKIA", "s"
    try:
      return boto3.Session().client("s3")
    finally:
      del os.environ["AWS_ACCESS_KEY_ID"]
  return [attempt(lambda: boto3.client("s3", **given)), attempt(lambda: boto3.Session(**given).client("s3")),
          attempt(lambda: boto3.Session(**given).resource("s3").meta.client), attempt(by_environment),
          attempt(lambda: boto3.client("s3", config=Config(signature_version=botocore.UNSIGNED)))]
)");
  EXPECT_EQ(seen, (json::Value{"refused", "refused", "refused", "refused", "refused"}));
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].operation, "AssumeRole");
}

TEST_F(Bridge, SaysWhatIsNotPossible) {
  EXPECT_EQ(
      result(R"(
import os
def attempt(what):
  try:
    return str(what())
  except Exception as error:
    return type(error).__name__ + ": " + str(error)[:48]
def in_child(what):
  reading, writing = os.pipe()
  if os.fork() == 0:
    os.write(writing, attempt(what).encode())
    os._exit(0)
  return os.read(reading, 200).decode()
def main(events, context):
  s3 = boto3.client("s3")
  return [attempt(lambda: s3.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})),
          attempt(lambda: s3.generate_presigned_post("b", "k")),
          attempt(lambda: boto3.client("rds").generate_db_auth_token("h", 1, "u")),
          attempt(lambda: boto3.client("s3", endpoint_url="http://10.0.0.1:9000")),
          attempt(lambda: boto3.client("sts", endpoint_url="https://sts.eu-west-1.amazonaws.com").meta.region_name),
          in_child(lambda: s3.list_buckets())]
)"),
      (json::Value{"NotPossibleInScript: A script holds no credentials and so cannot sign",
                   "NotPossibleInScript: A script holds no credentials and so cannot sign",
                   "NotPossibleInScript: A script holds no credentials and so cannot sign",
                   "NotPossibleInScript: A script's calls go to AWS; the endpoint http://",
                   "us-east-1", "RuntimeError: AWS calls are only possible from the script's fi"}));
}

TEST_F(Bridge, NeverTakesTheAnswerOfAnInterruptedCallForAnother) {
  answer = [](const aws::Call&, const Context& context) -> Result<json::Object> {
    CHECK_OK(context.sleep(milliseconds(2'000)));
    return json::Object{{"Account", "1"}};
  };
  EXPECT_EQ(
      result(R"(
import signal
class Late(Exception): pass
def ring(*_):
  raise Late()
def main(events, context):
  sts, seen = boto3.client("sts"), []
  signal.signal(signal.SIGALRM, ring)
  signal.setitimer(signal.ITIMER_REAL, 0.4)
  for _ in range(2):
    try:
      seen.append(sts.get_caller_identity()["Account"])
    except (Late, RuntimeError) as error:
      seen.append(str(error))
  return seen
)"),
      (json::Value{"", "an earlier AWS call was interrupted; no other can be made after it"}));
}

TEST_F(Bridge, CallsFromManyThreadsOneAtATime) {
  std::atomic<int> inside = 0, most = 0;
  answer = [&](const aws::Call& call, const Context&) -> Result<json::Object> {
    most = std::max(most.load(), ++inside);
    --inside;
    return json::Object{{"UserDetailList", json::Array()},
                        {"Marker", json::text(call.input, "Marker")}};
  };
  EXPECT_EQ(result(R"(
from concurrent.futures import ThreadPoolExecutor
def main(events, context):
  iam = boto3.client("iam")
  ask = lambda i: iam.get_account_authorization_details(Marker=str(i))["Marker"] == str(i)
  with ThreadPoolExecutor(8) as pool:
    return all(pool.map(ask, range(200)))
)"),
            json::Value(true));
  EXPECT_EQ(most, 1);
  EXPECT_EQ(calls.size(), 200u);
}

TEST_F(Bridge, BoundsTheNumberOfCalls) {
  Program program = script(R"(
import boto3
def main(events, context):
  sts = boto3.client("sts")
  for number in range(9):
    sts.get_caller_identity()
)");
  program.limits.calls_max = 3;
  Outcome outcome = run(program);
  EXPECT_EQ(calls.size(), 3u);
  EXPECT_NE(outcome.error_message.find("(LimitExceededException)"), std::string::npos)
      << outcome.error_message;
}

TEST_F(Bridge, EndsAScriptInTheMiddleOfACall) {
  answer = [](const aws::Call&, const Context& context) -> Result<json::Object> {
    CHECK_OK(context.sleep(milliseconds(15'000)));
    return json::Object();
  };
  Program program = script(
      "import boto3\ndef main(events, context):\n  boto3.client('sts').get_caller_identity()\n");
  program.limits.wall = milliseconds(1'500);
  Outcome outcome = run(program);
  EXPECT_EQ(outcome.error_type, "Sandbox.Timedout");
  EXPECT_LT(outcome.took, milliseconds(8'000));
}

TEST_F(Bridge, OutlivesAScriptThatDiesWhileItsCallIsMade) {
  answer = [](const aws::Call&, const Context& context) -> Result<json::Object> {
    CHECK_OK(context.sleep(milliseconds(600)));
    return json::Object();
  };
  EXPECT_EQ(run(script(R"(
import boto3, os, threading
def main(events, context):
  sts = boto3.client("sts")
  threading.Timer(0.2, os._exit, [7]).start()
  sts.get_caller_identity()
)"))
                .error_message,
            "Runtime exited with error: exit status 7");
}

TEST_F(Bridge, CarriesEveryOperationOfTheServicesThatRemediationsUse) {
  Program program = script(*read_file(ARIGHT_SOURCE_DIR "/src/script/testdata/every_operation.py"));
  program.limits.wall = milliseconds(120'000);
  program.limits.memory_bytes = 1u << 30;
  Outcome outcome = run(program);
  ASSERT_TRUE(outcome.ok) << outcome.error_type << ": " << outcome.error_message;
  EXPECT_GT(json::integer(json::at(outcome.result, "count")), 2'500);
  json::Object faults = json::members(json::at(outcome.result, "faults"));
  EXPECT_NE(json::text(faults, "s3:SelectObjectContent").find("a stream of events"),
            std::string::npos);
  faults.erase("s3:SelectObjectContent");
  EXPECT_EQ(json::print_pretty(faults), "{}");
}

class RevokeWorldOpenIngress : public Bridge {
 protected:
  Outcome remediate(json::Value event) {
    return run(
        {.convention = Program::Convention::lambda,
         .runtime = "python3.12",
         .files = {{"revoke.py", *read_file(ARIGHT_SOURCE_DIR
                                            "/catalog/functions/revoke-world-open-ingress.py")}},
         .handler = "revoke.handler",
         .event = std::move(event),
         .account = "111122223333",
         .region = "eu-central-1"});
  }
};

TEST_F(RevokeWorldOpenIngress, RevokesOnlyTheWorldsPartOfRiskyPermissions) {
  answer = [](const aws::Call& call, const Context&) -> Result<json::Object> {
    if (call.operation != "DescribeSecurityGroups") return json::Object{{"Return", true}};
    json::Value ssh = {
        {"IpProtocol", "tcp"},
        {"FromPort", 22},
        {"ToPort", 22},
        {"IpRanges", json::Array{{{"CidrIp", "0.0.0.0/0"}}, {{"CidrIp", "10.0.0.0/8"}}}},
        {"Ipv6Ranges", json::Array{{{"CidrIpv6", "::/0"}}}}};
    json::Value web = {{"IpProtocol", "tcp"},
                       {"FromPort", 443},
                       {"ToPort", 443},
                       {"IpRanges", json::Array{{{"CidrIp", "0.0.0.0/0"}}}}};
    return json::Object{
        {"SecurityGroups",
         json::Array{{{"GroupId", "sg-1"}, {"IpPermissions", json::Array{ssh, web}}}}}};
  };
  Outcome outcome = remediate({{"detail", {{"requestParameters", {{"groupId", "sg-1"}}}}}});
  ASSERT_TRUE(outcome.ok) << outcome.error_type << ": " << outcome.error_message;
  EXPECT_EQ(outcome.log, "sg-1: revoked 1 permissions\n");
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[1].name() + " " + calls[1].region, "ec2:RevokeSecurityGroupIngress eu-central-1");
  json::Value revoked = {{"IpProtocol", "tcp"},
                         {"FromPort", 22},
                         {"ToPort", 22},
                         {"IpRanges", json::Array{{{"CidrIp", "0.0.0.0/0"}}}},
                         {"Ipv6Ranges", json::Array{{{"CidrIpv6", "::/0"}}}}};
  EXPECT_TRUE(json::equal(
      input(1), json::Object{{"GroupId", "sg-1"}, {"IpPermissions", json::Array{revoked}}}))
      << json::print(input(1));
}

TEST_F(RevokeWorldOpenIngress, UnderstandsASecurityHubFinding) {
  json::Object resource = {{"Type", "AwsEc2SecurityGroup"},
                           {"Id", "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-3"}};
  answer = [](const aws::Call& call, const Context&) {
    EXPECT_EQ(call.input.at("GroupIds"), (json::Value{"sg-3"}));
    return json::Object{
        {"SecurityGroups", json::Array{{{"GroupId", "sg-3"}, {"IpPermissions", json::Array()}}}}};
  };
  Outcome outcome =
      remediate({{"detail", {{"findings", json::Array{{{"Resources", json::Array{resource}}}}}}}});
  EXPECT_TRUE(json::equal(outcome.result, {{"group_id", "sg-3"}, {"revoked", json::Array()}}))
      << outcome.error_message;
}

TEST_F(RevokeWorldOpenIngress, UnderstandsAConfigRulesEvent) {
  answer = [](const aws::Call&, const Context&) {
    return json::Object{
        {"SecurityGroups", json::Array{{{"GroupId", "sg-2"}, {"IpPermissions", json::Array()}}}}};
  };
  Outcome outcome =
      remediate({{"invokingEvent", R"({"configurationItem":{"resourceId":"sg-2"}})"}});
  EXPECT_TRUE(json::equal(outcome.result, {{"group_id", "sg-2"}, {"revoked", json::Array()}}))
      << outcome.error_message;
  EXPECT_EQ(calls.size(), 1u);
}

}  // namespace
}  // namespace aright::script
