"""Functions that are created in the sandbox run: boto3 talks to it, and so does the code inside."""

import base64
import io
import json
import zipfile

import boto3
import botocore.config
import botocore.exceptions

from harness import ACCOUNT, Server, Story

ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/cleaner"
CODE = """
import json, os, boto3

def handler(event, context):
    print("asked for", json.dumps(event))
    if event.get("tag"):
        boto3.client("s3").put_bucket_tagging(Bucket=event["bucket"], Tagging={"TagSet": [{"Key": "by", "Value": event["tag"]}]})
    return {"who": boto3.client("sts").get_caller_identity()["Arn"], "stage": os.environ["STAGE"],
            "name": context.function_name, "region": os.environ["AWS_REGION"], "event": event}

def breaks(event, context):
    raise ValueError("no such bucket")

def sleeps(event, context):
    import time
    time.sleep(30)

def leaves(event, context):
    os._exit(3)

def loops(event, context):
    import botocore.exceptions
    deeper = json.dumps({"n": event.get("n", 0) + 1})
    try:
        answer = boto3.client("lambda").invoke(FunctionName="loops", Payload=deeper)
    except botocore.exceptions.ClientError as error:
        return [json.loads(deeper)["n"], error.response["Error"]["Code"]]
    return json.load(answer["Payload"])
"""


# A rule of Config as its documentation has them: what it reports counts, and not what it returns.
RULE = """
import json, boto3

def handler(event, context):
    said = json.loads(event["invokingEvent"])
    wanted = json.loads(event["ruleParameters"])["wanted"]
    config = boto3.client("config")
    if said["messageType"] == "ScheduledNotification":
        items = [("AWS::::Account", event["accountId"], "COMPLIANT", said["notificationCreationTime"])]
    else:
        item = said["configurationItem"]
        state = "COMPLIANT" if item["configuration"]["instanceType"] == wanted else "NON_COMPLIANT"
        items = [(item["resourceType"], item["resourceId"], state, item["configurationItemCaptureTime"])]
    config.put_evaluations(ResultToken=event["resultToken"], Evaluations=[
        {"ComplianceResourceType": kind, "ComplianceResourceId": id, "ComplianceType": state, "OrderingTimestamp": time}
        for kind, id, state, time in items])
"""
COUNTS = """
import os, time
events = 0

def handler(event, context):
    global events
    events += 1
    if event.get("sleep"): time.sleep(event["sleep"])
    if event.get("raise"): raise ValueError("no")
    if event.get("exit"): os._exit(1)
    return events
"""
NODE_COUNTS = "let events = 0; export const handler = async () => ++events;"

NODE = """
export const handler = async (event, context) => ({hello: event.name, left: context.getRemainingTimeInMillis()});
"""
# A runtime of one's own, without any SDK's help: it asks STS with a signature that nobody checks.
SHELL = """#!/usr/bin/python3
import json, os, re, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
event = urllib.request.urlopen(api + "next")
id = event.headers["Lambda-Runtime-Aws-Request-Id"]
scope = "Credential=x/20260101/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=0"
asked = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], b"Action=GetCallerIdentity&Version=2011-06-15", {
    "Authorization": "AWS4-HMAC-SHA256 " + scope, "X-Amz-Date": "20260101T000000Z"})
who = re.search("<Arn>(.*?)</Arn>", urllib.request.urlopen(asked).read().decode())[1]
answer = json.dumps([open("/var/task/data").read(), who]).encode()
urllib.request.urlopen(urllib.request.Request(api + id + "/response", answer))
"""


def archive(files, mode=0o644):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            about = zipfile.ZipInfo(name)
            about.external_attr = (0o100000 | mode) << 16
            made.writestr(about, text)
    return out.getvalue()


def package(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.py", text)
        archive.writestr("pkg/", "")
        archive.writestr("pkg/__init__.py", "")
        archive.writestr("__pycache__/index.cpython-311.pyc", b"\xff\xfe")
    return out.getvalue()


class Functions(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox", "--port", "0", "--empty"))
        cls.functions = cls.client("lambda")
        cls.client("iam").create_role(RoleName="cleaner", Path="/service-role/", AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                                                   "Action": "sts:AssumeRole"}}))
        for name in ("handler", "breaks", "sleeps", "leaves", "loops"):
            cls.functions.create_function(
                FunctionName=name, Runtime="python3.11", Role=ROLE, Handler=f"index.{name}", Timeout=1 if name == "sleeps" else 60,
                Code={"ZipFile": package(index=CODE)}, Environment={"Variables": {"STAGE": "prod"}})

    @classmethod
    def client(cls, service):
        made = boto3.client(service, endpoint_url=cls.cloud.url, region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test", config=botocore.config.Config(retries={"total_max_attempts": 1}))
        cls.addClassCleanup(made.close)
        return made

    def invoke(self, name, event=None, **more):
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(event if event is not None else {}), **more)
        return answer, answer["Payload"].read().decode()

    def refused(self, error, **arguments):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            self.functions.invoke(**arguments)
        self.assertEqual(raised.exception.response["Error"]["Code"], error)

    def test_answers_with_what_the_handler_returned(self):
        answer, payload = self.invoke("handler", {"a": 1})
        self.assertEqual((answer["StatusCode"], answer["ExecutedVersion"]), (200, "$LATEST"))
        self.assertNotIn("FunctionError", answer)
        self.assertNotIn("LogResult", answer)
        self.assertEqual(json.loads(payload), {"who": f"arn:aws:sts::{ACCOUNT}:assumed-role/cleaner/handler", "stage": "prod",
                                               "name": "handler", "region": "us-east-1", "event": {"a": 1}})

    def test_gives_the_end_of_the_log_where_it_is_asked_for(self):
        answer, _ = self.invoke("handler", {"a": "x" * 10_000}, LogType="Tail")
        log = base64.b64decode(answer["LogResult"]).decode()
        self.assertLessEqual(len(log), 4096)
        self.assertIn("REPORT RequestId: ", log)
        answer, _ = self.invoke("handler", {"a": 1}, LogType="Tail")
        self.assertIn('asked for {"a": 1}', base64.b64decode(answer["LogResult"]).decode())

    def test_tells_a_failure_as_lambda_does(self):
        answer, payload = self.invoke("breaks", LogType="Tail")
        self.assertEqual((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
        failure = json.loads(payload)
        self.assertEqual((failure["errorType"], failure["errorMessage"]), ("ValueError", "no such bucket"))
        self.assertIn("raise ValueError", failure["stackTrace"][-1])
        self.assertIn("[ERROR] ValueError: no such bucket", base64.b64decode(answer["LogResult"]).decode())

    def test_ends_what_takes_too_long_and_tells_what_ended_by_itself(self):
        answer, payload = self.invoke("sleeps")
        self.assertEqual(answer["FunctionError"], "Unhandled")
        self.assertIn("Task timed out after 1.00 seconds", json.loads(payload)["errorMessage"])
        answer, payload = self.invoke("leaves")
        self.assertEqual(json.loads(payload)["errorType"], "Runtime.ExitError")
        self.assertNotIn("stackTrace", json.loads(payload))

    def test_changes_the_same_sandbox_at_once_or_later(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="acme-a")
        self.invoke("handler", {"bucket": "acme-a", "tag": "now"})
        self.assertEqual(s3.get_bucket_tagging(Bucket="acme-a")["TagSet"], [{"Key": "by", "Value": "now"}])

        answer, payload = self.invoke("handler", {"bucket": "acme-a", "tag": "later"}, InvocationType="Event")
        self.assertEqual((answer["StatusCode"], payload), (202, ""))
        self.eventually("the event is handled", lambda: s3.get_bucket_tagging(Bucket="acme-a")["TagSet"][0]["Value"] == "later")

    def test_ends_a_loop_of_functions(self):
        self.assertEqual(json.loads(self.invoke("loops")[1]), [8, "RecursiveInvocationException"])

    def test_tries_an_event_again_that_failed(self):
        s3 = self.client("s3")
        self.invoke("handler", {"bucket": "acme-b", "tag": "late"}, InvocationType="Event")  # no such bucket yet
        s3.create_bucket(Bucket="acme-b")

        def tagged():
            try:
                return s3.get_bucket_tagging(Bucket="acme-b")["TagSet"]
            except botocore.exceptions.ClientError:
                return None

        self.eventually("the event is handled at last", tagged)

    def test_runs_new_code_and_nothing_where_that_is_forbidden(self):
        functions = self.functions
        functions.create_function(FunctionName="changing", Runtime="python3.11", Role=ROLE, Handler="index.handler",
                                  Code={"ZipFile": package(index="def handler(e, c): return 1")})
        self.assertEqual(self.invoke("changing")[1], "1")
        functions.update_function_code(FunctionName="changing", ZipFile=package(index="def handler(e, c): return 2"))
        self.assertEqual(self.invoke("changing")[1], "2")
        self.assertEqual(self.invoke(f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:changing")[1], "2")
        functions.put_function_concurrency(FunctionName="changing", ReservedConcurrentExecutions=0)
        self.refused("TooManyRequestsException", FunctionName="changing")

    def test_refuses_what_lambda_refuses(self):
        self.refused("ResourceNotFoundException", FunctionName="nobody")
        self.refused("ResourceNotFoundException", FunctionName="handler", Qualifier="7")
        self.refused("InvalidRequestContentException", FunctionName="handler", Payload=b"{")
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            self.functions.create_function(FunctionName="x", Runtime="python3.11", Role="me", Handler="a.b", Code={"ZipFile": b"x"})
        self.assertEqual(raised.exception.response["Error"]["Code"], "InvalidParameterValueException")
        self.assertEqual(self.invoke("handler", InvocationType="DryRun")[0]["StatusCode"], 204)

    def test_runs_node_and_whatever_speaks_the_runtime_api(self):
        functions = self.functions
        functions.create_function(FunctionName="node", Runtime="nodejs20.x", Role=ROLE, Handler="app.handler", Timeout=60, MemorySize=512,
                                  Code={"ZipFile": archive({"app.mjs": NODE})})
        self.assertEqual(json.loads(self.invoke("node", {"name": "Ana"})[1])["hello"], "Ana")
        layer = functions.publish_layer_version(LayerName="shell", Content={"ZipFile": archive({"bootstrap": SHELL}, mode=0o755)})
        functions.create_function(FunctionName="own", Runtime="provided.al2023", Role=ROLE, Handler="x", Timeout=60, MemorySize=512,
                                  Layers=[layer["LayerVersionArn"]], Code={"ZipFile": archive({"data": "from the package"})})
        self.assertEqual(json.loads(self.invoke("own")[1]), ["from the package", f"arn:aws:sts::{ACCOUNT}:assumed-role/cleaner/own"])

    def test_tells_its_destinations_how_an_event_ended(self):
        functions, sqs = self.functions, self.client("sqs")
        heard = {}
        for name in ("good", "bad", "dead"):
            url = sqs.create_queue(QueueName=name)["QueueUrl"]
            heard[name] = (url, f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")
        functions.create_function(FunctionName="told", Runtime="python3.11", Role=ROLE, Handler="index.handler", Timeout=60,
                                  DeadLetterConfig={"TargetArn": heard["dead"][1]},
                                  Code={"ZipFile": package(index="def handler(e, c): return 1 // e['by']")})
        functions.put_function_event_invoke_config(
            FunctionName="told", MaximumRetryAttempts=0,
            DestinationConfig={"OnSuccess": {"Destination": heard["good"][1]}, "OnFailure": {"Destination": heard["bad"][1]}})

        def received(name):
            messages = []
            self.eventually(f"{name} hears of it", lambda: messages.extend(
                sqs.receive_message(QueueUrl=heard[name][0], MessageAttributeNames=["All"]).get("Messages", [])) or messages)
            return messages[0]

        self.invoke("told", {"by": 1}, InvocationType="Event")
        good = json.loads(received("good")["Body"])
        self.assertEqual((good["requestContext"]["condition"], good["requestPayload"], good["responsePayload"]), ("Success", {"by": 1}, 1))
        self.assertTrue(good["requestContext"]["functionArn"].endswith(":function:told:$LATEST"))

        self.invoke("told", {"by": 0}, InvocationType="Event")
        bad = json.loads(received("bad")["Body"])
        self.assertEqual((bad["requestContext"]["condition"], bad["requestContext"]["approximateInvokeCount"]), ("RetriesExhausted", 1))
        self.assertEqual((bad["responseContext"]["functionError"], bad["responsePayload"]["errorType"]), ("Unhandled", "ZeroDivisionError"))
        dead = received("dead")
        self.assertEqual(json.loads(dead["Body"]), {"by": 0})
        self.assertEqual(dead["MessageAttributes"]["ErrorCode"]["StringValue"], "200")
        self.assertIn("division", dead["MessageAttributes"]["ErrorMessage"]["StringValue"])

        functions.put_function_concurrency(FunctionName="told", ReservedConcurrentExecutions=0)
        self.invoke("told", {"by": 2}, InvocationType="Event")
        untried = json.loads(received("bad")["Body"])
        self.assertEqual(untried["requestContext"]["approximateInvokeCount"], 0)

    def test_is_a_rule_of_config_with_a_token_of_its_own(self):
        functions, config, ec2 = self.functions, self.client("config"), self.client("ec2")
        made = functions.create_function(FunctionName="types", Runtime="python3.11", Role=ROLE, Handler="index.handler",
                                         Timeout=60, Code={"ZipFile": package(index=RULE)})
        rule = {"ConfigRuleName": "types", "InputParameters": '{"wanted": "t3.micro"}',
                "Scope": {"ComplianceResourceTypes": ["AWS::EC2::Instance"]},
                "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": made["FunctionArn"],
                           "SourceDetails": [{"EventSource": "aws.config", "MessageType": kind} for kind in
                                             ("ConfigurationItemChangeNotification", "ScheduledNotification")]}}
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            config.put_config_rule(ConfigRule=rule)
        self.assertEqual(raised.exception.response["Error"]["Code"], "InsufficientPermissionsException")
        functions.add_permission(FunctionName="types", StatementId="config", Action="lambda:InvokeFunction",
                                 Principal="config.amazonaws.com")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
        run = [ec2.run_instances(ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1, SubnetId=subnet, InstanceType=kind)
               ["Instances"][0]["InstanceId"] for kind in ("t3.micro", "m5.large")]
        config.put_config_rule(ConfigRule=rule)

        def judged():
            found = config.get_compliance_details_by_config_rule(ConfigRuleName="types")["EvaluationResults"]
            return len(found) == 3 and {one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]:
                                        one["ComplianceType"] for one in found}

        self.assertEqual(self.eventually("all are judged", judged),
                         {run[0]: "COMPLIANT", run[1]: "NON_COMPLIANT", ACCOUNT: "COMPLIANT"})
        forged = {"Evaluations": [], "ResultToken": "types"}
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            config.put_evaluations(**forged)
        self.assertEqual(raised.exception.response["Error"]["Code"], "InvalidResultTokenException")
        self.assertEqual(config.put_evaluations(TestMode=True, **forged)["FailedEvaluations"], [])
        config.delete_evaluation_results(ConfigRuleName="types")
        config.start_config_rules_evaluation(ConfigRuleNames=["types"])
        self.eventually("all are judged again", judged)

    def test_keeps_a_function_warm_for_itself_alone(self):
        functions = self.functions
        for name, runtime, code in (("warm", "python3.11", package(index=COUNTS)), ("other", "python3.11", package(index=COUNTS)),
                                    ("node", "nodejs20.x", archive({"index.mjs": NODE_COUNTS}))):
            functions.create_function(FunctionName=f"counts-{name}", Runtime=runtime, Role=ROLE, Handler="index.handler",
                                      Timeout=5, MemorySize=256, Code={"ZipFile": code})
        for name in ("warm", "node"):
            self.assertEqual([self.invoke(f"counts-{name}")[1] for _ in range(3)], ["1", "2", "3"])
        self.assertEqual(self.invoke("counts-other")[1], "1", "it has a jail of its own")
        self.assertEqual(self.invoke("counts-warm", {"raise": True})[0]["FunctionError"], "Unhandled")
        self.assertEqual(self.invoke("counts-warm")[1], "5", "an exception ends the event, and no more")
        self.assertEqual(self.invoke("counts-warm", {"exit": True})[0]["FunctionError"], "Unhandled")
        self.assertEqual(self.invoke("counts-warm")[1], "1", "what ended by itself begins anew")
        self.assertIn("timed out", self.invoke("counts-warm", {"sleep": 60})[1])
        self.assertEqual(self.invoke("counts-warm")[1], "1", "and so does what took too long")
        functions.update_function_configuration(FunctionName="counts-warm", Environment={"Variables": {"A": "B"}})
        self.assertEqual(self.invoke("counts-warm")[1], "1", "other surroundings, another jail")

    def test_runs_from_a_folder_or_a_zip(self):
        folder = self.home / "tagger"
        folder.mkdir()
        (folder / "index.py").write_text("def handler(e, c):\n  print('seen')\n  return {'got': e['n'] + 1}\n")
        (self.home / "tagger.zip").write_bytes(package(index="def handler(e, c): return 1 // e['n']"))
        (self.home / "aright.yaml").write_text(f'targets: [{{account: "{ACCOUNT}", regions: [us-east-1]}}]\n'
                                               "functions: {tagger: {directory: tagger, handler: index.handler}}\n")
        told = self.aright("function", "list", "--json").json["functions"]
        self.assertEqual([(one["name"], one["runtime"], one["files"]) for one in told], [("tagger", "python3.11", 1)])
        self.assertIn("index.py", self.aright("function", "show", "tagger").out)
        answer = self.aright("function", "invoke", "tagger", "-e", '{"n": 1}', "--json").json
        self.assertEqual(answer["Payload"], {"got": 2})
        self.assertIn("seen", answer["LogResult"])
        (self.home / "event.json").write_text('{"n": 0}')
        answer = self.aright("function", "invoke", "./tagger.zip", "-e", "event.json", "--json", code=1).json
        self.assertEqual(answer["Payload"]["errorType"], "ZeroDivisionError")
        made = self.functions.create_function(FunctionName="there", Runtime="python3.11", Role=ROLE, Handler="index.handler",
                                              Code={"ZipFile": package(index="def handler(e, c): return 'there'")})
        answer = self.aright("function", "invoke", made["FunctionArn"], "--endpoint-url", self.cloud.url, "--json").json
        self.assertEqual(answer["Payload"], "there")

    def test_is_rehearsed_from_the_policy_a_folder_or_a_zip_and_changes_nothing(self):
        tags = 'import boto3\ndef handler(e, c):\n  boto3.client("s3").put_bucket_tagging(Bucket=e["b"], Tagging={"TagSet": [{"Key": "by", "Value": "ana"}]})\n'
        folder = self.home / "tags"
        folder.mkdir()
        (folder / "index.py").write_text(tags)
        (self.home / "tags.zip").write_bytes(package(index=tags))
        (self.home / "aright.yaml").write_text(f'targets: [{{account: "{ACCOUNT}", regions: [us-east-1]}}]\n'
                                               "functions: {by-name: {directory: tags, handler: index.handler}}\n")
        s3 = boto3.client("s3", endpoint_url=self.cloud.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        self.addCleanup(s3.close)
        s3.create_bucket(Bucket="rehearsed")
        for what in ("by-name", "./tags", "tags.zip"):
            with self.subTest(what):
                plan = self.aright("function", "rehearse", what, "-e", '{"b": "rehearsed"}', "--endpoint-url", self.cloud.url, "--json").json
                self.assertEqual([write["operation"] for write in plan["writes"]], ["PutBucketTagging"])
                self.assertEqual([call["operation"] for call in plan["inverse"]], ["DeleteBucketTagging"])
                self.assertTrue(plan["reversible"])
        with self.assertRaises(botocore.exceptions.ClientError):
            s3.get_bucket_tagging(Bucket="rehearsed")  # has none

    def test_is_tested_like_a_program(self):
        folder = self.home / "tests-of-functions"
        (folder / "closer").mkdir(parents=True)
        (folder / "closer" / "index.py").write_text(
            "import boto3\ndef handler(e, c):\n  boto3.client('s3').put_bucket_versioning(Bucket=e['bucket'],"
            " VersioningConfiguration={'Status': 'Enabled'})\n  return 'done'\n")
        (folder / "closer.yaml").write_text("""
function: {directory: closer}
given:
  - {call: s3:CreateBucket, input: {Bucket: acme}}
tests:
  - name: keeps versions
    event: {bucket: acme}
    expect:
      result: done
      writes: [s3:PutBucketVersioning]
      state: [{call: s3:GetBucketVersioning, input: {Bucket: acme}, at: $.Status, is: Enabled}]
  - name: fails without a bucket
    event: {bucket: none}
    expect: {error: NoSuchBucket, writes: []}
  - name: is wrong about the result
    event: {bucket: acme}
    expect: {result: other}
""")
        told = self.aright("function", "test", "./tests-of-functions/closer.yaml", "--json", code=3).json
        self.assertEqual([one["passed"] for one in told["tests"]], [True, True, False])
        self.aright("function", "test", "./tests-of-functions/closer.yaml", "--only", "keeps")

    def test_says_what_it_does_not_run(self):
        functions = self.functions
        functions.create_function(FunctionName="ruby", Runtime="ruby3.3", Role=ROLE, Handler="index.handler",
                                  Code={"ZipFile": package(index="x")})
        self.refused("ServiceException", FunctionName="ruby")
        with self.assertRaises(functions.exceptions.InvalidParameterValueException):
            functions.create_function(FunctionName="nozip", Runtime="python3.11", Role=ROLE, Handler="index.handler",
                                      Code={"ZipFile": b"no zip at all"})
