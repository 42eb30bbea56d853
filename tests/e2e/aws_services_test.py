"""AWS's own APIs over a cloud elsewhere: what is put there is kept, holds, and is asked for by those who may."""

import contextlib
import datetime

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import ACCOUNT, Server, Story, serving

PUBLIC = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}'
RULE = "no-public-read"


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
        events = self.client("events", "vic")
        self.assertEqual([one["Name"] for one in events.list_rules()["Rules"]], ["heard"])
        self.assertEqual([one["Id"] for one in events.list_targets_by_rule(Rule="heard")["Targets"]], ["queue"])
        stacks = self.client("cloudformation", "vic").describe_stacks()["Stacks"]
        self.assertEqual([(one["StackName"], one["StackStatus"]) for one in stacks], [("guard", "CREATE_COMPLETE")])
        told = self.aright("ledger", "show", "--json").json
        self.assertIn("policy_adopted", {one["kind"] for one in told["entries"]})

    def test_who_may_not_is_told_what_it_takes(self):
        self.put_rule()
        viewer = self.client("config", "vic")
        self.assertEqual(viewer.describe_config_rules()["ConfigRules"][0]["ConfigRuleName"], RULE)
        told = self.deny("AccessDeniedException", viewer.start_config_rules_evaluation, ConfigRuleNames=[RULE])
        self.assertIn("vic is not authorized to perform: config:StartConfigRulesEvaluation; it needs the role operator", told)
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
        self.deny("ValidationException", ssm.create_document, Name="Broken", DocumentType="Automation", DocumentFormat="YAML",
                  Content='schemaVersion: "0.3"\nmainSteps: [{name: A, action: "aws:none"}]\n')
        self.assertEqual(ssm.list_documents()["DocumentIdentifiers"], [])
        events.put_rule(Name="mine", EventPattern='{"source": ["my.app"]}')
        self.deny("ValidationException", events.put_targets, Rule="mine", Targets=[{"Id": "1", "Arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"}])
        self.assertEqual(events.list_targets_by_rule(Rule="mine")["Targets"], [])
        self.deny("InvalidEventPatternException", events.put_rule, Name="odd", EventPattern='{"source": "x"}')
        self.deny("ValidationException", events.put_rule, Name="odd", ScheduleExpression="cron(nope)")
        config = self.put_rule()
        told = self.deny("ValidationException", config.put_remediation_configurations, RemediationConfigurations=[{
            "ConfigRuleName": RULE, "TargetType": "SSM_DOCUMENT", "TargetId": "NoSuchDocument"}])
        self.assertIn("NoSuchDocument", told)
        kept = config.describe_remediation_configurations(ConfigRuleNames=[RULE])["RemediationConfigurations"]
        self.assertEqual([one["TargetId"] for one in kept], ["AWS-DisableS3BucketPublicReadWrite"])
        self.deny("ValidationException", config.put_config_rule, ConfigRule={"ConfigRuleName": "odd", "Source": {
            "Owner": "CUSTOM_POLICY", "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}],
            "CustomPolicyDetails": {"PolicyRuntime": "guard-2.x.x", "PolicyText": "rule {{"}}})
        told = self.deny("UnknownOperationException", config.select_resource_config, Expression="SELECT resourceId")
        self.assertIn("config:SelectResourceConfig", told)
        told = self.deny("ValidationError", deploy.create_stack, StackName="s",
                         TemplateBody='{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}')
        self.assertIn("AWS::S3::Bucket", told)

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
