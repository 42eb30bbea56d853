"""AWS Config over a cloud elsewhere: what was seen there, queries, packs, and rules whose function judges."""

import base64
import contextlib
import io
import json
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import ACCOUNT, Server, Story, serving

POLICY = """
targets: [{account: "111122223333", regions: [us-east-1]}]
controls: [{id: s3-bucket-versioning-enabled}]
decide: [{name: all, decision: manual}]
principals:
  - {name: ana, roles: [admin], access_key: {id: AKIAANA, secret_file: ana.secret}}
  - {name: vic, roles: [viewer], access_key: {id: AKIAVIC, secret_file: vic.secret}}
"""
PACK = """
Resources:
  Versioned:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: versioned, Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_VERSIONING_ENABLED}}
  Queues:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: queues-locked, Source: {Owner: AWS, SourceIdentifier: SQS_QUEUE_NO_PUBLIC_ACCESS}}
  Trained:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: trained, Source: {Owner: AWS, SourceIdentifier: AWS_CONFIG_PROCESS_CHECK}}
  Unheard:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: unheard, Source: {Owner: AWS, SourceIdentifier: UNHEARD_OF}}
"""
# As the samples of Config's rules are written: the event's item is judged, and PutEvaluations says what came of it.
JUDGE = '''
import json
import boto3

def handler(event, context):
    item = json.loads(event["invokingEvent"])["configurationItem"]
    wanted = json.loads(event["ruleParameters"])["prefix"]
    config = boto3.client("config")
    versioning = boto3.client("s3").get_bucket_versioning(Bucket=item["resourceName"]).get("Status", "Off")
    good = item["configuration"]["name"].startswith(wanted)
    config.put_evaluations(ResultToken=event["resultToken"], Evaluations=[{
        "ComplianceResourceType": item["resourceType"], "ComplianceResourceId": item["resourceId"],
        "ComplianceType": "COMPLIANT" if good else "NON_COMPLIANT", "Annotation": "versioning is " + versioning,
        "OrderingTimestamp": item["configurationItemCaptureTime"]}])
'''
VERSIONED = '''
import json
import boto3

def handler(event, context):
    item = json.loads(event["invokingEvent"])["configurationItem"]
    on = item["supplementaryConfiguration"]["BucketVersioningConfiguration"]["status"] == "Enabled"
    boto3.client("config").put_evaluations(ResultToken=event["resultToken"], Evaluations=[{
        "ComplianceResourceType": item["resourceType"], "ComplianceResourceId": item["resourceId"],
        "ComplianceType": "COMPLIANT" if on else "NON_COMPLIANT", "OrderingTimestamp": item["configurationItemCaptureTime"]}])
'''
LOOKS = '''
import json
import boto3

def handler(event, context):
    message = json.loads(event["invokingEvent"])
    assert message["messageType"] == "ScheduledNotification", message
    names = [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
    boto3.client("config").put_evaluations(ResultToken=event["resultToken"], Evaluations=[{
        "ComplianceResourceType": "AWS::S3::Bucket", "ComplianceResourceId": name, "OrderingTimestamp": message["notificationCreationTime"],
        "ComplianceType": "NON_COMPLIANT" if "-" in name else "COMPLIANT"} for name in names])
'''


def zipped(name, text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as files:
        files.writestr(name, text)
    return out.getvalue()


class AwsConfig(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.home / "aright.yaml").write_text(POLICY)
        for person in ("ana", "vic"):
            (cls.home / f"{person}.secret").write_text(f"{person}-secret")

    def setUp(self):
        self.cloud = self.enterContext(Server(self.home, "sandbox", "--empty"))
        self.running = self.enterContext(contextlib.ExitStack())
        self.serve()
        for name in ("ledger.db", "seen.db"):
            self.addCleanup(lambda name=name: (self.home / "state" / name).unlink(missing_ok=True))

    def serve(self):
        self.running.close()
        self.server = self.running.enter_context(serving(self.home, self.cloud))

    def client(self, service, person="ana"):
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

    def make_bucket(self, name, versioned=False):
        s3 = self.client("s3", "")
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return s3

    def history(self, name, **more):
        told = self.client("config", "vic").get_resource_config_history(resourceType="AWS::S3::Bucket", resourceId=name, **more)
        return told["configurationItems"]

    def test_the_history_of_a_resource_is_what_was_seen_of_it(self):
        s3 = self.make_bucket("photos")
        config = self.client("config", "vic")
        self.aright("scan", code=None)
        first = self.eventually("the bucket is seen", lambda: self.history("photos"))
        self.assertEqual([one["configurationItemStatus"] for one in first], ["ResourceDiscovered"])
        self.assertEqual((first[0]["arn"], first[0]["awsRegion"], first[0]["accountId"]), ("arn:aws:s3:::photos", "us-east-1", ACCOUNT))
        self.assertEqual(json.loads(first[0]["configuration"])["name"], "photos")
        s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
        self.aright("scan", code=None)
        two = self.history("photos")
        self.assertEqual([one["configurationItemStatus"] for one in two], ["OK", "ResourceDiscovered"])
        versioning = [json.loads(one["supplementaryConfiguration"]["BucketVersioningConfiguration"])["status"] for one in two]
        self.assertEqual(versioning, ["Enabled", "Off"])
        self.assertEqual(self.history("photos", chronologicalOrder="Forward", limit=1)[0]["configurationItemStatus"], "ResourceDiscovered")
        s3.delete_bucket(Bucket="photos")
        self.assertEqual(self.history("photos")[0]["configurationItemStatus"], "ResourceDeleted")
        self.assertEqual(config.list_discovered_resources(resourceType="AWS::S3::Bucket")["resourceIdentifiers"], [])
        gone = config.list_discovered_resources(resourceType="AWS::S3::Bucket", includeDeletedResources=True)["resourceIdentifiers"]
        self.assertEqual([(one["resourceId"], "resourceDeletionTime" in one) for one in gone], [("photos", True)])
        self.serve()
        config = self.client("config", "vic")
        self.assertEqual(len(self.history("photos")), 3)
        self.assertIn("photos2", self.deny("ResourceNotDiscoveredException", config.get_resource_config_history,
                                           resourceType="AWS::S3::Bucket", resourceId="photos2"))
        self.deny("ValidationException", config.list_discovered_resources, resourceType="AWS::Nowhere::Thing")

    def test_what_is_there_is_listed_counted_and_shown(self):
        for name in ("logs", "photos"):
            self.make_bucket(name)
        self.client("sqs", "").create_queue(QueueName="jobs")
        config = self.client("config", "vic")
        listed = config.list_discovered_resources(resourceType="AWS::S3::Bucket", limit=1)
        self.assertEqual([one["resourceId"] for one in listed["resourceIdentifiers"]], ["logs"])
        more = config.list_discovered_resources(resourceType="AWS::S3::Bucket", nextToken=listed["nextToken"])
        self.assertEqual([one["resourceId"] for one in more["resourceIdentifiers"]], ["photos"])
        counts = config.get_discovered_resource_counts(resourceTypes=["AWS::S3::Bucket", "AWS::SQS::Queue"])
        self.assertEqual(counts["totalDiscoveredResources"], 3)
        self.assertEqual(counts["resourceCounts"], [{"resourceType": "AWS::S3::Bucket", "count": 2}, {"resourceType": "AWS::SQS::Queue", "count": 1}])
        self.assertEqual(config.get_discovered_resource_counts()["totalDiscoveredResources"], 2)
        got = config.batch_get_resource_config(resourceKeys=[{"resourceType": "AWS::S3::Bucket", "resourceId": name} for name in ("logs", "none")])
        self.assertEqual([one["resourceId"] for one in got["baseConfigurationItems"]], ["logs"])
        self.assertEqual([one["resourceId"] for one in got["unprocessedResourceKeys"]], ["none"])

    def test_recorders_and_channels_say_what_is_recorded(self):
        config = self.client("config")
        own = config.describe_configuration_recorders()["ConfigurationRecorders"]
        self.assertEqual([one["name"] for one in own], ["aright"])
        self.assertEqual(own[0]["recordingGroup"]["resourceTypes"], ["AWS::S3::Bucket"])
        self.assertEqual([one["recording"] for one in config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]], [True])
        config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"})
        self.deny("NoSuchBucketException", config.put_delivery_channel, DeliveryChannel={"name": "default", "s3BucketName": "history"})
        self.make_bucket("history")
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "history"})
        self.assertEqual([one["s3BucketName"] for one in config.describe_delivery_channels()["DeliveryChannels"]], ["history"])
        status = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
        self.assertEqual(status[0]["configSnapshotDeliveryInfo"]["lastStatus"], "NOT_APPLICABLE")
        self.assertEqual({one["name"] for one in config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]}, {"aright", "default"})
        queue = self.client("sqs", "").create_queue(QueueName="jobs")["QueueUrl"]
        found = lambda: config.select_resource_config(Expression="SELECT resourceId, resourceType WHERE resourceName LIKE '%jobs'")["Results"]
        self.assertEqual(found(), [])
        config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config",
                                                                 "recordingGroup": {"resourceTypes": ["AWS::SQS::Queue"]}})
        config.start_configuration_recorder(ConfigurationRecorderName="default")
        self.assertEqual([json.loads(one)["resourceId"] for one in self.eventually("the queue is recorded", found)], [queue])
        self.assertEqual(len(config.describe_configuration_recorders(ConfigurationRecorderNames=["aright"])["ConfigurationRecorders"]), 1)
        self.deny("NoSuchConfigurationRecorderException", config.describe_configuration_recorders, ConfigurationRecorderNames=["other"])

    def test_resources_are_found_by_queries(self):
        for name, versioned in (("logs", False), ("photos", True)):
            self.make_bucket(name, versioned)
        config = self.client("config", "vic")
        ask = lambda text, **more: [json.loads(one) for one in config.select_resource_config(Expression=text, **more)["Results"]]
        self.assertEqual(ask("SELECT resourceId WHERE resourceType = 'AWS::S3::Bucket' ORDER BY resourceId DESC"),
                         [{"resourceId": "photos"}, {"resourceId": "logs"}])
        self.assertEqual(ask("SELECT resourceType, COUNT(*) WHERE resourceType LIKE 'AWS::S3::%' GROUP BY resourceType"),
                         [{"resourceType": "AWS::S3::Bucket", "COUNT(*)": 2}])
        told = config.select_resource_config(Expression="SELECT resourceId, configuration.name WHERE resourceId IN ('photos')")
        self.assertEqual([one["Name"] for one in told["QueryInfo"]["SelectFields"]], ["resourceId", "configuration.name"])
        self.assertEqual(json.loads(told["Results"][0]), {"resourceId": "photos", "configuration": {"name": "photos"}})
        self.assertIn("character 29: 'LIKES'", self.deny("InvalidExpressionException", config.select_resource_config,
                                                         Expression="SELECT resourceId WHERE arn LIKES 'x'"))
        self.put_pack()
        self.aright("scan", code=None)
        self.assertEqual(ask("SELECT configuration.targetResourceId WHERE resourceType = 'AWS::Config::ResourceCompliance' "
                             "AND configuration.complianceType = 'NON_COMPLIANT'"), [{"configuration": {"targetResourceId": "logs"}}])

    def put_pack(self):
        self.client("config").put_conformance_pack(ConformancePackName="base", TemplateBody=PACK)

    def test_a_pack_tells_how_far_it_is_met(self):
        for name, versioned in (("logs", False), ("photos", True)):
            self.make_bucket(name, versioned)
        self.put_pack()
        config = self.client("config", "vic")
        status, = config.describe_conformance_pack_status()["ConformancePackStatusDetails"]
        self.assertEqual(status["ConformancePackState"], "CREATE_COMPLETE")
        self.assertIn("no control judges by UNHEARD_OF", status["ConformancePackStatusReason"])
        named = lambda rule: f"{rule}-{status['ConformancePackId']}"
        told = lambda: {one["ConfigRuleName"]: one["ComplianceType"] for one in
                        config.describe_conformance_pack_compliance(ConformancePackName="base")["ConformancePackRuleComplianceList"]}
        self.eventually("it is judged at once", lambda: told() == {
            named("versioned"): "NON_COMPLIANT", named("queues-locked"): "INSUFFICIENT_DATA", named("trained"): "INSUFFICIENT_DATA",
            named("unheard"): "INSUFFICIENT_DATA"})
        self.client("config").put_external_evaluation(ConfigRuleName=named("trained"), ExternalEvaluation={
            "ComplianceResourceType": "AWS::::Account", "ComplianceResourceId": ACCOUNT, "ComplianceType": "COMPLIANT", "OrderingTimestamp": 0})
        self.assertEqual(told()[named("trained")], "COMPLIANT")
        status_of = {one["name"]: one["compliance"] for one in self.aright("pack", "status", "base", "--json", code=3).json["rules"]}
        self.assertEqual(status_of, told())
        details = config.get_conformance_pack_compliance_details(ConformancePackName="base", Filters={"ComplianceType": "NON_COMPLIANT"})
        found = details["ConformancePackRuleEvaluationResults"][0]["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
        self.assertEqual((found["ConfigRuleName"], found["ResourceType"], found["ResourceId"]), (named("versioned"), "AWS::S3::Bucket", "logs"))
        summary = config.get_conformance_pack_compliance_summary(ConformancePackNames=["base"])["ConformancePackComplianceSummaryList"]
        self.assertEqual(summary[0]["ConformancePackComplianceStatus"], "NON_COMPLIANT")
        scores = config.list_conformance_pack_compliance_scores()["ConformancePackComplianceScores"]
        self.assertEqual([(one["ConformancePackName"], one["Score"]) for one in scores], [("base", "66.67")])
        self.deny("NoSuchConformancePackException", config.describe_conformance_pack_compliance, ConformancePackName="other")
        self.deny("NoSuchConfigRuleInConformancePackException", config.describe_conformance_pack_compliance, ConformancePackName="base",
                  Filters={"ConfigRuleNames": ["other"]})

    def test_a_version_of_a_function_stays_as_it_was(self):
        answers = 'def handler(event, context):\n    print("heard")\n    assert not event.get("fail"), "as asked"\n    return {}\n'
        functions = self.client("lambda")
        functions.create_function(FunctionName="told", Runtime="python3.11", Role=f"arn:aws:iam::{ACCOUNT}:role/judge",
                                  Handler="judge.handler", Code={"ZipFile": zipped("judge.py", answers.format(1))}, Timeout=60)
        functions.publish_version(FunctionName="told")
        functions.create_alias(FunctionName="told", Name="live", FunctionVersion="1")
        functions.update_function_code(FunctionName="told", ZipFile=zipped("judge.py", answers.format(2)))
        ask = lambda **more: functions.invoke(**{"FunctionName": "told", "LogType": "Tail", **more})
        told = ask(Qualifier="live")
        self.assertEqual((json.loads(told["Payload"].read()), told["ExecutedVersion"]), (1, "1"))
        self.assertIn("heard", base64.b64decode(told["LogResult"]).decode())
        self.assertEqual(json.loads(ask()["Payload"].read()), 2)
        failed = ask(Payload=b'{"fail": true}')
        self.assertEqual(failed["FunctionError"], "Unhandled")
        self.assertIn("as asked", base64.b64decode(failed["LogResult"]).decode())
        self.deny("ResourceNotFoundException", ask, Qualifier="none")

    def put_function_rule(self, name, code, details, scope=None):
        functions, config = self.client("lambda"), self.client("config")
        arn = functions.create_function(FunctionName=name, Runtime="python3.11", Role=f"arn:aws:iam::{ACCOUNT}:role/judge",
                                        Handler="judge.handler", Code={"ZipFile": zipped("judge.py", code)}, Timeout=60)["FunctionArn"]
        rule = {"ConfigRuleName": name, "InputParameters": '{"prefix": "team-"}',
                "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": arn, "SourceDetails": [details]}} | ({"Scope": scope} if scope else {})
        self.deny("InsufficientPermissionsException", config.put_config_rule, ConfigRule=rule)
        functions.add_permission(FunctionName=name, StatementId="config", Action="lambda:InvokeFunction", Principal="config.amazonaws.com")
        config.put_config_rule(ConfigRule=rule)
        config.start_config_rules_evaluation(ConfigRuleNames=[name])
        return config

    def results(self, config, rule):
        told = config.get_compliance_details_by_config_rule(ConfigRuleName=rule)["EvaluationResults"]
        return {one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]: (one["ComplianceType"], one.get("Annotation", ""))
                for one in told}

    def test_a_function_judges_each_change(self):
        for name in ("photos", "team-logs"):
            self.make_bucket(name)
        config = self.put_function_rule("named", JUDGE, {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"},
                                        {"ComplianceResourceTypes": ["AWS::S3::Bucket"]})
        self.assertEqual(self.results(config, "named"), {"photos": ("NON_COMPLIANT", "versioning is Off"), "team-logs": ("COMPLIANT", "versioning is Off")})
        open_ones = [one for one in self.aright("findings", "--json").json["findings"] if one["control"] == "named"]
        self.assertEqual([(one["resource"]["id"], one["annotation"]) for one in open_ones], [("photos", "versioning is Off")])
        self.deny("InvalidResultTokenException", config.put_evaluations, ResultToken="made-up", Evaluations=[])

    def test_what_a_function_found_is_set_right_and_judged_by_it_again(self):
        self.make_bucket("photos")
        config = self.put_function_rule("on", VERSIONED, {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"},
                                        {"ComplianceResourceTypes": ["AWS::S3::Bucket"]})
        config.put_remediation_configurations(RemediationConfigurations=[{
            "ConfigRuleName": "on", "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-ConfigureS3BucketVersioning",
            "Parameters": {"BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}}}])
        told = config.start_remediation_execution(ConfigRuleName="on", ResourceKeys=[{"resourceType": "AWS::S3::Bucket", "resourceId": "photos"}])
        self.assertEqual(told.get("FailedItems", []), [], told)
        state = lambda: [one["State"] for one in config.describe_remediation_execution_status(ConfigRuleName="on")["RemediationExecutionStatuses"]]
        self.eventually("it is set right", lambda: state() == ["SUCCEEDED"])
        self.assertEqual(self.client("s3", "").get_bucket_versioning(Bucket="photos")["Status"], "Enabled")
        self.assertEqual({name: one[0] for name, one in self.results(config, "on").items()}, {"photos": "COMPLIANT"}, "as its verification saw it")

    def test_a_function_looks_for_resources_when_it_is_time(self):
        for name in ("photos", "team-logs"):
            self.make_bucket(name)
        config = self.put_function_rule("dashes", LOOKS, {"EventSource": "aws.config", "MessageType": "ScheduledNotification",
                                                          "MaximumExecutionFrequency": "One_Hour"})
        self.assertEqual({name: one[0] for name, one in self.results(config, "dashes").items()}, {"photos": "COMPLIANT", "team-logs": "NON_COMPLIANT"})
        found = {one["resource"]["id"] for one in self.aright("findings", "--json").json["findings"] if one["control"] == "dashes"}
        self.assertEqual(found, {"team-logs"})
