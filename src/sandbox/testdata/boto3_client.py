"""What the boto3 scripts have in common: clients of the emulated cloud whose URL is the first argument, and what it refuses."""
import json
import os
import sys

os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE="/dev/null",
    AWS_SHARED_CREDENTIALS_FILE="/dev/null",
)
import boto3
from botocore.exceptions import ClientError

URL = sys.argv[1]


def client(service, **more):
    return boto3.client(service, endpoint_url=URL, **more)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{call} was not refused")


def role_of_lambda(name):
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
