"""A fleet in a test's hands: workers on one PostgreSQL, a cloud with buckets to close, and what the cloud saw of it."""

import collections
import contextlib
import json
import shutil

import boto3
import botocore.config

from harness import ACCOUNT, Server, Story, request
from postgres import Postgres

LEASE_SECONDS = 5
BUCKETS = 16
KEYS = ("ledger.key", "secrets.key")
ANA = "token of ana"
SLOW = {"faults": [{"slow": 1000, "by": "0.3s"}]}


def opened(identity, bucket):
    """As CloudTrail tells EventBridge that somebody opened a bucket."""
    detail = {"eventID": identity, "eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy", "awsRegion": "us-east-1",
              "recipientAccountId": ACCOUNT, "requestParameters": {"bucketName": bucket}}
    return {"id": identity, "source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "account": ACCOUNT,
            "region": "us-east-1", "time": "2024-05-01T10:00:00Z", "detail": detail}


class FleetStory(Story):
    fleets = 0
    policy = "fleet.yaml"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("fleet.yaml")
        (cls.home / "ana.secret").write_text("the secret of ana")
        cls.postgres = cls.enterClassContext(cls.database())

    @classmethod
    def database(cls):
        return Postgres()

    def client(self, service, url, key="test", secret="test", **more):
        return self.enterContext(contextlib.closing(boto3.client(
            service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret, **more)))

    def setUp(self):
        FleetStory.fleets += 1
        self.store = f"{self.postgres.url}#fleet{self.fleets}"
        self.cloud = self.enterContext(Server(self.home, "sandbox", "--empty"))
        self.s3 = self.client("s3", self.cloud.url, config=botocore.config.Config(s3={"addressing_style": "path"}))
        self.trail = self.client("cloudtrail", self.cloud.url)

    def state_of(self, name):
        """A state directory with the keys of the first worker."""
        state = self.home / f"fleet{self.fleets}-{name}"
        state.mkdir(exist_ok=True)
        first = self.home / f"fleet{self.fleets}-a"
        for key in KEYS:
            if (first / key).exists() and not (state / key).exists():
                shutil.copy(first / key, state / key)
        return state

    def worker(self, name, store=None, cloud=None, way_in=(), more=(), **environ):
        """One more worker; through a wire where one is given, and told `more`."""
        return Server(self.home, "serve", "--port", "0", "--state", self.state_of(name), "--policy", self.policy, "--store", store or self.store,
                      "--endpoint-url", cloud or self.cloud.url, "--worker", name, "--lease", LEASE_SECONDS, *more,
                      way_in=way_in, **environ)

    def make_public_buckets(self, count=BUCKETS, prefix="data"):
        names = [f"{prefix}-{number}" for number in range(count)]
        for name in names:
            self.s3.create_bucket(Bucket=name)
            self.s3.delete_public_access_block(Bucket=name)
            self.s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}]}))
        return names

    def scan(self, worker):
        status, _, told = request(worker.url + "/api/v1/scan", "POST", {}, ANA)
        self.assertEqual(status, 200, told)

    def faults(self, method="GET", plan=None):
        """What the sandbox says of its faults."""
        status, _, told = request(self.cloud.url + "/_aright/faults", method, plan, self.cloud.hello["token"])
        self.assertEqual(status, 200, told)
        return json.loads(told)

    @contextlib.contextmanager
    def slow_cloud(self):
        """Meanwhile there is time in which something can happen."""
        self.faults("PUT", SLOW)
        yield
        self.faults("DELETE")

    def resolved(self):
        return int(self.postgres.ask(f"select count(*) from fleet{self.fleets}.documents where kind = 'remediation' and status = 'resolved'")[0][0])

    def writes(self):
        """How often each bucket was closed, as the cloud's trail has it."""
        pages = self.trail.get_paginator("lookup_events").paginate(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PutBucketPublicAccessBlock"}])
        events = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]
        return collections.Counter(event["requestParameters"]["bucketName"] for event in events)

    def assert_each_closed_once(self, names, seconds=120):
        self.eventually("all of them are resolved", lambda: self.resolved() == len(names), seconds)
        self.assertEqual(self.writes(), collections.Counter(names))
        told = self.aright("ledger", "verify", "--store", self.store, "--json").json
        self.assertTrue(told["ok"], told)

    def fleet(self):
        return {one["worker"]: one for one in self.aright("fleet", "--store", self.store, "--json").json["workers"]}
