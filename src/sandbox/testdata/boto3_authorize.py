"""A cloud where IAM decides, as boto3 programs see it. Arguments: the endpoint's URL, and the second account's key."""
import json
import os
import sys

os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, OTHER = sys.argv[1], sys.argv[2]
HERE = "111122223333"


def client(service, key="test", secret="test", token=None):
    return boto3.client(service, endpoint_url=URL, region_name="us-east-1", aws_access_key_id=key,
                        aws_secret_access_key=secret, aws_session_token=token,
                        config=Config(retries={"max_attempts": 1}, inject_host_prefix=False))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call} was not refused")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resources="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def user(name, *statements):
    iam = client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def a_limited_user():
    s3, iam = client("s3"), client("iam")
    s3.create_bucket(Bucket="limits")
    s3.put_object(Bucket="limits", Key="ana/x", Body=b"x")
    key = user("ana", allow("s3:ListBucket", "arn:aws:s3:::limits", Condition={"StringLike": {"s3:prefix": "ana/*"}}),
               allow("s3:GetObject", "arn:aws:s3:::limits/${aws:username}/*"))
    hers = client("s3", *key)
    assert hers.get_object(Bucket="limits", Key="ana/x")["Body"].read() == b"x"
    assert hers.list_objects_v2(Bucket="limits", Prefix="ana/")["KeyCount"] == 1
    refused("AccessDenied", hers.list_objects_v2, Bucket="limits")
    refused("AccessDenied", hers.list_buckets)
    told = refused("AccessDenied", hers.put_public_access_block, Bucket="limits",
                   PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert told == ('User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:PutBucketPublicAccessBlock '
                    'on resource: "arn:aws:s3:::limits" because no identity-based policy allows the '
                    's3:PutBucketPublicAccessBlock action'), told
    iam.create_group(GroupName="writers")
    iam.put_group_policy(GroupName="writers", PolicyName="w", PolicyDocument=policy(allow("s3:PutObject")))
    refused("AccessDenied", hers.put_object, Bucket="limits", Key="y", Body=b"")
    iam.add_user_to_group(GroupName="writers", UserName="ana")
    hers.put_object(Bucket="limits", Key="y", Body=b"")
    boundary = iam.create_policy(PolicyName="edge", PolicyDocument=policy(allow("s3:Get*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=boundary)
    assert "no permissions boundary allows" in refused("AccessDenied", hers.put_object, Bucket="limits", Key="y", Body=b"")
    assert client("sts", *key).get_caller_identity()["Arn"].endswith(":user/ana")


def each_protocol_in_its_words():
    key = user("bob")
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = client("ec2").create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    told = refused("UnauthorizedOperation", client("ec2", *key).delete_security_group, GroupId=group)
    encoded = told.rpartition(" ")[2]
    decoded = json.loads(client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert decoded["context"]["action"] == "ec2:DeleteSecurityGroup", decoded
    assert decoded["context"]["resource"].endswith(":security-group/" + group), decoded
    refused("UnauthorizedOperation", client("ec2", *key).describe_instances)
    refused("AccessDeniedException", client("ssm", *key).get_parameter, Name="/a")
    refused("AccessDeniedException", client("kms", *key).list_keys)
    refused("AccessDeniedException", client("lambda", *key).list_functions)
    refused("AccessDenied", client("iam", *key).list_users)
    refused("AuthorizationError", client("sns", *key).list_topics)
    assert "sqs:CreateQueue" in refused("AccessDenied", client("sqs", *key).create_queue, QueueName="q")
    refused("AccessDeniedException", client("logs", *key).create_log_group, logGroupName="g")


def roles_and_sessions():
    iam, sts = client("iam"), client("sts")
    key = user("carl", allow("sts:AssumeRole"))
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HERE}:user/carl"}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assume = client("sts", *key).assume_role

    def session(**more):
        given = assume(RoleArn=role, RoleSessionName="session", **more)["Credentials"]
        return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]

    reader = session()
    client("s3", *reader).list_buckets()
    client("ec2", *reader).describe_security_groups()
    refused("AccessDenied", client("s3", *reader).create_bucket, Bucket="nope-nope")
    narrow = session(Policy=policy(allow("ec2:*")))
    client("ec2", *narrow).describe_security_groups()
    assert "no session policy allows" in refused("AccessDenied", client("s3", *narrow).list_buckets)
    refused("AccessDenied", client("sts", *user("dora")).assume_role, RoleArn=role, RoleSessionName="session")
    refused("AccessDenied", client("sts", *user("emil", allow("*"))).assume_role, RoleArn=role, RoleSessionName="session")
    sts.get_caller_identity()


def across_accounts():
    theirs = client("s3", OTHER, "test")
    refused("AccessDenied", theirs.get_bucket_policy, Bucket="limits")
    client("s3").put_bucket_policy(Bucket="limits", Policy=policy(
        {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": ["s3:GetBucketTagging", "s3:GetBucketPolicy"],
         "Resource": "arn:aws:s3:::limits"}))
    assert "444455556666" in theirs.get_bucket_policy(Bucket="limits")["Policy"]
    refused("AccessDenied", theirs.delete_bucket, Bucket="limits")
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    send = client("sqs", OTHER, "test").send_message
    refused("AccessDenied", send, QueueUrl=url, MessageBody="hello")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(
        {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sqs:SendMessage", "Resource": "*"})})
    send(QueueUrl=url, MessageBody="hello")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"
    topic = client("sns").create_topic(Name="news")["TopicArn"]
    refused("AuthorizationError", client("sns", OTHER, "test").publish, TopicArn=topic, Message="m")
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    refused("AccessDeniedException", client("kms", OTHER, "test").describe_key, KeyId=key)
    client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy(
        allow("kms:*", Principal={"AWS": f"arn:aws:iam::{HERE}:root"}),
        allow("kms:DescribeKey", Principal={"AWS": "444455556666"})))
    assert client("kms", OTHER, "test").describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key


def the_simulator_says_what_happens():
    iam = client("iam")
    answer = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{HERE}:user/ana", ActionNames=["s3:GetObject", "s3:PutObject", "sqs:SendMessage"],
        ResourceArns=["arn:aws:s3:::limits/ana/x"])["EvaluationResults"]
    assert [one["EvalDecision"] for one in answer] == ["allowed", "implicitDeny", "implicitDeny"], answer
    assert answer[1]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}, answer
    custom = iam.simulate_custom_policy(
        PolicyInputList=[policy(allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}}))],
        ActionNames=["s3:ListBucket"])["EvaluationResults"][0]
    assert custom["EvalDecision"] == "implicitDeny" and custom["MissingContextValues"] == ["aws:SecureTransport"], custom
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=f"arn:aws:iam::{HERE}:user/ana")["ContextKeyNames"]
    assert keys == ["aws:username", "s3:prefix"], keys


a_limited_user()
each_protocol_in_its_words()
roles_and_sessions()
across_accounts()
the_simulator_says_what_happens()
