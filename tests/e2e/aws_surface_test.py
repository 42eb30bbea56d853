"""What stands around the core of AWS's APIs: standards, samples of threats, schedules, queues that feed functions, and what
keeps the door: all over a sandbox inside, whose clock runs sixty times as fast."""

import base64
import contextlib
import datetime
import io
import json
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import ACCOUNT, Server, Story, request

HUB = f"arn:aws:securityhub:us-east-1:{ACCOUNT}"
BEST_PRACTICES = "aws-foundational-security-best-practices/v/1.0.0"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                            "Principal": {"Service": "lambda.amazonaws.com"}}]})
POLICY = """
targets: [{account: "111122223333", regions: [us-east-1]}]
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: all, decision: manual}]
"""
CONTAIN = """
schemaVersion: "0.3"
mainSteps:
  - name: Keep
    action: aws:executeAwsApi
    inputs: {Service: ssm, Api: PutParameter, Name: seen, Value: x, Type: String, Overwrite: true}
"""
SLEEP = 'schemaVersion: "0.3"\nmainSteps: [{name: Wait, action: "aws:sleep", inputs: {Duration: PT24H}}]\n'
HANDLER = """
def main(event, context):
    bad = [one["messageId"] for one in event["Records"] if one["body"] == "bad"]
    if any(one["body"] == "fatal" for one in event["Records"]):
        raise ValueError("fatal")
    return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}
"""


def packed(code):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.py", code)
    return out.getvalue()


class AwsSurface(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.home / "aright.yaml").write_text(POLICY)
        cls.server = cls.enterClassContext(Server(cls.home, "serve", "--port", "0", "--policy", "aright.yaml", "--state", "state"))
        cls.token = json.loads((cls.home / "state/server.json").read_text())["token"]

    def client(self, service):
        made = boto3.client(service, endpoint_url=self.server.url, region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test", config=Config(retries={"max_attempts": 1}))
        self.addCleanup(made.close)
        return made

    def deny(self, code, call, **arguments):
        with self.assertRaises(ClientError) as refused:
            call(**arguments)
        self.assertEqual(refused.exception.response["Error"]["Code"], code, refused.exception)

    def api(self, path, method="GET", body=None):
        status, _, told = request(self.server.url + "/api/v1" + path, method, body, self.token)
        self.assertEqual(status, 200, told)
        return json.loads(told)

    def hub(self):
        hub = self.client("securityhub")
        with contextlib.suppress(hub.exceptions.ResourceConflictException):  # another story has enabled it
            hub.enable_security_hub(EnableDefaultStandards=False)
        return hub

    def findings(self, status):
        return [(one["control"], one["resource"]["id"]) for one in self.api(f"/findings?status={status}")["findings"]]

    def function(self, name, code):
        functions = self.client("lambda")
        try:
            self.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=TRUST)
        except ClientError:
            pass  # another story has made it
        functions.create_function(FunctionName=name, Runtime="python3.11", Handler="index.main", Timeout=60,
                                  Role=f"arn:aws:iam::{ACCOUNT}:role/runs", Code={"ZipFile": packed(code)})
        return functions

    def test_a_control_that_is_off_finds_no_more(self):
        hub, s3 = self.hub(), self.client("s3")
        s3.create_bucket(Bucket="open")
        s3.delete_public_access_block(Bucket="open")
        s3.put_bucket_policy(Bucket="open", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open/*"}]}))
        mine = ("s3-bucket-public-read-prohibited", "open")
        self.eventually("the bucket is found", lambda: mine in self.findings("open"))
        self.assertIn("NIST Special Publication 800-53 Revision 5", {one["Name"] for one in hub.describe_standards()["Standards"]})
        hub.batch_enable_standards(StandardsSubscriptionRequests=[
            {"StandardsArn": f"arn:aws:securityhub:us-east-1::standards/{BEST_PRACTICES}"}])
        subscription = hub.get_enabled_standards()["StandardsSubscriptions"][0]["StandardsSubscriptionArn"]
        controls = {}
        for page in hub.get_paginator("describe_standards_controls").paginate(StandardsSubscriptionArn=subscription):
            controls |= {one["ControlId"]: one for one in page["Controls"]}
        self.assertEqual((controls["S3.2"]["ControlStatus"], controls["EC2.2"]["ControlStatus"]), ("ENABLED", "DISABLED"))
        arn = controls["S3.2"]["StandardsControlArn"]
        self.deny("InvalidInputException", hub.update_standards_control, StandardsControlArn=arn, ControlStatus="DISABLED")
        hub.update_standards_control(StandardsControlArn=arn, ControlStatus="DISABLED", DisabledReason="a public site")
        self.eventually("it is a finding no more", lambda: mine in self.findings("resolved"))
        self.api("/scan", "POST", {})
        self.assertNotIn(mine, self.findings("open"))
        hub.update_standards_control(StandardsControlArn=arn, ControlStatus="ENABLED")
        self.api("/scan", "POST", {})
        self.assertIn(mine, self.findings("open"))
        hub.batch_disable_standards(StandardsSubscriptionArns=[subscription])
        self.assertEqual(hub.get_enabled_standards()["StandardsSubscriptions"], [])

    def test_odd_findings_are_refused_one_by_one(self):
        finding = lambda name, severity: {
            "SchemaVersion": "2018-10-08", "Id": name, "ProductArn": f"{HUB}:product/{ACCOUNT}/default", "GeneratorId": "g",
            "AwsAccountId": ACCOUNT, "CreatedAt": "2024-01-01T00:00:00Z", "UpdatedAt": "2024-01-01T00:00:00Z", "Title": "t",
            "Description": "d", "Severity": severity, "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::logs"}]}
        told = self.hub().batch_import_findings(Findings=[
            finding("good", {"Label": "LOW"}), finding("odd", {"Label": "SEVERE"}), finding("beyond", {"Normalized": 101}),
            finding("elsewhere", {"Label": "LOW"}) | {"ProductArn": f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:product/{ACCOUNT}/default"},
            finding("done", {"Label": "LOW"}) | {"Workflow": {"Status": "DONE"}}])
        self.assertEqual((told["SuccessCount"], told["FailedCount"]), (1, 4))
        self.assertEqual({one["Id"]: one["ErrorCode"] for one in told["FailedFindings"]},
                         dict.fromkeys(("odd", "beyond", "elsewhere", "done"), "InvalidInput"))
        self.assertIn("data.Severity.Label", told["FailedFindings"][0]["ErrorMessage"])

    def test_a_sample_of_a_threat_is_a_signal(self):
        guard, events = self.client("guardduty"), self.client("events")
        self.client("ssm").create_document(Name="Contain", DocumentType="Automation", DocumentFormat="YAML", Content=CONTAIN)
        events.put_rule(Name="threats", EventPattern='{"source": ["aws.guardduty"], "detail": {"type": [{"prefix": "Crypto"}]}}')
        events.put_targets(Rule="threats", Targets=[{"Id": "1", "Arn": f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-definition/Contain"}])
        detector = guard.create_detector(Enable=True)["DetectorId"]
        guard.create_sample_findings(DetectorId=detector, FindingTypes=["CryptoCurrency:EC2/BitcoinTool.B!DNS"])
        mine = ("rule:threats", "i-99999999")
        self.eventually("it is a finding", lambda: mine in self.findings("open"))
        ids = guard.list_findings(DetectorId=detector)["FindingIds"]
        guard.archive_findings(DetectorId=detector, FindingIds=ids)
        excepted = lambda: [one["exception"] for one in self.api("/findings")["findings"] if one["control"] == "rule:threats"]
        self.assertEqual(excepted()[0]["message"], "archived in GuardDuty")
        guard.unarchive_findings(DetectorId=detector, FindingIds=ids)
        self.assertEqual(excepted(), [None])

    def test_a_queue_feeds_a_function(self):
        functions, sqs = self.function("eats", HANDLER), self.client("sqs")
        queue = sqs.create_queue(QueueName="food", Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
        mapping = functions.create_event_source_mapping(
            FunctionName="eats", EventSourceArn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:food", BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"])["UUID"]
        left = lambda: tuple(int(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"][name]) for name in
                             ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"))
        for body in ("good", "good", "bad"):
            sqs.send_message(QueueUrl=queue, MessageBody=body)
        self.eventually("what is bad alone stays, out of sight", lambda: left() == (0, 1))
        functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        self.assertEqual(functions.get_event_source_mapping(UUID=mapping)["State"], "Disabled")
        functions.update_event_source_mapping(UUID=mapping, Enabled=True)
        sqs.send_message(QueueUrl=queue, MessageBody="fatal")
        self.eventually("what a failed function had stays, too", lambda: left() == (0, 2))

    def test_code_is_fetched_by_who_has_the_link(self):
        code = "def main(event, context):\n    return 1\n"
        functions = self.function("plain", code)
        self.assertEqual([one["Version"] for one in functions.list_versions_by_function(FunctionName="plain")["Versions"]], ["$LATEST"])
        functions.publish_version(FunctionName="plain")
        self.assertEqual([one["Version"] for one in functions.list_versions_by_function(FunctionName="plain")["Versions"]], ["$LATEST", "1"])
        link = functions.get_function(FunctionName="plain")["Code"]["Location"]
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(link) as answer:
            self.assertEqual(zipfile.ZipFile(io.BytesIO(answer.read())).read("index.py").decode(), code)
        for forged in (link.replace("/plain?", "/other?"), link[:-1] + ("0" if link[-1] != "0" else "1"), link.split("?")[0]):
            self.assertEqual(request(forged)[0], 403, forged)

    def test_versions_and_aliases_are_invoked(self):
        answers = 'def main(event, context):\n    print("heard")\n    return [{}, context.function_version]\n'
        functions = self.function("told", answers.format(1))
        functions.publish_version(FunctionName="told")
        functions.create_alias(FunctionName="told", Name="live", FunctionVersion="1")
        functions.update_function_code(FunctionName="told", ZipFile=packed(answers.format(2)))
        ask = lambda **more: functions.invoke(**{"FunctionName": "told", **more})
        told = ask(Qualifier="live", LogType="Tail")
        self.assertEqual((json.loads(told["Payload"].read()), told["ExecutedVersion"]), ([1, "1"], "1"))
        self.assertIn("heard", base64.b64decode(told["LogResult"]).decode())
        self.assertEqual(json.loads(ask(FunctionName="told:1")["Payload"].read()), [1, "1"])
        self.assertEqual(json.loads(ask()["Payload"].read()), [2, "$LATEST"])
        self.deny("ResourceNotFoundException", ask, Qualifier="none")

    def test_lists_come_in_pages(self):
        events = self.client("events")
        for i in range(3):
            events.put_rule(Name=f"page{i}", EventPattern='{"source": ["x"]}')
        first = events.list_rules(NamePrefix="page", Limit=2)
        rest = events.list_rules(NamePrefix="page", Limit=2, NextToken=first["NextToken"])
        self.assertEqual([one["Name"] for one in first["Rules"] + rest["Rules"]], ["page0", "page1", "page2"])
        self.assertNotIn("NextToken", rest)
        targets = [{"Id": str(i), "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q{i}"} for i in range(3)]
        events.put_targets(Rule="page0", Targets=targets)
        first = events.list_targets_by_rule(Rule="page0", Limit=2)
        rest = events.list_targets_by_rule(Rule="page0", NextToken=first["NextToken"])
        self.assertEqual([one["Id"] for one in first["Targets"] + rest["Targets"]], ["0", "1", "2"])

    def test_a_replay_is_cancelled(self):
        events = self.client("events")
        events.create_archive(ArchiveName="all", EventSourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default")
        self.deny("ResourceNotFoundException", events.cancel_replay, ReplayName="none")
        now = datetime.datetime.now(datetime.timezone.utc)
        events.start_replay(ReplayName="again", EventSourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:archive/all",
                            EventStartTime=now - datetime.timedelta(days=300), EventEndTime=now + datetime.timedelta(days=300),
                            Destination={"Arn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"})
        try:
            self.assertEqual(events.cancel_replay(ReplayName="again")["State"], "CANCELLING")
            self.assertEqual(events.describe_replay(ReplayName="again")["State"], "CANCELLED")
        except ClientError as late:  # it was quicker
            self.assertEqual(late.response["Error"]["Code"], "IllegalStatusException")
        self.deny("IllegalStatusException", events.cancel_replay, ReplayName="again")

    def test_a_schedule_runs(self):
        scheduler, events = self.client("scheduler"), self.client("events")
        self.client("ssm").create_document(Name="Tidy", DocumentType="Automation", DocumentFormat="YAML", Content=CONTAIN)
        scheduler.create_schedule_group(Name="ops")
        events.put_rule(Name="hears", EventPattern='{"source": ["my.clock"]}')
        events.put_targets(Rule="hears", Targets=[{"Id": "1", "Arn": f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-definition/Tidy"}])
        once = dict(FlexibleTimeWindow={"Mode": "OFF"}, GroupName="ops")
        role = f"arn:aws:iam::{ACCOUNT}:role/runs"
        scheduler.create_schedule(Name="tidies", ScheduleExpression="rate(1 minute)", **once, Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:ssm:startAutomationExecution", "RoleArn": role,
            "Input": json.dumps({"DocumentName": "Tidy"})})
        scheduler.create_schedule(Name="tells", ScheduleExpression="rate(1 minute)", **once, Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents", "RoleArn": role, "Input": json.dumps(
                {"Entries": [{"Source": "my.clock", "DetailType": "tick", "Detail": '{"n": 1}'}]})})
        there = lambda: {control for control, _ in self.findings("open")}
        self.eventually("both ran", lambda: {"rule:schedule/ops/tidies", "rule:hears"} <= there())
        self.assertEqual({one["Name"] for one in scheduler.list_schedules(GroupName="ops")["Schedules"]}, {"tells", "tidies"})
        self.assertEqual(scheduler.get_schedule(Name="tells", GroupName="ops")["State"], "ENABLED")
        self.deny("ValidationException", scheduler.create_schedule, Name="odd", ScheduleExpression="rate(0 minutes)", **once,
                  Target={"Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f", "RoleArn": role})
        scheduler.delete_schedule_group(Name="ops")
        self.assertEqual(scheduler.list_schedules()["Schedules"], [])

    def test_an_automation_is_looked_at_before_it_is_started_for_many(self):
        ssm = self.client("ssm")
        ssm.create_document(Name="Pauses", DocumentType="Automation", DocumentFormat="YAML", Content=SLEEP.replace(
            "mainSteps", "parameters: {Name: {type: String}}\nmainSteps"))
        some = [{"Key": "ParameterValues", "Values": ["a"]}]
        start = lambda code, **said: self.deny(code, ssm.start_automation_execution, **{"DocumentName": "Pauses", **said})
        start("AutomationDefinitionNotFoundException", DocumentName="None", Targets=some, TargetParameterName="Name")
        start("InvalidTarget", Targets=some)
        start("InvalidTarget", Targets=[{"Key": "Colour", "Values": ["red"]}], TargetParameterName="Name")
        start("InvalidAutomationExecutionParametersException", Targets=some, TargetParameterName="None")
        place = lambda account, region: [{"Accounts": [account], "Regions": [region]}]
        start("InvalidTarget", Parameters={"Name": ["x"]}, TargetLocations=place("999988887777", "us-east-1"))
        start("InvalidTarget", Parameters={"Name": ["x"]}, TargetLocations=place(ACCOUNT, "eu-west-1"))
        alarmed = ssm.start_automation_execution(DocumentName="Pauses", Parameters={"Name": ["x"]},
                                                 AlarmConfiguration={"Alarms": [{"Name": "nobodys"}]})["AutomationExecutionId"]
        told = lambda: ssm.get_automation_execution(AutomationExecutionId=alarmed)["AutomationExecution"]
        self.eventually("the alarm that is not there stopped it", lambda: told()["AutomationExecutionStatus"] == "Cancelled")
        self.assertEqual(told()["TriggeredAlarms"], [{"Name": "nobodys", "State": "UNKNOWN"}])
        ssm.start_automation_execution(DocumentName="Pauses", Targets=some, TargetParameterName="Name")

    def test_one_remediation_of_many_may_fail(self):
        config = self.client("config")
        source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}
        for name in ("good", "lacking"):
            config.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source})
        fix = {"TargetType": "SSM_DOCUMENT", "TargetId": "AWS-DisableS3BucketPublicReadWrite",
               "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}}}
        told = config.put_remediation_configurations(RemediationConfigurations=[
            {"ConfigRuleName": "good", **fix}, {"ConfigRuleName": "lacking", "Automatic": True, **fix}])
        self.assertEqual([item["ConfigRuleName"] for batch in told["FailedBatches"] for item in batch["FailedItems"]], ["lacking"])
        put = lambda code, **said: self.deny(code, config.put_config_rule, ConfigRule={"ConfigRuleName": "odd", "Source": source, **said})
        put("InvalidParameterValueException", InputParameters='{"Colour": "red"}')
        put("InvalidParameterValueException", Scope={"TagValue": "x"})
        self.deny("ConformancePackTemplateValidationException", config.put_conformance_pack, ConformancePackName="p", TemplateBody="a: b")
        self.deny("InvalidParameterValueException", config.put_conformance_pack, ConformancePackName="p")

    def test_a_stack_takes_nothing_over(self):
        deploy, events, config = self.client("cloudformation"), self.client("events"), self.client("config")
        source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}
        config.put_config_rule(ConfigRule={"ConfigRuleName": "mine", "Source": source})
        events.put_rule(Name="mine", EventPattern='{"source": ["my.app"]}')
        rule = {"Type": "AWS::Config::ConfigRule", "Properties": {"ConfigRuleName": "mine", "Source": source}}
        heard = lambda name: {"Type": "AWS::Events::Rule", "Properties": {"Name": name, "EventPattern": {"source": ["y"]}}}
        stack = lambda name: deploy.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        for name, resource in (("first", rule), ("second", heard("mine"))):
            deploy.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"A": resource}}))
            self.assertEqual(stack(name), "ROLLBACK_COMPLETE")
            why = [one.get("ResourceStatusReason", "") for one in deploy.describe_stack_events(StackName=name)["StackEvents"]]
            self.assertTrue(any("already exists" in one for one in why), why)
            deploy.delete_stack(StackName=name)
        self.assertEqual(events.describe_rule(Name="mine")["EventPattern"], '{"source": ["my.app"]}')
        self.assertIn("mine", [one["ConfigRuleName"] for one in config.describe_config_rules()["ConfigRules"]])
        s3 = self.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key="own.json", Body=json.dumps({"Resources": {"A": heard("before")}}))
        deploy.create_stack(StackName="own", TemplateURL="https://templates.s3.amazonaws.com/own.json")
        deploy.update_stack(StackName="own", TemplateBody=json.dumps({"Resources": {"A": heard("after")}}))
        part = deploy.describe_stack_resource(StackName="own", LogicalResourceId="A")["StackResourceDetail"]
        self.assertEqual((part["PhysicalResourceId"], part["ResourceStatus"]), ("after", "UPDATE_COMPLETE"))

    def test_who_does_not_sign_is_told_so_as_the_protocol_does(self):
        url = self.server.url + "/"
        form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        for body, headers, word in ((b"Action=GetCallerIdentity&Version=2011-06-15", form, b"<Code>MissingAuthenticationToken</Code>"),
                                    (b"{}", {"X-Amz-Target": "AmazonSSM.ListDocuments"}, b'"MissingAuthenticationTokenException"')):
            asked = urllib.request.Request(url, body, headers, method="POST")
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked)
            with refused.exception as answer:
                self.assertEqual(answer.code, 403)
                self.assertIn(word, answer.read())
        self.deny("InvalidAction", self.client("cloudformation").list_stack_sets)

    def test_a_run_is_cancelled(self):
        self.client("ssm").create_document(Name="Waits", DocumentType="Automation", DocumentFormat="YAML", Content=SLEEP)
        started = self.api("/executions", "POST", {"document": "Waits"})["execution"]
        self.api(f"/executions/{started}/cancel", "POST", {"reason": "not today"})
        ended = lambda: self.api(f"/executions/{started}")["AutomationExecutionStatus"] == "Cancelled"
        self.eventually("it is cancelled", ended)
        self.assertEqual(self.api(f"/executions/{started}")["FailureMessage"], "cancelled by operator: not today")
        status, _, told = request(f"{self.server.url}/api/v1/executions/{started}/cancel", "POST", {"reason": "again"}, self.token)
        self.assertEqual(status, 409, told)


class Guesses(Story):
    def test_are_slowed_down(self):
        (self.home / "aright.yaml").write_text(POLICY)
        with Server(self.home, "serve", "--port", "0", "--policy", "aright.yaml", "--state", "state") as server:
            ask = lambda token: request(server.url + "/api/v1/session", token=token)
            mine = json.loads((self.home / "state/server.json").read_text())["token"]
            self.assertEqual(ask(mine)[0], 200)
            self.assertEqual([ask(f"guess {i}")[0] for i in range(10)], [401] * 10)
            status, _, told = ask("one more")
            self.assertEqual(status, 429)
            self.assertIn("AR-0022", told)
            self.assertEqual(ask(mine)[0], 200, "who is in goes on")
