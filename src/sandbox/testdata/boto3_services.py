"""What boto3 sees of the services of the emulated cloud. Argument: the endpoint's URL."""
import io
import zipfile

from boto3_client import client, refused, role_of_lambda


def network():
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="Web", VpcId=vpc)["GroupId"]
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[world])
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[world])
    shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert shown["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}], shown
    assert shown["IpPermissions"][0]["FromPort"] == 22
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=shown["IpPermissions"])
    refused("InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=["sg-0123456789abcdef0"])
    refused("DryRunOperation", ec2.delete_security_group, GroupId=group, DryRun=True)
    run = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group],
                            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}])
    instance = run["Instances"][0]["InstanceId"]
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required")
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["web"]}])
    assert found["Reservations"][0]["Instances"][0]["MetadataOptions"]["HttpTokens"] == "required"
    volume = found["Reservations"][0]["Instances"][0]["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)
    assert snapshot["StartTime"].year > 2000 and snapshot["State"] == "pending"
    ec2.terminate_instances(InstanceIds=[instance])
    pages = client("ec2").get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5})
    assert [v["VpcId"] for page in pages for v in page["Vpcs"]] == [vpc]


def people():
    iam = client("iam")
    iam.create_user(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    iam.put_user_policy(UserName="ana", PolicyName="p", PolicyDocument='{"Statement": []}')
    assert iam.get_user_policy(UserName="ana", PolicyName="p")["PolicyDocument"] == {"Statement": []}
    refused("NoSuchEntity", iam.get_user, UserName="nobody")
    me = client("sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert me.get_caller_identity()["Arn"].endswith(":user/ana")
    iam.update_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    refused("InvalidClientTokenId", me.get_caller_identity)
    iam.create_role(RoleName="r", AssumeRolePolicyDocument='{"Statement": []}')
    assert iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"] == {"Statement": []}
    assert iam.get_account_summary()["SummaryMap"]["Users"] == 1


def messages():
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="inbox", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="it works")
    got = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"]
    assert '"Message":"it works"' in got[0]["Body"], got
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=got[0]["ReceiptHandle"])
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    assert sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"][0]["MessageAttributes"]
    refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="none")
    refused("NotFound", sns.get_topic_attributes, TopicArn=topic + "x")


def keys_and_parameters():
    kms, ssm = client("kms"), client("ssm")
    key = kms.create_key(Description="data")["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"hello"
    assert kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["DeletionDate"].year > 2000
    refused("NotFoundException", kms.describe_key, KeyId="1234")
    ssm.put_parameter(Name="/app/level", Type="String", Value="info")
    assert ssm.get_parameter(Name="/app/level")["Parameter"]["LastModifiedDate"].year > 2000
    refused("ParameterNotFound", ssm.get_parameter, Name="/none")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/app")
    assert [p["Name"] for page in pages for p in page["Parameters"]] == ["/app/level"]


def code_and_logs():
    role_of_lambda("hello")
    functions, logs = client("lambda"), client("logs")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("hello.py", "def handler(event, context): return event")
    made = functions.create_function(FunctionName="hello", Runtime="python3.9", Handler="hello.handler",
                                     Role="arn:aws:iam::111122223333:role/hello", Code={"ZipFile": code.getvalue()})
    assert made["CodeSize"] == len(code.getvalue())
    functions.add_permission(FunctionName="hello", StatementId="all", Action="lambda:InvokeFunction", Principal="*")
    assert '"all"' in functions.get_policy(FunctionName="hello")["Policy"]
    functions.create_function_url_config(FunctionName="hello", AuthType="NONE")
    refused("ResourceNotFoundException", functions.get_function, FunctionName="none")
    logs.create_log_group(logGroupName="/acme/web")
    logs.create_log_stream(logGroupName="/acme/web", logStreamName="one")
    logs.put_log_events(logGroupName="/acme/web", logStreamName="one", logEvents=[{"timestamp": 1, "message": "m"}])
    assert logs.filter_log_events(logGroupName="/acme/web")["events"][0]["message"] == "m"
    logs.put_retention_policy(logGroupName="/acme/web", retentionInDays=30)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 30


for story in (network, people, messages, keys_and_parameters, code_and_logs):
    story()
