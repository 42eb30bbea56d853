"""What boto3 sees of S3's rest, API Gateway, CloudFront, CodeBuild, EventBridge, Step Functions and CloudFormation in the
emulated cloud. Argument: the endpoint's URL."""
import json

import boto3_client
from boto3_client import refused
from botocore.config import Config


def client(service):
    config = Config(s3={"addressing_style": "path"}, inject_host_prefix=False)
    return boto3_client.client(service, config=config)


def storage():
    s3 = client("s3")
    s3.create_bucket(Bucket="edge-data")
    configuration = {"Id": "all", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
                     "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::edge-data", "Format": "CSV"}}}
    s3.put_bucket_inventory_configuration(Bucket="edge-data", Id="all", InventoryConfiguration=configuration)
    got = s3.get_bucket_inventory_configuration(Bucket="edge-data", Id="all")["InventoryConfiguration"]
    assert got == configuration, got
    refused("NoSuchConfiguration", s3.get_bucket_metrics_configuration, Bucket="edge-data", Id="x")
    upload = s3.create_multipart_upload(Bucket="edge-data", Key="big")["UploadId"]
    tags = [s3.upload_part(Bucket="edge-data", Key="big", UploadId=upload, PartNumber=n + 1, Body=body)["ETag"]
            for n, body in enumerate((b"x" * (5 << 20), b"end"))]
    s3.complete_multipart_upload(Bucket="edge-data", Key="big", UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": n + 1, "ETag": tag} for n, tag in enumerate(tags)]})
    assert s3.head_object(Bucket="edge-data", Key="big")["ContentLength"] == (5 << 20) + 3
    s3.put_object_tagging(Bucket="edge-data", Key="big", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_object_tagging(Bucket="edge-data", Key="big")["TagSet"] == [{"Key": "a", "Value": "b"}]
    refused("NoSuchUpload", s3.abort_multipart_upload, Bucket="edge-data", Key="big", UploadId="x")


def interfaces():
    api = client("apigateway")
    shop = api.create_rest_api(name="shop")["id"]
    refused("BadRequestException", api.create_deployment, restApiId=shop)  # nothing to deploy
    root = api.get_resources(restApiId=shop)["items"][0]["id"]
    api.put_method(restApiId=shop, resourceId=root, httpMethod="GET", authorizationType="NONE")
    deployment = api.create_deployment(restApiId=shop)["id"]
    api.create_stage(restApiId=shop, stageName="prod", deploymentId=deployment)
    api.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::1:role/r"}])
    stage = api.update_stage(restApiId=shop, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"}])
    assert stage["methodSettings"]["*/*"]["loggingLevel"] == "ERROR", stage
    assert stage["createdDate"].year > 2000
    refused("NotFoundException", api.get_stage, restApiId=shop, stageName="none")
    pages = api.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 1})
    assert [one["name"] for page in pages for one in page["items"]] == ["shop"]
    second = client("apigatewayv2")
    http = second.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
    second.create_stage(ApiId=http, StageName="prod")
    second.update_stage(ApiId=http, StageName="prod", AccessLogSettings={"DestinationArn": "arn:a", "Format": "f"})
    assert second.get_stages(ApiId=http)["Items"][0]["AccessLogSettings"]["Format"] == "f"


def edge():
    cloudfront = client("cloudfront")
    made = cloudfront.create_distribution(DistributionConfig={
        "CallerReference": "a", "Comment": "", "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{"Id": "s3", "DomainName": "b.s3.amazonaws.com"}]},
        "DefaultCacheBehavior": {"TargetOriginId": "s3", "ViewerProtocolPolicy": "allow-all"}})
    name = made["Distribution"]["Id"]
    got = cloudfront.get_distribution_config(Id=name)
    config = got["DistributionConfig"]
    config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = "redirect-to-https"
    refused("PreconditionFailed", cloudfront.update_distribution, Id=name, IfMatch="E1", DistributionConfig=config)
    cloudfront.update_distribution(Id=name, IfMatch=got["ETag"], DistributionConfig=config)
    listed = cloudfront.list_distributions()["DistributionList"]["Items"][0]
    assert listed["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https", listed


def builds_and_machines():
    codebuild, states = client("codebuild"), client("stepfunctions")
    codebuild.create_project(name="project", source={"type": "NO_SOURCE"}, artifacts={"type": "NO_ARTIFACTS"}, serviceRole="r",
                             environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"})
    got = codebuild.batch_get_projects(names=["project", "other"])
    assert got["projects"][0]["created"].year > 2000 and got["projectsNotFound"] == ["other"], got
    machine = states.create_state_machine(name="m", roleArn="arn:aws:iam::111122223333:role/r", definition=json.dumps(
        {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))["stateMachineArn"]
    run = states.start_execution(stateMachineArn=machine)["executionArn"]
    assert states.describe_execution(executionArn=run)["status"] == "RUNNING"
    events = client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["a"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "a", "Arn": machine}])
    assert events.list_targets_by_rule(Rule="r")["Targets"][0]["Arn"] == machine
    assert events.describe_rule(Name="r")["State"] == "ENABLED"


def stacks():
    formation = client("cloudformation")
    template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}},
        "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}}}
    formation.create_stack(StackName="s", TemplateBody=json.dumps(template),
                           Parameters=[{"ParameterKey": "Name", "ParameterValue": "boto"}])
    formation.get_waiter("stack_create_complete").wait(StackName="s")
    stack = formation.describe_stacks(StackName="s")["Stacks"][0]
    assert stack["Outputs"][0]["OutputValue"].endswith(":boto") and stack["CreationTime"].year > 2000, stack
    bucket = formation.describe_stack_resource(StackName="s", LogicalResourceId="Bucket")["StackResourceDetail"]
    assert client("s3").get_bucket_versioning(Bucket=bucket["PhysicalResourceId"])["Status"] == "Enabled"
    refused("ValidationError", formation.describe_stacks, StackName="none")
    formation.delete_stack(StackName="s")
    formation.get_waiter("stack_delete_complete").wait(StackName="s")


for story in (storage, interfaces, edge, builds_and_machines, stacks):
    story()
