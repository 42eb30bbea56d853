"""AWS's own APIs over a cloud elsewhere: what is put there is kept, holds, and is asked for by those who may."""

import contextlib
import datetime
import io
import json
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from harness import ACCOUNT, BINARY, Server, Story, serving

PUBLIC = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}'
RULE = "no-public-read"
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
FILE_RULE = """
security_hub:
  automation_rules:
    - RuleName: known
      RuleOrder: 5
      Criteria: {Title: [{Value: of the file, Comparison: EQUALS}]}
      Actions: [{Type: FINDING_FIELDS_UPDATE, FindingFieldsUpdate: {Note: {Text: known, UpdatedBy: file}}}]
"""


class AwsServices(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aws")

    def setUp(self):
        self.cloud = self.enterContext(Server(self.home, "sandbox", "--empty"))
        self.running = self.enterContext(contextlib.ExitStack())
        self.serve()
        self.addCleanup(lambda: (self.home / "state/ledger.db").unlink(missing_ok=True))

    def serve(self, decision="automatic"):
        self.running.close()
        text = (self.home / "aws/aright.yaml").read_text().replace("automatic", decision)
        (self.home / "aws/held.yaml").write_text(text)
        self.server = self.running.enter_context(serving(self.home, self.cloud, policy="aws/held.yaml"))

    def client(self, service, person="ana"):
        """The SDK, as one of the policy's principals and at aright; "" at the cloud, as its root."""
        key, secret, url = ("AKIA" + person.upper(), person + "-secret", self.server.url) if person else ("test", "test", self.cloud.url)
        made = boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=secret, config=Config(retries={"max_attempts": 1}))
        self.addCleanup(made.close)
        return made

    def deny(self, code, call, **arguments):
        with self.assertRaises(ClientError) as refused:
            call(**arguments)
        self.assertEqual(refused.exception.response["Error"]["Code"], code, refused.exception)
        return refused.exception.response["Error"]["Message"]

    def make_public(self, bucket):
        s3 = self.client("s3", "")
        s3.create_bucket(Bucket=bucket)
        s3.delete_public_access_block(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=PUBLIC % bucket)

    def closed(self, bucket):
        try:
            told = self.client("s3", "").get_public_access_block(Bucket=bucket)
        except ClientError:
            return False
        return all(told["PublicAccessBlockConfiguration"].values())

    def put_rule(self, automatic=False):
        config = self.client("config")
        config.put_config_rule(ConfigRule={"ConfigRuleName": RULE, "Source": {
            "Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}})
        config.put_remediation_configurations(RemediationConfigurations=[{
            "ConfigRuleName": RULE, "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-DisableS3BucketPublicReadWrite",
            "Automatic": automatic, "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}},
            "MaximumAutomaticAttempts": 3, "RetryAttemptSeconds": 60}])
        return config

    def evaluations(self, config):
        told = config.get_compliance_details_by_config_rule(ConfigRuleName=RULE)["EvaluationResults"]
        return {one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]: one["ComplianceType"] for one in told}

    def test_a_deployed_template_finds_and_sets_right(self):
        self.make_public("photos")
        self.run_program(["/usr/bin/aws", "--endpoint-url", self.server.url, "cloudformation", "deploy", "--stack-name", "guard",
                          "--template-file", "aws/guard.yaml"], 0, AWS_ACCESS_KEY_ID="AKIAANA", AWS_SECRET_ACCESS_KEY="ana-secret")
        config = self.client("config", "olga")
        config.start_config_rules_evaluation(ConfigRuleNames=[RULE])
        self.eventually("the bucket is closed", lambda: self.closed("photos"))
        status = lambda: [one["State"] for one in config.describe_remediation_execution_status(ConfigRuleName=RULE)["RemediationExecutionStatuses"]]
        self.eventually("Config tells of it", lambda: status() == ["SUCCEEDED"])
        config.start_config_rules_evaluation(ConfigRuleNames=[RULE])
        self.assertEqual(self.evaluations(config), {"photos": "COMPLIANT"})
        ran = self.client("ssm", "vic").describe_automation_executions()["AutomationExecutionMetadataList"]
        self.assertEqual([one["DocumentName"] for one in ran], ["CloseBucket"])
        self.serve()
        answer = self.client("lambda").invoke(FunctionName="greets", Payload=b'{"name": "you"}')
        self.assertEqual(answer["Payload"].read(), b'{"hello":"you"}')
        bare = self.client("lambda").invoke(FunctionName="greets", Payload=b'"you"')
        self.assertIn(b"string indices", bare["Payload"].read())
        self.deny("InvalidRequestContentException", self.client("lambda").invoke, FunctionName="greets", Payload=b"{you")
        events = self.client("events", "vic")
        self.assertEqual([one["Name"] for one in events.list_rules()["Rules"]], ["heard"])
        self.assertEqual([one["Id"] for one in events.list_targets_by_rule(Rule="heard")["Targets"]], ["queue"])
        stacks = self.client("cloudformation", "vic").describe_stacks()["Stacks"]
        self.assertEqual([(one["StackName"], one["StackStatus"]) for one in stacks], [("guard", "CREATE_COMPLETE")])
        told = self.aright("ledger", "show", "--json").json
        self.assertIn("policy_adopted", {one["kind"] for one in told["entries"]})

    def test_tells_how_an_event_of_a_function_ended_whatever_was_killed_meanwhile(self):
        sqs, functions = self.client("sqs", ""), self.client("lambda")
        url = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("bad", "dead")}
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as package:
            package.writestr("index.py", "import time\ndef handler(e, c):\n  time.sleep(e['s'])\n  return 1 // 0\n")
        functions.create_function(FunctionName="fails", Runtime="python3.11", Role=f"arn:aws:iam::{ACCOUNT}:role/runs", Timeout=60,
                                  Handler="index.handler", Code={"ZipFile": code.getvalue()}, DeadLetterConfig={"TargetArn": arn + "dead"})
        self.deny("InvalidParameterValueException", functions.put_function_event_invoke_config, FunctionName="fails",
                  DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::acme"}})
        functions.put_function_event_invoke_config(FunctionName="fails", MaximumRetryAttempts=0,
                                                   DestinationConfig={"OnFailure": {"Destination": arn + "bad"}})
        self.assertEqual(functions.invoke(FunctionName="fails", InvocationType="Event", Payload=b'{"s": 3}')["StatusCode"], 202)
        self.server.kill()
        (self.home / "state/server.json").unlink()
        self.serve()

        def received(name):
            told = sqs.receive_message(QueueUrl=url[name], MessageAttributeNames=["All"]).get("Messages", [])
            return told and told[0]

        record = json.loads(self.eventually("the destination hears of it", lambda: received("bad"))["Body"])
        self.assertEqual(record["requestContext"]["condition"], "RetriesExhausted")
        self.assertEqual((record["requestPayload"], record["responsePayload"]["errorType"]), ({"s": 3}, "ZeroDivisionError"))
        dead = self.eventually("so does the dead-letter queue", lambda: received("dead"))
        self.assertEqual((json.loads(dead["Body"]), dead["MessageAttributes"]["ErrorCode"]["StringValue"]), ({"s": 3}, "200"))

    def test_types_of_all_services_are_deployed_as_their_calls_make_them(self):
        self.client("s3", "").create_bucket(Bucket="acme-logs")
        deploy, hub, guard = self.client("cloudformation"), self.client("securityhub"), self.client("guardduty")
        hub.enable_security_hub(EnableDefaultStandards=False)
        nist = "arn:aws:securityhub:us-east-1::standards/nist-800-53/v/5.0.0"
        of = lambda kind, **properties: {"Type": "AWS::" + kind, "Properties": properties}
        detector = {"DetectorId": {"Ref": "Detector"}}
        place = {"Format": "TXT", "Location": "https://s3.amazonaws.com/acme-logs/x"}
        template = lambda severity, active: json.dumps({"Parameters": {"Bucket": {"Type": "String", "Default": "acme-logs"}}, "Resources": {
            "Standard": of("SecurityHub::Standard", StandardsArn=nist),
            "Regions": of("SecurityHub::FindingAggregator", RegionLinkingMode="ALL_REGIONS"),
            "Detector": of("GuardDuty::Detector", Enable=True, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]),
            "Low": of("GuardDuty::Filter", **detector, Name="low", FindingCriteria={"Criterion": {"severity": severity, "type": {"Eq": ["x"]}}}),
            "Ours": of("GuardDuty::IPSet", **detector, **place, Name="ours", Activate=active),
            "Theirs": of("GuardDuty::ThreatIntelSet", **detector, **place, Name="theirs", Activate=True),
            "Friend": of("GuardDuty::Member", **detector, MemberId="222233334444", Email="a@b.example"),
            "Recorder": of("Config::ConfigurationRecorder", RoleARN=f"arn:aws:iam::{ACCOUNT}:role/runs"),
            "Channel": of("Config::DeliveryChannel", S3BucketName={"Ref": "Bucket"}) | {"DependsOn": "Recorder"},
            "Bus": of("Events::EventBus", Name="theirs"),
            "Open": of("Events::EventBusPolicy", StatementId="open", EventBusName={"Ref": "Bus"}, Action="events:PutEvents", Principal="222233334444"),
            "Role": of("IAM::Role", RoleName="looks", AssumeRolePolicyDocument=json.loads(TRUST)),
            "Looks": of("IAM::Policy", PolicyName="looks", Roles=[{"Ref": "Role"}], PolicyDocument={"Version": "2012-10-17", "Statement": []})}})
        state = lambda: deploy.describe_stacks(StackName="all")["Stacks"][0]["StackStatus"]
        events = lambda: deploy.describe_stack_events(StackName="all")["StackEvents"]
        deploy.create_stack(StackName="all", TemplateBody=template({"Gte": 0, "lt": 4}, True), Capabilities=["CAPABILITY_NAMED_IAM"])
        self.assertEqual(state(), "CREATE_COMPLETE", events())
        self.assertEqual([one["StandardsArn"] for one in hub.get_enabled_standards()["StandardsSubscriptions"]], [nist])
        mine = {"DetectorId": guard.list_detectors()["DetectorIds"][0]}
        criterion = lambda: guard.get_filter(**mine, FilterName="low")["FindingCriteria"]["Criterion"]["severity"]
        self.assertEqual(criterion(), {"Gte": 0, "Lt": 4})
        there = lambda: guard.get_ip_set(**mine, IpSetId=guard.list_ip_sets(**mine)["IpSetIds"][0])["Status"]
        self.assertEqual(there(), "ACTIVE")
        self.assertEqual(self.client("config").describe_delivery_channels()["DeliveryChannels"][0]["s3BucketName"], "acme-logs")
        policy = json.loads(self.client("events").describe_event_bus(Name="theirs")["Policy"])
        self.assertEqual([one["Sid"] for one in policy["Statement"]], ["open"])
        self.assertEqual([one["LogicalResourceId"] for one in events() if not one.get("ResourceType")], [])
        deploy.update_stack(StackName="all", TemplateBody=template({"Gte": 7}, False), Capabilities=["CAPABILITY_NAMED_IAM"])
        self.assertEqual((state(), criterion(), there()), ("UPDATE_COMPLETE", {"Gte": 7}, "INACTIVE"))
        deploy.delete_stack(StackName="all")
        self.deny("ValidationError", deploy.describe_stacks, StackName="all")
        self.assertEqual((guard.list_detectors()["DetectorIds"], hub.get_enabled_standards()["StandardsSubscriptions"]), ([], []))

    def test_what_could_not_be_made_whole_is_not_left_and_says_of_which_type_it_was(self):
        deploy = self.client("cloudformation")
        code = "def main(event, context): pass"
        deploy.create_stack(StackName="half", TemplateBody=json.dumps({"Resources": {"Greedy": {
            "Type": "AWS::Lambda::Function", "Properties": {
                "FunctionName": "greedy", "Runtime": "python3.11", "Handler": "index.main", "Code": {"ZipFile": code},
                "Role": f"arn:aws:iam::{ACCOUNT}:role/runs", "ReservedConcurrentExecutions": 5000}}}}))
        failed = [one for one in deploy.describe_stack_events(StackName="half")["StackEvents"] if one["ResourceStatus"] == "CREATE_FAILED"]
        self.assertEqual([one["ResourceType"] for one in failed], ["AWS::Lambda::Function"])
        self.assertEqual(self.client("lambda").list_functions()["Functions"], [])

    def test_who_may_not_is_told_what_it_takes(self):
        self.put_rule()
        viewer = self.client("config", "vic")
        self.assertEqual(viewer.describe_config_rules()["ConfigRules"][0]["ConfigRuleName"], RULE)
        told = self.deny("AccessDeniedException", viewer.start_config_rules_evaluation, ConfigRuleNames=[RULE])
        self.assertIn("user/vic is not authorized to perform: config:StartConfigRulesEvaluation because no", told)
        told = self.deny("AccessDeniedException", self.client("config", "olga").delete_config_rule, ConfigRuleName=RULE)
        self.assertIn("admin", told)
        self.assertIn("vic", self.client("sts", "vic").get_caller_identity()["Arn"])
        self.assertIn("dynamodb", self.deny("UnknownOperationException", self.client("dynamodb").list_tables))

    def test_a_remediation_that_is_asked_for_is_carried_out(self):
        self.serve(decision="manual")
        self.make_public("logs")
        config = self.put_rule()
        config.start_config_rules_evaluation(ConfigRuleNames=[RULE])
        self.assertEqual(self.evaluations(config), {"logs": "NON_COMPLIANT"})
        told = config.start_remediation_execution(ConfigRuleName=RULE, ResourceKeys=[
            {"resourceType": "AWS::S3::Bucket", "resourceId": "logs"}, {"resourceType": "AWS::S3::Bucket", "resourceId": "none"}])
        self.assertEqual([one["resourceId"] for one in told.get("FailedItems", [])], ["none"])
        self.eventually("the bucket is closed", lambda: self.closed("logs"))

    def test_findings_are_in_security_hub_and_are_work_items(self):
        self.serve(decision="manual")
        self.make_public("site")
        config = self.put_rule()
        config.start_config_rules_evaluation(ConfigRuleNames=[RULE])
        hub = self.client("securityhub", "olga")
        self.deny("InvalidAccessException", hub.get_findings)
        self.client("securityhub").enable_security_hub(EnableDefaultStandards=False)
        found = hub.get_findings(Filters={"ResourceType": [{"Value": "AwsS3Bucket", "Comparison": "EQUALS"}]})["Findings"]
        self.assertEqual(len(found), 1, found)
        item = self.client("ssm", "olga").describe_ops_items()["OpsItemSummaries"]
        self.assertEqual([(one["Source"], one["Status"]) for one in item], [("aright", "Open")])
        hub.batch_update_findings(FindingIdentifiers=[{"Id": found[0]["Id"], "ProductArn": found[0]["ProductArn"]}],
                                  Workflow={"Status": "SUPPRESSED"}, Note={"Text": "a public site", "UpdatedBy": "olga"})
        excepted = self.aright("findings", "--json").json["findings"][0]["exception"]
        self.assertEqual((excepted["by"], excepted["message"]), ("olga", "a public site"))

    def test_what_cannot_hold_is_refused_and_leaves_nothing(self):
        ssm, events, deploy = self.client("ssm"), self.client("events"), self.client("cloudformation")
        self.deny("InvalidDocumentContent", ssm.create_document, Name="Broken", DocumentType="Automation", DocumentFormat="YAML",
                  Content='schemaVersion: "0.3"\nmainSteps: [{name: A, action: "aws:none"}]\n')
        self.assertEqual(ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"], [])
        events.put_rule(Name="mine", EventPattern='{"source": ["my.app"]}')
        told = events.put_targets(Rule="mine", Targets=[{"Id": "1", "Arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"}])
        self.assertEqual([one["TargetId"] for one in told["FailedEntries"]], ["1"])
        self.assertEqual(events.list_targets_by_rule(Rule="mine")["Targets"], [])
        self.deny("InvalidEventPatternException", events.put_rule, Name="odd", EventPattern='{"source": "x"}')
        self.deny("ValidationException", events.put_rule, Name="odd", ScheduleExpression="cron(nope)")
        config = self.put_rule()
        told = self.deny("InvalidParameterValueException", config.put_remediation_configurations, RemediationConfigurations=[{
            "ConfigRuleName": RULE, "TargetType": "SSM_DOCUMENT", "TargetId": "NoSuchDocument"}])
        self.assertIn("NoSuchDocument", told)
        self.assertLess(len(told), 300, "and not every document that there is")
        kept = config.describe_remediation_configurations(ConfigRuleNames=[RULE])["RemediationConfigurations"]
        self.assertEqual([one["TargetId"] for one in kept], ["AWS-DisableS3BucketPublicReadWrite"])
        self.deny("InvalidParameterValueException", config.put_config_rule, ConfigRule={"ConfigRuleName": "odd", "Source": {
            "Owner": "CUSTOM_POLICY", "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}],
            "CustomPolicyDetails": {"PolicyRuntime": "guard-2.x.x", "PolicyText": "rule {{"}}})
        told = self.deny("UnknownOperationException", config.describe_pending_aggregation_requests)
        self.assertIn("config:DescribePendingAggregationRequests", told)
        told = self.deny("InvalidParameterValueException", config.put_config_rule, ConfigRule={"ConfigRuleName": "odd", "Source": {
            "Owner": "AWS", "SourceIdentifier": "S3_BUCKET_MADE_OF_CHEESE"}})
        self.assertIn("S3_BUCKET_MADE_OF_CHEESE", told)
        deploy.create_stack(StackName="odd", TemplateBody=json.dumps({"Resources": {"Odd": {
            "Type": "AWS::Config::ConfigRule", "Properties": {"Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_MADE_OF_CHEESE"}}}}}))
        self.assertEqual(deploy.describe_stacks(StackName="odd")["Stacks"][0]["StackStatus"], "ROLLBACK_COMPLETE")
        self.assertIn("S3_BUCKET_MADE_OF_CHEESE", str(deploy.describe_stack_events(StackName="odd")["StackEvents"]))
        told = self.deny("ValidationError", deploy.update_stack, StackName="odd", TemplateBody="Resources: {}")
        self.assertIn("is in ROLLBACK_COMPLETE state and can not be updated.", told)
        deploy.delete_stack(StackName="odd")
        self.assertEqual([one["ConfigRuleName"] for one in config.describe_config_rules()["ConfigRules"]], [RULE])
        past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
        self.deny("InvalidParameterValueException", config.put_remediation_exceptions, ConfigRuleName=RULE, ExpirationTime=past,
                  ResourceKeys=[{"ResourceType": "AWS::S3::Bucket", "ResourceId": "x"}])
        self.assertEqual(config.describe_remediation_exceptions(ConfigRuleName=RULE)["RemediationExceptions"], [])
        told = self.deny("ValidationError", deploy.create_stack, StackName="s",
                         TemplateBody='{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}')
        self.assertIn("AWS::S3::Bucket", told)

    def test_an_operation_that_nobody_knows_is_named(self):
        request = AWSRequest("POST", self.server.url + "/", {"X-Amz-Target": "StarlingDoveService.PaintConfigRule",
                                                            "Content-Type": "application/x-amz-json-1.1"}, "{}")
        SigV4Auth(Credentials("AKIAANA", "ana-secret"), "config", "us-east-1").add_auth(request)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            opener.open(urllib.request.Request(request.url, b"{}", dict(request.headers), method="POST"))
        told = json.loads(refused.exception.read())
        self.assertEqual((refused.exception.code, told["__type"]), (400, "UnknownOperationException"))
        self.assertIn("PaintConfigRule", told.get("message", told.get("Message")))

    def test_an_exception_keeps_a_remediation_from_starting(self):
        self.serve(decision="approval")
        for name in ("logs", "site"):
            self.make_public(name)
        config = self.put_rule()
        config.start_config_rules_evaluation(ConfigRuleNames=[RULE])
        keys = {name: {"resourceType": "AWS::S3::Bucket", "resourceId": name} for name in ("logs", "site")}
        config.put_remediation_exceptions(ConfigRuleName=RULE, Message="a public site", ResourceKeys=[
            {"ResourceType": "AWS::S3::Bucket", "ResourceId": "site"}])
        told = config.start_remediation_execution(ConfigRuleName=RULE, ResourceKeys=list(keys.values()))
        self.assertEqual(told.get("FailedItems"), [keys["site"]])
        self.assertIn("a public site", told["FailureMessage"])
        state = lambda: {one["ResourceKey"]["resourceId"]: one["State"] for one in
                         config.describe_remediation_execution_status(ConfigRuleName=RULE, ResourceKeys=[keys["logs"]])["RemediationExecutionStatuses"]}
        self.assertEqual(state(), {"logs": "QUEUED"}, "it waits for an approval")

    def test_documents_are_those_of_amazon_as_well(self):
        ssm = self.client("ssm", "vic")
        owned = lambda *owners: [one["Name"] for page in ssm.get_paginator("list_documents").paginate(
            Filters=[{"Key": "Owner", "Values": list(owners)}]) for one in page["DocumentIdentifiers"]]
        self.assertIn("AWS-DisableS3BucketPublicReadWrite", owned("Amazon"))
        self.assertTrue(all(name.startswith("AWS") for name in owned("Amazon")))
        self.assertEqual(owned("Self"), [])
        found = ssm.list_documents(Filters=[{"Key": "Name", "Values": ["AWS-Stop"]}, {"Key": "DocumentType", "Values": ["Automation"]}])
        self.assertIn("AWS-StopEC2Instance", [one["Name"] for one in found["DocumentIdentifiers"]])
        about = ssm.describe_document(Name="AWS-StopEC2Instance")["Document"]
        self.assertEqual((about["Owner"], about["DocumentType"], about["Status"]), ("Amazon", "Automation", "Active"))
        self.assertIn("InstanceId", [one["Name"] for one in about["Parameters"]])
        told = ssm.get_document(Name="AWS-StopEC2Instance")
        self.assertEqual(json.loads(told["Content"])["schemaVersion"], "0.3")
        self.assertIn("schemaVersion:", ssm.get_document(Name="AWS-StopEC2Instance", DocumentFormat="YAML")["Content"])
        self.deny("InvalidDocument", ssm.get_document, Name="AWS-None")
        self.deny("InvalidDocumentVersion", ssm.get_document, Name="AWS-StopEC2Instance", DocumentVersion="7")
        self.deny("InvalidFilterKey", ssm.list_documents, Filters=[{"Key": "Colour", "Values": ["red"]}])

    def test_a_document_is_listed_once_whatever_versions_it_has(self):
        ssm = self.client("ssm")
        content = lambda about: json.dumps({"schemaVersion": "0.3", "description": about, "mainSteps": [
            {"name": "Wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}]})
        first = ssm.create_document(Name="Z-Doc", DocumentType="Automation", Content=content("one"))["DocumentDescription"]
        second = ssm.update_document(Name="Z-Doc", DocumentVersion="$LATEST", Content=content("two"))["DocumentDescription"]
        self.assertEqual((second["DocumentVersion"], second["Description"]), ("2", "two"))
        self.assertNotEqual(second["Hash"], first["Hash"])
        own = ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"]
        self.assertEqual([one["Name"] for one in own], ["Z-Doc"])
        ssm.update_document_default_version(Name="Z-Doc", DocumentVersion="2")
        ssm.update_document(Name="Z-Doc", DocumentVersion="$LATEST", Content=content("three"))
        for said, number in (({}, "2"), ({"DocumentVersion": "$DEFAULT"}, "2"), ({"DocumentVersion": "$LATEST"}, "3"), ({"DocumentVersion": "1"}, "1")):
            with self.subTest(**said):
                execution = ssm.start_automation_execution(DocumentName="Z-Doc", **said)["AutomationExecutionId"]
                self.assertEqual(ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]["DocumentVersion"], number)
                listed = ssm.describe_automation_executions(Filters=[{"Key": "ExecutionId", "Values": [execution]}])
                self.assertEqual([one["DocumentVersion"] for one in listed["AutomationExecutionMetadataList"]], [number])

    def test_automation_rules_are_seen_in_what_security_hub_answers(self):
        (self.home / "aws/aright.yaml").write_text((text := (self.home / "aws/aright.yaml").read_text()) + FILE_RULE)
        self.addCleanup((self.home / "aws/aright.yaml").write_text, text)
        self.serve("manual")
        hub = self.client("securityhub")
        hub.enable_security_hub(EnableDefaultStandards=False)
        rule = lambda order, terminal, **update: {"Type": "AWS::SecurityHub::AutomationRule", "Properties": {
            "RuleStatus": "ENABLED", "RuleOrder": order, "RuleName": f"rule {order}", "Description": "d", "IsTerminal": terminal,
            "Tags": {"team": "a"}, "Criteria": {"SeverityLabel": [{"Value": "LOW", "Comparison": "EQUALS"}]},
            "Actions": [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": update}]}}
        self.client("cloudformation").create_stack(StackName="rules", TemplateBody=json.dumps({"Resources": {
            "Third": rule(3, False, Severity={"Label": "INFORMATIONAL"}),
            "Second": rule(2, True, Severity={"Label": "CRITICAL"}, Note={"Text": "seen", "UpdatedBy": "rules"}),
            "First": rule(1, False, Severity={"Label": "HIGH"}, Confidence=7)}}))
        finding = lambda name, label, title="t": {
            "SchemaVersion": "2018-10-08", "Id": name, "ProductArn": f"arn:aws:securityhub:us-east-1:{ACCOUNT}:product/{ACCOUNT}/default",
            "GeneratorId": "g", "AwsAccountId": ACCOUNT, "CreatedAt": "2024-01-01T00:00:00Z", "UpdatedAt": "2024-01-01T00:00:00Z",
            "Title": title, "Description": "d", "Severity": {"Label": label}, "Resources": [{"Type": "Other", "Id": "x"}]}
        told = hub.batch_import_findings(Findings=[finding("low", "LOW"), finding("medium", "MEDIUM"), finding("odd", "HIGH", "of the file")])
        self.assertEqual(told["FailedCount"], 0, told)
        ask = lambda **filters: {one["Id"]: one for one in hub.get_findings(Filters={
            name: [{"Value": value, "Comparison": "EQUALS"}] for name, value in filters.items()})["Findings"]}
        self.assertEqual(set(ask(SeverityLabel="CRITICAL")), {"low"})
        low = ask(Id="low")["low"]
        self.assertEqual((low["Severity"]["Normalized"], low["Note"]["Text"], low["Confidence"]), (90, "seen", 7))
        self.assertEqual(set(ask(ProductName="Default")), {"low", "medium", "odd"})
        self.assertEqual((ask(Id="medium")["medium"].get("Note"), ask(Id="odd")["odd"]["Note"]["Text"]), (None, "known"))

    def test_work_items_are_found_and_lead_to_findings(self):
        self.serve(decision="manual")
        self.make_public("site")
        self.put_rule()
        ssm = self.client("ssm", "olga")
        started = datetime.datetime.now(datetime.timezone.utc)
        made = ssm.create_ops_item(Title="who opened the site?", Description="seen from outside", Source="guard", Priority=2, OperationalData={
            "/aws/resources": {"Value": json.dumps([{"arn": "arn:aws:s3:::site"}]), "Type": "SearchableString"}})["OpsItemId"]
        ssm.create_ops_item(Title="tidy up", Description="some day", Source="people", Priority=4)
        found = self.eventually("the bucket is judged", lambda: self.aright("findings", "--json").json["findings"])[0]
        item = ssm.describe_ops_items(OpsItemFilters=[{"Key": "Source", "Operator": "Equal", "Values": ["aright"]}])["OpsItemSummaries"][0]
        self.assertEqual(item["CreatedTime"].timestamp(), datetime.datetime.fromisoformat(found["first_seen"]).timestamp())
        ask = lambda *filters: {one["Title"].split(":")[0] for one in ssm.describe_ops_items(OpsItemFilters=[
            {"Key": key, "Operator": operator, "Values": [value]} for key, operator, value in filters])["OpsItemSummaries"]}
        self.assertEqual(ask(("Title", "Contains", "site?")), {"who opened the site?"})
        self.assertEqual(ask(("Source", "Equal", "aright"), ("Status", "Equal", "Open"), ("ResourceId", "Contains", ":::site")),
                         ask(("Source", "Equal", "aright")))
        self.assertEqual(ask(("Priority", "Equal", "4")), {"tidy up"})
        self.assertEqual(ask(("OpsItemId", "Equal", made), ("CreatedTime", "GreaterThan", (started - datetime.timedelta(hours=1)).isoformat())),
                         {"who opened the site?"})
        self.assertEqual(ask(("CreatedTime", "LessThan", (started - datetime.timedelta(hours=1)).isoformat())), set())
        self.deny("ValidationException", ssm.describe_ops_items, OpsItemFilters=[{"Key": "Status", "Operator": "Contains", "Values": ["O"]}])

    def test_a_policy_is_deployed_to_another_aright(self):
        (self.home / "guard.yaml").write_text("targets: [{account: '111122223333', regions: [us-east-1]}]\n"
                                              "controls: [{id: s3-bucket-public-read-prohibited}]\n")
        keys = {"AWS_ACCESS_KEY_ID": "AKIAANA", "AWS_SECRET_ACCESS_KEY": "ana-secret"}
        done = self.run_program([BINARY, "--state", "other", "deploy", "--target", self.server.url, "--policy", "guard.yaml", "--yes"], 0, **keys)
        self.assertIn("AWS::IAM::Role", done.out)
        rules = self.client("config", "vic").describe_config_rules()["ConfigRules"]
        self.assertEqual([one["ConfigRuleName"] for one in rules], ["s3-bucket-public-read-prohibited"])

    def test_events_are_archived_and_replayed(self):
        events = self.client("events")
        events.create_archive(ArchiveName="all", EventSourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default")
        sent = self.client("events", "olga").put_events(Entries=[{"Source": "my.app", "DetailType": "told", "Detail": "{}"}])
        self.assertEqual(sent["FailedEntryCount"], 0)
        now = datetime.datetime.now(datetime.timezone.utc)
        events.start_replay(ReplayName="again", EventSourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:archive/all",
                            EventStartTime=now - datetime.timedelta(hours=1), EventEndTime=now + datetime.timedelta(hours=1),
                            Destination={"Arn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"})
        self.eventually("the replay is over", lambda: events.describe_replay(ReplayName="again")["State"] == "COMPLETED")
        self.deny("ResourceAlreadyExistsException", events.start_replay, ReplayName="again",
                  EventSourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:archive/all", EventStartTime=now - datetime.timedelta(hours=1),
                  EventEndTime=now, Destination={"Arn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"})
