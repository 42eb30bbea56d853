"""A bad day, as boto3 feels it. Arguments: the endpoint's URL, and the operator's token."""
import os
import sys
import urllib.request

os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

URL, TOKEN = sys.argv[1], sys.argv[2]


def plan(text):
    request = urllib.request.Request(URL + "/_aright/faults", text.encode(), {"Authorization": "Bearer " + TOKEN}, method="PUT")
    urllib.request.urlopen(request).read()


def client(service, attempts=0, **config):
    return boto3.client(service, endpoint_url=URL, region_name="us-east-1", aws_access_key_id="test",
                        aws_secret_access_key="test", config=Config(retries={"max_attempts": attempts}, **config))


def raises(kind, call, **arguments):
    try:
        call(**arguments)
    except kind as error:
        return error
    raise AssertionError(f"{call} went through")


def code(error):
    return error.response["Error"]["Code"]


plan("faults: [{throttled: 1000}]")
assert code(raises(ClientError, client("ec2").describe_vpcs)) == "RequestLimitExceeded"
assert code(raises(ClientError, client("s3").list_buckets)) == "SlowDown"
assert code(raises(ClientError, client("sns").list_topics)) == "Throttling"
assert code(raises(ClientError, client("kms").list_keys)) == "ThrottlingException"

plan("faults: [{failed: 1000}]")
assert raises(ClientError, client("iam").list_users).response["ResponseMetadata"]["HTTPStatusCode"] == 500

plan("faults: [{operation: CreateBucket, reset_after: 1000}]")
raises(ConnectionClosedError, client("s3").create_bucket, Bucket="was-made")
assert [one["Name"] for one in client("s3").list_buckets()["Buckets"]] == ["was-made"]

plan("{timeout: 2s, faults: [{operation: ListUsers, lost_before: 1000}]}")
raises(ReadTimeoutError, client("iam", read_timeout=0.5).list_users)

# boto3's own retries get through.
plan("{seed: 3, faults: [{service: sqs, throttled: 300, failed: 200}]}")
for number in range(10):
    client("sqs", attempts=10).create_queue(QueueName=f"q{number}")

plan("pages: 2")
iam = client("iam")
for number in range(5):
    iam.create_user(UserName=f"u{number}")
assert len(iam.list_users()["Users"]) == 2
pages = list(iam.get_paginator("list_users").paginate())
assert [len(page["Users"]) for page in pages] == [2, 2, 1], pages
