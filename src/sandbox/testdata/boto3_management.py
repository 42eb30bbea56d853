"""What boto3 sees of the management services of the emulated cloud. Argument: the endpoint's URL."""
import io
import json
import zipfile
from datetime import datetime, timedelta, timezone

from boto3_client import client, refused, role_of_lambda


def trails():
    trail = client("cloudtrail")
    client("s3").create_bucket(Bucket="logs")
    allow = lambda action, resource: {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                                      "Action": action, "Resource": resource}
    client("s3").put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        allow("s3:GetBucketAcl", "arn:aws:s3:::logs"), allow("s3:PutObject", "arn:aws:s3:::logs/*")]}))
    made = trail.create_trail(Name="main", S3BucketName="logs", IsMultiRegionTrail=True)
    trail.start_logging(Name=made["TrailARN"])
    status = trail.get_trail_status(Name="main")
    assert status["IsLogging"] and status["StartLoggingTime"].year > 2000, status
    trail.update_trail(Name="main", EnableLogFileValidation=True)
    shown = trail.describe_trails(trailNameList=["main"])["trailList"][0]
    assert shown["LogFileValidationEnabled"] and shown["HomeRegion"] == "us-east-1", shown
    trail.add_tags(ResourceId=made["TrailARN"], TagsList=[{"Key": "a", "Value": "b"}])
    tags = trail.list_tags(ResourceIdList=[made["TrailARN"]])["ResourceTagList"][0]
    assert tags["TagsList"] == [{"Key": "a", "Value": "b"}], tags
    pages = trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 2})
    names = [event["EventName"] for page in pages for event in page["Events"]]
    assert names == ["AddTags", "UpdateTrail", "StartLogging", "CreateTrail", "PutBucketPolicy", "CreateBucket"], names
    trail.delete_trail(Name="main")
    refused("TrailNotFoundException", trail.get_trail, Name="main")


def recorders_and_rules():
    config = client("config")
    role = "arn:aws:iam::111122223333:role/config"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    refused("NoAvailableDeliveryChannelException", config.start_configuration_recorder,
            ConfigurationRecorderName="default")
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "logs"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    status = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]
    assert status["recording"] and status["lastStartTime"].year > 2000, status
    source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}
    for number in range(3):
        config.put_config_rule(ConfigRule={"ConfigRuleName": f"rule-{number}", "Source": source})
    pages = config.get_paginator("describe_config_rules").paginate()
    assert [rule["ConfigRuleName"] for page in pages for rule in page["ConfigRules"]] == ["rule-0", "rule-1", "rule-2"]
    result = {"ComplianceResourceType": "AWS::S3::Bucket", "ComplianceResourceId": "logs",
              "ComplianceType": "NON_COMPLIANT", "OrderingTimestamp": datetime.now(timezone.utc)}
    refused("InvalidResultTokenException", config.put_evaluations, ResultToken="rule-0", Evaluations=[result])
    config.put_evaluations(ResultToken="any", TestMode=True, Evaluations=[result])
    assert config.get_compliance_details_by_config_rule(ConfigRuleName="rule-0")["EvaluationResults"] == []
    config.delete_config_rule(ConfigRuleName="rule-0")
    refused("NoSuchConfigRuleException", config.describe_config_rules, ConfigRuleNames=["rule-0"])


def alarms_and_metrics():
    watch = client("cloudwatch")
    watch.put_metric_alarm(AlarmName="errors", MetricName="Errors", Namespace="Acme", Statistic="Sum", Period=60,
                           EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
    watch.disable_alarm_actions(AlarmNames=["errors"])
    shown = watch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]
    assert shown["ActionsEnabled"] is False and shown["Threshold"] == 1.0, shown
    now = datetime.now(timezone.utc).replace(second=0, microsecond=0)
    watch.put_metric_data(Namespace="Acme", MetricData=[{"MetricName": "Errors", "Value": v, "Timestamp": now} for v in (2, 3)])
    points = watch.get_metric_statistics(Namespace="Acme", MetricName="Errors", StartTime=now - timedelta(minutes=5),
                                         EndTime=now + timedelta(minutes=5), Period=60, Statistics=["Sum"])["Datapoints"]
    assert [point["Sum"] for point in points] == [5.0] and points[0]["Timestamp"] == now, points
    refused("ResourceNotFound", watch.get_dashboard, DashboardName="none")
    watch.delete_alarms(AlarmNames=["errors"])
    assert watch.describe_alarms()["MetricAlarms"] == []


def documents_and_settings():
    ssm = client("ssm")
    made = ssm.create_document(Name="Fix", Content='{"schemaVersion": "0.3"}', DocumentType="Automation")["DocumentDescription"]
    assert made["CreatedDate"].year > 2000 and made["Status"] == "Active", made
    ssm.modify_document_permission(Name="Fix", PermissionType="Share", AccountIdsToAdd=["all"])
    assert ssm.describe_document_permission(Name="Fix", PermissionType="Share")["AccountIds"] == ["all"]
    refused("InvalidDocumentOperation", ssm.delete_document, Name="Fix")
    setting = "/ssm/documents/console/public-sharing-permission"
    ssm.update_service_setting(SettingId=setting, SettingValue="Disable")
    assert ssm.get_service_setting(SettingId=setting)["ServiceSetting"]["SettingValue"] == "Disable"
    refused("InvalidDocument", ssm.get_document, Name="none")


def functions():
    role_of_lambda("r")
    functions = client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("h.py", "def h(event, context): return event")
    functions.create_function(FunctionName="versioned", Runtime="python3.9", Handler="h.h",
                              Role="arn:aws:iam::111122223333:role/r", Code={"ZipFile": code.getvalue()})
    assert functions.publish_version(FunctionName="versioned")["Version"] == "1"
    functions.create_alias(FunctionName="versioned", Name="live", FunctionVersion="1")
    assert [alias["Name"] for alias in functions.list_aliases(FunctionName="versioned")["Aliases"]] == ["live"]
    functions.delete_alias(FunctionName="versioned", Name="live")
    refused("ResourceNotFoundException", functions.get_alias, FunctionName="versioned", Name="live")


def watchers():
    duty, hub = client("guardduty"), client("securityhub")
    detector = duty.create_detector(Enable=True)["DetectorId"]
    duty.create_sample_findings(DetectorId=detector, FindingTypes=["Recon:EC2/Portscan"])
    ids = duty.list_findings(DetectorId=detector)["FindingIds"]
    finding = duty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"][0]
    assert finding["Severity"] == 2.0 and finding["Service"]["Archived"] is False, finding
    duty.archive_findings(DetectorId=detector, FindingIds=ids)
    active = {"Criterion": {"service.archived": {"Eq": ["false"]}}}
    assert duty.list_findings(DetectorId=detector, FindingCriteria=active)["FindingIds"] == []
    refused("BadRequestException", duty.get_detector, DetectorId="none")
    refused("InvalidAccessException", hub.describe_hub)
    hub.enable_security_hub()
    assert hub.describe_hub()["HubArn"].endswith(":hub/default")
    assert len(hub.get_enabled_standards()["StandardsSubscriptions"]) == 2
    hub.disable_security_hub()


def organization_and_certificates():
    tree, acm = client("organizations"), client("acm")
    refused("AWSOrganizationsNotInUseException", tree.describe_organization)
    tree.create_organization(FeatureSet="ALL")
    root = tree.list_roots()["Roots"][0]["Id"]
    unit = tree.create_organizational_unit(ParentId=root, Name="work")["OrganizationalUnit"]["Id"]
    assert [one["Id"] for one in tree.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]] == [unit]
    assert tree.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"][0]["Name"] == "FullAWSAccess"
    arn = acm.request_certificate(DomainName="www.example.com", ValidationMethod="DNS")["CertificateArn"]
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["NotAfter"].year > 2000
    acm.delete_certificate(CertificateArn=arn)
    refused("ResourceNotFoundException", acm.describe_certificate, CertificateArn=arn)


def gates():
    waf, flow, access = client("wafv2"), client("stepfunctions"), client("accessanalyzer")
    visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
    acl = waf.create_web_acl(Name="front", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible)["Summary"]
    balancer = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/x/1"
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=balancer)
    assert waf.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["Name"] == "front"
    machine = flow.create_state_machine(name="flow", definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', roleArn="arn:aws:iam::111122223333:role/r")["stateMachineArn"]
    run = flow.start_execution(stateMachineArn=machine, input="{}")
    assert flow.describe_execution(executionArn=run["executionArn"])["status"] == "RUNNING"
    assert access.create_analyzer(analyzerName="main", type="ACCOUNT")["arn"].endswith(":analyzer/main")
    assert access.list_analyzers()["analyzers"][0]["createdAt"].year > 2000


for story in (trails, recorders_and_rules, alarms_and_metrics, documents_and_settings, functions, watchers,
              organization_and_certificates, gates):
    story()
