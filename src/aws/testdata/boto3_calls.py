"""Makes a few signed calls against the endpoint given; boto3_test.cc checks what arrives."""
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

URL = sys.argv[1]
KEYS = dict(endpoint_url=URL, region_name="eu-west-1", aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="wJalr/secret", aws_session_token="session/token==",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}))


def attempt(call, **arguments):
    try:
        call(**arguments)
    except (ClientError, ResponseParserError):
        pass  # only what was sent matters


s3 = boto3.client("s3", **KEYS)
attempt(s3.put_object, Bucket="logs", Key="a b/ü+~//c..d", Body=b"hello")
attempt(s3.get_object, Bucket="logs", Key="a%2Fb", VersionId="1/2")
attempt(s3.put_bucket_tagging, Bucket="logs", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
attempt(boto3.client("ssm", **KEYS).get_parameter, Name="/a/b")
attempt(boto3.client("ec2", **KEYS).describe_instances)
attempt(boto3.client("lambda", **KEYS).get_function,
        FunctionName="arn:aws:lambda:eu-west-1:123456789012:function:f")
attempt(boto3.client("sts", **KEYS).get_caller_identity)
