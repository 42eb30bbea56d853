"""What an ordinary boto3 program sees of the emulated cloud. Argument: the endpoint's URL."""
import socket
import sys
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
POLICY = ('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",'
          ' "Resource": "arn:aws:s3:::boto-logs/*"}]}')


# S3 Control puts the account before the host's name.
look_up = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: look_up("127.0.0.1" if host.endswith("127.0.0.1") else host, *rest, **more)


def client(service, key="test", secret="test", token=None, **config):
    return boto3.client(service, endpoint_url=URL, region_name="us-east-1", aws_access_key_id=key,
                        aws_secret_access_key=secret, aws_session_token=token,
                        config=Config(retries={"max_attempts": 1}, inject_host_prefix=False, **config))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error.response)
        return error.response
    raise AssertionError(f"{call} was not refused with {code}")


def status(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def buckets(s3):
    s3.create_bucket(Bucket="boto-logs", ObjectOwnership="ObjectWriter")
    assert s3.get_public_access_block(Bucket="boto-logs")["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    s3.delete_public_access_block(Bucket="boto-logs")
    s3.put_bucket_acl(Bucket="boto-logs", ACL="public-read")
    grants = s3.get_bucket_acl(Bucket="boto-logs")["Grants"]
    assert {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"} in [g["Grantee"] for g in grants]
    s3.put_bucket_acl(Bucket="boto-logs", ACL="private")
    s3.put_bucket_policy(Bucket="boto-logs", Policy=POLICY)
    assert s3.get_bucket_policy_status(Bucket="boto-logs")["PolicyStatus"]["IsPublic"] is True
    assert s3.get_bucket_policy(Bucket="boto-logs")["Policy"] == POLICY
    s3.put_bucket_tagging(Bucket="boto-logs", Tagging={"TagSet": [{"Key": "team", "Value": "a&b"}]})
    assert s3.get_bucket_tagging(Bucket="boto-logs")["TagSet"] == [{"Key": "team", "Value": "a&b"}]
    assert "boto-logs" in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket="boto-logs")["ResponseMetadata"]["HTTPStatusCode"] == 200
    refused("404", s3.head_bucket, Bucket="boto-none")
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket="boto-logs")


def objects(s3):
    s3.put_object(Bucket="boto-logs", Key="a b/ü+.txt", Body=b"hello\n", ContentType="text/plain", Metadata={"by": "me"})
    got = s3.get_object(Bucket="boto-logs", Key="a b/ü+.txt")
    assert got["Body"].read() == b"hello\n" and got["ContentType"] == "text/plain" and got["Metadata"] == {"by": "me"}
    assert s3.head_object(Bucket="boto-logs", Key="a b/ü+.txt")["ContentLength"] == 6
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="boto-logs")["Contents"]] == ["a b/ü+.txt"]
    refused("NoSuchKey", s3.get_object, Bucket="boto-logs", Key="none")
    url = client("s3", signature_version="s3v4").generate_presigned_url("get_object", {"Bucket": "boto-logs", "Key": "a b/ü+.txt"})
    assert status(url) == (200, b"hello\n")
    assert status(url.replace("Signature=", "Signature=0"))[0] == 403


def closing(s3):
    open_url = f"{URL}/boto-logs/a%20b/%C3%BC%2B.txt"
    assert status(open_url) == (200, b"hello\n")  # the policy lets everybody in
    s3.put_public_access_block(Bucket="boto-logs", PublicAccessBlockConfiguration=BLOCK)
    assert s3.get_public_access_block(Bucket="boto-logs")["PublicAccessBlockConfiguration"] == BLOCK
    assert status(open_url)[0] == 403
    refused("AccessDenied", s3.put_bucket_policy, Bucket="boto-logs", Policy=POLICY)
    refused("AccessDenied", s3.put_bucket_acl, Bucket="boto-logs", ACL="public-read")


def keys():
    assert refused("SignatureDoesNotMatch", client("s3", secret="wrong").list_buckets)
    refused("InvalidAccessKeyId", client("s3", key="AKIANOBODY").list_buckets)
    refused("InvalidClientTokenId", client("sts", key="AKIANOBODY").get_caller_identity)
    refused("SignatureDoesNotMatch", client("sts", secret="wrong").get_caller_identity)


def accounts(s3):
    sts = client("sts")
    assert sts.get_caller_identity()["Account"] == "111122223333"
    refused("AccessDenied", sts.assume_role, RoleArn="arn:aws:iam::999988887777:role/auditor", RoleSessionName="me")
    other = client("sts", key="other", secret="other secret")
    role = other.assume_role(RoleArn="arn:aws:iam::999988887777:role/auditor", RoleSessionName="me")
    c = role["Credentials"]
    session = dict(key=c["AccessKeyId"], secret=c["SecretAccessKey"], token=c["SessionToken"])
    who = client("sts", **session).get_caller_identity()
    assert who["Arn"] == "arn:aws:sts::999988887777:assumed-role/auditor/me", who
    theirs = client("s3", **session)
    assert theirs.list_buckets()["Buckets"] == []
    refused("BucketAlreadyExists", theirs.create_bucket, Bucket="boto-logs")
    refused("AccessDenied", theirs.get_bucket_acl, Bucket="boto-logs")
    refused("InvalidAccessKeyId", client("s3", c["AccessKeyId"], c["SecretAccessKey"]).list_buckets)  # no token
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="boto-logs")


def account_block():
    control = client("s3control")
    control.put_public_access_block(AccountId="111122223333", PublicAccessBlockConfiguration=BLOCK)
    assert control.get_public_access_block(AccountId="111122223333")["PublicAccessBlockConfiguration"] == BLOCK
    refused("AccessDenied", control.get_public_access_block, AccountId="999988887777")


s3 = client("s3")
buckets(s3)
objects(s3)
closing(s3)
keys()
accounts(s3)
account_block()
error = refused("NotImplemented", client("gamelift").list_fleets)
assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
